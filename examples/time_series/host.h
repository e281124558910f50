/* SPDX-License-Identifier: MIT */
/* What the host programs of the examples have in common: their arguments, random input, a part of
 * every array for each DPU, and the verdict. Only calls of the SDK that every program needs. The
 * file is the same in every folder, so that each folder can be copied alone. */
#ifndef HOST_H
#define HOST_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <dpu.h>

struct job {
    struct dpu_set_t set;
    uint32_t nr_dpus;
    uint32_t size; /* of the problem: elements, rows, ... */
};

static inline uint32_t number_argument(int argc, char **argv, int i, uint32_t otherwise)
{
    unsigned long number = argc > i ? strtoul(argv[i], NULL, 0) : otherwise;
    if (number == 0 || number > UINT32_MAX) {
        fprintf(stderr, "%s: argument %d is '%s', wanted a number from 1\n", argv[0], i, argv[i]);
        exit(2);
    }
    return (uint32_t)number;
}

/* Reads "host KERNEL [NUMBER OF DPUS [SIZE]]", allocates the DPUs and loads the kernel. */
static inline struct job start_job(int argc, char **argv, uint32_t usual_size, const char *unit)
{
    struct job job;
    if (argc < 2 || argc > 4) {
        fprintf(stderr, "usage: %s KERNEL [NUMBER OF DPUS [NUMBER OF %s]]\n", argv[0], unit);
        exit(2);
    }
    job.size = number_argument(argc, argv, 3, usual_size);
    DPU_ASSERT(dpu_alloc(number_argument(argc, argv, 2, 4), NULL, &job.set));
    DPU_ASSERT(dpu_load(job.set, argv[1], NULL));
    DPU_ASSERT(dpu_get_nr_dpus(job.set, &job.nr_dpus));
    return job;
}

/* Prints how much is right and frees the DPUs; returns the exit status of the program. */
static inline int finish_job(struct job *job, const char *what, uint32_t right, uint32_t count)
{
    printf("%" PRIu32 " DPUs: %" PRIu32 " of %" PRIu32 " %s right\n", job->nr_dpus, right, count,
           what);
    DPU_ASSERT(dpu_free(job->set));
    return right == count ? 0 : 1;
}

/* Zeroed memory for an array that is as long for every DPU. */
static inline void *allocate(size_t count, size_t element_bytes)
{
    void *memory = calloc(count ? count : 1, element_bytes);
    if (memory == NULL) {
        fprintf(stderr, "no memory for %zu elements of %zu bytes\n", count, element_bytes);
        exit(1);
    }
    return memory;
}

/* The same numbers in every run. */
static inline uint32_t random_number(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* How many of `total` elements each DPU gets room for: equal, and a multiple of `unit` so that the
 * bytes are a multiple of eight. The last DPUs may be left with fewer, or none: see part_of. */
static inline uint32_t share_of(uint32_t total, uint32_t nr_dpus, uint32_t unit)
{
    uint32_t share = (total + nr_dpus - 1) / nr_dpus;
    return (share + unit - 1) / unit * unit;
}

static inline uint32_t part_of(uint32_t total, uint32_t share, uint32_t dpu)
{
    uint64_t first = (uint64_t)share * dpu;
    if (first >= total)
        return 0;
    return total - first < share ? (uint32_t)(total - first) : share;
}

/* The parts of all DPUs. */
static inline uint32_t *parts_of(uint32_t total, uint32_t share, uint32_t nr_dpus)
{
    uint32_t *parts = allocate(nr_dpus, sizeof *parts);
    for (uint32_t i = 0; i < nr_dpus; i++)
        parts[i] = part_of(total, share, i);
    return parts;
}

/* `bytes` bytes for, or from, every DPU: DPU i has its part at data + i * stride. */
static inline void transfer(struct job *job, dpu_xfer_t direction, const char *symbol,
                            const void *data, size_t stride, size_t bytes)
{
    struct dpu_set_t dpu;
    uint32_t i;
    DPU_FOREACH (job->set, dpu, i) {
        DPU_ASSERT(dpu_prepare_xfer(dpu, (char *)data + i * stride));
    }
    DPU_ASSERT(dpu_push_xfer(job->set, direction, symbol, 0, bytes, DPU_XFER_DEFAULT));
}

static inline void scatter(struct job *job, const char *symbol, const void *data, size_t bytes)
{
    transfer(job, DPU_XFER_TO_DPU, symbol, data, bytes, bytes);
}

static inline void gather(struct job *job, const char *symbol, void *data, size_t bytes)
{
    transfer(job, DPU_XFER_FROM_DPU, symbol, data, bytes, bytes);
}

/* The same bytes for every DPU. */
static inline void broadcast(struct job *job, const char *symbol, const void *data, size_t bytes)
{
    DPU_ASSERT(dpu_broadcast_to(job->set, symbol, 0, data, bytes, DPU_XFER_DEFAULT));
}

static inline void launch(struct job *job)
{
    DPU_ASSERT(dpu_launch(job->set, DPU_SYNCHRONOUS));
}

#endif
