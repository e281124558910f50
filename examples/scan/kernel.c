/* SPDX-License-Identifier: MIT */
/* Prefix sums: element i becomes the sum of the elements 0 to i (modulo 2^32).
 *
 * Two launches. In the first (scanning = 0) every tasklet adds up its slice of the array and the
 * DPU reports `total`. In the second the host has set `base`, the sum of all elements on the DPUs
 * before this one; tasklet t hands the sum before its slice on to tasklet t + 1, and all write the
 * prefix sums of their slices in place. */
#include <barrier.h>
#include <defs.h>
#include <handshake.h>
#include <mram.h>
#include <stdbool.h>
#include <stdint.h>

enum { MOST = 1 << 20, BLOCK = 128 }; /* elements */

__mram_noinit uint32_t numbers[MOST];
__host uint32_t n, scanning, base, total;

static __dma_aligned uint32_t buffers[NR_TASKLETS][BLOCK];
static uint32_t sums[NR_TASKLETS];   /* of the slices */
static uint32_t before[NR_TASKLETS]; /* sum of everything before the slice */

BARRIER_INIT(all_summed, NR_TASKLETS);

/* The slice of this tasklet, in whole blocks. */
static uint32_t slice_elements(void)
{
    uint32_t blocks = (n + BLOCK - 1) / BLOCK;
    return (blocks + NR_TASKLETS - 1) / NR_TASKLETS * BLOCK;
}

/* Adds the slice up, starting from `sum`; with `writing` the prefix sums replace the elements. */
static uint32_t pass_slice(uint32_t sum, bool writing)
{
    uint32_t *block = buffers[me()];
    uint32_t first = me() * slice_elements(), end = first + slice_elements();
    for (; first < end && first < n; first += BLOCK) {
        mram_read(&numbers[first], block, sizeof buffers[0]);
        for (uint32_t i = 0; i < BLOCK && first + i < n; i++)
            block[i] = sum += block[i];
        if (writing)
            mram_write(block, &numbers[first], sizeof buffers[0]);
    }
    return sum;
}

/* The chain of tasklets: each learns what is before it, and tells the next. */
static uint32_t sum_before_slice(void)
{
    if (me() == 0)
        before[0] = base;
    else
        handshake_wait_for(me() - 1);
    if (me() + 1 < NR_TASKLETS) {
        before[me() + 1] = before[me()] + sums[me()];
        handshake_notify();
    }
    return before[me()];
}

int main(void)
{
    if (scanning) {
        pass_slice(sum_before_slice(), true);
        return 0;
    }
    sums[me()] = pass_slice(0, false);
    barrier_wait(&all_summed);
    if (me() == 0) {
        total = 0;
        for (uint32_t i = 0; i < NR_TASKLETS; i++)
            total += sums[i];
    }
    return 0;
}
