/* SPDX-License-Identifier: MIT */
/* The golden run of a host program: which launches there are, what the results are, and that a
 * second run gives the same. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "campaign_host.h"

/* Each file once. One that was loaded from memory has no path that leads anywhere. */
static const struct isa_program *program_at(struct host *host, char *path)
{
    struct isa_program *program = NULL;
    for (size_t i = 0; i < host->n_programs && !program; i++)
        if (strcmp(host->programs[i]->name, path) == 0)
            program = host->programs[i];
    if (!program && isa_program_read_file(&program, path, NULL, NULL) == DPUSIM_OK) {
        host->programs =
            tool_realloc(host->programs, host->n_programs + 1, sizeof(struct isa_program *));
        host->programs[host->n_programs++] = program;
    }
    free(path);
    return program;
}

static void take_launch(struct campaign *c, const char *line)
{
    struct host *host = c->state;
    c->points = tool_realloc(c->points, c->n_points + 1, sizeof *c->points);
    struct campaign_point *point = &c->points[c->n_points++];
    *point =
        (struct campaign_point){.set = (uint32_t)record_number(line, "set"),
                                .dpu = (uint32_t)record_number(line, "dpu"),
                                .launch = record_number(line, "launch"),
                                .instructions = record_number(line, "instructions"),
                                .cycles = record_number(line, "cycles"),
                                .program = program_at(host, record_word(line, "program", "\n")),
                                .asleep = record_has(line, "end", "asleep")};
    if (record_has(line, "mode", "cycle"))
        c->config.mode = SIM_CYCLE;
    if (point->instructions > host->longest)
        host->longest = point->instructions;
}

static void take_transfers(struct campaign *c, const char *line)
{
    uint64_t set = record_number(line, "set"), dpu = record_number(line, "dpu");
    for (size_t i = 0; i < c->n_points; i++)
        if (c->points[i].set == set && c->points[i].dpu == dpu)
            c->points[i].transfers = record_number(line, "count");
}

static int by_place(const void *a, const void *b)
{
    const struct campaign_point *x = a, *y = b;
    if (x->set != y->set)
        return x->set < y->set ? -1 : 1;
    if (x->launch != y->launch)
        return x->launch < y->launch ? -1 : 1;
    return (x->dpu > y->dpu) - (x->dpu < y->dpu);
}

/* The last lines of what a host program wrote, for messages. */
static const char *tail_of(const char *text)
{
    enum { SHOWN = 300 };
    size_t len = strlen(text);
    return len > SHOWN ? text + len - SHOWN : text;
}

static enum dpusim_status check_golden(const struct campaign *c,
                                       const struct process_result *result, struct isa_diag *diag)
{
    const char *name = c->name;
    if (result->out_of_time)
        return isa_fail(diag, DPUSIM_LIMIT, "the golden run of %.200s takes longer than --timeout",
                        name);
    if (WIFSIGNALED(result->status))
        return isa_fail(
            diag, DPUSIM_FAULT, "the golden run of %.100s was ended by signal %d (%s): %s", name,
            WTERMSIG(result->status), strsignal(WTERMSIG(result->status)), tail_of(result->err));
    if (WEXITSTATUS(result->status))
        return isa_fail(diag, DPUSIM_FAULT, "the golden run of %.100s ends with exit status %d: %s",
                        name, WEXITSTATUS(result->status), tail_of(result->err));
    if (!strstr(result->record, "launch "))
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                        "%.200s launches no DPU of dpusim: is it linked with this libdpu? (%s)",
                        name, "cc ... $(dpu-pkg-config --cflags --libs dpu)");
    const char *told = campaign_host_told(c, result);
    return told ? campaign_golden_told(told, diag) : DPUSIM_OK;
}

static enum dpusim_status take_golden(struct campaign *c, struct process_result *result,
                                      struct isa_diag *diag)
{
    struct host *host = c->state;
    enum campaign_outcome bad;
    for (const char *line = result->record; *line; line = record_next(line)) {
        if (record_is(line, "launch "))
            take_launch(c, line);
        else if (record_is(line, "transfers "))
            take_transfers(c, line);
    }
    qsort(c->points, c->n_points, sizeof *c->points, by_place);
    if (record_ended_badly(c, result->record, &bad))
        return isa_fail(diag, DPUSIM_FAULT, "the golden run of %.200s does not end well: %s",
                        c->name, campaign_outcome_names[bad]);
    host->status = result->status;
    host->seconds = result->seconds;
    host->out = result->out;
    result->out = NULL;
    return DPUSIM_OK;
}

static enum dpusim_status take_files(struct host *host, struct isa_diag *diag)
{
    for (size_t i = 0; i < host->n_files; i++) {
        struct file *file = &host->files[i];
        file->golden = campaign_file_content(file, 0);
        if (!file->golden.len_bytes)
            return isa_fail(diag, DPUSIM_NO_SUCH_FILE,
                            "--file=%.200s: the golden run does not write it, or it stays empty",
                            file->path);
    }
    return DPUSIM_OK;
}

/* A second run must give the same. */
static enum dpusim_status check_again(const struct campaign *c, const struct worker *worker,
                                      struct isa_diag *diag)
{
    const struct host *host = worker->host;
    struct campaign_row row = {.spec = NULL};
    struct process_result again;
    enum dpusim_status status = campaign_host_run(c, worker, NULL, &again, diag);
    if (!status)
        campaign_host_compare(worker, &again, &row);
    const char *a = host->out, *b = again.out;
    if (!status && strcmp(a, b) != 0) {
        while (strcspn(a, "\n") == strcspn(b, "\n") && strncmp(a, b, strcspn(a, "\n")) == 0)
            a = record_next(a), b = record_next(b);
        status = isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                          "two runs of %.100s without a fault differ: \"%.*s\" and \"%.*s\"; "
                          "--ignore=REGEX leaves such lines out",
                          c->name, (int)strcspn(a, "\n"), a, (int)strcspn(b, "\n"), b);
    } else if (!status && row.elements) {
        status = isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                          "two runs of %.200s without a fault write different files", c->name);
    }
    process_result_free(&again);
    return status;
}

enum dpusim_status campaign_run_golden(struct campaign *c, const struct worker *worker,
                                       struct isa_diag *diag)
{
    struct process_result result;
    enum dpusim_status status = campaign_host_run(c, worker, NULL, &result, diag);
    if (!status)
        status = check_golden(c, &result, diag);
    if (!status)
        status = take_golden(c, &result, diag);
    process_result_free(&result);
    if (!status)
        status = take_files(c->state, diag);
    return status ? status : check_again(c, worker, diag);
}
