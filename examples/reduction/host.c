/* SPDX-License-Identifier: MIT */
/* The sum of an array: every DPU adds up its part, the host adds the sums.
 *
 *   usage: host KERNEL [NUMBER OF DPUS [NUMBER OF ELEMENTS]] */
#include "host.h"

int main(int argc, char **argv)
{
    struct job job = start_job(argc, argv, 1000003, "ELEMENTS");
    uint32_t share = share_of(job.size, job.nr_dpus, 2), state = 1;
    uint32_t *parts = parts_of(job.size, share, job.nr_dpus);
    uint32_t *numbers = allocate((size_t)share * job.nr_dpus, sizeof *numbers);
    uint64_t *sums = allocate(job.nr_dpus, sizeof *sums), sum = 0, wanted = 0;
    for (uint32_t i = 0; i < job.size; i++)
        wanted += numbers[i] = random_number(&state) << 8;

    scatter(&job, "n", parts, sizeof *parts);
    scatter(&job, "numbers", numbers, share * sizeof *numbers);
    launch(&job);
    gather(&job, "sum", sums, sizeof *sums);

    for (uint32_t i = 0; i < job.nr_dpus; i++)
        sum += sums[i];
    printf("sum %" PRIu64 "\n", sum);
    free(parts);
    free(numbers);
    free(sums);
    return finish_job(&job, "sums", sum == wanted, 1);
}
