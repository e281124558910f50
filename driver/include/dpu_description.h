/* SPDX-License-Identifier: MIT */
/* Description of a rank with its configuration; counted references.
 * Source: documented, SDK 2025.1 dpu_description.h. */
#ifndef DPUSIM_DPU_DESCRIPTION_H
#define DPUSIM_DPU_DESCRIPTION_H

#include <stdbool.h>
#include <stdint.h>

#include "dpu_api.h"
#include "dpu_hw_description.h"
#include "dpu_target.h"
#include "dpu_types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct _dpu_description_t {
    struct dpu_hw_description_t hw;
    dpu_type_t type;

    /* Most switches concern hardware only; dpusim stores what the profile says. */
    struct {
        bool mram_access_by_dpu_only;
        bool api_must_switch_mram_mux;
        bool init_mram_mux;
        bool do_iram_repair;
        bool do_wram_repair;
        bool ignore_vpd;
        bool enable_cycle_accurate_behavior;
        bool disable_api_safe_checks;
        bool disable_reset_on_alloc;
        bool ila_control_refresh;
    } configuration;

    uint32_t refcount;

    struct {
        void *data;
        void (*free)(void *data); /* called with data when the last reference goes; may be NULL */
    } _internals;
};

typedef struct _dpu_description_t *dpu_description_t;

/* Take one reference more; atomic. */
DPU_API_EXPORT void dpu_acquire_description(dpu_description_t description);
/* Give one reference back; the last one frees the description. NULL is allowed.
 * Use: dpu_get_profile_description(NULL, &d); ... dpu_free_description(d); */
DPU_API_EXPORT void dpu_free_description(dpu_description_t description);

#ifdef __cplusplus
}
#endif

#endif
