/* SPDX-License-Identifier: MIT */
/* Boot, poll and status below the level of sets, and reset. A boot counts as running for the queue,
 * whose jobs wait for the end. Source: documented (host library of SDK 2024.2). */
#include <sched.h>
#include <string.h>

#include "include/dpu_config.h"
#include "low.h"

/* ---- the run context ------------------------------------------------------------------------- */

static void set_bit(dpu_bitfield_t bits[DPU_MAX_NR_CIS], const struct dpu_t *dpu)
{
    bits[dpu->slice] |= (dpu_bitfield_t)(1u << dpu->member);
}

static bool get_bit(const dpu_bitfield_t bits[DPU_MAX_NR_CIS], const struct dpu_t *dpu)
{
    return bits[dpu->slice] >> dpu->member & 1;
}

/* Under the lock. A DPU that is seen stopped has its fault entered already. */
static void poll(struct dpu_rank_t *rank)
{
    struct _dpu_run_context_t *run = &rank->run;
    memset(run, 0, sizeof *run);
    for (unsigned i = 0; i < rank->nr_dpus; i++) {
        struct dpu_t *dpu = &rank->dpus[i];
        if (!dpu->enabled)
            continue;
        if (atomic_load(&dpu->running)) {
            set_bit(run->dpu_running, dpu);
            run->nb_dpu_running++;
        } else if (atomic_load(&dpu->fault)) {
            set_bit(run->dpu_in_fault, dpu);
        }
    }
    if (run->nb_dpu_running)
        sched_yield(); /* callers poll in loops; the DPUs need the processor */
    else
        rank->polled_by_caller = false;
}

/* What dpu_launch started is polled by the library itself. */
static void read_context(struct dpu_rank_t *rank)
{
    if (!rank->polled_by_caller)
        poll(rank);
}

dpu_run_context_t dpu_get_run_context(struct dpu_rank_t *rank)
{
    if (drv_low_rank(rank, __func__) != DPU_OK)
        return NULL;
    read_context(rank);
    drv_low_leave(rank);
    return &rank->run;
}

dpu_error_t dpu_poll_rank(struct dpu_rank_t *rank)
{
    dpu_error_t error = drv_low_rank(rank, __func__);
    if (error)
        return error;
    poll(rank);
    drv_low_leave(rank);
    return DPU_OK;
}

static void report(const struct dpu_t *dpu, bool *running, bool *fault)
{
    if (running)
        *running = get_bit(dpu->rank->run.dpu_running, dpu);
    if (fault)
        *fault = get_bit(dpu->rank->run.dpu_in_fault, dpu);
}

dpu_error_t dpu_poll_dpu(struct dpu_t *dpu, bool *dpu_is_running, bool *dpu_is_in_fault)
{
    dpu_error_t error = drv_low_dpu(dpu, __func__);
    if (error)
        return error;
    poll(dpu->rank);
    report(dpu, dpu_is_running, dpu_is_in_fault);
    drv_low_leave(dpu->rank);
    return DPU_OK;
}

dpu_error_t dpu_status_rank(struct dpu_rank_t *rank, bool *done, bool *fault)
{
    dpu_error_t error = drv_low_rank(rank, __func__);
    if (error)
        return error;
    read_context(rank);
    bool faulty = false;
    for (unsigned i = 0; i < rank->machine.nr_slices; i++)
        faulty |= rank->run.dpu_in_fault[i] != 0;
    if (done)
        *done = rank->run.nb_dpu_running == 0;
    if (fault)
        *fault = faulty;
    drv_low_leave(rank);
    return DPU_OK;
}

dpu_error_t dpu_status_dpu(struct dpu_t *dpu, bool *done, bool *fault)
{
    bool running = false;
    dpu_error_t error = drv_low_dpu(dpu, __func__);
    if (error)
        return error;
    read_context(dpu->rank);
    report(dpu, &running, fault);
    if (done)
        *done = !running;
    drv_low_leave(dpu->rank);
    return DPU_OK;
}

/* ---- boot ------------------------------------------------------------------------------------ */

/* The context says "running" until somebody polls, however short the run. */
static void mark_running(struct dpu_rank_t *rank, const struct dpu_t *only)
{
    struct _dpu_run_context_t *run = &rank->run;
    rank->polled_by_caller = true;
    for (unsigned i = 0; i < rank->nr_dpus; i++) {
        const struct dpu_t *dpu = &rank->dpus[i];
        if (!drv_in_target(dpu, only))
            continue;
        run->nb_dpu_running += !get_bit(run->dpu_running, dpu);
        set_bit(run->dpu_running, dpu);
        run->dpu_in_fault[dpu->slice] &= (dpu_bitfield_t) ~(1u << dpu->member);
    }
}

static dpu_error_t boot(struct dpu_rank_t *rank, struct dpu_t *only, const char *call)
{
    struct dpu_t *busy = only ? only : drv_first_running(rank);
    if (busy && atomic_load(&busy->running))
        return drv_fail(DPU_ERR_DPU_ALREADY_RUNNING,
                        "%s: DPU 0x%x is running; poll until it has stopped", call,
                        (unsigned)dpu_get_id(busy));
    dpu_error_t error = DPU_OK;
    for (unsigned i = 0; i < rank->nr_dpus && !error; i++)
        if (drv_in_target(&rank->dpus[i], only))
            error = drv_boot(&rank->dpus[i]);
    return error ? error : drv_start(rank, only);
}

/* Takes the rank as entered. */
static dpu_error_t boot_and_leave(struct dpu_rank_t *rank, struct dpu_t *only, const char *call)
{
    dpu_error_t error = boot(rank, only, call);
    if (!error)
        mark_running(rank, only);
    drv_low_unhold(rank);
    return error;
}

dpu_error_t dpu_boot_rank(struct dpu_rank_t *rank)
{
    dpu_error_t error = drv_low_hold_rank(rank, __func__);
    return error ? error : boot_and_leave(rank, NULL, __func__);
}

dpu_error_t dpu_boot_dpu(struct dpu_t *dpu)
{
    dpu_error_t error = drv_low_hold_dpu(dpu, __func__);
    return error ? error : boot_and_leave(dpu->rank, dpu, __func__);
}

/* ---- single threads -------------------------------------------------------------------------- */

static dpu_error_t set_running(struct dpu_t *dpu, dpu_thread_t thread, bool should_resume)
{
    struct sim_thread_state state;
    enum dpusim_status status = sim_dpu_get_thread(dpu->sim, thread, &state);
    if (!should_resume && !state.running)
        state.pc_insn = 0;
    state.running = true;
    if (!status)
        status = sim_dpu_set_thread(dpu->sim, thread, &state);
    return drv_error_of(status);
}

/* Start the thread in a DPU that runs. False: it has come to its end meanwhile. */
static bool add_thread(struct dpu_t *dpu, dpu_thread_t thread, bool should_resume,
                       dpu_error_t *error)
{
    uint64_t threads = (UINT64_C(1) << sim_dpu_chip(dpu->sim)->threads) - 1;
    drv_pause(dpu);
    bool runs = atomic_load(&dpu->running) && sim_dpu_run_bits(dpu->sim) & threads &&
                !sim_dpu_fault(dpu->sim);
    if (runs)
        *error = set_running(dpu, thread, should_resume);
    drv_resume(dpu);
    return runs;
}

/* A fault is left with all threads stopped, as at a boot. */
static dpu_error_t start_thread(struct dpu_t *dpu, dpu_thread_t thread, bool should_resume)
{
    dpu_error_t error = DPU_OK;
    if (atomic_load(&dpu->running) && add_thread(dpu, thread, should_resume, &error))
        return error;
    drv_stop(dpu);
    drv_halt(dpu);
    atomic_store(&dpu->fault, false);
    error = set_running(dpu, thread, should_resume);
    return error ? error : drv_start(dpu->rank, dpu);
}

static dpu_error_t launch_thread(struct dpu_rank_t *rank, struct dpu_t *only, dpu_thread_t thread,
                                 bool should_resume, const char *call)
{
    unsigned threads = isa_chip_get(rank->machine.sim.chip)->threads;
    dpu_error_t error = DPU_OK;
    if (thread >= threads)
        error = drv_fail(DPU_ERR_INVALID_THREAD_ID, "%s: thread %u; the chip has 0 to %u", call,
                         thread, threads - 1);
    for (struct dpu_t *dpu = NULL; !error && (dpu = drv_next_in(rank, only, dpu));)
        error = start_thread(dpu, thread, should_resume);
    if (!error)
        mark_running(rank, only);
    drv_low_unhold(rank);
    return error;
}

dpu_error_t dpu_launch_thread_on_rank(struct dpu_rank_t *rank, dpu_thread_t thread,
                                      bool should_resume)
{
    dpu_error_t error = drv_low_hold_rank(rank, __func__);
    return error ? error : launch_thread(rank, NULL, thread, should_resume, __func__);
}

dpu_error_t dpu_launch_thread_on_dpu(struct dpu_t *dpu, dpu_thread_t thread, bool should_resume)
{
    dpu_error_t error = drv_low_hold_dpu(dpu, __func__);
    return error ? error : launch_thread(dpu->rank, dpu, thread, should_resume, __func__);
}

/* ---- reset ----------------------------------------------------------------------------------- */

/* Threads, flags and atomic bits as after power-on; memories and program stay. */
static void reset(struct dpu_t *dpu)
{
    const struct sim_thread_state zero = {.zero_flag = false};
    drv_stop(dpu);
    sim_dpu_clear_fault(dpu->sim);
    atomic_store(&dpu->fault, false);
    for (unsigned t = 0; sim_dpu_set_thread(dpu->sim, t, &zero) == DPUSIM_OK; t++)
        ;
    for (unsigned bit = 0; bit < ISA_ATOMIC_BITS; bit++)
        sim_dpu_atomic_set(dpu->sim, bit, false);
}

static dpu_error_t reset_and_leave(struct dpu_rank_t *rank, struct dpu_t *only)
{
    for (struct dpu_t *dpu = NULL; (dpu = drv_next_in(rank, only, dpu));)
        reset(dpu);
    poll(rank);
    drv_low_unhold(rank);
    return DPU_OK;
}

dpu_error_t dpu_reset_rank(struct dpu_rank_t *rank)
{
    dpu_error_t error = drv_low_hold_rank(rank, __func__);
    return error ? error : reset_and_leave(rank, NULL);
}

dpu_error_t dpu_reset_dpu(struct dpu_t *dpu)
{
    dpu_error_t error = drv_low_hold_dpu(dpu, __func__);
    return error ? error : reset_and_leave(dpu->rank, dpu);
}
