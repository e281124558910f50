// SPDX-License-Identifier: MIT
// Start code. Every tasklet enters at instruction 0; only tasklet 0 is started by the host.
        .section .text.__bootstrap,"ax",@progbits
        .globl  __bootstrap
        .type   __bootstrap,@function
__bootstrap:
        jneq    id, 0, .Lnext                   // tasklet 0 alone prepares the DPU
        sd      zero, __stdout_buffer_state, 0  // log empty
        move    r0, __atomic_end_addr
        move    r1, __atomic_used_addr
.Lfree: jeq     r0, r1, .Lnext                  // open every user lock, highest first
        add     r0, r0, -1
        release r0, 0, nz, .Lfree
        jump    .Lfree
.Lnext: add     r0, id, 1
        jeq     r0, NR_TASKLETS, .Lgo           // the last tasklet starts nobody
        boot    r0, 0
.Lgo:   ld      d22, id8, __sys_thread_stack_table_ptr
        call    r23, main
        .globl  __sys_end
__sys_end:
        stop    true, __sys_end
        .size   __bootstrap, .-__bootstrap

        .section .data.__sys_zero,"aw",@progbits
        .globl  __sys_null_pointer
__sys_null_pointer:
        .quad   0
        .section .data.immediate_memory.state,"aw",@progbits
        .p2align 3
        .globl  __stdout_buffer_state
        .type   __stdout_buffer_state,@object
__stdout_buffer_state:
        .quad   0
        .size   __stdout_buffer_state, 8
        .section .data.__sys_keep,"aw",@progbits
        .p2align 3
        .globl  __sys_thread_stack_table_ptr
        .type   __sys_thread_stack_table_ptr,@object
__sys_thread_stack_table_ptr:
        .word   STACK_SIZE_TASKLET_0, __sys_stack_thread_0
        .word   STACK_SIZE_TASKLET_1, __sys_stack_thread_1
        .word   STACK_SIZE_TASKLET_2, __sys_stack_thread_2
        .word   STACK_SIZE_TASKLET_3, __sys_stack_thread_3
        .word   STACK_SIZE_TASKLET_4, __sys_stack_thread_4
        .word   STACK_SIZE_TASKLET_5, __sys_stack_thread_5
        .word   STACK_SIZE_TASKLET_6, __sys_stack_thread_6
        .word   STACK_SIZE_TASKLET_7, __sys_stack_thread_7
        .word   STACK_SIZE_TASKLET_8, __sys_stack_thread_8
        .word   STACK_SIZE_TASKLET_9, __sys_stack_thread_9
        .word   STACK_SIZE_TASKLET_10, __sys_stack_thread_10
        .word   STACK_SIZE_TASKLET_11, __sys_stack_thread_11
        .word   STACK_SIZE_TASKLET_12, __sys_stack_thread_12
        .word   STACK_SIZE_TASKLET_13, __sys_stack_thread_13
        .word   STACK_SIZE_TASKLET_14, __sys_stack_thread_14
        .word   STACK_SIZE_TASKLET_15, __sys_stack_thread_15
        .word   STACK_SIZE_TASKLET_16, __sys_stack_thread_16
        .word   STACK_SIZE_TASKLET_17, __sys_stack_thread_17
        .word   STACK_SIZE_TASKLET_18, __sys_stack_thread_18
        .word   STACK_SIZE_TASKLET_19, __sys_stack_thread_19
        .word   STACK_SIZE_TASKLET_20, __sys_stack_thread_20
        .word   STACK_SIZE_TASKLET_21, __sys_stack_thread_21
        .word   STACK_SIZE_TASKLET_22, __sys_stack_thread_22
        .word   STACK_SIZE_TASKLET_23, __sys_stack_thread_23
        .size   __sys_thread_stack_table_ptr, 192
