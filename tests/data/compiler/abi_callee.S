// SPDX-License-Identifier: MIT
// What compiled code calls, and what calls compiled code, by the letter of the calling convention.

        .text

// int skipped_register(int a, long b, int c, long d, int e): r0, d2, r1, d4, r6
        .globl skipped_register
skipped_register:
        add     r0, r0, r1              // a + c
        add     r0, r0, r6              // + e
        add     r0, r0, r3              // + low half of b
        add     r0, r0, r4              // + high half of d
        jump    r23

// int ninth(int x 8, int i, long j): i below the slot of d22, j below it, aligned
        .globl ninth
ninth:
        lw      r0, r22, -12
        lw      r1, r22, -24
        add     r0, r0, r1
        jump    r23

// struct three give(int a, int b): the place of the result comes first
        .globl give
give:
        sw      r0, 0, r1
        sw      r0, 4, r2
        add     r1, r1, r2
        sw      r0, 8, r1
        move    r0, 12345               // not the address: the caller may not rely on it
        jump    r23

// int take(struct three s, char c): an address and an extended byte
        .globl take
take:
        lw      r2, r0, 8
        sw      r0, 8, 0                // the copy is the callee's
        add     r0, r2, r1
        jump    r23

// int second_of_rest(int n, ...): all variable arguments are on the stack
        .globl second_of_rest
second_of_rest:
        lw      r0, r22, -16
        jump    r23

// int destroy(int (*f)(int), int x): calls compiled code with the preserved registers set and
// returns how many of them came back changed; destroys those that a callee may destroy.
        .globl destroy
destroy:
        sd      r22, 40, d22
        add     r22, r22, 48
        sd      r22, -16, d14
        sd      r22, -24, d16
        sd      r22, -32, d18
        sd      r22, -40, d20
        move    r14, 1014
        move    r15, 1015
        move    r16, 1016
        move    r17, 1017
        move    r18, 1018
        move    r19, 1019
        move    r20, 1020
        move    r21, 1021
        move    r2, r0
        move    r0, r1
        call    r23, r2
        move    r0, 0
        jeq     r14, 1014, . + 2
        add     r0, r0, 1
        jeq     r15, 1015, . + 2
        add     r0, r0, 1
        jeq     r16, 1016, . + 2
        add     r0, r0, 1
        jeq     r17, 1017, . + 2
        add     r0, r0, 1
        jeq     r18, 1018, . + 2
        add     r0, r0, 1
        jeq     r19, 1019, . + 2
        add     r0, r0, 1
        jeq     r20, 1020, . + 2
        add     r0, r0, 1
        jeq     r21, 1021, . + 2
        add     r0, r0, 1
        move    r1, -1
        move    r2, -1
        move    r3, -1
        move    r4, -1
        move    r5, -1
        move    r6, -1
        move    r7, -1
        move    r8, -1
        move    r9, -1
        move    r10, -1
        move    r11, -1
        move    r12, -1
        move    r13, -1
        ld      d14, r22, -16
        ld      d16, r22, -24
        ld      d18, r22, -32
        ld      d20, r22, -40
        ld      d22, r22, -8
        jump    r23

// int call_all(void): calls compiled functions; the number of the first wrong answer, or 0
        .globl call_all
call_all:
        sd      r22, 56, d22
        add     r22, r22, 64
        // c_many(1, 2L, 3, 4L, 5, 6, 7, 8, 9L): r0 d2 r1 d4 r6 r7, then 7, 8 and 9L on the stack
        move    r0, 1
        move.s  d2, 2
        move    r1, 3
        move.s  d4, 4
        move    r6, 5
        move    r7, 6
        move    r8, 7
        sw      r22, -12, r8
        move    r8, 8
        sw      r22, -16, r8
        move.s  d8, 9
        sd      r22, -24, d8
        call    r23, c_many
        move    r8, 1
        jneq    r0, 285, call_all_out
        // c_rest(2, 30, 400L): both behind the slot of d22
        move    r0, 2
        move    r1, 30
        sw      r22, -12, r1
        move.s  d2, 400
        sd      r22, -24, d2
        call    r23, c_rest
        move    r8, 2
        jneq    r0, 432, call_all_out
        // c_give(&place, 5) and c_take(&place)
        add     r0, r22, -40
        move    r1, 5
        call    r23, c_give
        move    r8, 3
        lw      r1, r22, -32
        jneq    r1, 7, call_all_out
        add     r0, r22, -40
        call    r23, c_take
        move    r8, 4
        jneq    r0, 18, call_all_out
        // c_wide(): high half in r0
        call    r23, c_wide
        move    r8, 5
        jneq    r0, 11, call_all_out
        jneq    r1, 22, call_all_out
        move    r8, 0
call_all_out:
        move    r0, r8
        ld      d22, r22, -8
        jump    r23
