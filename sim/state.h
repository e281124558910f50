/* SPDX-License-Identifier: MIT */
/* All state of one DPU, and the predecoded program that it executes. Private to sim/.
 *
 * The layout serves the engine: registers and constants are one array, so every source is one load;
 * WRAM lies inside the struct, so an access needs no pointer load; the zero flag is kept as the
 * value whose zeroness it is, so writing it is one store. */
#ifndef SIM_STATE_H
#define SIM_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "dpusim.h"

struct sim_insn;
struct sim_tasklet;
struct sim_watch;
struct sim_checks;
struct sim_schedule;

/* Execute one instruction of t and return the next one. Out-of-the-ordinary results (fault, change
 * of the running set, DMA in cycle mode) are left in d->event. */
typedef const struct sim_insn *sim_exec_fn(struct sim_dpu *d, struct sim_tasklet *t,
                                           const struct sim_insn *ip);
/* Execute from ip on without returning until something happens; see engine.h. */
typedef void sim_run_fn(struct sim_tasklet *t, const struct sim_insn *ip, uint64_t spare,
                        uint64_t spare2, uint64_t limit, struct sim_dpu *d);

/* Ways to go on after an instruction: to the same tasklet; to the next one in the ring; to the one
 * that can issue in the next cycle. */
enum sim_flow { SIM_STRAIGHT, SIM_LEVEL, SIM_TIMED, SIM_FLOWS };

/* One predecoded instruction. Registers are byte offsets into sim_tasklet.r. */
struct sim_insn {
    sim_run_fn *run[SIM_FLOWS];
    sim_exec_fn *exec;
    uint8_t rc, ra, rb;
    uint8_t cond;     /* enum isa_cond */
    uint32_t imm;     /* immediate, offset or shift amount, sign-extended as its kind says */
    int32_t jump;     /* bytes from the following sim_insn to the target */
    uint32_t imm2;    /* second immediate (stores) */
    uint16_t form;    /* enum isa_form; ISA_ILLEGAL */
    uint16_t pc_next; /* index of the following instruction, modulo 4096 */
    bool big;         /* !big */
};

/* Predecoded IRAM. One slot more than IRAM has leads back to slot 0. DPUs with equal IRAM may share
 * one; it is changed only while it has a single reference. */
struct sim_code {
    struct sim_insn insn[ISA_IRAM_INSNS + 1];
    uint64_t word[ISA_IRAM_INSNS];
    bool may_change_itself;  /* holds, or held, an ldmai */
    struct sim_watch *watch; /* watch.h; NULL: nobody watches. Else it is not shared. */
    atomic_uint references;
    /* what the last program loaded over it made, for the DPUs that load the same */
    pthread_mutex_t lock;
    struct isa_program *next_program;
    struct sim_code *next;
};

/* Time inside the DMA engine is kept in 1/256 cycle. */
#define SIM_DMA_FRACTION 256
#define SIM_SIZE_CLASSES 9 /* 8, 16, 32 .. 2048 bytes */

/* What an injection or a hook does to a transfer. */
struct sim_dma_error {
    uint8_t kind; /* enum sim_dma_error_kind */
    uint32_t at;  /* line of the address, 8 bytes, or bit */
    bool level;   /* of the line */
};
enum sim_dma_error_kind {
    SIM_DMA_FINE,
    SIM_DMA_ADDRESS, /* a line of the MRAM address is stuck */
    SIM_DMA_LOST,    /* nothing arrives */
    SIM_DMA_SHORT,   /* ends early */
    SIM_DMA_TWICE,   /* 8 bytes arrive twice */
    SIM_DMA_BIT,     /* a bit arrives inverted */
    /* what a hook does to it; at: the tasklet */
    SIM_DMA_OTHER_PLACE, /* addresses or length */
    SIM_DMA_OTHER_BYTES  /* these, and what arrives */
};

/* A DMA transfer under way (cycle mode). */
struct sim_dma {
    uint64_t wake_cycle;             /* bytes move and the tasklet goes on at this cycle */
    uint64_t wait_from_cycle;        /* the tasklet would have gone on without the transfer */
    uint64_t queue_cycles;           /* of the time until wake_cycle: because the engine was busy */
    uint64_t start_cycle, end_cycle; /* the engine is busy with it */
    uint32_t local_addr;             /* WRAM or IRAM byte offset */
    uint32_t mram_addr, len_bytes;
    uint8_t op; /* enum isa_op: LDMA, LDMAI or SDMA */
    bool pending;
    struct sim_dma_error error;
};

/* What the engine makes of a transfer, in 1/256 cycle: when it could have started, when it starts,
 * how long it is occupied, when the tasklet goes on. */
struct sim_dma_times {
    uint64_t earliest, start, busy, wake;
};

struct sim_cache_line {
    uint64_t number; /* of the line in MRAM */
    uint64_t used;   /* 0: empty; else the larger the later */
};

struct sim_tasklet {
    uint32_t r[ISA_REGISTERS];    /* 24.. are the constants zero one lneg mneg id id2 id4 id8 */
    const struct sim_insn *ip;    /* next instruction */
    struct sim_tasklet *next;     /* in the ring of running tasklets */
    struct sim_tasklet *follower; /* timed flow, while d->calm: the next to issue */
    uint32_t zero;                /* ZF = (zero == 0) */
    bool carry;                   /* CF */
    uint64_t instructions;        /* executed since boot; see sim_tasklet_instructions */
    uint64_t round_base;          /* level flow: rounds before it joined */
    uint64_t ready_cycle;         /* cycle mode: may issue from this cycle on */
    /* cycle mode: the current stretch of running */
    uint64_t run_since_cycle, run_wake_slots, run_instructions, run_dma_cycles, run_queue_cycles;
    int64_t run_spacing; /* forwarding: spacing beyond (or short of) issue_spacing */
    uint64_t slots_running, slots_spacing, slots_dma, slots_queue; /* of finished stretches */
    uint64_t slots_hazard;
    uint64_t dma_transfers, dma_bytes, dma_cycles, queue_cycles;
    uint64_t spins;                            /* acquires that failed and jumped to themselves */
    uint64_t result_cycle[ISA_WORK_REGISTERS]; /* forwarding: the register can be read */
    struct sim_dma dma;
    uint32_t last_writes; /* rf_hazard: registers written by the previous instruction */
    uint8_t id, turn;     /* turn: position in the order of the ring */
    bool running, booted;
    bool ended; /* stopped by a `stop` that named where to continue */
};

enum sim_event_bits {
    SIM_NEWS_FAULT = 1,
    SIM_NEWS_RING = 2, /* the number of running tasklets went to, or left, 0 or 1 */
    SIM_NEWS_DMA = 4,  /* cycle mode: t->dma was filled */
    SIM_NEWS_CODE = 8  /* IRAM changed */
};

#define SIM_DMA_ENGINES 16 /* most that timing.def allows */

struct sim_armed {
    struct sim_injected told;
    uint64_t matches; /* of the trigger */
    uint64_t age;     /* instructions since it fired */
    uint64_t saved;   /* of what it changed for one instruction */
};

struct sim_dpu {
    /* hot */
    struct sim_tasklet thread[ISA_MAX_THREADS];
    struct sim_tasklet round_end; /* sentinel of the ring */
    struct sim_insn round_end_insn;
    uint8_t *mram;
    uint32_t wram_units[4];   /* size of WRAM in bytes, halfwords, words, doublewords */
    uint32_t wram_outside[4]; /* per access size: address bits that are 0 inside the largest
                               * power of two that WRAM holds */
    uint32_t iram_bytes;
    uint32_t event;     /* enum sim_event_bits */
    uint32_t n_running; /* tasklets whose run bit is set */
    uint32_t n_ring;    /* of these, in the ring: not waiting for DMA */
    uint64_t round, round_limit;
    bool cycle_mode;
    bool go; /* engine without tail calls: call the next variant */
    /* where the engine stands */
    struct sim_tasklet *current; /* next to execute, or to look at first; while one executes: it */
    uint32_t draw_left;          /* config.quantum: instructions that it may still execute */
    uint64_t draw_state;         /* config.quantum: of the random numbers */
    uint8_t last_turn;           /* cycle mode: turn of the last that issued */
    enum sim_engine { SIM_ENGINE_NONE, SIM_ENGINE_STRAIGHT, SIM_ENGINE_LEVEL } engine;
    uint64_t limit, straight_budget; /* straight flow: see engine.h */
    bool calm;                       /* timed flow: tasklets issue in a fixed order, see engine.c */
    uint64_t attention; /* timed flow: first cycle with something else to do than issue */
    uint64_t until_cycle, issue_spacing;
    struct sim_code *code;
    /* time */
    uint64_t now; /* cycle mode: next cycle that may issue */
    uint64_t last_issue;
    uint64_t dma_engine_free[SIM_DMA_ENGINES]; /* in 1/256 cycle */
    uint64_t dma_next_wake;                    /* earliest wake_cycle pending, or UINT64_MAX */
    uint64_t dma_busy;                         /* in 1/256 cycle */
    uint64_t idle_pipeline, idle_dma, idle_hazard;
    /* of these, the cycles that passed after the issue at tail_issue; they count once another issue
     * follows */
    uint64_t tail_pipeline, tail_dma, tail_hazard, tail_issue;
    uint64_t dma_sizes[SIM_SIZE_CLASSES], mram_write_bytes;
    /* studies */
    bool dma_study, core_study;
    uint64_t hazard_from, hazard_cycles; /* the stall after the last issue */
    uint64_t dram_open_row;
    struct sim_cache_line *cache; /* NULL: none */
    size_t n_cache_lines;
    uint64_t cache_hits, cache_misses, cache_clock;
    /* executed instructions by tasklet and form; NULL: not counted */
    uint64_t (*mix)[ISA_FORM_COUNT + 1];
    struct sim_time {
        uint64_t first, second; /* second: v1B only, instructions */
    } counter_base,             /* time counter = source - base */
        counter_frozen;
    uint8_t counter_mode; /* enum counter_mode of control.c */
    /* shared bits */
    /* windows: see window.c */
    struct sim_window window;
    bool windowed;
    enum sim_phase { SIM_PHASE_BEFORE, SIM_PHASE_WITHIN, SIM_PHASE_AFTER } phase;
    uint64_t launches;             /* so far */
    uint64_t instructions_before;  /* of this launch, in earlier parts */
    uint64_t instructions_earlier; /* of earlier launches */
    struct sim_kept {
        bool valid;
        uint64_t dpu[SIM_STAT_COUNT], tasklet[ISA_MAX_THREADS][SIM_STAT_COUNT];
    } kept;               /* statistics of the window's cycle part, once it is over */
    uint64_t notify_bits; /* run bits 24.. (or threads..) without a thread */
    uint64_t atomic[ISA_ATOMIC_BITS / 64];
    struct sim_fault fault;
    /* outside */
    struct isa_program *program;
    struct sim_config config;
    const struct isa_chip_info *chip; /* own_chip */
    struct isa_chip_info own_chip;    /* the chip, with what the configuration says otherwise */
    sim_hook hook;
    struct sim_double *doubles;      /* replace.c: functions that the host stands in for */
    struct sim_intercept *intercept; /* intercept.c; NULL: transfers are nobody's business */
    sim_fault_hook fault_hook;       /* NULL: none */
    void *fault_context;
    struct sim_watch *watch;         /* watch.h; NULL: nobody watches an instruction */
    struct sim_checks *checks;       /* check.h; NULL: no checker looks */
    struct sim_schedule *schedule;   /* schedule.h; NULL: tasklets take their turns */
    struct sim_collector *collector; /* collect.h; NULL: nobody wants to know */
    void *hook_context;
    bool hook_stop;
    uint64_t breakpoints[ISA_IRAM_INSNS / 64]; /* bitmap */
    unsigned n_breakpoints;
    struct sim_armed *armed;
    unsigned n_armed;
    struct sim_dma_error dma_error; /* of the instruction under way */
    uint8_t wram[ISA_WRAM_BYTES] __attribute__((aligned(64)));
};

/* ---- who does what -------------------------------------------------------------------------- */

/* predecode.c */
void sim_predecode(struct sim_insn *out, uint64_t word, uint32_t pc_insn);
struct sim_code *sim_code_create(void);
struct sim_code *sim_code_share(struct sim_code *code);
void sim_code_release(struct sim_code *code); /* NULL allowed */
/* A copy with the program's instructions; the same one for all that ask in a row. NULL: no memory.
 */
struct sim_code *sim_code_with(struct sim_code *code, struct isa_program *program);
/* Give the DPU its own code, to be changed. False: no memory, nothing changed. */
bool sim_code_own(struct sim_dpu *d);
/* Let the DPU go on in other code, whose reference it takes. */
void sim_code_switch(struct sim_dpu *d, struct sim_code *code);
void sim_code_load(struct sim_code *code, const struct isa_program *program);
/* code has a single reference. */
void sim_code_store(struct sim_code *code, uint32_t pc_insn, uint64_t word);
/* The same for a row of words, anywhere in memory. */
void sim_code_store_row(struct sim_code *code, uint32_t first_insn, const void *words,
                        size_t count);
/* Choose the functions of a slot anew, because it is watched now, or no more. */
void sim_code_choose(struct sim_code *code, uint32_t pc_insn);
/* The same code, watched by nobody: shared where it is so already. NULL: no memory. */
struct sim_code *sim_code_plain(struct sim_code *code);
static inline uint32_t sim_pc_of(const struct sim_dpu *d, const struct sim_insn *ip)
{
    return (uint32_t)(ip - d->code->insn) % ISA_IRAM_INSNS;
}
static inline const struct sim_insn *sim_at_pc(const struct sim_dpu *d, uint32_t pc_insn)
{
    return &d->code->insn[pc_insn % ISA_IRAM_INSNS];
}

/* ring.c: the running tasklets */
void sim_ring_init(struct sim_dpu *d);
void sim_ring_start(struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip);
void sim_ring_stop(struct sim_dpu *d, struct sim_tasklet *t);
void sim_ring_insert(struct sim_dpu *d, struct sim_tasklet *t);
void sim_ring_remove(struct sim_dpu *d, struct sim_tasklet *t);
/* config.quantum: the tasklet whose turn it is; the same until d->draw_left are executed. At least
 * one tasklet runs. */
struct sim_tasklet *sim_ring_draw(struct sim_dpu *d);
/* A step of the generator behind every draw. */
uint64_t sim_random(uint64_t *state);
uint64_t sim_tasklet_instructions(const struct sim_dpu *d, const struct sim_tasklet *t);
uint64_t sim_dpu_instructions(const struct sim_dpu *d);

/* fault.c */
void sim_raise_breakpoint(struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip,
                          uint32_t code);
void sim_raise_memory(struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip,
                      uint32_t address, uint32_t len_bytes, bool is_write);
void sim_raise_safe(struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip,
                    uint32_t address, uint32_t limit, uint32_t len_bytes, bool is_write);
/* A stack of size_bytes would reach beyond_bytes into the victim, said in words. */
void sim_raise_stack(struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip,
                     uint32_t size_bytes, uint32_t beyond_bytes, const char *victim);
void sim_raise_illegal(struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip);

/* Text of a frame, ending in a newline. */
struct isa_text;
void sim_add_frame(struct isa_text *text, const struct sim_frame *frame);

/* backtrace.c: function and line of an instruction. */
struct sim_frame sim_frame_at(const struct sim_dpu *d, uint32_t pc_insn, bool certain);

/* dma.c */
/* What the DMA instruction at ip transfers. */
struct sim_dma sim_dma_of(const struct sim_tasklet *t, const struct sim_insn *ip);
void sim_dma_start(struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip,
                   enum isa_op op);
void sim_dma_move(struct sim_dpu *d, const struct sim_dma *dma);

/* control.c: run bits and the time counter */
uint32_t sim_run_bit(struct sim_dpu *d, uint32_t n, enum isa_op op);
uint32_t sim_time_read(struct sim_dpu *d);
void sim_time_configure(struct sim_dpu *d, uint32_t bits);
struct sim_time sim_time_values(const struct sim_dpu *d);
struct sim_time sim_time_between_runs(const struct sim_dpu *d);
void sim_time_continue(struct sim_dpu *d, struct sim_time time);

/* cycle.c */
uint64_t sim_now(const struct sim_dpu *d);
struct sim_tasklet *sim_cycle_ready(const struct sim_dpu *d, struct sim_tasklet *from,
                                    uint64_t cycle);
struct sim_tasklet *sim_cycle_pick(struct sim_dpu *d);
void sim_cycle_skip_idle(struct sim_dpu *d);
void sim_cycle_dma_finish(struct sim_dpu *d, uint64_t until_cycle);
void sim_cycle_after_issue(struct sim_dpu *d, struct sim_tasklet *t);
void sim_cycle_issue(struct sim_dpu *d, struct sim_tasklet *t);
void sim_cycle_started(struct sim_dpu *d, struct sim_tasklet *t);
void sim_cycle_booted(struct sim_dpu *d, struct sim_tasklet *t);
void sim_cycle_stopped(struct sim_dpu *d, struct sim_tasklet *t);
void sim_cycle_settle(const struct sim_dpu *d, struct sim_tasklet *t, uint64_t end);

void sim_count_idle(struct sim_dpu *d, uint64_t *total, uint64_t *tail, uint64_t cycles);
uint64_t sim_dma_rows_crossed(const struct sim_dpu *d, const struct sim_dma *dma);

/* core_study.c, dma_study.c: what no chip has */
bool sim_core_study_wanted(const struct sim_config *config);
void sim_core_study_settle(struct sim_dpu *d);
void sim_core_study_issued(struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip);
/* Work registers of an instruction word, as bits. */
struct sim_touched {
    uint32_t reads, writes;
};
struct sim_touched sim_touched_by(uint64_t word);
void sim_core_study_end(struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip);
bool sim_dma_study_wanted(const struct sim_config *config);
void sim_dma_study(struct sim_dpu *d, const struct sim_dma *wanted, struct sim_dma_times *times);
bool sim_cache_create(struct sim_dpu *d); /* as the configuration says; false: no memory */
void sim_cache_clear(struct sim_dpu *d);

/* dpu.c */
void sim_clear_mram(struct sim_dpu *d);
void sim_clear_counters(struct sim_dpu *d);

/* stats.c */
void sim_stats_keep(struct sim_dpu *d); /* as they are now, for sim_dpu_stat from now on */

/* window.c. The functions with a result that is true have changed the mode. */
void sim_change_mode(struct sim_dpu *d, enum sim_mode mode);
uint64_t sim_window_instructions_left(const struct sim_dpu *d); /* until the mode changes */
bool sim_window_waits_for_pc(const struct sim_dpu *d);
bool sim_window_reached(struct sim_dpu *d, const struct sim_tasklet *t);
bool sim_window_counted(struct sim_dpu *d);
void sim_window_launch(struct sim_dpu *d); /* a launch has begun */

/* careful.c: one instruction at a time with hooks, breakpoints and injections */
bool sim_careful_wanted(const struct sim_dpu *d);
void sim_careful_step(struct sim_dpu *d, struct sim_tasklet *t);
/* Cycle mode: t issued at the cycle, and how long it waits is known. */
void sim_careful_tell_wait(struct sim_dpu *d, const struct sim_tasklet *t, uint32_t pc_insn,
                           uint64_t cycle);

/* What an instruction will do to memory, read off its operands before it executes: kind, addresses
 * and length. False: nothing. */
bool sim_memory_event(const struct sim_tasklet *t, const struct sim_insn *ip,
                      struct sim_event *event);

/* double.c */
void sim_doubles_destroy(struct sim_dpu *dpu);

/* intercept.c: addresses and length as the hook left them; the bytes that it left, NULL: they are
 * gone. Asks the hook about the fault that is there: true: it is gone. */
void sim_intercept_apply(const struct sim_dpu *d, struct sim_dma *dma);
const uint8_t *sim_intercept_bytes(const struct sim_dpu *d, const struct sim_dma *dma);
bool sim_fault_swallowed(struct sim_dpu *d);
void sim_intercept_destroy(struct sim_dpu *dpu);

/* checkpoint.c */
enum dpusim_status sim_state_save(const struct sim_dpu *dpu, bool with_mram,
                                  struct isa_bytes *image, struct isa_diag *diag);
/* any_program: the one that is loaded may be another than that of the state. */
enum dpusim_status sim_state_restore(struct sim_dpu *dpu, struct isa_bytes image, bool any_program,
                                     struct isa_diag *diag);
bool sim_state_is(struct isa_bytes image); /* does it begin like one? */
/* Chip and mode of a state, as far as that can be said without its program. */
enum dpusim_status sim_state_machine(struct sim_config *config, struct isa_bytes image,
                                     struct isa_diag *diag);

/* inject.c */
/* Execute an instruction with what is injected into it; returns the next one. */
const struct sim_insn *sim_inject_step(struct sim_dpu *d, struct sim_tasklet *t,
                                       const struct sim_insn *ip);
/* Instructions during which no injection needs the careful step; UINT64_MAX: none is armed. */
uint64_t sim_inject_quiet(const struct sim_dpu *d);
void sim_inject_boot(struct sim_dpu *d); /* counts start anew */

#endif
