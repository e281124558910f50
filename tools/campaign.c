/* SPDX-License-Identifier: MIT */
/* `dpusim campaign`: the command line, and progress. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "campaign.h"
#include "configure.h"

enum { STANDARD_RUNS = 1000, MOST_ENUMERATED = 100000, STANDARD_HANG = 10, MOST_JOBS = 1024 };
#define NOT_GIVEN UINT64_MAX

/* ---- progress -------------------------------------------------------------------------------- */

struct progress {
    struct campaign *campaign;
    FILE *table;
    size_t done;
    bool shown;
};

static void tell(void *context, size_t i)
{
    struct progress *progress = context;
    campaign_write_row(progress->campaign, i, progress->table);
    fflush(progress->table);
    progress->done++;
    if (progress->shown)
        fprintf(stderr, "\r%zu of %zu injections%s", progress->done, progress->campaign->n_rows,
                progress->done == progress->campaign->n_rows ? "\n" : "");
}

static int run_all(struct campaign *c)
{
    const char *path = c->options->output;
    int code = campaign_read_table(c, path);
    if (!code)
        code = campaign_write_table(c, path);
    if (code)
        return code;
    struct progress progress = {.campaign = c,
                                .table = fopen(path, "a"),
                                .shown = !c->options->quiet && isatty(STDERR_FILENO)};
    if (!progress.table) {
        tool_error(c->verb->name, "cannot write %s", path);
        return TOOL_INPUT;
    }
    for (size_t i = 0; i < c->n_rows; i++)
        progress.done += c->rows[i].done;
    code = campaign_run(c, tell, &progress);
    fclose(progress.table);
    return code ? code : campaign_write_table(c, path);
}

/* ---- the verb -------------------------------------------------------------------------------- */

static unsigned jobs_of(const struct campaign_options *options)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (options->jobs)
        return (unsigned)(options->jobs < MOST_JOBS ? options->jobs : MOST_JOBS);
    return processors > 0 ? (unsigned)processors : 1;
}

static void tell_space(const struct campaign *c)
{
    char open[32], run[32];
    bool many = c->n_open == UINT64_MAX;
    if (!c->options->enumerate || c->options->quiet)
        return;
    fprintf(stderr, "dpusim campaign: %s%s injections to enumerate", many ? "at least " : "",
            tool_grouped(c->n_open, open));
    if (c->n_open > c->n_rows)
        fprintf(stderr, "; the first %s of them are made (--runs=%s)", tool_grouped(c->n_rows, run),
                run);
    fputc('\n', stderr);
}

static int configure_campaign(struct campaign *c)
{
    const struct campaign_options *options = c->options;
    struct sim_origins origins;
    struct text_list none = {NULL, 0};
    struct configure given = {.initial_mode = SIM_FUNCTIONAL,
                              .file = options->config,
                              .mode = options->mode,
                              .chip = options->chip,
                              .timing = &none,
                              .set = &options->set};
    return configure(c->verb, &given, &c->config, &origins);
}

static void campaign_free(struct campaign *c)
{
    for (size_t i = 0; i < c->n_rows; i++) {
        free(c->rows[i].spec);
        free(c->rows[i].function);
    }
    free(c->rows);
    free(c->templates);
    if (c->state)
        c->subject->free(c);
}

static int prepare(struct campaign *c)
{
    struct isa_diag diag = {""};
    enum dpusim_status status = campaign_read_templates(c, &diag);
    if (!status)
        status = c->subject->prepare(c, &diag);
    if (!status)
        status = campaign_draw(c, &diag);
    if (status == DPUSIM_BAD_ARGUMENT && diag.text[0] == '-')
        return options_complain(c->verb, "%s", diag.text);
    return status ? tool_fail(c->verb->name, status, &diag) : TOOL_OK;
}

static int campaign(const struct verb *verb, const struct campaign_options *options, bool host)
{
    struct campaign c = {.verb = verb,
                         .options = options,
                         .subject = host ? &campaign_host : &campaign_kernel,
                         .jobs = jobs_of(options)};
    int code = configure_campaign(&c);
    if (!code)
        code = prepare(&c);
    if (!code) {
        tell_space(&c);
        code = run_all(&c);
    }
    if (!code && options->json)
        campaign_print_json(&c, stdout);
    else if (!code && !options->quiet)
        campaign_print_text(&c, stdout);
    campaign_free(&c);
    return code;
}

/* What stands behind "--" when that is no program of the DPU. */
static size_t words_behind_dashes(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--") == 0)
            return (size_t)(argc - i - 1);
    return 0;
}

static bool is_dpu_program(const char *path)
{
    struct isa_program *program = NULL;
    bool is = isa_program_read_file(&program, path, NULL, NULL) == DPUSIM_OK;
    isa_program_destroy(program);
    return is;
}

/* The exit code of a command line that makes no sense, else 0. */
static int check(const struct verb *verb, const struct campaign_options *options, bool host)
{
    bool for_host = options->file.count || options->ignore.count || options->host_error.count ||
                    options->timeout > 0;
    if (!options->hang)
        return options_complain(verb, "--hang: at least 1 is wanted");
    if (options->every && !options->enumerate)
        return options_complain(verb, "--every goes with --enumerate");
    if (!host && options->operands.count > 1)
        return options_complain(verb,
                                "one operand too many: \"%.200s\"; a host program stands "
                                "behind --: dpusim campaign -- ./host ARGUMENT...",
                                options->operands.items[1]);
    if (!host && for_host)
        return options_complain(verb, "--file, --ignore, --host-error and --timeout are for host "
                                      "programs: dpusim campaign ... -- ./host ARGUMENT...");
    return TOOL_OK;
}

int tool_verb_campaign(const struct verb *verb, int argc, char **argv)
{
    struct campaign_options options = {
        .runs = NOT_GIVEN, .seed = 1, .hang = STANDARD_HANG, .output = "campaign.csv"};
    int code;
    if (options_parse(verb, argc, argv, &options, &code)) {
        const struct text_list *operands = &options.operands;
        bool host = words_behind_dashes(argc, argv) == operands->count &&
                    !(operands->count == 1 && is_dpu_program(operands->items[0]));
        if (options.runs == NOT_GIVEN)
            options.runs = options.enumerate ? MOST_ENUMERATED : STANDARD_RUNS;
        code = check(verb, &options, host);
        if (!code)
            code = campaign(verb, &options, host);
    }
    options_free(verb, &options);
    return code;
}
