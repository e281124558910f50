/* SPDX-License-Identifier: MIT */
/* Run bits and the time counter: what the instructions boot, resume, clr_run, read_run, time and
 * time_cfg reach beyond their own tasklet. Source: isa reference 9.4 and 10.1. */
#include "state.h"

/* Run bits without a thread: only a bit. */
static uint32_t notify_bit(struct sim_dpu *d, uint32_t n, enum isa_op op)
{
    uint64_t mask = UINT64_C(1) << n;
    uint32_t x = (d->notify_bits & mask) != 0;
    if (op == ISA_OP_BOOT || op == ISA_OP_RESUME)
        d->notify_bits |= mask;
    else if (op == ISA_OP_CLR_RUN)
        d->notify_bits &= ~mask;
    return x;
}

/* Bits beyond the 64th do not exist and read as 0 (believed). Threads that the chip lacks have run
 * bits but nothing to run: with them a bit is all there is. */
uint32_t sim_run_bit(struct sim_dpu *d, uint32_t n, enum isa_op op)
{
    if (n >= ISA_RUN_BITS)
        return 0;
    if (n >= d->chip->threads)
        return notify_bit(d, n, op);
    struct sim_tasklet *other = &d->thread[n];
    uint32_t x = other->running;
    if (op == ISA_OP_BOOT && !x)
        sim_ring_start(d, other, d->code->insn);
    else if (op == ISA_OP_RESUME && !x)
        sim_ring_start(d, other, NULL);
    else if (op == ISA_OP_CLR_RUN && x)
        sim_ring_stop(d, other);
    return x;
}

/* ---- time counter --------------------------------------------------------------------------- */

/* Values of the mode field of time_cfg; from 4 on v1B only, which has a second counter, of
 * instructions: BOTH lets the two count, the modes before it stop them and choose the one that
 * `time` reads. Source: documented, the vendor's perfcounter_get_both uses 7, 5, 6 so; what `time`
 * reads while both count is assumed. */
enum counter_mode {
    COUNT_SAME,
    COUNT_CYCLES,
    COUNT_INSTRUCTIONS,
    COUNT_NOTHING,
    COUNT_SAME_TOO, /* assumed */
    STOP_READ_CYCLES,
    STOP_READ_INSTRUCTIONS,
    COUNT_BOTH
};

/* What the counter follows. In functional mode an instruction is a cycle. */
static uint64_t counter_source(const struct sim_dpu *d)
{
    if (d->cycle_mode && d->counter_mode != COUNT_INSTRUCTIONS)
        return sim_now(d);
    return sim_dpu_instructions(d);
}

static bool counter_stands(const struct sim_dpu *d)
{
    return d->counter_mode == COUNT_NOTHING || d->counter_mode == STOP_READ_CYCLES ||
           d->counter_mode == STOP_READ_INSTRUCTIONS;
}

struct sim_time sim_time_values(const struct sim_dpu *d)
{
    struct sim_time time = d->counter_frozen;
    if (!counter_stands(d))
        time.first = counter_source(d) - d->counter_base.first;
    if (d->counter_mode == COUNT_BOTH)
        time.second = sim_dpu_instructions(d) - d->counter_base.second;
    return time;
}

static uint64_t value_read(const struct sim_dpu *d, struct sim_time time)
{
    return d->counter_mode == STOP_READ_INSTRUCTIONS ? time.second : time.first;
}

uint32_t sim_time_read(struct sim_dpu *d)
{
    uint64_t value = value_read(d, sim_time_values(d));
    return (uint32_t)(value >> d->config.timing[SIM_TIMING_counter_shift]);
}

/* As seen between runs: cycles skipped after the last issue have not been waited for yet. */
struct sim_time sim_time_between_runs(const struct sim_dpu *d)
{
    struct sim_time time = sim_time_values(d);
    bool follows_cycles =
        d->cycle_mode && d->counter_mode != COUNT_INSTRUCTIONS && !counter_stands(d);
    if (follows_cycles && d->tail_issue == d->last_issue)
        time.first -= d->tail_pipeline + d->tail_dma + d->tail_hazard;
    return time;
}

uint64_t sim_dpu_time_counter(const struct sim_dpu *dpu)
{
    return value_read(dpu, sim_time_between_runs(dpu));
}

void sim_time_configure(struct sim_dpu *d, uint32_t bits)
{
    bool is_v1b = d->config.chip == ISA_CHIP_V1B;
    unsigned mode = bits >> 1 & (is_v1b ? 7 : 3);
    struct sim_time time = bits & 1 ? (struct sim_time){0, 0} : sim_time_values(d);
    if (mode != COUNT_SAME && mode != COUNT_SAME_TOO)
        d->counter_mode = (uint8_t)mode;
    sim_time_continue(d, time);
}

/* Let the counters go on from these values. */
void sim_time_continue(struct sim_dpu *d, struct sim_time time)
{
    d->counter_frozen = time;
    d->counter_base.first = counter_source(d) - time.first;
    d->counter_base.second = sim_dpu_instructions(d) - time.second;
}
