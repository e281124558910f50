/* SPDX-License-Identifier: MIT */
/* Read the parts of a DPU program file, write core files.
 * Source: documented, SDK 2025.1 dpu_elf.h. */
#ifndef DPUSIM_DPU_ELF_H
#define DPUSIM_DPU_ELF_H

#include <stdbool.h>
#include <stdint.h>

#include "dpu_api.h"
#include "dpu_error.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifndef EM_DPU
#define EM_DPU 245
#endif

typedef struct dpu_elf_symbol {
    char *name;
    unsigned int value; /* with memory tag */
    unsigned int size;  /* bytes */
} dpu_elf_symbol_t;

typedef struct dpu_elf_symbols {
    unsigned int nr_symbols;
    dpu_elf_symbol_t *map; /* nr_symbols entries */
} dpu_elf_symbols_t;

typedef struct _dpu_elf_runtime_info_item {
    uint32_t value; /* address with memory tag, or value of an absolute symbol */
    uint32_t size;  /* bytes */
    bool exists;    /* false: value and size mean nothing */
} dpu_elf_runtime_info_item_t;

/* Symbols that host and debugger need. */
typedef struct _dpu_elf_runtime_info {
    dpu_elf_runtime_info_item_t sys_heap_pointer_reset;
    dpu_elf_runtime_info_item_t sys_heap_pointer;
    dpu_elf_runtime_info_item_t sys_wq_table;
    dpu_elf_runtime_info_item_t sys_stack_table;
    dpu_elf_runtime_info_item_t printf_buffer;
    dpu_elf_runtime_info_item_t printf_state;
    dpu_elf_runtime_info_item_t sys_end;
    dpu_elf_runtime_info_item_t mcount;
    dpu_elf_runtime_info_item_t ret_mcount;
    dpu_elf_runtime_info_item_t thread_profiling;
    dpu_elf_runtime_info_item_t nr_threads;
    dpu_elf_runtime_info_item_t perfcounter_end_value;
    dpu_elf_runtime_info_item_t open_print_sequence;
    dpu_elf_runtime_info_item_t close_print_sequence;
    dpu_elf_symbols_t mutex_info;
    dpu_elf_symbols_t semaphore_info;
    dpu_elf_symbols_t barrier_info;
} dpu_elf_runtime_info_t;

typedef void *dpu_elf_file_t;

/* Open a program file. *file is ended by dpu_elf_close.
 * Returns DPU_OK; DPU_ERR_ELF_NO_SUCH_FILE; DPU_ERR_ELF_INVALID_FILE; DPU_ERR_SYSTEM;
 * DPU_ERR_INTERNAL for a missing argument. */
DPU_API_EXPORT dpu_error_t dpu_elf_open(const char *path, dpu_elf_file_t *file);
/* The same on an image of `size` bytes, which must outlive the file.
 *   filename_or_null  for messages. */
DPU_API_EXPORT dpu_error_t dpu_elf_map(uint8_t *memory, unsigned int size, dpu_elf_file_t *file,
                                       const char *filename_or_null);
/* End a file. NULL is allowed. */
DPU_API_EXPORT void dpu_elf_close(dpu_elf_file_t file);

/* Bytes of a section. *buffer points into the file: not to be freed, valid until dpu_elf_close.
 * Returns DPU_OK; DPU_ERR_ELF_NO_SUCH_SECTION; DPU_ERR_ELF_INVALID_FILE. */
DPU_API_EXPORT dpu_error_t dpu_elf_load_section(dpu_elf_file_t file, const char *name,
                                                unsigned int *size, uint8_t **buffer);
/* Symbols that lie in the section `name`. *symbols is freed by dpu_elf_free_symbols.
 * Returns DPU_OK; DPU_ERR_ELF_NO_SUCH_SECTION; DPU_ERR_SYSTEM. */
DPU_API_EXPORT dpu_error_t dpu_elf_load_symbols(dpu_elf_file_t file, const char *name,
                                                dpu_elf_symbols_t **symbols);
/* Free a table of symbols with its names. NULL is allowed. */
DPU_API_EXPORT void dpu_elf_free_symbols(dpu_elf_symbols_t *symbols);
/* Names of all sections in file order. The caller frees the array, not the names, which belong to
 * the file. Returns DPU_OK; DPU_ERR_SYSTEM. */
DPU_API_EXPORT dpu_error_t dpu_elf_get_sections(dpu_elf_file_t file, unsigned int *nr_sections,
                                                char ***sections);
/* Look up the symbols of dpu_elf_runtime_info_t; its lists are freed by free_runtime_info. */
DPU_API_EXPORT void dpu_elf_get_runtime_info(dpu_elf_file_t file,
                                             dpu_elf_runtime_info_t *runtime_info);
/* Free the lists, not the struct. NULL is allowed. */
DPU_API_EXPORT void free_runtime_info(dpu_elf_runtime_info_t *runtime_info);

/* Write a core file: the program's sections with .data (0), .text, .mram and .regs holding the
 * given bytes. NULL leaves a part out; sizes in bytes.
 * Returns DPU_OK; DPU_ERR_ELF_NO_SUCH_FILE; DPU_ERR_ELF_INVALID_FILE; DPU_ERR_INTERNAL when the
 * file cannot be written. */
DPU_API_EXPORT dpu_error_t dpu_elf_create_core_dump(const char *exe_path,
                                                    const char *core_file_path, uint8_t *wram,
                                                    uint8_t *mram, uint8_t *iram, uint8_t *context,
                                                    uint32_t wram_size, uint32_t mram_size,
                                                    uint32_t iram_size, uint32_t context_size);

#ifdef __cplusplus
}
#endif

#endif
