/* SPDX-License-Identifier: MIT */
/* Histogram, one for all tasklets: little WRAM, but every increment takes the mutex of its bin. A
 * pool of 16 mutexes serves all bins, so tasklets seldom meet.
 *
 * The host writes `pixels` and n and reads `histogram`. See private.c for the other way. */
#include <barrier.h>
#include <defs.h>
#include <mram.h>
#include <mutex_pool.h>
#include <stdint.h>

#include "histogram.h"

__mram_noinit uint8_t pixels[MOST_PIXELS];
__host uint32_t n, histogram[BINS];

static __dma_aligned uint8_t buffers[NR_TASKLETS][BLOCK];

BARRIER_INIT(all_cleared, NR_TASKLETS);
MUTEX_POOL_INIT(locks, 16);

static void count_block(uint32_t first)
{
    const uint8_t *block = buffers[me()];
    uint32_t pixels_left = n - first, count = pixels_left < BLOCK ? pixels_left : BLOCK;
    mram_read(&pixels[first], buffers[me()], BLOCK);
    for (uint32_t i = 0; i < count; i++) {
        mutex_pool_lock(&locks, block[i]);
        histogram[block[i]]++;
        mutex_pool_unlock(&locks, block[i]);
    }
}

int main(void)
{
    for (uint32_t bin = me(); bin < BINS; bin += NR_TASKLETS)
        histogram[bin] = 0;
    barrier_wait(&all_cleared);
    for (uint32_t first = me() * BLOCK; first < n; first += NR_TASKLETS * BLOCK)
        count_block(first);
    return 0;
}
