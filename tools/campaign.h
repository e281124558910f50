/* SPDX-License-Identifier: MIT */
/* A campaign of fault injections: one golden run, many runs with a fault each, of a program of the
 * DPU (campaign_kernel.c) or of the host (campaign_host.c). */
#ifndef TOOL_CAMPAIGN_H
#define TOOL_CAMPAIGN_H

#include "dpusim.h"
#include "options.h"
#include "place.h"

/* What came of a run: OUTCOME(id, name, meaning) */
#define CAMPAIGN_OUTCOMES(OUTCOME)                                                                 \
    OUTCOME(MASKED, "masked", "the results are those of the golden run")                           \
    OUTCOME(CORRUPT, "corrupt", "the results differ, and nothing tells")                           \
    OUTCOME(DETECTED, "detected", "the program tells, as --detected-by says")                      \
    OUTCOME(FAULT_BREAKPOINT, "fault_breakpoint", "breakpoint fault")                              \
    OUTCOME(FAULT_MEMORY, "fault_memory", "memory fault")                                          \
    OUTCOME(FAULT_DMA, "fault_dma", "DMA fault")                                                   \
    OUTCOME(FAULT_ILLEGAL, "fault_illegal", "illegal instruction")                                 \
    OUTCOME(FAULT_STACK, "fault_stack", "stack overflow, with the checker of stacks")              \
    OUTCOME(HANG, "hang", "more instructions than --hang times the golden run's, or out of time")  \
    OUTCOME(DEADLOCK, "deadlock", "every tasklet stopped, some before their end")                  \
    OUTCOME(HOST_ERROR, "host_error", "the host program crashed, or ended with another status")    \
    OUTCOME(MISSED, "missed", "the moment of the injection did not come")

enum campaign_outcome {
#define OUTCOME(id, ...) CAMPAIGN_##id,
    CAMPAIGN_OUTCOMES(OUTCOME)
#undef OUTCOME
        CAMPAIGN_OUTCOME_COUNT
};
extern const char *const campaign_outcome_names[CAMPAIGN_OUTCOME_COUNT];
enum campaign_outcome campaign_fault_outcome(enum sim_fault_kind kind);
/* Refuses a golden run for which a condition of --detected-by or --host-error holds already: every
 * run would be counted under it. */
enum dpusim_status campaign_golden_told(const char *condition, struct isa_diag *diag);

/* A launch of a DPU in the golden run: where and when faults can be. */
struct campaign_point {
    uint32_t set, dpu; /* set 0: there is no host */
    uint64_t launch;
    uint64_t instructions, cycles;
    uint64_t transfers; /* of the DPU, in all */
    const struct isa_program *program;
    bool asleep; /* tasklets that stopped before their end */
};

/* One run. */
struct campaign_row {
    bool done;
    char *spec;       /* repeats it; malloc'ed */
    const char *site; /* static */
    enum campaign_outcome outcome;
    const struct campaign_point *point;
    unsigned tasklet;
    uint32_t pc_insn;
    char *function;        /* malloc'ed; NULL: none */
    uint64_t instructions; /* before the injection */
    uint64_t elements;     /* of the results that differ */
    double magnitude;      /* largest difference of one */
};

/* Something of --inject. */
struct campaign_template {
    char text[sizeof((struct sim_spec *)0)->text]; /* without the keys that name points */
    struct sim_ranges sets, dpus, launches;
    const char *host_keys; /* NULL: it happens inside a DPU; else keys of the model */
    const char *model;     /* its name, for host_keys */
    uint32_t given;        /* bit n: the specification has the key n of the host's side */
};

struct campaign;
/* What is run. A worker runs on a thread of its own; which one makes a run shows in no result. */
struct campaign_subject {
    enum dpusim_status (*prepare)(struct campaign *campaign, struct isa_diag *diag);
    enum dpusim_status (*open)(struct campaign *campaign, unsigned number, void **worker,
                               struct isa_diag *diag);
    enum dpusim_status (*run)(const struct campaign *campaign, void *worker,
                              struct campaign_row *row, struct isa_diag *diag);
    void (*close)(void *worker);
    void (*free)(struct campaign *campaign);
};
extern const struct campaign_subject campaign_kernel, campaign_host;

struct campaign {
    const struct verb *verb;
    const struct campaign_options *options;
    const struct campaign_subject *subject;
    void *state; /* of the subject */
    unsigned jobs;
    struct sim_config config;
    const char *name; /* of what is run */
    struct campaign_point *points;
    size_t n_points;
    struct campaign_template *templates;
    size_t n_templates;
    struct campaign_row *rows;
    size_t n_rows;
    uint64_t n_open; /* --enumerate: injections in the space, UINT64_MAX: that many or more */
};

/* campaign_draw.c: read --inject; make the row of every run, without what came of it. */
enum dpusim_status campaign_read_templates(struct campaign *campaign, struct isa_diag *diag);
enum dpusim_status campaign_draw(struct campaign *campaign, struct isa_diag *diag);
/* Instructions of all launches. */
uint64_t campaign_instructions(const struct campaign *campaign);

/* campaign_run.c: all runs that are not done, on threads; calls told for each, one at a time. An
 * exit code. */
int campaign_run(struct campaign *campaign, void (*told)(void *context, size_t i), void *context);

/* campaign_table.c: read the rows that are done; write those; append one. Exit codes. */
int campaign_read_table(struct campaign *campaign, const char *path);
int campaign_write_table(const struct campaign *campaign, const char *path);
void campaign_write_row(const struct campaign *campaign, size_t i, FILE *out);

/* campaign_compare.c: how many elements of two pieces of memory, or words of two texts, differ, and
 * by how much, into a row. */
void campaign_compare_bytes(struct campaign_row *row, struct isa_bytes then, struct isa_bytes now,
                            unsigned width_bytes, char letter);
void campaign_compare_text(struct campaign_row *row, const char *then, const char *now);

/* Wilson's interval of a share at 95 %. */
struct interval {
    double low, high;
};
struct interval wilson_interval(uint64_t hits, uint64_t runs);
/* Runs for an interval of plus or minus that much around a share. */
uint64_t runs_needed(double share, double half_width);

/* campaign_report.c */
void campaign_print_text(const struct campaign *campaign, FILE *out);
void campaign_print_json(const struct campaign *campaign, FILE *out);

#endif
