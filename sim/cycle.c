/* SPDX-License-Identifier: MIT */
/* Cycle mode: which tasklet issues when, and how long DMA transfers take. One instruction issues
 * per cycle; a tasklet may issue again issue_spacing cycles later; ready tasklets take turns; one
 * DMA engine serves transfers in order. Cycles in which nobody can issue are skipped, not ticked.
 * Source: timing specification, sections 1 and 9.1; every number is a row of timing.def.
 *
 * Time inside the DMA engine is kept in 1/256 cycle so that runs are exact. */
#include "engine.h"

#define FRACTION 256

static uint64_t param(const struct sim_dpu *d, enum sim_timing timing)
{
    return (uint64_t)d->config.timing[timing];
}

/* ---- running stretches, for the statistics -------------------------------------------------- */

/* The cycle of the instruction that executes or comes next. */
uint64_t sim_now(const struct sim_dpu *d)
{
    if (d->engine == SIM_ENGINE_STRAIGHT)
        return d->now + sim_straight_executed(d, d->current) * d->issue_spacing;
    return d->now;
}

/* t goes on when its transfer is complete. */
static void wait_for_dma(struct sim_tasklet *t)
{
    t->dma.wait_from_cycle = t->ready_cycle;
    if (t->ready_cycle >= t->dma.wake_cycle)
        return;
    t->dma_cycles += t->dma.wake_cycle - t->ready_cycle;
    t->ready_cycle = t->dma.wake_cycle;
}

void sim_cycle_started(struct sim_dpu *d, struct sim_tasklet *t)
{
    uint64_t now = sim_now(d);
    t->ready_cycle = now + param(d, SIM_TIMING_wake_latency);
    t->run_since_cycle = now + 1;
    t->run_wake_slots = t->ready_cycle > now ? t->ready_cycle - now - 1 : 0;
    t->run_instructions = t->instructions;
    t->run_dma_cycles = t->dma_cycles;
    if (t->dma.pending)
        wait_for_dma(t);
}

/* The tasklet that the host boots issues at once. */
void sim_cycle_booted(struct sim_dpu *d, struct sim_tasklet *t)
{
    t->ready_cycle = t->run_since_cycle = d->now;
    t->run_wake_slots = 0;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Close the stretch that ends with the cycle before `end`: slots of the stretch, of these the ones
 * that spacing explains (before the first instruction the wake-up, and after every one), and the
 * ones that DMA explains. What t still waits for may reach beyond the end. */
void sim_cycle_settle(const struct sim_dpu *d, struct sim_tasklet *t, uint64_t end)
{
    uint64_t count = t->instructions - t->run_instructions;
    uint64_t spacing = param(d, SIM_TIMING_issue_spacing);
    bool waits = t->ready_cycle == t->dma.wake_cycle;
    uint64_t spaced = waits ? t->dma.wait_from_cycle : t->ready_cycle;
    uint64_t beyond = spaced > end ? spaced - end : 0;
    t->slots_running += end - t->run_since_cycle;
    t->slots_dma += t->dma_cycles - t->run_dma_cycles;
    if (count)
        t->slots_spacing +=
            t->run_wake_slots + count * (spacing - 1) - smaller(beyond, spacing - 1);
    else
        t->slots_spacing += smaller(t->run_wake_slots, end - t->run_since_cycle);
    if (waits && t->ready_cycle > end)
        t->slots_dma -= t->ready_cycle - (beyond ? spaced : end);
}

void sim_cycle_stopped(struct sim_dpu *d, struct sim_tasklet *t)
{
    struct sim_tasklet counted = *t;
    counted.instructions = sim_tasklet_instructions(d, t);
    if (t == d->current) { /* its own stop */
        counted.instructions++;
        counted.ready_cycle = sim_now(d) + param(d, SIM_TIMING_issue_spacing);
    }
    sim_cycle_settle(d, &counted, sim_now(d) + 1);
    t->slots_running = counted.slots_running;
    t->slots_spacing = counted.slots_spacing;
    t->slots_dma = counted.slots_dma;
}

/* ---- DMA engine ----------------------------------------------------------------------------- */

static uint64_t rows_crossed(const struct sim_dpu *d, const struct sim_dma *dma)
{
    uint64_t row = param(d, SIM_TIMING_dma_row_bytes);
    return (dma->mram_addr + dma->len_bytes - 1) / row - dma->mram_addr / row;
}

/* Queue t's transfer, issued at d->now: when the engine gets to it, how long it is busy, when t
 * wakes. */
static void dma_schedule(struct sim_dpu *d, struct sim_tasklet *t)
{
    struct sim_dma *dma = &t->dma;
    bool is_read = dma->op != ISA_OP_SDMA;
    uint64_t crossing = rows_crossed(d, dma) * param(d, SIM_TIMING_dma_row_cross) * FRACTION;
    uint64_t lead = param(d, SIM_TIMING_dma_lead) * FRACTION;
    uint64_t alpha =
        param(d, is_read ? SIM_TIMING_dma_alpha_read : SIM_TIMING_dma_alpha_write) * FRACTION;
    uint64_t start = d->now * FRACTION + lead;
    if (start < d->dma_engine_free)
        start = d->dma_engine_free;
    uint64_t busy = param(d, SIM_TIMING_dma_occ_fixed) +
                    param(d, SIM_TIMING_dma_occ_per_byte) * dma->len_bytes + crossing;
    uint64_t beats = dma->len_bytes / 8 * param(d, SIM_TIMING_dma_cycles_per_8B) * FRACTION;
    uint64_t wake = start + (alpha > lead ? alpha - lead : 0) + beats + crossing;
    d->dma_engine_free = start + busy;
    d->dma_busy += busy;
    uint64_t queued = start - (d->now * FRACTION + lead);
    dma->wake_cycle = (wake + FRACTION - 1) / FRACTION;
    dma->queue_cycles = dma->wake_cycle - (wake - queued + FRACTION - 1) / FRACTION;
    dma->start_cycle = start / FRACTION;
    dma->end_cycle = (start + busy + FRACTION - 1) / FRACTION;
    wait_for_dma(t);
    if (d->dma_next_wake > dma->wake_cycle)
        d->dma_next_wake = dma->wake_cycle;
    dma->pending = true;
    sim_ring_remove(d, t);
}

/* How far behind the last issuer a turn comes, in ring order. */
static uint8_t distance(const struct sim_dpu *d, const struct sim_tasklet *t)
{
    return (uint8_t)(t->turn - d->last_turn - 1);
}

/* The transfer of t is complete: its bytes move, and it takes part again; when its turn comes
 * between the last issuer and the next to look at, it is the next to look at. */
static void dma_complete(struct sim_dpu *d, struct sim_tasklet *t)
{
    sim_dma_move(d, &t->dma);
    t->dma.pending = false;
    if (!t->running)
        return;
    sim_ring_insert(d, t);
    if (distance(d, t) < distance(d, d->current))
        d->current = t;
}

/* Complete the transfers whose time has come. */
void sim_cycle_dma_finish(struct sim_dpu *d, uint64_t until_cycle)
{
    d->dma_next_wake = UINT64_MAX;
    for (struct sim_tasklet *t = d->thread; t < d->thread + d->chip->threads; t++) {
        if (!t->dma.pending)
            continue;
        if (t->dma.wake_cycle <= until_cycle)
            dma_complete(d, t);
        else if (t->dma.wake_cycle < d->dma_next_wake)
            d->dma_next_wake = t->dma.wake_cycle;
    }
}

/* ---- register bank conflicts (rf_hazard=1) -------------------------------------------------- */

struct touched {
    uint32_t reads, writes;
};

static uint32_t register_bits(int64_t number, bool is_pair)
{
    if (number >= ISA_WORK_REGISTERS)
        return 0;
    return (is_pair ? 3u : 1u) << number & ((1u << ISA_WORK_REGISTERS) - 1);
}

static struct touched touched_by(uint64_t word)
{
    struct touched touched = {0, 0};
    struct isa_insn insn;
    if (!isa_decode(word, &insn))
        return touched;
    const struct isa_pattern *pattern = &isa_form_get(insn.form)->pattern;
    for (unsigned i = 0; i < pattern->n_operands; i++) {
        const struct isa_operand_info *info =
            isa_operand_get((enum isa_operand)pattern->operands[i]);
        if (info->kind < ISA_KIND_WORK || info->kind > ISA_KIND_PAIR)
            continue;
        uint32_t bits = register_bits(insn.value[i], info->kind == ISA_KIND_PAIR);
        if (info->name[1] == 'c')
            touched.writes |= bits;
        else
            touched.reads |= bits;
    }
    return touched;
}

/* Count idle cycles that follow the last issue. */
static void count_idle(struct sim_dpu *d, uint64_t *total, uint64_t *tail, uint64_t cycles)
{
    if (d->tail_issue != d->last_issue)
        d->tail_pipeline = d->tail_dma = d->tail_hazard = 0;
    d->tail_issue = d->last_issue;
    *total += cycles;
    *tail += cycles;
}

/* The rule of two other simulators: floor(even / 2) + floor(odd / 2) cycles for the registers that
 * the tasklet's previous instruction wrote or this one reads. */
static void charge_hazard(struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip)
{
    struct touched touched = touched_by(d->code->word[sim_pc_of(d, ip)]);
    uint32_t all = touched.reads | t->last_writes;
    unsigned even = (unsigned)__builtin_popcount(all & 0x55555555u);
    unsigned odd = (unsigned)__builtin_popcount(all & 0xaaaaaaaau);
    d->now += even / 2 + odd / 2;
    count_idle(d, &d->idle_hazard, &d->tail_hazard, even / 2 + odd / 2);
    t->last_writes = touched.writes;
}

/* ---- issue ---------------------------------------------------------------------------------- */

/* The first tasklet from `from` on, in ring order, that is ready at the cycle; NULL when none is.
 */
struct sim_tasklet *sim_cycle_ready(const struct sim_dpu *d, struct sim_tasklet *from,
                                    uint64_t cycle)
{
    struct sim_tasklet *t = from;
    for (unsigned left = d->n_ring + 1; left; left--, t = t->next)
        if (t->ready_cycle <= cycle)
            return t;
    return NULL;
}

/* Nobody is ready: go to the first cycle in which somebody is or a transfer completes, and say why
 * it took so long. */
void sim_cycle_skip_idle(struct sim_dpu *d)
{
    uint64_t first = d->dma_next_wake;
    for (struct sim_tasklet *t = d->round_end.next; t != &d->round_end; t = t->next)
        if (t->ready_cycle < first)
            first = t->ready_cycle;
    if (d->n_ring)
        count_idle(d, &d->idle_pipeline, &d->tail_pipeline, first - d->now);
    else
        count_idle(d, &d->idle_dma, &d->tail_dma, first - d->now);
    d->now = first;
}

/* The tasklet that issues next: the first ready one from d->current on, in ring order. Moves d->now
 * to the cycle of the issue. NULL when nobody runs. */
struct sim_tasklet *sim_cycle_pick(struct sim_dpu *d)
{
    while (d->n_running) {
        if (d->dma_next_wake <= d->now)
            sim_cycle_dma_finish(d, d->now);
        struct sim_tasklet *t = sim_cycle_ready(d, d->current, d->now);
        if (t)
            return t;
        sim_cycle_skip_idle(d);
    }
    return NULL;
}

/* What an issue leaves to do besides the instruction itself. */
void sim_cycle_after_issue(struct sim_dpu *d, struct sim_tasklet *t)
{
    if (d->event & SIM_NEWS_DMA)
        dma_schedule(d, t);
    if (d->event & SIM_NEWS_FAULT)
        sim_cycle_dma_finish(d, UINT64_MAX);
    d->event &= SIM_NEWS_FAULT;
}

/* Issue one instruction of t at d->now through the careful step. */
void sim_cycle_issue(struct sim_dpu *d, struct sim_tasklet *t)
{
    const struct sim_insn *ip = t->ip;
    uint64_t cycle = d->now;
    d->current = t;
    d->last_issue = d->now;
    t->ready_cycle = d->now + param(d, SIM_TIMING_issue_spacing);
    sim_careful_step(d, t);
    if (d->event)
        sim_cycle_after_issue(d, t);
    if (param(d, SIM_TIMING_rf_hazard))
        charge_hazard(d, t, ip);
    if (d->hook || d->collector)
        sim_careful_tell_wait(d, t, sim_pc_of(d, ip), cycle);
    d->now++;
    d->last_turn = t->turn;
    d->current = t->next;
}
