/* SPDX-License-Identifier: MIT */
/* Program objects: what the host knows of a loaded program. Counted references.
 * Source: documented, SDK 2025.1 dpu_program.h. */
#ifndef DPUSIM_DPU_PROGRAM_H
#define DPUSIM_DPU_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "dpu_api.h"
#include "dpu_elf.h"
#include "dpu_error.h"
#include "dpu_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Addresses carry their memory tag; -1: the program has no such symbol (perfcounter_end_value: 0).
 */
struct dpu_program_t {
    uint8_t nr_threads_enabled;
    int32_t printf_buffer_address;
    int32_t printf_buffer_size; /* bytes */
    int32_t printf_write_pointer_address;
    int32_t printf_buffer_has_wrapped_address;
    dpu_elf_symbols_t *symbols; /* host-visible ones */
    int32_t mcount_address;
    int32_t ret_mcount_address;
    int32_t thread_profiling_address;
    int32_t perfcounter_end_value_address;
    dpu_elf_symbols_t *profiling_symbols;
    int32_t open_print_sequence_addr;
    int32_t close_print_sequence_addr;
    int32_t reference_count;
    char *program_path;
};

/* Set the count of references to 0; add one; give one back, the last one frees the symbols (NULL is
 * allowed). */
DPU_API_EXPORT void dpu_init_program_ref(struct dpu_program_t *program);
DPU_API_EXPORT void dpu_take_program_ref(struct dpu_program_t *program);
DPU_API_EXPORT void dpu_free_program(struct dpu_program_t *program);

/* Program of a DPU, NULL when none is loaded. Borrowed. */
DPU_API_EXPORT struct dpu_program_t *dpu_get_program(struct dpu_t *dpu);
/* Store the pointer; references are the caller's business. */
DPU_API_EXPORT void dpu_set_program(struct dpu_t *dpu, struct dpu_program_t *program);

/* Read a program file (an image in memory) without loading it.
 *
 *   elf_info        receives the open file; dpu_elf_close.
 *   path            of the file; from memory: for messages.
 *   program         filled.
 *   mram_size_hint  bytes of MRAM, for the size of the heap symbol.
 *
 * Returns as dpu_load (dpu_load_from_memory). */
DPU_API_EXPORT dpu_error_t dpu_load_elf_program(dpu_elf_file_t *elf_info, const char *path,
                                                struct dpu_program_t *program,
                                                mram_size_t mram_size_hint);
DPU_API_EXPORT dpu_error_t dpu_load_elf_program_from_memory(dpu_elf_file_t *elf_info,
                                                            const char *path, uint8_t *buffer_start,
                                                            size_t buffer_size,
                                                            struct dpu_program_t *program,
                                                            mram_size_t mram_size_hint);
/* The program that all enabled DPUs of a set share. Borrowed.
 * Returns DPU_OK; DPU_ERR_NO_PROGRAM_LOADED; DPU_ERR_DIFFERENT_DPU_PROGRAMS; DPU_ERR_INTERNAL for a
 * bad set. */
DPU_API_EXPORT dpu_error_t dpu_get_common_program(struct dpu_set_t *dpu_set,
                                                  struct dpu_program_t **program);

#ifdef __cplusplus
}
#endif

#endif
