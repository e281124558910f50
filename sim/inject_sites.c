/* SPDX-License-Identifier: MIT */
/* State that injections change: a function to read and one to write for each row of site.def that
 * has bits. */
#include <string.h>

#include "inject.h"

static uint8_t *memory_of(struct sim_dpu *d, enum sim_inject_site site, uint64_t at, size_t *len)
{
    uint32_t size = sim_dpu_memory_bytes(d, site == SIM_SITE_MRAM ? ISA_MRAM : ISA_WRAM);
    *len = at < size ? size - at : 0; /* WRAM may be smaller than the largest */
    if (*len > sizeof(uint32_t))
        *len = sizeof(uint32_t);
    return (site == SIM_SITE_MRAM ? d->mram : d->wram) + at;
}

static uint64_t flag_get(const struct sim_tasklet *t, uint64_t which)
{
    return which ? t->carry : t->zero == 0;
}

static void flag_put(struct sim_tasklet *t, uint64_t which, bool value)
{
    if (which)
        t->carry = value;
    else
        t->zero = !value;
}

static unsigned counter_shift(const struct sim_dpu *d)
{
    return (unsigned)d->config.timing[SIM_TIMING_counter_shift];
}

uint64_t sim_site_get(struct sim_strike *s, const struct sim_injection *what)
{
    uint64_t at = what->argument[SIM_ARGUMENT_AT], bits = 0;
    size_t len;
    const uint8_t *memory;
    switch (what->site) {
    case SIM_SITE_WRAM:
    case SIM_SITE_MRAM:
        memory = memory_of(s->d, what->site, at, &len);
        memcpy(&bits, memory, len);
        return bits;
    case SIM_SITE_IRAM:
        return s->d->code->word[at];
    case SIM_SITE_REGISTER:
        return s->t->r[at];
    case SIM_SITE_PC:
        return sim_pc_of(s->d, s->next ? s->next : s->ip);
    case SIM_SITE_FLAG:
        return flag_get(s->t, at);
    case SIM_SITE_ATOMIC:
        return sim_dpu_atomic_get(s->d, (unsigned)at);
    case SIM_SITE_RUN:
        return sim_dpu_run_bits(s->d) >> at & 1;
    case SIM_SITE_COUNTER:
        return sim_time_values(s->d).first >> counter_shift(s->d) & UINT32_MAX;
    default:
        return 0;
    }
}

static void counter_put(struct sim_dpu *d, uint64_t bits)
{
    uint64_t mask = (uint64_t)UINT32_MAX << counter_shift(d);
    struct sim_time time = sim_time_values(d);
    time.first = (time.first & ~mask) | (bits << counter_shift(d) & mask);
    sim_time_continue(d, time);
}

static void run_put(struct sim_dpu *d, unsigned tasklet, bool run)
{
    sim_run_bit(d, tasklet, run ? ISA_OP_RESUME : ISA_OP_CLR_RUN);
}

/* Before the instruction, another one executes; behind it, another one comes next. */
static void pc_put(struct sim_strike *s, uint64_t bits)
{
    const struct sim_insn *there = sim_at_pc(s->d, (uint32_t)bits);
    if (s->next)
        s->next = there;
    else
        s->ip = there;
}

void sim_site_put(struct sim_strike *s, const struct sim_injection *what, uint64_t bits)
{
    uint64_t at = what->argument[SIM_ARGUMENT_AT];
    size_t len;
    uint8_t *memory;
    switch (what->site) {
    case SIM_SITE_WRAM:
    case SIM_SITE_MRAM:
        memory = memory_of(s->d, what->site, at, &len);
        memcpy(memory, &bits, len);
        break;
    case SIM_SITE_IRAM:
        sim_code_store(s->d->code, (uint32_t)at, bits);
        s->d->event |= SIM_NEWS_CODE;
        break;
    case SIM_SITE_REGISTER:
        s->t->r[at] = (uint32_t)bits;
        break;
    case SIM_SITE_PC:
        pc_put(s, bits);
        break;
    case SIM_SITE_FLAG:
        flag_put(s->t, at, bits);
        break;
    case SIM_SITE_ATOMIC:
        sim_dpu_atomic_set(s->d, (unsigned)at, bits);
        break;
    case SIM_SITE_RUN:
        run_put(s->d, (unsigned)at, bits);
        break;
    case SIM_SITE_COUNTER:
        counter_put(s->d, bits);
        break;
    default:
        break;
    }
}
