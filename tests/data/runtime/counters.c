/* SPDX-License-Identifier: MIT */
/* The performance counters: what is counted, what resets and keeps them; on v1B, the two of them.
 */
#include <barrier.h>
#include <perfcounter.h>
#include <profiling.h>

#include "check.h"

enum { GRAIN = 16 };

BARRIER_INIT(all, NR_TASKLETS);
PROFILING_INIT(part);
PROFILING_INIT(other_part);

static __noinline void spend(uint32_t instructions)
{
    __asm__ volatile("add %[left], %[left], -1, nz, ." : [left] "+r"(instructions));
}

/* Up to 400 instructions more than are spent, those around them. They are cycles in functional
 * mode. */
static void check_near(perfcounter_t got, perfcounter_t want)
{
    CHECK(got % GRAIN == 0 && got + GRAIN >= want && got < want + 400);
}

static void check_modes(void)
{
    perfcounter_config(COUNT_INSTRUCTIONS, true);
    CHECK(perfcounter_get() < 2 * GRAIN);
    spend(400);
    check_near(perfcounter_get(), 400);
    perfcounter_t before = perfcounter_config(COUNT_NOTHING, false), stands = perfcounter_get();
    check_near(before, 400);
    CHECK(stands >= before && stands <= before + GRAIN);
    spend(400);
    CHECK(perfcounter_get() == stands);
    perfcounter_config(COUNT_SAME, true); /* still nothing */
    spend(400);
    CHECK(perfcounter_get() == 0);
    perfcounter_config(COUNT_INSTRUCTIONS, false);
    spend(400);
    check_near(perfcounter_config(COUNT_SAME, false), 400);
    spend(400);
    check_near(perfcounter_get(), 800); /* same goes on */
}

static void check_cycles(void)
{
    perfcounter_config(COUNT_CYCLES, true);
    spend(400);
    perfcounter_t cycles = perfcounter_get();
    CHECK(cycles >= 400 - GRAIN);
    CHECK(perfcounter_config(COUNT_CYCLES, true) >= cycles);
    CHECK(perfcounter_get() < cycles);
}

/* 2^36 comes around: the value is a 32-bit register times 16, so it takes a while. */
static void check_width(void)
{
    CHECK(sizeof(perfcounter_t) == 8 && CLOCKS_PER_SEC > 0);
    CHECK(perfcounter_get() >> 36 == 0);
}

static void check_both(void)
{
#if defined(__dpu_v1B__)
    perfcounter_config(COUNT_ENABLE_BOTH, true);
    spend(400);
    perfcounter_pair_t pair = perfcounter_get_both(false);
    check_near(pair.instr, 400);
    CHECK(pair.cycles + GRAIN >= pair.instr);
    spend(400);
    pair = perfcounter_get_both(true);
    check_near(pair.instr, 800);
    CHECK(pair.cycles + GRAIN >= pair.instr);
    pair = perfcounter_get_both(false);
    CHECK(pair.instr < 400);
    perfcounter_config(COUNT_DISABLE_BOTH, false);
    perfcounter_t stands = perfcounter_get();
    spend(400);
    CHECK(perfcounter_get() == stands);
#endif
}

/* Sums of several stretches, per tasklet and per section. */
static void check_profiling(void)
{
    if (me() == 0)
        perfcounter_config(COUNT_INSTRUCTIONS, true);
    barrier_wait(&all);
    for (int i = 0; i < 3; i++) {
        profiling_start(&part);
        profiling_start(&other_part);
        spend(320);
        profiling_stop(&part);
        spend(320);
        profiling_stop(&other_part);
    }
    CHECK(part.count[me()] >= 3 * (320 / GRAIN - 1));
    CHECK(other_part.count[me()] > part.count[me()]);
    CHECK(part.start[me()] == 0 && other_part.start[me()] == 0);
    barrier_wait(&all);
    for (int i = NR_TASKLETS; i < 24; i++)
        CHECK(part.count[i] == 0);
}

int main(void)
{
    if (me() == 0) {
        spend(4000); /* the others go to sleep meanwhile */
        check_modes();
        check_cycles();
        check_width();
        check_both();
    }
    barrier_wait(&all);
    check_profiling();
    return finish();
}
