/* SPDX-License-Identifier: MIT */
/* Queues between host and kernel; tasklet 0 plays the host, which only moves its own pointer. */
#include <barrier.h>
#include <string.h>
#include <wramfifo.h>

#include "check.h"

enum { LOG2 = 2, CAPACITY = 1 << LOG2, ITEMS = 40 };

BARRIER_INIT(all, NR_TASKLETS);
BARRIER_INIT(workers, NR_TASKLETS);
INPUT_FIFO_INIT(requests, LOG2, 8);
OUTPUT_FIFO_INIT(answers, LOG2, 8);

static volatile bool stop;
static volatile uint32_t seen[ITEMS + 1];

/* The host's side. */
static void send(uint64_t value)
{
    while (requests.write_ptr - requests.read_ptr == CAPACITY)
        ;
    memcpy(__requests_data + requests.write_ptr % CAPACITY * 8, &value, 8);
    requests.write_ptr++;
}

static uint64_t receive(void)
{
    uint64_t value;
    while (answers.read_ptr == answers.write_ptr)
        ;
    memcpy(&value, __answers_data + answers.read_ptr % CAPACITY * 8, 8);
    answers.read_ptr++;
    return value;
}

static void check_alone(void)
{
    uint64_t value = 5;
    CHECK(is_input_fifo_empty(&requests) && !is_output_fifo_full(&answers));
    send(1);
    send(2);
    CHECK(!is_input_fifo_empty(&requests));
    CHECK(*(uint64_t *)input_fifo_peek(&requests) == 1);
    input_fifo_pop(&requests);
    CHECK(*(uint64_t *)input_fifo_peek(&requests) == 2);
    input_fifo_pop(&requests);
    CHECK(is_input_fifo_empty(&requests));
    for (int i = 0; i < CAPACITY; i++)
        output_fifo_push(&answers, (uint8_t *)&value);
    CHECK(is_output_fifo_full(&answers));
    for (int i = 0; i < CAPACITY; i++)
        CHECK(receive() == 5);
    CHECK(!is_output_fifo_full(&answers));
}

/* 0 ends; everything else is answered by its square. */
static bool answer(uint8_t *element, void *context)
{
    uint64_t value;
    (void)context;
    memcpy(&value, element, 8);
    if (value == 0)
        return false;
    value *= value;
    output_fifo_push(&answers, (uint8_t *)&value);
    return true;
}

static void check_each(void)
{
    uint64_t element;
    if (me() != 0) {
        process_inputs_each_tasklet(&requests, answer, NULL, (uint8_t *)&element, &stop);
        return;
    }
    for (uint32_t i = 1; i <= ITEMS; i++) {
        send(i);
        if (i > 2)
            seen[0] += (uint32_t)receive();
    }
    seen[0] += (uint32_t)receive() + (uint32_t)receive();
    send(0);
    CHECK(seen[0] == ITEMS * (ITEMS + 1) * (2 * ITEMS + 1) / 6);
}

/* Every tasklet counts every element once. */
static bool note(uint8_t *element, void *context)
{
    uint64_t value;
    memcpy(&value, element, 8);
    *(uint32_t *)context += (uint32_t)value;
    return value != 3;
}

static void check_all(void)
{
    uint32_t sum = 0;
    if (me() == 0)
        for (int i = 0; i < CAPACITY; i++)
            send((uint64_t)i);
    process_inputs_all_tasklets(&requests, note, &sum, &workers);
    CHECK(sum == 0 + 1 + 2 + 3);
}

int main(void)
{
    if (me() == 0)
        check_alone();
    barrier_wait(&all);
    check_each();
    barrier_wait(&all);
    check_all();
    return finish();
}
