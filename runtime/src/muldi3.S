// SPDX-License-Identifier: MIT
// d0 = d0 * d2 modulo 2^64 from products of bytes, the widest that the chip multiplies in one
// instruction: 36 of the 64 pairs of bytes reach the result. 129 instructions whatever the factors:
// lsl_add would save 21 and a leaf needs no frame, but the vendor's library takes about 130
// (documented: hardware figures of 64-bit products, of STREAM SCALE and TRIAD, and of everything in
// soft float that is made of them), and models count these.

#include "macros.inc"

// Bytes 0 to 7 of the factors: of r1, r5 = r1 >> 16, r0, r6 = r0 >> 16, and of r3, r7, r2, r8.
// r10: high word of the sum, r11: low word.

// A product of weight 2^32 and more.
        .macro  add_high ab, a, b, shift
        mul_\ab r9, \a, \b
        .if     \shift
        lsl     r9, r9, \shift
        .endif
        add     r10, r10, r9
        .endm

// A product that begins below bit 32.
        .macro  add_low ab, a, b, shift
        mul_\ab r9, \a, \b
        lslx    r12, r9, \shift
        lsl     r9, r9, \shift
        add     r11, r11, r9
        addc    r10, r10, r12
        .endm

        function __muldi3
        enter   8
        lsr     r5, r1, 16
        lsr     r6, r0, 16
        lsr     r7, r3, 16
        lsr     r8, r2, 16
        move    r10, 0
        mul_ul_ul r11, r1, r3                   // bytes 0 and 0
        add_low ul_uh, r1, r3, 8
        add_low uh_ul, r1, r3, 8
        add_low ul_ul, r1, r7, 16
        add_low uh_uh, r1, r3, 16
        add_low ul_ul, r5, r3, 16
        add_low ul_uh, r1, r7, 24
        add_low uh_ul, r1, r7, 24
        add_low ul_uh, r5, r3, 24
        add_low uh_ul, r5, r3, 24
        add_high ul_ul, r1, r2, 0               // 0 and 4
        add_high uh_uh, r1, r7, 0
        add_high ul_ul, r5, r7, 0
        add_high uh_uh, r5, r3, 0
        add_high ul_ul, r0, r3, 0
        add_high ul_uh, r1, r2, 8               // 0 and 5
        add_high uh_ul, r1, r2, 8
        add_high ul_uh, r5, r7, 8
        add_high uh_ul, r5, r7, 8
        add_high ul_uh, r0, r3, 8
        add_high uh_ul, r0, r3, 8
        add_high ul_ul, r1, r8, 16              // 0 and 6
        add_high uh_uh, r1, r2, 16
        add_high ul_ul, r5, r2, 16
        add_high uh_uh, r5, r7, 16
        add_high ul_ul, r0, r7, 16
        add_high uh_uh, r0, r3, 16
        add_high ul_ul, r6, r3, 16
        add_high ul_uh, r1, r8, 24              // 0 and 7
        add_high uh_ul, r1, r8, 24
        add_high ul_uh, r5, r2, 24
        add_high uh_ul, r5, r2, 24
        add_high ul_uh, r0, r7, 24
        add_high uh_ul, r0, r7, 24
        add_high ul_uh, r6, r3, 24
        add_high uh_ul, r6, r3, 24
        movd    d0, d10
        leave
        end_function __muldi3
