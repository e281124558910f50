/* SPDX-License-Identifier: MIT */
/* Directives about symbols: binding, visibility, type, size, values, commons. */
#include <elf.h>
#include <inttypes.h>
#include <string.h>

#include "asm.h"

enum { DECLARE_ONLY = -1, COMMON_GLOBAL = 0, COMMON_LOCAL = 1, MAY_REPEAT = 1 };

static void bind(struct asm_state *as, int binding)
{
    do {
        struct asm_symbol *symbol = asm_parse_symbol(as);
        if (!symbol)
            return;
        symbol->declared = true;
        if (binding == DECLARE_ONLY)
            continue;
        if (binding == STB_GLOBAL && symbol->binding == STB_WEAK)
            continue; /* .weak wins in either order */
        symbol->binding = (uint8_t)binding;
        symbol->is_binding_set = true;
    } while (asm_accept(as, ','));
}

static void show(struct asm_state *as, int visibility)
{
    do {
        struct asm_symbol *symbol = asm_parse_symbol(as);
        if (!symbol)
            return;
        symbol->visibility = (uint8_t)visibility;
    } while (asm_accept(as, ','));
}

/* ---- .type, .size --------------------------------------------------------------------------- */

static int type_of(const char *name, size_t len)
{
    static const struct {
        const char *name;
        int type;
    } types[] = {
        {"function", STT_FUNC},  {"STT_FUNC", STT_FUNC},
        {"object", STT_OBJECT},  {"STT_OBJECT", STT_OBJECT},
        {"notype", STT_NOTYPE},  {"STT_NOTYPE", STT_NOTYPE},
        {"common", STT_COMMON},  {"STT_COMMON", STT_COMMON},
        {"tls_object", STT_TLS}, {"gnu_unique_object", STT_OBJECT},
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strlen(types[i].name) == len && memcmp(types[i].name, name, len) == 0)
            return types[i].type;
    return -1;
}

static void set_type(struct asm_state *as, int unused)
{
    char buffer[64];
    (void)unused;
    struct asm_symbol *symbol = asm_parse_symbol(as);
    if (!symbol)
        return;
    asm_accept(as, ',');
    if (asm_is_punct(as, '@') || asm_is_punct(as, '%'))
        asm_next(as);
    const char *name = as->token.at;
    size_t len = as->token.len_bytes;
    if (as->token.kind == ASM_QUOTED && !asm_unquote(as, &name, &len))
        return;
    int type = type_of(name, len);
    if (type < 0) {
        asm_error(as, "%s is not a symbol type: write @function, @object or @notype",
                  asm_token_text(as, buffer));
        return;
    }
    symbol->type = (uint8_t)type;
    asm_next(as);
}

static void set_size(struct asm_state *as, int unused)
{
    struct asm_expr expr;
    (void)unused;
    struct asm_symbol *symbol = asm_parse_symbol(as);
    if (!symbol || !asm_expect_comma(as))
        return;
    struct asm_place place = asm_token_place(as);
    if (!asm_parse_expr(as, &expr))
        return;
    if (expr.kind == ASM_CONSTANT && expr.number < 0) {
        asm_error_at(as, place, "size %" PRId64 " is negative", expr.number);
        return;
    }
    if (!symbol->size)
        symbol->size = asm_alloc(as, sizeof *symbol->size);
    *symbol->size = expr;
}

/* ---- .set and its kind ---------------------------------------------------------------------- */

static void set(struct asm_state *as, int may_repeat)
{
    struct asm_place place = asm_token_place(as);
    struct asm_symbol *symbol = asm_parse_symbol(as);
    if (symbol && asm_expect_comma(as))
        asm_assign(as, symbol, place, may_repeat);
}

/* ---- commons -------------------------------------------------------------------------------- */

static int64_t natural_alignment(int64_t size)
{
    int64_t align = 1;
    while (align < 8 && align * 2 <= size)
        align *= 2;
    return align;
}

static bool common_numbers(struct asm_state *as, int64_t *size, int64_t *align)
{
    struct asm_place place = asm_token_place(as);
    if (!asm_parse_absolute(as, size))
        return false;
    *align = natural_alignment(*size);
    if (asm_accept(as, ',') && !asm_parse_absolute(as, align))
        return false;
    as->statement_failed = true;
    if (*size < 0)
        asm_error_at(as, place, "size %" PRId64 " is negative", *size);
    else if (*size > ASM_MAX_SECTION_BYTES)
        asm_error_at(as, place, "size %" PRId64 " is larger than any memory (MRAM has %u bytes)",
                     *size, (unsigned)ASM_MAX_SECTION_BYTES);
    else if (*align < 1 || *align > ASM_MAX_SECTION_BYTES || (*align & (*align - 1)))
        asm_error_at(as, place, "alignment %" PRId64 " is not a power of two", *align);
    else
        as->statement_failed = false;
    return !as->statement_failed;
}

/* A local common is room in .bss. */
static void allocate(struct asm_state *as, struct asm_symbol *symbol, struct asm_place place,
                     int64_t size, int64_t align)
{
    uint32_t section = as->section;
    as->section = asm_section_get(as, ".bss");
    asm_align(as, (uint64_t)align, 0, true, 0);
    asm_define_label(as, symbol, place);
    asm_append(as, NULL, (uint64_t)size);
    symbol->type = STT_OBJECT;
    if (!symbol->size)
        symbol->size = asm_alloc(as, sizeof *symbol->size);
    *symbol->size = asm_constant(size);
    as->section = section;
}

static void common(struct asm_state *as, int local)
{
    int64_t size, align;
    struct asm_place place = asm_token_place(as);
    struct asm_symbol *symbol = asm_parse_symbol(as);
    if (!symbol || !asm_expect_comma(as) || !common_numbers(as, &size, &align))
        return;
    if (local || (symbol->is_binding_set && symbol->binding == STB_LOCAL)) {
        allocate(as, symbol, place, size, align);
        return;
    }
    if (symbol->kind != ASM_UNDEFINED && symbol->kind != ASM_COMMON) {
        asm_define_label(as, symbol, place); /* says that it is defined twice */
        return;
    }
    symbol->kind = ASM_COMMON;
    symbol->type = STT_OBJECT;
    symbol->defined = place;
    symbol->offset_bytes = (uint32_t)align;
    symbol->common_bytes = (uint32_t)size;
    if (!symbol->is_binding_set)
        symbol->binding = STB_GLOBAL;
}

static const struct asm_directive rows[] = {
    {".globl", bind, STB_GLOBAL},
    {".global", bind, STB_GLOBAL},
    {".weak", bind, STB_WEAK},
    {".local", bind, STB_LOCAL},
    {".extern", bind, DECLARE_ONLY},
    {".hidden", show, STV_HIDDEN},
    {".internal", show, STV_INTERNAL},
    {".protected", show, STV_PROTECTED},
    {".type", set_type, 0},
    {".size", set_size, 0},
    {".set", set, MAY_REPEAT},
    {".equ", set, MAY_REPEAT},
    {".equiv", set, 0},
    {".eqv", set, 0},
    {".comm", common, COMMON_GLOBAL},
    {".common", common, COMMON_GLOBAL},
    {".lcomm", common, COMMON_LOCAL},
};

const struct asm_directives asm_symbol_directives = {rows, sizeof rows / sizeof rows[0]};
