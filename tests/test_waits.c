/* SPDX-License-Identifier: MIT */
/* Waiting by object: names, counts and exact cycles of mutexes; in whole programs the sums are
 * those of the call tree and of the statistics. */
#include <check.h>
#include <jansson.h>

#include "sim_help.h"

static const char *const programs[] = {PROGRAM("histogram_mutex"), PROGRAM("reduce_tree"),
                                       PROGRAM("vector_add")};
enum { N_PROGRAMS = sizeof programs / sizeof programs[0] };
static const char *const functions[] = {"barrier_wait", "sem_take", "handshake_wait_for",
                                        "handshake_notify"};
static const char *const kinds[] = {"barrier", "semaphore", "handshake", "handshake_notify"};

static json_t *data_of(struct sim_profile *profile)
{
    char *text = NULL;
    size_t len = 0;
    json_error_t error;
    ck_assert_int_eq(sim_profile_text(profile, SIM_PROFILE_JSON, &text, &len, NULL), DPUSIM_OK);
    json_t *data = json_loadb(text, len, 0, &error);
    ck_assert_msg(data != NULL, "line %d: %s", error.line, error.text);
    free(text);
    return data;
}

static json_int_t number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static bool is_one_of(const char *text, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(text, names[i]) == 0)
            return true;
    return false;
}

/* Sum of the cycles of a row; of one cause where it is below the number of causes. */
static json_int_t cycles_of(const json_t *row, size_t cause)
{
    const json_t *cycles = json_object_get(row, "cycles");
    json_int_t sum = 0;
    for (size_t i = 0; i < json_array_size(cycles); i++)
        if (cause == SIM_CAUSE_COUNT || cause == i)
            sum += json_integer_value(json_array_get(cycles, i));
    return sum;
}

/* ---- one lock, cycle by cycle ---------------------------------------------------------------- */

/* Tasklet 0 holds the lock in cycles 11 to 254; tasklet 1 first tries in cycle 44. */
#define LOCKED                                                                                     \
    "jeq id, 1, other\n"                                                                           \
    "acquire zero, __atomic_bit_mutex_table, nz, .\n"                                              \
    "boot zero, 1\n"                                                                               \
    ".rept 20\nnop\n.endr\n"                                                                       \
    "release zero, __atomic_bit_mutex_table, nz, . + 1\n"                                          \
    "stop\n"                                                                                       \
    "other: acquire zero, __atomic_bit_mutex_table, nz, .\n"                                       \
    "release zero, __atomic_bit_mutex_table, nz, . + 1\n"                                          \
    "stop\n"                                                                                       \
    ".section .atomic,\"aw\",@progbits\n"                                                          \
    ".globl __atomic_bit_mutex_table\n.type __atomic_bit_mutex_table, @object\n"                   \
    "__atomic_bit_mutex_table: .zero 1\n.size __atomic_bit_mutex_table, 1\n"

START_TEST(time_at_a_lock_runs_from_the_first_failure_to_the_success)
{
    struct sim_config config = config_of(SIM_CYCLE, 0);
    struct sim_dpu *dpu = dpu_create(&config);
    struct isa_program *program = program_of(LOCKED, config.chip, false);
    struct sim_profile *profile;
    ck_assert_int_eq(sim_dpu_load(dpu, program, NULL), DPUSIM_OK);
    ck_assert_int_eq(sim_profile_create(&profile, dpu, NULL, NULL), DPUSIM_OK);
    for (json_int_t launch = 1; launch <= 2; launch++) {
        dpu_boot(dpu);
        dpu_run_done(dpu);
        json_t *data = data_of(profile), *waits = json_object_get(data, "waits");
        ck_assert_uint_eq(json_array_size(waits), 1);
        const json_t *lock = json_array_get(waits, 0);
        ck_assert_str_eq(json_string_value(json_object_get(lock, "kind")), "mutex");
        ck_assert_str_eq(json_string_value(json_object_get(lock, "name")), "table");
        ck_assert_int_eq(number(lock, "calls"), 2 * launch);
        ck_assert_int_eq(number(lock, "blocked"), launch);
        json_int_t failures = (json_int_t)DPU_STAT(dpu, slots_spin);
        ck_assert_int_eq(failures, 20); /* in cycles 44, 55, ... 253 */
        ck_assert_int_eq(number(lock, "longest"), 11 * failures);
        ck_assert_int_eq(cycles_of(lock, SIM_CAUSE_COUNT), 11 * failures * launch);
        ck_assert_int_eq(cycles_of(lock, SIM_CAUSE_spin), failures * launch);
        ck_assert_int_eq(cycles_of(lock, SIM_CAUSE_spacing), 10 * failures * launch);
        ck_assert_ptr_null(json_object_get(json_object_get(lock, "by_tasklet"), "0"));
        ck_assert_ptr_nonnull(json_object_get(json_object_get(lock, "by_tasklet"), "1"));
        json_decref(data);
    }
    sim_profile_destroy(profile);
    isa_program_destroy(program);
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- whole programs -------------------------------------------------------------------------- */

static json_int_t by_call_tree(const json_t *data, size_t cause)
{
    const json_t *calls = json_object_get(data, "calls");
    json_int_t sum = 0;
    for (size_t i = 0; i < json_array_size(calls); i++) {
        const json_t *node = json_array_get(calls, i);
        const json_t *function =
            json_array_get(json_object_get(data, "functions"), (size_t)number(node, "function"));
        if (is_one_of(json_string_value(json_object_get(function, "name")), functions, 4))
            sum += cycles_of(node, cause);
    }
    return sum;
}

static json_int_t by_object(const json_t *data, size_t cause, bool of_functions)
{
    const json_t *waits = json_object_get(data, "waits");
    json_int_t sum = 0;
    for (size_t i = 0; i < json_array_size(waits); i++) {
        const json_t *wait = json_array_get(waits, i);
        if (is_one_of(json_string_value(json_object_get(wait, "kind")), kinds, 4) == of_functions)
            sum += cycles_of(wait, cause);
    }
    return sum;
}

START_TEST(objects_add_up_to_the_call_tree_and_the_statistics)
{
    struct sim_config config = config_of(SIM_CYCLE, 0);
    struct sim_dpu *dpu = dpu_create(&config);
    struct sim_profile *profile;
    ck_assert_int_eq(sim_dpu_load_file(dpu, programs[_i], NULL), DPUSIM_OK);
    ck_assert_int_eq(sim_profile_create(&profile, dpu, NULL, NULL), DPUSIM_OK);
    dpu_boot(dpu);
    dpu_run_done(dpu);
    json_t *data = data_of(profile);
    for (size_t cause = 0; cause <= SIM_CAUSE_COUNT; cause++)
        ck_assert_msg(by_call_tree(data, cause) == by_object(data, cause, true),
                      "%s: cause %zu: %lld in functions, %lld at objects", programs[_i], cause,
                      (long long)by_call_tree(data, cause),
                      (long long)by_object(data, cause, true));
    ck_assert_int_gt(
        by_object(data, SIM_CAUSE_COUNT, true) + by_object(data, SIM_CAUSE_COUNT, false), 0);
    ck_assert_int_eq(by_object(data, SIM_CAUSE_spin, false), (json_int_t)DPU_STAT(dpu, slots_spin));
    json_decref(data);
    sim_profile_destroy(profile);
    sim_dpu_destroy(dpu);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim.waits");
    TCase *normal = tcase_create("normal");
    tcase_add_test(normal, time_at_a_lock_runs_from_the_first_failure_to_the_success);
    tcase_add_loop_test(normal, objects_add_up_to_the_call_tree_and_the_statistics, 0, N_PROGRAMS);
    suite_add_tcase(suite, normal);
    return run_suite(suite);
}
