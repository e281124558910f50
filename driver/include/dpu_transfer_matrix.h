/* SPDX-License-Identifier: MIT */
/* One host pointer per DPU of a rank, for the transfers of dpu_memory.h. Entry of a DPU: member *
 * number of control interfaces + slice.
 * Source: documented, SDK 2025.1 dpu_transfer_matrix.h. */
#ifndef DPUSIM_DPU_TRANSFER_MATRIX_H
#define DPUSIM_DPU_TRANSFER_MATRIX_H

#include <stdint.h>

#include "dpu_api.h"
#include "dpu_error.h"
#include "dpu_types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MAX_NR_DPUS_PER_RANK 64

/* Whoever defines this macro first brings the structure too. */
#ifndef struct_dpu_transfer_matrix_t
#define struct_dpu_transfer_matrix_t
struct dpu_transfer_matrix {
    union {
        void *ptr[MAX_NR_DPUS_PER_RANK];                     /* NULL: this DPU is skipped */
        struct sg_xfer_buffer *sg_ptr[MAX_NR_DPUS_PER_RANK]; /* type DPU_SG_XFER_MATRIX */
    };
    uint32_t offset; /* instructions, words or bytes: as the function that takes the matrix */
    uint32_t size;   /* the same unit, per DPU */
    dpu_transfer_matrix_type_t type;
};
#endif

/* Set the host buffer of one DPU and make the matrix a plain one. */
DPU_API_EXPORT void dpu_transfer_matrix_add_dpu(struct dpu_t *dpu,
                                                struct dpu_transfer_matrix *transfer_matrix,
                                                void *buffer);
/* Append one block of `length` bytes to the list of a DPU in a scatter/gather matrix. Returns
 * DPU_OK; DPU_ERR_INTERNAL when the list is full. */
DPU_API_EXPORT dpu_error_t dpu_transfer_matrix_add_dpu_block(
    struct dpu_t *dpu, struct dpu_transfer_matrix *transfer_matrix, void *buffer, uint32_t length);
/* The same buffer for every enabled DPU of the rank. */
DPU_API_EXPORT void dpu_transfer_matrix_set_all(struct dpu_rank_t *rank,
                                                struct dpu_transfer_matrix *transfer_matrix,
                                                void *buffer);
/* Forget the buffer of one DPU. */
DPU_API_EXPORT void dpu_transfer_matrix_clear_dpu(struct dpu_t *dpu,
                                                  struct dpu_transfer_matrix *transfer_matrix);
/* Forget all buffers; offset and size stay. */
DPU_API_EXPORT void dpu_transfer_matrix_clear_all(struct dpu_rank_t *rank,
                                                  struct dpu_transfer_matrix *transfer_matrix);
/* Copy a matrix; the buffers are not copied. */
DPU_API_EXPORT void dpu_transfer_matrix_copy(struct dpu_transfer_matrix *dst,
                                             struct dpu_transfer_matrix *src);
/* Buffer of one DPU, NULL when none is set. Borrowed. */
DPU_API_EXPORT void *dpu_transfer_matrix_get_ptr(struct dpu_t *dpu,
                                                 struct dpu_transfer_matrix *transfer_matrix);

#ifdef __cplusplus
}
#endif

#endif
