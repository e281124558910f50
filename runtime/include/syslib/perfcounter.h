/* SPDX-License-Identifier: MIT */
/* The counter of the DPU, shared by its tasklets; resolution 16, range 2^36. v1B has a second one,
 * so that it can count cycles and instructions at the same time. */
#ifndef DPU_PERFCOUNTER_H
#define DPU_PERFCOUNTER_H

#include <attributes.h>
#include <stdbool.h>
#include <stdint.h>

typedef uint64_t perfcounter_t;

typedef enum _perfcounter_config_t {
    COUNT_SAME = 0,
    COUNT_CYCLES = 1,
    COUNT_INSTRUCTIONS = 2, /* of all tasklets */
    COUNT_NOTHING = 3,
    COUNT_DISABLE_BOTH = 6, /* v1B; fault 9 on v1A */
    COUNT_ENABLE_BOTH = 7   /* v1B; fault 9 on v1A */
} perfcounter_config_t;

/* Cycles per second, filled in by the host. */
extern const volatile uint32_t CLOCKS_PER_SEC;

perfcounter_t perfcounter_get(void);
/* Choose what is counted and optionally start from 0. Returns the value before. */
perfcounter_t perfcounter_config(perfcounter_config_t config, bool reset_value);

typedef struct {
    perfcounter_t cycles;
    perfcounter_t instr;
} perfcounter_pair_t;

/* After COUNT_ENABLE_BOTH: both values; they stand still while they are read. */
perfcounter_pair_t perfcounter_get_both(bool should_reset)
#if defined(__DPU__) && !defined(__dpu_v1B__)
    __attribute__((unavailable("only the chip v1B has two counters: -mcpu=v1B")))
#endif
    ;

#endif
