/* SPDX-License-Identifier: MIT */
/* Directives that choose the section: .section and its shorthands, the stack of sections. Groups
 * (flag G) are accepted but not kept: their sections are ordinary ones. */
#include <elf.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "asm.h"

enum { AND_PUSH = 1, SHF_KEEP = 0x200000 };

/* What a .section line says. */
struct wanted {
    const char *name, *linked;
    struct asm_place linked_at;
    const char *group;
    uint32_t type, flags, entry_bytes;
    int64_t unique;
    bool has_flags, has_type, has_group;
};

static void switch_named(struct asm_state *as, const char *name)
{
    int64_t number = 0;
    if (as->token.kind != ASM_END && !asm_parse_absolute(as, &number))
        return;
    if (number != 0)
        asm_error_statement(as, "subsections other than 0 do not exist here");
    else
        asm_section_switch(as, asm_section_get(as, name));
}

static void shorthand(struct asm_state *as, int which)
{
    static const char *const names[] = {".text", ".data", ".bss", ".rodata"};
    switch_named(as, names[which]);
}

/* A name up to the comma, quoted or not; unquoted ones may have odd characters. */
static const char *parse_name(struct asm_state *as)
{
    const char *bytes = as->token.at;
    size_t len = 0;
    char buffer[64];
    if (as->token.kind == ASM_QUOTED) {
        if (!asm_unquote(as, &bytes, &len))
            return NULL;
        asm_next(as);
    } else {
        bool first = true;
        while (as->token.kind != ASM_END && as->token.kind != ASM_BAD && !asm_is_punct(as, ',') &&
               (first || !as->token.spaced)) {
            len = (size_t)(as->token.at + as->token.len_bytes - bytes);
            first = false;
            asm_next(as);
        }
    }
    if (len == 0 || memchr(bytes, 0, len)) {
        asm_error(as, "%s found where a name is wanted", asm_token_text(as, buffer));
        return NULL;
    }
    return asm_copy(as, bytes, len);
}

/* ---- flags and type ------------------------------------------------------------------------- */

static uint32_t flag_of(char letter)
{
    switch (letter) {
    case 'a':
        return SHF_ALLOC;
    case 'w':
        return SHF_WRITE;
    case 'x':
        return SHF_EXECINSTR;
    case 'M':
        return SHF_MERGE;
    case 'S':
        return SHF_STRINGS;
    case 'o':
        return SHF_LINK_ORDER;
    case 'T':
        return SHF_TLS;
    case 'e':
        return SHF_EXCLUDE;
    case 'R':
        return SHF_KEEP;
    default:
        return 0;
    }
}

static bool parse_flags(struct asm_state *as, struct wanted *wanted)
{
    for (size_t i = 1; i + 1 < as->token.len_bytes; i++) {
        char letter = as->token.at[i];
        uint32_t flag = flag_of(letter);
        if (letter == 'G' || letter == '?') {
            wanted->has_group = letter == 'G';
        } else if (!flag) {
            asm_error(as, "'%c' is not a section flag; known: a w x M S G o T e R ?", letter);
            return false;
        }
        wanted->flags |= flag;
    }
    wanted->has_flags = true;
    asm_next(as);
    return true;
}

static bool type_by_name(const char *name, size_t len, uint32_t *type)
{
    static const struct {
        const char *name;
        uint32_t type;
    } types[] = {
        {"progbits", SHT_PROGBITS},
        {"nobits", SHT_NOBITS},
        {"note", SHT_NOTE},
        {"init_array", SHT_INIT_ARRAY},
        {"fini_array", SHT_FINI_ARRAY},
        {"preinit_array", SHT_PREINIT_ARRAY},
        {"unwind", SHT_PROGBITS},
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strlen(types[i].name) == len && memcmp(types[i].name, name, len) == 0) {
            *type = types[i].type;
            return true;
        }
    return false;
}

static bool parse_type(struct asm_state *as, struct wanted *wanted)
{
    char buffer[64];
    const char *name;
    size_t len;
    if (asm_is_punct(as, '@') || asm_is_punct(as, '%'))
        asm_next(as);
    name = as->token.at;
    len = as->token.len_bytes;
    if (as->token.kind == ASM_QUOTED && !asm_unquote(as, &name, &len))
        return false;
    wanted->type = (uint32_t)as->token.number;
    wanted->has_type = true;
    bool known = as->token.kind == ASM_NUMBER && as->token.number <= UINT32_MAX;
    if (!known && !type_by_name(name, len, &wanted->type)) {
        asm_error(as, "%s is not a section type: write @progbits, @nobits, @note or a number",
                  asm_token_text(as, buffer));
        return false;
    }
    asm_next(as);
    return true;
}

/* ---- what follows the type ------------------------------------------------------------------ */

static bool parse_entry_size(struct asm_state *as, struct wanted *wanted)
{
    int64_t size;
    if (!(wanted->flags & SHF_MERGE))
        return true;
    if (!asm_expect_comma(as) || !asm_parse_absolute(as, &size))
        return false;
    if (size < 1 || size > 4096) {
        asm_error(as, "entry size %" PRId64 " of a section to be merged must be 1..4096", size);
        return false;
    }
    wanted->entry_bytes = (uint32_t)size;
    return true;
}

static bool parse_group(struct asm_state *as, struct wanted *wanted)
{
    if (!wanted->has_group)
        return true;
    if (!asm_expect_comma(as) || !(wanted->group = parse_name(as)))
        return false;
    if (asm_is_punct(as, ',')) {
        asm_next(as);
        if (!asm_is_word(as, "comdat")) {
            asm_error(as, "only 'comdat' can follow the name of a group");
            return false;
        }
        asm_next(as);
    }
    return true;
}

static bool parse_linked(struct asm_state *as, struct wanted *wanted)
{
    if (!(wanted->flags & SHF_LINK_ORDER))
        return true;
    if (!asm_expect_comma(as))
        return false;
    wanted->linked_at = asm_token_place(as);
    wanted->linked = parse_name(as);
    return wanted->linked != NULL;
}

static bool parse_unique(struct asm_state *as, struct wanted *wanted)
{
    wanted->unique = -1;
    if (!asm_accept(as, ','))
        return true;
    if (!asm_is_word(as, "unique")) {
        asm_error(as, "only 'unique' and a number can follow here");
        return false;
    }
    asm_next(as);
    return asm_expect_comma(as) && asm_parse_absolute(as, &wanted->unique);
}

static bool parse_wanted(struct asm_state *as, struct wanted *wanted)
{
    char buffer[64];
    if (!(wanted->name = parse_name(as)) || as->token.kind == ASM_END)
        return wanted->name != NULL;
    if (!asm_expect_comma(as))
        return false;
    if (as->token.kind != ASM_QUOTED) {
        asm_error(as, "%s found where the flags in quotes are wanted", asm_token_text(as, buffer));
        return false;
    }
    if (!parse_flags(as, wanted))
        return false;
    if (as->token.kind == ASM_END)
        return true;
    return asm_expect_comma(as) && parse_type(as, wanted) && parse_entry_size(as, wanted) &&
           parse_group(as, wanted) && parse_linked(as, wanted) && parse_unique(as, wanted);
}

/* ---- entering the section ------------------------------------------------------------------- */

static uint32_t open_wanted(struct asm_state *as, const struct wanted *wanted, bool *is_new)
{
    size_t room = strlen(wanted->name) + 40;
    room += wanted->linked ? strlen(wanted->linked) : 0;
    room += wanted->group ? strlen(wanted->group) : 0;
    char *key = asm_alloc(as, room);
    int len = snprintf(key, room, "%s", wanted->name);
    if (wanted->linked || wanted->group || wanted->unique > 0)
        len = snprintf(key, room, "%s\1%s\1%s\1%" PRId64, wanted->name,
                       wanted->linked ? wanted->linked : "", wanted->group ? wanted->group : "",
                       wanted->unique);
    return asm_section_open(as, key, (size_t)len, wanted->name, is_new);
}

static bool agrees(struct asm_state *as, struct asm_section *section, const struct wanted *wanted,
                   bool is_new)
{
    if (is_new || section->size_bytes == 0) {
        section->flags = wanted->has_flags ? wanted->flags : section->flags;
        section->type = wanted->has_type ? wanted->type : section->type;
        section->entry_bytes = wanted->has_flags ? wanted->entry_bytes : section->entry_bytes;
        return true;
    }
    if ((!wanted->has_flags || wanted->flags == section->flags) &&
        (!wanted->has_type || wanted->type == section->type))
        return true;
    asm_error_statement(as, "section %s has other flags or another type than before",
                        section->name);
    return false;
}

static bool enter(struct asm_state *as)
{
    struct wanted wanted = {.unique = -1};
    bool is_new;
    if (!parse_wanted(as, &wanted))
        return false;
    uint32_t index = open_wanted(as, &wanted, &is_new);
    struct asm_section *section = &as->sections[index];
    if (!agrees(as, section, &wanted, is_new))
        return false;
    if (wanted.linked) {
        section->linked = wanted.linked;
        section->linked_at = wanted.linked_at;
    }
    asm_section_switch(as, index);
    return true;
}

static void push(struct asm_state *as, uint32_t section, uint32_t previous)
{
    const uint32_t values[2] = {section, previous};
    for (int i = 0; i < 2; i++) {
        asm_grow(as, &as->section_stack, &as->section_stack_capacity, as->n_section_stack,
                 sizeof *as->section_stack);
        as->section_stack[as->n_section_stack++] = values[i];
    }
}

static void section_directive(struct asm_state *as, int push_too)
{
    uint32_t section = as->section, previous = as->previous_section;
    if (enter(as) && push_too)
        push(as, section, previous);
}

static void pop(struct asm_state *as, int unused)
{
    (void)unused;
    if (as->n_section_stack < 2) {
        asm_error_statement(as, ".popsection without .pushsection");
        return;
    }
    as->previous_section = as->section_stack[--as->n_section_stack];
    as->section = as->section_stack[--as->n_section_stack];
}

static void previous_section(struct asm_state *as, int unused)
{
    (void)unused;
    if (as->previous_section == UINT32_MAX)
        asm_error_statement(as, ".previous, but there was no section before this one");
    else
        asm_section_switch(as, as->previous_section);
}

static const struct asm_directive rows[] = {
    {".text", shorthand, 0},
    {".data", shorthand, 1},
    {".bss", shorthand, 2},
    {".rodata", shorthand, 3},
    {".section", section_directive, 0},
    {".pushsection", section_directive, AND_PUSH},
    {".popsection", pop, 0},
    {".previous", previous_section, 0},
};

const struct asm_directives asm_section_directives = {rows, sizeof rows / sizeof rows[0]};
