/* SPDX-License-Identifier: MIT */
/* Powers with an integer exponent, for __builtin_powi. */
#define POWER(name, number)                                                                        \
    number name(number base, int exponent)                                                         \
    {                                                                                              \
        unsigned int left = exponent < 0 ? -(unsigned int)exponent : (unsigned int)exponent;       \
        number power = 1;                                                                          \
        for (; left; left >>= 1) {                                                                 \
            if (left & 1)                                                                          \
                power *= base;                                                                     \
            base *= base;                                                                          \
        }                                                                                          \
        return exponent < 0 ? 1 / power : power;                                                   \
    }

float __powisf2(float base, int exponent);
double __powidf2(double base, int exponent);
POWER(__powisf2, float)
POWER(__powidf2, double)
