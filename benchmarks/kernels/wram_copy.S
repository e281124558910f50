// SPDX-License-Identifier: MIT
// Speed kernel: copy 512 bytes inside WRAM with 64-bit and 32-bit accesses, over and over.
#include "kernel.inc"

        KERNEL
        lsl     r10, id, 10
        add     r10, r10, buffers
.Lagain:
        move    r0, r10
        add     r1, r10, 512
        move    r6, r1
.Lcopy: ld      d2, r0, 0
        sd      r1, 0, d2
        lw      r4, r0, 8
        sw      r1, 8, r4
        lw      r5, r0, 12
        sw      r1, 12, r5
        add     r0, r0, 16
        add     r1, r1, 16
        jneq    r0, r6, .Lcopy
        NEXT(.Lagain)
        END
        BUFFER(buffers, 24 * 1024)
