/* SPDX-License-Identifier: MIT */
/* The parts of the device library that are written in C, as the compiler translates them: kernels
 * of tests/data/runtime that check themselves, what they print, how they fail. Without a compiler
 * for the DPU there are no such programs and nothing to test. */
#include <check.h>
#include <math.h>

#include "sim_help.h"

#define DPU_PROGRAM(name) BUILD_DIR "/tests/dpu/" name ".elf"

enum { TASKLETS = 16 };

static struct sim_dpu *kernel_create(const char *path, const struct sim_config *config)
{
    struct sim_dpu *dpu = dpu_create(config);
    struct isa_diag diag = {""};
    ck_assert_msg(sim_dpu_load_file(dpu, path, &diag) == DPUSIM_OK, "%s: %s", path, diag.text);
    return dpu;
}

static const struct isa_symbol *find(const struct sim_dpu *dpu, const char *name)
{
    const struct isa_symbol *symbol = isa_program_find_symbol(sim_dpu_program(dpu), name);
    EXPECT(symbol != NULL, "no symbol %s", name);
    return symbol;
}

static void write_symbol(struct sim_dpu *dpu, const char *name, const void *data, size_t size)
{
    ck_assert_int_eq(sim_dpu_write(dpu, ISA_WRAM, find(dpu, name)->value, data, size, NULL),
                     DPUSIM_OK);
}

static void read_symbol(struct sim_dpu *dpu, const char *name, void *data, size_t size)
{
    ck_assert_int_eq(sim_dpu_read(dpu, ISA_WRAM, find(dpu, name)->value, data, size, NULL),
                     DPUSIM_OK);
}

static uint32_t word_of(struct sim_dpu *dpu, const char *name)
{
    uint32_t word;
    read_symbol(dpu, name, &word, sizeof word);
    return word;
}

static struct sim_outcome run(struct sim_dpu *dpu)
{
    struct sim_outcome outcome;
    dpu_boot(dpu);
    sim_dpu_run(dpu, &(struct sim_limits){.max_instructions = 50000000}, &outcome);
    return outcome;
}

static char *log_of(struct sim_dpu *dpu)
{
    char *text;
    size_t size;
    struct isa_diag diag = {""};
    ck_assert_msg(sim_dpu_read_log(dpu, &text, &size, &diag) == DPUSIM_OK, "%s", diag.text);
    return text;
}

/* ---- kernels that check themselves --------------------------------------------------------------
 */

static const struct {
    const char *path;
    unsigned orders;
} kernels[] = {
    {DPU_PROGRAM("strings"), 1},        {DPU_PROGRAM("blocks"), 1},
    {DPU_PROGRAM("readers"), 1},        {DPU_PROGRAM("services"), 2},
    {DPU_PROGRAM("mram"), 10},          {DPU_PROGRAM("locks"), 100},
    {DPU_PROGRAM("v1B-locks"), 10},     {DPU_PROGRAM("debug-locks"), 10},
    {DPU_PROGRAM("debug-strings"), 1},  {DPU_PROGRAM("fifo"), 10},
    {DPU_PROGRAM("overflow"), 4},       {DPU_PROGRAM("counters"), 2},
    {DPU_PROGRAM("unaligned"), 1},      {DPU_PROGRAM("v1B-counters"), 2},
    {DPU_PROGRAM("debug-counters"), 2},
};

START_TEST(kernels_find_no_fault_with_the_library)
{
    for (unsigned order = 0; order < 2 * kernels[_i].orders; order++) {
        struct sim_config config = config_of(order % 2 ? SIM_CYCLE : SIM_FUNCTIONAL, order / 2);
        struct sim_dpu *dpu = kernel_create(kernels[_i].path, &config);
        struct sim_outcome outcome = run(dpu);
        const struct sim_fault *fault = sim_dpu_fault(dpu);
        EXPECT(outcome.stop == SIM_DONE && word_of(dpu, "finished") == TASKLETS &&
                   word_of(dpu, "checks") > 0,
               "%s, order %u: stop %d, %u tasklets finished, line %u of tasklet %u",
               kernels[_i].path, order, (int)outcome.stop, word_of(dpu, "finished"),
               fault ? fault->code : 0, fault ? fault->tasklet : 0);
        sim_dpu_destroy(dpu);
    }
}
END_TEST

/* ---- printing -----------------------------------------------------------------------------------
 */

/* Bytes of the records in the order of the calls in print.c. Source: documented, the vendor's
 * functions compiled on a PC. */
static const char *const records[] = {
    "2573256425730048692000050000000a0000000000000000",
    "0000000000000000",
    "257300313030250a0000000000000000",
    ("256c752573252d382e336625732563257300cb04fb711f0100007c0000000000000004407c007873747200000000"
     "0000"),
    "25682573000700000064210000000000",
    "25752573256400030000002000fcffffff00000000000000",
    "25730061626364000000000000000000",
    "2573256425732564257300610001000000256200020000006300000000000000",
    "2573007461696c000000000000000000",
    "25780005000000000000000000000000",
    "257300796f0a0000",
    "2563007a00000000",
};

START_TEST(printing_leaves_these_bytes)
{
    struct sim_config config = config_of(SIM_FUNCTIONAL, 0);
    struct sim_dpu *dpu = kernel_create(DPU_PROGRAM("print"), &config);
    ck_assert_int_eq(run(dpu).stop, SIM_DONE);
    const uint8_t *log = sim_dpu_mram(dpu) + (find(dpu, "__stdout_buffer")->value - ISA_MRAM_BASE);
    size_t at = 0;
    for (unsigned i = 0; i < sizeof records / sizeof records[0]; i++)
        for (const char *digits = records[i]; *digits; digits += 2, at++) {
            char got[3];
            snprintf(got, sizeof got, "%02x", log[at]);
            EXPECT(strncmp(got, digits, 2) == 0, "record %u, byte %td: got %s", i,
                   (digits - records[i]) / 2, got);
        }
    ck_assert_uint_eq(word_of(dpu, "__stdout_buffer_state"), at);
    char *text = log_of(dpu);
    ck_assert_msg(strncmp(text, "Hi 5\n100%\n1234567890123|2.500   |xstr", 37) == 0, "%s", text);
    free(text);
    sim_dpu_destroy(dpu);
}
END_TEST

/* A text of L bytes takes L + 5 bytes, in blocks of 8, and a whole block more when they are full.
 */
static const struct {
    uint32_t records, length;
    uint32_t fault, next, wrapped; /* of the log of 64 bytes */
} rings[] = {
    {1, 2, 0, 8, 0},   {1, 3, 0, 16, 0},  {3, 3, 0, 48, 0}, {4, 3, 0, 0, 1},
    {5, 3, 0, 16, 1},  {1, 50, 0, 56, 0}, {1, 51, 0, 0, 1}, {1, 59, 5, 8, 1},
    {2, 43, 0, 48, 1}, {2, 50, 0, 48, 1}, {2, 58, 0, 0, 1}, {1, 200, 5, 8, 1},
};

START_TEST(log_wraps_once_per_record)
{
    struct sim_config config = config_of(SIM_FUNCTIONAL, 0);
    struct sim_dpu *dpu = kernel_create(DPU_PROGRAM("wrap"), &config);
    uint32_t state[2];
    write_symbol(dpu, "records", &rings[_i].records, 4);
    write_symbol(dpu, "length", &rings[_i].length, 4);
    struct sim_outcome outcome = run(dpu);
    read_symbol(dpu, "__stdout_buffer_state", state, sizeof state);
    uint32_t fault = outcome.stop == SIM_FAULTED ? sim_dpu_fault(dpu)->code : 0;
    EXPECT(fault == rings[_i].fault && state[0] == rings[_i].next && state[1] == rings[_i].wrapped,
           "%u of %u: fault %u, next %u, wrapped %u", rings[_i].records, rings[_i].length, fault,
           state[0], state[1]);
    sim_dpu_destroy(dpu);
}
END_TEST

/* A record is 16 bytes, four fill the log; whoever prints, and when, they are whole. */
START_TEST(tasklets_that_share_a_log_write_whole_records)
{
    static const uint8_t record[16] = {'%', 's', 0, 'x', 'x', 'x', '\n'};
    struct sim_config config = config_of(SIM_FUNCTIONAL, (uint64_t)_i);
    uint32_t count = 5, length = 3, printers = TASKLETS, state[2];
    config.quantum = 1 + 30 * (uint32_t)(_i % 3);
    struct sim_dpu *dpu = kernel_create(DPU_PROGRAM("wrap"), &config);
    write_symbol(dpu, "records", &count, 4);
    write_symbol(dpu, "length", &length, 4);
    write_symbol(dpu, "printers", &printers, 4);
    ck_assert_int_eq(run(dpu).stop, SIM_DONE);
    read_symbol(dpu, "__stdout_buffer_state", state, sizeof state);
    ck_assert(state[0] == 0 && state[1] == 1);
    const uint8_t *log = sim_dpu_mram(dpu) + (find(dpu, "__stdout_buffer")->value - ISA_MRAM_BASE);
    for (unsigned i = 0; i < 4; i++)
        ck_assert_mem_eq(log + i * sizeof record, record, sizeof record);
    char *text = NULL;
    size_t size;
    struct isa_diag diag = {""};
    ck_assert_int_eq(sim_dpu_read_log(dpu, &text, &size, &diag), DPUSIM_LOG_OVERFLOW);
    ck_assert_msg(strstr(text, "xxx\nxxx\n") != NULL, "%s", text);
    free(text);
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- failing ------------------------------------------------------------------------------------
 */

/* The scenario of faults.c and the fault it ends with; 0: the tasklets end. */
static const struct {
    uint32_t scenario, fault, finished;
} failures[] = {
    {0, 0, TASKLETS}, {1, 1, 0}, {2, 2, 0}, {3, 3, 0}, {4, 4, 0},  {5, 4, 0},
    {6, 6, 0},        {7, 7, 0}, {8, 8, 0}, {9, 9, 0}, {10, 0, 0},
};

START_TEST(misuse_ends_in_the_documented_fault)
{
    struct sim_config config = config_of(SIM_FUNCTIONAL, 0);
    struct sim_dpu *dpu = kernel_create(DPU_PROGRAM("faults"), &config);
    uint32_t scenario = failures[_i].scenario;
    write_symbol(dpu, "scenario", &scenario, sizeof scenario);
    struct sim_outcome outcome = run(dpu);
    uint32_t fault = outcome.stop == SIM_FAULTED ? sim_dpu_fault(dpu)->code : 0;
    EXPECT(fault == failures[_i].fault && (fault || outcome.stop == SIM_DONE) &&
               (fault || word_of(dpu, "finished") == failures[_i].finished),
           "scenario %u: stop %d, fault %u", scenario, (int)outcome.stop, fault);
    if (fault == 3) {
        char *text = log_of(dpu);
        ck_assert_msg(strstr(text, "faults.c:") && strstr(text, "nothing == 1"), "%s", text);
        free(text);
    }
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- floating point -----------------------------------------------------------------------------
 */

enum { PAIRS = 8 };

static const double operands[2 * PAIRS] = {1.5,    -2.25, 1e9,   3.0,  -7.75,     0.1, 1e-3,   1e3,
                                           -0.125, 16.0,  123.4, -5.6, 2147480.0, 7e9, -99999, 2.5};

#define COMPARE(a, b)                                                                              \
    ((uint32_t)((a) < (b)) | (uint32_t)((a) <= (b)) << 1 | (uint32_t)((a) > (b)) << 2 |            \
     (uint32_t)((a) >= (b)) << 3 | (uint32_t)((a) == (b)) << 4 | (uint32_t)((a) != (b)) << 5)

/* The operators of floats.c, for float and double; the other type is that of column 4. */
#define EXPECT_RESULTS(type, other, results, i)                                                    \
    do {                                                                                           \
        volatile type a = (type)operands[2 * i], b = (type)operands[2 * i + 1];                    \
        volatile other x = (other)operands[2 * i];                                                 \
        type want[8] = {a + b, a - b, a * b, a / b, (type)x, (type)(int32_t)a, (type)(int64_t)b,   \
                        -a};                                                                       \
        for (int k = 0; k < 8; k++)                                                                \
            EXPECT(memcmp(&results[i][k], &want[k], sizeof want[k]) == 0,                          \
                   #type " pair %d, column %d: got %.17g, want %.17g", i, k,                       \
                   (double)results[i][k], (double)want[k]);                                        \
    } while (0)

START_TEST(operators_on_floating_point_call_the_right_routines)
{
    struct sim_config config = config_of(SIM_FUNCTIONAL, 0);
    struct sim_dpu *dpu = kernel_create(DPU_PROGRAM("floats"), &config);
    float f_operands[2 * PAIRS], f_results[PAIRS][8];
    double d_results[PAIRS][8];
    uint32_t comparisons[PAIRS][2];
    for (int i = 0; i < 2 * PAIRS; i++)
        f_operands[i] = (float)operands[i];
    write_symbol(dpu, "f_operands", f_operands, sizeof f_operands);
    write_symbol(dpu, "d_operands", operands, sizeof operands);
    ck_assert_int_eq(run(dpu).stop, SIM_DONE);
    read_symbol(dpu, "f_results", f_results, sizeof f_results);
    read_symbol(dpu, "d_results", d_results, sizeof d_results);
    read_symbol(dpu, "comparisons", comparisons, sizeof comparisons);
    for (int i = 0; i < PAIRS; i++) {
        EXPECT_RESULTS(float, double, f_results, i);
        EXPECT_RESULTS(double, float, d_results, i);
        ck_assert_uint_eq(comparisons[i][0], COMPARE(f_operands[2 * i], f_operands[2 * i + 1]));
        ck_assert_uint_eq(comparisons[i][1], COMPARE(operands[2 * i], operands[2 * i + 1]));
    }
    sim_dpu_destroy(dpu);
}
END_TEST

#define ROWS(array) (int)(sizeof array / sizeof array[0])

int main(void)
{
    Suite *suite = suite_create("runtime.c");
    TCase *tc = tcase_create("normal");
    tcase_add_loop_test(tc, kernels_find_no_fault_with_the_library, 0, ROWS(kernels));
    tcase_add_test(tc, printing_leaves_these_bytes);
    tcase_add_loop_test(tc, log_wraps_once_per_record, 0, ROWS(rings));
    tcase_add_loop_test(tc, tasklets_that_share_a_log_write_whole_records, 0, 12);
    tcase_add_loop_test(tc, misuse_ends_in_the_documented_fault, 0, ROWS(failures));
    tcase_add_test(tc, operators_on_floating_point_call_the_right_routines);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
