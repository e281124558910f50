/* SPDX-License-Identifier: MIT */
/* Conditions as values are 0 or 1 whatever became of their complements.
 * expect: 152
 */
#include <stdbool.h>

__attribute__((used, aligned(8), section(".dpu_host"))) unsigned result;

static __attribute__((noinline)) unsigned twice_negated(unsigned x)
{
    return !((unsigned)!x);
}

static __attribute__((noinline)) unsigned either_or_not(int a, int b, bool *seen)
{
    bool is_less = a < b, is_odd = a & 1;
    *seen = is_less | !is_odd;
    return (unsigned)(is_less | !is_odd);
}

static __attribute__((noinline)) unsigned neither(int a, int b)
{
    return (unsigned)!((a < 3) | (b < 3)) + 2 * (unsigned)!((a < 3) ^ (b < 3)) +
           4 * (unsigned)!((a < 3) & (b < 3));
}

int main(void)
{
    bool seen;
    result = twice_negated(0) + twice_negated(5);
    for (int a = 0; a < 5; a++)
        for (int b = 0; b < 5; b++)
            result += neither(a, b) + 2 * either_or_not(a, b, &seen) + seen - seen / 2;
    return 0;
}
