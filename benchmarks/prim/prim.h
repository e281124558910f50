/* SPDX-License-Identifier: MIT */
/* What the kernels of this folder share. They do the work of published PIM benchmarks on arrays in
 * MRAM, in blocks of 1024 bytes dealt to the tasklets in turn; written for dpusim from
 * descriptions. */
#ifndef PRIM_H
#define PRIM_H

#include <alloc.h>
#include <barrier.h>
#include <defs.h>
#include <handshake.h>
#include <mram.h>
#include <stdint.h>

enum { BLOCK = 1024 };

BARRIER_INIT(everybody, NR_TASKLETS);

/* Everybody waits until the heap is empty, then takes from it. */
static inline void begin(void)
{
    if (me() == 0)
        mem_reset();
    barrier_wait(&everybody);
}

static inline uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

#endif
