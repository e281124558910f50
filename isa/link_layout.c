/* SPDX-License-Identifier: MIT */
/* Addresses: walks layout.def from top to bottom, places the live input sections, merged strings
 * and commons, and defines the symbols of the layout. Sections outside memory (debug information)
 * are concatenated by name. */
#include <elf.h>
#include <stdio.h>

#include "array.h"
#include "link.h"

struct walk {
    struct link *link;
    int32_t output; /* current */
    uint64_t next[ISA_MEMORY_COUNT];
};

static uint64_t align_up(uint64_t value, uint64_t align_bytes)
{
    return align_bytes > 1 ? (value + align_bytes - 1) / align_bytes * align_bytes : value;
}

/* ---- outputs -------------------------------------------------------------------------------- */

static int32_t add_output(struct link *link, const struct link_output *output)
{
    if (!isa_array_reserve(&link->outputs, &link->outputs_capacity, link->n_outputs,
                           sizeof *link->outputs)) {
        link->no_memory = true;
        return LINK_NONE;
    }
    link->outputs[link->n_outputs] = *output;
    return (int32_t)link->n_outputs++;
}

static void add_row_output(struct link *link, const struct link_row *row)
{
    bool executable = row->memory == ISA_IRAM;
    bool bits = row->memory == ISA_ATOMIC;
    add_output(link,
               &(struct link_output){.name = row->text,
                                     .allocated = true,
                                     .memory = row->memory,
                                     .type = row->type,
                                     .flags = SHF_ALLOC | (executable ? SHF_EXECINSTR : SHF_WRITE),
                                     .segment_flags = row->number,
                                     .align_bytes = bits ? 1 : 8});
}

/* Outside memory large alignments mean nothing but a large file. */
static uint64_t useful_align(const struct link_output *output, uint64_t align_bytes)
{
    enum { MAX_FILE_ALIGN_BYTES = 64 };
    bool code = output->allocated && output->memory == ISA_IRAM;
    if (code && align_bytes < ISA_INSN_BYTES)
        return ISA_INSN_BYTES;
    bool large = !output->allocated && align_bytes > MAX_FILE_ALIGN_BYTES;
    return large ? MAX_FILE_ALIGN_BYTES : align_bytes;
}

static void raise_align(struct link_output *output, uint64_t align_bytes)
{
    align_bytes = useful_align(output, align_bytes);
    if (align_bytes > output->align_bytes)
        output->align_bytes = align_bytes;
}

/* Output of each row: the last OUTPUT above it. */
static int32_t output_of_row(int32_t row)
{
    int32_t output = LINK_NONE;
    for (int32_t i = 0; i <= row; i++)
        output += isa_link_rows[i].kind == LINK_OUTPUT;
    return output;
}

static int32_t output_by_name(struct link *link, const struct isa_object_section *section)
{
    uint32_t flags = section->flags & (SHF_MERGE | SHF_STRINGS | SHF_LINK_ORDER);
    for (size_t i = 0; i < link->n_outputs; i++)
        if (!link->outputs[i].allocated && strcmp(link->outputs[i].name, section->name) == 0) {
            link->outputs[i].flags &= flags;
            return (int32_t)i;
        }
    return add_output(link, &(struct link_output){.name = section->name,
                                                  .type = section->type,
                                                  .flags = flags,
                                                  .entry_bytes = section->entry_bytes,
                                                  .align_bytes = 1});
}

/* Calls visit for every live section; its output is known afterwards. */
static void assign_outputs(struct link *link)
{
    for (size_t f = 0; f < link->n_files && !link->no_memory; f++)
        for (size_t s = 0; s < link->files[f].object->n_sections; s++) {
            const struct isa_object_section *input = &link->files[f].object->sections[s];
            struct link_section *state = &link->files[f].sections[s];
            if (!state->live)
                continue;
            state->output =
                state->row == LINK_NONE ? output_by_name(link, input) : output_of_row(state->row);
            if (state->output != LINK_NONE)
                raise_align(&link->outputs[state->output], input->align_bytes);
        }
}

static void assign_commons(struct link *link)
{
    int32_t row = 0;
    while (isa_link_rows[row].kind != LINK_COMMONS)
        row++;
    for (size_t i = 0; i < link->n_globals; i++) {
        struct link_global *global = &link->globals[i];
        if (global->state != LINK_COMMON || !(global->referenced || link->options->keep_unused))
            continue;
        global->output = output_of_row(row);
        raise_align(&link->outputs[global->output], global->align_bytes);
    }
}

/* ---- placing -------------------------------------------------------------------------------- */

static uint64_t place(struct link_output *output, uint64_t align_bytes, uint64_t size_bytes)
{
    uint64_t offset = align_up(output->size_bytes, align_bytes);
    output->size_bytes = offset + size_bytes;
    return offset;
}

/* A section, or the group of merged strings that it is the first of. */
static void place_section(struct link *link, const struct isa_object_section *input,
                          struct link_section *state)
{
    struct link_output *output = &link->outputs[state->output];
    uint64_t align = useful_align(output, input->align_bytes);
    if (state->group == LINK_NONE) {
        state->offset_bytes = place(output, align, input->size_bytes);
        return;
    }
    struct link_group *group = &link->groups[state->group];
    if (group->placed)
        return;
    group->placed = true;
    group->output = state->output;
    group->offset_bytes = place(output, align, group->size_bytes);
}

static void place_row(struct link *link, int32_t row)
{
    for (size_t f = 0; f < link->n_files; f++)
        for (size_t s = 0; s < link->files[f].object->n_sections; s++) {
            struct link_section *state = &link->files[f].sections[s];
            if (state->live && state->row == row)
                place_section(link, &link->files[f].object->sections[s], state);
        }
}

static void place_commons(struct link *link)
{
    for (size_t i = 0; i < link->n_globals; i++) {
        struct link_global *global = &link->globals[i];
        if (global->state == LINK_COMMON && global->output != LINK_NONE)
            global->value =
                place(&link->outputs[global->output], global->align_bytes, global->size_bytes);
    }
}

static void place_stacks(struct link *link, int32_t output)
{
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++) {
        uint32_t size_bytes = isa_link_absolute(link, link->stack_sizes[i]);
        uint64_t offset = place(&link->outputs[output], 1, size_bytes);
        isa_link_define(link, link->stack_names[i], output, offset);
    }
}

static void check_limit(struct link *link, const struct link_row *row,
                        const struct link_output *output)
{
    if (output->size_bytes > row->number)
        isa_link_error(link, NULL, "%s ends at %llu, wanted at most %u: %llu bytes too many",
                       row->other, (unsigned long long)output->size_bytes, row->number,
                       (unsigned long long)(output->size_bytes - row->number));
}

static void start_output(struct walk *walk)
{
    struct link_output *output = &walk->link->outputs[++walk->output];
    output->address = align_up(walk->next[output->memory], output->align_bytes);
}

static void walk_row(struct walk *walk, int32_t number)
{
    struct link *link = walk->link;
    const struct link_row *row = &isa_link_rows[number];
    struct link_output *output = walk->output == LINK_NONE ? NULL : &link->outputs[walk->output];
    switch (row->kind) {
    case LINK_OUTPUT:
        start_output(walk);
        return;
    case LINK_INPUT:
    case LINK_ORPHANS:
        place_row(link, number);
        break;
    case LINK_COMMONS:
        place_commons(link);
        break;
    case LINK_SYMBOL:
        isa_link_define(link, row->text, walk->output, output->size_bytes);
        break;
    case LINK_SKIP:
        output->size_bytes += (uint64_t)row->number * isa_link_absolute(link, row->text);
        break;
    case LINK_STACKS:
        place_stacks(link, walk->output);
        break;
    case LINK_AT_LEAST:
        if (output->size_bytes < row->number)
            output->size_bytes = row->number;
        break;
    case LINK_ALIGN:
        output->size_bytes = align_up(output->size_bytes, row->number);
        break;
    case LINK_LIMIT:
        check_limit(link, row, output);
        break;
    case LINK_VALUE: /* already defined */
    case LINK_DISCARD:
        break;
    }
    walk->next[output->memory] = output->address + output->size_bytes;
}

/* ---- sections outside memory ---------------------------------------------------------------- */

/* Sections tied to others (.stack_sizes) follow the order of those. */
struct tied {
    uint64_t address;
    int32_t file, section;
};

static int compare_tied(const void *a, const void *b)
{
    const struct tied *x = a, *y = b;
    if (x->address != y->address)
        return x->address < y->address ? -1 : 1;
    if (x->file != y->file)
        return x->file < y->file ? -1 : 1;
    return x->section < y->section ? -1 : x->section > y->section;
}

static uint64_t tied_address(const struct link *link, int32_t file, int32_t section)
{
    uint32_t linked = link->files[file].object->sections[section].linked;
    struct link_place where = {0};
    if (linked)
        isa_link_locate(link, file, (int32_t)linked - 1, 0, &where);
    return where.address;
}

static void place_tied(struct link *link, struct tied *tied, size_t count)
{
    qsort(tied, count, sizeof *tied, compare_tied);
    for (size_t i = 0; i < count; i++)
        place_section(link, &link->files[tied[i].file].object->sections[tied[i].section],
                      &link->files[tied[i].file].sections[tied[i].section]);
}

static void place_unallocated(struct link *link)
{
    struct tied *tied = NULL;
    size_t count = 0, capacity = 0;
    for (size_t f = 0; f < link->n_files; f++)
        for (size_t s = 0; s < link->files[f].object->n_sections; s++) {
            const struct isa_object_section *input = &link->files[f].object->sections[s];
            struct link_section *state = &link->files[f].sections[s];
            if (!state->live || state->row != LINK_NONE)
                continue;
            if (!(input->flags & SHF_LINK_ORDER))
                place_section(link, input, state);
            else if (isa_array_reserve(&tied, &capacity, count, sizeof *tied))
                tied[count++] = (struct tied){tied_address(link, (int32_t)f, (int32_t)s),
                                              (int32_t)f, (int32_t)s};
            else
                link->no_memory = true;
        }
    if (count)
        place_tied(link, tied, count);
    free(tied);
}

/* ---- questions ------------------------------------------------------------------------------ */

bool isa_link_locate(const struct link *link, int32_t file, int32_t section, uint32_t offset_bytes,
                     struct link_place *place)
{
    const struct link_section *state = &link->files[file].sections[section];
    if (!state->live || state->output == LINK_NONE)
        return false;
    uint64_t offset = state->offset_bytes + offset_bytes;
    if (state->group != LINK_NONE) {
        const struct link_piece *piece = isa_link_piece(state, offset_bytes);
        if (!piece->live)
            return false;
        offset = link->groups[state->group].offset_bytes + piece->offset_bytes +
                 (offset_bytes - piece->start_bytes);
    }
    place->output = state->output;
    place->address = (uint32_t)(link->outputs[state->output].address + offset);
    return true;
}

static enum link_found locate_global(const struct link *link, const struct link_global *global,
                                     struct link_place *place)
{
    bool common = global->state == LINK_COMMON;
    *place = (struct link_place){.output = LINK_NONE};
    if (!common && global->state != LINK_LINKER)
        return LINK_MISSING;
    if (common && global->output == LINK_NONE)
        return LINK_GONE;
    uint64_t base = global->output == LINK_NONE ? 0 : link->outputs[global->output].address;
    place->output = global->output;
    place->address = (uint32_t)(base + global->value);
    return LINK_FOUND;
}

enum link_found isa_link_locate_symbol(const struct link *link, int32_t file, uint32_t symbol,
                                       uint32_t inner_bytes, struct link_place *place)
{
    const struct link_global *global = isa_link_global_of(link, file, symbol);
    if (!isa_link_target(link, &file, &symbol)) {
        *place = (struct link_place){.output = LINK_NONE};
        return global ? locate_global(link, global, place) : LINK_MISSING;
    }
    const struct isa_object_symbol *target = &link->files[file].object->symbols[symbol];
    if (target->section < 0) {
        *place = (struct link_place){.address = target->value, .output = LINK_NONE};
        return LINK_FOUND;
    }
    return isa_link_locate(link, file, target->section, target->value + inner_bytes, place)
               ? LINK_FOUND
               : LINK_GONE;
}

void isa_link_layout(struct link *link)
{
    struct walk walk = {.link = link,
                        .output = LINK_NONE,
                        .next = {[ISA_IRAM] = ISA_IRAM_BASE,
                                 [ISA_WRAM] = ISA_WRAM_BASE,
                                 [ISA_MRAM] = ISA_MRAM_BASE,
                                 [ISA_ATOMIC] = ISA_ATOMIC_BASE}};
    for (size_t i = 0; i < isa_link_row_count; i++)
        if (isa_link_rows[i].kind == LINK_OUTPUT)
            add_row_output(link, &isa_link_rows[i]);
    if (!link->no_memory) {
        assign_outputs(link);
        assign_commons(link);
    }
    for (size_t i = 0; i < isa_link_row_count && !link->no_memory; i++)
        walk_row(&walk, (int32_t)i);
    if (!link->no_memory)
        place_unallocated(link);
}
