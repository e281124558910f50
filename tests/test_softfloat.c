/* SPDX-License-Identifier: MIT */
/* The floating-point routines of the device library, compiled for the host, against the host's
 * floating-point unit: bit by bit, except that any NaN equals any other. */
#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sim_help.h"

/* Pairs of operands per function; more with DPUSIM_FLOAT_TESTS=N. */
enum { N_PAIRS = 1000000 };

static long number_of_pairs(void)
{
    const char *text = getenv("DPUSIM_FLOAT_TESTS");
    return text ? atol(text) : N_PAIRS;
}

static float float_of(uint64_t bits)
{
    float number;
    uint32_t word = (uint32_t)bits;
    memcpy(&number, &word, sizeof number);
    return number;
}

static double double_of(uint64_t bits)
{
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

static uint64_t bits_of_float(float number)
{
    uint32_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

static uint64_t bits_of_double(double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

/* ---- functions under test: what they got and what the host says ---------------------------------
 */

struct outcome {
    uint64_t got, want;
};

typedef struct outcome check_function(uint64_t a, uint64_t b);

#define ARITHMETIC(name, operator)                                                                 \
    uint32_t __##name##sf3(uint32_t a, uint32_t b);                                                \
    uint64_t __##name##df3(uint64_t a, uint64_t b);                                                \
    static struct outcome check_f_##name(uint64_t a, uint64_t b)                                   \
    {                                                                                              \
        return (struct outcome){__##name##sf3((uint32_t)a, (uint32_t)b),                           \
                                bits_of_float(float_of(a) operator float_of(b))};                  \
    }                                                                                              \
    static struct outcome check_d_##name(uint64_t a, uint64_t b)                                   \
    {                                                                                              \
        return (struct outcome){__##name##df3(a, b),                                               \
                                bits_of_double(double_of(a) operator double_of(b))};               \
    }
ARITHMETIC(add, +)
ARITHMETIC(mul, *)
ARITHMETIC(div, /)

/* A comparison function is used by comparing its result with 0. */
#define COMPARISON(name, test, host_test)                                                          \
    int __##name##sf2(uint32_t a, uint32_t b);                                                     \
    int __##name##df2(uint64_t a, uint64_t b);                                                     \
    static struct outcome check_f_##name(uint64_t a, uint64_t b)                                   \
    {                                                                                              \
        float x = float_of(a), y = float_of(b);                                                    \
        return (struct outcome){__##name##sf2((uint32_t)a, (uint32_t)b) test, host_test};          \
    }                                                                                              \
    static struct outcome check_d_##name(uint64_t a, uint64_t b)                                   \
    {                                                                                              \
        double x = double_of(a), y = double_of(b);                                                 \
        return (struct outcome){__##name##df2(a, b) test, host_test};                              \
    }
COMPARISON(eq, == 0, x == y)
COMPARISON(ne, != 0, x != y)
COMPARISON(lt, < 0, x < y)
COMPARISON(le, <= 0, x <= y)
COMPARISON(gt, > 0, x > y)
COMPARISON(ge, >= 0, x >= y)
COMPARISON(unord, != 0, isunordered(x, y))

/* To integers: `low` < x < `high` is the range in which C defines the result. */
#define TO_INTEGER(name, integer, result, low, high)                                               \
    result __##name(integer a);                                                                    \
    static struct outcome check_##name(uint64_t a, uint64_t b)                                     \
    {                                                                                              \
        (void)b;                                                                                   \
        double x = sizeof(integer) == 4 ? float_of(a) : double_of(a);                              \
        if (!(x > low && x < high))                                                                \
            return (struct outcome){0, 0};                                                         \
        return (struct outcome){(uint64_t)__##name((integer)a), (uint64_t)(result)x};              \
    }
TO_INTEGER(fixsfsi, uint32_t, int32_t, -2147483649.0, 2147483648.0)
TO_INTEGER(fixunssfsi, uint32_t, uint32_t, -1.0, 4294967296.0)
TO_INTEGER(fixsfdi, uint32_t, int64_t, -0x1p63, 0x1p63)
TO_INTEGER(fixunssfdi, uint32_t, uint64_t, -1.0, 0x1p64)
TO_INTEGER(fixdfsi, uint64_t, int32_t, -2147483649.0, 2147483648.0)
TO_INTEGER(fixunsdfsi, uint64_t, uint32_t, -1.0, 4294967296.0)
TO_INTEGER(fixdfdi, uint64_t, int64_t, -0x1p63, 0x1p63)
TO_INTEGER(fixunsdfdi, uint64_t, uint64_t, -1.0, 0x1p64)

#define FROM_INTEGER(name, integer)                                                                \
    uint32_t __##name##sf(integer a);                                                              \
    uint64_t __##name##df(integer a);                                                              \
    static struct outcome check_##name##sf(uint64_t a, uint64_t b)                                 \
    {                                                                                              \
        (void)b;                                                                                   \
        return (struct outcome){__##name##sf((integer)a), bits_of_float((float)(integer)a)};       \
    }                                                                                              \
    static struct outcome check_##name##df(uint64_t a, uint64_t b)                                 \
    {                                                                                              \
        (void)b;                                                                                   \
        return (struct outcome){__##name##df((integer)a), bits_of_double((double)(integer)a)};     \
    }
FROM_INTEGER(floatsi, int32_t)
FROM_INTEGER(floatunsi, uint32_t)
FROM_INTEGER(floatdi, int64_t)
FROM_INTEGER(floatundi, uint64_t)

uint64_t __extendsfdf2(uint32_t a);
uint32_t __truncdfsf2(uint64_t a);

static struct outcome check_extend(uint64_t a, uint64_t b)
{
    (void)b;
    return (struct outcome){__extendsfdf2((uint32_t)a), bits_of_double(float_of(a))};
}

static struct outcome check_truncate(uint64_t a, uint64_t b)
{
    (void)b;
    return (struct outcome){__truncdfsf2(a), bits_of_float((float)double_of(a))};
}

/* ---- operands ----------------------------------------------------------------------------------
 */

enum format { FLOAT, DOUBLE, INTEGER };

static const struct {
    int fraction_bits, exponent_max, bias;
} formats[] = {[FLOAT] = {23, 255, 127}, [DOUBLE] = {52, 2047, 1023}};

/* Fractions near the ends and with long runs of equal bits, exponents near the ends, near 1 and
 * near those of the other format. */
static uint64_t random_number(uint64_t *state, enum format format)
{
    if (format == INTEGER) {
        uint64_t value = random_next(state) >> random_next(state) % 64;
        if (random_next(state) % 4 == 0)
            value &= ~UINT64_C(0) << random_next(state) % 64;
        return random_next(state) % 4 ? value : -value;
    }
    static const int centres[] = {0, 1, 2, 127, 128, 255, 873, 896, 1023, 1150, 1151, 2046, 2047};
    int bits = formats[format].fraction_bits, most = formats[format].exponent_max;
    uint64_t mask = (UINT64_C(1) << bits) - 1, fraction = random_next(state);
    uint64_t choice = random_next(state);
    if (choice % 4 == 0)
        fraction = 0;
    else if (choice % 4 == 1)
        fraction &= ~(mask >> random_next(state) % (unsigned)bits);
    else if (choice % 4 == 2)
        fraction = random_next(state) >> random_next(state) % 64;
    if (choice >> 8 & 1)
        fraction = ~fraction;
    int exponent = (int)(random_next(state) % (unsigned)(most + 1));
    if (choice >> 16 & 1)
        exponent = centres[random_next(state) % (sizeof centres / sizeof centres[0])];
    else if (choice >> 17 & 1)
        exponent = formats[format].bias + (int)(random_next(state) % 70) - 5;
    exponent = exponent > most ? most : exponent;
    return (choice >> 32 & 1) << (format == FLOAT ? 31 : 63) | (uint64_t)exponent << bits |
           (fraction & mask);
}

#define BOTH(name)                                                                                 \
    {"float " #name, FLOAT, FLOAT, check_f_##name},                                                \
    {                                                                                              \
        "double " #name, DOUBLE, DOUBLE, check_d_##name                                            \
    }
#define FROM(name)                                                                                 \
    {#name "sf", INTEGER, FLOAT, check_##name##sf},                                                \
    {                                                                                              \
#name "df", INTEGER, DOUBLE, check_##name##df                                              \
    }

static const struct row {
    const char *name;
    enum format operands, result;
    check_function *check;
} rows[] = {
    BOTH(add),
    BOTH(mul),
    BOTH(div),
    BOTH(eq),
    BOTH(ne),
    BOTH(lt),
    BOTH(le),
    BOTH(gt),
    BOTH(ge),
    BOTH(unord),
    FROM(floatsi),
    FROM(floatunsi),
    FROM(floatdi),
    FROM(floatundi),
    {"fixsfsi", FLOAT, INTEGER, check_fixsfsi},
    {"fixunssfsi", FLOAT, INTEGER, check_fixunssfsi},
    {"fixsfdi", FLOAT, INTEGER, check_fixsfdi},
    {"fixunssfdi", FLOAT, INTEGER, check_fixunssfdi},
    {"fixdfsi", DOUBLE, INTEGER, check_fixdfsi},
    {"fixunsdfsi", DOUBLE, INTEGER, check_fixunsdfsi},
    {"fixdfdi", DOUBLE, INTEGER, check_fixdfdi},
    {"fixunsdfdi", DOUBLE, INTEGER, check_fixunsdfdi},
    {"extendsfdf2", FLOAT, DOUBLE, check_extend},
    {"truncdfsf2", DOUBLE, FLOAT, check_truncate},
};

static bool is_nan(uint64_t bits, enum format format)
{
    return format == FLOAT ? isnan(float_of(bits)) : format == DOUBLE && isnan(double_of(bits));
}

START_TEST(every_bit_is_the_host_s)
{
    const struct row *row = &rows[_i];
    uint64_t state = 0x2545f4914f6cdd1du + (uint64_t)_i;
    long n = number_of_pairs();
    for (long i = 0; i < n; i++) {
        uint64_t a = random_number(&state, row->operands);
        uint64_t b = random_number(&state, row->operands);
        if (i % 8 == 0 && row->operands != INTEGER)
            b = a ^ random_next(&state) % 4; /* neighbours */
        struct outcome outcome = row->check(a, b);
        EXPECT(outcome.got == outcome.want ||
                   (is_nan(outcome.got, row->result) && is_nan(outcome.want, row->result)),
               "%s(%#" PRIx64 ", %#" PRIx64 "): got %#" PRIx64 ", want %#" PRIx64, row->name, a, b,
               outcome.got, outcome.want);
    }
}
END_TEST

/* C leaves these open; the library promises the nearest integer, and 0 for NaN. */
static const struct {
    uint32_t number;
    uint32_t int32, uint32;
    uint64_t int64, uint64;
} limits[] = {
    {0x7f800000, 0x7fffffff, 0xffffffff, INT64_MAX, UINT64_MAX}, /* infinite */
    {0xff800000, 0x80000000, 0, (uint64_t)INT64_MIN, 0},
    {0x7fc00000, 0, 0, 0, 0}, /* no number */
    {0xffc00000, 0, 0, 0, 0},
    {0x5f800000, 0x7fffffff, 0xffffffff, INT64_MAX, UINT64_MAX}, /* 2^64 */
    {0xcf000000, 0x80000000, 0, (uint64_t)INT32_MIN, 0},         /* -2^31 */
};

START_TEST(integers_out_of_range_saturate)
{
    uint32_t number = limits[_i].number;
    uint64_t wide = __extendsfdf2(number);
    ck_assert_uint_eq((uint32_t)__fixsfsi(number), limits[_i].int32);
    ck_assert_uint_eq((uint32_t)__fixdfsi(wide), limits[_i].int32);
    ck_assert_uint_eq(__fixunssfsi(number), limits[_i].uint32);
    ck_assert_uint_eq(__fixunsdfsi(wide), limits[_i].uint32);
    ck_assert((uint64_t)__fixsfdi(number) == limits[_i].int64);
    ck_assert((uint64_t)__fixdfdi(wide) == limits[_i].int64);
    ck_assert(__fixunssfdi(number) == limits[_i].uint64);
    ck_assert(__fixunsdfdi(wide) == limits[_i].uint64);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("runtime.softfloat");
    TCase *tc = tcase_create("normal");
    tcase_add_loop_test(tc, every_bit_is_the_host_s, 0, sizeof rows / sizeof rows[0]);
    tcase_add_loop_test(tc, integers_out_of_range_saturate, 0, sizeof limits / sizeof limits[0]);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
