/* SPDX-License-Identifier: MIT */
/* Objects of one.c, and some of the same kind that are its own. */
#include "uses.h"

MUTEX_INIT(own_mutex);
BARRIER_INIT(own_barrier, 1);
ATOMIC_BIT_INIT(own_bit);

int use_again(void)
{
    barrier_wait(&own_barrier);
    mutex_lock(shared_mutex);
    shared_word++;
    mutex_unlock(shared_mutex);
    sem_take(&shared_sem);
    sem_give(&shared_sem);
    mutex_pool_lock(&shared_pool, 1);
    mutex_pool_unlock(&shared_pool, 1);
    vmutex_lock(&shared_virtual, 1);
    vmutex_unlock(&shared_virtual, 1);
    ATOMIC_BIT_ACQUIRE(own_bit);
    ATOMIC_BIT_RELEASE(own_bit);
    profiling_start(&shared_profile);
    profiling_stop(&shared_profile);
    barrier_wait(&shared_barrier);
    assert(shared_word == 3 + NR_TASKLETS && shared_init[1] == 2 && shared_bytes[0] == 1);
    assert((uintptr_t)shared_pointer == (uintptr_t)shared_bytes && own_mutex != shared_mutex);
    return ATOMIC_BIT_INDEX(shared_bit);
}
