// SPDX-License-Identifier: MIT
// Rendezvous. For each tasklet as notifier there is a lock bit and a byte: nobody has come (IDLE),
// the notifier sleeps (NOTIFIED), or the number of the tasklet that sleeps until it comes. Who
// comes second wakes the first.

#include "macros.inc"
#include "errno.h"

#define IDLE     0xff
#define NOTIFIED 0xfe

        .section .atomic, "aw", @progbits
        .type   __handshake_locks, @object
__handshake_locks:
        .zero   24
        .size   __handshake_locks, 24

        .section .data.immediate_memory.__handshake_partners, "aw", @progbits
        .type   __handshake_partners, @object
__handshake_partners:
        .fill   24, 1, IDLE
        .size   __handshake_partners, 24

// void handshake_notify(void)
        function handshake_notify
        acquire id, __handshake_locks, nz, .
        lbu     r0, id, __handshake_partners
        jeq     r0, IDLE, .Lnotifier_first
        sb      id, __handshake_partners, IDLE
        resume  r0, 0, nz, .
        release id, __handshake_locks, nz, . + 1
        jump    r23
.Lnotifier_first:
        sb      id, __handshake_partners, NOTIFIED
        release id, __handshake_locks, nz, . + 1
        stop
        jump    r23
        end_function handshake_notify

// int handshake_wait_for(sysname_t notifier)
        function handshake_wait_for
        acquire r0, __handshake_locks, nz, .
        lbu     r1, r0, __handshake_partners
        jeq     r1, IDLE, .Lwaiter_first
        jneq    r1, NOTIFIED, .Lsecond_waiter
        move    r1, IDLE
        sb      r0, __handshake_partners, r1
        resume  r0, 0, nz, .
        release r0, __handshake_locks, nz, . + 1
        move    r0, 0
        jump    r23
.Lwaiter_first:
        sb_id   r0, __handshake_partners
        release r0, __handshake_locks, nz, . + 1
        stop
        move    r0, 0
        jump    r23
.Lsecond_waiter:
        release r0, __handshake_locks, nz, . + 1
        move    r0, EALREADY
        sw      zero, errno, r0
        jump    r23
        end_function handshake_wait_for
