/* SPDX-License-Identifier: MIT */
/* Log of one DPU, by DPU instead of by set.
 * Source: documented, SDK 2025.1 dpu_log.h. */
#ifndef DPUSIM_DPU_LOG_H
#define DPUSIM_DPU_LOG_H

#include <stdio.h>

#include "dpu_api.h"
#include "dpu_error.h"
#include "dpu_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Print what the last run of a DPU printed, without a header line.
 * Returns as dpu_log_read, without DPU_ERR_INVALID_DPU_SET.
 * Use: DPU_ASSERT(dpulog_read_for_dpu(dpu.dpu, stdout)); */
DPU_API_EXPORT dpu_error_t dpulog_read_for_dpu(struct dpu_t *dpu, FILE *stream);

#ifdef __cplusplus
}
#endif

#endif
