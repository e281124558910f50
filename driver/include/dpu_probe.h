/* SPDX-License-Identifier: MIT */
/* Energy probe. Programs use it behind an ENERGY macro; no SDK that was examined contains it, so
 * the declarations are inferred from their calls. A simulator has no sensor: every function
 * returns DPU_OK, every reading is 0. */
#ifndef DPUSIM_DPU_PROBE_H
#define DPUSIM_DPU_PROBE_H

#include "dpu_error.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dpu_probe_t {
    const char *name; /* borrowed */
};

enum dpu_probe_quantity_t {
    DPU_ENERGY = 0, /* joules */
    DPU_TIME = 1    /* seconds */
};

enum dpu_probe_reduction_t { DPU_ACCUMULATE = 0, DPU_AVERAGE = 1 };

/* Use: DPU_ASSERT(dpu_probe_init("energy_probe", &probe)); */
static inline dpu_error_t dpu_probe_init(const char *name, struct dpu_probe_t *probe)
{
    probe->name = name;
    return DPU_OK;
}

static inline dpu_error_t dpu_probe_start(struct dpu_probe_t *probe)
{
    (void)probe;
    return DPU_OK;
}

static inline dpu_error_t dpu_probe_stop(struct dpu_probe_t *probe)
{
    (void)probe;
    return DPU_OK;
}

/* Use: DPU_ASSERT(dpu_probe_get(&probe, DPU_ENERGY, DPU_AVERAGE, &joules)); */
static inline dpu_error_t dpu_probe_get(struct dpu_probe_t *probe,
                                        enum dpu_probe_quantity_t quantity,
                                        enum dpu_probe_reduction_t reduction, double *value)
{
    (void)probe;
    (void)quantity;
    (void)reduction;
    *value = 0.0;
    return DPU_OK;
}

static inline dpu_error_t dpu_probe_deinit(struct dpu_probe_t *probe)
{
    (void)probe;
    return DPU_OK;
}

#ifdef __cplusplus
}
#endif

#endif
