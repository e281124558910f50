/* SPDX-License-Identifier: MIT */
/* Lock bits. ATOMIC_BIT_INIT(name) at file scope reserves one; the chip has 56 (v1A) or 64 (v1B).
 *
 *   ATOMIC_BIT_INIT(lock);
 *   ...
 *   ATOMIC_BIT_ACQUIRE(lock);    spins until the bit was clear, and sets it
 *   ATOMIC_BIT_RELEASE(lock);
 */
#ifndef DPU_ATOMIC_BIT_H
#define DPU_ATOMIC_BIT_H

#include <attributes.h>
#include <stdint.h>

#define ATOMIC_BIT_GET(name)    __CONCAT(__atomic_bit_, name)
#define ATOMIC_BIT_INDEX(name)  ((uint8_t)(uintptr_t)&ATOMIC_BIT_GET(name))
#define ATOMIC_BIT_EXTERN(name) extern __atomic_bit uint8_t ATOMIC_BIT_GET(name)
#define ATOMIC_BIT_INIT(name)                                                                      \
    ATOMIC_BIT_EXTERN(name);                                                                       \
    __atomic_bit uint8_t ATOMIC_BIT_GET(name)

/* The compiler must not move accesses to the guarded data across these, hence "memory". */
#define __ATOMIC_BIT_INSTRUCTION(text, name)                                                       \
    __asm__ volatile(text : : [bit] "i"(&ATOMIC_BIT_GET(name)) : "memory")
#define ATOMIC_BIT_ACQUIRE(name) __ATOMIC_BIT_INSTRUCTION("acquire zero, %[bit], nz, .", name)
#define ATOMIC_BIT_RELEASE(name) __ATOMIC_BIT_INSTRUCTION("release zero, %[bit], nz, . + 1", name)

#endif
