/* SPDX-License-Identifier: MIT */
/* MUTEX_POOL_INIT(name, count) at file scope: `count` lock bits, a power of 2, for any number of
 * objects; object n uses bit n modulo count. */
#ifndef DPU_MUTEX_POOL_H
#define DPU_MUTEX_POOL_H

#include <dpu_characteristics.h>
#include <mutex.h>

struct mutex_pool {
    mutex_id_t hw_mutexes; /* the first bit */
    uint16_t nb_mutexes;
};

#define MUTEX_POOL_INIT(name, count)                                                               \
    __STATIC_ASSERT(__IS_POWER_OF_TWO(count), "mutex pool: the count is not a power of 2");        \
    __STATIC_ASSERT((count) <= DPU_NR_USER_ATOMIC_BITS,                                            \
                    "mutex pool: more locks than the chip has");                                   \
    __atomic_bit uint8_t __CONCAT(__atomic_bit_mutex_pool_, name)[count];                          \
    const struct mutex_pool name = {__CONCAT(__atomic_bit_mutex_pool_, name), count}

static inline __part_of_caller mutex_id_t __mutex_pool_bit(const struct mutex_pool *pool,
                                                           uint16_t id)
{
    return pool->hw_mutexes + (id & (pool->nb_mutexes - 1));
}

static inline __part_of_caller void mutex_pool_lock(const struct mutex_pool *pool, uint16_t id)
{
    mutex_lock(__mutex_pool_bit(pool, id));
}

static inline __part_of_caller void mutex_pool_unlock(const struct mutex_pool *pool, uint16_t id)
{
    mutex_unlock(__mutex_pool_bit(pool, id));
}

#endif
