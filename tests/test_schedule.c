/* SPDX-License-Identifier: MIT */
/* Schedules: the same words give the same order; programs whose results do not depend on the order
 * give the same ones under all; holds hold where they say; and which words are refused. */
#include <check.h>

#include "sim_help.h"

static void schedule(struct sim_dpu *dpu, const char *spec)
{
    struct isa_diag diag = {""};
    ck_assert_msg(sim_dpu_set_schedule(dpu, spec, &diag) == DPUSIM_OK, "%s", diag.text);
}

/* Each tasklet appends its number to the list of bytes at 64; its length is at 60. */
#define TRACE                                                                                      \
    "move r5, id\njeq id, 3, l\nboot id, 1\n"                                                      \
    "l: move r2, 8\n"                                                                              \
    "again: lw r0, zero, 60\nsb r0, 64, r5\nadd r0, r0, 1\nsw zero, 60, r0\n"                      \
    "add r2, r2, -1, nz, again\nstop\n"

static uint64_t order_under(const char *spec)
{
    struct sim_dpu *dpu = dpu_of(SIM_FUNCTIONAL, TRACE);
    schedule(dpu, spec);
    dpu_run_done(dpu);
    uint64_t hash = hash_words(sim_dpu_wram(dpu), 256);
    sim_dpu_destroy(dpu);
    return hash;
}

START_TEST(the_same_words_give_the_same_order)
{
    static const char *const specs[] = {"turns",    "random:1",    "random:1/3",       "random:2/3",
                                        "hold:0@1", "hold:1@1+/5", "hold:2@1/40,3@1/2"};
    const char *spec = specs[_i];
    ck_assert_uint_eq(order_under(spec), order_under(spec));
}
END_TEST

START_TEST(other_seeds_give_other_orders)
{
    uint64_t turns = order_under("turns"), one = order_under("random:1/3");
    ck_assert_uint_ne(one, turns);
    ck_assert_uint_ne(one, order_under("random:2/3"));
    ck_assert_uint_ne(one, order_under("random:1/40"));
}
END_TEST

START_TEST(turns_are_the_order_without_a_schedule)
{
    struct sim_config config = config_of(SIM_FUNCTIONAL, 0);
    struct sim_dpu *plain = dpu_file(&config, PROGRAM("histogram_mutex"));
    struct sim_dpu *dpu = dpu_create(&config);
    struct snapshot expected, found;
    ck_assert_int_eq(sim_dpu_load_file(dpu, PROGRAM("histogram_mutex"), NULL), DPUSIM_OK);
    schedule(dpu, "turns");
    dpu_boot(dpu);
    dpu_run_done(plain);
    dpu_run_done(dpu);
    snapshot_take(&expected, plain);
    snapshot_take(&found, dpu);
    assert_same(&expected, &found, "turns");
    sim_dpu_destroy(plain);
    sim_dpu_destroy(dpu);
}
END_TEST

/* Tasklet 1 takes the lock first unless it is held back before, or keeps it when held after. */
#define WHO_IS_FIRST                                                                               \
    "jeq id, 1, t1\nboot id, 1\nnop\nnop\nnop\nnop\nnop\nnop\nnop\nnop\n"                          \
    "acquire zero, 5, nz, .\nlw r0, zero, 64\nsw zero, 68, r0\nrelease zero, 5, nz, . + 1\nstop\n" \
    "t1: acquire zero, 5, nz, .\nnop\nsw zero, 64, 1\nrelease zero, 5, nz, . + 1\nstop\n"

static const struct {
    const char *spec;
    uint32_t seen; /* by tasklet 0: has tasklet 1 written? */
} holds[] = {
    {"turns", 1},    {"hold:1@1", 0}, {"hold:1@1+", 1},      {"hold:1@1/2", 1},
    {"hold:1@2", 1}, {"hold:0@2", 1}, {"hold:1@1,0@2/4", 1},
};

START_TEST(a_tasklet_is_held_back_where_it_synchronises)
{
    struct sim_dpu *dpu = dpu_of(SIM_FUNCTIONAL, WHO_IS_FIRST);
    schedule(dpu, holds[_i].spec);
    dpu_run_done(dpu);
    ck_assert_msg(wram_word(dpu, 68) == holds[_i].seen, "%s: %u", holds[_i].spec,
                  wram_word(dpu, 68));
    ck_assert_uint_ge(sim_dpu_synchronised(dpu, 0), 4); /* boot, acquire, release, stop */
    ck_assert_uint_lt(sim_dpu_synchronised(dpu, 0), 12);
    sim_dpu_destroy(dpu);
}
END_TEST

static const char *const ordered[] = {PROGRAM("histogram_mutex"), PROGRAM("reduce_tree"),
                                      PROGRAM("scan_chain"), PROGRAM("vector_add")};

START_TEST(programs_without_races_do_not_care)
{
    static const char *const specs[] = {"random:1/1", "random:2/16", "random:3/200", "hold:2@3",
                                        "hold:1@5+"};
    struct sim_config config = config_of(SIM_FUNCTIONAL, 0);
    struct sim_dpu *dpu = dpu_file(&config, ordered[_i]);
    dpu_run_done(dpu);
    uint64_t mram = sim_dpu_digest(dpu, ISA_MRAM);
    for (unsigned i = 0; i < sizeof specs / sizeof specs[0]; i++) {
        sim_dpu_reset(dpu);
        schedule(dpu, specs[i]);
        dpu_boot(dpu);
        dpu_run_done(dpu);
        EXPECT(sim_dpu_digest(dpu, ISA_MRAM) == mram, "%s under %s", ordered[_i], specs[i]);
    }
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(a_run_cut_into_pieces_keeps_its_order)
{
    uint64_t whole = order_under("random:5/3");
    struct sim_dpu *dpu = dpu_of(SIM_FUNCTIONAL, TRACE);
    struct sim_limits limits = {.max_instructions = 7};
    struct sim_outcome outcome;
    schedule(dpu, "random:5/3");
    do
        sim_dpu_run(dpu, &limits, &outcome);
    while (outcome.stop == SIM_LIMIT_INSTRUCTIONS);
    ck_assert_int_eq(outcome.stop, SIM_DONE);
    ck_assert_uint_eq(hash_words(sim_dpu_wram(dpu), 256), whole);
    sim_dpu_destroy(dpu);
}
END_TEST

static const char *const wrong[] = {"",          "random",       "random:",   "random:1/0",
                                    "random:1/", "random:1x",    "hold:",     "hold:24@1",
                                    "hold:1",    "hold:1@",      "hold:1@2,", "hold:1@2/",
                                    "turn",      "random:1/9999"};

START_TEST(words_that_are_no_schedule_change_nothing)
{
    struct sim_dpu *dpu = dpu_of(SIM_FUNCTIONAL, TRACE);
    struct isa_diag diag = {""};
    schedule(dpu, "random:1/3");
    ck_assert_int_eq(sim_dpu_set_schedule(dpu, wrong[_i], &diag), DPUSIM_BAD_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(diag.text, "random:SEED"));
    dpu_run_done(dpu);
    ck_assert_uint_eq(hash_words(sim_dpu_wram(dpu), 256), order_under("random:1/3"));
    sim_dpu_destroy(dpu);
}
END_TEST

#define LOOP(tc, test, rows) tcase_add_loop_test(tc, test, 0, sizeof(rows) / sizeof(rows)[0])

static Suite *suite(void)
{
    Suite *s = suite_create("sim.schedule");
    TCase *tc = tcase_create("normal");
    tcase_add_loop_test(tc, the_same_words_give_the_same_order, 0, 7);
    tcase_add_test(tc, other_seeds_give_other_orders);
    tcase_add_test(tc, turns_are_the_order_without_a_schedule);
    LOOP(tc, a_tasklet_is_held_back_where_it_synchronises, holds);
    LOOP(tc, programs_without_races_do_not_care, ordered);
    tcase_add_test(tc, a_run_cut_into_pieces_keeps_its_order);
    suite_add_tcase(s, tc);
    tc = tcase_create("bad_input");
    LOOP(tc, words_that_are_no_schedule_change_nothing, wrong);
    suite_add_tcase(s, tc);
    return s;
}

int main(void)
{
    return run_suite(suite());
}
