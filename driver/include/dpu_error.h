/* SPDX-License-Identifier: MIT */
/* Status codes of the host API and their texts.
 * Source: documented, SDK 2025.1 dpu_error.h; the numbers are those of 2025.1. */
#ifndef DPUSIM_DPU_ERROR_H
#define DPUSIM_DPU_ERROR_H

#include "dpu_api.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Position of the kind of job in the code of an asynchronous failure. */
#define DPU_ERROR_ASYNC_JOB_TYPE_SHIFT 16

/* Four bytes, signed. With bit 31 set (DPU_ERR_ASYNC_JOBS) the code reports the failure of a queued
 * job: bits 16-30 its kind, bits 0-15 one of the plain codes. */
typedef enum dpu_error_t {
    DPU_OK = 0,
    DPU_ERR_INTERNAL = 1,
    DPU_ERR_SYSTEM = 2,
    DPU_ERR_DRIVER = 3,
    DPU_ERR_ALLOCATION = 4,
    DPU_ERR_INVALID_DPU_SET = 5,
    DPU_ERR_INVALID_THREAD_ID = 6,
    DPU_ERR_INVALID_NOTIFY_ID = 7,
    DPU_ERR_INVALID_WRAM_ACCESS = 8,
    DPU_ERR_INVALID_IRAM_ACCESS = 9,
    DPU_ERR_INVALID_MRAM_ACCESS = 10,
    DPU_ERR_INVALID_SYMBOL_ACCESS = 11,
    DPU_ERR_MRAM_BUSY = 12,
    DPU_ERR_TRANSFER_ALREADY_SET = 13,
    DPU_ERR_INVALID_PARALLEL_MEMORY_TRANSFER = 14,
    DPU_ERR_WRAM_FIFO_FULL = 15,
    DPU_ERR_NO_PROGRAM_LOADED = 16,
    DPU_ERR_DIFFERENT_DPU_PROGRAMS = 17,
    DPU_ERR_CORRUPTED_MEMORY = 18,
    DPU_ERR_DPU_DISABLED = 19,
    DPU_ERR_DPU_ALREADY_RUNNING = 20,
    DPU_ERR_INVALID_MEMORY_TRANSFER = 21,
    DPU_ERR_INVALID_LAUNCH_POLICY = 22,
    DPU_ERR_DPU_FAULT = 23,
    DPU_ERR_ELF_INVALID_FILE = 24,
    DPU_ERR_ELF_NO_SUCH_FILE = 25,
    DPU_ERR_ELF_NO_SUCH_SECTION = 26,
    DPU_ERR_TIMEOUT = 27,
    DPU_ERR_INVALID_PROFILE = 28,
    DPU_ERR_UNKNOWN_SYMBOL = 29,
    DPU_ERR_LOG_FORMAT = 30,
    DPU_ERR_LOG_CONTEXT_MISSING = 31,
    DPU_ERR_LOG_BUFFER_TOO_SMALL = 32,
    DPU_ERR_VPD_INVALID_FILE = 33,
    DPU_ERR_VPD_NO_REPAIR = 34,
    DPU_ERR_NO_THREAD_PER_RANK = 35,
    DPU_ERR_INVALID_BUFFER_SIZE = 36,
    DPU_ERR_NONBLOCKING_SYNC_CALLBACK = 37,
    DPU_ERR_TOO_MANY_TASKLETS = 38,
    DPU_ERR_SG_TOO_MANY_BLOCKS = 39,
    DPU_ERR_SG_LENGTH_MISMATCH = 40,
    DPU_ERR_SG_NOT_ACTIVATED = 41,
    DPU_ERR_SG_NOT_MRAM_SYMBOL = 42,
    DPU_ERR_ASYNC_JOBS = -2147483647 - 1 /* bit 31 */
} dpu_error_t;

/* Text of a code, in its asynchronous form when bit 31 is set; "unknown error" for any other value.
 *
 *   status  any value.
 *
 * Returns heap text that the caller frees; NULL only when memory is exhausted.
 * Source: documented, SDK 2025.1 (until 2024.2 the text was static).
 * Use: char *text = dpu_error_to_string(status); puts(text); free(text); */
DPU_API_EXPORT char *dpu_error_to_string(dpu_error_t status);

#ifdef __cplusplus
}
#endif

#endif
