/* SPDX-License-Identifier: MIT */
/* Binary search: for every query the index of the first key that is not smaller.
 *
 * The host writes the sorted keys, n of them, and this DPU's queries. The search halves the range
 * with single reads from MRAM until what is left fits into one transfer, then goes on in WRAM. */
#include <defs.h>
#include <mram.h>
#include <stdint.h>

enum { MOST_KEYS = 1 << 20, MOST_QUERIES = 1 << 18, BLOCK = 32 };

__mram_noinit uint64_t keys[MOST_KEYS];
__mram_noinit uint64_t queries[MOST_QUERIES];
__mram_noinit uint64_t found[MOST_QUERIES];
__host uint32_t n, nr_queries;

static __dma_aligned uint64_t buffers[NR_TASKLETS][BLOCK];

static uint32_t search_block(uint32_t first, uint32_t count, uint64_t query)
{
    const uint64_t *block = buffers[me()];
    uint32_t i = 0;
    if (count > 0)
        mram_read(&keys[first], buffers[me()], count * sizeof *block);
    while (i < count && block[i] < query)
        i++;
    return first + i;
}

/* The answer is in [low, high]. */
static uint32_t search(uint64_t query)
{
    uint32_t low = 0, high = n;
    while (high - low > BLOCK) {
        uint32_t middle = low + (high - low) / 2;
        if (keys[middle] < query) /* a DMA transfer of one key */
            low = middle + 1;
        else
            high = middle;
    }
    return search_block(low, high - low, query);
}

int main(void)
{
    for (uint32_t i = me(); i < nr_queries; i += NR_TASKLETS)
        found[i] = search(queries[i]);
    return 0;
}
