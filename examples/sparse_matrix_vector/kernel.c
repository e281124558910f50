/* SPDX-License-Identifier: MIT */
/* y = A x for a sparse matrix in compressed rows. The entries of a row are read one after the other
 * with a sequential reader, which fetches them by the block; the elements of x that they need are
 * anywhere in MRAM and are fetched one by one. */
#include <alloc.h>
#include <barrier.h>
#include <defs.h>
#include <mram.h>
#include <seqread.h>
#include <stdint.h>

#include "sparse.h"

__mram_noinit struct entry entries[MOST_ENTRIES];
__mram_noinit uint32_t first_entry[MOST_ROWS + 2];
__mram_noinit int32_t x[COLUMNS];
__mram_noinit int64_t y[MOST_ROWS];
__host uint32_t rows;

BARRIER_INIT(heap_empty, NR_TASKLETS);

static int64_t row_times_x(seqreader_buffer_t cache, uint32_t first, uint32_t end)
{
    seqreader_t reader;
    int64_t sum = 0;
    const struct entry *entry = seqread_init(cache, &entries[first], &reader);
    for (uint32_t i = first; i < end; i++) {
        sum += (int64_t)entry->value * x[entry->column];
        entry = seqread_get((void *)entry, sizeof *entry, &reader);
    }
    return sum;
}

int main(void)
{
    if (me() == 0)
        mem_reset();
    barrier_wait(&heap_empty);
    seqreader_buffer_t cache = seqread_alloc();
    for (uint32_t row = me(); row < rows; row += NR_TASKLETS)
        y[row] = row_times_x(cache, first_entry[row], first_entry[row + 1]);
    return 0;
}
