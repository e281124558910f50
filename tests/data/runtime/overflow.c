/* SPDX-License-Identifier: MIT */
/* Products that overflow, powers, complex numbers, atomics of C11. */
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "check.h"

static volatile int small = 46341, minus_one = -1;
static volatile long large = 3037000500, least = LONG_MIN;
static volatile double two = 2, half = 0.5;
static _Atomic int counter;
static _Atomic long wide;

static void check_products(void)
{
    int product;
    long long_product;
    CHECK(__builtin_mul_overflow(small, small, &product));
    CHECK(!__builtin_mul_overflow(small, small - 1, &product) && product == 46341 * 46340);
    CHECK(__builtin_mul_overflow(large, large, &long_product));
    CHECK(!__builtin_mul_overflow(large, large - 1, &long_product));
    CHECK(long_product == 3037000500 * 3037000499);
    CHECK(__builtin_mul_overflow(least, (long)minus_one, &long_product));
    CHECK(__builtin_mul_overflow((long)minus_one, least, &long_product));
    CHECK(!__builtin_mul_overflow((long)minus_one, least + 1, &long_product));
}

static void check_powers(void)
{
    CHECK(__builtin_powi(two, 10) == 1024);
    CHECK(__builtin_powi(two, -3) == 0.125);
    CHECK(__builtin_powif((float)half, 2) == 0.25f);
}

int main(void)
{
    for (int i = 0; i < 10; i++) {
        counter++;
        wide += 1L << 33;
    }
    if (me() == 0) {
        check_products();
        check_powers();
        int expected = 12345;
        CHECK(!__c11_atomic_compare_exchange_strong(&counter, &expected, 1, __ATOMIC_SEQ_CST,
                                                    __ATOMIC_SEQ_CST));
        CHECK(expected != 12345);
        while (counter != 10 * NR_TASKLETS || wide != 10L * NR_TASKLETS << 33)
            ;
        CHECK(__c11_atomic_exchange(&counter, 7, __ATOMIC_SEQ_CST) == 10 * NR_TASKLETS);
        CHECK(counter == 7);
    }
    return finish();
}
