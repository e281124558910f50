/* SPDX-License-Identifier: MIT */
/* FIFOs in WRAM between host and running DPUs (device side: wramfifo.h). The host keeps a shadow of
 * every FIFO's read and write pointer; pointers only grow, an entry is at pointer modulo capacity.
 * Source: documented, SDK 2025.1 dpu_fifo.h; is_fifo_empty does what its name says. */
#ifndef DPUSIM_DPU_FIFO_H
#define DPUSIM_DPU_FIFO_H

#include <stdbool.h>
#include <stdint.h>

#include "dpu_api.h"
#include "dpu_error.h"
#include "dpu_transfer_matrix.h"
#include "dpu_types.h"

#ifdef __cplusplus
extern "C" {
#endif

enum dpu_fifo_direction_t {
    DPU_INPUT_FIFO = 0, /* host to DPU */
    DPU_OUTPUT_FIFO = 1 /* DPU to host */
};

/* The FIFOs of one rank. */
struct dpu_fifo_rank_t {
    uint8_t dpu_fifo_ptr_size;   /* log2 of the capacity in elements, at most 10 */
    uint32_t dpu_fifo_address;   /* of the data array in WRAM, bytes */
    uint32_t dpu_fifo_data_size; /* of one element, bytes, a multiple of 8 */
    /* Pair of DPU: (slice * 8 + member) * 2: read pointer, then write pointer. */
    uint64_t dpu_fifo_pointers[MAX_NR_DPUS_PER_RANK * 2];
    struct dpu_transfer_matrix fifo_pointers_matrix;
    struct dpu_transfer_matrix transfer_matrix;
    uint32_t max_retries;    /* of a push into a full FIFO; default 1000 */
    uint32_t time_for_retry; /* between two tries, microseconds; default 10 */
};

struct dpu_fifo_link_t {
    enum dpu_fifo_direction_t direction;
    struct dpu_symbol_t fifo_symbol;
    struct dpu_fifo_rank_t *rank_fifos; /* one per rank of the set */
};

/* Connect to the FIFO `fifo_name` of the loaded program, for writing (input) or reading (output).
 *
 *   dpu_set    allocated set with one program on all its DPUs; borrowed.
 *   link       filled on success; give it back by dpu_fifo_link_free.
 *   fifo_name  name of the descriptor; its array is __<name>_data.
 *
 * Returns DPU_OK; DPU_ERR_NO_PROGRAM_LOADED; DPU_ERR_DIFFERENT_DPU_PROGRAMS;
 * DPU_ERR_UNKNOWN_SYMBOL; DPU_ERR_INVALID_WRAM_ACCESS when descriptor or array is outside of WRAM,
 * the capacity exceeds 2^10 or the element size is no multiple of 8; DPU_ERR_SYSTEM. */
DPU_API_EXPORT dpu_error_t dpu_link_input_fifo(struct dpu_set_t dpu_set,
                                               struct dpu_fifo_link_t *link, char *fifo_name);
DPU_API_EXPORT dpu_error_t dpu_link_output_fifo(struct dpu_set_t dpu_set,
                                                struct dpu_fifo_link_t *link, char *fifo_name);
/* Free what linking allocated; the struct itself is the caller's. Always DPU_OK. */
DPU_API_EXPORT dpu_error_t dpu_fifo_link_free(struct dpu_fifo_link_t *fifo_link);

/* Number of elements of a DPU's FIFO at the last flush. dpu: set of one DPU. */
DPU_API_EXPORT uint16_t get_fifo_size(struct dpu_fifo_link_t *fifo_link, struct dpu_set_t dpu);
/* Position of element i, counted from the read pointer, in the data array (elements). */
DPU_API_EXPORT uint8_t get_fifo_elem_index(struct dpu_fifo_link_t *fifo_link, struct dpu_set_t dpu,
                                           uint8_t i);
/* Address of element i inside a buffer that a flush filled. Borrowed from fifo_data. */
DPU_API_EXPORT uint8_t *get_fifo_elem(struct dpu_fifo_link_t *fifo_link, struct dpu_set_t dpu,
                                      uint8_t *fifo_data, uint8_t i);
/* Number of elements in the fullest FIFO of the rank's enabled DPUs. */
DPU_API_EXPORT uint16_t get_fifo_max_size(struct dpu_rank_t *rank, struct dpu_fifo_rank_t *fifo);
/* The FIFOs of one rank of the linked set; NULL when the rank is not part of it. Borrowed. */
DPU_API_EXPORT struct dpu_fifo_rank_t *get_rank_fifo(struct dpu_fifo_link_t *fifo_link,
                                                     struct dpu_rank_t *rank);

/* How often a push into a full FIFO is tried again, and after how many microseconds. */
DPU_API_EXPORT void dpu_fifo_set_push_max_retries(struct dpu_fifo_link_t *fifo_link,
                                                  struct dpu_set_t dpu_set, uint32_t max_retries);
DPU_API_EXPORT void dpu_fifo_set_time_for_push_retries(struct dpu_fifo_link_t *fifo_link,
                                                       struct dpu_set_t dpu_set, uint32_t time_us);

/* Shadow pointers of one DPU: modulo the capacity, and absolute. */
DPU_API_EXPORT uint8_t get_fifo_rd_ptr(struct dpu_fifo_rank_t *fifo, struct dpu_t *dpu);
DPU_API_EXPORT uint8_t get_fifo_wr_ptr(struct dpu_fifo_rank_t *fifo, struct dpu_t *dpu);
DPU_API_EXPORT uint64_t get_fifo_abs_rd_ptr(struct dpu_fifo_rank_t *fifo, struct dpu_t *dpu);
DPU_API_EXPORT uint64_t get_fifo_abs_wr_ptr(struct dpu_fifo_rank_t *fifo, struct dpu_t *dpu);
/* Change a shadow pointer; the DPU's own stays. */
DPU_API_EXPORT void set_fifo_rd_ptr(struct dpu_fifo_rank_t *fifo, struct dpu_t *dpu, uint8_t val);
DPU_API_EXPORT void set_fifo_wr_ptr(struct dpu_fifo_rank_t *fifo, struct dpu_t *dpu, uint8_t val);
/* Exchange both shadow pointers of all 64 entries. */
DPU_API_EXPORT void swap_fifo_rd_wr_ptr(struct dpu_fifo_rank_t *fifo);
/* Add one to the write shadow of all 64 entries. */
DPU_API_EXPORT void incr_fifo_wr_ptr(struct dpu_fifo_rank_t *fifo);
/* Full: pointers equal modulo the capacity but different; empty: pointers equal. */
DPU_API_EXPORT bool is_fifo_full(struct dpu_fifo_rank_t *fifo, struct dpu_t *dpu);
DPU_API_EXPORT bool is_fifo_empty(struct dpu_fifo_rank_t *fifo, struct dpu_t *dpu);

#ifdef __cplusplus
}
#endif

#endif
