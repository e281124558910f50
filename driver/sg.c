/* SPDX-License-Identifier: MIT */
/* Scatter/gather: the host side of a DPU's transfer is a list of blocks that a function of the host
 * program names one by one. A rank's lists are complete before its first byte moves. Source:
 * documented (host library of SDK 2024.2). */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "low.h"

struct sg {
    struct drv_region region;
    dpu_xfer_t direction;
    bool check_length;
    get_block_t get;
    const char *call;
};

/* ---- moving bytes ---------------------------------------------------------------------------- */

/* Between `bytes`, which stand for the region, and the blocks. Returns how many were used. */
static size_t copy_blocks(uint8_t *bytes, size_t len_bytes, dpu_xfer_t direction,
                          const struct sg_xfer_buffer *blocks)
{
    size_t used = 0;
    for (uint32_t i = 0; i < blocks->nr_blocks && used < len_bytes; i++) {
        size_t piece = blocks->blocks_length[i];
        if (piece > len_bytes - used)
            piece = len_bytes - used;
        if (piece && direction == DPU_XFER_TO_DPU)
            memcpy(bytes + used, blocks->blocks_addr[i], piece);
        else if (piece)
            memcpy(blocks->blocks_addr[i], bytes + used, piece);
        used += piece;
    }
    return used;
}

static void move_straight(struct dpu_t *dpu, const struct drv_region *region, dpu_xfer_t direction,
                          const struct sg_xfer_buffer *blocks)
{
    drv_pause(dpu);
    uint8_t *bytes = sim_dpu_mram(dpu->sim) + region->offset_bytes;
    size_t used = copy_blocks(bytes, region->len_bytes, direction, blocks);
    if (direction == DPU_XFER_TO_DPU) {
        memset(bytes + used, 0, region->len_bytes - used);
        sim_dpu_written(dpu->sim, ISA_MRAM, region->offset_bytes, region->len_bytes);
    }
    drv_resume(dpu);
}

/* Injected failures meet a transfer in one piece. False: out of memory. */
static bool move_in_one_piece(struct dpu_t *dpu, const struct drv_region *region,
                              dpu_xfer_t direction, const struct sg_xfer_buffer *blocks)
{
    uint8_t *bytes = calloc(1, region->len_bytes + 1);
    if (!bytes)
        return false;
    if (direction == DPU_XFER_TO_DPU)
        copy_blocks(bytes, region->len_bytes, direction, blocks);
    drv_move(dpu, region, direction, bytes);
    if (direction == DPU_XFER_FROM_DPU)
        copy_blocks(bytes, region->len_bytes, direction, blocks);
    free(bytes);
    return true;
}

void drv_sg_move(struct dpu_t *dpu, const struct drv_region *region, dpu_xfer_t direction,
                 const struct sg_xfer_buffer *blocks)
{
    if (dpu->rank->set->n_injections && move_in_one_piece(dpu, region, direction, blocks))
        return;
    dpu->transfers += region->len_bytes != 0;
    move_straight(dpu, region, direction, blocks);
}

/* ---- collecting blocks ----------------------------------------------------------------------- */

static bool append(struct sg_xfer_buffer *blocks, const struct sg_block_info *block)
{
    if (blocks->nr_blocks == blocks->max_nr_blocks) {
        uint32_t room = blocks->max_nr_blocks * 2 + 16;
        uint8_t **addresses = realloc(blocks->blocks_addr, room * sizeof *addresses);
        if (addresses)
            blocks->blocks_addr = addresses;
        uint32_t *lengths = realloc(blocks->blocks_length, room * sizeof *lengths);
        if (lengths)
            blocks->blocks_length = lengths;
        if (!addresses || !lengths)
            return false;
        blocks->max_nr_blocks = room;
    }
    blocks->blocks_addr[blocks->nr_blocks] = block->addr;
    blocks->blocks_length[blocks->nr_blocks++] = block->length;
    return true;
}

static uint32_t most_blocks(const struct dpu_rank_t *rank)
{
    return rank->machine.sg_max_blocks ? rank->machine.sg_max_blocks : rank->set->nr_dpus;
}

static dpu_error_t check_block(const struct sg *sg, const struct dpu_t *dpu, uint32_t number,
                               const struct sg_block_info *block, uint64_t before)
{
    uint32_t most = most_blocks(dpu->rank);
    if (number >= most)
        return drv_fail(DPU_ERR_SG_TOO_MANY_BLOCKS,
                        "%s: more than %" PRIu32 " blocks for the DPU with index %" PRIu32
                        " (profile key sgXferMaxBlocksPerDpu; default: number of DPUs of the set)",
                        sg->call, most, dpu->index);
    if (block->length && sg->check_length && before + block->length > sg->region.len_bytes)
        return drv_fail(DPU_ERR_SG_LENGTH_MISMATCH,
                        "%s: block %" PRIu32 " of the DPU with index %" PRIu32
                        " ends at byte %" PRIu64 ", but the length is %zu",
                        sg->call, number, dpu->index, before + block->length, sg->region.len_bytes);
    if (block->length && !block->addr)
        return drv_fail(DPU_ERR_INTERNAL,
                        "%s: block %" PRIu32 " of the DPU with index %" PRIu32 " has %" PRIu32
                        " bytes at address NULL",
                        sg->call, number, dpu->index, block->length);
    return DPU_OK;
}

static dpu_error_t collect(const struct sg *sg, const struct dpu_t *dpu,
                           struct sg_xfer_buffer *blocks)
{
    uint64_t sum = 0;
    for (uint32_t number = 0;; number++) {
        struct sg_block_info block = {NULL, 0};
        if (!sg->get.f(&block, dpu->index, number, sg->get.args))
            break;
        dpu_error_t error = check_block(sg, dpu, number, &block, sum);
        if (!error && block.length && !append(blocks, &block))
            error = drv_fail(DPU_ERR_SYSTEM, "%s: out of memory", sg->call);
        if (error)
            return error;
        sum += block.length;
    }
    if (sg->check_length && sum != sg->region.len_bytes)
        return drv_fail(DPU_ERR_SG_LENGTH_MISMATCH,
                        "%s: the blocks of the DPU with index %" PRIu32 " have %" PRIu64
                        " bytes, but the length is %zu",
                        sg->call, dpu->index, sum, sg->region.len_bytes);
    return DPU_OK;
}

/* ---- one rank -------------------------------------------------------------------------------- */

struct lists {
    struct dpu_rank_t *rank;
    const struct sg *sg;
    struct sg_xfer_buffer blocks[DRV_MAX_DPUS];
};

static void move_one(void *context, uint32_t i)
{
    struct lists *lists = context;
    if (lists->blocks[i].nr_blocks)
        drv_sg_move(&lists->rank->dpus[i], &lists->sg->region, lists->sg->direction,
                    &lists->blocks[i]);
}

static dpu_error_t check_rank(const struct dpu_rank_t *rank, const struct sg *sg)
{
    if (!rank->machine.sg_enabled)
        return drv_fail(DPU_ERR_SG_NOT_ACTIVATED, "%s: allocate with the profile sgXferEnable=true",
                        sg->call);
    return drv_check_region(rank, &sg->region, sg->call);
}

static dpu_error_t transfer_rank(struct dpu_rank_t *rank, const struct sg *sg)
{
    dpu_error_t error = check_rank(rank, sg);
    struct lists *lists = error ? NULL : calloc(1, sizeof *lists);
    if (!lists)
        return error ? error : drv_fail(DPU_ERR_SYSTEM, "%s: out of memory", sg->call);
    *lists = (struct lists){.rank = rank, .sg = sg};
    for (unsigned i = 0; i < rank->nr_dpus && !error; i++)
        if (rank->dpus[i].enabled)
            error = collect(sg, &rank->dpus[i], &lists->blocks[i]);
    if (!error)
        drv_pool_for(rank->nr_dpus, move_one, lists);
    for (unsigned i = 0; i < rank->nr_dpus; i++) {
        free(lists->blocks[i].blocks_addr);
        free(lists->blocks[i].blocks_length);
    }
    free(lists);
    return error;
}

/* ---- now ------------------------------------------------------------------------------------- */

struct work {
    const struct sg *sg;
    struct dpu_rank_t **ranks;
    dpu_error_t *errors;
};

static void transfer_piece(void *context, uint32_t i)
{
    struct work *work = context;
    work->errors[i] = transfer_rank(work->ranks[i], work->sg);
}

/* The first error in the order of the ranks counts. */
static dpu_error_t transfer_held(const struct drv_target *target, const struct sg *sg)
{
    dpu_error_t error = DPU_OK;
    struct work work = {sg, target->ranks, calloc(target->nr_ranks, sizeof error)};
    if (!work.errors)
        return drv_fail(DPU_ERR_SYSTEM, "%s: out of memory", sg->call);
    drv_pool_for(target->nr_ranks, transfer_piece, &work);
    for (uint32_t r = 0; r < target->nr_ranks && !error; r++)
        error = work.errors[r];
    free(work.errors);
    return error;
}

static dpu_error_t transfer_now(const struct drv_target *target, const struct sg *sg)
{
    dpu_error_t error = drv_acquire(target, 0);
    if (error)
        return error;
    error = transfer_held(target, sg);
    drv_release(target);
    return error;
}

/* ---- later ----------------------------------------------------------------------------------- */

struct sg_job {
    struct drv_job job;
    struct sg sg;
    max_align_t args[]; /* copy */
};

static dpu_error_t sg_job_work(struct drv_job *job)
{
    return transfer_rank(job->rank, &((struct sg_job *)job)->sg);
}

static dpu_error_t transfer_later(const struct drv_target *target, const struct sg *sg)
{
    dpu_error_t error = DPU_OK;
    for (uint32_t r = 0; r < target->nr_ranks && !error; r++) {
        struct sg_job *job = calloc(1, sizeof *job + sg->get.args_size);
        if (!job)
            return drv_fail(DPU_ERR_SYSTEM, "%s: out of memory", sg->call);
        job->job = (struct drv_job){
            .kind = drv_copy_job(ISA_MRAM, sg->direction, false, false),
            .rank = target->ranks[r],
            .work = sg_job_work,
            .destroy = drv_job_free,
        };
        job->sg = *sg;
        if (sg->get.args_size) {
            memcpy(job->args, sg->get.args, sg->get.args_size);
            job->sg.get.args = job->args;
        }
        error = drv_submit(&job->job);
    }
    return error;
}

/* ---- public ---------------------------------------------------------------------------------- */

static dpu_error_t check_arguments(const struct sg *sg, const get_block_t *get,
                                   dpu_sg_xfer_flags_t flags)
{
    int known = DPU_SG_XFER_ASYNC | DPU_SG_XFER_DISABLE_LENGTH_CHECK;
    if (sg->region.memory != ISA_MRAM)
        return drv_fail(DPU_ERR_SG_NOT_MRAM_SYMBOL, "%s: the symbol is in %s; wanted MRAM",
                        sg->call, isa_memory_name(sg->region.memory));
    if (sg->direction != DPU_XFER_TO_DPU && sg->direction != DPU_XFER_FROM_DPU)
        return drv_fail(DPU_ERR_INVALID_MEMORY_TRANSFER,
                        "%s: direction %d; wanted DPU_XFER_TO_DPU or DPU_XFER_FROM_DPU", sg->call,
                        (int)sg->direction);
    if ((int)flags & ~known)
        return drv_fail(DPU_ERR_INVALID_MEMORY_TRANSFER,
                        "%s: flags 0x%x; wanted a sum of DPU_SG_XFER_ASYNC and "
                        "DPU_SG_XFER_DISABLE_LENGTH_CHECK",
                        sg->call, (unsigned)flags);
    if (!get || !get->f || (get->args_size && !get->args))
        return drv_fail(DPU_ERR_INTERNAL,
                        "%s: the function that names blocks, or what it is to "
                        "be given, is NULL",
                        sg->call);
    return drv_check_multiples(&sg->region, sg->call);
}

dpu_error_t dpu_push_sg_xfer_symbol(struct dpu_set_t dpu_set, dpu_xfer_t xfer,
                                    struct dpu_symbol_t symbol, uint32_t symbol_offset,
                                    size_t length, get_block_t *get_block_info,
                                    dpu_sg_xfer_flags_t flags)
{
    struct drv_target target;
    struct sg sg = {.region = drv_region_of(symbol.address + symbol_offset, length),
                    .direction = xfer,
                    .check_length = !(flags & DPU_SG_XFER_DISABLE_LENGTH_CHECK),
                    .call = "dpu_push_sg_xfer"};
    dpu_error_t error = drv_target_from(&target, dpu_set, sg.call);
    if (!error)
        error = drv_inject_call(drv_set_of(dpu_set), sg.call);
    if (!error && target.dpu)
        error = drv_fail(DPU_ERR_INTERNAL, "%s: the set is a single DPU; wanted a set of ranks",
                         sg.call);
    if (!error)
        error = check_arguments(&sg, get_block_info, flags);
    if (error)
        return error;
    sg.get = *get_block_info;
    bool later = flags & DPU_SG_XFER_ASYNC;
    error = later ? transfer_later(&target, &sg) : transfer_now(&target, &sg);
    if (!error)
        drv_timeline_transfer(&target,
                              &(struct drv_moved){{SIM_HOST_PUSH, ISA_MRAM, xfer == DPU_XFER_TO_DPU,
                                                   drv_count(&target), length},
                                                  !later,
                                                  false,
                                                  sg.call});
    return error;
}

dpu_error_t dpu_push_sg_xfer(struct dpu_set_t dpu_set, dpu_xfer_t xfer, const char *symbol_name,
                             uint32_t symbol_offset, size_t length, get_block_t *get_block_info,
                             dpu_sg_xfer_flags_t flags)
{
    struct dpu_symbol_t symbol;
    dpu_error_t error = drv_find_symbol(dpu_set, symbol_name, &symbol, __func__);
    return error ? error
                 : dpu_push_sg_xfer_symbol(dpu_set, xfer, symbol, symbol_offset, length,
                                           get_block_info, flags);
}
