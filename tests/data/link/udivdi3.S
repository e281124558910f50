// SPDX-License-Identifier: MIT
// 64-bit unsigned division by shift and subtract. __udivmod64: quotient in d0, remainder in d2.
        .section .text.__udivmod64,"ax",@progbits
        .globl  __udivmod64
        .type   __udivmod64,@function
__udivmod64:                                    // dividend d0, divisor d2
        or      zero, r2, r3, nz, .Lok
        fault   2
.Lok:   movd    d4, d2                          // divisor
        move    r2, 0                           // remainder
        move    r3, 0
        move    r6, 64
        // dividend:quotient shifts left by one; its top bit enters the remainder
.Lbit:  lsr     r7, r1, 31
        lsr     r8, r0, 31
        lsl_add r0, r7, r0, 1
        lsl     r1, r1, 1
        lsr     r7, r3, 31
        // bit pushed out of the remainder: then it exceeds any divisor
        lsr     r9, r2, 31
        lsl_add r2, r7, r2, 1
        lsl_add r3, r8, r3, 1
        jneq    r9, 0, .Lsub
        sub     zero, r3, r5
        subc    zero, r2, r4, ltu, .Lskip
.Lsub:  sub     r3, r3, r5
        subc    r2, r2, r4
        add     r1, r1, 1
.Lskip: add     r6, r6, -1, nz, .Lbit
        jump    r23
        .size   __udivmod64, .-__udivmod64

        .section .text.__udivdi3,"ax",@progbits
        .globl  __udivdi3
__udivdi3:
        jump    __udivmod64
        .section .text.__umoddi3,"ax",@progbits
        .globl  __umoddi3
__umoddi3:
        sd      r22, 0, d22
        add     r22, r22, 8
        call    r23, __udivmod64
        movd    d0, d2
        ld      d22, r22, -8
        jump    r23
        .section .text.__divdi3,"ax",@progbits
        .globl  __divdi3
__divdi3:
        sd      r22, 8, d22
        sw      r22, 0, r14
        add     r22, r22, 16
        xor     r14, r0, r2                     // sign of the quotient
        xor     zero, r0, 0, pl, .Lp
        sub     r1, 0, r1
        subc    r0, 0, r0
.Lp:    xor     zero, r2, 0, pl, .Lq
        sub     r3, 0, r3
        subc    r2, 0, r2
.Lq:    call    r23, __udivmod64
        xor     zero, r14, 0, pl, .Lr
        sub     r1, 0, r1
        subc    r0, 0, r0
.Lr:    lw      r14, r22, -16
        ld      d22, r22, -8
        jump    r23
        .section .text.__moddi3,"ax",@progbits
        .globl  __moddi3
__moddi3:
        sd      r22, 8, d22
        sw      r22, 0, r14
        add     r22, r22, 16
        move    r14, r0                         // sign of the remainder
        xor     zero, r0, 0, pl, .Ls
        sub     r1, 0, r1
        subc    r0, 0, r0
.Ls:    xor     zero, r2, 0, pl, .Lt
        sub     r3, 0, r3
        subc    r2, 0, r2
.Lt:    call    r23, __udivmod64
        movd    d0, d2
        xor     zero, r14, 0, pl, .Lu
        sub     r1, 0, r1
        subc    r0, 0, r0
.Lu:    lw      r14, r22, -16
        ld      d22, r22, -8
        jump    r23
