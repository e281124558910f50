/* SPDX-License-Identifier: MIT */
/* The SDK's own profiler modes. They patch the program on the device and are of no use with a
 * simulator, which profiles without touching the program (`dpusim profile`, dpusim.h): the calls
 * check their arguments, keep the addresses and print nothing.
 * Source: documented, SDK 2025.1 dpu_profiler.h. */
#ifndef DPUSIM_DPU_PROFILER_H
#define DPUSIM_DPU_PROFILER_H

#include <stdbool.h>
#include <stdint.h>

#include "dpu_api.h"
#include "dpu_elf.h"
#include "dpu_error.h"
#include "dpu_types.h"

#ifdef __cplusplus
extern "C" {
#endif

enum dpu_profiling_type_e {
    DPU_PROFILING_NOP = 0,
    DPU_PROFILING_MCOUNT = 1,
    DPU_PROFILING_STATS = 2,
    DPU_PROFILING_SAMPLES = 3,
    DPU_PROFILING_SECTIONS = 4
};

typedef struct _dpu_profiling_context_t {
    enum dpu_profiling_type_e enable_profiling;
    struct dpu_t *dpu; /* the profiled DPU, or NULL */
    uint64_t *sample_stats;
    uint16_t nr_of_mcount_stats;
    struct {
        iram_addr_t address;
        uint32_t count;
    } * *mcount_stats;
    iram_addr_t mcount_address;
    iram_addr_t ret_mcount_address;
    wram_addr_t thread_profiling_address;
    dpu_elf_symbols_t *profiling_symbols;
    wram_addr_t perfcounter_end_value_address;
} * dpu_profiling_context_t;

/* Store the addresses that profiling needs. Always DPU_OK. */
DPU_API_EXPORT dpu_error_t dpu_fill_profiling_info(struct dpu_rank_t *rank,
                                                   iram_addr_t mcount_address,
                                                   iram_addr_t ret_mcount_address,
                                                   wram_addr_t thread_profiling_address,
                                                   wram_addr_t perfcounter_end_value_address,
                                                   dpu_elf_symbols_t *profiling_symbols);
/* Redirect the calls of mcount in `size` bytes of code. Returns DPU_OK; DPU_ERR_DPU_DISABLED. */
DPU_API_EXPORT dpu_error_t dpu_patch_profiling_for_dpu(struct dpu_t *dpu, dpuinstruction_t *source,
                                                       uint32_t address, uint32_t size, bool init);
/* Add up and print what the profiled DPU recorded. */
DPU_API_EXPORT void dpu_collect_statistics_profiling(struct dpu_t *dpu, uint8_t nr_threads,
                                                     const uint32_t *profiled_address);
DPU_API_EXPORT void dpu_collect_samples_profiling(struct dpu_t *dpu, iram_addr_t profiled_address);
DPU_API_EXPORT void dpu_dump_statistics_profiling(struct dpu_t *dpu, uint8_t nr_threads);
DPU_API_EXPORT void dpu_dump_samples_profiling(struct dpu_t *dpu);
DPU_API_EXPORT void dpu_dump_section_profiling(struct dpu_t *dpu, uint8_t nr_threads,
                                               const char *section_name,
                                               const dpuword_t *section_info,
                                               uint32_t perfcounter_end_value);
/* Mark the thread_profiling words of a DPU as untouched. Returns DPU_OK; DPU_ERR_DPU_DISABLED. */
DPU_API_EXPORT dpu_error_t dpu_set_magic_profiling_for_dpu(struct dpu_t *dpu);
/* Profiling context of a rank. Borrowed. */
DPU_API_EXPORT dpu_profiling_context_t dpu_get_profiling_context(struct dpu_rank_t *rank);

#ifdef __cplusplus
}
#endif

#endif
