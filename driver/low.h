/* SPDX-License-Identifier: MIT */
/* What the calls below the level of sets share: they act on a rank or on one DPU at once, under the
 * rank's lock, whatever its queue holds. Private to driver/. */
#ifndef DRIVER_LOW_H
#define DRIVER_LOW_H

#include "driver.h"

/* low.c. Enter a call: the handle is alive, no failure is injected; locks the rank. Errors:
 * INTERNAL for NULL, INVALID_DPU_SET for a stale handle, the injected error; the second function
 * also DPU_DISABLED. */
dpu_error_t drv_low_rank(struct dpu_rank_t *rank, const char *call);
dpu_error_t drv_low_dpu(struct dpu_t *dpu, const char *call);
static inline void drv_low_leave(struct dpu_rank_t *rank)
{
    dpu_unlock_rank(rank);
}
/* The same for calls that change what runs: no job of the queue starts meanwhile. The rank is held
 * before it is locked, as callbacks, which hold it, may lock it. */
dpu_error_t drv_low_hold_rank(struct dpu_rank_t *rank, const char *call);
dpu_error_t drv_low_hold_dpu(struct dpu_t *dpu, const char *call);
static inline void drv_low_unhold(struct dpu_rank_t *rank)
{
    dpu_unlock_rank(rank);
    drv_unhold(rank);
}

/* A DPU of the rank that runs, NULL: none. */
struct dpu_t *drv_first_running(struct dpu_rank_t *rank);
/* End the run of a DPU and wait for that; its threads keep their run bits. The rank is held. */
void drv_stop(struct dpu_t *dpu);
/* Run what has its run bit set in the DPUs of the rank (only: one of them). The rank is held and
 * none of them runs. */
dpu_error_t drv_start(struct dpu_rank_t *rank, struct dpu_t *only);

/* sg.c: between a region of MRAM and blocks of host memory. Blocks beyond the region are ignored;
 * what they leave of it is cleared (to the DPU) or stays unread. */
void drv_sg_move(struct dpu_t *dpu, const struct drv_region *region, dpu_xfer_t direction,
                 const struct sg_xfer_buffer *blocks);

/* context.c. Zero a context and take the sizes from the rank. */
void drv_context_init(struct dpu_context_t *context, const struct dpu_rank_t *rank);
/* Arrays for the state of the threads, sizes from context->info. False: out of memory. */
bool drv_context_allocate(struct dpu_context_t *context);
/* INTERNAL unless the context fits the DPU and has all arrays of the threads. */
dpu_error_t drv_context_check(const struct dpu_t *dpu, const struct dpu_context_t *context,
                              const char *call);
/* Registers, program counters, flags and atomic bits of a DPU that nobody executes. */
void drv_context_read(const struct dpu_t *dpu, struct dpu_context_t *context);
void drv_context_write(struct dpu_t *dpu, const struct dpu_context_t *context);
/* Who runs in it, and why it has stopped. */
void drv_context_situation(const struct dpu_t *dpu, struct dpu_context_t *context);

/* core.c. Is it a core file? */
bool drv_core_is_file(const char *path);
/* The threads in a core file that was opened, as far as they fit the DPU. */
dpu_error_t drv_core_threads(struct dpu_context_t **out, dpu_elf_file_t file,
                             const struct dpu_t *dpu);
void drv_core_forget(struct dpu_context_t *context); /* NULL is allowed */

#endif
