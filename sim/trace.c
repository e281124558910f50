/* SPDX-License-Identifier: MIT */
/* Traces: opening and closing, which tasklets and cycles are traced, the limit. When the file
 * cannot be written the run goes on without trace, and closing tells. */
#include "trace.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void sim_line_add(struct sim_line *line, const char *format, ...)
{
    va_list args;
    size_t room = sizeof line->data - line->len;
    va_start(args, format);
    int len = vsnprintf(line->data + line->len, room, format, args);
    va_end(args);
    if (len > 0)
        line->len += (size_t)len < room ? (size_t)len : room - 1;
}

void sim_line_clear(struct sim_line *line)
{
    line->len = 0;
    line->data[0] = '\0';
}

bool sim_trace_wants(const struct sim_trace *trace, unsigned tasklet)
{
    return !trace->options.tasklets || (trace->options.tasklets >> tasklet & 1);
}

bool sim_trace_count(struct sim_trace *trace, uint64_t cycle)
{
    if (trace->options.max_events && trace->n_events >= trace->options.max_events) {
        trace->left_out = true;
        uint64_t end = cycle > trace->last_end ? cycle : trace->last_end;
        if (trace->until > end)
            trace->until = end;
        return false;
    }
    trace->n_events++;
    return true;
}

/* ---- opening -------------------------------------------------------------------------------- */

static enum dpusim_status find_symbol(struct sim_trace *trace, struct isa_diag *diag)
{
    const struct sim_collector *c = trace->dpu->collector;
    const char *name = trace->options.symbol;
    if (!name)
        return DPUSIM_OK;
    trace->function = sim_collect_function(c, name);
    if (trace->function)
        return DPUSIM_OK;
    const char *near = isa_program_nearest_symbol(c->program, name);
    return isa_fail(diag, DPUSIM_UNKNOWN_SYMBOL, "trace: %s has no function \"%s\"%s%s%s",
                    c->program->name, name, near ? "; did you mean \"" : "", near ? near : "",
                    near ? "\"?" : "");
}

static FILE *open_stream(int file_descriptor, struct isa_diag *diag)
{
    int own = dup(file_descriptor);
    FILE *out = own < 0 ? NULL : fdopen(own, "w");
    if (out)
        return out;
    isa_fail(diag, DPUSIM_IO, "trace: file descriptor %d: %s", file_descriptor, strerror(errno));
    if (own >= 0)
        close(own);
    return NULL;
}

static void set_sink(struct sim_trace *trace)
{
    if (trace->options.format == SIM_TRACE_TEXT)
        trace->sink = (struct sim_sink){.event = sim_trace_text_event};
    else
        trace->sink = (struct sim_sink){.slice = sim_trace_slice,
                                        .enter = sim_trace_enter,
                                        .leave = sim_trace_leave,
                                        .transfer = sim_trace_transfer,
                                        .launch = sim_trace_launch};
}

static void begin(struct sim_trace *trace)
{
    if (trace->options.format == SIM_TRACE_TEXT)
        sim_trace_text_begin(trace);
    else
        sim_trace_events_begin(trace);
}

static void release(struct sim_trace *trace)
{
    if (trace->out)
        fclose(trace->out);
    free(trace->process_name);
    free(trace);
}

enum dpusim_status sim_trace_open(struct sim_trace **out, struct sim_dpu *dpu, int file_descriptor,
                                  const struct sim_trace_options *options, struct isa_diag *diag)
{
    struct sim_trace *trace = calloc(1, sizeof *trace);
    if (!trace)
        return isa_fail(diag, DPUSIM_NO_MEMORY, "trace: out of memory");
    trace->options = *options;
    trace->dpu = dpu;
    trace->until = options->until ? options->until : UINT64_MAX;
    trace->out = open_stream(file_descriptor, diag);
    set_sink(trace);
    enum dpusim_status status =
        trace->out ? sim_collect_attach(dpu, &trace->sink, diag) : DPUSIM_IO;
    if (status) {
        release(trace);
        return status;
    }
    status = find_symbol(trace, diag);
    const char *name = options->process_name ? options->process_name : dpu->program->name;
    trace->process_name = strdup(name);
    if (!status && !trace->process_name)
        status = isa_fail(diag, DPUSIM_NO_MEMORY, "trace: out of memory");
    if (status) {
        sim_collect_detach(dpu, &trace->sink);
        release(trace);
        return status;
    }
    begin(trace);
    *out = trace;
    return DPUSIM_OK;
}

/* ---- closing -------------------------------------------------------------------------------- */

enum dpusim_status sim_trace_close(struct sim_trace *trace, bool *left_out, struct isa_diag *diag)
{
    enum dpusim_status status = DPUSIM_OK;
    if (!trace)
        return DPUSIM_OK;
    sim_collect_settle(trace->dpu);
    if (trace->options.format == SIM_TRACE_TEXT)
        sim_trace_text_end(trace);
    else
        sim_trace_events_end(trace);
    errno = 0;
    if (fclose(trace->out) != 0 && !trace->error)
        trace->error = errno ? errno : EIO;
    trace->out = NULL;
    if (trace->error)
        status = isa_fail(diag, DPUSIM_IO, "%s; it ends near instruction %llu, the run goes on",
                          strerror(trace->error), (unsigned long long)trace->error_at);
    if (left_out)
        *left_out = trace->left_out;
    sim_collect_detach(trace->dpu, &trace->sink);
    release(trace);
    return status;
}
