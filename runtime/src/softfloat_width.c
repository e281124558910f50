/* SPDX-License-Identifier: MIT */
/* Conversions between float and double. */
#define FLOAT_BITS 32
#include "softfloat.h"

/* Fields of a double beside those of a float. */
#define WIDE_FRACTION_BITS 52
#define WIDE_BIAS          1023
#define WIDE_SIGN          (1ull << 63)
#define WIDE_INFINITE      (0x7ffull << WIDE_FRACTION_BITS)
#define WIDE_FRACTION      ((1ull << WIDE_FRACTION_BITS) - 1)
#define EXTRA_BITS         (WIDE_FRACTION_BITS - FRACTION_BITS)

uint64_t __extendsfdf2(uint32_t a)
{
    uint64_t sign = (uint64_t)(a & SIGN) << 32;
    uint32_t magnitude = a & MAGNITUDE, significand;
    if (magnitude == 0)
        return sign;
    if (magnitude == INFINITE)
        return sign | WIDE_INFINITE;
    if (magnitude > INFINITE)
        return sign | WIDE_INFINITE | (uint64_t)((magnitude & FRACTION) | QUIET) << EXTRA_BITS;
    int exponent = unpack(magnitude, &significand) - BIAS + WIDE_BIAS;
    /* The leading bit of the significand is the missing 1 of the exponent. */
    return sign | (((uint64_t)(exponent - 1) << WIDE_FRACTION_BITS) +
                   ((uint64_t)significand << EXTRA_BITS));
}

uint32_t __truncdfsf2(uint64_t a)
{
    uint32_t sign = (uint32_t)(a >> 32) & SIGN;
    uint64_t magnitude = a & ~WIDE_SIGN;
    if (magnitude > WIDE_INFINITE)
        return sign | NOT_A_NUMBER | (uint32_t)((magnitude & WIDE_FRACTION) >> EXTRA_BITS);
    int exponent = (int)(magnitude >> WIDE_FRACTION_BITS) - WIDE_BIAS + BIAS;
    if (exponent < -FRACTION_BITS) /* below half of the smallest number; subnormal doubles, too */
        return sign;
    uint64_t significand = (magnitude & WIDE_FRACTION) | (WIDE_FRACTION + 1);
    uint32_t kept = (uint32_t)(significand >> (EXTRA_BITS - GUARD_BITS));
    uint64_t lost = significand << (64 - EXTRA_BITS + GUARD_BITS);
    return round_and_pack(sign, exponent, kept | (lost != 0));
}
