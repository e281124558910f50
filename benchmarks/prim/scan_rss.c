/* SPDX-License-Identifier: MIT */
/* SCAN-RSS: exclusive prefix sums of 64-bit elements in two launches: the DPU's sum, then, when the
 * host has said what comes before, the scan. Tasklets hand their sums on in a chain. */
#include "prim.h"

enum { IN_BLOCK = BLOCK / sizeof(uint64_t) };

__mram_noinit uint64_t input[1 << 21];
__mram_noinit uint64_t output[1 << 21];
__host uint32_t bytes, phase;
__host uint64_t before, sum; /* of the DPUs before; of this one */

static uint64_t sums[NR_TASKLETS], chain[NR_TASKLETS];

static uint64_t reduce(const uint64_t *block)
{
    uint64_t total = 0;
#pragma clang loop unroll(full)
    for (uint32_t i = 0; i < IN_BLOCK; i++)
        total += block[i];
    return total;
}

static uint64_t scan(uint64_t *to, const uint64_t *from, uint64_t carry)
{
    to[0] = carry;
#pragma clang loop unroll(full)
    for (uint32_t i = 1; i < IN_BLOCK; i++)
        to[i] = to[i - 1] + from[i - 1];
    return to[IN_BLOCK - 1] + from[IN_BLOCK - 1];
}

static void add(uint64_t *block, uint64_t carry)
{
#pragma clang loop unroll(disable)
    for (uint32_t i = 0; i < IN_BLOCK; i++)
        block[i] += carry;
}

/* The sum of what the tasklets before have in this round, and of all rounds before. */
static uint64_t hand_on(uint64_t mine)
{
    if (me() != 0)
        handshake_wait_for(me() - 1);
    uint64_t carry = chain[(me() + NR_TASKLETS - 1) % NR_TASKLETS];
    chain[me()] = carry + mine;
    if (me() < NR_TASKLETS - 1)
        handshake_notify();
    return carry;
}

static void reduce_all(uint64_t *block)
{
    uint64_t total = 0;
    for (uint32_t at = me() * BLOCK; at < bytes; at += NR_TASKLETS * BLOCK) {
        mram_read((__mram_ptr uint8_t *)input + at, block, BLOCK);
        total += reduce(block);
    }
    sums[me()] = total;
    barrier_wait(&everybody);
    if (me() != 0)
        return;
    for (uint32_t t = 1; t < NR_TASKLETS; t++)
        total += sums[t];
    sum = total;
}

static void scan_all(uint64_t *from, uint64_t *to)
{
    if (me() == NR_TASKLETS - 1)
        chain[me()] = before;
    barrier_wait(&everybody);
    for (uint32_t at = me() * BLOCK; at < bytes; at += NR_TASKLETS * BLOCK) {
        mram_read((__mram_ptr uint8_t *)input + at, from, BLOCK);
        uint64_t carry = hand_on(scan(to, from, 0));
        add(to, carry);
        mram_write(to, (__mram_ptr uint8_t *)output + at, BLOCK);
        barrier_wait(&everybody);
    }
}

int main(void)
{
    begin();
    uint64_t *from = mem_alloc(BLOCK), *to = mem_alloc(BLOCK);
    if (phase == 0)
        reduce_all(from);
    else
        scan_all(from, to);
    return 0;
}
