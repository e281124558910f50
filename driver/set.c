/* SPDX-License-Identifier: MIT */
/* Sets, sub-sets and what their handles say: validity, iteration, numbers. Order of iteration:
 * ranks as allocated, then slice, then member; disabled DPUs are skipped (documented). */
#include <errno.h>

#include "driver.h"
#include "registry.h"

/* ---- handles --------------------------------------------------------------------------------- */

/* The live rank at the start of a list of ranks; NULL: the list is stale or no list. */
static struct dpu_rank_t *first_rank(struct dpu_set_t set)
{
    if (!set.list.ranks || set.list.nr_ranks == 0)
        return NULL;
    if (drv_registry_set_of_list(set.list.ranks, set.list.nr_ranks))
        return set.list.ranks[0];
    if (drv_registry_set_of_list(set.list.ranks, 1) || drv_registry_is_stale_list(set.list.ranks))
        return NULL;
    /* The caller's own array: dpu_set_from_rank. */
    for (uint32_t i = 0; i < set.list.nr_ranks; i++)
        if (drv_registry_rank(set.list.ranks[i]) != set.list.ranks[i])
            return NULL;
    return set.list.ranks[0];
}

struct drv_set *drv_set_of(struct dpu_set_t set)
{
    struct dpu_rank_t *rank = NULL;
    if (set.kind == DPU_SET_RANKS)
        rank = first_rank(set);
    else if (set.kind == DPU_SET_DPU && set.dpu)
        rank = drv_registry_rank(set.dpu);
    return rank ? rank->set : NULL;
}

dpu_error_t drv_set_check(struct dpu_set_t set, const char *call)
{
    if (set.kind != DPU_SET_RANKS && set.kind != DPU_SET_DPU)
        return drv_fail(DPU_ERR_INTERNAL, "%s: the set has kind %d; wanted a set from dpu_alloc",
                        call, (int)set.kind);
    if (!drv_set_of(set))
        return drv_fail(DPU_ERR_INVALID_DPU_SET, "%s: the set is freed or was never allocated",
                        call);
    return DPU_OK;
}

dpu_error_t drv_target_from(struct drv_target *target, struct dpu_set_t set, const char *call)
{
    dpu_error_t error = drv_set_check(set, call);
    if (error)
        return error;
    if (set.kind == DPU_SET_RANKS) {
        *target = (struct drv_target){.ranks = set.list.ranks, .nr_ranks = set.list.nr_ranks};
        return DPU_OK;
    }
    *target = (struct drv_target){.nr_ranks = 1, .dpu = set.dpu, .one = set.dpu->rank};
    target->ranks = &target->one;
    if (!set.dpu->enabled)
        return drv_fail(DPU_ERR_DPU_DISABLED, "%s: DPU 0x%x is disabled", call,
                        (unsigned)dpu_get_id(set.dpu));
    return DPU_OK;
}

/* ---- numbers --------------------------------------------------------------------------------- */

dpu_error_t dpu_get_nr_ranks(struct dpu_set_t dpu_set, uint32_t *nr_ranks)
{
    dpu_error_t error = drv_set_check(dpu_set, __func__);
    if (error)
        return error;
    if (!nr_ranks)
        return drv_fail(DPU_ERR_INTERNAL, "dpu_get_nr_ranks: nr_ranks is NULL");
    *nr_ranks = dpu_set.kind == DPU_SET_RANKS ? dpu_set.list.nr_ranks : 1;
    return DPU_OK;
}

dpu_error_t dpu_get_nr_dpus(struct dpu_set_t dpu_set, uint32_t *nr_dpus)
{
    dpu_error_t error = drv_set_check(dpu_set, __func__);
    if (error)
        return error;
    if (!nr_dpus)
        return drv_fail(DPU_ERR_INTERNAL, "dpu_get_nr_dpus: nr_dpus is NULL");
    uint32_t n = dpu_set.kind == DPU_SET_DPU;
    for (uint32_t r = 0; dpu_set.kind == DPU_SET_RANKS && r < dpu_set.list.nr_ranks; r++)
        for (unsigned i = 0; i < dpu_set.list.ranks[r]->nr_dpus; i++)
            n += dpu_set.list.ranks[r]->dpus[i].enabled;
    *nr_dpus = n;
    return DPU_OK;
}

/* ---- iteration ------------------------------------------------------------------------------- */

static struct dpu_set_t rank_set(struct dpu_rank_t **at)
{
    struct dpu_set_t set = {.kind = DPU_SET_RANKS};
    set.list.nr_ranks = 1;
    set.list.ranks = at;
    return set;
}

struct dpu_set_rank_iterator_t dpu_set_rank_iterator_from(struct dpu_set_t *set)
{
    struct dpu_set_rank_iterator_t it = {.set = set};
    if (!set || !drv_set_of(*set))
        return it;
    it.has_next = true;
    it.next = set->kind == DPU_SET_RANKS ? rank_set(&set->list.ranks[0]) : *set;
    it.next_idx = 1;
    return it;
}

void dpu_set_rank_iterator_next(struct dpu_set_rank_iterator_t *iterator)
{
    struct dpu_set_t *set = iterator->set;
    if (!iterator->has_next)
        return;
    iterator->count++;
    iterator->has_next = set->kind == DPU_SET_RANKS && iterator->next_idx < set->list.nr_ranks;
    if (iterator->has_next)
        iterator->next = rank_set(&set->list.ranks[iterator->next_idx++]);
}

/* Move to the next enabled DPU of the rank iterator's current rank, else of the ranks behind it. */
static void find_dpu(struct dpu_set_dpu_iterator_t *it)
{
    while (it->rank_iterator.has_next) {
        struct dpu_rank_t *rank = it->rank_iterator.next.list.ranks[0];
        while (it->next_idx < rank->nr_dpus) {
            struct dpu_t *dpu = &rank->dpus[it->next_idx++];
            if (!dpu->enabled)
                continue;
            it->has_next = true;
            it->next = dpu_set_from_dpu(dpu);
            return;
        }
        dpu_set_rank_iterator_next(&it->rank_iterator);
        it->next_idx = 0;
    }
    it->has_next = false;
}

struct dpu_set_dpu_iterator_t dpu_set_dpu_iterator_from(struct dpu_set_t *set)
{
    struct dpu_set_dpu_iterator_t it = {.rank_iterator = dpu_set_rank_iterator_from(set)};
    if (!it.rank_iterator.has_next)
        return it;
    if (set->kind == DPU_SET_DPU) {
        it.has_next = true;
        it.next = *set;
    } else {
        find_dpu(&it);
    }
    return it;
}

void dpu_set_dpu_iterator_next(struct dpu_set_dpu_iterator_t *iterator)
{
    if (!iterator->has_next)
        return;
    iterator->count++;
    if (iterator->rank_iterator.set->kind == DPU_SET_DPU)
        iterator->has_next = false;
    else
        find_dpu(iterator);
}

static void find_in_rank(struct dpu_iterator_t *it)
{
    it->has_next = false;
    while (it->next_idx < it->rank->nr_dpus && !it->has_next) {
        it->next = &it->rank->dpus[it->next_idx++];
        it->has_next = it->next->enabled;
    }
}

struct dpu_iterator_t dpu_iterator_from(struct dpu_rank_t *rank)
{
    struct dpu_iterator_t it = {.rank = rank};
    if (rank)
        find_in_rank(&it);
    return it;
}

void dpu_iterator_next(struct dpu_iterator_t *iterator)
{
    if (!iterator->has_next)
        return;
    iterator->count++;
    find_in_rank(iterator);
}

/* ---- single DPUs and ranks ------------------------------------------------------------------- */

struct dpu_t *dpu_get(struct dpu_rank_t *rank, dpu_slice_id_t slice_id, dpu_member_id_t dpu_id)
{
    if (!rank || slice_id >= rank->machine.nr_slices || dpu_id >= rank->machine.nr_members)
        return NULL;
    return &rank->dpus[slice_id * rank->machine.nr_members + dpu_id];
}

dpu_id_t dpu_get_id(struct dpu_t *dpu)
{
    if (!dpu)
        return 0;
    return dpu_get_rank_id(dpu->rank) << 16 | (dpu_id_t)dpu->slice << 8 | dpu->member;
}

dpu_id_t dpu_get_rank_id(struct dpu_rank_t *rank)
{
    if (!rank)
        return 0;
    return (rank->id & 0xfffu) | (dpu_id_t)rank->machine.type << 12;
}

int dpu_get_rank_numa_node(struct dpu_rank_t *rank)
{
    (void)rank;
    return -1; /* a simulated rank has none */
}

struct dpu_rank_t *dpu_get_rank(struct dpu_t *dpu)
{
    return dpu ? dpu->rank : NULL;
}

dpu_slice_id_t dpu_get_slice_id(struct dpu_t *dpu)
{
    return dpu ? dpu->slice : 0;
}

dpu_member_id_t dpu_get_member_id(struct dpu_t *dpu)
{
    return dpu ? dpu->member : 0;
}

bool dpu_is_enabled(struct dpu_t *dpu)
{
    return dpu && dpu->enabled;
}

dpu_description_t dpu_get_description(struct dpu_rank_t *rank)
{
    return rank ? rank->description : NULL;
}

struct dpu_set_t dpu_set_from_rank(struct dpu_rank_t **rank)
{
    return rank_set(rank);
}

struct dpu_set_t dpu_set_from_dpu(struct dpu_t *dpu)
{
    struct dpu_set_t set = {.kind = DPU_SET_DPU};
    set.dpu = dpu;
    return set;
}

struct dpu_rank_t *dpu_rank_from_set(struct dpu_set_t set)
{
    return set.kind == DPU_SET_RANKS && set.list.nr_ranks == 1 ? set.list.ranks[0] : NULL;
}

struct dpu_t *dpu_from_set(struct dpu_set_t set)
{
    return set.kind == DPU_SET_DPU ? set.dpu : NULL;
}

void dpu_lock_rank(struct dpu_rank_t *rank)
{
    if (rank)
        pthread_mutex_lock(&rank->lock);
}

int dpu_trylock_rank(struct dpu_rank_t *rank)
{
    return rank ? pthread_mutex_trylock(&rank->lock) : EINVAL;
}

void dpu_unlock_rank(struct dpu_rank_t *rank)
{
    if (rank)
        pthread_mutex_unlock(&rank->lock);
}
