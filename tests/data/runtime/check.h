/* SPDX-License-Identifier: MIT */
/* Self-checking kernels: a check that fails raises a fault with its line number; the host wants to
 * see every tasklet in `finished` and at least one check that held. */
#ifndef CHECK_H
#define CHECK_H

#include <atomic_bit.h>
#include <defs.h>
#include <stdint.h>

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            __asm__ volatile("fault %[line]" : : [line] "i"(__LINE__));                            \
        checks++;                                                                                  \
    } while (0)

/* Counts of several tasklets may get lost; one stays. */
__host volatile uint32_t checks;
__host volatile uint32_t finished;
ATOMIC_BIT_INIT(finished);

static inline int finish(void)
{
    ATOMIC_BIT_ACQUIRE(finished);
    finished++;
    ATOMIC_BIT_RELEASE(finished);
    return 0;
}

/* Pseudo-random numbers, the same in every run. */
static inline uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

#endif
