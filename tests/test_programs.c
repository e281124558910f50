/* SPDX-License-Identifier: MIT */
/* The sixteen example programs, each in both modes and in several orders of tasklets: what they
 * leave behind is exactly what their expected results say, and however a run is cut and watched it
 * leaves the same state and the same counters. */
#include <check.h>
#include <jansson.h>

#include "sim_help.h"

static const char *const names[] = {
    "arith64",   "boot_protocol", "bsearch_mram",    "crc32",      "fault_bkp",   "fault_dma",
    "fault_mem", "hello",         "histogram_mutex", "matvec",     "reduce_tree", "scan_chain",
    "softfloat", "stores_loads",  "switch_table",    "vector_add",
};

static const uint64_t seeds[] = {0, 1, UINT64_C(0xfeedface12345678)};

enum { N_NAMES = sizeof names / sizeof names[0], N_SEEDS = sizeof seeds / sizeof seeds[0] };
enum { N_RUNS = N_NAMES * N_SEEDS * 2 };

/* One of the runs that _i counts. */
struct run {
    const char *name;
    struct sim_config config;
    char title[80], path[512];
};

static struct run run_number(int number)
{
    struct run run = {.name = names[number % N_NAMES]};
    enum sim_mode mode = number / N_NAMES % 2 ? SIM_CYCLE : SIM_FUNCTIONAL;
    run.config = config_of(mode, seeds[number / N_NAMES / 2]);
    snprintf(run.title, sizeof run.title, "%s, %s mode, order seed %" PRIu64, run.name,
             mode == SIM_CYCLE ? "cycle" : "functional", run.config.order_seed);
    snprintf(run.path, sizeof run.path, SOURCE_DIR "/tests/data/programs/%s.elf", run.name);
    return run;
}

/* ---- expected results ------------------------------------------------------------------------ */

static json_t *expected_of(const char *name)
{
    char path[512];
    json_error_t error;
    snprintf(path, sizeof path, SOURCE_DIR "/tests/data/programs/%s.json", name);
    json_t *expected = json_load_file(path, 0, &error);
    EXPECT(expected != NULL, "%s: %s", path, error.text);
    return expected;
}

static void check_symbol(const struct run *run, const struct sim_dpu *dpu, const char *name,
                         json_t *symbol)
{
    const char *hex = json_string_value(json_object_get(symbol, "hex"));
    uint32_t address =
        (uint32_t)strtoul(json_string_value(json_object_get(symbol, "address")), NULL, 16);
    enum isa_memory memory;
    uint32_t offset;
    char got[3];
    ck_assert(isa_address_split(address, &memory, &offset));
    ck_assert_uint_eq(strlen(hex), 2 * (size_t)json_integer_value(json_object_get(symbol, "size")));
    for (; *hex; hex += 2, offset++) {
        uint8_t byte;
        EXPECT(sim_dpu_read(dpu, memory, offset, &byte, 1, NULL) == DPUSIM_OK, "%s", name);
        snprintf(got, sizeof got, "%02x", byte);
        EXPECT(strncmp(hex, got, 2) == 0, "%s: %s: byte at offset 0x%x is %s, not %.2s", run->title,
               name, offset, got, hex);
    }
}

static void check_fault(const struct run *run, const struct sim_dpu *dpu, json_t *expected)
{
    static const char *const kinds[SIM_FAULT_COUNT] = {
        [SIM_FAULT_BREAKPOINT] = "bkp", [SIM_FAULT_MEMORY] = "mem", [SIM_FAULT_DMA] = "dma"};
    const struct sim_fault *fault = sim_dpu_fault(dpu);
    if (!expected) {
        EXPECT(fault == NULL, "%s: unexpected fault", run->title);
        return;
    }
    EXPECT(fault != NULL, "%s: no fault", run->title);
    ck_assert_str_eq(kinds[fault->kind], json_string_value(json_object_get(expected, "kind")));
    ck_assert_int_eq(fault->tasklet, json_integer_value(json_object_get(expected, "tasklet")));
    ck_assert_int_eq(fault->pc_insn, json_integer_value(json_object_get(expected, "pc")));
    if (json_object_get(expected, "id"))
        ck_assert_int_eq(fault->code, json_integer_value(json_object_get(expected, "id")));
    ck_assert_uint_eq(thread_of(dpu, fault->tasklet).pc_insn, fault->pc_insn + 1);
}

static void check_number(const struct run *run, const char *what, const char *tasklet, uint64_t got,
                         json_t *wanted)
{
    if (wanted)
        EXPECT(got == (uint64_t)json_integer_value(wanted),
               "%s: %s of tasklet %s: %" PRIu64 ", not %" JSON_INTEGER_FORMAT, run->title, what,
               tasklet, got, json_integer_value(wanted));
}

static void check_tasklets(const struct run *run, const struct sim_dpu *dpu, json_t *expected)
{
    json_t *pcs = json_object_get(expected, "pc"), *dmas = json_object_get(expected, "dma");
    json_t *counts = json_object_get(expected, "instructions");
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++) {
        char key[12];
        snprintf(key, sizeof key, "%u", i);
        json_t *dma = json_object_get(dmas, key);
        check_number(run, "pc", key, thread_of(dpu, i).pc_insn, json_object_get(pcs, key));
        check_number(run, "instructions", key, TASKLET_STAT(dpu, instructions, i),
                     json_object_get(counts, key));
        check_number(run, "transfers", key, TASKLET_STAT(dpu, dma_transfers, i),
                     json_object_get(dma, "transfers"));
        check_number(run, "bytes", key, TASKLET_STAT(dpu, dma_bytes, i),
                     json_object_get(dma, "bytes"));
    }
}

static void check_registers(const struct run *run, const struct sim_dpu *dpu, json_t *expected)
{
    const char *tasklet, *name;
    json_t *registers, *value;
    json_object_foreach(json_object_get(expected, "registers"), tasklet, registers)
        json_object_foreach(registers, name, value)
            EXPECT(reg_of(dpu, (unsigned)atoi(tasklet), (unsigned)atoi(name + 1)) ==
                       strtoul(json_string_value(value), NULL, 16),
                   "%s: %s of tasklet %s", run->title, name, tasklet);
}

START_TEST(program_leaves_the_expected_results)
{
    struct run run = run_number(_i);
    json_t *expected = expected_of(run.name), *symbol;
    const char *name;
    struct sim_dpu *dpu = dpu_file(&run.config, run.path);
    bool faults = strcmp(json_string_value(json_object_get(expected, "ends")), "fault") == 0;
    EXPECT(dpu_run(dpu).stop == (faults ? SIM_FAULTED : SIM_DONE), "%s", run.title);
    json_object_foreach(json_object_get(expected, "symbols"), name, symbol)
        check_symbol(&run, dpu, name, symbol);
    check_fault(&run, dpu, json_object_get(expected, "fault"));
    check_tasklets(&run, dpu, expected);
    check_registers(&run, dpu, expected);
    sim_dpu_destroy(dpu);
    json_decref(expected);
}
END_TEST

/* ---- the same however it runs --------------------------------------------------------------- */

static void run_in_pieces(const struct run *run, uint64_t piece, bool hooked,
                          struct snapshot *result)
{
    struct sim_dpu *dpu = dpu_file(&run->config, run->path);
    struct sim_limits limits = {.max_instructions = piece};
    struct sim_outcome outcome;
    uint64_t sum = 0;
    if (hooked)
        sim_dpu_set_hook(dpu, look_on, NULL);
    do {
        sim_dpu_run(dpu, &limits, &outcome);
        sum += outcome.instructions;
        EXPECT(outcome.stop != SIM_LIMIT_INSTRUCTIONS || outcome.instructions == piece,
               "%s: %" PRIu64 " instructions in a piece of %" PRIu64, run->title,
               outcome.instructions, piece);
        EXPECT(sum < RUN_MOST, "%s does not end", run->title);
    } while (outcome.stop == SIM_LIMIT_INSTRUCTIONS);
    ck_assert_uint_eq(sum, DPU_STAT(dpu, instructions));
    snapshot_take(result, dpu);
    sim_dpu_destroy(dpu);
}

START_TEST(run_cut_in_pieces_or_watched_is_the_same_run)
{
    static const struct {
        uint64_t piece;
        bool hooked;
    } ways[] = {{1, false}, {7, false}, {1000, false}, {0, true}, {7, true}};
    struct run run = run_number(_i);
    struct snapshot whole, other;
    char title[160];
    run_in_pieces(&run, 0, false, &whole);
    for (unsigned i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        run_in_pieces(&run, ways[i].piece, ways[i].hooked, &other);
        snprintf(title, sizeof title, "%s, pieces of %u%s", run.title, (unsigned)ways[i].piece,
                 ways[i].hooked ? ", with a hook" : "");
        assert_same(&whole, &other, title);
    }
}
END_TEST

START_TEST(second_boot_runs_as_the_first_after_reset)
{
    struct run run = run_number(_i);
    struct sim_dpu *dpu = dpu_file(&run.config, run.path);
    struct snapshot first, second;
    dpu_run(dpu);
    snapshot_take(&first, dpu);
    sim_dpu_reset(dpu);
    dpu_boot(dpu);
    dpu_run(dpu);
    snapshot_take(&second, dpu);
    assert_same(&first, &second, run.title);
    sim_dpu_destroy(dpu);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim.programs");
    TCase *normal = tcase_create("normal");
    tcase_add_loop_test(normal, program_leaves_the_expected_results, 0, N_RUNS);
    tcase_add_loop_test(normal, run_cut_in_pieces_or_watched_is_the_same_run, 0, N_RUNS);
    tcase_add_loop_test(normal, second_boot_runs_as_the_first_after_reset, 0, N_NAMES * 2);
    suite_add_tcase(suite, normal);
    return run_suite(suite);
}
