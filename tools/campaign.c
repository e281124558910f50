/* SPDX-License-Identifier: MIT */
/* `dpusim campaign`: the command line, the table of runs, which a campaign goes on from, and
 * progress. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "campaign.h"
#include "configure.h"

enum { STANDARD_RUNS = 1000, STANDARD_HANG = 10, COLUMNS = 10, MOST_LINE = 2048 };

static const char head[] =
    "run,spec,site,outcome,tasklet,pc,function,instructions,elements,magnitude\n";

/* ---- the table ------------------------------------------------------------------------------- */

static void write_row(const struct campaign *c, size_t i, FILE *out)
{
    const struct campaign_row *row = &c->rows[i];
    const struct isa_symbol *symbol =
        isa_program_symbol_at(c->program, ISA_IRAM_BASE + row->pc_insn * ISA_INSN_BYTES, true);
    fprintf(out, "%zu,\"%s\",%s,%s,%u,%u,%s,%llu,%llu,%.17g\n", i, row->spec,
            sim_inject_site_get(row->site)->name, campaign_outcome_names[row->outcome],
            row->tasklet, (unsigned)row->pc_insn, symbol ? symbol->name : "",
            (unsigned long long)row->instructions, (unsigned long long)row->elements,
            row->magnitude);
}

/* The text behind `count` commas; the specification in quotes is one column. */
static const char *column(const char *text, unsigned count)
{
    bool quoted = false;
    for (; count && *text; text++) {
        quoted ^= *text == '"';
        count -= *text == ',' && !quoted;
    }
    return text;
}

static bool outcome_by_name(const char *text, enum campaign_outcome *out)
{
    for (unsigned i = 0; i < CAMPAIGN_OUTCOME_COUNT; i++) {
        size_t len = strlen(campaign_outcome_names[i]);
        if (strncmp(text, campaign_outcome_names[i], len) == 0 && text[len] == ',') {
            *out = (enum campaign_outcome)i;
            return true;
        }
    }
    return false;
}

/* False: the row belongs to another campaign. One that is cut off is left out. */
static bool take_row(struct campaign *c, const char *text)
{
    size_t i = strtoull(text, NULL, 10), len = strlen(text);
    if (i >= c->n_rows)
        return true;
    struct campaign_row *row = &c->rows[i];
    size_t spec_len = strlen(row->spec);
    const char *spec = column(text, 1);
    if (len == 0 || text[len - 1] != '\n' || !*column(text, COLUMNS - 1))
        return true;
    if (*spec != '"' || strncmp(spec + 1, row->spec, spec_len) != 0 || spec[spec_len + 1] != '"')
        return false;
    if (!outcome_by_name(column(text, 3), &row->outcome))
        return false;
    row->tasklet = (unsigned)strtoul(column(text, 4), NULL, 10);
    row->pc_insn = (uint32_t)strtoul(column(text, 5), NULL, 10);
    row->instructions = strtoull(column(text, 7), NULL, 10);
    row->elements = strtoull(column(text, 8), NULL, 10);
    row->magnitude = strtod(column(text, 9), NULL);
    row->done = true;
    return true;
}

static int read_table(struct campaign *c, const char *path)
{
    FILE *file = fopen(path, "r");
    char line[MOST_LINE];
    bool ok = true;
    if (!file)
        return TOOL_OK;
    ok = !fgets(line, sizeof line, file) || strcmp(line, head) == 0;
    while (ok && fgets(line, sizeof line, file))
        ok = take_row(c, line);
    fclose(file);
    if (ok)
        return TOOL_OK;
    tool_error(c->verb,
               "%s is the table of another campaign; remove it, or name another file with "
               "--output",
               path);
    return TOOL_INPUT;
}

/* In order and without what was cut off; at once. */
static int write_table(const struct campaign *c, const char *path)
{
    struct text temporary = {0};
    text_add(&temporary, "%s.new", path);
    FILE *file = tool_open_output(c->verb, temporary.data);
    bool ok = file != NULL;
    if (ok) {
        fputs(head, file);
        for (size_t i = 0; i < c->n_rows; i++)
            if (c->rows[i].done)
                write_row(c, i, file);
        ok = tool_close_output(c->verb, temporary.data, file) && rename(temporary.data, path) == 0;
    }
    text_free(&temporary);
    return ok ? TOOL_OK : TOOL_INPUT;
}

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
    write_row(progress->campaign, i, progress->table);
    fflush(progress->table);
    progress->done++;
    if (progress->shown)
        fprintf(stderr, "\r%zu of %zu injections%s", progress->done, progress->campaign->n_rows,
                progress->done == progress->campaign->n_rows ? "\n" : "");
}

/* ---- the verb -------------------------------------------------------------------------------- */

static unsigned jobs_of(const struct campaign_options *options)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (options->jobs)
        return (unsigned)(options->jobs < 1024 ? options->jobs : 1024);
    return processors > 0 ? (unsigned)processors : 1;
}

static int run_all(struct campaign *c)
{
    const char *path = c->options->output;
    int code = read_table(c, path);
    if (!code)
        code = write_table(c, path);
    if (code)
        return code;
    struct progress progress = {.campaign = c,
                                .table = fopen(path, "a"),
                                .shown = !c->options->quiet && isatty(STDERR_FILENO)};
    if (!progress.table) {
        tool_error(c->verb, "cannot write %s", path);
        return TOOL_INPUT;
    }
    for (size_t i = 0; i < c->n_rows; i++)
        progress.done += c->rows[i].done;
    code = campaign_run(c, jobs_of(c->options), tell, &progress);
    fclose(progress.table);
    return code ? code : write_table(c, path);
}

static int campaign(const struct verb *verb, struct campaign_options *options)
{
    struct campaign c = {.verb = verb->name, .options = options};
    struct sim_origins origins;
    struct text_list none = {NULL, 0};
    struct configure given = {.initial_mode = SIM_FUNCTIONAL,
                              .file = options->config,
                              .mode = options->mode,
                              .chip = options->chip,
                              .timing = &none,
                              .set = &options->set};
    struct isa_diag diag = {""};
    c.n_rows = (size_t)options->runs;
    int code = configure(verb, &given, &c.config, &origins);
    if (code)
        return code;
    enum dpusim_status status =
        isa_program_read_file(&c.program, options->operands.items[0], &tool_report, &diag);
    code = status ? tool_fail(verb->name, status, &diag) : campaign_prepare(&c, verb);
    if (!code)
        code = run_all(&c);
    if (!code && options->json)
        campaign_print_json(&c, stdout);
    else if (!code && !options->quiet)
        campaign_print_text(&c, stdout);
    campaign_free(&c);
    return code;
}

int tool_verb_campaign(const struct verb *verb, int argc, char **argv)
{
    struct campaign_options options = {
        .runs = STANDARD_RUNS, .seed = 1, .hang = STANDARD_HANG, .output = "campaign.csv"};
    int code;
    if (options_parse(verb, argc, argv, &options, &code))
        code = options.hang ? campaign(verb, &options)
                            : options_complain(verb, "--hang: at least 1 is wanted");
    options_free(verb, &options);
    return code;
}
