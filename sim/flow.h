/* SPDX-License-Identifier: MIT */
/* How the fast variants of instructions go on to the next one, in the three flows of the engine
 * (see engine.c). Macros, because tail calls must stand in the functions themselves. Private to the
 * engine's files. */
#ifndef SIM_FLOW_H
#define SIM_FLOW_H

#include "engine.h"
#include "exec.h"
#include "forms.h"

#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) &&    \
    !defined(SIM_NO_TAIL_CALLS) && !defined(SIM_OUT_OF_LINE)
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

/* Two arguments mean nothing: on x86-64 they keep registers free, among them the one that shift
 * amounts must be in, so that nothing has to be saved to compute. */
#define ARGUMENTS                                                                                  \
    struct sim_tasklet *t, const struct sim_insn *ip, uint64_t spare, uint64_t spare2,             \
        uint64_t limit, struct sim_dpu *d
#define PASS     t, ip, spare, spare2, limit, d
#define NO_SPARE ((void)spare, (void)spare2)

/* Keep compilers from splitting "advance, then jump through the new place" into more instructions,
 * and from saving the spare registers. */
#if TAIL_CALLS && defined(__x86_64__)
#define SETTLE(pointer) __asm__("" : "+r"(pointer), "=d"(spare), "=c"(spare2))
#else
#define SETTLE(pointer) NO_SPARE
#endif

#if TAIL_CALLS
#define GO(flow) TAIL return ip->run[flow](PASS)
#else
#define GO(flow)                                                                                   \
    do {                                                                                           \
        d->current = t;                                                                            \
        t->ip = ip;                                                                                \
        d->limit = limit;                                                                          \
        NO_SPARE;                                                                                  \
        d->go = true;                                                                              \
        return;                                                                                    \
    } while (0)
#endif

/* The variants of all instructions without one of their own, and what else the flows end in. */
sim_run_fn sim_straight_any, sim_level_any, sim_timed_any, sim_timed_pick;

/* ---- straight flow -------------------------------------------------------------------------- */

/* ip is the next instruction of t; its turn is over. */
#define SIM_LEAVE_STRAIGHT (t->ip = ip, d->limit = limit)

/* What run_ functions are called with in a fast variant. */
#define FAST_CALL(widening, form_shape, condition, same)                                           \
    {                                                                                              \
        .d = d, .t = t, .ip = ip, .widen = widening, .shape = form_shape, .cond = condition,       \
        .fast = true, .in_place = same                                                             \
    }

/* How every straight variant ends: behind the instruction at ip, or at its target. */
#define STRAIGHT_END(step)                                                                         \
    if (step == SIM_RARE) {                                                                        \
        SETTLE(ip);                                                                                \
        TAIL return sim_straight_any(PASS);                                                        \
    }                                                                                              \
    ip++;                                                                                          \
    if (step == SIM_NEXT) {                                                                        \
        SETTLE(ip);                                                                                \
        GO(SIM_STRAIGHT);                                                                          \
    }                                                                                              \
    if (step == SIM_OUT) {                                                                         \
        SIM_LEAVE_STRAIGHT;                                                                        \
        return;                                                                                    \
    }                                                                                              \
    if (step == SIM_JUMP) {                                                                        \
        limit += (uint64_t)(int64_t)ip[-1].jump;                                                   \
        ip = jump_target(ip - 1);                                                                  \
    } else {                                                                                       \
        limit += (uint64_t)((const char *)k.target - (const char *)ip);                            \
        ip = k.target;                                                                             \
    }                                                                                              \
    if ((int64_t)limit < 0) {                                                                      \
        SIM_LEAVE_STRAIGHT;                                                                        \
        return;                                                                                    \
    }                                                                                              \
    SETTLE(ip);                                                                                    \
    GO(SIM_STRAIGHT)

#define STRAIGHT_BODY(run, how)                                                                    \
    {                                                                                              \
        struct call k = how;                                                                       \
        enum sim_step step = run(&k);                                                              \
        flags_store(&k);                                                                           \
        STRAIGHT_END(step);                                                                        \
    }

/* Two instructions in one go. Each is entered alone, too, by jumps. */
#define PAIR_BODY(run, how, run2, widen2, shape2, cond2, same2)                                    \
    {                                                                                              \
        struct call k = how;                                                                       \
        enum sim_step step = run(&k);                                                              \
        if (step == SIM_NEXT) {                                                                    \
            ip++;                                                                                  \
            k.ip = ip, k.widen = widen2, k.shape = shape2;                                         \
            k.cond = cond2, k.in_place = same2;                                                    \
            step = run2(&k);                                                                       \
        }                                                                                          \
        flags_store(&k);                                                                           \
        STRAIGHT_END(step);                                                                        \
    }

/* SIM_LADDER_STEPS steps of a ladder in one go, on the same registers. */
#define STRAIGHT_DIVISION(name)                                                                    \
    static void name(ARGUMENTS)                                                                    \
    {                                                                                              \
        struct call k = {.ip = ip};                                                                \
        uint32_t ra = *reg(t, ip->ra);                                                             \
        struct words w = *words_at(t, ip->rc);                                                     \
        for (unsigned i = 0; i < SIM_LADDER_STEPS; i++)                                            \
            step_DIV_STEP(&w, ra, ip[i].imm);                                                      \
        *words_at(t, ip->rc) = w;                                                                  \
        ip += SIM_LADDER_STEPS - 1;                                                                \
        STRAIGHT_END(SIM_NEXT);                                                                    \
    }

/* The same with shifts that follow each other; jumps out when the even word is used up. */
#define STRAIGHT_PRODUCT(name)                                                                     \
    static void name(ARGUMENTS)                                                                    \
    {                                                                                              \
        struct call k = {.ip = ip};                                                                \
        struct words w = *words_at(t, ip->rc);                                                     \
        unsigned done = ladder_MUL_STEP(&w, *reg(t, ip->ra), ip->imm, SIM_LADDER_STEPS);           \
        enum sim_step step = w.even ? SIM_NEXT : SIM_JUMP;                                         \
        *words_at(t, ip->rc) = w;                                                                  \
        t->zero = w.even;                                                                          \
        ip += done - 1;                                                                            \
        STRAIGHT_END(step);                                                                        \
    }

/* ---- level flow ----------------------------------------------------------------------------- */

#define LEVEL_BODY(run, how)                                                                       \
    {                                                                                              \
        struct call k = how;                                                                       \
        enum sim_step step = run(&k);                                                              \
        if (step == SIM_RARE) {                                                                    \
            SETTLE(ip);                                                                            \
            TAIL return sim_level_any(PASS);                                                       \
        }                                                                                          \
        flags_store(&k);                                                                           \
        ip++;                                                                                      \
        if (step == SIM_OUT) {                                                                     \
            t->ip = ip;                                                                            \
            d->current = t->next;                                                                  \
            return;                                                                                \
        }                                                                                          \
        if (step == SIM_JUMP)                                                                      \
            ip = jump_target(ip - 1);                                                              \
        if (step == SIM_GOTO)                                                                      \
            ip = k.target;                                                                         \
        t->ip = ip;                                                                                \
        t = t->next;                                                                               \
        ip = t->ip;                                                                                \
        SETTLE(ip);                                                                                \
        GO(SIM_LEVEL);                                                                             \
    }

/* ---- timed flow ----------------------------------------------------------------------------- */

/* t has issued at this cycle and goes on at ip; give way to the next. */
#define TIMED_END                                                                                  \
    t->ip = ip;                                                                                    \
    t->ready_cycle = limit + d->issue_spacing;                                                     \
    t->instructions++;                                                                             \
    limit++;                                                                                       \
    struct sim_tasklet *after = t->next;                                                           \
    if (__builtin_expect(after->ready_cycle > limit || limit >= d->attention, 0)) {                \
        SETTLE(ip);                                                                                \
        TAIL return sim_timed_pick(PASS);                                                          \
    }                                                                                              \
    t = after;                                                                                     \
    ip = t->ip;                                                                                    \
    SETTLE(ip);                                                                                    \
    GO(SIM_TIMED)

#define TIMED_BODY(run, how)                                                                       \
    {                                                                                              \
        struct call k = how;                                                                       \
        enum sim_step step = run(&k);                                                              \
        if (step == SIM_RARE) {                                                                    \
            SETTLE(ip);                                                                            \
            TAIL return sim_timed_any(PASS);                                                       \
        }                                                                                          \
        flags_store(&k);                                                                           \
        ip = step == SIM_JUMP ? jump_target(ip) : step == SIM_GOTO ? k.target : ip + 1;            \
        TIMED_END;                                                                                 \
    }

/* ---- variants ------------------------------------------------------------------------------- */

#ifndef SIM_OUT_OF_LINE

#define FLOW_VARIANT(BODY, name, op, widening, form_shape, condition, same)                        \
    static void name(ARGUMENTS)                                                                    \
        BODY(run_##op, FAST_CALL(ISA_WIDEN_##widening, SHAPE_##form_shape, condition, same))
#define STRAIGHT(...) FLOW_VARIANT(STRAIGHT_BODY, __VA_ARGS__)
#define LEVEL(...)    FLOW_VARIANT(LEVEL_BODY, __VA_ARGS__)
#define TIMED(...)    FLOW_VARIANT(TIMED_BODY, __VA_ARGS__)
#define STRAIGHT_PAIR(name, cond, same, cond2, same2, op, widening, form_shape, op2, widening2,    \
                      form_shape2)                                                                 \
    static void name(ARGUMENTS)                                                                    \
        PAIR_BODY(run_##op, FAST_CALL(ISA_WIDEN_##widening, SHAPE_##form_shape, cond, same),       \
                  run_##op2, ISA_WIDEN_##widening2, SHAPE_##form_shape2, cond2, same2)

#else

/* One function per flow, told by each variant what it is: thousands of copies would take compilers
 * half an hour to instrument. */
struct variant {
    enum sim_step (*run)(struct call *);
    enum isa_widen widen;
    enum shape shape;
    int cond;
    bool same;
};
#define VARIANT_CALL FAST_CALL(v->widen, v->shape, v->cond, v->same)
#define FLOW_FUNCTION(name, BODY)                                                                  \
    SIM_INLINE void name(const struct variant *v, ARGUMENTS) BODY(v->run, VARIANT_CALL)
FLOW_FUNCTION(straight_function, STRAIGHT_BODY)
FLOW_FUNCTION(level_function, LEVEL_BODY)
FLOW_FUNCTION(timed_function, TIMED_BODY)
SIM_INLINE void pair_function(const struct variant *v, const struct variant *v2, ARGUMENTS)
    PAIR_BODY(v->run, VARIANT_CALL, v2->run, v2->widen, v2->shape, v2->cond, v2->same)

#define VARIANT_IS(op, widening, form_shape, cond, same)                                           \
    {                                                                                              \
        run_##op, ISA_WIDEN_##widening, SHAPE_##form_shape, cond, same                             \
    }
#define FLOW_VARIANT(function, name, op, widening, form_shape, condition, same)                    \
    static void name(ARGUMENTS)                                                                    \
    {                                                                                              \
        static const struct variant v = VARIANT_IS(op, widening, form_shape, condition, same);     \
        function(&v, PASS);                                                                        \
    }
#define STRAIGHT(...) FLOW_VARIANT(straight_function, __VA_ARGS__)
#define LEVEL(...)    FLOW_VARIANT(level_function, __VA_ARGS__)
#define TIMED(...)    FLOW_VARIANT(timed_function, __VA_ARGS__)
#define STRAIGHT_PAIR(name, cond, same, cond2, same2, op, widening, form_shape, op2, widening2,    \
                      form_shape2)                                                                 \
    static void name(ARGUMENTS)                                                                    \
    {                                                                                              \
        static const struct variant v = VARIANT_IS(op, widening, form_shape, cond, same);          \
        static const struct variant v2 = VARIANT_IS(op2, widening2, form_shape2, cond2, same2);    \
        pair_function(&v, &v2, PASS);                                                              \
    }

#endif

#endif
