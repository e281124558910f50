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

#include <atomic_bit.h>
#include <barrier.h>
#include <stdbool.h>
#include <stdint.h>

struct dpu_input_fifo_t {
    volatile uint64_t read_ptr;
    volatile uint64_t write_ptr; /* changed by the host */
    uint8_t *data;
    uint8_t *tmp; /* copy of the element that all tasklets work on */
    uint32_t log2_capacity;
    uint32_t element_size;
};

struct dpu_output_fifo_t {
    volatile uint64_t read_ptr; /* changed by the host */
    volatile uint64_t write_ptr;
    uint8_t *data;
    uint8_t *tmp;
    uint32_t log2_capacity;
    uint32_t element_size;
    uint64_t reserved; /* slots handed out; those up to write_ptr are filled */
};

#define __FIFO_RULES(log2, size)                                                                   \
    __STATIC_ASSERT((log2) >= 0 && (log2) <= 10, "FIFO: log2 of the capacity is 0 to 10");         \
    __STATIC_ASSERT((size) > 0 && (size) % 8 == 0, "FIFO: element size is not a multiple of 8")

/* The host finds the array by this name. */
#define __FIFO_DATA(name) __CONCAT(__CONCAT(__, name), _data)

#define INPUT_FIFO_INIT(name, log2, size)                                                          \
    __FIFO_RULES(log2, size);                                                                      \
    __host uint8_t __FIFO_DATA(name)[(size) << (log2)];                                            \
    __dma_aligned uint8_t __CONCAT(__input_fifo_tmp_, name)[size];                                 \
    __host struct dpu_input_fifo_t name = {                                                        \
        0, 0, __FIFO_DATA(name), __CONCAT(__input_fifo_tmp_, name), log2, size}

#define OUTPUT_FIFO_INIT(name, log2, size)                                                         \
    __FIFO_RULES(log2, size);                                                                      \
    __host uint8_t __FIFO_DATA(name)[(size) << (log2)];                                            \
    __host struct dpu_output_fifo_t name = {0, 0, __FIFO_DATA(name), 0, log2, size, 0}

bool is_input_fifo_empty(struct dpu_input_fifo_t *fifo);
/* The oldest element, in place. Valid until it is popped. */
uint8_t *input_fifo_peek(struct dpu_input_fifo_t *fifo);
void input_fifo_pop(struct dpu_input_fifo_t *fifo);

bool is_output_fifo_full(struct dpu_output_fifo_t *fifo);
/* Append a copy of `element`; waits while the queue is full. Safe to call from any tasklet. */
void output_fifo_push(struct dpu_output_fifo_t *fifo, const uint8_t *element);

/* Called with the element and the caller's context; false ends the processing. */
typedef bool (*fifo_process_t)(uint8_t *element, void *context);

/* All tasklets of `barrier`, tasklet 0 among them, call it and see every element. It returns when
 * `process` says false, which it must say to all of them for the same element. */
void process_inputs_all_tasklets(struct dpu_input_fifo_t *fifo, fifo_process_t process,
                                 void *context, barrier_t *barrier);
/* Any number of tasklets call it; each element goes to one of them. It returns when `process` has
 * said false to any; the flag `*stop` is false at first. `element` is the caller's buffer of one
 * element. */
void process_inputs_each_tasklet(struct dpu_input_fifo_t *fifo, fifo_process_t process,
                                 void *context, uint8_t *element, volatile bool *stop);

#endif
