/* SPDX-License-Identifier: MIT */
/* One run of a program by `dpusim run`: what the parts of the verb share. */
#ifndef TOOL_RUN_H
#define TOOL_RUN_H

#include "dpusim.h"
#include "options.h"
#include "place.h"

struct trace;

struct run {
    const char *verb;
    struct run_options options;
    struct sim_config config;
    struct isa_program *program;
    struct sim_dpu *dpu;
    struct place *dumps;
    size_t n_dumps;
    struct trace *trace; /* NULL: none */
    FILE *stats;         /* NULL: none */
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

/* Lists sleeping tasklets on stderr, unless --quiet. */
void run_warn_asleep(const struct run *run);
/* The outputs. Errors while reading memory are printed; false then. */
bool run_print_text(const struct run *run);
bool run_print_json(const struct run *run);
/* Counters as JSON, or as CSV when the file's name ends in .csv. */
void run_print_stats(const struct run *run);

/* A trace of instructions into a file. Prints an error and returns NULL when it cannot be opened.
 */
struct trace *trace_open(const char *path, const struct run *run, uint32_t tasklets);
/* Flushes, closes, frees. False when the trace is incomplete; that was said. */
bool trace_close(struct trace *trace);

#endif
