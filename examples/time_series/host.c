/* SPDX-License-Identifier: MIT */
/* Sliding window: finds a pattern in a noisy series. Every DPU tries a part of the positions, so
 * the parts of the series overlap by a window.
 *
 *   usage: host KERNEL [NUMBER OF DPUS [NUMBER OF POSITIONS]] */
#include "host.h"
#include "time_series.h"

static int32_t sample(uint32_t *state)
{
    return (int32_t)(random_number(state) % 1024) - 512;
}

/* A random series, and a disturbed copy of a piece of it. */
static void make_series(int32_t *series, uint32_t samples, int32_t *pattern)
{
    uint32_t state = 1;
    for (uint32_t i = 0; i < samples; i++)
        series[i] = sample(&state);
    for (uint32_t i = 0; i < WINDOW; i++)
        pattern[i] = series[(samples - WINDOW) / 3 * 2 + i] + sample(&state) / 32;
}

static uint32_t distance_at(const int32_t *samples, const int32_t *pattern)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < WINDOW; i++)
        sum += (uint32_t)((samples[i] - pattern[i]) * (samples[i] - pattern[i]));
    return sum;
}

static struct match find_here(const int32_t *series, uint32_t positions, const int32_t *pattern)
{
    struct match best = {0, UINT32_MAX};
    for (uint32_t i = 0; i < positions; i++) {
        uint32_t distance = distance_at(series + i, pattern);
        if (distance < best.distance)
            best = (struct match){i, distance};
    }
    return best;
}

static struct match find_there(struct job *job, const int32_t *series, uint32_t share,
                               const int32_t *pattern)
{
    uint32_t *parts = parts_of(job->size, share, job->nr_dpus);
    struct match *matches = allocate(job->nr_dpus, sizeof *matches), best = {0, UINT32_MAX};
    broadcast(job, "pattern", pattern, WINDOW * sizeof *pattern);
    scatter(job, "positions", parts, sizeof *parts);
    transfer(job, DPU_XFER_TO_DPU, "series", series, share * sizeof *series,
             (share + WINDOW) * sizeof *series);
    launch(job);
    gather(job, "best", matches, sizeof *matches);
    for (uint32_t i = 0; i < job->nr_dpus; i++)
        if (matches[i].distance < best.distance)
            best = (struct match){i * share + matches[i].position, matches[i].distance};
    free(parts);
    free(matches);
    return best;
}

int main(int argc, char **argv)
{
    struct job job = start_job(argc, argv, 20021, "POSITIONS");
    uint32_t share = share_of(job.size, job.nr_dpus, 2);
    int32_t *series = allocate((size_t)share * job.nr_dpus + WINDOW, sizeof *series);
    int32_t pattern[WINDOW];
    make_series(series, job.size + WINDOW, pattern);

    struct match got = find_there(&job, series, share, pattern);
    struct match wanted = find_here(series, job.size, pattern);
    printf("position %" PRIu32 ", distance %" PRIu32 "\n", got.position, got.distance);
    free(series);
    bool right = got.position == wanted.position && got.distance == wanted.distance;
    return finish_job(&job, "matches", right, 1);
}
