/* SPDX-License-Identifier: MIT */
/* DPUs for tests: created from a line of configuration, loaded with programs written as assembly
 * text in the test, and compared as snapshots of everything that can be seen from outside. Include
 * after check.h. */
#ifndef SIM_HELP_H
#define SIM_HELP_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dpusim.h"
#include "sanitized.h"

#define PROGRAM(name) SOURCE_DIR "/tests/data/programs/" name ".elf"

/* The word of a form with operand values in assembly order. */
#define WORD(form, ...)                                                                            \
    isa_encode(&isa_form_get(ISA_##form)->pattern, (const int64_t[ISA_MAX_OPERANDS]){__VA_ARGS__})

/* Check writes a record for each of its assertions that holds; this costs nothing then. */
#define EXPECT(condition, ...)                                                                     \
    do {                                                                                           \
        if (!(condition))                                                                          \
            ck_abort_msg(__VA_ARGS__);                                                             \
    } while (0)

/* ---- random numbers: the seed is printed by whoever fails ------------------------------------ */

static inline uint64_t random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Mostly values at which something changes. */
static inline uint32_t random_value(uint64_t *state)
{
    static const uint32_t edges[] = {
        0,          1,          2,          3,          31,         32,         33,        63,
        0x7f,       0x80,       0xff,       0x100,      0x7fff,     0x8000,     0xffff,    0x10000,
        0x7ffffffe, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffff0, 0xfffffffe, 0xffffffff};
    uint64_t number = random_next(state);
    if (number % 2)
        return (uint32_t)(random_next(state) >> 16);
    return edges[number / 2 % (sizeof edges / sizeof edges[0])];
}

/* ---- programs -------------------------------------------------------------------------------- */

static inline void fail_on_error(void *context, const struct isa_message *message)
{
    (void)context;
    if (message->severity == ISA_ERROR)
        ck_abort_msg("line %u: %s: %s", message->line, message->text,
                     message->source_line ? message->source_line : "");
}

static inline struct isa_object *assemble(const char *text, bool debug_lines)
{
    struct isa_report report = {fail_on_error, NULL};
    struct isa_asm_options options = {.debug_lines = debug_lines};
    struct isa_bytes bytes = {(const uint8_t *)text, strlen(text)};
    struct isa_object *object = NULL;
    ck_assert_int_eq(isa_assemble(&object, bytes, "test.s", &options, &report), DPUSIM_OK);
    return object;
}

/* Program of a text; its first instruction is at index 0 unless the text has a __bootstrap. */
static inline struct isa_program *program_of(const char *text, enum isa_chip chip, bool debug_lines)
{
    static const char head[] = ".text\n.globl __bootstrap\n__bootstrap:\n";
    struct isa_report report = {fail_on_error, NULL};
    struct isa_link_options options = {.chip = chip, .keep_unused = true};
    struct isa_bytes object_image, image;
    struct isa_program *program;
    char *whole = malloc(strlen(text) + sizeof head + 1);
    bool has_start = strstr(text, "__bootstrap:") != NULL;
    sprintf(whole, "%s%s\n", has_start ? "" : head, text);
    struct isa_object *object = assemble(whole, debug_lines);
    ck_assert_int_eq(isa_object_write(object, &object_image, NULL), DPUSIM_OK);
    struct isa_link_input input = {.name = "test.o", .data = object_image};
    ck_assert_int_eq(isa_link(&image, &input, 1, &options, &report), DPUSIM_OK);
    ck_assert_int_eq(isa_program_read(&program, image, "test", &report, NULL), DPUSIM_OK);
    isa_object_destroy(object);
    free((void *)(uintptr_t)object_image.data);
    free((void *)(uintptr_t)image.data);
    free(whole);
    return program;
}

/* ---- DPUs ------------------------------------------------------------------------------------ */

static inline struct sim_config config_of(enum sim_mode mode, uint64_t order_seed)
{
    struct sim_config config;
    sim_config_init(&config);
    config.mode = mode;
    config.order_seed = order_seed;
    return config;
}

static inline struct sim_dpu *dpu_create(const struct sim_config *config)
{
    struct sim_dpu *dpu = NULL;
    struct isa_diag diag = {""};
    ck_assert_msg(sim_dpu_create(&dpu, config, &diag) == DPUSIM_OK, "%s", diag.text);
    return dpu;
}

static inline void dpu_boot(struct sim_dpu *dpu)
{
    struct isa_diag diag = {""};
    ck_assert_msg(sim_dpu_boot(dpu, &diag) == DPUSIM_OK, "%s", diag.text);
}

/* A booted DPU with the program of a text. */
static inline struct sim_dpu *dpu_with(const struct sim_config *config, const char *text)
{
    struct sim_dpu *dpu = dpu_create(config);
    struct isa_program *program = program_of(text, config->chip, false);
    ck_assert_int_eq(sim_dpu_load(dpu, program, NULL), DPUSIM_OK);
    isa_program_destroy(program);
    dpu_boot(dpu);
    return dpu;
}

static inline struct sim_dpu *dpu_of(enum sim_mode mode, const char *text)
{
    struct sim_config config = config_of(mode, 0);
    return dpu_with(&config, text);
}

/* A booted DPU with a program file. */
static inline struct sim_dpu *dpu_file(const struct sim_config *config, const char *path)
{
    struct sim_dpu *dpu = dpu_create(config);
    struct isa_diag diag = {""};
    ck_assert_msg(sim_dpu_load_file(dpu, path, &diag) == DPUSIM_OK, "%s", diag.text);
    dpu_boot(dpu);
    return dpu;
}

#define RUN_MOST 20000000 /* instructions: no test runs longer */

static inline struct sim_outcome dpu_run(struct sim_dpu *dpu)
{
    struct sim_limits limits = {.max_instructions = RUN_MOST};
    struct sim_outcome outcome;
    sim_dpu_run(dpu, &limits, &outcome);
    return outcome;
}

static inline void dpu_run_done(struct sim_dpu *dpu)
{
    struct sim_outcome outcome = dpu_run(dpu);
    char text[2048];
    sim_dpu_explain_fault(dpu, text, sizeof text);
    ck_assert_msg(outcome.stop == SIM_DONE, "stop reason %d %s", outcome.stop, text);
}

static inline struct sim_thread_state thread_of(const struct sim_dpu *dpu, unsigned tasklet)
{
    struct sim_thread_state state;
    EXPECT(sim_dpu_get_thread(dpu, tasklet, &state) == DPUSIM_OK, "tasklet %u", tasklet);
    return state;
}

static inline uint32_t reg_of(const struct sim_dpu *dpu, unsigned tasklet, unsigned number)
{
    return thread_of(dpu, tasklet).registers[number];
}

static inline uint32_t wram_word(const struct sim_dpu *dpu, uint32_t wram_addr)
{
    uint32_t word;
    EXPECT(sim_dpu_read(dpu, ISA_WRAM, wram_addr, &word, 4, NULL) == DPUSIM_OK, "address %u",
           wram_addr);
    return word;
}

static inline uint32_t symbol_word(const struct sim_dpu *dpu, const char *name)
{
    const struct isa_symbol *symbol = isa_program_find_symbol(sim_dpu_program(dpu), name);
    ck_assert_msg(symbol != NULL, "no symbol %s", name);
    return wram_word(dpu, symbol->value);
}

static inline void code_put(struct sim_dpu *dpu, uint32_t pc_insn, uint64_t word)
{
    EXPECT(sim_dpu_write(dpu, ISA_IRAM, pc_insn * ISA_INSN_BYTES, &word, sizeof word, NULL) ==
               DPUSIM_OK,
           "index %u", pc_insn);
}

static inline uint64_t stat_of(const struct sim_dpu *dpu, enum sim_stat stat, unsigned tasklet)
{
    return sim_dpu_stat(dpu, stat, tasklet);
}
#define DPU_STAT(dpu, id)              sim_dpu_stat(dpu, SIM_STAT_DPU_##id, 0)
#define TASKLET_STAT(dpu, id, tasklet) sim_dpu_stat(dpu, SIM_STAT_TASKLET_##id, tasklet)

/* ---- snapshots ------------------------------------------------------------------------------- */

enum { SNAPSHOT_MRAM_BYTES = 1 << 17 };

struct snapshot {
    struct sim_thread_state threads[ISA_MAX_THREADS];
    uint64_t run_bits, time, atomic[ISA_ATOMIC_BITS / 64];
    uint64_t wram, iram, mram; /* hashes */
    struct sim_fault fault;
    uint64_t stats[SIM_STAT_COUNT][ISA_MAX_THREADS];
};

static inline uint64_t hash_words(const void *data, size_t len_bytes)
{
    uint64_t hash = 0, word;
    for (size_t at = 0; at + 8 <= len_bytes; at += 8) {
        memcpy(&word, (const char *)data + at, 8);
        hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 29;
    }
    return hash;
}

static inline uint64_t hash_memory(const struct sim_dpu *dpu, enum isa_memory memory,
                                   uint32_t len_bytes)
{
    static _Thread_local uint8_t bytes[SNAPSHOT_MRAM_BYTES];
    EXPECT(sim_dpu_read(dpu, memory, 0, bytes, len_bytes, NULL) == DPUSIM_OK, "memory %d", memory);
    return hash_words(bytes, len_bytes);
}

static inline void snapshot_take(struct snapshot *s, const struct sim_dpu *dpu)
{
    unsigned threads = sim_dpu_chip(dpu)->threads;
    memset(s, 0, sizeof *s);
    for (unsigned i = 0; i < threads; i++)
        s->threads[i] = thread_of(dpu, i);
    s->run_bits = sim_dpu_run_bits(dpu);
    s->time = sim_dpu_time_counter(dpu);
    for (unsigned i = 0; i < ISA_ATOMIC_BITS; i++)
        s->atomic[i / 64] |= (uint64_t)sim_dpu_atomic_get(dpu, i) << i % 64;
    s->wram = hash_memory(dpu, ISA_WRAM, sim_dpu_memory_bytes(dpu, ISA_WRAM));
    s->iram = hash_memory(dpu, ISA_IRAM, sim_dpu_memory_bytes(dpu, ISA_IRAM));
    s->mram = hash_memory(dpu, ISA_MRAM, SNAPSHOT_MRAM_BYTES);
    if (sim_dpu_fault(dpu))
        s->fault = *sim_dpu_fault(dpu);
    for (unsigned stat = 0; stat < SIM_STAT_COUNT; stat++)
        for (unsigned i = 0; i < threads; i++)
            s->stats[stat][i] = sim_dpu_stat(dpu, (enum sim_stat)stat, i);
}

struct difference {
    char text[256];
};

#define DIFF(what, a, b)                                                                           \
    if ((a) != (b))                                                                                \
    snprintf(d->text, sizeof d->text, "%s: %" PRIx64 " and %" PRIx64, what, (uint64_t)(a),         \
             (uint64_t)(b))

static inline void diff_threads(struct difference *d, const struct snapshot *a,
                                const struct snapshot *b)
{
    char name[32];
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++) {
        const struct sim_thread_state *x = &a->threads[i], *y = &b->threads[i];
        for (unsigned r = 0; r < ISA_WORK_REGISTERS; r++) {
            snprintf(name, sizeof name, "tasklet %u r%u", i, r);
            DIFF(name, x->registers[r], y->registers[r]);
        }
        snprintf(name, sizeof name, "tasklet %u pc", i);
        DIFF(name, x->pc_insn, y->pc_insn);
        snprintf(name, sizeof name, "tasklet %u flags", i);
        DIFF(name, x->zero_flag * 2 + x->carry_flag, y->zero_flag * 2 + y->carry_flag);
        snprintf(name, sizeof name, "tasklet %u asleep", i);
        DIFF(name, x->asleep * 2 + x->booted, y->asleep * 2 + y->booted);
    }
}

static inline void diff_counters(struct difference *d, const struct snapshot *a,
                                 const struct snapshot *b)
{
    char name[64];
    DIFF("time counter", a->time, b->time);
    DIFF("fault instructions", a->fault.instructions, b->fault.instructions);
    DIFF("fault cycle", a->fault.at_cycle, b->fault.at_cycle);
    for (unsigned stat = 0; stat < SIM_STAT_COUNT; stat++)
        for (unsigned i = 0; i < ISA_MAX_THREADS; i++) {
            const struct sim_stat_info *info = sim_stat_get((enum sim_stat)stat);
            snprintf(name, sizeof name, "%s %s of tasklet %u",
                     info->scope == SIM_SCOPE_DPU ? "DPU" : "tasklet", info->name, i);
            DIFF(name, a->stats[stat][i], b->stats[stat][i]);
        }
}

/* What differs, or an empty text. */
static inline struct difference snapshot_diff(const struct snapshot *a, const struct snapshot *b)
{
    struct difference result = {""}, *d = &result;
    diff_counters(d, a, b);
    DIFF("run bits", a->run_bits, b->run_bits);
    for (unsigned i = 0; i < ISA_ATOMIC_BITS / 64; i++)
        DIFF("atomic bits", a->atomic[i], b->atomic[i]);
    DIFF("WRAM", a->wram, b->wram);
    DIFF("IRAM", a->iram, b->iram);
    DIFF("MRAM", a->mram, b->mram);
    DIFF("fault kind", a->fault.kind, b->fault.kind);
    DIFF("fault tasklet", a->fault.tasklet, b->fault.tasklet);
    DIFF("fault pc", a->fault.pc_insn, b->fault.pc_insn);
    DIFF("fault address", a->fault.address, b->fault.address);
    DIFF("fault rule", strcmp(a->fault.rule, b->fault.rule), 0);
    diff_threads(d, a, b);
    return result;
}

static inline void assert_same(const struct snapshot *a, const struct snapshot *b, const char *what)
{
    struct difference difference = snapshot_diff(a, b);
    EXPECT(!difference.text[0], "%s: %s", what, difference.text);
}

static inline bool look_on(void *context, struct sim_dpu *dpu, const struct sim_event *event)
{
    (void)dpu;
    (void)event;
    if (context)
        ++*(uint64_t *)context;
    return true;
}

static inline int run_suite(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
