// SPDX-License-Identifier: MIT
// Atomic operations of C on WRAM, for 1, 2, 4 and 8 bytes, all under one lock bit:
//
//   T __dpu_sync_fetch_and_OP_N(T *object, T operand)               r0, r1 or d2
//   T __dpu_sync_lock_test_and_set_N(T *object, T value)            the same
//   T __dpu_sync_val_compare_and_swap_N(T *object, T old, T new)    r0, r1, r2 or d2, d4
//
// Each returns the value before. Bytes and halves come back zero-extended, from min and max
// sign-extended.

#include "macros.inc"

        lock_bit __atomics_lock

        .macro  operation name
        function __dpu_sync_\name
        acquire zero, __atomics_lock, nz, .
        .endm

        .macro  end_operation name
        release zero, __atomics_lock, nz, . + 1
        jump    r23
        end_function __dpu_sync_\name
        .endm

// Up to 4 bytes: old value r2, operand r1, new value r3 by one instruction.
        .macro  update name, size, load, store, instruction:vararg
        operation \name\()_\size
        \load   r2, r0, 0
        \instruction
        \store  r0, 0, r3
        move    r0, r2
        end_operation \name\()_\size
        .endm

        .macro  update_narrow name, instruction:vararg
        update  \name, 1, lbu, sb, \instruction
        update  \name, 2, lhu, sh, \instruction
        update  \name, 4, lw, sw, \instruction
        .endm

// 8 bytes: old value d0, operand d2, new value d4 by two instructions.
        .macro  update_wide name, low, high
        operation \name\()_8
        move    r8, r0
        ld      d0, r8, 0
        \low    r5, r1, r3
        \high   r4, r0, r2
        sd      r8, 0, d4
        end_operation \name\()_8
        .endm

        update_narrow fetch_and_add, add r3, r2, r1
        update_narrow fetch_and_sub, sub r3, r2, r1
        update_narrow fetch_and_and, and r3, r2, r1
        update_narrow fetch_and_or, or r3, r2, r1
        update_narrow fetch_and_xor, xor r3, r2, r1
        update_narrow fetch_and_nand, nand r3, r2, r1
        update_narrow lock_test_and_set, move r3, r1
        update_wide fetch_and_add, add, addc
        update_wide fetch_and_sub, sub, subc
        update_wide fetch_and_and, and, and
        update_wide fetch_and_or, or, or
        update_wide fetch_and_xor, xor, xor
        update_wide fetch_and_nand, nand, nand

        operation lock_test_and_set_8
        move    r8, r0
        ld      d0, r8, 0
        sd      r8, 0, d2
        end_operation lock_test_and_set_8

// Store the operand when the old value compares so with it.
        .macro  extreme name, condition, size, load, store, extend
        operation \name\()_\size
        \load   r2, r0, 0
        \extend r1, r1
        sub     zero, r2, r1, \condition, . + 2
        \store  r0, 0, r1
        move    r0, r2
        end_operation \name\()_\size
        .endm

        .macro  extreme_wide name, condition
        operation \name\()_8
        move    r8, r0
        ld      d0, r8, 0
        sub     zero, r1, r3
        subc    zero, r0, r2, \condition, . + 2
        sd      r8, 0, d2
        end_operation \name\()_8
        .endm

        extreme fetch_and_max, ges, 1, lbs, sb, extsb
        extreme fetch_and_max, ges, 2, lhs, sh, extsh
        extreme fetch_and_max, ges, 4, lw, sw, move
        extreme fetch_and_min, lts, 1, lbs, sb, extsb
        extreme fetch_and_min, lts, 2, lhs, sh, extsh
        extreme fetch_and_min, lts, 4, lw, sw, move
        extreme fetch_and_umax, geu, 1, lbu, sb, extub
        extreme fetch_and_umax, geu, 2, lhu, sh, extuh
        extreme fetch_and_umax, geu, 4, lw, sw, move
        extreme fetch_and_umin, ltu, 1, lbu, sb, extub
        extreme fetch_and_umin, ltu, 2, lhu, sh, extuh
        extreme fetch_and_umin, ltu, 4, lw, sw, move
        extreme_wide fetch_and_max, ges
        extreme_wide fetch_and_min, lts
        extreme_wide fetch_and_umax, geu
        extreme_wide fetch_and_umin, ltu

        .macro  compare_and_swap size, load, store, extend
        operation val_compare_and_swap_\size
        \load   r3, r0, 0
        \extend r1, r1
        jneq    r3, r1, . + 2
        \store  r0, 0, r2
        move    r0, r3
        end_operation val_compare_and_swap_\size
        .endm

        compare_and_swap 1, lbu, sb, extub
        compare_and_swap 2, lhu, sh, extuh
        compare_and_swap 4, lw, sw, move

        operation val_compare_and_swap_8
        move    r8, r0
        ld      d0, r8, 0
        jneq    r1, r3, . + 3
        jneq    r0, r2, . + 2
        sd      r8, 0, d4
        end_operation val_compare_and_swap_8
