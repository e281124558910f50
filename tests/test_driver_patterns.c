/* SPDX-License-Identifier: MIT */
/* The ways in which host programs use the API, one small host program each: what a real one does
 * step by step, with results that are compared. */
#include <check.h>
#include <sys/time.h>

#include "host_help.h"

/* Adds k to `bytes` bytes of words at the start of the heap and leaves their sum before. */
static const char adder[] =
    ".section .text.__bootstrap,\"ax\",@progbits\n.globl __bootstrap\n.globl __sys_end\n"
    ".type __bootstrap,@function\n__bootstrap:\n"
    "move r0, DPU_INPUT_ARGUMENTS\nlw r1, r0, 0\nlw r2, r0, 4\nmove r3, 0\n"
    "move r4, __sys_used_mram_end\nmove r5, pair\n"
    "again: jeq r1, 0, done\nldma r5, r4, 0\n"
    "lw r6, r5, 0\nadd r3, r3, r6\nadd r6, r6, r2\nsw r5, 0, r6\n"
    "lw r6, r5, 4\nadd r3, r3, r6\nadd r6, r6, r2\nsw r5, 4, r6\n"
    "sdma r5, r4, 0\nadd r4, r4, 8\nadd r1, r1, -8\njump again\n"
    "done: move r0, DPU_RESULTS\nsw r0, 0, r3\n"
    "__sys_end: stop true, __sys_end\n.size __bootstrap, . - __bootstrap\n"
    ".section .dpu_host,\"aw\",@progbits\n.p2align 3\n" WORD_VARIABLE("DPU_INPUT_ARGUMENTS", "2")
        WORD_VARIABLE("DPU_RESULTS", "2") ".section .data.pair,\"aw\",@progbits\n.p2align 3\n"
                                          "pair: .zero 8\n";

enum { MOST_DPUS = 192, CHUNK = 32, CHUNK_BYTES = CHUNK * 4 };

struct arguments {
    uint32_t bytes, k;
};

static uint32_t input[MOST_DPUS][CHUNK], output[MOST_DPUS][CHUNK], sums[MOST_DPUS][2];
static struct arguments arguments[MOST_DPUS];

static uint32_t make_input(uint32_t dpu, uint32_t i)
{
    return dpu * 1000 + i * i;
}

static uint32_t sum_of(uint32_t dpu)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < CHUNK; i++)
        sum += make_input(dpu, i);
    return sum;
}

static void make_inputs(uint32_t n)
{
    for (uint32_t d = 0; d < n; d++) {
        arguments[d] = (struct arguments){CHUNK_BYTES, d + 1};
        for (uint32_t i = 0; i < CHUNK; i++)
            input[d][i] = make_input(d, i);
    }
    memset(output, 0, sizeof output);
    memset(sums, 0, sizeof sums);
}

static void check_outputs(uint32_t n)
{
    for (uint32_t d = 0; d < n; d++) {
        ck_assert_uint_eq(sums[d][0], sum_of(d));
        for (uint32_t i = 0; i < CHUNK; i++)
            ck_assert_uint_eq(output[d][i], make_input(d, i) + d + 1);
    }
}

static void push(struct dpu_set_t set, dpu_xfer_t direction, const char *name, void *rows,
                 size_t row_bytes, dpu_xfer_flags_t flags)
{
    struct dpu_set_t dpu;
    uint32_t i;
    DPU_FOREACH (set, dpu, i) {
        DPU_ASSERT(dpu_prepare_xfer(dpu, (char *)rows + i * row_bytes));
    }
    DPU_ASSERT(dpu_push_xfer(set, direction, name, 0, row_bytes, flags));
}

/* 1 */
START_TEST(scatter_run_gather)
{
    struct dpu_set_t set;
    uint32_t n;
    DPU_ASSERT(dpu_alloc(70, NULL, &set));
    load_text(set, adder);
    DPU_ASSERT(dpu_get_nr_dpus(set, &n));
    make_inputs(n);
    push(set, DPU_XFER_TO_DPU, "DPU_INPUT_ARGUMENTS", arguments, sizeof arguments[0],
         DPU_XFER_DEFAULT);
    push(set, DPU_XFER_TO_DPU, DPU_MRAM_HEAP_POINTER_NAME, input, CHUNK_BYTES, DPU_XFER_DEFAULT);
    DPU_ASSERT(dpu_launch(set, DPU_SYNCHRONOUS));
    push(set, DPU_XFER_FROM_DPU, "DPU_RESULTS", sums, sizeof sums[0], DPU_XFER_DEFAULT);
    push(set, DPU_XFER_FROM_DPU, DPU_MRAM_HEAP_POINTER_NAME, output, CHUNK_BYTES, DPU_XFER_DEFAULT);
    check_outputs(n);
    DPU_ASSERT(dpu_free(set));
}
END_TEST

/* 2 */
START_TEST(serial_access)
{
    struct dpu_set_t set, dpu;
    uint32_t i;
    DPU_ASSERT(dpu_alloc(5, NULL, &set));
    load_text(set, adder);
    make_inputs(5);
    DPU_FOREACH (set, dpu, i) {
        DPU_ASSERT(dpu_copy_to(dpu, "DPU_INPUT_ARGUMENTS", 0, &arguments[i], sizeof arguments[i]));
        DPU_ASSERT(dpu_copy_to(dpu, DPU_MRAM_HEAP_POINTER_NAME, 0, input[i], CHUNK_BYTES));
    }
    DPU_ASSERT(dpu_launch(set, DPU_SYNCHRONOUS));
    DPU_FOREACH (set, dpu, i) {
        DPU_ASSERT(dpu_copy_from(dpu, "DPU_RESULTS", 0, sums[i], 8));
        DPU_ASSERT(dpu_copy_from(dpu, DPU_MRAM_HEAP_POINTER_NAME, 0, output[i], CHUNK_BYTES));
    }
    check_outputs(5);
    DPU_ASSERT(dpu_free(set));
}
END_TEST

/* 3: data stays in MRAM from launch to launch, only the argument changes. */
START_TEST(broadcast_and_repeated_launches)
{
    struct dpu_set_t set;
    struct arguments same = {CHUNK_BYTES, 0};
    DPU_ASSERT(dpu_alloc(66, NULL, &set));
    load_text(set, adder);
    make_inputs(1);
    DPU_ASSERT(dpu_broadcast_to(set, DPU_MRAM_HEAP_POINTER_NAME, 0, input[0], CHUNK_BYTES,
                                DPU_XFER_DEFAULT));
    uint32_t added = 0;
    for (same.k = 1; same.k <= 5; same.k++) {
        DPU_ASSERT(
            dpu_broadcast_to(set, "DPU_INPUT_ARGUMENTS", 0, &same, sizeof same, DPU_XFER_DEFAULT));
        DPU_ASSERT(dpu_launch(set, DPU_SYNCHRONOUS));
        push(set, DPU_XFER_FROM_DPU, "DPU_RESULTS", sums, sizeof sums[0], DPU_XFER_DEFAULT);
        for (uint32_t d = 0; d < 66; d++)
            ck_assert_uint_eq(sums[d][0], sum_of(0) + added * CHUNK);
        added += same.k;
    }
    DPU_ASSERT(dpu_free(set));
}
END_TEST

/* 4 */
START_TEST(print_debugging)
{
    struct dpu_set_t set, dpu;
    uint32_t i;
    char text[256] = "";
    FILE *stream = fmemopen(text, sizeof text - 1, "w");
    uint8_t record[] = GREETING;
    DPU_ASSERT(dpu_alloc(2, "nrDpusPerCi=2", &set));
    load_text(set, greeter);
    DPU_FOREACH (set, dpu, i) {
        record[11] = (uint8_t)(i + 7);
        DPU_ASSERT(dpu_copy_to(dpu, "__stdout_buffer", 0, record, 24));
    }
    DPU_ASSERT(dpu_launch(set, DPU_SYNCHRONOUS));
    DPU_FOREACH (set, dpu, i) {
        DPU_ASSERT(dpu_log_read(dpu, stream));
        if (i == 0)
            DPU_ASSERT(dpulog_read_for_dpu(dpu.dpu, stream));
    }
    fclose(stream);
    ck_assert_str_eq(text, "=== DPU#0x0 ===\nHi 7\nHi 7\n=== DPU#0x1 ===\nHi 8\n");
    DPU_ASSERT(dpu_load(set, PROGRAM("hello"), NULL)); /* prints nothing: an error exit is right */
    FAILS(dpu_log_read(dpu_number(set, 0), stdout), DPU_ERR_LOG_CONTEXT_MISSING);
    DPU_ASSERT(dpu_free(set));
}
END_TEST

/* 5: three rounds in two host buffers, one wait. */
START_TEST(asynchronous_pipeline)
{
    enum { ROUNDS = 6, N = 65 };
    static uint32_t result[ROUNDS][MOST_DPUS][2];
    static struct arguments round_arguments[ROUNDS][MOST_DPUS];
    struct dpu_set_t set;
    DPU_ASSERT(dpu_alloc(N, "nrJobsPerRank=4", &set));
    load_text(set, adder);
    make_inputs(N);
    push(set, DPU_XFER_TO_DPU, DPU_MRAM_HEAP_POINTER_NAME, input, CHUNK_BYTES, DPU_XFER_ASYNC);
    for (uint32_t r = 0; r < ROUNDS; r++) {
        for (uint32_t d = 0; d < N; d++)
            round_arguments[r][d] = (struct arguments){CHUNK_BYTES, r + d};
        push(set, DPU_XFER_TO_DPU, "DPU_INPUT_ARGUMENTS", round_arguments[r],
             sizeof round_arguments[r][0], DPU_XFER_ASYNC);
        DPU_ASSERT(dpu_launch(set, DPU_ASYNCHRONOUS));
        push(set, DPU_XFER_FROM_DPU, "DPU_RESULTS", result[r], sizeof result[r][0], DPU_XFER_ASYNC);
    }
    DPU_ASSERT(dpu_sync(set));
    for (uint32_t d = 0; d < N; d++) {
        uint32_t expected = sum_of(d);
        for (uint32_t r = 0; r < ROUNDS; r++) {
            ck_assert_uint_eq(result[r][d][0], expected);
            expected += (r + d) * CHUNK;
        }
    }
    DPU_ASSERT(dpu_free(set));
}
END_TEST

/* 6 */
struct totals {
    uint64_t per_rank[4];
};

static dpu_error_t add_up(struct dpu_set_t rank, uint32_t index, void *args)
{
    struct totals *totals = args;
    struct dpu_set_t dpu;
    DPU_FOREACH (rank, dpu) {
        uint32_t sum;
        DPU_ASSERT(dpu_copy_from(dpu, "DPU_RESULTS", 0, &sum, sizeof sum));
        totals->per_rank[index] += sum;
    }
    return DPU_OK;
}

START_TEST(work_per_rank_with_callback)
{
    struct dpu_set_t set, rank;
    struct totals totals = {{0}};
    uint32_t r, first = 0, n;
    DPU_ASSERT(dpu_alloc_ranks(3, "simDpusPerRank=16", &set));
    load_text(set, adder);
    make_inputs(48);
    DPU_RANK_FOREACH (set, rank, r) {
        DPU_ASSERT(dpu_get_nr_dpus(rank, &n));
        push(rank, DPU_XFER_TO_DPU, "DPU_INPUT_ARGUMENTS", &arguments[first], sizeof arguments[0],
             DPU_XFER_ASYNC);
        push(rank, DPU_XFER_TO_DPU, DPU_MRAM_HEAP_POINTER_NAME, input[first], CHUNK_BYTES,
             DPU_XFER_ASYNC);
        DPU_ASSERT(dpu_launch(rank, DPU_ASYNCHRONOUS));
        first += n;
    }
    DPU_ASSERT(dpu_callback(set, add_up, &totals, DPU_CALLBACK_ASYNC));
    DPU_ASSERT(dpu_sync(set));
    for (r = 0; r < 3; r++) {
        uint64_t expected = 0;
        for (uint32_t d = r * 16; d < r * 16 + 16; d++)
            expected += sum_of(d);
        ck_assert_uint_eq(totals.per_rank[r], expected);
    }
    DPU_ASSERT(dpu_free(set));
}
END_TEST

/* 7: whatever there is, with arrays of ranks x 64. */
START_TEST(allocate_what_exists)
{
    struct dpu_set_t set;
    uint32_t n, ranks;
    setenv("UPMEM_PROFILE_BASE", "simRanks=2,disabledMask=0x11", 1);
    dpu_error_t error = dpu_alloc(DPU_ALLOCATE_ALL, NULL, &set);
    unsetenv("UPMEM_PROFILE_BASE");
    DPU_ASSERT(error);
    DPU_ASSERT(dpu_get_nr_dpus(set, &n));
    DPU_ASSERT(dpu_get_nr_ranks(set, &ranks));
    ck_assert_uint_eq(n, 124);
    ck_assert(ranks * 64 >= n);
    load_text(set, adder);
    make_inputs(n);
    arguments[n - 1].bytes = 8; /* the remainder */
    push(set, DPU_XFER_TO_DPU, "DPU_INPUT_ARGUMENTS", arguments, sizeof arguments[0],
         DPU_XFER_DEFAULT);
    push(set, DPU_XFER_TO_DPU, DPU_MRAM_HEAP_POINTER_NAME, input, CHUNK_BYTES, DPU_XFER_DEFAULT);
    DPU_ASSERT(dpu_launch(set, DPU_SYNCHRONOUS));
    push(set, DPU_XFER_FROM_DPU, "DPU_RESULTS", sums, sizeof sums[0], DPU_XFER_DEFAULT);
    for (uint32_t d = 0; d < n - 1; d++)
        ck_assert_uint_eq(sums[d][0], sum_of(d));
    ck_assert_uint_eq(sums[n - 1][0], make_input(n - 1, 0) + make_input(n - 1, 1));
    DPU_ASSERT(dpu_free(set));
}
END_TEST

/* 8 */
START_TEST(polling_and_timing)
{
    struct dpu_set_t set;
    struct timeval before, after;
    bool done = false, fault = true;
    uint64_t polls = 0;
    set = alloc_kernel(66, NULL);
    put(set, "work", 200000);
    gettimeofday(&before, NULL);
    launch_async(set, CMD_WORK);
    while (!done) {
        DPU_ASSERT(dpu_status(set, &done, &fault));
        polls++;
    }
    gettimeofday(&after, NULL);
    ck_assert(!fault && polls > 0);
    ck_assert(timercmp(&before, &after, <));
    DPU_ASSERT(dpu_sync(set));
    ck_assert_uint_eq(take(dpu_number(set, 65), "launches"), 1);
    DPU_ASSERT(dpu_free(set));
}
END_TEST

/* 9 */
DPU_INCBIN(embedded, SOURCE_DIR "/tests/data/programs/reduce_tree.elf");

START_TEST(several_programs_on_one_set)
{
    struct dpu_set_t set, dpu;
    uint32_t i, word = 0;
    DPU_ASSERT(dpu_alloc(3, NULL, &set));
    load_text(set, adder);
    make_inputs(3);
    push(set, DPU_XFER_TO_DPU, "DPU_INPUT_ARGUMENTS", arguments, sizeof arguments[0],
         DPU_XFER_DEFAULT);
    push(set, DPU_XFER_TO_DPU, DPU_MRAM_HEAP_POINTER_NAME, input, CHUNK_BYTES, DPU_XFER_DEFAULT);
    DPU_ASSERT(dpu_launch(set, DPU_SYNCHRONOUS));
    DPU_ASSERT(dpu_load(set, PROGRAM("hello"), NULL));
    DPU_ASSERT(dpu_launch(set, DPU_SYNCHRONOUS));
    load_text(set, adder); /* finds its data where it left them */
    push(set, DPU_XFER_FROM_DPU, DPU_MRAM_HEAP_POINTER_NAME, output, CHUNK_BYTES, DPU_XFER_DEFAULT);
    for (i = 0; i < 3; i++)
        ck_assert_uint_eq(output[i][5], make_input(i, 5) + i + 1);
    DPU_ASSERT(dpu_load_from_incbin(set, &embedded, NULL));
    DPU_ASSERT(dpu_launch(set, DPU_SYNCHRONOUS));
    DPU_FOREACH (set, dpu, i) {
        if (i % 2)
            DPU_ASSERT(dpu_load(dpu, PROGRAM("hello"), NULL));
        else
            load_text(dpu, kernel);
    }
    DPU_ASSERT(dpu_launch(set, DPU_SYNCHRONOUS));
    ck_assert_uint_eq(take(dpu_number(set, 0), "launches"), 1);
    ck_assert_uint_eq(take(dpu_number(set, 1), "answer"), 42);
    FAILS(dpu_copy_to(set, "tag", 0, &word, 4), DPU_ERR_DIFFERENT_DPU_PROGRAMS);
    DPU_ASSERT(dpu_free(set));
}
END_TEST

/* 10 */
START_TEST(symbol_handles_and_several_sets)
{
    enum { SETS = 3 };
    struct dpu_set_t sets[SETS];
    struct dpu_symbol_t result[SETS];
    for (uint32_t s = 0; s < SETS; s++) {
        DPU_ASSERT(dpu_alloc(s + 1, NULL, &sets[s]));
        DPU_ASSERT(dpu_get_symbol(load_text(sets[s], kernel), "launches", &result[s]));
    }
    for (uint32_t round = 1; round <= 20; round++)
        for (uint32_t s = 0; s < SETS; s++) {
            uint32_t got;
            DPU_ASSERT(dpu_launch(sets[s], DPU_SYNCHRONOUS));
            DPU_ASSERT(
                dpu_copy_from_symbol(dpu_number(sets[s], s), result[s], 0, &got, sizeof got));
            ck_assert_uint_eq(got, round);
        }
    DPU_ASSERT(dpu_free(sets[1]));
    DPU_ASSERT(dpu_free(sets[0]));
    DPU_ASSERT(dpu_free(sets[2]));
}
END_TEST

static bool block_of(struct sg_block_info *out, uint32_t dpu, uint32_t block, void *args)
{
    uint32_t(*rows)[CHUNK] = *(uint32_t(**)[CHUNK])args;
    out->addr = (uint8_t *)&rows[dpu][block * 8];
    out->length = 32;
    return block < CHUNK / 8;
}

START_TEST(scatter_and_gather_of_blocks)
{
    struct dpu_set_t set;
    uint32_t(*rows)[CHUNK] = input;
    get_block_t blocks = {block_of, &rows, sizeof rows};
    DPU_ASSERT(dpu_alloc(6, "sgXferEnable=true,nrDpusPerCi=2", &set));
    load_text(set, adder);
    make_inputs(6);
    DPU_ASSERT(dpu_push_sg_xfer(set, DPU_XFER_TO_DPU, DPU_MRAM_HEAP_POINTER_NAME, 0, CHUNK_BYTES,
                                &blocks, DPU_SG_XFER_DEFAULT));
    push(set, DPU_XFER_TO_DPU, "DPU_INPUT_ARGUMENTS", arguments, sizeof arguments[0],
         DPU_XFER_DEFAULT);
    DPU_ASSERT(dpu_launch(set, DPU_ASYNCHRONOUS));
    rows = output;
    DPU_ASSERT(dpu_push_sg_xfer(set, DPU_XFER_FROM_DPU, DPU_MRAM_HEAP_POINTER_NAME, 0, CHUNK_BYTES,
                                &blocks, DPU_SG_XFER_ASYNC));
    rows = NULL; /* the arguments were copied */
    DPU_ASSERT(dpu_sync(set));
    push(set, DPU_XFER_FROM_DPU, "DPU_RESULTS", sums, sizeof sums[0], DPU_XFER_DEFAULT);
    check_outputs(6);
    DPU_ASSERT(dpu_free(set));
}
END_TEST

static Suite *suite_of_patterns(void)
{
    Suite *suite = suite_create("driver.patterns");
    TCase *normal = tcase_create("normal");
    tcase_add_test(normal, scatter_run_gather);
    tcase_add_test(normal, serial_access);
    tcase_add_test(normal, broadcast_and_repeated_launches);
    tcase_add_test(normal, print_debugging);
    tcase_add_test(normal, asynchronous_pipeline);
    tcase_add_test(normal, work_per_rank_with_callback);
    tcase_add_test(normal, allocate_what_exists);
    tcase_add_test(normal, polling_and_timing);
    tcase_add_test(normal, several_programs_on_one_set);
    tcase_add_test(normal, symbol_handles_and_several_sets);
    tcase_add_test(normal, scatter_and_gather_of_blocks);
    suite_add_tcase(suite, normal);
    return suite;
}

int main(int argc, char **argv)
{
    return driver_main(argc, argv, suite_of_patterns, NULL);
}
