/* SPDX-License-Identifier: MIT */
/* Transposition of a matrix, tile by tile: a tile is read row by row, turned over in WRAM and
 * written row by row, so that every transfer has 64 bytes and none has one element.
 *
 * The host writes `input`, rows x COLUMNS, and the number of rows, a multiple of TILE; it reads
 * `output`, COLUMNS x rows. */
#include <defs.h>
#include <mram.h>
#include <stdint.h>

#include "transposition.h"

__mram_noinit uint32_t input[MOST], output[MOST];
__host uint32_t rows;

typedef uint32_t tile_rows[TILE][TILE];
static __dma_aligned tile_rows tiles[NR_TASKLETS];

static void read_tile(tile_rows tile, uint32_t row, uint32_t column)
{
    for (uint32_t i = 0; i < TILE; i++)
        mram_read(&input[(row + i) * COLUMNS + column], tile[i], sizeof tile[i]);
}

static void write_tile(tile_rows tile, uint32_t row, uint32_t column)
{
    for (uint32_t i = 0; i < TILE; i++)
        mram_write(tile[i], &output[(row + i) * rows + column], sizeof tile[i]);
}

static void turn_over(tile_rows tile)
{
    for (uint32_t i = 0; i < TILE; i++)
        for (uint32_t j = 0; j < i; j++) {
            uint32_t element = tile[i][j];
            tile[i][j] = tile[j][i];
            tile[j][i] = element;
        }
}

int main(void)
{
    uint32_t tiles_in_row = COLUMNS / TILE, nr_tiles = rows / TILE * tiles_in_row;
    for (uint32_t i = me(); i < nr_tiles; i += NR_TASKLETS) {
        uint32_t row = i / tiles_in_row * TILE, column = i % tiles_in_row * TILE;
        read_tile(tiles[me()], row, column);
        turn_over(tiles[me()]);
        write_tile(tiles[me()], column, row);
    }
    return 0;
}
