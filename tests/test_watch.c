/* SPDX-License-Identifier: MIT */
/* Watched instructions: who watches is told of exactly what was asked for, and nothing else
 * changes: results, counters and times are those of a run without watchers. */
#include <check.h>

#include "sim_help.h"
#include "watch.h"

struct counter {
    struct sim_watcher watcher; /* first: found again by the cast */
    uint64_t before, after, bytes;
    uint32_t last_address, last_pc;
    const struct sim_insn *instead;
    bool fails;
};

static const struct sim_insn *count_before(struct sim_watcher *w, struct sim_dpu *d,
                                           struct sim_tasklet *t, const struct sim_insn *ip)
{
    struct counter *counter = (struct counter *)w;
    const struct sim_watch_slot *slot = sim_watch_now(d);
    counter->before++;
    counter->bytes += slot->bytes;
    counter->last_pc = sim_pc_of(d, ip);
    if (slot->bytes)
        counter->last_address = sim_watch_address(slot, t, ip);
    if (counter->fails)
        sim_raise_breakpoint(d, t, ip, 77);
    return counter->instead;
}

static void count_after(struct sim_watcher *w, struct sim_dpu *d, struct sim_tasklet *t,
                        const struct sim_insn *ip, const struct sim_insn *next)
{
    (void)d;
    (void)t;
    (void)ip;
    ((struct counter *)w)->after += next != NULL;
}

static void watch(struct sim_dpu *dpu, struct counter *counter, uint32_t classes)
{
    *counter = (struct counter){
        .watcher = {.before = count_before, .after = count_after, .classes = classes}};
    ck_assert(sim_watch_add(dpu, &counter->watcher));
}

static struct sim_dpu *watched(enum sim_mode mode, const char *text, struct counter *counter,
                               uint32_t classes)
{
    struct sim_dpu *dpu = dpu_of(mode, text);
    watch(dpu, counter, classes);
    return dpu;
}

/* ---- what is told ---------------------------------------------------------------------------- */

#define EVERY_CLASS                                                                                \
    "  move r22, 64\n"                                                                             \
    "  move r1, 8\n"                                                                               \
    "  lw r0, r1, 4\n"                                                                             \
    "  sd r22, 0, d22\n"                                                                           \
    "  ldma r1, r2, 0\n"                                                                           \
    "  sdma r1, r2, 0\n"                                                                           \
    "  acquire zero, 3, nz, .\n"                                                                   \
    "  release zero, 3, nz, . + 1\n"                                                               \
    "  resume zero, 30\n"                                                                          \
    "  call r23, f\n"                                                                              \
    "  tell r1, 5\n"                                                                               \
    "  stop\n"                                                                                     \
    "f: lbu r3, r1, 1\n"                                                                           \
    "  jump r23\n"

static const struct {
    uint32_t classes;
    uint64_t times, bytes;
} asked[] = {
    {0, 0, 0},
    {SIM_WATCH_LOAD, 2, 5},
    {SIM_WATCH_STORE, 1, 8},
    {SIM_WATCH_LOAD | SIM_WATCH_STORE, 3, 13},
    {SIM_WATCH_DMA, 2, 0},
    {SIM_WATCH_ACQUIRE, 1, 0},
    {SIM_WATCH_RELEASE, 1, 0},
    {SIM_WATCH_ACQUIRE | SIM_WATCH_RELEASE | SIM_WATCH_STOP, 3, 0},
    {SIM_WATCH_START, 1, 0}, /* of a run bit without a tasklet */
    {SIM_WATCH_STACK, 1, 0},
    {SIM_WATCH_FRAME, 1, 8},
    {SIM_WATCH_CALL, 2, 0},
    {SIM_WATCH_TELL, 1, 0},
};

START_TEST(classes_are_told_and_nothing_else)
{
    for (int mode = SIM_FUNCTIONAL; mode <= SIM_CYCLE; mode++) {
        struct counter counter;
        struct sim_dpu *dpu =
            watched((enum sim_mode)mode, EVERY_CLASS, &counter, asked[_i].classes);
        dpu_run_done(dpu);
        ck_assert_uint_eq(counter.before, asked[_i].times);
        ck_assert_uint_eq(counter.bytes, asked[_i].bytes);
        ck_assert_uint_eq(counter.before, counter.after);
        sim_dpu_destroy(dpu);
    }
}
END_TEST

#define LOAD_IN_A_PAIR "move r1, 16\nadd r2, r1, 4\nlw r0, r2, 8\nadd r0, r0, 1\nstop"

START_TEST(an_instruction_that_is_executed_with_the_one_before_is_told_of)
{
    struct counter counter;
    struct sim_dpu *dpu = watched(SIM_FUNCTIONAL, LOAD_IN_A_PAIR, &counter, SIM_WATCH_LOAD);
    dpu_run_done(dpu);
    ck_assert_uint_eq(counter.before, 1);
    ck_assert_uint_eq(counter.last_address, 28);
    ck_assert_uint_eq(counter.last_pc, 2);
    sim_dpu_destroy(dpu);
}
END_TEST

#define DIVISION "div_step d0, r2, d0, "
#define LADDER                                                                                     \
    "move r1, 1000\nmove r2, 7\n" DIVISION "7\n" DIVISION "6\n" DIVISION "5\n" DIVISION            \
    "4\n" DIVISION "3\n" DIVISION "2\n" DIVISION "1\n" DIVISION "0\nstop"

START_TEST(an_instruction_amid_a_ladder_is_told_of)
{
    struct counter counter;
    struct sim_dpu *dpu = dpu_of(SIM_FUNCTIONAL, LADDER), *plain = dpu_of(SIM_FUNCTIONAL, LADDER);
    watch(dpu, &counter, 0);
    sim_watch_pc(&counter.watcher, 2 + _i);
    sim_watch_update(dpu);
    dpu_run_done(dpu);
    dpu_run_done(plain);
    ck_assert_uint_eq(counter.before, 1);
    ck_assert_uint_eq(counter.last_pc, 2 + (unsigned)_i);
    ck_assert_uint_eq(reg_of(dpu, 0, 0), reg_of(plain, 0, 0));
    ck_assert_uint_eq(reg_of(dpu, 0, 1), reg_of(plain, 0, 1));
    sim_dpu_destroy(dpu);
    sim_dpu_destroy(plain);
}
END_TEST

START_TEST(several_watchers_are_told_of_the_same_instruction)
{
    struct counter one, other;
    struct sim_dpu *dpu = watched(SIM_FUNCTIONAL, LOAD_IN_A_PAIR, &one, SIM_WATCH_LOAD);
    watch(dpu, &other, 0);
    sim_watch_pc(&other.watcher, 2);
    sim_watch_update(dpu);
    dpu_run_done(dpu);
    ck_assert_uint_eq(one.before, 1);
    ck_assert_uint_eq(other.before, 1);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(no_more_than_the_most_watchers)
{
    struct counter counters[SIM_MAX_WATCHERS], late = {.fails = false};
    struct sim_dpu *dpu = dpu_of(SIM_FUNCTIONAL, "stop");
    for (unsigned i = 0; i < SIM_MAX_WATCHERS; i++)
        watch(dpu, &counters[i], SIM_WATCH_LOAD);
    ck_assert(!sim_watch_add(dpu, &late.watcher));
    sim_watch_remove(dpu, &counters[3].watcher);
    ck_assert(sim_watch_add(dpu, &late.watcher));
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- what a watcher can do ------------------------------------------------------------------- */

#define CALLS "move r0, 5\ncall r23, f\nsw zero, 8, r0\nstop\nf: add r0, r0, 1\njump r23"

START_TEST(a_function_can_be_skipped)
{
    for (int mode = SIM_FUNCTIONAL; mode <= SIM_CYCLE; mode++) {
        struct counter counter;
        struct sim_dpu *dpu = dpu_of((enum sim_mode)mode, CALLS);
        watch(dpu, &counter, 0);
        sim_watch_pc(&counter.watcher, 4);
        sim_watch_update(dpu);
        counter.instead = sim_at_pc(dpu, 2); /* where the call would come back to */
        dpu_run_done(dpu);
        ck_assert_uint_eq(counter.before, 1);
        ck_assert_uint_eq(wram_word(dpu, 8), 5);
        sim_dpu_destroy(dpu);
    }
}
END_TEST

START_TEST(a_fault_comes_before_the_instruction)
{
    for (int mode = SIM_FUNCTIONAL; mode <= SIM_CYCLE; mode++) {
        struct counter counter;
        struct sim_dpu *dpu = watched((enum sim_mode)mode, "move r0, 9\nsw zero, 8, r0\nstop",
                                      &counter, SIM_WATCH_STORE);
        counter.fails = true;
        ck_assert_int_eq(dpu_run(dpu).stop, SIM_FAULTED);
        ck_assert_uint_eq(sim_dpu_fault(dpu)->pc_insn, 1);
        ck_assert_uint_eq(sim_dpu_fault(dpu)->code, 77);
        ck_assert_uint_eq(wram_word(dpu, 8), 0);
        ck_assert_uint_eq(counter.after, 0);
        sim_dpu_destroy(dpu);
    }
}
END_TEST

/* ---- nothing else changes -------------------------------------------------------------------- */

static const char *const programs[] = {
    PROGRAM("histogram_mutex"), PROGRAM("scan_chain"), PROGRAM("reduce_tree"),
    PROGRAM("switch_table"),    PROGRAM("softfloat"),  PROGRAM("vector_add"),
    PROGRAM("crc32"),           PROGRAM("fault_dma"),  PROGRAM("boot_protocol"),
};

#define ALL_CLASSES ((SIM_WATCH_FRAME << 1) - 1)

static void compare(enum sim_mode mode, const char *path, uint32_t classes)
{
    struct sim_config config = config_of(mode, 0);
    struct sim_dpu *plain = dpu_file(&config, path), *dpu = dpu_file(&config, path);
    struct snapshot expected, found;
    struct counter counter;
    watch(dpu, &counter, classes);
    dpu_run(plain);
    dpu_run(dpu);
    snapshot_take(&expected, plain);
    snapshot_take(&found, dpu);
    assert_same(&expected, &found, path);
    ck_assert_uint_gt(counter.before, 0);
    sim_dpu_destroy(plain);
    sim_dpu_destroy(dpu);
}

START_TEST(results_and_times_stay)
{
    compare(SIM_FUNCTIONAL, programs[_i], ALL_CLASSES);
    compare(SIM_CYCLE, programs[_i], ALL_CLASSES);
    compare(SIM_FUNCTIONAL, programs[_i], SIM_WATCH_LOAD | SIM_WATCH_STORE | SIM_WATCH_STACK);
}
END_TEST

/* ---- whose code is watched ------------------------------------------------------------------- */

START_TEST(a_dpu_made_like_a_watched_one_is_not_watched)
{
    struct counter counter;
    struct sim_dpu *dpu = watched(SIM_FUNCTIONAL, LOAD_IN_A_PAIR, &counter, SIM_WATCH_LOAD), *like;
    struct isa_program *program = program_of(LOAD_IN_A_PAIR, ISA_CHIP_V1A, false);
    ck_assert_int_eq(sim_dpu_create_like(&like, dpu, NULL), DPUSIM_OK);
    ck_assert_int_eq(sim_dpu_load(like, program, NULL), DPUSIM_OK);
    dpu_boot(like);
    dpu_run_done(like);
    ck_assert_uint_eq(counter.before, 0);
    dpu_run_done(dpu);
    ck_assert_uint_eq(counter.before, 1);
    isa_program_destroy(program);
    sim_dpu_destroy(like);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(a_dpu_that_shares_code_is_watched_alone)
{
    struct counter counter;
    struct isa_program *program = program_of(LOAD_IN_A_PAIR, ISA_CHIP_V1A, false);
    struct sim_config config = config_of(SIM_FUNCTIONAL, 0);
    struct sim_dpu *first = dpu_create(&config), *second;
    ck_assert_int_eq(sim_dpu_create_like(&second, first, NULL), DPUSIM_OK);
    ck_assert_int_eq(sim_dpu_load(first, program, NULL), DPUSIM_OK);
    ck_assert_int_eq(sim_dpu_load(second, program, NULL), DPUSIM_OK);
    watch(second, &counter, SIM_WATCH_LOAD);
    dpu_boot(first);
    dpu_boot(second);
    dpu_run_done(first);
    ck_assert_uint_eq(counter.before, 0);
    dpu_run_done(second);
    ck_assert_uint_eq(counter.before, 1);
    isa_program_destroy(program);
    sim_dpu_destroy(first);
    sim_dpu_destroy(second);
}
END_TEST

START_TEST(watchers_stay_over_loads_and_resets)
{
    struct counter counter;
    struct sim_dpu *dpu = watched(SIM_FUNCTIONAL, "stop", &counter, SIM_WATCH_LOAD);
    struct isa_program *program = program_of(LOAD_IN_A_PAIR, ISA_CHIP_V1A, false);
    dpu_run_done(dpu);
    for (uint64_t times = 1; times <= 3; times++) {
        ck_assert_int_eq(sim_dpu_load(dpu, program, NULL), DPUSIM_OK);
        if (times == 3)
            sim_dpu_reset(dpu);
        dpu_boot(dpu);
        dpu_run_done(dpu);
        ck_assert_uint_eq(counter.before, times);
    }
    isa_program_destroy(program);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(an_instruction_written_later_is_watched)
{
    struct counter counter;
    struct sim_dpu *dpu = watched(SIM_FUNCTIONAL, "nop\nnop\nnop\nstop", &counter, SIM_WATCH_LOAD);
    code_put(dpu, 1, WORD(LW_ERRI, 0, 0, 24, 8));
    dpu_run_done(dpu);
    ck_assert_uint_eq(counter.before, 1);
    code_put(dpu, 1, WORD(NOP, 0));
    dpu_boot(dpu);
    dpu_run_done(dpu);
    ck_assert_uint_eq(counter.before, 1);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(who_is_removed_is_told_nothing_more)
{
    struct counter counter;
    struct sim_dpu *dpu = watched(SIM_FUNCTIONAL, LOAD_IN_A_PAIR, &counter, SIM_WATCH_LOAD);
    sim_watch_remove(dpu, &counter.watcher);
    dpu_run_done(dpu);
    ck_assert_uint_eq(counter.before, 0);
    sim_dpu_destroy(dpu);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("sim.watch");
    TCase *tc = tcase_create("normal");
    tcase_add_loop_test(tc, classes_are_told_and_nothing_else, 0, sizeof asked / sizeof asked[0]);
    tcase_add_test(tc, an_instruction_that_is_executed_with_the_one_before_is_told_of);
    tcase_add_loop_test(tc, an_instruction_amid_a_ladder_is_told_of, 0, 8);
    tcase_add_test(tc, several_watchers_are_told_of_the_same_instruction);
    tcase_add_test(tc, a_function_can_be_skipped);
    tcase_add_test(tc, a_fault_comes_before_the_instruction);
    tcase_add_loop_test(tc, results_and_times_stay, 0, sizeof programs / sizeof programs[0]);
    suite_add_tcase(s, tc);
    tc = tcase_create("sharing");
    tcase_add_test(tc, a_dpu_made_like_a_watched_one_is_not_watched);
    tcase_add_test(tc, a_dpu_that_shares_code_is_watched_alone);
    tcase_add_test(tc, watchers_stay_over_loads_and_resets);
    tcase_add_test(tc, an_instruction_written_later_is_watched);
    tcase_add_test(tc, who_is_removed_is_told_nothing_more);
    suite_add_tcase(s, tc);
    tc = tcase_create("limits");
    tcase_add_test(tc, no_more_than_the_most_watchers);
    suite_add_tcase(s, tc);
    return s;
}

int main(void)
{
    return run_suite(suite());
}
