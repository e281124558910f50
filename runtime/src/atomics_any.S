// SPDX-License-Identifier: MIT
// Atomic objects of any size, for what the compiler has no sized operation: structures, and 8 bytes
// where it does not trust the alignment. Under the same lock bit as the others.
//
//   void __atomic_load(size_t size, T *object, T *result, int order)
//   void __atomic_store(size_t size, T *object, T *value, int order)
//   void __atomic_exchange(size_t size, T *object, T *value, T *result, int order)
//   bool __atomic_compare_exchange(size_t size, T *object, T *expected, T *desired, int, int)

#include "macros.inc"

// r14: size, r15: object, r16: third, r17: fourth argument.
        .macro  begin name
        function __atomic_\name
        sd      r22, 16, d22
        sd      r22, 0, d14
        sd      r22, 8, d16
        add     r22, r22, 24
        move    r14, r0
        move    r15, r1
        move    r16, r2
        move    r17, r3
        acquire zero, __atomics_lock, nz, .
        .endm

        .macro  end name
        release zero, __atomics_lock, nz, . + 1
        ld      d14, r22, -24
        ld      d16, r22, -16
        ld      d22, r22, -8
        jump    r23
        end_function __atomic_\name
        .endm

        .macro  with_memory function, first, second
        move    r0, \first
        move    r1, \second
        move    r2, r14
        call    r23, \function
        .endm

        begin   load
        with_memory memcpy, r16, r15
        end     load

        begin   store
        with_memory memcpy, r15, r16
        end     store

        begin   exchange
        with_memory memcpy, r17, r15
        with_memory memcpy, r15, r16
        end     exchange

        begin   compare_exchange
        with_memory memcmp, r15, r16
        jneq    r0, 0, .Ldifferent
        with_memory memcpy, r15, r17
        move    r0, 1
        jump    .Lexchanged
.Ldifferent:
        with_memory memcpy, r16, r15
        move    r0, 0
.Lexchanged:
        end     compare_exchange
