/* SPDX-License-Identifier: MIT */
/* A host program as a process of its own: what it wrote, how it ended. */
#ifndef TOOL_CAMPAIGN_PROCESS_H
#define TOOL_CAMPAIGN_PROCESS_H

#include "tool.h"

/* Where the output of processes goes, one after the other. */
struct process_files {
    int out, err, record; /* in memory */
    char record_path[64]; /* as the process can open it */
};

struct process {
    const struct process_files *files;
    char *const *arguments, *const *environment; /* end in NULL */
    double max_seconds;                          /* 0: no limit */
};

struct process_result {
    int status; /* as of waitpid */
    bool out_of_time;
    double seconds;
    char *out, *err, *record; /* malloc'ed, end in NUL */
};

enum dpusim_status process_files_open(struct process_files *files, struct isa_diag *diag);
void process_files_close(struct process_files *files);
/* Run to the end. Whatever it started is ended, too. Errors: NO_SUCH_FILE when it cannot be
 * started, IO. result is to be freed in every case. */
enum dpusim_status process_run(const struct process *process, struct process_result *result,
                               struct isa_diag *diag);
void process_result_free(struct process_result *result);

#endif
