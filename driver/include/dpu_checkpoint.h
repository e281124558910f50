/* SPDX-License-Identifier: MIT */
/* Save, restore and serialize the state of one DPU.
 * Source: documented, SDK 2025.1 dpu_checkpoint.h; serialized form: docs, checkpoint format. */
#ifndef DPUSIM_DPU_CHECKPOINT_H
#define DPUSIM_DPU_CHECKPOINT_H

#include <stdint.h>

#include "dpu_api.h"
#include "dpu_error.h"
#include "dpu_types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum _dpu_checkpoint_flags_t {
    DPU_CHECKPOINT_NONE = 0,
    DPU_CHECKPOINT_INTERNAL = 1, /* registers, program counters, flags, atomic bits, scheduling */
    DPU_CHECKPOINT_IRAM = 2,
    DPU_CHECKPOINT_MRAM = 8,
    DPU_CHECKPOINT_WRAM = 16
} dpu_checkpoint_flags_t;

#define DPU_CHECKPOINT_ALL                                                                         \
    ((dpu_checkpoint_flags_t)(DPU_CHECKPOINT_INTERNAL | DPU_CHECKPOINT_IRAM |                      \
                              DPU_CHECKPOINT_MRAM | DPU_CHECKPOINT_WRAM))

/* Read the parts that `flags` names from one DPU.
 *
 *   set      set of one DPU. With INTERNAL the DPU is stopped and stays so.
 *   context  filled; arrays of parts not asked for are NULL. Give back by dpu_checkpoint_free.
 *
 * Returns DPU_OK; DPU_ERR_INVALID_DPU_SET; DPU_ERR_SYSTEM; codes of the reads. On an error the
 * context holds nothing.
 * Use: DPU_ASSERT(dpu_checkpoint_save(dpu, DPU_CHECKPOINT_ALL, &context)); */
DPU_API_EXPORT dpu_error_t dpu_checkpoint_save(struct dpu_set_t set, dpu_checkpoint_flags_t flags,
                                               struct dpu_context_t *context);
/* Write the parts that `flags` names back. Threads are not resumed: that is the work of
 * dpu_finalize_fault_process_for_dpu.
 * Returns DPU_OK; DPU_ERR_INVALID_DPU_SET; codes of the writes. */
DPU_API_EXPORT dpu_error_t dpu_checkpoint_restore(struct dpu_set_t set,
                                                  dpu_checkpoint_flags_t flags,
                                                  struct dpu_context_t *context);
/* Bytes that dpu_checkpoint_serialize writes; depends on context->info only. Never fails. */
DPU_API_EXPORT uint32_t dpu_checkpoint_get_serialized_context_size(struct dpu_context_t *context);
/* Write a context as bytes (little endian, no padding).
 *
 *   serialized_context       *p NULL: set to new memory, which the caller frees; else the buffer.
 *   serialized_context_size  set, or with a buffer of the caller: exactly the size needed.
 *
 * Returns DPU_OK; DPU_ERR_SYSTEM; DPU_ERR_INVALID_BUFFER_SIZE. */
DPU_API_EXPORT dpu_error_t dpu_checkpoint_serialize(struct dpu_context_t *context,
                                                    uint8_t **serialized_context,
                                                    uint32_t *serialized_context_size);
/* Read bytes back into a context with arrays of its own.
 * Returns DPU_OK; DPU_ERR_ELF_INVALID_FILE for bad magic numbers, another format version or missing
 * bytes; DPU_ERR_SYSTEM. */
DPU_API_EXPORT dpu_error_t dpu_checkpoint_deserialize(const uint8_t *serialized_context,
                                                      uint32_t serialized_context_size,
                                                      struct dpu_context_t *context);
/* Free the arrays of a context, not the struct. Always DPU_OK. */
DPU_API_EXPORT dpu_error_t dpu_checkpoint_free(struct dpu_context_t *context);

#ifdef __cplusplus
}
#endif

#endif
