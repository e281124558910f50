/* SPDX-License-Identifier: MIT */
/* What is wrong with a complete layout: memories that overflow, by how much and through which
 * symbols; symbols that nobody defines, and all places that use them. */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "link.h"

/* ---- memories ------------------------------------------------------------------------------- */

enum { LARGEST = 5, MAX_UNALLOCATED_BYTES = 1 << 30 };

struct candidate {
    const char *name;
    uint64_t size_bytes;
};

static uint64_t memory_limit(const struct link *link, enum isa_memory memory)
{
    switch (memory) {
    case ISA_IRAM:
        return isa_link_absolute(link, "DPU_IRAM_SIZE");
    case ISA_WRAM:
        return isa_link_absolute(link, "DPU_WRAM_SIZE");
    case ISA_MRAM:
        return ISA_MRAM_BYTES;
    default:
        return isa_link_absolute(link, "DPU_ATOMIC_SIZE");
    }
}

/* Inserts into the list of the largest, largest first. */
static void consider(struct candidate largest[LARGEST], const char *name, uint64_t size_bytes)
{
    struct candidate one = {name, size_bytes};
    for (unsigned i = 0; i < LARGEST && one.size_bytes; i++)
        if (one.size_bytes > largest[i].size_bytes) {
            struct candidate smaller = largest[i];
            largest[i] = one;
            one = smaller;
        }
}

static void consider_file(const struct link *link, int32_t file, enum isa_memory memory,
                          struct candidate largest[LARGEST])
{
    const struct isa_object *object = link->files[file].object;
    for (uint32_t i = 0; i < object->n_symbols; i++) {
        const struct isa_object_symbol *symbol = &object->symbols[i];
        int32_t output =
            symbol->section < 0 ? LINK_NONE : link->files[file].sections[symbol->section].output;
        if (output != LINK_NONE && link->files[file].sections[symbol->section].live &&
            link->outputs[output].allocated && link->outputs[output].memory == memory)
            consider(largest, symbol->name, symbol->size_bytes);
    }
}

static void find_largest(const struct link *link, enum isa_memory memory,
                         struct candidate largest[LARGEST])
{
    for (size_t f = 0; f < link->n_files; f++)
        if (link->files[f].live)
            consider_file(link, (int32_t)f, memory, largest);
    for (size_t i = 0; memory == ISA_WRAM && i < link->n_globals; i++)
        if (link->globals[i].state == LINK_COMMON && link->globals[i].output != LINK_NONE)
            consider(largest, link->globals[i].name, link->globals[i].size_bytes);
    uint64_t stacks = 0;
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++)
        stacks += isa_link_absolute(link, link->stack_sizes[i]);
    if (memory == ISA_WRAM)
        consider(largest, "(stacks of all tasklets)", stacks);
}

static void report_overflow(struct link *link, enum isa_memory memory, uint64_t used,
                            uint64_t limit)
{
    static const struct unit {
        uint32_t bytes;
        const char *name, *symbols;
    } units[ISA_MEMORY_COUNT] = {[ISA_IRAM] = {ISA_INSN_BYTES, "instructions", "functions"},
                                 [ISA_WRAM] = {1, "bytes", "symbols"},
                                 [ISA_MRAM] = {1, "bytes", "symbols"},
                                 [ISA_ATOMIC] = {1, "bits", "symbols"}};
    const struct unit *unit = &units[memory];
    struct candidate largest[LARGEST] = {{NULL, 0}};
    char list[512] = "";
    size_t len = 0;
    find_largest(link, memory, largest);
    for (unsigned i = 0; i < LARGEST && largest[i].name && len < sizeof list; i++)
        len += (size_t)snprintf(list + len, sizeof list - len, "%s%.60s %llu", i ? ", " : "",
                                largest[i].name,
                                (unsigned long long)(largest[i].size_bytes / unit->bytes));
    isa_link_error(
        link, NULL,
        "program does not fit: %s needs %llu %s, chip %s has %llu: %llu too many%s%s%s%s",
        isa_memory_name(memory), (unsigned long long)(used / unit->bytes), unit->name,
        link->chip->name, (unsigned long long)(limit / unit->bytes),
        (unsigned long long)((used - limit + unit->bytes - 1) / unit->bytes),
        *list ? "; largest " : "", *list ? unit->symbols : "", *list ? ": " : "", list);
}

void isa_link_check_memories(struct link *link)
{
    static const uint64_t bases[ISA_MEMORY_COUNT] = {[ISA_IRAM] = ISA_IRAM_BASE,
                                                     [ISA_WRAM] = ISA_WRAM_BASE,
                                                     [ISA_MRAM] = ISA_MRAM_BASE,
                                                     [ISA_ATOMIC] = ISA_ATOMIC_BASE};
    uint64_t used[ISA_MEMORY_COUNT] = {0};
    for (size_t i = 0; i < link->n_outputs; i++) {
        const struct link_output *output = &link->outputs[i];
        uint64_t end = output->address + output->size_bytes;
        if (output->allocated && end - bases[output->memory] > used[output->memory])
            used[output->memory] = end - bases[output->memory];
        if (!output->allocated && end > MAX_UNALLOCATED_BYTES)
            isa_link_error(link, NULL, "section %s takes %llu bytes, wanted at most %d",
                           output->name, (unsigned long long)end, MAX_UNALLOCATED_BYTES);
    }
    for (unsigned i = 0; i < ISA_MEMORY_COUNT; i++) {
        uint64_t limit = memory_limit(link, (enum isa_memory)i);
        if (used[i] > limit)
            report_overflow(link, (enum isa_memory)i, used[i], limit);
    }
}

/* ---- undefined symbols ---------------------------------------------------------------------- */

enum { SHOWN_USES = 4 };

struct use {
    int32_t global, file, section;
    uint32_t offset_bytes;
};

struct uses {
    struct use *items;
    size_t count, capacity;
};

static void add_use(struct link *link, struct uses *uses, const struct use *use)
{
    link->globals[use->global].uses++;
    if (isa_array_reserve(&uses->items, &uses->capacity, uses->count, sizeof *uses->items))
        uses->items[uses->count++] = *use;
    else
        link->no_memory = true;
}

static void find_uses(struct link *link, int32_t file, int32_t section, struct uses *uses)
{
    const struct isa_object_section *input = &link->files[file].object->sections[section];
    for (size_t i = 0; i < input->n_relocs; i++) {
        const struct isa_object_reloc *reloc = &input->relocs[i];
        const struct link_global *global = isa_link_global_of(link, file, reloc->symbol);
        bool local = link->files[file].object->symbols[reloc->symbol].binding == STB_LOCAL;
        struct link_place place;
        if (isa_link_locate_symbol(link, file, reloc->symbol, 0, &place) != LINK_MISSING)
            continue;
        if (local)
            isa_link_error(link, isa_link_file_name(link, file),
                           "section %s uses the local symbol \"%s\", which has no place",
                           input->name, link->files[file].object->symbols[reloc->symbol].name);
        else if (!global->weak)
            add_use(link, uses,
                    &(struct use){(int32_t)(global - link->globals), file, section,
                                  reloc->offset_bytes});
    }
}

/* Name of the function around an offset, else of the section. */
static const char *function_name(const struct isa_object *object, int32_t section,
                                 uint32_t offset_bytes)
{
    for (size_t i = 0; i < object->n_symbols; i++) {
        const struct isa_object_symbol *symbol = &object->symbols[i];
        if (symbol->section == section && symbol->type == STT_FUNC &&
            offset_bytes >= symbol->value && offset_bytes - symbol->value < symbol->size_bytes)
            return symbol->name;
    }
    return NULL;
}

static size_t print_use(const struct link *link, const struct use *use, char *text, size_t size)
{
    const struct isa_object *object = link->files[use->file].object;
    const char *section = object->sections[use->section].name;
    const char *function = function_name(object, use->section, use->offset_bytes);
    if (function)
        return (size_t)snprintf(text, size, "%.80s in function %.80s (%.80s+0x%x)", object->name,
                                function, section, use->offset_bytes);
    return (size_t)snprintf(text, size, "%.80s in section %.80s (+0x%x)", object->name, section,
                            use->offset_bytes);
}

static const char *nearest_name(const struct link *link, const char *name)
{
    const char **names = calloc(link->n_globals + 1, sizeof *names);
    size_t count = 0;
    for (size_t i = 0; names && i < link->n_globals; i++)
        if (link->globals[i].state != LINK_UNDEFINED)
            names[count++] = link->globals[i].name;
    const char *nearest = names ? isa_nearest(name, names, count) : NULL;
    free(names);
    return nearest;
}

/* What users of other machines expect, and what a DPU has instead. */
static const char *cure_for(const char *name)
{
    static const char no_math[] = "a DPU has no library of mathematical functions";
    static const char no_malloc[] = "a DPU has mem_alloc() of alloc.h, which is not freed";
    static const char in_defs[] = "it is in defs.h: #include <defs.h>";
    static const struct {
        const char *name, *cure;
    } cures[] = {{"main", "which source has int main(void)? It must be among the inputs"},
                 {"me", in_defs},
                 {"malloc", no_malloc},
                 {"calloc", no_malloc},
                 {"realloc", no_malloc},
                 {"free", no_malloc},
                 {"sprintf", "a DPU has printf() only; it goes to the host's dpu_log_read()"},
                 {"snprintf", "a DPU has printf() only; it goes to the host's dpu_log_read()"},
                 {"mram_read", "it is in mram.h: #include <mram.h>"},
                 {"mram_write", "it is in mram.h: #include <mram.h>"},
                 {"sqrt", no_math},
                 {"sqrtf", no_math},
                 {"exp", no_math},
                 {"expf", no_math},
                 {"log", no_math},
                 {"logf", no_math},
                 {"pow", no_math},
                 {"powf", no_math},
                 {"sin", no_math},
                 {"cos", no_math},
                 {"floor", no_math},
                 {"fmod", no_math}};
    for (size_t i = 0; i < sizeof cures / sizeof *cures; i++)
        if (strcmp(name, cures[i].name) == 0)
            return cures[i].cure;
    return NULL;
}

static void report_undefined(struct link *link, int32_t global, const struct uses *uses)
{
    const char *name = link->globals[global].name;
    const char *cure = cure_for(name), *nearest = cure ? NULL : nearest_name(link, name);
    char places[1400] = "", more[48] = "";
    size_t len = 0, shown = 0;
    for (size_t i = 0; i < uses->count && shown < SHOWN_USES; i++) {
        if (uses->items[i].global != global)
            continue;
        if (shown++)
            len += (size_t)snprintf(places + len, sizeof places - len, ", ");
        len += print_use(link, &uses->items[i], places + len, sizeof places - len);
    }
    if (link->globals[global].uses > shown)
        snprintf(more, sizeof more, " and %zu more places", link->globals[global].uses - shown);
    isa_link_error(link, NULL, "undefined symbol \"%s\", used by %s%s%s%s%s%s%s", name, places,
                   more, nearest ? "; did you mean \"" : "", nearest ? nearest : "",
                   nearest ? "\"?" : "", cure ? "; " : "", cure ? cure : "");
}

void isa_link_check_undefined(struct link *link)
{
    struct uses uses = {0};
    for (size_t f = 0; f < link->n_files; f++)
        for (size_t s = 0; s < link->files[f].object->n_sections; s++) {
            const struct link_section *state = &link->files[f].sections[s];
            if (state->live && state->row != LINK_NONE)
                find_uses(link, (int32_t)f, (int32_t)s, &uses);
        }
    for (size_t i = 0; i < link->n_globals; i++)
        if (link->globals[i].uses)
            report_undefined(link, (int32_t)i, &uses);
    free(uses.items);
}
