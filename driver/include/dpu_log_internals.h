/* SPDX-License-Identifier: MIT */
/* Log decoding with an output function of the caller.
 * Source: documented, SDK 2025.1 dpu_log_internals.h. */
#ifndef DPUSIM_DPU_LOG_INTERNALS_H
#define DPUSIM_DPU_LOG_INTERNALS_H

#include <stddef.h>

#include "dpu_api.h"
#include "dpu_error.h"
#include "dpu_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Header line of a DPU's log; argument: dpu_get_id. */
#define DPU_LOG_FORMAT_HEADER "=== DPU#0x%x ===\n"

/* Printf to `arg`. A status other than DPU_OK ends the decoding. */
typedef dpu_error_t (*dpu_log_print_fct_t)(void *arg, const char *fmt, ...);

/* As dpulog_read_for_dpu, through print_fct(arg, ...). */
DPU_API_EXPORT dpu_error_t dpulog_read_for_dpu_(struct dpu_t *dpu, dpu_log_print_fct_t print_fct,
                                                void *arg);
/* Decode input_size raw bytes of a log buffer. Returns DPU_OK; DPU_ERR_LOG_FORMAT. */
DPU_API_EXPORT dpu_error_t dpulog_read_and_display_contents_of(void *input, size_t input_size,
                                                               dpu_log_print_fct_t print_fct,
                                                               void *print_fct_arg);
/* A print function: arg is a FILE *. Always DPU_OK. */
DPU_API_EXPORT dpu_error_t dpulog_c_print_fct(void *arg, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#ifdef __cplusplus
}
#endif

#endif
