// SPDX-License-Identifier: MIT
// A barrier for all tasklets, in the manner of the vendor's run-time library: sleepers form a
// ring of tasklet numbers, the last one to arrive wakes them in the order in which they came.
//
//   call r21, barrier_wait     changes r16..r20 and the flags; returns through r21
//
// State, guarded by one lock bit: `missing` tasklets still to come, `last` arrival so far (255:
// none), and next[t] = who came after t; next[last] is the first.

#define MISSING barrier_state
#define LAST    barrier_state + 1

        .section .text.barrier_wait, "ax", @progbits
        .globl  barrier_wait
        .type   barrier_wait, @function
barrier_wait:
        move    r16, barrier_lock
        acquire r16, 0, nz, .                   // spins while another tasklet is inside
        lbu     r17, zero, MISSING
        lbu     r18, zero, LAST
        jeq     r17, 1, .Lwake_all
        add     r17, r17, -1
        jeq     r18, 255, .Lfirst
        lbu     r19, r18, barrier_next          // the first of the ring follows us,
        sb_id   r18, barrier_next               // we follow the last
        sb      id, barrier_next, r19
        jump    .Lsleep
.Lfirst:
        sb_id   id, barrier_next                // a ring of one
.Lsleep:
        sb_id   zero, LAST
        sb      zero, MISSING, r17
        release r16, 0, nz, . + 1
        stop                                    // until .Lwake
        jump    r21

.Lwake_all:
        jeq     r18, 255, .Lreset               // alone
        lbu     r17, r18, barrier_next
        move    r20, r17
.Lwake: lbu     r19, r17, barrier_next          // read before the sleeper can come here again
        resume  r17, 0, nz, .                   // repeats until it has really stopped
        move    r17, r19
        jneq    r19, r20, .Lwake
.Lreset:
        sb      zero, LAST, 255
        move    r17, NR_TASKLETS
        sb      zero, MISSING, r17
        release r16, 0, nz, . + 1
        jump    r21
        .size   barrier_wait, . - barrier_wait

        .section .data.immediate_memory.barrier_state, "aw", @progbits
        .type   barrier_state, @object
barrier_state:
        .byte   NR_TASKLETS, 255
        .size   barrier_state, 2
        .section .data.immediate_memory.barrier_next, "aw", @progbits
        .type   barrier_next, @object
barrier_next:
        .zero   24
        .size   barrier_next, 24
        .section .atomic, "aw", @progbits
        .type   barrier_lock, @object
barrier_lock:
        .zero   1
        .size   barrier_lock, 1
