/* SPDX-License-Identifier: MIT */
/* The fast engine: threaded code in three flows. Each fast variant of an instruction ends by
 * jumping to the next one's code: in the straight flow (one running tasklet) to its own successor,
 * in the level flow (two or more) to the next tasklet in the ring, so that tasklets advance one
 * instruction each in turn, in the timed flow to the tasklet that can issue next. Counting costs
 * next to nothing:
 *
 *   straight: `limit` is the address that ip would reach, had the code no jumps, when the budget is
 *             used up; a jump moves it along. Executed so far = budget - (limit - ip) / size.
 *   level:    every tasklet in the ring executes one instruction a round; rounds are counted at the
 *             sentinel that closes the ring.
 *   timed:    cycle mode; `limit` is the cycle.
 *
 * Compiled without tail calls (no optimisation, sanitizers) the variants return and a loop calls
 * the next one; the results are the same. */
#include "engine.h"
#include "exec.h"
#include "forms.h"
#include "pairs.h"

#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) &&    \
    !defined(SIM_NO_TAIL_CALLS)
#define TAIL_CALLS 1
#else
#define TAIL_CALLS 0
#endif

#if TAIL_CALLS && !defined(__clang__)
#pragma GCC optimize("optimize-sibling-calls") /* at -O1, too */
#endif

#if TAIL_CALLS && defined(__clang__) && __has_attribute(musttail)
#define TAIL __attribute__((musttail))
#else
#define TAIL
#endif

/* The fourth argument means nothing: on x86-64 it keeps the register that shift amounts must be in
 * free of anything that would have to be saved. */
#define ARGUMENTS                                                                                  \
    struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip, uint64_t spare,           \
        uint64_t limit
#define PASS d, t, ip, spare, limit

/* Keep compilers from splitting "advance, then jump through the new place" into more instructions,
 * and from saving the spare register. */
#if TAIL_CALLS && defined(__x86_64__)
#define SETTLE(pointer) __asm__("" : "+r"(pointer), "=c"(spare))
#else
#define SETTLE(pointer) (void)spare
#endif

#if TAIL_CALLS
#define GO(flow) TAIL return ip->run[flow](PASS)
#else
#define GO(flow)                                                                                   \
    do {                                                                                           \
        d->current = t;                                                                            \
        t->ip = ip;                                                                                \
        d->limit = limit;                                                                          \
        (void)spare;                                                                               \
        d->go = true;                                                                              \
        return;                                                                                    \
    } while (0)
#endif

/* Start flow at tasklet t and come back when something happened. */
static void enter(struct sim_dpu *d, struct sim_tasklet *t, uint64_t limit, enum sim_flow flow)
{
    d->go = false;
    t->ip->run[flow](d, t, t->ip, 0, limit);
    while (d->go) {
        d->go = false;
        t = d->current;
        t->ip->run[flow](d, t, t->ip, 0, d->limit);
    }
}

/* ---- straight flow -------------------------------------------------------------------------- */

/* ip is the next instruction of t; its turn is over. */
static void leave_straight(struct sim_tasklet *t, struct sim_dpu *d, const struct sim_insn *ip,
                           uint64_t limit)
{
    t->ip = ip;
    d->limit = limit;
}

static void straight_any(ARGUMENTS) __attribute__((noinline));

/* What run_ functions are called with in a fast variant. */
#define FAST_CALL(widening, form_shape, condition, same)                                           \
    {                                                                                              \
        .d = d, .t = t, .ip = ip, .widen = ISA_WIDEN_##widening, .shape = SHAPE_##form_shape,      \
        .cond = condition, .fast = true, .in_place = same                                          \
    }

/* How every straight variant ends: behind the instruction at ip, or at k.target. */
#define STRAIGHT_END(step)                                                                         \
    if (step == SIM_RARE)                                                                          \
        TAIL return straight_any(PASS);                                                            \
    ip++;                                                                                          \
    if (step == SIM_NEXT) {                                                                        \
        SETTLE(ip);                                                                                \
        GO(SIM_STRAIGHT);                                                                          \
    }                                                                                              \
    if (step == SIM_OUT) {                                                                         \
        leave_straight(t, d, ip, limit);                                                           \
        return;                                                                                    \
    }                                                                                              \
    limit += (uint64_t)((const char *)k.target - (const char *)ip);                                \
    ip = k.target;                                                                                 \
    if ((uint64_t)(uintptr_t)ip > limit) {                                                         \
        leave_straight(t, d, ip, limit);                                                           \
        return;                                                                                    \
    }                                                                                              \
    SETTLE(ip);                                                                                    \
    GO(SIM_STRAIGHT)

#define STRAIGHT(name, op, widening, form_shape, condition, same)                                  \
    static void name(ARGUMENTS)                                                                    \
    {                                                                                              \
        struct call k = FAST_CALL(widening, form_shape, condition, same);                          \
        enum sim_step step = run_##op(&k);                                                         \
        flags_store(&k);                                                                           \
        STRAIGHT_END(step);                                                                        \
    }

/* Two instructions in one go; the first never jumps. Each is entered alone, too, by jumps. */
#define STRAIGHT_PAIR(name, op, widening, form_shape, op2, widening2, form_shape2, condition2)     \
    static void name(ARGUMENTS)                                                                    \
    {                                                                                              \
        struct call k = FAST_CALL(widening, form_shape, COND_IN_INSN, false);                      \
        if (run_##op(&k) == SIM_RARE)                                                              \
            TAIL return straight_any(PASS);                                                        \
        ip++;                                                                                      \
        k.ip = ip, k.widen = ISA_WIDEN_##widening2, k.shape = SHAPE_##form_shape2;                 \
        k.cond = condition2;                                                                       \
        enum sim_step step = run_##op2(&k);                                                        \
        flags_store(&k);                                                                           \
        STRAIGHT_END(step);                                                                        \
    }

/* Any instruction, through its complete function. */
static void straight_any(ARGUMENTS)
{
    t->ip = ip;
    d->limit = limit;
    const struct sim_insn *next = ip->exec(d, t, ip);
    limit += (uint64_t)((const char *)next - (const char *)(ip + 1));
    ip = next;
    if (d->event || (uint64_t)(uintptr_t)ip > limit) {
        leave_straight(t, d, ip, limit);
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
    if ((uint64_t)(uintptr_t)ip > limit) {
        leave_straight(t, d, ip, limit);
        return;
    }
    SETTLE(ip);
    GO(SIM_STRAIGHT);
}

uint64_t sim_straight_executed(const struct sim_dpu *d, const struct sim_tasklet *t)
{
    int64_t left_bytes = (int64_t)(d->limit - (uint64_t)(uintptr_t)t->ip);
    return d->straight_budget - (uint64_t)(left_bytes / (int64_t)sizeof(struct sim_insn));
}

void sim_engine_straight(struct sim_dpu *d, uint64_t budget)
{
    struct sim_tasklet *t = d->round_end.next;
    d->engine = SIM_ENGINE_STRAIGHT;
    d->current = t;
    d->straight_budget = budget;
    d->limit = (uint64_t)(uintptr_t)t->ip + budget * sizeof(struct sim_insn);
    enter(d, t, d->limit, SIM_STRAIGHT);
    t->instructions += sim_straight_executed(d, t);
    d->current = t->next;
    d->engine = SIM_ENGINE_NONE;
}

/* ---- level flow ----------------------------------------------------------------------------- */

static void level_any(ARGUMENTS) __attribute__((noinline));

#define LEVEL(name, op, widening, form_shape, condition, same)                                     \
    static void name(ARGUMENTS)                                                                    \
    {                                                                                              \
        struct call k = FAST_CALL(widening, form_shape, condition, same);                          \
        enum sim_step step = run_##op(&k);                                                         \
        if (step == SIM_RARE)                                                                      \
            TAIL return level_any(PASS);                                                           \
        flags_store(&k);                                                                           \
        ip++;                                                                                      \
        if (step == SIM_OUT) {                                                                     \
            t->ip = ip;                                                                            \
            d->current = t->next;                                                                  \
            return;                                                                                \
        }                                                                                          \
        if (step == SIM_JUMP)                                                                      \
            ip = k.target;                                                                         \
        t->ip = ip;                                                                                \
        t = t->next;                                                                               \
        ip = t->ip;                                                                                \
        SETTLE(ip);                                                                                \
        GO(SIM_LEVEL);                                                                             \
    }

static void level_any(ARGUMENTS)
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

static void timed_pick(ARGUMENTS) __attribute__((noinline));
static void timed_any(ARGUMENTS) __attribute__((noinline));
static void timed_news(ARGUMENTS) __attribute__((noinline));

/* t has issued at this cycle and goes on at ip; give way to the next. */
#define TIMED_END                                                                                  \
    t->ip = ip;                                                                                    \
    t->ready_cycle = limit + d->issue_spacing;                                                     \
    t->instructions++;                                                                             \
    t = t->next;                                                                                   \
    limit++;                                                                                       \
    if (__builtin_expect(t->ready_cycle > limit || limit >= d->attention, 0))                      \
        TAIL return timed_pick(PASS);                                                              \
    ip = t->ip;                                                                                    \
    SETTLE(ip);                                                                                    \
    GO(SIM_TIMED)

#define TIMED(name, op, widening, form_shape, condition, same)                                     \
    static void name(ARGUMENTS)                                                                    \
    {                                                                                              \
        struct call k = FAST_CALL(widening, form_shape, condition, same);                          \
        enum sim_step step = run_##op(&k);                                                         \
        if (step == SIM_RARE)                                                                      \
            TAIL return timed_any(PASS);                                                           \
        flags_store(&k);                                                                           \
        ip = step == SIM_JUMP ? k.target : ip + 1;                                                 \
        TIMED_END;                                                                                 \
    }

/* The first tasklet from `from` on, in ring order, that is ready at the cycle; NULL when none is.
 */
static struct sim_tasklet *ready_from(const struct sim_dpu *d, struct sim_tasklet *from,
                                      uint64_t cycle)
{
    struct sim_tasklet *t = from;
    for (unsigned left = d->n_running + 1; left; left--, t = t->next)
        if (t->ready_cycle <= cycle)
            return t;
    return NULL;
}

/* t is to be looked at first for the issue at cycle `limit`; the cycle before had an issue. Goes on
 * with whoever is ready, skipping cycles if need be; leaves when there is something else to do
 * first. */
static void timed_pick(ARGUMENTS)
{
    struct sim_tasklet *from = t == &d->round_end ? t->next : t;
    d->last_issue = limit - 1;
    d->now = limit;
    d->current = from;
    if (limit >= d->attention)
        return;
    t = ready_from(d, from, limit);
    if (!t && d->dma_next_wake == UINT64_MAX) { /* nobody waits for anything but the pipeline */
        sim_cycle_skip_idle(d);
        limit = d->now;
        if (limit >= d->attention)
            return;
        t = ready_from(d, from, limit);
    }
    if (!t)
        return;
    ip = t->ip;
    SETTLE(ip);
    GO(SIM_TIMED);
}

/* Any instruction, through its complete function, which may look at the cycle. */
static void timed_any(ARGUMENTS)
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
    d->current = t->next;
    (void)spare;
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
    d->last_issue = d->now += (executed - 1) * d->issue_spacing;
    d->idle_pipeline += (executed - 1) * (d->issue_spacing - 1);
    t->ready_cycle = d->now + d->issue_spacing;
    sim_cycle_after_issue(d, t);
    d->now++;
}

static void issue_from(struct sim_dpu *d, struct sim_tasklet *t, uint64_t until_cycle)
{
    uint64_t budget = (until_cycle - d->now) / d->issue_spacing;
    if (d->dma_next_wake <= d->now)
        sim_cycle_dma_finish(d);
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
        struct sim_tasklet *t = ready_from(d, d->current, d->now);
        if (!t)
            sim_cycle_skip_idle(d);
        if (d->now >= until_cycle)
            break;
        if (t)
            issue_from(d, t, until_cycle);
    }
}

/* ---- variants ------------------------------------------------------------------------------- */

/* hot.def names forms; what belongs to a form stands in insn.def and arrives as FACTS_<form> =
 * operation, widening, shape. */
#include "form_facts.inc"

#define VARIANTS(suffix, condition, same, op, widening, form_shape)                                \
    STRAIGHT(straight_##suffix, op, widening, form_shape, condition, same)                         \
    LEVEL(level_##suffix, op, widening, form_shape, condition, same)                               \
    TIMED(timed_##suffix, op, widening, form_shape, condition, same)
#define VARIANTS_(suffix, condition, same, ...) VARIANTS(suffix, condition, same, __VA_ARGS__)

#define HOT(form) VARIANTS_(form, COND_IN_INSN, false, FACTS_##form)
#define HOT_IF(form, condition)                                                                    \
    VARIANTS_(form##_##condition, ISA_COND_##condition, false, FACTS_##form)
#define HOT_SAME(form, condition)                                                                  \
    VARIANTS_(form##_##condition##_same, ISA_COND_##condition, true, FACTS_##form)
#include "hot.def"

#define ROW(form, condition, same, suffix)                                                         \
    {ISA_##form, condition, same, {straight_##suffix, level_##suffix, timed_##suffix}},
static const struct sim_fast fast[] = {
#define HOT_SAME(form, condition) ROW(form, ISA_COND_##condition, true, form##_##condition##_same)
#include "hot.def"
#define HOT(form)               ROW(form, COND_IN_INSN, false, form)
#define HOT_IF(form, condition) ROW(form, ISA_COND_##condition, false, form##_##condition)
#include "hot.def"
};

const struct sim_fast *sim_fast_find(const struct sim_insn *insn)
{
    if (insn->form == ISA_ILLEGAL || insn->big)
        return NULL;
    for (const struct sim_fast *f = fast; f < fast + sizeof fast / sizeof fast[0]; f++)
        if (f->form == insn->form && (f->cond == COND_IN_INSN || f->cond == insn->cond) &&
            (!f->same || insn->rc == insn->rb))
            return f;
    return NULL;
}

/* ---- pairs ---------------------------------------------------------------------------------- */

#define PAIR_FACTS(name, ...) STRAIGHT_PAIR(name, __VA_ARGS__)
#define PAIR(first, second, condition)                                                             \
    PAIR_FACTS(pair_##first##_##second##_##condition, FACTS_##first, FACTS_##second,               \
               PAIR_COND_##condition)
#define PAIR_COND_ANY COND_IN_INSN
#define PAIR_COND_Z   ISA_COND_Z
#define PAIR_COND_NZ  ISA_COND_NZ
#define PAIR_COND_LTU ISA_COND_LTU
#define PAIR_COND_GEU ISA_COND_GEU
#define PAIR_COND_LEU ISA_COND_LEU
#define PAIR_COND_GTU ISA_COND_GTU
#define PAIR_COND_LTS ISA_COND_LTS
#define PAIR_COND_GES ISA_COND_GES
#define PAIR_COND_LES ISA_COND_LES
#define PAIR_COND_GTS ISA_COND_GTS

#define PAIRS_OF(first) PAIR_SECOND(PAIR, first)
PAIR_FIRST(PAIRS_OF)

enum { N_SECOND = 0 PAIR_SECOND(PAIR_COUNT, _) };

static const struct {
    enum isa_form form;
    int cond;
} seconds[N_SECOND] = {
#define SECOND_ROW(first, second, condition) {ISA_##second, PAIR_COND_##condition},
    PAIR_SECOND(SECOND_ROW, _)};

static const struct {
    enum isa_form form;
    sim_run_fn *run[N_SECOND];
} pairs[] = {
#define PAIR_NAME(first, second, condition) pair_##first##_##second##_##condition,
#define PAIR_ROW(first)                     {ISA_##first, {PAIR_SECOND(PAIR_NAME, first)}},
    PAIR_FIRST(PAIR_ROW)};

sim_run_fn *sim_pair_find(const struct sim_insn *first, const struct sim_insn *second)
{
    size_t a = 0, b = 0;
    while (a < sizeof pairs / sizeof pairs[0] && pairs[a].form != first->form)
        a++;
    while (b < N_SECOND && (seconds[b].form != second->form ||
                            (seconds[b].cond != COND_IN_INSN && seconds[b].cond != second->cond)))
        b++;
    if (a == sizeof pairs / sizeof pairs[0] || b == N_SECOND || first->big || second->big)
        return NULL;
    return pairs[a].run[b];
}

/* ---- special slots -------------------------------------------------------------------------- */

const struct sim_fast sim_run_any = {.run = {straight_any, level_any, timed_any}};
const struct sim_fast sim_run_wrap = {.run = {straight_wrap, level_wrap, timed_wrap}};
const struct sim_fast sim_run_round_end = {
    .run = {level_round_end, level_round_end, level_round_end}};
