// SPDX-License-Identifier: MIT
// Barriers and semaphores. Sleepers form a ring in __sys_wq_table: entry t is who sleeps behind
// tasklet t, the entry of the latest is the first. The object holds the latest, and the number of
// the lock bit that guards object and ring.
//
// Before a sleeper is woken its entry has been read: it may sleep somewhere else soon after.
// `resume` repeats until the tasklet has really stopped, since it releases the lock before.

#include "macros.inc"

        .section .data.immediate_memory.__sys_wq_table, "aw", @progbits
        .globl  __sys_wq_table
        .type   __sys_wq_table, @object
__sys_wq_table:                                 // low in memory: sb_id reaches it
        .fill   24, 1, __EMPTY_WAIT_QUEUE
        .size   __sys_wq_table, 24

// Put the calling tasklet to sleep behind the latest sleeper, r3; object r0, lock r1. Changes r4.
        .macro  sleep
        jeq     r3, __EMPTY_WAIT_QUEUE, . + 5
        lbu     r4, r3, __sys_wq_table          // the first of the ring follows us,
        sb      id, __sys_wq_table, r4
        sb_id   r3, __sys_wq_table              // we follow the latest
        jump    . + 2
        sb_id   id, __sys_wq_table              // a ring of one
        sb_id   r0, __SYNC_QUEUE
        release r1, 0, nz, . + 1
        stop
        jump    r23
        .endm

// void barrier_wait(barrier_t *): 16 instructions for an arrival, 13 for the first; the last one
// executes 13 and 4 for each sleeper.
        function barrier_wait
        lbu     r1, r0, __SYNC_LOCK
        acquire r1, 0, nz, .
        lbu     r2, r0, __SYNC_COUNT
        lbu     r3, r0, __SYNC_QUEUE
        jeq     r2, 1, .Lwake_all
        add     r2, r2, -1
        sb      r0, __SYNC_COUNT, r2
        sleep

.Lwake_all:
        jeq     r3, __EMPTY_WAIT_QUEUE, .Lreset_barrier
        lbu     r2, r3, __sys_wq_table
        move    r3, r2
.Lwake_next:
        lbu     r4, r2, __sys_wq_table
        resume  r2, 0, nz, .
        move    r2, r4
        jneq    r4, r3, .Lwake_next
.Lreset_barrier:
        lbu     r2, r0, __SYNC_INITIAL
        sb      r0, __SYNC_QUEUE, __EMPTY_WAIT_QUEUE
        sb      r0, __SYNC_COUNT, r2
        release r1, 0, nz, . + 1
        jump    r23
        end_function barrier_wait

// void sem_take(struct sem_t *)
        function sem_take
        lbu     r1, r0, __SYNC_LOCK
        acquire r1, 0, nz, .
        lbs     r2, r0, __SYNC_COUNT
        add     r2, r2, -1
        sb      r0, __SYNC_COUNT, r2
        xor     zero, r2, 0, pl, .Ltaken
        lbu     r3, r0, __SYNC_QUEUE
        sleep
.Ltaken:
        release r1, 0, nz, . + 1
        jump    r23
        end_function sem_take

// void sem_give(struct sem_t *): wakes the tasklet that sleeps longest.
        function sem_give
        lbu     r1, r0, __SYNC_LOCK
        acquire r1, 0, nz, .
        lbs     r2, r0, __SYNC_COUNT
        lbu     r3, r0, __SYNC_QUEUE
        add     r2, r2, 1
        sb      r0, __SYNC_COUNT, r2
        jeq     r3, __EMPTY_WAIT_QUEUE, .Lgiven
        lbu     r2, r3, __sys_wq_table          // the first
        jeq     r2, r3, .Lwake_only
        lbu     r4, r2, __sys_wq_table          // the second becomes the first
        sb      r3, __sys_wq_table, r4
        jump    .Lwake_one
.Lwake_only:
        sb      r0, __SYNC_QUEUE, __EMPTY_WAIT_QUEUE
.Lwake_one:
        resume  r2, 0, nz, .
.Lgiven:
        release r1, 0, nz, . + 1
        jump    r23
        end_function sem_give
