/* SPDX-License-Identifier: MIT */
/* Accesses that watchers need not be told of. A checker that looked at a load or store of a tasklet
 * often knows that more of them would tell it nothing new. When all watchers agree on a doubleword
 * of WRAM, the tasklet gets a token for it: while that is valid, its loads (or its loads and
 * stores) there execute like unwatched ones, after one comparison. Private to sim/.
 *
 * A token is valid when it is the tasklet's present number. So all tokens of a tasklet become
 * invalid at once when the number changes. */
#ifndef SIM_QUIET_H
#define SIM_QUIET_H

#include "state.h"

enum { SIM_DOUBLEWORD = 8 }; /* bytes */
#define SIM_DOUBLEWORDS (ISA_WRAM_BYTES / SIM_DOUBLEWORD)

/* What nobody needs to be told of. */
enum sim_quietness { SIM_QUIET_NOTHING, SIM_QUIET_LOADS, SIM_QUIET_ALL };

struct sim_quiet {
    uint16_t number[ISA_MAX_THREADS];  /* even: a token for loads; and 1: for stores, too */
    uint16_t present[ISA_MAX_THREADS]; /* the same, or SIM_NO_TOKEN: the tasklet is suspended */
    uint8_t suspended[ISA_MAX_THREADS];
    uint32_t holders[SIM_DOUBLEWORDS]; /* bit t: tasklet t may have a token; else it has none */
    uint16_t token[ISA_MAX_THREADS][SIM_DOUBLEWORDS];
};
enum { SIM_NO_TOKEN = 1, SIM_FIRST_TOKEN = 4 };

/* All functions do nothing while nobody watches. */

/* Ask all watchers, and give t its token for the doubleword. */
void sim_quiet_ask(struct sim_dpu *d, const struct sim_tasklet *t, uint32_t doubleword);
/* All tokens of t, of everybody, become invalid. */
void sim_quiet_advance(struct sim_dpu *d, unsigned tasklet);
void sim_quiet_forget(struct sim_dpu *d);
/* Nobody has a token for these bytes any more. */
void sim_quiet_drop(struct sim_dpu *d, uint32_t from, uint32_t end);
/* t stored to, or loaded from, a doubleword, and the others are to be told of the next loads and
 * stores, or stores. */
void sim_quiet_others(struct sim_dpu *d, const struct sim_tasklet *t, uint32_t doubleword,
                      bool is_write);
/* While one of the reasons holds, all loads and stores of t are told. */
enum sim_suspended {
    SIM_BY_POINTER = 1, /* check_memory.c: the stack pointer was written */
    SIM_BY_COPY = 2,    /* check_memory.c */
    SIM_BY_FRAME = 4    /* check_stack.c: as the first */
};
void sim_quiet_suspend(struct sim_dpu *d, const struct sim_tasklet *t, uint8_t reason);
void sim_quiet_resume(struct sim_dpu *d, const struct sim_tasklet *t, uint8_t reason);
/* Has t tokens for stores for all of these bytes, whole doublewords? */
bool sim_quiet_all(const struct sim_dpu *d, const struct sim_tasklet *t, uint32_t from,
                   uint32_t end);

/* engine_quiet.c: variants of a slot that compare the token first. */
struct sim_watch_slot;
sim_run_fn *const *sim_quiet_run(const struct sim_watch_slot *slot);

#endif
