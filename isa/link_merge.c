/* SPDX-License-Identifier: MIT */
/* Mergeable sections (SHF_MERGE): cut into strings or constants; equal live ones of one output
 * place are stored once, in the order of their first appearance. Tails of strings are not shared.
 */
#include <elf.h>

#include "array.h"
#include "link.h"

/* ---- cutting -------------------------------------------------------------------------------- */

static bool ends_with_zero(const struct isa_object_section *section)
{
    for (uint32_t i = 1; i <= section->entry_bytes; i++)
        if (section->data[section->size_bytes - i] != 0)
            return false;
    return true;
}

/* Sections that do not keep the rules of their flags are placed as they are. */
bool isa_link_mergeable(const struct isa_object_section *section)
{
    if (!(section->flags & SHF_MERGE) || section->flags & (SHF_WRITE | SHF_EXECINSTR) ||
        !section->data || section->n_relocs || section->entry_bytes == 0 ||
        section->size_bytes % section->entry_bytes != 0)
        return false;
    return !(section->flags & SHF_STRINGS) || ends_with_zero(section);
}

/* End of the string or constant that starts at offset. */
static uint32_t piece_end(const struct isa_object_section *section, uint32_t offset)
{
    uint32_t unit = section->entry_bytes;
    if (!(section->flags & SHF_STRINGS))
        return offset + unit;
    for (;; offset += unit) {
        uint32_t i = 0;
        while (i < unit && section->data[offset + i] == 0)
            i++;
        if (i == unit)
            return offset + unit;
    }
}

void isa_link_split(struct link *link, int32_t file, size_t section)
{
    const struct isa_object_section *input = &link->files[file].object->sections[section];
    struct link_section *state = &link->files[file].sections[section];
    size_t capacity = 0;
    bool live = !(input->flags & SHF_ALLOC) || link->options->keep_unused;
    for (uint32_t at = 0; at < input->size_bytes; at = piece_end(input, at)) {
        if (!isa_array_reserve(&state->pieces, &capacity, state->n_pieces, sizeof *state->pieces)) {
            link->no_memory = true;
            return;
        }
        state->pieces[state->n_pieces++] = (struct link_piece){.start_bytes = at, .live = live};
    }
}

struct link_piece *isa_link_piece(const struct link_section *section, uint32_t offset_bytes)
{
    size_t low = 0, high = section->n_pieces;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (section->pieces[middle].start_bytes <= offset_bytes)
            low = middle;
        else
            high = middle;
    }
    return &section->pieces[low];
}

/* ---- merging -------------------------------------------------------------------------------- */

static bool same_group(const struct link_group *group, const struct isa_object_section *section,
                       int32_t row)
{
    return group->row == row && group->flags == section->flags &&
           group->entry_bytes == section->entry_bytes &&
           group->align_bytes == section->align_bytes &&
           (row != LINK_NONE || strcmp(group->name, section->name) == 0);
}

static int32_t find_group(struct link *link, const struct isa_object_section *section, int32_t row)
{
    for (size_t i = 0; i < link->n_groups; i++)
        if (same_group(&link->groups[i], section, row))
            return (int32_t)i;
    if (!isa_array_reserve(&link->groups, &link->groups_capacity, link->n_groups,
                           sizeof *link->groups)) {
        link->no_memory = true;
        return LINK_NONE;
    }
    link->groups[link->n_groups++] = (struct link_group){.row = row,
                                                         .name = section->name,
                                                         .flags = section->flags,
                                                         .entry_bytes = section->entry_bytes,
                                                         .align_bytes = section->align_bytes,
                                                         .output = LINK_NONE};
    return (int32_t)link->n_groups - 1;
}

static uint32_t hash_of(const uint8_t *data, uint32_t size_bytes)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (uint32_t i = 0; i < size_bytes; i++)
        hash = (hash ^ data[i]) * 16777619u;
    return hash;
}

static uint32_t *find_slot(const struct link_group *group, const uint8_t *data, uint32_t size_bytes)
{
    size_t slot = hash_of(data, size_bytes) & group->slots_mask;
    while (group->slots[slot]) {
        const struct link_unique *unique = &group->uniques[group->slots[slot] - 1];
        if (unique->size_bytes == size_bytes && memcmp(unique->data, data, size_bytes) == 0)
            break;
        slot = (slot + 1) & group->slots_mask;
    }
    return &group->slots[slot];
}

static bool grow_slots(struct link_group *group)
{
    if (group->slots && 2 * (group->n_uniques + 1) <= group->slots_mask)
        return true;
    size_t count = group->slots ? 2 * (group->slots_mask + 1) : 64;
    uint32_t *slots = calloc(count, sizeof *slots);
    if (!slots)
        return false;
    free(group->slots);
    group->slots = slots;
    group->slots_mask = count - 1;
    for (size_t i = 0; i < group->n_uniques; i++)
        *find_slot(group, group->uniques[i].data, group->uniques[i].size_bytes) = (uint32_t)i + 1;
    return true;
}

static bool add_piece(struct link_group *group, struct link_piece *piece, const uint8_t *data,
                      uint32_t size_bytes)
{
    if (!grow_slots(group) || !isa_array_reserve(&group->uniques, &group->capacity,
                                                 group->n_uniques, sizeof *group->uniques))
        return false;
    uint32_t *slot = find_slot(group, data, size_bytes);
    if (!*slot) {
        uint64_t align = group->align_bytes;
        uint64_t offset = (group->size_bytes + align - 1) / align * align;
        group->uniques[group->n_uniques++] = (struct link_unique){
            .data = data, .size_bytes = size_bytes, .offset_bytes = (uint32_t)offset};
        group->size_bytes = offset + size_bytes;
        *slot = (uint32_t)group->n_uniques;
    }
    piece->offset_bytes = group->uniques[*slot - 1].offset_bytes;
    return true;
}

static void merge_section(struct link *link, const struct isa_object_section *input,
                          struct link_section *state)
{
    state->group = find_group(link, input, state->row);
    if (state->group == LINK_NONE)
        return;
    struct link_group *group = &link->groups[state->group];
    for (size_t i = 0; i < state->n_pieces; i++) {
        struct link_piece *piece = &state->pieces[i];
        uint32_t end = i + 1 < state->n_pieces ? piece[1].start_bytes : input->size_bytes;
        if (!piece->live)
            continue;
        if (!add_piece(group, piece, input->data + piece->start_bytes, end - piece->start_bytes))
            link->no_memory = true;
        if (group->size_bytes > UINT32_MAX) {
            isa_link_error(link, NULL, "strings of section %s take more than 4 GiB", input->name);
            return;
        }
    }
}

void isa_link_merge(struct link *link)
{
    for (size_t f = 0; f < link->n_files; f++)
        for (size_t s = 0; s < link->files[f].object->n_sections; s++) {
            struct link_section *state = &link->files[f].sections[s];
            if (state->live && state->pieces)
                merge_section(link, &link->files[f].object->sections[s], state);
        }
}
