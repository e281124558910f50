/* SPDX-License-Identifier: MIT */
/* Variables and functions with the names of registers, conditions and instructions.
 * expect: 118
 */
#include <defs.h>
#include <stdint.h>
__host uint32_t result;
__host int zero = 1, id = 2, r1 = 3, d2 = 4, s0 = 5, z = 6, max = 7, move = 8, R7 = 9;
int *places[] = {&zero, &id, &r1, &d2, &s0, &z, &max, &move, &R7};

__attribute__((noinline)) int one(int k)
{
    return k + zero;
}
__attribute__((noinline)) int nz(int k)
{
    return k + z + max;
}
__attribute__((noinline)) int d0(int k)
{
    return k + move;
}

int main(void)
{
    int (*volatile f)(int) = d0;
    zero += id + r1 + d2 + s0; /* 15 */
    for (int i = 0; i < 9; i++)
        result += *places[i];                  /* 15 + 44 */
    result += one(1) + nz(1) + f(10) + R7 + 2; /* 16 + 14 + 18 + 9 + 2 */
    return 0;
}
