/* SPDX-License-Identifier: MIT */
/* The fast engine: threaded code in three flows. Each fast variant of an instruction ends by
 * jumping to the next one's code: in the straight flow (one running tasklet) to its own successor,
 * in the level flow (two or more) to the next tasklet in the ring, so that tasklets advance one
 * instruction each in turn, in the timed flow to the tasklet that can issue next. Counting costs
 * next to nothing:
 *
 *   straight: `limit` is how far beyond the last slot of IRAM ip would be when the budget is used
 *             up, had the code no jumps; a jump moves it along, and the flow ends when it gets
 *             negative. Executed so far = budget - (limit + end of IRAM - ip) / size.
 *   level:    every tasklet in the ring executes one instruction a round; rounds are counted at the
 *             sentinel that closes the ring.
 *   timed:    cycle mode; `limit` is the cycle.
 *
 * Compiled without tail calls (no optimisation, sanitizers) the variants return and a loop calls
 * the next one; the results are the same. */
#include "flow.h"

/* Start flow at tasklet t and come back when something happened. */
static void enter(struct sim_dpu *d, struct sim_tasklet *t, uint64_t limit, enum sim_flow flow)
{
    d->go = false;
    t->ip->run[flow](t, t->ip, 0, 0, limit, d);
    while (d->go) {
        d->go = false;
        t = d->current;
        t->ip->run[flow](t, t->ip, 0, 0, d->limit, d);
    }
}

/* ---- straight flow -------------------------------------------------------------------------- */

/* Any instruction, through its complete function. */
void sim_straight_any(ARGUMENTS)
{
    t->ip = ip;
    d->limit = limit;
    const struct sim_insn *next = ip->exec(d, t, ip);
    limit += (uint64_t)((const char *)next - (const char *)(ip + 1));
    ip = next;
    if (d->event || (int64_t)limit < 0) {
        SIM_LEAVE_STRAIGHT;
        return;
    }
    SETTLE(ip);
    GO(SIM_STRAIGHT);
}

/* Behind the last slot: on with slot 0, nothing executed. */
static void straight_wrap(ARGUMENTS)
{
    limit += (uint64_t)((const char *)d->code->insn - (const char *)ip);
    ip = d->code->insn;
    if ((int64_t)limit < 0) {
        SIM_LEAVE_STRAIGHT;
        return;
    }
    SETTLE(ip);
    GO(SIM_STRAIGHT);
}

/* Where `limit` counts from: behind the last slot, so that it is the sign that tells. */
static uint64_t code_end(const struct sim_dpu *d)
{
    return (uint64_t)(uintptr_t)(d->code->insn + ISA_IRAM_INSNS);
}

uint64_t sim_straight_executed(const struct sim_dpu *d, const struct sim_tasklet *t)
{
    int64_t left_bytes = (int64_t)(d->limit + code_end(d) - (uint64_t)(uintptr_t)t->ip);
    return d->straight_budget - (uint64_t)(left_bytes / (int64_t)sizeof(struct sim_insn));
}

void sim_engine_straight(struct sim_dpu *d, uint64_t budget)
{
    struct sim_tasklet *t = d->round_end.next;
    d->engine = SIM_ENGINE_STRAIGHT;
    d->current = t;
    d->straight_budget = budget;
    d->limit = (uint64_t)(uintptr_t)t->ip + budget * sizeof(struct sim_insn) - code_end(d);
    enter(d, t, d->limit, SIM_STRAIGHT);
    t->instructions += sim_straight_executed(d, t);
    d->current = t->next;
    d->engine = SIM_ENGINE_NONE;
}

/* ---- level flow ----------------------------------------------------------------------------- */

void sim_level_any(ARGUMENTS)
{
    d->current = t;
    t->ip = ip->exec(d, t, ip);
    t = t->next;
    ip = t->ip;
    if (d->event) {
        d->current = t;
        return;
    }
    SETTLE(ip);
    GO(SIM_LEVEL);
}

static void level_wrap(ARGUMENTS)
{
    ip = d->code->insn;
    SETTLE(ip);
    GO(SIM_LEVEL);
}

static void level_round_end(ARGUMENTS)
{
    d->round++;
    t = t->next;
    ip = t->ip;
    if (d->round >= d->round_limit) {
        d->current = t;
        return;
    }
    SETTLE(ip);
    GO(SIM_LEVEL);
}

void sim_engine_level(struct sim_dpu *d, uint64_t rounds)
{
    d->engine = SIM_ENGINE_LEVEL;
    d->round = 0;
    d->round_limit = rounds;
    for (struct sim_tasklet *t = d->round_end.next; t != &d->round_end; t = t->next)
        t->round_base = t->turn < d->current->turn;
    enter(d, d->current, 0, SIM_LEVEL);
    for (struct sim_tasklet *t = d->round_end.next; t != &d->round_end; t = t->next)
        t->instructions = sim_tasklet_instructions(d, t);
    d->engine = SIM_ENGINE_NONE;
}

/* ---- timed flow --------------------------------------------------------------------------------
 * `limit` is the cycle. After an issue the tasklet may issue again issue_spacing cycles later; the
 * next in the ring goes on if it is ready and nothing asks for attention. */

static void timed_news(ARGUMENTS) __attribute__((noinline));

/* The ring sorted by the cycle from which each tasklet may issue. */
static unsigned sort_ring(const struct sim_dpu *d, struct sim_tasklet *sorted[ISA_MAX_THREADS])
{
    unsigned count = 0;
    for (struct sim_tasklet *t = d->round_end.next; t != &d->round_end; t = t->next) {
        unsigned at = count++;
        for (; at > 0 && sorted[at - 1]->ready_cycle > t->ready_cycle; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = t;
    }
    return count;
}

/* When all tasklets become ready in different cycles, none earlier than now and all within one
 * issue spacing, they never meet: from now on each issues exactly when it is ready, in the same
 * order, until the ring changes. Then the order is noted in `follower`. */
static void find_calm(struct sim_dpu *d, uint64_t cycle)
{
    struct sim_tasklet *sorted[ISA_MAX_THREADS];
    unsigned count = sort_ring(d, sorted);
    if (count == 0 || sorted[0]->ready_cycle < cycle ||
        sorted[count - 1]->ready_cycle - sorted[0]->ready_cycle >= d->issue_spacing)
        return;
    for (unsigned i = 0; i < count; i++) {
        sorted[i]->follower = sorted[(i + 1) % count];
        if (i && sorted[i]->ready_cycle == sorted[i - 1]->ready_cycle)
            return;
    }
    d->calm = true;
}

/* The first tasklet in ring order from t on that is ready at the cycle, or else is ready first. */
static struct sim_tasklet *first_ready(struct sim_dpu *d, struct sim_tasklet *t, uint64_t cycle)
{
    struct sim_tasklet *best = &d->round_end, *from = t;
    do {
        if (t->ready_cycle < best->ready_cycle)
            best = t;
        if (t->ready_cycle <= cycle)
            break;
        t = t->next;
    } while (t != from);
    return best;
}

/* Something else is to be done before the next issue, or the order is not known. Leaves, or finds
 * out. */
static __attribute__((noinline)) void timed_search(ARGUMENTS)
{
    struct sim_tasklet *best = first_ready(d, t->next, limit);
    uint64_t cycle = best->ready_cycle > limit ? best->ready_cycle : limit;
    if (cycle >= d->attention) {
        d->last_issue = limit - 1;
        d->now = limit;
        d->last_turn = t->turn;
        d->current = t->next;
        return;
    }
    if (cycle > limit)
        find_calm(d, limit);
    d->idle_pipeline += cycle - limit;
    limit = cycle;
    t = best;
    ip = t->ip;
    SETTLE(ip);
    GO(SIM_TIMED);
}

/* t issued in the cycle before `limit`, and the next in the ring is not ready or there is something
 * else to do. In a calm order the next to issue is known. */
void sim_timed_pick(ARGUMENTS)
{
    struct sim_tasklet *best = t->follower, *first = d->round_end.next;
    if (t->next == &d->round_end && first->ready_cycle <= limit && limit < d->attention) {
        t = first; /* only the sentinel was in between */
        ip = t->ip;
        SETTLE(ip);
        GO(SIM_TIMED);
    }
    if (!d->calm || best->ready_cycle < limit || best->ready_cycle >= d->attention) {
        SETTLE(ip);
        TAIL return timed_search(PASS);
    }
    d->idle_pipeline += best->ready_cycle - limit;
    limit = best->ready_cycle;
    t = best;
    ip = t->ip;
    SETTLE(ip);
    GO(SIM_TIMED);
}

/* Any instruction, through its complete function, which may look at the cycle. */
void sim_timed_any(ARGUMENTS)
{
    d->now = limit;
    d->current = t;
    t->ready_cycle = limit + d->issue_spacing;
    ip = ip->exec(d, t, ip);
    if (d->event)
        TAIL return timed_news(PASS);
    TIMED_END;
}

/* After an instruction with consequences: DMA, a fault, a change of the ring. */
static void timed_news(ARGUMENTS)
{
    t->ip = ip;
    t->instructions++;
    d->last_issue = limit;
    sim_cycle_after_issue(d, t);
    limit++;
    d->now = limit;
    d->last_turn = t->turn;
    d->current = t->next;
    NO_SPARE;
}

static void timed_wrap(ARGUMENTS)
{
    ip = d->code->insn;
    SETTLE(ip);
    GO(SIM_TIMED);
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* One running tasklet issues every issue_spacing cycles: the straight flow, with time derived from
 * the count of instructions (sim_now). */
static void alone(struct sim_dpu *d, struct sim_tasklet *t, uint64_t budget)
{
    uint64_t before = t->instructions;
    sim_engine_straight(d, budget);
    uint64_t executed = t->instructions - before;
    d->last_turn = t->turn;
    d->last_issue = d->now += (executed - 1) * d->issue_spacing;
    d->idle_pipeline += (executed - 1) * (d->issue_spacing - 1);
    t->ready_cycle = d->now + d->issue_spacing;
    sim_cycle_after_issue(d, t);
    d->now++;
}

static void issue_from(struct sim_dpu *d, struct sim_tasklet *t, uint64_t until_cycle)
{
    uint64_t budget = (until_cycle - d->now) / d->issue_spacing;
    d->attention = smaller(until_cycle, d->dma_next_wake);
    if (d->n_running == 1 && budget > 2 * ISA_IRAM_INSNS)
        alone(d, t, budget - ISA_IRAM_INSNS);
    else
        enter(d, t, d->now, SIM_TIMED);
}

void sim_engine_timed(struct sim_dpu *d, uint64_t until_cycle)
{
    d->issue_spacing = (uint64_t)d->config.timing[SIM_TIMING_issue_spacing];
    while (d->n_running && !d->event) {
        struct sim_tasklet *t = sim_cycle_pick(d);
        if (d->now >= until_cycle)
            break;
        issue_from(d, t, until_cycle);
    }
}

/* ---- special slots -------------------------------------------------------------------------- */

const struct sim_fast sim_run_any = {.run = {sim_straight_any, sim_level_any, sim_timed_any}};
const struct sim_fast sim_run_wrap = {.run = {straight_wrap, level_wrap, timed_wrap}};
const struct sim_fast sim_run_round_end = {
    .run = {level_round_end, level_round_end, level_round_end}};
