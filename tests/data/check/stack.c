// SPDX-License-Identifier: MIT
// Recursion in tasklet 1: each call takes 40 bytes of stack or a little more.
#include <defs.h>
#include <stdint.h>

#ifndef DEPTH
#define DEPTH 5
#endif

__host uint32_t result;

static __attribute__((noinline)) uint32_t deep(uint32_t n)
{
    volatile uint32_t words[8];
    words[n % 8] = n;
    return n ? deep(n - 1) + words[n % 8] : 0;
}

int main(void)
{
    if (me() == 1)
        result = deep(DEPTH);
    return 0;
}
