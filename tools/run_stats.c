/* SPDX-License-Identifier: MIT */
/* `dpusim run --stats=FILE`: every counter of stats.def, as JSON or, when the name ends in .csv, as
 * CSV in long form (dpu, tasklet, key, value, unit). Counters that only cycle mode fills are left
 * out in functional mode. */
#include <stdlib.h>
#include <string.h>

#include "run.h"

static bool counted(const struct run *run, const struct sim_stat_info *info)
{
    bool timed = sim_dpu_stat_mode(run->dpu) == SIM_CYCLE;
    return (timed || !info->cycle_mode_only) && (run->config.count_mix || !info->mix_only);
}

static void csv_rows(const struct run *run, enum sim_stat_scope scope, const char *tasklet,
                     unsigned number)
{
    for (int i = 0; i < SIM_STAT_COUNT; i++) {
        const struct sim_stat_info *info = sim_stat_get((enum sim_stat)i);
        if (info->scope == scope && counted(run, info))
            fprintf(run->stats, "0,%s,%s,%llu,%s\n", tasklet, info->name,
                    (unsigned long long)sim_dpu_stat(run->dpu, (enum sim_stat)i, number),
                    info->unit);
    }
}

static void csv_metrics(const struct run *run)
{
    for (int i = 0; i < SIM_METRIC_COUNT; i++) {
        const struct sim_stat_info *info = sim_metric_get((enum sim_metric)i);
        if (counted(run, info))
            fprintf(run->stats, "0,,%s,%.10g,%s\n", info->name,
                    sim_dpu_metric(run->dpu, (enum sim_metric)i), info->unit);
    }
}

static void print_csv(const struct run *run)
{
    struct sim_thread_state state;
    fputs("dpu,tasklet,key,value,unit\n", run->stats);
    csv_rows(run, SIM_SCOPE_DPU, "", 0);
    csv_metrics(run);
    for (int t = run_next_booted(run, 0, &state); t >= 0;
         t = run_next_booted(run, (unsigned)t + 1, &state)) {
        char number[12];
        snprintf(number, sizeof number, "%d", t);
        csv_rows(run, SIM_SCOPE_TASKLET, number, (unsigned)t);
    }
}

static void json_counters(struct json *json, const struct run *run, enum sim_stat_scope scope,
                          unsigned tasklet)
{
    for (int i = 0; i < SIM_STAT_COUNT; i++) {
        const struct sim_stat_info *info = sim_stat_get((enum sim_stat)i);
        if (info->scope == scope && counted(run, info))
            json_u64(json, info->name, sim_dpu_stat(run->dpu, (enum sim_stat)i, tasklet));
    }
}

static void json_metrics(struct json *json, const struct run *run)
{
    for (int i = 0; i < SIM_METRIC_COUNT; i++) {
        const struct sim_stat_info *info = sim_metric_get((enum sim_metric)i);
        if (counted(run, info))
            json_number(json, info->name, sim_dpu_metric(run->dpu, (enum sim_metric)i), 10);
    }
}

static void json_config(struct json *json, const struct run *run)
{
    json_open(json, "config", '{');
    json_text(json, "chip", sim_dpu_chip(run->dpu)->name);
    json_text(json, "mode", sim_dpu_stat_mode(run->dpu) == SIM_CYCLE ? "cycle" : "functional");
    if (run->options.cycle_from)
        json_text(json, "cycle_from", run->options.cycle_from);
    if (run->options.cycle_until)
        json_text(json, "cycle_until", run->options.cycle_until);
    json_u64(json, "clock_hz", sim_dpu_chip(run->dpu)->clock_hz);
    json_u64(json, "order_seed", run->config.order_seed);
    json_open(json, "timing", '{');
    for (int i = 0; i < SIM_TIMING_COUNT; i++) {
        const struct sim_timing_info *info = sim_timing_get((enum sim_timing)i);
        json_number(json, info->name, (double)run->config.timing[i] / (double)info->scale, 10);
    }
    json_close(json, '}');
    json_open(json, "inject", '[');
    struct sim_injected injected;
    for (unsigned i = 0; sim_dpu_injected(run->dpu, i, &injected); i++) {
        char *text = run_injection_text(&injected.what);
        json_text(json, NULL, text);
        free(text);
    }
    json_close(json, ']');
    json_close(json, '}');
}

static void json_units(struct json *json, const struct run *run)
{
    static const char *const scopes[] = {"dpu", "tasklet"};
    json_open(json, "units", '{');
    for (int scope = SIM_SCOPE_DPU; scope <= SIM_SCOPE_TASKLET; scope++) {
        json_open(json, scopes[scope], '{');
        for (int i = 0; i < SIM_STAT_COUNT; i++) {
            const struct sim_stat_info *info = sim_stat_get((enum sim_stat)i);
            if ((int)info->scope == scope && counted(run, info))
                json_text(json, info->name, info->unit);
        }
        for (int i = 0; scope == SIM_SCOPE_DPU && i < SIM_METRIC_COUNT; i++)
            if (counted(run, sim_metric_get((enum sim_metric)i)))
                json_text(json, sim_metric_get((enum sim_metric)i)->name,
                          sim_metric_get((enum sim_metric)i)->unit);
        json_close(json, '}');
    }
    json_close(json, '}');
}

static void json_dpu(struct json *json, const struct run *run)
{
    struct sim_thread_state state;
    json_open(json, NULL, '{');
    json_u64(json, "dpu", 0);
    json_text(json, "status", run_status(run));
    json_counters(json, run, SIM_SCOPE_DPU, 0);
    json_metrics(json, run);
    json_open(json, "tasklets", '[');
    for (int t = run_next_booted(run, 0, &state); t >= 0;
         t = run_next_booted(run, (unsigned)t + 1, &state)) {
        json_open(json, NULL, '{');
        json_u64(json, "tasklet", (uint64_t)t);
        json_counters(json, run, SIM_SCOPE_TASKLET, (unsigned)t);
        json_close(json, '}');
    }
    json_close(json, ']');
    json_close(json, '}');
}

static void print_json(const struct run *run)
{
    struct json json = {.out = run->stats};
    json_open(&json, NULL, '{');
    json_text(&json, "schema", "dpusim-stats-1");
    json_text(&json, "tool", "dpusim " DPUSIM_VERSION);
    json_text(&json, "program", run->program->name);
    json_config(&json, run);
    json_units(&json, run);
    json_open(&json, "dpus", '[');
    json_dpu(&json, run);
    json_close(&json, ']');
    json_close(&json, '}');
}

void run_print_stats(const struct run *run)
{
    size_t len = strlen(run->options.stats);
    if (len >= 4 && strcmp(run->options.stats + len - 4, ".csv") == 0)
        print_csv(run);
    else
        print_json(run);
}
