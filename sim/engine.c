/* SPDX-License-Identifier: MIT */
/* The fast functional engine: threaded code in two flows. Each fast variant of an instruction ends
 * by jumping to the next one's code: in the straight flow (one running tasklet) to its own
 * successor, in the level flow (two or more) to the next tasklet in the ring, so that tasklets
 * advance one instruction each in turn. Counting costs nothing per instruction:
 *
 *   straight: `limit` is the address that ip would reach, had the code no jumps, when the budget is
 *             used up; a jump moves it along. Executed so far = budget - (limit - ip) / size.
 *   level:    every tasklet in the ring executes one instruction a round; rounds are counted at the
 *             sentinel that closes the ring.
 *
 * Compiled without tail calls (no optimisation, sanitizers) the variants return and a loop calls
 * the next one; the results are the same. */
#include "engine.h"
#include "exec.h"
#include "forms.h"

#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(SIM_NO_TAIL_CALLS)
#define TAIL_CALLS 1
#else
#define TAIL_CALLS 0
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

/* ---- straight flow -----------------------------------------------------------------------------
 */

/* ip is the next instruction of t; its turn is over. */
static void leave_straight(struct sim_tasklet *t, struct sim_dpu *d, const struct sim_insn *ip,
                           uint64_t limit)
{
    t->ip = ip;
    d->limit = limit;
}

static void straight_any(ARGUMENTS) __attribute__((noinline));

#define STRAIGHT(name, op, widening, form_shape, condition)                                        \
    static void name(ARGUMENTS)                                                                    \
    {                                                                                              \
        struct call k = {.d = d,                                                                   \
                         .t = t,                                                                   \
                         .ip = ip,                                                                 \
                         .widen = ISA_WIDEN_##widening,                                            \
                         .shape = SHAPE_##form_shape,                                              \
                         .cond = condition,                                                        \
                         .fast = true};                                                            \
        enum sim_step step = run_##op(&k);                                                         \
        if (step == SIM_RARE)                                                                      \
            TAIL return straight_any(PASS);                                                        \
        ip++;                                                                                      \
        if (step == SIM_NEXT) {                                                                    \
            SETTLE(ip);                                                                            \
            GO(SIM_STRAIGHT);                                                                      \
        }                                                                                          \
        if (step == SIM_OUT) {                                                                     \
            leave_straight(t, d, ip, limit);                                                       \
            return;                                                                                \
        }                                                                                          \
        limit += (uint64_t)((const char *)k.target - (const char *)ip);                            \
        ip = k.target;                                                                             \
        if ((uint64_t)(uintptr_t)ip > limit) {                                                     \
            leave_straight(t, d, ip, limit);                                                       \
            return;                                                                                \
        }                                                                                          \
        SETTLE(ip);                                                                                \
        GO(SIM_STRAIGHT);                                                                          \
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

/* ---- level flow --------------------------------------------------------------------------------
 */

static void level_any(ARGUMENTS) __attribute__((noinline));

#define LEVEL(name, op, widening, form_shape, condition)                                           \
    static void name(ARGUMENTS)                                                                    \
    {                                                                                              \
        struct call k = {.d = d,                                                                   \
                         .t = t,                                                                   \
                         .ip = ip,                                                                 \
                         .widen = ISA_WIDEN_##widening,                                            \
                         .shape = SHAPE_##form_shape,                                              \
                         .cond = condition,                                                        \
                         .fast = true};                                                            \
        enum sim_step step = run_##op(&k);                                                         \
        if (step == SIM_RARE)                                                                      \
            TAIL return level_any(PASS);                                                           \
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

/* ---- variants ----------------------------------------------------------------------------------
 */

#define EXEC(name, op, widening, form_shape, condition)                                            \
    static const struct sim_insn *name(struct sim_dpu *d, struct sim_tasklet *t,                   \
                                       const struct sim_insn *ip)                                  \
    {                                                                                              \
        struct call k = {.d = d,                                                                   \
                         .t = t,                                                                   \
                         .ip = ip,                                                                 \
                         .widen = ISA_WIDEN_##widening,                                            \
                         .shape = SHAPE_##form_shape,                                              \
                         .cond = condition};                                                       \
        return run_##op(&k) == SIM_JUMP ? k.target : ip + 1;                                       \
    }

/* hot.def names forms; what belongs to a form stands in insn.def, so the two are joined by macros
 * that insn.def defines: FACTS_<form> = operation, widening, shape. */
#include "form_facts.inc"

#define VARIANTS(suffix, condition, op, widening, form_shape)                                      \
    STRAIGHT(straight_##suffix, op, widening, form_shape, condition)                               \
    LEVEL(level_##suffix, op, widening, form_shape, condition)                                     \
    EXEC(exec_##suffix, op, widening, form_shape, condition)
#define VARIANTS_(suffix, condition, ...) VARIANTS(suffix, condition, __VA_ARGS__)

#define HOT(form)               VARIANTS_(form, COND_IN_INSN, FACTS_##form)
#define HOT_IF(form, condition) VARIANTS_(form##_##condition, ISA_COND_##condition, FACTS_##form)
#include "hot.def"

static const struct sim_fast fast[] = {
#define HOT(form) {ISA_##form, COND_IN_INSN, {straight_##form, level_##form}, exec_##form},
#define HOT_IF(form, condition)                                                                    \
    {ISA_##form,                                                                                   \
     ISA_COND_##condition,                                                                         \
     {straight_##form##_##condition, level_##form##_##condition},                                  \
     exec_##form##_##condition},
#include "hot.def"
};

const struct sim_fast *sim_fast_find(enum isa_form form, enum isa_cond cond)
{
    for (size_t i = 0; i < sizeof fast / sizeof fast[0]; i++)
        if (fast[i].form == form && (fast[i].cond == COND_IN_INSN || fast[i].cond == (int)cond))
            return &fast[i];
    return NULL;
}

static const struct sim_insn *exec_wrap(struct sim_dpu *d, struct sim_tasklet *t,
                                        const struct sim_insn *ip)
{
    (void)ip;
    return d->code->insn->exec(d, t, d->code->insn);
}

const struct sim_fast sim_run_any = {.run = {straight_any, level_any}};
const struct sim_fast sim_run_wrap = {.run = {straight_wrap, level_wrap}, .exec = exec_wrap};
const struct sim_fast sim_run_round_end = {.run = {level_round_end, level_round_end}};
