/* SPDX-License-Identifier: MIT */
/* Time spent in a part of a kernel, per tasklet, in units of 16 counts of the performance counter;
 * perfcounter_config says what is counted.
 *
 *   PROFILING_INIT(inner_loop);
 *   ...
 *   profiling_start(&inner_loop);
 *   ...
 *   profiling_stop(&inner_loop);
 */
#ifndef DPU_PROFILING_H
#define DPU_PROFILING_H

#include <attributes.h>
#include <stdint.h>

#define PROFILING_MAX_TASKLETS 24

typedef struct {
    uint32_t start[PROFILING_MAX_TASKLETS]; /* counter + 1; 0: not started */
    uint32_t count[PROFILING_MAX_TASKLETS];
} profiling_t;

#define PROFILING_INIT(name) __used __section(".dpu_profiling") profiling_t name = {{0}, {0}}

/* Fault 6 when already started by this tasklet. */
void profiling_start(profiling_t *context);
/* Fault 7 when not started. */
void profiling_stop(profiling_t *context);

#endif
