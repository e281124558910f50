/* SPDX-License-Identifier: MIT */
/* The host API: allocate DPUs, load a program, move data, launch, read the log. The rank-level
 * functions are in dpu_management.h, dpu_memory.h and dpu_runner.h, which this header leaves out as
 * the SDK's does; what only a simulator can do is in dpusim.h.
 *
 * Operations on a set become jobs in the queue of each of its ranks: jobs of a rank run in order,
 * ranks run side by side. Unless said otherwise every call may also return a stored error of an
 * earlier asynchronous job (bit 31 set), and pointers are borrowed for the call.
 * Source: documented, SDK 2025.1 dpu.h. */
#ifndef DPUSIM_DPU_H
#define DPUSIM_DPU_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "dpu_api.h"
#include "dpu_bank_interface_pmc.h"
#include "dpu_checkpoint.h"
#include "dpu_error.h"
#include "dpu_fifo.h"
#include "dpu_macro_utils.h"
#include "dpu_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Number of DPUs or ranks that means "all there are". */
#define DPU_ALLOCATE_ALL UINT_MAX

/* ------------------------------------------------------------------ errors -------------------- */

/* Evaluate `statement` once; on an error print FILE:LINE(FUNCTION): DPU Error (TEXT) on stderr and
 * run `on_error`. One statement.
 * Use: DPU_CHECK(dpu_sync(set), goto out); */
#define DPU_CHECK(statement, on_error)                                                             \
    do {                                                                                           \
        dpu_error_t dpu_check_status_ = (statement);                                               \
        if (dpu_check_status_ != DPU_OK) {                                                         \
            char *dpu_check_text_ = dpu_error_to_string(dpu_check_status_);                        \
            fprintf(stderr, "%s:%d(%s): DPU Error (%s)\n", __FILE__, __LINE__, __func__,           \
                    dpu_check_text_);                                                              \
            free(dpu_check_text_);                                                                 \
            on_error;                                                                              \
        }                                                                                          \
    } while (0)

/* As DPU_CHECK; ends the process with status 1. Use: DPU_ASSERT(dpu_free(set)); */
#define DPU_ASSERT(statement) DPU_CHECK(statement, exit(EXIT_FAILURE))

/* ------------------------------------------------------------------ sets ---------------------- */

struct dpu_program_t; /* dpu_program.h */

/* Take DPUs.
 *
 *   nr_dpus  how many, or DPU_ALLOCATE_ALL. Surplus DPUs of the last rank are disabled.
 *   profile  key=value,...; NULL or "": none. The environment's UPMEM_PROFILE_BASE comes before it,
 *            UPMEM_PROFILE after it.
 *   dpu_set  filled on success; ended by dpu_free.
 *
 * Returns DPU_OK; DPU_ERR_ALLOCATION for 0 DPUs or more than there are; DPU_ERR_INVALID_PROFILE;
 * DPU_ERR_SYSTEM.
 * Use: DPU_ASSERT(dpu_alloc(64, NULL, &set)); */
DPU_API_EXPORT dpu_error_t dpu_alloc(uint32_t nr_dpus, const char *profile,
                                     struct dpu_set_t *dpu_set);
/* The same by whole ranks. */
DPU_API_EXPORT dpu_error_t dpu_alloc_ranks(uint32_t nr_ranks, const char *profile,
                                           struct dpu_set_t *dpu_set);
/* Wait for all work of an allocated set and give it back with its sub-sets and programs.
 * Returns DPU_OK; DPU_ERR_INVALID_DPU_SET for a sub-set or a set that is not allocated (any more).
 */
DPU_API_EXPORT dpu_error_t dpu_free(struct dpu_set_t dpu_set);

/* Number of ranks (1 for a set of one DPU). Returns DPU_OK; DPU_ERR_INTERNAL for a bad set. */
DPU_API_EXPORT dpu_error_t dpu_get_nr_ranks(struct dpu_set_t dpu_set, uint32_t *nr_ranks);
/* Number of enabled DPUs. Returns DPU_OK; DPU_ERR_INTERNAL for a bad set. */
DPU_API_EXPORT dpu_error_t dpu_get_nr_dpus(struct dpu_set_t dpu_set, uint32_t *nr_dpus);

/* ------------------------------------------------------------------ iteration ----------------- */

struct dpu_set_rank_iterator_t {
    struct dpu_set_t *set;
    uint32_t count;    /* ranks passed so far */
    uint32_t next_idx; /* internal */
    bool has_next;
    struct dpu_set_t next; /* set of one rank */
};

struct dpu_set_dpu_iterator_t {
    struct dpu_set_rank_iterator_t rank_iterator;
    uint32_t count;    /* DPUs passed so far */
    uint32_t next_idx; /* internal */
    bool has_next;
    struct dpu_set_t next; /* set of one DPU */
};

/* What the macros below expand to. `set` must outlive the iterator. Never fail; a bad set yields
 * nothing. Order: ranks in order of allocation, then slices, then members; disabled DPUs are
 * skipped. */
DPU_API_EXPORT struct dpu_set_rank_iterator_t dpu_set_rank_iterator_from(struct dpu_set_t *set);
DPU_API_EXPORT void dpu_set_rank_iterator_next(struct dpu_set_rank_iterator_t *iterator);
DPU_API_EXPORT struct dpu_set_dpu_iterator_t dpu_set_dpu_iterator_from(struct dpu_set_t *set);
DPU_API_EXPORT void dpu_set_dpu_iterator_next(struct dpu_set_dpu_iterator_t *iterator);

/* Loop over the DPUs of a set: DPU_FOREACH(set, dpu) or DPU_FOREACH(set, dpu, index).
 *
 *   set    lvalue of type struct dpu_set_t.
 *   dpu    variable of that type, assigned before the body runs: a set of one DPU.
 *   index  integer variable: 0, 1, ...; the number of DPUs after a loop that was not left early.
 *
 * Heads a statement or a block; break and continue work, loops nest.
 * Use: DPU_FOREACH (set, dpu, i) { DPU_ASSERT(dpu_prepare_xfer(dpu, &buffer[i])); } */
#define DPU_FOREACH(...)                                                                           \
    DPU_NINTH_ARGUMENT_(__VA_ARGS__, DPU_FOREACH_takes_2_or_3_arguments,                           \
                        DPU_FOREACH_takes_2_or_3_arguments, DPU_FOREACH_takes_2_or_3_arguments,    \
                        DPU_FOREACH_takes_2_or_3_arguments, DPU_FOREACH_takes_2_or_3_arguments,    \
                        DPU_FOREACH_INDEXED_, DPU_FOREACH_PLAIN_,                                  \
                        DPU_FOREACH_takes_2_or_3_arguments, ~)                                     \
    (__VA_ARGS__)

/* Loop over the ranks of a set: DPU_RANK_FOREACH(set, rank) or DPU_RANK_FOREACH(set, rank, index).
 * As DPU_FOREACH; `rank` is a set of one rank, or of the one DPU that the set consists of. */
#define DPU_RANK_FOREACH(...)                                                                      \
    DPU_NINTH_ARGUMENT_(__VA_ARGS__, DPU_RANK_FOREACH_takes_2_or_3_arguments,                      \
                        DPU_RANK_FOREACH_takes_2_or_3_arguments,                                   \
                        DPU_RANK_FOREACH_takes_2_or_3_arguments,                                   \
                        DPU_RANK_FOREACH_takes_2_or_3_arguments,                                   \
                        DPU_RANK_FOREACH_takes_2_or_3_arguments, DPU_RANK_FOREACH_INDEXED_,        \
                        DPU_RANK_FOREACH_PLAIN_, DPU_RANK_FOREACH_takes_2_or_3_arguments, ~)       \
    (__VA_ARGS__)

/* The iterator's name holds the line, so that nested loops do not shadow one another; (void) keeps
 * a program that needs only the loop free of warnings. */
#define DPU_FOREACH_PLAIN_(set_, one_)                                                             \
    DPU_SET_LOOP_(dpu, set_, (one_), _CONCAT(dpu_iterator_, __LINE__))
#define DPU_FOREACH_INDEXED_(set_, one_, index_)                                                   \
    DPU_SET_INDEXED_LOOP_(dpu, set_, (one_), (index_), _CONCAT(dpu_iterator_, __LINE__))
#define DPU_RANK_FOREACH_PLAIN_(set_, one_)                                                        \
    DPU_SET_LOOP_(rank, set_, (one_), _CONCAT(dpu_iterator_, __LINE__))
#define DPU_RANK_FOREACH_INDEXED_(set_, one_, index_)                                              \
    DPU_SET_INDEXED_LOOP_(rank, set_, (one_), (index_), _CONCAT(dpu_iterator_, __LINE__))

#define DPU_SET_LOOP_(kind_, set_, one_, it_)                                                      \
    for (struct dpu_set_##kind_##_iterator_t it_ = dpu_set_##kind_##_iterator_from(&(set_));       \
         one_ = it_.next, (void)one_, it_.has_next; dpu_set_##kind_##_iterator_next(&it_))
#define DPU_SET_INDEXED_LOOP_(kind_, set_, one_, index_, it_)                                      \
    for (struct dpu_set_##kind_##_iterator_t it_ = dpu_set_##kind_##_iterator_from(&(set_));       \
         one_ = it_.next, (void)one_, index_ = it_.count, (void)index_, it_.has_next;              \
         dpu_set_##kind_##_iterator_next(&it_))

/* ------------------------------------------------------------------ programs ------------------ */

/* Put the bytes of a program file into the executable; file scope.
 *
 *   NAME  of the global struct dpu_incbin_t that is defined.
 *   FILE  string literal; found by the assembler from its working directory and its -I options.
 *
 * Use: DPU_INCBIN(kernel, "build/kernel"); ... dpu_load_from_incbin(set, &kernel, NULL) */
#define DPU_INCBIN(NAME, FILE)                                                                     \
    __asm__(".pushsection .rodata.dpu_incbin, \"a\"\n"                                             \
            ".balign 16\n"                                                                         \
            ".global dpu_incbin_" #NAME "\n"                                                       \
            ".type dpu_incbin_" #NAME ", %object\n"                                                \
            "dpu_incbin_" #NAME ":\n"                                                              \
            ".incbin \"" FILE "\"\n"                                                               \
            ".global dpu_incbin_" #NAME "_size\n"                                                  \
            ".set dpu_incbin_" #NAME "_size, . - dpu_incbin_" #NAME "\n"                           \
            ".popsection\n");                                                                      \
    extern uint8_t dpu_incbin_##NAME[] __asm__("dpu_incbin_" #NAME);                               \
    extern uint8_t dpu_incbin_##NAME##_size[] __asm__("dpu_incbin_" #NAME "_size");                \
    struct dpu_incbin_t NAME = {dpu_incbin_##NAME, (size_t)dpu_incbin_##NAME##_size, FILE}

/* Load a program into every enabled DPU of a set; waits. Memory outside of the program's segments
 * keeps its content.
 *
 *   binary_path  DPU executable (ELF).
 *   program      receives the program, which the set owns; NULL: not wanted.
 *
 * Returns DPU_OK; DPU_ERR_SYSTEM for a path that does not exist; DPU_ERR_ELF_NO_SUCH_FILE for a
 * file that cannot be opened; DPU_ERR_ELF_INVALID_FILE; DPU_ERR_ELF_NO_SUCH_SECTION;
 * DPU_ERR_TOO_MANY_TASKLETS; DPU_ERR_INTERNAL for a program of another chip;
 * DPU_ERR_INVALID_{IRAM,WRAM,MRAM}_ACCESS for a segment that does not fit.
 * Use: DPU_ASSERT(dpu_load(set, "./kernel", NULL)); */
DPU_API_EXPORT dpu_error_t dpu_load(struct dpu_set_t dpu_set, const char *binary_path,
                                    struct dpu_program_t **program);
/* The same from an ELF image of buffer_size bytes in memory, which is not needed afterwards. */
DPU_API_EXPORT dpu_error_t dpu_load_from_memory(struct dpu_set_t dpu_set, uint8_t *buffer,
                                                size_t buffer_size, struct dpu_program_t **program);
/* The same from a program that DPU_INCBIN embedded. */
DPU_API_EXPORT dpu_error_t dpu_load_from_incbin(struct dpu_set_t dpu_set,
                                                struct dpu_incbin_t *incbin,
                                                struct dpu_program_t **program);
/* Look up a host-visible symbol by its exact name: __host and MRAM variables, functions, atomic
 * bits. Returns DPU_OK; DPU_ERR_UNKNOWN_SYMBOL.
 * Use: DPU_ASSERT(dpu_get_symbol(program, "result", &symbol)); */
DPU_API_EXPORT dpu_error_t dpu_get_symbol(struct dpu_program_t *program, const char *symbol_name,
                                          struct dpu_symbol_t *symbol);

/* ------------------------------------------------------------------ execution ----------------- */

typedef enum _dpu_launch_policy_t {
    DPU_ASYNCHRONOUS = 0, /* return at once */
    DPU_SYNCHRONOUS = 1   /* wait for the end of the run */
} dpu_launch_policy_t;

/* Start the loaded program on every enabled DPU of the set, after the jobs queued before it.
 * Returns DPU_OK; DPU_ERR_DPU_FAULT when a DPU stopped in a fault (synchronous; asynchronous: from
 * dpu_sync); DPU_ERR_NO_PROGRAM_LOADED; DPU_ERR_DPU_DISABLED; DPU_ERR_INTERNAL for a bad set.
 * Use: DPU_ASSERT(dpu_launch(set, DPU_SYNCHRONOUS)); */
DPU_API_EXPORT dpu_error_t dpu_launch(struct dpu_set_t dpu_set, dpu_launch_policy_t policy);
/* Look without waiting: *done when no DPU of the set runs, *fault when one is in a fault.
 * Returns DPU_OK, or the error of a queued job; DPU_ERR_INTERNAL for a bad set. */
DPU_API_EXPORT dpu_error_t dpu_status(struct dpu_set_t dpu_set, bool *done, bool *fault);
/* Wait for everything that was queued before on the ranks of the set.
 * Returns DPU_OK; DPU_ERR_DPU_FAULT; the plain code of the first job that failed. */
DPU_API_EXPORT dpu_error_t dpu_sync(struct dpu_set_t dpu_set);

typedef enum _dpu_callback_flags_t {
    DPU_CALLBACK_DEFAULT = 0,     /* once per rank; wait */
    DPU_CALLBACK_ASYNC = 1,       /* queue and return */
    DPU_CALLBACK_NONBLOCKING = 2, /* later jobs may start before it returns; only with ASYNC */
    DPU_CALLBACK_SINGLE_CALL = 4, /* once for the whole set, when all its ranks are there */
    DPU_CALLBACK_PARALLEL = 8     /* may run while the DPUs run */
} dpu_callback_flags_t;

/* Queue a call of a host function.
 *
 *   callback  gets the set (one rank), the rank's index and args; runs in a thread of the library.
 *             For a set of one DPU or a single call: that set and index 0xFFFFFFFF. A status other
 *             than DPU_OK is the job's error.
 *   args      handed on; must live until the call is over.
 *
 * Returns DPU_OK; DPU_ERR_NONBLOCKING_SYNC_CALLBACK; DPU_ERR_INTERNAL for a bad set; what the
 * function returned, when the call waits.
 * Use: DPU_ASSERT(dpu_callback(set, add_up, &totals, DPU_CALLBACK_ASYNC)); */
DPU_API_EXPORT dpu_error_t dpu_callback(struct dpu_set_t dpu_set,
                                        dpu_error_t (*callback)(struct dpu_set_t, uint32_t, void *),
                                        void *args, dpu_callback_flags_t flags);

/* ------------------------------------------------------------------ transfers ----------------- */

typedef enum _dpu_xfer_t { DPU_XFER_TO_DPU = 0, DPU_XFER_FROM_DPU = 1 } dpu_xfer_t;

typedef enum _dpu_xfer_flags_t {
    DPU_XFER_DEFAULT = 0,  /* wait, then forget the prepared buffers */
    DPU_XFER_NO_RESET = 1, /* keep the prepared buffers */
    DPU_XFER_ASYNC = 2,    /* queue and return; buffers must stay as they are until dpu_sync */
    DPU_XFER_PARALLEL = 4  /* WRAM only: may run while the DPUs run */
} dpu_xfer_flags_t;

typedef enum _dpu_sg_xfer_flags_t {
    DPU_SG_XFER_DEFAULT = 0,
    DPU_SG_XFER_ASYNC = 2,
    DPU_SG_XFER_DISABLE_LENGTH_CHECK = 4 /* blocks need not add up to the length */
} dpu_sg_xfer_flags_t;

/* For all transfers: symbol_offset and length in bytes. Their sum must not pass the symbol's end
 * (DPU_ERR_INVALID_SYMBOL_ACCESS). Address and length are multiples of 4 in WRAM
 * (DPU_ERR_INVALID_WRAM_ACCESS) and of 8 in IRAM and MRAM (DPU_ERR_INVALID_{IRAM,MRAM}_ACCESS).
 * "Name codes" are DPU_ERR_NO_PROGRAM_LOADED, DPU_ERR_DIFFERENT_DPU_PROGRAMS and
 * DPU_ERR_UNKNOWN_SYMBOL; the functions ending in _symbol cannot return them. */

/* Copy the same `length` bytes to every enabled DPU of the set; waits.
 * Returns DPU_OK; name codes; DPU_ERR_INVALID_*_ACCESS; DPU_ERR_DPU_DISABLED.
 * Use: DPU_ASSERT(dpu_copy_to(set, "n", 0, &n, sizeof n)); */
DPU_API_EXPORT dpu_error_t dpu_copy_to(struct dpu_set_t dpu_set, const char *symbol_name,
                                       uint32_t symbol_offset, const void *src, size_t length);
DPU_API_EXPORT dpu_error_t dpu_copy_to_symbol(struct dpu_set_t dpu_set, struct dpu_symbol_t symbol,
                                              uint32_t symbol_offset, const void *src,
                                              size_t length);
/* Copy `length` bytes from one DPU; waits. dst is written only on success.
 * Returns DPU_OK; DPU_ERR_INVALID_DPU_SET for a set of ranks; name codes;
 * DPU_ERR_INVALID_*_ACCESS; DPU_ERR_DPU_DISABLED.
 * Use: DPU_ASSERT(dpu_copy_from(dpu, "result", 0, &result, sizeof result)); */
DPU_API_EXPORT dpu_error_t dpu_copy_from(struct dpu_set_t dpu_set, const char *symbol_name,
                                         uint32_t symbol_offset, void *dst, size_t length);
DPU_API_EXPORT dpu_error_t dpu_copy_from_symbol(struct dpu_set_t dpu_set,
                                                struct dpu_symbol_t symbol, uint32_t symbol_offset,
                                                void *dst, size_t length);
/* As dpu_copy_to, with flags: DPU_XFER_ASYNC counts, and DPU_XFER_PARALLEL for WRAM (else
 * DPU_ERR_INVALID_PARALLEL_MEMORY_TRANSFER). With ASYNC src must live until dpu_sync. */
DPU_API_EXPORT dpu_error_t dpu_broadcast_to(struct dpu_set_t dpu_set, const char *symbol_name,
                                            uint32_t symbol_offset, const void *src, size_t length,
                                            dpu_xfer_flags_t flags);
DPU_API_EXPORT dpu_error_t dpu_broadcast_to_symbol(struct dpu_set_t dpu_set,
                                                   struct dpu_symbol_t symbol,
                                                   uint32_t symbol_offset, const void *src,
                                                   size_t length, dpu_xfer_flags_t flags);

/* Name the host buffer of a DPU (of each DPU of a set of ranks: the same) for the next
 * dpu_push_xfer. NULL takes it back.
 * Returns DPU_OK; DPU_ERR_DPU_DISABLED; DPU_ERR_INTERNAL for a bad set.
 * Use: DPU_FOREACH (set, dpu, i) { DPU_ASSERT(dpu_prepare_xfer(dpu, &in[i])); } */
DPU_API_EXPORT dpu_error_t dpu_prepare_xfer(struct dpu_set_t dpu_set, void *buffer);
/* Move `length` bytes between the symbol and the prepared buffer of each DPU; DPUs without one are
 * skipped.
 * Returns DPU_OK; name codes; DPU_ERR_INVALID_*_ACCESS; DPU_ERR_INVALID_MEMORY_TRANSFER for a bad
 * direction; DPU_ERR_INVALID_PARALLEL_MEMORY_TRANSFER.
 * Use: DPU_ASSERT(dpu_push_xfer(set, DPU_XFER_TO_DPU, "in", 0, sizeof in[0], DPU_XFER_DEFAULT)); */
DPU_API_EXPORT dpu_error_t dpu_push_xfer(struct dpu_set_t dpu_set, dpu_xfer_t xfer,
                                         const char *symbol_name, uint32_t symbol_offset,
                                         size_t length, dpu_xfer_flags_t flags);
DPU_API_EXPORT dpu_error_t dpu_push_xfer_symbol(struct dpu_set_t dpu_set, dpu_xfer_t xfer,
                                                struct dpu_symbol_t symbol, uint32_t symbol_offset,
                                                size_t length, dpu_xfer_flags_t flags);

/* One block of host memory of a scatter/gather transfer. */
struct sg_block_info {
    uint8_t *addr;
    uint32_t length; /* bytes; 0: an empty block, ignored */
};

/* Describes block `block_index` of DPU `dpu_index` (as counted by DPU_FOREACH over the allocated
 * set); false: there is none. Runs in threads of the library, at the same time for different ranks.
 */
typedef bool (*get_block_func_t)(struct sg_block_info *out, uint32_t dpu_index,
                                 uint32_t block_index, void *args);

typedef struct get_block_t {
    get_block_func_t f;
    void *args;       /* args_size bytes are copied at the call */
    size_t args_size; /* bytes */
} get_block_t;

/* As dpu_push_xfer, for MRAM symbols: the host side of each DPU is a list of blocks, put one after
 * the other into MRAM or filled from there. Needs the profile sgXferEnable=true.
 * Returns DPU_OK; name codes; DPU_ERR_SG_NOT_ACTIVATED; DPU_ERR_SG_NOT_MRAM_SYMBOL;
 * DPU_ERR_SG_TOO_MANY_BLOCKS; DPU_ERR_SG_LENGTH_MISMATCH; DPU_ERR_INVALID_MRAM_ACCESS;
 * DPU_ERR_INTERNAL for a set of one DPU.
 * Use: get_block_t blocks = {rows_of_dpu, &table, sizeof table}; */
DPU_API_EXPORT dpu_error_t dpu_push_sg_xfer(struct dpu_set_t dpu_set, dpu_xfer_t xfer,
                                            const char *symbol_name, uint32_t symbol_offset,
                                            size_t length, get_block_t *get_block_info,
                                            dpu_sg_xfer_flags_t flags);
DPU_API_EXPORT dpu_error_t dpu_push_sg_xfer_symbol(struct dpu_set_t dpu_set, dpu_xfer_t xfer,
                                                   struct dpu_symbol_t symbol,
                                                   uint32_t symbol_offset, size_t length,
                                                   get_block_t *get_block_info,
                                                   dpu_sg_xfer_flags_t flags);

/* Name the host buffer of a DPU for the next dpu_fifo_push_xfer: one element (input), or room for
 * the whole data array (output). Returns DPU_OK; DPU_ERR_DPU_DISABLED; DPU_ERR_INTERNAL. */
DPU_API_EXPORT dpu_error_t dpu_fifo_prepare_xfer(struct dpu_set_t dpu_set,
                                                 struct dpu_fifo_link_t *fifo_link, void *buffer);
/* Input: append one element per prepared DPU. Output: read everything and empty the FIFOs. Runs
 * while the DPUs run.
 * Returns DPU_OK; DPU_ERR_WRAM_FIFO_FULL after all retries; DPU_ERR_INTERNAL; copy codes. */
DPU_API_EXPORT dpu_error_t dpu_fifo_push_xfer(struct dpu_set_t dpu_set,
                                              struct dpu_fifo_link_t *fifo_link,
                                              dpu_xfer_flags_t flags);

/* ------------------------------------------------------------------ log ----------------------- */

/* Print a header line and what the last run of one DPU printed.
 * Returns DPU_OK; DPU_ERR_INVALID_DPU_SET for a set of ranks; DPU_ERR_LOG_CONTEXT_MISSING for a
 * program that never prints; DPU_ERR_LOG_BUFFER_TOO_SMALL; DPU_ERR_LOG_FORMAT;
 * DPU_ERR_DPU_DISABLED; DPU_ERR_SYSTEM; DPU_ERR_MRAM_BUSY.
 * Use: DPU_FOREACH (set, dpu) { DPU_ASSERT(dpu_log_read(dpu, stdout)); } */
DPU_API_EXPORT dpu_error_t dpu_log_read(struct dpu_set_t set, FILE *stream);

#ifdef __cplusplus
}
#endif

#endif
