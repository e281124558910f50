/* SPDX-License-Identifier: MIT */
/* Whose turn it is, when a schedule says so, one instruction at a time. Private to sim/. */
#ifndef SIM_SCHEDULE_H
#define SIM_SCHEDULE_H

#include "state.h"

/* Functional mode: the tasklet that executes next; somebody runs. */
struct sim_tasklet *sim_schedule_pick(struct sim_dpu *d);
/* t has executed the instruction at ip. In cycle mode it may become late. */
void sim_schedule_done(struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip);
/* A launch begins. */
void sim_schedule_launched(struct sim_dpu *d);
void sim_schedule_destroy(struct sim_dpu *d);

#endif
