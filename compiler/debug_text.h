/* SPDX-License-Identifier: MIT */
/* Entries of DWARF as assembly: an entry's attributes are collected, its abbreviation is found or
 * made, and it is written. Strings and abbreviations come at the end. */
#ifndef COMPILER_DEBUG_TEXT_H
#define COMPILER_DEBUG_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "arena.h"

enum debug_tag {
#define DEBUG_TAG(id, number) DW_TAG_##id = number,
#include "debug_tag.def"
#undef DEBUG_TAG
};

enum debug_attribute {
#define DEBUG_ATTRIBUTE(id, number) DW_AT_##id = number,
#include "debug_attribute.def"
#undef DEBUG_ATTRIBUTE
};

enum { DEBUG_MOST_ATTRIBUTES = 8 };

struct debug_value {
    enum debug_attribute attribute;
    uint8_t form;       /* DW_FORM */
    int64_t number;     /* of what is a number */
    const char *symbol; /* an expression of the assembler; quoted where it has to be */
};

struct debug_entry {
    enum debug_tag tag;
    bool has_children;
    unsigned n_values;
    struct debug_value value[DEBUG_MOST_ATTRIBUTES];
};

struct debug_text {
    FILE *out;
    struct arena *arena;
    struct debug_abbreviation *abbreviations;
    size_t n_abbreviations, abbreviations_capacity;
    struct debug_string *strings; /* a hash table, and the order of their first use */
    size_t n_strings, strings_capacity;
    uint32_t *string_slots;
    size_t n_string_slots;
};

/* Attributes in any of the ways that they are written. Nothing is kept for a NULL name. */
void debug_name(struct debug_text *text, struct debug_entry *entry, enum debug_attribute attribute,
                const char *name);
void debug_number(struct debug_entry *entry, enum debug_attribute attribute, int64_t number);
void debug_signed(struct debug_entry *entry, enum debug_attribute attribute, int64_t number);
void debug_flag(struct debug_entry *entry, enum debug_attribute attribute);
/* Symbols must live until debug_put. */
void debug_address(struct debug_entry *entry, enum debug_attribute attribute, const char *symbol);
void debug_length(struct debug_entry *entry, enum debug_attribute attribute, const char *symbol);
void debug_section(struct debug_entry *entry, enum debug_attribute attribute, const char *symbol);
void debug_location(struct debug_entry *entry, enum debug_attribute attribute, const char *symbol);
/* Type number n; 0, which is void, leaves no attribute. */
void debug_type(struct debug_entry *entry, unsigned number);

void debug_put(struct debug_text *text, const struct debug_entry *entry);
void debug_put_end(struct debug_text *text);                         /* of an entry's children */
void debug_put_type_label(struct debug_text *text, unsigned number); /* before the entry */
void debug_put_tables(struct debug_text *text);                      /* .debug_abbrev, .debug_str */
void debug_text_fini(struct debug_text *text);

#endif
