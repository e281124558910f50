// SPDX-License-Identifier: MIT
// r0 = r0 * r1 modulo 2^32. The smaller operand is consumed bit by bit, so small factors leave
// the ladder early.
        .section .text.__mulsi3,"ax",@progbits
        .globl  __mulsi3
        .type   __mulsi3,@function
__mulsi3:
        jgtu    r0, r1, .Lswap
        move    r2, r1
        move    r1, 0
        jump    .Lstep
.Lswap: move    r2, r0
        move    r0, r1                          // even word: multiplier
        move    r1, 0                           // odd word: running sum
.Lstep:
        mul_step d0, r2, d0, 0, z, .Lend
        mul_step d0, r2, d0, 1, z, .Lend
        mul_step d0, r2, d0, 2, z, .Lend
        mul_step d0, r2, d0, 3, z, .Lend
        mul_step d0, r2, d0, 4, z, .Lend
        mul_step d0, r2, d0, 5, z, .Lend
        mul_step d0, r2, d0, 6, z, .Lend
        mul_step d0, r2, d0, 7, z, .Lend
        mul_step d0, r2, d0, 8, z, .Lend
        mul_step d0, r2, d0, 9, z, .Lend
        mul_step d0, r2, d0, 10, z, .Lend
        mul_step d0, r2, d0, 11, z, .Lend
        mul_step d0, r2, d0, 12, z, .Lend
        mul_step d0, r2, d0, 13, z, .Lend
        mul_step d0, r2, d0, 14, z, .Lend
        mul_step d0, r2, d0, 15, z, .Lend
        mul_step d0, r2, d0, 16, z, .Lend
        mul_step d0, r2, d0, 17, z, .Lend
        mul_step d0, r2, d0, 18, z, .Lend
        mul_step d0, r2, d0, 19, z, .Lend
        mul_step d0, r2, d0, 20, z, .Lend
        mul_step d0, r2, d0, 21, z, .Lend
        mul_step d0, r2, d0, 22, z, .Lend
        mul_step d0, r2, d0, 23, z, .Lend
        mul_step d0, r2, d0, 24, z, .Lend
        mul_step d0, r2, d0, 25, z, .Lend
        mul_step d0, r2, d0, 26, z, .Lend
        mul_step d0, r2, d0, 27, z, .Lend
        mul_step d0, r2, d0, 28, z, .Lend
        mul_step d0, r2, d0, 29, z, .Lend
        mul_step d0, r2, d0, 30, z, .Lend
        mul_step d0, r2, d0, 31, z, .Lend
.Lend:  move    r0, r1
        jump    r23
        .size   __mulsi3, .-__mulsi3
