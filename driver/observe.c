/* SPDX-License-Identifier: MIT */
/* What a launch leaves for later: statistics of each DPU and digests of its memories, appended to
 * the files that the environment or the profile names, in the order of the DPUs. Texts are made
 * when a DPU has stopped and belongs to nobody else, and written when all have. */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver.h"

static bool ends_in(const char *text, const char *end)
{
    size_t len = strlen(text), tail = strlen(end);
    return len >= tail && strcmp(text + len - tail, end) == 0;
}

/* Statistics that the run can have filled. */
static bool counted(const struct dpu_t *dpu, const struct sim_stat_info *info)
{
    bool timed = sim_dpu_stat_mode(dpu->sim) == SIM_CYCLE;
    return (timed || !info->cycle_mode_only) &&
           (dpu->rank->machine.sim.count_mix || !info->mix_only);
}

/* ---- statistics ------------------------------------------------------------------------------ */

static bool was_booted(const struct dpu_t *dpu, unsigned tasklet)
{
    struct sim_thread_state state;
    return sim_dpu_get_thread(dpu->sim, tasklet, &state) == DPUSIM_OK && state.booted;
}

static void csv_row(FILE *out, const struct dpu_t *dpu, const char *tasklet,
                    const struct sim_stat_info *info, const char *value)
{
    fprintf(out, "%" PRIu64 ",%" PRIu32 ",%s,%s,%s,%s\n", dpu->launches, dpu->index, tasklet,
            info->name, value, info->unit);
}

static void csv_scope(FILE *out, const struct dpu_t *dpu, enum sim_stat_scope scope,
                      unsigned tasklet)
{
    char number[12] = "", value[32];
    if (scope == SIM_SCOPE_TASKLET)
        snprintf(number, sizeof number, "%u", tasklet);
    for (int i = 0; i < SIM_STAT_COUNT; i++) {
        const struct sim_stat_info *info = sim_stat_get((enum sim_stat)i);
        if (info->scope != scope || !counted(dpu, info))
            continue;
        snprintf(value, sizeof value, "%" PRIu64,
                 sim_dpu_stat(dpu->sim, (enum sim_stat)i, tasklet));
        csv_row(out, dpu, number, info, value);
    }
}

static void print_csv(FILE *out, const struct dpu_t *dpu)
{
    csv_scope(out, dpu, SIM_SCOPE_DPU, 0);
    for (int i = 0; i < SIM_METRIC_COUNT; i++) {
        const struct sim_stat_info *info = sim_metric_get((enum sim_metric)i);
        if (!counted(dpu, info))
            continue;
        char value[32];
        snprintf(value, sizeof value, "%.10g", sim_dpu_metric(dpu->sim, (enum sim_metric)i));
        csv_row(out, dpu, "", info, value);
    }
    for (unsigned t = 0; t < sim_dpu_chip(dpu->sim)->threads; t++)
        if (was_booted(dpu, t))
            csv_scope(out, dpu, SIM_SCOPE_TASKLET, t);
}

static void json_scope(FILE *out, const struct dpu_t *dpu, enum sim_stat_scope scope,
                       unsigned tasklet)
{
    for (int i = 0; i < SIM_STAT_COUNT; i++) {
        const struct sim_stat_info *info = sim_stat_get((enum sim_stat)i);
        if (info->scope == scope && counted(dpu, info))
            fprintf(out, ",\"%s\":%" PRIu64, info->name,
                    sim_dpu_stat(dpu->sim, (enum sim_stat)i, tasklet));
    }
}

/* One object, one line. */
static void print_json(FILE *out, const struct dpu_t *dpu)
{
    const char *head = "";
    fprintf(out,
            "{\"schema\":\"dpusim-launch-stats-1\",\"tool\":\"dpusim " DPUSIM_VERSION
            "\",\"launch\":%" PRIu64 ",\"dpu\":%" PRIu32 ",\"mode\":\"%s\",\"clock_hz\":%" PRIu64,
            dpu->launches, dpu->index,
            sim_dpu_stat_mode(dpu->sim) == SIM_CYCLE ? "cycle" : "functional",
            sim_dpu_chip(dpu->sim)->clock_hz);
    json_scope(out, dpu, SIM_SCOPE_DPU, 0);
    for (int i = 0; i < SIM_METRIC_COUNT; i++)
        if (counted(dpu, sim_metric_get((enum sim_metric)i)))
            fprintf(out, ",\"%s\":%.10g", sim_metric_get((enum sim_metric)i)->name,
                    sim_dpu_metric(dpu->sim, (enum sim_metric)i));
    fputs(",\"tasklets\":[", out);
    for (unsigned t = 0; t < sim_dpu_chip(dpu->sim)->threads; t++)
        if (was_booted(dpu, t)) {
            fprintf(out, "%s{\"tasklet\":%u", head, t);
            json_scope(out, dpu, SIM_SCOPE_TASKLET, t);
            fputc('}', out);
            head = ",";
        }
    fputs("]}\n", out);
}

/* ---- digests --------------------------------------------------------------------------------- */

static void print_digest(FILE *out, const struct dpu_t *dpu)
{
    fprintf(out,
            "launch=%" PRIu64 " dpu=%" PRIu32 " mram=%016" PRIx64 " wram=%016" PRIx64
            " iram=%016" PRIx64 "\n",
            dpu->launches, dpu->index, sim_dpu_digest(dpu->sim, ISA_MRAM),
            sim_dpu_digest(dpu->sim, ISA_WRAM), sim_dpu_digest(dpu->sim, ISA_IRAM));
}

/* ---- a DPU, a launch ------------------------------------------------------------------------- */

/* NULL: no memory for it. */
static char *text_of(const struct dpu_t *dpu, void (*print)(FILE *, const struct dpu_t *))
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (!out)
        return NULL;
    print(out, dpu);
    return fclose(out) == 0 ? text : NULL;
}

/* %d: number of the DPU, %l: of the launch, %p: of the process. False: too long. */
static bool core_path(const struct dpu_t *dpu, const char *pattern, char path[PATH_MAX])
{
    int used = 0;
    for (; *pattern && used < PATH_MAX; pattern++) {
        char *at = path + used;
        size_t left = (size_t)(PATH_MAX - used);
        bool number = pattern[0] == '%' && pattern[1];
        if (number && pattern[1] == 'd')
            used += snprintf(at, left, "%" PRIu32, dpu->index);
        else if (number && pattern[1] == 'l')
            used += snprintf(at, left, "%" PRIu64, dpu->launches);
        else if (number && pattern[1] == 'p')
            used += snprintf(at, left, "%ld", (long)getpid());
        else
            used += snprintf(at, left, "%c", pattern[number]);
        pattern += number;
    }
    return used < PATH_MAX;
}

static void write_core(const struct dpu_t *dpu, const char *pattern)
{
    struct isa_diag diag = {""};
    char path[PATH_MAX];
    if (!core_path(dpu, pattern, path))
        drv_log(DRV_WARNING, "core", "%s: the path of a core file gets too long", pattern);
    else if (sim_dpu_write_core(dpu->sim, path, &diag))
        drv_log(DRV_WARNING, "core", "%s", diag.text);
}

void drv_observe_dpu(const struct dpu_t *dpu, struct drv_observed *observed)
{
    const struct drv_machine *machine = &dpu->rank->machine;
    *observed = (struct drv_observed){NULL, NULL, NULL};
    if (*machine->statistics)
        observed->statistics =
            text_of(dpu, ends_in(machine->statistics, ".csv") ? print_csv : print_json);
    if (*machine->digest)
        observed->digest = text_of(dpu, print_digest);
    if (*machine->outcomes)
        observed->outcomes = text_of(dpu, drv_outcome_print);
    if (*machine->core && sim_dpu_fault(dpu->sim))
        write_core(dpu, machine->core);
}

void drv_observed_free(struct drv_observed *observed)
{
    free(observed->statistics);
    free(observed->digest);
    free(observed->outcomes);
}

/* Append the texts of a launch to a file, a title before the first. */
static void append(const struct drv_launch *launch, const char *path, const char *title,
                   size_t which)
{
    FILE *out = *path ? fopen(path, "a") : NULL;
    if (*path && !out)
        drv_log(DRV_WARNING, "observe", "%s: %s", path, strerror(errno));
    if (!out)
        return;
    if (ftell(out) == 0)
        fputs(title, out);
    for (uint32_t i = 0; i < launch->nr_dpus; i++) {
        const char *text;
        memcpy(&text, (const char *)&launch->report[i].observed + which, sizeof text);
        if (text)
            fputs(text, out);
    }
    if (fclose(out) != 0)
        drv_log(DRV_WARNING, "observe", "%s: %s", path, strerror(errno));
}

void drv_observe_launch(const struct drv_launch *launch)
{
    if (!launch->nr_dpus)
        return;
    const struct drv_machine *machine = &launch->report[0].dpu->rank->machine;
    append(launch, machine->statistics,
           ends_in(machine->statistics, ".csv") ? "launch,dpu,tasklet,key,value,unit\n" : "",
           offsetof(struct drv_observed, statistics));
    append(launch, machine->digest, "", offsetof(struct drv_observed, digest));
    append(launch, machine->outcomes, "", offsetof(struct drv_observed, outcomes));
}
