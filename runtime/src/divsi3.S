// SPDX-License-Identifier: MIT
// 32-bit division: __udiv32 and __div32 give the quotient in r0 and the remainder in r1, the others
// one of them. Division by 0 raises fault 2. Signed division truncates; the remainder has the sign
// of the dividend; the most negative number divided by -1 is itself.

#include "macros.inc"

// A step tries to subtract the divisor shifted by its number. The first useful one aligns the
// highest bits of divisor and dividend: the ladder is entered there, counted back from its end.
        function __udiv32
        clz     r3, r1, max, .Lby_zero
        clz     r4, r0
        sub     r3, r4, r3, gtu, .Lsmaller      // r3: - number of the first step
        move    r2, r1                          // divisor
        move.u  d0, r0                          // even word: quotient, odd: what is left
        jump    r3, .Llast_step
        .set    step, 31
        .rept   31
        div_step d0, r2, d0, step
        .set    step, step - 1
        .endr
.Llast_step:
        div_step d0, r2, d0, 0
        jump    r23
.Lsmaller:                                      // the dividend has fewer bits
        move.u  d0, r0
        jump    r23
.Lby_zero:
        fault   __FAULT_DIVISION_BY_ZERO__
        end_function __udiv32

// A leading one is a sign: clo tests it without changing anything.
        function __div32
        enter   8
        clo     zero, r0, nz, .Lnegative_dividend
        clo     zero, r1, nz, .Lnegative_divisor
        call    r23, __udiv32
        leave
.Lnegative_divisor:
        neg     r1, r1
        call    r23, __udiv32
        neg     r0, r0
        leave
.Lnegative_dividend:
        neg     r0, r0
        clo     zero, r1, nz, .Lboth_negative
        call    r23, __udiv32
        neg     r0, r0
        neg     r1, r1
        leave
.Lboth_negative:
        neg     r1, r1
        call    r23, __udiv32
        neg     r1, r1
        leave
        end_function __div32

        function __udivsi3
        jump    __udiv32
        end_function __udivsi3

        function __divsi3
        jump    __div32
        end_function __divsi3

        .macro  remainder name, division
        function \name
        enter   8
        call    r23, \division
        move    r0, r1
        leave
        end_function \name
        .endm
        remainder __umodsi3, __udiv32
        remainder __modsi3, __div32

// r2: where the remainder goes.
        .macro  both name, division
        function \name
        enter   16
        sw      r22, -16, r2
        call    r23, \division
        lw      r2, r22, -16
        sw      r2, 0, r1
        leave
        end_function \name
        .endm
        both    __udivmodsi4, __udiv32
        both    __divmodsi4, __div32
