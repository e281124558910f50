/* SPDX-License-Identifier: MIT */
/* What the floating-point routines of one format share. FLOAT_BITS is 32 or 64, defined before.
 *
 * IEEE 754, round to nearest even, subnormal numbers included; no exception flags. Numbers are
 * passed as their bits, which the calling convention does not distinguish. The routines are built
 * like the chip's library, on 64-bit products and on reciprocals by Newton's method, so that they
 * also cost about what they cost there. */
#ifndef DPU_SOFTFLOAT_H
#define DPU_SOFTFLOAT_H

#include <stdbool.h>
#include <stdint.h>

#if FLOAT_BITS == 32
typedef uint32_t rep;
#define FRACTION_BITS          23
#define NAME(operation, arity) __##operation##sf##arity
#define COUNT_LEADING_ZEROS    __builtin_clz
#else
typedef uint64_t rep;
#define FRACTION_BITS          52
#define NAME(operation, arity) __##operation##df##arity
#define COUNT_LEADING_ZEROS    __builtin_clzll
#endif

#define EXPONENT_MAX ((1 << (FLOAT_BITS - 1 - FRACTION_BITS)) - 1)
#define BIAS         (EXPONENT_MAX >> 1)
#define IMPLICIT     ((rep)1 << FRACTION_BITS)
#define FRACTION     (IMPLICIT - 1)
#define SIGN         ((rep)1 << (FLOAT_BITS - 1))
#define MAGNITUDE    (SIGN - 1)
#define INFINITE     ((rep)EXPONENT_MAX << FRACTION_BITS)
#define QUIET        (IMPLICIT >> 1)
#define NOT_A_NUMBER (INFINITE | QUIET)

/* Bits below the last one of a significand while it is computed: two exact ones, and one that is
 * set when anything below it is ("sticky"). */
#define GUARD_BITS 3
#define LEADING    (IMPLICIT << GUARD_BITS)

/* The chip's library was compiled by a compiler that builds 64-bit values in a second pair of
 * registers and then moves them: one instruction more for a shift by a constant and for a
 * comparison with 0, two for a shift by a variable, which also ends with a jump of its own
 * (documented: instruction counts of the vendor's compiler). These keep the time of double near
 * what it is on the chip. */
static inline rep moved(rep a)
{
#if FLOAT_BITS == 64 && defined(__DPU__)
    __asm__("movd %0, %1" : "=r"(a) : "r"(a));
#endif
    return a;
}

static inline rep shift_left(rep a, int shift)
{
    return moved(moved(a) << shift);
}

static inline rep shift_right(rep a, int shift)
{
    return moved(moved(a) >> shift);
}

static inline bool is_zero(rep a)
{
    return moved(a) == 0;
}

/* Zero, infinite or no number. */
static inline bool is_special(rep magnitude)
{
    return magnitude - 1 >= INFINITE - 1;
}

static inline int exponent_of(rep a)
{
    return (int)(a >> FRACTION_BITS) & EXPONENT_MAX;
}

/* Subnormal or special. */
static inline bool is_unusual(int exponent)
{
    return (unsigned int)exponent - 1 >= EXPONENT_MAX - 1;
}

static inline rep significand_of_normal(rep a)
{
    return (a & FRACTION) | IMPLICIT;
}

/* Exponent and significand of a finite number that is not 0; that of a subnormal one is shifted up.
 */
static inline int unpack(rep magnitude, rep *significand)
{
    int exponent = (int)(magnitude >> FRACTION_BITS);
    *significand = significand_of_normal(magnitude);
    if (exponent == 0) {
        int shift = COUNT_LEADING_ZEROS(magnitude) - (FLOAT_BITS - 1 - FRACTION_BITS);
        *significand = shift_left(magnitude, shift);
        exponent = 1 - shift;
    }
    return exponent;
}

/* Shift right by 1 or more; what is lost stays visible in the last bit. */
static inline rep shift_right_sticky(rep significand, int shift)
{
    if (shift >= FLOAT_BITS)
        return !is_zero(significand);
    return shift_right(significand, shift) | !is_zero(shift_left(significand, FLOAT_BITS - shift));
}

/* Round significand, whose highest bit is LEADING, and assemble the number. */
static inline rep round_and_pack(rep sign, int exponent, rep significand)
{
    if (exponent >= EXPONENT_MAX)
        return sign | INFINITE;
    if (exponent <= 0) {
        significand = shift_right_sticky(significand, 1 - exponent);
        exponent = 1;
    }
    /* The leading bit adds the missing 1 to the exponent; so does a carry of the rounding. */
    rep number = moved(significand >> GUARD_BITS) + moved((rep)(exponent - 1) << FRACTION_BITS);
    unsigned int guard = (unsigned int)significand & 7;
    if (guard > 4)
        number++;
    else if (guard == 4)
        number += number & 1;
    return sign | number;
}

#endif
