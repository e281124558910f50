/* SPDX-License-Identifier: MIT */
/* Counters, from stats.def. Most are kept by whoever causes them; those of cycle mode that explain
 * where slots went are derived here from stretches of running, so that they cost nothing per
 * instruction. */
#include "state.h"

enum { MODES_BOTH, MODES_CYCLE };

static const struct sim_stat_info infos[] = {
#define STAT(id, scope, unit, modes, meaning)                                                      \
    {#id, SIM_SCOPE_##scope, unit, meaning, MODES_##modes == MODES_CYCLE},
#include "stats.def"
#undef STAT
};

const struct sim_stat_info *sim_stat_get(enum sim_stat stat)
{
    return &infos[stat];
}

static uint64_t drain(const struct sim_dpu *d)
{
    return d->n_running ? 0 : (uint64_t)d->config.timing[SIM_TIMING_pipeline_depth] - 1;
}

/* Cycles in which something could have issued. */
static uint64_t issue_window(const struct sim_dpu *d)
{
    return sim_dpu_instructions(d) ? d->last_issue + 1 : 0;
}

static uint64_t total_cycles(const struct sim_dpu *d)
{
    uint64_t window = issue_window(d);
    if (!d->cycle_mode)
        return sim_dpu_instructions(d);
    return window ? window + drain(d) : 0;
}

/* The tasklet's stretches with the current one closed at the last issue. */
static struct sim_tasklet settled(const struct sim_dpu *d, unsigned tasklet)
{
    struct sim_tasklet t = d->thread[tasklet];
    uint64_t end = issue_window(d);
    if (t.running && end > t.run_since_cycle)
        sim_cycle_settle(d, &t, end);
    if (t.slots_spacing > t.slots_running)
        t.slots_spacing = t.slots_running;
    return t;
}

static uint64_t contended(const struct sim_tasklet *t)
{
    uint64_t explained = t->instructions + t->slots_spacing + t->slots_dma;
    return t->slots_running > explained ? t->slots_running - explained : 0;
}

/* Idle cycles up to the last issue: what follows is not known to have been waited for. */
static uint64_t idle(const struct sim_dpu *d, uint64_t total, uint64_t tail)
{
    return d->tail_issue == d->last_issue ? total - tail : total;
}

static uint64_t sum_dma(const struct sim_dpu *d, bool bytes)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < d->chip->threads; i++)
        sum += bytes ? d->thread[i].dma_bytes : d->thread[i].dma_transfers;
    return sum;
}

static uint64_t dpu_stat(const struct sim_dpu *d, enum sim_stat stat)
{
    switch (stat) {
    case SIM_STAT_DPU_cycles:
        return total_cycles(d);
    case SIM_STAT_DPU_instructions:
        return sim_dpu_instructions(d);
    case SIM_STAT_DPU_slots_idle_pipeline:
        return idle(d, d->idle_pipeline, d->tail_pipeline);
    case SIM_STAT_DPU_slots_idle_dma:
        return idle(d, d->idle_dma, d->tail_dma);
    case SIM_STAT_DPU_slots_idle_hazard:
        return idle(d, d->idle_hazard, d->tail_hazard);
    case SIM_STAT_DPU_slots_drain:
        return d->cycle_mode ? drain(d) : 0;
    case SIM_STAT_DPU_dma_transfers:
        return sum_dma(d, false);
    case SIM_STAT_DPU_dma_bytes:
        return sum_dma(d, true);
    case SIM_STAT_DPU_dma_busy:
        return d->dma_busy;
    default:
        return 0;
    }
}

static uint64_t slot_stat(const struct sim_dpu *d, enum sim_stat stat, unsigned tasklet)
{
    struct sim_tasklet t = settled(d, tasklet);
    switch (stat) {
    case SIM_STAT_TASKLET_slots_spacing:
        return t.slots_spacing;
    case SIM_STAT_TASKLET_slots_contended:
        return contended(&t);
    case SIM_STAT_TASKLET_slots_dma:
        return t.slots_dma;
    default:
        return issue_window(d) - t.slots_running;
    }
}

uint64_t sim_dpu_stat(const struct sim_dpu *dpu, enum sim_stat stat, unsigned tasklet)
{
    if (stat >= SIM_STAT_COUNT)
        return 0;
    if (infos[stat].scope == SIM_SCOPE_DPU)
        return dpu_stat(dpu, stat);
    if (tasklet >= dpu->chip->threads)
        return 0;
    if (infos[stat].cycle_mode_only)
        return dpu->cycle_mode ? slot_stat(dpu, stat, tasklet) : 0;
    const struct sim_tasklet *t = &dpu->thread[tasklet];
    if (stat == SIM_STAT_TASKLET_instructions)
        return sim_tasklet_instructions(dpu, t);
    return stat == SIM_STAT_TASKLET_dma_bytes ? t->dma_bytes : t->dma_transfers;
}
