/* SPDX-License-Identifier: MIT */
/* The running tasklets, as a ring in the order of their turns, closed by a sentinel. The order is
 * by tasklet number, or a permutation of config.order_seed; it never depends on addresses or time.
 * With config.quantum the ring is only the set that the next tasklet is drawn from.
 * A tasklet that starts takes its place in the ring at once: it executes in the current round if
 * its turn comes after the starter's, else from the next round on. */
#include "engine.h"
#include "exec.h"

/* One step of a small generator (splitmix64): the order of turns, lots, draws of injections. */
uint64_t sim_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static void assign_turns(struct sim_dpu *d)
{
    uint64_t state = d->config.order_seed;
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++)
        d->thread[i].turn = (uint8_t)i;
    for (unsigned i = ISA_MAX_THREADS - 1; state && i > 0; i--) {
        unsigned k = (unsigned)(sim_random(&state) % (i + 1));
        uint8_t turn = d->thread[i].turn;
        d->thread[i].turn = d->thread[k].turn;
        d->thread[k].turn = turn;
    }
}

void sim_ring_init(struct sim_dpu *d)
{
    assign_turns(d);
    d->draw_state = d->config.order_seed;
    d->draw_left = 0;
    d->round_end_insn =
        (struct sim_insn){.run = {sim_run_round_end.run[0], sim_run_round_end.run[1]}};
    d->round_end.ip = &d->round_end_insn;
    d->round_end.next = &d->round_end;
    d->round_end.turn = UINT8_MAX;
    d->round_end.ready_cycle = UINT64_MAX;
    d->current = &d->round_end;
    d->last_turn = UINT8_MAX;
    d->n_running = d->n_ring = 0;
}

/* The ring's member that comes before the turn of t. */
static struct sim_tasklet *predecessor(struct sim_dpu *d, const struct sim_tasklet *t)
{
    struct sim_tasklet *p = &d->round_end;
    while (p->next != &d->round_end && p->next->turn < t->turn)
        p = p->next;
    return p;
}

void sim_ring_insert(struct sim_dpu *d, struct sim_tasklet *t)
{
    struct sim_tasklet *p = predecessor(d, t);
    t->next = p->next;
    p->next = t;
    d->n_ring++;
    d->calm = false;
}

/* t->next stays: whoever executes t goes on from there. */
void sim_ring_remove(struct sim_dpu *d, struct sim_tasklet *t)
{
    predecessor(d, t)->next = t->next;
    d->n_ring--;
    d->calm = false;
    if (d->current == t && d->engine == SIM_ENGINE_NONE && d->cycle_mode)
        d->current = t->next;
}

struct sim_tasklet *sim_ring_draw(struct sim_dpu *d)
{
    if (d->draw_left && d->current->running)
        return d->current;
    struct sim_tasklet *t = d->round_end.next;
    for (uint64_t n = sim_random(&d->draw_state) % d->n_ring; n > 0; n--)
        t = t->next;
    d->draw_left = 1 + (uint32_t)(sim_random(&d->draw_state) % d->config.quantum);
    d->current = t;
    return t;
}

/* Has t executed in the round that the level flow is in? */
static bool has_had_turn(const struct sim_dpu *d, const struct sim_tasklet *t)
{
    return t->turn < d->current->turn;
}

void sim_ring_start(struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip)
{
    if (ip)
        t->ip = ip;
    t->running = t->booted = true;
    t->ended = false;
    if (d->engine == SIM_ENGINE_LEVEL)
        t->round_base = d->round + (t->turn <= d->current->turn);
    if (!t->dma.pending)
        sim_ring_insert(d, t);
    if (++d->n_running <= 2)
        d->event |= SIM_NEWS_RING;
    if (d->cycle_mode)
        sim_cycle_started(d, t);
}

void sim_ring_stop(struct sim_dpu *d, struct sim_tasklet *t)
{
    if (d->engine == SIM_ENGINE_LEVEL)
        t->instructions = sim_tasklet_instructions(d, t) + (t == d->current);
    if (d->cycle_mode)
        sim_cycle_stopped(d, t);
    t->running = false;
    t->ended = false;
    if (!t->dma.pending)
        sim_ring_remove(d, t);
    if (--d->n_running <= 1)
        d->event |= SIM_NEWS_RING;
}

uint64_t sim_tasklet_instructions(const struct sim_dpu *d, const struct sim_tasklet *t)
{
    if (d->engine == SIM_ENGINE_LEVEL && t->running)
        return t->instructions + d->round - t->round_base + has_had_turn(d, t);
    if (d->engine == SIM_ENGINE_STRAIGHT && t == d->current)
        return t->instructions + sim_straight_executed(d, t);
    return t->instructions;
}

uint64_t sim_dpu_instructions(const struct sim_dpu *d)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < d->chip->threads; i++)
        sum += sim_tasklet_instructions(d, &d->thread[i]);
    return sum;
}
