/* SPDX-License-Identifier: MIT */
/* Sections of the assembler and their bytes. Sizes are bounded by the largest memory of the chip,
 * so that a slip of the pen in .space does not eat the host's memory. */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "asm.h"
#include "bytes.h"

struct known_section {
    const char *prefix; /* the name itself, or followed by a dot */
    uint32_t type, flags;
};

/* What a bare `.section NAME` means, as in the vendor's linker script. */
static const struct known_section known[] = {
    {".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR},
    {".rodata", SHT_PROGBITS, SHF_ALLOC},
    {".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE},
    {".bss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE},
    {".atomic", SHT_NOBITS, SHF_ALLOC | SHF_WRITE},
    {".mram", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE},
    {".dpu_host", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE},
    {".dpu_profiling", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE},
    {".dpu.attributes", ISA_SHT_DPU_ATTRIBUTES, 0},
    {".note", SHT_NOTE, 0},
};

static const struct known_section *known_section(const char *name)
{
    static const struct known_section other = {"", SHT_PROGBITS, 0};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        size_t len = strlen(known[i].prefix);
        if (strncmp(name, known[i].prefix, len) == 0 && (name[len] == '\0' || name[len] == '.'))
            return &known[i];
    }
    return &other;
}

struct asm_section *asm_current(struct asm_state *as)
{
    return &as->sections[as->section];
}

uint32_t asm_section_open(struct asm_state *as, const char *key, size_t key_bytes, const char *name,
                          bool *is_new)
{
    struct asm_map_entry *entry = asm_map_get(as, &as->section_map, key, key_bytes);
    *is_new = !entry->value;
    if (*is_new) {
        const struct known_section *row = known_section(name);
        asm_grow(as, &as->sections, &as->sections_capacity, as->n_sections, sizeof *as->sections);
        as->sections[as->n_sections++] =
            (struct asm_section){.name = asm_copy(as, name, strlen(name)),
                                 .type = row->type,
                                 .flags = row->flags,
                                 .align_bytes = 1};
        entry->value = (void *)(uintptr_t)as->n_sections;
    }
    return (uint32_t)(uintptr_t)entry->value - 1;
}

uint32_t asm_section_get(struct asm_state *as, const char *name)
{
    bool is_new;
    return asm_section_open(as, name, strlen(name), name, &is_new);
}

uint32_t asm_section_find(const struct asm_state *as, const char *name)
{
    void *found = asm_map_find(&as->section_map, name, strlen(name));
    for (uint32_t i = 0; !found && i < as->n_sections; i++)
        if (strcmp(as->sections[i].name, name) == 0)
            return i;
    return found ? (uint32_t)(uintptr_t)found - 1 : UINT32_MAX;
}

void asm_section_switch(struct asm_state *as, uint32_t section)
{
    as->previous_section = as->section;
    as->section = section;
}

/* ---- bytes ---------------------------------------------------------------------------------- */

static bool check_room(struct asm_state *as, uint64_t len_bytes)
{
    const struct asm_section *section = asm_current(as);
    if (len_bytes > ASM_MAX_SECTION_BYTES ||
        section->size_bytes + len_bytes > ASM_MAX_SECTION_BYTES) {
        asm_error_statement(
            as, "section %s would have %llu bytes; at most %u (the size of MRAM) make sense",
            section->name, (unsigned long long)section->size_bytes + len_bytes,
            (unsigned)ASM_MAX_SECTION_BYTES);
        return false;
    }
    if (section->type == SHT_NOBITS || as->object_bytes + len_bytes <= ASM_MAX_OBJECT_BYTES)
        return true;
    asm_error_statement(as, "the sections of this file have more than %u bytes together",
                        (unsigned)ASM_MAX_OBJECT_BYTES);
    return false;
}

static uint8_t *extend(struct asm_state *as, uint64_t len_bytes)
{
    struct asm_section *section = asm_current(as);
    uint64_t size = section->size_bytes + len_bytes;
    if (size > section->capacity) {
        uint64_t wanted = size < 64 ? 64 : size < ASM_MAX_SECTION_BYTES / 2 ? 2 * size : size;
        uint8_t *larger = realloc(section->data, wanted);
        if (!larger)
            asm_no_memory(as);
        section->data = larger;
        section->capacity = wanted;
    }
    uint8_t *at = section->data + section->size_bytes;
    section->size_bytes = (uint32_t)size;
    as->object_bytes += len_bytes;
    return at;
}

bool asm_append(struct asm_state *as, const void *bytes, uint64_t len_bytes)
{
    struct asm_section *section = asm_current(as);
    if (!check_room(as, len_bytes))
        return false;
    if (section->type != SHT_NOBITS) {
        if (len_bytes && bytes)
            memcpy(extend(as, len_bytes), bytes, len_bytes);
        else if (len_bytes)
            memset(extend(as, len_bytes), 0, len_bytes);
        return true;
    }
    for (uint64_t i = 0; bytes && i < len_bytes; i++)
        if (((const uint8_t *)bytes)[i]) {
            asm_error_statement(
                as, "section %s has no contents in the file: only zeros can stand in it",
                section->name);
            return false;
        }
    section->size_bytes += (uint32_t)len_bytes;
    return true;
}

bool asm_append_fill(struct asm_state *as, uint64_t count, uint64_t value, unsigned size_bytes)
{
    uint8_t unit[8];
    if (value == 0 || size_bytes == 0 || count == 0)
        return size_bytes == 0 || count > UINT64_MAX / size_bytes
                   ? size_bytes == 0 || asm_append(as, NULL, UINT64_MAX / 2)
                   : asm_append(as, NULL, count * size_bytes);
    if (count > ASM_MAX_SECTION_BYTES)
        return asm_append(as, NULL, count);
    if (!check_room(as, count * size_bytes))
        return false;
    isa_put_bytes(unit, value, size_bytes);
    for (uint64_t i = 0; i < count; i++)
        if (!asm_append(as, unit, size_bytes))
            return false;
    return true;
}

void asm_append_value(struct asm_state *as, uint64_t value, unsigned size_bytes)
{
    uint8_t bytes[8];
    isa_put_bytes(bytes, value, size_bytes);
    asm_append(as, bytes, size_bytes);
}

void asm_align(struct asm_state *as, uint64_t align_bytes, int64_t fill, bool has_fill,
               uint64_t most_bytes)
{
    struct asm_section *section = asm_current(as);
    if (align_bytes == 0)
        return;
    if (align_bytes & (align_bytes - 1)) {
        asm_error_statement(as, "alignment %llu is not a power of two",
                            (unsigned long long)align_bytes);
        return;
    }
    if (align_bytes > ASM_MAX_SECTION_BYTES) {
        asm_error_statement(as, "alignment %llu is larger than any memory",
                            (unsigned long long)align_bytes);
        return;
    }
    uint64_t padding = (0 - (uint64_t)section->size_bytes) & (align_bytes - 1);
    if (most_bytes && padding > most_bytes)
        return;
    if (padding && !has_fill && (section->flags & SHF_EXECINSTR)) {
        asm_error_statement(
            as, "code cannot be padded by %llu bytes: say with what, as in '.balign %llu, 0'",
            (unsigned long long)padding, (unsigned long long)align_bytes);
        return;
    }
    if (asm_append_fill(as, padding, (uint8_t)fill, 1) && section->align_bytes < align_bytes)
        section->align_bytes = (uint32_t)align_bytes;
}
