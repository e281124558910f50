/* SPDX-License-Identifier: MIT */
/* Programs bring their own functions of math.h: the compiler knows the names and makes operations
 * of its own of the calls. Kinds of floats, smaller and larger ones.
 *
 * expect: 32
 */
#include <defs.h>
#include <stdint.h>
__host uint32_t result;
#define CHECK(c)                                                                                   \
    do {                                                                                           \
        if (!(c))                                                                                  \
            __asm__ volatile("fault %0" ::"i"(__LINE__));                                          \
        result++;                                                                                  \
    } while (0)

float floorf(float v)
{
    int i = (int)v;
    return i > v ? i - 1 : i;
}
double floor(double v)
{
    int i = (int)v;
    return i > v ? i - 1 : i;
}
float sqrtf(float v)
{
    float guess = v;
    for (int i = 0; i < 20; i++)
        guess = (guess + v / guess) / 2;
    return guess;
}
float fmaxf(float a, float b)
{
    return a > b ? a : b;
}
float fmaf(float a, float b, float c)
{
    return a * b + c;
}
float powf(float a, float b)
{
    return a + b;
}
float ldexpf(float v, int k)
{
    for (; k > 0; k--)
        v *= 2;
    for (; k < 0; k++)
        v /= 2;
    return v;
}
double fabs(double v)
{
    return v < 0 ? -v : v;
}
float roundf(float v)
{
    return floorf(v + 0.5f);
}

static int kind(float x)
{
    return __builtin_isnan(x)      ? 1
           : __builtin_isinf(x)    ? 2
           : x == 0                ? 3
           : __builtin_isnormal(x) ? 4
                                   : 5;
}
static int kind_wide(double x)
{
    return __builtin_isnan(x)      ? 1
           : __builtin_isinf(x)    ? 2
           : x == 0                ? 3
           : __builtin_isnormal(x) ? 4
                                   : 5;
}

volatile float two = 2.25f, negative = -1.5f, zero = 0, tiny = 1e-40f, least = 1.17549435e-38f;
volatile double three = 3, half = -0.5, small = 1e-310;

int main(void)
{
    float nan = zero / zero, infinite = two / zero;
    CHECK(floorf(negative) == -2 && floor(half) == -1);
    CHECK(sqrtf(two) == 1.5f);
    CHECK(powf(two, two) == 4.5f);
    CHECK(ldexpf(two, 2) == 9 && ldexpf(two, -1) == 1.125f);
    CHECK(fmaf(two, two, negative) == 3.5625f);
    CHECK(roundf(negative) == -1 && fabs(half) == 0.5);
    CHECK(fmaxf(negative, two) == two);
    CHECK(__builtin_fminf(negative, two) == negative && __builtin_fmaxf(negative, two) == two);
    CHECK(__builtin_fmin(three, half) == half && __builtin_fmax(three, half) == three);
    CHECK(__builtin_fmaxf(nan, two) == two && __builtin_fminf(two, nan) == two);
    CHECK(__builtin_isnan(__builtin_fmaxf(nan, nan)));
    CHECK(kind(nan) == 1 && kind(-nan) == 1);
    CHECK(kind(infinite) == 2 && kind(-infinite) == 2);
    CHECK(kind(zero) == 3 && kind(-zero) == 3);
    CHECK(kind(two) == 4 && kind(negative) == 4 && kind(least) == 4 && kind(-least) == 4);
    CHECK(kind(tiny) == 5 && kind(-tiny) == 5);
    CHECK(kind_wide(nan) == 1);
    CHECK(kind_wide(-infinite) == 2 && kind_wide(infinite) == 2);
    CHECK(kind_wide(zero) == 3);
    CHECK(kind_wide(three) == 4 && kind_wide(half) == 4);
    CHECK(kind_wide(small) == 5 && kind_wide(-small) == 5);
    CHECK(__builtin_isfinite(two) && __builtin_isfinite(tiny) && __builtin_isfinite(zero));
    CHECK(!__builtin_isfinite(nan) && !__builtin_isfinite(infinite));
    CHECK(!(__builtin_isnan(two) || __builtin_isinf(two)));
    CHECK(__builtin_isnan(nan) || __builtin_isinf(nan));
    CHECK(__builtin_isnan(infinite) || __builtin_isinf(infinite));
    CHECK(!(__builtin_isinf(two) || two == 0));
    CHECK(__builtin_signbit(negative) && !__builtin_signbit(two));
    CHECK(__builtin_isinf_sign(infinite) == 1 && __builtin_isinf_sign(-infinite) == -1);
    CHECK(__builtin_isinf_sign(two) == 0);
    CHECK(__builtin_copysignf(two, negative) == -two);
    CHECK(__builtin_fabsf(negative) == 1.5f);
    return 0;
}
