// SPDX-License-Identifier: MIT
// Speed kernel: 32-bit arithmetic, logic and shifts, no memory.
#include "kernel.inc"

        KERNEL
        add     r0, id, 77
        move    r1, 0x12345678
.Lloop: add     r2, r0, r1
        xor     r3, r2, r0
        lsl     r4, r3, 5
        sub     r5, r4, r2
        and     r6, r5, 0xff00ff
        or      r7, r6, r1
        rol     r8, r7, r6
        lsl_add r0, r8, r5, 3
        asr     r1, r1, 1
        xor     r1, r1, r8
        clz     r9, r1
        add     r0, r0, r9
        NEXT(.Lloop)
        END
