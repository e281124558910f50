// SPDX-License-Identifier: MIT
// Speed kernel: 64-bit add, subtract, compare and shift as a compiler writes them.
#include "kernel.inc"

        KERNEL
        lsl     r10, id, 5
        add     r10, r10, values
        sd      r10, 0, 12345
        sd      r10, 8, 321
        move    r4, 0
        move    r5, 0
.Lloop: ld      d2, r10, 0
        add     r5, r5, r3                      // d4 += d2
        addc    r4, r4, r2
        ld      d6, r10, 8
        sub     r9, r5, r7                      // d8 = d4 - d6
        subc    r8, r4, r6
        sub     zero, r9, r3                    // if (d8 < d2) d8 ^= d4
        subc    zero, r8, r2, geu, .Lshift
        xor     r8, r8, r4
        xor     r9, r9, r5
.Lshift:
        lslx    r11, r9, 3                      // d8 <<= 3
        lsl     r9, r9, 3
        lsl_add r8, r11, r8, 3
        sd      r10, 0, d8
        NEXT(.Lloop)
        END
        BUFFER(values, 24 * 32)
