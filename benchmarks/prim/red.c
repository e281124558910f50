/* SPDX-License-Identifier: MIT */
/* RED: the sum of 64-bit elements; the tasklets' sums are added in a tree. */
#include "prim.h"

__mram_noinit uint64_t input[1 << 22];
__host uint32_t bytes;
__host uint64_t sum;

static uint64_t sums[NR_TASKLETS];

static uint64_t reduce(const uint64_t *block, uint32_t count)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < count; i++)
        total += block[i];
    return total;
}

int main(void)
{
    begin();
    uint64_t *block = mem_alloc(BLOCK), total = 0;
    for (uint32_t at = me() * BLOCK; at < bytes; at += NR_TASKLETS * BLOCK) {
        uint32_t length = at + BLOCK >= bytes ? bytes - at : BLOCK;
        mram_read((__mram_ptr uint8_t *)input + at, block, length);
        total += reduce(block, length / sizeof *block);
    }
    sums[me()] = total;
    for (uint32_t step = 1; step < NR_TASKLETS; step *= 2) {
        barrier_wait(&everybody);
        if (me() % (2 * step) == 0 && me() + step < NR_TASKLETS)
            sums[me()] += sums[me() + step];
    }
    if (me() == 0)
        sum = sums[0];
    return 0;
}
