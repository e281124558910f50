/* SPDX-License-Identifier: MIT */
/* Tests of DPUs that share their predecoded code, and of changing the mode between runs. */
#include <check.h>
#include <pthread.h>

#include "sim_help.h"

enum { COUNT = 4 };

static void create_alike(struct sim_dpu *dpus[COUNT], enum sim_mode mode)
{
    struct sim_config config = config_of(mode, 0);
    dpus[0] = dpu_create(&config);
    for (unsigned i = 1; i < COUNT; i++)
        ck_assert_int_eq(sim_dpu_create_like(&dpus[i], dpus[0], NULL), DPUSIM_OK);
}

static void destroy_all(struct sim_dpu *dpus[COUNT])
{
    for (unsigned i = 0; i < COUNT; i++)
        sim_dpu_destroy(dpus[i]);
}

static void load(struct sim_dpu *dpu, struct isa_program *program)
{
    ck_assert_int_eq(sim_dpu_load(dpu, program, NULL), DPUSIM_OK);
}

static uint32_t result_of(struct sim_dpu *dpu)
{
    dpu_boot(dpu);
    dpu_run_done(dpu);
    return reg_of(dpu, 0, 0);
}

/* Whatever the order of loads, each DPU runs what was loaded into it last. */
START_TEST(every_dpu_runs_its_own_program)
{
    struct sim_dpu *dpus[COUNT];
    struct isa_program *one = program_of("move r0, 1\nstop", ISA_CHIP_V1A, false);
    struct isa_program *two = program_of("move r0, 2\nstop", ISA_CHIP_V1A, false);
    create_alike(dpus, SIM_FUNCTIONAL);
    uint64_t seed = (uint64_t)_i + 1;
    unsigned want[COUNT];
    for (unsigned i = 0; i < COUNT; i++) {
        load(dpus[i], one);
        want[i] = 1;
    }
    for (unsigned step = 0; step < 40; step++) {
        uint64_t number = random_next(&seed);
        unsigned i = number % COUNT;
        want[i] = 1 + number / 8 % 2;
        load(dpus[i], want[i] == 1 ? one : two);
        unsigned j = number / 16 % COUNT;
        ck_assert_uint_eq(result_of(dpus[j]), want[j]);
    }
    for (unsigned i = 0; i < COUNT; i++)
        ck_assert_uint_eq(result_of(dpus[i]), want[i]);
    isa_program_destroy(one);
    isa_program_destroy(two);
    destroy_all(dpus);
}
END_TEST

START_TEST(iram_written_by_the_host_changes_one_dpu)
{
    struct sim_dpu *dpus[COUNT];
    struct isa_program *program = program_of("move r0, 1\nstop", ISA_CHIP_V1A, false);
    create_alike(dpus, SIM_FUNCTIONAL);
    for (unsigned i = 0; i < COUNT; i++)
        load(dpus[i], program);
    isa_program_destroy(program);
    struct sim_dpu *other = dpu_of(SIM_FUNCTIONAL, "move r0, 7\nstop");
    uint64_t word;
    ck_assert_int_eq(sim_dpu_read(other, ISA_IRAM, 0, &word, sizeof word, NULL), DPUSIM_OK);
    code_put(dpus[_i], 0, word);
    for (unsigned i = 0; i < COUNT; i++)
        ck_assert_uint_eq(result_of(dpus[i]), i == (unsigned)_i ? 7 : 1);
    sim_dpu_destroy(other);
    destroy_all(dpus);
}
END_TEST

/* The program overwrites its instruction 4 with what lies at MRAM 0. */
static const char changes_itself[] =
    "move r1, 32\nmove r2, 0\nldmai r1, r2, 0\nnop\nmove r0, 1\nstop";

START_TEST(code_that_changes_itself_changes_one_dpu)
{
    struct sim_dpu *dpus[COUNT];
    struct isa_program *program = program_of(changes_itself, ISA_CHIP_V1A, false);
    create_alike(dpus, _i ? SIM_CYCLE : SIM_FUNCTIONAL);
    struct sim_dpu *other = dpu_of(SIM_FUNCTIONAL, "move r0, 9\nstop");
    uint64_t word;
    for (unsigned i = 0; i < COUNT; i++)
        load(dpus[i], program);
    ck_assert_int_eq(sim_dpu_read(other, ISA_IRAM, 0, &word, sizeof word, NULL), DPUSIM_OK);
    ck_assert_int_eq(sim_dpu_write(dpus[1], ISA_MRAM, 0, &word, sizeof word, NULL), DPUSIM_OK);
    ck_assert_int_eq(sim_dpu_read(dpus[0], ISA_IRAM, 32, &word, sizeof word, NULL), DPUSIM_OK);
    for (unsigned i = 0; i < COUNT; i++)
        if (i != 1)
            ck_assert_int_eq(sim_dpu_write(dpus[i], ISA_MRAM, 0, &word, sizeof word, NULL),
                             DPUSIM_OK);
    for (unsigned i = 0; i < COUNT; i++)
        ck_assert_uint_eq(result_of(dpus[i]), i == 1 ? 9 : 1);
    isa_program_destroy(program);
    sim_dpu_destroy(other);
    destroy_all(dpus);
}
END_TEST

/* A breakpoint in the middle: registers and the place in the code survive another DPU's change. */
START_TEST(running_dpu_goes_on_in_its_code_when_it_is_given_its_own)
{
    struct sim_dpu *dpus[COUNT];
    struct isa_program *program =
        program_of("move r0, 1\nadd r0, r0, 1\nadd r0, r0, 1\nstop", ISA_CHIP_V1A, false);
    struct sim_limits two = {.max_instructions = 2};
    create_alike(dpus, _i ? SIM_CYCLE : SIM_FUNCTIONAL);
    for (unsigned i = 0; i < COUNT; i++)
        load(dpus[i], program);
    dpu_boot(dpus[2]);
    sim_dpu_run(dpus[2], &two, NULL);
    uint64_t word;
    ck_assert_int_eq(sim_dpu_read(dpus[2], ISA_IRAM, 0, &word, sizeof word, NULL), DPUSIM_OK);
    code_put(dpus[2], 100, word); /* somewhere else: its own code from now on */
    dpu_run_done(dpus[2]);
    ck_assert_uint_eq(reg_of(dpus[2], 0, 0), 3);
    isa_program_destroy(program);
    destroy_all(dpus);
}
END_TEST

struct loader {
    struct sim_dpu *dpu;
    struct isa_program *programs[2];
    uint32_t result;
};

static void *load_and_run(void *context)
{
    struct loader *loader = context;
    for (unsigned i = 0; i < 50; i++) {
        load(loader->dpu, loader->programs[i % 2]);
        dpu_boot(loader->dpu);
        sim_dpu_run(loader->dpu, NULL, NULL);
        loader->result = loader->result * 3 + reg_of(loader->dpu, 0, 0);
    }
    return NULL;
}

START_TEST(dpus_may_load_and_run_in_threads_of_their_own)
{
    struct sim_dpu *dpus[COUNT];
    struct loader loaders[COUNT];
    pthread_t threads[COUNT];
    struct isa_program *one = program_of("move r0, 1\nstop", ISA_CHIP_V1A, false);
    struct isa_program *two = program_of("move r0, 2\nstop", ISA_CHIP_V1A, false);
    create_alike(dpus, SIM_FUNCTIONAL);
    for (unsigned i = 0; i < COUNT; i++) {
        loaders[i] = (struct loader){dpus[i], {one, two}, 0};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, load_and_run, &loaders[i]), 0);
    }
    for (unsigned i = 0; i < COUNT; i++)
        pthread_join(threads[i], NULL);
    for (unsigned i = 1; i < COUNT; i++)
        ck_assert_uint_eq(loaders[i].result, loaders[0].result);
    isa_program_destroy(one);
    isa_program_destroy(two);
    destroy_all(dpus);
}
END_TEST

/* ---- mode ----------------------------------------------------------------------------------- */

static const char counts[] = "lw r0, zero, 64\nadd r0, r0, 1\nsw zero, 64, r0\nstop";

START_TEST(mode_changes_between_runs_and_state_stays)
{
    struct sim_dpu *dpu = dpu_of(SIM_FUNCTIONAL, counts);
    dpu_run_done(dpu);
    ck_assert_int_eq(sim_dpu_set_mode(dpu, SIM_CYCLE, NULL), DPUSIM_OK);
    ck_assert_uint_eq(wram_word(dpu, 64), 1);
    dpu_boot(dpu);
    dpu_run_done(dpu);
    ck_assert_uint_eq(wram_word(dpu, 64), 2);
    ck_assert_uint_gt(stat_of(dpu, SIM_STAT_DPU_cycles, 0), 33); /* 4 instructions, 11 apart */
    ck_assert_int_eq(sim_dpu_set_mode(dpu, SIM_FUNCTIONAL, NULL), DPUSIM_OK);
    dpu_boot(dpu);
    dpu_run_done(dpu);
    ck_assert_uint_eq(wram_word(dpu, 64), 3);
    ck_assert_uint_eq(stat_of(dpu, SIM_STAT_DPU_cycles, 0), 4);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(mode_may_change_while_tasklets_run_but_must_exist)
{
    struct isa_diag diag;
    struct sim_limits one = {.max_instructions = 1};
    struct sim_dpu *dpu = dpu_of(SIM_FUNCTIONAL, counts);
    sim_dpu_run(dpu, &one, NULL);
    ck_assert_int_eq(sim_dpu_set_mode(dpu, (enum sim_mode)7, &diag), DPUSIM_BAD_ARGUMENT);
    ck_assert_int_eq(sim_dpu_mode(dpu), SIM_FUNCTIONAL);
    ck_assert_int_eq(sim_dpu_set_mode(dpu, SIM_CYCLE, &diag), DPUSIM_OK);
    dpu_run_done(dpu);
    ck_assert_uint_eq(wram_word(dpu, 64), 1);
    ck_assert_uint_eq(stat_of(dpu, SIM_STAT_DPU_instructions_before, 0), 1);
    sim_dpu_destroy(dpu);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim.share");
    TCase *code = tcase_create("code"), *mode = tcase_create("mode");
    tcase_add_loop_test(code, every_dpu_runs_its_own_program, 0, 20);
    tcase_add_loop_test(code, iram_written_by_the_host_changes_one_dpu, 0, COUNT);
    tcase_add_loop_test(code, code_that_changes_itself_changes_one_dpu, 0, 2);
    tcase_add_loop_test(code, running_dpu_goes_on_in_its_code_when_it_is_given_its_own, 0, 2);
    tcase_add_test(code, dpus_may_load_and_run_in_threads_of_their_own);
    tcase_add_test(mode, mode_changes_between_runs_and_state_stays);
    tcase_add_test(mode, mode_may_change_while_tasklets_run_but_must_exist);
    suite_add_tcase(suite, code);
    suite_add_tcase(suite, mode);
    return run_suite(suite);
}
