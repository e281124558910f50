// SPDX-License-Identifier: MIT
// Speed kernel: stream MRAM through WRAM in blocks of 1024 bytes: read, add up 64-bit numbers,
// write.
#include "kernel.inc"

        KERNEL
        lsl     r10, id, 10
        add     r10, r10, buffers
        lsl     r11, id, 20                     // r11 a window of 1 MiB in MRAM
        move    r12, 0                          // r12 offset in the window
        move    r4, 0
        move    r5, 0
.Lblock:
        add     r13, r11, r12
        ldma    r10, r13, 127
        move    r0, r10
        add     r1, r10, 1024
.Lsum:  ld      d2, r0, 0
        add     r5, r5, r3
        addc    r4, r4, r2
        ld      d2, r0, 8
        add     r5, r5, r3
        addc    r4, r4, r2
        add     r0, r0, 16
        jneq    r0, r1, .Lsum
        sd      r10, 0, d4
        sdma    r10, r13, 127
        add     r12, r12, 1024
        and     r12, r12, 0xfffff
        NEXT(.Lblock)
        END
        BUFFER(buffers, 24 * 1024)
