/* SPDX-License-Identifier: MIT */
/* The sum of an array: every tasklet adds up its blocks, then the tasklets' sums are added pairwise
 * in a tree, with a barrier before each of its levels.
 *
 * The host writes `numbers` and n, and reads `sum`. */
#include <barrier.h>
#include <defs.h>
#include <mram.h>
#include <stdint.h>

enum { MOST = 1 << 20, BLOCK = 128 }; /* elements */

__mram_noinit uint32_t numbers[MOST];
__host uint32_t n;
__host uint64_t sum;

static __dma_aligned uint32_t buffers[NR_TASKLETS][BLOCK];
static uint64_t sums[NR_TASKLETS];

BARRIER_INIT(level, NR_TASKLETS);

static uint64_t sum_block(uint32_t first)
{
    uint32_t *block = buffers[me()], count = n - first < BLOCK ? n - first : BLOCK;
    uint64_t total = 0;
    mram_read(&numbers[first], block, sizeof buffers[0]);
    for (uint32_t i = 0; i < count; i++)
        total += block[i];
    return total;
}

int main(void)
{
    uint64_t mine = 0;
    for (uint32_t first = me() * BLOCK; first < n; first += NR_TASKLETS * BLOCK)
        mine += sum_block(first);
    sums[me()] = mine;
    for (uint32_t step = 1; step < NR_TASKLETS; step *= 2) {
        barrier_wait(&level);
        if (me() % (2 * step) == 0 && me() + step < NR_TASKLETS)
            sums[me()] += sums[me() + step];
    }
    if (me() == 0)
        sum = sums[0];
    return 0;
}
