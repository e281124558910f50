// SPDX-License-Identifier: MIT
// Kernel of the tests of host programs, for one tasklet: sum = bias + values[0..3] + rows[0..7],
// where rows is in MRAM. Prints the sum as printf("sum %u\n", sum) would.

        .section .text.main, "ax", @progbits
        .globl  main
        .type   main, @function
main:
        move    r0, buffer
        move    r1, rows
        ldma    r0, r1, 3                       // 32 bytes
        lw      r2, zero, bias
        move    r3, 0
.Lvalue:
        lw      r4, r3, values
        add     r2, r2, r4
        add     r3, r3, 4
        jneq    r3, 16, .Lvalue
        move    r3, 0
.Lrow:  lw      r4, r3, buffer
        add     r2, r2, r4
        add     r3, r3, 4
        jneq    r3, 32, .Lrow
        sw      zero, sum, r2
        sw      zero, record_sum, r2
        move    r0, record
        move    r1, __stdout_buffer
        sdma    r0, r1, 2
        move    r0, 24
        sw      zero, __stdout_buffer_state, r0
        jump    r23
        .size   main, . - main

#define OBJECT(name, bytes) \
        .p2align 3; .globl name; .type name, @object; name: .zero bytes; .size name, bytes
        .section .dpu_host, "aw", @progbits
        OBJECT(bias, 4)
        OBJECT(values, 16)
        OBJECT(sum, 8)
        .section .data.record, "aw", @progbits
        .p2align 3
record: .asciz  "%s%u%s", "sum "
record_sum:
        .word   0
        .asciz  "\n"
        .p2align 3, 0
        .section .bss.buffer, "aw", @nobits
        OBJECT(buffer, 32)
        .section .mram.noinit, "aw", @nobits
        OBJECT(__stdout_buffer, 4096)
        OBJECT(rows, 32)
