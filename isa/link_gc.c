/* SPDX-License-Identifier: MIT */
/* Which sections and strings stay: everything reached through relocations from the entry point,
 * from the sections that layout.def keeps and from those marked "retain". Debug sections follow:
 * they stay whole, keep nothing alive, and those tied to another section (SHF_LINK_ORDER) live with
 * it. */
#include <elf.h>

#include "array.h"
#include "link.h"

#ifndef SHF_GNU_RETAIN
#define SHF_GNU_RETAIN (1u << 21)
#endif

/* Sections whose relocations are still to be followed. */
struct work {
    struct work_item {
        int32_t file;
        int32_t section;
    } * items;
    size_t count, capacity;
};

/* Gives every section of the live files its row and its pieces; nothing is live yet but what has no
 * place in memory. */
static void prepare(struct link *link)
{
    for (size_t f = 0; f < link->n_files && !link->no_memory; f++) {
        struct link_file *file = &link->files[f];
        for (size_t s = 0; file->live && s < file->object->n_sections; s++) {
            const struct isa_object_section *input = &file->object->sections[s];
            bool allocated = input->flags & SHF_ALLOC;
            struct link_section *state = &file->sections[s];
            state->output = state->group = state->row = LINK_NONE;
            if (isa_link_discarded(input))
                continue;
            if (allocated)
                state->row = isa_link_row_of(input);
            state->live = !allocated && !(input->flags & SHF_LINK_ORDER) &&
                          !(link->options->strip_debug && strncmp(input->name, ".debug", 6) == 0);
            if (isa_link_mergeable(input))
                isa_link_split(link, (int32_t)f, s);
        }
    }
}

static void mark(struct link *link, struct work *work, int32_t file, int32_t section,
                 uint32_t offset_bytes)
{
    struct link_section *state = &link->files[file].sections[section];
    const struct isa_object_section *input = &link->files[file].object->sections[section];
    if (!(input->flags & SHF_ALLOC) || state->row == LINK_NONE)
        return;
    if (state->pieces)
        isa_link_piece(state, offset_bytes)->live = true;
    if (state->live)
        return;
    state->live = true;
    if (isa_array_reserve(&work->items, &work->capacity, work->count, sizeof *work->items))
        work->items[work->count++] = (struct work_item){file, section};
    else
        link->no_memory = true;
}

static void mark_symbol(struct link *link, struct work *work, int32_t file, uint32_t symbol,
                        int64_t addend)
{
    struct link_global *global = isa_link_global_of(link, file, symbol);
    if (global)
        global->referenced = true;
    if (!isa_link_target(link, &file, &symbol))
        return;
    const struct isa_object_symbol *target = &link->files[file].object->symbols[symbol];
    uint32_t inner = target->type == STT_SECTION ? (uint32_t)addend : 0;
    if (target->section >= 0)
        mark(link, work, file, target->section, target->value + inner);
}

static void follow(struct link *link, struct work *work)
{
    while (work->count) {
        struct work_item item = work->items[--work->count];
        const struct isa_object_section *input =
            &link->files[item.file].object->sections[item.section];
        for (size_t i = 0; i < input->n_relocs; i++)
            mark_symbol(link, work, item.file, input->relocs[i].symbol, input->relocs[i].addend);
    }
}

static bool is_root(const struct link *link, const struct isa_object_section *input, int32_t row)
{
    bool kept =
        row != LINK_NONE && isa_link_rows[row].kind == LINK_INPUT && isa_link_rows[row].number;
    return link->options->keep_unused || kept || input->flags & SHF_GNU_RETAIN;
}

static void mark_roots(struct link *link, struct work *work)
{
    for (size_t f = 0; f < link->n_files; f++) {
        const struct link_file *file = &link->files[f];
        for (size_t s = 0; file->live && s < file->object->n_sections; s++) {
            struct link_section *state = &file->sections[s];
            if (!is_root(link, &file->object->sections[s], state->row))
                continue;
            mark(link, work, (int32_t)f, (int32_t)s, 0);
            for (size_t i = 0; i < state->n_pieces; i++)
                state->pieces[i].live = true;
        }
    }
}

static void mark_entry(struct link *link, struct work *work)
{
    const struct link_global *entry = isa_link_find(link, link->options->entry);
    if (!entry || entry->state != LINK_DEFINED)
        return;
    const struct isa_object_symbol *symbol =
        &link->files[entry->file].object->symbols[entry->symbol];
    if (symbol->section >= 0)
        mark(link, work, entry->file, symbol->section, symbol->value);
}

static void mark_tied(struct link *link)
{
    for (size_t f = 0; f < link->n_files; f++) {
        struct link_file *file = &link->files[f];
        for (size_t s = 0; file->live && s < file->object->n_sections; s++) {
            const struct isa_object_section *input = &file->object->sections[s];
            bool tied = !(input->flags & SHF_ALLOC) && input->flags & SHF_LINK_ORDER;
            if (tied && input->linked && !isa_link_discarded(input))
                file->sections[s].live = file->sections[input->linked - 1].live;
        }
    }
}

void isa_link_collect(struct link *link)
{
    struct work work = {0};
    prepare(link);
    if (isa_link_going(link)) {
        mark_entry(link, &work);
        mark_roots(link, &work);
        follow(link, &work);
        mark_tied(link);
    }
    free(work.items);
}
