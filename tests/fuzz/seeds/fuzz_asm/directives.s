        .file "directives.s"
        .section .text.main, "ax", @progbits
        .globl  main, other
        .type   main, @function
main:   move    r0, table + 4
        jeq     r0, 15, . + 3
1:      jneq    r1, 0, 1b
        jump    1f
1:      stop    true, main
        .size   main, . - main
        .data
        .p2align 3
table:  .byte   1, 'a', '\n', -1
        .half   0x1234, 2b + 1
        .word   main, table - 4, (1 << 4) | 3, ~0 & 0xff
        .quad   0x123456789abcdef0
        .ascii  "a\tb\\\"\101\x41", "c"
        .asciz  "end"
        .zero   8
        .fill   3, 2, 0xabcd
        .balign 16
        .comm   shared, 64, 8
        .weak   maybe
        .set    here, . - table
        limit = here * 2 / 3 % 7
        .section .mram.noinit, "aw", @nobits
array:  .space  1024
        .size   array, 1024
        .section .atomic, "aw", @progbits
lock:   .byte   0
        .text
        acquire r0, lock, nz, .; release r0, lock, nz, . + 1   // two statements
        /* comment
           over lines */ nop
