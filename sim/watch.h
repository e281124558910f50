/* SPDX-License-Identifier: MIT */
/* Watched instructions: the DPU tells about the instructions that somebody asked for, and executes
 * all others as fast as ever. A watched slot of the predecoded code has the generic variants, and
 * an exec function that calls the watchers and then the instruction's own semantics; instructions
 * are never executed in one go with a watched one behind them. So what nobody watches costs
 * nothing, in functional and in cycle mode. Private to sim/.
 *
 * Code that is watched belongs to one DPU; DPUs that are made like it share the plain code. */
#ifndef SIM_WATCH_H
#define SIM_WATCH_H

#include <string.h>

#include "state.h"

/* Classes of instructions that a watcher can ask for. */
enum sim_watch_class {
    SIM_WATCH_LOAD = 1 << 0,
    SIM_WATCH_STORE = 1 << 1,
    SIM_WATCH_DMA = 1 << 2,     /* ldma, sdma, ldmai */
    SIM_WATCH_ACQUIRE = 1 << 3, /* of an atomic bit */
    SIM_WATCH_RELEASE = 1 << 4,
    SIM_WATCH_START = 1 << 5, /* boot, resume */
    SIM_WATCH_STOP = 1 << 6,  /* stop */
    SIM_WATCH_CALL = 1 << 7,  /* call, and the jump back */
    SIM_WATCH_STACK = 1 << 8, /* the stack pointer is written */
    SIM_WATCH_TELL = 1 << 9,
    SIM_WATCH_RUN_BIT = 1 << 10, /* clr_run, read_run */
    SIM_WATCH_FRAME = 1 << 11,   /* load or store by the stack pointer */
    SIM_WATCH_PC = 1 << 12       /* of a slot: somebody wants it for its index */
};

struct sim_watcher;

/* Before the instruction at ip executes; t->ip is ip. The instruction to go on with in its place,
 * or NULL: it is executed. May leave a fault in d->event (see sim_watch_fault). */
typedef const struct sim_insn *sim_watch_before(struct sim_watcher *watcher, struct sim_dpu *d,
                                                struct sim_tasklet *t, const struct sim_insn *ip);
/* After it executed; t goes on at next. In cycle mode the bytes of a DMA transfer move later. */
typedef void sim_watch_after(struct sim_watcher *watcher, struct sim_dpu *d, struct sim_tasklet *t,
                             const struct sim_insn *ip, const struct sim_insn *next);

/* Who watches what: the instructions of some classes, and those at some indices. The caller's;
 * usually the first member of what else it needs. */
struct sim_watcher {
    sim_watch_before *before; /* NULL: not told */
    sim_watch_after *after;
    uint32_t classes; /* of enum sim_watch_class */
    uint64_t pcs[ISA_IRAM_INSNS / 64];
};

/* What is known of an instruction before it executes. */
struct sim_watch_slot {
    struct sim_watcher *only; /* the one who wants it, if only told before; else NULL */
    uint16_t watchers;        /* bit n: sim_watch.watcher[n] wants it */
    uint16_t classes;
    uint8_t bytes; /* of WRAM loaded or stored; 0: none */
    bool is_write, is_safe;
};

#define SIM_MAX_WATCHERS 16

struct sim_watch {
    const struct sim_watch_slot *now; /* of the instruction that watchers are told of */
    struct sim_watcher *watcher[SIM_MAX_WATCHERS];
    struct sim_watch_slot slot[ISA_IRAM_INSNS];
};

/* From now on w watches the instructions of d, which does not run; w stays the caller's until
 * sim_watch_remove.  False: no memory, or
 * too many. */
bool sim_watch_add(struct sim_dpu *d, struct sim_watcher *w);
void sim_watch_remove(struct sim_dpu *d, struct sim_watcher *w);
/* What some watcher wants has changed; allowed while d runs. */
void sim_watch_update(struct sim_dpu *d);
static inline void sim_watch_pc(struct sim_watcher *w, uint32_t pc_insn)
{
    w->pcs[pc_insn / 64] |= UINT64_C(1) << pc_insn % 64;
}
static inline bool sim_watch_has_pc(const struct sim_watcher *w, uint32_t pc_insn)
{
    return w->pcs[pc_insn / 64] >> pc_insn % 64 & 1;
}

/* Facts of the instruction that the watcher is told of. */
static inline const struct sim_watch_slot *sim_watch_now(const struct sim_dpu *d)
{
    return d->watch->now;
}

/* Address of the load or store at ip, before it executes. */
static inline uint32_t sim_watch_address(const struct sim_watch_slot *slot,
                                         const struct sim_tasklet *t, const struct sim_insn *ip)
{
    uint32_t ra;
    memcpy(&ra, (const char *)t->r + ip->ra, sizeof ra);
    return (slot->is_safe ? ra & 0xffff : ra) + ip->imm;
}

/* ---- for predecode.c and dpu.c -------------------------------------------------------------- */

/* Let the code of d, which it has to itself from now on, be watched as asked for. False: no memory.
 */
bool sim_watch_attach(struct sim_dpu *d);
/* Is the slot watched? code->watch is not NULL. */
static inline bool sim_watch_wanted(const struct sim_code *code, uint32_t pc_insn)
{
    return code->watch->slot[pc_insn].watchers != 0;
}
/* Find out anew what the slot is and who wants it. */
void sim_watch_look(struct sim_code *code, uint32_t pc_insn);
sim_exec_fn sim_exec_watched;
void sim_watch_destroy(struct sim_watch *watch); /* NULL allowed */

#endif
