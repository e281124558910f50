/* SPDX-License-Identifier: MIT */
/* Counters, from stats.def. Most are kept by whoever causes them; those of cycle mode that explain
 * where slots went are derived here from stretches of running, so that they cost nothing per
 * instruction. */
#include <string.h>

#include "state.h"

enum { MODES_BOTH, MODES_CYCLE, MODES_MIX };

static const struct sim_stat_info infos[] = {
#define STAT(id, scope, unit, modes, meaning)                                                      \
    {#id,                                                                                          \
     SIM_SCOPE_##scope,                                                                            \
     unit,                                                                                         \
     meaning,                                                                                      \
     MODES_##modes == MODES_CYCLE,                                                                 \
     MODES_##modes == MODES_MIX},
#include "stats.def"
};

static const struct sim_stat_info metrics[] = {
#define METRIC(id, unit, modes, meaning)                                                           \
    {#id, SIM_SCOPE_DPU, unit, meaning, true, MODES_##modes == MODES_MIX},
#include "stats.def"
};

/* Families of op.def that a class of the mix has. */
static const char *const mix_families[] = {
#define MIX(id, families, meaning) families,
#include "mix.def"
#undef MIX
};

enum { MIX_CLASSES = sizeof mix_families / sizeof mix_families[0] };

const struct sim_stat_info *sim_stat_get(enum sim_stat stat)
{
    return &infos[stat];
}

const struct sim_stat_info *sim_metric_get(enum sim_metric metric)
{
    return &metrics[metric];
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
    uint64_t explained = t->instructions + t->slots_spacing + t->slots_dma + t->slots_hazard;
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

static uint64_t sum_spins(const struct sim_dpu *d)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < d->chip->threads; i++)
        sum += d->thread[i].spins;
    return sum;
}

/* ---- instruction mix ------------------------------------------------------------------------- */

static bool has_word(const char *list, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = list; (at = strstr(at, word)); at++)
        if ((at == list || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
            return true;
    return false;
}

static unsigned class_of(enum isa_op op)
{
    unsigned class = 0;
    while (class + 1 < MIX_CLASSES && !has_word(mix_families[class], isa_op_get(op)->family))
        class ++;
    return class;
}

static bool names_target(const struct isa_form_info *form)
{
    for (unsigned i = 0; i < form->pattern.n_operands; i++)
        if (form->pattern.operands[i] == ISA_OPERAND_PC)
            return true;
    return false;
}

/* What an instruction of the form adds to a statistic of the mix. */
static uint64_t mix_weight(enum isa_form form, enum sim_stat stat)
{
    enum isa_op op = isa_form_get(form)->op;
    const struct isa_access *access = isa_op_access(op);
    if (stat == SIM_STAT_DPU_wram_read_bytes)
        return access->is_write ? 0 : access->bytes;
    if (stat == SIM_STAT_DPU_wram_write_bytes)
        return access->is_write ? access->bytes : 0;
    if (stat == SIM_STAT_DPU_mix_branches)
        return names_target(isa_form_get(form));
    return class_of(op) == (unsigned)stat - SIM_STAT_DPU_mix_arithmetic;
}

static uint64_t mix_stat(const struct sim_dpu *d, enum sim_stat stat)
{
    uint64_t sum = 0;
    for (unsigned form = 0; d->mix && form < ISA_FORM_COUNT; form++) {
        uint64_t count = 0;
        for (unsigned i = 0; i < ISA_MAX_THREADS; i++)
            count += d->mix[i][form];
        if (count)
            sum += count * mix_weight((enum isa_form)form, stat);
    }
    return sum;
}

/* ---- values ---------------------------------------------------------------------------------- */

static uint64_t dpu_stat(const struct sim_dpu *d, enum sim_stat stat)
{
    if (infos[stat].mix_only)
        return mix_stat(d, stat);
    if (stat >= SIM_STAT_DPU_dma_size_8 && stat <= SIM_STAT_DPU_dma_size_2048)
        return d->dma_sizes[stat - SIM_STAT_DPU_dma_size_8];
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
    case SIM_STAT_DPU_instructions_before:
        return d->instructions_before;
    case SIM_STAT_DPU_slots_spin:
        return sum_spins(d);
    case SIM_STAT_DPU_mram_read_bytes:
        return sum_dma(d, true) - d->mram_write_bytes;
    case SIM_STAT_DPU_mram_write_bytes:
        return d->mram_write_bytes;
    case SIM_STAT_DPU_cache_hits:
        return d->cache_hits;
    case SIM_STAT_DPU_cache_misses:
        return d->cache_misses;
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
        return t.slots_dma - t.slots_queue;
    case SIM_STAT_TASKLET_slots_dma_queue:
        return t.slots_queue;
    case SIM_STAT_TASKLET_slots_hazard:
        return t.slots_hazard;
    case SIM_STAT_TASKLET_slots_drain:
        return issue_window(d) ? drain(d) : 0;
    default:
        return issue_window(d) - t.slots_running;
    }
}

static uint64_t tasklet_stat(const struct sim_dpu *d, enum sim_stat stat, unsigned tasklet)
{
    const struct sim_tasklet *t = &d->thread[tasklet];
    if (infos[stat].cycle_mode_only)
        return d->cycle_mode ? slot_stat(d, stat, tasklet) : 0;
    switch (stat) {
    case SIM_STAT_TASKLET_instructions:
        return sim_tasklet_instructions(d, t);
    case SIM_STAT_TASKLET_slots_spin:
        return t->spins;
    case SIM_STAT_TASKLET_dma_bytes:
        return t->dma_bytes;
    default:
        return t->dma_transfers;
    }
}

uint64_t sim_dpu_stat(const struct sim_dpu *dpu, enum sim_stat stat, unsigned tasklet)
{
    if (stat >= SIM_STAT_COUNT)
        return 0;
    bool of_dpu = infos[stat].scope == SIM_SCOPE_DPU;
    if (!of_dpu && tasklet >= dpu->chip->threads)
        return 0;
    if (dpu->kept.valid)
        return of_dpu ? dpu->kept.dpu[stat] : dpu->kept.tasklet[tasklet][stat];
    return of_dpu ? dpu_stat(dpu, stat) : tasklet_stat(dpu, stat, tasklet);
}

void sim_stats_keep(struct sim_dpu *d)
{
    for (unsigned stat = 0; stat < SIM_STAT_COUNT; stat++) {
        d->kept.dpu[stat] = sim_dpu_stat(d, (enum sim_stat)stat, 0);
        for (unsigned i = 0; i < d->chip->threads; i++)
            d->kept.tasklet[i][stat] = sim_dpu_stat(d, (enum sim_stat)stat, i);
    }
    d->kept.valid = true;
}

enum sim_mode sim_dpu_stat_mode(const struct sim_dpu *dpu)
{
    return dpu->kept.valid ? SIM_CYCLE : dpu->config.mode;
}

static double real(const struct sim_dpu *d, enum sim_stat stat)
{
    return (double)sim_dpu_stat(d, stat, 0);
}

static double ratio(double a, double b)
{
    return b > 0 ? a / b : 0;
}

double sim_dpu_metric(const struct sim_dpu *dpu, enum sim_metric metric)
{
    double cycles = real(dpu, SIM_STAT_DPU_cycles), hz = (double)dpu->chip->clock_hz;
    double engines = (double)dpu->config.timing[SIM_TIMING_dma_engines];
    double wram =
        real(dpu, SIM_STAT_DPU_wram_read_bytes) + real(dpu, SIM_STAT_DPU_wram_write_bytes);
    if (sim_dpu_stat_mode(dpu) != SIM_CYCLE)
        return 0;
    switch (metric) {
    case SIM_METRIC_seconds:
        return cycles / hz;
    case SIM_METRIC_ipc:
        return ratio(real(dpu, SIM_STAT_DPU_instructions), cycles);
    case SIM_METRIC_dma_utilisation:
        return ratio(real(dpu, SIM_STAT_DPU_dma_busy) / SIM_DMA_FRACTION, cycles * engines);
    case SIM_METRIC_mram_mb_s:
        return ratio(real(dpu, SIM_STAT_DPU_dma_bytes) * hz / 1e6, cycles);
    case SIM_METRIC_wram_mb_s:
        return ratio(wram * hz / 1e6, cycles);
    default:
        return 0;
    }
}
