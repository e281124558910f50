        .macro  twice op, reg, value=1
        \op     \reg, \reg, \value
        \op     \reg, \reg, \value
        .endm
        .text
        twice   add, r0
        twice   xor, r1, 0x55
        .rept   3
        nop
        .endr
        .if     1 + 1 == 2
        move    r2, 3
        .else
        bad
        .endif
        .ifdef  nothing
        bad
        .endif
