/* SPDX-License-Identifier: MIT */
/* Copies between host and the memories of a rank or a DPU, without symbols and without the queue. A
 * DPU that runs is paused for the time; its MRAM belongs to it while it runs. Order of the checks:
 * documented (host library of SDK 2024.2). */
#include <inttypes.h>

#include "include/dpu_memory.h"
#include "low.h"

/* What one call copies; offset and count in the unit of the memory. */
struct access {
    enum isa_memory memory;
    dpu_xfer_t direction;
    uint32_t offset, count;
    const char *call;
};

static struct drv_region region_of(const struct access *access)
{
    static const uint32_t units[ISA_MEMORY_COUNT] = {
        [ISA_IRAM] = ISA_INSN_BYTES, [ISA_WRAM] = sizeof(dpuword_t), [ISA_MRAM] = 1};
    uint32_t unit = units[access->memory], most = UINT32_MAX / unit;
    uint32_t offset = access->offset < most ? access->offset : most; /* both are outside */
    return (struct drv_region){access->memory, offset * unit, (size_t)access->count * unit};
}

/* Under the lock. */
static dpu_error_t check(struct dpu_rank_t *rank, const struct access *access,
                         struct drv_region *region)
{
    *region = region_of(access);
    dpu_error_t error = drv_check_region(rank, region, access->call);
    if (error)
        return error;
    if (access->count == 0)
        drv_log(DRV_WARNING, "memory", "%s: 0 %s to copy", access->call,
                access->memory == ISA_IRAM   ? "instructions"
                : access->memory == ISA_WRAM ? "words"
                                             : "bytes");
    const struct dpu_t *busy = access->memory == ISA_MRAM ? drv_first_running(rank) : NULL;
    if (busy)
        return drv_fail(DPU_ERR_MRAM_BUSY,
                        "%s: DPU 0x%x of the rank runs; MRAM belongs to the DPUs until they stop",
                        access->call, (unsigned)dpu_get_id((struct dpu_t *)busy));
    return DPU_OK;
}

static dpu_error_t check_buffer(const void *buffer, const struct access *access)
{
    if (!buffer && access->count)
        return drv_fail(DPU_ERR_INTERNAL, "%s: the host buffer is NULL", access->call);
    return DPU_OK;
}

static void note_in_timeline(struct dpu_rank_t *rank, struct dpu_t *only,
                             const struct access *access, enum sim_host_kind kind, uint32_t dpus)
{
    struct drv_target target = {.ranks = &rank, .nr_ranks = 1, .dpu = only};
    struct drv_region region = region_of(access);
    drv_timeline_transfer(
        &target, &(struct drv_moved){{kind, access->memory, access->direction == DPU_XFER_TO_DPU,
                                      dpus, region.len_bytes},
                                     true,
                                     false,
                                     access->call});
}

/* ---- one DPU, all DPUs, one buffer per DPU --------------------------------------------------- */

static dpu_error_t copy_dpu(struct dpu_t *dpu, struct access access, const void *buffer)
{
    struct drv_region region;
    dpu_error_t error = drv_low_dpu(dpu, access.call);
    if (error)
        return error;
    error = check(dpu->rank, &access, &region);
    if (!error)
        error = check_buffer(buffer, &access);
    if (!error) {
        drv_move(dpu, &region, access.direction, (void *)(uintptr_t)buffer);
        note_in_timeline(dpu->rank, dpu, &access, SIM_HOST_PUSH, 1);
    }
    drv_low_leave(dpu->rank);
    return error;
}

static dpu_error_t copy_rank(struct dpu_rank_t *rank, struct access access, const void *buffer)
{
    struct drv_region region;
    dpu_error_t error = drv_low_rank(rank, access.call);
    if (error)
        return error;
    error = check(rank, &access, &region);
    if (!error)
        error = check_buffer(buffer, &access);
    for (unsigned i = 0; i < rank->nr_dpus && !error; i++)
        if (rank->dpus[i].enabled)
            drv_move(&rank->dpus[i], &region, access.direction, (void *)(uintptr_t)buffer);
    if (!error)
        note_in_timeline(rank, NULL, &access, SIM_HOST_BROADCAST,
                         drv_count(&(struct drv_target){.ranks = &rank, .nr_ranks = 1}));
    drv_low_leave(rank);
    return error;
}

/* Returns the number of DPUs that have a buffer. */
static uint32_t move_matrix(struct dpu_rank_t *rank, const struct dpu_transfer_matrix *matrix,
                            const struct drv_region *region, dpu_xfer_t direction)
{
    struct drv_piece pieces[DRV_MAX_DPUS];
    uint32_t n = 0;
    for (unsigned i = 0; i < rank->nr_dpus; i++) {
        struct dpu_t *dpu = &rank->dpus[i];
        void *buffer = dpu->enabled ? matrix->ptr[drv_matrix_index(dpu)] : NULL;
        if (buffer)
            pieces[n++] = (struct drv_piece){dpu, buffer};
    }
    if (matrix->type == DPU_DEFAULT_XFER_MATRIX)
        drv_move_all(region, direction, pieces, n);
    else
        for (uint32_t i = 0; i < n; i++)
            drv_sg_move(pieces[i].dpu, region, direction, pieces[i].buffer);
    return n;
}

static dpu_error_t check_type(const struct dpu_transfer_matrix *matrix, const struct access *access)
{
    if (matrix->type == DPU_DEFAULT_XFER_MATRIX ||
        (matrix->type == DPU_SG_XFER_MATRIX && access->memory == ISA_MRAM))
        return DPU_OK;
    return drv_fail(
        DPU_ERR_INTERNAL, "%s: the matrix has type %d; wanted %s", access->call, (int)matrix->type,
        access->memory == ISA_MRAM ? "DPU_DEFAULT_XFER_MATRIX or DPU_SG_XFER_MATRIX"
                                   : "DPU_DEFAULT_XFER_MATRIX: lists of blocks are for MRAM");
}

static dpu_error_t copy_matrix(struct dpu_rank_t *rank, const struct dpu_transfer_matrix *matrix,
                               enum isa_memory memory, dpu_xfer_t direction, const char *call)
{
    struct drv_region region;
    struct access access = {memory, direction, 0, 0, call};
    if (!matrix)
        return drv_fail(DPU_ERR_INTERNAL, "%s: the matrix is NULL", call);
    dpu_error_t error = drv_low_rank(rank, call);
    if (error)
        return error;
    access.offset = matrix->offset;
    access.count = matrix->size;
    error = check(rank, &access, &region);
    if (!error)
        error = check_type(matrix, &access);
    if (!error)
        note_in_timeline(rank, NULL, &access, SIM_HOST_PUSH,
                         move_matrix(rank, matrix, &region, direction));
    drv_low_leave(rank);
    return error;
}

/* ---- IRAM ------------------------------------------------------------------------------------ */

#define TO(memory, offset, count)                                                                  \
    (struct access)                                                                                \
    {                                                                                              \
        memory, DPU_XFER_TO_DPU, offset, count, __func__                                           \
    }
#define FROM(memory, offset, count)                                                                \
    (struct access)                                                                                \
    {                                                                                              \
        memory, DPU_XFER_FROM_DPU, offset, count, __func__                                         \
    }

dpu_error_t dpu_copy_to_iram_for_rank(struct dpu_rank_t *rank, iram_addr_t iram_instruction_index,
                                      const dpuinstruction_t *source,
                                      iram_size_t nb_of_instructions)
{
    return copy_rank(rank, TO(ISA_IRAM, iram_instruction_index, nb_of_instructions), source);
}

dpu_error_t dpu_copy_to_iram_for_dpu(struct dpu_t *dpu, iram_addr_t iram_instruction_index,
                                     const dpuinstruction_t *source, iram_size_t nb_of_instructions)
{
    return copy_dpu(dpu, TO(ISA_IRAM, iram_instruction_index, nb_of_instructions), source);
}

dpu_error_t dpu_copy_from_iram_for_dpu(struct dpu_t *dpu, dpuinstruction_t *destination,
                                       iram_addr_t iram_instruction_index,
                                       iram_size_t nb_of_instructions)
{
    return copy_dpu(dpu, FROM(ISA_IRAM, iram_instruction_index, nb_of_instructions), destination);
}

dpu_error_t dpu_copy_to_iram_for_matrix(struct dpu_rank_t *rank, struct dpu_transfer_matrix *matrix)
{
    return copy_matrix(rank, matrix, ISA_IRAM, DPU_XFER_TO_DPU, __func__);
}

dpu_error_t dpu_copy_from_iram_for_matrix(struct dpu_rank_t *rank,
                                          struct dpu_transfer_matrix *matrix)
{
    return copy_matrix(rank, matrix, ISA_IRAM, DPU_XFER_FROM_DPU, __func__);
}

/* ---- WRAM ------------------------------------------------------------------------------------ */

dpu_error_t dpu_copy_to_wram_for_rank(struct dpu_rank_t *rank, wram_addr_t wram_word_offset,
                                      const dpuword_t *source, wram_size_t nb_of_words)
{
    return copy_rank(rank, TO(ISA_WRAM, wram_word_offset, nb_of_words), source);
}

dpu_error_t dpu_copy_to_wram_for_dpu(struct dpu_t *dpu, wram_addr_t wram_word_offset,
                                     const dpuword_t *source, wram_size_t nb_of_words)
{
    return copy_dpu(dpu, TO(ISA_WRAM, wram_word_offset, nb_of_words), source);
}

dpu_error_t dpu_copy_from_wram_for_dpu(struct dpu_t *dpu, dpuword_t *destination,
                                       wram_addr_t wram_word_offset, wram_size_t nb_of_words)
{
    return copy_dpu(dpu, FROM(ISA_WRAM, wram_word_offset, nb_of_words), destination);
}

dpu_error_t dpu_copy_to_wram_for_matrix(struct dpu_rank_t *rank,
                                        struct dpu_transfer_matrix *transfer_matrix)
{
    return copy_matrix(rank, transfer_matrix, ISA_WRAM, DPU_XFER_TO_DPU, __func__);
}

dpu_error_t dpu_copy_from_wram_for_matrix(struct dpu_rank_t *rank,
                                          struct dpu_transfer_matrix *transfer_matrix)
{
    return copy_matrix(rank, transfer_matrix, ISA_WRAM, DPU_XFER_FROM_DPU, __func__);
}

/* ---- MRAM ------------------------------------------------------------------------------------ */

dpu_error_t dpu_copy_to_mram(struct dpu_t *dpu, mram_addr_t mram_byte_offset, const uint8_t *source,
                             mram_size_t nb_of_bytes)
{
    return copy_dpu(dpu, TO(ISA_MRAM, mram_byte_offset, nb_of_bytes), source);
}

dpu_error_t dpu_copy_from_mram(struct dpu_t *dpu, uint8_t *destination,
                               mram_addr_t mram_byte_offset, mram_size_t nb_of_bytes)
{
    return copy_dpu(dpu, FROM(ISA_MRAM, mram_byte_offset, nb_of_bytes), destination);
}

dpu_error_t dpu_copy_to_mrams(struct dpu_rank_t *rank, struct dpu_transfer_matrix *transfer_matrix)
{
    return copy_matrix(rank, transfer_matrix, ISA_MRAM, DPU_XFER_TO_DPU, __func__);
}

dpu_error_t dpu_copy_from_mrams(struct dpu_rank_t *rank,
                                struct dpu_transfer_matrix *transfer_matrix)
{
    return copy_matrix(rank, transfer_matrix, ISA_MRAM, DPU_XFER_FROM_DPU, __func__);
}
