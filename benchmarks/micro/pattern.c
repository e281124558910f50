/* SPDX-License-Identifier: MIT */
/* WRAM access patterns: c[k] = b[k] with k from an array of indices that the host fills. */
#include "micro.h"

__mram_noinit uint32_t order[IN_BLOCK]; /* the same for every block */

static __dma_aligned uint64_t from[NR_TASKLETS][IN_BLOCK], to[NR_TASKLETS][IN_BLOCK];
static __dma_aligned uint32_t indices[NR_TASKLETS][IN_BLOCK];

static void kernel(const uint32_t *index, const uint64_t *b, uint64_t *c)
{
#pragma clang loop unroll(full)
    for (unsigned i = 0; i < IN_BLOCK; i++)
        c[index[i]] = b[index[i]];
}

int main(void)
{
    uint32_t bytes = whole_rounds(n * sizeof(uint64_t));
    struct timer timer;
    mram_read(order, indices[me()], sizeof indices[0]);
    begin();
    for (uint32_t at = me() * BLOCK; at < bytes; at += NR_TASKLETS * BLOCK) {
        mram_read((__mram_ptr void *)(input + at), from[me()], BLOCK);
        barrier_wait(&everybody);
        timer_start(&timer);
        kernel(indices[me()], from[me()], to[me()]);
        timer_stop(&timer);
        cycles[me()] += timer_cycles(&timer);
        barrier_wait(&everybody);
        mram_write(to[me()], (__mram_ptr void *)(output + at), BLOCK);
    }
    return 0;
}
