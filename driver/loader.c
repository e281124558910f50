/* SPDX-License-Identifier: MIT */
/* Programs below the level of sets: read without loading, written segment by segment with the
 * caller's changes. A patch function sees a copy of the segment, padded with zeros to its size in
 * memory. */
#include <stdlib.h>
#include <string.h>

#include "elf_file.h"
#include "include/dpu_loader.h"
#include "low.h"

/* ---- targets --------------------------------------------------------------------------------- */

static void fill_sizes(dpu_loader_context_t context, const struct dpu_rank_t *rank)
{
    const struct dpu_hw_description_t *hw = &rank->description->hw;
    memset(context, 0, sizeof *context);
    context->nr_of_instructions = hw->memories.iram_size;
    context->nr_of_wram_words = hw->memories.wram_size;
    context->nr_of_mram_bytes = hw->memories.mram_size;
}

void dpu_loader_fill_dpu_context(dpu_loader_context_t context, struct dpu_t *dpu)
{
    if (!context || !dpu)
        return;
    fill_sizes(context, dpu->rank);
    context->env.target = DPU_LOADER_TARGET_DPU;
    context->env.dpu = dpu;
}

void dpu_loader_fill_rank_context(dpu_loader_context_t context, struct dpu_rank_t *rank)
{
    if (!context || !rank)
        return;
    fill_sizes(context, rank);
    context->env.target = DPU_LOADER_TARGET_RANK;
    context->env.rank = rank;
}

/* ---- writing --------------------------------------------------------------------------------- */

struct job {
    dpu_loader_context_t context;
    struct dpu_rank_t *rank;
    struct dpu_t *only;
    struct isa_program *isa;
};

/* The caller's function for a memory, and the unit in which it is told where. */
struct patch {
    mem_patch_function_t function;
    uint32_t unit_bytes;
};

static struct patch patch_of(const struct job *job, enum isa_memory memory)
{
    const struct patch patches[ISA_MEMORY_COUNT] = {
        [ISA_IRAM] = {job->context->patch_iram, ISA_INSN_BYTES},
        [ISA_WRAM] = {job->context->patch_wram, sizeof(dpuword_t)},
        [ISA_MRAM] = {job->context->patch_mram, 1},
        [ISA_ATOMIC] = {NULL, 1}};
    return patches[memory];
}

static dpu_error_t write_patched(const struct job *job, const struct drv_region *region,
                                 uint8_t *content)
{
    struct patch patch = patch_of(job, region->memory);
    dpu_error_t error =
        patch.function(&job->context->env, content, region->offset_bytes / patch.unit_bytes,
                       (dpu_mem_max_size_t)(region->len_bytes / patch.unit_bytes), true);
    for (unsigned i = 0; i < job->rank->nr_dpus && !error; i++)
        if (drv_in_target(&job->rank->dpus[i], job->only))
            drv_write(&job->rank->dpus[i], region, content);
    return error;
}

static dpu_error_t patch_segment(const struct job *job, const struct isa_segment *segment)
{
    struct drv_region region = {segment->memory, segment->offset_bytes, segment->mem_bytes};
    if (!patch_of(job, segment->memory).function)
        return DPU_OK;
    uint8_t *content = calloc(1, (size_t)segment->mem_bytes + 1);
    if (!content)
        return drv_fail(DPU_ERR_SYSTEM, "dpu_elf_load: out of memory");
    if (segment->file_bytes)
        memcpy(content, segment->data, segment->file_bytes);
    dpu_error_t error = write_patched(job, &region, content);
    free(content);
    return error;
}

/* The program as it is, then what the caller changes in it. */
static dpu_error_t load(const struct job *job)
{
    dpu_error_t error = drv_check_program(job->isa, job->rank);
    for (unsigned i = 0; i < job->rank->nr_dpus && !error; i++) {
        struct dpu_t *dpu = &job->rank->dpus[i];
        if (!drv_in_target(dpu, job->only))
            continue;
        drv_stop(dpu);
        error = drv_load_into(dpu, job->isa);
    }
    for (size_t i = 0; i < job->isa->n_segments && !error; i++)
        error = patch_segment(job, &job->isa->segments[i]);
    return error;
}

dpu_error_t dpu_elf_load(dpu_elf_file_t file, dpu_loader_context_t context)
{
    struct drv_elf *elf = file;
    if (!elf || !context)
        return drv_fail(DPU_ERR_INTERNAL, "%s: an argument is NULL", __func__);
    bool whole = context->env.target == DPU_LOADER_TARGET_RANK;
    if (!whole && context->env.target != DPU_LOADER_TARGET_DPU)
        return drv_fail(DPU_ERR_INTERNAL, "%s: the target is %d, neither rank nor DPU", __func__,
                        (int)context->env.target);
    dpu_error_t error = whole ? drv_low_hold_rank(context->env.rank, __func__)
                              : drv_low_hold_dpu(context->env.dpu, __func__);
    if (error)
        return error;
    struct job job = {context, whole ? context->env.rank : context->env.dpu->rank,
                      whole ? NULL : context->env.dpu, elf->program};
    error = load(&job);
    drv_low_unhold(job.rank);
    return error;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* The file is closed again unless the program can be filled. */
static dpu_error_t fill(dpu_elf_file_t file, dpu_elf_file_t *elf_info,
                        struct dpu_program_t *program, mram_size_t mram_size_hint)
{
    dpu_error_t error =
        drv_program_fill(program, ((struct drv_elf *)file)->program, mram_size_hint);
    if (error)
        dpu_elf_close(file);
    else
        *elf_info = file;
    return error;
}

dpu_error_t dpu_load_elf_program(dpu_elf_file_t *elf_info, const char *path,
                                 struct dpu_program_t *program, mram_size_t mram_size_hint)
{
    dpu_elf_file_t file;
    char resolved[PATH_MAX];
    if (!elf_info || !program)
        return drv_fail(DPU_ERR_INTERNAL, "%s: an argument is NULL", __func__);
    dpu_error_t error = drv_resolve(resolved, path);
    if (!error)
        error = dpu_elf_open(resolved, &file);
    return error ? error : fill(file, elf_info, program, mram_size_hint);
}

dpu_error_t dpu_load_elf_program_from_memory(dpu_elf_file_t *elf_info, const char *path,
                                             uint8_t *buffer_start, size_t buffer_size,
                                             struct dpu_program_t *program,
                                             mram_size_t mram_size_hint)
{
    dpu_elf_file_t file;
    if (!elf_info || !program)
        return drv_fail(DPU_ERR_INTERNAL, "%s: an argument is NULL", __func__);
    if (!buffer_start || buffer_size > UINT_MAX)
        return drv_fail(DPU_ERR_ELF_INVALID_FILE, "%s: %s", __func__,
                        buffer_start ? "the buffer is too large" : "the buffer is NULL");
    dpu_error_t error = dpu_elf_map(buffer_start, (unsigned)buffer_size, &file, path);
    return error ? error : fill(file, elf_info, program, mram_size_hint);
}
