/* SPDX-License-Identifier: MIT */
/* MRAM at any address and of any size; tasklets write neighbouring bytes at the same time. */
#include <barrier.h>
#include <memmram_utils.h>
#include <mram.h>
#include <mram_unaligned.h>
#include <string.h>

#include "check.h"

enum { BYTES = 512, AROUND = 64 };

BARRIER_INIT(all, NR_TASKLETS);

__mram_noinit uint8_t source[BYTES];
__mram_noinit uint8_t target[BYTES];
__mram_noinit uint8_t shared[NR_TASKLETS * 5 + 8];
__mram_noinit int counter[2];
static __dma_aligned uint8_t in[BYTES], want[BYTES], got[BYTES], buffer[BYTES + 16];

/* Fills source and target with random bytes; `in` is a copy of source, `want` one of target. */
static void prepare(uint32_t *state)
{
    for (int i = 0; i < BYTES; i++) {
        in[i] = (uint8_t)next_random(state);
        want[i] = (uint8_t)next_random(state);
    }
    mram_write(in, source, BYTES);
    mram_write(want, target, BYTES);
}

static void compare(void)
{
    mram_read(target, got, BYTES);
    CHECK(memcmp(got, want, BYTES) == 0);
}

static void check_copies(uint32_t *state)
{
    uint32_t size = next_random(state) % 300;
    uint32_t from = next_random(state) % AROUND, to = next_random(state) % AROUND;
    prepare(state);
    CHECK(memcmp(mram_read_unaligned(source + from, buffer, size), in + from, size) == 0);
    memset(got, 0x55, BYTES);
    CHECK(__memcpy_wm(got + to, source + from, size) == got + to);
    CHECK(memcmp(got + to, in + from, size) == 0 && got[to + size] == 0x55);
    CHECK(to == 0 || got[to - 1] == 0x55);

    __memcpy_mw(target + to, in + from, size);
    memcpy(want + to, in + from, size);
    compare();
    from = to % 8 + 16;
    mram_write_unaligned(in + from, target + to, size);
    memcpy(want + to, in + from, size);
    compare();
    from = next_random(state) % AROUND;
    __memcpy_mm(target + to, source + from, size);
    memcpy(want + to, in + from, size);
    compare();
    __memmove_mm(target + to, target + from, size);
    memmove(want + to, want + from, size);
    compare();
    __memset_mram(target + to, (int)from, size);
    memset(want + to, (int)from, size);
    compare();
    __memset_mram_8align(target + 64, 7, size & ~7u);
    memset(want + 64, 7, size & ~7u);
    compare();
}

static void increment(int *value, void *step)
{
    *value += *(int *)step;
}

static void set_bit(uint8_t *value, void *bit)
{
    *value |= (uint8_t)(1u << *(int *)bit % 8);
}

__mram float sum = 1.5f;
__mram unsigned int total = 4;

static void add_float(float *value, const float *other)
{
    *value += *other;
}

static void add_number(int *value, void *number)
{
    *value += (int)number;
}

static void check_shared(void)
{
    float half = 0.5f;
    uint8_t mine[5 + 8], *place = mine + (me() * 5) % 8;
    int step = (int)me() + 1, tasklet = (int)me();
    memset(mine, 0, sizeof mine);
    memset(mine, (int)me() + 1, sizeof mine);
    if ((uintptr_t)mine % 8)
        place = mine + (8 - (uintptr_t)mine % 8 + me() * 5) % 8;
    mram_write_unaligned(place, shared + me() * 5, 5);
    for (int i = 0; i < 4; i++)
        mram_update_int_atomic(&counter[1], increment, &step);
    mram_update_byte_atomic(&shared[NR_TASKLETS * 5], set_bit, &tasklet);
    /* as kernels write it that were made for macros */
    mram_update_int_atomic((int *)&sum, (void (*)(void *, void *))add_float, &half);
    mram_update_int_atomic((uint32_t)&total, add_number, me());
    if (me() == 3)
        mram_write_byte_atomic(&shared[NR_TASKLETS * 5 + 1], 77);
    if (me() == 4)
        mram_write_int_atomic(&counter[0], -5);
    barrier_wait(&all);
    uint8_t bytes[5 + 16 + 8];
    uint8_t *start = bytes + (8 - (uintptr_t)bytes % 8) % 8;
    uint8_t *read = mram_read_unaligned(shared + me() * 5, start, 5);
    for (int i = 0; i < 5; i++)
        CHECK(read[i] == me() + 1);
}

int main(void)
{
    static __dma_aligned int counters[2];
    static __dma_aligned uint8_t zeros[sizeof shared];
    if (me() == 0) {
        uint32_t state = 5;
        for (int i = 0; i < 40; i++)
            check_copies(&state);
        mram_write(zeros, shared, (sizeof shared + 7) & ~7u);
        mram_write(zeros, counter, 8);
    }
    barrier_wait(&all);
    check_shared();
    barrier_wait(&all);
    if (me() == 0) {
        uint8_t *read = mram_read_unaligned(&shared[NR_TASKLETS * 5], buffer, 2);
        CHECK(read[0] == 0xff && read[1] == 77);
        mram_read(counter, counters, 8);
        CHECK(sum == 1.5f + NR_TASKLETS / 2.0f);
        CHECK(total == 4 + NR_TASKLETS * (NR_TASKLETS - 1) / 2);
        CHECK(counters[0] == -5 && counters[1] == 4 * NR_TASKLETS * (NR_TASKLETS + 1) / 2);
    }
    return finish();
}
