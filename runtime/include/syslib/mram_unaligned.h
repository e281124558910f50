/* SPDX-License-Identifier: MIT */
/* MRAM at any address and of any size. Writes change exactly the bytes named: the 8-byte words at
 * the edges are read, modified and written under locks, so tasklets may write neighbouring bytes.
 */
#ifndef DPU_MRAM_UNALIGNED_H
#define DPU_MRAM_UNALIGNED_H

#include <attributes.h>
#include <mram.h>
#include <stdint.h>

/* `buffer` is 8-byte aligned and has room for size + 16 bytes. Returns the place of the first byte
 * in it. */
void *mram_read_unaligned(const __mram_ptr void *from, void *buffer, unsigned int size);
/* Fault 8 unless both addresses are equal modulo 8. */
void mram_write_unaligned(const void *from, __mram_ptr void *to, unsigned int size);

/* Read, change by update(&value, args), write back; other tasklets' accesses of these functions to
 * the same word wait. `to` is a multiple of 4 for int. */
void mram_update_int_atomic(__mram_ptr int *to, void (*update)(int *value, void *args), void *args);
void mram_update_byte_atomic(__mram_ptr uint8_t *to, void (*update)(uint8_t *value, void *args),
                             void *args);
void mram_write_int_atomic(__mram_ptr int *to, int value);
void mram_write_byte_atomic(__mram_ptr uint8_t *to, uint8_t value);

/* Kernels name the place by a pointer of any kind, or a number, and give an update function of
 * other types: so that these are taken, calls go through macros. */
#define mram_update_int_atomic(to, update, args)                                                   \
    (mram_update_int_atomic)((__mram_ptr int *)(uintptr_t)(to), (void (*)(int *, void *))(update), \
                             (void *)(uintptr_t)(args))
#define mram_update_byte_atomic(to, update, args)                                                  \
    (mram_update_byte_atomic)((__mram_ptr uint8_t *)(uintptr_t)(to),                               \
                              (void (*)(uint8_t *, void *))(update), (void *)(uintptr_t)(args))
#define mram_write_int_atomic(to, value)                                                           \
    (mram_write_int_atomic)((__mram_ptr int *)(uintptr_t)(to), (int)(value))
#define mram_write_byte_atomic(to, value)                                                          \
    (mram_write_byte_atomic)((__mram_ptr uint8_t *)(uintptr_t)(to), (uint8_t)(value))

#endif
