/* SPDX-License-Identifier: MIT */
/* A pool of blocks of one size, taken from the heap. Safe to call from any tasklet. */
#ifndef DPU_FSB_ALLOCATOR_H
#define DPU_FSB_ALLOCATOR_H

#include <stddef.h>

typedef void **fsb_allocator_t;

/* `count` blocks of `block_size` bytes, rounded up to a multiple of 8. Fault 1 when the heap is
 * full. */
fsb_allocator_t fsb_alloc(unsigned int block_size, unsigned int count);
/* A block, or NULL when all are in use. */
void *fsb_get(fsb_allocator_t pool);
void fsb_free(fsb_allocator_t pool, void *block);

#endif
