/* SPDX-License-Identifier: MIT */
/* Trace as Chrome trace events, which Perfetto opens: a process per DPU, a thread per tasklet with
 * the functions it executes and what it waits for, and the DMA engine as a thread. Every event is
 * complete in itself (begin and length), written when it ends, so that the file is valid wherever
 * writing stops; functions that go on at the end are cut there. One nanosecond of the viewer is one
 * cycle. */
#include <errno.h>

#include "quote.h"
#include "trace.h"

enum { ENGINE_THREAD = 100 };

/* ---- one event ------------------------------------------------------------------------------ */

/* Cycles as microseconds of the viewer, without rounding. */
static void put_time(FILE *out, const char *key, uint64_t cycles)
{
    fprintf(out, ",\"%s\":%llu.%03u", key, (unsigned long long)(cycles / 1000),
            (unsigned)(cycles % 1000));
}

static void end_event(struct sim_trace *trace)
{
    errno = 0;
    if (fputs("}", trace->out) == EOF || ferror(trace->out)) {
        trace->error = errno ? errno : EIO;
        trace->error_at = sim_dpu_stat(trace->dpu, SIM_STAT_DPU_instructions, 0);
    }
}

static void put_meta(struct sim_trace *trace, const char *what, unsigned thread, const char *name,
                     const char *divider)
{
    fprintf(trace->out,
            "%s{\"ph\":\"M\",\"name\":\"%s\",\"pid\":%u,\"tid\":%u,\"args\":{\"name\":", divider,
            what, trace->options.process, thread);
    sim_put_quoted(trace->out, name);
    fputs("}}", trace->out);
}

/* Clip to the window; false when nothing is left. */
static bool clip(const struct sim_trace *trace, uint64_t *from, uint64_t *until)
{
    if (*from < trace->options.from)
        *from = trace->options.from;
    if (*until > trace->until)
        *until = trace->until;
    return *from < *until && !trace->error;
}

/* The beginning of an event; the caller goes on with arguments and end_event. */
static void start_event(struct sim_trace *trace, unsigned thread, const char *category,
                        const char *name, uint64_t from, uint64_t until)
{
    if (until > trace->last_end)
        trace->last_end = until;
    fputs(",\n{\"ph\":\"X\",\"name\":", trace->out);
    sim_put_quoted(trace->out, name);
    fprintf(trace->out, ",\"cat\":\"%s\",\"pid\":%u,\"tid\":%u", category, trace->options.process,
            thread);
    put_time(trace->out, "ts", from);
    put_time(trace->out, "dur", until - from);
}

/* ---- functions ------------------------------------------------------------------------------ */

/* Is frame `at` of the tasklet, or one that called it, the function wanted? */
static bool is_inside(const struct sim_trace *trace, unsigned tasklet, unsigned at)
{
    const struct sim_collector *c = trace->dpu->collector;
    for (unsigned i = 0; trace->function && i <= at; i++)
        if (c->nodes[trace->span[tasklet][i].node].function == trace->function)
            return true;
    return !trace->function;
}

static void put_span(struct sim_trace *trace, unsigned tasklet, unsigned at, uint64_t until)
{
    const struct sim_collector *c = trace->dpu->collector;
    uint64_t from = trace->span[tasklet][at].from_cycle;
    if (!sim_trace_wants(trace, tasklet) || !is_inside(trace, tasklet, at) ||
        !clip(trace, &from, &until))
        return;
    start_event(trace, tasklet + 1, "function",
                c->functions[c->nodes[trace->span[tasklet][at].node].function].name, from, until);
    end_event(trace);
}

void sim_trace_enter(struct sim_sink *sink, unsigned tasklet, uint32_t node, uint64_t cycle)
{
    struct sim_trace *trace = (struct sim_trace *)sink;
    unsigned at = trace->depth[tasklet]++;
    trace->span[tasklet][at] = (struct sim_span){node, cycle};
    if (cycle >= trace->options.from && cycle < trace->until && sim_trace_wants(trace, tasklet) &&
        is_inside(trace, tasklet, at))
        sim_trace_count(trace, cycle);
}

void sim_trace_leave(struct sim_sink *sink, unsigned tasklet, uint64_t cycle)
{
    struct sim_trace *trace = (struct sim_trace *)sink;
    if (trace->depth[tasklet] == 0)
        return; /* entered before the trace began */
    put_span(trace, tasklet, --trace->depth[tasklet], cycle);
}

/* ---- waiting -------------------------------------------------------------------------------- */

void sim_trace_slice(struct sim_sink *sink, const struct sim_slice *slice)
{
    struct sim_trace *trace = (struct sim_trace *)sink;
    static const char *const names[SIM_CAUSE_COUNT] = {[SIM_CAUSE_dma] = "wait: DMA",
                                                       [SIM_CAUSE_dma_queue] = "wait: DMA queue",
                                                       [SIM_CAUSE_stopped] = "asleep"};
    uint64_t from = slice->from_cycle, until = from + slice->cycles;
    if (!names[slice->cause] || slice->pc_insn == SIM_NO_PC || trace->depth[slice->tasklet] == 0 ||
        !sim_trace_wants(trace, slice->tasklet) ||
        !is_inside(trace, slice->tasklet, trace->depth[slice->tasklet] - 1) ||
        !clip(trace, &from, &until) || !sim_trace_count(trace, from))
        return;
    start_event(trace, slice->tasklet + 1, "wait", names[slice->cause], from, until);
    fprintf(trace->out, ",\"args\":{\"pc\":%u}", slice->pc_insn);
    end_event(trace);
}

void sim_trace_transfer(struct sim_sink *sink, const struct sim_transfer *transfer)
{
    struct sim_trace *trace = (struct sim_trace *)sink;
    uint64_t from = transfer->start_cycle, until = transfer->end_cycle;
    unsigned i = transfer->tasklet, lane = 0;
    if (!sim_trace_wants(trace, i) ||
        (trace->function && (!trace->depth[i] || !is_inside(trace, i, trace->depth[i] - 1))) ||
        !clip(trace, &from, &until) || !sim_trace_count(trace, from))
        return;
    while (lane + 1 < SIM_DMA_LANES && trace->lane_free[lane] > from)
        lane++;
    trace->lane_free[lane] = until;
    start_event(trace, ENGINE_THREAD + lane, "dma", transfer->is_write ? "write" : "read", from,
                until);
    fprintf(trace->out,
            ",\"args\":{\"tasklet\":%u,\"pc\":%u,\"bytes\":%u,\"mram\":\"0x%x\",\"wram\":\"0x%x\","
            "\"requested\":%llu,\"wakes\":%llu}",
            i, transfer->pc_insn, transfer->len_bytes, transfer->mram_offset, transfer->address,
            (unsigned long long)transfer->request_cycle, (unsigned long long)transfer->wake_cycle);
    end_event(trace);
}

void sim_trace_launch(struct sim_sink *sink, uint64_t cycle)
{
    struct sim_trace *trace = (struct sim_trace *)sink;
    uint64_t from = cycle, until = cycle + 1;
    if (!clip(trace, &from, &until) || !sim_trace_count(trace, cycle))
        return;
    fprintf(trace->out,
            ",\n{\"ph\":\"i\",\"name\":\"launch\",\"cat\":\"launch\",\"s\":\"p\",\"pid\":%u,"
            "\"tid\":1",
            trace->options.process);
    put_time(trace->out, "ts", cycle);
    end_event(trace);
}

/* ---- beginning and end ---------------------------------------------------------------------- */

void sim_trace_events_begin(struct sim_trace *trace)
{
    char name[32];
    fputs("{\"displayTimeUnit\":\"ns\",\"otherData\":{\"creator\":\"dpusim " DPUSIM_VERSION
          "\",\"unit\":\"1 ns is 1 cycle\"},\"traceEvents\":[\n",
          trace->out);
    put_meta(trace, "process_name", 0, trace->process_name, "");
    for (unsigned i = 0; i < trace->dpu->chip->threads; i++) {
        snprintf(name, sizeof name, "tasklet %u", i);
        if (sim_trace_wants(trace, i))
            put_meta(trace, "thread_name", i + 1, name, ",\n");
    }
    put_meta(trace, "thread_name", ENGINE_THREAD, "DMA engine", ",\n");
}

void sim_trace_events_end(struct sim_trace *trace)
{
    uint64_t end = sim_collect_cycles(trace->dpu);
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++)
        while (trace->depth[i])
            put_span(trace, i, --trace->depth[i], end);
    fputs("\n]}\n", trace->out);
}
