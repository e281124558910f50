// SPDX-License-Identifier: MIT
// c = a + b: vectors of 32-bit numbers in MRAM, block by block through WRAM, by all tasklets.
//
// The host writes a, b and n (elements, a multiple of BLOCK) and reads c and `blocks`, the number
// of blocks that each tasklet did. Tasklet t takes blocks t, t + NR_TASKLETS, ... of 512 bytes.
// After a barrier tasklet 0 adds the numbers of blocks up and prints the sum: one record in the log
// buffer, as printf("vector_add: %u blocks done\n", total) would write it.

#define MOST     262144                         /* elements that fit into a, b and c */
#define BLOCK    128                            /* elements of a block */
#define BYTES    512                            /* bytes of a block */
#define LENGTH   63                             /* DMA length field: bytes / 8 - 1 */
#define RECORD   40                             /* bytes of the log record */

        .section .text.main, "ax", @progbits
        .globl  main
        .type   main, @function
main:
        lsl     r1, id, 10                      // two buffers for each tasklet:
        add     r1, r1, buffers                 // r1 for a, then c
        add     r2, r1, BYTES                   // r2 for b
        lsl     r0, id, 9                       // r0 byte offset of the block in a, b and c
        lw      r3, zero, n
        lsl     r3, r3, 2                       // r3 bytes of each vector
        move    r9, 0                           // r9 blocks done
        move    r10, NR_TASKLETS
        lsl     r10, r10, 9                     // r10 bytes that all tasklets do in one round
.Lblock:
        jgeu    r0, r3, .Ldone
        add     r4, r0, a
        ldma    r1, r4, LENGTH
        add     r4, r0, b
        ldma    r2, r4, LENGTH
        move    r5, 0
.Lelement:
        lsl_add r6, r1, r5, 2
        lsl_add r7, r2, r5, 2
        lw      r8, r6, 0
        lw      r7, r7, 0
        add     r8, r8, r7
        sw      r6, 0, r8
        add     r5, r5, 1
        jneq    r5, BLOCK, .Lelement
        add     r4, r0, c
        sdma    r1, r4, LENGTH
        add     r9, r9, 1
        add     r0, r0, r10
        jump    .Lblock
.Ldone:
        sw      id4, blocks, r9
        call    r21, barrier_wait
        jneq    id, 0, .Lreturn
        move    r0, 0                           // tasklet 0: total = sum of blocks[]
        move    r1, 0
.Lsum:  lw      r2, r0, blocks
        add     r1, r1, r2
        add     r0, r0, 4
        jneq    r0, 96, .Lsum
        sw      zero, total, r1
        sw      zero, record_total, r1
        move    r0, record
        move    r1, __stdout_buffer
        sdma    r0, r1, (RECORD / 8) - 1
        move    r0, RECORD
        sw      zero, __stdout_buffer_state, r0
.Lreturn:
        jump    r23
        .size   main, . - main

#define OBJECT(name, align, bytes) \
        .p2align align; .globl name; .type name, @object; name: .zero bytes; .size name, bytes
        .section .dpu_host, "aw", @progbits
        OBJECT(n, 3, 4)
        OBJECT(blocks, 3, 96)
        OBJECT(total, 3, 4)
        .section .data.record, "aw", @progbits
        .p2align 3
record: .asciz  "%s%u%s", "vector_add: "        // formats, then the text of the first
record_total:
        .word   0
        .asciz  " blocks done\n"
        .p2align 3, 0
        .section .bss.buffers, "aw", @nobits
        OBJECT(buffers, 3, 2 * 24 * BYTES)
        .section .mram.noinit, "aw", @nobits
        OBJECT(__stdout_buffer, 3, 4096)
        OBJECT(a, 3, 4 * MOST)
        OBJECT(b, 3, 4 * MOST)
        OBJECT(c, 3, 4 * MOST)
