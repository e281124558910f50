/* SPDX-License-Identifier: MIT */
/* Tokens of tasklets for doublewords of WRAM; see quiet.h. */
#include <string.h>

#include "watch.h"

static void set_number(struct sim_quiet *q, unsigned tasklet, uint16_t number)
{
    q->number[tasklet] = number;
    q->present[tasklet] = q->suspended[tasklet] ? SIM_NO_TOKEN : number;
}

void sim_quiet_ask(struct sim_dpu *d, const struct sim_tasklet *t, uint32_t doubleword)
{
    struct sim_quiet *q = &d->watch->quiet;
    enum sim_quietness agreed = SIM_QUIET_ALL;
    for (unsigned i = 0; i < d->watch->n_voters && agreed; i++) {
        struct sim_watcher *w = d->watch->voter[i];
        enum sim_quietness its = w->quiet(w, d, t, doubleword);
        agreed = its < agreed ? its : agreed;
    }
    if (!agreed)
        return;
    q->token[t->id][doubleword] = (uint16_t)(q->number[t->id] + (agreed == SIM_QUIET_ALL));
    q->holders[doubleword] |= 1u << t->id;
}

void sim_quiet_advance(struct sim_dpu *d, unsigned tasklet)
{
    if (!d->watch)
        return;
    struct sim_quiet *q = &d->watch->quiet;
    uint16_t next = (uint16_t)(q->number[tasklet] + 2);
    if (next < SIM_FIRST_TOKEN) { /* once around, or the first */
        if (q->number[tasklet])
            memset(q->token[tasklet], 0, sizeof q->token[tasklet]);
        next = SIM_FIRST_TOKEN;
    }
    set_number(q, tasklet, next);
}

void sim_quiet_forget(struct sim_dpu *d)
{
    if (!d->watch)
        return;
    memset(d->watch->quiet.suspended, 0, sizeof d->watch->quiet.suspended);
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++)
        sim_quiet_advance(d, i);
}

void sim_quiet_drop(struct sim_dpu *d, uint32_t from, uint32_t end)
{
    if (!d->watch)
        return;
    struct sim_quiet *q = &d->watch->quiet;
    for (uint32_t i = from / SIM_DOUBLEWORD; i * SIM_DOUBLEWORD < end; i++) {
        for (uint32_t rest = q->holders[i]; rest; rest &= rest - 1)
            q->token[__builtin_ctz(rest)][i] = 0;
        q->holders[i] = 0;
    }
}

void sim_quiet_others(struct sim_dpu *d, const struct sim_tasklet *t, uint32_t doubleword,
                      bool is_write)
{
    if (!d->watch)
        return;
    struct sim_quiet *q = &d->watch->quiet;
    uint32_t own = 1u << t->id;
    for (uint32_t rest = q->holders[doubleword] & ~own; rest; rest &= rest - 1) {
        uint16_t *token = &q->token[__builtin_ctz(rest)][doubleword];
        *token = is_write ? 0 : (uint16_t)(*token & ~1u);
    }
    if (is_write)
        q->holders[doubleword] &= own;
}

void sim_quiet_suspend(struct sim_dpu *d, const struct sim_tasklet *t, uint8_t reason)
{
    struct sim_quiet *q = &d->watch->quiet;
    q->suspended[t->id] |= reason;
    set_number(q, t->id, q->number[t->id]);
}

void sim_quiet_resume(struct sim_dpu *d, const struct sim_tasklet *t, uint8_t reason)
{
    struct sim_quiet *q = &d->watch->quiet;
    q->suspended[t->id] &= (uint8_t)~reason;
    set_number(q, t->id, q->number[t->id]);
}

bool sim_quiet_all(const struct sim_dpu *d, const struct sim_tasklet *t, uint32_t from,
                   uint32_t end)
{
    const struct sim_quiet *q = &d->watch->quiet;
    const uint16_t *token = q->token[t->id];
    uint16_t wanted = (uint16_t)(q->number[t->id] + 1);
    for (uint32_t i = from / SIM_DOUBLEWORD; i * SIM_DOUBLEWORD < end; i++)
        if (token[i] != wanted)
            return false;
    return true;
}
