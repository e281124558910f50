/* SPDX-License-Identifier: MIT */
/* What debuggers need: stop one DPU, read and change its state, step, go on, dump core. The calls
 * act at once under the rank's lock and bypass the queue. Except where noted they return DPU_OK or
 * DPU_ERR_DPU_DISABLED.
 * Source: documented, SDK 2025.1 dpu_debug.h. */
#ifndef DPUSIM_DPU_DEBUG_H
#define DPUSIM_DPU_DEBUG_H

#include <stdint.h>

#include "dpu_api.h"
#include "dpu_error.h"
#include "dpu_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Stop a DPU and fill scheduling, number of running threads, kind and thread of a fault.
 *
 *   context             its arrays must be there: dpu_context_fill_from_rank, then allocate.
 *   error_store_addr    where the program keeps fault details; not needed by a simulator. */
DPU_API_EXPORT dpu_error_t dpu_initialize_fault_process_for_dpu(struct dpu_t *dpu,
                                                                struct dpu_context_t *context,
                                                                mram_addr_t error_store_addr);
/* Read the program counters (in instructions) into context->pcs. */
DPU_API_EXPORT dpu_error_t dpu_extract_pcs_for_dpu(struct dpu_t *dpu,
                                                   struct dpu_context_t *context);
/* Read registers, program counters, flags and atomic bits of a stopped DPU. */
DPU_API_EXPORT dpu_error_t dpu_extract_context_for_dpu(struct dpu_t *dpu,
                                                       struct dpu_context_t *context);
/* Write them back. */
DPU_API_EXPORT dpu_error_t dpu_restore_context_for_dpu(struct dpu_t *dpu,
                                                       struct dpu_context_t *context);
/* Execute one instruction of one thread of a stopped DPU. Also returns DPU_ERR_INVALID_THREAD_ID;
 * DPU_ERR_INTERNAL when the thread is not among those of context->scheduling. */
DPU_API_EXPORT dpu_error_t dpu_execute_thread_step_in_fault_for_dpu(struct dpu_t *dpu,
                                                                    dpu_thread_t thread,
                                                                    struct dpu_context_t *context);
/* Let the threads of context->scheduling run on. */
DPU_API_EXPORT dpu_error_t dpu_finalize_fault_process_for_dpu(struct dpu_t *dpu,
                                                              struct dpu_context_t *context);

/* State of a rank's links and memory ports: hardware only, always DPU_OK. */
DPU_API_EXPORT dpu_error_t dpu_set_debug_slice_info(struct dpu_rank_t *rank, uint32_t slice_id,
                                                    uint64_t structure_value, uint64_t slice_target,
                                                    dpu_bitfield_t host_mux_mram_state);
DPU_API_EXPORT dpu_error_t dpu_restore_mux_context_for_rank(struct dpu_rank_t *rank);
DPU_API_EXPORT dpu_error_t dpu_save_context_for_rank(struct dpu_rank_t *rank);
DPU_API_EXPORT dpu_error_t dpu_restore_context_for_rank(struct dpu_rank_t *rank);

/* Write a core file (ELF, ET_CORE): the sections of the program `exe_path`, the memories (sizes in
 * bytes, NULL: left out) and the serialized context.
 * Returns DPU_OK; codes of dpu_checkpoint_serialize and dpu_elf_create_core_dump. */
DPU_API_EXPORT dpu_error_t dpu_create_core_dump(struct dpu_rank_t *rank, const char *exe_path,
                                                const char *core_file_path,
                                                struct dpu_context_t *context, uint8_t *wram,
                                                uint8_t *mram, uint8_t *iram, uint32_t wram_size,
                                                uint32_t mram_size, uint32_t iram_size);
/* Free the arrays of a context, not the struct. NULL is allowed. */
DPU_API_EXPORT void dpu_free_dpu_context(struct dpu_context_t *context);
/* Zero a context and fill context->info from the rank; no arrays. Always DPU_OK. */
DPU_API_EXPORT dpu_error_t dpu_context_fill_from_rank(struct dpu_context_t *context,
                                                      struct dpu_rank_t *rank);
/* Take the context that a debugger left with the DPU; *debug_context NULL when there is none.
 * Always DPU_OK. */
DPU_API_EXPORT dpu_error_t dpu_pop_debug_context(struct dpu_t *dpu,
                                                 struct dpu_context_t **debug_context);

#ifdef __cplusplus
}
#endif

#endif
