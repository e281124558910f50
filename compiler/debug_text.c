/* SPDX-License-Identifier: MIT */
/* Entries of DWARF 4 as assembly text. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "debug_text.h"

enum {
    DW_FORM_addr = 0x01,
    DW_FORM_data4 = 0x06,
    DW_FORM_sdata = 0x0d,
    DW_FORM_strp = 0x0e,
    DW_FORM_udata = 0x0f,
    DW_FORM_ref4 = 0x13,
    DW_FORM_sec_offset = 0x17,
    DW_FORM_exprloc = 0x18,
    DW_FORM_flag_present = 0x19,
    DW_OP_addr = 0x03,
    OP_ADDR_BYTES = 5,
    SINGLE_BYTE = 0x80 /* numbers below need one byte in LEB128 */
};

struct debug_abbreviation {
    enum debug_tag tag;
    bool has_children;
    unsigned n;
    uint16_t attribute[DEBUG_MOST_ATTRIBUTES];
    uint8_t form[DEBUG_MOST_ATTRIBUTES];
};

struct debug_string {
    const char *text;
};

/* ---- strings -------------------------------------------------------------------------------- */

static size_t slot_of(const struct debug_text *text, const char *name)
{
    uint32_t hash = 2166136261u;
    for (const char *p = name; *p; p++)
        hash = (hash ^ (uint8_t)*p) * 16777619u;
    size_t mask = text->n_string_slots - 1, slot = hash & mask;
    while (text->string_slots[slot] &&
           strcmp(text->strings[text->string_slots[slot] - 1].text, name) != 0)
        slot = (slot + 1) & mask;
    return slot;
}

static void grow_slots(struct debug_text *text)
{
    text->n_string_slots = text->n_string_slots ? text->n_string_slots * 2 : 256;
    text->string_slots = arena_alloc(text->arena, text->n_string_slots * sizeof(uint32_t));
    for (size_t i = 0; i < text->n_strings; i++)
        text->string_slots[slot_of(text, text->strings[i].text)] = (uint32_t)i + 1;
}

static uint32_t string_number(struct debug_text *text, const char *name)
{
    if (text->n_strings * 2 >= text->n_string_slots)
        grow_slots(text);
    size_t slot = slot_of(text, name);
    if (!text->string_slots[slot]) {
        text->strings = grow_array(text->strings, &text->strings_capacity, text->n_strings,
                                   sizeof *text->strings);
        text->strings[text->n_strings++] = (struct debug_string){name};
        text->string_slots[slot] = (uint32_t)text->n_strings;
    }
    return text->string_slots[slot];
}

/* ---- attributes ----------------------------------------------------------------------------- */

static void add(struct debug_entry *entry, enum debug_attribute attribute, uint8_t form,
                int64_t number, const char *symbol)
{
    entry->value[entry->n_values++] = (struct debug_value){attribute, form, number, symbol};
}

void debug_name(struct debug_text *text, struct debug_entry *entry, enum debug_attribute attribute,
                const char *name)
{
    if (name && *name)
        add(entry, attribute, DW_FORM_strp, string_number(text, name), NULL);
}

void debug_number(struct debug_entry *entry, enum debug_attribute attribute, int64_t number)
{
    add(entry, attribute, DW_FORM_udata, number, NULL);
}

void debug_signed(struct debug_entry *entry, enum debug_attribute attribute, int64_t number)
{
    add(entry, attribute, DW_FORM_sdata, number, NULL);
}

void debug_flag(struct debug_entry *entry, enum debug_attribute attribute)
{
    add(entry, attribute, DW_FORM_flag_present, 0, NULL);
}

void debug_address(struct debug_entry *entry, enum debug_attribute attribute, const char *symbol)
{
    add(entry, attribute, DW_FORM_addr, 0, symbol);
}

void debug_length(struct debug_entry *entry, enum debug_attribute attribute, const char *symbol)
{
    add(entry, attribute, DW_FORM_data4, 0, symbol);
}

void debug_section(struct debug_entry *entry, enum debug_attribute attribute, const char *symbol)
{
    add(entry, attribute, DW_FORM_sec_offset, 0, symbol);
}

void debug_location(struct debug_entry *entry, enum debug_attribute attribute, const char *symbol)
{
    add(entry, attribute, DW_FORM_exprloc, 0, symbol);
}

void debug_type(struct debug_entry *entry, unsigned number)
{
    if (number)
        add(entry, DW_AT_type, DW_FORM_ref4, number, NULL);
}

/* ---- entries -------------------------------------------------------------------------------- */

static size_t abbreviation_of(struct debug_text *text, const struct debug_entry *entry)
{
    struct debug_abbreviation wanted = {
        .tag = entry->tag, .has_children = entry->has_children, .n = entry->n_values};
    for (unsigned i = 0; i < entry->n_values; i++) {
        wanted.attribute[i] = (uint16_t)entry->value[i].attribute;
        wanted.form[i] = entry->value[i].form;
    }
    for (size_t i = 0; i < text->n_abbreviations; i++) {
        const struct debug_abbreviation *a = &text->abbreviations[i];
        if (a->tag == wanted.tag && a->has_children == wanted.has_children && a->n == wanted.n &&
            memcmp(a->attribute, wanted.attribute, sizeof wanted.attribute) == 0 &&
            memcmp(a->form, wanted.form, sizeof wanted.form) == 0)
            return i + 1;
    }
    text->abbreviations = grow_array(text->abbreviations, &text->abbreviations_capacity,
                                     text->n_abbreviations, sizeof *text->abbreviations);
    text->abbreviations[text->n_abbreviations++] = wanted;
    return text->n_abbreviations;
}

static void put_unsigned(FILE *out, uint64_t number)
{
    fprintf(out, number < SINGLE_BYTE ? "\t.byte %" PRIu64 "\n" : "\t.uleb128 %" PRIu64 "\n",
            number);
}

static void put_value(FILE *out, const struct debug_value *value)
{
    switch (value->form) {
    case DW_FORM_udata:
        put_unsigned(out, (uint64_t)value->number);
        break;
    case DW_FORM_sdata:
        fprintf(out, "\t.sleb128 %" PRId64 "\n", value->number);
        break;
    case DW_FORM_strp:
        fprintf(out, "\t.long .Ldebug_string%" PRId64 "\n", value->number);
        break;
    case DW_FORM_ref4:
        fprintf(out, "\t.long .Ldebug_type%" PRId64 "-.Ldebug_info\n", value->number);
        break;
    case DW_FORM_exprloc:
        fprintf(out, "\t.byte %d, %d\n\t.long %s\n", OP_ADDR_BYTES, DW_OP_addr, value->symbol);
        break;
    case DW_FORM_flag_present:
        break;
    default:
        fprintf(out, "\t.long %s\n", value->symbol);
    }
}

void debug_put(struct debug_text *text, const struct debug_entry *entry)
{
    put_unsigned(text->out, abbreviation_of(text, entry));
    for (unsigned i = 0; i < entry->n_values; i++)
        put_value(text->out, &entry->value[i]);
}

void debug_put_end(struct debug_text *text)
{
    fputs("\t.byte 0\n", text->out);
}

void debug_put_type_label(struct debug_text *text, unsigned number)
{
    fprintf(text->out, ".Ldebug_type%u:\n", number);
}

/* ---- tables --------------------------------------------------------------------------------- */

static void put_abbreviations(const struct debug_text *text)
{
    fputs("\t.section .debug_abbrev,\"\",@progbits\n.Ldebug_abbrev:\n", text->out);
    for (size_t i = 0; i < text->n_abbreviations; i++) {
        const struct debug_abbreviation *a = &text->abbreviations[i];
        put_unsigned(text->out, i + 1);
        fprintf(text->out, "\t.byte %d, %d\n", a->tag, a->has_children);
        for (unsigned k = 0; k < a->n; k++) {
            put_unsigned(text->out, a->attribute[k]);
            fprintf(text->out, "\t.byte %u\n", a->form[k]);
        }
        fputs("\t.byte 0, 0\n", text->out);
    }
    fputs("\t.byte 0\n", text->out);
}

static void put_quoted(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text; text++)
        if (*text == '"' || *text == '\\' || (uint8_t)*text < ' ' || (uint8_t)*text > '~')
            fprintf(out, "\\%03o", (uint8_t)*text);
        else
            fputc(*text, out);
    fputc('"', out);
}

static void put_strings(const struct debug_text *text)
{
    fputs("\t.section .debug_str,\"MS\",@progbits,1\n", text->out);
    for (size_t i = 0; i < text->n_strings; i++) {
        fprintf(text->out, ".Ldebug_string%zu:\n\t.asciz ", i + 1);
        put_quoted(text->out, text->strings[i].text);
        fputc('\n', text->out);
    }
}

void debug_put_tables(struct debug_text *text)
{
    put_abbreviations(text);
    put_strings(text);
}

void debug_text_fini(struct debug_text *text)
{
    free(text->abbreviations);
    free(text->strings);
}
