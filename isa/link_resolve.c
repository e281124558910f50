/* SPDX-License-Identifier: MIT */
/* Global symbols: one table for all files. Strong definitions beat commons, commons beat weak
 * definitions; the linker's own symbols (layout.def, options) beat everything. Archive members are
 * pulled in by strong undefined references, in whatever order files and archives were named. */
#include <elf.h>

#include "array.h"
#include "link.h"

/* ---- table ---------------------------------------------------------------------------------- */

static uint32_t hash_of(const char *name)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (; *name; name++)
        hash = (hash ^ (uint8_t)*name) * 16777619u;
    return hash;
}

static uint32_t *find_slot(const struct link *link, const char *name)
{
    size_t slot = hash_of(name) & link->slots_mask;
    while (link->slots[slot] && strcmp(link->globals[link->slots[slot] - 1].name, name) != 0)
        slot = (slot + 1) & link->slots_mask;
    return &link->slots[slot];
}

static bool grow_table(struct link *link)
{
    if (link->slots && 2 * (link->n_globals + 1) <= link->slots_mask)
        return true;
    size_t count = link->slots ? 2 * (link->slots_mask + 1) : 256;
    uint32_t *slots = calloc(count, sizeof *slots);
    if (!slots)
        return false;
    free(link->slots);
    link->slots = slots;
    link->slots_mask = count - 1;
    for (size_t i = 0; i < link->n_globals; i++)
        *find_slot(link, link->globals[i].name) = (uint32_t)i + 1;
    return true;
}

int32_t isa_link_global(struct link *link, const char *name)
{
    if (!grow_table(link) || !isa_array_reserve(&link->globals, &link->globals_capacity,
                                                link->n_globals, sizeof *link->globals)) {
        link->no_memory = true;
        return LINK_NONE;
    }
    uint32_t *slot = find_slot(link, name);
    if (!*slot) {
        link->globals[link->n_globals++] = (struct link_global){.name = name,
                                                                .state = LINK_UNDEFINED,
                                                                .weak = true,
                                                                .file = LINK_NONE,
                                                                .output = LINK_NONE};
        *slot = (uint32_t)link->n_globals;
    }
    return (int32_t)*slot - 1;
}

const struct link_global *isa_link_find(const struct link *link, const char *name)
{
    uint32_t found = link->slots ? *find_slot(link, name) : 0;
    return found ? &link->globals[found - 1] : NULL;
}

uint32_t isa_link_absolute(const struct link *link, const char *name)
{
    const struct link_global *global = isa_link_find(link, name);
    return global && global->state == LINK_LINKER ? (uint32_t)global->value : 0;
}

void isa_link_define(struct link *link, const char *name, int32_t output, uint64_t value)
{
    int32_t number = isa_link_global(link, name);
    if (number == LINK_NONE)
        return;
    struct link_global *global = &link->globals[number];
    global->state = LINK_LINKER;
    global->weak = false;
    global->output = output;
    global->value = value;
}

struct link_global *isa_link_global_of(const struct link *link, int32_t file, uint32_t symbol)
{
    int32_t number = link->files[file].globals[symbol];
    return number == LINK_NONE ? NULL : &link->globals[number];
}

bool isa_link_target(const struct link *link, int32_t *file, uint32_t *symbol)
{
    const struct link_global *global = isa_link_global_of(link, *file, *symbol);
    if (!global)
        return link->files[*file].object->symbols[*symbol].section != ISA_SECTION_UNDEFINED;
    if (global->state != LINK_DEFINED)
        return false;
    *file = global->file;
    *symbol = global->symbol;
    return true;
}

/* ---- definitions and references ------------------------------------------------------------- */

static void pull(struct link *link, struct link_global *global)
{
    link->files[global->file].live = true;
    global->state = LINK_UNDEFINED;
}

static void refer(struct link *link, struct link_global *global, bool weak)
{
    if (global->state == LINK_LAZY && !weak)
        pull(link, global);
    if (global->state == LINK_UNDEFINED)
        global->weak = global->weak && weak;
}

static void set_definition(struct link_global *global, enum link_state state, int32_t file,
                           uint32_t symbol, bool weak)
{
    global->state = state;
    global->file = file;
    global->symbol = symbol;
    global->weak = weak;
}

static void define(struct link *link, struct link_global *global, int32_t file, uint32_t symbol,
                   bool weak)
{
    bool taken = global->state == LINK_DEFINED || global->state == LINK_COMMON;
    if (global->state == LINK_LINKER || (taken && weak))
        return;
    if (global->state == LINK_DEFINED && !global->weak)
        isa_link_error(link, isa_link_file_name(link, file),
                       "symbol \"%s\" is defined twice: in %s and in %s", global->name,
                       isa_link_file_name(link, global->file), isa_link_file_name(link, file));
    else
        set_definition(global, LINK_DEFINED, file, symbol, weak);
}

static void define_common(struct link *link, struct link_global *global, int32_t file,
                          uint32_t symbol)
{
    const struct isa_object_symbol *common = &link->files[file].object->symbols[symbol];
    bool strong = global->state == LINK_DEFINED && !global->weak;
    if (global->state == LINK_LINKER || strong)
        return;
    if (global->state != LINK_COMMON) {
        set_definition(global, LINK_COMMON, file, symbol, false);
        global->align_bytes = 1;
    }
    uint32_t align = common->value;
    if (align > global->align_bytes && (align & (align - 1)) == 0)
        global->align_bytes = align;
    if (common->size_bytes > global->size_bytes)
        global->size_bytes = common->size_bytes;
}

static void enter_symbol(struct link *link, int32_t file, uint32_t number)
{
    const struct isa_object_symbol *symbol = &link->files[file].object->symbols[number];
    struct link_global *global = isa_link_global_of(link, file, number);
    bool weak = symbol->binding == STB_WEAK;
    if (symbol->visibility == STV_HIDDEN || symbol->visibility == STV_INTERNAL)
        global->hidden = true;
    if (symbol->section == ISA_SECTION_UNDEFINED)
        refer(link, global, weak);
    else if (symbol->section == ISA_SECTION_COMMON)
        define_common(link, global, file, number);
    else
        define(link, global, file, number, weak);
}

/* A member that waits: its definitions are offers. */
static void offer_symbol(struct link *link, int32_t file, uint32_t number)
{
    const struct isa_object_symbol *symbol = &link->files[file].object->symbols[number];
    struct link_global *global = isa_link_global_of(link, file, number);
    if (symbol->section == ISA_SECTION_UNDEFINED || global->state != LINK_UNDEFINED)
        return;
    bool wanted = !global->weak;
    global->state = LINK_LAZY;
    global->file = file;
    if (wanted)
        pull(link, global);
}

static void enter_file(struct link *link, int32_t file)
{
    const struct isa_object *object = link->files[file].object;
    bool live = link->files[file].live; /* may change on the way: then all is entered later */
    for (uint32_t i = 0; i < object->n_symbols; i++) {
        if (link->files[file].globals[i] == LINK_NONE)
            continue;
        if (live)
            enter_symbol(link, file, i);
        else
            offer_symbol(link, file, i);
    }
}

static bool number_globals(struct link *link)
{
    for (size_t f = 0; f < link->n_files; f++) {
        struct link_file *file = &link->files[f];
        for (size_t i = 0; i < file->object->n_symbols; i++) {
            const struct isa_object_symbol *symbol = &file->object->symbols[i];
            bool local = symbol->binding == STB_LOCAL;
            file->globals[i] = local ? LINK_NONE : isa_link_global(link, symbol->name);
            if (link->no_memory)
                return false;
        }
    }
    return true;
}

/* ---- all of it ------------------------------------------------------------------------------ */

static void check_abi(struct link *link)
{
    const struct isa_object *first = NULL;
    for (size_t f = 0; f < link->n_files; f++) {
        const struct isa_object *object = link->files[f].object;
        if (!link->files[f].live)
            continue;
        if (!first)
            first = object;
        if (object->e_flags != first->e_flags)
            isa_link_error(link, object->name,
                           "%s has ABI %u (e_flags 0x%08x), %s has ABI %u (e_flags 0x%08x): "
                           "compile both with the same compiler",
                           object->name, object->e_flags >> 24, object->e_flags, first->name,
                           first->e_flags >> 24, first->e_flags);
    }
}

void isa_link_resolve(struct link *link)
{
    int32_t entry = isa_link_global(link, link->options->entry);
    bool *entered = calloc(link->n_files + 1, sizeof *entered);
    if (!entered || !number_globals(link)) {
        link->no_memory = true;
        free(entered);
        return;
    }
    refer(link, &link->globals[entry], false);
    for (size_t f = 0; f < link->n_files; f++) {
        entered[f] = link->files[f].live;
        enter_file(link, (int32_t)f);
    }
    for (bool again = true; again;) { /* members pulled in may pull in others */
        again = false;
        for (size_t f = 0; f < link->n_files; f++) {
            if (!link->files[f].live || entered[f])
                continue;
            again = entered[f] = true;
            enter_file(link, (int32_t)f);
        }
    }
    free(entered);
    check_abi(link);
}
