/* SPDX-License-Identifier: MIT */
/* GEMV: product of a matrix and a vector of 32-bit elements; every tasklet has a stretch of rows.
 *   -DSDK_LOOP  the inner loop ends as the SDK's compiler ends it: a counter up to zero is tested
 * in four instructions. Inferred, as for VA: the hardware takes 24 cycles per element. */
#include "prim.h"

enum { CACHE = 256 }; /* bytes of a row or of the vector at a time */

__mram_noinit uint32_t matrix[1 << 23];
__mram_noinit uint32_t vector[1 << 12];
__mram_noinit uint32_t product[1 << 16];
__host uint32_t rows, columns;

static void add_products(uint32_t *sum, const uint32_t *row, const uint32_t *by, uint32_t count)
{
#ifdef SDK_LOOP
    uint32_t left = -count, is_end = 0;
    do {
        *sum += *row++ * *by++;
        left++;
        __asm__ volatile("move %0, 0\nsub %0, %1, %0, z" : "=&r"(is_end) : "r"(left));
    } while (is_end != 1);
#else
    for (uint32_t i = 0; i < count; i++)
        *sum += row[i] * by[i];
#endif
}

/* The products of one row, block by block. */
static void row_product(uint32_t *sum, uint32_t r, uint32_t *row, uint32_t *by)
{
    uint32_t bytes = columns * sizeof *row;
    *sum = 0;
    for (uint32_t at = 0; at < bytes; at += CACHE) {
        uint32_t length = at + CACHE >= bytes ? bytes - at : CACHE;
        mram_read((__mram_ptr uint8_t *)matrix + r * bytes + at, row, length);
        mram_read((__mram_ptr uint8_t *)vector + at, by, length);
        add_products(sum, row, by, length / sizeof *row);
    }
}

int main(void)
{
    begin();
    uint32_t *row = mem_alloc(CACHE), *by = mem_alloc(CACHE), *out = mem_alloc(8);
    uint32_t share = (rows / NR_TASKLETS + 1) & ~1u;
    uint32_t first = smaller(me() * share, rows), end = smaller(first + share, rows);
    for (uint32_t r = first; r < end; r += 2) {
        row_product(&out[0], r, row, by);
        row_product(&out[1], r + 1, row, by);
        mram_write(out, &product[r], 8);
    }
    return 0;
}
