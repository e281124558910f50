/* SPDX-License-Identifier: MIT */
/* What DPU programs printed. Header and errors: documented (host library of SDK 2024.2). */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"
#include "include/dpu_log.h"
#include "include/dpu_log_internals.h"
#include "log.h"

/* Text goes out in pieces, as it may contain any character but NUL. */
static dpu_error_t print_text(const char *text, size_t len, dpu_log_print_fct_t print, void *arg)
{
    dpu_error_t error = DPU_OK;
    while (len > 0 && !error) {
        size_t piece = strnlen(text, len);
        error = print(arg, "%.*s", (int)piece, text);
        if (piece < len)
            piece++; /* a NUL itself is not printed */
        text += piece;
        len -= piece;
    }
    return error;
}

dpu_error_t dpulog_c_print_fct(void *arg, const char *fmt, ...)
{
    va_list args;
    FILE *stream = arg;
    if (!stream)
        return drv_fail(DPU_ERR_SYSTEM, "log: the stream is NULL");
    va_start(args, fmt);
    int written = vfprintf(stream, fmt, args);
    va_end(args);
    return written < 0 ? drv_fail(DPU_ERR_SYSTEM, "log: cannot write: %s", strerror(errno))
                       : DPU_OK;
}

/* Header, if wanted, and text; nothing of a program that has no log. */
static dpu_error_t print_log(struct dpu_t *dpu, dpu_log_print_fct_t print, void *arg, bool header)
{
    char *text = NULL;
    size_t len = 0;
    struct isa_diag diag = {""};
    drv_pause(dpu);
    enum dpusim_status status = sim_dpu_read_log(dpu->sim, &text, &len, &diag);
    drv_resume(dpu);
    dpu_error_t error = DPU_OK;
    bool there = !status || status == DPUSIM_LOG_OVERFLOW || status == DPUSIM_LOG_FORMAT;
    if (there && header)
        error = print(arg, DPU_LOG_FORMAT_HEADER, (unsigned)dpu_get_id(dpu));
    if (there && !error)
        error = print_text(text ? text : "", text ? len : 0, print, arg);
    free(text);
    if (error)
        return error;
    return status ? drv_fail(drv_error_of(status), "DPU 0x%x: %s", (unsigned)dpu_get_id(dpu),
                             diag.text)
                  : DPU_OK;
}

/* The rank is idle meanwhile. */
static dpu_error_t read_log(struct dpu_t *dpu, dpu_log_print_fct_t print, void *arg, bool header,
                            const char *call)
{
    struct drv_target target;
    dpu_error_t error = DPU_OK;
    if (!dpu || !print)
        return drv_fail(DPU_ERR_INTERNAL, "%s: the DPU or the function is NULL", call);
    error = drv_target_from(&target, dpu_set_from_dpu(dpu), call);
    if (!error)
        error = drv_inject_call(dpu->rank->set, call);
    if (!error)
        error = drv_acquire(&target, 0);
    if (error)
        return error;
    error = print_log(dpu, print, arg, header);
    drv_release(&target);
    return error;
}

dpu_error_t dpu_log_read(struct dpu_set_t set, FILE *stream)
{
    if (set.kind == DPU_SET_RANKS)
        return drv_fail(DPU_ERR_INVALID_DPU_SET,
                        "dpu_log_read: wanted a set of one DPU (from DPU_FOREACH), got a set of "
                        "ranks");
    dpu_error_t error = drv_set_check(set, __func__);
    return error ? error : read_log(set.dpu, dpulog_c_print_fct, stream, true, __func__);
}

dpu_error_t dpulog_read_for_dpu_(struct dpu_t *dpu, dpu_log_print_fct_t print_fct, void *arg)
{
    return read_log(dpu, print_fct, arg, false, "dpulog_read_for_dpu");
}

dpu_error_t dpulog_read_for_dpu(struct dpu_t *dpu, FILE *stream)
{
    return read_log(dpu, dpulog_c_print_fct, stream, false, __func__);
}

dpu_error_t dpulog_read_and_display_contents_of(void *input, size_t input_size,
                                                dpu_log_print_fct_t print_fct, void *print_fct_arg)
{
    struct isa_diag diag = {""};
    struct sim_log_text text = {0};
    if (!print_fct || (!input && input_size))
        return drv_fail(DPU_ERR_INTERNAL, "log: an argument is NULL");
    enum dpusim_status status = sim_log_decode(&text, (struct isa_bytes){input, input_size}, &diag);
    dpu_error_t error =
        text.data ? print_text(text.data, text.len, print_fct, print_fct_arg) : DPU_OK;
    free(text.data);
    if (error)
        return error;
    return status ? drv_fail(drv_error_of(status), "%s", diag.text) : DPU_OK;
}
