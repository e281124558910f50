/* SPDX-License-Identifier: MIT */
/* What the micro-benchmarks share: the element type, two arrays in MRAM, the timer, and one 64-bit
 * total of cycles per tasklet for the host. Described by the measurements that they are equivalents
 * of: blocks of BLOCK bytes are dealt to the tasklets in turn, intervals leave out the cost of one
 * reading of the counter. */
#ifndef MICRO_H
#define MICRO_H

#include <barrier.h>
#include <defs.h>
#include <mram.h>
#include <perfcounter.h>
#include <stdint.h>

#ifndef TYPE
#define TYPE int64_t
#endif
#ifndef BLOCK
#define BLOCK 1024
#endif

/* The last round may go beyond the data. */
enum { ARRAY = (16 << 20) + NR_TASKLETS * BLOCK, IN_BLOCK = BLOCK / sizeof(TYPE) };

__mram_noinit uint8_t input[ARRAY];
__mram_noinit uint8_t output[ARRAY];
__host uint32_t n;                   /* elements, or bytes where the kernel says so */
__host uint64_t cycles[NR_TASKLETS]; /* time of each tasklet */

BARRIER_INIT(everybody, NR_TASKLETS);

struct timer {
    perfcounter_t start, stop, again;
};

static inline void timer_start(struct timer *timer)
{
    timer->start = perfcounter_get();
}

static inline void timer_stop(struct timer *timer)
{
    timer->stop = perfcounter_get();
    timer->again = perfcounter_get();
}

static inline uint64_t timer_cycles(const struct timer *timer)
{
    return (timer->stop - timer->start) - (timer->again - timer->stop);
}

/* Every tasklet has a block in every round, so all meet at the barriers. */
static inline uint32_t whole_rounds(uint32_t bytes)
{
    uint32_t round = NR_TASKLETS * BLOCK;
    return (bytes + round - 1) / round * round;
}

static inline void begin(void)
{
    if (me() == 0)
        perfcounter_config(COUNT_CYCLES, true);
    cycles[me()] = 0;
    barrier_wait(&everybody);
}

#endif
