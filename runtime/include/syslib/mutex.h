/* SPDX-License-Identifier: MIT */
/* MUTEX_INIT(name) at file scope: one lock bit. Waiting tasklets spin. Not recursive, and nobody
 * checks who unlocks. */
#ifndef DPU_MUTEX_H
#define DPU_MUTEX_H

#include <atomic_bit.h>
#include <stdbool.h>

typedef uint8_t *mutex_id_t;

#define MUTEX_GET(name) name
#define MUTEX_INIT(name)                                                                           \
    ATOMIC_BIT_INIT(__CONCAT(mutex_, name));                                                       \
    const mutex_id_t name = &ATOMIC_BIT_GET(__CONCAT(mutex_, name))

static inline __part_of_caller void mutex_lock(mutex_id_t mutex)
{
    __asm__ volatile("acquire %[bit], 0, nz, ." : : [bit] "r"(mutex) : "memory");
}

/* True when the mutex was free and is now taken. */
static inline __part_of_caller bool mutex_trylock(mutex_id_t mutex)
{
    int taken = 1;
    __asm__ volatile("acquire %[bit], 0, z, . + 2\n\tmove %[taken], 0"
                     : [taken] "+r"(taken)
                     : [bit] "r"(mutex)
                     : "memory");
    return taken;
}

static inline __part_of_caller void mutex_unlock(mutex_id_t mutex)
{
    __asm__ volatile("release %[bit], 0, nz, . + 1" : : [bit] "r"(mutex) : "memory");
}

#endif
