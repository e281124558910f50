/* SPDX-License-Identifier: MIT */
/* BARRIER_INIT(name, count) at file scope; barrier_wait(&name) returns when `count` tasklets have
 * called it. The count is a number, or an expression of numbers and of NR_TASKLETS. */
#ifndef DPU_BARRIER_H
#define DPU_BARRIER_H

#include <atomic_bit.h>

typedef struct barrier_t {
    uint8_t wait_queue; /* latest sleeper; 255: none */
    uint8_t count;      /* arrivals missing */
    uint8_t initial_count;
    uint8_t lock; /* number of the lock bit */
} barrier_t;

/* In assembly because a lock's number is known to the linker only and C has no way to put it into a
 * byte. The macro ends with a semicolon, as the SDK's does: kernels write one more, or none. */
#define __SYNC_OBJECT(type, name, initial, lock)                                                   \
    extern type name;                                                                              \
    __asm__(".section .data." #name ",\"aw\",@progbits\n"                                          \
            ".globl " #name "\n"                                                                   \
            ".type " #name ",@object\n"                                                            \
            ".p2align 2\n" #name ":\n"                                                             \
            ".byte 0xff, " initial ", " initial ", " lock "\n"                                     \
            ".size " #name ", 4\n"                                                                 \
            ".text\n");

#define BARRIER_INIT(name, count)                                                                  \
    __STATIC_ASSERT((count) >= 0 && (count) < 128, "barrier: the count is 0 to 127");              \
    ATOMIC_BIT_INIT(__CONCAT(barrier_, name)) __used;                                              \
    __SYNC_OBJECT(barrier_t, name, __STR(count), __STR(ATOMIC_BIT_GET(__CONCAT(barrier_, name))))

void barrier_wait(barrier_t *barrier);

#endif
