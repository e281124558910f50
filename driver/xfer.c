/* SPDX-License-Identifier: MIT */
/* Transfers by symbol: copy, broadcast, prepare and push. Order and results of the checks:
 * documented (host library of SDK 2024.2). Synchronous transfers are spread over the pool, a DPU a
 * piece; asynchronous ones are one job per rank with a snapshot of the prepared buffers. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"

/* ---- what is transferred --------------------------------------------------------------------- */

struct xfer {
    struct drv_region region;
    dpu_xfer_t direction;
    bool broadcast, parallel;
    void *buffer; /* broadcast */
    const char *call;
};

struct drv_region drv_region_of(uint32_t address, size_t len_bytes)
{
    struct drv_region region = {ISA_WRAM, address, len_bytes};
    if (address & ISA_IRAM_BASE) {
        region.memory = ISA_IRAM;
        region.offset_bytes = address & ~ISA_IRAM_BASE;
    } else if (address & ISA_MRAM_BASE) {
        region.memory = ISA_MRAM;
        region.offset_bytes = address & ~ISA_MRAM_BASE;
    }
    return region;
}

static dpu_error_t check(struct dpu_symbol_t symbol, uint32_t offset, size_t length,
                         struct xfer *xfer)
{
    uint64_t end = (uint64_t)offset + length;
    if (end > symbol.size || end < length)
        return drv_fail(DPU_ERR_INVALID_SYMBOL_ACCESS,
                        "%s: offset %" PRIu32 " + length %zu = %" PRIu64
                        " bytes, but the symbol has %" PRIu32 "%s",
                        xfer->call, offset, length, end, symbol.size,
                        symbol.size ? "" : "; assembly text gives it a size by .size NAME, BYTES");
    xfer->region = drv_region_of(symbol.address + offset, length);
    dpu_error_t error = DPU_OK;
    if (xfer->region.memory != ISA_MRAM) /* whose turn comes with its bounds, when the job runs */
        error = drv_check_multiples(&xfer->region, xfer->call);
    if (error)
        return error;
    if (xfer->direction != DPU_XFER_TO_DPU && xfer->direction != DPU_XFER_FROM_DPU)
        return drv_fail(DPU_ERR_INVALID_MEMORY_TRANSFER,
                        "%s: direction %d; wanted DPU_XFER_TO_DPU or DPU_XFER_FROM_DPU", xfer->call,
                        (int)xfer->direction);
    if (xfer->parallel && xfer->region.memory != ISA_WRAM)
        return drv_fail(DPU_ERR_INVALID_PARALLEL_MEMORY_TRANSFER,
                        "%s: DPU_XFER_PARALLEL reaches WRAM only, but the symbol is in %s",
                        xfer->call, isa_memory_name(xfer->region.memory));
    return DPU_OK;
}

static dpu_error_t check_flags(dpu_xfer_flags_t flags, const char *call)
{
    int known = DPU_XFER_NO_RESET | DPU_XFER_ASYNC | DPU_XFER_PARALLEL;
    if ((int)flags & ~known)
        return drv_fail(DPU_ERR_INVALID_MEMORY_TRANSFER,
                        "%s: flags 0x%x; wanted a sum of DPU_XFER_NO_RESET, ASYNC, PARALLEL", call,
                        (unsigned)flags);
    return DPU_OK;
}

/* Kind of the job for the error of an asynchronous transfer. */
enum drv_job_kind drv_copy_job(enum isa_memory memory, dpu_xfer_t direction, bool broadcast,
                               bool parallel)
{
    static const enum drv_job_kind kinds[3][3] = {
        /* to matrix, from matrix, to rank */
        [ISA_IRAM] = {DRV_JOB_IRAM_TO_MATRIX, DRV_JOB_IRAM_FROM_MATRIX, DRV_JOB_IRAM_TO_RANK},
        [ISA_WRAM] = {DRV_JOB_WRAM_TO_MATRIX, DRV_JOB_WRAM_FROM_MATRIX, DRV_JOB_WRAM_TO_RANK},
        [ISA_MRAM] = {DRV_JOB_MRAM_TO_MATRIX, DRV_JOB_MRAM_FROM_MATRIX, DRV_JOB_MRAM_TO_RANK}};
    if (parallel && !broadcast)
        return direction == DPU_XFER_TO_DPU ? DRV_JOB_PARALLEL_WRAM_TO_MATRIX
                                            : DRV_JOB_PARALLEL_WRAM_FROM_MATRIX;
    return kinds[memory][broadcast ? 2 : direction == DPU_XFER_FROM_DPU];
}

/* ---- moving bytes ---------------------------------------------------------------------------- */

static void *buffer_of(const struct dpu_t *dpu, const struct xfer *xfer,
                       const struct dpu_transfer_matrix *prepared)
{
    return xfer->broadcast ? xfer->buffer : prepared->ptr[drv_matrix_index(dpu)];
}

enum { MOST_LOCAL = 64 };

static dpu_error_t move_all(const struct drv_target *target, const struct xfer *xfer)
{
    uint32_t most = drv_count(target), n = 0;
    struct drv_piece local[MOST_LOCAL] = {{NULL, NULL}};
    struct drv_piece *pieces = most > MOST_LOCAL ? malloc(most * sizeof *pieces) : local;
    if (!pieces)
        return drv_fail(DPU_ERR_SYSTEM, "%s: out of memory", xfer->call);
    for (struct drv_cursor at = {0}; drv_next(target, &at);) {
        void *buffer = buffer_of(at.dpu, xfer, drv_prepared(at.dpu->rank));
        if (buffer)
            pieces[n++] = (struct drv_piece){at.dpu, buffer};
    }
    drv_move_all(&xfer->region, xfer->direction, pieces, n);
    if (pieces != local)
        free(pieces);
    return DPU_OK;
}

static dpu_error_t transfer_now(const struct drv_target *target, const struct xfer *xfer)
{
    dpu_error_t error = drv_acquire(target, xfer->parallel ? DRV_WHILE_RUNNING : 0);
    if (error)
        return error;
    for (uint32_t r = 0; r < target->nr_ranks && !error; r++)
        error = drv_check_region(target->ranks[r], &xfer->region, xfer->call);
    if (!error)
        error = move_all(target, xfer);
    drv_release(target);
    return error;
}

/* ---- later ----------------------------------------------------------------------------------- */

struct xfer_job {
    struct drv_job job;
    struct xfer xfer;
    struct dpu_t *only;
    struct dpu_transfer_matrix prepared;
};

static dpu_error_t xfer_job_work(struct drv_job *job)
{
    struct xfer_job *mine = (struct xfer_job *)job;
    dpu_error_t error = drv_check_region(job->rank, &mine->xfer.region, mine->xfer.call);
    for (struct dpu_t *dpu = NULL; !error && (dpu = drv_next_in(job->rank, mine->only, dpu));) {
        void *buffer = buffer_of(dpu, &mine->xfer, &mine->prepared);
        if (buffer)
            drv_move(dpu, &mine->xfer.region, mine->xfer.direction, buffer);
    }
    return error;
}

static dpu_error_t transfer_later(const struct drv_target *target, const struct xfer *xfer)
{
    dpu_error_t error = DPU_OK;
    for (uint32_t r = 0; r < target->nr_ranks && !error; r++) {
        struct xfer_job *job = calloc(1, sizeof *job);
        if (!job)
            return drv_fail(DPU_ERR_SYSTEM, "%s: out of memory", xfer->call);
        job->job.kind =
            drv_copy_job(xfer->region.memory, xfer->direction, xfer->broadcast, xfer->parallel);
        job->job.parallel = xfer->parallel;
        job->job.rank = target->ranks[r];
        job->job.work = xfer_job_work;
        job->job.destroy = drv_job_free;
        job->xfer = *xfer;
        job->only = target->dpu;
        job->prepared = *drv_prepared(target->ranks[r]);
        error = drv_submit(&job->job);
    }
    return error;
}

static uint32_t count_moved(const struct drv_target *target, const struct xfer *xfer)
{
    uint32_t n = 0;
    for (struct drv_cursor at = {0}; drv_next(target, &at);)
        n += xfer->broadcast || buffer_of(at.dpu, xfer, drv_prepared(at.dpu->rank));
    return n;
}

static dpu_error_t transfer(const struct drv_target *target, const struct xfer *xfer,
                            dpu_xfer_flags_t flags)
{
    bool later = flags & DPU_XFER_ASYNC;
    dpu_error_t error = later ? transfer_later(target, xfer) : transfer_now(target, xfer);
    if (error || !target->ranks[0]->set->timeline)
        return error;
    drv_timeline_transfer(
        target, &(struct drv_moved){{xfer->broadcast ? SIM_HOST_BROADCAST : SIM_HOST_PUSH,
                                     xfer->region.memory, xfer->direction == DPU_XFER_TO_DPU,
                                     count_moved(target, xfer), xfer->region.len_bytes},
                                    !later,
                                    xfer->parallel,
                                    xfer->call});
    return DPU_OK;
}

/* ---- copy and broadcast ---------------------------------------------------------------------- */

static dpu_error_t send_all(struct dpu_set_t set, struct dpu_symbol_t symbol, uint32_t offset,
                            const void *src, size_t length, dpu_xfer_flags_t flags,
                            const char *call)
{
    struct drv_target target;
    struct xfer xfer = {.direction = DPU_XFER_TO_DPU,
                        .broadcast = true,
                        .buffer = (void *)(uintptr_t)src,
                        .call = call};
    dpu_error_t error = drv_target_from(&target, set, call);
    xfer.parallel = flags & DPU_XFER_PARALLEL && set.kind == DPU_SET_RANKS;
    if (!error)
        error = drv_inject_call(drv_set_of(set), call);
    if (!error)
        error = check_flags(flags, call);
    if (!error)
        error = check(symbol, offset, length, &xfer);
    if (!error && !src && length)
        error = drv_fail(DPU_ERR_INTERNAL, "%s: the host buffer is NULL", call);
    return error ? error : transfer(&target, &xfer, flags);
}

dpu_error_t dpu_broadcast_to_symbol(struct dpu_set_t dpu_set, struct dpu_symbol_t symbol,
                                    uint32_t symbol_offset, const void *src, size_t length,
                                    dpu_xfer_flags_t flags)
{
    return send_all(dpu_set, symbol, symbol_offset, src, length, flags, "dpu_broadcast_to");
}

dpu_error_t dpu_broadcast_to(struct dpu_set_t dpu_set, const char *symbol_name,
                             uint32_t symbol_offset, const void *src, size_t length,
                             dpu_xfer_flags_t flags)
{
    struct dpu_symbol_t symbol;
    dpu_error_t error = drv_find_symbol(dpu_set, symbol_name, &symbol, __func__);
    return error ? error : send_all(dpu_set, symbol, symbol_offset, src, length, flags, __func__);
}

dpu_error_t dpu_copy_to_symbol(struct dpu_set_t dpu_set, struct dpu_symbol_t symbol,
                               uint32_t symbol_offset, const void *src, size_t length)
{
    return send_all(dpu_set, symbol, symbol_offset, src, length, DPU_XFER_DEFAULT, "dpu_copy_to");
}

dpu_error_t dpu_copy_to(struct dpu_set_t dpu_set, const char *symbol_name, uint32_t symbol_offset,
                        const void *src, size_t length)
{
    struct dpu_symbol_t symbol;
    dpu_error_t error = drv_find_symbol(dpu_set, symbol_name, &symbol, __func__);
    return error
               ? error
               : send_all(dpu_set, symbol, symbol_offset, src, length, DPU_XFER_DEFAULT, __func__);
}

static dpu_error_t check_single(struct dpu_set_t set, const char *call)
{
    if (set.kind == DPU_SET_RANKS)
        return drv_fail(DPU_ERR_INVALID_DPU_SET,
                        "%s: wanted a set of one DPU (from DPU_FOREACH), got a set of ranks; "
                        "use dpu_push_xfer to read from several",
                        call);
    return DPU_OK;
}

static dpu_error_t receive(struct dpu_set_t set, struct dpu_symbol_t symbol, uint32_t offset,
                           void *dst, size_t length)
{
    struct drv_target target;
    struct xfer xfer = {
        .direction = DPU_XFER_FROM_DPU, .broadcast = true, .buffer = dst, .call = "dpu_copy_from"};
    dpu_error_t error = drv_target_from(&target, set, xfer.call);
    if (!error)
        error = drv_inject_call(drv_set_of(set), xfer.call);
    if (!error)
        error = check(symbol, offset, length, &xfer);
    if (!error && !dst && length)
        error = drv_fail(DPU_ERR_INTERNAL, "dpu_copy_from: the host buffer is NULL");
    return error ? error : transfer(&target, &xfer, DPU_XFER_DEFAULT);
}

dpu_error_t dpu_copy_from_symbol(struct dpu_set_t dpu_set, struct dpu_symbol_t symbol,
                                 uint32_t symbol_offset, void *dst, size_t length)
{
    dpu_error_t error = check_single(dpu_set, "dpu_copy_from");
    return error ? error : receive(dpu_set, symbol, symbol_offset, dst, length);
}

dpu_error_t dpu_copy_from(struct dpu_set_t dpu_set, const char *symbol_name, uint32_t symbol_offset,
                          void *dst, size_t length)
{
    struct dpu_symbol_t symbol;
    dpu_error_t error = check_single(dpu_set, __func__);
    if (!error)
        error = drv_find_symbol(dpu_set, symbol_name, &symbol, __func__);
    return error ? error : receive(dpu_set, symbol, symbol_offset, dst, length);
}

/* ---- prepare and push ------------------------------------------------------------------------ */

dpu_error_t dpu_prepare_xfer(struct dpu_set_t dpu_set, void *buffer)
{
    struct drv_target target;
    dpu_error_t error = drv_target_from(&target, dpu_set, __func__);
    if (error)
        return error;
    DRV_ENTER(drv_set_of(dpu_set));
    for (uint32_t r = 0; r < target.nr_ranks; r++)
        drv_matrix_note(drv_prepared(target.ranks[r]), target.ranks[r], target.dpu, buffer);
    return DPU_OK;
}

/* ---- check mode ------------------------------------------------------------------------------ */

static int by_buffer(const void *a, const void *b)
{
    uintptr_t x = (uintptr_t)((const struct drv_piece *)a)->buffer;
    uintptr_t y = (uintptr_t)((const struct drv_piece *)b)->buffer;
    return (x > y) - (x < y);
}

/* With checkers: two DPUs that are read into the same host memory are told of, once a call. */
static void check_buffers(const struct drv_target *target, const struct xfer *xfer)
{
    struct drv_piece *pieces = calloc(drv_count(target), sizeof *pieces);
    size_t n = 0, len_bytes = xfer->region.len_bytes;
    for (struct drv_cursor at = {0}; pieces && drv_next(target, &at);) {
        void *buffer = buffer_of(at.dpu, xfer, drv_prepared(at.dpu->rank));
        if (buffer && sim_dpu_checks(at.dpu->sim))
            pieces[n++] = (struct drv_piece){at.dpu, buffer};
    }
    if (n > 1)
        qsort(pieces, n, sizeof *pieces, by_buffer);
    for (size_t i = 1; i < n; i++)
        if ((uintptr_t)pieces[i].buffer - (uintptr_t)pieces[i - 1].buffer < len_bytes) {
            drv_note(
                "%s: DPU 0x%x and DPU 0x%x are read into the same host memory, %zu bytes each; "
                "what it holds then is not defined: give each DPU a buffer of its own",
                xfer->call, (unsigned)dpu_get_id(pieces[i - 1].dpu),
                (unsigned)dpu_get_id(pieces[i].dpu), len_bytes);
            drv_log(DRV_WARNING, "check", "%s", drv_last_message());
            break;
        }
    free(pieces);
}

static void forget(const struct drv_target *target)
{
    for (uint32_t r = 0; r < target->nr_ranks; r++)
        drv_matrix_forget(drv_prepared(target->ranks[r]), target->ranks[r], target->dpu);
}

dpu_error_t dpu_push_xfer_symbol(struct dpu_set_t dpu_set, dpu_xfer_t xfer,
                                 struct dpu_symbol_t symbol, uint32_t symbol_offset, size_t length,
                                 dpu_xfer_flags_t flags)
{
    struct drv_target target;
    struct xfer what = {.direction = xfer,
                        .parallel = flags & DPU_XFER_PARALLEL && dpu_set.kind == DPU_SET_RANKS,
                        .call = "dpu_push_xfer"};
    dpu_error_t error = drv_target_from(&target, dpu_set, what.call);
    if (!error)
        error = drv_inject_call(drv_set_of(dpu_set), what.call);
    if (!error)
        error = check_flags(flags, what.call);
    if (!error)
        error = check(symbol, symbol_offset, length, &what);
    if (error)
        return error;
    if (xfer == DPU_XFER_FROM_DPU)
        check_buffers(&target, &what);
    error = transfer(&target, &what, flags);
    if (!(flags & DPU_XFER_NO_RESET))
        forget(&target);
    return error;
}

dpu_error_t dpu_push_xfer(struct dpu_set_t dpu_set, dpu_xfer_t xfer, const char *symbol_name,
                          uint32_t symbol_offset, size_t length, dpu_xfer_flags_t flags)
{
    struct dpu_symbol_t symbol;
    dpu_error_t error = drv_find_symbol(dpu_set, symbol_name, &symbol, __func__);
    return error ? error
                 : dpu_push_xfer_symbol(dpu_set, xfer, symbol, symbol_offset, length, flags);
}
