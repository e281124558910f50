// SPDX-License-Identifier: MIT
// A program with a bug: every tasklet adds up a linked list, and one list has a broken link. Run
// it to see how a memory fault is reported.

        .section .text.sum_list, "ax", @progbits
        .globl  sum_list
        .type   sum_list, @function
sum_list:                                       // r0 first node; returns the sum in r0
        sd      r22, 0, d22                     // frame: caller's stack pointer and return address
        add     r22, r22, 8
        move    r1, 0
.Lnode: jeq     r0, 0, .Lend
        lw      r2, r0, 4                       // value
        lw      r0, r0, 0                       // next
        add     r1, r1, r2
        jump    .Lnode
.Lend:  move    r0, r1
        ld      d22, r22, -8
        jump    r23
        .size   sum_list, . - sum_list

        .section .text.main, "ax", @progbits
        .globl  main
        .type   main, @function
main:
        sd      r22, 0, d22
        add     r22, r22, 8
        lw      r0, id4, heads
        call    r23, sum_list
        sw      id4, sums, r0
        ld      d22, r22, -8
        jump    r23
        .size   main, . - main

        .section .data.lists, "aw", @progbits
        .p2align 3
        .type   heads, @object
heads:  .word   list_a, list_b, list_c, list_d
        .size   heads, 16
        .type   nodes, @object
nodes:                                          // next, value
list_a: .word   . + 8, 1, . + 8, 2, 0, 3
list_b: .word   . + 8, 10, 0, 20
list_c: .word   . + 8, 100, 0x4d2a1, 200        // the second link was overwritten
list_d: .word   0, 1000
        .size   nodes, . - nodes
        .section .dpu_host, "aw", @progbits
        .p2align 3
        .globl  sums
        .type   sums, @object
sums:   .zero   16
        .size   sums, 16
