/* SPDX-License-Identifier: MIT */
/* What is told about DPUs that did not end well: faults with place and reason, time-outs with where
 * every tasklet stands, and tasklets that sleep for ever. Once per launch, in the order of the
 * DPUs, the first 16 of them; to stderr, unless simReport=false. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"

enum { MOST_TOLD = 16 };

struct text {
    char *data;
    size_t used, size;
};

static void add(struct text *text, const char *format, ...) DPUSIM_PRINTF(2, 3);

/* Without memory the rest is left out. */
static void add(struct text *text, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    size_t need = text->used + (size_t)len + 1;
    if (need > text->size) {
        char *data = realloc(text->data, need + 256);
        if (data) {
            text->data = data;
            text->size = need + 256;
        }
    }
    if (need <= text->size)
        text->used += (size_t)vsnprintf(text->data + text->used, (size_t)len + 1, format, again);
    va_end(again);
    va_end(args);
}

static void add_name(struct text *text, const struct dpu_t *dpu)
{
    add(text, "DPU 0x%x (index %" PRIu32 " of its set)", (unsigned)dpu_get_id((struct dpu_t *)dpu),
        dpu->index);
}

static void add_place(struct text *text, const struct dpu_t *dpu, unsigned tasklet)
{
    struct sim_frame frame;
    if (sim_dpu_backtrace(dpu->sim, tasklet, &frame, 1) == 0)
        return;
    add(text, "  tasklet %2u at index %u", tasklet, (unsigned)frame.pc_insn);
    if (frame.function)
        add(text, " in %s+%u", frame.function, (unsigned)frame.offset_insns);
    if (frame.file)
        add(text, " at %s:%u", frame.file, frame.line);
    add(text, "\n");
}

static void add_fault(struct text *text, const struct dpu_t *dpu)
{
    int len = sim_dpu_explain_fault(dpu->sim, NULL, 0);
    char *reason = len > 0 ? malloc((size_t)len + 1) : NULL;
    if (!reason)
        return;
    sim_dpu_explain_fault(dpu->sim, reason, (size_t)len + 1);
    add_name(text, dpu);
    add(text, ": %s", reason);
    free(reason);
}

static void add_time_out(struct text *text, const struct dpu_t *dpu)
{
    struct sim_thread_state state;
    add_name(text, dpu);
    add(text, ": %s, stopped:\n",
        atomic_load(&dpu->given_up)
            ? "interrupted"
            : "limit reached (profile keys simMaxInstructions, simTimeoutMs)");
    for (unsigned t = 0; sim_dpu_get_thread(dpu->sim, t, &state) == DPUSIM_OK; t++)
        if (state.running || state.asleep)
            add_place(text, dpu, t);
}

/* A program without a named end may stop anywhere. */
static bool has_end(const struct dpu_t *dpu)
{
    const struct isa_program *program = sim_dpu_program(dpu->sim);
    return program && isa_program_find_symbol(program, "__sys_end");
}

static void add_sleepers(struct text *text, const struct dpu_t *dpu)
{
    struct sim_thread_state state;
    unsigned n = 0;
    if (!has_end(dpu))
        return;
    for (unsigned t = 0; sim_dpu_get_thread(dpu->sim, t, &state) == DPUSIM_OK; t++)
        n += state.asleep;
    if (n == 0)
        return;
    add_name(text, dpu);
    add(text,
        ": done, but %u tasklet%s and will not wake up (a barrier with too few tasklets, a "
        "missing notify?):\n",
        n, n == 1 ? " sleeps" : "s sleep");
    for (unsigned t = 0; sim_dpu_get_thread(dpu->sim, t, &state) == DPUSIM_OK; t++)
        if (state.asleep)
            add_place(text, dpu, t);
}

static void add_finding(struct text *text, const struct dpu_t *dpu, unsigned index)
{
    int len = sim_dpu_explain_finding(dpu->sim, index, NULL, 0);
    char *lines = len > 0 ? malloc((size_t)len + 1) : NULL;
    if (!lines)
        return;
    sim_dpu_explain_finding(dpu->sim, index, lines, (size_t)len + 1);
    add_name(text, dpu);
    add(text, ": %s", lines);
    free(lines);
}

char *drv_report_findings(const struct dpu_t *dpu)
{
    struct text text = {NULL, 0, 0};
    for (unsigned i = 0; i < sim_dpu_findings(dpu->sim, NULL); i++)
        add_finding(&text, dpu, i);
    return text.data;
}

static void add_outcome(struct text *text, struct dpu_t *dpu, const struct sim_outcome *outcome,
                        bool timed_out)
{
    if (outcome->stop == SIM_FAULTED)
        add_fault(text, dpu);
    else if (timed_out)
        add_time_out(text, dpu);
    else
        add_sleepers(text, dpu);
}

char *drv_report_launch(struct dpu_t *dpu, const struct sim_outcome *outcome, bool timed_out)
{
    struct text text = {NULL, 0, 0};
    unsigned findings = sim_dpu_findings(dpu->sim, NULL);
    add_outcome(&text, dpu, outcome, timed_out);
    for (unsigned i = dpu->findings_told; i < findings && i < dpu->findings_told + MOST_TOLD; i++)
        add_finding(&text, dpu, i);
    if (findings > dpu->findings_told + MOST_TOLD)
        add(&text, "and %u more findings\n", findings - dpu->findings_told - MOST_TOLD);
    dpu->findings_told = findings;
    return text.data;
}

char *drv_report_text(struct dpu_t *dpu, const struct sim_outcome *outcome, bool timed_out)
{
    struct text text = {NULL, 0, 0};
    add_outcome(&text, dpu, outcome, timed_out);
    return text.data;
}

/* The first line says it all; what follows are places. */
static void write_sentence(const struct drv_report *report, char *out, size_t size)
{
    int len = report->text ? (int)strcspn(report->text, "\n") : 0;
    while (len > 0 && report->text[len - 1] == ':')
        len--;
    if (len > 0)
        snprintf(out, size, "%.*s", len, report->text);
    else
        snprintf(out, size, "DPU 0x%x did not end well; out of memory for the report",
                 (unsigned)dpu_get_id(report->dpu));
}

void drv_report_sentence(struct drv_launch *launch, const struct dpu_rank_t *rank,
                         dpu_error_t error, char *out, size_t size)
{
    const struct drv_report *first = NULL;
    pthread_mutex_lock(&launch->lock);
    for (uint32_t i = 0; i < launch->nr_dpus && !first; i++)
        if (launch->report[i].error == error && (!rank || launch->report[i].dpu->rank == rank))
            first = &launch->report[i];
    if (first)
        write_sentence(first, out, size);
    pthread_mutex_unlock(&launch->lock);
}

void drv_report_print(const struct drv_launch *launch)
{
    unsigned told = 0, total = 0;
    for (uint32_t i = 0; i < launch->nr_dpus; i++) {
        if (!launch->report[i].text)
            continue;
        if (total++ < MOST_TOLD) {
            fprintf(stderr, "dpusim: %s", launch->report[i].text);
            told++;
        }
    }
    if (total > told)
        fprintf(stderr, "dpusim: and %u more DPUs\n", total - told);
}
