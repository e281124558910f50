/* SPDX-License-Identifier: MIT */
/* Device code that `select` and `unique` share: writes the elements of an array that are to be kept
 * one after the other, in order.
 *
 * Every tasklet counts what it keeps of its slice; after a barrier it knows from the counts of the
 * tasklets before it where its own output starts. Elements have eight bytes, so every position is
 * one that a DMA transfer may start at. */
#ifndef COMPACT_H
#define COMPACT_H

#include <barrier.h>
#include <defs.h>
#include <mram.h>
#include <stdbool.h>
#include <stdint.h>

enum { MOST = 1 << 20, BLOCK = 64 }; /* elements */

/* Whether to keep an element, given the one before it. */
typedef bool keep_fn(uint64_t element, uint64_t previous);

__mram_noinit uint64_t input[MOST], output[MOST];
__host uint32_t n, kept;
__host uint64_t previous_of_first; /* the element before input[0] */

static __dma_aligned uint64_t in[NR_TASKLETS][BLOCK], out[NR_TASKLETS][BLOCK];
static uint32_t counts[NR_TASKLETS];

BARRIER_INIT(all_counted, NR_TASKLETS);

static inline uint32_t slice_elements(void)
{
    return (n + NR_TASKLETS - 1) / NR_TASKLETS;
}

static inline uint64_t element_before(uint32_t first)
{
    return first == 0 ? previous_of_first : input[first - 1];
}

/* Passes over the slice; returns the number of elements to keep. With `writing` they go to
 * output[at] and following. */
static inline uint32_t pass_slice(keep_fn *keep, bool writing, uint32_t at)
{
    uint32_t first = me() * slice_elements(), end = first + slice_elements(), count = 0;
    end = end < n ? end : n;
    if (first >= end)
        return 0;
    uint64_t previous = element_before(first);
    for (; first < end; first += BLOCK) {
        uint32_t elements = end - first < BLOCK ? end - first : BLOCK, found = 0;
        mram_read(&input[first], in[me()], elements * sizeof(uint64_t));
        for (uint32_t i = 0; i < elements; i++) {
            uint64_t element = in[me()][i];
            if (keep(element, previous))
                out[me()][found++] = element;
            previous = element;
        }
        if (writing && found > 0)
            mram_write(out[me()], &output[at + count], found * sizeof(uint64_t));
        count += found;
    }
    return count;
}

static inline void compact(keep_fn *keep)
{
    uint32_t at = 0;
    counts[me()] = pass_slice(keep, false, 0);
    barrier_wait(&all_counted);
    for (uint32_t i = 0; i < me(); i++)
        at += counts[i];
    pass_slice(keep, true, at);
    if (me() == NR_TASKLETS - 1)
        kept = at + counts[me()];
}

#endif
