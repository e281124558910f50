/* SPDX-License-Identifier: MIT */
/* The sets and ranks that are alive in this process. Private to driver/. */
#ifndef DRIVER_REGISTRY_H
#define DRIVER_REGISTRY_H

#include "driver.h"

/* The live rank whose struct contains the address (its own or that of one of its DPUs); NULL:
 * none. */
struct dpu_rank_t *drv_registry_rank(const void *address);
uint32_t drv_registry_count(void);
/* Number of time lines asked for so far, with this one. */
uint32_t drv_registry_next_timeline(void);
/* Number of allocations begun so far, with this one. */
uint32_t drv_registry_next_set(void);
/* Gives the rank the lowest free number. False: out of memory. */
bool drv_registry_add_rank(struct dpu_rank_t *rank);
void drv_registry_remove_rank(struct dpu_rank_t *rank);
void drv_registry_add_set(struct drv_set *set);
/* Call for every set, under the lock. */
void drv_registry_each_set(void (*work)(struct drv_set *set));
/* Remove the set whose public struct equals the handle; NULL: there is none. */
struct drv_set *drv_registry_take_set(struct dpu_set_t handle);
/* The variable holds the handle of a live set, put there by an allocation at another place of the
 * program. One at the same place is that of a function whose local variable it is, which hands out
 * copies. What the variable contains is looked at only then: it may never have been written. */
bool drv_registry_holds(const struct dpu_set_t *variable, const void *site);
/* The live set whose rank array holds this part. */
struct drv_set *drv_registry_set_of_list(struct dpu_rank_t *const *ranks, uint32_t count);
/* Free a rank, or the list of ranks of a set, later: meanwhile their addresses are those of nothing
 * else, and that of a list is known as stale. */
void drv_registry_discard_rank(struct dpu_rank_t *rank);
void drv_registry_discard_list(struct dpu_rank_t **ranks, size_t len_bytes);
bool drv_registry_is_stale_list(const void *address);

#endif
