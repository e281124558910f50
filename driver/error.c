/* SPDX-License-Identifier: MIT */
/* Errors of the host API: their texts, and the sentence that explains the last one of a thread.
 * Texts: documented (SDK 2025.1); format of asynchronous errors: documented (SDK 2024.2). */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"
#include "include/dpu_error.h"

#define ERROR(id, number, text) _Static_assert((int)id == (number), #id);
#include "error.def"
#undef ERROR

#define ASYNC_BIT  UINT32_C(0x80000000)
#define CODE_MASK  UINT32_C(0xffff)
#define KIND_SHIFT 16

static const char *plain_text(uint32_t code)
{
    switch (code) {
#define ERROR(id, number, text)                                                                    \
    case number:                                                                                   \
        return text;
#include "error.def"
#undef ERROR
    default:
        return "unknown error";
    }
}

static const char *job_name(uint32_t kind)
{
    switch (kind) {
#define JOB(id, number, name)                                                                      \
    case number:                                                                                   \
        return name;
#include "job.def"
#undef JOB
    default:
        return "unknown job type";
    }
}

dpu_error_t drv_async_error(enum drv_job_kind kind, dpu_error_t error)
{
    if (error == DPU_OK || (uint32_t)error & ASYNC_BIT)
        return error;
    return (dpu_error_t)(int32_t)(ASYNC_BIT | (uint32_t)kind << KIND_SHIFT | (uint32_t)error);
}

dpu_error_t drv_plain_error(dpu_error_t error)
{
    return (dpu_error_t)((uint32_t)error & CODE_MASK);
}

char *dpu_error_to_string(dpu_error_t status)
{
    char text[160];
    uint32_t value = (uint32_t)status;
    if (value & ASYNC_BIT)
        snprintf(text, sizeof text, "asynchronous operation error (%s): %s (0x%" PRIx32 ")",
                 job_name((value & ~ASYNC_BIT) >> KIND_SHIFT), plain_text(value & CODE_MASK),
                 value & ~ASYNC_BIT);
    else
        snprintf(text, sizeof text, "%s", plain_text(value));
    return strdup(text);
}

static const char *const names[] = {
#define ERROR(id, number, text) #id,
#include "error.def"
#undef ERROR
};
enum { N_NAMES = sizeof names / sizeof *names };

/* Characters of the enumerators to leave out for comparing with a name. */
static size_t prefix_of(const char *name)
{
    static const char prefix[] = "DPU_ERR_";
    return strncmp(name, prefix, strlen(prefix)) == 0 ? 0 : strlen(prefix);
}

dpu_error_t drv_error_by_name(const char *name)
{
    size_t skip = prefix_of(name);
    for (int code = 1; code < N_NAMES; code++) /* numbers are dense and in the order of the table */
        if (strcmp(names[code] + skip, name) == 0)
            return (dpu_error_t)code;
    return DPU_OK;
}

/* Without the prefix when the name has none. */
const char *drv_nearest_error(const char *name)
{
    const char *bare[N_NAMES];
    size_t skip = prefix_of(name);
    for (int code = 0; code < N_NAMES; code++)
        bare[code] = names[code] + (code == DPU_OK ? 0 : skip);
    return isa_nearest(name, bare, N_NAMES);
}

dpu_error_t drv_error_of(enum dpusim_status status)
{
    switch (status) {
#define STATUS(id, exit_code, dpu_error, text)                                                     \
    case DPUSIM_##id:                                                                              \
        return dpu_error;
#include "status.def"
#undef STATUS
    default:
        return DPU_ERR_INTERNAL;
    }
}

/* ---- the last sentence ----------------------------------------------------------------------- */

static _Thread_local char last_message[1024];

const char *drv_last_message(void)
{
    return last_message;
}

void drv_note(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(last_message, sizeof last_message, format, args);
    va_end(args);
}

dpu_error_t drv_fail(dpu_error_t error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(last_message, sizeof last_message, format, args);
    va_end(args);
    drv_log(DRV_WARNING, "api", "%s", last_message);
    return error;
}
