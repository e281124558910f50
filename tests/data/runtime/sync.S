// SPDX-License-Identifier: MIT
// Kernels that notice when a barrier, a semaphore or a handshake lets a tasklet through too early.
// Every tasklet runs ROUNDS rounds of the scenario chosen by the host; fault 100 + scenario tells
// of an error. `finished` counts the tasklets that came to the end.

#define ROUNDS 12
#define PERMITS 3

        .macro  function name
        .section .text.\name, "ax", @progbits
        .globl  \name
        .type   \name, @function
\name:
        .endm

        function main
        sd      r22, 24, d22
        sd      r22, 0, d14
        sd      r22, 8, d16
        add     r22, r22, 32
        move    r14, 0                          // round
        lw      r0, zero, scenario
        jeq     r0, 1, .Lsemaphore
        jeq     r0, 2, .Lchain

// Nobody may see another one in another round while all are between the two barriers.
.Lbarrier:
        add     r0, r14, 1
        sw      id4, slots, r0
        move    r0, barrier
        call    r23, barrier_wait
        move    r1, 0
.Lcompare:
        lsl     r2, r1, 2
        lw      r2, r2, slots
        add     r3, r14, 1
        jneq    r2, r3, .Lbarrier_error
        add     r1, r1, 1
        jneq    r1, NR_TASKLETS, .Lcompare
        move    r0, barrier
        call    r23, barrier_wait
        add     r14, r14, 1
        jneq    r14, ROUNDS, .Lbarrier
        jump    .Lfinished
.Lbarrier_error:
        fault   100

// At most PERMITS tasklets at a time.
.Lsemaphore:
        move    r0, semaphore
        call    r23, sem_take
        acquire zero, lock, nz, .
        lw      r0, zero, inside
        add     r0, r0, 1
        sw      zero, inside, r0
        release zero, lock, nz, . + 1
        jgtu    r0, PERMITS, .Lsemaphore_error
        nop
        nop
        acquire zero, lock, nz, .
        lw      r0, zero, inside
        add     r0, r0, -1
        sw      zero, inside, r0
        release zero, lock, nz, . + 1
        move    r0, semaphore
        call    r23, sem_give
        add     r14, r14, 1
        jneq    r14, ROUNDS, .Lsemaphore
        jump    .Lfinished
.Lsemaphore_error:
        fault   101

// Tasklet t waits for t - 1, which then has marked its slot with this round.
.Lchain:
        jeq     id, 0, .Lhead
        add     r0, id, -1
        call    r23, handshake_wait_for
        jneq    r0, 0, .Lchain_error
        add     r1, id, -1
        lsl     r1, r1, 2
        lw      r0, r1, slots
        add     r1, r14, 1
        jneq    r0, r1, .Lchain_error
.Lhead:
        add     r0, r14, 1
        sw      id4, slots, r0
        jeq     id, NR_TASKLETS - 1, .Lend_of_chain
        call    r23, handshake_notify
.Lend_of_chain:
        move    r0, barrier
        call    r23, barrier_wait
        add     r14, r14, 1
        jneq    r14, ROUNDS, .Lchain
        jump    .Lfinished
.Lchain_error:
        fault   102

.Lfinished:
        acquire zero, lock, nz, .
        lw      r0, zero, finished
        add     r0, r0, 1
        sw      zero, finished, r0
        release zero, lock, nz, . + 1
        ld      d14, r22, -32
        ld      d16, r22, -24
        ld      d22, r22, -8
        jump    r23
        .size   main, . - main

        .macro  object name, section, bytes:vararg
        .section \section, "aw", @progbits
        .p2align 3
        .globl  \name
        .type   \name, @object
\name:  .byte   \bytes
        .size   \name, . - \name
        .endm
        object  lock, .atomic, 0
        object  barrier_lock, .atomic, 0
        object  semaphore_lock, .atomic, 0
        object  barrier, .data.barrier, 0xff, NR_TASKLETS, NR_TASKLETS, barrier_lock
        object  semaphore, .data.semaphore, 0xff, PERMITS, PERMITS, semaphore_lock
        object  scenario, .dpu_host, 0, 0, 0, 0
        object  finished, .dpu_host, 0, 0, 0, 0
        object  inside, .dpu_host, 0, 0, 0, 0
        .section .data.slots, "aw", @progbits
        .p2align 3
slots:  .zero   96
        .size   slots, 96
