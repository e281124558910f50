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

/* ATOMIC_BIT_INIT(name)[4] are four of them. */
#define ATOMIC_BIT_GET(name)    __CONCAT(__atomic_bit_, name)
#define ATOMIC_BIT_INDEX(name)  ((uint8_t)(uintptr_t)&ATOMIC_BIT_GET(name))
#define ATOMIC_BIT_INIT(name)   __atomic_bit uint8_t ATOMIC_BIT_GET(name)
#define ATOMIC_BIT_EXTERN(name) extern ATOMIC_BIT_INIT(name)

/* Number 0. */
extern uint8_t __atomic_start_addr;

/* The compiler must not move accesses to the guarded data across these, hence "memory". */
#define __ATOMIC_BIT_INSTRUCTION(text, name)                                                       \
    __asm__ volatile(text : : [bit] "i"(&ATOMIC_BIT_GET(name)) : "memory")
/* The bit of number base + offset: a value, and a number that is a constant. */
#define __ATOMIC_BIT_ACQUIRE(base, offset)                                                         \
    __asm__ volatile("acquire %[from], %[add], nz, ."                                              \
                     :                                                                             \
                     : [from] "r"(base), [add] "i"(offset)                                         \
                     : "memory")
#define __ATOMIC_BIT_RELEASE(base, offset)                                                         \
    __asm__ volatile("release %[from], %[add], nz, . + 1"                                          \
                     :                                                                             \
                     : [from] "r"(base), [add] "i"(offset)                                         \
                     : "memory")
#define ATOMIC_BIT_ACQUIRE(name) __ATOMIC_BIT_INSTRUCTION("acquire zero, %[bit], nz, .", name)
#define ATOMIC_BIT_RELEASE(name) __ATOMIC_BIT_INSTRUCTION("release zero, %[bit], nz, . + 1", name)

#endif
