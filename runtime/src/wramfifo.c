/* SPDX-License-Identifier: MIT */
#include <atomic_bit.h>
#include <defs.h>
#include <string.h>
#include <wramfifo.h>

/* Guards what tasklets share of all queues; the host's side needs none. */
ATOMIC_BIT_INIT(wramfifo);

static inline uint8_t *slot(uint8_t *data, uint64_t number, uint32_t log2, uint32_t size)
{
    return data + ((uint32_t)number & ((1u << log2) - 1)) * size;
}

bool is_input_fifo_empty(struct dpu_input_fifo_t *fifo)
{
    return fifo->read_ptr == fifo->write_ptr;
}

uint8_t *input_fifo_peek(struct dpu_input_fifo_t *fifo)
{
    return slot(fifo->data, fifo->read_ptr, fifo->ptr_size, fifo->data_size);
}

void input_fifo_pop(struct dpu_input_fifo_t *fifo)
{
    fifo->read_ptr = fifo->read_ptr + 1;
}

bool is_output_fifo_full(struct dpu_output_fifo_t *fifo)
{
    return (fifo->nb_reserved - (uint32_t)fifo->read_ptr) >> fifo->ptr_size != 0;
}

/* Take a slot; false when none is free. */
static bool reserve_slot(struct dpu_output_fifo_t *fifo, uint32_t *number)
{
    ATOMIC_BIT_ACQUIRE(wramfifo);
    bool is_free = !is_output_fifo_full(fifo);
    if (is_free)
        *number = fifo->nb_reserved++;
    ATOMIC_BIT_RELEASE(wramfifo);
    return is_free;
}

void output_fifo_push(struct dpu_output_fifo_t *fifo, const uint8_t *element)
{
    uint32_t number;
    while (!reserve_slot(fifo, &number))
        ;
    memcpy(slot(fifo->data, number, fifo->ptr_size, fifo->data_size), element, fifo->data_size);
    /* The host sees all elements below write_ptr: publish in order. */
    while ((uint32_t)fifo->write_ptr != number)
        ;
    fifo->write_ptr = fifo->write_ptr + 1;
}

/* False at the end. What came before the flag was cleared is still taken: the flag is read first.
 */
static bool has_input(struct dpu_input_fifo_t *fifo, volatile uint64_t *active)
{
    bool is_last = *active == 0;
    while (is_input_fifo_empty(fifo)) {
        if (is_last)
            return false;
        is_last = *active == 0;
    }
    return true;
}

/* Tasklet 0 tells the others of its group. */
static volatile bool goes_on;

void process_inputs_all_tasklets(struct dpu_input_fifo_t *input, struct dpu_output_fifo_t *output,
                                 void (*process)(uint8_t *, void *),
                                 void (*reduce)(uint8_t *, uint8_t *, void *), void *context,
                                 barrier_t *barrier, volatile uint64_t *active)
{
    for (;;) {
        if (me() == 0)
            goes_on = has_input(input, active);
        barrier_wait(barrier);
        if (!goes_on)
            break;
        process(input_fifo_peek(input), context);
        barrier_wait(barrier);
        if (me() == 0) {
            reduce(input_fifo_peek(input), output->tmp_data, context);
            output_fifo_push(output, output->tmp_data);
            input_fifo_pop(input);
        }
    }
    barrier_wait(barrier); /* all have read the flag */
}

/* 1: copied and popped, 0: nothing there, -1: the end. */
static int take(struct dpu_input_fifo_t *fifo, uint8_t *element, mutex_id_t mutex,
                volatile uint64_t *active)
{
    mutex_lock(mutex);
    bool is_last = *active == 0, is_there = !is_input_fifo_empty(fifo);
    if (is_there) {
        memcpy(element, input_fifo_peek(fifo), fifo->data_size);
        input_fifo_pop(fifo);
    }
    mutex_unlock(mutex);
    return is_there ? 1 : is_last ? -1 : 0;
}

void process_inputs_each_tasklet(struct dpu_input_fifo_t *input, struct dpu_output_fifo_t *output,
                                 void (*process)(uint8_t *, uint8_t *), mutex_id_t mutex,
                                 volatile uint64_t *active)
{
    uint8_t *in = input->tmp_data + me() * input->data_size;
    uint8_t *out = output->tmp_data + me() * output->data_size;
    for (int taken; (taken = take(input, in, mutex, active)) >= 0;) {
        if (taken) {
            process(in, out);
            output_fifo_push(output, out);
        }
    }
}
