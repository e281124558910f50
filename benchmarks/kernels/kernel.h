// SPDX-License-Identifier: MIT
// Frame of the speed kernels: KERNEL opens main, which every tasklet runs on its own; r20 counts
// ITERATIONS (a symbol of the linker) down.

#define KERNEL \
        .section .text.main, "ax", @progbits; .globl main; .type main, @function; \
        main: move r20, ITERATIONS

#define NEXT(label) add r20, r20, -1, nz, label

#define END \
        jump r23; .size main, . - main

// One step of a pseudo-random sequence in `state`, with a scratch register.
#define RANDOM(state, scratch) \
        lsl scratch, state, 13; xor state, state, scratch; \
        lsr scratch, state, 17; xor state, state, scratch; \
        lsl scratch, state, 5;  xor state, state, scratch

#define BUFFER(name, bytes) \
        .section .bss.name, "aw", @nobits; .p2align 3; .type name, @object; \
        name: .zero bytes; .size name, bytes
