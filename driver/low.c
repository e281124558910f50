/* SPDX-License-Identifier: MIT */
/* Entering calls below the level of sets, stopping and starting DPUs there. */
#include "low.h"

#include "registry.h"

/* ---- entering -------------------------------------------------------------------------------- */

static dpu_error_t check_rank(struct dpu_rank_t *rank, const char *call)
{
    if (!rank)
        return drv_fail(DPU_ERR_INTERNAL, "%s: the rank is NULL", call);
    if (drv_registry_rank(rank) != rank)
        return drv_fail(DPU_ERR_INVALID_DPU_SET, "%s: the rank is freed or was never allocated",
                        call);
    return drv_inject_call(rank->set, call);
}

static dpu_error_t check_dpu(struct dpu_t *dpu, const char *call)
{
    if (!dpu)
        return drv_fail(DPU_ERR_INTERNAL, "%s: the DPU is NULL", call);
    if (!drv_registry_rank(dpu))
        return drv_fail(DPU_ERR_INVALID_DPU_SET, "%s: the DPU is freed or was never allocated",
                        call);
    if (!dpu->enabled)
        return drv_fail(DPU_ERR_DPU_DISABLED, "%s: DPU 0x%x is disabled", call,
                        (unsigned)dpu_get_id(dpu));
    return drv_inject_call(dpu->rank->set, call);
}

dpu_error_t drv_low_rank(struct dpu_rank_t *rank, const char *call)
{
    dpu_error_t error = check_rank(rank, call);
    if (!error)
        dpu_lock_rank(rank);
    return error;
}

dpu_error_t drv_low_dpu(struct dpu_t *dpu, const char *call)
{
    dpu_error_t error = check_dpu(dpu, call);
    if (!error)
        dpu_lock_rank(dpu->rank);
    return error;
}

/* Who has locked the rank by dpu_lock_rank may come here too, so neither is waited for while the
 * other is kept. */
static void hold(struct dpu_rank_t *rank)
{
    for (;;) {
        drv_hold(rank);
        if (dpu_trylock_rank(rank) == 0)
            return;
        drv_unhold(rank);
        dpu_lock_rank(rank);
        dpu_unlock_rank(rank);
    }
}

dpu_error_t drv_low_hold_rank(struct dpu_rank_t *rank, const char *call)
{
    dpu_error_t error = check_rank(rank, call);
    if (!error)
        hold(rank);
    return error;
}

dpu_error_t drv_low_hold_dpu(struct dpu_t *dpu, const char *call)
{
    dpu_error_t error = check_dpu(dpu, call);
    if (!error)
        hold(dpu->rank);
    return error;
}

/* ---- running --------------------------------------------------------------------------------- */

struct dpu_t *drv_first_running(struct dpu_rank_t *rank)
{
    for (unsigned i = 0; i < rank->nr_dpus; i++)
        if (atomic_load(&rank->dpus[i].running))
            return &rank->dpus[i];
    return NULL;
}

static void wait_stopped(struct dpu_t *dpu)
{
    struct dpu_rank_t *rank = dpu->rank;
    pthread_mutex_lock(&rank->queue_lock);
    while (atomic_load(&dpu->running))
        pthread_cond_wait(&rank->queue_changed, &rank->queue_lock);
    pthread_mutex_unlock(&rank->queue_lock);
}

void drv_stop(struct dpu_t *dpu)
{
    drv_pause(dpu);
    dpu->stop = true;
    drv_resume(dpu);
    wait_stopped(dpu);
    dpu->stop = false;
}

dpu_error_t drv_start(struct dpu_rank_t *rank, struct dpu_t *only)
{
    struct drv_target target = {.ranks = &rank, .nr_ranks = 1, .dpu = only};
    struct drv_launch *launch = drv_launch_create(&target, true);
    if (!launch)
        return drv_fail(DPU_ERR_SYSTEM, "cannot start DPUs: out of memory");
    dpu_error_t error = drv_launch_rank(rank, only, launch);
    drv_launch_release(launch);
    return error;
}
