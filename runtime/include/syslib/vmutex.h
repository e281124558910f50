/* SPDX-License-Identifier: MIT */
/* VMUTEX_INIT(name, count, locks) at file scope: `count` mutexes, a multiple of 8, of one bit of
 * WRAM each. Eight neighbours share one of `locks` lock bits, a power of 2, which is only held
 * while a bit is looked at. Waiting tasklets spin. */
#ifndef DPU_VMUTEX_H
#define DPU_VMUTEX_H

#include <mutex_pool.h>

struct vmutex {
    uint8_t *vmutexes;
    const struct mutex_pool *hw_pool;
};

#define VMUTEX_INIT(name, count, locks)                                                            \
    __STATIC_ASSERT((count) > 0 && (count) % 8 == 0, "vmutex: the count is not a multiple of 8");  \
    MUTEX_POOL_INIT(__CONCAT(__vmutex_locks_, name), locks);                                       \
    uint8_t __CONCAT(__vmutex_bits_, name)[(count) / 8];                                           \
    const struct vmutex name = {__CONCAT(__vmutex_bits_, name), &__CONCAT(__vmutex_locks_, name)}

void vmutex_lock(const struct vmutex *vmutex, uint16_t id);
void vmutex_unlock(const struct vmutex *vmutex, uint16_t id);

#endif
