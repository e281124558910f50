/* SPDX-License-Identifier: MIT */
/* From the assembler's state to an object: which symbols it has, their values and sizes. Private
 * labels (.L) stay only where a relocation names them, as the vendor's assembler does. */
#include <elf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asm.h"

static bool is_private(const struct asm_symbol *symbol)
{
    return symbol->temporary || strncmp(symbol->name, ".L", 2) == 0;
}

static uint32_t enter(struct asm_state *as, struct asm_symbol *symbol, uint32_t section)
{
    asm_grow(as, &as->out, &as->out_capacity, as->n_out, sizeof *as->out);
    as->out[as->n_out] = (struct asm_out){symbol, section};
    return (uint32_t)as->n_out++;
}

void asm_out_begin(struct asm_state *as)
{
    if (as->source_name)
        enter(as, NULL, ASM_NO_SECTION);
}

uint32_t asm_out_symbol(struct asm_state *as, struct asm_symbol *symbol)
{
    if (symbol->out_index)
        return symbol->out_index - 1;
    if (symbol->temporary) {
        char name[24];
        int len = snprintf(name, sizeof name, ".Ltmp%" PRIu32, as->n_temporaries++);
        symbol->name = asm_copy(as, name, (size_t)len);
    }
    symbol->out_index = enter(as, symbol, 0) + 1;
    return symbol->out_index - 1;
}

uint32_t asm_out_section(struct asm_state *as, uint32_t section)
{
    if (!as->sections[section].symbol_index)
        as->sections[section].symbol_index = enter(as, NULL, section) + 1;
    return as->sections[section].symbol_index - 1;
}

/* ---- undefined names ------------------------------------------------------------------------ */

/* Spelt like a register that does not exist: r24..r99, odd pairs. */
static bool like_register(const struct asm_symbol *symbol)
{
    const char *name = symbol->name;
    size_t len = strlen(name);
    if (symbol->quoted || symbol->declared || len < 2 || len > 3 ||
        strspn(name + 1, "0123456789") != len - 1 || (len == 3 && name[1] == '0'))
        return false;
    int number = atoi(name + 1);
    if (name[0] == 'r' || name[0] == 'R')
        return number >= (int)ISA_WORK_REGISTERS;
    return (name[0] == 'd' || name[0] == 'D') && number < (int)ISA_WORK_REGISTERS;
}

static const char *nearest_label(struct asm_state *as, const char *name)
{
    enum { MOST = 2000 };
    const char *names[MOST];
    size_t count = 0;
    for (const struct asm_symbol *s = as->symbols; s && count < MOST; s = s->next)
        if (s->kind == ASM_LABEL && !s->temporary && s->defined.text)
            names[count++] = s->name;
    return isa_nearest(name, names, count);
}

void asm_undefined(struct asm_state *as, struct asm_symbol *symbol, struct asm_place place)
{
    if (like_register(symbol)) {
        asm_error_at(as, place,
                     "'%s' is not a register (there are r0..r23 and d0, d2, .. d22) and no symbol "
                     "here; declare a symbol of that name with .extern",
                     symbol->name);
    } else if (symbol->temporary) {
        asm_error_at(as, place, "label '%s:' is not defined behind this place", symbol->name);
    } else if (is_private(symbol)) {
        const char *nearest = nearest_label(as, symbol->name);
        asm_error_at(as, place, "label '%s' is not defined%s%s%s", symbol->name,
                     nearest ? ": do you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
    } else {
        return;
    }
    symbol->kind = ASM_LABEL; /* say it once */
}

/* ---- the object's symbols ------------------------------------------------------------------- */

static bool wanted_in_object(const struct asm_symbol *symbol)
{
    if (symbol->out_index)
        return true;
    if (symbol->kind == ASM_UNDEFINED)
        return symbol->is_binding_set && symbol->binding != STB_LOCAL;
    return !is_private(symbol);
}

static void enter_symbols(struct asm_state *as)
{
    for (struct asm_symbol *symbol = as->symbols; symbol; symbol = symbol->next)
        if (wanted_in_object(symbol))
            asm_out_symbol(as, symbol);
}

static void set_label(struct isa_object_symbol *out, int32_t section, int64_t offset)
{
    out->section = section;
    out->value = (uint32_t)offset;
}

static void set_variable(struct asm_state *as, const struct asm_symbol *symbol,
                         struct isa_object_symbol *out)
{
    struct asm_value value;
    const char *why = "it is not the address of something in this file";
    out->section = ISA_SECTION_ABSOLUTE;
    enum asm_known known = asm_eval(as, &symbol->expr, true, &value, &why);
    if (known == ASM_KNOWN && value.minus.kind == ASM_CONSTANT) {
        const struct asm_symbol *target = value.plus.symbol;
        if (value.plus.kind == ASM_CONSTANT) {
            out->value = (uint32_t)value.number;
            return;
        }
        if (value.plus.kind == ASM_HERE) {
            set_label(out, value.plus.op, value.plus.number + value.number);
            return;
        }
        if (!out->type)
            out->type = target->type;
        if (target->kind == ASM_LABEL) {
            set_label(out, target->section, (int64_t)target->offset_bytes + value.number);
            return;
        }
    }
    asm_error_at(as, symbol->defined, "'%s' has no value: %s", symbol->name, why);
}

static void set_size(struct asm_state *as, const struct asm_symbol *symbol,
                     struct isa_object_symbol *out)
{
    struct asm_value value;
    const char *why = "";
    if (!symbol->size)
        return;
    struct asm_place place = symbol->defined.text ? symbol->defined : as->statement;
    if (asm_eval(as, symbol->size, true, &value, &why) != ASM_KNOWN ||
        !asm_value_is_absolute(&value))
        asm_error_at(as, place, "the size of '%s' is not a number", symbol->name);
    else if (value.number < 0 || value.number > UINT32_MAX)
        asm_error_at(as, place, "the size of '%s' would be %" PRId64 " bytes", symbol->name,
                     value.number);
    else
        out->size_bytes = (uint32_t)value.number;
}

static void set_symbol(struct asm_state *as, const struct asm_symbol *symbol,
                       struct isa_object_symbol *out)
{
    out->type = symbol->type;
    out->binding = symbol->binding;
    out->visibility = symbol->visibility;
    switch ((enum asm_symbol_kind)symbol->kind) {
    case ASM_UNDEFINED:
        out->section = ISA_SECTION_UNDEFINED;
        if (out->binding == STB_LOCAL)
            out->binding = STB_GLOBAL;
        break;
    case ASM_LABEL:
        set_label(out, symbol->section, symbol->offset_bytes);
        break;
    case ASM_VARIABLE:
        set_variable(as, symbol, out);
        break;
    case ASM_COMMON:
        out->section = ISA_SECTION_COMMON;
        out->value = symbol->offset_bytes;
        out->size_bytes = symbol->common_bytes;
        break;
    }
    set_size(as, symbol, out);
}

static void *allocate(struct asm_state *as, size_t count, size_t size_bytes)
{
    void *memory = calloc(count, size_bytes);
    if (!memory)
        asm_no_memory(as);
    return memory;
}

static char *duplicate(struct asm_state *as, const char *text)
{
    char *copy = strdup(text);
    if (!copy)
        asm_no_memory(as);
    return copy;
}

static void fill_symbol(struct asm_state *as, const struct asm_out *from,
                        struct isa_object_symbol *out)
{
    if (from->symbol) {
        set_symbol(as, from->symbol, out);
    } else if (from->section == ASM_NO_SECTION) {
        out->section = ISA_SECTION_ABSOLUTE;
        out->type = STT_FILE;
    } else {
        out->section = (int32_t)from->section;
        out->type = STT_SECTION;
    }
}

static const char *out_name(const struct asm_state *as, const struct asm_out *from)
{
    if (from->symbol)
        return from->symbol->name;
    return from->section == ASM_NO_SECTION ? as->source_name : "";
}

static void fill_symbols(struct asm_state *as, struct isa_object *object)
{
    object->symbols = allocate(as, as->n_out + 1, sizeof *object->symbols);
    for (size_t i = 0; i < as->n_out; i++) {
        object->symbols[i].name = duplicate(as, out_name(as, &as->out[i]));
        object->n_symbols = i + 1;
        fill_symbol(as, &as->out[i], &object->symbols[i]);
    }
}

/* ---- the object's sections ------------------------------------------------------------------ */

static uint32_t linked_section(struct asm_state *as, const struct asm_section *section)
{
    if (!section->linked || strcmp(section->linked, "0") == 0)
        return 0;
    uint32_t found = asm_section_find(as, section->linked);
    if (found != UINT32_MAX)
        return found + 1;
    const struct asm_symbol *symbol = asm_symbol_find(as, section->linked, strlen(section->linked));
    if (symbol && symbol->kind == ASM_LABEL)
        return (uint32_t)symbol->section + 1;
    asm_error_at(as, section->linked_at, "there is no section or label '%s' to link to",
                 section->linked);
    return 0;
}

/* Bytes and relocations change owner. */
static void fill_sections(struct asm_state *as, struct isa_object *object)
{
    object->sections = allocate(as, as->n_sections, sizeof *object->sections);
    for (size_t i = 0; i < as->n_sections; i++) {
        struct asm_section *section = &as->sections[i];
        struct isa_object_section *out = &object->sections[i];
        out->name = duplicate(as, section->name);
        object->n_sections = i + 1;
        out->type = section->type;
        out->flags = section->flags;
        out->align_bytes = section->align_bytes;
        out->entry_bytes = section->entry_bytes;
        out->linked = linked_section(as, section);
        out->size_bytes = section->size_bytes;
        out->data = section->data;
        out->relocs = section->relocs;
        out->n_relocs = section->n_relocs;
        section->data = NULL;
        section->relocs = NULL;
    }
}

void asm_object(struct asm_state *as)
{
    struct isa_object *object = as->object = allocate(as, 1, sizeof *object);
    object->e_flags = ISA_E_FLAGS;
    object->name = duplicate(as, as->file_name);
    enter_symbols(as);
    fill_symbols(as, object);
    fill_sections(as, object);
}
