/* SPDX-License-Identifier: MIT */
/* Queues in WRAM between a running kernel and the host (dpu_link_input_fifo and kin). One side only
 * adds to write_ptr, the other only to read_ptr; an element's slot is its number modulo the
 * capacity, a power of 2. Element sizes are multiples of 8.
 *
 *   INPUT_FIFO_INIT(requests, 4, 64);      16 elements of 64 bytes, from the host
 *   OUTPUT_FIFO_INIT(answers, 4, 64);
 */
#ifndef DPU_WRAMFIFO_H
#define DPU_WRAMFIFO_H

#include <barrier.h>
#include <mutex.h>
#include <stdbool.h>
#include <stdint.h>

struct dpu_input_fifo_t {
    volatile uint64_t read_ptr;
    volatile uint64_t write_ptr; /* changed by the host */
    uint8_t *data;
    uint8_t *tmp_data;       /* one element per tasklet */
    const uint32_t ptr_size; /* log2 of the capacity */
    const uint32_t data_size;
};

struct dpu_output_fifo_t {
    volatile uint64_t read_ptr; /* changed by the host */
    volatile uint64_t write_ptr;
    uint8_t *data;
    uint8_t *tmp_data;       /* one element per tasklet */
    const uint32_t ptr_size; /* log2 of the capacity */
    const uint32_t data_size;
    volatile uint32_t nb_reserved; /* handed out, modulo 2^32; slots up to write_ptr are filled */
};

#define WRAM_FIFO_SIZE(log2)              (1 << (log2))
#define MASK_WRAM_FIFO_PTR(log2, pointer) ((pointer) & ((1u << (log2)) - 1))

/* Arrays of a queue; the host finds the first by its name. */
#define __get_fifo_data_name(name)     __CONCAT(__CONCAT(__, name), _data)
#define __get_fifo_tmp_data_name(name) __CONCAT(__CONCAT(__, name), _tmp_data)

#define __FIFO_ARRAYS(name, log2, size)                                                            \
    __STATIC_ASSERT((log2) >= 0 && (log2) <= 10, "FIFO: log2 of the capacity is 0 to 10");         \
    __STATIC_ASSERT((size) > 0 && (size) % 8 == 0, "FIFO: element size is not a multiple of 8");   \
    __host uint8_t __get_fifo_data_name(name)[(size) << (log2)];                                   \
    __dma_aligned uint8_t __get_fifo_tmp_data_name(name)[NR_TASKLETS * (size)]

#define INPUT_FIFO_INIT(name, log2, size)                                                          \
    __FIFO_ARRAYS(name, log2, size);                                                               \
    __host struct dpu_input_fifo_t name = {                                                        \
        0, 0, __get_fifo_data_name(name), __get_fifo_tmp_data_name(name), log2, size};

#define OUTPUT_FIFO_INIT(name, log2, size)                                                         \
    __FIFO_ARRAYS(name, log2, size);                                                               \
    __host struct dpu_output_fifo_t name = {                                                       \
        0, 0, __get_fifo_data_name(name), __get_fifo_tmp_data_name(name), log2, size, 0};

bool is_input_fifo_empty(struct dpu_input_fifo_t *fifo);
/* The oldest element, in place. Valid until it is popped. */
uint8_t *input_fifo_peek(struct dpu_input_fifo_t *fifo);
void input_fifo_pop(struct dpu_input_fifo_t *fifo);

bool is_output_fifo_full(struct dpu_output_fifo_t *fifo);
/* Append a copy of `element`; waits while the queue is full. Safe to call from any tasklet. */
void output_fifo_push(struct dpu_output_fifo_t *fifo, const uint8_t *element);

/* Answer inputs until the input queue is empty while *active, which the host clears, is 0.
 *
 * Of all tasklets: every tasklet of `barrier`, tasklet 0 among them, calls it. `process` sees each
 * input in all of them; then tasklet 0 has `reduce` write the output for the input, which is
 * appended. One group of tasklets does this at a time. */
void process_inputs_all_tasklets(struct dpu_input_fifo_t *input, struct dpu_output_fifo_t *output,
                                 void (*process)(uint8_t *input, void *context),
                                 void (*reduce)(uint8_t *input, uint8_t *output, void *context),
                                 void *context, barrier_t *barrier, volatile uint64_t *active);
/* Of each tasklet: any number of tasklets call it, and each input goes to one of them, in which
 * `process` writes the output that is appended. `mutex` guards the input queue. */
void process_inputs_each_tasklet(struct dpu_input_fifo_t *input, struct dpu_output_fifo_t *output,
                                 void (*process)(uint8_t *input, uint8_t *output), mutex_id_t mutex,
                                 volatile uint64_t *active);

#endif
