/* SPDX-License-Identifier: MIT */
/* Transfer matrices: one host pointer per DPU of a rank. */
#include <string.h>

#include "driver.h"

void dpu_transfer_matrix_add_dpu(struct dpu_t *dpu, struct dpu_transfer_matrix *transfer_matrix,
                                 void *buffer)
{
    transfer_matrix->type = DPU_DEFAULT_XFER_MATRIX;
    transfer_matrix->ptr[drv_matrix_index(dpu)] = buffer;
}

dpu_error_t dpu_transfer_matrix_add_dpu_block(struct dpu_t *dpu,
                                              struct dpu_transfer_matrix *transfer_matrix,
                                              void *buffer, uint32_t length)
{
    struct sg_xfer_buffer *blocks = transfer_matrix->type == DPU_SG_XFER_MATRIX
                                        ? transfer_matrix->sg_ptr[drv_matrix_index(dpu)]
                                        : NULL;
    if (!blocks)
        return drv_fail(DPU_ERR_INTERNAL,
                        "dpu_transfer_matrix_add_dpu_block: the matrix has no list of blocks for "
                        "DPU 0x%x; wanted type DPU_SG_XFER_MATRIX and an sg_ptr",
                        (unsigned)dpu_get_id(dpu));
    if (blocks->nr_blocks >= blocks->max_nr_blocks)
        return drv_fail(DPU_ERR_INTERNAL,
                        "dpu_transfer_matrix_add_dpu_block: the list of DPU 0x%x is full (%u "
                        "blocks)",
                        (unsigned)dpu_get_id(dpu), (unsigned)blocks->max_nr_blocks);
    blocks->blocks_addr[blocks->nr_blocks] = buffer;
    blocks->blocks_length[blocks->nr_blocks++] = length;
    return DPU_OK;
}

void dpu_transfer_matrix_set_all(struct dpu_rank_t *rank,
                                 struct dpu_transfer_matrix *transfer_matrix, void *buffer)
{
    for (unsigned i = 0; i < rank->nr_dpus; i++)
        if (rank->dpus[i].enabled)
            dpu_transfer_matrix_add_dpu(&rank->dpus[i], transfer_matrix, buffer);
}

void dpu_transfer_matrix_clear_dpu(struct dpu_t *dpu, struct dpu_transfer_matrix *transfer_matrix)
{
    transfer_matrix->ptr[drv_matrix_index(dpu)] = NULL;
}

void dpu_transfer_matrix_clear_all(struct dpu_rank_t *rank,
                                   struct dpu_transfer_matrix *transfer_matrix)
{
    (void)rank;
    memset(transfer_matrix->ptr, 0, sizeof transfer_matrix->ptr);
}

void dpu_transfer_matrix_copy(struct dpu_transfer_matrix *dst, struct dpu_transfer_matrix *src)
{
    *dst = *src;
}

void *dpu_transfer_matrix_get_ptr(struct dpu_t *dpu, struct dpu_transfer_matrix *transfer_matrix)
{
    return transfer_matrix->ptr[drv_matrix_index(dpu)];
}

/* ---- for a target ---------------------------------------------------------------------------- */

void drv_matrix_note(struct dpu_transfer_matrix *matrix, struct dpu_rank_t *rank,
                     struct dpu_t *only, void *buffer)
{
    if (only)
        dpu_transfer_matrix_add_dpu(only, matrix, buffer);
    else
        dpu_transfer_matrix_set_all(rank, matrix, buffer);
}

void drv_matrix_forget(struct dpu_transfer_matrix *matrix, struct dpu_rank_t *rank,
                       struct dpu_t *only)
{
    if (only)
        dpu_transfer_matrix_clear_dpu(only, matrix);
    else
        dpu_transfer_matrix_clear_all(rank, matrix);
}
