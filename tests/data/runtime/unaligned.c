/* SPDX-License-Identifier: MIT */
/* Transfers of any size up to 2048 bytes between places of any alignment; nothing around them
 * changes. */
#include <memmram_utils.h>
#include <mram.h>
#include <mram_unaligned.h>
#include <string.h>

#include "check.h"

enum { MOST = 2048, AROUND = 16, BYTES = MOST + 2 * AROUND };

__mram_noinit uint8_t area[BYTES];
static __dma_aligned uint8_t want[BYTES], got[BYTES + 16], buffer[BYTES + 16];

/* Sizes around those where something changes: a word, a byte counter, a piece, the largest. */
static const uint16_t sizes[] = {0,   1,    2,    7,    8,    9,    15,   16,   17,   63,  64,
                                 65,  71,   72,   127,  248,  255,  256,  257,  264,  300, 511,
                                 513, 1023, 1024, 1025, 1999, 2039, 2040, 2041, 2047, 2048};

static void read_all(uint8_t *to)
{
    mram_read(area, to, MOST);
    mram_read(area + MOST, to + MOST, BYTES - MOST);
}

static void compare(void)
{
    read_all(got);
    CHECK(memcmp(got, want, BYTES) == 0);
}

static void fill(uint32_t *state)
{
    for (int i = 0; i < BYTES; i++)
        want[i] = (uint8_t)next_random(state);
    mram_write(want, area, MOST);
    mram_write(want + MOST, area + MOST, BYTES - MOST);
}

static void check_size(uint32_t offset, uint32_t size, uint8_t mark)
{
    CHECK(memcmp(mram_read_unaligned(area + offset, buffer, size), want + offset, size) == 0);
    uint8_t *from = buffer + offset % 8;
    memset(from, mark, size);
    mram_write_unaligned(from, area + offset, size);
    memset(want + offset, mark, size);
    compare();
    for (uint32_t other = 0; other < 8; other += 3) { /* the other side is aligned in another way */
        memset(buffer + other, mark + 1 + (int)other, size);
        memcpy(area + offset, buffer + other, size);
        memcpy(want + offset, buffer + other, size);
        memset(got, 0xee, sizeof got);
        memcpy(got + other, area + offset, size);
        CHECK(memcmp(got + other, want + offset, size) == 0 && got[other + size] == 0xee);
    }
    compare();
}

int main(void)
{
    uint32_t state = 3;
    if (me() == 0) {
        fill(&state);
        for (uint32_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
            for (uint32_t offset = i % 2; offset < 8; offset += 2)
                check_size(offset + AROUND / 2, sizes[i], (uint8_t)(i * 8 + offset));
    }
    return finish();
}
