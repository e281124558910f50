/* SPDX-License-Identifier: MIT */
/* Prefix sums over all DPUs: sums of the parts, then the prefix sums from the right start.
 *
 *   usage: host KERNEL [NUMBER OF DPUS [NUMBER OF ELEMENTS]] */
#include "host.h"

static void run(struct job *job, uint32_t scanning)
{
    broadcast(job, "scanning", &scanning, sizeof scanning);
    launch(job);
}

static uint32_t count_right(const uint32_t *got, const uint32_t *numbers, uint32_t count)
{
    uint32_t sum = 0, right = 0;
    for (uint32_t i = 0; i < count; i++)
        right += got[i] == (sum += numbers[i]);
    return right;
}

int main(int argc, char **argv)
{
    struct job job = start_job(argc, argv, 500009, "ELEMENTS");
    uint32_t share = share_of(job.size, job.nr_dpus, 2), state = 1;
    uint32_t *parts = parts_of(job.size, share, job.nr_dpus);
    uint32_t *numbers = allocate((size_t)share * job.nr_dpus, sizeof *numbers);
    uint32_t *got = allocate((size_t)share * job.nr_dpus, sizeof *got);
    uint32_t *totals = allocate(job.nr_dpus, sizeof *totals);
    uint32_t *bases = allocate(job.nr_dpus, sizeof *bases);
    for (uint32_t i = 0; i < job.size; i++)
        numbers[i] = random_number(&state);

    scatter(&job, "n", parts, sizeof *parts);
    scatter(&job, "numbers", numbers, share * sizeof *numbers);
    run(&job, 0);
    gather(&job, "total", totals, sizeof *totals);
    for (uint32_t i = 1; i < job.nr_dpus; i++)
        bases[i] = bases[i - 1] + totals[i - 1];
    scatter(&job, "base", bases, sizeof *bases);
    run(&job, 1);
    gather(&job, "numbers", got, share * sizeof *got);

    uint32_t right = count_right(got, numbers, job.size);
    free(parts);
    free(numbers);
    free(got);
    free(totals);
    free(bases);
    return finish_job(&job, "prefix sums", right, job.size);
}
