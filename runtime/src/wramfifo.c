/* SPDX-License-Identifier: MIT */
#include <defs.h>
#include <string.h>
#include <wramfifo.h>

/* Guards what tasklets share of all queues; the host's side needs none. */
ATOMIC_BIT_INIT(wramfifo);

static inline uint8_t *slot(uint8_t *data, uint64_t number, uint32_t log2_capacity, uint32_t size)
{
    return data + ((uint32_t)number & ((1u << log2_capacity) - 1)) * size;
}

bool is_input_fifo_empty(struct dpu_input_fifo_t *fifo)
{
    return fifo->read_ptr == fifo->write_ptr;
}

uint8_t *input_fifo_peek(struct dpu_input_fifo_t *fifo)
{
    return slot(fifo->data, fifo->read_ptr, fifo->log2_capacity, fifo->element_size);
}

void input_fifo_pop(struct dpu_input_fifo_t *fifo)
{
    fifo->read_ptr = fifo->read_ptr + 1;
}

bool is_output_fifo_full(struct dpu_output_fifo_t *fifo)
{
    return (fifo->reserved - fifo->read_ptr) >> fifo->log2_capacity != 0;
}

/* Take a slot; false when none is free. */
static bool reserve_slot(struct dpu_output_fifo_t *fifo, uint64_t *number)
{
    ATOMIC_BIT_ACQUIRE(wramfifo);
    bool is_free = !is_output_fifo_full(fifo);
    if (is_free)
        *number = fifo->reserved++;
    ATOMIC_BIT_RELEASE(wramfifo);
    return is_free;
}

void output_fifo_push(struct dpu_output_fifo_t *fifo, const uint8_t *element)
{
    uint64_t number;
    while (!reserve_slot(fifo, &number))
        ;
    memcpy(slot(fifo->data, number, fifo->log2_capacity, fifo->element_size), element,
           fifo->element_size);
    /* The host sees all elements below write_ptr: publish in order. */
    while (fifo->write_ptr != number)
        ;
    fifo->write_ptr = number + 1;
}

void process_inputs_all_tasklets(struct dpu_input_fifo_t *fifo, fifo_process_t process,
                                 void *context, barrier_t *barrier)
{
    bool go_on = true;
    while (go_on) {
        if (me() == 0) {
            while (is_input_fifo_empty(fifo))
                ;
            memcpy(fifo->tmp, input_fifo_peek(fifo), fifo->element_size);
            input_fifo_pop(fifo);
        }
        barrier_wait(barrier);
        go_on = process(fifo->tmp, context);
        barrier_wait(barrier);
    }
}

void process_inputs_each_tasklet(struct dpu_input_fifo_t *fifo, fifo_process_t process,
                                 void *context, uint8_t *element, volatile bool *stop)
{
    while (!*stop) {
        ATOMIC_BIT_ACQUIRE(wramfifo);
        bool got = !*stop && !is_input_fifo_empty(fifo);
        if (got) {
            memcpy(element, input_fifo_peek(fifo), fifo->element_size);
            input_fifo_pop(fifo);
        }
        ATOMIC_BIT_RELEASE(wramfifo);
        if (got && !process(element, context))
            *stop = true;
    }
}
