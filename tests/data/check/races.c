// SPDX-License-Identifier: MIT
// Every way in which the library puts accesses of tasklets in order, each around words of its own.
// Nothing here is a race. With one of the NO_... macros one way is left out: its words are raced
// for.
#include <barrier.h>
#include <defs.h>
#include <handshake.h>
#include <mram.h>
#include <mutex.h>
#include <mutex_pool.h>
#include <sem.h>
#include <stdint.h>
#include <stdio.h>
#include <vmutex.h>

#define ROUNDS 4

__host uint32_t by_mutex, by_pool[4], by_vmutex[4], by_semaphore, by_barrier[NR_TASKLETS], sum;
__host uint32_t by_handshake;
__mram_noinit uint32_t far[NR_TASKLETS][2];
MUTEX_INIT(mutex);
MUTEX_POOL_INIT(pool, 2);
VMUTEX_INIT(vmutexes, 8, 2);
SEMAPHORE_INIT(semaphore, 1);
BARRIER_INIT(barrier, NR_TASKLETS);

static void locks(void)
{
#ifndef NO_MUTEX
    mutex_lock(mutex);
#endif
    by_mutex++;
#ifndef NO_MUTEX
    mutex_unlock(mutex);
#endif
    for (uint32_t i = 0; i < 4; i++) {
#ifndef NO_POOL
        mutex_pool_lock(&pool, i);
#endif
        by_pool[i]++;
#ifndef NO_POOL
        mutex_pool_unlock(&pool, i);
#endif
        vmutex_lock(&vmutexes, i);
        by_vmutex[i]++;
        vmutex_unlock(&vmutexes, i);
    }
#ifndef NO_SEMAPHORE
    sem_take(&semaphore);
#endif
    by_semaphore++;
#ifndef NO_SEMAPHORE
    sem_give(&semaphore);
#endif
}

// Each writes its own word, then reads its neighbour's.
static void phases(void)
{
    uint32_t next = (me() + 1) % NR_TASKLETS;
    __dma_aligned uint32_t word[2] = {me(), 0};
    by_barrier[me()] = me() + 1;
    mram_write(word, far[me()], 8);
#ifndef NO_BARRIER
    barrier_wait(&barrier);
#endif
    mram_read(far[next], word, 8);
    word[1] += by_barrier[next];
    barrier_wait(&barrier);
    mutex_lock(mutex);
    sum += word[0] + word[1];
    mutex_unlock(mutex);
}

// From tasklet to tasklet.
static void chain(void)
{
#ifndef NO_HANDSHAKE
    if (me() != 0)
        handshake_wait_for(me() - 1);
#endif
    by_handshake = by_handshake + me();
#ifndef NO_HANDSHAKE
    if (me() != NR_TASKLETS - 1)
        handshake_notify();
#endif
}

int main(void)
{
    for (int i = 0; i < ROUNDS; i++) {
        locks();
        phases();
    }
    chain();
    barrier_wait(&barrier);
    printf("tasklet %u: %u\n", me(), (unsigned)by_mutex);
    return 0;
}
