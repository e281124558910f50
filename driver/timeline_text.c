/* SPDX-License-Identifier: MIT */
/* The estimated time line as text and as JSON, and the files that DPUSIM_TIMELINE or the profile
 * key simTimeline names: "-" for the sums on stderr, else a file that trace viewers open. Written
 * when the set is freed or the process ends; of further sets the file name gets a number. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "registry.h"
#include "timeline.h"

static const struct {
    const char *name, *key;
} phases[DPUSIM_NR_PHASES] = {
    [DPUSIM_PHASE_LOAD] = {"load of programs", "load"},
    [DPUSIM_PHASE_TO_DPU] = {"CPU-DPU transfers", "to_dpu"},
    [DPUSIM_PHASE_LAUNCH] = {"launch", "launch"},
    [DPUSIM_PHASE_KERNEL] = {"kernel, simulated", "kernel"},
    [DPUSIM_PHASE_FROM_DPU] = {"DPU-CPU transfers", "from_dpu"},
};

const char *dpusim_phase_name(enum dpusim_phase phase)
{
    return (unsigned)phase < DPUSIM_NR_PHASES ? phases[phase].key : NULL;
}

static void sum_up(void *context, const struct dpusim_timeline_entry *entry)
{
    struct dpusim_timeline_sums *sums = context;
    sums->calls[entry->phase] += entry->calls;
    sums->bytes[entry->phase] += entry->bytes;
    sums->seconds[entry->phase] += entry->seconds;
    sums->untimed_kernels += !entry->timed;
}

void drv_timeline_sum(struct drv_timeline *timeline, struct dpusim_timeline_sums *sums)
{
    *sums = (struct dpusim_timeline_sums){.calls = {0}};
    sums->end_s = drv_timeline_visit_all(timeline, sum_up, sums);
}

/* ---- text ------------------------------------------------------------------------------------ */

static void print_sums(FILE *out, const struct drv_set *set)
{
    struct dpusim_timeline_sums sums;
    drv_timeline_sum(set->timeline, &sums);
    fprintf(out,
            "Estimated time line of %" PRIu32 " DPUs in %" PRIu32
            " ranks: kernels as simulated, the rest fitted to another server\n"
            "phase                 calls           bytes       time/ms   share\n",
            set->nr_dpus, set->nr_ranks);
    for (int i = 0; i < DPUSIM_NR_PHASES; i++)
        fprintf(out, "%-18s %8" PRIu64 " %15" PRIu64 " %13.3f %6.1f%%\n", phases[i].name,
                sums.calls[i], sums.bytes[i], sums.seconds[i] * 1e3,
                sums.end_s > 0 ? 100 * sums.seconds[i] / sums.end_s : 0);
    fprintf(out, "%-18s %8s %15s %13.3f\n", "whole", "", "", sums.end_s * 1e3);
    if (sums.untimed_kernels)
        fprintf(out,
                "%" PRIu64 " launches are not timed: they ran in functional mode, wholly or in "
                "part (simMode=cycle times them)\n",
                sums.untimed_kernels);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

struct printer {
    FILE *out;
};

static void print_event(void *context, const struct dpusim_timeline_entry *entry)
{
    FILE *out = ((struct printer *)context)->out;
    for (uint32_t r = 0; r < entry->nr_ranks; r++) {
        fprintf(out,
                ",\n{\"ph\":\"X\",\"pid\":0,\"tid\":%" PRIu32 ",\"ts\":%.3f,\"dur\":%.3f,"
                "\"name\":\"%s\",\"cat\":\"%s\",\"args\":{\"ranks\":%" PRIu32 ",\"dpus\":%" PRIu32
                ",\"calls\":%" PRIu64 ",\"bytes\":%" PRIu64,
                entry->first_rank + r, entry->start_s * 1e6, entry->seconds * 1e6,
                entry->phase == DPUSIM_PHASE_KERNEL ? "kernel" : entry->call,
                phases[entry->phase].key, entry->nr_ranks, entry->nr_dpus, entry->calls,
                entry->bytes);
        if (entry->phase == DPUSIM_PHASE_KERNEL)
            fprintf(out, ",\"cycles\":%" PRIu64 ",\"timed\":%s", entry->cycles,
                    entry->timed ? "true" : "false");
        fputs("}}", out);
    }
}

static void print_json(FILE *out, const struct drv_set *set)
{
    struct dpusim_timeline_sums sums;
    struct printer printer = {out};
    drv_timeline_sum(set->timeline, &sums);
    fprintf(out,
            "{\"schema\":\"dpusim-timeline-1\",\"tool\":\"dpusim " DPUSIM_VERSION
            "\",\"estimate\":true,\"dpus\":%" PRIu32 ",\"ranks\":%" PRIu32
            ",\"seconds\":%.9f,\"untimed_kernels\":%" PRIu64 ",\n\"phases\":{",
            set->nr_dpus, set->nr_ranks, sums.end_s, sums.untimed_kernels);
    for (int i = 0; i < DPUSIM_NR_PHASES; i++)
        fprintf(out, "%s\"%s\":{\"calls\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"seconds\":%.9f}",
                i ? "," : "", phases[i].key, sums.calls[i], sums.bytes[i], sums.seconds[i]);
    fputs("},\n\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n"
          "{\"ph\":\"M\",\"pid\":0,\"name\":\"process_name\","
          "\"args\":{\"name\":\"host and ranks (estimate)\"}}",
          out);
    for (uint32_t r = 0; r < set->nr_ranks; r++)
        fprintf(out,
                ",\n{\"ph\":\"M\",\"pid\":0,\"tid\":%" PRIu32 ",\"name\":\"thread_name\","
                "\"args\":{\"name\":\"rank %" PRIu32 "\"}}",
                r, r);
    drv_timeline_visit_all(set->timeline, print_event, &printer);
    fputs("\n]}\n", out);
}

static char *text_of(const struct drv_set *set, void (*print)(FILE *, const struct drv_set *))
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (!out)
        return NULL;
    print(out, set);
    return fclose(out) == 0 ? text : NULL;
}

char *drv_timeline_text(const struct drv_set *set)
{
    return text_of(set, print_sums);
}

char *drv_timeline_json(const struct drv_set *set)
{
    return text_of(set, print_json);
}

/* ---- files ----------------------------------------------------------------------------------- */

/* FILE, then FILE with the number before its ending. */
static void numbered(char name[PATH_MAX], const char *path, uint32_t number)
{
    const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
    size_t stem = dot && (!slash || dot > slash) ? (size_t)(dot - path) : strlen(path);
    if (number == 1)
        snprintf(name, PATH_MAX, "%s", path);
    else
        snprintf(name, PATH_MAX, "%.*s-%" PRIu32 "%s", (int)stem, path, number, path + stem);
}

void drv_timeline_finish_set(struct drv_set *set)
{
    const char *path = set->ranks[0]->machine.timeline;
    char name[PATH_MAX];
    if (!set->timeline || !set->timeline_process || set->timeline_process != getpid())
        return;                /* what the parent began is the parent's */
    set->timeline_process = 0; /* once */
    bool on_stderr = strcmp(path, "-") == 0;
    char *text = on_stderr ? drv_timeline_text(set) : drv_timeline_json(set);
    numbered(name, path, set->timeline_number);
    FILE *out = on_stderr ? stderr : text ? fopen(name, "w") : NULL;
    bool good = text && out && fputs(text, out) >= 0;
    if (out && !on_stderr)
        good &= fclose(out) == 0;
    if (!good)
        drv_log(DRV_WARNING, "timeline", "cannot write %s: %s", name, strerror(errno));
    free(text);
}

static void finish_all(void)
{
    drv_registry_each_set(drv_timeline_finish_set);
}

static void at_exit(void)
{
    atexit(finish_all);
}

dpu_error_t drv_timeline_collect(struct drv_set *set)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (!*set->ranks[0]->machine.timeline)
        return DPU_OK;
    set->timeline = drv_timeline_create();
    if (!set->timeline)
        return drv_fail(DPU_ERR_SYSTEM, "dpu_alloc: out of memory");
    set->timeline_process = getpid();
    set->timeline_number = drv_registry_next_timeline();
    pthread_once(&once, at_exit);
    return DPU_OK;
}

/* ---- public ---------------------------------------------------------------------------------- */

/* The set, whose ranks are held for a moment so that nothing runs and all has been entered. */
static dpu_error_t settle(struct drv_set **out, struct dpu_set_t set, bool begun, const char *call)
{
    struct drv_target target;
    dpu_error_t error = drv_target_from(&target, set, call);
    if (error)
        return error;
    *out = drv_set_of(set);
    if (begun && !(*out)->timeline)
        return drv_fail(DPU_ERR_INTERNAL,
                        "%s: the set has no time line; call dpusim_timeline_start first", call);
    error = drv_target_from(&target, (*out)->public_set, call);
    if (!error)
        error = drv_acquire(&target, DRV_EVEN_FAILED);
    if (!error)
        drv_release(&target);
    return error;
}

dpu_error_t dpusim_timeline_start(struct dpu_set_t set)
{
    struct drv_set *whole;
    dpu_error_t error = settle(&whole, set, false, __func__);
    if (error)
        return error;
    if (whole->timeline)
        drv_timeline_restart(whole->timeline);
    else
        whole->timeline = drv_timeline_create();
    return whole->timeline ? DPU_OK : drv_fail(DPU_ERR_SYSTEM, "%s: out of memory", __func__);
}

dpu_error_t dpusim_timeline_sum(struct dpu_set_t set, struct dpusim_timeline_sums *sums)
{
    struct drv_set *whole;
    if (!sums)
        return drv_fail(DPU_ERR_INTERNAL, "dpusim_timeline_sum: sums is NULL");
    dpu_error_t error = settle(&whole, set, true, __func__);
    if (!error)
        drv_timeline_sum(whole->timeline, sums);
    return error;
}

struct collected {
    struct dpusim_timeline_entry *entries;
    size_t room, count;
};

static void collect(void *context, const struct dpusim_timeline_entry *entry)
{
    struct collected *collected = context;
    if (collected->count < collected->room)
        collected->entries[collected->count] = *entry;
    collected->count++;
}

dpu_error_t dpusim_timeline_entries(struct dpu_set_t set, struct dpusim_timeline_entry *entries,
                                    size_t room, size_t *count)
{
    struct drv_set *whole;
    struct collected collected = {entries, entries ? room : 0, 0};
    if (!count || (!entries && room))
        return drv_fail(DPU_ERR_INTERNAL, "dpusim_timeline_entries: %s is NULL",
                        count ? "entries" : "count");
    dpu_error_t error = settle(&whole, set, true, __func__);
    if (error)
        return error;
    drv_timeline_visit_all(whole->timeline, collect, &collected);
    *count = collected.count;
    return DPU_OK;
}

dpu_error_t dpusim_timeline_text(struct dpu_set_t set, char **text)
{
    struct drv_set *whole;
    if (!text)
        return drv_fail(DPU_ERR_INTERNAL, "dpusim_timeline_text: text is NULL");
    dpu_error_t error = settle(&whole, set, true, __func__);
    if (error)
        return error;
    *text = drv_timeline_text(whole);
    return *text ? DPU_OK : drv_fail(DPU_ERR_SYSTEM, "dpusim_timeline_text: out of memory");
}
