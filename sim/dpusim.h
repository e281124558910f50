/* SPDX-License-Identifier: MIT */
/* One simulated DPU, for embedding. Public header of the simulator.
 *
 * A DPU is created from a configuration, given a program, booted and run; every memory and register
 * can be read and written while it does not run. Two DPUs share nothing but an immutable program,
 * so they may run in different threads without locks. Functions never print. Unless said otherwise
 * a function that takes a pointer borrows it for the call. Units: memory offsets in bytes inside
 * that memory, `pc` in instructions. */
#ifndef DPUSIM_H
#define DPUSIM_H

#include "isa.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DPUSIM_VERSION "0.1.0"

/* DPUSIM_VERSION of the library that runs, which need not be the one compiled against. Static. */
DPUSIM_API const char *sim_version(void);

/* ------------------------------------------------------------------ configuration ------------- */

enum sim_mode {
    SIM_FUNCTIONAL, /* tasklets advance one instruction each in turn; one instruction, one cycle */
    SIM_CYCLE       /* issue slots, DMA engine and wake-up as timing.def says; same results */
};

enum sim_timing {
#define TIMING(id, ...) SIM_TIMING_##id,
#include "timing.def"
#undef TIMING
    SIM_TIMING_COUNT
};

/* Checkers: rows of check.def. */
enum sim_check {
#define CHECK(id, ...) SIM_CHECK_##id,
#include "check.def"
#undef CHECK
    SIM_CHECK_COUNT
};

/* Rows of poison.def. */
enum sim_poison {
#define POISON(id, ...) SIM_POISON_##id,
#include "poison.def"
#undef POISON
    SIM_POISON_COUNT
};

struct sim_config {
    enum isa_chip chip;  /* used when no program says otherwise; see follow_program */
    bool follow_program; /* take the chip from the loaded program's attributes; default true */
    enum sim_mode mode;
    uint64_t
        order_seed;   /* 0: tasklets take their turn by number; else a permutation of that seed */
    uint32_t quantum; /* functional mode: 0: one instruction each in turn; N: a running tasklet is
                       * drawn by order_seed and executes 1 to N instructions, then another */
    bool count_mix;   /* count instructions by class; see sim_dpu_mix */
    uint32_t checks;  /* bit n: with the checker n of enum sim_check; see sim_dpu_check */
    enum sim_poison poison;           /* what WRAM and MRAM hold before anything is written */
    uint64_t poison_seed;             /* of SIM_POISON_RANDOM */
    int64_t timing[SIM_TIMING_COUNT]; /* scaled integers, see timing.def */
};

/* Everything that can be set by name: the numbers of timing.def, then setting.def. */
enum sim_setting {
    SIM_SETTING_BEFORE_NAMED = SIM_TIMING_COUNT - 1,
#define SETTING(id, ...) SIM_SETTING_##id,
#include "setting.def"
#undef SETTING
    SIM_SETTING_COUNT
};

/* Where each value came from, in words: "default", "study.cfg:3", "--set". */
struct sim_origins {
    char text[SIM_SETTING_COUNT][64];
};

struct sim_timing_info {
    const char *name;
    int64_t initial, lowest, highest, scale;
    const char *unit, *evidence, *source, *meaning;
    const char *section; /* machine, timing, study or host */
};

DPUSIM_API const struct sim_timing_info *sim_timing_get(enum sim_timing timing);
/* Defaults: v1A, functional, every timing parameter at its default. */
DPUSIM_API void sim_config_init(struct sim_config *config);
/* Set one timing parameter from text ("wake_latency", "11"); decimals where scale is not 1.
 * Errors: BAD_ARGUMENT with a sentence (nearest name, range). */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status sim_config_set_timing(struct sim_config *config,
                                                                     const char *name,
                                                                     const char *value,
                                                                     struct isa_diag *diag);

/* Set anything by its full name ("timing.wake_latency", "machine.mode"), numbers also by the short
 * one. where: noted in origins (NULL: nobody wants to know). Errors: BAD_ARGUMENT with a sentence
 * (nearest name, range); nothing is changed then. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
sim_config_set(struct sim_config *config, const char *name, const char *value, const char *where,
               struct sim_origins *origins, struct isa_diag *diag);
/* Several, "name=value;name=value". */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
sim_config_set_all(struct sim_config *config, const char *text, const char *where,
                   struct sim_origins *origins, struct isa_diag *diag);
/* A file with a line "name = value" each; # begins a comment. Errors: NO_SUCH_FILE; BAD_ARGUMENT
 * with file and line. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status sim_config_read_file(struct sim_config *config,
                                                                    const char *path,
                                                                    struct sim_origins *origins,
                                                                    struct isa_diag *diag);
/* Values that make no sense together: BAD_ARGUMENT with a sentence. sim_dpu_create asks, too. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status sim_config_check(const struct sim_config *config,
                                                                struct isa_diag *diag);
DPUSIM_API void sim_origins_init(struct sim_origins *origins);
/* 0 <= setting < SIM_SETTING_COUNT. Name, meaning, and value as sim_config_set takes it. */
DPUSIM_API const char *sim_setting_name(unsigned setting);
DPUSIM_API const char *sim_setting_meaning(unsigned setting);
DPUSIM_API void sim_setting_text(const struct sim_config *config, unsigned setting, char *buffer,
                                 size_t size);

/* ------------------------------------------------------------------ the host's side ----------- */

enum sim_host_kind {
    SIM_HOST_PUSH,      /* a buffer for each DPU, in one call; of one DPU: a copy */
    SIM_HOST_BROADCAST, /* one buffer for all of them */
    SIM_HOST_LAUNCH
};

struct sim_host_call {
    enum sim_host_kind kind;
    enum isa_memory memory; /* MRAM, WRAM or IRAM */
    bool to_dpu;
    uint32_t dpus;      /* that take part */
    uint64_t len_bytes; /* for each of them */
};

/* Estimate in seconds of what a call of a host program would take on a server with UPMEM's DIMMs;
 * of a launch what comes on top of the time of the slowest DPU. Fitted to measurements of one
 * server (host.def, and the settings of section host): another one may well be off by half. */
DPUSIM_API double sim_host_seconds(const struct sim_config *config,
                                   const struct sim_host_call *call);

/* ------------------------------------------------------------------ life of a DPU ------------- */

struct sim_dpu;

/* Errors: NO_MEMORY, BAD_ARGUMENT. *out owned by the caller. config may be NULL (defaults). */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
sim_dpu_create(struct sim_dpu **out, const struct sim_config *config, struct isa_diag *diag);
/* The same with the configuration of another DPU, which it shares its predecoded code with as long
 * as both have the same in IRAM; the other one must not run meanwhile. Many DPUs with one program
 * are created, loaded and held in memory so much the cheaper. Errors: NO_MEMORY. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
sim_dpu_create_like(struct sim_dpu **out, const struct sim_dpu *other, struct isa_diag *diag);
DPUSIM_API void sim_dpu_destroy(struct sim_dpu *dpu);

/* Load a program: memories of its segments are written, everything else stays as it is (a fresh DPU
 * is all zero). Keeps a reference to the program. Errors: BAD_ARGUMENT (program of another chip
 * while follow_program is false), NO_MEMORY. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
sim_dpu_load(struct sim_dpu *dpu, struct isa_program *program, struct isa_diag *diag);
/* Read and load a file / an image. Errors: those of isa_program_read_file and sim_dpu_load. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
sim_dpu_load_file(struct sim_dpu *dpu, const char *path, struct isa_diag *diag);
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status sim_dpu_load_image(struct sim_dpu *dpu,
                                                                  struct isa_bytes image,
                                                                  const char *name,
                                                                  struct isa_diag *diag);
/* Back to the state after creation and, if a program is loaded, its load. Breakpoints, hooks and
 * injections stay; injection counts start anew. */
DPUSIM_API void sim_dpu_reset(struct sim_dpu *dpu);
/* Program loaded, or NULL. Borrowed. */
DPUSIM_API const struct isa_program *sim_dpu_program(const struct sim_dpu *dpu);
DPUSIM_API const struct isa_chip_info *sim_dpu_chip(const struct sim_dpu *dpu);

/* Another mode from the next instruction on; memories, registers, run bits and the time counter
 * stay, DMA under way is completed, statistics start anew (SIM_STAT_DPU_instructions_before says
 * after how many instructions of the launch). Errors: BAD_ARGUMENT for an unknown mode. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
sim_dpu_set_mode(struct sim_dpu *dpu, enum sim_mode mode, struct isa_diag *diag);
DPUSIM_API enum sim_mode sim_dpu_mode(const struct sim_dpu *dpu);

/* A point in the life of a DPU. */
enum sim_point_kind {
    SIM_POINT_NONE,
    SIM_POINT_LAUNCH,      /* the value-th boot since creation or reset, from 1 */
    SIM_POINT_PC,          /* a tasklet is about to execute the instruction with that index */
    SIM_POINT_INSTRUCTIONS /* so many instructions are executed, over all launches */
};

struct sim_point {
    enum sim_point_kind kind;
    uint64_t value;
};

/* Parse "launch:N", "insn:N" or "FUNCTION[+N]". Errors: BAD_ARGUMENT, UNKNOWN_SYMBOL. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status sim_point_parse(struct sim_point *out,
                                                               const char *spec,
                                                               const struct isa_program *program,
                                                               struct isa_diag *diag);

/* Warm start: functional mode until `from` (NONE: not at all), then cycle mode until `until` (NONE:
 * for good), then functional mode again. Takes effect at once; later calls of sim_dpu_run change
 * modes at those points. Statistics are those of the cycle part of a launch that has one. NULL: no
 * window, the mode stays as it is. */
struct sim_window {
    struct sim_point from, until;
};
DPUSIM_API void sim_dpu_set_window(struct sim_dpu *dpu, const struct sim_window *window);

/* Start tasklet 0 at index 0, as a host does at launch; memories and registers keep their values.
 * Counters and the fault are cleared. Errors: NO_PROGRAM; BAD_ARGUMENT when tasklets are running.
 */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status sim_dpu_boot(struct sim_dpu *dpu,
                                                            struct isa_diag *diag);

/* ------------------------------------------------------------------ running ------------------- */

enum sim_stop {
    SIM_DONE,               /* no tasklet runs any more */
    SIM_FAULTED,            /* see sim_dpu_fault */
    SIM_LIMIT_INSTRUCTIONS, /* max_instructions executed in this call */
    SIM_LIMIT_CYCLES,       /* max_cycles passed in this call (cycle mode) */
    SIM_LIMIT_TIME,         /* host time of this call is up */
    SIM_BREAKPOINT,         /* a tasklet is about to execute an instruction with a breakpoint */
    SIM_INTERRUPTED         /* *interrupt became true, or a hook asked for it */
};

struct sim_limits {
    uint64_t max_instructions;      /* 0: none. Exact. */
    uint64_t max_cycles;            /* 0: none. Cycle mode. */
    double max_seconds;             /* 0: none. Host time, looked at now and then. */
    const volatile bool *interrupt; /* NULL: none. Looked at now and then. */
};

struct sim_outcome {
    enum sim_stop stop;
    unsigned tasklet;      /* of the breakpoint or fault */
    uint32_t pc_insn;      /* of the breakpoint or fault */
    uint64_t instructions; /* executed in this call */
};

/* Run until an event. limits may be NULL. Calling again continues. A run cut into pieces gives the
 * same state and counters as one piece. Does nothing when no tasklet runs or after a fault. */
DPUSIM_API void sim_dpu_run(struct sim_dpu *dpu, const struct sim_limits *limits,
                            struct sim_outcome *outcome);
/* Execute one instruction of one running tasklet, out of turn. In cycle mode time moves to the
 * cycle in which it can issue. Errors: BAD_ARGUMENT when that tasklet does not run. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status sim_dpu_step(struct sim_dpu *dpu, unsigned tasklet,
                                                            struct sim_outcome *outcome);

/* Breakpoints on instruction indices. */
DPUSIM_API void sim_dpu_break_add(struct sim_dpu *dpu, uint32_t pc_insn);
DPUSIM_API void sim_dpu_break_remove(struct sim_dpu *dpu, uint32_t pc_insn);

/* ------------------------------------------------------------------ state --------------------- */

/* Copy between host and a DPU memory. IRAM: multiples of 8; WRAM, MRAM: any bytes; the atomic bits
 * have no bytes (BAD_ARGUMENT). Errors: INVALID_{IRAM,WRAM,MRAM}_ACCESS with the numbers. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
sim_dpu_read(const struct sim_dpu *dpu, enum isa_memory memory, uint32_t offset_bytes, void *data,
             size_t len_bytes, struct isa_diag *diag);
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
sim_dpu_write(struct sim_dpu *dpu, enum isa_memory memory, uint32_t offset_bytes, const void *data,
              size_t len_bytes, struct isa_diag *diag);
/* Size of a memory in bytes on this DPU's chip (atomic: bits). */
DPUSIM_API uint32_t sim_dpu_memory_bytes(const struct sim_dpu *dpu, enum isa_memory memory);
/* Host memory that holds the whole MRAM / WRAM; lives as long as the DPU. For large transfers. */
DPUSIM_API uint8_t *sim_dpu_mram(struct sim_dpu *dpu);
DPUSIM_API uint8_t *sim_dpu_wram(struct sim_dpu *dpu);

struct sim_thread_state {
    uint32_t registers[ISA_WORK_REGISTERS];
    uint32_t pc_insn; /* next instruction; after a fault: the one behind the faulting one */
    bool zero_flag, carry_flag, running;
    bool booted; /* has run since the last sim_dpu_boot */
    bool asleep; /* booted, not running, and stopped elsewhere than at the end of the program */
};

/* tasklet < threads of the chip, else BAD_ARGUMENT. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
sim_dpu_get_thread(const struct sim_dpu *dpu, unsigned tasklet, struct sim_thread_state *state);
/* Sets registers, pc (modulo 4096), flags and the run bit; booted and asleep are ignored. Errors
 * also: NO_MEMORY. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
sim_dpu_set_thread(struct sim_dpu *dpu, unsigned tasklet, const struct sim_thread_state *state);

DPUSIM_API uint64_t sim_dpu_run_bits(const struct sim_dpu *dpu); /* bit n = run bit n, 0..63 */
DPUSIM_API bool sim_dpu_atomic_get(const struct sim_dpu *dpu, unsigned bit); /* 0..255 */
DPUSIM_API void sim_dpu_atomic_set(struct sim_dpu *dpu, unsigned bit, bool value);
DPUSIM_API uint64_t sim_dpu_time_counter(const struct sim_dpu *dpu);

/* ------------------------------------------------------------------ faults -------------------- */

enum sim_fault_kind {
    SIM_FAULT_NONE,
#define FAULT(id, ...) SIM_FAULT_##id,
#include "fault.def"
#undef FAULT
    SIM_FAULT_COUNT
};

struct sim_fault {
    enum sim_fault_kind kind;
    unsigned tasklet;
    uint32_t pc_insn; /* of the faulting instruction */
    uint32_t code;    /* of a breakpoint fault */
    bool injected;    /* caused by an injection */
    uint32_t address; /* memory: byte address in WRAM; dma: offset in the memory that was left */
    enum isa_memory memory; /* of address */
    uint32_t len_bytes;     /* of the access or transfer */
    bool is_write;          /* store, or DMA towards `memory` */
    char rule[160];         /* the rule broken, with the numbers */
    uint64_t instructions,
        at_cycle; /* executed by all tasklets before the fault; time of the fault */
};

/* The fault that stopped the DPU; NULL when it is not in fault. Borrowed. */
DPUSIM_API const struct sim_fault *sim_dpu_fault(const struct sim_dpu *dpu);
DPUSIM_API const char *sim_fault_kind_name(enum sim_fault_kind kind); /* JSON name, "" for NONE */
DPUSIM_API const char *sim_fault_code_name(uint32_t code);            /* NULL when unknown */
/* Leave the fault state; run bits stay as they are. */
DPUSIM_API void sim_dpu_clear_fault(struct sim_dpu *dpu);

struct sim_frame {
    uint32_t pc_insn;
    const char *function;  /* NULL: no symbol */
    uint32_t offset_insns; /* from the function's start */
    const char *file;      /* NULL: no line table */
    unsigned line;
    bool certain; /* false: guessed because the frame is not set up or was not found */
};

/* Call stack of a tasklet, innermost first, at most `most` frames; returns the number. Frames
 * follow the calling convention (saved r22/r23 at [r22 - 8]); strings live as long as the program.
 */
DPUSIM_API unsigned sim_dpu_backtrace(const struct sim_dpu *dpu, unsigned tasklet,
                                      struct sim_frame *frames, unsigned most);
/* The whole explanation of the current fault, several lines, ending in a newline: kind, tasklet,
 * instruction, place, address, rule, call stack. "" when there is none. snprintf-like. */
DPUSIM_API int sim_dpu_explain_fault(const struct sim_dpu *dpu, char *buffer, size_t size);

/* ------------------------------------------------------------------ fault injection ----------- */

/* Rows of inject.def: what is injected. */
enum sim_inject_model {
#define INJECT(id, ...) SIM_INJECT_##id,
#include "inject.def"
#undef INJECT
    SIM_INJECT_COUNT
};

/* Rows of site.def: where. */
enum sim_inject_site {
#define SITE(id, ...) SIM_SITE_##id,
#include "site.def"
#undef SITE
    SIM_SITE_COUNT
};

/* Rows of trigger.def: when. */
enum sim_inject_trigger {
#define TRIGGER(id, ...) SIM_TRIGGER_##id,
#include "trigger.def"
#undef TRIGGER
    SIM_TRIGGER_COUNT
};

/* Rows of argument.def: numbers of the models. */
enum sim_inject_argument {
#define ARGUMENT(id, ...) SIM_ARGUMENT_##id,
#include "argument.def"
#undef ARGUMENT
    SIM_ARGUMENT_COUNT
};

/* What the rows say; see the tables for the meaning of the columns. */
struct sim_inject_info {
    const char *name, *meaning;
    const char *value;         /* of a trigger: what stands behind the = */
    uint32_t sites, arguments; /* of a model: bit n = row n */
    bool lasting;              /* of a model */
    uint32_t units, unit_bits; /* of a site */
    uint64_t lowest, highest;  /* of an argument */
};

/* NULL behind the last row. Static. */
DPUSIM_API const struct sim_inject_info *sim_inject_model_get(unsigned model);
DPUSIM_API const struct sim_inject_info *sim_inject_site_get(unsigned site);
DPUSIM_API const struct sim_inject_info *sim_inject_trigger_get(unsigned trigger);
DPUSIM_API const struct sim_inject_info *sim_inject_argument_get(unsigned argument);

#define SIM_ANYWHERE UINT64_MAX /* SIM_ARGUMENT_ONLY: every one */

struct sim_injection {
    enum sim_inject_model model;
    enum sim_inject_site site;
    uint32_t tasklets; /* bit t = tasklet t; 0: all */
    enum sim_inject_trigger trigger;
    uint64_t at;     /* first instruction, byte (address of the program file), count or cycle */
    uint64_t until;  /* READ, WRITE, SYMBOL: behind the last one */
    uint64_t nth;    /* nth time the trigger matches, from 1 */
    uint64_t launch; /* only in that one, from 1; 0: in all */
    uint64_t seed;   /* what was left open was drawn with it */
    bool seeded;     /* the specification named a seed, or something was drawn */
    uint64_t argument[SIM_ARGUMENT_COUNT]; /* those of the model */
};

/* Parse "bkp:code=3,tasklet=2,pc=main+4,nth=2" (see docs/how-to/inject-faults.md). What the
 * specification leaves open is drawn with its seed (default 1) here, not later. program may be NULL
 * when no symbol is used. Errors: BAD_ARGUMENT with a sentence, UNKNOWN_SYMBOL. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
sim_injection_parse(struct sim_injection *out, const char *spec, const struct isa_program *program,
                    struct isa_diag *diag);
/* The injection number `index` of all those that the specification leaves open, instead of a drawn
 * one: every place, bit, value, and for random=N every moment; symbol=FUNCTION stands for the nth
 * execution of each of its instructions. *count (may be NULL): how many there are, UINT64_MAX: that
 * many or more. index counts modulo *count. Errors: as sim_injection_parse. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
sim_injection_enumerate(struct sim_injection *out, const char *spec, uint64_t index,
                        uint64_t *count, const struct isa_program *program, struct isa_diag *diag);
/* The specification in canonical form: numbers for symbols, drawn values spelled out, so that it
 * repeats the injection exactly. snprintf-like. */
DPUSIM_API int sim_injection_text(const struct sim_injection *injection, char *buffer, size_t size);
/* Arm. Errors: BAD_ARGUMENT beyond 64 injections; NO_MEMORY. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
sim_dpu_inject(struct sim_dpu *dpu, const struct sim_injection *injection, struct isa_diag *diag);
/* Parse and arm everything in a text (see sim_spec_each), with the symbols of the DPU's program:
 * all or nothing. Errors: those of the functions that do it. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
sim_dpu_inject_text(struct sim_dpu *dpu, const char *text, struct isa_diag *diag);
DPUSIM_API void sim_dpu_clear_injections(struct sim_dpu *dpu);

/* An injection of a DPU and, since its last boot, whether and where it happened. */
struct sim_injected {
    struct sim_injection what;
    bool happened;
    unsigned tasklet;
    uint32_t pc_insn;      /* of the instruction that was about to execute */
    uint64_t instructions; /* executed by all tasklets before */
    uint64_t cycle;        /* functional mode: the same */
};

/* In the order of sim_dpu_inject. False behind the last one. */
DPUSIM_API bool sim_dpu_injected(const struct sim_dpu *dpu, unsigned index,
                                 struct sim_injected *out);

/* Text of specifications, for those who have further models: NAME:KEY=VALUE,... */
struct sim_spec {
    char text[512];    /* as it was given */
    char words[512];   /* its parts */
    const char *name;  /* what stands before the colon */
    unsigned n_fields; /* of the following */
    struct sim_spec_field {
        const char *key, *value; /* value NULL: there is no = */
    } fields[32];
};

/* Numbers and ranges of them, as "0-3+7". n_ranges 0: all. */
struct sim_ranges {
    unsigned n_ranges;
    struct {
        uint64_t first, last;
    } range[16];
};

/* Take a specification apart; / may stand for a comma. Errors: BAD_ARGUMENT. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status sim_spec_read(struct sim_spec *out, const char *text,
                                                             struct isa_diag *diag);
/* The value of a field as a number. Errors: BAD_ARGUMENT, also outside lowest..highest. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
sim_spec_number(const struct sim_spec *spec, const struct sim_spec_field *field, uint64_t lowest,
                uint64_t highest, uint64_t *out, struct isa_diag *diag);
/* Add the value of a field to ranges. Errors: BAD_ARGUMENT, also beyond highest. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
sim_spec_ranges(const struct sim_spec *spec, const struct sim_spec_field *field, uint64_t highest,
                struct sim_ranges *out, struct isa_diag *diag);
DPUSIM_API bool sim_ranges_have(const struct sim_ranges *ranges, uint64_t number);
/* BAD_ARGUMENT with a sentence that names the nearest of the known words. what: "key", "model". */
DPUSIM_API enum dpusim_status sim_spec_unknown(const struct sim_spec *spec, const char *what,
                                               const char *word, const char *const *known,
                                               size_t n_known, struct isa_diag *diag);
/* sim_injection_parse of a specification that was taken apart. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status sim_injection_from(struct sim_injection *out,
                                                                  const struct sim_spec *spec,
                                                                  const struct isa_program *program,
                                                                  struct isa_diag *diag);
/* Call take for every specification of a text: divided by semicolons or ends of lines, # begins a
 * comment, @FILE stands for the contents of the file. Ends early when take does not return OK.
 * Errors: NO_SUCH_FILE, NO_MEMORY, what take returned. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
sim_spec_each(const char *text, enum dpusim_status (*take)(void *context, const char *spec),
              void *context, struct isa_diag *diag);

/* ------------------------------------------------------------------ hooks --------------------- */

enum sim_event_kind {
    SIM_EVENT_INSN,  /* before an instruction executes */
    SIM_EVENT_DONE,  /* after it executed: registers hold the results */
    SIM_EVENT_READ,  /* WRAM was read: address, len_bytes */
    SIM_EVENT_WRITE, /* WRAM was written */
    SIM_EVENT_DMA,   /* a transfer was started: address in WRAM or IRAM, mram_offset, len_bytes,
                        is_write */
    SIM_EVENT_TELL,  /* tell instruction: value, offset */
    SIM_EVENT_START, /* a tasklet began to run */
    SIM_EVENT_STOP,  /* a tasklet stopped */
    SIM_EVENT_FAULT,
    SIM_EVENT_WAIT /* cycle mode: how long the tasklet waits after its instruction */
};

struct sim_event {
    enum sim_event_kind kind;
    unsigned tasklet;
    uint32_t pc_insn;
    uint64_t word;
    uint64_t instructions; /* executed by all tasklets before this one */
    uint64_t cycle;
    uint32_t address, mram_offset, len_bytes, value, offset;
    bool is_write;
    /* of WAIT: end of the issue spacing; cycle in which the tasklet may issue again */
    uint64_t spaced_cycle, ready_cycle;
    /* of WAIT: cycles in which the DMA engine starts and is free again, ready_cycle had it been
     * idle; 0: the instruction was no DMA */
    uint64_t dma_start_cycle, dma_end_cycle, dma_unqueued_cycle;
};

/* Called for every event while installed; runs are slower then but give the same results. Return
 * false to end the run with SIM_INTERRUPTED after this instruction. The hook may read state, not
 * run the DPU. */
typedef bool (*sim_hook)(void *context, struct sim_dpu *dpu, const struct sim_event *event);
/* NULL removes it. context must outlive the hook. */
DPUSIM_API void sim_dpu_set_hook(struct sim_dpu *dpu, sim_hook hook, void *context);

/* A DMA transfer that is about to begin. A hook may change the last four, and the bytes. */
struct sim_dma_request {
    unsigned tasklet;
    uint32_t pc_insn;
    enum isa_memory memory; /* WRAM or IRAM, besides MRAM */
    bool is_write;          /* towards MRAM */
    uint32_t address;       /* bytes, in `memory`; of multiples of 8, as the hardware takes them */
    uint32_t mram_offset, len_bytes; /* multiples of 8; the length 8 to 2048 */
    uint8_t *bytes; /* that will land, 2048 of them, as they are now where the transfer reads; when
                     * they are changed the changed ones land */
};

enum sim_verdict {
    SIM_VERDICT_GO,   /* the transfer as it is now */
    SIM_VERDICT_DROP, /* none: the instruction has no effect */
    SIM_VERDICT_FAULT /* a DMA fault */
};

/* May read and write memories, not run the DPU. */
typedef enum sim_verdict (*sim_transfer_hook)(void *context, struct sim_dpu *dpu,
                                              struct sim_dma_request *transfer);
/* Ask a hook before every DMA transfer of the DPU, which does not run now. NULL removes it. context
 * must outlive the hook. Other instructions run as fast as before. What a hook of sim_dpu_set_hook
 * is told are the transfers as the program wants them. Errors: NO_MEMORY. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status sim_dpu_set_transfer_hook(struct sim_dpu *dpu,
                                                                         sim_transfer_hook hook,
                                                                         void *context,
                                                                         struct isa_diag *diag);

/* Asked when the DPU has come to a fault. True: it stops, in the fault as it is now in *fault.
 * False: the fault is forgotten, and the tasklet goes on behind the instruction. May read and write
 * memories, and registers by sim_dpu_set_thread (the result of a load, say), not run the DPU. */
typedef bool (*sim_fault_hook)(void *context, struct sim_dpu *dpu, struct sim_fault *fault);
/* NULL removes it. context must outlive the hook. Costs nothing while there is no fault. */
DPUSIM_API void sim_dpu_set_fault_hook(struct sim_dpu *dpu, sim_fault_hook hook, void *context);

/* ------------------------------------------------------------------ test doubles -------------- */

/* An argument or result of a function. A signature is the result's letter and, in parentheses,
 * those of the arguments: b B h H i u l L signed and unsigned of 8, 16, 32, 64 bits, f float, d
 * double, p address in WRAM or MRAM, v no result; arguments behind a dot are variable ones,
 * "v(p.id)". Structures are passed by address, results that are one as a first argument: p. */
union sim_value {
    int32_t i;
    uint32_t u, p;
    int64_t l;
    uint64_t ul;
    float f;
    double d;
};

#define SIM_MAX_ARGUMENTS 16

struct sim_call {
    const char *function;  /* name of its symbol */
    const char *signature; /* NULL: as the program's debug information has it (-g) */
    const union sim_value *arguments;
    unsigned n_arguments;
    unsigned tasklet;          /* that calls it */
    uint64_t max_instructions; /* 0: no limit */
};

/* Call one function of the program, with nothing else running: memories stay as they are before and
 * after, counters start anew. *result (NULL: not wanted) is written on success. Errors: NO_PROGRAM;
 * UNKNOWN_SYMBOL; BAD_ARGUMENT (tasklets run, number of arguments, signature); FAULT, with the
 * fault in sim_dpu_fault; LIMIT; BAD_STATE when the tasklet stopped elsewhere; NO_MEMORY. Use:
 * sim_dpu_call(dpu, &(struct sim_call){.function = "sum", .signature = "i(pu)", ...}, &r, d) */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status sim_dpu_call(struct sim_dpu *dpu,
                                                            const struct sim_call *call,
                                                            union sim_value *result,
                                                            struct isa_diag *diag);
/* Signature of a function from debug information into buffer: p for a structure by value, and v
 * with a p in front of the arguments for a result that is one, which the function writes there.
 * Errors: BAD_ARGUMENT. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status sim_dpu_signature(const struct sim_dpu *dpu,
                                                                 const char *function, char *buffer,
                                                                 size_t size,
                                                                 struct isa_diag *diag);

/* Told of every call of a function. True: *result is its result, it does not run. False: it runs,
 * with the arguments as they are now. May read and write memories, not run the DPU. */
typedef bool (*sim_call_hook)(void *context, struct sim_dpu *dpu, unsigned tasklet,
                              union sim_value *arguments, union sim_value *result);
/* Let a hook stand before, or in the place of, a function of the program that is loaded, until it
 * is replaced again; hook NULL: as it was. context must outlive that. Other code runs as fast as
 * before. Errors: NO_PROGRAM; UNKNOWN_SYMBOL; BAD_ARGUMENT (signature); NO_MEMORY. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
sim_dpu_replace(struct sim_dpu *dpu, const char *function, const char *signature,
                sim_call_hook hook, void *context, struct isa_diag *diag);
/* Told of every return of a function to its caller, with the arguments of the call; *result may be
 * changed. May read and write memories, not run the DPU. */
typedef void (*sim_return_hook)(void *context, struct sim_dpu *dpu, unsigned tasklet,
                                const union sim_value *arguments, union sim_value *result);
/* Let a hook see what a function of the program returns, also what one in its place does (with
 * sim_dpu_replace; both go by the signature that was given last). Of calls within each other the
 * outer 32 of a tasklet. hook NULL: no longer. Otherwise as sim_dpu_replace. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
sim_dpu_observe(struct sim_dpu *dpu, const char *function, const char *signature,
                sim_return_hook hook, void *context, struct isa_diag *diag);
/* Call a host function of that signature (through libffi; addresses are uint32_t), for hooks that
 * pass a call on. False: another signature, or built without libffi. */
DPUSIM_API bool sim_call_native(const char *signature, void (*function)(void),
                                union sim_value *arguments, union sim_value *result);

/* ------------------------------------------------------------------ checkers ------------------ */

/* What is found: rows of finding.def. */
enum sim_finding_kind {
#define FINDING(id, ...) SIM_FINDING_##id,
#include "finding.def"
#undef FINDING
    SIM_FINDING_COUNT
};

#define SIM_HELD_TEXT 96

/* Who did something, and where. Strings live as long as the program. */
struct sim_site {
    int tasklet; /* -1: nobody; the finding has one site only */
    uint32_t pc_insn;
    const char *function; /* NULL: no symbol */
    uint32_t offset_insns;
    const char *file; /* NULL: no line table */
    unsigned line;
    bool is_write, is_dma;
    uint32_t len_bytes;
    char held[SIM_HELD_TEXT]; /* locks held, "a, b"; "": none, or not known */
};

struct sim_finding {
    enum sim_finding_kind kind;
    struct sim_site site, other;
    enum isa_memory memory; /* of address */
    uint32_t address;       /* byte offset in the memory; first byte concerned */
    uint64_t times;         /* at the same places */
    uint64_t instructions;  /* executed by all tasklets of the launch before the first time */
    char text[200];         /* one sentence, with the numbers */
};

DPUSIM_API const char *sim_check_name(enum sim_check check);
DPUSIM_API const char *sim_check_meaning(enum sim_check check);
DPUSIM_API const char *sim_finding_name(enum sim_finding_kind kind);
DPUSIM_API enum sim_check sim_finding_check(enum sim_finding_kind kind);
/* "memory,races", "all" (every one that finds mistakes: not globals) or "none" as bits, for
 * sim_config.checks and sim_dpu_check. Errors: BAD_ARGUMENT with a sentence. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status sim_checks_parse(uint32_t *checks, const char *text,
                                                                struct isa_diag *diag);
/* Let exactly these checkers look at the runs of the DPU from now on, which does not run now. Of
 * what memory holds so far, only what the program loaded counts as written: call it before the host
 * writes. Earlier findings are forgotten. Runs are several times slower then, and give the same
 * results. Errors: BAD_ARGUMENT for bits that are no checkers; NO_MEMORY. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status sim_dpu_check(struct sim_dpu *dpu, uint32_t checks,
                                                             struct isa_diag *diag);
/* The checkers that look. */
DPUSIM_API uint32_t sim_dpu_checks(const struct sim_dpu *dpu);
/* Findings so far, over all launches; each pair of places once. At most SIM_MAX_FINDINGS are kept;
 * *more (may be NULL): how many others there were. */
#define SIM_MAX_FINDINGS 256
DPUSIM_API unsigned sim_dpu_findings(const struct sim_dpu *dpu, uint64_t *more);
/* index < sim_dpu_findings. Borrowed, until the next run. */
DPUSIM_API const struct sim_finding *sim_dpu_finding(const struct sim_dpu *dpu, unsigned index);
/* A finding in several lines, as sim_dpu_explain_fault. snprintf-like. */
DPUSIM_API int sim_dpu_explain_finding(const struct sim_dpu *dpu, unsigned index, char *buffer,
                                       size_t size);
/* Tell the checkers that the host has written by sim_dpu_wram or sim_dpu_mram. */
DPUSIM_API void sim_dpu_written(struct sim_dpu *dpu, enum isa_memory memory, uint32_t offset_bytes,
                                size_t len_bytes);

/* Use of a tasklet's stack, with the checker of stacks. */
struct sim_stack_use {
    uint32_t base, size_bytes; /* in WRAM; size 0: the program does not say */
    uint32_t used_bytes;       /* most, since sim_dpu_check */
    struct sim_site deepest;   /* where it was reached; tasklet -1: nowhere yet */
};
/* False: not checked, or no such tasklet. */
DPUSIM_API bool sim_dpu_stack_use(const struct sim_dpu *dpu, unsigned tasklet,
                                  struct sim_stack_use *use);

/* ------------------------------------------------------------------ schedules ----------------- */

/* Let tasklets take their turns otherwise; the same words give the same order again. From the next
 * launch on.
 *   "turns"                   one instruction each in turn, as without a schedule
 *   "random:SEED[/BURST]"     bursts of BURST instructions on average (default 16), drawn at random
 *   "hold:TASKLET@N[+][/STEPS],..."
 *                             in turn, but a tasklet is held back before (with + after) its N-th
 *                             instruction that synchronises (acquire, release, boot, resume, stop,
 *                             transfer) for STEPS instructions of the others
 * In cycle mode, where time decides, tasklets are late: after each burst by up to 2 * BURST * issue
 * spacing cycles, or by STEPS cycles.
 * NULL: no schedule. Errors: BAD_ARGUMENT with a sentence, NO_MEMORY; nothing is changed then. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
sim_dpu_set_schedule(struct sim_dpu *dpu, const char *spec, struct isa_diag *diag);
/* Synchronising instructions that a tasklet executed since the launch; 0 without a schedule. */
DPUSIM_API uint64_t sim_dpu_synchronised(const struct sim_dpu *dpu, unsigned tasklet);

/* ------------------------------------------------------------------ statistics ---------------- */

enum sim_stat_scope { SIM_SCOPE_DPU, SIM_SCOPE_TASKLET };

enum sim_stat {
#define STAT(id, scope, ...) SIM_STAT_##scope##_##id,
#include "stats.def"
#undef STAT
    SIM_STAT_COUNT
};

struct sim_stat_info {
    const char *name;
    enum sim_stat_scope scope;
    const char *unit, *meaning;
    bool cycle_mode_only, mix_only;
};

/* Numbers derived from them, of the DPU. */
enum sim_metric {
#define METRIC(id, ...) SIM_METRIC_##id,
#include "stats.def"
#undef METRIC
    SIM_METRIC_COUNT
};

DPUSIM_API const struct sim_stat_info *sim_stat_get(enum sim_stat stat);
DPUSIM_API const struct sim_stat_info *sim_metric_get(enum sim_metric metric);
/* Value since the last sim_dpu_boot, or of the launch's part in cycle mode when it changed modes
 * (sim_dpu_set_window); tasklet is ignored for the scope DPU. */
DPUSIM_API uint64_t sim_dpu_stat(const struct sim_dpu *dpu, enum sim_stat stat, unsigned tasklet);
DPUSIM_API double sim_dpu_metric(const struct sim_dpu *dpu, enum sim_metric metric);
/* Mode of the part that the statistics cover. */
DPUSIM_API enum sim_mode sim_dpu_stat_mode(const struct sim_dpu *dpu);

/* ------------------------------------------------------------------ observation --------------- */

enum sim_cause {
#define CAUSE(id, ...) SIM_CAUSE_##id,
#include "cause.def"
#undef CAUSE
    SIM_CAUSE_COUNT
};

DPUSIM_API const char *sim_cause_name(enum sim_cause cause);
DPUSIM_API const char *sim_cause_meaning(enum sim_cause cause);

/* Where the cycles of a DPU went: by instruction, function and call path, tasklet and cause. From
 * its creation on, runs of the DPU are observed: slower, with the same cycles and results. Launches
 * add up. In functional mode an instruction is a cycle. */
struct sim_profile;

struct sim_profile_options {
    bool timeline; /* also what every tasklet did over time, and samples cycle by cycle */
    uint64_t window_from,
        window_until; /* cycles to sample besides the chosen ones; until 0: none */
};

enum sim_profile_format {
    SIM_PROFILE_TEXT,      /* for people: functions, then lines */
    SIM_PROFILE_CALLGRIND, /* for KCachegrind and callgrind_annotate */
    SIM_PROFILE_STACKS,    /* collapsed stacks, one a line, for flame graphs */
    SIM_PROFILE_JSON,      /* everything, schema dpusim-profile-1 */
    SIM_PROFILE_FORMATS
};

/* A program must be loaded; while it is another one, nothing is counted. Destroy the profile before
 * the DPU. options may be NULL. Errors: NO_PROGRAM, NO_MEMORY. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
sim_profile_create(struct sim_profile **out, struct sim_dpu *dpu,
                   const struct sim_profile_options *options, struct isa_diag *diag);
DPUSIM_API void sim_profile_destroy(struct sim_profile *profile);
/* Cycles of a tasklet by cause: of one instruction; with pc_insn = ISA_IRAM_INSNS those of none
 * (before the first instruction, drain); with -1 all. tasklet -1: sum of all tasklets. */
DPUSIM_API uint64_t sim_profile_cycles(struct sim_profile *profile, int pc_insn, int tasklet,
                                       enum sim_cause cause);
/* The profile so far, between two runs. *text malloc'ed, ends in NUL, owned by the caller. Errors:
 * NO_MEMORY, also when the call tree did not fit. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status sim_profile_text(struct sim_profile *profile,
                                                                enum sim_profile_format format,
                                                                char **text, size_t *len_bytes,
                                                                struct isa_diag *diag);

enum sim_trace_format {
    SIM_TRACE_TEXT,  /* one line per instruction, as the SDK's trace tool */
    SIM_TRACE_EVENTS /* Chrome trace events (JSON), for Perfetto; 1 ns there is a cycle */
};

/* What is traced. All zero: everything. */
struct sim_trace_options {
    enum sim_trace_format format;
    uint32_t tasklets;        /* bit t = tasklet t; 0: all */
    uint64_t from, until;     /* cycles (functional mode: instructions) since the trace began */
    const char *symbol;       /* only while in this function, or called by it; NULL: always */
    uint64_t max_events;      /* lines or events; 0: no limit. What follows is left out. */
    unsigned process;         /* number and name of the process in the viewer */
    const char *process_name; /* NULL: name of the program */
};

struct sim_trace;

/* Trace the DPU's runs from now on into a file descriptor, which stays the caller's. A program must
 * be loaded; while it is another one, nothing is traced. Close the trace before the DPU is
 * destroyed. Errors: NO_PROGRAM, UNKNOWN_SYMBOL, NO_MEMORY, IO. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
sim_trace_open(struct sim_trace **out, struct sim_dpu *dpu, int file_descriptor,
               const struct sim_trace_options *options, struct isa_diag *diag);
/* Finish: the file is complete, whatever was left out. *left_out (may be NULL): the limit was
 * reached. Frees the trace in any case; NULL allowed. Errors: IO. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
sim_trace_close(struct sim_trace *trace, bool *left_out, struct isa_diag *diag);

/* ------------------------------------------------------------------ values -------------------- */

/* Where a value lies. */
struct sim_place {
    enum isa_memory memory;
    uint32_t offset_bytes;
    uint64_t size_bytes;          /* 0: unknown */
    const struct isa_type *type;  /* NULL: void, or no debug information */
    uint8_t bit_offset, bit_size; /* of a bit-field; bit_size 0: none */
};

/* The place that "table[2].next->value" names: a symbol, then members and elements as in C; * in
 * front follows a pointer. Pointers are read from the DPU's memory. Errors: NO_PROGRAM;
 * UNKNOWN_SYMBOL; BAD_ARGUMENT (no such member, no array, index outside, NULL pointer, no types
 * because the program was compiled without -g). */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status sim_dpu_find(const struct sim_dpu *dpu,
                                                            const char *expression,
                                                            struct sim_place *place,
                                                            struct isa_diag *diag);
/* The other way: "table[2].x", "buffer+12", or "0x40" where no symbol is, into buffer, as snprintf
 * does. place: the innermost value there that is no structure and no array; without types one byte.
 * With place NULL a name ends as soon as it is exact: "table[2]", not "table[2].x". */
DPUSIM_API int sim_place_name(const struct isa_program *program, enum isa_memory memory,
                              uint32_t offset_bytes, struct sim_place *place, char *buffer,
                              size_t size);

/* ------------------------------------------------------------------ log, checkpoints ---------- */

/* Decode the printf log of the last run (log buffer of the run-time library). *text malloc'ed, ends
 * in NUL, owned by the caller; text decoded so far is delivered also with LOG_OVERFLOW and
 * LOG_FORMAT. Errors: LOG_MISSING when the program has no log buffer. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
sim_dpu_read_log(const struct sim_dpu *dpu, char **text, size_t *len_bytes, struct isa_diag *diag);

/* A number that stands for the contents of a memory: equal memories have equal ones, different
 * memories practically never. */
DPUSIM_API uint64_t sim_dpu_digest(const struct sim_dpu *dpu, enum isa_memory memory);
/* Bytes of MRAM up to the end of its last page of 4 KiB that is not all zero; 0: nothing is there.
 */
DPUSIM_API size_t sim_dpu_mram_used(const struct sim_dpu *dpu);

/* Whole state as bytes (untouched MRAM pages are left out); *image malloc'ed, owned by the caller.
 * Errors: NO_MEMORY. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
sim_dpu_save(const struct sim_dpu *dpu, struct isa_bytes *image, struct isa_diag *diag);
/* Restore into a DPU with the same program loaded (or none in both); a window (sim_dpu_set_window)
 * comes with the state, and the mode that it has reached. image: of sim_dpu_save or
 * sim_dpu_save_core. Errors: BAD_STATE (damaged, other version, other program, other chip, other
 * mode without a window); the DPU is then unchanged. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
sim_dpu_restore(struct sim_dpu *dpu, struct isa_bytes image, struct isa_diag *diag);
/* A core file: the program's sections and symbols, .data, .text and .mram with the memories (MRAM
 * up to its last byte that is not 0), .regs with the threads as the SDK writes them, and .dpusim
 * with the rest of the state. image->data malloc'ed, owned by the caller. Errors: NO_PROGRAM;
 * ELF_INVALID (program without section names); NO_MEMORY. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
sim_dpu_save_core(const struct sim_dpu *dpu, struct isa_bytes *image, struct isa_diag *diag);
/* The same into a file, which is not left half written. Errors also: IO. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
sim_dpu_write_core(const struct sim_dpu *dpu, const char *path, struct isa_diag *diag);
/* A DPU, to be looked at, in the state of a core file (of dpusim or of the SDK), or in that of
 * sim_dpu_save, which needs the program it was made with. program: NULL for a core file. name: in
 * messages. *out owned by the caller. Errors: BAD_STATE; ELF_INVALID; NO_PROGRAM when one is
 * missing; NO_MEMORY. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
sim_dpu_open(struct sim_dpu **out, struct isa_bytes image, const char *name,
             struct isa_program *program, struct isa_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
