/* SPDX-License-Identifier: MIT */
/* The sets and ranks that are alive in this process: the only state that belongs to no set. Its
 * purpose is to tell a live handle from a stale or invented one before anything behind it is
 * touched. What was freed is kept aside for a while, so that the address of a freed rank is not at
 * once that of a new one. */
#include "registry.h"

#include <stdlib.h>
#include <string.h>

enum { KEPT_RANKS = 128, KEPT_LISTS = 4096 };

static struct {
    pthread_rwlock_t lock;
    struct drv_set *sets;
    struct dpu_rank_t **ranks; /* in order of address */
    size_t n_ranks, room;
    void *kept_ranks[KEPT_RANKS];
    size_t next_rank;
    struct kept {
        void *start;
        size_t len_bytes;
    } kept_lists[KEPT_LISTS];
    size_t next_list;
    uint32_t timelines, sets_made;
} registry = {.lock = PTHREAD_RWLOCK_INITIALIZER};

/* Number of live ranks whose address is below or equal. Under the lock. */
static size_t rank_position(const void *address)
{
    size_t low = 0, high = registry.n_ranks;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if ((const char *)registry.ranks[middle] <= (const char *)address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct dpu_rank_t *rank_around(const void *address)
{
    size_t at = rank_position(address);
    if (at == 0)
        return NULL;
    struct dpu_rank_t *rank = registry.ranks[at - 1];
    return (const char *)address < (const char *)(rank + 1) ? rank : NULL;
}

struct dpu_rank_t *drv_registry_rank(const void *address)
{
    pthread_rwlock_rdlock(&registry.lock);
    struct dpu_rank_t *rank = rank_around(address);
    pthread_rwlock_unlock(&registry.lock);
    return rank;
}

uint32_t drv_registry_count(void)
{
    pthread_rwlock_rdlock(&registry.lock);
    size_t n = registry.n_ranks;
    pthread_rwlock_unlock(&registry.lock);
    return (uint32_t)n;
}

uint32_t drv_registry_next_timeline(void)
{
    pthread_rwlock_wrlock(&registry.lock);
    uint32_t number = ++registry.timelines;
    pthread_rwlock_unlock(&registry.lock);
    return number;
}

uint32_t drv_registry_next_set(void)
{
    pthread_rwlock_wrlock(&registry.lock);
    uint32_t number = ++registry.sets_made;
    pthread_rwlock_unlock(&registry.lock);
    return number;
}

static uint16_t free_number(void)
{
    for (uint16_t number = 0;; number++) {
        size_t i = 0;
        while (i < registry.n_ranks && registry.ranks[i]->id != number)
            i++;
        if (i == registry.n_ranks)
            return number;
    }
}

bool drv_registry_add_rank(struct dpu_rank_t *rank)
{
    bool added = false;
    pthread_rwlock_wrlock(&registry.lock);
    if (registry.n_ranks == registry.room) {
        size_t room = registry.room * 2 + 16;
        struct dpu_rank_t **ranks = realloc(registry.ranks, room * sizeof *ranks);
        if (ranks) {
            registry.ranks = ranks;
            registry.room = room;
        }
    }
    if (registry.n_ranks < registry.room) {
        rank->id = free_number();
        size_t at = rank_position(rank);
        memmove(registry.ranks + at + 1, registry.ranks + at,
                (registry.n_ranks - at) * sizeof *registry.ranks);
        registry.ranks[at] = rank;
        registry.n_ranks++;
        added = true;
    }
    pthread_rwlock_unlock(&registry.lock);
    return added;
}

void drv_registry_remove_rank(struct dpu_rank_t *rank)
{
    pthread_rwlock_wrlock(&registry.lock);
    size_t at = rank_position(rank);
    if (at > 0 && registry.ranks[at - 1] == rank) {
        registry.n_ranks--;
        memmove(registry.ranks + at - 1, registry.ranks + at,
                (registry.n_ranks - at + 1) * sizeof *registry.ranks);
    }
    if (registry.n_ranks == 0) {
        free(registry.ranks);
        registry.ranks = NULL;
        registry.room = 0;
    }
    pthread_rwlock_unlock(&registry.lock);
}

void drv_registry_each_set(void (*work)(struct drv_set *set))
{
    pthread_rwlock_rdlock(&registry.lock);
    for (struct drv_set *set = registry.sets; set; set = set->next)
        work(set);
    pthread_rwlock_unlock(&registry.lock);
}

void drv_registry_add_set(struct drv_set *set)
{
    pthread_rwlock_wrlock(&registry.lock);
    set->next = registry.sets;
    registry.sets = set;
    pthread_rwlock_unlock(&registry.lock);
}

static bool is_handle_of(const struct drv_set *set, const struct dpu_set_t *handle)
{
    const struct dpu_set_t *own = &set->public_set;
    return own->kind == handle->kind && own->list.ranks == handle->list.ranks &&
           own->list.nr_ranks == handle->list.nr_ranks;
}

/* Where the list of sets refers to the one with that handle, or its end. Under the lock. */
static struct drv_set **find_set(struct dpu_set_t handle)
{
    struct drv_set **at = &registry.sets;
    while (*at && !is_handle_of(*at, &handle))
        at = &(*at)->next;
    return at;
}

struct drv_set *drv_registry_take_set(struct dpu_set_t handle)
{
    pthread_rwlock_wrlock(&registry.lock);
    struct drv_set **at = find_set(handle), *found = *at;
    if (found)
        *at = found->next;
    pthread_rwlock_unlock(&registry.lock);
    return found;
}

bool drv_registry_holds(const struct dpu_set_t *variable, const void *site)
{
    bool found = false;
    pthread_rwlock_rdlock(&registry.lock);
    for (const struct drv_set *set = registry.sets; set && !found; set = set->next)
        found = set->variable == variable && set->site != site && is_handle_of(set, variable);
    pthread_rwlock_unlock(&registry.lock);
    return found;
}

struct drv_set *drv_registry_set_of_list(struct dpu_rank_t *const *ranks, uint32_t count)
{
    struct drv_set *set;
    pthread_rwlock_rdlock(&registry.lock);
    for (set = registry.sets; set; set = set->next)
        if (ranks >= set->ranks && ranks + count <= set->ranks + set->nr_ranks)
            break;
    pthread_rwlock_unlock(&registry.lock);
    return set;
}

/* ---- kept aside ------------------------------------------------------------------------------ */

void drv_registry_discard_rank(struct dpu_rank_t *rank)
{
    pthread_rwlock_wrlock(&registry.lock);
    void **slot = &registry.kept_ranks[registry.next_rank++ % KEPT_RANKS], *old = *slot;
    *slot = rank;
    pthread_rwlock_unlock(&registry.lock);
    free(old);
}

/* A handle's list is read unless its address is known as stale: so many more are kept of these. */
void drv_registry_discard_list(struct dpu_rank_t **ranks, size_t len_bytes)
{
    pthread_rwlock_wrlock(&registry.lock);
    struct kept *slot = &registry.kept_lists[registry.next_list++ % KEPT_LISTS];
    void *old = slot->start;
    *slot = (struct kept){ranks, len_bytes};
    pthread_rwlock_unlock(&registry.lock);
    free(old);
}

bool drv_registry_is_stale_list(const void *address)
{
    bool found = false;
    pthread_rwlock_rdlock(&registry.lock);
    for (size_t i = 0; i < KEPT_LISTS && !found; i++) {
        const char *start = registry.kept_lists[i].start;
        found = start && (const char *)address >= start &&
                (const char *)address < start + registry.kept_lists[i].len_bytes;
    }
    pthread_rwlock_unlock(&registry.lock);
    return found;
}

/* A forked child has the lock free and the list whole. */
static void before_fork(void)
{
    pthread_rwlock_wrlock(&registry.lock);
}

static void in_parent(void)
{
    pthread_rwlock_unlock(&registry.lock);
}

/* Only the thread that locked could unlock, and its number is another one here. */
static void in_child(void)
{
    pthread_rwlock_init(&registry.lock, NULL);
    for (size_t i = 0; i < registry.n_ranks; i++)
        drv_queue_after_fork(registry.ranks[i]);
}

__attribute__((constructor)) static void set_up(void)
{
    pthread_atfork(before_fork, in_parent, in_child);
}

/* Nothing stays behind when the library is unloaded. */
__attribute__((destructor)) static void clean_up(void)
{
    for (size_t i = 0; i < KEPT_RANKS; i++) {
        free(registry.kept_ranks[i]);
        registry.kept_ranks[i] = NULL;
    }
    for (size_t i = 0; i < KEPT_LISTS; i++) {
        free(registry.kept_lists[i].start);
        registry.kept_lists[i].start = NULL;
    }
}
