/* SPDX-License-Identifier: MIT */
/* Symbols of the assembler: named labels, numeric labels (1: with 1b and 1f), variables (.set). */
#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "asm.h"

struct local_label {
    struct asm_symbol *last, *ahead;
};

static struct asm_symbol *create(struct asm_state *as, const char *name)
{
    struct asm_symbol *symbol = asm_alloc(as, sizeof *symbol);
    symbol->name = name;
    *as->symbols_end = symbol;
    as->symbols_end = &symbol->next;
    return symbol;
}

struct asm_symbol *asm_symbol_get(struct asm_state *as, const char *name, size_t len_bytes)
{
    struct asm_map_entry *entry = asm_map_get(as, &as->symbol_map, name, len_bytes);
    if (!entry->value)
        entry->value = create(as, entry->name);
    return entry->value;
}

struct asm_symbol *asm_symbol_find(struct asm_state *as, const char *name, size_t len_bytes)
{
    return asm_map_find(&as->symbol_map, name, len_bytes);
}

struct asm_symbol *asm_parse_symbol(struct asm_state *as)
{
    struct asm_symbol *symbol;
    char buffer[64];
    const char *name = as->token.at;
    size_t len_bytes = as->token.len_bytes;
    bool quoted = as->token.kind == ASM_QUOTED;
    if (quoted && !asm_unquote(as, &name, &len_bytes))
        return NULL;
    if ((!quoted && as->token.kind != ASM_NAME) || len_bytes == 0 || memchr(name, 0, len_bytes)) {
        asm_error(as, "%s found where a symbol is wanted", asm_token_text(as, buffer));
        return NULL;
    }
    symbol = asm_symbol_get(as, name, len_bytes);
    symbol->quoted |= quoted;
    asm_next(as);
    return symbol;
}

static bool already_defined(struct asm_state *as, const struct asm_symbol *symbol,
                            struct asm_place place)
{
    if (symbol->kind == ASM_UNDEFINED)
        return false;
    as->statement_failed = true;
    asm_error_at(as, place, "'%s' is defined twice", symbol->name);
    if (!as->stop)
        asm_note_at(as, ISA_NOTE, symbol->defined, "the first definition is here");
    return true;
}

static void define_here(struct asm_state *as, struct asm_symbol *symbol, struct asm_place place)
{
    symbol->kind = ASM_LABEL;
    symbol->section = (int32_t)as->section;
    symbol->offset_bytes = as->sections[as->section].size_bytes;
    symbol->defined = place;
}

void asm_define_label(struct asm_state *as, struct asm_symbol *symbol, struct asm_place place)
{
    if (!already_defined(as, symbol, place))
        define_here(as, symbol, place);
}

struct asm_symbol *asm_temporary(struct asm_state *as, uint32_t section, uint32_t offset_bytes)
{
    struct asm_symbol *symbol = create(as, "");
    symbol->temporary = true;
    symbol->kind = ASM_LABEL;
    symbol->section = (int32_t)section;
    symbol->offset_bytes = offset_bytes;
    return symbol;
}

static struct local_label *local_label(struct asm_state *as, uint64_t number)
{
    char name[24];
    int len = snprintf(name, sizeof name, "%llu", (unsigned long long)number);
    struct asm_map_entry *entry = asm_map_get(as, &as->local_map, name, (size_t)len);
    if (!entry->value)
        entry->value = asm_alloc(as, sizeof(struct local_label));
    return entry->value;
}

static struct asm_symbol *create_local(struct asm_state *as, uint64_t number)
{
    char name[24];
    int len = snprintf(name, sizeof name, "%llu", (unsigned long long)number);
    struct asm_symbol *symbol = create(as, asm_copy(as, name, (size_t)len));
    symbol->temporary = true;
    return symbol;
}

void asm_define_local(struct asm_state *as, uint64_t number, struct asm_place place)
{
    struct local_label *label = local_label(as, number);
    label->last = label->ahead ? label->ahead : create_local(as, number);
    label->ahead = NULL;
    define_here(as, label->last, place);
}

struct asm_symbol *asm_local_symbol(struct asm_state *as, uint64_t number, bool forward)
{
    struct local_label *label = local_label(as, number);
    if (forward && !label->ahead)
        label->ahead = create_local(as, number);
    if (!forward && !label->last)
        asm_error(as, "no label '%llu:' before this place", (unsigned long long)number);
    return forward ? label->ahead : label->last;
}

void asm_assign(struct asm_state *as, struct asm_symbol *symbol, struct asm_place place,
                bool may_repeat)
{
    struct asm_expr expr;
    if (!asm_parse_expr(as, &expr))
        return;
    bool again = may_repeat && symbol->kind == ASM_VARIABLE;
    if (!again && already_defined(as, symbol, place))
        return;
    symbol->kind = ASM_VARIABLE;
    symbol->expr = expr;
    symbol->defined = place;
}
