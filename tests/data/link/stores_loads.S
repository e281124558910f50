// SPDX-License-Identifier: MIT
// Stores with immediates, *_id stores, both byte orders, and the widening loads. Written by
// hand; five tasklets.
        .text
        .globl  main
        .type   main,@function
main:
        move    r0, id                          // r0 = &slot[id] (96 bytes each)
        lsl_add r0, r0, r0, 1
        lsl     r0, r0, 5
        add     r0, r0, slot
        sb      r0, 0, -128                     // immediates are sign-extended
        sb      r0, 1, 255
        sh      r0, 2, -2
        sw      r0, 4, -3
        sd      r0, 8, -4
        sb_id   r0, 16, 0x40                    // tasklet number OR immediate
        sh_id   r0, 18, 0x1200
        sw_id   r0, 20, 0x7000
        sd_id   r0, 24, 0x100
        sh      !big, r0, 32, 0x1234
        sw      !big, r0, 36, 0x1234
        sd      !big, r0, 40, -0x1234
        move    r2, 0x11223344
        add     r2, r2, r0
        sub     r2, r2, r0
        // r3 = r2 - id, only to have a register-register form
        rsub    r3, id, r2
        add     r2, id, r2
        sw      !big, r0, 48, r2
        sh      !big, r0, 52, r2
        sb      r0, 54, r2
        not     r3, r2
        sd      r0, 56, d2
        sd      !big, r0, 64, d2

        lsl     r4, id, 6                       // r1 = &seen[id], 52 = 64 - 8 - 4 bytes each
        lsl     r5, id, 3
        sub     r1, r4, r5
        rsub    r1, id4, r1
        add     r1, r1, seen
        lbs     r4, r0, 0
        sw      r1, 0, r4
        lbu     r4, r0, 0
        sw      r1, 4, r4
        lhs     !big, r4, r0, 2
        sw      r1, 8, r4
        lhu     !big, r4, r0, 2
        sw      r1, 12, r4
        lw      !big, r4, r0, 48
        sw      r1, 16, r4
        ld      !big, d4, r0, 8
        sw      r1, 20, r4
        sw      r1, 24, r5
        ld      d4, r0, 56
        sw      r1, 28, r4
        sw      r1, 32, r5
        lw.s    d4, r0, 4
        sw      r1, 36, r4
        sw      r1, 40, r5
        lhu.u   !big, d4, r0, 52
        sw      r1, 44, r4
        sw      r1, 48, r5
        jump    r23
        .size   main, .-main

        .section .dpu_host,"aw",@progbits
        .p2align 3
        .globl  slot
        .type   slot,@object
slot:   .zero   480
        .size   slot, 480
        .globl  seen
        .type   seen,@object
seen:   .zero   264
        .size   seen, 264
