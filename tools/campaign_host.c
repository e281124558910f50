/* SPDX-License-Identifier: MIT */
/* Campaigns over a host program, as it is: every run is a process of its own, told by the
 * environment what to inject (DPUSIM_INJECT) and where to write how the launches ended
 * (DPUSIM_OUTCOMES). Results are its exit status, its standard output and the files of --file. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "campaign_host.h"
#include "configure.h"

#define SPARE_SECONDS 10
#define NUMBER        "{}" /* in arguments and paths: number of the worker */

/* ---- texts ----------------------------------------------------------------------------------- */

static char *with_number(const char *text, unsigned number)
{
    struct text out = {0};
    for (const char *at; (at = strstr(text, NUMBER)); text = at + strlen(NUMBER))
        text_add(&out, "%.*s%u", (int)(at - text), text, number);
    text_add(&out, "%s", text);
    return out.data;
}

static bool is_ignored(const struct host *host, const char *line)
{
    for (size_t i = 0; i < host->n_ignored; i++)
        if (regexec(&host->ignored[i], line, 0, NULL, 0) == 0)
            return true;
    return false;
}

/* Leaves the lines of --ignore out. */
static void filter(const struct host *host, char *text)
{
    char *out = text;
    for (char *line = text, *next; *line; line = next) {
        size_t len = strcspn(line, "\n");
        bool ends = line[len] == '\n';
        next = line + len + ends;
        line[len] = '\0';
        if (is_ignored(host, line))
            continue;
        memmove(out, line, len);
        out += len;
        if (ends)
            *out++ = '\n';
    }
    *out = '\0';
}

/* ---- one process ----------------------------------------------------------------------------- */

static void remove_files(const struct host *host, unsigned number)
{
    for (size_t i = 0; i < host->n_files; i++) {
        char *path = with_number(host->files[i].path, number);
        unlink(path);
        free(path);
    }
}

static double longest_run(const struct campaign *c, const struct host *host)
{
    if (c->options->timeout > 0)
        return c->options->timeout;
    return SPARE_SECONDS + (double)c->options->hang * host->seconds;
}

enum dpusim_status campaign_host_run(const struct campaign *c, const struct worker *worker,
                                     const char *inject, struct process_result *result,
                                     struct isa_diag *diag)
{
    const struct host *host = worker->host;
    struct variables variables = campaign_environment(c, worker, inject);
    struct variables arguments = {NULL, 0};
    for (char *const *own = host->arguments; *own; own++) {
        char *argument = with_number(*own, worker->number);
        variables_add(&arguments, argument);
        free(argument);
    }
    struct process process = {.files = &worker->files,
                              .arguments = arguments.items,
                              .environment = variables.items,
                              .max_seconds = inject ? longest_run(c, host) : c->options->timeout};
    remove_files(host, worker->number);
    enum dpusim_status status = process_run(&process, result, diag);
    variables_free(&arguments);
    variables_free(&variables);
    if (!status)
        filter(host, result->out);
    return status;
}

static enum dpusim_status open_worker(struct campaign *c, unsigned number, void **out,
                                      struct isa_diag *diag)
{
    struct worker *worker = tool_realloc(NULL, 1, sizeof *worker);
    *worker = (struct worker){.host = c->state, .number = number};
    enum dpusim_status status = process_files_open(&worker->files, diag);
    if (status)
        free(worker);
    else
        *out = worker;
    return status;
}

static void close_worker(void *argument)
{
    struct worker *worker = argument;
    remove_files(worker->host, worker->number);
    process_files_close(&worker->files);
    free(worker);
}

/* ---- results --------------------------------------------------------------------------------- */

struct isa_bytes campaign_file_content(const struct file *file, unsigned number)
{
    char *path = with_number(file->path, number);
    FILE *in = fopen(path, "rb");
    struct isa_bytes bytes = {NULL, 0};
    free(path);
    size_t room = 0, n = 1;
    uint8_t *data = tool_realloc(NULL, 1, 1);
    while (in && n) {
        if (bytes.len_bytes == room)
            data = tool_realloc(data, room = room * 2 + BUFSIZ, 1);
        n = fread(data + bytes.len_bytes, 1, room - bytes.len_bytes, in);
        bytes.len_bytes += n;
    }
    if (in)
        fclose(in);
    bytes.data = data;
    return bytes;
}

static void free_bytes(struct isa_bytes bytes)
{
    free((void *)(uintptr_t)bytes.data);
}

void campaign_host_compare(const struct worker *worker, const struct process_result *result,
                           struct campaign_row *row)
{
    const struct host *host = worker->host;
    campaign_compare_text(row, host->out, result->out);
    for (size_t i = 0; i < host->n_files; i++) {
        const struct file *file = &host->files[i];
        struct isa_bytes now = campaign_file_content(file, worker->number);
        campaign_compare_bytes(row, file->golden, now, file->type.width_bytes, file->type.letter);
        free_bytes(now);
    }
}

/* ---- outcomes -------------------------------------------------------------------------------- */

static bool says(const struct process_result *result, const char *text)
{
    return strstr(result->out, text) || strstr(result->err, text);
}

/* exit:N, log:TEXT (in either stream) */
static const char *detected_by(const struct campaign *c, const struct process_result *result)
{
    const struct text_list *list = &c->options->detected_by;
    for (size_t i = 0; i < list->count; i++) {
        const char *value = strchr(list->items[i], ':') + 1;
        bool is_exit = record_is(list->items[i], "exit:");
        if (is_exit ? WIFEXITED(result->status) && WEXITSTATUS(result->status) == atoi(value)
                    : says(result, value))
            return list->items[i];
    }
    return NULL;
}

static const char *error_told(const struct campaign *c, const struct process_result *result)
{
    for (size_t i = 0; i < c->options->host_error.count; i++)
        if (says(result, c->options->host_error.items[i]))
            return c->options->host_error.items[i];
    return NULL;
}

const char *campaign_host_told(const struct campaign *c, const struct process_result *result)
{
    const char *detected = detected_by(c, result);
    return detected ? detected : error_told(c, result);
}

static enum campaign_outcome classify(const struct campaign *c, const struct worker *worker,
                                      const struct process_result *result, struct campaign_row *row)
{
    enum campaign_outcome outcome;
    if (record_ended_badly(c, result->record, &outcome))
        return outcome;
    if (result->out_of_time)
        return CAMPAIGN_HANG;
    if (detected_by(c, result))
        return CAMPAIGN_DETECTED;
    if (result->status != worker->host->status || error_told(c, result))
        return CAMPAIGN_HOST_ERROR;
    campaign_host_compare(worker, result, row);
    return row->elements ? CAMPAIGN_CORRUPT : CAMPAIGN_MASKED;
}

static enum dpusim_status run_one(const struct campaign *c, void *argument,
                                  struct campaign_row *row, struct isa_diag *diag)
{
    const struct worker *worker = argument;
    struct process_result result;
    enum dpusim_status status = campaign_host_run(c, worker, row->spec, &result, diag);
    if (!status)
        row->outcome =
            record_injected(&result, row) ? classify(c, worker, &result, row) : CAMPAIGN_MISSED;
    process_result_free(&result);
    return status;
}

/* ---- the subject ----------------------------------------------------------------------------- */

static enum dpusim_status read_file_option(struct campaign *c, const char *text,
                                           struct isa_diag *diag)
{
    struct host *host = c->state;
    host->files = tool_realloc(host->files, host->n_files + 1, sizeof *host->files);
    struct file *file = &host->files[host->n_files++];
    *file = (struct file){.type = {.letter = 'u', .width_bytes = sizeof(uint32_t)},
                          .path = tool_copy(text, strlen(text))};
    char *type = strrchr(file->path, ':');
    if (type) {
        *type = '\0';
        enum dpusim_status status = place_parse_type(&file->type, type + 1, diag);
        if (status)
            return status;
    }
    if (!strstr(file->path, NUMBER) && c->jobs > 1) {
        if (!c->options->quiet)
            fprintf(stderr,
                    "dpusim campaign: runs are made one at a time: all write %s (a %s in it, and "
                    "in the arguments, becomes a number of its own)\n",
                    file->path, NUMBER);
        c->jobs = 1;
    }
    for (unsigned i = 0; i < c->jobs; i++) {
        char *path = with_number(file->path, i);
        bool there = access(path, F_OK) == 0;
        if (there)
            isa_fail(
                diag, DPUSIM_BAD_ARGUMENT,
                "--file=%.100s: %.200s exists; every run begins with removing it: move it away",
                text, path);
        free(path);
        if (there)
            return DPUSIM_BAD_ARGUMENT;
    }
    return DPUSIM_OK;
}

static enum dpusim_status read_ignored(struct host *host, const char *pattern,
                                       struct isa_diag *diag)
{
    char reason[120];
    host->ignored = tool_realloc(host->ignored, host->n_ignored + 1, sizeof *host->ignored);
    int error = regcomp(&host->ignored[host->n_ignored], pattern, REG_EXTENDED | REG_NOSUB);
    if (error) {
        regerror(error, &host->ignored[host->n_ignored], reason, sizeof reason);
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "--ignore=%.100s: %s", pattern, reason);
    }
    host->n_ignored++;
    return DPUSIM_OK;
}

static enum dpusim_status check_options(const struct campaign_options *o, struct isa_diag *diag)
{
    if (getenv("DPUSIM_INJECT"))
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                        "DPUSIM_INJECT is set: the golden run would not be one");
    if (o->chip || o->result.count)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "--%s is not for host programs%s",
                        o->chip ? "chip" : "result",
                        o->chip ? ": the profile key chipId is" : "; --file=PATH is");
    for (size_t i = 0; i < o->set.count; i++)
        if (!configure_is_setting(o->set.items[i]))
            return isa_fail(
                diag, DPUSIM_BAD_ARGUMENT,
                "--set=%.200s: the host program writes symbols; wanted SECTION.NAME=VALUE",
                o->set.items[i]);
    for (size_t i = 0; i < o->detected_by.count; i++)
        if (!record_is(o->detected_by.items[i], "exit:") &&
            !record_is(o->detected_by.items[i], "log:"))
            return isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                            "--detected-by=%.60s: write exit:STATUS or log:TEXT",
                            o->detected_by.items[i]);
    return DPUSIM_OK;
}

static enum dpusim_status prepare(struct campaign *c, struct isa_diag *diag)
{
    struct host *host = c->state = tool_realloc(NULL, 1, sizeof *host);
    *host = (struct host){.arguments = (char *const *)c->options->operands.items};
    c->name = c->options->operands.items[0];
    enum dpusim_status status = check_options(c->options, diag);
    for (size_t i = 0; i < c->options->ignore.count && !status; i++)
        status = read_ignored(host, c->options->ignore.items[i], diag);
    for (size_t i = 0; i < c->options->file.count && !status; i++)
        status = read_file_option(c, c->options->file.items[i], diag);
    void *worker = NULL;
    if (!status)
        status = open_worker(c, 0, &worker, diag);
    if (!status)
        status = campaign_run_golden(c, worker, diag);
    if (worker)
        close_worker(worker);
    return status;
}

static void free_host(struct campaign *c)
{
    struct host *host = c->state;
    for (size_t i = 0; i < host->n_files; i++) {
        free(host->files[i].path);
        free_bytes(host->files[i].golden);
    }
    for (size_t i = 0; i < host->n_ignored; i++)
        regfree(&host->ignored[i]);
    for (size_t i = 0; i < host->n_programs; i++)
        isa_program_destroy(host->programs[i]);
    free(host->files);
    free(host->ignored);
    free(host->programs);
    free(host->out);
    free(host);
    free(c->points);
}

const struct campaign_subject campaign_host = {prepare, open_worker, run_one, close_worker,
                                               free_host};
