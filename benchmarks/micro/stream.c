/* SPDX-License-Identifier: MIT */
/* STREAM with 64-bit elements, the loop over a block unrolled.
 *   -DKERNEL=COPY|ADD|SCALE|TRIAD|COPY_DMA
 *   -DWHOLE  time the whole loop over the blocks, transfers included; else only the loop in WRAM */
#include "micro.h"

#define COPY_DMA 0
#define COPY     1
#define ADD      2
#define SCALE    3
#define TRIAD    4

__host uint64_t scalar;
#if KERNEL == ADD || KERNEL == TRIAD
#define SECOND_INPUT
__mram_noinit uint8_t input2[ARRAY];
#endif

static __dma_aligned uint64_t from[NR_TASKLETS][IN_BLOCK], to[NR_TASKLETS][IN_BLOCK];

static void kernel(const uint64_t *a, uint64_t *b, uint64_t s)
{
    (void)a, (void)b, (void)s;
#pragma clang loop unroll(full)
    for (unsigned i = 0; i < IN_BLOCK; i++) {
#if KERNEL == COPY
        b[i] = a[i];
#elif KERNEL == ADD
        b[i] = a[i] + b[i];
#elif KERNEL == SCALE
        b[i] = s * a[i];
#elif KERNEL == TRIAD
        b[i] = a[i] + s * b[i];
#endif
    }
}

static void block(uint32_t at, struct timer *timer)
{
    uint64_t *a = from[me()], *b = KERNEL == COPY_DMA ? a : to[me()];
    mram_read((__mram_ptr void *)(input + at), a, BLOCK);
#ifdef SECOND_INPUT
    mram_read((__mram_ptr void *)(input2 + at), b, BLOCK);
#endif
#ifndef WHOLE
    barrier_wait(&everybody);
    timer_start(timer);
#endif
    if (KERNEL != COPY_DMA)
        kernel(a, b, scalar);
#ifndef WHOLE
    timer_stop(timer);
    cycles[me()] += timer_cycles(timer);
    barrier_wait(&everybody);
#else
    (void)timer;
#endif
    mram_write(b, (__mram_ptr void *)(output + at), BLOCK);
}

int main(void)
{
    uint32_t bytes = whole_rounds(n * sizeof(uint64_t));
    struct timer timer;
    begin();
#ifdef WHOLE
    timer_start(&timer);
#endif
    for (uint32_t at = me() * BLOCK; at < bytes; at += NR_TASKLETS * BLOCK)
        block(at, &timer);
#ifdef WHOLE
    timer_stop(&timer);
    cycles[me()] = timer_cycles(&timer);
#endif
    return 0;
}
