// SPDX-License-Identifier: MIT
// Speed kernel: 32-bit multiplication in software, a ladder of mul_step with an early way out.
#include "kernel.inc"

#define STEP(n) mul_step d0, r2, d0, n, z, .Lproduct

        KERNEL
        add     r5, id, 1                       // r5 random numbers
        move    r7, 0
.Lloop: RANDOM(r5, r6)
        move    r2, r5
        and     r0, r5, 0xfffff                 // multiplier of at most 20 bits, product in r1
        move    r1, 0
        STEP(0);  STEP(1);  STEP(2);  STEP(3);  STEP(4);  STEP(5);  STEP(6);  STEP(7)
        STEP(8);  STEP(9);  STEP(10); STEP(11); STEP(12); STEP(13); STEP(14); STEP(15)
        STEP(16); STEP(17); STEP(18); STEP(19); STEP(20); STEP(21); STEP(22); STEP(23)
        STEP(24); STEP(25); STEP(26); STEP(27); STEP(28); STEP(29); STEP(30); STEP(31)
.Lproduct:
        add     r7, r7, r1
        NEXT(.Lloop)
        END
