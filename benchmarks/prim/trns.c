/* SPDX-License-Identifier: MIT */
/* TRNS: transposition of tiles in two launches: inside every tile of TILE_ROWS x TILE_COLUMNS
 * 64-bit elements, in WRAM; then the tiles' rows among each other, in place, by following the
 * cycles of the permutation. A bit in MRAM says what has moved; bits are taken under a mutex. */
#include "prim.h"

#include <mutex.h>
#include <string.h>

enum { ROWS = 4, COLUMNS = 8, TILE = ROWS * COLUMNS * 8, ROW = ROWS * 8 };

__mram_noinit uint64_t matrix[1 << 21]; /* tiles x ROWS x COLUMNS */
__mram_noinit uint8_t done[1 << 20];    /* a byte per eight rows of tiles, cleared by the host */
__host uint32_t tiles, phase;

MUTEX_INIT(marks);

static void transpose_tiles(void)
{
    uint64_t *from = mem_alloc(TILE), *to = mem_alloc(TILE);
    for (uint32_t tile = me(); tile < tiles; tile += NR_TASKLETS) {
        __mram_ptr uint64_t *where = &matrix[tile * ROWS * COLUMNS];
        mram_read(where, from, TILE);
        for (uint32_t r = 0; r < ROWS; r++)
            for (uint32_t c = 0; c < COLUMNS; c++)
                to[c * ROWS + r] = from[r * COLUMNS + c];
        mram_write(to, where, TILE);
    }
}

/* What the row holds, and whether somebody has moved another row there already; `claim`: from now
 * on somebody has. */
static bool look_at(uint32_t row, uint64_t *holds, bool claim, uint8_t *cache)
{
    __mram_ptr uint8_t *where = &done[row / 64 * 8];
    uint8_t bit = (uint8_t)(1 << row % 8);
    mutex_lock(marks);
    mram_read(&matrix[row * ROWS], holds, ROW);
    mram_read(where, cache, 8);
    bool was = (cache[row / 8 % 8] & bit) != 0;
    if (claim && !was) {
        cache[row / 8 % 8] |= bit;
        mram_write(cache, where, 8);
    }
    mutex_unlock(marks);
    return was;
}

static void move_rows(void)
{
    uint64_t *carried = mem_alloc(ROW), *found = mem_alloc(ROW);
    uint8_t *cache = mem_alloc(8);
    uint32_t last = tiles * COLUMNS - 1;
    for (uint32_t start = me(); start <= last; start += NR_TASKLETS) {
        if (look_at(start, carried, false, cache))
            continue;
        uint32_t row = start == last ? last : start * tiles % last;
        while (!look_at(row, found, true, cache)) {
            mram_write(carried, &matrix[row * ROWS], ROW);
            memcpy(carried, found, ROW);
            row = row == last ? last : row * tiles % last;
        }
    }
}

int main(void)
{
    begin();
    if (phase == 0)
        transpose_tiles();
    else
        move_rows();
    return 0;
}
