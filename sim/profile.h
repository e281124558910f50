/* SPDX-License-Identifier: MIT */
/* What a profile keeps, for the files that write it. Private to sim/. */
#ifndef SIM_PROFILE_H
#define SIM_PROFILE_H

#include <stdio.h>

#include "waits.h"

enum {
    SIM_TIMELINE_BINS = 256,
    SIM_WINDOW_CYCLES = 256,
    SIM_MOST_WINDOWS = 20,
    SIM_MOST_WINDOW_SLICES = 16384, /* of one window */
    SIM_DMA_SIZES = 256             /* 8, 16, .. 2048 bytes */
};

/* Cycles of one instruction or call path, by tasklet and cause. */
struct sim_counts {
    uint64_t of[ISA_MAX_THREADS][SIM_CAUSE_COUNT];
};

/* A part of the run, cycle by cycle. */
struct sim_sample {
    uint64_t from, until;
    struct sim_slice *slices;
    size_t n_slices, n_slots;
    struct sim_transfer *transfers;
    size_t n_transfers, n_transfer_slots;
};

struct sim_timeline {
    uint64_t width; /* cycles of a bin, a power of two */
    uint32_t tasklet[SIM_TIMELINE_BINS][ISA_MAX_THREADS][SIM_CAUSE_COUNT];
    uint32_t engine[SIM_TIMELINE_BINS]; /* cycles in which DMA engines were busy */
    struct sim_sample sample[SIM_MOST_WINDOWS];
    unsigned n_samples;
};

struct sim_profile {
    struct sim_sink sink; /* first member */
    struct sim_dpu *dpu;
    struct sim_counts *pc[SIM_PC_ROWS]; /* NULL: never executed */
    struct sim_counts **node;           /* of SIM_MOST_NODES */
    struct sim_counts total;
    struct sim_waits *waits;
    struct sim_timeline *timeline;        /* NULL: not wanted */
    uint64_t transfers[2][SIM_DMA_SIZES]; /* reads, writes; by length */
    bool no_memory;
};

/* Sums over the tasklets. */
void sim_counts_sum(const struct sim_counts *counts, uint64_t by_cause[SIM_CAUSE_COUNT]);
/* Cycles in which a tasklet had something to do: all but stopped and drain. */
uint64_t sim_busy_cycles(const uint64_t by_cause[SIM_CAUSE_COUNT]);
/* Sums of each node of the call tree and all below it; NULL: no memory. The caller frees it. */
uint64_t (*sim_profile_inclusive(const struct sim_profile *profile))[SIM_CAUSE_COUNT];

/* timeline.c */
struct sim_timeline *sim_timeline_create(const struct sim_profile_options *options);
void sim_timeline_destroy(struct sim_timeline *timeline); /* NULL allowed */
/* False: no memory. */
bool sim_timeline_slice(struct sim_timeline *timeline, const struct sim_slice *slice);
bool sim_timeline_transfer(struct sim_timeline *timeline, const struct sim_transfer *transfer);

/* The formats. */
void sim_profile_print_text(const struct sim_profile *profile, FILE *out);
void sim_profile_print_callgrind(const struct sim_profile *profile, FILE *out);
void sim_profile_print_stacks(const struct sim_profile *profile, FILE *out);
void sim_profile_print_json(const struct sim_profile *profile, FILE *out);

#endif
