/* SPDX-License-Identifier: MIT */
/* Idle cycles cost the host nothing: transfers that take thousands of times as long, tasklets that
 * wait for each other, end as soon as short ones do, at the cycle that the model says. */
#include <check.h>
#include <time.h>

#include "sim_help.h"

/* 2000 reads of 2048 bytes by each tasklet. */
#define TURNS 2000
#define READS                                                                                      \
    "move r2, 2000\nmove r0, 0\nmove r1, 0\n"                                                      \
    "again: ldma r0, r1, 255\nadd r2, r2, -1\njneq r2, 0, again\n"
#define ALONE READS "stop"
#define CROWD                                                                                      \
    "jeq id, 23, begin\n"                                                                          \
    "add r3, id, 1\nboot r3, 0\nbegin: " READS "stop"
enum { TRANSFER_BYTES = 2048, ROW_CROSS = 40, OCC_FIXED = 34, LEAD = 20, ALPHA = 77 };

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

struct took {
    uint64_t cycles, instructions;
    double seconds;
};

static struct took run_with(const char *settings, const char *text)
{
    struct sim_config config = config_of(SIM_CYCLE, 0);
    struct isa_diag diag = {""};
    ck_assert_msg(!sim_config_set_all(&config, settings, "test", NULL, &diag), "%s", diag.text);
    struct sim_dpu *dpu = dpu_with(&config, text);
    double start = cpu_seconds();
    dpu_run_done(dpu);
    struct took took = {DPU_STAT(dpu, cycles) - DPU_STAT(dpu, slots_drain),
                        DPU_STAT(dpu, instructions), cpu_seconds() - start};
    sim_dpu_destroy(dpu);
    return took;
}

/* Two moves before, and add, jneq and stop behind the last transfer; transfers of one tasklet
 * follow each other as the engine lets them once the engine takes longer than the tasklet. */
static uint64_t expected_alone(uint64_t occ_per_byte)
{
    uint64_t occupied = OCC_FIXED + occ_per_byte * TRANSFER_BYTES + ROW_CROSS;
    uint64_t first_start = 3 * 11 + LEAD;
    uint64_t latency = ALPHA - LEAD + TRANSFER_BYTES / 2 + ROW_CROSS;
    return first_start + (TURNS - 1) * occupied + latency + 2 * 11 + 1;
}

START_TEST(long_transfers_end_at_their_cycle_at_once)
{
    struct took quick = run_with("dma_occ_per_byte=4", ALONE);
    struct took slow = run_with("dma_occ_per_byte=4000", ALONE);
    ck_assert_uint_eq(quick.cycles, expected_alone(4));
    ck_assert_uint_eq(slow.cycles, expected_alone(4000)); /* 16 thousand million */
    ck_assert_uint_eq(slow.instructions, quick.instructions);
    ck_assert_msg(slow.seconds < 5 * quick.seconds + 0.1, "%g s after %g s", slow.seconds,
                  quick.seconds);
}
END_TEST

START_TEST(waiting_in_a_queue_costs_the_host_nothing)
{
    struct took quick = run_with("dma_occ_per_byte=4", CROWD);
    struct took slow = run_with("dma_occ_per_byte=4000", CROWD);
    ck_assert_uint_gt(slow.cycles, 24 * (TURNS - 1) * UINT64_C(4000) * TRANSFER_BYTES);
    ck_assert_uint_eq(slow.instructions, quick.instructions);
    ck_assert_msg(slow.seconds < 5 * quick.seconds + 0.2, "%g s after %g s", slow.seconds,
                  quick.seconds);
}
END_TEST

/* The bank does nothing by itself: refreshes are counted, not lived through. */
START_TEST(idle_bank_costs_the_host_nothing)
{
    static const char busy[] = "dram_detailed=1;dram_refresh_interval=100;dram_refresh=1;";
    char long_ones[128];
    snprintf(long_ones, sizeof long_ones, "%sdma_cycles_per_8B=1024", busy);
    struct took quick = run_with(busy, ALONE), slow = run_with(long_ones, ALONE);
    ck_assert_uint_gt(slow.cycles, 200 * quick.cycles);
    ck_assert_msg(slow.seconds < 5 * quick.seconds + 0.1, "%g s after %g s", slow.seconds,
                  quick.seconds);
}
END_TEST

START_TEST(spacing_costs_the_host_nothing)
{
    static const char loop[] = "move r0, 200000\nl: add r0, r0, -1\njneq r0, 0, l\nstop";
    struct took quick = run_with("issue_spacing=1", loop),
                slow = run_with("issue_spacing=64", loop);
    ck_assert_uint_eq(slow.cycles - 1, 64 * (quick.cycles - 1));
    ck_assert_msg(slow.seconds < 5 * quick.seconds + 0.1, "%g s after %g s", slow.seconds,
                  quick.seconds);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim.idle");
    TCase *limits = tcase_create("limits");
    tcase_add_test(limits, long_transfers_end_at_their_cycle_at_once);
    tcase_add_test(limits, waiting_in_a_queue_costs_the_host_nothing);
    tcase_add_test(limits, idle_bank_costs_the_host_nothing);
    tcase_add_test(limits, spacing_costs_the_host_nothing);
    suite_add_tcase(suite, limits);
    return run_suite(suite);
}
