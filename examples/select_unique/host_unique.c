/* SPDX-License-Identifier: MIT */
/* Unique: of equal elements in a row the first, also when a row goes over several DPUs.
 *
 *   usage: host KERNEL [NUMBER OF DPUS [NUMBER OF ELEMENTS]] */
#include "compact_host.h"
#include "unique.h"

int main(int argc, char **argv)
{
    struct job job = start_job(argc, argv, 200003, "ELEMENTS");
    uint32_t share = share_of(job.size, job.nr_dpus, 1), state = 1;
    uint64_t *input = allocate((size_t)share * job.nr_dpus, sizeof *input), value = 0;
    for (uint32_t i = 0; i < job.size; i++) {
        value += random_number(&state) % 3 == 0 ? 1ull << 31 : 0;
        input[i] = value;
    }
    int status = check_compact(&job, is_new, input, share);
    free(input);
    return status;
}
