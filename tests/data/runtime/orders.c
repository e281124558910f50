/* SPDX-License-Identifier: MIT */
/* Every primitive that synchronises, one at a time, with what must hold in any order of tasklets.
 * Read-modify-write sequences of plain variables lose counts if a lock lets two tasklets in. The
 * host chooses the scenario, the order, and links the program with many numbers of tasklets. */
#include <alloc.h>
#include <atomic_bit.h>
#include <barrier.h>
#include <errno.h>
#include <handshake.h>
#include <mram_unaligned.h>
#include <mutex.h>
#include <mutex_pool.h>
#include <sem.h>
#include <seqread.h>
#include <stdio.h>
#include <string.h>
#include <vmutex.h>
#include <wramfifo.h>

#include "check.h"

#define PERMITS 2 /* the assembler reads it */
enum { ROUNDS = 8, SLOTS = 16, BLOCKS = 6 };

__host volatile uint32_t scenario;

BARRIER_INIT(all, NR_TASKLETS);
BARRIER_INIT(again, NR_TASKLETS);
SEMAPHORE_INIT(room, PERMITS);
SEMAPHORE_INIT(items, 0);
MUTEX_INIT(mutex);
MUTEX_POOL_INIT(pool, 4);
VMUTEX_INIT(virtual_mutexes, SLOTS, 2);
ATOMIC_BIT_INIT(raw);
OUTPUT_FIFO_INIT(answers, 3, 8);
INPUT_FIFO_INIT(requests, 2, 8);

static volatile uint32_t count, slots[SLOTS], reached[NR_TASKLETS], inside;

static void add_one(volatile uint32_t *counter)
{
    uint32_t value = *counter;
    __asm__ volatile("nop\n\tnop");
    *counter = value + 1;
}

/* After a barrier: the counters together hold what every tasklet added. */
static void check_sum(uint32_t per_tasklet)
{
    barrier_wait(&all);
    uint32_t sum = count;
    for (int i = 0; i < SLOTS; i++)
        sum += slots[i];
    CHECK(sum == per_tasklet * NR_TASKLETS);
}

/* ---- locks --------------------------------------------------------------------------------------
 */

static void check_mutex(void)
{
    for (int i = 0; i < ROUNDS; i++) {
        mutex_lock(mutex);
        CHECK(!mutex_trylock(mutex));
        add_one(&count);
        mutex_unlock(mutex);
        while (!mutex_trylock(mutex))
            ;
        add_one(&count);
        mutex_unlock(mutex);
    }
    check_sum(2 * ROUNDS);
}

static void check_pool(void)
{
    for (uint16_t i = 0; i < ROUNDS; i++) {
        uint16_t id = (uint16_t)(me() + i * 3u);
        mutex_pool_lock(&pool, id);
        add_one(&slots[id % 4]);
        mutex_pool_unlock(&pool, id);
    }
    check_sum(ROUNDS);
}

/* Neighbours share a byte and a lock bit, and must not lose each other's bits. */
static void check_virtual(void)
{
    for (uint16_t i = 0; i < ROUNDS; i++) {
        uint16_t id = (uint16_t)((me() * 5 + i) % SLOTS);
        vmutex_lock(&virtual_mutexes, id);
        add_one(&slots[id]);
        vmutex_unlock(&virtual_mutexes, id);
    }
    check_sum(ROUNDS);
    for (uint16_t i = 0; i < SLOTS / 8; i++)
        CHECK(virtual_mutexes.vmutexes[i] == 0);
}

static void check_raw_bit(void)
{
    for (int i = 0; i < 2 * ROUNDS; i++) {
        ATOMIC_BIT_ACQUIRE(raw);
        add_one(&count);
        ATOMIC_BIT_RELEASE(raw);
    }
    check_sum(2 * ROUNDS);
}

static void check_builtins(void)
{
    for (uint32_t i = 0; i < ROUNDS; i++) {
        __sync_fetch_and_add(&count, 2);
        uint32_t old;
        do
            old = slots[i];
        while (!__sync_bool_compare_and_swap(&slots[i], old, old + 1));
    }
    check_sum(3 * ROUNDS);
}

/* ---- waiting ------------------------------------------------------------------------------------
 */

/* Nobody is a round ahead before all have come, however often a barrier is used again. */
static void check_barriers(void)
{
    for (uint32_t round = 1; round <= 3 * ROUNDS; round++) {
        reached[me()] = round;
        barrier_wait(&all);
        for (int i = 0; i < NR_TASKLETS; i++)
            CHECK(reached[i] == round);
        barrier_wait(round % 2 ? &again : &all);
    }
    barrier_wait(&again);
    CHECK(all.count == NR_TASKLETS && all.wait_queue == 255);
}

static void check_permits(void)
{
    for (int i = 0; i < ROUNDS; i++) {
        sem_take(&room);
        CHECK(__sync_add_and_fetch(&inside, 1) <= PERMITS);
        __sync_sub_and_fetch(&inside, 1);
        sem_give(&room);
    }
    barrier_wait(&all);
    CHECK(room.count == PERMITS && room.wait_queue == 255);
}

/* The last tasklet gives what the others take. */
static void check_supply(void)
{
    for (int i = 0; i < ROUNDS; i++)
        if (me() != NR_TASKLETS - 1)
            sem_take(&items);
        else
            for (int k = 0; k < NR_TASKLETS - 1; k++)
                sem_give(&items);
    barrier_wait(&all);
    CHECK(items.count == 0 && items.wait_queue == 255);
}

/* Tasklet t goes on only when t - 1 has; who of the two comes first, differs. */
static void check_chain(void)
{
    for (uint32_t round = 1; round <= ROUNDS; round++) {
        if (me() != 0) {
            CHECK(handshake_wait_for(me() - 1) == 0);
            CHECK(reached[me() - 1] - round <= 1); /* it may be on its way again */
        }
        reached[me()] = round;
        if (me() != NR_TASKLETS - 1)
            handshake_notify();
    }
    CHECK(1);
}

/* Everybody waits for tasklet 0: one at a time is admitted, the others are told. */
static void check_crowd(void)
{
    if (me() == 0) {
        for (int i = 1; i < NR_TASKLETS; i++)
            handshake_notify();
    } else {
        while (handshake_wait_for(0) == EALREADY)
            ;
        __sync_fetch_and_add(&count, 1);
    }
    barrier_wait(&all);
    CHECK(count == NR_TASKLETS - 1);
}

/* ---- memory -------------------------------------------------------------------------------------
 */

/* Mine, and nobody else's, as long as I have it. */
static void mark(uint8_t *block, uint32_t size)
{
    CHECK(block != NULL && (uintptr_t)block % 8 == 0);
    memset(block, (int)me() + 1, size);
}

static void check_mark(const uint8_t *block, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++)
        if (block[i] != me() + 1)
            CHECK(0);
    CHECK(1);
}

static void check_heap(void)
{
    uint8_t *got[BLOCKS];
    for (uint32_t i = 0; i < BLOCKS; i++)
        mark(got[i] = mem_alloc(8 + i * 3), 8 + i * 3);
    barrier_wait(&all);
    for (uint32_t i = 0; i < BLOCKS; i++)
        check_mark(got[i], 8 + i * 3);
}

/* All of it is one block again once everybody has given back what was got. */
static void check_buddy(void)
{
    uint32_t state = me();
    buddy_init(4096); /* the first of them */
    for (int i = 0; i < ROUNDS / 2; i++) {
        uint32_t size = 1 + next_random(&state) % 100;
        uint8_t *block = buddy_alloc(size);
        if (!block) /* 24 times 128 bytes and what lies scattered between them */
            continue;
        mark(block, size);
        check_mark(block, size);
        buddy_free(block);
    }
    barrier_wait(&all);
    if (me() == 0) {
        void *whole = buddy_alloc(4096);
        CHECK(whole != NULL);
        buddy_free(whole);
    }
}

static fsb_allocator_t blocks_of_24;

static void check_blocks(void)
{
    if (me() == 0)
        blocks_of_24 = fsb_alloc(24, 3);
    barrier_wait(&all);
    for (int i = 0; i < ROUNDS; i++) {
        uint8_t *block;
        while (!(block = fsb_get(blocks_of_24)))
            ;
        mark(block, 24);
        check_mark(block, 24);
        fsb_free(blocks_of_24, block);
    }
    barrier_wait(&all);
    if (me() == 0) {
        for (int i = 0; i < 3; i++)
            CHECK(fsb_get(blocks_of_24) != NULL);
        CHECK(fsb_get(blocks_of_24) == NULL);
    }
}

/* Neighbouring bytes of MRAM, three to a tasklet; and one counter for all. */
__mram_noinit uint8_t bytes[8 * NR_TASKLETS];
__mram int total = 0;

static void add_to(int *value, void *amount)
{
    *value += *(int *)amount;
}

static void check_edges(void)
{
    __dma_aligned uint8_t from[16], seen[24];
    __mram_ptr uint8_t *to = &bytes[me() * 3];
    int amount = (int)me() + 1;
    for (int i = 0; i < ROUNDS; i++) {
        uint8_t *mine = from + (uintptr_t)to % 8;
        memset(mine, (int)me() + i, 3);
        mram_write_unaligned(mine, to, 3);
        mram_update_int_atomic(&total, add_to, &amount);
        const uint8_t *back = mram_read_unaligned(to, seen, 3);
        CHECK(memcmp(back, mine, 3) == 0);
    }
    barrier_wait(&all);
    CHECK(total == ROUNDS * NR_TASKLETS * (NR_TASKLETS + 1) / 2);
}

/* Readers share nothing. */
static void check_readers(void)
{
    seqreader_t reader;
    for (uint8_t i = 0; i < 8; i++)
        mram_write_byte_atomic(&bytes[me() * 8 + i], (uint8_t)(me() * 8 + i));
    seqreader_buffer_t cache = seqread_alloc();
    const uint8_t *byte = seqread_init(cache, &bytes[me() * 8], &reader);
    for (uint32_t i = 0; i < 8; i++) {
        CHECK(*byte == (uint8_t)(me() * 8 + i));
        CHECK(seqread_tell((void *)(uintptr_t)byte, &reader) == &bytes[me() * 8 + i]);
        byte = seqread_get((void *)(uintptr_t)byte, 1, &reader);
    }
}

/* ---- to the host --------------------------------------------------------------------------------
 */

/* The host wants each line whole, and those of a tasklet in order. */
static void check_log(void)
{
    for (int i = 0; i < 3; i++)
        if (i % 2)
            printf("<%u:%d:%s>\n", me(), i, "text");
        else
            printf("<%u:%d:%.2s>\n", me(), i, "text");
    CHECK(1);
}

/* Tasklet 0 plays the host and takes what the others push; none is lost or seen twice. */
static void check_pushes(void)
{
    uint64_t value = me();
    if (me() != 0) {
        for (int i = 0; i < ROUNDS; i++)
            output_fifo_push(&answers, (const uint8_t *)&value);
        return;
    }
    for (int i = 0; i < ROUNDS * (NR_TASKLETS - 1); i++) {
        while (answers.read_ptr == answers.write_ptr)
            ;
        memcpy(&value, __answers_data + answers.read_ptr % 8 * 8, 8);
        CHECK(value > 0 && value < NR_TASKLETS);
        reached[value]++;
        answers.read_ptr++;
    }
    for (int i = 1; i < NR_TASKLETS; i++)
        CHECK(reached[i] == ROUNDS);
    CHECK(1);
}

/* As many answers as fit their queue: nobody takes them. */
static volatile uint64_t active = 1;

static void note(uint8_t *input, void *context)
{
    uint64_t value;
    memcpy(&value, input, 8);
    ((uint32_t *)context)[me()] += (uint32_t)value;
}

static void repeat(uint8_t *input, uint8_t *output, void *context)
{
    (void)context;
    memcpy(output, input, 8);
}

static void send(uint64_t value)
{
    while (requests.write_ptr - requests.read_ptr == 4)
        ;
    memcpy(__requests_data + requests.write_ptr % 4 * 8, &value, 8);
    requests.write_ptr++;
}

/* The last tasklet plays the host, the others work; with one there is nobody to play. */
#if NR_TASKLETS > 1
BARRIER_INIT(workers, NR_TASKLETS - 1);
#else
BARRIER_INIT(workers, 1);
#endif

static void check_requests(void)
{
    static uint32_t sums[NR_TASKLETS];
    if (NR_TASKLETS > 1 && me() == NR_TASKLETS - 1) {
        for (uint64_t i = 1; i <= 7; i++)
            send(i);
        active = 0;
        CHECK(1);
    } else if (NR_TASKLETS > 1) {
        process_inputs_all_tasklets(&requests, &answers, note, repeat, sums, &workers, &active);
        CHECK(sums[me()] == 28 && answers.write_ptr == 7);
    } else {
        CHECK(is_input_fifo_empty(&requests));
    }
}

/* Each element goes to one of them. */
static void add_up(uint8_t *input, uint8_t *output)
{
    uint64_t value;
    memcpy(&value, input, 8);
    __sync_fetch_and_add(&count, (uint32_t)value);
    memcpy(output, input, 8);
}

static void check_shares(void)
{
    if (NR_TASKLETS > 1 && me() == NR_TASKLETS - 1) {
        for (uint64_t i = 1; i <= 7; i++)
            send(i);
        active = 0;
    } else if (NR_TASKLETS > 1) {
        process_inputs_each_tasklet(&requests, &answers, add_up, mutex, &active);
    }
    barrier_wait(&all);
    CHECK(count == (NR_TASKLETS > 1 ? 28 : 0));
    CHECK(answers.write_ptr == (NR_TASKLETS > 1 ? 7 : 0));
}

static void (*const scenarios[])(void) = {
    check_mutex,    check_pool,    check_virtual,  check_raw_bit, check_builtins,
    check_barriers, check_permits, check_supply,   check_chain,   check_crowd,
    check_heap,     check_buddy,   check_blocks,   check_edges,   check_readers,
    check_log,      check_pushes,  check_requests, check_shares,
};

__host uint32_t n_scenarios = sizeof scenarios / sizeof scenarios[0];

int main(void)
{
    if (scenario < n_scenarios)
        scenarios[scenario]();
    return finish();
}
