/* SPDX-License-Identifier: MIT */
/* The line table as DWARF version 4: header with directories and files, then one sequence per
 * section that has rows. Addresses count in instructions (8 bytes). */
#include <elf.h>
#include <string.h>

#include "asm.h"
#include "bytes.h"

enum {
    DW_LNS_COPY = 1,
    DW_LNS_ADVANCE_PC,
    DW_LNS_ADVANCE_LINE,
    DW_LNS_SET_FILE,
    DW_LNS_SET_COLUMN,
    DW_LNS_NEGATE_STMT,
    DW_LNS_BASIC_BLOCK,
    DW_LNS_PROLOGUE_END = 10,
    DW_LNS_EPILOGUE_BEGIN,
    DW_LNS_SET_ISA,
    DW_LNE_END_SEQUENCE = 1,
    DW_LNE_SET_ADDRESS,
    DW_LNE_SET_DISCRIMINATOR = 4,
    VERSION = 4,
    OPCODE_BASE = 13,
    LINE_BASE = -5,
    LINE_RANGE = 14
};

/* The registers of the line machine. */
struct machine {
    uint32_t file, line, column, isa, offset_bytes;
    bool is_stmt;
};

static void put(struct asm_state *as, unsigned byte)
{
    asm_append_value(as, byte, 1);
}

void asm_put_uleb(struct asm_state *as, uint64_t value)
{
    for (; value > 0x7f; value >>= 7)
        put(as, (value & 0x7f) | 0x80);
    put(as, (unsigned)value);
}

void asm_put_sleb(struct asm_state *as, int64_t value)
{
    for (; value < -64 || value > 63; value >>= 7)
        put(as, (value & 0x7f) | 0x80);
    put(as, (unsigned)(value & 0x7f));
}

void asm_put_string(struct asm_state *as, const char *text)
{
    asm_append(as, text, strlen(text) + 1);
}

void asm_put_address(struct asm_state *as, uint32_t section, uint64_t offset_bytes)
{
    asm_reloc_add(as, as->section, asm_current(as)->size_bytes, ISA_R_32,
                  asm_out_section(as, section), (int64_t)offset_bytes);
    asm_append_value(as, 0, 4);
}

/* ---- header --------------------------------------------------------------------------------- */

/* Files by number; without .loc they are the files that were read, from 1. */
static void collect_files(struct asm_state *as)
{
    struct asm_lines *lines = &as->lines;
    size_t wanted = lines->seen_loc ? lines->n_files : as->n_files + 1;
    if (!lines->seen_loc)
        lines->n_files = 0;
    while (lines->n_files < wanted || lines->n_files < 1) {
        asm_grow(as, &lines->files, &lines->files_capacity, lines->n_files, sizeof *lines->files);
        lines->files[lines->n_files] = (struct asm_line_file){NULL, NULL};
        if (!lines->seen_loc && lines->n_files)
            lines->files[lines->n_files].name = as->files[lines->n_files - 1];
        lines->n_files++;
    }
    if (!lines->files[0].name)
        return;
    asm_grow(as, &lines->files, &lines->files_capacity, lines->n_files, sizeof *lines->files);
    lines->files[lines->n_files] =
        lines->files[0]; /* version 4 has no file 0: the last stands in */
    lines->n_files++;
}

static void put_files(struct asm_state *as)
{
    const struct asm_lines *lines = &as->lines;
    for (size_t i = 1; i < lines->n_files; i++)
        if (lines->files[i].directory)
            asm_put_string(as, lines->files[i].directory);
    put(as, 0);
    for (size_t i = 1, directory = 0; i < lines->n_files; i++) {
        bool has_directory = lines->files[i].directory != NULL;
        const char *name = lines->files[i].name;
        asm_put_string(as, name && *name ? name : "?");
        asm_put_uleb(as, has_directory ? ++directory : 0);
        put(as, 0);
        put(as, 0);
    }
    put(as, 0);
}

static void put_header(struct asm_state *as)
{
    static const uint8_t operands[OPCODE_BASE - 1] = {0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1};
    uint32_t length_at = asm_current(as)->size_bytes;
    asm_append_value(as, 0, 4);
    put(as, ISA_INSN_BYTES);
    put(as, 1); /* operations per instruction */
    put(as, 1); /* is_stmt at first */
    put(as, (uint8_t)LINE_BASE);
    put(as, LINE_RANGE);
    put(as, OPCODE_BASE);
    asm_append(as, operands, sizeof operands);
    put_files(as);
    if (!as->stop && asm_current(as)->data)
        isa_put_bytes(asm_current(as)->data + length_at,
                      asm_current(as)->size_bytes - length_at - 4, 4);
}

/* ---- sequences ------------------------------------------------------------------------------ */

static void put_registers(struct asm_state *as, struct machine *machine, const struct asm_row *row)
{
    uint32_t file = row->file ? row->file : (uint32_t)as->lines.n_files - 1;
    if (machine->file != file) {
        put(as, DW_LNS_SET_FILE);
        asm_put_uleb(as, machine->file = file);
    }
    if (machine->column != row->column) {
        put(as, DW_LNS_SET_COLUMN);
        asm_put_uleb(as, machine->column = row->column);
    }
    if (machine->isa != row->isa) {
        put(as, DW_LNS_SET_ISA);
        asm_put_uleb(as, machine->isa = row->isa);
    }
    if (machine->is_stmt != !!(row->flags & ASM_ROW_STMT)) {
        machine->is_stmt = !machine->is_stmt;
        put(as, DW_LNS_NEGATE_STMT);
    }
    if (row->flags & ASM_ROW_BLOCK)
        put(as, DW_LNS_BASIC_BLOCK);
    if (row->flags & ASM_ROW_PROLOGUE)
        put(as, DW_LNS_PROLOGUE_END);
    if (row->flags & ASM_ROW_EPILOGUE)
        put(as, DW_LNS_EPILOGUE_BEGIN);
}

static void put_discriminator(struct asm_state *as, uint32_t discriminator)
{
    unsigned bytes = 1;
    if (!discriminator)
        return;
    for (uint32_t rest = discriminator; rest > 0x7f; rest >>= 7)
        bytes++;
    put(as, 0);
    put(as, bytes + 1);
    put(as, DW_LNE_SET_DISCRIMINATOR);
    asm_put_uleb(as, discriminator);
}

static void put_row(struct asm_state *as, struct machine *machine, const struct asm_row *row)
{
    uint32_t insns = (row->offset_bytes - machine->offset_bytes) / ISA_INSN_BYTES;
    int64_t lines = (int64_t)row->line - machine->line;
    put_registers(as, machine, row);
    put_discriminator(as, row->discriminator);
    machine->offset_bytes = row->offset_bytes;
    machine->line = row->line;
    if (lines < LINE_BASE || lines >= LINE_BASE + LINE_RANGE) {
        put(as, DW_LNS_ADVANCE_LINE);
        asm_put_sleb(as, lines);
        lines = 0;
    }
    uint64_t special = (uint64_t)(lines - LINE_BASE) + (uint64_t)LINE_RANGE * insns + OPCODE_BASE;
    if (special > UINT8_MAX) {
        put(as, DW_LNS_ADVANCE_PC);
        asm_put_uleb(as, insns);
        special = (uint64_t)(lines - LINE_BASE) + OPCODE_BASE;
    }
    put(as, (unsigned)special);
}

static void put_sequence(struct asm_state *as, uint32_t number)
{
    struct machine machine = {.file = 1, .line = 1, .is_stmt = true};
    put(as, 0);
    put(as, 5);
    put(as, DW_LNE_SET_ADDRESS);
    asm_put_address(as, number, 0);
    for (size_t i = 0; i < as->sections[number].n_rows && !as->stop; i++)
        put_row(as, &machine, &as->sections[number].rows[i]);
    put(as, DW_LNS_ADVANCE_PC);
    asm_put_uleb(as, (as->sections[number].size_bytes - machine.offset_bytes) / ISA_INSN_BYTES);
    put(as, 0);
    put(as, 1);
    put(as, DW_LNE_END_SEQUENCE);
}

static bool has_rows(const struct asm_state *as)
{
    for (size_t i = 0; i < as->n_sections; i++)
        if (as->sections[i].n_rows)
            return true;
    return false;
}

/* The text brings a line table of its own. */
static bool has_own_table(const struct asm_state *as)
{
    uint32_t section = asm_section_find(as, ".debug_line");
    return section != UINT32_MAX && as->sections[section].size_bytes > 0;
}

void asm_lines_write(struct asm_state *as)
{
    if (!has_rows(as) || has_own_table(as))
        return;
    uint32_t n_sections = (uint32_t)as->n_sections;
    as->section = asm_section_get(as, ".debug_line");
    uint32_t line_section = as->section;
    asm_append_value(as, 0, 4);
    asm_append_value(as, VERSION, 2);
    collect_files(as);
    put_header(as);
    for (uint32_t i = 0; i < n_sections && !as->stop; i++)
        if (as->sections[i].n_rows)
            put_sequence(as, i);
    struct asm_section *lines = &as->sections[line_section];
    if (lines->data)
        isa_put_bytes(lines->data, lines->size_bytes - 4, 4);
    if (asm_section_find(as, ".debug_info") == UINT32_MAX &&
        asm_section_find(as, ".debug_abbrev") == UINT32_MAX &&
        asm_section_find(as, ".debug_ranges") == UINT32_MAX)
        asm_unit_write(as, line_section);
}
