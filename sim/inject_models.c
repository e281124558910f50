/* SPDX-License-Identifier: MIT */
/* What each model of inject.def does to an instruction, or to the state at its site. */
#include <stdio.h>
#include <string.h>

#include "exec.h"
#include "forms.h"
#include "inject.h"

#define MODEL(name)                                                                                \
    void sim_inject_##name(struct sim_strike *s, struct sim_armed *armed,                          \
                           enum sim_strike_phase phase)

static uint64_t argument(const struct sim_armed *armed, enum sim_inject_argument which)
{
    return armed->told.what.argument[which];
}

/* ---- faults ---------------------------------------------------------------------------------- */

/* The first of several faults counts. */
MODEL(fault)
{
    static const enum sim_fault_kind kinds[] = {[SIM_INJECT_BKP] = SIM_FAULT_BREAKPOINT,
                                                [SIM_INJECT_DMA] = SIM_FAULT_DMA,
                                                [SIM_INJECT_MEM] = SIM_FAULT_MEMORY};
    const struct sim_injection *what = &armed->told.what;
    struct sim_fault *fault = &s->d->fault;
    if (phase != SIM_BEFORE || fault->kind != SIM_FAULT_NONE)
        return;
    s->skip = true;
    if (what->model == SIM_INJECT_BKP)
        sim_raise_breakpoint(s->d, s->t, s->ip, (uint32_t)what->argument[SIM_ARGUMENT_CODE]);
    else
        snprintf(fault->rule, sizeof fault->rule, "forced by an injection");
    fault->kind = kinds[what->model];
    fault->tasklet = s->t->id;
    fault->pc_insn = sim_pc_of(s->d, s->ip);
    fault->injected = true;
    s->d->event |= SIM_NEWS_FAULT;
}

/* ---- bits of a place ------------------------------------------------------------------------- */

static uint64_t mask_of(const struct sim_armed *armed)
{
    switch (armed->told.what.model) {
    case SIM_INJECT_SCATTER:
        return argument(armed, SIM_ARGUMENT_MASK);
    case SIM_INJECT_FLIPN:
        return ((UINT64_C(1) << argument(armed, SIM_ARGUMENT_BITS)) - 1)
               << argument(armed, SIM_ARGUMENT_BIT);
    default:
        return UINT64_C(1) << argument(armed, SIM_ARGUMENT_BIT);
    }
}

/* The run bit of a tasklet changes behind the instruction, as by a stop; all else before it. */
static bool is_moment(const struct sim_armed *armed, enum sim_strike_phase phase)
{
    return phase == (armed->told.what.site == SIM_SITE_RUN ? SIM_AFTER : SIM_BEFORE);
}

MODEL(flip)
{
    const struct sim_injection *what = &armed->told.what;
    if (is_moment(armed, phase))
        sim_site_put(s, what, sim_site_get(s, what) ^ mask_of(armed));
}

static bool in_duty(struct sim_armed *armed, enum sim_strike_phase phase)
{
    if (armed->told.what.model != SIM_INJECT_INTERMITTENT)
        return true;
    uint64_t period = argument(armed, SIM_ARGUMENT_PERIOD), at = armed->age % period;
    armed->age += phase == SIM_AFTER;
    return at * 100 < period * argument(armed, SIM_ARGUMENT_DUTY);
}

/* Before and behind every instruction, so that neither the host nor a transfer in the background
 * changes the bit unseen. */
MODEL(stuck)
{
    const struct sim_injection *what = &armed->told.what;
    uint64_t mask = mask_of(armed);
    bool level = what->model == SIM_INJECT_INTERMITTENT ? argument(armed, SIM_ARGUMENT_LEVEL)
                                                        : what->model == SIM_INJECT_STUCK1;
    if (!in_duty(armed, phase) || (what->site == SIM_SITE_RUN && phase == SIM_BEFORE))
        return;
    uint64_t bits = sim_site_get(s, what), wanted = level ? bits | mask : bits & ~mask;
    if (wanted != bits)
        sim_site_put(s, what, wanted);
}

MODEL(replace)
{
    const struct sim_injection *what = &armed->told.what;
    uint64_t keep = what->model == SIM_INJECT_BYTE ? ~UINT64_C(0xff) : 0;
    if (is_moment(armed, phase))
        sim_site_put(s, what, (sim_site_get(s, what) & keep) | what->argument[SIM_ARGUMENT_VALUE]);
}

/* The value in every byte of a unit. */
static uint64_t repeated(uint64_t byte, unsigned bits)
{
    return (byte * UINT64_C(0x0101010101010101)) & ((UINT64_C(1) << bits) - 1);
}

MODEL(fill)
{
    struct sim_injection unit = armed->told.what;
    unsigned bits = sim_inject_site_get(unit.site)->unit_bits;
    uint64_t value = repeated(argument(armed, SIM_ARGUMENT_VALUE), bits);
    uint64_t keep = ~((UINT64_C(1) << bits) - 1);
    if (phase != SIM_BEFORE)
        return;
    for (uint64_t i = argument(armed, SIM_ARGUMENT_LEN); i-- > 0; unit.argument[SIM_ARGUMENT_AT]++)
        sim_site_put(s, &unit, (sim_site_get(s, &unit) & keep) | value);
}

/* ---- memory accesses ------------------------------------------------------------------------- */

static void wram_line(struct sim_strike *s, uint32_t line, bool level)
{
    struct sim_event event = {.kind = SIM_EVENT_INSN};
    if (!sim_memory_event(s->t, s->ip, &event) ||
        (event.kind != SIM_EVENT_READ && event.kind != SIM_EVENT_WRITE))
        return;
    uint32_t mask = 1u << line, seen = level ? event.address | mask : event.address & ~mask;
    if (!s->has_instead)
        s->instead = *s->ip;
    s->has_instead = true;
    s->instead.imm += seen - event.address;
}

MODEL(address)
{
    uint32_t line = (uint32_t)argument(armed, SIM_ARGUMENT_LINE);
    bool level = argument(armed, SIM_ARGUMENT_LEVEL);
    if (phase != SIM_BEFORE)
        return;
    if (armed->told.what.site == SIM_SITE_MRAM)
        s->d->dma_error = (struct sim_dma_error){SIM_DMA_ADDRESS, line, level};
    else
        wram_line(s, line, level);
}

MODEL(drop)
{
    if (phase != SIM_BEFORE)
        return;
    if (armed->told.what.site == SIM_SITE_DMA)
        s->d->dma_error = (struct sim_dma_error){SIM_DMA_LOST, 0, false};
    else
        s->skip = true;
}

MODEL(transfer)
{
    const struct sim_injection *what = &armed->told.what;
    bool is_bit = what->model == SIM_INJECT_GARBLE;
    struct sim_dma_error error = {
        .kind = is_bit                            ? SIM_DMA_BIT
                : what->model == SIM_INJECT_SHORT ? SIM_DMA_SHORT
                                                  : SIM_DMA_TWICE,
        .at = (uint32_t)what->argument[is_bit ? SIM_ARGUMENT_BIT : SIM_ARGUMENT_BEAT]};
    if (phase == SIM_BEFORE)
        s->d->dma_error = error;
}

MODEL(late)
{
    uint64_t now = s->d->now * SIM_DMA_FRACTION;
    if (phase != SIM_BEFORE || !s->d->cycle_mode)
        return;
    for (unsigned i = 0; i < SIM_DMA_ENGINES; i++) {
        uint64_t *free_at = &s->d->dma_engine_free[i];
        *free_at = (*free_at > now ? *free_at : now) +
                   argument(armed, SIM_ARGUMENT_DELAY) * SIM_DMA_FRACTION;
    }
}

/* ---- execution ------------------------------------------------------------------------------- */

MODEL(stall)
{
    uint64_t cycles = argument(armed, SIM_ARGUMENT_DELAY);
    if (phase != SIM_BEFORE || !s->d->cycle_mode)
        return;
    s->t->ready_cycle += cycles;
    s->t->run_spacing += (int64_t)cycles;
}

MODEL(skip)
{
    (void)armed;
    s->skip |= phase == SIM_BEFORE;
}

MODEL(opcode)
{
    if (phase != SIM_BEFORE)
        return;
    sim_predecode(&s->instead, argument(armed, SIM_ARGUMENT_VALUE), sim_pc_of(s->d, s->ip));
    s->has_instead = true;
}

MODEL(branch)
{
    (void)armed;
    if (phase == SIM_AFTER)
        s->next = s->next == s->ip + 1 ? jump_target(s->ip) : s->ip + 1;
}

/* ---- registers ------------------------------------------------------------------------------- */

static unsigned chosen_register(const struct sim_armed *armed, uint32_t candidates)
{
    uint64_t only = argument(armed, SIM_ARGUMENT_ONLY);
    return only == SIM_ANYWHERE ? (unsigned)__builtin_ctz(candidates) : (unsigned)only;
}

static struct sim_touched touched(const struct sim_strike *s)
{
    return sim_touched_by(s->d->code->word[sim_pc_of(s->d, s->ip)]);
}

MODEL(read_error)
{
    struct sim_touched t = touched(s);
    uint32_t *r = &s->t->r[chosen_register(armed, t.reads)];
    if (phase == SIM_BEFORE) {
        armed->saved = *r;
        *r ^= (uint32_t)mask_of(armed);
    } else if (!(t.writes >> (r - s->t->r) & 1)) {
        *r = (uint32_t)armed->saved;
    }
}

MODEL(result_error)
{
    if (phase == SIM_AFTER)
        s->t->r[chosen_register(armed, touched(s).writes)] ^= (uint32_t)mask_of(armed);
}

/* ---- shared bits ----------------------------------------------------------------------------- */

/* The instruction only looks at the run bit. */
MODEL(wake)
{
    (void)armed;
    if (phase != SIM_BEFORE)
        return;
    s->instead = *s->ip;
    s->instead.exec = sim_exec[ISA_READ_RUN_RICI];
    s->has_instead = true;
}

MODEL(release)
{
    unsigned bit = sim_bit_named(s);
    if (phase == SIM_BEFORE)
        armed->saved = sim_dpu_atomic_get(s->d, bit);
    else
        sim_dpu_atomic_set(s->d, bit, armed->saved);
}

MODEL(acquire)
{
    (void)armed;
    if (phase == SIM_BEFORE)
        sim_dpu_atomic_set(s->d, sim_bit_named(s), false);
}

MODEL(timer)
{
    const struct sim_injection *what = &armed->told.what;
    if (phase == SIM_BEFORE)
        sim_site_put(s, what, sim_site_get(s, what) + what->argument[SIM_ARGUMENT_VALUE]);
}
