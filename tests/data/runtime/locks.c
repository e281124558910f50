/* SPDX-License-Identifier: MIT */
/* Everything that synchronises, used by all tasklets at once. Read-modify-write sequences of plain
 * variables would lose counts if a lock let two tasklets in. */
#include <barrier.h>
#include <errno.h>
#include <handshake.h>
#include <mutex.h>
#include <mutex_pool.h>
#include <sem.h>
#include <vmutex.h>

#include "check.h"

enum { ROUNDS = 6, VIRTUAL = 16 };

BARRIER_INIT(all, NR_TASKLETS);
BARRIER_INIT(nobody_else, 1);
SEMAPHORE_INIT(room, 2);
SEMAPHORE_INIT(signal, 0);
SEMAPHORE_INIT(debt, -3);
MUTEX_INIT(mutex);
MUTEX_POOL_INIT(pool, 4);
VMUTEX_INIT(virtual_mutexes, VIRTUAL, 2);

static volatile int under_mutex, tried, inside, under_virtual[VIRTUAL], under_pool[8];
static volatile int chain, shared_word;
static volatile long shared_long;

static void count(volatile int *counter)
{
    int value = *counter;
    __asm__ volatile("nop\n\tnop\n\tnop");
    *counter = value + 1;
}

static void check_mutexes(int round)
{
    int own = (int)(me() + (unsigned)round) % 8;
    mutex_lock(mutex);
    count(&under_mutex);
    mutex_unlock(mutex);
    if (mutex_trylock(mutex)) {
        CHECK(!mutex_trylock(mutex));
        count(&under_mutex);
        mutex_unlock(mutex);
    } else {
        __sync_fetch_and_add(&tried, 1);
    }
    mutex_pool_lock(&pool, (uint16_t)own);
    count(&under_pool[own]);
    mutex_pool_unlock(&pool, (uint16_t)own);
    vmutex_lock(&virtual_mutexes, (uint16_t)(own * 2));
    count(&under_virtual[own * 2]);
    vmutex_unlock(&virtual_mutexes, (uint16_t)(own * 2));
}

static void check_semaphores(void)
{
    sem_take(&room);
    CHECK(__sync_add_and_fetch(&inside, 1) <= 2);
    __sync_fetch_and_sub(&inside, 1);
    sem_give(&room);
    if (me() == 0)
        for (int i = 1; i < NR_TASKLETS; i++)
            sem_give(&signal);
    else
        sem_take(&signal);
    barrier_wait(&nobody_else);
}

/* Tasklet t goes on only when t - 1 has. */
static void check_chain(void)
{
    if (me() != 0)
        CHECK(handshake_wait_for(me() - 1) == 0);
    CHECK(chain == (int)me());
    chain++;
    if (me() != NR_TASKLETS - 1)
        handshake_notify();
    else
        chain = 0;
}

static void check_atomics(void)
{
    __sync_fetch_and_add(&shared_word, 3);
    __sync_fetch_and_add(&shared_long, 1L << 32);
    int old;
    do
        old = shared_word;
    while (!__sync_bool_compare_and_swap(&shared_word, old, old + 1));
}

/* Two wait for tasklet 0: the later one is told. */
static void check_second_waiter(void)
{
    static volatile int told, waited;
    if (me() == 1 || me() == 2) {
        if (handshake_wait_for(0) == 0) {
            waited = 1;
        } else {
            CHECK(errno == EALREADY);
            told = 1;
        }
    } else if (me() == 0) {
        while (!told)
            ;
        handshake_notify();
    }
    barrier_wait(&all);
    CHECK(told && waited);
}

/* A count of -3 lets a tasklet through after four gives. */
static void check_debt(void)
{
    if (me() >= 1 && me() <= 4)
        sem_give(&debt);
    barrier_wait(&all);
    if (me() == 0)
        sem_take(&debt);
}

int main(void)
{
    for (int round = 0; round < ROUNDS; round++) {
        check_mutexes(round);
        check_semaphores();
        check_atomics();
        barrier_wait(&all);
        check_chain();
        barrier_wait(&all);
    }
    check_second_waiter();
    check_debt();
    barrier_wait(&all);
    if (me() == 0) {
        int in_pool = 0, in_virtual = 0;
        for (int i = 0; i < 8; i++) {
            in_pool += under_pool[i];
            in_virtual += under_virtual[2 * i];
        }
        CHECK(under_mutex + tried == 2 * ROUNDS * NR_TASKLETS);
        CHECK(in_pool == ROUNDS * NR_TASKLETS);
        CHECK(in_virtual == ROUNDS * NR_TASKLETS);
        CHECK(shared_word == 4 * ROUNDS * NR_TASKLETS);
        CHECK(shared_long == (long)ROUNDS * NR_TASKLETS << 32);
    }
    return finish();
}
