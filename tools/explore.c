/* SPDX-License-Identifier: MIT */
/* `dpusim explore`: the same program with the same input under many schedules of its tasklets,
 * until one gives another result. Random schedules alternate with systematic ones that hold one
 * tasklet back at one place where it synchronises, all tasklets and places in turn. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

#define DEFAULT_RUNS   200
#define SLACK          20      /* a run may take so many times the instructions of the first */
#define SLACK_AT_LEAST 1000000 /* and so many more */
#define MOST_SHOWN     8       /* places that differ */

/* A part of memory that is a result. */
struct result {
    const struct isa_symbol *symbol;
    enum isa_memory memory;
    uint32_t offset_bytes, len_bytes;
    uint8_t *first; /* after the first run */
    uint8_t *now;
};

/* What the kernel printed. */
struct log_lines {
    char *text, **line;
    size_t n_lines;
};

struct explore {
    struct run *run;
    const struct verb *verb;
    struct result *results;
    size_t n_results;
    struct sim_outcome first;
    enum sim_fault_kind first_fault;
    enum { LOG_IGNORED, LOG_EXACT, LOG_SORTED } log;
    struct log_lines first_log, now_log;
    uint64_t places[ISA_MAX_THREADS]; /* synchronising instructions of each tasklet */
    uint64_t next_place;              /* systematic: place, then tasklet, then before or after */
    unsigned next_tasklet;
    bool next_after;
};

/* ------------------------------------------------------------------ results ------------------- */

static bool add_result(struct explore *e, const struct isa_symbol *symbol)
{
    struct result result = {.symbol = symbol, .len_bytes = symbol->size_bytes};
    if (!symbol->defined || symbol->absolute || !symbol->size_bytes ||
        !isa_address_split(symbol->value, &result.memory, &result.offset_bytes) ||
        (result.memory != ISA_WRAM && result.memory != ISA_MRAM))
        return false;
    e->results = tool_realloc(e->results, e->n_results + 1, sizeof *e->results);
    result.first = tool_realloc(NULL, result.len_bytes, 1);
    result.now = tool_realloc(NULL, result.len_bytes, 1);
    e->results[e->n_results++] = result;
    return true;
}

static int add_named(struct explore *e, const char *name)
{
    const struct isa_symbol *symbol = isa_program_find_symbol(e->run->program, name);
    const char *nearest = symbol ? NULL : isa_program_nearest_symbol(e->run->program, name);
    if (symbol && add_result(e, symbol))
        return TOOL_OK;
    tool_error(e->run->verb, "--result %.200s: no object of that name%s%s%s", name,
               nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
    return TOOL_INPUT;
}

/* What a host can read: host variables and objects in MRAM, but not the library's own. */
static bool is_result(const struct isa_symbol *symbol)
{
    bool library = strncmp(symbol->name, "__", 2) == 0;
    return symbol->type == ISA_SYMBOL_OBJECT && !library &&
           (strcmp(symbol->section, ".data.__sys_host") == 0 ||
            strncmp(symbol->section, ".mram", 5) == 0);
}

static int find_results(struct explore *e)
{
    const struct text_list *named = &e->run->options.explore_results;
    const struct isa_program *program = e->run->program;
    for (size_t i = 0; i < named->count; i++)
        if (add_named(e, named->items[i]))
            return TOOL_INPUT;
    for (size_t i = 0; !named->count && i < program->n_symbols; i++)
        if (is_result(&program->symbols[i]))
            (void)!add_result(e, &program->symbols[i]);
    return TOOL_OK;
}

static void read_results(const struct explore *e, bool first)
{
    for (size_t i = 0; i < e->n_results; i++) {
        const struct result *r = &e->results[i];
        (void)!sim_dpu_read(e->run->dpu, r->memory, r->offset_bytes, first ? r->first : r->now,
                            r->len_bytes, NULL);
    }
}

/* ------------------------------------------------------------------ log ----------------------- */

static int choose_log(struct explore *e)
{
    const char *how = e->run->options.explore_log;
    if (how && strcmp(how, "exact") != 0 && strcmp(how, "sorted") != 0)
        return options_complain(e->verb, "--log=%.40s: exact or sorted is wanted", how);
    e->log = !how ? LOG_IGNORED : how[0] == 'e' ? LOG_EXACT : LOG_SORTED;
    return TOOL_OK;
}

static void free_log(struct log_lines *log)
{
    free(log->text);
    free(log->line);
    *log = (struct log_lines){NULL, NULL, 0};
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void read_log(const struct explore *e, struct log_lines *log)
{
    size_t len = 0;
    free_log(log);
    if (e->log == LOG_IGNORED || sim_dpu_read_log(e->run->dpu, &log->text, &len, NULL) ||
        !log->text)
        return;
    for (char *at = log->text, *end = at + len; at < end; log->n_lines++) {
        char *next = memchr(at, '\n', (size_t)(end - at));
        log->line = tool_realloc(log->line, log->n_lines + 1, sizeof *log->line);
        log->line[log->n_lines] = at;
        if (next)
            *next = '\0';
        at = next ? next + 1 : end;
    }
    if (e->log == LOG_SORTED && log->n_lines)
        qsort(log->line, log->n_lines, sizeof *log->line, compare_lines);
}

/* The first line that differs; n_lines of the longer one: none. */
static size_t first_difference(const struct log_lines *a, const struct log_lines *b)
{
    size_t n = a->n_lines < b->n_lines ? a->n_lines : b->n_lines;
    for (size_t i = 0; i < n; i++)
        if (strcmp(a->line[i], b->line[i]) != 0)
            return i;
    return n;
}

static bool same_log(const struct explore *e)
{
    size_t at = first_difference(&e->first_log, &e->now_log);
    return at == e->first_log.n_lines && at == e->now_log.n_lines;
}

static const char *line_or_none(const struct log_lines *log, size_t i)
{
    return i < log->n_lines ? log->line[i] : "(no more lines)";
}

static void show_log(const struct explore *e)
{
    size_t at = first_difference(&e->first_log, &e->now_log);
    if (same_log(e))
        return;
    printf("  line %zu of the log%s: %s with turns, %s with this schedule\n", at + 1,
           e->log == LOG_SORTED ? ", sorted" : "", line_or_none(&e->first_log, at),
           line_or_none(&e->now_log, at));
}

/* ------------------------------------------------------------------ what differs -------------- */

static unsigned element_bytes(const struct result *r)
{
    return r->len_bytes % 8 == 0 && r->len_bytes < 16 ? 8 : r->len_bytes % 4 == 0 ? 4 : 1;
}

static uint64_t element(const uint8_t *bytes, unsigned size)
{
    uint64_t value = 0;
    memcpy(&value, bytes, size);
    return value;
}

static unsigned show_result(const struct result *r, unsigned shown)
{
    unsigned size = element_bytes(r), count = 0;
    for (uint32_t at = 0; at + size <= r->len_bytes; at += size) {
        if (memcmp(r->first + at, r->now + at, size) == 0)
            continue;
        if (shown + count++ < MOST_SHOWN)
            printf("  %s[%" PRIu32 "]: %" PRIu64 " with turns, %" PRIu64 " with this schedule\n",
                   r->symbol->name, at / size, element(r->first + at, size),
                   element(r->now + at, size));
    }
    return count;
}

/* Number of elements that differ from the first run's; shown if wanted. */
static unsigned count_differences(const struct explore *e, bool show)
{
    unsigned count = 0;
    for (size_t i = 0; i < e->n_results; i++) {
        const struct result *r = &e->results[i];
        if (memcmp(r->first, r->now, r->len_bytes) == 0)
            continue;
        count += show ? show_result(r, count) : 1;
    }
    if (show && count > MOST_SHOWN)
        printf("  and %u more elements\n", count - MOST_SHOWN);
    return count;
}

static enum sim_fault_kind fault_kind(const struct run *run)
{
    const struct sim_fault *fault = sim_dpu_fault(run->dpu);
    return fault ? fault->kind : SIM_FAULT_NONE;
}

static bool same_end(const struct explore *e)
{
    return e->run->outcome.stop == e->first.stop && fault_kind(e->run) == e->first_fault;
}

static void show_end(const struct explore *e)
{
    if (same_end(e))
        return;
    printf("  it ends with: %s\n", run_status(e->run));
    if (e->run->outcome.stop == SIM_FAULTED)
        run_print_fault(e->run);
    else if (e->run->outcome.stop != SIM_DONE)
        run_print_running(e->run);
}

/* ------------------------------------------------------------------ schedules ----------------- */

/* The next place of the systematic ones; false: all are done. */
static bool next_hold(struct explore *e, char *spec, size_t size)
{
    for (; e->next_place <= 64; e->next_place++, e->next_tasklet = 0)
        for (; e->next_tasklet < ISA_MAX_THREADS; e->next_tasklet++) {
            if (e->next_place > e->places[e->next_tasklet])
                continue;
            snprintf(spec, size, "hold:%u@%" PRIu64 "%s", e->next_tasklet, e->next_place,
                     e->next_after ? "+" : "");
            e->next_tasklet += e->next_after;
            e->next_after = !e->next_after;
            return true;
        }
    return false;
}

static void choose(struct explore *e, unsigned number, char *spec, size_t size)
{
    static const unsigned bursts[] = {1, 16, 3, 200, 40};
    if (number % 2 && next_hold(e, spec, size))
        return;
    uint64_t seed = (uint64_t)e->run->options.explore_seed + number;
    snprintf(spec, size, "random:%" PRIu64 "/%u", seed,
             bursts[number / 2 % (sizeof bursts / sizeof bursts[0])]);
}

/* ------------------------------------------------------------------ runs ---------------------- */

static int run_with(struct explore *e, const char *spec)
{
    struct isa_diag diag = {""};
    struct run *run = e->run;
    sim_dpu_reset(run->dpu);
    enum dpusim_status status = sim_dpu_set_schedule(run->dpu, spec, &diag);
    int code = status ? tool_fail(run->verb, status, &diag) : run_apply_sets(run);
    return code ? code : run_execute(run);
}

static int run_first(struct explore *e)
{
    int code = run_with(e, "turns");
    if (code)
        return code;
    e->first = e->run->outcome;
    e->first_fault = fault_kind(e->run);
    read_results(e, true);
    read_log(e, &e->first_log);
    for (unsigned t = 0; t < ISA_MAX_THREADS; t++)
        e->places[t] = sim_dpu_synchronised(e->run->dpu, t);
    uint64_t executed = sim_dpu_stat(e->run->dpu, SIM_STAT_DPU_instructions, 0);
    uint64_t most = executed * SLACK + SLACK_AT_LEAST;
    if (!e->run->options.max_instructions || most < e->run->options.max_instructions)
        e->run->options.max_instructions = most;
    return TOOL_OK;
}

static bool differs(struct explore *e)
{
    read_results(e, false);
    read_log(e, &e->now_log);
    return !same_end(e) || count_differences(e, false) || !same_log(e);
}

static void show(const struct explore *e, unsigned number, const char *spec)
{
    printf("schedule %u gives another result: %s\n", number, spec);
    show_end(e);
    (void)count_differences(e, true);
    show_log(e);
    printf("again: dpusim run %s--schedule=%s %s\n",
           e->run->config.mode == SIM_CYCLE ? "--mode=cycle " : "", spec,
           e->run->options.operands.items[0]);
}

static int explore_all(struct explore *e)
{
    unsigned runs =
        e->run->options.explore_runs ? (unsigned)e->run->options.explore_runs : DEFAULT_RUNS;
    char spec[64];
    e->next_place = 1;
    for (unsigned number = 1; number <= runs; number++) {
        choose(e, number, spec, sizeof spec);
        int code = run_with(e, spec);
        if (code)
            return code;
        if (differs(e)) {
            show(e, number, spec);
            return TOOL_FAULT;
        }
    }
    printf("%u schedules, one result (%zu object%s%s compared)\n", runs, e->n_results,
           e->n_results == 1 ? "" : "s", e->log == LOG_IGNORED ? "" : " and the log");
    return TOOL_OK;
}

static int explore(struct run *run, const struct verb *verb)
{
    struct explore e = {.run = run, .verb = verb};
    int code = choose_log(&e);
    if (!code)
        code = find_results(&e);
    if (!code)
        code = run_first(&e);
    if (!code)
        code = explore_all(&e);
    for (size_t i = 0; i < e.n_results; i++) {
        free(e.results[i].first);
        free(e.results[i].now);
    }
    free(e.results);
    free_log(&e.first_log);
    free_log(&e.now_log);
    return tool_close_output(run->verb, "-", stdout) ? code : TOOL_INPUT;
}

int tool_verb_explore(const struct verb *verb, int argc, char **argv)
{
    static const struct run_kind kind = {.mode = SIM_FUNCTIONAL, .whole = explore};
    return run_verb(verb, argc, argv, &kind);
}
