/* SPDX-License-Identifier: MIT */
/* Copies between host and the memories of a rank or a DPU, without symbols. They act at once under
 * the rank's lock and bypass the queue. Units: IRAM in 8-byte instructions, WRAM in 4-byte words,
 * MRAM in bytes (multiples of 8). A count of 0 is accepted. A range outside of the memory gives
 * DPU_ERR_INVALID_{IRAM,WRAM,MRAM}_ACCESS, a disabled DPU DPU_ERR_DPU_DISABLED, MRAM of a rank with
 * a running DPU DPU_ERR_MRAM_BUSY; nothing is copied then.
 * Source: documented, SDK 2025.1 dpu_memory.h. */
#ifndef DPUSIM_DPU_MEMORY_H
#define DPUSIM_DPU_MEMORY_H

#include <stdint.h>

#include "dpu_api.h"
#include "dpu_error.h"
#include "dpu_fifo.h"
#include "dpu_transfer_matrix.h"
#include "dpu_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Instructions: to all enabled DPUs of a rank, to one DPU, from one DPU, and with one buffer per
 * DPU (offset and size of the matrix in instructions). */
DPU_API_EXPORT dpu_error_t dpu_copy_to_iram_for_rank(struct dpu_rank_t *rank,
                                                     iram_addr_t iram_instruction_index,
                                                     const dpuinstruction_t *source,
                                                     iram_size_t nb_of_instructions);
DPU_API_EXPORT dpu_error_t dpu_copy_to_iram_for_dpu(struct dpu_t *dpu,
                                                    iram_addr_t iram_instruction_index,
                                                    const dpuinstruction_t *source,
                                                    iram_size_t nb_of_instructions);
DPU_API_EXPORT dpu_error_t dpu_copy_from_iram_for_dpu(struct dpu_t *dpu,
                                                      dpuinstruction_t *destination,
                                                      iram_addr_t iram_instruction_index,
                                                      iram_size_t nb_of_instructions);
DPU_API_EXPORT dpu_error_t dpu_copy_to_iram_for_matrix(struct dpu_rank_t *rank,
                                                       struct dpu_transfer_matrix *matrix);
DPU_API_EXPORT dpu_error_t dpu_copy_from_iram_for_matrix(struct dpu_rank_t *rank,
                                                         struct dpu_transfer_matrix *matrix);

/* Words of WRAM, in the same forms. */
DPU_API_EXPORT dpu_error_t dpu_copy_to_wram_for_rank(struct dpu_rank_t *rank,
                                                     wram_addr_t wram_word_offset,
                                                     const dpuword_t *source,
                                                     wram_size_t nb_of_words);
DPU_API_EXPORT dpu_error_t dpu_copy_to_wram_for_dpu(struct dpu_t *dpu, wram_addr_t wram_word_offset,
                                                    const dpuword_t *source,
                                                    wram_size_t nb_of_words);
DPU_API_EXPORT dpu_error_t dpu_copy_from_wram_for_dpu(struct dpu_t *dpu, dpuword_t *destination,
                                                      wram_addr_t wram_word_offset,
                                                      wram_size_t nb_of_words);
DPU_API_EXPORT dpu_error_t dpu_copy_to_wram_for_matrix(struct dpu_rank_t *rank,
                                                       struct dpu_transfer_matrix *transfer_matrix);
DPU_API_EXPORT dpu_error_t
dpu_copy_from_wram_for_matrix(struct dpu_rank_t *rank, struct dpu_transfer_matrix *transfer_matrix);

/* One element per DPU into its FIFO (also DPU_ERR_WRAM_FIFO_FULL); everything out of the FIFOs. */
DPU_API_EXPORT dpu_error_t dpu_copy_to_wram_fifo(struct dpu_rank_t *rank,
                                                 struct dpu_fifo_rank_t *fifo,
                                                 struct dpu_transfer_matrix *transfer_matrix);
DPU_API_EXPORT dpu_error_t dpu_copy_from_wram_fifo(struct dpu_rank_t *rank,
                                                   struct dpu_fifo_rank_t *fifo,
                                                   struct dpu_transfer_matrix *transfer_matrix);

/* Bytes of MRAM: one DPU, and with one buffer per DPU. */
DPU_API_EXPORT dpu_error_t dpu_copy_to_mram(struct dpu_t *dpu, mram_addr_t mram_byte_offset,
                                            const uint8_t *source, mram_size_t nb_of_bytes);
DPU_API_EXPORT dpu_error_t dpu_copy_from_mram(struct dpu_t *dpu, uint8_t *destination,
                                              mram_addr_t mram_byte_offset,
                                              mram_size_t nb_of_bytes);
DPU_API_EXPORT dpu_error_t dpu_copy_to_mrams(struct dpu_rank_t *rank,
                                             struct dpu_transfer_matrix *transfer_matrix);
DPU_API_EXPORT dpu_error_t dpu_copy_from_mrams(struct dpu_rank_t *rank,
                                               struct dpu_transfer_matrix *transfer_matrix);

#ifdef __cplusplus
}
#endif

#endif
