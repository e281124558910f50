// SPDX-License-Identifier: MIT
// Number of the latest error, shared by all tasklets.

        .section .bss.errno, "aw", @nobits
        .p2align 2
        .globl  errno
        .type   errno, @object
errno:  .zero   4
        .size   errno, 4
