// SPDX-License-Identifier: MIT
// Calls one function for a test: tasklet 0 loads the argument registers, calls, stores the results.
// `callee` is an instruction index.

        .section .text.main, "ax", @progbits
        .globl  main
        .type   main, @function
main:
        jneq    id, 0, .Lidle
        sd      r22, 0, d22
        add     r22, r22, 8
        move    r8, arguments
        ld      d0, r8, 0
        ld      d2, r8, 8
        ld      d4, r8, 16
        ld      d6, r8, 24
        lw      r8, zero, callee
        call    r23, r8
        move    r8, results
        sd      r8, 0, d0
        sd      r8, 8, d2
        ld      d22, r22, -8
.Lidle: jump    r23
        .size   main, . - main


        .section .dpu_host, "aw", @progbits
        .macro  host name, bytes
        .p2align 3
        .globl  \name
        .type   \name, @object
\name:  .zero   \bytes
        .size   \name, \bytes
        .endm
        host    callee, 4
        host    arguments, 32
        host    results, 16
        host    area, 4096
