/* SPDX-License-Identifier: MIT */
/* VA: b = a + b, 32-bit elements.
 *   -DSDK_LOOP  the inner loop in the shape that the SDK's compiler gave it: two pointers and a
 * counter up to zero, 10 instructions. Inferred: the loop of RED is known to look like that, and
 *               the hardware takes 10.0 to 10.15 cycles per element. Ours has 8. */
#include "prim.h"

__mram_noinit int32_t a[1 << 22];
__mram_noinit int32_t b[1 << 22];
__host uint32_t bytes;

static void add(int32_t *to, const int32_t *from, uint32_t count)
{
#ifdef SDK_LOOP
    uint32_t x, y, left = -count;
    __asm__ volatile(
        ".Lelement%=:\n"
        "lw %[x], %[from], 0\n"
        "lw %[y], %[to], 0\n"
        "add %[x], %[y], %[x]\n"
        "sw %[to], 0, %[x]\n"
        "add %[left], %[left], 1\n"
        "add %[from], %[from], 4\n"
        "add %[to], %[to], 4\n"
        "move %[x], 0\n"
        "sub %[x], %[left], %[x], z\n"
        "jneq %[x], 1, .Lelement%="
        : [x] "=&r"(x), [y] "=&r"(y), [to] "+r"(to), [from] "+r"(from), [left] "+r"(left)
        :
        : "memory");
#else
    for (uint32_t i = 0; i < count; i++)
        to[i] += from[i];
#endif
}

int main(void)
{
    begin();
    int32_t *from = mem_alloc(BLOCK), *to = mem_alloc(BLOCK);
    for (uint32_t at = me() * BLOCK; at < bytes; at += NR_TASKLETS * BLOCK) {
        uint32_t length = at + BLOCK >= bytes ? bytes - at : BLOCK;
        mram_read((__mram_ptr uint8_t *)a + at, from, length);
        mram_read((__mram_ptr uint8_t *)b + at, to, length);
        add(to, from, length / sizeof *to);
        mram_write(to, (__mram_ptr uint8_t *)b + at, length);
    }
    return 0;
}
