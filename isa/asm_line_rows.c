/* SPDX-License-Identifier: MIT */
/* Rows of line tables: .file and .loc, or the lines of the assembly text itself when asked for and
 * the text has no .loc. Call frame information (.cfi_*) is accepted and dropped. */
#include <elf.h>
#include <inttypes.h>
#include <string.h>

#include "asm.h"

static void add_row(struct asm_state *as, const struct asm_row *row)
{
    struct asm_section *section = asm_current(as);
    asm_grow(as, &section->rows, &section->rows_capacity, section->n_rows, sizeof *section->rows);
    section->rows[section->n_rows] = *row;
    section->rows[section->n_rows++].offset_bytes = section->size_bytes;
}

void asm_lines_insn(struct asm_state *as)
{
    const struct asm_section *section = asm_current(as);
    struct asm_place place = as->statement;
    if (as->lines.pending) {
        add_row(as, &as->lines.next);
        as->lines.pending = false;
        return;
    }
    if (!as->options || !as->options->debug_lines || as->lines.seen_loc)
        return;
    struct asm_row row = {.file = place.file + 1, .line = place.line, .flags = ASM_ROW_STMT};
    const struct asm_row *last = section->n_rows ? &section->rows[section->n_rows - 1] : NULL;
    if (!last || last->file != row.file || last->line != row.line)
        add_row(as, &row);
}

/* ---- .file ---------------------------------------------------------------------------------- */

static bool take_string(struct asm_state *as, const char **text)
{
    size_t len;
    char buffer[64];
    if (as->token.kind != ASM_QUOTED) {
        asm_error(as, "%s found where a file name in quotes is wanted", asm_token_text(as, buffer));
        return false;
    }
    if (!asm_unquote(as, text, &len))
        return false;
    if (memchr(*text, 0, len)) {
        asm_error(as, "a file name cannot hold a NUL byte");
        return false;
    }
    asm_next(as);
    return true;
}

static void enter_file(struct asm_state *as, uint64_t number, const char *directory,
                       const char *name)
{
    struct asm_lines *lines = &as->lines;
    while (lines->n_files <= number) {
        asm_grow(as, &lines->files, &lines->files_capacity, lines->n_files, sizeof *lines->files);
        lines->files[lines->n_files++] = (struct asm_line_file){NULL, NULL};
    }
    lines->files[number] = (struct asm_line_file){directory, name};
}

static void file(struct asm_state *as, int unused)
{
    const char *name, *second;
    (void)unused;
    if (as->token.kind == ASM_QUOTED) {
        take_string(as, &as->source_name);
        return;
    }
    int64_t number;
    if (!asm_parse_absolute(as, &number))
        return;
    if (number < 0 || number > ASM_MAX_FILE_NUMBER) {
        asm_error(as, "file number %" PRId64 " must be 0..%d", number, ASM_MAX_FILE_NUMBER);
        return;
    }
    if (!take_string(as, &name))
        return;
    bool has_directory = as->token.kind == ASM_QUOTED;
    if (has_directory && !take_string(as, &second))
        return;
    asm_ignore_rest(as); /* md5 and source */
    enter_file(as, (uint64_t)number, has_directory ? name : NULL, has_directory ? second : name);
}

/* ---- .loc ----------------------------------------------------------------------------------- */

/* Plain numbers only: `.loc 1 -1` is not `.loc 0`. */
static bool small_number(struct asm_state *as, uint32_t most, uint32_t *out)
{
    char buffer[64];
    if (as->token.kind != ASM_NUMBER || as->token.number > most) {
        asm_error(as, "%s found where a number 0..%" PRIu32 " is wanted",
                  asm_token_text(as, buffer), most);
        return false;
    }
    *out = (uint32_t)as->token.number;
    asm_next(as);
    return true;
}

static bool numbered_option(struct asm_state *as, struct asm_row *row)
{
    uint32_t number;
    bool is_stmt = asm_is_word(as, "is_stmt"), isa = asm_is_word(as, "isa");
    bool discriminator = asm_is_word(as, "discriminator"), view = asm_is_word(as, "view");
    char buffer[64];
    if (!is_stmt && !isa && !discriminator && !view) {
        asm_error(as, "%s is not an option of .loc", asm_token_text(as, buffer));
        return false;
    }
    asm_next(as);
    if (view) {
        asm_ignore_rest(as);
        return true;
    }
    if (!small_number(as, isa ? UINT8_MAX : is_stmt ? 1 : UINT32_MAX, &number))
        return false;
    if (is_stmt)
        as->lines.is_stmt = number;
    else if (isa)
        row->isa = (uint8_t)number;
    else
        row->discriminator = number;
    return true;
}

static bool loc_option(struct asm_state *as, struct asm_row *row)
{
    uint8_t flag = asm_is_word(as, "basic_block")      ? ASM_ROW_BLOCK
                   : asm_is_word(as, "prologue_end")   ? ASM_ROW_PROLOGUE
                   : asm_is_word(as, "epilogue_begin") ? ASM_ROW_EPILOGUE
                                                       : 0;
    if (!flag)
        return numbered_option(as, row);
    row->flags |= flag;
    asm_next(as);
    return true;
}

/* The first .loc: rows of the text itself are not wanted after all. */
static void forget_own_rows(struct asm_state *as)
{
    for (size_t i = 0; i < as->n_sections; i++)
        as->sections[i].n_rows = 0;
    as->lines.seen_loc = true;
}

static void loc(struct asm_state *as, int unused)
{
    struct asm_row row = {0};
    uint32_t column = 0;
    (void)unused;
    if (!small_number(as, ASM_MAX_FILE_NUMBER, &row.file) ||
        !small_number(as, UINT32_MAX, &row.line))
        return;
    if (as->token.kind == ASM_NUMBER && !small_number(as, UINT16_MAX, &column))
        return;
    row.column = (uint16_t)column;
    while (as->token.kind != ASM_END)
        if (!loc_option(as, &row))
            return;
    if (row.file >= as->lines.n_files || !as->lines.files[row.file].name) {
        asm_error(as, "there is no .file %" PRIu32, row.file);
        return;
    }
    if (!as->lines.seen_loc)
        forget_own_rows(as);
    row.flags |= as->lines.is_stmt ? ASM_ROW_STMT : 0;
    as->lines.next = row;
    as->lines.pending = true;
}

static void ignore(struct asm_state *as, int unused)
{
    (void)unused;
    asm_ignore_rest(as);
}

static const struct asm_directive rows[] = {
    {".file", file, 0},
    {".loc", loc, 0},
    {".line", ignore, 0},
    {".ln", ignore, 0},
    {".cfi_sections", ignore, 0},
    {".cfi_startproc", ignore, 0},
    {".cfi_endproc", ignore, 0},
    {".cfi_personality", ignore, 0},
    {".cfi_lsda", ignore, 0},
    {".cfi_def_cfa", ignore, 0},
    {".cfi_def_cfa_register", ignore, 0},
    {".cfi_def_cfa_offset", ignore, 0},
    {".cfi_adjust_cfa_offset", ignore, 0},
    {".cfi_offset", ignore, 0},
    {".cfi_rel_offset", ignore, 0},
    {".cfi_register", ignore, 0},
    {".cfi_restore", ignore, 0},
    {".cfi_undefined", ignore, 0},
    {".cfi_same_value", ignore, 0},
    {".cfi_remember_state", ignore, 0},
    {".cfi_restore_state", ignore, 0},
    {".cfi_return_column", ignore, 0},
    {".cfi_signal_frame", ignore, 0},
    {".cfi_window_save", ignore, 0},
    {".cfi_escape", ignore, 0},
    {".cfi_val_offset", ignore, 0},
    {".cfi_llvm_def_aspace_cfa", ignore, 0},
    {".cfi_b_key_frame", ignore, 0},
};

const struct asm_directives asm_line_directives = {rows, sizeof rows / sizeof rows[0]};
