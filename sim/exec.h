/* SPDX-License-Identifier: MIT */
/* Functions of the instruction forms, chosen by predecode.c. Private to sim/. */
#ifndef SIM_EXEC_H
#define SIM_EXEC_H

#include "state.h"

/* Complete semantics of each form, and of words that are none. */
extern sim_exec_fn *const sim_exec[ISA_FORM_COUNT + 1];
/* The slot behind the last one stands for slot 0. */
sim_exec_fn sim_exec_wrap;

/* Fast variants of a form with a condition (ISA_COND_COUNT: any). */
struct sim_fast {
    enum isa_form form;
    int cond;  /* enum isa_cond, or -1 when the form has none or any will do */
    bool same; /* only when the destination pair is the source pair */
    sim_run_fn *run[SIM_FLOWS];
};

/* The fast variant for a predecoded instruction, or NULL. */
const struct sim_fast *sim_fast_find(const struct sim_insn *insn);
/* Straight variant that executes an instruction together with those behind it, or NULL; *length:
 * how many in all. At least SIM_LADDER_STEPS instructions must follow. */
#define SIM_LADDER_STEPS 8
sim_run_fn *sim_pair_find(const struct sim_insn *first, unsigned *length);
/* Variants that call the complete semantics; the slot behind the last; the end of a round. */
extern const struct sim_fast sim_run_any, sim_run_wrap, sim_run_round_end;

#endif
