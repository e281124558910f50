/* SPDX-License-Identifier: MIT */
/* What a profile remembers about time, in bounded memory: the whole run in bins whose width doubles
 * when they do not suffice, and samples cycle by cycle at the start, at cycle 1024 and at every
 * power of four from there, because nobody knows beforehand how long a run is. */
#include <stdlib.h>

#include "profile.h"

#define FIRST_SAMPLE UINT64_C(1024)

static void add_sample(struct sim_timeline *timeline, uint64_t from, uint64_t until)
{
    timeline->sample[timeline->n_samples++] = (struct sim_sample){.from = from, .until = until};
}

struct sim_timeline *sim_timeline_create(const struct sim_profile_options *options)
{
    struct sim_timeline *timeline = calloc(1, sizeof *timeline);
    if (!timeline)
        return NULL;
    timeline->width = 1;
    if (options->window_until > options->window_from)
        add_sample(timeline, options->window_from, options->window_until);
    add_sample(timeline, 0, SIM_WINDOW_CYCLES);
    for (uint64_t from = FIRST_SAMPLE; timeline->n_samples < SIM_MOST_WINDOWS; from *= 4)
        add_sample(timeline, from, from + SIM_WINDOW_CYCLES);
    return timeline;
}

void sim_timeline_destroy(struct sim_timeline *timeline)
{
    if (!timeline)
        return;
    for (unsigned i = 0; i < timeline->n_samples; i++) {
        free(timeline->sample[i].slices);
        free(timeline->sample[i].transfers);
    }
    free(timeline);
}

/* ---- bins ----------------------------------------------------------------------------------- */

static void widen(struct sim_timeline *timeline)
{
    for (unsigned bin = 0; bin < SIM_TIMELINE_BINS; bin++) {
        unsigned to = bin / 2;
        uint32_t engine = timeline->engine[bin];
        timeline->engine[bin] = 0;
        timeline->engine[to] += engine;
        for (unsigned i = 0; i < ISA_MAX_THREADS; i++)
            for (unsigned cause = 0; cause < SIM_CAUSE_COUNT; cause++) {
                uint32_t cycles = timeline->tasklet[bin][i][cause];
                timeline->tasklet[bin][i][cause] = 0;
                timeline->tasklet[to][i][cause] += cycles;
            }
    }
    timeline->width *= 2;
}

/* The cycles of [*from, until) that fall into the first bin they reach; moves *from behind it. */
static uint32_t take_bin(struct sim_timeline *timeline, uint64_t *from, uint64_t until,
                         uint64_t *bin)
{
    *bin = *from / timeline->width;
    uint64_t end = (*bin + 1) * timeline->width, start = *from;
    *from = end < until ? end : until;
    return (uint32_t)(*from - start);
}

static void make_room(struct sim_timeline *timeline, uint64_t until)
{
    while (until > SIM_TIMELINE_BINS * timeline->width)
        widen(timeline);
}

/* ---- samples -------------------------------------------------------------------------------- */

static bool grow(void **array, size_t count, size_t *slots, size_t size)
{
    if (count < *slots)
        return true;
    size_t more = *slots ? 2 * *slots : 64;
    void *grown = realloc(*array, more * size);
    if (!grown)
        return false;
    *array = grown;
    *slots = more;
    return true;
}

static bool overlaps(const struct sim_sample *sample, uint64_t from, uint64_t until)
{
    return from < sample->until && until > sample->from;
}

static bool sample_slice(struct sim_sample *sample, const struct sim_slice *slice)
{
    void *array = sample->slices;
    if (sample->n_slices == SIM_MOST_WINDOW_SLICES)
        return true;
    if (!grow(&array, sample->n_slices, &sample->n_slots, sizeof *slice))
        return false;
    sample->slices = array;
    sample->slices[sample->n_slices++] = *slice;
    return true;
}

static bool sample_transfer(struct sim_sample *sample, const struct sim_transfer *transfer)
{
    void *array = sample->transfers;
    if (sample->n_transfers == SIM_MOST_WINDOW_SLICES)
        return true;
    if (!grow(&array, sample->n_transfers, &sample->n_transfer_slots, sizeof *transfer))
        return false;
    sample->transfers = array;
    sample->transfers[sample->n_transfers++] = *transfer;
    return true;
}

bool sim_timeline_slice(struct sim_timeline *timeline, const struct sim_slice *slice)
{
    uint64_t from = slice->from_cycle, until = from + slice->cycles, bin;
    bool ok = true;
    make_room(timeline, until);
    while (from < until) {
        uint32_t cycles = take_bin(timeline, &from, until, &bin);
        timeline->tasklet[bin][slice->tasklet][slice->cause] += cycles;
    }
    for (unsigned i = 0; i < timeline->n_samples; i++)
        if (overlaps(&timeline->sample[i], slice->from_cycle, until))
            ok &= sample_slice(&timeline->sample[i], slice);
    return ok;
}

bool sim_timeline_transfer(struct sim_timeline *timeline, const struct sim_transfer *transfer)
{
    uint64_t from = transfer->start_cycle, until = transfer->end_cycle, bin;
    bool ok = true;
    make_room(timeline, until);
    while (from < until) {
        uint32_t cycles = take_bin(timeline, &from, until, &bin);
        timeline->engine[bin] += cycles;
    }
    for (unsigned i = 0; i < timeline->n_samples; i++)
        if (overlaps(&timeline->sample[i], transfer->request_cycle, transfer->end_cycle))
            ok &= sample_transfer(&timeline->sample[i], transfer);
    return ok;
}
