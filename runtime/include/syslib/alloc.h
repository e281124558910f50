/* SPDX-License-Identifier: MIT */
/* The heap: all WRAM behind variables and stacks, shared by the tasklets. Memory is only given back
 * as a whole; it keeps its state from one launch to the next, so programs begin with mem_reset.
 *
 *   if (me() == 0) mem_reset();
 *   barrier_wait(&my_barrier);
 *   uint32_t *block = mem_alloc(1024);
 */
#ifndef DPU_ALLOC_H
#define DPU_ALLOC_H

#include <buddy_alloc.h>
#include <fsb_allocator.h>
#include <stddef.h>

/* `size` bytes, 8-byte aligned; 0: the current pointer. Fault 1 when the heap is full. */
void *mem_alloc(size_t size);
/* Give everything back. Returns the start of the heap. */
void *mem_reset(void);

#endif
