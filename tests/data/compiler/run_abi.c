/* SPDX-License-Identifier: MIT */
/* The calling convention with assembly on the other side (abi_callee.S), in both directions.
 * options: tests/data/compiler/abi_callee.S
 * expect: 12
 */
#include <stdarg.h>

__attribute__((used, aligned(8), section(".dpu_host"))) unsigned result;
#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            __asm__ volatile("fault %0" : : "i"(__LINE__));                                        \
        result++;                                                                                  \
    } while (0)

struct three {
    int a, b, c;
};
int skipped_register(int a, long b, int c, long d, int e);
int ninth(int a, int b, int c, int d, int e, int f, int g, int h, int i, long j);
struct three give(int a, int b);
int take(struct three s, signed char c);
int second_of_rest(int n, ...);
int destroy(int (*f)(int), int x);
int call_all(void);

int c_many(int a, long b, int c, long d, int e, int f, int g, int h, long i)
{
    return a + 2 * (int)b + 3 * c + 4 * (int)d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * (int)i;
}

int c_rest(int n, ...)
{
    va_list list;
    va_start(list, n);
    int sum = n + va_arg(list, int);
    sum += (int)va_arg(list, long);
    va_end(list);
    return sum;
}

struct three c_give(int a)
{
    return (struct three){a, a + 1, a + 2};
}

int c_take(struct three s)
{
    return s.a + s.b + s.c;
}

long c_wide(void)
{
    return 11L << 32 | 22;
}

/* Needs more registers than a callee may destroy. */
static int busy(int x)
{
    int v[16];
    for (int i = 0; i < 16; i++)
        v[i] = x * (i + 3);
    __asm__ volatile(""
                     :
                     : "r"(v[0]), "r"(v[1]), "r"(v[2]), "r"(v[3]), "r"(v[4]), "r"(v[5]), "r"(v[6]),
                       "r"(v[7]), "r"(v[8]), "r"(v[9]), "r"(v[10]), "r"(v[11]), "r"(v[12]),
                       "r"(v[13]), "r"(v[14]), "r"(v[15]));
    return v[0] + v[15];
}

static int clobbers(int x)
{
    __asm__ volatile("move r14, 1\n\tmove r21, 2\n\tmove r8, 3" : : : "r14", "r21", "r8");
    return x;
}

int main(void)
{
    CHECK(skipped_register(1, 20, 300, 4000L << 32, 50000) == 54321);
    CHECK(ninth(0, 0, 0, 0, 0, 0, 0, 0, 9, 10) == 19);
    struct three s = give(3, 4);
    CHECK(s.a == 3 && s.b == 4 && s.c == 7);
    CHECK(take(s, -2) == 5);
    CHECK(s.c == 7);
    CHECK(second_of_rest(2, 55, 66) == 66);
    CHECK(destroy(busy, 7) == 0);
    CHECK(destroy(clobbers, 7) == 0);
    /* Values across a call that destroys all it may. */
    long wide = 0x123456789aL + result;
    int small = (int)result + 5;
    CHECK(destroy(clobbers, small) == 0);
    CHECK(wide == 0x123456789aL + 8 && small == 13);
    CHECK(call_all() == 0);
    CHECK(busy(1) == 21);
    return 0;
}
