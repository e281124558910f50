/* SPDX-License-Identifier: MIT */
/* Running DPUs on the threads of the pool. A DPU runs a slice at a time, so that many DPUs share
 * few threads fairly even when some never end (they may wait for what the host sends to others);
 * where the slices end shows in no result. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver.h"

#define SLICE_INSNS       (UINT64_C(1) << 22) /* about 20 ms */
#define LONG_PAST_SECONDS 1                   /* of the monotonic clock; 0 is no deadline */

/* ---- access from outside --------------------------------------------------------------------- */

void drv_pause(struct dpu_t *dpu)
{
    atomic_fetch_add(&dpu->pauses, 1);
    __atomic_store_n(&dpu->interrupt, true, __ATOMIC_RELAXED);
    pthread_mutex_lock(&dpu->owner);
}

void drv_resume(struct dpu_t *dpu)
{
    if (atomic_fetch_sub(&dpu->pauses, 1) == 1) {
        __atomic_store_n(&dpu->interrupt, false, __ATOMIC_RELAXED);
        if (atomic_load(&dpu->pauses))
            __atomic_store_n(&dpu->interrupt, true, __ATOMIC_RELAXED);
    }
    pthread_cond_broadcast(&dpu->resumed);
    pthread_mutex_unlock(&dpu->owner);
}

void drv_give_up(struct dpu_t *dpu)
{
    atomic_store(&dpu->given_up, true);
    if (atomic_load(&dpu->running))
        __atomic_store_n(&dpu->interrupt, true, __ATOMIC_RELAXED);
}

/* ---- one DPU --------------------------------------------------------------------------------- */

/* Stop every tasklet that still has its run bit, as after a fault or a time-out. */
void drv_halt(struct dpu_t *dpu)
{
    struct sim_thread_state state;
    sim_dpu_clear_fault(dpu->sim);
    for (unsigned t = 0; sim_dpu_get_thread(dpu->sim, t, &state) == DPUSIM_OK; t++) {
        state.running = false;
        if (sim_dpu_set_thread(dpu->sim, t, &state) != DPUSIM_OK)
            return;
    }
}

/* Without a program, what the host wrote into IRAM is started. */
static dpu_error_t boot_bare(struct dpu_t *dpu)
{
    struct sim_thread_state state;
    if (!dpu->iram_written)
        return drv_fail(DPU_ERR_NO_PROGRAM_LOADED,
                        "dpu_launch: DPU 0x%x has no program; call dpu_load first",
                        (unsigned)dpu_get_id(dpu));
    enum dpusim_status status = sim_dpu_get_thread(dpu->sim, DPU_BOOT_THREAD, &state);
    state.pc_insn = 0;
    state.running = true;
    if (!status)
        status = sim_dpu_set_thread(dpu->sim, DPU_BOOT_THREAD, &state);
    return drv_error_of(status);
}

static dpu_error_t parse_point(const struct dpu_t *dpu, const char *text, struct sim_point *point)
{
    struct isa_diag diag;
    enum dpusim_status status =
        *text ? sim_point_parse(point, text, sim_dpu_program(dpu->sim), &diag) : DPUSIM_OK;
    return status ? drv_fail(drv_error_of(status), "dpu_launch: %s", diag.text) : DPU_OK;
}

/* Functions of a window are those of the program that was loaded last. */
static dpu_error_t set_window(struct dpu_t *dpu)
{
    const struct drv_machine *machine = &dpu->rank->machine;
    struct sim_window window = {{SIM_POINT_NONE, 0}, {SIM_POINT_NONE, 0}};
    bool wanted = *machine->cycle_from || *machine->cycle_until;
    if (!wanted || dpu->window_program == sim_dpu_program(dpu->sim))
        return DPU_OK;
    dpu_error_t error = parse_point(dpu, machine->cycle_from, &window.from);
    if (!error)
        error = parse_point(dpu, machine->cycle_until, &window.until);
    if (error)
        return error;
    sim_dpu_set_window(dpu->sim, &window);
    dpu->window_program = sim_dpu_program(dpu->sim);
    return DPU_OK;
}

dpu_error_t drv_boot(struct dpu_t *dpu)
{
    struct isa_diag diag;
    drv_halt(dpu);
    dpu->launches++;
    atomic_store(&dpu->fault, false);
    if (!sim_dpu_program(dpu->sim))
        return boot_bare(dpu);
    dpu_error_t error = drv_inject_arm(dpu);
    if (!error)
        error = set_window(dpu);
    if (error)
        return error;
    drv_recorder_boot(dpu);
    enum dpusim_status status = sim_dpu_boot(dpu->sim, &diag);
    return status ? drv_fail(drv_error_of(status), "dpu_launch: %s", diag.text) : DPU_OK;
}

static bool is_past(const struct timespec *deadline)
{
    struct timespec now;
    if (deadline->tv_sec == 0)
        return false;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec > deadline->tv_sec ||
           (now.tv_sec == deadline->tv_sec && now.tv_nsec >= deadline->tv_nsec);
}

static void set_limits(struct dpu_t *dpu)
{
    const struct sim_limits *limits = &dpu->rank->machine.limits;
    dpu->instructions_left = limits->max_instructions;
    dpu->deadline = (struct timespec){0, 0};
    if (limits->max_seconds <= 0)
        return;
    clock_gettime(CLOCK_MONOTONIC, &dpu->deadline);
    double nanoseconds = (double)dpu->deadline.tv_nsec + limits->max_seconds * 1e9;
    dpu->deadline.tv_sec += (time_t)(nanoseconds / 1e9);
    dpu->deadline.tv_nsec = (long)(nanoseconds - (double)(time_t)(nanoseconds / 1e9) * 1e9);
}

/* ---- the end of a DPU's run ------------------------------------------------------------------ */

static struct drv_report *report_of(struct drv_launch *launch, const struct dpu_t *dpu)
{
    for (uint32_t i = 0; i < launch->nr_dpus; i++)
        if (launch->report[i].dpu == dpu)
            return &launch->report[i];
    return NULL;
}

/* Enter the result; the last DPU of the launch tells all of them, in their order, and counts as
 * running until that is done. */
static void enter_result(struct drv_launch *launch, struct dpu_t *dpu, dpu_error_t error,
                         char *text)
{
    pthread_mutex_lock(&launch->lock);
    if (text || error) { /* of most DPUs there is nothing to tell, and the place is searched for */
        struct drv_report *report = report_of(launch, dpu);
        report->text = text;
        report->error = error;
    }
    if (error == DPU_ERR_DPU_FAULT || launch->error == DPU_OK)
        launch->error = error;
    bool last = --launch->pending == 0;
    if (!last)
        atomic_store(&dpu->running, false);
    pthread_mutex_unlock(&launch->lock);
    if (!last)
        return;
    if (launch->reports)
        drv_report_print(launch);
    drv_observe_launch(launch);
    atomic_store(&dpu->running, false);
}

/* After its rank knows that the DPU has stopped: who waits for the launch finds the ranks idle. */
static void leave(struct drv_launch *launch)
{
    pthread_mutex_lock(&launch->lock);
    launch->over = --launch->leaving == 0;
    if (launch->over)
        pthread_cond_broadcast(&launch->changed);
    pthread_mutex_unlock(&launch->lock);
    drv_launch_release(launch);
}

/* text: what is to be told, taken over. Once it does not count as running any more, the DPU is no
 * longer touched here. */
static void finish(struct dpu_t *dpu, const struct sim_outcome *outcome, bool timed_out, char *text)
{
    struct dpu_rank_t *rank = dpu->rank;
    struct drv_launch *launch = dpu->launch;
    bool fault = outcome->stop == SIM_FAULTED;
    dpu_error_t error = fault ? DPU_ERR_DPU_FAULT : timed_out ? DPU_ERR_TIMEOUT : DPU_OK;
    dpu_error_t failed = launch->synchronous ? DPU_OK : drv_async_error(launch->kind, error);
    atomic_store(&dpu->fault, fault);
    dpu->launch = NULL;
    enter_result(launch, dpu, error, text);
    drv_rank_stopped(rank, launch, failed);
    leave(launch);
}

/* True when the run has ended. */
static bool run_slice(struct dpu_t *dpu, struct sim_outcome *outcome, bool *timed_out)
{
    struct sim_limits limits = {.max_instructions = SLICE_INSNS, .interrupt = &dpu->interrupt};
    uint64_t left = dpu->instructions_left;
    if (left && left < SLICE_INSNS)
        limits.max_instructions = left;
    sim_dpu_run(dpu->sim, &limits, outcome);
    if (outcome->stop == SIM_DONE || outcome->stop == SIM_FAULTED)
        return true;
    if (left) {
        dpu->instructions_left = left - outcome->instructions;
        *timed_out = dpu->instructions_left == 0;
    }
    *timed_out |= is_past(&dpu->deadline) || atomic_load(&dpu->given_up);
    return *timed_out;
}

/* Run for a slice; true when the DPU has stopped and everybody knows. */
static bool take_turn(struct dpu_t *dpu)
{
    struct sim_outcome outcome = {.stop = SIM_INTERRUPTED};
    bool ended = false, timed_out = false;
    pthread_mutex_lock(&dpu->owner);
    while (atomic_load(&dpu->pauses))
        pthread_cond_wait(&dpu->resumed, &dpu->owner);
    if (dpu->hang) {
        usleep(1000);
        timed_out =
            is_past(&dpu->deadline) || dpu->instructions_left || atomic_load(&dpu->given_up);
        ended = timed_out || atomic_load(&dpu->kill);
    } else if (!dpu->stop) {
        ended = run_slice(dpu, &outcome, &timed_out);
    }
    ended |= dpu->stop;
    bool cut = outcome.stop == SIM_INTERRUPTED && !timed_out; /* from outside: nothing to tell */
    char *text = ended && !cut ? drv_report_launch(dpu, &outcome, timed_out) : NULL;
    if (ended) {
        dpu->timed_out = timed_out;
        drv_observe_dpu(dpu, &report_of(dpu->launch, dpu)->observed);
        drv_timeline_ran(dpu, dpu->launch->in_timeline);
    }
    pthread_mutex_unlock(&dpu->owner);
    if (ended)
        finish(dpu, &outcome, timed_out, text);
    return ended;
}

static void run_task(struct drv_task *task)
{
    if (!take_turn((struct dpu_t *)task))
        drv_pool_continue(task);
}

/* Where no thread can be had: in turns, here, to the end. */
static void run_here(struct drv_task *first, struct drv_task **end)
{
    while (first) {
        struct drv_task *task = first;
        first = task->next;
        if (!first)
            end = &first;
        task->next = NULL;
        if (take_turn((struct dpu_t *)task))
            continue;
        *end = task;
        end = &task->next;
    }
}

/* ---- one rank -------------------------------------------------------------------------------- */

dpu_error_t drv_launch_rank(struct dpu_rank_t *rank, struct dpu_t *only, struct drv_launch *launch)
{
    struct drv_task *first = NULL, **end = &first;
    unsigned n = 0;
    for (struct dpu_t *dpu = NULL; (dpu = drv_next_in(rank, only, dpu));) {
        dpu->hang = drv_inject_hangs(dpu);
        dpu->launch = launch;
        atomic_store(&dpu->given_up, false);
        set_limits(dpu);
        if (drv_inject_times_out(dpu)) {
            dpu->hang = true;
            dpu->deadline = (struct timespec){LONG_PAST_SECONDS, 0};
        }
        atomic_store(&dpu->running, true);
        dpu->task = (struct drv_task){.work = run_task};
        *end = &dpu->task;
        end = &dpu->task.next;
        n++;
    }
    drv_rank_started(rank, n);
    if (!drv_pool_submit(first, n))
        run_here(first, end);
    return DPU_OK;
}
