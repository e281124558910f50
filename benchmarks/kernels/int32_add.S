// SPDX-License-Identifier: MIT
// Arithmetic throughput, INT32 ADD: the micro-benchmark behind tests/data/hardware.
//
// 1048576 elements in MRAM, blocks of 1024 bytes dealt cyclically to NR_TASKLETS tasklets. For
// each block: read it, barrier, timed loop x = x + scalar over its 256 elements, barrier, write
// it to the second array. An interval is (e - s) - (e2 - e) of three counter reads in units of 16
// cycles; cycles[t] (64 bits, high word second) is the sum over the blocks of tasklet t. A
// tasklet without a block in the last round takes part in its barriers only.

#define ELEMENTS 1048576
#define BYTES    1024
#define LENGTH   127
#define LOG_VECTOR 22                           /* a vector has 4 * ELEMENTS = 2^22 bytes */

        .section .text.main, "ax", @progbits
        .globl  main
        .type   main, @function
main:
        jneq    id, 0, .Lready
        move    r0, 3                           // count cycles, from 0
        time_cfg r0
.Lready:
        call    r21, barrier_wait
        lsl     r15, id, 10                     // r15 offset of the block
        add     r0, r15, buffers                // r0 buffer of this tasklet
        move    r1, ELEMENTS                    // r1 the scalar
        move    r4, NR_TASKLETS
        move    r14, 0                          // r14 start of the round
.Lround:
        lsr     zero, r15, LOG_VECTOR, nz, .Lidle
        ldma    r0, r15, LENGTH
        call    r21, barrier_wait
        move    r6, 0
        time    r9                              // s
.Lloop: lsl_add r7, r0, r6, 2
        lw      r8, r7, 0
        add     r8, r8, r1
        sw      r7, 0, r8
        add     r6, r6, 1
        jneq    r6, 256, .Lloop
        nop                                     // nop: the compiled benchmark has a move here
        time    r10                             // e
        nop
        nop
        time    r11                             // e2
        lsr     r2, r9, 28                      // d2 = s, d6 = e in cycles, low word odd
        lsl     r3, r9, 4
        lsr     r6, r10, 28
        lsl     r7, r10, 4
        sub     r13, r7, r3                     // d12 = e - s
        subc    r12, r6, r2
        lsr     r2, r11, 28                     // d2 = e2 - e
        lsl     r3, r11, 4
        sub     r3, r3, r7
        subc    r2, r2, r6
        sub     r13, r13, r3
        subc    r12, r12, r2
        ld      d2, id8, cycles
        add     r13, r13, r3
        addc    r12, r12, r2
        sd      id8, cycles, d12
        add     r2, r15, results
        call    r21, barrier_wait
        sdma    r0, r2, LENGTH
.Lnext: lsl_add r15, r15, r4, 10
        lsl_add r14, r14, r4, 10
        lsr     zero, r14, LOG_VECTOR, z, .Lround
        jump    r23
.Lidle: call    r21, barrier_wait
        call    r21, barrier_wait
        jump    .Lnext
        .size   main, . - main

#define OBJECT(name, bytes) \
        .p2align 3; .globl name; .type name, @object; name: .zero bytes; .size name, bytes
        .section .dpu_host, "aw", @progbits
        OBJECT(cycles, 192)
        .section .bss.buffers, "aw", @nobits
        OBJECT(buffers, 24 * BYTES)
        .section .mram.noinit, "aw", @nobits
        OBJECT(elements, 4 * ELEMENTS)
        OBJECT(results, 4 * ELEMENTS)
