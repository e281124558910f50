/* SPDX-License-Identifier: MIT */
#include <vmutex.h>

/* Set or clear the bit under the lock of its byte. Returns whether it was set. */
static inline bool exchange_bit(const struct vmutex *vmutex, uint16_t id, bool value)
{
    uint8_t *byte = &vmutex->vmutexes[id / 8];
    uint8_t bit = (uint8_t)(1u << id % 8);
    mutex_pool_lock(vmutex->hw_pool, id / 8);
    uint8_t old = *byte;
    *byte = (uint8_t)(value ? old | bit : old & ~bit);
    mutex_pool_unlock(vmutex->hw_pool, id / 8);
    return old & bit;
}

void vmutex_lock(const struct vmutex *vmutex, uint16_t id)
{
    while (exchange_bit(vmutex, id, true))
        ;
}

void vmutex_unlock(const struct vmutex *vmutex, uint16_t id)
{
    exchange_bit(vmutex, id, false);
}
