/* SPDX-License-Identifier: MIT */
/* Waiting by object: barriers, semaphores, handshakes, mutexes and other lock bits. Fed with what a
 * collector tells; part of a profile. Private to sim/. */
#ifndef SIM_WAITS_H
#define SIM_WAITS_H

#include "collect.h"

enum { SIM_MOST_WAITS = 512 }; /* objects; further ones are not told apart */

struct sim_wait {
    const char *kind;
    char name[64];
    uint64_t calls;   /* of the function; or successful acquires */
    uint64_t blocked; /* calls in which the tasklet stopped; acquires that failed first */
    uint64_t longest; /* cycles of one call, or from the first failure to the success */
    uint64_t cycles[ISA_MAX_THREADS][SIM_CAUSE_COUNT];
};

struct sim_waits;

struct sim_waits *sim_waits_create(void);
void sim_waits_destroy(struct sim_waits *waits); /* NULL allowed */
/* What the sinks of a collector are told. False: no memory. */
bool sim_waits_event(struct sim_waits *waits, const struct sim_dpu *d,
                     const struct sim_event *event);
bool sim_waits_enter(struct sim_waits *waits, const struct sim_dpu *d, unsigned tasklet,
                     uint32_t node, uint64_t cycle);
void sim_waits_leave(struct sim_waits *waits, unsigned tasklet, uint64_t cycle);
void sim_waits_slice(struct sim_waits *waits, const struct sim_slice *slice);
void sim_waits_launch(struct sim_waits *waits);
/* The objects that were waited at or could have been, in the order of their first use. */
unsigned sim_waits_count(const struct sim_waits *waits);
const struct sim_wait *sim_waits_get(const struct sim_waits *waits, unsigned index);

#endif
