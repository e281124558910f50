/* SPDX-License-Identifier: MIT */
/* The runs of a campaign, on threads. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "campaign.h"

const char *const campaign_outcome_names[] = {
#define OUTCOME(id, name, meaning) name,
    CAMPAIGN_OUTCOMES(OUTCOME)
#undef OUTCOME
};

enum campaign_outcome campaign_fault_outcome(enum sim_fault_kind kind)
{
    static const enum campaign_outcome faults[SIM_FAULT_COUNT] = {
        [SIM_FAULT_BREAKPOINT] = CAMPAIGN_FAULT_BREAKPOINT,
        [SIM_FAULT_MEMORY] = CAMPAIGN_FAULT_MEMORY,
        [SIM_FAULT_DMA] = CAMPAIGN_FAULT_DMA,
        [SIM_FAULT_ILLEGAL] = CAMPAIGN_FAULT_ILLEGAL,
        [SIM_FAULT_STACK] = CAMPAIGN_FAULT_STACK,
    };
    return faults[kind];
}

enum dpusim_status campaign_golden_told(const char *condition, struct isa_diag *diag)
{
    return isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                    "%.100s holds for the golden run already, so every run would count as told",
                    condition);
}

struct pool {
    struct campaign *campaign;
    atomic_size_t next;
    atomic_uint workers;  /* that have begun */
    pthread_mutex_t lock; /* of told and failed */
    void (*told)(void *context, size_t i);
    void *context;
    enum dpusim_status failed;
    struct isa_diag diag;
};

static void fail(struct pool *pool, enum dpusim_status status, const struct isa_diag *diag)
{
    pthread_mutex_lock(&pool->lock);
    pool->failed = status;
    pool->diag = *diag;
    atomic_store(&pool->next, pool->campaign->n_rows);
    pthread_mutex_unlock(&pool->lock);
}

static void *work(void *argument)
{
    struct pool *pool = argument;
    struct campaign *c = pool->campaign;
    struct isa_diag diag = {""};
    void *worker = NULL;
    unsigned number = atomic_fetch_add(&pool->workers, 1);
    enum dpusim_status status = c->subject->open(c, number, &worker, &diag);
    for (size_t i; !status && (i = atomic_fetch_add(&pool->next, 1)) < c->n_rows;) {
        if (c->rows[i].done)
            continue;
        status = c->subject->run(c, worker, &c->rows[i], &diag);
        pthread_mutex_lock(&pool->lock);
        c->rows[i].done = !status;
        if (!status)
            pool->told(pool->context, i);
        pthread_mutex_unlock(&pool->lock);
    }
    if (status)
        fail(pool, status, &diag);
    if (worker)
        c->subject->close(worker);
    return NULL;
}

int campaign_run(struct campaign *c, void (*told)(void *context, size_t i), void *context)
{
    struct pool pool = {.campaign = c, .told = told, .context = context};
    pthread_t *threads = tool_realloc(NULL, c->jobs, sizeof *threads);
    unsigned started = 0;
    pthread_mutex_init(&pool.lock, NULL);
    while (started + 1 < c->jobs && pthread_create(&threads[started], NULL, work, &pool) == 0)
        started++;
    work(&pool);
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    pthread_mutex_destroy(&pool.lock);
    free(threads);
    return pool.failed ? tool_fail(c->verb->name, pool.failed, &pool.diag) : TOOL_OK;
}
