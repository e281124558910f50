/* SPDX-License-Identifier: MIT */
/* Directives about files and messages, those that are accepted without effect, and the look-up of
 * all directives by name. */
#include <elf.h>
#include <inttypes.h>
#include <string.h>

#include "asm.h"

void asm_ignore_rest(struct asm_state *as)
{
    bool quiet = as->quiet;
    as->quiet = true;
    while (as->token.kind != ASM_END)
        asm_next(as);
    as->quiet = quiet;
}

static bool take_string(struct asm_state *as, const char **text, size_t *len)
{
    char buffer[64];
    if (as->token.kind != ASM_QUOTED) {
        asm_error(as, "%s found where a string in quotes is wanted", asm_token_text(as, buffer));
        return false;
    }
    if (!asm_unquote(as, text, len))
        return false;
    asm_next(as);
    return true;
}

static bool take_file(struct asm_state *as, const char **data, size_t *len, const char **path)
{
    const char *name;
    size_t name_bytes;
    return take_string(as, &name, &name_bytes) && asm_read_file(as, name, data, len, path);
}

static void include(struct asm_state *as, int unused)
{
    const char *data, *path;
    size_t len;
    (void)unused;
    if (!take_file(as, &data, &len, &path))
        return;
    asm_ignore_rest(as);
    asm_skip_statement(as);
    asm_push_file(as, data, len, path);
}

/* .incbin "file"[, skip[, count]] */
static void incbin(struct asm_state *as, int unused)
{
    const char *data, *path;
    size_t len;
    int64_t skip = 0, count = INT64_MAX;
    (void)unused;
    if (!take_file(as, &data, &len, &path))
        return;
    if (asm_accept(as, ',') && !asm_is_punct(as, ',') && !asm_parse_absolute(as, &skip))
        return;
    if (asm_accept(as, ',') && !asm_parse_absolute(as, &count))
        return;
    if (count < 0) {
        asm_error_statement(as, "cannot take %" PRId64 " bytes of a file", count);
        return;
    }
    if (skip < 0 || (uint64_t)skip > len) {
        asm_error_statement(as, "cannot start at byte %" PRId64 ": the file has %zu", skip, len);
        return;
    }
    size_t most = len - (size_t)skip;
    asm_append(as, data + skip, (uint64_t)count < most ? (uint64_t)count : most);
}

/* The string joins .comment, as compilers use it. */
static void ident(struct asm_state *as, int unused)
{
    const char *text;
    size_t len;
    (void)unused;
    if (!take_string(as, &text, &len))
        return;
    uint32_t section = as->section, comment = asm_section_get(as, ".comment");
    as->sections[comment].flags = SHF_MERGE | SHF_STRINGS;
    as->sections[comment].entry_bytes = 1;
    as->section = comment;
    if (as->sections[comment].size_bytes == 0)
        asm_append(as, NULL, 1);
    asm_append(as, text, len);
    asm_append(as, NULL, 1);
    as->section = section;
}

static void say(struct asm_state *as, int severity)
{
    const char *text = "asked for by the text";
    size_t len = strlen(text);
    if (as->token.kind != ASM_END && !take_string(as, &text, &len))
        return;
    int shown = len > 500 ? 500 : (int)len;
    if (severity == ISA_ERROR)
        asm_error_at(as, as->statement, "%.*s", shown, text);
    else
        asm_note_at(as, (enum isa_severity)severity, as->statement, "%.*s", shown, text);
}

/* Nothing behind .end is read. */
static void end(struct asm_state *as, int unused)
{
    (void)unused;
    for (size_t i = 0; i < as->n_frames; i++)
        as->frames[i].at = as->frames[i].text->data + as->frames[i].text->len_bytes;
    asm_next(as);
}

static void ignore(struct asm_state *as, int unused)
{
    (void)unused;
    asm_ignore_rest(as);
}

static const struct asm_directive rows[] = {
    {".include", include, 0},    {".incbin", incbin, 0},      {".ident", ident, 0},
    {".err", say, ISA_ERROR},    {".error", say, ISA_ERROR},  {".warning", say, ISA_WARNING},
    {".print", say, ISA_NOTE},   {".abort", say, ISA_ERROR},  {".end", end, 0},
    {".addrsig", ignore, 0},     {".addrsig_sym", ignore, 0}, {".version", ignore, 0},
    {".title", ignore, 0},       {".sbttl", ignore, 0},       {".eject", ignore, 0},
    {".list", ignore, 0},        {".nolist", ignore, 0},      {".psize", ignore, 0},
    {".func", ignore, 0},        {".endfunc", ignore, 0},     {".cpu", ignore, 0},
    {".arch", ignore, 0},        {".option", ignore, 0},      {".symver", ignore, 0},
    {".lto_discard", ignore, 0},
};

const struct asm_directives asm_file_directives = {rows, sizeof rows / sizeof rows[0]};

/* ---- look-up -------------------------------------------------------------------------------- */

static const struct asm_directives *const tables[] = {
    &asm_data_directives, &asm_symbol_directives, &asm_section_directives,
    &asm_line_directives, &asm_macro_directives,  &asm_file_directives};

void asm_directives_init(struct asm_state *as)
{
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++)
        for (size_t i = 0; i < tables[t]->count; i++) {
            const struct asm_directive *row = &tables[t]->rows[i];
            asm_map_get(as, &as->directive_map, row->name, strlen(row->name))->value = (void *)row;
        }
}

static void unknown(struct asm_state *as)
{
    enum { MOST = 256 };
    char name[32] = "";
    const char *names[MOST], *nearest = NULL;
    size_t count = 0;
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++)
        for (size_t i = 0; i < tables[t]->count && count < MOST; i++)
            names[count++] = tables[t]->rows[i].name;
    if (as->token.len_bytes < sizeof name) {
        memcpy(name, as->token.at, as->token.len_bytes);
        nearest = isa_nearest(name, names, count);
    }
    asm_error(as, "'%.*s' is not a directive%s%s%s",
              as->token.len_bytes > 60 ? 60 : (int)as->token.len_bytes, as->token.at,
              nearest ? ": do you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

void asm_directive(struct asm_state *as)
{
    char name[32] = "";
    size_t len = as->token.len_bytes;
    if (len < sizeof name)
        for (size_t i = 0; i < len; i++) {
            char c = as->token.at[i];
            name[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        }
    const struct asm_directive *row = asm_map_find(&as->directive_map, name, strlen(name));
    if (!row) {
        unknown(as);
        return;
    }
    asm_next(as);
    row->handle(as, row->argument);
}
