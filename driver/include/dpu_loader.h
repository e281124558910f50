/* SPDX-License-Identifier: MIT */
/* Write the segments of a program file to a rank or a DPU, below the level of sets.
 * Source: documented, SDK 2025.1 dpu_loader.h. */
#ifndef DPUSIM_DPU_LOADER_H
#define DPUSIM_DPU_LOADER_H

#include <stdbool.h>
#include <stdint.h>

#include "dpu_api.h"
#include "dpu_elf.h"
#include "dpu_error.h"
#include "dpu_types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum _dpu_loader_target_t {
    DPU_LOADER_TARGET_RANK = 0,
    DPU_LOADER_TARGET_DPU = 1
} dpu_loader_target_t;

typedef struct _dpu_loader_env_t {
    dpu_loader_target_t target;
    union {
        struct dpu_rank_t *rank;
        struct dpu_t *dpu;
    };
} * dpu_loader_env_t;

/* May change the bytes of a segment before they are written. content: a copy, zeros where the file
 * has no bytes; address and size: in the unit of the memory (instructions, words, bytes); init:
 * true in a load. An error ends the load. */
typedef dpu_error_t (*mem_patch_function_t)(dpu_loader_env_t env, void *content,
                                            dpu_mem_max_addr_t address, dpu_mem_max_size_t size,
                                            bool init);

typedef struct _dpu_loader_context_t {
    mem_patch_function_t patch_iram; /* NULL: nothing to change */
    mem_patch_function_t patch_wram;
    mem_patch_function_t patch_mram;
    uint32_t nr_of_instructions; /* sizes of the target's memories */
    uint32_t nr_of_wram_words;
    uint32_t nr_of_mram_bytes;
    uint32_t dummy;
    struct _dpu_loader_env_t env;
} * dpu_loader_context_t;

/* Aim a context at one DPU, or at all enabled DPUs of a rank. Patch functions are set afterwards.
 */
DPU_API_EXPORT void dpu_loader_fill_dpu_context(dpu_loader_context_t context, struct dpu_t *dpu);
DPU_API_EXPORT void dpu_loader_fill_rank_context(dpu_loader_context_t context,
                                                 struct dpu_rank_t *rank);
/* Write every loadable segment to the target.
 * Returns DPU_OK; DPU_ERR_ELF_INVALID_FILE; DPU_ERR_INVALID_{IRAM,WRAM,MRAM}_ACCESS;
 * DPU_ERR_INTERNAL. */
DPU_API_EXPORT dpu_error_t dpu_elf_load(dpu_elf_file_t file, dpu_loader_context_t context);

#ifdef __cplusplus
}
#endif

#endif
