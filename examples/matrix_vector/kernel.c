/* SPDX-License-Identifier: MIT */
/* y = A x: the rows of this DPU's part of A stream through WRAM, x stays there.
 *
 * The host writes A (row by row), x and the number of rows, which is even: a tasklet takes two rows
 * at a time because the smallest transfer to MRAM has eight bytes, two elements of y. */
#include <defs.h>
#include <mram.h>
#include <stdint.h>

#include "matrix_vector.h"

__mram_noinit int32_t matrix[MOST_ROWS][COLUMNS];
__mram_noinit int32_t y[MOST_ROWS];
__host int32_t x[COLUMNS];
__host uint32_t rows;

static __dma_aligned int32_t buffers[NR_TASKLETS][COLUMNS];

static int32_t row_times_x(uint32_t row)
{
    int32_t *elements = buffers[me()], sum = 0;
    mram_read(matrix[row], elements, sizeof buffers[0]);
    for (uint32_t i = 0; i < COLUMNS; i++)
        sum += elements[i] * x[i];
    return sum;
}

int main(void)
{
    for (uint32_t row = 2 * me(); row < rows; row += 2 * NR_TASKLETS) {
        __dma_aligned int32_t pair[2];
        pair[0] = row_times_x(row);
        pair[1] = row_times_x(row + 1);
        mram_write(pair, &y[row], sizeof pair);
    }
    return 0;
}
