        ad      r0, r1, r2
        add     r24, r1, r2
        add     r0, r1, 99999999999
        add     r0, r1, r2, nonsense, 4
        ld      d1, r0, 0
        jump    nowhere
        .word   1 / 0
        .ascii  "open
        .section
here:
here:   .p2align 99
        .macro  endless
        endless
        .endm
        endless
