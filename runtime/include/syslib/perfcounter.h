/* SPDX-License-Identifier: MIT */
/* The counter of the DPU, shared by its tasklets; resolution 16, range 2^36. perfcounter_get_both
 * of v1B is left out: how that chip hands over its second counter is not known. */
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

#endif
