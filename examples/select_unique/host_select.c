/* SPDX-License-Identifier: MIT */
/* Select: the elements of an array that satisfy a condition, in order.
 *
 *   usage: host KERNEL [NUMBER OF DPUS [NUMBER OF ELEMENTS]] */
#include "compact_host.h"
#include "select.h"

int main(int argc, char **argv)
{
    struct job job = start_job(argc, argv, 200003, "ELEMENTS");
    uint32_t share = share_of(job.size, job.nr_dpus, 1), state = 1;
    uint64_t *input = allocate((size_t)share * job.nr_dpus, sizeof *input);
    for (uint32_t i = 0; i < job.size; i++)
        input[i] = (uint64_t)random_number(&state) << 24 | random_number(&state);
    int status = check_compact(&job, is_wanted, input, share);
    free(input);
    return status;
}
