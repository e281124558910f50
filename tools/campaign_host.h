/* SPDX-License-Identifier: MIT */
/* A host program under a campaign: what campaign_host.c, campaign_golden.c, campaign_record.c and
 * campaign_environment.c share. */
#ifndef TOOL_CAMPAIGN_HOST_H
#define TOOL_CAMPAIGN_HOST_H

#include <regex.h>

#include "campaign.h"
#include "campaign_process.h"

/* A file of --file. */
struct file {
    struct place type;
    char *path;              /* with NUMBER */
    struct isa_bytes golden; /* data malloc'ed */
};

struct host {
    char *const *arguments;
    struct file *files;
    size_t n_files;
    regex_t *ignored;
    size_t n_ignored;
    struct isa_program **programs;
    size_t n_programs;
    char *out; /* of the golden run, without the lines of --ignore */
    int status;
    double seconds;
    uint64_t longest; /* instructions of a launch */
};

struct worker {
    const struct host *host;
    unsigned number;
    struct process_files files;
};

/* campaign_host.c: a run; inject NULL: the golden one. What differs from that, into a row. Bytes of
 * a file; what is not there is empty. */
enum dpusim_status campaign_host_run(const struct campaign *campaign, const struct worker *worker,
                                     const char *inject, struct process_result *result,
                                     struct isa_diag *diag);
void campaign_host_compare(const struct worker *worker, const struct process_result *result,
                           struct campaign_row *row);
/* The first text of --detected-by or --host-error that holds for the run; NULL: none. */
const char *campaign_host_told(const struct campaign *campaign,
                               const struct process_result *result);
struct isa_bytes campaign_file_content(const struct file *file, unsigned number);

/* campaign_golden.c: launches, transfers and results of a run without a fault. */
enum dpusim_status campaign_run_golden(struct campaign *campaign, const struct worker *worker,
                                       struct isa_diag *diag);

/* campaign_environment.c: strings of the form NAME=VALUE, or others. */
struct variables {
    char **items; /* ends in NULL */
    size_t count;
};
void variables_add(struct variables *variables, const char *text);
void variables_free(struct variables *variables);
/* The environment of a process. */
struct variables campaign_environment(const struct campaign *campaign, const struct worker *worker,
                                      const char *inject);

/* campaign_record.c: lines that DPUSIM_OUTCOMES gave, see driver/outcome.c. */
const char *record_next(const char *line);
bool record_is(const char *line, const char *word);
uint64_t record_number(const char *line, const char *key);
char *record_word(const char *line, const char *key, const char *end); /* malloc'ed */
bool record_has(const char *line, const char *key, const char *word);
/* How the first launch that did not end as in the golden run ended. */
bool record_ended_badly(const struct campaign *campaign, const char *record,
                        enum campaign_outcome *out);
/* Where the injection happened. False: it did not. */
bool record_injected(const struct process_result *result, struct campaign_row *row);

#endif
