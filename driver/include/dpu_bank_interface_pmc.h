/* SPDX-License-Identifier: MIT */
/* Counters of the bank interface: hardware only. dpusim has no such unit; the calls check their
 * arguments, log one line and answer DPU_ERR_DRIVER. Statistics of the simulator: dpusim.h.
 * Source: documented, SDK 2025.1 dpu_bank_interface_pmc.h. */
#ifndef DPUSIM_DPU_BANK_INTERFACE_PMC_H
#define DPUSIM_DPU_BANK_INTERFACE_PMC_H

#include <stdint.h>

#include "dpu_api.h"
#include "dpu_error.h"
#include "dpu_types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum bank_interface_pmc_event_t {
    BANK_INTERFACE_PMC_NONE = 0,
    BANK_INTERFACE_PMC_LDMA_INSTRUCTION = 1,
    BANK_INTERFACE_PMC_SDMA_INSTRUCTION = 2,
    BANK_INTERFACE_PMC_READ_64BIT_INSTRUCTION = 4,
    BANK_INTERFACE_PMC_WRITE_64BIT_INSTRUCTION = 8,
    BANK_INTERFACE_PMC_HOST_ACTIVATE_COMMAND = 16,
    BANK_INTERFACE_PMC_HOST_REFRESH_COMMAND = 32,
    BANK_INTERFACE_PMC_ROW_HAMMER_REFRESH_COMMAND = 64,
    BANK_INTERFACE_PMC_CYCLES = 128
} bank_interface_pmc_event_t;

typedef enum bank_interface_pmc_mode_t {
    BANK_INTERFACE_PMC_32BIT_MODE = 0, /* two counters */
    BANK_INTERFACE_PMC_64BIT_MODE = 1  /* one counter */
} bank_interface_pmc_mode_t;

typedef struct bank_interface_pmc_config_t {
    bank_interface_pmc_mode_t mode;
    bank_interface_pmc_event_t counter_1;
    bank_interface_pmc_event_t counter_2;
} bank_interface_pmc_config_t;

struct bank_interface_pmc_two_counters_t {
    uint32_t counter_1;
    uint32_t counter_2;
};

struct bank_interface_pmc_one_counter_t {
    uint64_t counter_1;
};

typedef struct bank_interface_pmc_result_t {
    union {
        struct bank_interface_pmc_two_counters_t two_32bits;
        struct bank_interface_pmc_one_counter_t one_64bits;
    };
} bank_interface_pmc_result_t;

/* Start, stop, halt and read the counters of one DPU.
 * Returns DPU_ERR_INTERNAL when the set is not one DPU, else DPU_ERR_DRIVER; nothing is written. */
DPU_API_EXPORT dpu_error_t dpu_bank_interface_pmc_enable(struct dpu_set_t set,
                                                         bank_interface_pmc_config_t configuration);
DPU_API_EXPORT dpu_error_t dpu_bank_interface_pmc_disable(struct dpu_set_t set);
DPU_API_EXPORT dpu_error_t dpu_bank_interface_pmc_stop_counters(struct dpu_set_t set);
DPU_API_EXPORT dpu_error_t
dpu_bank_interface_pmc_read_counters(struct dpu_set_t set, bank_interface_pmc_result_t *result);

#ifdef __cplusplus
}
#endif

#endif
