/* SPDX-License-Identifier: MIT */
/* What happens in a DPU, told in a form that profiles, traces and reports can use directly: every
 * cycle of every tasklet with its cause and the instruction it belongs to, calls and returns, DMA
 * transfers. One collector per DPU, fed by the events of hooks; its sinks are told. Private to
 * sim/.
 *
 * Which instruction a cycle belongs to: `contended` and `hazard` to the one that waits to issue;
 * all other causes to the one that issued last, as it is what the tasklet waits for. Cycles before
 * a tasklet's first instruction and of the drain belong to none (SIM_NO_PC).
 *
 * Cycles count from the attachment of the collector; a launch begins where the one before ended. */
#ifndef SIM_COLLECT_H
#define SIM_COLLECT_H

#include "state.h"

enum {
    SIM_NO_PC = ISA_IRAM_INSNS, /* row of what belongs to no instruction */
    SIM_PC_ROWS,
    SIM_ROOT_NODE = 0,     /* what belongs to no function */
    SIM_MOST_NODES = 4096, /* deeper or wider call trees are folded */
    SIM_MOST_FRAMES = 64
};

/* A function as called from one place of one caller: the call tree. */
struct sim_node {
    uint32_t parent, first_child, sibling; /* 0: none */
    uint32_t function;                     /* index into functions */
    uint32_t call_pc;                      /* in the parent; SIM_NO_PC: it begins there */
    uint64_t calls;
};

struct sim_function {
    const char *name; /* borrowed from the program */
    uint32_t pc_insn; /* of its first instruction seen by symbol */
};

/* A stretch of cycles of one tasklet. */
struct sim_slice {
    unsigned tasklet;
    enum sim_cause cause;
    uint32_t pc_insn, node;
    uint64_t from_cycle, cycles;
};

struct sim_transfer {
    unsigned tasklet;
    uint32_t pc_insn, mram_offset, address, len_bytes;
    bool is_write;
    uint64_t request_cycle, start_cycle, end_cycle, wake_cycle;
};

/* Whoever wants to know. NULL functions are not called. */
struct sim_sink {
    struct sim_sink *next;
    void (*slice)(struct sim_sink *sink, const struct sim_slice *slice);
    void (*enter)(struct sim_sink *sink, unsigned tasklet, uint32_t node, uint64_t cycle);
    void (*leave)(struct sim_sink *sink, unsigned tasklet, uint64_t cycle);
    void (*transfer)(struct sim_sink *sink, const struct sim_transfer *transfer);
    void (*launch)(struct sim_sink *sink, uint64_t cycle); /* begins here */
    /* everything a hook is told, before the collector looks at it */
    void (*event)(struct sim_sink *sink, const struct sim_event *event);
};

struct sim_walk { /* of one tasklet through the launch */
    bool live, running;
    uint64_t at;                    /* attributed up to here */
    uint64_t spaced, queued, ready; /* ends of the phases of the current wait */
    uint32_t pc_insn, node;         /* issued last */
    struct sim_frame_seen {
        uint32_t node, return_pc;
    } frame[SIM_MOST_FRAMES];
    unsigned depth; /* frames in use; beyond SIM_MOST_FRAMES only counted */
};

enum { SIM_HAZARDS = 32 }; /* a ready tasklet waits for fewer issues than that */

struct sim_collector {
    struct sim_sink *sinks;
    struct isa_program *program; /* reference */
    struct sim_function *functions;
    unsigned n_functions;
    uint16_t function_of[SIM_PC_ROWS];
    struct sim_node *nodes;
    uint32_t n_nodes;
    struct sim_walk walk[ISA_MAX_THREADS];
    struct sim_period {
        uint64_t from, until;
    } hazard[SIM_HAZARDS];
    unsigned n_hazards;
    uint64_t base, launches; /* cycle at which the launch began */
    bool active, timed, drained;
    struct sim_event memory; /* of the instruction under way: its DMA */
    bool no_memory;          /* the call tree could not grow */
};

/* Add a sink to the DPU's collector, which is created if need be. Errors: NO_MEMORY, NO_PROGRAM. */
DPUSIM_NODISCARD enum dpusim_status sim_collect_attach(struct sim_dpu *d, struct sim_sink *sink,
                                                       struct isa_diag *diag);
/* Settles; the last sink takes the collector with it. */
void sim_collect_detach(struct sim_dpu *d, struct sim_sink *sink);
/* dpu.c: a launch begins; its numbers are about to be forgotten. */
void sim_collect_begin(struct sim_dpu *d);
void sim_collect_end(struct sim_dpu *d);
/* Tell the sinks every cycle up to now. */
void sim_collect_settle(struct sim_dpu *d);
void sim_collect_event(struct sim_dpu *d, const struct sim_event *event);
/* Does the tasklet execute the function, or something that it called? pc_insn: what comes next. */
bool sim_collect_inside(const struct sim_collector *c, unsigned tasklet, uint32_t pc_insn,
                        uint32_t function);
/* Number of the function of that name; 0: none. */
uint32_t sim_collect_function(const struct sim_collector *c, const char *name);
/* Cycles since the attachment up to the end of the current launch. */
uint64_t sim_collect_cycles(const struct sim_dpu *d);

#endif
