// SPDX-License-Identifier: MIT
// Tasklet 2 of 4 loads a word from an odd address. The load itself still happens at the address
// rounded down.
        .text
        .globl  main
main:
        jneq    id, 2, .Lsleep
        sw      zero, before, 1
        move    r0, word
        .globl  here
here:   lw      r1, r0, 1
        sw      zero, after, 1
.Lsleep:
        stop
        jump    r23
        .section .dpu_host,"aw",@progbits
        .p2align 3
        .globl  before
        .type   before,@object
before: .word   0, 0
        .size   before, 4
        .globl  after
        .type   after,@object
after:  .word   0, 0
        .size   after, 4
        .globl  word
        .type   word,@object
word:   .word   0x76543210, 0xfedcba98
        .size   word, 8
