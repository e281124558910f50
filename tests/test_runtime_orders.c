/* SPDX-License-Identifier: MIT */
/* What synchronises in the device library, under many orders of tasklets: orders.c, a scenario per
 * primitive, linked with several numbers of tasklets, in turns drawn by seed, from single
 * instructions to stretches in which one tasklet leaves the others far behind. */
#include <check.h>

#include "sim_help.h"

static const char *const programs[] = {
#define COUNTED(count) BUILD_DIR "/tests/dpu/" count "-orders.elf"
    COUNTED("1"), COUNTED("2"), COUNTED("3"), COUNTED("8"), COUNTED("13"), COUNTED("24"),
#undef COUNTED
};
static const uint32_t quanta[] = {1, 2, 5, 17, 60, 400};

enum {
    N_PROGRAMS = sizeof programs / sizeof programs[0],
    N_QUANTA = sizeof quanta / sizeof quanta[0],
    N_SCENARIOS = 19,
    N_ORDERS = 12, /* of each; more with DPUSIM_ORDERS=N */
    LOG_SCENARIO = 15,
    LOG_LINES = 3
};

static unsigned number_of_orders(void)
{
    const char *text = getenv("DPUSIM_ORDERS");
    return text ? (unsigned)strtoul(text, NULL, 10) : N_ORDERS;
}

static uint32_t address_of(const struct sim_dpu *dpu, const char *name)
{
    const struct isa_symbol *symbol = isa_program_find_symbol(sim_dpu_program(dpu), name);
    EXPECT(symbol != NULL, "no symbol %s", name);
    return symbol->value;
}

/* Lines are whole, and those of each tasklet come in order. */
static void check_log(struct sim_dpu *dpu, unsigned tasklets)
{
    char *text, want[64];
    size_t size;
    unsigned next[ISA_MAX_THREADS] = {0};
    ck_assert_int_eq(sim_dpu_read_log(dpu, &text, &size, NULL), DPUSIM_OK);
    const char *line = text;
    for (unsigned i = 0; i < tasklets * LOG_LINES; i++) {
        unsigned tasklet = (unsigned)strtoul(line + 1, NULL, 10);
        EXPECT(tasklet < tasklets, "line %u: %s", i, line);
        snprintf(want, sizeof want, "<%u:%u:%s>\n", tasklet, next[tasklet],
                 next[tasklet] % 2 ? "text" : "te");
        next[tasklet]++;
        EXPECT(strncmp(line, want, strlen(want)) == 0, "line %u: wanted %s got %s", i, want, line);
        line += strlen(want);
    }
    ck_assert_str_eq(line, "");
    free(text);
}

static void run_order(struct sim_dpu *dpu, uint32_t scenario, const char *what)
{
    struct sim_limits limits = {.max_instructions = 50000000};
    struct sim_outcome outcome;
    unsigned tasklets = address_of(dpu, "NR_TASKLETS");
    ck_assert_int_eq(sim_dpu_write(dpu, ISA_WRAM, address_of(dpu, "scenario"), &scenario, 4, NULL),
                     DPUSIM_OK);
    dpu_boot(dpu);
    sim_dpu_run(dpu, &limits, &outcome);
    const struct sim_fault *fault = sim_dpu_fault(dpu);
    uint32_t finished = symbol_word(dpu, "finished");
    EXPECT(outcome.stop == SIM_DONE && finished == tasklets && symbol_word(dpu, "checks") > 0,
           "scenario %u, %s: stop %d, %u of %u tasklets finished, line %u of tasklet %u", scenario,
           what, (int)outcome.stop, finished, tasklets, fault ? fault->code : 0,
           fault ? fault->tasklet : 0);
    if (scenario == LOG_SCENARIO)
        check_log(dpu, tasklets);
}

START_TEST(nothing_depends_on_the_order_of_tasklets)
{
    const char *path = programs[_i % N_PROGRAMS];
    for (unsigned order = 0; order < number_of_orders(); order++) {
        struct sim_config config = config_of(SIM_FUNCTIONAL, order / N_QUANTA);
        struct isa_diag diag = {""};
        char what[200];
        config.quantum = quanta[order % N_QUANTA];
        struct sim_dpu *dpu = dpu_create(&config);
        ck_assert_msg(sim_dpu_load_file(dpu, path, &diag) == DPUSIM_OK, "%s", diag.text);
        snprintf(what, sizeof what, "%s --order-seed=%u --set machine.quantum=%u", path,
                 order / N_QUANTA, config.quantum);
        run_order(dpu, (uint32_t)(_i / N_PROGRAMS), what);
        sim_dpu_destroy(dpu);
    }
}
END_TEST

START_TEST(every_scenario_is_run)
{
    struct sim_config config = config_of(SIM_FUNCTIONAL, 0);
    struct sim_dpu *dpu = dpu_create(&config);
    ck_assert_int_eq(sim_dpu_load_file(dpu, programs[0], NULL), DPUSIM_OK);
    ck_assert_uint_eq(symbol_word(dpu, "n_scenarios"), N_SCENARIOS);
    sim_dpu_destroy(dpu);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("runtime.orders");
    TCase *tc = tcase_create("normal");
    tcase_set_timeout(tc, 600);
    tcase_add_test(tc, every_scenario_is_run);
    tcase_add_loop_test(tc, nothing_depends_on_the_order_of_tasklets, 0, N_SCENARIOS * N_PROGRAMS);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
