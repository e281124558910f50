/* SPDX-License-Identifier: MIT */
/* Bytes of the output sections: copies the inputs and applies their relocations. In memory the
 * values are translated to what the DPU uses (instruction index, MRAM offset, number of the atomic
 * bit); debug sections keep addresses. No overflow checks, as in the vendor's linker (documented).
 */
#include <elf.h>
#include <string.h>
#include <stdlib.h>

#include "bytes.h"
#include "link.h"

/* Address to native value. documented; the order of the tests matters. */
static uint32_t translate(uint32_t value)
{
    if ((value & 0xF0000000u) == ISA_ATOMIC_BASE)
        return value & ~ISA_ATOMIC_BASE;
    if (value & ISA_IRAM_BASE) {
        value &= ~ISA_IRAM_BASE;
        return (value >> 3) + (value & 7);
    }
    return value & ~(value & ISA_MRAM_BASE);
}

/* What debug sections say about code that was left out: an address that is no instruction. */
static uint32_t tombstone(const char *section)
{
    bool pairs = strcmp(section, ".debug_ranges") == 0 || strcmp(section, ".debug_loc") == 0;
    return pairs ? 1 : 0; /* a pair of zeros would end their lists */
}

static void store(uint8_t *at, enum isa_reloc type, uint32_t value)
{
    const struct isa_reloc_info *info = isa_reloc_get(type);
    if (*info->bits)
        isa_put_bytes(at, isa_reloc_place(type, isa_get64(at), value), 8);
    else
        isa_put_bytes(at, value, info->bytes_replaced);
}

static void apply(struct link *link, int32_t file, const struct isa_object_section *input,
                  const struct isa_object_reloc *reloc, uint8_t *data)
{
    const struct isa_object_symbol *symbol = &link->files[file].object->symbols[reloc->symbol];
    bool allocated = input->flags & SHF_ALLOC;
    bool inner = symbol->type == STT_SECTION && symbol->binding == STB_LOCAL;
    uint32_t addend = (uint32_t)reloc->addend;
    struct link_place place;
    enum link_found found =
        isa_link_locate_symbol(link, file, reloc->symbol, inner ? addend : 0, &place);
    uint32_t value = place.address + (inner ? 0 : addend);
    if (found != LINK_FOUND)
        value = allocated ? addend : tombstone(input->name);
    store(data + reloc->offset_bytes, reloc->type, allocated ? translate(value) : value);
}

static void fill_section(struct link *link, int32_t file, size_t section)
{
    const struct isa_object_section *input = &link->files[file].object->sections[section];
    const struct link_section *state = &link->files[file].sections[section];
    uint8_t *output = link->outputs[state->output].data;
    if (!output || !input->data)
        return;
    memcpy(output + state->offset_bytes, input->data, input->size_bytes);
    for (size_t i = 0; i < input->n_relocs; i++)
        apply(link, file, input, &input->relocs[i], output + state->offset_bytes);
}

static void fill_group(struct link *link, const struct link_group *group)
{
    uint8_t *output = group->placed ? link->outputs[group->output].data : NULL;
    for (size_t i = 0; output && i < group->n_uniques; i++)
        memcpy(output + group->offset_bytes + group->uniques[i].offset_bytes,
               group->uniques[i].data, group->uniques[i].size_bytes);
}

void isa_link_fill(struct link *link)
{
    for (size_t i = 0; i < link->n_outputs; i++) {
        struct link_output *output = &link->outputs[i];
        if (output->type == SHT_NOBITS || output->size_bytes == 0)
            continue;
        output->data = calloc(1, output->size_bytes);
        if (!output->data) {
            link->no_memory = true;
            return;
        }
    }
    for (size_t f = 0; f < link->n_files; f++)
        for (size_t s = 0; s < link->files[f].object->n_sections; s++) {
            const struct link_section *state = &link->files[f].sections[s];
            if (state->live && state->group == LINK_NONE)
                fill_section(link, (int32_t)f, s);
        }
    for (size_t i = 0; i < link->n_groups; i++)
        fill_group(link, &link->groups[i]);
}
