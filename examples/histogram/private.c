/* SPDX-License-Identifier: MIT */
/* Histogram, a private one for each tasklet: no locks while counting, but NR_TASKLETS times the
 * WRAM. After a barrier every tasklet adds up some of the bins.
 *
 * The host writes `pixels` and n and reads `histogram`. See mutexes.c for the other way. */
#include <barrier.h>
#include <defs.h>
#include <mram.h>
#include <stdint.h>

#include "histogram.h"

__mram_noinit uint8_t pixels[MOST_PIXELS];
__host uint32_t n, histogram[BINS];

static __dma_aligned uint8_t buffers[NR_TASKLETS][BLOCK];
static uint32_t private[NR_TASKLETS][BINS];

BARRIER_INIT(all_counted, NR_TASKLETS);

static void count_block(uint32_t first, uint32_t *bins)
{
    const uint8_t *block = buffers[me()];
    uint32_t pixels_left = n - first, count = pixels_left < BLOCK ? pixels_left : BLOCK;
    mram_read(&pixels[first], buffers[me()], BLOCK);
    for (uint32_t i = 0; i < count; i++)
        bins[block[i]]++;
}

static uint32_t sum_bin(uint32_t bin)
{
    uint32_t sum = 0;
    for (uint32_t tasklet = 0; tasklet < NR_TASKLETS; tasklet++)
        sum += private[tasklet][bin];
    return sum;
}

int main(void)
{
    for (uint32_t bin = 0; bin < BINS; bin++)
    private[me()][bin] = 0;
    for (uint32_t first = me() * BLOCK; first < n; first += NR_TASKLETS * BLOCK)
        count_block(first, private[me()]);
    barrier_wait(&all_counted);
    for (uint32_t bin = me(); bin < BINS; bin += NR_TASKLETS)
        histogram[bin] = sum_bin(bin);
    return 0;
}
