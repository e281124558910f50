// SPDX-License-Identifier: MIT
// Transfers of sizes that the program computes, all right.
#include <mram.h>
#include <stdint.h>

__mram uint8_t far[4096];
__dma_aligned uint8_t near[2048];
__host uint32_t n;

static void copy(uint32_t bytes)
{
    for (uint32_t at = 0; at < bytes; at += sizeof near) {
        uint32_t rest = bytes - at;
        mram_read(far + at, near, rest < sizeof near ? rest : sizeof near);
        mram_write(near, far + at, rest < sizeof near ? rest : sizeof near);
    }
}

int main(void)
{
    mram_read(far, near, n & ~7u);
    mram_read(far, near, (n + 7) & ~7u);
    mram_read(far, near, (n / 2) * 8);
    mram_read(far, near, n * 8 + 8);
    for (uint32_t size = 8; size <= sizeof near; size *= 2)
        mram_write(near, far, size);
    copy(n * 16);
    copy(4096);
    return 0;
}
