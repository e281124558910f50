/* SPDX-License-Identifier: MIT */
/* Needleman-Wunsch: the score of the best alignment of two sequences, over their whole lengths.
 *
 * A tasklet aligns one pair at a time. Of the table of scores, where row i and column j stand for
 * the first i letters of a and the first j letters of b, it keeps one row in WRAM and overwrites it
 * with the next. */
#include <defs.h>
#include <mram.h>
#include <stdint.h>

#include "alignment.h"

__mram_noinit struct pair pairs[MOST_PAIRS];
__mram_noinit int64_t scores[MOST_PAIRS];
__host uint32_t nr_pairs;

static __dma_aligned struct pair buffers[NR_TASKLETS];
static int32_t rows[NR_TASKLETS][LENGTH + 1];

static inline int32_t larger(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/* Turns the row before this letter of a into the row after it. */
static void next_row(int32_t *row, char letter, const char *b)
{
    int32_t diagonal = row[0]; /* of the row before, one column to the left */
    row[0] += GAP;
    for (uint32_t j = 1; j <= LENGTH; j++) {
        int32_t paired = diagonal + (b[j - 1] == letter ? MATCH : MISMATCH);
        diagonal = row[j];
        row[j] = larger(paired, larger(row[j], row[j - 1]) + GAP);
    }
}

static int32_t align(const struct pair *pair)
{
    int32_t *row = rows[me()];
    for (int32_t j = 0; j <= LENGTH; j++)
        row[j] = j * GAP;
    for (uint32_t i = 0; i < LENGTH; i++)
        next_row(row, pair->a[i], pair->b);
    return row[LENGTH];
}

int main(void)
{
    for (uint32_t i = me(); i < nr_pairs; i += NR_TASKLETS) {
        mram_read(&pairs[i], &buffers[me()], sizeof buffers[0]);
        scores[i] = align(&buffers[me()]);
    }
    return 0;
}
