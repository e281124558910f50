/* SPDX-License-Identifier: MIT */
/* The estimated time line of the calls on a set: transfers, loads and launches, each with the time
 * that it would take on a server (sim_host_seconds), and kernels with the time of the slowest DPU
 * as simulated. Off until the environment, the profile or the program asks for it; it changes
 * nothing else. The order is that of the calls in the thread that makes them; what callbacks call
 * comes at their place, rank by rank, so that the host's threads show in no result. A call takes
 * the ranks of its set for its time, and the host too when it waits; a rank does one thing after
 * another. */
#include "timeline.h"

#include <stdlib.h>
#include <string.h>

#include "registry.h"

/* What a record stands for besides the phases that users see. */
enum step { STEP_CALL, STEP_WAIT, STEP_CALLBACK };

struct record {
    enum step step;
    bool waits;  /* the host does */
    bool beside; /* what the ranks do */
    struct dpusim_timeline_entry entry;
    double each_s; /* of one of its calls */
    double kernel_s;
    struct drv_place place;
};

struct drv_timeline {
    pthread_mutex_t lock;
    struct record *records;
    size_t count, room;
    uint64_t next; /* number of the next call that is made outside of callbacks */
};

static _Thread_local struct drv_place *inside; /* of the callback that this thread runs */

/* ---- recording ------------------------------------------------------------------------------- */

struct drv_timeline *drv_timeline_create(void)
{
    struct drv_timeline *timeline = calloc(1, sizeof *timeline);
    if (timeline)
        pthread_mutex_init(&timeline->lock, NULL);
    return timeline;
}

void drv_timeline_destroy(struct drv_timeline *timeline)
{
    if (!timeline)
        return;
    pthread_mutex_destroy(&timeline->lock);
    free(timeline->records);
    free(timeline);
}

void drv_timeline_restart(struct drv_timeline *timeline)
{
    pthread_mutex_lock(&timeline->lock);
    timeline->count = 0;
    pthread_mutex_unlock(&timeline->lock);
}

struct drv_place *drv_timeline_enter(struct drv_place *place)
{
    struct drv_place *outer = inside;
    inside = place;
    return outer;
}

static struct drv_place next_place(struct drv_timeline *timeline)
{
    if (!inside)
        return (struct drv_place){.call = timeline->next++};
    inside->number++;
    return *inside;
}

static int compare(const void *a, const void *b)
{
    const struct drv_place *left = &((const struct record *)a)->place;
    const struct drv_place *right = &((const struct record *)b)->place;
    if (left->call != right->call)
        return left->call < right->call ? -1 : 1;
    if (left->part != right->part)
        return left->part < right->part ? -1 : 1;
    return left->number < right->number ? -1 : left->number > right->number;
}

/* Copies in a loop, DPU by DPU, become one. */
static bool same(const struct record *a, const struct record *b)
{
    const struct dpusim_timeline_entry *left = &a->entry, *right = &b->entry;
    return a->step == STEP_CALL && b->step == STEP_CALL && a->waits && b->waits && !inside &&
           left->phase != DPUSIM_PHASE_LAUNCH && left->phase == right->phase &&
           strcmp(left->call, right->call) == 0 && left->first_rank == right->first_rank &&
           left->nr_ranks == right->nr_ranks && left->nr_dpus == right->nr_dpus &&
           left->bytes / left->calls == right->bytes && a->each_s == b->each_s;
}

/* Index of the record; SIZE_MAX: out of memory, the time line is short of it. Under the lock. */
static size_t append(struct drv_timeline *timeline, const struct record *record)
{
    struct record *last = timeline->count ? &timeline->records[timeline->count - 1] : NULL;
    if (last && last->place.part == 0 && same(last, record)) {
        last->entry.calls++;
        last->entry.bytes += record->entry.bytes;
        return timeline->count - 1;
    }
    if (timeline->count == timeline->room) {
        size_t room = timeline->room * 2 + 64;
        struct record *records = realloc(timeline->records, room * sizeof *records);
        if (!records)
            return SIZE_MAX;
        timeline->records = records;
        timeline->room = room;
    }
    timeline->records[timeline->count] = *record;
    timeline->records[timeline->count].place = next_place(timeline);
    return timeline->count++;
}

static size_t add(const struct drv_target *target, struct record record)
{
    struct drv_timeline *timeline = target->ranks[0]->set->timeline;
    record.entry.first_rank = target->ranks[0]->index;
    record.entry.nr_ranks = target->nr_ranks;
    record.entry.calls = 1;
    pthread_mutex_lock(&timeline->lock);
    size_t index = append(timeline, &record);
    pthread_mutex_unlock(&timeline->lock);
    return index;
}

static bool wanted(const struct drv_target *target)
{
    return target->ranks[0]->set->timeline != NULL;
}

static double estimate(const struct drv_target *target, const struct sim_host_call *call)
{
    return sim_host_seconds(&target->ranks[0]->machine.sim, call);
}

void drv_timeline_transfer(const struct drv_target *target, const struct drv_moved *moved)
{
    const struct sim_host_call *call = &moved->call;
    if (!wanted(target) || call->dpus == 0)
        return;
    add(target, (struct record){
                    .waits = moved->waits,
                    .beside = moved->beside,
                    .each_s = estimate(target, call),
                    .entry = {.call = moved->name,
                              .phase = call->to_dpu ? DPUSIM_PHASE_TO_DPU : DPUSIM_PHASE_FROM_DPU,
                              .nr_dpus = call->dpus,
                              .bytes = call->dpus * call->len_bytes}});
}

/* The segments go to all DPUs alike, one after another. */
void drv_timeline_load(const struct drv_target *target, const struct isa_program *isa)
{
    struct record record = {.waits = true,
                            .entry = {.call = "dpu_load", .phase = DPUSIM_PHASE_LOAD}};
    if (!wanted(target))
        return;
    record.entry.nr_dpus = drv_count(target);
    for (size_t i = 0; i < isa->n_segments; i++) {
        const struct isa_segment *segment = &isa->segments[i];
        struct sim_host_call call = {SIM_HOST_BROADCAST, segment->memory, true,
                                     record.entry.nr_dpus, segment->file_bytes};
        if (segment->memory == ISA_ATOMIC || segment->file_bytes == 0)
            continue;
        record.each_s += estimate(target, &call);
        record.entry.bytes += call.dpus * call.len_bytes;
    }
    add(target, record);
}

size_t drv_timeline_launch(const struct drv_target *target, bool waits)
{
    struct sim_host_call call = {.kind = SIM_HOST_LAUNCH};
    if (!wanted(target))
        return SIZE_MAX;
    return add(target, (struct record){.waits = waits,
                                       .each_s = estimate(target, &call),
                                       .entry = {.call = "dpu_launch",
                                                 .phase = DPUSIM_PHASE_LAUNCH,
                                                 .nr_dpus = drv_count(target),
                                                 .timed = true}});
}

void drv_timeline_ran(const struct dpu_t *dpu, size_t launch)
{
    struct drv_timeline *timeline = dpu->rank->set->timeline;
    if (!timeline || launch == SIZE_MAX)
        return;
    bool timed = sim_dpu_stat_mode(dpu->sim) == SIM_CYCLE &&
                 sim_dpu_stat(dpu->sim, SIM_STAT_DPU_instructions_before, 0) == 0;
    uint64_t cycles = timed ? sim_dpu_stat(dpu->sim, SIM_STAT_DPU_cycles, 0) : 0;
    pthread_mutex_lock(&timeline->lock);
    if (launch < timeline->count) { /* else the time line was begun anew meanwhile */
        struct record *record = &timeline->records[launch];
        record->entry.timed &= timed;
        if (cycles > record->entry.cycles)
            record->entry.cycles = cycles;
        record->kernel_s = (double)record->entry.cycles / (double)sim_dpu_chip(dpu->sim)->clock_hz;
    }
    pthread_mutex_unlock(&timeline->lock);
}

void drv_timeline_wait(const struct drv_target *target)
{
    if (wanted(target))
        add(target, (struct record){.step = STEP_WAIT});
}

/* What the function of a callback calls has its place here, and so has the wait for its end. */
uint64_t drv_timeline_callback(const struct drv_target *target, bool waits)
{
    struct drv_timeline *timeline = target->ranks[0]->set->timeline;
    if (!timeline)
        return 0;
    size_t index = add(target, (struct record){.step = STEP_CALLBACK});
    pthread_mutex_lock(&timeline->lock);
    uint64_t call = index < timeline->count ? timeline->records[index].place.call : 0;
    pthread_mutex_unlock(&timeline->lock);
    if (waits)
        drv_timeline_wait(target);
    return call;
}

/* ---- when each would begin and end ----------------------------------------------------------- */

struct clocks {
    double host, end;
    double *free; /* by rank: when it has done what was asked of it */
    uint32_t nr_ranks;
};

static double ready(const struct clocks *clocks, const struct dpusim_timeline_entry *entry)
{
    double last = 0;
    for (uint32_t r = entry->first_rank; r < entry->first_rank + entry->nr_ranks; r++)
        last = clocks->free[r] > last ? clocks->free[r] : last;
    return last;
}

static void occupy(struct clocks *clocks, const struct dpusim_timeline_entry *entry, double until)
{
    for (uint32_t r = entry->first_rank; r < entry->first_rank + entry->nr_ranks; r++)
        clocks->free[r] = until;
    clocks->end = until > clocks->end ? until : clocks->end;
}

static void show(const struct record *record, double start_s, drv_timeline_visit *visit,
                 void *context)
{
    struct dpusim_timeline_entry entry = record->entry;
    entry.start_s = start_s;
    entry.seconds = record->each_s * (double)entry.calls;
    entry.cycles = 0;
    entry.timed = true;
    visit(context, &entry);
    if (entry.phase != DPUSIM_PHASE_LAUNCH)
        return;
    entry.phase = DPUSIM_PHASE_KERNEL;
    entry.start_s += entry.seconds;
    entry.seconds = record->kernel_s;
    entry.cycles = record->entry.cycles;
    entry.timed = record->entry.timed;
    visit(context, &entry);
}

static void place_in_time(struct clocks *clocks, const struct record *record,
                          drv_timeline_visit *visit, void *context)
{
    bool nested = record->place.part > 0;
    double start_s = record->beside && !nested ? clocks->host : ready(clocks, &record->entry);
    if (record->step == STEP_WAIT) {
        clocks->host = start_s > clocks->host && !nested ? start_s : clocks->host;
        return;
    }
    if (!nested && clocks->host > start_s)
        start_s = clocks->host;
    if (record->step == STEP_CALL)
        show(record, start_s, visit, context);
    double end_s = start_s + record->each_s * (double)record->entry.calls + record->kernel_s;
    if (record->beside)
        clocks->end = end_s > clocks->end ? end_s : clocks->end;
    else
        occupy(clocks, &record->entry, end_s);
    if (record->waits && !nested)
        clocks->host = end_s;
}

double drv_timeline_visit_all(struct drv_timeline *timeline, drv_timeline_visit *visit,
                              void *context)
{
    uint32_t most = 1;
    pthread_mutex_lock(&timeline->lock);
    for (size_t i = 0; i < timeline->count; i++) {
        const struct dpusim_timeline_entry *entry = &timeline->records[i].entry;
        if (entry->first_rank + entry->nr_ranks > most)
            most = entry->first_rank + entry->nr_ranks;
    }
    struct clocks clocks = {.free = calloc(most, sizeof(double)), .nr_ranks = most};
    struct record *sorted = malloc((timeline->count + 1) * sizeof *sorted);
    size_t count = clocks.free && sorted ? timeline->count : 0;
    if (count) {
        memcpy(sorted, timeline->records, count * sizeof *sorted);
        qsort(sorted, count, sizeof *sorted, compare);
    }
    for (size_t i = 0; i < count; i++)
        place_in_time(&clocks, &sorted[i], visit, context);
    pthread_mutex_unlock(&timeline->lock);
    free(clocks.free);
    free(sorted);
    return clocks.end;
}
