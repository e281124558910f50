/* SPDX-License-Identifier: MIT */
/* Kinds of targets a rank of DPUs can live on. dpusim offers FUNCTIONAL_SIMULATOR and
 * CYCLE_ACCURATE_SIMULATOR; the other names exist because programs compile against them.
 * Source: documented, SDK 2025.1 dpu_target.h. */
#ifndef DPUSIM_DPU_TARGET_H
#define DPUSIM_DPU_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "dpu_target_macros.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum _dpu_type_t {
    FUNCTIONAL_SIMULATOR = 0,
    CYCLE_ACCURATE_SIMULATOR = 1,
    RTL_SIMULATOR = 2,
    HW = 3,
    BACKUP_SPI = 4,
    SCENARIO = 5,
    NB_OF_DPU_TYPES
} dpu_type_t;

/* Name of the enumerator, "UNKNOWN" for any other value. Static text; never fails. */
static inline const char *dpu_type_to_string(dpu_type_t dpu_type)
{
    switch (dpu_type) {
    case FUNCTIONAL_SIMULATOR:
        return "FUNCTIONAL_SIMULATOR";
    case CYCLE_ACCURATE_SIMULATOR:
        return "CYCLE_ACCURATE_SIMULATOR";
    case RTL_SIMULATOR:
        return "RTL_SIMULATOR";
    case HW:
        return "HW";
    case BACKUP_SPI:
        return "BACKUP_SPI";
    case SCENARIO:
        return "SCENARIO";
    default:
        return "UNKNOWN";
    }
}

/* Target of the value of the profile key `backend`: exact, case matters. Returns false, and leaves
 * *dpu_type alone, when the name is not known.
 * Use: dpu_type_from_profile_string("simulator", &type) */
static inline bool dpu_type_from_profile_string(const char *string, dpu_type_t *dpu_type)
{
    static const char *const names[NB_OF_DPU_TYPES] = {"simulator", "cas", "model",
                                                       "hw",        "spi", "scenario"};
    int type;

    for (type = 0; type < NB_OF_DPU_TYPES; type++) {
        if (strcmp(string, names[type]) == 0) {
            *dpu_type = (dpu_type_t)type;
            return true;
        }
    }
    return false;
}

#ifdef __cplusplus
}
#endif

#endif
