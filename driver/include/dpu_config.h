/* SPDX-License-Identifier: MIT */
/* Reset. Source: documented, SDK 2025.1 dpu_config.h. */
#ifndef DPUSIM_DPU_CONFIG_H
#define DPUSIM_DPU_CONFIG_H

#include "dpu_api.h"
#include "dpu_error.h"
#include "dpu_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Stop all DPUs of a rank and clear their run state; memories keep their content.
 * Returns DPU_OK. */
DPU_API_EXPORT dpu_error_t dpu_reset_rank(struct dpu_rank_t *rank);
/* The same for one DPU. Returns DPU_OK; DPU_ERR_DPU_DISABLED. */
DPU_API_EXPORT dpu_error_t dpu_reset_dpu(struct dpu_t *dpu);

#ifdef __cplusplus
}
#endif

#endif
