/* SPDX-License-Identifier: MIT */
/* Boot and poll below the level of sets: boot, then poll and read the status until done. The calls
 * act at once under the rank's lock and bypass the queue.
 * Source: documented, SDK 2025.1 dpu_runner.h. */
#ifndef DPUSIM_DPU_RUNNER_H
#define DPUSIM_DPU_RUNNER_H

#include <stdbool.h>
#include <stdint.h>

#include "dpu_api.h"
#include "dpu_error.h"
#include "dpu_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Who runs, as of the last poll. */
typedef struct _dpu_run_context_t {
    dpu_bitfield_t dpu_running[DPU_MAX_NR_CIS];  /* [slice], bit: member */
    dpu_bitfield_t dpu_in_fault[DPU_MAX_NR_CIS]; /* [slice], bit: member */
    dpu_error_t poll_status;
    uint8_t nb_dpu_running;
} * dpu_run_context_t;

/* Start one thread: at instruction 0, or where it stopped (should_resume).
 * Returns DPU_OK; DPU_ERR_INVALID_THREAD_ID; for one DPU also DPU_ERR_DPU_DISABLED. */
DPU_API_EXPORT dpu_error_t dpu_launch_thread_on_rank(struct dpu_rank_t *rank, dpu_thread_t thread,
                                                     bool should_resume);
DPU_API_EXPORT dpu_error_t dpu_launch_thread_on_dpu(struct dpu_t *dpu, dpu_thread_t thread,
                                                    bool should_resume);
/* Refresh the run context of a rank; of one DPU, with its result (also DPU_ERR_DPU_DISABLED). */
DPU_API_EXPORT dpu_error_t dpu_poll_rank(struct dpu_rank_t *rank);
DPU_API_EXPORT dpu_error_t dpu_poll_dpu(struct dpu_t *dpu, bool *dpu_is_running,
                                        bool *dpu_is_in_fault);
/* Run context of a rank. Borrowed. */
DPU_API_EXPORT dpu_run_context_t dpu_get_run_context(struct dpu_rank_t *rank);
/* Start thread 0 at instruction 0. Returns DPU_OK; DPU_ERR_DPU_ALREADY_RUNNING when one of the DPUs
 * runs; DPU_ERR_DPU_DISABLED. */
DPU_API_EXPORT dpu_error_t dpu_boot_dpu(struct dpu_t *dpu);
DPU_API_EXPORT dpu_error_t dpu_boot_rank(struct dpu_rank_t *rank);
/* Read the run context without polling. Returns DPU_OK; DPU_ERR_DPU_DISABLED. */
DPU_API_EXPORT dpu_error_t dpu_status_rank(struct dpu_rank_t *rank, bool *done, bool *fault);
DPU_API_EXPORT dpu_error_t dpu_status_dpu(struct dpu_t *dpu, bool *done, bool *fault);

#ifdef __cplusplus
}
#endif

#endif
