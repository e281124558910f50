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

#include "quiet.h"

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
    SIM_WATCH_PUSH = 1 << 12,    /* of these: of bytes at or above it */
    SIM_WATCH_RAISE = 1 << 13,   /* the stack pointer is written, and may rise */
    SIM_WATCH_LOWER = 1 << 14,   /* and may fall */
    SIM_WATCH_PC = 1 << 15       /* of a slot: somebody wants it for its index */
};

struct sim_watcher;

/* Before the instruction at ip executes; t->ip is ip. The instruction to go on with in its place,
 * or NULL: it is executed. May leave a fault in d->event (see sim_watch_fault). */
typedef const struct sim_insn *sim_watch_before(struct sim_watcher *watcher, struct sim_dpu *d,
                                                struct sim_tasklet *t, const struct sim_insn *ip);
/* After it executed; t goes on at next. In cycle mode the bytes of a DMA transfer move later. */
typedef void sim_watch_after(struct sim_watcher *watcher, struct sim_dpu *d, struct sim_tasklet *t,
                             const struct sim_insn *ip, const struct sim_insn *next);

/* Of which accesses of t to the doubleword of WRAM need the watcher not be told? See quiet.h. */
typedef enum sim_quietness sim_watch_quiet(struct sim_watcher *watcher, const struct sim_dpu *d,
                                           const struct sim_tasklet *t, uint32_t doubleword);

/* Who watches what: the instructions of some classes, and those at some indices. The caller's;
 * usually the first member of what else it needs. */
struct sim_watcher {
    sim_watch_before *before; /* NULL: not told */
    sim_watch_after *after;
    uint32_t classes; /* of enum sim_watch_class */
    /* Of these, those that it need not be told of when all agree: loads and stores for which quiet
     * says so, acquires that fail. */
    uint32_t quiet_classes;
    sim_watch_quiet *quiet; /* NULL: it has no say */
    uint64_t pcs[ISA_IRAM_INSNS / 64];
};

/* What is known of an instruction before it executes. As large as a sim_insn, so that one is found
 * from the other without a division. */
struct sim_watch_slot {
    sim_run_fn *plain[SIM_FLOWS]; /* executes it when nobody is to be told */
    struct sim_watcher *only;     /* the one who wants it, if only told before; else NULL */
    uint16_t watchers;            /* bit n: sim_watch.watcher[n] wants it */
    uint16_t classes;
    uint8_t bytes; /* of WRAM loaded or stored; 0: none */
    bool is_write, is_safe;
    bool may_be_quiet; /* watchers need not always be told */
    uint64_t spare[2];
};
_Static_assert(sizeof(struct sim_watch_slot) == sizeof(struct sim_insn), "same distances");

#define SIM_MAX_WATCHERS 16

struct sim_watch {
    const struct sim_watch_slot *now; /* of the instruction that watchers are told of */
    struct sim_watcher *watcher[SIM_MAX_WATCHERS];
    struct sim_watcher *voter[SIM_MAX_WATCHERS]; /* those with a say in what is quiet */
    unsigned n_voters;
    struct sim_watch_slot slot[ISA_IRAM_INSNS];
    struct sim_quiet quiet;
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

static inline const struct sim_watch_slot *sim_watch_slot_of(const struct sim_dpu *d,
                                                             const struct sim_insn *ip)
{
    size_t distance = (size_t)((const char *)ip - (const char *)d->code->insn);
    return (const struct sim_watch_slot *)(const void *)((const char *)d->watch->slot + distance);
}

/* Address of the load or store at ip, before it executes. */
static inline uint32_t sim_watch_address(const struct sim_watch_slot *slot,
                                         const struct sim_tasklet *t, const struct sim_insn *ip)
{
    uint32_t ra;
    memcpy(&ra, (const char *)t->r + ip->ra, sizeof ra);
    return (slot->is_safe ? ra & 0xffff : ra) + ip->imm;
}

/* May so many bytes be loaded or stored there? Else it is a fault. */
static inline bool sim_watch_is_legal(const struct sim_dpu *d, unsigned bytes, uint32_t address)
{
    return !(address & (bytes - 1)) && address <= d->wram_units[0] - bytes;
}

/* Adds the instruction a constant to a register? */
static inline bool sim_watch_is_step(const struct sim_insn *ip)
{
    return ip->form == ISA_ADD_RRI && ip->ra == ip->rc;
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
/* The functions that tell of the slot, or execute it alone when nobody is to be told; plain: those
 * that do so anyway. */
void sim_watch_choose(struct sim_code *code, uint32_t pc_insn, sim_run_fn *const plain[SIM_FLOWS]);
/* Find out anew what the slot is and who wants it. */
void sim_watch_look(struct sim_code *code, uint32_t pc_insn);
sim_exec_fn sim_exec_watched;
/* Tell the watchers of the instruction at ip, which may be quiet, and find out whether it will be
 * the next time. A fault may be left in d->event: then sim_exec_watched does nothing more. */
void sim_watch_tell(struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip);
void sim_watch_destroy(struct sim_watch *watch); /* NULL allowed */

#endif
