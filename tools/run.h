/* SPDX-License-Identifier: MIT */
/* One run of a program by `dpusim run`: what the parts of the verb share. */
#ifndef TOOL_RUN_H
#define TOOL_RUN_H

#include "dpusim.h"
#include "json.h"
#include "options.h"
#include "place.h"

struct trace;
struct run;

/* What a verb that runs a program adds. NULL functions are not called. */
struct run_kind {
    enum sim_mode mode;                                     /* unless --mode says otherwise */
    bool takes_tasklets;                                    /* -t without --trace */
    int (*open)(struct run *run, const struct verb *verb);  /* before the boot; an exit code */
    int (*whole)(struct run *run, const struct verb *verb); /* in place of a run and its outputs */
    bool (*write)(struct run *run);   /* after the run; false: failed, which was said */
    void (*discard)(struct run *run); /* in any case, at the end */
};

struct run {
    const char *verb;
    const struct run_kind *kind;
    struct run_options options;
    struct sim_config config;
    struct sim_origins origins;
    struct isa_program *program;
    struct sim_dpu *dpu;
    struct place *dumps;
    size_t n_dumps;
    struct trace *trace;         /* of --trace; NULL: none */
    struct trace *more;          /* of the verb trace; NULL: none */
    struct sim_profile *profile; /* of the verbs profile and report; NULL: none */
    FILE *stats;                 /* NULL: none */
    struct sim_outcome outcome;
    double host_seconds;
};

/* "done", "fault" or "limit". */
const char *run_status(const struct run *run);
/* "main+4", "tasklet" or "@12" when there is no symbol: where an instruction is. Malloc'ed. */
char *run_place_of(const struct isa_program *program, uint32_t pc_insn);
/* Next tasklet from `from` on that sleeps elsewhere than at the end of a finished program, or -1.
 */
int run_next_asleep(const struct run *run, unsigned from, struct sim_thread_state *state);
/* Next tasklet from `from` on that was booted, or -1. */
int run_next_booted(const struct run *run, unsigned from, struct sim_thread_state *state);

/* run_inject.c: arm what --inject says, an exit code; a specification in canonical form, malloc'ed;
 * what came of the injections, on stderr and as a key of the result. */
int run_prepare_injections(struct run *run);
char *run_injection_text(const struct sim_injection *injection);
void run_print_injections(const struct run *run);
void run_json_injections(const struct run *run, struct json *json);

/* Lists sleeping tasklets on stderr, unless --quiet. */
void run_warn_asleep(const struct run *run);
/* The outputs. Errors while reading memory are printed; false then. */
bool run_print_text(const struct run *run);
bool run_print_json(const struct run *run);
/* Counters as JSON, or as CSV when the file's name ends in .csv. */
void run_print_stats(const struct run *run);

/* Write what --set says; boot and run. Exit codes. */
int run_apply_sets(struct run *run);
int run_execute(struct run *run);
void run_print_fault(const struct run *run);
void run_print_running(const struct run *run); /* where every tasklet is */

/* run_checks.c: what checkers found. */
bool run_has_findings(const struct run *run);
void run_print_findings(const struct run *run);
void run_json_findings(struct json *json, const struct run *run);

/* Everything that `dpusim run` does, and what the kind adds. */
int run_verb(const struct verb *verb, int argc, char **argv, const struct run_kind *kind);
/* Bit t = tasklet t of every -t; an exit code. */
int run_tasklets(const struct run *run, const struct verb *verb, uint32_t *tasklets);

/* For the end of a run with a profile. */
void run_discard_profile(struct run *run);

/* A trace into a file. Prints an error and returns NULL when it cannot be opened. */
struct trace *trace_open(const char *path, const struct run *run,
                         const struct sim_trace_options *options);
/* Flushes, closes, frees. False when the trace is incomplete; that was said. */
bool trace_close(struct trace *trace);

#endif
