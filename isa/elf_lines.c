/* SPDX-License-Identifier: MIT */
/* Source lines of instructions through libdw. The line tables are read at the first question, once,
 * into one entry per instruction slot; afterwards nothing of libdw is left. Damaged tables answer
 * "unknown". Sections may be compressed (libdw unpacks them). */
#include <elfutils/libdw.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "elf_check.h"
#include "program.h"

enum { UNIT_LENGTH_BYTES = 4, FIRST_RESERVED_LENGTH = 0xfffffff0 };
enum { MAX_UNPACKED_BYTES = 1 << 30 };

bool isa_lines_plausible(struct isa_bytes section)
{
    size_t offset = 0;
    while (section.len_bytes - offset >= UNIT_LENGTH_BYTES) {
        uint32_t length = isa_get32(section.data + offset);
        offset += UNIT_LENGTH_BYTES;
        if (length >= FIRST_RESERVED_LENGTH || !isa_fits(offset, length, section.len_bytes))
            return false;
        offset += length;
    }
    return offset == section.len_bytes;
}

void isa_lines_destroy(struct isa_lines *lines)
{
    for (size_t i = 0; lines && i < lines->n_files; i++)
        free(lines->files[i]);
    if (lines)
        free(lines->files);
    free(lines);
}

/* Number of a file name in the table, added when new; 0 without memory. Rows of one file follow
 * each other, so the search starts at the newest. */
static uint32_t intern_file(struct isa_lines *lines, const char *name)
{
    for (size_t i = lines->n_files; i > 0; i--)
        if (strcmp(lines->files[i - 1], name) == 0)
            return (uint32_t)i;
    char **larger = realloc(lines->files, (lines->n_files + 1) * sizeof *larger);
    if (!larger)
        return 0;
    lines->files = larger;
    lines->files[lines->n_files] = strdup(name);
    return lines->files[lines->n_files] ? (uint32_t)++lines->n_files : 0;
}

/* Enters the place of one row for the instructions up to the next row. */
static void add_row(struct isa_lines *lines, Dwarf_Line *row, Dwarf_Addr end)
{
    Dwarf_Addr start = 0;
    int line = 0;
    const char *file = dwarf_linesrc(row, NULL, NULL);
    if (dwarf_lineaddr(row, &start) != 0 || dwarf_lineno(row, &line) != 0 || !file || line <= 0 ||
        start < ISA_IRAM_BASE)
        return;
    file += strncmp(file, "./", 2) == 0 ? 2 : 0; /* compiled as if here */
    uint64_t first = (start - ISA_IRAM_BASE) / ISA_INSN_BYTES;
    uint64_t past = end > ISA_IRAM_BASE ? (end - ISA_IRAM_BASE + 7) / ISA_INSN_BYTES : 0;
    if (first >= past || first >= ISA_IRAM_INSNS)
        return;
    struct isa_line place = {intern_file(lines, file), (uint32_t)line};
    for (uint64_t i = first; i < past && i < ISA_IRAM_INSNS; i++)
        lines->at[i] = place;
}

static void add_table(struct isa_lines *lines, Dwarf_Lines *table, size_t count)
{
    for (size_t i = 0; i + 1 < count; i++) {
        Dwarf_Line *row = dwarf_onesrcline(table, i);
        Dwarf_Line *next = dwarf_onesrcline(table, i + 1);
        Dwarf_Addr end = 0;
        bool last = false;
        if (!row || !next || dwarf_lineendsequence(row, &last) != 0 || last ||
            dwarf_lineaddr(next, &end) != 0)
            continue;
        add_row(lines, row, end);
    }
}

static void read_tables(struct isa_lines *lines, Dwarf *dwarf)
{
    Dwarf_Off offset = 0, next = 0;
    Dwarf_CU *unit = NULL;
    Dwarf_Files *files;
    Dwarf_Lines *table;
    size_t n_files, n_rows;
    while (dwarf_next_lines(dwarf, offset, &next, &unit, &files, &n_files, &table, &n_rows) == 0) {
        add_table(lines, table, n_rows);
        if (next <= offset)
            break;
        offset = next;
    }
}

/* libdw ends the process when it finds no memory, unless its handler does not return. */
static _Thread_local jmp_buf *without_memory;

__attribute__((noreturn)) static void leave_libdw(void)
{
    longjmp(*without_memory, 1);
}

/* False: out of memory; what was read so far may lack something. */
static bool try_reading(Dwarf *dwarf, bool (*read)(void *context, void *dwarf), void *context)
{
    jmp_buf back;
    without_memory = &back;
    dwarf_new_oom_handler(dwarf, leave_libdw);
    if (setjmp(back) != 0)
        return false;
    return read(context, dwarf);
}

/* Keeps a damaged file from claiming gigabytes: the sizes that compressed sections unpack to. */
static bool unpacks_small(Elf *elf)
{
    uint64_t total = 0;
    for (Elf_Scn *section = elf_nextscn(elf, NULL); section; section = elf_nextscn(elf, section))
        total += isa_elf_unpacked_bytes(section);
    return total <= MAX_UNPACKED_BYTES;
}

bool isa_dwarf_visit(struct isa_bytes image, const char *name,
                     bool (*read)(void *context, void *dwarf), void *context)
{
    Elf *elf;
    bool opened = isa_elf_open(&elf, image, name, NULL) == DPUSIM_OK;
    Dwarf *dwarf = opened && unpacks_small(elf) ? dwarf_begin_elf(elf, DWARF_C_READ, NULL) : NULL;
    bool good = dwarf && try_reading(dwarf, read, context);
    if (good)
        dwarf_end(dwarf);
    /* else left alone, a leak of libdw's own blocks: dwarf_end may crash on what a lack of memory
     * leaves behind */
    elf_end(elf);
    return good;
}

static bool read_lines(void *context, void *dwarf)
{
    read_tables(context, dwarf);
    return true;
}

static struct isa_lines *lines_read(struct isa_bytes image, const char *name)
{
    struct isa_lines *lines = calloc(1, sizeof *lines);
    if (lines && !isa_dwarf_visit(image, name, read_lines, lines)) {
        isa_lines_destroy(lines);
        return NULL;
    }
    return lines;
}

bool isa_program_line_at(const struct isa_program *program, uint32_t pc_insn, const char **file,
                         unsigned *line)
{
    struct isa_program_private *priv = program->priv;
    if (pc_insn >= ISA_IRAM_INSNS)
        return false;
    pthread_mutex_lock(&priv->lines_lock);
    if (!priv->lines_tried)
        priv->lines = lines_read((struct isa_bytes){priv->image, priv->image_bytes}, program->name);
    priv->lines_tried = true;
    const struct isa_lines *lines = priv->lines;
    pthread_mutex_unlock(&priv->lines_lock);
    if (!lines || !lines->at[pc_insn].file)
        return false;
    *file = lines->files[lines->at[pc_insn].file - 1];
    *line = lines->at[pc_insn].line;
    return true;
}
