/* SPDX-License-Identifier: MIT */
/* vector_add.S in C: c = a + b, block by block through WRAM, by all tasklets.
 *
 * The host writes a, b and n (elements) and reads c and `blocks`, the number of blocks that each
 * tasklet did. Tasklet t takes blocks t, t + NR_TASKLETS, ... */
#include <barrier.h>
#include <defs.h>
#include <mram.h>
#include <stdint.h>
#include <stdio.h>

enum { MOST = 262144, BLOCK = 128 }; /* elements: of a vector, of a block */

__mram_noinit uint32_t a[MOST], b[MOST], c[MOST];
__host uint32_t n, blocks[NR_TASKLETS], total;

static __dma_aligned uint32_t buffers[NR_TASKLETS][2][BLOCK];

BARRIER_INIT(all_done, NR_TASKLETS);

static void add_block(uint32_t first, uint32_t *x, uint32_t *y)
{
    mram_read(&a[first], x, BLOCK * sizeof *x);
    mram_read(&b[first], y, BLOCK * sizeof *y);
    for (uint32_t i = 0; i < BLOCK; i++)
        x[i] += y[i];
    mram_write(x, &c[first], BLOCK * sizeof *x);
}

int main(void)
{
    uint32_t done = 0;
    for (uint32_t first = me() * BLOCK; first < n; first += NR_TASKLETS * BLOCK) {
        add_block(first, buffers[me()][0], buffers[me()][1]);
        done++;
    }
    blocks[me()] = done;
    barrier_wait(&all_done);
    if (me() == 0) {
        total = 0;
        for (uint32_t i = 0; i < NR_TASKLETS; i++)
            total += blocks[i];
        printf("vector_add: %u blocks done\n", total);
    }
    return 0;
}
