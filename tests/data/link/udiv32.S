// SPDX-License-Identifier: MIT
// Unsigned and signed 32-bit division: quotient in r0, remainder in r1. Divisor 0 raises
// software fault 2.
        .section .text.__udiv32,"ax",@progbits
        .globl  __udiv32
        .type   __udiv32,@function
__udiv32:
        jeq     r1, 0, .Lzero
        move    r2, r1                          // divisor
        clz     r3, r2
        move    r1, r0                          // odd word: dividend, later remainder
        move    r0, 0                           // even word: quotient
        sub     r3, 31, r3                      // steps that cannot produce a quotient bit
        jump    r3, .Lladder
.Lladder:
        div_step d0, r2, d0, 31
        div_step d0, r2, d0, 30
        div_step d0, r2, d0, 29
        div_step d0, r2, d0, 28
        div_step d0, r2, d0, 27
        div_step d0, r2, d0, 26
        div_step d0, r2, d0, 25
        div_step d0, r2, d0, 24
        div_step d0, r2, d0, 23
        div_step d0, r2, d0, 22
        div_step d0, r2, d0, 21
        div_step d0, r2, d0, 20
        div_step d0, r2, d0, 19
        div_step d0, r2, d0, 18
        div_step d0, r2, d0, 17
        div_step d0, r2, d0, 16
        div_step d0, r2, d0, 15
        div_step d0, r2, d0, 14
        div_step d0, r2, d0, 13
        div_step d0, r2, d0, 12
        div_step d0, r2, d0, 11
        div_step d0, r2, d0, 10
        div_step d0, r2, d0, 9
        div_step d0, r2, d0, 8
        div_step d0, r2, d0, 7
        div_step d0, r2, d0, 6
        div_step d0, r2, d0, 5
        div_step d0, r2, d0, 4
        div_step d0, r2, d0, 3
        div_step d0, r2, d0, 2
        div_step d0, r2, d0, 1
        div_step d0, r2, d0, 0
        jump    r23
.Lzero: fault   2
        .size   __udiv32, .-__udiv32

        .section .text.__div32,"ax",@progbits
        .globl  __div32
        .type   __div32,@function
        // truncating division; remainder has the sign of the dividend
__div32:
        sd      r22, 8, d22
        sw      r22, 0, r14
        sw      r22, 4, r15
        add     r22, r22, 16
        move    r14, r0                         // sign of the remainder
        xor     r15, r0, r1                     // sign of the quotient
        xor     zero, r0, 0, pl, .La
        neg     r0, r0
.La:    xor     zero, r1, 0, pl, .Lb
        neg     r1, r1
.Lb:    call    r23, __udiv32
        xor     zero, r15, 0, pl, .Lc
        neg     r0, r0
.Lc:    xor     zero, r14, 0, pl, .Ld
        neg     r1, r1
.Ld:    lw      r14, r22, -16
        lw      r15, r22, -12
        ld      d22, r22, -8
        jump    r23
        .size   __div32, .-__div32

        .section .text.__umodsi3,"ax",@progbits
        .globl  __umodsi3
        .type   __umodsi3,@function
__umodsi3:
        sd      r22, 0, d22
        add     r22, r22, 8
        call    r23, __udiv32
        move    r0, r1
        ld      d22, r22, -8
        jump    r23
        .size   __umodsi3, .-__umodsi3

        .section .text.__modsi3,"ax",@progbits
        .globl  __modsi3
        .type   __modsi3,@function
__modsi3:
        sd      r22, 0, d22
        add     r22, r22, 8
        call    r23, __div32
        move    r0, r1
        ld      d22, r22, -8
        jump    r23
        .size   __modsi3, .-__modsi3
