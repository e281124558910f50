/* SPDX-License-Identifier: MIT */
/* Host side of compact.h: scatters an array, runs the kernel, puts what the DPUs kept together and
 * compares it with what the host keeps. */
#ifndef COMPACT_HOST_H
#define COMPACT_HOST_H

#include <string.h>

#include "host.h"

typedef bool keep_fn(uint64_t element, uint64_t previous);

/* Elements of `input` that are kept; `output` has room for all. */
static inline uint32_t compact_here(keep_fn *keep, const uint64_t *input, uint32_t count,
                                    uint64_t *output)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++)
        if (keep(input[i], i == 0 ? UINT64_MAX : input[i - 1]))
            output[kept++] = input[i];
    return kept;
}

/* The same on the DPUs. They keep different numbers of elements, and each is asked for its own. */
static inline uint32_t compact_there(struct job *job, const uint64_t *input, uint32_t share,
                                     uint64_t *output)
{
    uint32_t *parts = parts_of(job->size, share, job->nr_dpus), kept = 0, part, i;
    uint64_t *previous = allocate(job->nr_dpus, sizeof *previous);
    struct dpu_set_t dpu;
    for (i = 0; i < job->nr_dpus; i++)
        previous[i] = i == 0 ? UINT64_MAX : input[(size_t)i * share - 1];
    scatter(job, "n", parts, sizeof *parts);
    scatter(job, "previous_of_first", previous, sizeof *previous);
    scatter(job, "input", input, share * sizeof *input);
    launch(job);
    DPU_FOREACH (job->set, dpu) {
        DPU_ASSERT(dpu_copy_from(dpu, "kept", 0, &part, sizeof part));
        if (part > 0)
            DPU_ASSERT(dpu_copy_from(dpu, "output", 0, output + kept, part * sizeof *output));
        kept += part;
    }
    free(parts);
    free(previous);
    return kept;
}

/* Both, compared; the exit status of the program. */
static inline int check_compact(struct job *job, keep_fn *keep, const uint64_t *input,
                                uint32_t share)
{
    uint64_t *got = allocate(job->size, sizeof *got), *wanted = allocate(job->size, sizeof *wanted);
    uint32_t count = compact_here(keep, input, job->size, wanted), right = 0;
    uint32_t got_count = compact_there(job, input, share, got);
    for (uint32_t i = 0; i < count && i < got_count; i++)
        right += got[i] == wanted[i];
    if (got_count != count)
        fprintf(stderr, "%" PRIu32 " elements kept, wanted %" PRIu32 "\n", got_count, count);
    free(got);
    free(wanted);
    return finish_job(job, "kept elements", right, count) || got_count != count;
}

#endif
