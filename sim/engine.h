/* SPDX-License-Identifier: MIT */
/* The fast functional engine. Private to sim/. A second engine (translation to native code) would
 * offer the same two functions. Both return when their budget is used up or d->event is set. */
#ifndef SIM_ENGINE_H
#define SIM_ENGINE_H

#include "state.h"

/* One running tasklet: execute `budget` instructions, give or take one pass through IRAM, unless
 * something happens; budget > ISA_IRAM_INSNS. */
void sim_engine_straight(struct sim_dpu *d, uint64_t budget);
/* Two or more running tasklets: execute until `rounds` rounds have ended. */
void sim_engine_level(struct sim_dpu *d, uint64_t rounds);
/* Cycle mode: execute until the cycle comes or nobody runs any more. d->current is the tasklet that
 * is looked at first for the next issue. */
void sim_engine_timed(struct sim_dpu *d, uint64_t until_cycle);
/* Instructions that the straight flow has executed, d->limit and t->ip being current. */
uint64_t sim_straight_executed(const struct sim_dpu *d, const struct sim_tasklet *t);

#endif
