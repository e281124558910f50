/* SPDX-License-Identifier: MIT */
/* Memory of one compilation: pieces are taken one after the other and freed together. Without
 * memory the process ends with a message: these are programs, no libraries. */
#ifndef COMPILER_ARENA_H
#define COMPILER_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena_chunk;
struct arena {
    struct arena_chunk *chunks;
    size_t used_bytes, size_bytes; /* of the newest chunk */
};

void *arena_alloc(struct arena *arena, size_t size_bytes); /* zeroed, aligned to 16 */
char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *arena_vformat(struct arena *arena, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
void arena_free(struct arena *arena);
/* realloc of an array with doubling; ends the process without memory. */
void *grow_array(void *array, size_t *capacity, size_t count, size_t element_bytes);

#endif
