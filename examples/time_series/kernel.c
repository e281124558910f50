/* SPDX-License-Identifier: MIT */
/* Sliding window: the position in a series of samples where a pattern fits best.
 *
 * The host writes the pattern, the number of positions to try, and one window more of samples than
 * positions. Tasklets try blocks of positions and merge their best match under a mutex; of equal
 * matches the first counts. */
#include <barrier.h>
#include <defs.h>
#include <mram.h>
#include <mutex.h>
#include <stdbool.h>
#include <stdint.h>

#include "time_series.h"

enum { BLOCK = 64 }; /* positions */

__mram_noinit int32_t series[MOST + WINDOW];
__host int32_t pattern[WINDOW];
__host uint32_t positions;
__host struct match best;

static __dma_aligned int32_t buffers[NR_TASKLETS][BLOCK + WINDOW];

MUTEX_INIT(best_lock);
BARRIER_INIT(best_cleared, NR_TASKLETS);

static bool is_better(struct match a, struct match b)
{
    return a.distance < b.distance || (a.distance == b.distance && a.position < b.position);
}

static uint32_t distance_at(const int32_t *samples)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < WINDOW; i++) {
        int32_t difference = samples[i] - pattern[i];
        sum += (uint32_t)(difference * difference);
    }
    return sum;
}

static struct match best_of_block(uint32_t first, struct match mine)
{
    mram_read(&series[first], buffers[me()], sizeof buffers[0]);
    for (uint32_t i = 0; i < BLOCK && first + i < positions; i++) {
        struct match here = {first + i, distance_at(&buffers[me()][i])};
        if (is_better(here, mine))
            mine = here;
    }
    return mine;
}

int main(void)
{
    struct match mine = {UINT32_MAX, UINT32_MAX};
    if (me() == 0)
        best = mine;
    barrier_wait(&best_cleared);
    for (uint32_t first = me() * BLOCK; first < positions; first += NR_TASKLETS * BLOCK)
        mine = best_of_block(first, mine);
    mutex_lock(best_lock);
    if (is_better(mine, best))
        best = mine;
    mutex_unlock(best_lock);
    return 0;
}
