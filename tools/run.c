/* SPDX-License-Identifier: MIT */
/* `dpusim run`: from the command line to a finished run. Everything that can be wrong with the
 * command line, the symbols and the output files is found before the program starts. */
#include "run.h"
#include "configure.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int run_tasklets(const struct run *run, const struct verb *verb, uint32_t *tasklets)
{
    *tasklets = 0;
    for (size_t i = 0; i < run->options.tasklets.count; i++) {
        uint64_t tasklet;
        const char *item = run->options.tasklets.items[i];
        if (!tool_parse_u64(item, &tasklet) || tasklet >= ISA_MAX_THREADS)
            return options_complain(verb, "-t %.60s: tasklets are 0 to %u", item,
                                    ISA_MAX_THREADS - 1);
        *tasklets |= 1u << tasklet;
    }
    if (*tasklets && !run->options.trace && !run->kind->takes_tasklets)
        return options_complain(verb, "-t needs --trace=FILE");
    return TOOL_OK;
}

static bool is_standard(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

static int check_outputs(const struct run *run, const struct verb *verb)
{
    const struct run_options *options = &run->options;
    if (options->core_always && !options->core)
        return options_complain(verb, "--core-always needs --core=FILE");
    int users = options->json + is_standard(options->trace) + is_standard(options->stats);
    if (users > 1)
        return options_complain(verb, "only one of --json, --trace=- and --stats=- can have "
                                      "standard output");
    if (options->trace && options->stats && !is_standard(options->trace) &&
        strcmp(options->trace, options->stats) == 0)
        return options_complain(verb, "--trace and --stats name the same file");
    return TOOL_OK;
}

static int configure_run(struct run *run, const struct verb *verb)
{
    const struct run_options *options = &run->options;
    struct configure given = {run->kind->mode, options->config,     options->mode,
                              options->chip,   options->order_seed, &options->timing,
                              &options->set,   options->check,      options->poison};
    int code = configure(verb, &given, &run->config, &run->origins);
    run->config.count_mix |= options->mix;
    bool cycles = run->config.mode == SIM_CYCLE || options->cycle_from || options->cycle_until;
    if (!code && options->max_cycles && !cycles)
        return options_complain(verb, "--max-cycles needs --mode=cycle; functional mode has "
                                      "--max-instructions");
    return code ? code : check_outputs(run, verb);
}

static int read_program(struct run *run)
{
    const char *path = run->options.operands.items[0];
    const struct isa_report *report = run->options.quiet ? NULL : &tool_report;
    struct isa_diag diag = {""};
    struct isa_bytes image = {NULL, 0};
    enum dpusim_status status;
    if (!is_standard(path)) {
        status = isa_program_read_file(&run->program, path, report, &diag);
    } else {
        if (!tool_read_file(run->verb, path, &image))
            return TOOL_INPUT;
        status = isa_program_read(&run->program, image, "standard input", report, &diag);
        free((void *)image.data);
    }
    return status ? tool_fail(run->verb, status, &diag) : TOOL_OK;
}

static int create_dpu(struct run *run)
{
    struct isa_diag diag = {""};
    enum dpusim_status status = sim_dpu_create(&run->dpu, &run->config, &diag);
    if (!status)
        status = sim_dpu_load(run->dpu, run->program, &diag);
    if (!status && run->options.schedule)
        status = sim_dpu_set_schedule(run->dpu, run->options.schedule, &diag);
    return status ? tool_fail(run->verb, status, &diag) : TOOL_OK;
}

/* Chip, mode and program must be those of the state. */
static int restart(struct run *run)
{
    struct isa_diag diag = {""};
    struct isa_bytes image;
    if (!run->options.restart)
        return TOOL_OK;
    if (!tool_read_file(run->verb, run->options.restart, &image))
        return TOOL_INPUT;
    enum dpusim_status status = sim_dpu_restore(run->dpu, image, &diag);
    free((void *)(uintptr_t)image.data);
    if (!status)
        return TOOL_OK;
    tool_error(run->verb, "--restart=%.200s: %s", run->options.restart, diag.text);
    return dpusim_status_exit_code(status);
}

static int parse_point(const struct run *run, const char *text, const char *option,
                       struct sim_point *out)
{
    struct isa_diag diag = {""};
    if (!text || !sim_point_parse(out, text, run->program, &diag))
        return TOOL_OK;
    tool_error(run->verb, "--%s=%.200s: %s", option, text, diag.text);
    return TOOL_USAGE;
}

static int set_window(struct run *run)
{
    struct sim_window window = {{SIM_POINT_NONE, 0}, {SIM_POINT_NONE, 0}};
    int code = parse_point(run, run->options.cycle_from, "cycle-from", &window.from);
    if (!code)
        code = parse_point(run, run->options.cycle_until, "cycle-until", &window.until);
    if (!code && (window.from.kind || window.until.kind))
        sim_dpu_set_window(run->dpu, &window);
    return code;
}

static int apply_set(struct run *run, const char *item)
{
    struct isa_diag diag = {""};
    struct place place;
    const char *equal = strchr(item, '=');
    if (!equal) {
        tool_error(run->verb, "--set=%.200s: write --set SYM=1,2,3 or SYM=@FILE", item);
        return TOOL_USAGE;
    }
    enum dpusim_status status =
        place_parse(&place, item, (size_t)(equal - item), run->program, &diag);
    if (!status) {
        status = place_write(&place, run->dpu, equal + 1, &diag);
        place_free(&place);
    }
    if (status && diag.text[0]) /* else it was said while reading the file */
        tool_error(run->verb, "--set %.*s: %s", (int)(equal - item > 200 ? 200 : equal - item),
                   item, diag.text);
    return dpusim_status_exit_code(status);
}

int run_apply_sets(struct run *run)
{
    int code = TOOL_OK;
    for (size_t i = 0; i < run->options.set.count && !code; i++)
        if (!configure_is_setting(run->options.set.items[i]))
            code = apply_set(run, run->options.set.items[i]);
    return code;
}

static int prepare_dumps(struct run *run)
{
    const struct text_list *list = &run->options.dump;
    run->dumps = tool_realloc(NULL, list->count + 1, sizeof *run->dumps);
    for (size_t i = 0; i < list->count; i++) {
        struct isa_diag diag = {""};
        struct place *place = &run->dumps[run->n_dumps];
        const char *item = list->items[i];
        enum dpusim_status status = place_parse(place, item, strlen(item), run->program, &diag);
        run->n_dumps += status == DPUSIM_OK;
        if (!status)
            status = place_settle(place, run->dpu, &diag);
        if (status) {
            tool_error(run->verb, "--dump %.200s: %s", item, diag.text);
            return dpusim_status_exit_code(status);
        }
    }
    return TOOL_OK;
}

static int open_outputs(struct run *run, const struct verb *verb)
{
    uint32_t tasklets;
    int code = run_tasklets(run, verb, &tasklets);
    if (code)
        return code;
    if (run->options.stats) {
        run->stats = tool_open_output(run->verb, run->options.stats);
        if (!run->stats)
            return TOOL_INPUT;
    }
    if (run->options.trace) {
        struct sim_trace_options options = {.format = SIM_TRACE_TEXT, .tasklets = tasklets};
        run->trace = trace_open(run->options.trace, run, &options);
        if (!run->trace)
            return TOOL_INPUT;
    }
    return run->kind->open ? run->kind->open(run, verb) : TOOL_OK;
}

static int prepare(struct run *run, const struct verb *verb)
{
    int code = configure_run(run, verb);
    if (!code)
        code = read_program(run);
    if (!code)
        code = create_dpu(run);
    if (!code)
        code = restart(run);
    if (!code)
        code = set_window(run);
    if (!code)
        code = prepare_dumps(run);
    if (!code)
        code = run_apply_sets(run);
    if (!code)
        code = run_prepare_injections(run);
    if (!code)
        code = open_outputs(run, verb);
    return code;
}

int run_execute(struct run *run)
{
    struct isa_diag diag = {""};
    struct sim_limits limits = {.max_instructions = run->options.max_instructions,
                                .max_cycles = run->options.max_cycles,
                                .max_seconds = run->options.timeout};
    enum dpusim_status status = run->options.restart ? DPUSIM_OK : sim_dpu_boot(run->dpu, &diag);
    if (status)
        return tool_fail(run->verb, status, &diag);
    double start = tool_seconds();
    sim_dpu_run(run->dpu, &limits, &run->outcome);
    if (sim_dpu_fault(run->dpu)) /* also one that the state of --restart brings */
        run->outcome.stop = SIM_FAULTED;
    run->host_seconds = tool_seconds() - start;
    return TOOL_OK;
}

static int exit_code_of(const struct run *run)
{
    struct sim_thread_state state;
    if (run->outcome.stop == SIM_FAULTED)
        return TOOL_FAULT;
    if (run->outcome.stop != SIM_DONE)
        return run_has_findings(run) ? TOOL_FAULT : TOOL_LIMIT;
    bool asleep = run_next_asleep(run, 0, &state) >= 0;
    return run_has_findings(run) || (asleep && run->options.strict) ? TOOL_FAULT : TOOL_OK;
}

static bool write_core(struct run *run)
{
    struct isa_diag diag = {""};
    const struct run_options *options = &run->options;
    if (!options->core || (run->outcome.stop != SIM_FAULTED && !options->core_always))
        return true;
    if (sim_dpu_write_core(run->dpu, options->core, &diag)) {
        tool_error(run->verb, "--core: %s", diag.text);
        return false;
    }
    if (!options->quiet)
        fprintf(stderr, "core file: %s\n", options->core);
    return true;
}

/* All outputs of a finished run; a failed output counts more than a limit, less than a fault. */
static int report(struct run *run)
{
    bool ok = run->trace ? trace_close(run->trace) : true;
    run->trace = NULL;
    ok &= run->options.json ? run_print_json(run) : run_print_text(run);
    if (run->stats) {
        run_print_stats(run);
        ok &= tool_close_output(run->verb, run->options.stats, run->stats);
        run->stats = NULL;
    }
    if (run->kind->write)
        ok &= run->kind->write(run);
    ok &= write_core(run);
    int code = exit_code_of(run);
    return code == TOOL_FAULT || ok ? code : TOOL_INPUT;
}

static void finish(struct run *run, const struct verb *verb)
{
    if (run->trace)
        (void)!trace_close(run->trace);
    if (run->kind->discard)
        run->kind->discard(run);
    if (run->stats && run->stats != stdout)
        fclose(run->stats);
    for (size_t i = 0; i < run->n_dumps; i++)
        place_free(&run->dumps[i]);
    free(run->dumps);
    sim_dpu_destroy(run->dpu);
    isa_program_destroy(run->program);
    options_free(verb, &run->options);
}

static int run_once(struct run *run)
{
    int code = run_execute(run);
    return code ? code : report(run);
}

int run_verb(const struct verb *verb, int argc, char **argv, const struct run_kind *kind)
{
    struct run run = {.verb = verb->name, .kind = kind};
    int code;
    if (options_parse(verb, argc, argv, &run.options, &code)) {
        code = prepare(&run, verb);
        if (!code)
            code = kind->whole ? kind->whole(&run, verb) : run_once(&run);
    }
    finish(&run, verb);
    return code;
}

int tool_verb_run(const struct verb *verb, int argc, char **argv)
{
    static const struct run_kind kind = {.mode = SIM_FUNCTIONAL};
    return run_verb(verb, argc, argv, &kind);
}
