/* SPDX-License-Identifier: MIT */
/* Profiles: every cycle has one cause and belongs to one instruction and one call path, the sums
 * are those of the statistics, observed runs are the same runs, and the formats say what they
 * should. */
#include <check.h>

#include "sim_help.h"

static const char *const programs[] = {
    PROGRAM("arith64"),      PROGRAM("boot_protocol"),   PROGRAM("bsearch_mram"),
    PROGRAM("crc32"),        PROGRAM("histogram_mutex"), PROGRAM("matvec"),
    PROGRAM("reduce_tree"),  PROGRAM("scan_chain"),      PROGRAM("softfloat"),
    PROGRAM("stores_loads"), PROGRAM("switch_table"),    PROGRAM("vector_add"),
    PROGRAM("fault_bkp"),    PROGRAM("fault_dma"),       PROGRAM("fault_mem"),
};
enum { N_PROGRAMS = sizeof programs / sizeof programs[0], SHORT = 300000 };

static struct sim_dpu *loaded(const struct sim_config *config, const char *path)
{
    struct sim_dpu *dpu = dpu_create(config);
    struct isa_diag diag = {""};
    ck_assert_msg(sim_dpu_load_file(dpu, path, &diag) == DPUSIM_OK, "%s", diag.text);
    return dpu;
}

static struct sim_profile *profile_of(struct sim_dpu *dpu,
                                      const struct sim_profile_options *options)
{
    struct sim_profile *profile = NULL;
    struct isa_diag diag = {""};
    ck_assert_msg(sim_profile_create(&profile, dpu, options, &diag) == DPUSIM_OK, "%s", diag.text);
    return profile;
}

static void run_short(struct sim_dpu *dpu)
{
    struct sim_limits limits = {.max_instructions = SHORT};
    dpu_boot(dpu);
    sim_dpu_run(dpu, &limits, NULL);
}

static char *text_of(struct sim_profile *profile, enum sim_profile_format format)
{
    char *text = NULL;
    size_t len = 0;
    struct isa_diag diag = {""};
    ck_assert_msg(sim_profile_text(profile, format, &text, &len, &diag) == DPUSIM_OK, "%s",
                  diag.text);
    ck_assert_uint_eq(strlen(text), len);
    return text;
}

/* ---- sums ----------------------------------------------------------------------------------- */

/* Statistic of a tasklet by name. */
static uint64_t statistic(const struct sim_dpu *dpu, const char *name, unsigned tasklet)
{
    for (unsigned i = 0; i < SIM_STAT_COUNT; i++)
        if (strcmp(sim_stat_get(i)->name, name) == 0 && sim_stat_get(i)->scope == SIM_SCOPE_TASKLET)
            return sim_dpu_stat(dpu, i, tasklet);
    ck_abort_msg("no statistic %s", name);
    return 0;
}

/* A statistic counts the cycles of one cause, or of two. */
static const struct agreement {
    const char *statistic;
    enum sim_cause causes[2];
} agreements[] = {
    {"instructions", {SIM_CAUSE_issued, SIM_CAUSE_spin}},
    {"slots_spin", {SIM_CAUSE_spin, SIM_CAUSE_COUNT}},
    {"slots_spacing", {SIM_CAUSE_spacing, SIM_CAUSE_COUNT}},
    {"slots_contended", {SIM_CAUSE_contended, SIM_CAUSE_COUNT}},
    {"slots_dma", {SIM_CAUSE_dma, SIM_CAUSE_COUNT}},
    {"slots_dma_queue", {SIM_CAUSE_dma_queue, SIM_CAUSE_COUNT}},
    {"slots_hazard", {SIM_CAUSE_hazard, SIM_CAUSE_COUNT}},
    {"slots_stopped", {SIM_CAUSE_stopped, SIM_CAUSE_COUNT}},
    {"slots_drain", {SIM_CAUSE_drain, SIM_CAUSE_COUNT}},
};

static void expect_agreement(const struct sim_dpu *dpu, struct sim_profile *profile,
                             unsigned tasklet, const char *what)
{
    for (const struct agreement *row = agreements;
         row < agreements + sizeof agreements / sizeof agreements[0]; row++) {
        uint64_t seen = sim_profile_cycles(profile, -1, (int)tasklet, row->causes[0]) +
                        sim_profile_cycles(profile, -1, (int)tasklet, row->causes[1]);
        uint64_t counted = statistic(dpu, row->statistic, tasklet);
        EXPECT(seen == counted, "%s: tasklet %u, %s: profile %llu, statistics %llu", what, tasklet,
               row->statistic, (unsigned long long)seen, (unsigned long long)counted);
    }
}

static uint64_t sum_of(struct sim_profile *profile, int pc_insn, int tasklet)
{
    uint64_t sum = 0;
    for (unsigned cause = 0; cause < SIM_CAUSE_COUNT; cause++)
        sum += sim_profile_cycles(profile, pc_insn, tasklet, cause);
    return sum;
}

static void expect_sums(const struct sim_dpu *dpu, struct sim_profile *profile, const char *what)
{
    struct sim_thread_state state;
    for (unsigned i = 0; sim_dpu_get_thread(dpu, i, &state) == DPUSIM_OK; i++) {
        if (!state.booted) {
            ck_assert_uint_eq(sum_of(profile, -1, (int)i), 0);
            continue;
        }
        expect_agreement(dpu, profile, i, what);
        uint64_t cycles = sim_dpu_stat(dpu, SIM_STAT_DPU_cycles, 0);
        EXPECT(sum_of(profile, -1, (int)i) == cycles, "%s: tasklet %u: %llu of %llu cycles", what,
               i, (unsigned long long)sum_of(profile, -1, (int)i), (unsigned long long)cycles);
    }
}

START_TEST(sums_are_those_of_the_statistics)
{
    struct sim_config config = config_of(SIM_CYCLE, _i / N_PROGRAMS ? 7 : 0);
    const char *path = programs[_i % N_PROGRAMS];
    struct sim_dpu *dpu = loaded(&config, path);
    struct sim_profile *profile = profile_of(dpu, NULL);
    run_short(dpu);
    expect_sums(dpu, profile, path);
    sim_profile_destroy(profile);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(sums_hold_wherever_a_run_is_cut)
{
    struct sim_config config = config_of(SIM_CYCLE, 0);
    struct sim_dpu *dpu = loaded(&config, PROGRAM("vector_add"));
    struct sim_profile *profile = profile_of(dpu, NULL);
    struct sim_outcome outcome = {.stop = SIM_LIMIT_INSTRUCTIONS};
    struct sim_limits limits = {.max_instructions = 37};
    dpu_boot(dpu);
    for (unsigned i = 0; i < 200 && outcome.stop != SIM_DONE; i++) {
        sim_dpu_run(dpu, &limits, &outcome);
        expect_sums(dpu, profile, "cut");
    }
    sim_profile_destroy(profile);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(hazards_are_told_from_contention)
{
    struct sim_config config = config_of(SIM_CYCLE, 0);
    struct isa_diag diag;
    ck_assert_int_eq(sim_config_set_timing(&config, "rf_hazard", "1", &diag), DPUSIM_OK);
    struct sim_dpu *dpu = loaded(&config, PROGRAM("histogram_mutex"));
    struct sim_profile *profile = profile_of(dpu, NULL);
    run_short(dpu);
    expect_sums(dpu, profile, "hazards");
    ck_assert_uint_gt(sim_profile_cycles(profile, -1, -1, SIM_CAUSE_hazard), 0);
    ck_assert_uint_gt(sim_profile_cycles(profile, -1, -1, SIM_CAUSE_spin), 0);
    sim_profile_destroy(profile);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(instructions_add_up_to_the_whole)
{
    struct sim_config config = config_of(SIM_CYCLE, 0);
    struct sim_dpu *dpu = loaded(&config, programs[_i]);
    struct sim_profile *profile = profile_of(dpu, NULL);
    uint64_t inside = 0;
    run_short(dpu);
    for (int pc_insn = 0; pc_insn <= (int)ISA_IRAM_INSNS; pc_insn++)
        inside += sum_of(profile, pc_insn, -1);
    ck_assert_uint_eq(inside, sum_of(profile, -1, -1));
    ck_assert_uint_lt(sum_of(profile, ISA_IRAM_INSNS, -1), inside);
    sim_profile_destroy(profile);
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- the same run --------------------------------------------------------------------------- */

START_TEST(an_observed_run_is_the_same_run)
{
    enum sim_mode mode = _i / N_PROGRAMS ? SIM_CYCLE : SIM_FUNCTIONAL;
    struct sim_config config = config_of(mode, 0);
    struct sim_profile_options options = {.timeline = true};
    struct sim_dpu *plain = loaded(&config, programs[_i % N_PROGRAMS]);
    struct sim_dpu *observed = loaded(&config, programs[_i % N_PROGRAMS]);
    struct sim_profile *profile = profile_of(observed, &options);
    run_short(plain);
    run_short(observed);
    for (unsigned i = 0; i < SIM_STAT_COUNT; i++)
        ck_assert_uint_eq(sim_dpu_stat(plain, i, 0), sim_dpu_stat(observed, i, 0));
    ck_assert_mem_eq(sim_dpu_wram(plain), sim_dpu_wram(observed), 65536);
    ck_assert_mem_eq(sim_dpu_mram(plain), sim_dpu_mram(observed), 1 << 20);
    struct sim_thread_state state[2];
    for (unsigned i = 0; sim_dpu_get_thread(plain, i, &state[0]) == DPUSIM_OK; i++) {
        ck_assert_int_eq(sim_dpu_get_thread(observed, i, &state[1]), DPUSIM_OK);
        ck_assert_mem_eq(state[0].registers, state[1].registers, sizeof state[0].registers);
        ck_assert_uint_eq(state[0].pc_insn, state[1].pc_insn);
        for (unsigned n = 0; n < SIM_STAT_COUNT; n++)
            ck_assert_uint_eq(sim_dpu_stat(plain, n, i), sim_dpu_stat(observed, n, i));
    }
    sim_profile_destroy(profile);
    sim_dpu_destroy(plain);
    sim_dpu_destroy(observed);
}
END_TEST

START_TEST(launches_add_up)
{
    struct sim_config config = config_of(SIM_CYCLE, 0);
    struct sim_dpu *dpu = loaded(&config, PROGRAM("vector_add"));
    struct sim_profile *profile = profile_of(dpu, NULL);
    run_short(dpu);
    uint64_t first = sim_dpu_stat(dpu, SIM_STAT_DPU_cycles, 0);
    uint64_t issued = sim_profile_cycles(profile, -1, 0, SIM_CAUSE_issued);
    run_short(dpu);
    uint64_t second = sim_dpu_stat(dpu, SIM_STAT_DPU_cycles, 0);
    ck_assert_uint_eq(sum_of(profile, -1, 0), first + second);
    ck_assert_uint_gt(sim_profile_cycles(profile, -1, 0, SIM_CAUSE_issued), issued);
    sim_profile_destroy(profile);
    sim_dpu_destroy(dpu);
}
END_TEST

/* Functional mode up to an instruction, cycle mode from there: what is observed is what counts. */
START_TEST(a_profile_covers_the_window)
{
    struct sim_config config = config_of(SIM_CYCLE, 0);
    struct sim_dpu *dpu = loaded(&config, PROGRAM("vector_add"));
    struct isa_diag diag = {""};
    struct sim_window window = {{0}, {0}};
    ck_assert_msg(sim_point_parse(&window.from, "insn:5000", sim_dpu_program(dpu), &diag) ==
                      DPUSIM_OK,
                  "%s", diag.text);
    sim_dpu_set_window(dpu, &window);
    struct sim_profile *profile = profile_of(dpu, NULL);
    run_short(dpu);
    ck_assert_uint_gt(sim_profile_cycles(profile, -1, 0, SIM_CAUSE_issued), 0);
    expect_agreement(dpu, profile, 0, "window");
    uint64_t issued = sim_profile_cycles(profile, -1, -1, SIM_CAUSE_issued) +
                      sim_profile_cycles(profile, -1, -1, SIM_CAUSE_spin);
    ck_assert_uint_eq(issued, sim_dpu_stat(dpu, SIM_STAT_DPU_instructions, 0));
    sim_profile_destroy(profile);
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- what belongs to what ------------------------------------------------------------------- */

/* main calls twice: 2 + 2 * 3 instructions and the stop; one tasklet, so all waiting is spacing. */
static const char calls[] = "main: call r23, twice\n"
                            " call r23, twice\n"
                            " stop\n"
                            ".globl twice\n.type twice, @function\n"
                            "twice: move r0, 1\n"
                            " move r0, 2\n"
                            " jump r23\n"
                            ".size twice, . - twice\n";

START_TEST(calls_and_returns_make_call_paths)
{
    struct sim_config config = config_of(SIM_CYCLE, 0);
    struct sim_dpu *dpu = dpu_create(&config);
    struct isa_program *program = program_of(calls, config.chip, true);
    ck_assert_int_eq(sim_dpu_load(dpu, program, NULL), DPUSIM_OK);
    struct sim_profile *profile = profile_of(dpu, NULL);
    run_short(dpu);
    for (int pc_insn = 3; pc_insn < 6; pc_insn++) {
        ck_assert_uint_eq(sim_profile_cycles(profile, pc_insn, -1, SIM_CAUSE_issued), 2);
        ck_assert_uint_eq(sim_profile_cycles(profile, pc_insn, -1, SIM_CAUSE_spacing), 20);
    }
    char *stacks = text_of(profile, SIM_PROFILE_STACKS);
    ck_assert_msg(strstr(stacks, ";twice 33\n") != NULL, "%s", stacks); /* each call: 3 * 11 */
    free(stacks);
    char *text = text_of(profile, SIM_PROFILE_TEXT);
    ck_assert_msg(strstr(text, "twice") && strstr(text, "test.s:"), "%s", text);
    free(text);
    sim_profile_destroy(profile);
    isa_program_destroy(program);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(a_transfer_is_waited_for_by_its_instruction)
{
    struct sim_config config = config_of(SIM_CYCLE, 0);
    struct sim_dpu *dpu = dpu_create(&config);
    struct isa_program *program = program_of(" move r0, 64\n move r1, 0\n"
                                             " ldma r0, r1, 0\n move r2, 0\n stop\n",
                                             config.chip, false);
    ck_assert_int_eq(sim_dpu_load(dpu, program, NULL), DPUSIM_OK);
    struct sim_profile *profile = profile_of(dpu, NULL);
    run_short(dpu);
    /* 8 bytes: the next instruction issues 77 + 4 cycles later, of which 1 issues, 10 are spacing
     */
    ck_assert_uint_eq(sim_profile_cycles(profile, 2, 0, SIM_CAUSE_dma), 81 - 11);
    ck_assert_uint_eq(sim_profile_cycles(profile, -1, -1, SIM_CAUSE_dma), 81 - 11);
    ck_assert_uint_eq(sim_profile_cycles(profile, -1, -1, SIM_CAUSE_dma_queue), 0);
    sim_profile_destroy(profile);
    isa_program_destroy(program);
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- formats -------------------------------------------------------------------------------- */

START_TEST(every_format_can_be_written_at_any_time)
{
    struct sim_config config = config_of(SIM_CYCLE, 0);
    struct sim_profile_options options = {true, 100, 200};
    struct sim_dpu *dpu = loaded(&config, PROGRAM("matvec"));
    struct sim_profile *profile = profile_of(dpu, &options);
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned format = 0; format < SIM_PROFILE_FORMATS; format++)
            free(text_of(profile, format));
        run_short(dpu);
    }
    struct isa_diag diag;
    char *text;
    size_t len;
    ck_assert_int_eq(sim_profile_text(profile, SIM_PROFILE_FORMATS, &text, &len, &diag),
                     DPUSIM_BAD_ARGUMENT);
    sim_profile_destroy(profile);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(a_profile_needs_a_program)
{
    struct sim_dpu *dpu = dpu_create(NULL);
    struct sim_profile *profile;
    struct isa_diag diag;
    ck_assert_int_eq(sim_profile_create(&profile, dpu, NULL, &diag), DPUSIM_NO_PROGRAM);
    sim_profile_destroy(NULL);
    sim_dpu_destroy(dpu);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("sim.profile");
    TCase *normal = tcase_create("normal");
    tcase_set_timeout(normal, 60);
    tcase_add_loop_test(normal, sums_are_those_of_the_statistics, 0, 2 * N_PROGRAMS);
    tcase_add_test(normal, sums_hold_wherever_a_run_is_cut);
    tcase_add_test(normal, hazards_are_told_from_contention);
    tcase_add_loop_test(normal, instructions_add_up_to_the_whole, 0, N_PROGRAMS);
    tcase_add_loop_test(normal, an_observed_run_is_the_same_run, 0, 2 * N_PROGRAMS);
    tcase_add_test(normal, launches_add_up);
    tcase_add_test(normal, a_profile_covers_the_window);
    tcase_add_test(normal, calls_and_returns_make_call_paths);
    tcase_add_test(normal, a_transfer_is_waited_for_by_its_instruction);
    tcase_add_test(normal, every_format_can_be_written_at_any_time);
    suite_add_tcase(suite, normal);
    TCase *bad_input = tcase_create("bad_input");
    tcase_add_test(bad_input, a_profile_needs_a_program);
    suite_add_tcase(suite, bad_input);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(make_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
