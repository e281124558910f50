/* SPDX-License-Identifier: MIT */
/* What dpusim adds to the SDK's host API: explanations, faults, statistics, limits, simulation
 * modes, failures on purpose. A program that includes it runs on dpusim only.
 *
 * All functions may be called while the DPUs of the set do not run, dpusim_interrupt while they do;
 * where a set is passed, any set or part of one that dpu.h accepts will do. They return the SDK's
 * error codes. */
#ifndef DPUSIM_DRIVER_H
#define DPUSIM_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dpu_api.h"
#include "dpu_error.h"
#include "dpu_types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dpu_program_t;

/* "0.1.0". Static. */
DPU_API_EXPORT const char *dpusim_driver_version(void);

/* The sentence that explains the last error returned to this thread; "" when there was none. An
 * error of an asynchronous job has it in the thread whose call returns the error.
 * Borrowed until the thread's next failing call.
 * Use: if (dpu_copy_to(set, "x", 0, &x, 6) != DPU_OK) puts(dpusim_last_message()); */
DPU_API_EXPORT const char *dpusim_last_message(void);

/* ------------------------------------------------------------------ faults -------------------- */

enum dpusim_fault_kind {
    DPUSIM_NO_FAULT,
    DPUSIM_BREAKPOINT_FAULT, /* fault instruction; code says why */
    DPUSIM_MEMORY_FAULT,     /* load or store outside WRAM, or misaligned */
    DPUSIM_DMA_FAULT,        /* transfer outside WRAM, IRAM or MRAM */
    DPUSIM_OTHER_FAULT,      /* a word that is no instruction: dpusim's own */
    DPUSIM_STACK_FAULT       /* a stack overflow that the checker of stacks stopped */
};

struct dpusim_fault {
    enum dpusim_fault_kind kind;
    uint32_t dpu_id;       /* as dpu_get_id */
    uint32_t dpu_index;    /* in the allocated set */
    uint32_t tasklet;      /* 0..23 */
    uint32_t pc;           /* index of the faulting instruction */
    uint32_t code;         /* of a breakpoint fault */
    uint32_t address;      /* byte offset in WRAM, IRAM or MRAM, where there is one */
    uint32_t length;       /* bytes of the access, 0: none */
    bool injected;         /* on purpose */
    uint64_t instructions; /* of the DPU before the fault */
    uint64_t cycle;
    char function[64]; /* "" when unknown */
    uint32_t offset;   /* instructions from the function's start */
    char file[256];    /* "" without line tables */
    uint32_t line;
    char rule[160]; /* the rule that was broken, with the numbers */
};

/* The fault of a DPU; of a set of ranks, that of its first DPU in fault. kind is DPUSIM_NO_FAULT
 * when there is none.
 * Returns DPU_OK; DPU_ERR_INVALID_DPU_SET; DPU_ERR_INTERNAL when fault is NULL. */
DPU_API_EXPORT dpu_error_t dpusim_last_fault(struct dpu_set_t set, struct dpusim_fault *fault);
/* The report that stands on stderr after a launch, as one text: fault with place and call stack.
 * *text is malloc'ed, the caller frees it; "" when the DPU is not in fault. */
DPU_API_EXPORT dpu_error_t dpusim_explain_fault(struct dpu_set_t set, char **text);
/* Switch the reports on stderr of the allocated set on (default) or off. */
DPU_API_EXPORT dpu_error_t dpusim_set_reports(struct dpu_set_t set, bool on);

/* ------------------------------------------------------------------ checkers ------------------ */

/* Let checkers look at the launches of the DPUs of the set from now on: "memory", "races", "stack",
 * several divided by commas, "all", "none". What was written before counts as never written: call
 * it before the program is loaded. Same as the profile key simCheck. Findings stand on stderr after
 * the launch that found them.
 * Returns DPU_OK; DPU_ERR_INVALID_DPU_SET; DPU_ERR_INVALID_PROFILE with a sentence. */
DPU_API_EXPORT dpu_error_t dpusim_check(struct dpu_set_t set, const char *checkers);
/* What was found so far on the DPUs of the set: how many findings, and the reports as one text.
 * *text is malloc'ed, the caller frees it; "" when nothing was found. text may be NULL.
 * Use: dpusim_findings(set, &count, NULL); assert(count == 0); */
DPU_API_EXPORT dpu_error_t dpusim_findings(struct dpu_set_t set, uint32_t *count, char **text);

/* ------------------------------------------------------------------ machine ------------------- */

enum dpusim_mode { DPUSIM_FUNCTIONAL, DPUSIM_CYCLE };

/* Simulation mode of the DPUs of the set from the next launch on; memories, registers and the
 * program stay, a fault is gone. Same as the profile key simMode. get: of the first DPU. */
DPU_API_EXPORT dpu_error_t dpusim_set_mode(struct dpu_set_t set, enum dpusim_mode mode);
DPU_API_EXPORT dpu_error_t dpusim_get_mode(struct dpu_set_t set, enum dpusim_mode *mode);
/* Let launches of the ranks of the set end with DPU_ERR_TIMEOUT after so many instructions of a DPU
 * or so many seconds of host time; 0: no limit (default). */
DPU_API_EXPORT dpu_error_t dpusim_set_limits(struct dpu_set_t set, uint64_t max_instructions,
                                             double max_seconds);

/* End at once whatever the DPUs of the set run, as at a limit: each stops where it stands, the
 * launch ends with DPU_ERR_TIMEOUT (dpu_launch that waits, else dpu_sync), what is queued behind
 * it is dropped as after any failed job, the report says where every tasklet was. Memories can be
 * read then; the next launch starts from the beginning. DPUs that do not run are left alone. May be
 * called while another thread waits in a call on the set.
 * Returns DPU_OK; DPU_ERR_INVALID_DPU_SET. */
DPU_API_EXPORT dpu_error_t dpusim_interrupt(struct dpu_set_t set);

/* ------------------------------------------------------------------ statistics ---------------- */

struct dpusim_statistic {
    const char *name, *unit, *meaning; /* static */
    bool per_tasklet;
    bool cycle_mode_only; /* 0 in functional mode */
};

/* Number of statistics; description of one (0 <= index < number), NULL beyond. */
DPU_API_EXPORT uint32_t dpusim_nr_statistics(void);
DPU_API_EXPORT const struct dpusim_statistic *dpusim_describe_statistic(uint32_t index);
/* Values of a statistic of the last launch: one per DPU of the set in the order of DPU_FOREACH; of
 * a per-tasklet statistic nr_tasklets per DPU, DPU by DPU. values has room for `count` numbers.
 * Returns DPU_OK; DPU_ERR_INTERNAL for an unknown index or a wrong count.
 * Use: dpusim_read_statistic(set, index, 1, cycles, nr_dpus); */
DPU_API_EXPORT dpu_error_t dpusim_read_statistic(struct dpu_set_t set, uint32_t index,
                                                 uint32_t nr_tasklets, uint64_t *values,
                                                 size_t count);
/* Index of the statistic of that name ("cycles", "instructions", "tasklet_instructions", ...), -1
 * when unknown. */
DPU_API_EXPORT int dpusim_find_statistic(const char *name);

/* ------------------------------------------------------------------ time line ----------------- */

/* An estimate, apart from simulated cycles, of what the calls on a set would take on a server:
 * transfers, loads and launches by a fit to measurements of one server (settings host.*), kernels
 * by the cycles of the slowest DPU where they ran in cycle mode. Work between the calls is not in
 * it. */
enum dpusim_phase {
    DPUSIM_PHASE_LOAD,     /* programs */
    DPUSIM_PHASE_TO_DPU,   /* transfers to DPUs */
    DPUSIM_PHASE_LAUNCH,   /* starting DPUs and noticing that they have stopped */
    DPUSIM_PHASE_KERNEL,   /* the slowest DPU, simulated */
    DPUSIM_PHASE_FROM_DPU, /* transfers from DPUs */
    DPUSIM_NR_PHASES
};

struct dpusim_timeline_entry {
    const char *call; /* "dpu_push_xfer"; static */
    enum dpusim_phase phase;
    uint32_t first_rank, nr_ranks, nr_dpus;
    uint64_t calls;          /* in a row, that became one entry: copies in a loop over DPUs */
    uint64_t bytes;          /* of all its DPUs and calls */
    double start_s, seconds; /* from the first call on */
    uint64_t cycles;         /* of a kernel */
    bool timed;              /* false: a kernel that ran in functional mode, wholly or in part */
};

struct dpusim_timeline_sums {
    uint64_t calls[DPUSIM_NR_PHASES], bytes[DPUSIM_NR_PHASES];
    double seconds[DPUSIM_NR_PHASES]; /* what overlaps counts as often */
    double end_s;                     /* of the last call; asynchronous ones overlap */
    uint64_t untimed_kernels;
};

/* Begin the time line of the allocated set, anew if there is one; DPUSIM_TIMELINE and the profile
 * key simTimeline do it at allocation. Returns DPU_OK; DPU_ERR_INVALID_DPU_SET; DPU_ERR_SYSTEM. */
DPU_API_EXPORT dpu_error_t dpusim_timeline_start(struct dpu_set_t set);
/* Sums by phase; entries in the order of their calls: at most `room` are written, *count is their
 * number. The text is a table for people, malloc'ed, the caller frees it.
 * Returns DPU_OK; DPU_ERR_INVALID_DPU_SET; DPU_ERR_INTERNAL when none was begun or an argument is
 * NULL; DPU_ERR_SYSTEM.
 * Use: dpusim_timeline_start(set); ...; dpusim_timeline_sum(set, &sums); printf("%g", sums.end_s);
 */
DPU_API_EXPORT dpu_error_t dpusim_timeline_sum(struct dpu_set_t set,
                                               struct dpusim_timeline_sums *sums);
DPU_API_EXPORT dpu_error_t dpusim_timeline_entries(struct dpu_set_t set,
                                                   struct dpusim_timeline_entry *entries,
                                                   size_t room, size_t *count);
DPU_API_EXPORT dpu_error_t dpusim_timeline_text(struct dpu_set_t set, char **text);
/* "load", "to_dpu", "launch", "kernel", "from_dpu"; NULL: no phase. Static. */
DPU_API_EXPORT const char *dpusim_phase_name(enum dpusim_phase phase);

/* ------------------------------------------------------------------ failures on purpose ------- */

/* Add failures to the allocated set, in the words of docs/how-to/inject-faults.md, several divided
 * by semicolons: "dma:dpu=2,tasklet=5,dma,nth=3", "call:name=dpu_launch,error=TIMEOUT,nth=2",
 * "flip:dpu=0,bit=7,nth=1", "hang:dpu=1".
 * Returns DPU_OK; DPU_ERR_INVALID_PROFILE with a sentence. */
DPU_API_EXPORT dpu_error_t dpusim_inject(struct dpu_set_t set, const char *specifications);
DPU_API_EXPORT dpu_error_t dpusim_clear_injections(struct dpu_set_t set);

/* ------------------------------------------------------------------ symbols ------------------- */

/* Host-visible symbols of a program one by one, index from 0: name (borrowed, lives as long as the
 * program) and place. Returns DPU_OK; DPU_ERR_UNKNOWN_SYMBOL beyond the last. */
DPU_API_EXPORT dpu_error_t dpusim_program_symbol(struct dpu_program_t *program, uint32_t index,
                                                 const char **name, struct dpu_symbol_t *symbol);

#ifdef __cplusplus
}
#endif

#endif
