// SPDX-License-Identifier: MIT
// Source of lines.o: data and line tables only, so that any 32-bit RELA target
// of LLVM makes them (relocation type 1 is a 32-bit word there as here):
//
//   llvm-mc -triple=riscv32 -mattr=-relax -dwarf-version=5 -filetype=obj
//           -fdebug-compilation-dir=/src -compress-debug-sections=zlib lines.s -o lines.o
//
// then e_machine (bytes 18, 19) = 245 and e_flags (bytes 36 to 39) = 0x02800000.
        .file   1 "/src" "loop.c"
        .section .text.__bootstrap,"ax",@progbits
        .globl  __bootstrap
        .type   __bootstrap,@function
__bootstrap:
        .loc    1 10 0
        .quad   0x7c6300000000
        .loc    1 11 0
        .quad   0x7c6300000000
        .loc    1 12 0
        .quad   0x7ef321000000
        .size   __bootstrap, 24
        .section .text.unused,"ax",@progbits
unused: .loc    1 20 0
        .quad   0
        .section .rodata.str1.1,"aMS",@progbits,1
.Ls:    .asciz  "hey"
        .section .dpu_host,"aw",@progbits
        .globl  table
table:  .word   __bootstrap + 8
        .word   .Ls
        .size   table, 8
        .comm   common, 16, 8
        .section .stack_sizes,"o",@progbits,.text.__bootstrap
        .word   __bootstrap
        .byte   3
