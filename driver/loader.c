/* SPDX-License-Identifier: MIT */
/* Segments of a program file to a rank or a DPU, and program objects without a set. Order of the
 * checks: documented (dpu_loader.c of the host library of SDK 2024.2). */
#include <stdlib.h>
#include <string.h>

#include "elf_file.h"
#include "include/dpu_loader.h"
#include "low.h"

/* ---- targets --------------------------------------------------------------------------------- */

static void fill_sizes(dpu_loader_context_t context, const struct dpu_rank_t *rank)
{
    const uint32_t *bytes = rank->machine.memory_bytes;
    *context = (struct _dpu_loader_context_t){
        .nr_of_instructions = bytes[ISA_IRAM] / ISA_INSN_BYTES,
        .nr_of_wram_words = bytes[ISA_WRAM] / (uint32_t)sizeof(dpuword_t),
        .nr_of_mram_bytes = bytes[ISA_MRAM]};
}

void dpu_loader_fill_dpu_context(dpu_loader_context_t context, struct dpu_t *dpu)
{
    fill_sizes(context, dpu->rank);
    context->env.target = DPU_LOADER_TARGET_DPU;
    context->env.dpu = dpu;
}

void dpu_loader_fill_rank_context(dpu_loader_context_t context, struct dpu_rank_t *rank)
{
    fill_sizes(context, rank);
    context->env.target = DPU_LOADER_TARGET_RANK;
    context->env.rank = rank;
}

static dpu_error_t enter(const dpu_loader_context_t context, const char *call)
{
    if (context->env.target == DPU_LOADER_TARGET_RANK)
        return drv_low_rank(context->env.rank, call);
    if (context->env.target == DPU_LOADER_TARGET_DPU)
        return drv_low_dpu(context->env.dpu, call);
    return drv_fail(DPU_ERR_INTERNAL, "%s: the target is %d, neither rank nor DPU", call,
                    (int)context->env.target);
}

static struct dpu_rank_t *rank_of(const dpu_loader_context_t context)
{
    return context->env.target == DPU_LOADER_TARGET_RANK ? context->env.rank
                                                         : context->env.dpu->rank;
}

/* ---- segments -------------------------------------------------------------------------------- */

static void write_segment(dpu_loader_context_t context, const struct drv_region *region,
                          const uint8_t *bytes)
{
    struct dpu_rank_t *rank = rank_of(context);
    bool whole_rank = context->env.target == DPU_LOADER_TARGET_RANK;
    for (unsigned i = 0; i < rank->nr_dpus; i++) {
        struct dpu_t *dpu = &rank->dpus[i];
        if (dpu->enabled && (whole_rank || dpu == context->env.dpu))
            drv_write(dpu, region, bytes);
    }
}

/* The caller's function may change the bytes; addresses and sizes in the unit of the memory. */
static dpu_error_t patch(dpu_loader_context_t context, const struct drv_region *region,
                         uint8_t *bytes)
{
    const struct {
        mem_patch_function_t function;
        uint32_t unit;
    } patches[ISA_MEMORY_COUNT] = {[ISA_IRAM] = {context->patch_iram, ISA_INSN_BYTES},
                                   [ISA_WRAM] = {context->patch_wram, sizeof(dpuword_t)},
                                   [ISA_MRAM] = {context->patch_mram, 1}};
    uint32_t unit = patches[region->memory].unit;
    if (!patches[region->memory].function)
        return DPU_OK;
    return patches[region->memory].function(&context->env, bytes, region->offset_bytes / unit,
                                            (dpu_mem_max_size_t)(region->len_bytes / unit), true);
}

/* Zero beyond the bytes of the file, up to a whole word as dpu_load does. Atomic bits are no
 * memory.
 */
static dpu_error_t load_segment(dpu_loader_context_t context, const struct isa_segment *segment,
                                const char *call)
{
    struct drv_region region = {segment->memory, segment->offset_bytes,
                                ((size_t)segment->mem_bytes + 7) / 8 * 8};
    if (segment->memory == ISA_ATOMIC)
        return DPU_OK;
    dpu_error_t error = drv_check_region(rank_of(context), &region, call);
    if (error)
        return error;
    uint8_t *bytes = calloc(1, region.len_bytes + 1);
    if (!bytes)
        return drv_fail(DPU_ERR_INTERNAL, "%s: out of memory", call);
    if (segment->file_bytes)
        memcpy(bytes, segment->data, segment->file_bytes);
    error = patch(context, &region, bytes);
    if (!error)
        write_segment(context, &region, bytes);
    free(bytes);
    return error;
}

dpu_error_t dpu_elf_load(dpu_elf_file_t file, dpu_loader_context_t context)
{
    struct drv_elf *elf = file;
    if (!elf || !context)
        return drv_fail(DPU_ERR_INTERNAL, "%s: an argument is NULL", __func__);
    dpu_error_t error = enter(context, __func__);
    if (error)
        return error;
    for (size_t i = 0; !error && i < elf->program->n_segments; i++)
        error = load_segment(context, &elf->program->segments[i], __func__);
    drv_low_leave(rank_of(context));
    return error;
}

/* ---- program objects ------------------------------------------------------------------------- */

static dpu_error_t fill_program(dpu_elf_file_t *elf_info, struct dpu_program_t *program,
                                mram_size_t mram_size_hint)
{
    struct drv_elf *elf = *elf_info;
    dpu_error_t error = drv_program_fill(program, elf->program, mram_size_hint);
    if (error) {
        dpu_elf_close(*elf_info);
        *elf_info = NULL;
    }
    return error;
}

dpu_error_t dpu_load_elf_program(dpu_elf_file_t *elf_info, const char *path,
                                 struct dpu_program_t *program, mram_size_t mram_size_hint)
{
    if (!program)
        return drv_fail(DPU_ERR_INTERNAL, "%s: the program is NULL", __func__);
    dpu_error_t error = dpu_elf_open(path, elf_info);
    return error ? error : fill_program(elf_info, program, mram_size_hint);
}

dpu_error_t dpu_load_elf_program_from_memory(dpu_elf_file_t *elf_info, const char *path,
                                             uint8_t *buffer_start, size_t buffer_size,
                                             struct dpu_program_t *program,
                                             mram_size_t mram_size_hint)
{
    if (!program || buffer_size > UINT32_MAX)
        return drv_fail(DPU_ERR_INTERNAL, "%s: %s", __func__,
                        program ? "the buffer is larger than a file can be"
                                : "the program is NULL");
    dpu_error_t error = dpu_elf_map(buffer_start, (unsigned)buffer_size, elf_info, path);
    return error ? error : fill_program(elf_info, program, mram_size_hint);
}
