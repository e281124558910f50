/* SPDX-License-Identifier: MIT */
/* Arithmetic that notices overflow: for -ftrapv (fault 4) and for the multiplications of
 * __builtin_mul_overflow; and products of complex numbers. */
#include <stdint.h>

#define TRAPPING(suffix, type)                                                                     \
    type __addv##suffix##3(type a, type b)                                                         \
    {                                                                                              \
        type sum;                                                                                  \
        if (__builtin_add_overflow(a, b, &sum))                                                    \
            __builtin_trap();                                                                      \
        return sum;                                                                                \
    }                                                                                              \
    type __subv##suffix##3(type a, type b)                                                         \
    {                                                                                              \
        type difference;                                                                           \
        if (__builtin_sub_overflow(a, b, &difference))                                             \
            __builtin_trap();                                                                      \
        return difference;                                                                         \
    }                                                                                              \
    type __negv##suffix##2(type a)                                                                 \
    {                                                                                              \
        return __subv##suffix##3(0, a);                                                            \
    }                                                                                              \
    type __absv##suffix##2(type a)                                                                 \
    {                                                                                              \
        return a < 0 ? __negv##suffix##2(a) : a;                                                   \
    }                                                                                              \
    type __mulv##suffix##3(type a, type b)                                                         \
    {                                                                                              \
        int overflow;                                                                              \
        type product = __mulo##suffix##4(a, b, &overflow);                                         \
        if (overflow)                                                                              \
            __builtin_trap();                                                                      \
        return product;                                                                            \
    }

int32_t __mulosi4(int32_t a, int32_t b, int *overflow)
{
    int64_t product = (int64_t)a * b;
    *overflow = product != (int32_t)product;
    return (int32_t)product;
}

int64_t __mulodi4(int64_t a, int64_t b, int *overflow)
{
    int64_t product = (int64_t)((uint64_t)a * (uint64_t)b);
    *overflow = a != 0 && ((a == -1 && b == INT64_MIN) || (a != -1 && product / a != b));
    return product;
}

TRAPPING(si, int32_t)
TRAPPING(di, int64_t)

#define COMPLEX_PRODUCT(name, type)                                                                \
    type _Complex name(type a, type b, type c, type d)                                             \
    {                                                                                              \
        type _Complex product;                                                                     \
        __real__ product = a * c - b * d;                                                          \
        __imag__ product = a * d + b * c;                                                          \
        return product;                                                                            \
    }
COMPLEX_PRODUCT(__mulsc3, float)
COMPLEX_PRODUCT(__muldc3, double)
