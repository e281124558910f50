/* SPDX-License-Identifier: MIT */
/* Running a DPU: chooses between the fast engine, cycle mode and the careful step, cuts runs into
 * chunks so that limits hold exactly and the host's clock is looked at now and then, and says why a
 * run ended. However a run is cut, instructions execute in the same order. */
#include <stdlib.h>
#include <time.h>

#include "engine.h"
#include "schedule.h"

#define CHUNK_INSTRUCTIONS (UINT64_C(1) << 22) /* between two looks at the clock: some 20 ms */
#define BRIEF_CHUNK        (UINT64_C(1) << 17) /* when somebody may interrupt: below 1 ms */
#define CAREFUL_CHUNK      4096
/* The straight flow looks at its budget at jumps only: it keeps it within one pass through IRAM. */
#define STRAIGHT_OVERRUN ISA_IRAM_INSNS

struct run {
    struct sim_dpu *d;
    struct sim_limits limits;
    struct sim_outcome out;
    uint64_t start, end; /* instructions of the DPU when the call began; and when it must stop */
    uint64_t until_cycle;
    double deadline;
    bool first; /* a breakpoint does not stop a run that starts on it */
};

static double host_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static bool has_breakpoint(const struct sim_dpu *d, uint32_t pc_insn)
{
    return d->n_breakpoints && (d->breakpoints[pc_insn / 64] >> pc_insn % 64 & 1);
}

/* Tasklet whose turn it is in functional mode. */
static struct sim_tasklet *turn(struct sim_dpu *d)
{
    if (d->config.quantum)
        return sim_ring_draw(d);
    if (d->current == &d->round_end)
        d->current = d->current->next;
    return d->current;
}

static void stop_at(struct run *run, enum sim_stop stop, const struct sim_tasklet *t)
{
    run->out.stop = stop;
    run->out.tasklet = t ? t->id : 0;
    run->out.pc_insn = t ? sim_pc_of(run->d, t->ip) : 0;
}

/* ---- careful -------------------------------------------------------------------------------- */

static void step_functional(struct sim_dpu *d, struct sim_tasklet *t)
{
    const struct sim_insn *ip = t->ip;
    sim_careful_step(d, t);
    d->draw_left -= d->draw_left > 0;
    if (!d->draw_left || !t->running)
        d->current = t->next;
    if (d->schedule)
        sim_schedule_done(d, t, ip);
}

static struct sim_tasklet *next_to_issue(struct sim_dpu *d)
{
    if (d->cycle_mode)
        return sim_cycle_pick(d);
    return d->schedule ? sim_schedule_pick(d) : turn(d);
}

static uint64_t last_cycle(const struct sim_dpu *d, const struct sim_limits *limits)
{
    uint64_t most = limits->max_cycles;
    return most && most < UINT64_MAX - d->now ? d->now + most : UINT64_MAX;
}

/* The window changed the mode, and counts start anew; `done` were counted before. */
static void mode_changed(struct run *run, uint64_t done)
{
    run->start -= done;
    run->end -= done;
    run->until_cycle = last_cycle(run->d, &run->limits);
}

/* False when the run is over. */
static bool careful_one(struct run *run)
{
    struct sim_dpu *d = run->d;
    struct sim_tasklet *t = next_to_issue(d);
    uint64_t done = d->windowed ? sim_dpu_instructions(d) : 0;
    while (d->windowed && sim_window_reached(d, t)) {
        mode_changed(run, done);
        done = 0;
        t = next_to_issue(d);
    }
    if (d->cycle_mode && d->now >= run->until_cycle) {
        stop_at(run, SIM_LIMIT_CYCLES, NULL);
        return false;
    }
    if (!run->first && has_breakpoint(d, sim_pc_of(d, t->ip))) {
        stop_at(run, SIM_BREAKPOINT, t);
        return false;
    }
    run->first = false;
    if (d->cycle_mode)
        sim_cycle_issue(d, t);
    else
        step_functional(d, t);
    if (d->hook_stop && !(d->event & SIM_NEWS_FAULT)) {
        stop_at(run, SIM_INTERRUPTED, NULL);
        return false;
    }
    return !(d->event & SIM_NEWS_FAULT);
}

static bool careful_chunk(struct run *run, uint64_t count)
{
    while (count-- && run->d->n_running)
        if (!careful_one(run))
            return false;
    run->d->event &= SIM_NEWS_FAULT;
    return true;
}

/* ---- chunks --------------------------------------------------------------------------------- */

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Execute up to `left` instructions; false when the run is over. */
static bool fast_chunk(struct run *run, uint64_t left)
{
    struct sim_dpu *d = run->d;
    uint64_t most = smaller(left, run->limits.interrupt ? BRIEF_CHUNK : CHUNK_INSTRUCTIONS);
    if (d->cycle_mode) { /* at most one instruction a cycle */
        sim_engine_timed(d, smaller(run->until_cycle, d->now + most));
        if (d->n_running && !(d->event & SIM_NEWS_FAULT) && d->now >= run->until_cycle) {
            stop_at(run, SIM_LIMIT_CYCLES, NULL);
            return false;
        }
        return true;
    }
    turn(d);
    uint64_t rounds = most / ISA_MAX_THREADS;
    if (d->n_running == 1 && left > 2 * STRAIGHT_OVERRUN)
        sim_engine_straight(d, smaller(left - STRAIGHT_OVERRUN, most));
    else if (d->n_running > 1 && rounds)
        sim_engine_level(d, rounds);
    else
        return careful_chunk(run, left);
    return true;
}

static bool chunk(struct run *run)
{
    struct sim_dpu *d = run->d;
    uint64_t done = sim_dpu_instructions(d), left = run->end - done;
    if (d->windowed && sim_window_counted(d)) {
        mode_changed(run, done);
        return true;
    }
    if (d->windowed)
        left = smaller(left, sim_window_instructions_left(d));
    if (run->end == done) {
        stop_at(run, SIM_LIMIT_INSTRUCTIONS, NULL);
        return false;
    }
    uint64_t quiet = d->n_armed ? sim_inject_quiet(d) : 0;
    if (quiet)
        left = smaller(left, quiet);
    bool on = sim_careful_wanted(d) ? careful_chunk(run, smaller(left, CAREFUL_CHUNK))
                                    : fast_chunk(run, left);
    run->first = false;
    d->event &= SIM_NEWS_FAULT;
    return on && !d->event;
}

static bool out_of_time(struct run *run)
{
    if (run->limits.max_seconds > 0 && host_seconds() >= run->deadline)
        stop_at(run, SIM_LIMIT_TIME, NULL);
    else if (run->limits.interrupt && __atomic_load_n(run->limits.interrupt, __ATOMIC_RELAXED))
        stop_at(run, SIM_INTERRUPTED, NULL);
    else
        return false;
    return true;
}

static struct run prepare(struct sim_dpu *d, const struct sim_limits *limits)
{
    struct run run = {.d = d, .first = true, .end = UINT64_MAX};
    if (limits)
        run.limits = *limits;
    run.start = sim_dpu_instructions(d);
    if (run.limits.max_instructions && run.limits.max_instructions < UINT64_MAX - run.start)
        run.end = run.start + run.limits.max_instructions;
    run.until_cycle = last_cycle(d, &run.limits);
    if (run.limits.max_seconds > 0)
        run.deadline = host_seconds() + run.limits.max_seconds;
    d->hook_stop = false;
    d->event = 0;
    return run;
}

/* The fault's own numbers are known only when the engine has settled its counts. */
static void report_fault(struct run *run)
{
    struct sim_dpu *d = run->d;
    d->fault.instructions = d->instructions_before + sim_dpu_instructions(d) - 1;
    d->fault.at_cycle = d->cycle_mode ? d->last_issue : d->fault.instructions;
    run->out.stop = SIM_FAULTED;
    run->out.tasklet = d->fault.tasklet;
    run->out.pc_insn = d->fault.pc_insn;
    d->event = 0;
}

/* Is the run over? Not when a fault has come that a hook swallows. */
static bool is_over(struct run *run)
{
    if (!(run->d->event & SIM_NEWS_FAULT))
        return true;
    report_fault(run);
    if (!sim_fault_swallowed(run->d)) {
        run->out.tasklet = run->d->fault.tasklet;
        run->out.pc_insn = run->d->fault.pc_insn;
        return true;
    }
    run->out.stop = SIM_DONE;
    return false;
}

void sim_dpu_run(struct sim_dpu *dpu, const struct sim_limits *limits, struct sim_outcome *outcome)
{
    struct run run = prepare(dpu, limits);
    run.out.stop = SIM_DONE;
    if (dpu->fault.kind != SIM_FAULT_NONE) {
        run.out.stop = SIM_FAULTED;
        run.out.tasklet = dpu->fault.tasklet;
        run.out.pc_insn = dpu->fault.pc_insn;
    } else {
        do
            while (dpu->n_running && chunk(&run) && !out_of_time(&run))
                continue;
        while (!is_over(&run));
    }
    run.out.instructions = sim_dpu_instructions(dpu) - run.start;
    if (outcome)
        *outcome = run.out;
}

enum dpusim_status sim_dpu_step(struct sim_dpu *dpu, unsigned tasklet, struct sim_outcome *outcome)
{
    if (tasklet >= dpu->chip->threads || !dpu->thread[tasklet].running ||
        dpu->fault.kind != SIM_FAULT_NONE)
        return DPUSIM_BAD_ARGUMENT;
    struct run run = prepare(dpu, NULL);
    struct sim_tasklet *t = &dpu->thread[tasklet];
    if (dpu->cycle_mode) {
        if (dpu->now < t->ready_cycle)
            dpu->now = t->ready_cycle;
        if (dpu->dma_next_wake <= dpu->now)
            sim_cycle_dma_finish(dpu, dpu->now);
        sim_cycle_issue(dpu, t);
    } else {
        sim_careful_step(dpu, t);
    }
    is_over(&run);
    if (dpu->fault.kind == SIM_FAULT_NONE)
        stop_at(&run, dpu->n_running ? SIM_LIMIT_INSTRUCTIONS : SIM_DONE, t);
    dpu->event = 0;
    run.out.instructions = 1;
    if (outcome)
        *outcome = run.out;
    return DPUSIM_OK;
}

/* ---- breakpoints and hooks ------------------------------------------------------------------ */

void sim_dpu_break_add(struct sim_dpu *dpu, uint32_t pc_insn)
{
    if (pc_insn >= ISA_IRAM_INSNS || has_breakpoint(dpu, pc_insn))
        return;
    dpu->breakpoints[pc_insn / 64] |= UINT64_C(1) << pc_insn % 64;
    dpu->n_breakpoints++;
}

void sim_dpu_break_remove(struct sim_dpu *dpu, uint32_t pc_insn)
{
    if (pc_insn >= ISA_IRAM_INSNS || !has_breakpoint(dpu, pc_insn))
        return;
    dpu->breakpoints[pc_insn / 64] &= ~(UINT64_C(1) << pc_insn % 64);
    dpu->n_breakpoints--;
}

void sim_dpu_set_hook(struct sim_dpu *dpu, sim_hook hook, void *context)
{
    dpu->hook = hook;
    dpu->hook_context = context;
}
