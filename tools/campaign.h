/* SPDX-License-Identifier: MIT */
/* A campaign of fault injections: one golden run, many runs with a fault each. */
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
    OUTCOME(HANG, "hang", "more instructions than --hang times the golden run's")                  \
    OUTCOME(DEADLOCK, "deadlock", "every tasklet stopped, some before their end")                  \
    OUTCOME(MISSED, "missed", "the moment of the injection did not come")

enum campaign_outcome {
#define OUTCOME(id, ...) CAMPAIGN_##id,
    CAMPAIGN_OUTCOMES(OUTCOME)
#undef OUTCOME
        CAMPAIGN_OUTCOME_COUNT
};
extern const char *const campaign_outcome_names[CAMPAIGN_OUTCOME_COUNT];

/* One run. */
struct campaign_row {
    bool done;
    char *spec; /* canonical, malloc'ed */
    enum sim_inject_site site;
    enum campaign_outcome outcome;
    unsigned tasklet;
    uint32_t pc_insn;
    uint64_t instructions; /* before the injection */
    uint64_t elements;     /* of the results that differ */
    double magnitude;      /* largest difference of one */
};

/* A part of memory whose contents are the result. */
struct campaign_result {
    struct place place; /* symbol NULL: MRAM as far as the golden run filled it */
    uint8_t *golden;
    size_t len_bytes;
};

enum { CAMPAIGN_CHECKPOINTS = 16 };

struct campaign {
    const char *verb;
    const struct campaign_options *options;
    struct sim_config config;
    struct isa_program *program;
    struct sim_dpu *dpu; /* of the golden run */
    uint64_t golden_instructions;
    struct {
        uint64_t instructions; /* executed there */
        struct isa_bytes image;
    } checkpoint[CAMPAIGN_CHECKPOINTS];
    unsigned n_checkpoints;
    bool golden_asleep;
    struct campaign_result *results;
    size_t n_results;
    struct campaign_row *rows;
    size_t n_rows;
};

/* Golden run, checkpoints, results. Prints what went wrong; an exit code. */
int campaign_prepare(struct campaign *campaign, const struct verb *verb);
/* The injection of run number i, by template and seed. */
enum dpusim_status campaign_draw(const struct campaign *campaign, size_t i,
                                 struct sim_injection *out, struct isa_diag *diag);
/* All runs that are not done, on threads; calls told for each, one at a time. An exit code. */
int campaign_run(struct campaign *campaign, unsigned jobs, void (*told)(void *context, size_t i),
                 void *context);
void campaign_free(struct campaign *campaign);

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
