// SPDX-License-Identifier: MIT
// r0 = r0 * r1 modulo 2^32. The smaller factor is consumed bit by bit, lowest first, so the product
// is ready after as many steps as that factor has bits: 7 + bits instructions (6 + 1 for 0).

#include "macros.inc"

        .macro  mul_steps from, to
        .set    step, \from
        .rept   \to - \from + 1
        mul_step d0, r2, d0, step, z, .Lproduct
        .set    step, step + 1
        .endr
        .endm

        function __mulsi3
        jgtu    r0, r1, .Lfirst_is_larger
        move    r2, r1                          // r0: the factor to consume
        move    r1, 0                           // r1: the sum
        jump    .Lladder
.Lfirst_is_larger:
        move    r2, r0
        move    r0, r1
        move    r1, 0
.Lladder:
        mul_steps 0, 31
.Lproduct:
        move    r0, r1
        jump    r23
        end_function __mulsi3
