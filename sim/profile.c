/* SPDX-License-Identifier: MIT */
/* A profile: sums of the collector's stretches by instruction, by call path, by tasklet and cause.
 * Rows are made when their instruction is first executed. */
#include "profile.h"

#include <stdlib.h>
#include <string.h>

/* ---- sums ----------------------------------------------------------------------------------- */

void sim_counts_sum(const struct sim_counts *counts, uint64_t by_cause[SIM_CAUSE_COUNT])
{
    memset(by_cause, 0, SIM_CAUSE_COUNT * sizeof by_cause[0]);
    if (!counts)
        return;
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++)
        for (unsigned cause = 0; cause < SIM_CAUSE_COUNT; cause++)
            by_cause[cause] += counts->of[i][cause];
}

uint64_t sim_busy_cycles(const uint64_t by_cause[SIM_CAUSE_COUNT])
{
    uint64_t sum = 0;
    for (unsigned cause = 0; cause < SIM_CAUSE_COUNT; cause++)
        if (cause != SIM_CAUSE_stopped && cause != SIM_CAUSE_drain)
            sum += by_cause[cause];
    return sum;
}

/* A node's parent has a smaller number. */
uint64_t (*sim_profile_inclusive(const struct sim_profile *profile))[SIM_CAUSE_COUNT]
{
    const struct sim_collector *c = profile->dpu->collector;
    uint64_t(*sums)[SIM_CAUSE_COUNT] = calloc(c->n_nodes, sizeof *sums);
    if (!sums)
        return NULL;
    for (uint32_t n = 0; n < c->n_nodes; n++)
        sim_counts_sum(profile->node[n], sums[n]);
    for (uint32_t n = c->n_nodes - 1; n > 0; n--)
        for (unsigned cause = 0; cause < SIM_CAUSE_COUNT; cause++)
            sums[c->nodes[n].parent][cause] += sums[n][cause];
    return sums;
}

uint64_t sim_profile_cycles(struct sim_profile *profile, int pc_insn, int tasklet,
                            enum sim_cause cause)
{
    uint64_t sums[SIM_CAUSE_COUNT];
    sim_collect_settle(profile->dpu);
    if (pc_insn > (int)SIM_NO_PC || tasklet >= (int)ISA_MAX_THREADS || cause >= SIM_CAUSE_COUNT)
        return 0;
    const struct sim_counts *counts = pc_insn < 0 ? &profile->total : profile->pc[pc_insn];
    sim_counts_sum(counts, sums);
    return tasklet < 0 || !counts ? sums[cause] : counts->of[tasklet][cause];
}

/* ---- collecting ----------------------------------------------------------------------------- */

static void add(struct sim_profile *profile, struct sim_counts **row, const struct sim_slice *slice)
{
    if (!*row)
        *row = calloc(1, sizeof **row);
    if (*row)
        (*row)->of[slice->tasklet][slice->cause] += slice->cycles;
    else
        profile->no_memory = true;
}

static void see_slice(struct sim_sink *sink, const struct sim_slice *slice)
{
    struct sim_profile *profile = (struct sim_profile *)sink;
    add(profile, &profile->pc[slice->pc_insn], slice);
    add(profile, &profile->node[slice->node], slice);
    profile->total.of[slice->tasklet][slice->cause] += slice->cycles;
    sim_waits_slice(profile->waits, slice);
    if (profile->timeline && !sim_timeline_slice(profile->timeline, slice))
        profile->no_memory = true;
}

static void see_transfer(struct sim_sink *sink, const struct sim_transfer *transfer)
{
    struct sim_profile *profile = (struct sim_profile *)sink;
    profile->transfers[transfer->is_write][(transfer->len_bytes / 8 - 1) % SIM_DMA_SIZES]++;
    if (profile->timeline && !sim_timeline_transfer(profile->timeline, transfer))
        profile->no_memory = true;
}

static void see_event(struct sim_sink *sink, const struct sim_event *event)
{
    struct sim_profile *profile = (struct sim_profile *)sink;
    profile->no_memory |= !sim_waits_event(profile->waits, profile->dpu, event);
}

static void see_enter(struct sim_sink *sink, unsigned tasklet, uint32_t node, uint64_t cycle)
{
    struct sim_profile *profile = (struct sim_profile *)sink;
    profile->no_memory |= !sim_waits_enter(profile->waits, profile->dpu, tasklet, node, cycle);
}

static void see_leave(struct sim_sink *sink, unsigned tasklet, uint64_t cycle)
{
    sim_waits_leave(((struct sim_profile *)sink)->waits, tasklet, cycle);
}

static void see_launch(struct sim_sink *sink, uint64_t cycle)
{
    (void)cycle;
    sim_waits_launch(((struct sim_profile *)sink)->waits);
}

/* ---- life ----------------------------------------------------------------------------------- */

static void release(struct sim_profile *profile)
{
    for (unsigned i = 0; i < SIM_PC_ROWS; i++)
        free(profile->pc[i]);
    for (unsigned i = 0; i < SIM_MOST_NODES && profile->node; i++)
        free(profile->node[i]);
    free(profile->node);
    sim_timeline_destroy(profile->timeline);
    sim_waits_destroy(profile->waits);
    free(profile);
}

enum dpusim_status sim_profile_create(struct sim_profile **out, struct sim_dpu *dpu,
                                      const struct sim_profile_options *options,
                                      struct isa_diag *diag)
{
    struct sim_profile *profile = calloc(1, sizeof *profile);
    if (!profile)
        return isa_fail(diag, DPUSIM_NO_MEMORY, "sim_profile_create: out of memory");
    bool timeline = options && options->timeline;
    profile->sink = (struct sim_sink){.slice = see_slice,
                                      .transfer = see_transfer,
                                      .event = see_event,
                                      .enter = see_enter,
                                      .leave = see_leave,
                                      .launch = see_launch};
    profile->dpu = dpu;
    profile->node = calloc(SIM_MOST_NODES, sizeof *profile->node);
    profile->waits = sim_waits_create();
    profile->timeline = timeline ? sim_timeline_create(options) : NULL;
    enum dpusim_status status = DPUSIM_NO_MEMORY;
    if (!profile->node || !profile->waits || (timeline && !profile->timeline))
        isa_fail(diag, DPUSIM_NO_MEMORY, "sim_profile_create: out of memory");
    else
        status = sim_collect_attach(dpu, &profile->sink, diag);
    if (status)
        release(profile);
    else
        *out = profile;
    return status;
}

void sim_profile_destroy(struct sim_profile *profile)
{
    if (!profile)
        return;
    sim_collect_detach(profile->dpu, &profile->sink);
    release(profile);
}

/* ---- writing -------------------------------------------------------------------------------- */

static void (*const printers[SIM_PROFILE_FORMATS])(const struct sim_profile *, FILE *) = {
    [SIM_PROFILE_TEXT] = sim_profile_print_text,
    [SIM_PROFILE_CALLGRIND] = sim_profile_print_callgrind,
    [SIM_PROFILE_STACKS] = sim_profile_print_stacks,
    [SIM_PROFILE_JSON] = sim_profile_print_json,
};

enum dpusim_status sim_profile_text(struct sim_profile *profile, enum sim_profile_format format,
                                    char **text, size_t *len_bytes, struct isa_diag *diag)
{
    if (format >= SIM_PROFILE_FORMATS)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "sim_profile_text: format %d does not exist",
                        (int)format);
    sim_collect_settle(profile->dpu);
    char *written = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&written, &len);
    bool ok = out && !profile->no_memory && !profile->dpu->collector->no_memory;
    if (ok)
        printers[format](profile, out);
    ok &= out && !ferror(out);
    if (out && fclose(out) != 0)
        ok = false;
    if (!ok) {
        free(written);
        return isa_fail(diag, DPUSIM_NO_MEMORY, "profile: out of memory");
    }
    *text = written;
    *len_bytes = len;
    return DPUSIM_OK;
}
