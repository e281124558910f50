// SPDX-License-Identifier: MIT
// Shifts of 64 bits by 0 to 63, and counting of bits. d0 or r0 is the value, r2 the shift amount.

#include "macros.inc"

        function __ashldi3
        lslx    r3, r1, r2, sh32, .Lleft_32
        lsl     r0, r0, r2
        or      r0, r0, r3
        lsl     r1, r1, r2
        jump    r23
.Lleft_32:
        lsl     r0, r1, r2
        move    r1, 0
        jump    r23
        end_function __ashldi3

        function __lshrdi3
        lsrx    r3, r0, r2, sh32, .Lright_32
        lsr     r1, r1, r2
        or      r1, r1, r3
        lsr     r0, r0, r2
        jump    r23
.Lright_32:
        lsr     r1, r0, r2
        move    r0, 0
        jump    r23
        end_function __lshrdi3

        function __ashrdi3
        lsrx    r3, r0, r2, sh32, .Lsigned_32
        lsr     r1, r1, r2
        or      r1, r1, r3
        asr     r0, r0, r2
        jump    r23
.Lsigned_32:
        asr     r1, r0, r2
        asr     r0, r0, 31
        jump    r23
        end_function __ashrdi3

        function __negdi2
        sub     r1, zero, r1
        subc    r0, zero, r0
        jump    r23
        end_function __negdi2

        function __clzsi2
        clz     r0, r0
        jump    r23
        end_function __clzsi2

        function __clzdi2
        clz     r0, r0, nmax, .Lclz_done
        clz     r0, r1
        add     r0, r0, 32
.Lclz_done:
        jump    r23
        end_function __clzdi2

// The lowest one alone has as many leading zeros as bits above it.
        function __ctzsi2
        neg     r1, r0
        and     r0, r0, r1
        clz     r0, r0
        sub     r0, 31, r0
        jump    r23
        end_function __ctzsi2

        function __ctzdi2
        move    r2, 31
        xor     zero, r1, 0, nz, .Lctz_low
        move    r1, r0
        move    r2, 63
.Lctz_low:
        neg     r0, r1
        and     r0, r0, r1
        clz     r0, r0
        sub     r0, r2, r0
        jump    r23
        end_function __ctzdi2

        function __popcountsi2
        cao     r0, r0
        jump    r23
        end_function __popcountsi2

        function __popcountdi2
        cao     r0, r0
        cao     r1, r1
        add     r0, r0, r1
        jump    r23
        end_function __popcountdi2

        function __paritysi2
        cao     r0, r0
        and     r0, r0, 1
        jump    r23
        end_function __paritysi2

        function __paritydi2
        xor     r0, r0, r1
        cao     r0, r0
        and     r0, r0, 1
        jump    r23
        end_function __paritydi2

// Position of the lowest one, from 1; 0 when there is none: the case clz = 32 gives -1 + 1.
        function __ffssi2
        neg     r1, r0
        and     r0, r0, r1
        clz     r0, r0
        sub     r0, 32, r0
        jump    r23
        end_function __ffssi2

        function __ffsdi2
        move    r2, 32
        xor     zero, r1, 0, nz, .Lffs_low
        xor     zero, r0, 0, z, .Lffs_done      // r0 is the answer
        move    r1, r0
        move    r2, 64
.Lffs_low:
        neg     r0, r1
        and     r0, r0, r1
        clz     r0, r0
        sub     r0, r2, r0
.Lffs_done:
        jump    r23
        end_function __ffsdi2

// Through the stack: memory is read in either byte order.
        function __bswapsi2
        sw      r22, 0, r0
        lw      !big, r0, r22, 0
        jump    r23
        end_function __bswapsi2

        function __bswapdi2
        sd      r22, 0, d0
        ld      !big, d0, r22, 0
        jump    r23
        end_function __bswapdi2
