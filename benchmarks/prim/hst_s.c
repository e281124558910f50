/* SPDX-License-Identifier: MIT */
/* HST-S: histogram of pixels of DEPTH bits; every tasklet has bins of its own, merged at the end.
 */
#include "prim.h"

enum { BINS = 256, DEPTH = 12 };

__mram_noinit uint32_t pixels[1 << 22];
__mram_noinit uint32_t histogram[BINS];
__host uint32_t bytes, bins;

static uint32_t *private_bins[NR_TASKLETS];
static __dma_aligned uint32_t merged[BINS];

static void count_pixels(uint32_t *into, uint32_t n_bins, const uint32_t *block, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        into[(block[i] * n_bins) >> DEPTH] += 1;
}

int main(void)
{
    begin();
    uint32_t *block = mem_alloc(BLOCK), *mine = mem_alloc(BINS * sizeof *mine);
    private_bins[me()] = mine;
    for (uint32_t i = 0; i < bins; i++)
        mine[i] = 0;
    for (uint32_t at = me() * BLOCK; at < bytes; at += NR_TASKLETS * BLOCK) {
        uint32_t length = at + BLOCK >= bytes ? bytes - at : BLOCK;
        mram_read((__mram_ptr uint8_t *)pixels + at, block, length);
        count_pixels(mine, bins, block, length / sizeof *block);
    }
    barrier_wait(&everybody);
    for (uint32_t i = me(); i < bins; i += NR_TASKLETS) {
        uint32_t sum = 0;
        for (uint32_t t = 0; t < NR_TASKLETS; t++)
            sum += private_bins[t][i];
        merged[i] = sum;
    }
    barrier_wait(&everybody);
    if (me() == 0)
        mram_write(merged, histogram, bins * sizeof *merged);
    return 0;
}
