/* SPDX-License-Identifier: MIT */
/* Latency of transfers: every block of BLOCK bytes is read, then written elsewhere; -DTIME_READ or
 * -DTIME_WRITE says which of the two is timed. n is in bytes. */
#include "micro.h"

static __dma_aligned uint8_t blocks[NR_TASKLETS][BLOCK];

/* Computed before the timer starts. */
#define READY(pointer) __asm__ volatile("" : "+r"(pointer))

int main(void)
{
    uint8_t *block = blocks[me()];
    struct timer timer;
    begin();
    for (uint32_t at = me() * BLOCK; at < n; at += NR_TASKLETS * BLOCK) {
        __mram_ptr void *from = (__mram_ptr void *)(input + at);
        __mram_ptr void *to = (__mram_ptr void *)(output + at);
        READY(from);
        READY(to);
#ifdef TIME_READ
        timer_start(&timer);
        mram_read(from, block, BLOCK);
        timer_stop(&timer);
        mram_write(block, to, BLOCK);
#else
        mram_read(from, block, BLOCK);
        timer_start(&timer);
        mram_write(block, to, BLOCK);
        timer_stop(&timer);
#endif
        cycles[me()] += timer_cycles(&timer);
    }
    return 0;
}
