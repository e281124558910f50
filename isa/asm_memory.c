/* SPDX-License-Identifier: MIT */
/* Memory of the assembler: an arena for what lives until the end, growing arrays, and maps from
 * names to values. Without memory control goes back to isa_assemble, which frees the state. */
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "asm.h"

enum { BLOCK_BYTES = 1 << 16, GRAIN = 16 };

struct asm_block {
    struct asm_block *next;
    size_t used_bytes, size_bytes;
    _Alignas(GRAIN) char data[];
};

_Noreturn void asm_no_memory(struct asm_state *as)
{
    longjmp(as->no_memory, 1);
}

static struct asm_block *add_block(struct asm_state *as, size_t size_bytes)
{
    size_t room = size_bytes > BLOCK_BYTES ? size_bytes : BLOCK_BYTES;
    struct asm_block *block = calloc(1, sizeof *block + room);
    if (!block)
        asm_no_memory(as);
    block->size_bytes = room;
    struct asm_block *head = as->blocks;
    if (head && size_bytes > BLOCK_BYTES / 4) { /* the head may still have room for small pieces */
        block->next = head->next;
        head->next = block;
    } else {
        block->next = head;
        as->blocks = block;
    }
    return block;
}

void *asm_alloc(struct asm_state *as, size_t size_bytes)
{
    if (size_bytes > SIZE_MAX / 4)
        asm_no_memory(as);
    size_bytes = (size_bytes + GRAIN - 1) / GRAIN * GRAIN;
    struct asm_block *block = as->blocks;
    if (!block || block->size_bytes - block->used_bytes < size_bytes)
        block = add_block(as, size_bytes);
    void *piece = block->data + block->used_bytes;
    block->used_bytes += size_bytes;
    return piece;
}

char *asm_copy(struct asm_state *as, const char *text, size_t len_bytes)
{
    char *copy = asm_alloc(as, len_bytes + 1);
    if (len_bytes)
        memcpy(copy, text, len_bytes);
    return copy;
}

void asm_free_blocks(struct asm_state *as)
{
    for (struct asm_block *block = as->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    as->blocks = NULL;
}

void asm_grow(struct asm_state *as, void *array, size_t *capacity, size_t count,
              size_t element_bytes)
{
    if (!isa_array_reserve(array, capacity, count, element_bytes))
        asm_no_memory(as);
}

static uint32_t hash_of(const char *name, size_t len_bytes)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < len_bytes; i++)
        hash = (hash ^ (uint8_t)name[i]) * 16777619u;
    return hash ^ hash >> 15;
}

static struct asm_map_entry *slot_of(const struct asm_map *map, const char *name, size_t len_bytes,
                                     uint32_t hash)
{
    size_t at = hash & (map->capacity - 1);
    for (;; at = (at + 1) & (map->capacity - 1)) {
        struct asm_map_entry *entry = &map->entries[at];
        if (!entry->name || (entry->hash == hash && entry->len_bytes == len_bytes &&
                             memcmp(entry->name, name, len_bytes) == 0))
            return entry;
    }
}

static void enlarge(struct asm_state *as, struct asm_map *map)
{
    struct asm_map larger = {.capacity = map->capacity ? 2 * map->capacity : 64,
                             .count = map->count};
    larger.entries = calloc(larger.capacity, sizeof *larger.entries);
    if (!larger.entries)
        asm_no_memory(as);
    for (size_t i = 0; i < map->capacity; i++) {
        const struct asm_map_entry *old = &map->entries[i];
        if (old->name)
            *slot_of(&larger, old->name, old->len_bytes, old->hash) = *old;
    }
    free(map->entries);
    *map = larger;
}

struct asm_map_entry *asm_map_get(struct asm_state *as, struct asm_map *map, const char *name,
                                  size_t len_bytes)
{
    if (2 * map->count >= map->capacity)
        enlarge(as, map);
    uint32_t hash = hash_of(name, len_bytes);
    struct asm_map_entry *entry = slot_of(map, name, len_bytes, hash);
    if (!entry->name) {
        *entry = (struct asm_map_entry){
            .name = asm_copy(as, name, len_bytes), .len_bytes = (uint32_t)len_bytes, .hash = hash};
        map->count++;
    }
    return entry;
}

void *asm_map_find(const struct asm_map *map, const char *name, size_t len_bytes)
{
    if (!map->count)
        return NULL;
    return slot_of(map, name, len_bytes, hash_of(name, len_bytes))->value;
}
