/* SPDX-License-Identifier: MIT */
/* The ordered queue of a rank. Jobs of one rank start in the order of submission, an ordinary one
 * only while no DPU of the rank runs; ranks know nothing of each other. A synchronous call takes
 * the place at the end of the queue: it waits until the rank is idle and holds it. Source:
 * documented (host library of SDK 2024.2); beyond it, a stored failure is cleared by the next
 * dpu_sync, always. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver.h"

/* ---- callbacks that hold ranks --------------------------------------------------------------- */

static _Thread_local struct drv_inside *inside;

void drv_enter_callback(struct drv_inside *mine)
{
    mine->outer = inside;
    inside = mine;
}

void drv_leave_callback(void)
{
    inside = inside->outer;
}

static struct dpu_transfer_matrix *table_inside(const struct dpu_rank_t *rank)
{
    for (const struct drv_inside *at = inside; at; at = at->outer)
        for (uint32_t i = 0; i < at->nr_ranks; i++)
            if (at->ranks[i] == rank)
                return &at->prepared[i];
    return NULL;
}

bool drv_inside_callback(const struct dpu_rank_t *rank)
{
    return table_inside(rank) != NULL;
}

static _Thread_local const struct dpu_rank_t *detached_from;

bool drv_inside_detached(const struct dpu_rank_t *rank)
{
    return detached_from == rank;
}

struct dpu_transfer_matrix *drv_prepared(struct dpu_rank_t *rank)
{
    struct dpu_transfer_matrix *table = table_inside(rank);
    return table ? table : &rank->prepared;
}

/* ---- jobs ------------------------------------------------------------------------------------ */

static void job_drop(struct drv_job *job, dpu_error_t failure)
{
    job->failure = failure;
    if (job->drop)
        job->drop(job);
    job->destroy(job);
}

/* Their owners may be told why, in the words of the failure. */
static void drop_jobs(struct dpu_rank_t *rank)
{
    if (rank->head)
        drv_note("%s", rank->failed.sentence);
    while (rank->head) {
        struct drv_job *job = rank->head;
        rank->head = job->next;
        rank->n_jobs--;
        job_drop(job, rank->failed.error);
    }
    rank->tail = NULL;
}

/* Store a failure and drop what is queued behind it. Under the lock. */
static void fail_rank(struct dpu_rank_t *rank, const struct drv_failure *failure)
{
    if (failure->error == DPU_OK)
        return;
    if (rank->failed.error == DPU_OK)
        rank->failed = *failure;
    drop_jobs(rank);
}

/* Do a job; how it failed, with what was said about it in this thread. */
static struct drv_failure attempt(struct drv_job *job)
{
    struct drv_failure failure = {.error = drv_async_error(job->kind, job->work(job))};
    if (failure.error != DPU_OK)
        snprintf(failure.sentence, sizeof failure.sentence, "%s", drv_last_message());
    return failure;
}

/* The stored failure's sentence becomes that of the caller, who is about to learn of it. Under the
 * lock. */
static dpu_error_t tell_failure(const struct dpu_rank_t *rank)
{
    if (rank->failed.error != DPU_OK)
        drv_note("%s", rank->failed.sentence);
    return rank->failed.error;
}

static bool may_start(const struct dpu_rank_t *rank)
{
    return rank->head && !rank->held && (rank->head->parallel || rank->n_running == 0);
}

static void append(struct dpu_rank_t *rank, struct drv_job *job)
{
    job->next = NULL;
    if (rank->tail)
        rank->tail->next = job;
    else
        rank->head = job;
    rank->tail = job;
    rank->n_jobs++;
}

/* The first job leaves the queue and holds the rank. It counts until it has ended. */
static struct drv_job *take_head(struct dpu_rank_t *rank)
{
    struct drv_job *job = rank->head;
    rank->head = job->next;
    if (!rank->head)
        rank->tail = NULL;
    rank->held = true;
    return job;
}

static void *run_detached(void *argument)
{
    struct drv_job *job = argument;
    struct dpu_rank_t *rank = job->rank;
    detached_from = rank;
    struct drv_failure failure = attempt(job);
    pthread_mutex_lock(&rank->queue_lock);
    rank->n_detached--;
    fail_rank(rank, &failure);
    pthread_cond_broadcast(&rank->queue_changed);
    pthread_mutex_unlock(&rank->queue_lock);
    job->destroy(job);
    return NULL;
}

/* False: no thread to be had, the job runs in its turn like any other. */
static bool detach(struct drv_job *job)
{
    pthread_t thread;
    struct dpu_rank_t *rank = job->rank;
    pthread_mutex_lock(&rank->queue_lock);
    rank->n_detached++;
    pthread_mutex_unlock(&rank->queue_lock);
    if (pthread_create(&thread, NULL, run_detached, job) == 0) {
        pthread_detach(thread);
        return true;
    }
    pthread_mutex_lock(&rank->queue_lock);
    rank->n_detached--;
    pthread_mutex_unlock(&rank->queue_lock);
    return false;
}

static void execute_head(struct dpu_rank_t *rank)
{
    struct drv_job *job = take_head(rank);
    struct drv_failure failure = {.error = DPU_OK};
    pthread_mutex_unlock(&rank->queue_lock);
    if (!job->detached || !detach(job)) {
        failure = attempt(job);
        job->destroy(job);
    }
    pthread_mutex_lock(&rank->queue_lock);
    rank->held = false;
    rank->n_jobs--;
    fail_rank(rank, &failure);
    pthread_cond_broadcast(&rank->queue_changed);
}

static void *serve(void *argument)
{
    struct dpu_rank_t *rank = argument;
    pthread_mutex_lock(&rank->queue_lock);
    while (!rank->stop) {
        if (may_start(rank) && rank->head->work)
            execute_head(rank);
        else
            pthread_cond_wait(&rank->queue_changed, &rank->queue_lock);
    }
    pthread_mutex_unlock(&rank->queue_lock);
    return NULL;
}

/* The thread of the rank, started at the first asynchronous call (and in a forked child). Under the
 * lock. */
static bool need_thread(struct dpu_rank_t *rank)
{
    long process = (long)getpid();
    if (rank->thread_process == process)
        return true;
    if (pthread_create(&rank->thread, NULL, serve, rank) != 0)
        return false;
    rank->thread_process = process;
    return true;
}

/* Errors: the stored one of the rank; SYSTEM without a thread. */
static dpu_error_t enqueue(struct drv_job *job)
{
    struct dpu_rank_t *rank = job->rank;
    pthread_mutex_lock(&rank->queue_lock);
    dpu_error_t error = tell_failure(rank);
    if (error == DPU_OK && !need_thread(rank))
        error = drv_fail(DPU_ERR_SYSTEM, "no thread can be had for asynchronous work");
    if (error == DPU_OK) {
        append(rank, job);
        pthread_cond_broadcast(&rank->queue_changed);
    }
    pthread_mutex_unlock(&rank->queue_lock);
    return error;
}

static void wait_for_room(struct dpu_rank_t *rank)
{
    pthread_mutex_lock(&rank->queue_lock);
    while (rank->n_jobs >= rank->machine.jobs_per_rank && rank->failed.error == DPU_OK &&
           !drv_inside_callback(rank))
        pthread_cond_wait(&rank->queue_changed, &rank->queue_lock);
    pthread_mutex_unlock(&rank->queue_lock);
}

void drv_job_free(struct drv_job *job)
{
    free(job);
}

dpu_error_t drv_submit(struct drv_job *job)
{
    return drv_submit_all(&job, 1);
}

dpu_error_t drv_submit_all(struct drv_job *const *jobs, uint32_t count)
{
    dpu_error_t first = DPU_OK;
    for (uint32_t i = 0; i < count; i++)
        wait_for_room(jobs[i]->rank);
    pthread_mutex_t *order = count > 1 ? &jobs[0]->rank->set->order : NULL;
    if (order)
        pthread_mutex_lock(order);
    for (uint32_t i = 0; i < count; i++) {
        dpu_error_t error = enqueue(jobs[i]);
        if (error != DPU_OK)
            job_drop(jobs[i], error);
        first = first ? first : error;
    }
    if (order)
        pthread_mutex_unlock(order);
    return first;
}

/* ---- synchronous calls ----------------------------------------------------------------------- */

static bool idle(const struct dpu_rank_t *rank, bool parallel)
{
    return !rank->held && rank->n_jobs == 0 && (parallel || rank->n_running == 0);
}

void drv_hold(struct dpu_rank_t *rank)
{
    if (drv_inside_callback(rank))
        return;
    pthread_mutex_lock(&rank->queue_lock);
    while (rank->held)
        pthread_cond_wait(&rank->queue_changed, &rank->queue_lock);
    rank->held = true;
    pthread_mutex_unlock(&rank->queue_lock);
}

void drv_unhold(struct dpu_rank_t *rank)
{
    if (drv_inside_callback(rank))
        return;
    pthread_mutex_lock(&rank->queue_lock);
    rank->held = false;
    pthread_cond_broadcast(&rank->queue_changed);
    pthread_mutex_unlock(&rank->queue_lock);
}

static void release_some(const struct drv_target *target, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        drv_unhold(target->ranks[i]);
}

/* The place of a synchronous call in the queue of one rank. It has no work of its own: the caller
 * takes it off the head of the queue. */
struct place {
    struct drv_job job;
    bool queued, dropped;
};

static void place_drop(struct drv_job *job)
{
    ((struct place *)job)->dropped = true;
}

static void place_destroy(struct drv_job *job)
{
    (void)job; /* the waiting caller's */
}

/* Hold an idle rank at once, else queue up. */
static void place_take(struct place *place, struct dpu_rank_t *rank, unsigned how)
{
    *place = (struct place){.job = {.parallel = how & DRV_WHILE_RUNNING,
                                    .rank = rank,
                                    .drop = place_drop,
                                    .destroy = place_destroy}};
    if (drv_inside_callback(rank))
        return;
    pthread_mutex_lock(&rank->queue_lock);
    if (rank->failed.error != DPU_OK && !(how & DRV_EVEN_FAILED)) {
        place->dropped = true;
        place->job.failure = rank->failed.error;
    } else if (idle(rank, place->job.parallel)) {
        rank->held = true;
    } else {
        place->queued = true;
        append(rank, &place->job);
    }
    pthread_mutex_unlock(&rank->queue_lock);
}

/* Until it is this call's turn. A rank that fails meanwhile drops the place; who takes it all the
 * same then waits for the rank to be idle. */
static dpu_error_t place_wait(struct place *place, unsigned how)
{
    struct dpu_rank_t *rank = place->job.rank;
    bool parallel = place->job.parallel;
    pthread_mutex_lock(&rank->queue_lock);
    if (drv_inside_callback(rank)) { /* the rank is held already, but its DPUs may run */
        while (!parallel && rank->n_running)
            pthread_cond_wait(&rank->queue_changed, &rank->queue_lock);
    } else if (place->queued) {
        while (!place->dropped && !(rank->head == &place->job && may_start(rank)))
            pthread_cond_wait(&rank->queue_changed, &rank->queue_lock);
        if (!place->dropped) {
            take_head(rank);
            rank->n_jobs--;
        }
    }
    if (place->dropped && how & DRV_EVEN_FAILED) {
        while (!idle(rank, parallel))
            pthread_cond_wait(&rank->queue_changed, &rank->queue_lock);
        rank->held = true;
        place->dropped = false;
    }
    if (place->dropped)
        tell_failure(rank);
    pthread_mutex_unlock(&rank->queue_lock);
    return place->dropped ? place->job.failure : DPU_OK;
}

static void unlink_job(struct dpu_rank_t *rank, struct drv_job *job)
{
    struct drv_job *before = NULL;
    for (struct drv_job *at = rank->head; at != job; at = at->next)
        before = at;
    if (before)
        before->next = job->next;
    else
        rank->head = job->next;
    if (rank->tail == job)
        rank->tail = before;
    rank->n_jobs--;
}

/* Give up what was taken: the rank held, or the place in its queue. */
static void place_leave(struct place *place)
{
    struct dpu_rank_t *rank = place->job.rank;
    if (!place->queued) {
        if (!place->dropped)
            drv_unhold(rank);
        return;
    }
    pthread_mutex_lock(&rank->queue_lock);
    if (!place->dropped)
        unlink_job(rank, &place->job);
    pthread_cond_broadcast(&rank->queue_changed);
    pthread_mutex_unlock(&rank->queue_lock);
}

dpu_error_t drv_acquire(const struct drv_target *target, unsigned how)
{
    enum { MOST_LOCAL = 48 };
    struct place local[MOST_LOCAL], *places = local;
    uint32_t count = target->nr_ranks;
    if (count > MOST_LOCAL && !(places = malloc(count * sizeof *places)))
        return drv_fail(DPU_ERR_SYSTEM, "out of memory");
    pthread_mutex_t *order = count > 1 ? &target->ranks[0]->set->order : NULL;
    if (order)
        pthread_mutex_lock(order);
    for (uint32_t i = 0; i < count; i++)
        place_take(&places[i], target->ranks[i], how);
    if (order)
        pthread_mutex_unlock(order);
    dpu_error_t error = DPU_OK;
    for (uint32_t i = 0; i < count && !error; i++) {
        error = place_wait(&places[i], how);
        if (error) {
            release_some(target, i);
            for (uint32_t rest = i + 1; rest < count; rest++)
                place_leave(&places[rest]);
        }
    }
    if (places != local)
        free(places);
    return error;
}

void drv_release(const struct drv_target *target)
{
    release_some(target, target->nr_ranks);
}

static bool drained(const struct dpu_rank_t *rank)
{
    return idle(rank, false) && rank->n_detached == 0;
}

/* Nonblocking callbacks that wait here do not wait for one another. Under the lock. */
static void wait_drained(struct dpu_rank_t *rank)
{
    bool mine = drv_inside_detached(rank);
    rank->n_syncing += mine;
    if (mine)
        pthread_cond_broadcast(&rank->queue_changed);
    while (!(mine ? idle(rank, false) && rank->n_detached == rank->n_syncing : drained(rank)))
        pthread_cond_wait(&rank->queue_changed, &rank->queue_lock);
    rank->n_syncing -= mine;
}

dpu_error_t drv_drain(const struct drv_target *target)
{
    dpu_error_t error = DPU_OK;
    for (uint32_t i = 0; i < target->nr_ranks; i++)
        if (drv_inside_callback(target->ranks[i]))
            return drv_fail(DPU_ERR_INTERNAL,
                            "dpu_sync: called inside a blocking callback of the same rank, which "
                            "would wait for itself");
    for (uint32_t i = 0; i < target->nr_ranks; i++) {
        struct dpu_rank_t *rank = target->ranks[i];
        pthread_mutex_lock(&rank->queue_lock);
        wait_drained(rank);
        if (error == DPU_OK)
            error = drv_plain_error(tell_failure(rank));
        rank->failed.error = DPU_OK;
        pthread_mutex_unlock(&rank->queue_lock);
    }
    return error;
}

bool drv_idle(const struct drv_target *target, dpu_error_t *failed)
{
    bool all = true;
    *failed = DPU_OK;
    for (uint32_t i = 0; i < target->nr_ranks; i++) {
        struct dpu_rank_t *rank = target->ranks[i];
        pthread_mutex_lock(&rank->queue_lock);
        all = all && drained(rank);
        if (*failed == DPU_OK)
            *failed = drv_plain_error(tell_failure(rank));
        pthread_mutex_unlock(&rank->queue_lock);
    }
    return all;
}

/* ---- DPUs that run --------------------------------------------------------------------------- */

void drv_rank_started(struct dpu_rank_t *rank, unsigned n)
{
    pthread_mutex_lock(&rank->queue_lock);
    rank->n_running += n;
    pthread_mutex_unlock(&rank->queue_lock);
}

void drv_rank_stopped(struct dpu_rank_t *rank, struct drv_launch *launch, dpu_error_t failed)
{
    struct drv_failure failure = {.error = DPU_OK};
    pthread_mutex_lock(&rank->queue_lock);
    rank->n_running--;
    if (rank->stopping == DPU_OK || drv_plain_error(failed) == DPU_ERR_DPU_FAULT)
        rank->stopping = failed != DPU_OK ? failed : rank->stopping;
    if (rank->n_running == 0) {
        failure.error = rank->stopping;
        drv_report_sentence(launch, rank, drv_plain_error(failure.error), failure.sentence,
                            sizeof failure.sentence);
        fail_rank(rank, &failure);
        rank->stopping = DPU_OK;
    }
    pthread_cond_broadcast(&rank->queue_changed);
    pthread_mutex_unlock(&rank->queue_lock);
}

/* ---- life ------------------------------------------------------------------------------------ */

void drv_queue_init(struct dpu_rank_t *rank)
{
    pthread_mutex_init(&rank->queue_lock, NULL);
    pthread_cond_init(&rank->queue_changed, NULL);
}

/* The parent's threads may have been waiting or holding. What the jobs own is left alone: their
 * locks may be held too. */
void drv_queue_after_fork(struct dpu_rank_t *rank)
{
    drv_queue_init(rank);
    pthread_mutex_init(&rank->set->order, NULL);
    rank->head = rank->tail = NULL;
    rank->n_jobs = rank->n_detached = rank->n_syncing = rank->n_running = 0;
    rank->held = false;
    rank->stopping = DPU_OK;
    for (unsigned i = 0; i < rank->nr_dpus; i++) {
        struct dpu_t *dpu = &rank->dpus[i];
        pthread_mutex_init(&dpu->owner, NULL);
        pthread_cond_init(&dpu->resumed, NULL);
        atomic_store(&dpu->pauses, 0);
        atomic_store(&dpu->running, false);
        dpu->interrupt = false;
        dpu->launch = NULL;
    }
}

void drv_queue_fini(struct dpu_rank_t *rank)
{
    pthread_mutex_lock(&rank->queue_lock);
    while (!drained(rank))
        pthread_cond_wait(&rank->queue_changed, &rank->queue_lock);
    rank->stop = true;
    pthread_cond_broadcast(&rank->queue_changed);
    pthread_mutex_unlock(&rank->queue_lock);
    if (rank->thread_process == (long)getpid())
        pthread_join(rank->thread, NULL);
    pthread_mutex_destroy(&rank->queue_lock);
    pthread_cond_destroy(&rank->queue_changed);
}
