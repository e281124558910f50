/* SPDX-License-Identifier: MIT */
/* Memory that can be freed: blocks of 16 bytes times powers of two in one area taken from the heap.
 * Safe to call from any tasklet. */
#ifndef DPU_BUDDY_ALLOC_H
#define DPU_BUDDY_ALLOC_H

#include <stddef.h>

/* Once per launch: take `size` bytes, a power of 2 of at least 32, from the heap. Later calls do
 * nothing. */
void buddy_init(size_t size);
/* NULL with errno EINVAL (size 0 or larger than the area, or no area) or ENOMEM. */
void *buddy_alloc(size_t size);
/* NULL is ignored; EINVAL for what buddy_alloc did not return. */
void buddy_free(void *pointer);
/* As realloc: NULL allocates, 0 frees; on failure the block stays as it is. */
void *buddy_realloc(void *pointer, size_t size);
/* Free everything and forget the area; needed after mem_reset. */
void buddy_reset(void);

#endif
