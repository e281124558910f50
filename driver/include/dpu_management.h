/* SPDX-License-Identifier: MIT */
/* Ranks and DPUs below the level of sets: who is who, locks, allocation without a set.
 * Source: documented, SDK 2025.1 dpu_management.h. */
#ifndef DPUSIM_DPU_MANAGEMENT_H
#define DPUSIM_DPU_MANAGEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "dpu_api.h"
#include "dpu_description.h"
#include "dpu_error.h"
#include "dpu_macro_utils.h"
#include "dpu_target.h"
#include "dpu_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Describe what the profile would give, without allocating. *description is given back by
 * dpu_free_description. Returns DPU_OK; DPU_ERR_ALLOCATION; DPU_ERR_INVALID_PROFILE;
 * DPU_ERR_SYSTEM. */
DPU_API_EXPORT dpu_error_t dpu_get_profile_description(const char *profile,
                                                       dpu_description_t *description);
/* Take one rank: no set, no queue. Ended by dpu_free_rank. Returns as above. */
DPU_API_EXPORT dpu_error_t dpu_get_rank_of_type(const char *profile, struct dpu_rank_t **rank);
/* Give a rank of dpu_get_rank_of_type back. Always DPU_OK. */
DPU_API_EXPORT dpu_error_t dpu_free_rank(struct dpu_rank_t *rank);

/* Recursive lock of a rank. trylock returns 0, or EBUSY when another thread holds it. */
DPU_API_EXPORT void dpu_lock_rank(struct dpu_rank_t *rank);
DPU_API_EXPORT int dpu_trylock_rank(struct dpu_rank_t *rank);
DPU_API_EXPORT void dpu_unlock_rank(struct dpu_rank_t *rank);

/* DPU `dpu_id` of a slice, enabled or not; NULL when one of the numbers is out of range. */
DPU_API_EXPORT struct dpu_t *dpu_get(struct dpu_rank_t *rank, dpu_slice_id_t slice_id,
                                     dpu_member_id_t dpu_id);
/* Number of a DPU: rank number << 16 | slice << 8 | member. The log's header prints it. */
DPU_API_EXPORT dpu_id_t dpu_get_id(struct dpu_t *dpu);
/* Number of a rank: the allocator's in the low DPU_TARGET_SHIFT bits, dpu_type_t above. */
DPU_API_EXPORT dpu_id_t dpu_get_rank_id(struct dpu_rank_t *rank);
/* Memory node of the host that a rank is attached to; -1: unknown, as in a simulator. */
DPU_API_EXPORT int dpu_get_rank_numa_node(struct dpu_rank_t *rank);
/* Rank of a DPU. Borrowed. */
DPU_API_EXPORT struct dpu_rank_t *dpu_get_rank(struct dpu_t *dpu);
DPU_API_EXPORT dpu_slice_id_t dpu_get_slice_id(struct dpu_t *dpu);
DPU_API_EXPORT dpu_member_id_t dpu_get_member_id(struct dpu_t *dpu);
DPU_API_EXPORT bool dpu_is_enabled(struct dpu_t *dpu);
/* Description of a rank. Borrowed; dpu_acquire_description keeps it longer. */
DPU_API_EXPORT dpu_description_t dpu_get_description(struct dpu_rank_t *rank);

/* Set of one rank; *rank must outlive it. */
DPU_API_EXPORT struct dpu_set_t dpu_set_from_rank(struct dpu_rank_t **rank);
DPU_API_EXPORT struct dpu_set_t dpu_set_from_dpu(struct dpu_t *dpu);
/* The one rank of a set; NULL when the set is a DPU or has another number of ranks. */
DPU_API_EXPORT struct dpu_rank_t *dpu_rank_from_set(struct dpu_set_t set);
/* The DPU of a set; NULL when it is a set of ranks. */
DPU_API_EXPORT struct dpu_t *dpu_from_set(struct dpu_set_t set);

struct dpu_iterator_t {
    struct dpu_rank_t *rank;
    uint32_t count;    /* enabled DPUs passed so far */
    uint32_t next_idx; /* internal */
    bool has_next;
    struct dpu_t *next;
};

/* What STRUCT_DPU_FOREACH expands to. */
DPU_API_EXPORT struct dpu_iterator_t dpu_iterator_from(struct dpu_rank_t *rank);
DPU_API_EXPORT void dpu_iterator_next(struct dpu_iterator_t *iterator);

/* Loop over the enabled DPUs of one rank: STRUCT_DPU_FOREACH(rank, dpu) or
 * STRUCT_DPU_FOREACH(rank, dpu, index), with struct dpu_rank_t *rank, struct dpu_t *dpu. Otherwise
 * as DPU_FOREACH. */
#define STRUCT_DPU_FOREACH(...)                                                                    \
    DPU_NINTH_ARGUMENT_(__VA_ARGS__, STRUCT_DPU_FOREACH_takes_2_or_3_arguments,                    \
                        STRUCT_DPU_FOREACH_takes_2_or_3_arguments,                                 \
                        STRUCT_DPU_FOREACH_takes_2_or_3_arguments,                                 \
                        STRUCT_DPU_FOREACH_takes_2_or_3_arguments,                                 \
                        STRUCT_DPU_FOREACH_takes_2_or_3_arguments, STRUCT_DPU_FOREACH_INDEXED_,    \
                        STRUCT_DPU_FOREACH_PLAIN_, STRUCT_DPU_FOREACH_takes_2_or_3_arguments, ~)   \
    (__VA_ARGS__)

#define STRUCT_DPU_FOREACH_PLAIN_(rank_, one_)                                                     \
    STRUCT_DPU_LOOP_(rank_, (one_), _CONCAT(struct_dpu_iterator_, __LINE__))
#define STRUCT_DPU_FOREACH_INDEXED_(rank_, one_, index_)                                           \
    STRUCT_DPU_INDEXED_LOOP_(rank_, (one_), (index_), _CONCAT(struct_dpu_iterator_, __LINE__))

#define STRUCT_DPU_LOOP_(rank_, one_, it_)                                                         \
    for (struct dpu_iterator_t it_ = dpu_iterator_from(rank_);                                     \
         one_ = it_.next, (void)one_, it_.has_next; dpu_iterator_next(&it_))
#define STRUCT_DPU_INDEXED_LOOP_(rank_, one_, index_, it_)                                         \
    for (struct dpu_iterator_t it_ = dpu_iterator_from(rank_);                                     \
         one_ = it_.next, (void)one_, index_ = it_.count, (void)index_, it_.has_next;              \
         dpu_iterator_next(&it_))

#ifdef __cplusplus
}
#endif

#endif
