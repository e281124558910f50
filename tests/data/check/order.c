// SPDX-License-Identifier: MIT
// Orders of accesses that are easily got wrong, one CASE each, all right; with RACE each has one
// race, for `shared` or `far`.
#include <barrier.h>
#include <defs.h>
#include <handshake.h>
#include <mram.h>
#include <mutex.h>
#include <mutex_pool.h>
#include <sem.h>
#include <stdint.h>
#include <vmutex.h>

#ifndef RACE
#define RACE 0
#endif

uint32_t shared[8], ready, copies[NR_TASKLETS];
__mram_noinit uint32_t far[2 * NR_TASKLETS];
MUTEX_INIT(one);
MUTEX_INIT(two);
MUTEX_POOL_INIT(pool, 4);
VMUTEX_INIT(vmutexes, 8, 4);
SEMAPHORE_INIT(filled, 0);
SEMAPHORE_INIT(emptied, 1);
BARRIER_INIT(barrier, NR_TASKLETS);

// Nested locks; in the race two tasklets take one of them each, and not the same.
static void nested(void)
{
    if (RACE && me() != 1 && me() != 2)
        return;
    if (!RACE || me() == 1)
        mutex_lock(one);
    if (!RACE || me() == 2)
        mutex_lock(two);
    shared[0]++;
    if (!RACE || me() == 2)
        mutex_unlock(two);
    if (!RACE || me() == 1)
        mutex_unlock(one);
}

// What was written before the unlock may be read by who sees it behind a lock.
static void published(void)
{
    uint32_t seen = 0;
    if (me() == 0) {
        shared[1] = 7;
        mutex_lock(one);
        ready = 1;
        mutex_unlock(one);
        if (RACE)
            shared[1] = 8;
        return;
    }
    while (!seen) {
        mutex_lock(one);
        seen = ready;
        mutex_unlock(one);
    }
    copies[me()] = shared[1];
}

// Each round writes what the round before has read: two barriers are needed.
static void rounds(void)
{
    for (uint32_t i = 0; i < 4; i++) {
        shared[me()] = i;
        barrier_wait(&barrier);
        copies[me()] += shared[(me() + 1) % NR_TASKLETS];
        if (!RACE)
            barrier_wait(&barrier);
    }
}

// A buffer of one place, by two semaphores.
static void passed_on(void)
{
    for (uint32_t i = 0; i < 4; i++) {
        if (me() == 0) {
            if (!RACE)
                sem_take(&emptied);
            shared[2] = i;
            sem_give(&filled);
        } else if (me() == 1) {
            sem_take(&filled);
            copies[1] += shared[2];
            if (!RACE)
                sem_give(&emptied);
        }
    }
}

// There and back by handshakes.
static void shaken(void)
{
    if (me() == 0) {
        shared[3] = 1;
        handshake_notify();
        if (RACE)
            shared[3] = 2;
        handshake_wait_for(1);
        copies[0] = shared[3];
    } else if (me() == 1) {
        handshake_wait_for(0);
        shared[3]++;
        handshake_notify();
    }
}

// Words of their own, but the engine writes 8 bytes.
static void halves(void)
{
    uint32_t *place = &shared[2 * (me() % 4)];
    uint32_t at = RACE ? me() / 2 * 2 : 2 * me();
    place[0] = place[1] = me();
    mram_write(place, &far[at], 8);
}

// Each element has its lock.
static void pooled(void)
{
    for (uint32_t i = 0; i < 8; i++) {
        uint32_t lock = RACE && me() == 3 ? i + 1 : i;
        mutex_pool_lock(&pool, lock);
        shared[i]++;
        mutex_pool_unlock(&pool, lock);
    }
}

static void virtual_locks(void)
{
    for (uint32_t i = 0; i < 8; i++) {
        uint32_t lock = RACE && me() == 3 ? (i + 1) % 8 : i;
        vmutex_lock(&vmutexes, lock);
        shared[i]++;
        vmutex_unlock(&vmutexes, lock);
    }
}

// Many read together, one writes alone: the first reader locks for all, the last one unlocks.
static void readers(void)
{
    if (me() == 3) {
        mutex_lock(two);
        shared[4]++;
        mutex_unlock(two);
        return;
    }
    mutex_lock(one);
    if (ready++ == 0 && !RACE)
        mutex_lock(two);
    mutex_unlock(one);
    copies[me()] = shared[4];
    mutex_lock(one);
    if (--ready == 0 && !RACE)
        mutex_unlock(two);
    mutex_unlock(one);
}

// All read what one writes before, and another one when all have.
static void read_by_all(void)
{
    if (me() == 0)
        shared[5] = 3;
    barrier_wait(&barrier);
    for (uint32_t i = 0; i < 50; i++)
        copies[me()] += shared[5];
    if (!RACE)
        barrier_wait(&barrier);
    if (me() == 3)
        shared[5] = 4;
}

// A transfer is an access to the buffer, too.
static void buffers(void)
{
    if (me() == 0)
        mram_read(&far[0], shared, 32);
    if (!RACE)
        barrier_wait(&barrier);
    if (me() == 1)
        copies[1] = shared[7];
}

int main(void)
{
    void (*const cases[])(void) = {nested, published,     rounds,  passed_on,   shaken, halves,
                                   pooled, virtual_locks, readers, read_by_all, buffers};
    cases[CASE - 1]();
    return 0;
}
