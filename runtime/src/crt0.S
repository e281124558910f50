// SPDX-License-Identifier: MIT
// Start code: what happens between the host's launch and main, and after main.
//
// The host starts tasklet 0 at instruction 0. Tasklet 0 empties the log and opens the lock bits in
// use, then every tasklet starts the next one, takes its stack from the table and calls main. On
// entry to main r22 is the first free byte of the stack and r23 the return address. The linker
// provides NR_TASKLETS, STACK_SIZE_TASKLET_n, __sys_stack_thread_n and the bounds of the atomic
// bits.

#include "macros.inc"

        .section .text.__bootstrap, "ax", @progbits
        .globl  __bootstrap
        .type   __bootstrap, @function
__bootstrap:
        jneq    id, 0, .Lstart_next
        sd      zero, __stdout_buffer_state, 0  // an empty log
        move    r0, __atomic_end_addr
.Lopen: jleu    r0, __atomic_used_addr, .Lstart_next
        add     r0, r0, -1
        release r0, 0, nz, .Lopen
        jump    .Lopen
.Lstart_next:
        jeq     id, NR_TASKLETS - 1, .Lenter
        boot    id, 1
.Lenter:
        ld      d22, id8, __sys_thread_stack_table_ptr
        call    r23, main
        .size   __bootstrap, . - __bootstrap

        .globl  __sys_end
        .type   __sys_end, @function
__sys_end:
        stop    true, __sys_end                 // resumed by mistake: stop again
        .size   __sys_end, . - __sys_end

        .section .data.__sys_zero, "aw", @progbits
        .globl  __sys_null_pointer
        .type   __sys_null_pointer, @object
__sys_null_pointer:                             // no object has address 0
        .quad   0
        .size   __sys_null_pointer, 8

        .section .data.immediate_memory.__stdout_buffer_state, "aw", @progbits
        .p2align 3
        .globl  __stdout_buffer_state
        .type   __stdout_buffer_state, @object
__stdout_buffer_state:                          // next byte to write, has wrapped
        .quad   0
        .size   __stdout_buffer_state, 8

#define STACK(n) .word STACK_SIZE_TASKLET_##n, __sys_stack_thread_##n
        .section .data.__sys_keep, "aw", @progbits
        .p2align 3
        .globl  __sys_thread_stack_table_ptr
        .type   __sys_thread_stack_table_ptr, @object
__sys_thread_stack_table_ptr:
        STACK(0);  STACK(1);  STACK(2);  STACK(3);  STACK(4);  STACK(5);  STACK(6);  STACK(7)
        STACK(8);  STACK(9);  STACK(10); STACK(11); STACK(12); STACK(13); STACK(14); STACK(15)
        STACK(16); STACK(17); STACK(18); STACK(19); STACK(20); STACK(21); STACK(22); STACK(23)
        .size   __sys_thread_stack_table_ptr, 192

// Host variables of every program: the host writes the clock before a launch. The value here is the
// usual clock of the chip.
#define CHIP(id, name, threads, insns, wram, bits, kept, hz, text) .set clock_hz_##id, hz
#include "chip.def"
#if defined(__dpu_v1B__)
#define CLOCK_HZ clock_hz_V1B
#else
#define CLOCK_HZ clock_hz_V1A
#endif
        .section .dpu_host, "aw", @progbits
        .p2align 3
        .globl  CLOCKS_PER_SEC
        .type   CLOCKS_PER_SEC, @object
CLOCKS_PER_SEC:
        .word   CLOCK_HZ
        .size   CLOCKS_PER_SEC, 4
        .p2align 3
        .globl  error_storage
        .type   error_storage, @object
error_storage:
        .word   0
        .size   error_storage, 4
