/* SPDX-License-Identifier: MIT */
/* Bytes between the host and one DPU: bounds, multiples, and the copy itself. Source of the rules:
 * documented (host library of SDK 2024.2). */
#include <inttypes.h>
#include <string.h>

#include "driver.h"

/* Below this the hand-over to other threads costs more than it gains. */
enum { WORTH_THREADS_BYTES = 1 << 16 };

static const struct {
    dpu_error_t error;
    unsigned multiple_bytes;
} rules[ISA_MEMORY_COUNT] = {
    [ISA_IRAM] = {DPU_ERR_INVALID_IRAM_ACCESS, ISA_INSN_BYTES},
    [ISA_WRAM] = {DPU_ERR_INVALID_WRAM_ACCESS, 4},
    [ISA_MRAM] = {DPU_ERR_INVALID_MRAM_ACCESS, 8},
    [ISA_ATOMIC] = {DPU_ERR_INVALID_IRAM_ACCESS, ISA_INSN_BYTES},
};

dpu_error_t drv_check_multiples(const struct drv_region *region, const char *call)
{
    unsigned multiple = rules[region->memory].multiple_bytes;
    uint64_t cut = region->len_bytes / multiple * multiple;
    if (region->offset_bytes % multiple)
        return drv_fail(rules[region->memory].error,
                        "%s: offset 0x%" PRIx32
                        " in %s is no multiple of %u; nearest below: 0x%" PRIx32,
                        call, region->offset_bytes, isa_memory_name(region->memory), multiple,
                        region->offset_bytes / multiple * multiple);
    if (region->len_bytes != cut)
        return drv_fail(
            rules[region->memory].error,
            "%s: length %zu in %s is no multiple of %u; nearest: %" PRIu64 " or %" PRIu64, call,
            region->len_bytes, isa_memory_name(region->memory), multiple, cut, cut + multiple);
    return DPU_OK;
}

dpu_error_t drv_check_region(const struct dpu_rank_t *rank, const struct drv_region *region,
                             const char *call)
{
    uint32_t size = rank->machine.memory_bytes[region->memory];
    dpu_error_t error = drv_check_multiples(region, call);
    if (error)
        return error;
    if (region->len_bytes == 0 && region->offset_bytes <= size)
        return DPU_OK;
    if (region->offset_bytes >= size || region->len_bytes > size - region->offset_bytes)
        return drv_fail(
            rules[region->memory].error,
            "%s: offset 0x%" PRIx32 " + length %zu passes the end of %s (%" PRIu32 " bytes)", call,
            region->offset_bytes, region->len_bytes, isa_memory_name(region->memory), size);
    return DPU_OK;
}

static uint8_t *bytes_at(struct dpu_t *dpu, const struct drv_region *region)
{
    uint8_t *memory = region->memory == ISA_WRAM ? sim_dpu_wram(dpu->sim) : sim_dpu_mram(dpu->sim);
    return memory + region->offset_bytes;
}

void drv_write(struct dpu_t *dpu, const struct drv_region *region, const void *data)
{
    if (region->len_bytes == 0)
        return;
    drv_pause(dpu);
    if (region->memory == ISA_WRAM || region->memory == ISA_MRAM) {
        memcpy(bytes_at(dpu, region), data, region->len_bytes);
        sim_dpu_written(dpu->sim, region->memory, region->offset_bytes, region->len_bytes);
    } else {
        enum dpusim_status status =
            sim_dpu_write(dpu->sim, ISA_IRAM, region->offset_bytes, data, region->len_bytes, NULL);
        dpu->iram_written |= status == DPUSIM_OK;
    }
    drv_resume(dpu);
}

void drv_read(struct dpu_t *dpu, const struct drv_region *region, void *data)
{
    if (region->len_bytes == 0)
        return;
    drv_pause(dpu);
    if (region->memory == ISA_WRAM || region->memory == ISA_MRAM)
        memcpy(data, bytes_at(dpu, region), region->len_bytes);
    else if (sim_dpu_read(dpu->sim, ISA_IRAM, region->offset_bytes, data, region->len_bytes,
                          NULL) != DPUSIM_OK)
        memset(data, 0, region->len_bytes);
    drv_resume(dpu);
}

/* ---- both directions ------------------------------------------------------------------------- */

void drv_move(struct dpu_t *dpu, const struct drv_region *region, dpu_xfer_t direction,
              void *buffer)
{
    if (direction == DPU_XFER_TO_DPU)
        drv_write(dpu, region, buffer);
    else
        drv_read(dpu, region, buffer);
    drv_inject_flip(dpu, region, direction, buffer);
}

struct work {
    const struct drv_region *region;
    dpu_xfer_t direction;
    const struct drv_piece *pieces;
};

static void move_piece(void *context, uint32_t i)
{
    struct work *work = context;
    drv_move(work->pieces[i].dpu, work->region, work->direction, work->pieces[i].buffer);
}

void drv_move_all(const struct drv_region *region, dpu_xfer_t direction,
                  const struct drv_piece *pieces, uint32_t count)
{
    struct work work = {region, direction, pieces};
    if ((uint64_t)count * region->len_bytes >= WORTH_THREADS_BYTES) {
        drv_pool_for(count, move_piece, &work);
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        move_piece(&work, i);
}
