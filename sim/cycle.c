/* SPDX-License-Identifier: MIT */
/* Cycle mode: which tasklet issues when, and how long DMA transfers take. One instruction issues
 * per cycle; a tasklet may issue again issue_spacing cycles later; ready tasklets take turns; one
 * DMA engine serves transfers in order. Cycles in which nobody can issue are skipped, not ticked.
 * Source: timing specification, sections 1 and 9.1; every number is a row of timing.def.
 *
 * Time inside the DMA engine is kept in 1/256 cycle so that runs are exact. */
#include "engine.h"
#include "schedule.h"

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

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* t goes on when its transfer is complete. Of the wait, what comes first is due to the queue. */
static void wait_for_dma(struct sim_tasklet *t)
{
    t->dma.wait_from_cycle = t->ready_cycle;
    if (t->ready_cycle >= t->dma.wake_cycle)
        return;
    t->dma_cycles += t->dma.wake_cycle - t->ready_cycle;
    t->queue_cycles += smaller(t->dma.queue_cycles, t->dma.wake_cycle - t->ready_cycle);
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
    t->run_queue_cycles = t->queue_cycles;
    t->run_spacing = 0;
    if (t->dma.pending)
        wait_for_dma(t);
}

/* The tasklet that the host boots issues at once. */
void sim_cycle_booted(struct sim_dpu *d, struct sim_tasklet *t)
{
    t->ready_cycle = t->run_since_cycle = d->now;
    t->run_wake_slots = 0;
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
    t->slots_queue += t->queue_cycles - t->run_queue_cycles;
    if (count)
        t->slots_spacing += t->run_wake_slots + count * (spacing - 1) + (uint64_t)t->run_spacing -
                            smaller(beyond, spacing - 1);
    else
        t->slots_spacing += smaller(t->run_wake_slots, end - t->run_since_cycle);
    if (waits && t->ready_cycle > end) {
        uint64_t cut = t->ready_cycle - (beyond ? spaced : end);
        uint64_t wait = t->ready_cycle - spaced, queue = smaller(t->dma.queue_cycles, wait);
        t->slots_dma -= cut;
        t->slots_queue -= cut > wait - queue ? cut - (wait - queue) : 0;
    }
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
    t->slots_queue = counted.slots_queue;
}

/* ---- DMA engine ----------------------------------------------------------------------------- */

uint64_t sim_dma_rows_crossed(const struct sim_dpu *d, const struct sim_dma *dma)
{
    uint64_t row = param(d, SIM_TIMING_dma_row_bytes);
    return (dma->mram_addr + dma->len_bytes - 1) / row - dma->mram_addr / row;
}

/* One engine, one transfer at a time. */
static void dma_times(struct sim_dpu *d, const struct sim_dma *dma, struct sim_dma_times *times)
{
    bool is_read = dma->op != ISA_OP_SDMA;
    uint64_t crossing =
        sim_dma_rows_crossed(d, dma) * param(d, SIM_TIMING_dma_row_cross) * SIM_DMA_FRACTION;
    uint64_t lead = param(d, SIM_TIMING_dma_lead) * SIM_DMA_FRACTION;
    uint64_t alpha = param(d, is_read ? SIM_TIMING_dma_alpha_read : SIM_TIMING_dma_alpha_write) *
                     SIM_DMA_FRACTION;
    uint64_t beats = dma->len_bytes / 8 * param(d, SIM_TIMING_dma_cycles_per_8B) * SIM_DMA_FRACTION;
    times->start = times->earliest = d->now * SIM_DMA_FRACTION + lead;
    if (times->start < d->dma_engine_free[0])
        times->start = d->dma_engine_free[0];
    times->busy = param(d, SIM_TIMING_dma_occ_fixed) +
                  param(d, SIM_TIMING_dma_occ_per_byte) * dma->len_bytes + crossing;
    times->wake = times->start + (alpha > lead ? alpha - lead : 0) + beats + crossing;
    d->dma_engine_free[0] = times->start + times->busy;
}

static uint64_t whole_cycles(uint64_t time)
{
    return (time + SIM_DMA_FRACTION - 1) / SIM_DMA_FRACTION;
}

/* Queue t's transfer, issued at d->now: when the engine gets to it, how long it is busy, when t
 * wakes. */
static void dma_schedule(struct sim_dpu *d, struct sim_tasklet *t)
{
    struct sim_dma *dma = &t->dma;
    struct sim_dma_times times;
    if (d->dma_study)
        sim_dma_study(d, dma, &times);
    else
        dma_times(d, dma, &times);
    d->dma_busy += times.busy;
    dma->wake_cycle = whole_cycles(times.wake);
    dma->queue_cycles = dma->wake_cycle - whole_cycles(times.wake - (times.start - times.earliest));
    dma->start_cycle = times.start / SIM_DMA_FRACTION;
    dma->end_cycle = whole_cycles(times.start + times.busy);
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

/* ---- idle cycles ----------------------------------------------------------------------------- */

/* Count idle cycles that follow the last issue. */
void sim_count_idle(struct sim_dpu *d, uint64_t *total, uint64_t *tail, uint64_t cycles)
{
    if (d->tail_issue != d->last_issue)
        d->tail_pipeline = d->tail_dma = d->tail_hazard = 0;
    d->tail_issue = d->last_issue;
    *total += cycles;
    *tail += cycles;
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
        sim_count_idle(d, &d->idle_pipeline, &d->tail_pipeline, first - d->now);
    else
        sim_count_idle(d, &d->idle_dma, &d->tail_dma, first - d->now);
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
    if (d->core_study)
        sim_core_study_settle(d);
    d->current = t;
    d->last_issue = d->now;
    t->ready_cycle = d->now + param(d, SIM_TIMING_issue_spacing);
    sim_careful_step(d, t);
    if (d->core_study)
        sim_core_study_issued(d, t, ip);
    if (d->event)
        sim_cycle_after_issue(d, t);
    if (d->core_study)
        sim_core_study_end(d, t, ip);
    if (d->hook || d->collector)
        sim_careful_tell_wait(d, t, sim_pc_of(d, ip), cycle);
    if (d->schedule)
        sim_schedule_done(d, t, ip);
    d->now++;
    d->last_turn = t->turn;
    d->current = t->next;
}
