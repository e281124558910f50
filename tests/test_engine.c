/* SPDX-License-Identifier: MIT */
/* The fast variants of instructions against their complete functions: random programs, made mostly
 * of the forms in hot.def and of the pairs in pairs.h, leave the same state and counters run fast,
 * cut in pieces, and one careful step at a time (a hook is installed). */
#include <check.h>

#include "pairs.h"
#include "random_insn.h"
#include "sim_help.h"

#define SEED UINT64_C(0xd1ffe7e57)

enum { N_PROGRAMS = 60, MOST_INSTRUCTIONS = 4000 };
enum { WORDS_PLACE = PROGRAM_INSNS + 10 };
enum { TRIES_PER_PAIR = 4 };

/* ---- rows of hot.def ------------------------------------------------------------------------ */

static const struct choice hot[] = {
#define HOT(form)            {ISA_##form, ANY, false},
#define HOT_IF(form, cond)   {ISA_##form, ISA_COND_##cond, false},
#define HOT_SAME(form, cond) {ISA_##form, ISA_COND_##cond, true},
#include "hot.def"
};
enum { N_HOT = sizeof hot / sizeof hot[0] };

/* Conditions as pairs.h names them. */
enum {
    PAIR_ANY = ANY,
#define COND(id, ...) PAIR_##id = ISA_COND_##id,
#include "cond.def"
};
#define FIRST_ROW(form, cond)        {ISA_##form, PAIR_##cond, false},
#define SECOND_ROW(a, b, form, cond) {ISA_##form, PAIR_##cond, false},
#define LADDER_ROW(form, cond, ...)  {ISA_##form, PAIR_##cond, true},
static const struct choice firsts[] = {PAIR_FIRST(FIRST_ROW)};
static const struct choice seconds[] = {PAIR_SECOND(SECOND_ROW, _, _)};
static const struct choice ladders[] = {PAIR_LADDER(LADDER_ROW)};
enum { N_FIRST = sizeof firsts / sizeof firsts[0], N_SECOND = sizeof seconds / sizeof seconds[0] };
enum { N_LADDER = sizeof ladders / sizeof ladders[0] };

/* ---- random instructions -------------------------------------------------------------------- */

/* Faults and stops end programs: seldom. Jumps to registers go anywhere: not at all. */
static bool is_wanted(enum isa_form form, uint64_t *state)
{
    if (is_family(form, "call"))
        return form == ISA_CALL_ZRI || form == ISA_CALL_RRI;
    if (is_family(form, "fault") || is_family(form, "stop") || is_family(form, "safe") ||
        form == ISA_CLR_RUN_RICI)
        return random_next(state) % 50 == 0;
    return true;
}

static uint64_t random_insn(uint64_t *state)
{
    struct choice row = hot[random_next(state) % N_HOT];
    uint64_t kind = random_next(state) % 8;
    if (kind == 0)
        row = (struct choice){(enum isa_form)(random_next(state) % ISA_FORM_COUNT), ANY, false};
    else if (kind == 1)
        row = firsts[random_next(state) % N_FIRST];
    else if (kind == 2)
        row = seconds[random_next(state) % N_SECOND];
    if (!is_wanted(row.form, state))
        return random_insn(state);
    uint64_t word = random_word(&row, state);
    if (is_family(row.form, "call")) /* ra = zero: stay in the program */
        word = isa_field_put(ISA_OPERAND_RA, word, 24);
    return word;
}

/* ---- programs ------------------------------------------------------------------------------- */

struct plan {
    uint64_t seed;
    enum sim_mode mode;
    unsigned tasklets;
    enum isa_chip chip;
};

static void set_registers(struct sim_dpu *dpu, unsigned tasklet, uint32_t pc_insn, uint64_t *state)
{
    struct sim_thread_state thread = {.pc_insn = pc_insn, .running = true};
    for (unsigned i = 0; i < ISA_WORK_REGISTERS; i++)
        thread.registers[i] =
            i < FIRST_BASE ? random_value(state) : (uint32_t)(random_next(state) % 7000 * 8);
    thread.zero_flag = random_next(state) & 1;
    thread.carry_flag = random_next(state) & 1;
    EXPECT(sim_dpu_set_thread(dpu, tasklet, &thread) == DPUSIM_OK, "tasklet %u", tasklet);
}

/* Random words everywhere; in MRAM also instructions for ldmai to find. */
static void fill(struct sim_dpu *dpu, uint64_t *state)
{
    uint64_t insns[32];
    for (unsigned i = 0; i < 32; i++)
        insns[i] = random_insn(state);
    for (uint32_t at = 0; at < 60000; at += 8) {
        uint64_t word = random_next(state);
        memcpy(sim_dpu_wram(dpu) + at, &word, sizeof word);
        word = at / 8 % 3 ? insns[word % 32] : word;
        memcpy(sim_dpu_mram(dpu) + at, &word, sizeof word);
    }
}

static struct sim_dpu *plan_start(const struct plan *plan)
{
    uint64_t state = plan->seed;
    struct sim_config config = config_of(plan->mode, random_next(&state) % 4);
    config.chip = plan->chip;
    struct sim_dpu *dpu = dpu_create(&config);
    fill(dpu, &state);
    for (uint32_t pc = 0; pc < PROGRAM_INSNS; pc++)
        code_put(dpu, pc, random_insn(&state));
    code_put(dpu, PROGRAM_INSNS, WORD(CALL_ZRI, 0, 24, 3)); /* jump 3 */
    for (unsigned i = 0; i < plan->tasklets; i++)
        set_registers(dpu, i * 5 % sim_dpu_chip(dpu)->threads,
                      (uint32_t)(random_next(&state) % PROGRAM_INSNS), &state);
    return dpu;
}

/* Execute MOST_INSTRUCTIONS in pieces of at most so many. */
static void plan_run(const struct plan *plan, uint64_t piece, bool hooked, struct snapshot *result)
{
    struct sim_dpu *dpu = plan_start(plan);
    uint64_t left = MOST_INSTRUCTIONS, state = plan->seed | 1;
    struct sim_outcome outcome = {.stop = SIM_LIMIT_INSTRUCTIONS};
    if (hooked)
        sim_dpu_set_hook(dpu, look_on, NULL);
    while (left && outcome.stop == SIM_LIMIT_INSTRUCTIONS) {
        uint64_t most = piece ? 1 + random_next(&state) % piece : left;
        struct sim_limits limits = {.max_instructions = most < left ? most : left};
        sim_dpu_run(dpu, &limits, &outcome);
        left -= outcome.instructions;
    }
    snapshot_take(result, dpu);
    sim_dpu_destroy(dpu);
}

static void check_plan(const struct plan *plan)
{
    struct snapshot fast, other;
    char title[80];
    snprintf(title, sizeof title, "seed %" PRIx64 ", mode %d, %u tasklets", plan->seed, plan->mode,
             plan->tasklets);
    plan_run(plan, 0, false, &fast);
    plan_run(plan, 0, true, &other);
    assert_same(&fast, &other, title);
    plan_run(plan, 600, false, &other);
    assert_same(&fast, &other, title);
}

START_TEST(random_program_runs_fast_as_it_runs_carefully)
{
    static const unsigned tasklets[] = {1, 1, 2, 3, 11, 16};
    struct plan plan = {.seed = SEED + (uint64_t)_i * 77,
                        .mode = _i % 2 ? SIM_CYCLE : SIM_FUNCTIONAL,
                        .tasklets = tasklets[_i / 2 % 6],
                        .chip = _i % 5 == 4 ? ISA_CHIP_V1B : ISA_CHIP_V1A};
    check_plan(&plan);
}
END_TEST

/* ---- every row, every pair ------------------------------------------------------------------ */

/* The words between stops, run by one or two tasklets. */
static void run_words(struct sim_dpu *dpu, const uint64_t *words, unsigned count, unsigned tasklets,
                      bool hooked, uint64_t seed, struct snapshot *result)
{
    uint64_t state = seed;
    for (unsigned i = 0; i < count; i++)
        code_put(dpu, WORDS_PLACE + i, words[i]);
    code_put(dpu, WORDS_PLACE + count, WORD(STOP_CI, 0, 0));
    for (unsigned i = 0; i < tasklets; i++)
        set_registers(dpu, i, WORDS_PLACE, &state);
    sim_dpu_set_hook(dpu, hooked ? look_on : NULL, NULL);
    struct sim_limits limits = {.max_instructions = 100000};
    sim_dpu_run(dpu, &limits, NULL);
    snapshot_take(result, dpu);
}

/* All jump targets stop. */
static struct sim_dpu *stop_everywhere(enum sim_mode mode, uint64_t seed)
{
    struct sim_config config = config_of(mode, 0);
    struct sim_dpu *dpu = dpu_create(&config);
    fill(dpu, &seed);
    for (uint32_t pc = 0; pc <= PROGRAM_INSNS; pc++)
        code_put(dpu, pc, WORD(STOP_CI, 0, 0));
    return dpu;
}

static void check_words(const uint64_t *words, unsigned count, unsigned tasklets,
                        enum sim_mode mode, uint64_t seed)
{
    struct snapshot fast, careful;
    char title[400];
    size_t used = (size_t)snprintf(title, sizeof title, "seed %" PRIx64 " mode %d:", seed, mode);
    for (unsigned hooked = 0; hooked < 2; hooked++) {
        struct sim_dpu *dpu = stop_everywhere(mode, seed);
        run_words(dpu, words, count, tasklets, hooked, seed, hooked ? &careful : &fast);
        sim_dpu_destroy(dpu);
    }
    for (unsigned i = 0; i < count; i++) {
        title[used++] = ' ';
        used += (size_t)isa_print(title + used, sizeof title - used, words[i], false);
    }
    assert_same(&fast, &careful, title);
}

START_TEST(hot_row_does_what_the_complete_function_does)
{
    uint64_t state = SEED + (uint64_t)_i;
    for (unsigned way = 0; way < 3; way++) {
        uint64_t word = random_word(&hot[_i], &state);
        check_words(&word, 1, 1 + way % 2, way == 2 ? SIM_CYCLE : SIM_FUNCTIONAL, state);
    }
}
END_TEST

static void check_pair(const struct choice *first, const struct choice *second, uint64_t state)
{
    struct snapshot fast, careful;
    uint64_t words[2];
    struct sim_dpu *dpu[2] = {stop_everywhere(SIM_FUNCTIONAL, state),
                              stop_everywhere(SIM_FUNCTIONAL, state)};
    for (unsigned turn = 0; turn < TRIES_PER_PAIR; turn++) {
        uint64_t seed = random_next(&state);
        words[0] = random_word(first, &state);
        words[1] = random_word(second, &state);
        if (second->form == ISA_CALL_ZRI)
            words[1] = isa_field_put(ISA_OPERAND_RA, words[1], 24);
        run_words(dpu[0], words, 2, 1, false, seed, &fast);
        run_words(dpu[1], words, 2, 1, true, seed, &careful);
        struct difference difference = snapshot_diff(&fast, &careful);
        EXPECT(!difference.text[0], "forms %d %d: %012" PRIx64 " %012" PRIx64 ": %s", first->form,
               second->form, words[0], words[1], difference.text);
        for (unsigned i = 0; i < 2; i++)
            sim_dpu_clear_fault(dpu[i]);
    }
    sim_dpu_destroy(dpu[0]);
    sim_dpu_destroy(dpu[1]);
}

START_TEST(pair_does_what_its_instructions_do)
{
    check_pair(&firsts[_i % N_FIRST], &seconds[_i / N_FIRST], SEED + (uint64_t)_i);
}
END_TEST

/* Steps on one pair with rising or falling shifts, entered anywhere; now and then one of them uses
 * another register, shift or condition, or the operand is part of the pair. */
static unsigned random_ladder(const struct choice *row, uint64_t words[], uint64_t *state)
{
    enum { MOST_STEPS = 40 };
    uint64_t bits = random_next(state);
    int64_t pair = (int64_t)(bits % 8 * 2), ra = (int64_t)(bits / 8 % 20), shift = bits / 256 % 32;
    unsigned count = 1 + (unsigned)(bits / 8192 % MOST_STEPS);
    bool falling = bits >> 40 & 1;
    for (unsigned i = 0; i < count; i++) {
        words[1 + i] = random_word(row, state);
        if (random_next(state) % 30 == 0)
            continue;
        uint64_t word = isa_field_put(ISA_OPERAND_DC5, words[1 + i], (uint64_t)pair);
        word = isa_field_put(ISA_OPERAND_DB, word, (uint64_t)pair);
        word = isa_field_put(ISA_OPERAND_RA, word, (uint64_t)ra);
        words[1 + i] = isa_field_put(ISA_OPERAND_SHIFT, word, (uint64_t)shift);
        shift += falling ? -1 : 1;
    }
    words[0] = WORD(CALL_ZRI, 0, 24, WORDS_PLACE + 1 + (int64_t)(bits >> 48) % count);
    return count + 1;
}

START_TEST(steps_of_a_ladder_do_what_each_does)
{
    uint64_t state = SEED + (uint64_t)_i, words[64];
    struct snapshot fast, careful;
    struct sim_dpu *dpu[2] = {stop_everywhere(SIM_FUNCTIONAL, state),
                              stop_everywhere(SIM_FUNCTIONAL, state)};
    for (unsigned turn = 0; turn < 200; turn++) {
        unsigned count = random_ladder(&ladders[_i], words, &state);
        uint64_t seed = random_next(&state);
        run_words(dpu[0], words, count, 1, false, seed, &fast);
        run_words(dpu[1], words, count, 1, true, seed, &careful);
        struct difference difference = snapshot_diff(&fast, &careful);
        EXPECT(!difference.text[0], "form %d, turn %u: %s", ladders[_i].form, turn,
               difference.text);
    }
    sim_dpu_destroy(dpu[0]);
    sim_dpu_destroy(dpu[1]);
}
END_TEST

/* ---- code that changes, and the end of IRAM ------------------------------------------------- */

START_TEST(second_of_a_pair_that_changes_is_executed_anew)
{
    struct sim_dpu *dpu = dpu_of(SIM_FUNCTIONAL, "add r0, r0, 1\nadd r1, r1, 1\nstop\nstop");
    struct sim_thread_state at_start = {.running = true};
    dpu_run_done(dpu);
    code_put(dpu, 1, WORD(ADD_RRI, 2, 2, 7));
    ck_assert_int_eq(sim_dpu_set_thread(dpu, 0, &at_start), DPUSIM_OK);
    dpu_run_done(dpu);
    ck_assert_uint_eq(reg_of(dpu, 0, 0), 1);
    ck_assert_uint_eq(reg_of(dpu, 0, 1), 0);
    ck_assert_uint_eq(reg_of(dpu, 0, 2), 7);
    sim_dpu_destroy(dpu);
}
END_TEST

static void fill_with_nops(struct sim_dpu *dpu)
{
    for (uint32_t pc = 0; pc < ISA_IRAM_INSNS; pc++)
        code_put(dpu, pc, WORD(ADD_RRI, 0, 0, 1));
}

/* Straight through all of IRAM, again and again: only instruction 0 looks whether to stop. */
static const struct {
    enum sim_mode mode;
    unsigned tasklets;
    bool hooked;
} wraps[] = {
    {SIM_FUNCTIONAL, 1, false}, {SIM_FUNCTIONAL, 3, false}, {SIM_FUNCTIONAL, 2, true},
    {SIM_CYCLE, 1, false},      {SIM_CYCLE, 3, false},      {SIM_CYCLE, 2, true},
};

START_TEST(execution_goes_on_at_0_behind_the_last_slot)
{
    struct sim_config config = config_of(wraps[_i].mode, 0);
    struct sim_dpu *dpu = dpu_create(&config);
    fill_with_nops(dpu);
    code_put(dpu, 0, WORD(SUB_ZRICI, 0, 0, 1000, isa_cond_find(ISA_CLASS_SUB_NZ, "nz"), 1));
    for (unsigned i = 0; i < wraps[_i].tasklets; i++) {
        struct sim_thread_state thread = {.pc_insn = 4090 - i, .running = true};
        ck_assert_int_eq(sim_dpu_set_thread(dpu, i, &thread), DPUSIM_OK);
    }
    sim_dpu_set_hook(dpu, wraps[_i].hooked ? look_on : NULL, NULL);
    struct sim_limits limits = {.max_instructions = wraps[_i].tasklets * 30000};
    struct sim_outcome outcome;
    sim_dpu_run(dpu, &limits, &outcome);
    ck_assert_int_eq(outcome.stop, SIM_LIMIT_INSTRUCTIONS);
    for (unsigned i = 0; i < wraps[_i].tasklets; i++) {
        ck_assert_uint_eq(thread_of(dpu, i).pc_insn, (4090 - i + 30000) % 4096);
        ck_assert_uint_eq(reg_of(dpu, i, 0), 30000 - 8);
    }
    sim_dpu_destroy(dpu);
}
END_TEST

#define ROWS(array) (int)(sizeof(array) / sizeof(array)[0])

int main(void)
{
    Suite *suite = suite_create("sim.engine");
    TCase *normal = tcase_create("normal"), *limits = tcase_create("limits");
    tcase_add_loop_test(normal, random_program_runs_fast_as_it_runs_carefully, 0, N_PROGRAMS * 2);
    tcase_add_loop_test(normal, hot_row_does_what_the_complete_function_does, 0, N_HOT);
    tcase_add_loop_test(normal, pair_does_what_its_instructions_do, 0, N_FIRST * N_SECOND);
    tcase_add_loop_test(normal, steps_of_a_ladder_do_what_each_does, 0, N_LADDER);
    tcase_add_test(normal, second_of_a_pair_that_changes_is_executed_anew);
    tcase_add_loop_test(limits, execution_goes_on_at_0_behind_the_last_slot, 0, ROWS(wraps));
    suite_add_tcase(suite, normal);
    suite_add_tcase(suite, limits);
    return run_suite(suite);
}
