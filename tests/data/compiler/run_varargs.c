/* SPDX-License-Identifier: MIT */
/* Variable arguments of every size, structures by value and as results, many arguments.
 * expect: 1207
 */
#include <stdarg.h>

__attribute__((used, aligned(8), section(".dpu_host"))) unsigned result;
struct pair {
    int first;
    long second;
};
struct byte {
    char c;
};

static __attribute__((noinline)) long sum(int n, const char *kinds, ...)
{
    va_list list, copy;
    long total = 0;
    va_start(list, kinds);
    va_copy(copy, list);
    for (int i = 0; i < n; i++)
        switch (kinds[i]) {
        case 'i':
            total += va_arg(list, int);
            break;
        case 'l':
            total += va_arg(list, long);
            break;
        case 'p':
            total += va_arg(list, struct pair).second;
            break;
        case 'd':
            total += (long)va_arg(list, double);
            break;
        }
    total += va_arg(copy, int);
    va_end(copy);
    va_end(list);
    return total;
}

static __attribute__((noinline)) struct pair swap(struct pair p, struct byte b)
{
    struct pair out = {(int)p.second + b.c, p.first};
    return out;
}

static __attribute__((noinline)) int many(int a, long b, int c, long d, int e, int f, int g, int h,
                                          long i, int j, signed char k, unsigned short l)
{
    return a + (int)b * 2 + c * 3 + (int)d * 4 + e * 5 + f * 6 + g * 7 + h * 8 + (int)i * 9 +
           j * 10 + k * 11 + l * 12;
}

int main(void)
{
    struct pair p = {5, 7};
    struct byte b = {3};
    struct pair q = swap(p, b);
    result = (unsigned)sum(6, "iliipd", 1, 20L, 3, 4, p, 2.75); /* 38 */
    result += (unsigned)(q.first * 10 + q.second);              /* 105 */
    result += (unsigned)many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, -11, 150) - 1000;
    return 0;
}
