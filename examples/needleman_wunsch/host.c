/* SPDX-License-Identifier: MIT */
/* Needleman-Wunsch: aligns many pairs of sequences, a part of the pairs on every DPU.
 *
 *   usage: host KERNEL [NUMBER OF DPUS [NUMBER OF PAIRS]] */
#include "host.h"
#include "alignment.h"

/* b is a with some letters changed, left out or added. */
static void make_pair(struct pair *pair, uint32_t *state)
{
    uint32_t from = 0;
    for (uint32_t i = 0; i < LENGTH; i++)
        pair->a[i] = "ACGT"[random_number(state) % 4];
    for (uint32_t i = 0; i < LENGTH; i++) {
        uint32_t event = random_number(state) % 16;
        from += event == 0 ? 2 : event != 1;
        pair->b[i] =
            event <= 2 || from >= LENGTH ? "ACGT"[random_number(state) % 4] : pair->a[from];
    }
}

static int32_t larger(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/* The textbook's whole table. */
static int32_t align_here(const struct pair *pair)
{
    static int32_t score[LENGTH + 1][LENGTH + 1];
    for (int32_t i = 0; i <= LENGTH; i++)
        for (int32_t j = 0; j <= LENGTH; j++) {
            if (i == 0 || j == 0) {
                score[i][j] = (i + j) * GAP;
                continue;
            }
            int32_t paired = pair->a[i - 1] == pair->b[j - 1] ? MATCH : MISMATCH;
            int32_t gap = larger(score[i - 1][j], score[i][j - 1]) + GAP;
            score[i][j] = larger(score[i - 1][j - 1] + paired, gap);
        }
    return score[LENGTH][LENGTH];
}

int main(int argc, char **argv)
{
    struct job job = start_job(argc, argv, 151, "PAIRS");
    uint32_t share = share_of(job.size, job.nr_dpus, 1), state = 1, right = 0;
    uint32_t *parts = parts_of(job.size, share, job.nr_dpus);
    struct pair *pairs = allocate((size_t)share * job.nr_dpus, sizeof *pairs);
    int64_t *scores = allocate((size_t)share * job.nr_dpus, sizeof *scores);
    for (uint32_t i = 0; i < job.size; i++)
        make_pair(&pairs[i], &state);

    scatter(&job, "nr_pairs", parts, sizeof *parts);
    scatter(&job, "pairs", pairs, share * sizeof *pairs);
    launch(&job);
    gather(&job, "scores", scores, share * sizeof *scores);

    for (uint32_t i = 0; i < job.size; i++)
        right += scores[i] == align_here(&pairs[i]);
    free(parts);
    free(pairs);
    free(scores);
    return finish_job(&job, "scores", right, job.size);
}
