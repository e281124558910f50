/* SPDX-License-Identifier: MIT */
/* One level of a breadth-first search: the neighbours of this DPU's vertices that are in the
 * frontier.
 *
 * The host writes the part of the graph once, and before each launch the frontier, a bit map of all
 * vertices. The kernel writes `reached`, a map too. Tasklets set bits of the same words, so each
 * word belongs to one of the mutexes of a pool. */
#include <barrier.h>
#include <defs.h>
#include <mram.h>
#include <mutex_pool.h>
#include <stdint.h>

#include "graph.h"

enum { BLOCK = 16 }; /* neighbours */

__mram_noinit uint32_t neighbours[MOST_EDGES];
__mram_noinit uint32_t first_edge[MOST_VERTICES + 2];
__host uint32_t first_vertex, vertices; /* the part of this DPU */
__host uint32_t frontier[MAP_WORDS], reached[MAP_WORDS];

BARRIER_INIT(map_cleared, NR_TASKLETS);
MUTEX_POOL_INIT(locks, 8);

static void reach(uint32_t vertex)
{
    uint32_t word = vertex / 32;
    mutex_pool_lock(&locks, word);
    reached[word] |= 1u << vertex % 32;
    mutex_pool_unlock(&locks, word);
}

/* Blocks start at even places, where a DMA transfer may start. */
static void reach_neighbours(uint32_t edge, uint32_t end)
{
    __dma_aligned uint32_t block[BLOCK];
    for (uint32_t first = edge / BLOCK * BLOCK; first < end; first += BLOCK) {
        mram_read(&neighbours[first], block, sizeof block);
        for (uint32_t i = 0; i < BLOCK; i++)
            if (first + i >= edge && first + i < end)
                reach(block[i]);
    }
}

int main(void)
{
    for (uint32_t i = me(); i < MAP_WORDS; i += NR_TASKLETS)
        reached[i] = 0;
    barrier_wait(&map_cleared);
    for (uint32_t i = me(); i < vertices; i += NR_TASKLETS)
        if (is_in(frontier, first_vertex + i))
            reach_neighbours(first_edge[i], first_edge[i + 1]);
    return 0;
}
