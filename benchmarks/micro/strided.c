/* SPDX-License-Identifier: MIT */
/* Strided copy of 64-bit elements; every tasklet has its own stretch of both arrays.
 * Coarse: whole blocks of both arrays are read, every stride-th element copied, the block written.
 * -DFINE: only those elements are transferred, 8 bytes at a time. */
#include "micro.h"

__host uint32_t stride; /* elements */

static __dma_aligned uint64_t from[NR_TASKLETS][IN_BLOCK], to[NR_TASKLETS][IN_BLOCK];

#ifdef FINE
static void copy(uint32_t first, uint32_t end, uint32_t step)
{
    uint64_t *element = from[me()];
    for (uint32_t at = first; at < end; at += step) {
        mram_read((__mram_ptr void *)(input + at), element, 8);
        mram_write(element, (__mram_ptr void *)(output + at), 8);
    }
}
#else
static void copy(uint32_t first, uint32_t end, uint32_t step)
{
    uint8_t *a = (uint8_t *)from[me()], *b = (uint8_t *)to[me()];
    uint32_t next = 0; /* byte of the block that is copied next */
    for (uint32_t at = first; at < end; at += BLOCK) {
        mram_read((__mram_ptr void *)(input + at), a, BLOCK);
        mram_read((__mram_ptr void *)(output + at), b, BLOCK);
        for (; next < BLOCK; next += step)
            *(uint64_t *)(b + next) = *(const uint64_t *)(a + next);
        next -= BLOCK;
        mram_write(b, (__mram_ptr void *)(output + at), BLOCK);
    }
}
#endif

int main(void)
{
    uint32_t share = n / NR_TASKLETS * sizeof(uint64_t);
    struct timer timer;
    begin();
    timer_start(&timer);
    copy(me() * share, (me() + 1) * share, stride * sizeof(uint64_t));
    timer_stop(&timer);
    cycles[me()] = timer_cycles(&timer);
    return 0;
}
