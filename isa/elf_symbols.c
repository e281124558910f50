/* SPDX-License-Identifier: MIT */
/* Symbols of a program by name (open-addressing hash table) and by address (sorted index with links
 * to the enclosing symbol). Built once at load, read-only afterwards. */
#include <stdlib.h>
#include <string.h>

#include "program.h"

/* ---- by name -------------------------------------------------------------------------------- */

static uint32_t hash_of(const char *name)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (; *name; name++)
        hash = (hash ^ (uint8_t)*name) * 16777619u;
    return hash;
}

static bool has_name(const struct isa_symbol *symbol)
{
    return symbol->defined && symbol->type != ISA_SYMBOL_FILE && *symbol->name;
}

/* Slot of the name, or the free slot where it belongs. */
static uint32_t *find_slot(const struct isa_program *program, const char *name)
{
    const struct isa_program_private *priv = program->priv;
    size_t slot = hash_of(name) & priv->names_mask;
    while (priv->names[slot] && strcmp(program->symbols[priv->names[slot] - 1].name, name) != 0)
        slot = (slot + 1) & priv->names_mask;
    return &priv->names[slot];
}

static bool index_names(struct isa_program *program, const char **duplicate)
{
    struct isa_program_private *priv = program->priv;
    size_t slots = 16;
    while (slots < 2 * program->n_symbols)
        slots *= 2;
    priv->names = calloc(slots, sizeof *priv->names);
    priv->names_mask = slots - 1;
    if (!priv->names)
        return false;
    for (size_t i = 0; i < program->n_symbols; i++) {
        const struct isa_symbol *symbol = &program->symbols[i];
        if (!has_name(symbol))
            continue;
        uint32_t *slot = find_slot(program, symbol->name);
        bool taken = *slot && (program->symbols[*slot - 1].global || !symbol->global);
        if (*slot && symbol->global && program->symbols[*slot - 1].global && !*duplicate)
            *duplicate = symbol->name;
        if (!taken)
            *slot = (uint32_t)i + 1;
    }
    return true;
}

const struct isa_symbol *isa_program_find_symbol(const struct isa_program *program,
                                                 const char *name)
{
    uint32_t found = name ? *find_slot(program, name) : 0;
    return found ? &program->symbols[found - 1] : NULL;
}

const char *isa_program_nearest_symbol(const struct isa_program *program, const char *name)
{
    const char **names = calloc(program->n_symbols + 1, sizeof *names);
    if (!names || !name) {
        free(names);
        return NULL;
    }
    size_t count = 0;
    for (size_t i = 0; i < program->n_symbols; i++)
        if (has_name(&program->symbols[i]))
            names[count++] = program->symbols[i].name;
    const char *nearest = isa_nearest(name, names, count);
    free(names);
    return nearest;
}

/* ---- by address ----------------------------------------------------------------------------- */

static bool is_code(const struct isa_symbol *symbol)
{
    enum isa_memory memory;
    uint32_t offset_bytes;
    return isa_address_split(symbol->value, &memory, &offset_bytes) && memory == ISA_IRAM;
}

static bool is_in(const struct isa_symbol *symbol, bool functions)
{
    if (!has_name(symbol) || symbol->absolute)
        return false;
    if (functions)
        return symbol->type == ISA_SYMBOL_FUNCTION ||
               (symbol->type == ISA_SYMBOL_NONE && is_code(symbol));
    return symbol->type == ISA_SYMBOL_OBJECT ||
           (symbol->type == ISA_SYMBOL_NONE && !is_code(symbol));
}

/* Order of address; at one address the symbol to prefer comes last: sized before unsized, the
 * smallest of the sized ones, global before local, the later one in the file. */
static int compare(const void *a, const void *b, void *context)
{
    uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    const struct isa_symbol *symbols = context;
    const struct isa_symbol *x = &symbols[i], *y = &symbols[j];
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    if (x->size_bytes != y->size_bytes)
        return x->size_bytes - 1 > y->size_bytes - 1 ? -1 : 1; /* 0 wraps: is the largest */
    if (x->global != y->global)
        return y->global ? -1 : 1;
    return i < j ? -1 : i > j;
}

static uint64_t end_of(const struct isa_symbol *symbol)
{
    return (uint64_t)symbol->value + symbol->size_bytes;
}

static void link_outer(const struct isa_program *program, struct isa_symbol_index *index)
{
    uint32_t top = 0;
    for (uint32_t i = 0; i < index->count; i++) {
        uint32_t value = program->symbols[index->order[i]].value;
        while (top && end_of(&program->symbols[index->order[top - 1]]) <= value)
            top = index->outer[top - 1];
        index->outer[i] = top;
        top = i + 1;
    }
}

static bool index_addresses(const struct isa_program *program, struct isa_symbol_index *index,
                            bool functions)
{
    index->order = calloc(program->n_symbols + 1, sizeof *index->order);
    index->outer = calloc(program->n_symbols + 1, sizeof *index->outer);
    if (!index->order || !index->outer)
        return false;
    for (size_t i = 0; i < program->n_symbols; i++)
        if (is_in(&program->symbols[i], functions))
            index->order[index->count++] = (uint32_t)i;
    qsort_r(index->order, index->count, sizeof *index->order, compare, program->symbols);
    link_outer(program, index);
    return true;
}

/* Number of symbols at or below the address. */
static uint32_t count_below(const struct isa_program *program, const struct isa_symbol_index *index,
                            uint32_t address)
{
    uint32_t low = 0, high = (uint32_t)index->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (program->symbols[index->order[middle]].value <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct isa_symbol *isa_program_symbol_at(const struct isa_program *program, uint32_t address,
                                               bool functions)
{
    const struct isa_symbol_index *index = functions ? &program->priv->code : &program->priv->data;
    uint32_t below = count_below(program, index, address);
    for (uint32_t i = below; i > 0; i = index->outer[i - 1]) {
        const struct isa_symbol *symbol = &program->symbols[index->order[i - 1]];
        if (end_of(symbol) > address)
            return symbol;
    }
    const struct isa_symbol *nearest = below ? &program->symbols[index->order[below - 1]] : NULL;
    enum isa_memory memory, nearest_memory;
    uint32_t offset_bytes;
    if (!nearest || !isa_address_split(address, &memory, &offset_bytes) ||
        !isa_address_split(nearest->value, &nearest_memory, &offset_bytes) ||
        memory != nearest_memory)
        return NULL;
    return nearest;
}

/* ---- life ----------------------------------------------------------------------------------- */

enum dpusim_status isa_program_index(struct isa_program *program, const char **duplicate)
{
    struct isa_program_private *priv = program->priv;
    bool built = index_names(program, duplicate) && index_addresses(program, &priv->code, true) &&
                 index_addresses(program, &priv->data, false);
    return built ? DPUSIM_OK : DPUSIM_NO_MEMORY;
}

void isa_program_index_fini(struct isa_program_private *priv)
{
    free(priv->names);
    free(priv->code.order);
    free(priv->code.outer);
    free(priv->data.order);
    free(priv->data.outer);
}
