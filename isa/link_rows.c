/* SPDX-License-Identifier: MIT */
/* layout.def as an array, and which of its rows an input section belongs to. */
#include <elf.h>
#include <string.h>

#include "link.h"

enum { DROP, KEEP };

const struct link_row isa_link_rows[] = {
#define OUTPUT(name, in_memory, sh_type, phdr_flags)                                               \
    {.kind = LINK_OUTPUT,                                                                          \
     .text = name,                                                                                 \
     .memory = ISA_##in_memory,                                                                    \
     .type = SHT_##sh_type,                                                                        \
     .number = phdr_flags},
#define INPUT(patterns, keep)   {.kind = LINK_INPUT, .text = patterns, .number = keep},
#define ORPHANS(executable)     {.kind = LINK_ORPHANS, .number = executable},
#define COMMONS                 {.kind = LINK_COMMONS},
#define SYMBOL(name)            {.kind = LINK_SYMBOL, .text = name},
#define SKIP(name, bytes)       {.kind = LINK_SKIP, .text = name, .number = bytes},
#define STACKS                  {.kind = LINK_STACKS},
#define AT_LEAST(bytes)         {.kind = LINK_AT_LEAST, .number = bytes},
#define ALIGN(bytes)            {.kind = LINK_ALIGN, .number = bytes},
#define LIMIT(bytes, why)       {.kind = LINK_LIMIT, .number = bytes, .other = why},
#define VALUE(name, base, from) {.kind = LINK_VALUE, .text = name, .number = base, .other = from},
#define DISCARD(patterns)       {.kind = LINK_DISCARD, .text = patterns},
#include "layout.def"
};

const size_t isa_link_row_count = sizeof isa_link_rows / sizeof isa_link_rows[0];

/* One pattern of `len` characters; "a.*" matches every name that starts with "a.". */
static bool matches_one(const char *pattern, size_t len, const char *name)
{
    if (pattern[len - 1] == '*')
        return strncmp(name, pattern, len - 1) == 0;
    return strncmp(name, pattern, len) == 0 && name[len] == '\0';
}

static bool matches(const char *patterns, const char *name)
{
    while (*patterns) {
        size_t len = strcspn(patterns, " ");
        if (matches_one(patterns, len, name))
            return true;
        patterns += len + (patterns[len] == ' ');
    }
    return false;
}

bool isa_link_discarded(const struct isa_object_section *section)
{
    if (section->type == SHT_NOBITS && !(section->flags & SHF_ALLOC))
        return true;
    for (size_t i = 0; i < isa_link_row_count; i++)
        if (isa_link_rows[i].kind == LINK_DISCARD && matches(isa_link_rows[i].text, section->name))
            return true;
    return section->flags & SHF_EXCLUDE;
}

int32_t isa_link_row_of(const struct isa_object_section *section)
{
    bool executable = section->flags & SHF_EXECINSTR;
    int32_t orphans = LINK_NONE;
    for (size_t i = 0; i < isa_link_row_count; i++) {
        const struct link_row *row = &isa_link_rows[i];
        if (row->kind == LINK_INPUT && matches(row->text, section->name))
            return (int32_t)i;
        if (row->kind == LINK_ORPHANS && row->number == executable)
            orphans = (int32_t)i;
    }
    return orphans;
}
