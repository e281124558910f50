/* SPDX-License-Identifier: MIT */
/* The SDK's profiler modes work by patching programs on the device. Here a profile is taken from
 * outside (`dpusim`, dpusim_read_statistic), so the calls keep what they are told and do what has
 * an effect on the DPU's memory; there are no samples to collect or to print.
 * Source: documented (headers of SDK 2025.1). */
#include "low.h"

/* + thread: a word of thread_profiling that its thread has not written yet. */
#define UNTOUCHED UINT32_C(0xDEAD0000)

/* ---- addresses ------------------------------------------------------------------------------- */

dpu_profiling_context_t dpu_get_profiling_context(struct dpu_rank_t *rank)
{
    return &rank->profiling;
}

dpu_error_t dpu_fill_profiling_info(struct dpu_rank_t *rank, iram_addr_t mcount_address,
                                    iram_addr_t ret_mcount_address,
                                    wram_addr_t thread_profiling_address,
                                    wram_addr_t perfcounter_end_value_address,
                                    dpu_elf_symbols_t *profiling_symbols)
{
    dpu_error_t error = drv_low_rank(rank, __func__);
    if (error)
        return error;
    rank->profiling.mcount_address = mcount_address;
    rank->profiling.ret_mcount_address = ret_mcount_address;
    rank->profiling.thread_profiling_address = thread_profiling_address;
    rank->profiling.perfcounter_end_value_address = perfcounter_end_value_address;
    rank->profiling.profiling_symbols = profiling_symbols;
    drv_low_leave(rank);
    return DPU_OK;
}

/* ---- the program on the DPU ------------------------------------------------------------------ */

dpu_error_t dpu_patch_profiling_for_dpu(struct dpu_t *dpu, dpuinstruction_t *source,
                                        uint32_t address, uint32_t size, bool init)
{
    (void)source;
    (void)address;
    (void)size;
    (void)init;
    dpu_error_t error = drv_low_dpu(dpu, __func__);
    if (error)
        return error;
    drv_low_leave(dpu->rank);
    drv_log(DRV_INFO, "profiler", "%s: programs are profiled without changing them", __func__);
    return DPU_OK;
}

/* One word per thread; the list ends with the threads of the program or with WRAM. */
static void mark_threads(struct dpu_t *dpu)
{
    const struct dpu_program_t *program = dpu->program;
    if (!program || program->thread_profiling_address < 0)
        return;
    for (uint32_t thread = 0; thread < program->nr_threads_enabled; thread++) {
        uint32_t word = UNTOUCHED + thread;
        struct drv_region region = {
            ISA_WRAM, (uint32_t)program->thread_profiling_address + thread * 4, sizeof word};
        if (drv_check_region(dpu->rank, &region, "dpu_set_magic_profiling_for_dpu"))
            return;
        drv_write(dpu, &region, &word);
    }
}

dpu_error_t dpu_set_magic_profiling_for_dpu(struct dpu_t *dpu)
{
    dpu_error_t error = drv_low_dpu(dpu, __func__);
    if (error)
        return error;
    mark_threads(dpu);
    drv_low_leave(dpu->rank);
    return DPU_OK;
}

/* ---- records --------------------------------------------------------------------------------- */

static void no_records(const char *call)
{
    drv_log(DRV_WARNING, "profiler",
            "%s: there are no samples; dpusim_read_statistic has the figures of the last launch",
            call);
}

void dpu_collect_statistics_profiling(struct dpu_t *dpu, uint8_t nr_threads,
                                      const uint32_t *profiled_address)
{
    (void)dpu;
    (void)nr_threads;
    (void)profiled_address;
    no_records(__func__);
}

void dpu_collect_samples_profiling(struct dpu_t *dpu, iram_addr_t profiled_address)
{
    (void)dpu;
    (void)profiled_address;
    no_records(__func__);
}

void dpu_dump_statistics_profiling(struct dpu_t *dpu, uint8_t nr_threads)
{
    (void)dpu;
    (void)nr_threads;
    no_records(__func__);
}

void dpu_dump_samples_profiling(struct dpu_t *dpu)
{
    (void)dpu;
    no_records(__func__);
}

void dpu_dump_section_profiling(struct dpu_t *dpu, uint8_t nr_threads, const char *section_name,
                                const dpuword_t *section_info, uint32_t perfcounter_end_value)
{
    (void)dpu;
    (void)nr_threads;
    (void)section_name;
    (void)section_info;
    (void)perfcounter_end_value;
    no_records(__func__);
}
