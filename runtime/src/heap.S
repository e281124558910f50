// SPDX-License-Identifier: MIT
// The heap: a pointer that only moves forward, from the end of the stacks to the end of WRAM.

#include "macros.inc"

        lock_bit __atomic_bit___heap_pointer

        .section .data.__sys_heap_pointer, "aw", @progbits
        .p2align 2
        .globl  __sys_heap_pointer
        .type   __sys_heap_pointer, @object
__sys_heap_pointer:
        .word   __sys_heap_pointer_reset
        .size   __sys_heap_pointer, 4

// r1: the pointer, rounded up; behind it r0 bytes are taken. Changes r0, r2.
        .macro  advance full
        add     r1, r1, 7
        and     r1, r1, -8
        add     r0, r1, r0, c, \full
        move    r2, __sys_heap_pointer_end
        jgeu    r0, r2, \full
        sw      zero, __sys_heap_pointer, r0
        .endm

// void *mem_alloc(size_t size)
        function mem_alloc
        acquire zero, __atomic_bit___heap_pointer, nz, .
        lw      r1, zero, __sys_heap_pointer
        jeq     r0, 0, .Lallocated              // size 0: the pointer as it is
        advance .Lheap_full
.Lallocated:
        release zero, __atomic_bit___heap_pointer, nz, . + 1
        move    r0, r1
        jump    r23
.Lheap_full:
        fault   __FAULT_ALLOC_HEAP_FULL__
        end_function mem_alloc

// void *mem_alloc_nolock(size_t size): the caller holds the lock
        function mem_alloc_nolock
        lw      r1, zero, __sys_heap_pointer
        jeq     r0, 0, .Lallocated_nolock
        advance .Lheap_full_nolock
.Lallocated_nolock:
        move    r0, r1
        jump    r23
.Lheap_full_nolock:
        fault   __FAULT_ALLOC_HEAP_FULL__
        end_function mem_alloc_nolock

// void *mem_reset(void)
        function mem_reset
        acquire zero, __atomic_bit___heap_pointer, nz, .
        move    r0, __sys_heap_pointer_reset
        sw      zero, __sys_heap_pointer, r0
        release zero, __atomic_bit___heap_pointer, nz, . + 1
        jump    r23
        end_function mem_reset
