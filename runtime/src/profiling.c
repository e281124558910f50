/* SPDX-License-Identifier: MIT */
#include <defs.h>
#include <dpuruntime.h>
#include <perfcounter.h>
#include <profiling.h>

/* The counter in its own units. */
static inline uint32_t now(void)
{
    return (uint32_t)(perfcounter_get() >> 4);
}

void profiling_start(profiling_t *context)
{
    if (context->start[me()])
        __fault(__FAULT_ALREADY_PROFILING__);
    context->start[me()] = now() + 1;
}

void profiling_stop(profiling_t *context)
{
    uint32_t stop = now() + 1;
    if (!context->start[me()])
        __fault(__FAULT_NOT_PROFILING__);
    context->count[me()] += stop - context->start[me()];
    context->start[me()] = 0;
}
