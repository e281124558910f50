// SPDX-License-Identifier: MIT
// Speed kernel: binary search for pseudo-random keys in a table of 256 numbers; branches that no
// one predicts.
#include "kernel.inc"

        KERNEL
        move    r0, table                       // every tasklet writes the same table
        move    r1, 0
.Lfill: sw      r0, 0, r1
        add     r0, r0, 4
        add     r1, r1, 64
        lsr     zero, r1, 14, z, .Lfill         // until 256 * 64
        add     r5, id, 1                       // r5 random numbers
        move    r7, 0                           // r7 sum of the positions
.Lquery:
        RANDOM(r5, r6)
        and     r6, r5, 0x3fff                  // r6 key
        move    r0, 0                           // table[r0] <= key < table[r1]
        move    r1, 256
.Lhalve:
        add     r2, r0, r1
        lsr     r2, r2, 1
        lsl     r3, r2, 2
        lw      r4, r3, table
        jgtu    r4, r6, .Lupper
        move    r0, r2
        jump    .Lnarrow
.Lupper:
        move    r1, r2
.Lnarrow:
        sub     r3, r1, r0
        jneq    r3, 1, .Lhalve
        add     r7, r7, r0
        NEXT(.Lquery)
        END
        BUFFER(table, 1024)
