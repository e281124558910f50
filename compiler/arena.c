/* SPDX-License-Identifier: MIT */
/* Memory of one compilation. */
#include "arena.h"

#include <errno.h> /* program_invocation_short_name */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arena_chunk {
    struct arena_chunk *next;
    _Alignas(16) char data[];
};

static void *checked(void *memory)
{
    if (!memory) {
        fprintf(stderr, "%s: error: out of memory\n", program_invocation_short_name);
        exit(1);
    }
    return memory;
}

void *arena_alloc(struct arena *arena, size_t size_bytes)
{
    enum { FIRST_BYTES = 1 << 12, MOST_BYTES = 1 << 18 };
    size_bytes = (size_bytes + 15) & ~(size_t)15;
    if (arena->used_bytes + size_bytes > arena->size_bytes) {
        /* Chunks are cleared, and most functions are small: they begin small and grow. */
        size_t usual = arena->size_bytes ? arena->size_bytes * 2 : FIRST_BYTES;
        usual = usual > MOST_BYTES ? MOST_BYTES : usual;
        arena->size_bytes = size_bytes > usual ? size_bytes : usual;
        struct arena_chunk *chunk = checked(calloc(1, sizeof *chunk + arena->size_bytes));
        chunk->next = arena->chunks;
        arena->chunks = chunk;
        arena->used_bytes = 0;
    }
    void *memory = arena->chunks->data + arena->used_bytes;
    arena->used_bytes += size_bytes;
    return memory;
}

char *arena_vformat(struct arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = arena_alloc(arena, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, format, args);
    return text;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = arena_vformat(arena, format, args);
    va_end(args);
    return text;
}

void arena_free(struct arena *arena)
{
    while (arena->chunks) {
        struct arena_chunk *next = arena->chunks->next;
        free(arena->chunks);
        arena->chunks = next;
    }
    arena->used_bytes = arena->size_bytes = 0;
}

void *grow_array(void *array, size_t *capacity, size_t count, size_t element_bytes)
{
    if (count < *capacity)
        return array;
    *capacity = *capacity ? *capacity * 2 : 16;
    if (*capacity <= count)
        *capacity = count + 1;
    return checked(realloc(array, *capacity * element_bytes));
}
