// SPDX-License-Identifier: MIT
// d0 = d0 * d2 modulo 2^64 (even register = high word).
// a = r0:r1, b = r2:r3. low*low is formed exactly from four products of 16-bit halves.
        .section .text.__muldi3,"ax",@progbits
        .globl  __muldi3
        .type   __muldi3,@function
__muldi3:
        sd      r22, 24, d22
        sd      r22, 0, d14
        sd      r22, 8, d16
        sd      r22, 16, d18
        add     r22, r22, 32
        movd    d14, d0                         // r14 ah, r15 al
        movd    d16, d2                         // r16 bh, r17 bl
        move    r0, r14                         // cross terms only reach the high word
        move    r1, r17
        call    r23, __mulsi3
        move    r18, r0
        move    r0, r15
        move    r1, r16
        call    r23, __mulsi3
        add     r18, r18, r0                    // r18 = high word so far
        lsr     r14, r15, 16                    // now split both low words in halves
        and     r15, r15, 0xffff
        lsr     r16, r17, 16
        and     r17, r17, 0xffff
        move    r0, r14
        move    r1, r16
        call    r23, __mulsi3
        add     r18, r18, r0                    // high*high
        move    r0, r15
        move    r1, r17
        call    r23, __mulsi3
        move    r19, r0                         // low*low
        move    r0, r14
        move    r1, r17
        call    r23, __mulsi3
        lsl     r1, r0, 16
        lsr     r0, r0, 16
        add     r19, r19, r1
        addc    r18, r18, r0
        move    r0, r15
        move    r1, r16
        call    r23, __mulsi3
        lsl     r1, r0, 16
        lsr     r0, r0, 16
        add     r19, r19, r1
        addc    r18, r18, r0
        movd    d0, d18
        ld      d14, r22, -32
        ld      d16, r22, -24
        ld      d18, r22, -16
        ld      d22, r22, -8
        jump    r23
        .size   __muldi3, .-__muldi3
