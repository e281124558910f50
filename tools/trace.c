/* SPDX-License-Identifier: MIT */
/* Traces of a run into files: `dpusim run --trace=FILE` and `dpusim trace`. */
#include <stdlib.h>
#include <string.h>

#include "run.h"

enum { MOST_EVENTS = 1000000 };

struct trace {
    const char *verb, *path;
    FILE *file;
    struct sim_trace *sim;
};

static const char *name_of(const struct trace *trace)
{
    return trace->file == stdout ? "standard output" : trace->path;
}

struct trace *trace_open(const char *path, const struct run *run,
                         const struct sim_trace_options *options)
{
    struct isa_diag diag = {""};
    FILE *file = tool_open_output(run->verb, path);
    if (!file)
        return NULL;
    struct trace *trace = tool_realloc(NULL, 1, sizeof *trace);
    *trace = (struct trace){.verb = run->verb, .path = path, .file = file};
    fflush(file);
    enum dpusim_status status = sim_trace_open(&trace->sim, run->dpu, fileno(file), options, &diag);
    if (!status)
        return trace;
    tool_fail(run->verb, status, &diag);
    if (file != stdout)
        fclose(file);
    free(trace);
    return NULL;
}

bool trace_close(struct trace *trace)
{
    struct isa_diag diag = {""};
    bool left_out;
    bool ok = sim_trace_close(trace->sim, &left_out, &diag) == DPUSIM_OK;
    if (!ok)
        tool_error(trace->verb, "cannot write the trace to %s: %s", name_of(trace), diag.text);
    else if (left_out)
        tool_warn(trace->verb, "the trace in %s ends at the limit of --max-events", name_of(trace));
    if (trace->file != stdout)
        fclose(trace->file);
    free(trace);
    return ok;
}

/* ---- the verb ------------------------------------------------------------------------------- */

static int open_more(struct run *run, const struct verb *verb)
{
    const struct run_options *given = &run->options;
    const char *format = given->trace_format ? given->trace_format : "events";
    const char *path = given->trace_output ? given->trace_output : "-";
    struct sim_trace_options options = {.format = SIM_TRACE_EVENTS,
                                        .from = given->trace_from,
                                        .until = given->trace_until,
                                        .symbol = given->trace_symbol,
                                        .max_events = MOST_EVENTS};
    if (strcmp(format, "text") == 0)
        options.format = SIM_TRACE_TEXT;
    else if (strcmp(format, "events") != 0)
        return options_complain(verb, "--format=%.60s: the formats are events and text", format);
    if (options.until && options.until <= options.from)
        return options_complain(verb, "--until must be greater than --from");
    for (const char *const *item = given->trace_limits.items; item && *item; item++)
        if (!tool_parse_u64(*item, &options.max_events))
            return options_complain(verb, "--max-events=%.60s: wanted a number", *item);
    int code = run_tasklets(run, verb, &options.tasklets);
    if (code)
        return code;
    run->more = trace_open(path, run, &options);
    return run->more ? TOOL_OK : TOOL_INPUT;
}

static bool write_more(struct run *run)
{
    bool ok = trace_close(run->more);
    run->more = NULL;
    return ok;
}

static void discard_more(struct run *run)
{
    if (run->more)
        (void)!trace_close(run->more);
}

int tool_verb_trace(const struct verb *verb, int argc, char **argv)
{
    static const struct run_kind kind = {.mode = SIM_CYCLE,
                                         .takes_tasklets = true,
                                         .open = open_more,
                                         .write = write_more,
                                         .discard = discard_more};
    return run_verb(verb, argc, argv, &kind);
}
