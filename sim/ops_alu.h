/* SPDX-License-Identifier: MIT */
/* What the register operations compute: one function per operation of op.def, free of operand
 * shapes and conditions. Each takes the sources in assembly order (a, b), a shift amount s and the
 * carry flag, and gives the result and what flags and conditions need. Source: isa reference,
 * sections 4 to 6. */
#ifndef SIM_OPS_ALU_H
#define SIM_OPS_ALU_H

#include "state.h"

/* SIM_OUT_OF_LINE: functions instead of hundreds of copies, for coverage, mutants, sanitizers. */
#ifdef SIM_OUT_OF_LINE
#define SIM_INLINE static __attribute__((noinline, unused))
#else
#define SIM_INLINE static inline __attribute__((always_inline))
#endif

struct alu {
    uint32_t r;         /* result */
    uint32_t z;         /* ZF is z == 0 */
    bool c;             /* carry out */
    bool v;             /* signed overflow */
    bool less;          /* N != V */
    uint32_t x, y, cin; /* what the adder was fed */
};

SIM_INLINE struct alu alu_plain(uint32_t r)
{
    return (struct alu){.r = r, .z = r};
}

/* No condition of an addition asks for N != V. */
SIM_INLINE struct alu add2(uint32_t x, uint32_t y)
{
    uint32_t r;
    bool c = __builtin_add_overflow(x, y, &r);
    bool v = ((x ^ r) & (y ^ r)) >> 31;
    return (struct alu){.r = r, .z = r, .c = c, .v = v, .x = x, .y = y};
}

/* x + y + cin with the carry out. Compilers do not find the processor's addition with carry. */
SIM_INLINE bool add_with_carry(uint32_t x, uint32_t y, bool cin, uint32_t *r)
{
#if defined(__x86_64__) && defined(__GCC_ASM_FLAG_OUTPUTS__)
    bool c;
    __asm__("addb $-1, %1\n\tadcl %3, %0" : "+r"(x), "+q"(cin), "=@ccc"(c) : "rm"(y));
    *r = x;
    return c;
#else
    uint64_t t = (uint64_t)x + y + cin;
    *r = (uint32_t)t;
    return t >> 32;
#endif
}

SIM_INLINE struct alu add3(uint32_t x, uint32_t y, bool cin)
{
    uint32_t r;
    bool c = add_with_carry(x, y, cin, &r);
    bool v = ((x ^ r) & (y ^ r)) >> 31;
    return (struct alu){r, r, c, v, (r >> 31) != v, x, y, cin};
}

/* a - b: the same as add3(a, ~b, 1), spelled so that compilers see the comparisons. */
SIM_INLINE struct alu sub2(uint32_t a, uint32_t b)
{
    uint32_t r = a - b;
    bool v = ((a ^ b) & (a ^ r)) >> 31;
    return (struct alu){r, r, a >= b, v, (int32_t)a < (int32_t)b, a, ~b, 1};
}

#define ALU(id)  SIM_INLINE struct alu alu_##id(uint32_t a, uint32_t b, uint32_t s, bool cf)
#define UNUSED_B (void)b
#define UNUSED_S (void)s
#define UNUSED_C (void)cf

/* clang-format off */
#define ALU2(id, expression) \
    ALU(id) { UNUSED_S; UNUSED_C; return expression; }
#define ALUC(id, expression) \
    ALU(id) { UNUSED_S; return expression; }
#define ALU1(id, expression) \
    ALU(id) { UNUSED_B; UNUSED_S; UNUSED_C; return alu_plain(expression); }

ALU2(ADD, add2(a, b))
ALUC(ADDC, add3(a, b, cf))
ALU2(SUB, sub2(a, b))
ALUC(SUBC, add3(a, ~b, cf))
ALU2(RSUB, sub2(b, a))
ALUC(RSUBC, add3(b, ~a, cf))

ALU2(AND, alu_plain(a & b))
ALU2(OR, alu_plain(a | b))
ALU2(XOR, alu_plain(a ^ b))
ALU2(NAND, alu_plain(~(a & b)))
ALU2(NOR, alu_plain(~(a | b)))
ALU2(NXOR, alu_plain(~(a ^ b)))
ALU2(ANDN, alu_plain(~a & b))
ALU2(ORN, alu_plain(~a | b))

/* Shifts: the amount is b modulo 32. */
ALU2(LSL, alu_plain(a << (b & 31)))
ALU2(LSR, alu_plain(a >> (b & 31)))
ALU2(ASR, alu_plain((uint32_t)((int32_t)a >> (b & 31))))
ALU2(LSL1, alu_plain(~(~a << (b & 31))))
ALU2(LSR1, alu_plain(~(~a >> (b & 31))))
ALU2(ROL, alu_plain(a << (b & 31) | a >> (-b & 31)))
ALU2(ROR, alu_plain(a >> (b & 31) | a << (-b & 31)))
ALU2(LSLX, alu_plain((uint32_t)((uint64_t)a << (b & 31) >> 32)))
ALU2(LSRX, alu_plain((uint32_t)(((uint64_t)a << 32) >> (b & 31))))
ALU2(LSL1X, alu_plain((uint32_t)((uint64_t)a << (b & 31) >> 32) | ~0u << (b & 31)))
ALU2(LSR1X, alu_plain((uint32_t)(((uint64_t)a << 32) >> (b & 31)) | ~0u >> (b & 31)))

/* Shift and add: a is the shifted operand (ra), b the other; ZF from the shifted operand alone. */
#define SHIFT_ADD(id, shifted, sum) \
    ALU(id) { UNUSED_C; uint32_t t = shifted; return (struct alu){.r = sum, .z = t}; }
SHIFT_ADD(LSL_ADD, a << s, b + t)
SHIFT_ADD(LSL_SUB, a << s, b - t)
SHIFT_ADD(LSR_ADD, a >> s, b + t)
SHIFT_ADD(ROL_ADD, a << s | a >> (-s & 31), b + t)

ALU1(CAO, (uint32_t)__builtin_popcount(a))
ALU1(CLZ, a ? (uint32_t)__builtin_clz(a) : 32)
ALU1(CLO, ~a ? (uint32_t)__builtin_clz(~a) : 32)
/* believed: one source */
ALU1(CLS, (uint32_t)__builtin_clz(((a ^ (uint32_t)((int32_t)a >> 31)) << 1) | 1))
ALU1(EXTSB, (uint32_t)(int32_t)(int8_t)a)
ALU1(EXTSH, (uint32_t)(int32_t)(int16_t)a)
ALU1(EXTUB, a & 0xff)
ALU1(EXTUH, a & 0xffff)
ALU1(SATS, a >> 31 ? 0x7fffffffu : 0x80000000u) /* believed: one source */

#define BYTE_L(x) ((x) & 0xff)
#define BYTE_H(x) ((x) >> 8 & 0xff)
#define AS_S(x) ((int32_t)(int8_t)(x))
#define AS_U(x) ((int32_t)(x))
#define MUL(id, sign_a, byte_a, sign_b, byte_b) \
    ALU2(id, alu_plain((uint32_t)(AS_##sign_a(BYTE_##byte_a(a)) * AS_##sign_b(BYTE_##byte_b(b)))))
MUL(MUL_SH_SH, S, H, S, H)
MUL(MUL_SH_SL, S, H, S, L)
MUL(MUL_SH_UH, S, H, U, H)
MUL(MUL_SH_UL, S, H, U, L)
MUL(MUL_SL_SH, S, L, S, H)
MUL(MUL_SL_SL, S, L, S, L)
MUL(MUL_SL_UH, S, L, U, H)
MUL(MUL_SL_UL, S, L, U, L)
MUL(MUL_UH_UH, U, H, U, H)
MUL(MUL_UH_UL, U, H, U, L)
MUL(MUL_UL_UH, U, L, U, H)
MUL(MUL_UL_UL, U, L, U, L)
/* clang-format on */

/* believed: one source */
ALU(HASH)
{
    UNUSED_S;
    UNUSED_C;
    unsigned n = 7 + (b >> 2 & 3);
    uint32_t m = (1u << n) - 1;
    uint32_t r = (a & m) ^ (a >> n & m);
    if (b & 1)
        r ^= a >> 2 * n & m;
    return alu_plain(r);
}

ALU(CMPB4)
{
    UNUSED_S;
    UNUSED_C;
    uint32_t r = 0;
    for (unsigned shift = 0; shift < 32; shift += 8)
        r |= (uint32_t)((a >> shift & 0xff) == (b >> shift & 0xff)) << shift;
    return alu_plain(r);
}

#endif
