/* SPDX-License-Identifier: MIT */
/* Estimates of the host's side, and the time line of a host program: what each call is put down as,
 * what follows what, what overlaps, and what is written at the end. */
#include <check.h>
#include <dpusim.h>
#include <math.h>

#include "driver_help.h"

#define ROWS(table) ((int)(sizeof(table) / sizeof(table)[0]))

/* Loops so long that its time shows beside a launch. */
#define LOOP                                                                                       \
    "lw r0, zero, turns\nl: add r0, r0, -1\njneq r0, 0, l\nstop\n"                                 \
    ".section .dpu_host,\"aw\",@progbits\n.globl turns\nturns: .long 1000\n.size turns, 4\n"       \
    ".section .mram,\"aw\",@progbits\n.p2align 3\n.globl data\ndata: .zero 65536\n"                \
    ".size data, 65536\n"
enum { DATA_BYTES = 65536, MOST_ENTRIES = 64 };

static uint8_t bytes[DATA_BYTES];

/* ---- estimates ------------------------------------------------------------------------------- */

static double estimate(const char *settings, enum sim_host_kind kind, enum isa_memory memory,
                       bool to_dpu, uint32_t dpus, uint64_t len_bytes)
{
    struct sim_config config;
    struct sim_host_call call = {kind, memory, to_dpu, dpus, len_bytes};
    struct isa_diag diag = {""};
    sim_config_init(&config);
    ck_assert_msg(!sim_config_set_all(&config, settings, "test", NULL, &diag), "%s", diag.text);
    return sim_host_seconds(&config, &call) * 1e6;
}

/* Times in microseconds, measured or said by the setting; and how far off the model may be. */
static const struct {
    enum sim_host_kind kind;
    enum isa_memory memory;
    bool to_dpu;
    uint32_t dpus;
    uint64_t len_bytes;
    double us, percent;
} known[] = {
    {SIM_HOST_PUSH, ISA_MRAM, true, 64, 32, 59, 15},
    {SIM_HOST_PUSH, ISA_MRAM, true, 64, 65536, 879, 15},
    {SIM_HOST_PUSH, ISA_MRAM, true, 640, 524288, 20835, 15},
    {SIM_HOST_PUSH, ISA_MRAM, true, 2560, 33554432, 1717900, 15},
    {SIM_HOST_PUSH, ISA_MRAM, false, 256, 4096, 554, 15},
    {SIM_HOST_PUSH, ISA_MRAM, false, 1280, 8388608, 1068662, 15},
    {SIM_HOST_PUSH, ISA_WRAM, true, 64, 32768, 119893, 15},
    {SIM_HOST_PUSH, ISA_WRAM, false, 64, 256, 1150, 25},
    {SIM_HOST_PUSH, ISA_WRAM, false, 16, 256, 313, 15},
    {SIM_HOST_PUSH, ISA_WRAM, false, 4, 256, 155, 15},
    {SIM_HOST_PUSH, ISA_MRAM, true, 1, 33554432, 33554432 / 330.0, 1},
    {SIM_HOST_PUSH, ISA_MRAM, false, 1, 33554432, 33554432 / 120.0, 1},
    {SIM_HOST_PUSH, ISA_MRAM, false, 4, 524288, 4610, 15},
    {SIM_HOST_LAUNCH, ISA_MRAM, true, 256, 0, 183, 3},
};

START_TEST(estimates_are_near_what_was_measured)
{
    double us = estimate("", known[_i].kind, known[_i].memory, known[_i].to_dpu, known[_i].dpus,
                         known[_i].len_bytes);
    ck_assert_msg(fabs(us / known[_i].us - 1) * 100 <= known[_i].percent,
                  "row %d: %g us, measured %g", _i, us, known[_i].us);
}
END_TEST

/* In bytes always; in DPUs for the same number of bytes in all. */
START_TEST(more_bytes_never_take_less_time)
{
    static const uint32_t dpus[] = {1, 3, 8, 20, 64, 100, 640, 2560, 5120};
    for (int d = 0; d < ROWS(dpus); d++)
        for (int way = 0; way < 8; way++) {
            enum sim_host_kind kind = way & 4 ? SIM_HOST_BROADCAST : SIM_HOST_PUSH;
            enum isa_memory memory = way & 2 ? ISA_WRAM : ISA_MRAM;
            double before = 0;
            for (uint64_t len_bytes = 4; len_bytes <= 1 << 26; len_bytes += len_bytes / 4 + 1) {
                double us = estimate("", kind, memory, way & 1, dpus[d], len_bytes);
                EXPECT(us >= before * 0.999999, "%u DPUs, way %d, %u bytes: %g us after %g",
                       dpus[d], way, (unsigned)len_bytes, us, before);
                before = us;
            }
        }
}
END_TEST

START_TEST(one_buffer_for_all_takes_less_than_one_for_each)
{
    ck_assert_double_lt(estimate("", SIM_HOST_BROADCAST, ISA_MRAM, true, 64, 1 << 20),
                        0.5 * estimate("", SIM_HOST_PUSH, ISA_MRAM, true, 64, 1 << 20));
    ck_assert_double_eq(estimate("", SIM_HOST_BROADCAST, ISA_MRAM, true, 1, 1 << 20),
                        estimate("", SIM_HOST_PUSH, ISA_MRAM, true, 1, 1 << 20));
}
END_TEST

START_TEST(settings_describe_another_server)
{
    double usual = estimate("", SIM_HOST_PUSH, ISA_MRAM, true, 64, 4096);
    ck_assert_double_eq_tol(
        estimate("host.to_percent=200", SIM_HOST_PUSH, ISA_MRAM, true, 64, 4096), 2 * usual, 1e-6);
    ck_assert_double_eq(estimate("host.from_percent=200", SIM_HOST_PUSH, ISA_MRAM, true, 64, 4096),
                        usual);
    ck_assert_double_eq_tol(estimate("host.launch_us=7", SIM_HOST_LAUNCH, ISA_MRAM, true, 1, 0), 7,
                            1e-9);
    ck_assert_double_eq_tol(estimate("host.copy_to_mb_s=1000;host.copy_start_us=5", SIM_HOST_PUSH,
                                     ISA_MRAM, true, 1, 1000000),
                            1005, 1e-6);
    ck_assert_double_eq(estimate("", SIM_HOST_PUSH, ISA_MRAM, true, 0, 4096), 0);
}
END_TEST

/* ---- the time line --------------------------------------------------------------------------- */

struct line {
    struct dpusim_timeline_entry entries[MOST_ENTRIES];
    size_t count;
    struct dpusim_timeline_sums sums;
};

static struct host begun(uint32_t nr_dpus, const char *profile)
{
    struct host host = host_open(nr_dpus, profile);
    host_load(&host, LOOP);
    ck_assert_ok(dpusim_timeline_start(host.set));
    return host;
}

static struct line read_line(const struct host *host)
{
    struct line line;
    ck_assert_ok(dpusim_timeline_entries(host->set, line.entries, MOST_ENTRIES, &line.count));
    ck_assert_uint_le(line.count, MOST_ENTRIES);
    ck_assert_ok(dpusim_timeline_sum(host->set, &line.sums));
    return line;
}

static void push(struct dpu_set_t set, dpu_xfer_t direction, dpu_xfer_flags_t flags)
{
    ck_assert_ok(dpu_prepare_xfer(set, bytes));
    ck_assert_ok(dpu_push_xfer(set, direction, "data", 0, DATA_BYTES, flags));
}

static void check_entry(const struct line *line, size_t i, const char *call,
                        enum dpusim_phase phase, uint64_t moved)
{
    const struct dpusim_timeline_entry *entry = &line->entries[i];
    ck_assert_str_eq(entry->call, call);
    ck_assert_int_eq(entry->phase, phase);
    ck_assert_uint_eq(entry->bytes, moved);
}

START_TEST(calls_that_wait_follow_one_another)
{
    struct host host = begun(2, "simMode=cycle");
    push(host.set, DPU_XFER_TO_DPU, DPU_XFER_DEFAULT);
    ck_assert_ok(dpu_broadcast_to(host.set, "data", 0, bytes, 64, DPU_XFER_DEFAULT));
    ck_assert_ok(dpu_launch(host.set, DPU_SYNCHRONOUS));
    ck_assert_ok(dpu_copy_from(host_dpu(&host, 1), "data", 0, bytes, 8));
    struct line line = read_line(&host);
    ck_assert_uint_eq(line.count, 5);
    check_entry(&line, 0, "dpu_push_xfer", DPUSIM_PHASE_TO_DPU, 2 * DATA_BYTES);
    check_entry(&line, 1, "dpu_broadcast_to", DPUSIM_PHASE_TO_DPU, 2 * 64);
    check_entry(&line, 2, "dpu_launch", DPUSIM_PHASE_LAUNCH, 0);
    check_entry(&line, 3, "dpu_launch", DPUSIM_PHASE_KERNEL, 0);
    check_entry(&line, 4, "dpu_copy_from", DPUSIM_PHASE_FROM_DPU, 8);
    double end_s = 0;
    for (size_t i = 0; i < line.count; i++) {
        ck_assert_double_eq_tol(line.entries[i].start_s, end_s, 1e-12);
        end_s += line.entries[i].seconds;
    }
    ck_assert_double_eq_tol(line.sums.end_s, end_s, 1e-12);
    host_close(&host);
}
END_TEST

START_TEST(kernel_takes_the_cycles_of_the_slowest_dpu)
{
    static const uint32_t turns = 5000;
    uint64_t cycles[2];
    struct host host = begun(2, "simMode=cycle,simFreqMHz=500");
    ck_assert_ok(dpu_copy_to(host_dpu(&host, 1), "turns", 0, &turns, sizeof turns));
    ck_assert_ok(dpu_launch(host.set, DPU_SYNCHRONOUS));
    struct line line = read_line(&host);
    const struct dpusim_timeline_entry *kernel = &line.entries[line.count - 1];
    ck_assert_ok(
        dpusim_read_statistic(host.set, (uint32_t)dpusim_find_statistic("cycles"), 1, cycles, 2));
    ck_assert_uint_gt(cycles[1], 4 * cycles[0]);
    ck_assert_uint_eq(kernel->cycles, cycles[1]);
    ck_assert(kernel->timed);
    ck_assert_double_eq_tol(kernel->seconds, (double)cycles[1] / 500e6, 1e-12);
    ck_assert_uint_eq(line.sums.untimed_kernels, 0);
    host_close(&host);
}
END_TEST

START_TEST(kernel_in_functional_mode_is_not_timed)
{
    struct host host = begun(1, NULL);
    ck_assert_ok(dpu_launch(host.set, DPU_SYNCHRONOUS));
    struct line line = read_line(&host);
    ck_assert_uint_eq(line.count, 2);
    ck_assert(!line.entries[1].timed);
    ck_assert_double_eq(line.entries[1].seconds, 0);
    ck_assert_uint_eq(line.sums.untimed_kernels, 1);
    host_close(&host);
}
END_TEST

static void copy_to_each(const struct host *host)
{
    for (uint32_t i = 0; i < host->nr_dpus; i++)
        ck_assert_ok(dpu_copy_to(host_dpu(host, i), "data", 0, bytes, 64));
}

START_TEST(copies_in_a_loop_are_one_entry_of_their_sum)
{
    struct host host = begun(8, NULL);
    copy_to_each(&host);
    struct line line = read_line(&host);
    ck_assert_uint_eq(line.count, 1);
    ck_assert_uint_eq(line.entries[0].calls, 8);
    ck_assert_uint_eq(line.entries[0].nr_dpus, 1);
    ck_assert_uint_eq(line.entries[0].bytes, 8 * 64);
    ck_assert_double_eq_tol(line.entries[0].seconds * 1e6,
                            8 * estimate("", SIM_HOST_PUSH, ISA_MRAM, true, 1, 64), 1e-6);
    host_close(&host);
}
END_TEST

/* Two ranks of one DPU: what is asked of both without waiting overlaps; the host waits where it
 * says so. */
START_TEST(asynchronous_work_of_ranks_overlaps)
{
    struct dpu_set_t rank;
    struct host host = begun(2, "simDpusPerRank=1,simMode=cycle");
    DPU_RANK_FOREACH (host.set, rank) {
        push(rank, DPU_XFER_TO_DPU, DPU_XFER_ASYNC);
        ck_assert_ok(dpu_launch(rank, DPU_ASYNCHRONOUS));
    }
    ck_assert_ok(dpu_sync(host.set));
    ck_assert_ok(dpu_copy_from(host_dpu(&host, 0), "data", 0, bytes, 8));
    struct line line = read_line(&host);
    ck_assert_uint_eq(line.count, 7);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_uint_eq(line.entries[i].first_rank, 0);
        ck_assert_uint_eq(line.entries[i + 3].first_rank, 1);
        ck_assert_double_eq_tol(line.entries[i].start_s, line.entries[i + 3].start_s, 1e-12);
    }
    double both = line.entries[2].start_s + line.entries[2].seconds;
    ck_assert_double_eq_tol(line.entries[6].start_s, both, 1e-12);
    ck_assert_double_eq_tol(line.sums.end_s, both + line.entries[6].seconds, 1e-12);
    host_close(&host);
}
END_TEST

static dpu_error_t push_from(struct dpu_set_t set, uint32_t index, void *args)
{
    uint8_t *room = (uint8_t *)args + index * 2 * DATA_BYTES;
    struct dpu_set_t dpu;
    DPU_FOREACH (set, dpu) {
        dpu_error_t error = dpu_copy_from(dpu, "data", 0, room, 8 + 8 * index);
        if (error)
            return error;
    }
    return DPU_OK;
}

/* The ranks' threads run side by side in any order; the time line has one order. */
START_TEST(calls_of_callbacks_stand_at_the_place_of_the_callback)
{
    static uint8_t room[16 * DATA_BYTES];
    struct host host = begun(4, "simDpusPerRank=1,simMode=cycle");
    ck_assert_ok(dpu_launch(host.set, DPU_ASYNCHRONOUS));
    ck_assert_ok(dpu_callback(host.set, push_from, room, DPU_CALLBACK_ASYNC));
    push(host.set, DPU_XFER_TO_DPU, DPU_XFER_ASYNC);
    ck_assert_ok(dpu_sync(host.set));
    struct line line = read_line(&host);
    ck_assert_uint_eq(line.count, 7);
    double launched = line.entries[1].start_s + line.entries[1].seconds;
    for (uint32_t r = 0; r < 4; r++) {
        check_entry(&line, 2 + r, "dpu_copy_from", DPUSIM_PHASE_FROM_DPU, 8 + 8 * r);
        ck_assert_uint_eq(line.entries[2 + r].first_rank, r);
        ck_assert_double_eq_tol(line.entries[2 + r].start_s, launched, 1e-12);
    }
    ck_assert_double_eq_tol(line.entries[6].start_s, launched + line.entries[5].seconds, 1e-12);
    host_close(&host);
}
END_TEST

START_TEST(what_is_begun_anew_forgets_what_was)
{
    struct host host = begun(1, NULL);
    push(host.set, DPU_XFER_TO_DPU, DPU_XFER_DEFAULT);
    ck_assert_ok(dpusim_timeline_start(host.set));
    struct line line = read_line(&host);
    ck_assert_uint_eq(line.count, 0);
    ck_assert_double_eq(line.sums.end_s, 0);
    host_close(&host);
}
END_TEST

START_TEST(without_a_time_line_there_is_a_sentence)
{
    struct dpusim_timeline_sums sums;
    char *text;
    struct host host = host_with(1, LOOP);
    ck_assert_error(dpusim_timeline_sum(host.set, &sums), DPU_ERR_INTERNAL);
    ck_assert_ptr_nonnull(strstr(dpusim_last_message(), "dpusim_timeline_start"));
    ck_assert_ok(dpusim_timeline_start(host_dpu(&host, 0)));
    ck_assert_error(dpusim_timeline_sum(host.set, NULL), DPU_ERR_INTERNAL);
    ck_assert_error(dpusim_timeline_entries(host.set, NULL, 0, NULL), DPU_ERR_INTERNAL);
    ck_assert_ok(dpusim_timeline_text(host.set, &text));
    ck_assert_ptr_nonnull(strstr(text, "kernel, simulated"));
    free(text);
    host_close(&host);
    ck_assert_error(dpusim_timeline_sum(host.set, &sums), DPU_ERR_INVALID_DPU_SET);
}
END_TEST

/* ---- files ----------------------------------------------------------------------------------- */

static char *content_of(const char *path)
{
    char *text = calloc(1, 1 << 16);
    FILE *in = fopen(path, "r");
    ck_assert_msg(in != NULL, "%s is not there", path);
    ck_assert_uint_gt(fread(text, 1, (1 << 16) - 1, in), 0);
    fclose(in);
    return text;
}

START_TEST(file_is_written_when_the_set_is_freed_and_gets_a_number)
{
    char folder[] = "/tmp/dpusim-timeline-XXXXXX", path[64], second[64];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/line.json", folder);
    snprintf(second, sizeof second, "%s/line-2.json", folder);
    setenv("DPUSIM_TIMELINE", path, 1);
    for (int i = 0; i < 2; i++) {
        struct host host = host_with(1, LOOP);
        push(host.set, DPU_XFER_TO_DPU, DPU_XFER_DEFAULT);
        host_close(&host);
    }
    unsetenv("DPUSIM_TIMELINE");
    char *text = content_of(path), *other = content_of(second);
    ck_assert_str_eq(text, other);
    ck_assert_ptr_nonnull(strstr(text, "\"schema\":\"dpusim-timeline-1\""));
    ck_assert_ptr_nonnull(strstr(text, "\"estimate\":true"));
    ck_assert_ptr_nonnull(strstr(text, "\"to_dpu\":{\"calls\":1,\"bytes\":65536,"));
    free(text);
    free(other);
    unlink(path);
    unlink(second);
    rmdir(folder);
}
END_TEST

int main(void)
{
    be_quiet();
    Suite *suite = suite_create("driver.timeline");
    TCase *tc = tcase_create("estimates");
    tcase_add_loop_test(tc, estimates_are_near_what_was_measured, 0, ROWS(known));
    tcase_add_test(tc, more_bytes_never_take_less_time);
    tcase_add_test(tc, one_buffer_for_all_takes_less_than_one_for_each);
    tcase_add_test(tc, settings_describe_another_server);
    suite_add_tcase(suite, tc);
    tc = tcase_create("line");
    tcase_add_test(tc, calls_that_wait_follow_one_another);
    tcase_add_test(tc, kernel_takes_the_cycles_of_the_slowest_dpu);
    tcase_add_test(tc, kernel_in_functional_mode_is_not_timed);
    tcase_add_test(tc, copies_in_a_loop_are_one_entry_of_their_sum);
    tcase_add_test(tc, asynchronous_work_of_ranks_overlaps);
    tcase_add_test(tc, calls_of_callbacks_stand_at_the_place_of_the_callback);
    tcase_add_test(tc, what_is_begun_anew_forgets_what_was);
    tcase_add_test(tc, without_a_time_line_there_is_a_sentence);
    suite_add_tcase(suite, tc);
    tc = tcase_create("files");
    tcase_add_test(tc, file_is_written_when_the_set_is_freed_and_gets_a_number);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
