/* SPDX-License-Identifier: MIT */
/* Arithmetic throughput: x = x OPERATOR scalar for every element, only the loop is timed.
 *   -DTYPE=int32_t -DOPERATOR=+ */
#include "micro.h"

__host TYPE scalar;

static __dma_aligned TYPE blocks[NR_TASKLETS][IN_BLOCK];

static void update(TYPE *block, TYPE by)
{
#pragma clang loop unroll(disable)
    for (unsigned i = 0; i < IN_BLOCK; i++)
        block[i] = block[i] OPERATOR by;
}

int main(void)
{
    TYPE *block = blocks[me()], by = scalar;
    uint32_t bytes = whole_rounds(n * sizeof(TYPE));
    struct timer timer;
    begin();
    for (uint32_t at = me() * BLOCK; at < bytes; at += NR_TASKLETS * BLOCK) {
        mram_read((__mram_ptr void *)(input + at), block, BLOCK);
        barrier_wait(&everybody);
        timer_start(&timer);
        update(block, by);
        timer_stop(&timer);
        cycles[me()] += timer_cycles(&timer);
        barrier_wait(&everybody);
        mram_write(block, (__mram_ptr void *)(output + at), BLOCK);
    }
    return 0;
}
