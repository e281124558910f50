/* SPDX-License-Identifier: MIT */
/* Profiles and traces of host programs that know nothing of them: DPUSIM_PROFILE=DIR and
 * DPUSIM_TRACE=DIR in the environment, or the profile keys simProfile and simTrace. Each DPU has
 * files of its own, named by rank and DPU, written when the set is freed, the process ends, or
 * another program is loaded; the traces are then joined into one. Options follow the directory,
 * divided by commas or semicolons. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "registry.h"

enum { DEFAULT_DPUS = 64, DEFAULT_EVENTS = 100000, NAME_BYTES = 512 };

/* One of the two wishes, parsed. */
struct wish {
    char *folder; /* NULL: not wished */
    uint32_t first_dpu, last_dpu;
    struct sim_trace_options trace;
    char *symbol;
};

/* Of a set. */
struct drv_record {
    struct wish profile, trace;
    pid_t process; /* a forked child writes nothing */
};

/* Of a DPU. */
struct drv_recorder {
    struct sim_profile *profile;
    struct sim_trace *trace;
    int trace_file; /* -1: none */
    const struct isa_program *program;
    unsigned programs; /* so far */
};

/* ---- wishes ---------------------------------------------------------------------------------- */

static bool read_u64(const char *text, uint64_t *value)
{
    char *end;
    errno = 0;
    *value = strtoull(text, &end, 0);
    return *text >= '0' && *text <= '9' && !*end && !errno;
}

/* "3" or "0-7". */
static bool read_range(const char *text, uint64_t most, uint64_t *first, uint64_t *last)
{
    char low[32];
    const char *dash = strchr(text, '-');
    size_t len = dash ? (size_t)(dash - text) : strlen(text);
    if (len >= sizeof low)
        return false;
    memcpy(low, text, len);
    low[len] = '\0';
    return read_u64(low, first) && read_u64(dash ? dash + 1 : low, last) && *first <= *last &&
           *last <= most;
}

static bool read_option(struct wish *wish, const char *key, const char *value)
{
    uint64_t first, last;
    if (strcmp(key, "dpus") == 0) {
        if (!read_range(value, UINT32_MAX, &first, &last))
            return false;
        wish->first_dpu = (uint32_t)first;
        wish->last_dpu = (uint32_t)last;
        return true;
    }
    if (strcmp(key, "tasklets") == 0) {
        if (!read_range(value, ISA_MAX_THREADS - 1, &first, &last))
            return false;
        for (uint64_t i = first; i <= last; i++)
            wish->trace.tasklets |= UINT32_C(1) << i;
        return true;
    }
    if (strcmp(key, "format") == 0) {
        wish->trace.format = strcmp(value, "text") == 0 ? SIM_TRACE_TEXT : SIM_TRACE_EVENTS;
        return strcmp(value, "text") == 0 || strcmp(value, "events") == 0;
    }
    if (strcmp(key, "symbol") == 0) {
        free(wish->symbol);
        wish->trace.symbol = wish->symbol = strdup(value);
        return wish->symbol != NULL;
    }
    return (strcmp(key, "from") == 0 && read_u64(value, &wish->trace.from)) ||
           (strcmp(key, "until") == 0 && read_u64(value, &wish->trace.until)) ||
           (strcmp(key, "events") == 0 && read_u64(value, &wish->trace.max_events));
}

static dpu_error_t read_options(struct wish *wish, char *text, const char *source)
{
    for (char *item = text; item && *item;) {
        char *end = strpbrk(item, ",;"), *equal = strchr(item, '=');
        if (end)
            *end = '\0';
        if (equal && (!end || equal < end))
            *equal++ = '\0';
        else
            equal = item + strlen(item);
        if (!read_option(wish, item, equal))
            return drv_fail(DPU_ERR_INVALID_PROFILE,
                            "%s: \"%s=%s\": wanted dpus=N-N, tasklets=N-N, from=CYCLE, "
                            "until=CYCLE, symbol=NAME, events=N, format=events|text",
                            source, item, equal);
        item = end ? end + 1 : NULL;
    }
    return DPU_OK;
}

static dpu_error_t read_wish(struct wish *wish, const char *text, const char *source)
{
    *wish = (struct wish){.last_dpu = DEFAULT_DPUS - 1,
                          .trace = {.format = SIM_TRACE_EVENTS, .max_events = DEFAULT_EVENTS}};
    if (!text || !*text)
        return DPU_OK;
    wish->folder = strdup(text);
    if (!wish->folder)
        return drv_fail(DPU_ERR_SYSTEM, "%s: out of memory", source);
    char *options = strpbrk(wish->folder, ",;");
    if (options)
        *options++ = '\0';
    if (mkdir(wish->folder, 0777) != 0 && errno != EEXIST)
        return drv_fail(DPU_ERR_INVALID_PROFILE, "%s=%s: cannot create the directory: %s", source,
                        wish->folder, strerror(errno));
    return read_options(wish, options, source);
}

static void free_wish(struct wish *wish)
{
    free(wish->folder);
    free(wish->symbol);
}

/* ---- files ----------------------------------------------------------------------------------- */

/* FOLDER/WHAT-RRRR-DD[-N]ENDING: rank, DPU of the rank, number of the program after the first. */
static void file_name(char name[NAME_BYTES], const struct dpu_t *dpu, unsigned program,
                      const struct wish *wish, const char *what, const char *ending)
{
    char number[16] = "";
    if (program > 1)
        snprintf(number, sizeof number, "-%u", program);
    snprintf(name, NAME_BYTES, "%s/%s-%04u-%02u%s%s", wish->folder, what, dpu->rank->id,
             (unsigned)(dpu - dpu->rank->dpus), number, ending);
}

static const char *trace_ending(const struct wish *wish)
{
    return wish->trace.format == SIM_TRACE_TEXT ? ".txt" : ".json";
}

static void complain(const char *name, const char *reason)
{
    drv_log(DRV_WARNING, "recorder", "cannot write %s: %s", name, reason);
}

static const struct {
    enum sim_profile_format format;
    const char *what, *ending;
} profile_files[] = {{SIM_PROFILE_TEXT, "profile", ".txt"},
                     {SIM_PROFILE_JSON, "profile", ".json"},
                     {SIM_PROFILE_STACKS, "profile", ".stacks"},
                     {SIM_PROFILE_CALLGRIND, "callgrind.out", ""}};

static void write_profile(struct dpu_t *dpu, const struct wish *wish)
{
    for (unsigned i = 0; i < sizeof profile_files / sizeof *profile_files; i++) {
        struct isa_diag diag = {""};
        char name[NAME_BYTES], *text;
        size_t len;
        file_name(name, dpu, dpu->recorder->programs, wish, profile_files[i].what,
                  profile_files[i].ending);
        if (sim_profile_text(dpu->recorder->profile, profile_files[i].format, &text, &len, &diag)) {
            complain(name, diag.text);
            continue;
        }
        FILE *out = fopen(name, "wb");
        bool ok = out && fwrite(text, 1, len, out) == len;
        ok &= out && fclose(out) == 0;
        if (!ok)
            complain(name, strerror(errno));
        free(text);
    }
}

static void close_trace(struct dpu_t *dpu, const struct wish *wish)
{
    struct isa_diag diag = {""};
    char name[NAME_BYTES];
    bool left_out;
    file_name(name, dpu, dpu->recorder->programs, wish, "trace", trace_ending(wish));
    if (sim_trace_close(dpu->recorder->trace, &left_out, &diag))
        complain(name, diag.text);
    else if (left_out)
        drv_log(DRV_WARNING, "recorder", "the trace %s ends at its limit (events=N)", name);
    close(dpu->recorder->trace_file);
    dpu->recorder->trace = NULL;
    dpu->recorder->trace_file = -1;
}

void drv_recorder_finish(struct dpu_t *dpu)
{
    struct drv_recorder *recorder = dpu->recorder;
    struct drv_record *record = dpu->rank->set ? dpu->rank->set->record : NULL;
    if (!recorder || !record)
        return;
    if (record->process != getpid())
        return; /* what the parent has open is the parent's */
    if (recorder->profile)
        write_profile(dpu, &record->profile);
    sim_profile_destroy(recorder->profile);
    recorder->profile = NULL;
    if (recorder->trace)
        close_trace(dpu, &record->trace);
    recorder->program = NULL;
}

/* ---- beginning ------------------------------------------------------------------------------- */

static void open_trace(struct dpu_t *dpu, const struct wish *wish)
{
    struct sim_trace_options options = wish->trace;
    struct isa_diag diag = {""};
    char name[NAME_BYTES], process[64];
    snprintf(process, sizeof process, "DPU %u (rank %u)", dpu->index, dpu->rank->id);
    options.process = dpu->index + 1;
    options.process_name = process;
    file_name(name, dpu, dpu->recorder->programs, wish, "trace", trace_ending(wish));
    int file = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0) {
        complain(name, strerror(errno));
        return;
    }
    if (sim_trace_open(&dpu->recorder->trace, dpu->sim, file, &options, &diag)) {
        complain(name, diag.text);
        close(file);
        return;
    }
    dpu->recorder->trace_file = file;
}

static bool is_wished(const struct wish *wish, const struct dpu_t *dpu)
{
    return wish->folder && dpu->index >= wish->first_dpu && dpu->index <= wish->last_dpu;
}

/* Profiles have the time line, too: the report is made of them. */
static void begin(struct dpu_t *dpu, const struct drv_record *record)
{
    struct sim_profile_options options = {.timeline = true};
    struct isa_diag diag = {""};
    dpu->recorder->program = sim_dpu_program(dpu->sim);
    dpu->recorder->programs++;
    if (is_wished(&record->profile, dpu) &&
        sim_profile_create(&dpu->recorder->profile, dpu->sim, &options, &diag))
        complain(record->profile.folder, diag.text);
    if (is_wished(&record->trace, dpu))
        open_trace(dpu, &record->trace);
}

void drv_recorder_boot(struct dpu_t *dpu)
{
    struct drv_record *record = dpu->rank->set->record;
    if (!record || (!is_wished(&record->profile, dpu) && !is_wished(&record->trace, dpu)))
        return;
    if (!dpu->recorder) {
        dpu->recorder = calloc(1, sizeof *dpu->recorder);
        if (!dpu->recorder)
            return;
        dpu->recorder->trace_file = -1;
    }
    if (dpu->recorder->program == sim_dpu_program(dpu->sim))
        return;
    drv_recorder_finish(dpu);
    begin(dpu, record);
}

/* ---- joining --------------------------------------------------------------------------------- */

/* The events of a file: all but its first and its last line. */
static bool join_file(FILE *out, const char *name, bool first)
{
    char *line = NULL;
    size_t room = 0, n = 0;
    FILE *in = fopen(name, "rb");
    if (!in)
        return false;
    while (getline(&line, &room, in) > 0 && strcmp(line, "]}\n") != 0) {
        if (n++ == 0 && !first)
            fputs(",", out); /* the head is there already */
        else
            fputs(line, out);
    }
    free(line);
    fclose(in);
    return true;
}

static void join_traces(struct drv_set *set, const struct wish *wish)
{
    char name[NAME_BYTES];
    bool first = true;
    snprintf(name, sizeof name, "%s/trace.json", wish->folder);
    FILE *out = fopen(name, "wb");
    for (uint32_t i = 0; out && i < set->nr_dpus; i++) {
        const struct dpu_t *dpu = set->dpus[i];
        for (unsigned n = 1; dpu->recorder && n <= dpu->recorder->programs; n++) {
            char part[NAME_BYTES];
            file_name(part, dpu, n, wish, "trace", ".json");
            if (join_file(out, part, first))
                first = false;
        }
    }
    if (out)
        fputs("]}\n", out);
    if (!out || fclose(out) != 0)
        complain(name, strerror(errno));
}

/* ---- sets ------------------------------------------------------------------------------------ */

void drv_recorder_finish_set(struct drv_set *set)
{
    struct drv_record *record = set->record;
    if (!record || record->process != getpid())
        return;
    for (uint32_t i = 0; i < set->nr_dpus; i++)
        if (!atomic_load(&set->dpus[i]->running))
            drv_recorder_finish(set->dpus[i]);
    if (set->nr_dpus && record->trace.folder && record->trace.trace.format == SIM_TRACE_EVENTS)
        join_traces(set, &record->trace);
    record->process = 0; /* once */
}

void drv_recorder_free_set(struct drv_set *set)
{
    if (!set->record)
        return;
    free_wish(&set->record->profile);
    free_wish(&set->record->trace);
    free(set->record);
    set->record = NULL;
}

static void finish_all(void)
{
    drv_registry_each_set(drv_recorder_finish_set);
}

static void at_exit(void)
{
    atexit(finish_all);
}

static const char *chosen(const struct drv_profile *profile, enum drv_key key, const char *variable)
{
    return profile->text[key] ? profile->text[key] : getenv(variable);
}

dpu_error_t drv_recorder_collect(struct drv_set *set, const struct drv_profile *profile)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    const char *to_profile = chosen(profile, DRV_KEY_SIM_PROFILE, "DPUSIM_PROFILE");
    const char *to_trace = chosen(profile, DRV_KEY_SIM_TRACE, "DPUSIM_TRACE");
    if ((!to_profile || !*to_profile) && (!to_trace || !*to_trace))
        return DPU_OK;
    set->record = calloc(1, sizeof *set->record);
    if (!set->record)
        return drv_fail(DPU_ERR_SYSTEM, "dpu_alloc: out of memory");
    set->record->process = getpid();
    dpu_error_t error = read_wish(&set->record->profile, to_profile, "DPUSIM_PROFILE");
    if (!error)
        error = read_wish(&set->record->trace, to_trace, "DPUSIM_TRACE");
    pthread_once(&once, at_exit);
    return error;
}
