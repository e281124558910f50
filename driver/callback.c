/* SPDX-License-Identifier: MIT */
/* dpu_callback: functions of the host program that run in their turn among the jobs of each rank.
 * Flags and indexes: documented (host library of SDK 2024.2). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"

typedef dpu_error_t callback_fn(struct dpu_set_t set, uint32_t index, void *args);

/* What the jobs of one dpu_callback share. */
struct call {
    callback_fn *fn;
    void *args;
    struct dpu_set_t set;
    bool single, blocking, waited_for;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint32_t holders;   /* jobs, and a caller that waits */
    uint32_t pending;   /* jobs that have not ended */
    uint32_t to_come;   /* single: ranks that have not reached this point */
    bool skipped, done; /* single */
    dpu_error_t error;  /* the first in the order of the ranks */
    uint32_t error_rank;
    uint64_t in_timeline;                 /* its number there */
    char sentence[512];                   /* for it */
    struct dpu_transfer_matrix *prepared; /* blocking: one per rank */
};

struct call_job {
    struct drv_job job;
    struct call *call;
    uint32_t index; /* of the rank in the set */
};

static void release(struct call *call, uint32_t count)
{
    pthread_mutex_lock(&call->lock);
    call->holders -= count;
    bool last = call->holders == 0;
    pthread_mutex_unlock(&call->lock);
    if (!last)
        return;
    pthread_mutex_destroy(&call->lock);
    pthread_cond_destroy(&call->changed);
    free(call->prepared);
    free(call);
}

/* ---- calling --------------------------------------------------------------------------------- */

/* Call the function of the host program. The sentence for its error says that it is its own. */
static dpu_error_t call_host(struct call *call, struct dpu_set_t set, uint32_t index)
{
    struct drv_place place = {call->in_timeline, index == (uint32_t)DRV_WHOLE_SET ? 1 : index + 1,
                              0};
    struct drv_place *outer = drv_timeline_enter(&place);
    drv_note("%s", "");
    dpu_error_t error = call->fn(set, index, call->args);
    drv_timeline_enter(outer);
    if (error != DPU_OK) {
        char said[400], *text = dpu_error_to_string(error);
        snprintf(said, sizeof said, "%s", drv_last_message());
        drv_note("dpu_callback: the function returned 0x%x (%s)%s%s", (unsigned)error,
                 text ? text : "", said[0] ? "; " : "", said);
        free(text);
    }
    return error;
}

static dpu_error_t call_rank(struct call *call, uint32_t index)
{
    struct dpu_set_t part = call->set;
    part.list.nr_ranks = 1;
    part.list.ranks = &call->set.list.ranks[index];
    if (!call->blocking)
        return call_host(call, part, index);
    struct drv_inside inside = {part.list.ranks, 1, &call->prepared[index], NULL};
    drv_enter_callback(&inside);
    dpu_error_t error = call_host(call, part, index);
    drv_leave_callback();
    return error;
}

static dpu_error_t call_whole(struct call *call)
{
    if (!call->blocking)
        return call_host(call, call->set, (uint32_t)DRV_WHOLE_SET);
    struct dpu_rank_t *one = call->set.kind == DPU_SET_DPU ? call->set.dpu->rank : NULL;
    struct drv_inside inside = {one ? &one : call->set.list.ranks,
                                one ? 1 : call->set.list.nr_ranks, call->prepared, NULL};
    drv_enter_callback(&inside);
    dpu_error_t error = call_host(call, call->set, (uint32_t)DRV_WHOLE_SET);
    drv_leave_callback();
    return error;
}

/* The last rank to come calls; the others wait for it, unless the callback is nonblocking. */
static dpu_error_t meet(struct call *call)
{
    dpu_error_t error = DPU_OK;
    pthread_mutex_lock(&call->lock);
    bool last = --call->to_come == 0;
    bool run = last && !call->skipped;
    pthread_mutex_unlock(&call->lock);
    if (run)
        error = call_whole(call);
    pthread_mutex_lock(&call->lock);
    if (last) {
        call->done = true;
        pthread_cond_broadcast(&call->changed);
    }
    while (call->blocking && !call->done)
        pthread_cond_wait(&call->changed, &call->lock);
    pthread_mutex_unlock(&call->lock);
    return error;
}

static void end_job(struct call *call, uint32_t index, dpu_error_t error)
{
    pthread_mutex_lock(&call->lock);
    if (error != DPU_OK && (call->error == DPU_OK || index < call->error_rank)) {
        call->error = error;
        call->error_rank = index;
        snprintf(call->sentence, sizeof call->sentence, "%s", drv_last_message());
    }
    call->pending--;
    pthread_cond_broadcast(&call->changed);
    pthread_mutex_unlock(&call->lock);
}

static dpu_error_t work(struct drv_job *job)
{
    struct call_job *mine = (struct call_job *)job;
    struct call *call = mine->call;
    dpu_error_t error = call->single ? meet(call) : call_rank(call, mine->index);
    end_job(call, mine->index, error);
    return call->waited_for ? DPU_OK : error; /* a failed synchronous job does not stay */
}

/* A rank in failure skips its part; a single call for all ranks is then not made. */
static void drop(struct drv_job *job)
{
    struct call_job *mine = (struct call_job *)job;
    struct call *call = mine->call;
    pthread_mutex_lock(&call->lock);
    call->skipped = true;
    if (--call->to_come == 0)
        call->done = true;
    pthread_mutex_unlock(&call->lock);
    end_job(call, mine->index, job->failure);
}

static void destroy(struct drv_job *job)
{
    release(((struct call_job *)job)->call, 1);
    free(job);
}

/* ---- queueing -------------------------------------------------------------------------------- */

static struct call *call_create(struct dpu_set_t set, const struct drv_target *target,
                                callback_fn *fn, void *args, dpu_callback_flags_t flags)
{
    struct call *call = calloc(1, sizeof *call);
    if (call)
        call->prepared = calloc(target->nr_ranks, sizeof *call->prepared);
    if (!call || !call->prepared) {
        free(call);
        return NULL;
    }
    call->fn = fn;
    call->args = args;
    call->set = set;
    call->in_timeline = drv_timeline_callback(target, !(flags & DPU_CALLBACK_ASYNC));
    call->single = flags & DPU_CALLBACK_SINGLE_CALL || target->dpu;
    call->blocking = !(flags & DPU_CALLBACK_NONBLOCKING);
    call->waited_for = !(flags & DPU_CALLBACK_ASYNC);
    call->holders = target->nr_ranks + 1;
    call->pending = call->to_come = target->nr_ranks;
    pthread_mutex_init(&call->lock, NULL);
    pthread_cond_init(&call->changed, NULL);
    return call;
}

static struct drv_job *job_create(struct call *call, struct dpu_rank_t *rank, uint32_t index,
                                  dpu_callback_flags_t flags)
{
    struct call_job *job = calloc(1, sizeof *job);
    if (!job)
        return NULL;
    *job = (struct call_job){.job = {.kind = DRV_JOB_CALLBACK,
                                     .parallel = flags & DPU_CALLBACK_PARALLEL,
                                     .detached = flags & DPU_CALLBACK_NONBLOCKING,
                                     .rank = rank,
                                     .work = work,
                                     .drop = drop,
                                     .destroy = destroy},
                             .call = call,
                             .index = index};
    return &job->job;
}

/* All or, without memory, none; in one step, as the jobs of a single call wait for each other. */
static dpu_error_t queue_jobs(struct call *call, const struct drv_target *target,
                              dpu_callback_flags_t flags)
{
    uint32_t n = 0;
    struct drv_job **jobs = calloc(target->nr_ranks, sizeof(struct drv_job *));
    while (jobs && n < target->nr_ranks && (jobs[n] = job_create(call, target->ranks[n], n, flags)))
        n++;
    if (n == target->nr_ranks) {
        dpu_error_t error = drv_submit_all(jobs, n);
        free(jobs);
        return error;
    }
    while (n > 0)
        free(jobs[--n]);
    free(jobs);
    pthread_mutex_lock(&call->lock);
    call->pending = 0;
    call->holders = 1; /* the caller */
    pthread_mutex_unlock(&call->lock);
    return drv_fail(DPU_ERR_SYSTEM, "dpu_callback: out of memory");
}

static dpu_error_t wait_for(struct call *call)
{
    pthread_mutex_lock(&call->lock);
    while (call->pending)
        pthread_cond_wait(&call->changed, &call->lock);
    dpu_error_t error = call->error;
    if (error)
        drv_note("%s", call->sentence);
    pthread_mutex_unlock(&call->lock);
    return error;
}

/* In the caller's thread, which holds the ranks meanwhile. */
static dpu_error_t call_here(struct call *call, const struct drv_target *target, bool parallel)
{
    dpu_error_t error = drv_acquire(target, parallel ? DRV_WHILE_RUNNING : 0);
    if (error)
        return error;
    if (call->single)
        error = call_whole(call);
    for (uint32_t r = 0; r < target->nr_ranks && !call->single && !error; r++)
        error = call_rank(call, r);
    drv_release(target);
    return error;
}

static bool is_inside(const struct drv_target *target)
{
    for (uint32_t r = 0; r < target->nr_ranks; r++)
        if (drv_inside_callback(target->ranks[r]))
            return true;
    return false;
}

dpu_error_t dpu_callback(struct dpu_set_t dpu_set,
                         dpu_error_t (*callback)(struct dpu_set_t, uint32_t, void *), void *args,
                         dpu_callback_flags_t flags)
{
    struct drv_target target;
    dpu_error_t error = drv_target_from(&target, dpu_set, __func__);
    if (error)
        return error;
    DRV_ENTER(drv_set_of(dpu_set));
    bool later = flags & DPU_CALLBACK_ASYNC;
    if (!callback)
        return drv_fail(DPU_ERR_INTERNAL, "dpu_callback: the function is NULL");
    if (flags & DPU_CALLBACK_NONBLOCKING && !later)
        return drv_fail(DPU_ERR_NONBLOCKING_SYNC_CALLBACK,
                        "dpu_callback: DPU_CALLBACK_NONBLOCKING needs DPU_CALLBACK_ASYNC");
    struct call *call = call_create(dpu_set, &target, callback, args, flags);
    if (!call)
        return drv_fail(DPU_ERR_SYSTEM, "dpu_callback: out of memory");
    if (!later && (call->single || is_inside(&target))) {
        error = call_here(call, &target, flags & DPU_CALLBACK_PARALLEL);
        release(call, call->holders);
        return error;
    }
    error = queue_jobs(call, &target, flags);
    if (!later) {
        dpu_error_t result = wait_for(call);
        error = error ? error : result;
    }
    release(call, 1);
    return error;
}
