/* SPDX-License-Identifier: MIT */
/* SEMAPHORE_INIT(name, count) at file scope. sem_take(&name) takes one off the count and sleeps
 * when that makes it negative; sem_give(&name) adds one and wakes who sleeps longest, if anybody
 * does. */
#ifndef DPU_SEM_H
#define DPU_SEM_H

#include <barrier.h>

struct sem_t {
    uint8_t wait_queue; /* latest sleeper; 255: none */
    int8_t count;       /* negative while somebody sleeps */
    int8_t initial_count;
    uint8_t lock; /* number of the lock bit */
};

#define SEMAPHORE_INIT(name, count)                                                                \
    __STATIC_ASSERT((count) >= -127 && (count) <= 127, "semaphore: the count is -127 to 127");     \
    ATOMIC_BIT_INIT(__CONCAT(semaphore_, name)) __used;                                            \
    __SYNC_OBJECT(struct sem_t, name, __STR(count),                                                \
                  __STR(ATOMIC_BIT_GET(__CONCAT(semaphore_, name))))

void sem_take(struct sem_t *semaphore);
void sem_give(struct sem_t *semaphore);

#endif
