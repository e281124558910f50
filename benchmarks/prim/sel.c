/* SPDX-License-Identifier: MIT */
/* SEL: keeps the 64-bit elements that are odd, in order. The tasklets' counts go along a chain, so
 * each knows where to write. */
#include "prim.h"

enum { IN_BLOCK = BLOCK / sizeof(uint64_t) };

__mram_noinit uint64_t input[1 << 21];
__mram_noinit uint64_t output[1 << 21];
__host uint32_t bytes, selected;

static uint32_t chain[NR_TASKLETS]; /* elements kept in this round before this tasklet */
static uint32_t rounds_before;      /* elements kept in the rounds before */

static uint32_t select_odd(uint64_t *to, const uint64_t *from)
{
    uint32_t kept = 0;
#pragma clang loop unroll(full)
    for (uint32_t i = 0; i < IN_BLOCK; i++)
        if (from[i] % 2 != 0)
            to[kept++] = from[i];
    return kept;
}

static uint32_t hand_on(uint32_t mine)
{
    uint32_t before = 0;
    if (me() != 0) {
        handshake_wait_for(me() - 1);
        before = chain[me()];
    }
    if (me() < NR_TASKLETS - 1) {
        chain[me() + 1] = before + mine;
        handshake_notify();
    }
    return before;
}

int main(void)
{
    begin();
    uint64_t *from = mem_alloc(BLOCK), *to = mem_alloc(BLOCK);
    if (me() == 0)
        rounds_before = 0;
    barrier_wait(&everybody);
    for (uint32_t at = me() * BLOCK; at < bytes; at += NR_TASKLETS * BLOCK) {
        mram_read((__mram_ptr uint8_t *)input + at, from, BLOCK);
        uint32_t kept = select_odd(to, from), before = hand_on(kept);
        barrier_wait(&everybody);
        if (kept)
            mram_write(to, &output[rounds_before + before], kept * sizeof *to);
        barrier_wait(&everybody);
        if (me() == NR_TASKLETS - 1)
            rounds_before += before + kept;
    }
    barrier_wait(&everybody);
    if (me() == 0)
        selected = rounds_before;
    return 0;
}
