/* SPDX-License-Identifier: MIT */
/* Queues between host and kernel; tasklet 0 plays the host, which only moves its own pointer. */
#include <barrier.h>
#include <string.h>
#include <wramfifo.h>

#include "check.h"

enum { LOG2 = 2, CAPACITY = 1 << LOG2, ITEMS = 40 };

BARRIER_INIT(all, NR_TASKLETS);
BARRIER_INIT(workers, NR_TASKLETS);
MUTEX_INIT(one_at_a_time);
INPUT_FIFO_INIT(requests, LOG2, 8);
OUTPUT_FIFO_INIT(answers, LOG2, 8);

static volatile uint64_t active = 1;
static volatile uint32_t seen;
static uint32_t sums[NR_TASKLETS];

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

static void answer(uint8_t *input, uint8_t *output)
{
    uint64_t value;
    memcpy(&value, input, 8);
    value *= value;
    memcpy(output, &value, 8);
}

static void check_each(void)
{
    if (me() != 0) {
        process_inputs_each_tasklet(&requests, &answers, answer, one_at_a_time, &active);
        return;
    }
    for (uint32_t i = 1; i <= ITEMS; i++) {
        send(i);
        if (i > 2)
            seen += (uint32_t)receive();
    }
    active = 0;
    seen += (uint32_t)receive() + (uint32_t)receive();
    CHECK(seen == ITEMS * (ITEMS + 1) * (2 * ITEMS + 1) / 6);
}

/* Every tasklet adds every element once. */
static void note(uint8_t *input, void *context)
{
    uint64_t value;
    memcpy(&value, input, 8);
    ((uint32_t *)context)[me()] += (uint32_t)value;
}

/* The answer is what all tasklets have. */
static void total(uint8_t *input, uint8_t *output, void *context)
{
    uint64_t value;
    memcpy(&value, input, 8);
    for (int t = 0; t < NR_TASKLETS; t++)
        value += ((uint32_t *)context)[t];
    memcpy(output, &value, 8);
}

static void check_all(void)
{
    if (me() == 0)
        for (int i = 1; i <= CAPACITY; i++)
            send((uint64_t)i);
    process_inputs_all_tasklets(&requests, &answers, note, total, sums, &workers, &active);
    CHECK(sums[me()] == 1 + 2 + 3 + 4);
    if (me() == 0) {
        CHECK(receive() == 1 + NR_TASKLETS * 1);
        CHECK(receive() == 2 + NR_TASKLETS * (1 + 2));
        CHECK(receive() == 3 + NR_TASKLETS * (1 + 2 + 3));
        CHECK(receive() == 4 + NR_TASKLETS * (1 + 2 + 3 + 4));
        CHECK(is_input_fifo_empty(&requests) && answers.nb_reserved == (uint32_t)answers.write_ptr);
    }
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
