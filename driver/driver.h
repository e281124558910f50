/* SPDX-License-Identifier: MIT */
/* What the host library keeps behind the SDK's opaque handles, and who does what. Private to
 * driver/.
 *
 * A rank owns its DPUs and one ordered queue of jobs (queue.c). Everything that touches a DPU holds
 * its rank: a synchronous call acquires the idle ranks of its set and works in the caller's thread,
 * an asynchronous one is queued and works in the rank's thread. Work on many DPUs is spread over
 * the threads of the process-wide pool (pool.c). A DPU that runs belongs to the pool thread that
 * runs it; others get at its memory through drv_pause / drv_resume. */
#ifndef DRIVER_H
#define DRIVER_H

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "dpusim.h" /* of sim/ */
#include "include/dpu.h"
#include "include/dpu_description.h"
#include "include/dpu_elf.h"
#include "include/dpu_management.h"
#include "include/dpu_profiler.h"
#include "include/dpu_program.h"
#include "include/dpu_runner.h"
#include "include/dpu_transfer_matrix.h"

enum {
    DRV_MAX_SLICES = 8,
    DRV_MAX_MEMBERS = 8,
    DRV_MAX_DPUS = DRV_MAX_SLICES * DRV_MAX_MEMBERS, /* of a rank */
    DRV_MAX_THREADS_PER_RANK = 8,
    DRV_WHOLE_SET = -1 /* index given to callbacks that run once */
};

/* ---- text, errors, log ----------------------------------------------------------------------- */

enum drv_level { DRV_SILENT, DRV_WARNING, DRV_INFO, DRV_DEBUG, DRV_VERBOSE };

/* verbose.c: one line to where UPMEM_VERBOSE says; warnings go to stderr by default. */
void drv_log(enum drv_level level, const char *module, const char *format, ...) DPUSIM_PRINTF(3, 4);
/* error.c: remember the sentence for dpusim_last_message, log it as a warning, return the error. */
dpu_error_t drv_fail(dpu_error_t error, const char *format, ...) DPUSIM_PRINTF(2, 3);
/* Remember the sentence and no more: what it tells has been told, or a caller will decide. */
void drv_note(const char *format, ...) DPUSIM_PRINTF(1, 2);
/* The SDK's error of a status of the libraries below. */
dpu_error_t drv_error_of(enum dpusim_status status);
/* Error by its enumerator, with or without DPU_ERR_; DPU_OK: unknown. */
dpu_error_t drv_error_by_name(const char *name);
const char *drv_nearest_error(const char *name);
const char *drv_last_message(void);

/* ---- profile --------------------------------------------------------------------------------- */

enum drv_key_kind { DRV_KEY_INT, DRV_KEY_MASK, DRV_KEY_BOOL, DRV_KEY_TEXT };

enum drv_key {
#define KEY(id, ...) DRV_KEY_##id,
#include "profile.def"
#undef KEY
    DRV_KEY_COUNT
};

struct drv_profile {
    bool given[DRV_KEY_COUNT];
    int64_t number[DRV_KEY_COUNT]; /* integers, masks, booleans */
    char *text[DRV_KEY_COUNT];     /* texts; NULL: not given */
};

/* profile.c: UPMEM_PROFILE_BASE, the argument, UPMEM_PROFILE, later ones first in force. */
dpu_error_t drv_profile_read(struct drv_profile *profile, const char *argument);
void drv_profile_fini(struct drv_profile *profile);

/* What the profile, the environment and dpusim_* calls say about a set's machines. */
struct drv_machine {
    struct sim_config sim;
    struct sim_limits limits;
    uint8_t chip_id;
    uint32_t memory_bytes[ISA_MEMORY_COUNT]; /* that the host may use */
    unsigned nr_slices, nr_members;          /* of a rank */
    unsigned max_ranks;
    unsigned all_ranks; /* what DPU_ALLOCATE_ALL gives */
    unsigned jobs_per_rank;
    bool fault_reports;
    bool sg_enabled;
    uint32_t sg_max_blocks; /* 0: number of DPUs of the set */
    uint64_t disabled_mask;
    uint32_t fck_mhz, clock_division;
    dpu_type_t type;
    char cycle_from[96], cycle_until[96];        /* points of sim_point_parse; "": none */
    char statistics[PATH_MAX], digest[PATH_MAX]; /* files to append to; "": none */
    char timeline[PATH_MAX];                     /* file to write, or "-"; "": none */
    char outcomes[PATH_MAX];                     /* file to append to; "": none */
    char core[PATH_MAX];                         /* pattern of core files; "": none */
};

dpu_error_t drv_machine_from_profile(struct drv_machine *machine,
                                     const struct drv_profile *profile);

/* ---- failures on purpose --------------------------------------------------------------------- */

enum drv_inject_model {
#define MODEL(id, ...) DRV_INJECT_##id,
#include "inject_host.def"
#undef MODEL
    DRV_INJECT_DPU, /* an injection of the simulator */
    DRV_INJECT_COUNT
};

/* inject.c. */
struct drv_injection {
    enum drv_inject_model model;
    uint64_t set;           /* number of the allocation in the process, from 1; 0: every one */
    struct sim_ranges dpus; /* indices in the set */
    uint64_t nth;           /* use of the call, transfer or launch, from 1; 0: every one */
    char call[48];          /* name of the function */
    dpu_error_t error;
    uint64_t bit, at;                              /* of a transfer; of MRAM, from a byte on */
    char spec[sizeof((struct sim_spec *)0)->text]; /* DRV_INJECT_DPU: for the simulator, without
                                                    * set=, dpu= and launch= */
    atomic_uint_fast64_t uses;                     /* of the call */
};

struct drv_set;
struct drv_region;
/* Add to a set that is allocated, whose ranks are held: all of the text or nothing. */
dpu_error_t drv_inject_add(struct drv_set *set, const char *text);
void drv_inject_clear(struct drv_set *set);
/* Injections of the environment and the profile become part of a new set. */
dpu_error_t drv_inject_collect(struct drv_set *set, const struct drv_profile *profile);
/* DPU_OK, or the error that this use of the call shall return. set NULL: process-wide ones. */
dpu_error_t drv_inject_call(struct drv_set *set, const char *call);
/* Arm the simulator's injections of a DPU for the launch that begins. */
dpu_error_t drv_inject_arm(struct dpu_t *dpu);
/* Shall the launch that begins never end, or be given up at once? */
bool drv_inject_hangs(const struct dpu_t *dpu);
bool drv_inject_times_out(const struct dpu_t *dpu);
/* Flip the bit that an injection names, where the bytes arrived. */
void drv_inject_flip(struct dpu_t *dpu, const struct drv_region *region, dpu_xfer_t direction,
                     void *buffer);
#define DRV_ENTER(set)                                                                             \
    do {                                                                                           \
        dpu_error_t forced_ = drv_inject_call(set, __func__);                                      \
        if (forced_ != DPU_OK)                                                                     \
            return forced_;                                                                        \
    } while (0)

/* ---- pool ------------------------------------------------------------------------------------ */

/* pool.c: call work(context, i) for 0 <= i < count, side by side, the caller helping; returns when
 * all are done. */
void drv_pool_for(uint32_t count, void (*work)(void *context, uint32_t i), void *context);
/* Queue new tasks, linked by next; each is called once, in this order, by some thread. False when
 * no thread can be had: nothing was queued. */
struct drv_task {
    struct drv_task *next;
    void (*work)(struct drv_task *task);
};
bool drv_pool_submit(struct drv_task *tasks, uint32_t count);
/* Call a task once more, after the new ones. By the task itself. */
void drv_pool_continue(struct drv_task *task);
unsigned drv_pool_threads(void); /* DPUSIM_THREADS, else the number of processors */

/* ---- DPUs, ranks, sets ----------------------------------------------------------------------- */

struct drv_launch;

/* observe.c: what a DPU left after a launch, as text; NULL: not wanted. */
struct drv_observed {
    char *statistics, *digest, *outcomes;
};
void drv_observe_dpu(const struct dpu_t *dpu, struct drv_observed *observed);
void drv_observed_free(struct drv_observed *observed);
void drv_observe_launch(const struct drv_launch *launch);
/* outcome.c: how the launch of a DPU ended, and what was injected into it, as lines. */
void drv_outcome_print(FILE *out, const struct dpu_t *dpu);
/* Tell that a failure on the host's side happened; how many transfers the DPUs of a set had. */
void drv_outcome_struck(const struct dpu_t *dpu, const char *model);
void drv_outcome_finish_set(const struct drv_set *set);

struct dpu_t {
    struct drv_task task; /* a slice of its run; first member */
    struct dpu_rank_t *rank;
    struct sim_dpu *sim;
    struct dpu_program_t *program;
    uint8_t slice, member;
    bool enabled;
    bool iram_written;
    uint32_t index;                           /* in the allocated set, enabled DPUs only */
    uint64_t launches, transfers;             /* so far */
    unsigned findings_told;                   /* of its checkers */
    const struct isa_program *window_program; /* whose window is set */
    bool timed_out;                           /* the last launch did */
    bool hang;                                /* the current launch never ends */
    bool stop;                                /* by owner: end the run at once, run bits stay */
    struct dpu_context_t *debug_context;
    struct drv_recorder *recorder; /* recorder.c; NULL: nothing is recorded */
    /* while it runs */
    struct drv_launch *launch;
    uint64_t instructions_left; /* of the limit; 0: no limit */
    struct timespec deadline;   /* tv_sec 0: none */
    atomic_bool running, fault;
    pthread_mutex_t owner; /* of sim */
    pthread_cond_t resumed;
    atomic_uint pauses;      /* threads that want the DPU while it runs */
    volatile bool interrupt; /* looked at by the simulator */
    atomic_bool given_up;    /* end the run as at a limit */
    atomic_bool kill;        /* end a run that never ends by injection: the set is freed */
};

struct drv_job;

/* What went wrong behind the back of the caller, and the sentence for it. */
struct drv_failure {
    dpu_error_t error; /* DPU_OK: nothing */
    char sentence[512];
};

struct dpu_rank_t {
    struct drv_set *set;
    struct drv_machine machine;
    uint16_t id;
    uint32_t index;                  /* in the set */
    struct dpu_t dpus[DRV_MAX_DPUS]; /* slice * nr_members + member */
    unsigned nr_dpus;                /* positions, enabled or not */
    struct _dpu_description_t *description;
    struct _dpu_run_context_t run;             /* as of the last poll; under lock */
    struct _dpu_profiling_context_t profiling; /* as dpu_fill_profiling_info left it */
    bool polled_by_caller;                     /* booted below the queue: only polls refresh run */
    struct dpu_transfer_matrix prepared;       /* by dpu_prepare_xfer, outside of callbacks */
    pthread_mutex_t lock;                      /* dpu_lock_rank: recursive */
    /* queue.c */
    pthread_mutex_t queue_lock;
    pthread_cond_t queue_changed;
    struct drv_job *head, *tail;
    unsigned n_jobs;     /* queued and not finished */
    unsigned n_detached; /* nonblocking callbacks that still run */
    unsigned n_syncing;  /* of these, those that wait in dpu_sync */
    bool held;           /* by a job or a synchronous call */
    unsigned n_running;  /* DPUs */
    bool stop;
    pthread_t thread;
    long thread_process;       /* that started the thread; 0: no thread yet */
    dpu_error_t stopping;      /* of the DPUs that have stopped while others still run */
    struct drv_failure failed; /* of an asynchronous job, with bit 31 */
};

/* What dpu_alloc made; the registry keeps all of them. */
struct drv_set {
    struct drv_set *next;
    pthread_mutex_t order; /* held while jobs enter the queues of several ranks */
    pthread_mutex_t programs_lock;
    struct dpu_set_t public_set; /* list.ranks points to ranks */
    const void *variable;        /* of the host program, that got it first; not to be followed */
    const void *site;            /* of the call that did so */
    struct dpu_rank_t **ranks;
    uint32_t nr_ranks, nr_dpus;
    struct dpu_t **dpus; /* enabled ones by index */
    /* Jobs read the list while they hold a rank, and it changes while all are held; calls that hold
     * none read it under the lock. */
    struct drv_injection *injections;
    size_t n_injections;
    pthread_rwlock_t inject_lock;
    bool fault_reports;
    uint32_t number;               /* of the allocation in the process, from 1 */
    struct drv_record *record;     /* recorder.c; NULL: nothing is recorded */
    struct drv_timeline *timeline; /* timeline.c; NULL: not wanted */
    long timeline_process;         /* that writes it to a file; 0: none */
    uint32_t timeline_number;      /* of the file, from 1 */
    struct drv_program *programs;
    struct dpu_program_t *recent[16]; /* programs given out, kept valid for a while */
    unsigned n_recent;
};

/* alloc.c */
void drv_describe(struct _dpu_description_t *description, const struct drv_machine *machine);
/* The allocated set that a (sub-)set belongs to; NULL when its handle is stale or was never
 * valid. */
struct drv_set *drv_set_of(struct dpu_set_t set);
/* INVALID_DPU_SET or INTERNAL with a sentence unless the set is alive. */
dpu_error_t drv_set_check(struct dpu_set_t set, const char *call);

/* The ranks of a set and, for a one-DPU set, the DPU alone. */
struct drv_target {
    struct dpu_rank_t **ranks;
    uint32_t nr_ranks;
    struct dpu_t *dpu;      /* NULL: every enabled DPU of the ranks */
    struct dpu_rank_t *one; /* storage of `ranks` for a one-DPU set */
};
/* target must not move afterwards. */
dpu_error_t drv_target_from(struct drv_target *target, struct dpu_set_t set, const char *call);
/* Enabled DPUs of one rank of the target. */
static inline bool drv_in_target(const struct dpu_t *dpu, const struct dpu_t *only)
{
    return dpu->enabled && (!only || only == dpu);
}
/* The enabled DPUs of a rank in their order: the one behind `before` (NULL: the first); NULL: none.
 * Use: for (struct dpu_t *dpu = NULL; (dpu = drv_next_in(rank, only, dpu));) */
static inline struct dpu_t *drv_next_in(struct dpu_rank_t *rank, const struct dpu_t *only,
                                        const struct dpu_t *before)
{
    for (size_t i = before ? (size_t)(before - rank->dpus) + 1 : 0; i < rank->nr_dpus; i++)
        if (drv_in_target(&rank->dpus[i], only))
            return &rank->dpus[i];
    return NULL;
}
/* Those of a target. Use: for (struct drv_cursor at = {0}; drv_next(&target, &at);) ... at.dpu */
struct drv_cursor {
    uint32_t rank;
    struct dpu_t *dpu;
};
static inline bool drv_next(const struct drv_target *target, struct drv_cursor *at)
{
    for (; at->rank < target->nr_ranks; at->rank++)
        if ((at->dpu = drv_next_in(target->ranks[at->rank], target->dpu, at->dpu)))
            return true;
    return false;
}
static inline uint32_t drv_count(const struct drv_target *target)
{
    uint32_t n = 0;
    for (struct drv_cursor at = {0}; drv_next(target, &at);)
        n++;
    return n;
}
/* matrix.c: note the buffer in a rank's table for the DPUs of the target (only NULL: all enabled);
 * forget them. */
void drv_matrix_note(struct dpu_transfer_matrix *matrix, struct dpu_rank_t *rank,
                     struct dpu_t *only, void *buffer);
void drv_matrix_forget(struct dpu_transfer_matrix *matrix, struct dpu_rank_t *rank,
                       struct dpu_t *only);
static inline unsigned drv_matrix_index(const struct dpu_t *dpu)
{
    return dpu->member * dpu->rank->machine.nr_slices + dpu->slice;
}

/* ---- queue ----------------------------------------------------------------------------------- */

/* Kinds of c-api.md 4.2: numbers are part of asynchronous error codes. */
enum drv_job_kind {
#define JOB(id, number, ...) DRV_JOB_##id = (number),
#include "job.def"
#undef JOB
};

struct drv_job {
    struct drv_job *next;
    enum drv_job_kind kind;
    bool parallel; /* may start while DPUs run */
    bool detached; /* later jobs may start before it ends */
    struct dpu_rank_t *rank;
    dpu_error_t (*work)(struct drv_job *job); /* NULL: a place in the queue, see queue.c */
    dpu_error_t failure;                      /* why it was dropped */
    /* called instead of work when the job is dropped; may be NULL */
    void (*drop)(struct drv_job *job);
    void (*destroy)(struct drv_job *job); /* frees the job */
};

/* queue.c. Hold the ranks of a target for a synchronous call, when everything queued before it has
 * ended and nothing runs. Errors: the stored asynchronous error of a rank (nothing is held then).
 * Inside a blocking callback of a rank that rank is held already. */
enum drv_how {
    DRV_WHILE_RUNNING = 1, /* DPUs may run */
    DRV_EVEN_FAILED = 2    /* a stored error does not matter */
};
dpu_error_t drv_acquire(const struct drv_target *target, unsigned how);
void drv_release(const struct drv_target *target);
/* The destroy of jobs that own nothing but themselves. */
void drv_job_free(struct drv_job *job);
/* Queue a job; waits for a free slot. Takes ownership. Errors: the stored error; SYSTEM. */
dpu_error_t drv_submit(struct drv_job *job);
/* The same for one job in each of several ranks of a set, in one step: what other threads queue in
 * these ranks comes before all of them or after all of them. The first error. */
dpu_error_t drv_submit_all(struct drv_job *const *jobs, uint32_t count);
/* Wait until everything queued on the target's ranks has ended; deliver and clear stored errors. */
dpu_error_t drv_drain(const struct drv_target *target);
/* Keep jobs from starting, whatever is queued, for a call that bypasses the queue; waits for the
 * one that is being executed. */
void drv_hold(struct dpu_rank_t *rank);
void drv_unhold(struct dpu_rank_t *rank);
/* Nothing queued and nothing running; *failed: plain code of a stored failure, not cleared, whose
 * sentence becomes the caller's. */
bool drv_idle(const struct drv_target *target, dpu_error_t *failed);
/* n DPUs of the rank were started. Under no lock, by who holds the rank. */
void drv_rank_started(struct dpu_rank_t *rank, unsigned n);
/* One of them stopped, which the launch has been told; failed: what the rank stores for later
 * calls, or DPU_OK. */
void drv_rank_stopped(struct dpu_rank_t *rank, struct drv_launch *launch, dpu_error_t failed);
/* error.c: the asynchronous form of an error, and its plain form again. */
dpu_error_t drv_async_error(enum drv_job_kind kind, dpu_error_t error);
dpu_error_t drv_plain_error(dpu_error_t error);
void drv_queue_init(struct dpu_rank_t *rank);
void drv_queue_fini(struct dpu_rank_t *rank); /* waits for all jobs */
/* In a forked child, which has none of the threads: the rank is idle, what was queued is not done,
 * DPUs that ran have stopped somewhere. */
void drv_queue_after_fork(struct dpu_rank_t *rank);
/* What this thread holds while it runs a blocking callback: these ranks, each with its own table of
 * prepared buffers. Nests. */
struct drv_inside {
    struct dpu_rank_t **ranks;
    uint32_t nr_ranks;
    struct dpu_transfer_matrix *prepared; /* one per rank */
    struct drv_inside *outer;
};
void drv_enter_callback(struct drv_inside *inside);
void drv_leave_callback(void);
bool drv_inside_callback(const struct dpu_rank_t *rank);
/* This thread runs a nonblocking callback that was queued on the rank. */
bool drv_inside_detached(const struct dpu_rank_t *rank);
/* The table that dpu_prepare_xfer of this thread fills. */
struct dpu_transfer_matrix *drv_prepared(struct dpu_rank_t *rank);

/* ---- programs -------------------------------------------------------------------------------- */

/* program.c: a program that was loaded into DPUs of a set. */
struct drv_program {
    struct dpu_program_t public_program;
    struct isa_program *isa;
    struct drv_program *next; /* of the set */
};
/* The caller gives its reference back by drv_program_release. */
dpu_error_t drv_program_create(struct drv_program **out, struct drv_set *set,
                               struct isa_program *isa);
/* As dpu_free_program (NULL allowed), while other threads may load into other ranks of the set. */
void drv_program_release(struct drv_set *set, struct dpu_program_t *program);
void drv_programs_sweep(struct drv_set *set, bool all);
/* Fill the public part from a program file; references as they were: none. */
dpu_error_t drv_program_fill(struct dpu_program_t *program, const struct isa_program *isa,
                             uint32_t mram_bytes);
/* Symbol by name of the program common to the set. */
dpu_error_t drv_find_symbol(struct dpu_set_t set, const char *name, struct dpu_symbol_t *symbol,
                            const char *call);

/* ---- memory ---------------------------------------------------------------------------------- */

/* A piece of a DPU memory. */
struct drv_region {
    enum isa_memory memory;
    uint32_t offset_bytes;
    size_t len_bytes;
};
/* xfer.c: memory and offset of a tagged address. */
struct drv_region drv_region_of(uint32_t address, size_t len_bytes);
/* memory.c: bounds and multiples against this rank's memories. */
dpu_error_t drv_check_region(const struct dpu_rank_t *rank, const struct drv_region *region,
                             const char *call);
/* The multiples alone, which need no rank. */
dpu_error_t drv_check_multiples(const struct drv_region *region, const char *call);
/* Copy; the region has been checked. A running DPU is paused for the time. */
void drv_write(struct dpu_t *dpu, const struct drv_region *region, const void *data);
void drv_read(struct dpu_t *dpu, const struct drv_region *region, void *data);
/* One of the two, with the failures injected into transfers. */
void drv_move(struct dpu_t *dpu, const struct drv_region *region, dpu_xfer_t direction,
              void *buffer);
/* The same for several DPUs, side by side when it is much. */
struct drv_piece {
    struct dpu_t *dpu;
    void *buffer;
};
void drv_move_all(const struct drv_region *region, dpu_xfer_t direction,
                  const struct drv_piece *pieces, uint32_t count);
enum drv_job_kind drv_copy_job(enum isa_memory memory, dpu_xfer_t direction, bool broadcast,
                               bool parallel);

/* run.c: get at the simulator of a DPU that may run, for a moment. */
void drv_pause(struct dpu_t *dpu);
void drv_resume(struct dpu_t *dpu);

/* One call of dpu_launch: what its DPUs did, told in the order of the DPUs when all are done. */
struct drv_launch {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint32_t pending;  /* DPUs that run */
    uint32_t leaving;  /* DPUs whose rank still counts them as running */
    uint32_t holders;  /* jobs and callers that still look at it */
    dpu_error_t error; /* FAULT before TIMEOUT */
    uint32_t nr_dpus;
    bool synchronous, reports;
    size_t in_timeline; /* SIZE_MAX: not there */
    bool over;          /* the reports are out and no rank counts a DPU of this launch as running */
    enum drv_job_kind kind;
    struct drv_report {
        struct dpu_t *dpu;
        char *text; /* NULL: nothing to tell */
        dpu_error_t error;
        struct drv_observed observed;
    } report[];
};
struct drv_launch *drv_launch_create(const struct drv_target *target, bool synchronous);
void drv_launch_release(struct drv_launch *launch);
/* Boot and run the DPUs of one rank of a target; the rank is held. */
dpu_error_t drv_launch_rank(struct dpu_rank_t *rank, struct dpu_t *only, struct drv_launch *launch);
/* Put a DPU that does not run into the state of a launch: tasklet 0 at index 0. */
dpu_error_t drv_boot(struct dpu_t *dpu);
void drv_halt(struct dpu_t *dpu);
/* run.c: end the run of a DPU, if it runs, as at a limit. From any thread. */
void drv_give_up(struct dpu_t *dpu);
/* report.c: what is to be told about a DPU that stopped; malloc'ed, NULL: nothing. */
char *drv_report_text(struct dpu_t *dpu, const struct sim_outcome *outcome, bool timed_out);
/* The same, and what checkers have found since the last time. */
char *drv_report_launch(struct dpu_t *dpu, const struct sim_outcome *outcome, bool timed_out);
/* All findings of a DPU; NULL: none, or out of memory. */
char *drv_report_findings(const struct dpu_t *dpu);
void drv_report_print(const struct drv_launch *launch);
/* One sentence about the first DPU (of a rank; NULL: of all) that ended with that error. */
void drv_report_sentence(struct drv_launch *launch, const struct dpu_rank_t *rank,
                         dpu_error_t error, char *out, size_t size);

/* recorder.c: profiles and traces of launches. What the environment and the profile wish, for a
 * new set; begin before a boot; write what a DPU that does not run has recorded. */
dpu_error_t drv_recorder_collect(struct drv_set *set, const struct drv_profile *profile);
void drv_recorder_boot(struct dpu_t *dpu);
void drv_recorder_finish(struct dpu_t *dpu);
void drv_recorder_finish_set(struct drv_set *set);
void drv_recorder_free_set(struct drv_set *set);

/* timeline.c: an estimated time line of the calls on a set, as long as set->timeline is there.
 * Where a call stands: number of the call outside of callbacks; within a callback 1 + the rank's
 * index, and number of the call there. */
struct drv_place {
    uint64_t call;
    uint32_t part, number;
};
struct drv_timeline *drv_timeline_create(void);
void drv_timeline_destroy(struct drv_timeline *timeline);
void drv_timeline_restart(struct drv_timeline *timeline);
/* A transfer: whether the host waits for its end, and whether it happens beside what the ranks do;
 * name: static. */
struct drv_moved {
    struct sim_host_call call;
    bool waits, beside;
    const char *name;
};
void drv_timeline_transfer(const struct drv_target *target, const struct drv_moved *moved);
void drv_timeline_load(const struct drv_target *target, const struct isa_program *isa);
/* Returns what drv_timeline_ran wants to be told when a DPU of the launch has stopped. */
size_t drv_timeline_launch(const struct drv_target *target, bool waits);
void drv_timeline_ran(const struct dpu_t *dpu, size_t launch);
void drv_timeline_wait(const struct drv_target *target);
/* A callback; the number is that of the places of the calls that its function makes. */
uint64_t drv_timeline_callback(const struct drv_target *target, bool waits);
/* The place of this thread while it runs such a function; NULL: none. Returns the one before. */
struct drv_place *drv_timeline_enter(struct drv_place *place);
/* timeline_text.c: what the environment and the profile wish; write it. */
dpu_error_t drv_timeline_collect(struct drv_set *set);
void drv_timeline_finish_set(struct drv_set *set);

/* load.c: write a program into a DPU that does not run. */
dpu_error_t drv_load_into(struct dpu_t *dpu, struct isa_program *isa);
/* Tasklets, chip and segments of a program against the DPUs of a rank. */
dpu_error_t drv_check_program(const struct isa_program *isa, const struct dpu_rank_t *rank);
/* realpath; SYSTEM when there is no such file. */
dpu_error_t drv_resolve(char resolved[PATH_MAX], const char *path);

#endif
