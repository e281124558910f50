/* SPDX-License-Identifier: MIT */
/* dpu_launch, dpu_sync, dpu_status. Source: documented (host library of SDK 2024.2), with two
 * deviations: dpu_status does not block, as in 2020, and a DPU without a program is refused. */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "driver.h"

/* ---- the launch object ----------------------------------------------------------------------- */

struct drv_launch *drv_launch_create(const struct drv_target *target, bool synchronous)
{
    uint32_t count = drv_count(target);
    struct drv_launch *launch = calloc(1, sizeof *launch + count * sizeof launch->report[0]);
    if (!launch)
        return NULL;
    pthread_mutex_init(&launch->lock, NULL);
    pthread_cond_init(&launch->changed, NULL);
    launch->pending = launch->leaving = count;
    launch->over = count == 0;
    launch->holders = count + 1; /* each DPU, and the caller */
    launch->synchronous = synchronous;
    launch->in_timeline = SIZE_MAX;
    launch->reports = target->ranks[0]->set->fault_reports;
    launch->kind = target->dpu ? DRV_JOB_LAUNCH_DPU : DRV_JOB_LAUNCH_RANK;
    for (struct drv_cursor at = {0}; drv_next(target, &at);)
        launch->report[launch->nr_dpus++].dpu = at.dpu;
    return launch;
}

static void release_many(struct drv_launch *launch, uint32_t count)
{
    pthread_mutex_lock(&launch->lock);
    launch->holders -= count;
    bool last = launch->holders == 0;
    pthread_mutex_unlock(&launch->lock);
    if (!last)
        return;
    for (uint32_t i = 0; i < launch->nr_dpus; i++) {
        free(launch->report[i].text);
        drv_observed_free(&launch->report[i].observed);
    }
    pthread_mutex_destroy(&launch->lock);
    pthread_cond_destroy(&launch->changed);
    free(launch);
}

void drv_launch_release(struct drv_launch *launch)
{
    release_many(launch, 1);
}

/* DPUs of a rank that will not run after all. */
static void give_up(struct drv_launch *launch, struct dpu_rank_t *rank, struct dpu_t *only)
{
    uint32_t n = drv_count(&(struct drv_target){.ranks = &rank, .nr_ranks = 1, .dpu = only});
    pthread_mutex_lock(&launch->lock);
    launch->pending -= n;
    bool last = launch->pending == 0;
    pthread_mutex_unlock(&launch->lock);
    if (last && launch->reports)
        drv_report_print(launch);
    if (last)
        drv_observe_launch(launch);
    pthread_mutex_lock(&launch->lock);
    launch->leaving -= n;
    launch->over = launch->leaving == 0;
    pthread_cond_broadcast(&launch->changed);
    pthread_mutex_unlock(&launch->lock);
    release_many(launch, n);
}

/* ---- booting --------------------------------------------------------------------------------- */

static dpu_error_t boot_dpus(struct dpu_rank_t *rank, const struct dpu_t *only)
{
    dpu_error_t error = DPU_OK;
    for (struct dpu_t *dpu = NULL; !error && (dpu = drv_next_in(rank, only, dpu));)
        error = drv_boot(dpu);
    return error;
}

/* ---- waiting --------------------------------------------------------------------------------- */

static void show_progress(const struct drv_launch *launch, bool *shown)
{
    if (launch->nr_dpus < 2 || !isatty(STDERR_FILENO))
        return;
    fprintf(stderr, "\rdpusim: %u of %u DPUs have finished ", launch->nr_dpus - launch->pending,
            launch->nr_dpus);
    *shown = true;
}

/* Until every DPU has stopped. After a second, a terminal is shown how far it is. */
static dpu_error_t wait_for(struct drv_launch *launch)
{
    struct timespec wake;
    bool shown = false;
    clock_gettime(CLOCK_REALTIME, &wake);
    wake.tv_sec++;
    pthread_mutex_lock(&launch->lock);
    while (!launch->over) {
        if (pthread_cond_timedwait(&launch->changed, &launch->lock, &wake) == 0)
            continue;
        show_progress(launch, &shown);
        clock_gettime(CLOCK_REALTIME, &wake);
        wake.tv_nsec += 200000000;
        if (wake.tv_nsec >= 1000000000) {
            wake.tv_nsec -= 1000000000;
            wake.tv_sec++;
        }
    }
    dpu_error_t error = launch->error;
    pthread_mutex_unlock(&launch->lock);
    if (shown)
        fputs("\r\033[K", stderr);
    if (error) {
        char sentence[512] = "";
        drv_report_sentence(launch, NULL, error, sentence, sizeof sentence);
        drv_note("dpu_launch: %s", sentence);
    }
    return error;
}

/* ---- dpu_launch ------------------------------------------------------------------------------ */

static dpu_error_t launch_now(const struct drv_target *target)
{
    dpu_error_t error = drv_acquire(target, 0);
    if (error)
        return error;
    for (uint32_t r = 0; r < target->nr_ranks && !error; r++)
        error = boot_dpus(target->ranks[r], target->dpu);
    struct drv_launch *launch = error ? NULL : drv_launch_create(target, true);
    if (!error && !launch)
        error = drv_fail(DPU_ERR_SYSTEM, "dpu_launch: out of memory");
    if (!error)
        launch->in_timeline = drv_timeline_launch(target, true);
    for (uint32_t r = 0; r < target->nr_ranks && !error; r++)
        error = drv_launch_rank(target->ranks[r], target->dpu, launch);
    drv_release(target);
    if (error)
        return error;
    error = wait_for(launch);
    drv_launch_release(launch);
    return error;
}

struct launch_job {
    struct drv_job job;
    struct dpu_t *only;
    struct drv_launch *launch;
};

static dpu_error_t launch_job_work(struct drv_job *job)
{
    struct launch_job *mine = (struct launch_job *)job;
    dpu_error_t error = boot_dpus(job->rank, mine->only);
    if (!error)
        return drv_launch_rank(job->rank, mine->only, mine->launch);
    give_up(mine->launch, job->rank, mine->only);
    return error;
}

static void launch_job_drop(struct drv_job *job)
{
    struct launch_job *mine = (struct launch_job *)job;
    give_up(mine->launch, job->rank, mine->only);
}

static dpu_error_t launch_later(const struct drv_target *target)
{
    struct drv_launch *launch = drv_launch_create(target, false);
    dpu_error_t error = launch ? DPU_OK : drv_fail(DPU_ERR_SYSTEM, "dpu_launch: out of memory");
    if (launch)
        launch->in_timeline = drv_timeline_launch(target, false);
    for (uint32_t r = 0; r < target->nr_ranks && launch; r++) {
        struct launch_job *job = error ? NULL : calloc(1, sizeof *job);
        if (!job) {
            give_up(launch, target->ranks[r], target->dpu);
            error = error ? error : drv_fail(DPU_ERR_SYSTEM, "dpu_launch: out of memory");
            continue;
        }
        *job = (struct launch_job){.job = {.kind = launch->kind,
                                           .rank = target->ranks[r],
                                           .work = launch_job_work,
                                           .drop = launch_job_drop,
                                           .destroy = drv_job_free},
                                   .only = target->dpu,
                                   .launch = launch};
        error = drv_submit(&job->job);
    }
    if (launch)
        drv_launch_release(launch);
    return error;
}

dpu_error_t dpu_launch(struct dpu_set_t dpu_set, dpu_launch_policy_t policy)
{
    struct drv_target target;
    dpu_error_t error = drv_target_from(&target, dpu_set, __func__);
    if (error)
        return error;
    DRV_ENTER(drv_set_of(dpu_set));
    if (policy != DPU_SYNCHRONOUS && policy != DPU_ASYNCHRONOUS)
        drv_log(DRV_WARNING, "api", "dpu_launch: policy %d is taken as DPU_ASYNCHRONOUS",
                (int)policy);
    return policy == DPU_SYNCHRONOUS ? launch_now(&target) : launch_later(&target);
}

/* ---- dpu_sync, dpu_status -------------------------------------------------------------------- */

/* A one-DPU set waits for its whole rank, as in the vendor's library. */
static dpu_error_t any_target(struct drv_target *target, struct dpu_set_t set, const char *call)
{
    dpu_error_t error = drv_target_from(target, set, call);
    return error == DPU_ERR_DPU_DISABLED ? DPU_OK : error;
}

dpu_error_t dpu_sync(struct dpu_set_t dpu_set)
{
    struct drv_target target;
    dpu_error_t error = any_target(&target, dpu_set, __func__);
    if (error)
        return error;
    DRV_ENTER(drv_set_of(dpu_set));
    drv_timeline_wait(&target);
    return drv_drain(&target);
}

dpu_error_t dpu_status(struct dpu_set_t dpu_set, bool *done, bool *fault)
{
    struct drv_target target;
    dpu_error_t failed, error = any_target(&target, dpu_set, __func__);
    if (error)
        return error;
    DRV_ENTER(drv_set_of(dpu_set));
    bool idle = drv_idle(&target, &failed), faulty = false;
    for (struct drv_cursor at = {0}; drv_next(&target, &at);)
        faulty |= atomic_load(&at.dpu->fault);
    if (done)
        *done = idle;
    if (fault)
        *fault = faulty;
    if (!idle)
        sched_yield(); /* callers poll; the DPUs need the processor */
    return failed;
}
