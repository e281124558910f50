// SPDX-License-Identifier: MIT
// Copying and filling WRAM: eight bytes at a time where the addresses allow it, else four, else
// one. 5 instructions per step of a copy, 3 of a fill.

#include "macros.inc"

// Copy steps of `bytes` from r1 to r4 while a whole one fits before r3. Changes r6 and the data
// register.
        .macro  copy_steps bytes, load, store, data
        add     r6, r3, -\bytes
        jgtu    r4, r6, .Lno_step\@
.Lstep\@:
        \load   \data, r1, 0
        \store  r4, 0, \data
        add     r1, r1, \bytes
        add     r4, r4, \bytes
        jleu    r4, r6, .Lstep\@
.Lno_step\@:
        .endm

// Copy single bytes until r4 is a multiple of `bytes`.
        .macro  align_copy bytes
.Lalign\@:
        and     zero, r4, \bytes - 1, z, .Laligned\@
        lbu     r5, r1, 0
        sb      r4, 0, r5
        add     r1, r1, 1
        add     r4, r4, 1, true, .Lalign\@
.Laligned\@:
        .endm

// void *memcpy(void *to, const void *from, size_t size)
        function memcpy
        move    r4, r0                          // r0 is the result
        add     r3, r0, r2                      // end
        jltu    r2, 8, .Lcopy_bytes
        xor     r5, r0, r1
        and     zero, r5, 3, nz, .Lcopy_bytes
        and     zero, r5, 7, nz, .Lcopy_words
        align_copy 8
        copy_steps 8, ld, sd, d8
        jump    .Lcopy_bytes
.Lcopy_words:
        align_copy 4
        copy_steps 4, lw, sw, r5
.Lcopy_bytes:
        jeq     r4, r3, .Lcopied
.Lcopy_byte:
        lbu     r5, r1, 0
        sb      r4, 0, r5
        add     r1, r1, 1
        add     r4, r4, 1
        jneq    r4, r3, .Lcopy_byte
.Lcopied:
        jump    r23
        end_function memcpy

// void *__memcpy_wram_4align(void *to, const void *from, size_t size)
        function __memcpy_wram_4align
        jeq     r2, 0, .Lwords_copied
        add     r3, r0, r2
        move    r4, r0
.Lcopy_word:
        lw      r5, r1, 0
        sw      r4, 0, r5
        add     r1, r1, 4
        add     r4, r4, 4
        jneq    r4, r3, .Lcopy_word
.Lwords_copied:
        jump    r23
        end_function __memcpy_wram_4align

// void *memmove(void *to, const void *from, size_t size): memcpy goes forward, which is right
// unless the destination begins inside the source. Then backward.
        function memmove
        sub     r3, r0, r1, z, .Lmoved
        jgeu    r3, r2, memcpy
        add     r1, r1, r2
        add     r4, r0, r2
        and     zero, r3, 7, nz, .Lmove_bytes
.Lmove_align:
        jeq     r4, r0, .Lmoved
        and     zero, r4, 7, z, .Lmove_doubles
        add     r1, r1, -1
        add     r4, r4, -1
        lbu     r5, r1, 0
        sb      r4, 0, r5
        jump    .Lmove_align
.Lmove_doubles:
        add     r6, r0, 8
        jltu    r4, r6, .Lmove_bytes
.Lmove_double:
        add     r1, r1, -8
        add     r4, r4, -8
        ld      d8, r1, 0
        sd      r4, 0, d8
        jgeu    r4, r6, .Lmove_double
.Lmove_bytes:
        jeq     r4, r0, .Lmoved
        add     r1, r1, -1
        add     r4, r4, -1
        lbu     r5, r1, 0
        sb      r4, 0, r5
        jump    .Lmove_bytes
.Lmoved:
        jump    r23
        end_function memmove

// d8 = 8 copies of the byte r1.
        .macro  replicate_byte
        and     r1, r1, 0xff
        lsl_add r1, r1, r1, 8
        lsl_add r9, r1, r1, 16
        move    r8, r9
        .endm

// void *memset(void *area, int c, size_t size)
        function memset
        move    r4, r0
        add     r3, r0, r2                      // end
        replicate_byte
        jltu    r2, 8, .Lset_bytes
.Lset_align:
        and     zero, r4, 7, z, .Lset_doubles
        sb      r4, 0, r9
        add     r4, r4, 1, true, .Lset_align
.Lset_doubles:
        add     r6, r3, -8
        jgtu    r4, r6, .Lset_bytes
.Lset_double:
        sd      r4, 0, d8
        add     r4, r4, 8
        jleu    r4, r6, .Lset_double
.Lset_bytes:
        jeq     r4, r3, .Lset
.Lset_byte:
        sb      r4, 0, r9
        add     r4, r4, 1
        jneq    r4, r3, .Lset_byte
.Lset:  jump    r23
        end_function memset

// void *__memset_wram_4align(void *area, int c, size_t size)
        function __memset_wram_4align
        jeq     r2, 0, .Lwords_set
        replicate_byte
        add     r3, r0, r2
        move    r4, r0
.Lset_word:
        sw      r4, 0, r9
        add     r4, r4, 4
        jneq    r4, r3, .Lset_word
.Lwords_set:
        jump    r23
        end_function __memset_wram_4align
