/* SPDX-License-Identifier: MIT */
/* Operational intensity: `repeats` times x = x OPERATOR scalar on every step-th element of a block
 * that is read and written. The whole loop is timed. */
#include "micro.h"

__host TYPE scalar;
__host uint32_t repeats, step;

static __dma_aligned TYPE blocks[NR_TASKLETS][IN_BLOCK];

static void update(TYPE *block, TYPE by, uint32_t times, uint32_t distance)
{
    for (uint32_t k = 0; k < times; k++) {
#pragma clang loop unroll(disable)
        for (uint32_t i = 0; i < IN_BLOCK; i += distance)
            block[i] = block[i] OPERATOR by;
    }
}

int main(void)
{
    uint32_t bytes = n * sizeof(TYPE);
    struct timer timer;
    begin();
    timer_start(&timer);
    for (uint32_t at = me() * BLOCK; at < bytes; at += NR_TASKLETS * BLOCK) {
        mram_read((__mram_ptr void *)(input + at), blocks[me()], BLOCK);
        update(blocks[me()], scalar, repeats, step);
        mram_write(blocks[me()], (__mram_ptr void *)(output + at), BLOCK);
    }
    timer_stop(&timer);
    cycles[me()] = timer_cycles(&timer);
    return 0;
}
