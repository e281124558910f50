/* SPDX-License-Identifier: MIT */
/* Histogram of an image of 256 grey levels; works with both kernels.
 *
 *   usage: host KERNEL [NUMBER OF DPUS [NUMBER OF PIXELS]] */
#include "host.h"
#include "histogram.h"

/* Dark levels are more frequent, as in a photograph. */
static void paint(uint8_t *pixels, uint32_t count)
{
    uint32_t state = 1;
    for (uint32_t i = 0; i < count; i++)
        pixels[i] = (uint8_t)(random_number(&state) % BINS * (random_number(&state) % BINS) / BINS);
}

static uint32_t count_right(const uint32_t *histograms, uint32_t nr_dpus, const uint8_t *pixels,
                            uint32_t count)
{
    uint32_t difference[BINS] = {0}, right = 0;
    for (uint32_t i = 0; i < count; i++)
        difference[pixels[i]]++;
    for (uint32_t i = 0; i < nr_dpus * BINS; i++)
        difference[i % BINS] -= histograms[i];
    for (uint32_t i = 0; i < BINS; i++)
        right += difference[i] == 0;
    return right;
}

int main(int argc, char **argv)
{
    struct job job = start_job(argc, argv, 1000003, "PIXELS");
    uint32_t share = share_of(job.size, job.nr_dpus, 8);
    uint32_t *parts = parts_of(job.size, share, job.nr_dpus);
    uint8_t *pixels = allocate((size_t)share * job.nr_dpus, sizeof *pixels);
    uint32_t *histograms = allocate((size_t)job.nr_dpus * BINS, sizeof *histograms);
    paint(pixels, job.size);

    scatter(&job, "n", parts, sizeof *parts);
    scatter(&job, "pixels", pixels, share);
    launch(&job);
    gather(&job, "histogram", histograms, BINS * sizeof *histograms);

    uint32_t right = count_right(histograms, job.nr_dpus, pixels, job.size);
    free(parts);
    free(pixels);
    free(histograms);
    return finish_job(&job, "bins", right, BINS);
}
