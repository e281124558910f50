/* SPDX-License-Identifier: MIT */
/* Random accesses (GUPS): 128 streams of random numbers, dealt to the tasklets; every number names
 * an element, which is read, replaced and written back. n, a power of two, is the number of
 * elements, `updates` that of accesses per stream. */
#include "micro.h"

enum { STREAMS = 128, POLYNOMIAL = 7 };

__host uint64_t streams[STREAMS]; /* where each begins */
__host uint32_t updates;

static __dma_aligned uint64_t elements[NR_TASKLETS];

static void run_stream(uint64_t x)
{
    uint64_t *element = &elements[me()];
    uint32_t mask = n - 1;
    for (uint32_t i = 0; i < updates; i++) {
        x = x << 1 ^ ((int64_t)x < 0 ? POLYNOMIAL : 0);
        __mram_ptr void *where = (__mram_ptr void *)(input + ((uint32_t)x & mask) * 8);
        mram_read(where, element, 8);
        *element = x;
        mram_write(element, where, 8);
    }
}

int main(void)
{
    struct timer timer;
    begin();
    timer_start(&timer);
    for (uint32_t i = me(); i < STREAMS; i += NR_TASKLETS)
        run_stream(streams[i]);
    timer_stop(&timer);
    cycles[me()] = timer_cycles(&timer);
    return 0;
}
