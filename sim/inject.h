/* SPDX-License-Identifier: MIT */
/* Fault injection inside sim/: rows of the tables, and what a model's function works on. */
#ifndef SIM_INJECT_H
#define SIM_INJECT_H

#include "state.h"

/* An instruction with what injections make of it. */
struct sim_strike {
    struct sim_dpu *d;
    struct sim_tasklet *t;
    const struct sim_insn *ip;   /* executes now */
    const struct sim_insn *next; /* AFTER: executes next */
    struct sim_insn instead;     /* has_instead: executes in the place of *ip */
    bool skip, has_instead;
};

/* A model's function is called before and after the instruction that it hits; that of a lasting
 * one before and after every instruction from the trigger on. */
enum sim_strike_phase { SIM_BEFORE, SIM_AFTER };
typedef void sim_inject_fn(struct sim_strike *s, struct sim_armed *armed,
                           enum sim_strike_phase phase);

#define INJECT(id, name, function, ...) sim_inject_fn sim_inject_##function;
#include "inject.def"
#undef INJECT

/* Instructions that a model can act on. */
typedef bool sim_target_fn(const struct sim_strike *s, const struct sim_injection *what);

struct sim_inject_row {
    struct sim_inject_info info;
    sim_inject_fn *function;
    sim_target_fn *target; /* NULL: every one */
};
const struct sim_inject_row *sim_inject_row(enum sim_inject_model model);

/* A default that is drawn with the seed, or is no number. */
#define SIM_DRAWN (UINT64_MAX - 1)

struct sim_site_row {
    struct sim_inject_info info;
    unsigned place_bits;
    bool is_own; /* of the tasklet that executes */
};
const struct sim_site_row *sim_site_row(enum sim_inject_site site);
/* The bits of a place, and new ones, on behalf of the tasklet that executes. */
uint64_t sim_site_get(struct sim_strike *s, const struct sim_injection *what);
void sim_site_put(struct sim_strike *s, const struct sim_injection *what, uint64_t bits);

bool sim_is_dma(const struct sim_insn *ip);
/* Number of the run or atomic bit that an instruction names. */
unsigned sim_bit_named(const struct sim_strike *s);

/* inject_text.c: default of an argument, or SIM_DRAWN, SIM_ANYWHERE. */
uint64_t sim_argument_initial(enum sim_inject_argument argument);

#endif
