// SPDX-License-Identifier: MIT
// The heap: a pointer that only moves forward, from the end of the stacks to the end of WRAM.

#include "macros.inc"

        lock_bit __heap_lock

        .section .data.__sys_heap_pointer, "aw", @progbits
        .p2align 2
        .globl  __sys_heap_pointer
        .type   __sys_heap_pointer, @object
__sys_heap_pointer:
        .word   __sys_heap_pointer_reset
        .size   __sys_heap_pointer, 4

// void *mem_alloc(size_t size)
        function mem_alloc
        acquire zero, __heap_lock, nz, .
        lw      r1, zero, __sys_heap_pointer
        jeq     r0, 0, .Lallocated              // size 0: the pointer as it is
        add     r1, r1, 7
        and     r1, r1, -8
        add     r0, r1, r0, c, .Lheap_full
        move    r2, __sys_heap_pointer_end
        jgeu    r0, r2, .Lheap_full
        sw      zero, __sys_heap_pointer, r0
.Lallocated:
        release zero, __heap_lock, nz, . + 1
        move    r0, r1
        jump    r23
.Lheap_full:
        fault   __FAULT_ALLOC_HEAP_FULL__
        end_function mem_alloc

// void *mem_reset(void)
        function mem_reset
        acquire zero, __heap_lock, nz, .
        move    r0, __sys_heap_pointer_reset
        sw      zero, __sys_heap_pointer, r0
        release zero, __heap_lock, nz, . + 1
        jump    r23
        end_function mem_reset
