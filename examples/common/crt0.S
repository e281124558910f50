// SPDX-License-Identifier: MIT
// Start code of a DPU program: what happens between the host's launch and main.
//
// The host starts tasklet 0 at instruction 0. Tasklet 0 opens the locks, then every tasklet
// starts the next one, takes its stack from the table below and calls main. Registers on entry to
// main: r22 first free byte of the stack (stacks grow upwards), r23 return address. The linker
// provides NR_TASKLETS, STACK_SIZE_TASKLET_n, __sys_stack_thread_n and the bounds of the atomic
// bits.

        .section .text.__bootstrap, "ax", @progbits
        .globl  __bootstrap
        .type   __bootstrap, @function
__bootstrap:
        jneq    id, 0, .Lstart_next
        sd      zero, __stdout_buffer_state, 0  // an empty log
        move    r0, __atomic_used_addr
.Lopen: jeq     r0, __atomic_end_addr, .Lstart_next
        release r0, 0, nz, . + 1                // goes on to the next line either way
        add     r0, r0, 1
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
__sys_null_pointer:                             // no object has address 0
        .quad   0

        .section .data.immediate_memory.__stdout_buffer_state, "aw", @progbits
        .p2align 3
        .globl  __stdout_buffer_state
        .type   __stdout_buffer_state, @object
__stdout_buffer_state:
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
