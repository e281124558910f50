// SPDX-License-Identifier: MIT
// 64-bit division: __udiv64 and __div64 give the quotient in d0 and the remainder in d2, the others
// one of them. Division by 0 raises fault 2; signs as in 32 bits.

#include "macros.inc"

// Long division: bit by bit from the dividend's highest one, 7 instructions per bit, 9 where the
// quotient has a one. The remainder never overflows: it is at most the part of the dividend
// consumed.
        function __udiv64
        or      zero, r2, r3, z, .Lby_zero
        move    r6, 64                          // bits to go
        clz     r7, r0, nmax, .Lalign
        move    r6, 32
        move    r0, r1
        move    r1, 0
        clz     r7, r0, max, .Lzero
.Lalign:
        sub     r6, r6, r7
        lslx    r8, r1, r7
        lsl     r1, r1, r7
        lsl     r0, r0, r7
        or      r0, r0, r8
        move    r4, 0                           // d4: remainder
        move    r5, 0
.Lbit:
        add     r1, r1, r1                      // next bit of d0 into the remainder,
        addc    r0, r0, r0                      // a bit of the quotient follows
        addc    r5, r5, r5
        addc    r4, r4, r4
        sub     r9, r5, r3
        subc    r8, r4, r2, ltu, .Lnext
        movd    d4, d8
        add     r1, r1, 1
.Lnext: add     r6, r6, -1, nz, .Lbit
        movd    d2, d4
        jump    r23
.Lzero:                                         // d0 is 0
        move    r2, 0
        move    r3, 0
        jump    r23
.Lby_zero:
        fault   __FAULT_DIVISION_BY_ZERO__
        end_function __udiv64

        .macro  negate hi, lo
        sub     \lo, zero, \lo
        subc    \hi, zero, \hi
        .endm

// A leading one is a sign: clo tests it without changing anything.
        function __div64
        enter   8
        clo     zero, r0, nz, .Lnegative_dividend
        clo     zero, r2, nz, .Lnegative_divisor
        call    r23, __udiv64
        leave
.Lnegative_divisor:
        negate  r2, r3
        call    r23, __udiv64
        negate  r0, r1
        leave
.Lnegative_dividend:
        negate  r0, r1
        clo     zero, r2, nz, .Lboth_negative
        call    r23, __udiv64
        negate  r0, r1
        negate  r2, r3
        leave
.Lboth_negative:
        negate  r2, r3
        call    r23, __udiv64
        negate  r2, r3
        leave
        end_function __div64

        function __udivdi3
        jump    __udiv64
        end_function __udivdi3

        function __divdi3
        jump    __div64
        end_function __divdi3

        .macro  remainder name, division
        function \name
        enter   8
        call    r23, \division
        movd    d0, d2
        leave
        end_function \name
        .endm
        remainder __umoddi3, __udiv64
        remainder __moddi3, __div64

// r4: where the remainder goes.
        .macro  both name, division
        function \name
        enter   16
        sw      r22, -16, r4
        call    r23, \division
        lw      r4, r22, -16
        sd      r4, 0, d2
        leave
        end_function \name
        .endm
        both    __udivmoddi4, __udiv64
        both    __divmoddi4, __div64
