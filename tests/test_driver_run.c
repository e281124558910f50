/* SPDX-License-Identifier: MIT */
/* Launches, the order of jobs, failures now and later, polling, reports, time-outs, failures on
 * purpose, and what the process around may do: threads, signals, fork, exit. Callbacks are in
 * test_driver_callback.c. */
#include <check.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/time.h>

#include "host_help.h"

/* ---- launch ---------------------------------------------------------------------------------- */

START_TEST(launch_runs_all_or_a_part)
{
    dpu_launch_policy_t policy = _i ? DPU_ASYNCHRONOUS : DPU_SYNCHRONOUS;
    struct dpu_set_t set = alloc_kernel(66, NULL), dpu;
    uint32_t i;
    OK(dpu_launch(set, policy));
    OK(dpu_launch(rank_number(set, 1), policy));
    OK(dpu_launch(dpu_number(set, 65), policy));
    OK(dpu_sync(set));
    DPU_FOREACH (set, dpu, i)
        ck_assert_uint_eq(take(dpu, "launches"), i < 64 ? 1 : i == 64 ? 2 : 3);
    OK(dpu_free(set));
}
END_TEST

START_TEST(sync_without_launch_is_fine)
{
    struct dpu_set_t set = alloc_set(65, NULL);
    bool done = false, fault = true;
    OK(dpu_sync(set));
    OK(dpu_sync(dpu_number(set, 3)));
    OK(dpu_status(set, &done, &fault));
    ck_assert(done && !fault);
    OK(dpu_status(set, NULL, NULL));
    OK(dpu_free(set));
}
END_TEST

START_TEST(unknown_policy_is_taken_as_asynchronous)
{
    struct dpu_set_t set = alloc_kernel(2, NULL);
    put(set, "cmd", CMD_SPIN);
    OK(dpu_launch(set, (dpu_launch_policy_t)7));
    put_parallel(set, "go", 1);
    OK(dpu_sync(set));
    OK(dpu_free(set));
}
END_TEST

START_TEST(launch_without_program_is_refused)
{
    struct dpu_set_t set = alloc_set(2, NULL);
    REFUSED(dpu_launch(set, DPU_SYNCHRONOUS), DPU_ERR_NO_PROGRAM_LOADED,
            "DPU 0x0 has no program; call dpu_load first");
    OK(dpu_launch(set, DPU_ASYNCHRONOUS));
    FAILS(dpu_sync(set), DPU_ERR_NO_PROGRAM_LOADED);
    OK(dpu_sync(set));
    load_text(dpu_number(set, 0), kernel);
    FAILS(dpu_launch(set, DPU_SYNCHRONOUS), DPU_ERR_NO_PROGRAM_LOADED);
    OK(dpu_launch(dpu_number(set, 0), DPU_SYNCHRONOUS));
    ck_assert_uint_eq(take(dpu_number(set, 0), "launches"), 1); /* not by the refused one */
    OK(dpu_free(set));
}
END_TEST

/* ---- order ----------------------------------------------------------------------------------- */

START_TEST(jobs_of_a_rank_run_in_order)
{
    enum { ROUNDS = 40 };
    static uint32_t tags[ROUNDS], counts[ROUNDS];
    struct dpu_set_t set = alloc_kernel(65, _i ? "nrJobsPerRank=1" : NULL), dpu;
    uint32_t order[ROUNDS], i;
    put(set, "cmd", CMD_APPEND);
    for (i = 0; i < ROUNDS; i++) {
        tags[i] = 1000 - i;
        OK(dpu_broadcast_to(set, "tag", 0, &tags[i], 4, DPU_XFER_ASYNC));
        OK(dpu_launch(set, DPU_ASYNCHRONOUS));
        OK(dpu_prepare_xfer(dpu_number(set, 64), &counts[i]));
        OK(dpu_push_xfer(set, DPU_XFER_FROM_DPU, "count", 0, 4, DPU_XFER_ASYNC));
    }
    OK(dpu_sync(set));
    DPU_FOREACH (set, dpu) {
        OK(dpu_copy_from(dpu, "order", 0, order, sizeof order));
        for (i = 0; i < ROUNDS; i++)
            ck_assert_uint_eq(order[i], 1000 - i);
    }
    for (i = 0; i < ROUNDS; i++)
        ck_assert_uint_eq(counts[i], i + 1);
    OK(dpu_free(set));
}
END_TEST

START_TEST(ranks_do_not_wait_for_one_another)
{
    struct dpu_set_t set = alloc_kernel(66, NULL);
    struct dpu_set_t slow = rank_number(set, 0), fast = rank_number(set, 1);
    bool done = true;
    launch_async(slow, CMD_SPIN);
    for (uint32_t i = 1; i <= 3; i++) {
        launch(fast, CMD_STOP);
        launch_async(fast, CMD_STOP);
        OK(dpu_sync(fast));
        ck_assert_uint_eq(take(dpu_number(set, 65), "launches"), 2 * i);
    }
    OK(dpu_status(slow, &done, NULL));
    ck_assert(!done);
    OK(dpu_status(fast, &done, NULL));
    ck_assert(done);
    OK(dpu_status(set, &done, NULL));
    ck_assert(!done);
    put_parallel(slow, "go", 1);
    OK(dpu_sync(set));
    OK(dpu_free(set));
}
END_TEST

/* Launching one DPU blocks its whole rank until that DPU stops. */
START_TEST(run_of_one_dpu_holds_its_rank)
{
    struct dpu_set_t set = alloc_kernel(4, NULL);
    put(set, "work", 3000000);
    launch_async(dpu_number(set, 1), CMD_WORK);
    ck_assert_uint_eq(take(dpu_number(set, 0), "launches"), 0);
    bool done = false;
    OK(dpu_status(set, &done, NULL));
    ck_assert(done);
    ck_assert_uint_eq(take(dpu_number(set, 1), "launches"), 1);
    OK(dpu_free(set));
}
END_TEST

/* More DPUs that never end by themselves than there are threads, and one that does. */
START_TEST(running_dpus_share_the_threads_fairly)
{
    struct dpu_set_t set = alloc_kernel(80, NULL);
    struct dpu_set_t worker = rank_number(set, 1);
    launch_async(rank_number(set, 0), CMD_SPIN);
    put(worker, "work", 100000);
    launch(worker, CMD_WORK);
    put_parallel(rank_number(set, 0), "go", 1);
    OK(dpu_sync(set));
    OK(dpu_free(set));
}
END_TEST

/* ---- failures -------------------------------------------------------------------------------- */

static const struct {
    enum command command;
    enum dpusim_fault_kind kind;
    uint32_t code, address;
    const char *rule, *report;
} faults[] = {
    {CMD_MEMORY, DPUSIM_MEMORY_FAULT, 0, 0x10000, "WRAM ends at 0x10000", "memory fault"},
    {CMD_FAULT, DPUSIM_BREAKPOINT_FAULT, 3, 0, "fault 3 (Assert)", "fault 3 (Assert)"},
    {CMD_DMA, DPUSIM_DMA_FAULT, 0, 0x4000000, "MRAM ends at 0x4000000", "dma fault"},
};

START_TEST(fault_fails_the_launch_and_is_explained)
{
    static struct capture capture;
    struct dpusim_fault fault;
    struct dpu_set_t set = alloc_kernel(3, "simDpusPerRank=8"), dpu = dpu_number(set, 1);
    put(dpu, "cmd", faults[_i].command);
    capture_begin(&capture);
    dpu_error_t error = dpu_launch(set, DPU_SYNCHRONOUS);
    const char *text = capture_end(&capture);
    FAILS(error, DPU_ERR_DPU_FAULT);
    ck_assert_msg(strstr(text, "dpusim: DPU 0x1 (index 1 of its set): ") == text, "%s", text);
    ck_assert_msg(strstr(text, faults[_i].report) && strstr(text, faults[_i].rule), "%s", text);
    ck_assert_msg(strstr(text, "__bootstrap") && strstr(text, "kernel.s:"), "%s", text);
    OK(dpusim_last_fault(set, &fault));
    ck_assert_int_eq(fault.kind, faults[_i].kind);
    ck_assert_uint_eq(fault.dpu_id, 1);
    ck_assert_uint_eq(fault.dpu_index, 1);
    ck_assert_uint_eq(fault.tasklet, 0);
    ck_assert_uint_eq(fault.code, faults[_i].code);
    ck_assert_uint_eq(fault.address, faults[_i].address);
    ck_assert(!fault.injected);
    ck_assert_str_eq(fault.function, "__bootstrap");
    ck_assert_msg(strstr(fault.file, "kernel.s") && fault.line > 5, "%s:%u", fault.file,
                  fault.line);
    ck_assert_msg(strstr(fault.rule, faults[_i].rule) != NULL, "%s", fault.rule);
    char *explained;
    OK(dpusim_explain_fault(dpu, &explained));
    ck_assert_msg(strstr(text, explained) != NULL, "%s\n%s", text, explained);
    free(explained);
    OK(dpusim_last_fault(dpu_number(set, 0), &fault));
    ck_assert_int_eq(fault.kind, DPUSIM_NO_FAULT);
    OK(dpu_free(set));
}
END_TEST

START_TEST(set_in_fault_is_usable)
{
    struct dpu_set_t set = alloc_kernel(3, "simReport=false"), dpu = dpu_number(set, 1);
    bool done, fault;
    put(dpu, "cmd", CMD_FAULT);
    for (uint32_t round = 1; round < 4; round++) {
        FAILS(dpu_launch(set, DPU_SYNCHRONOUS), DPU_ERR_DPU_FAULT);
        OK(dpu_status(set, &done, &fault));
        ck_assert(done && fault);
        OK(dpu_status(dpu_number(set, 0), &done, &fault));
        ck_assert(done && !fault);
        OK(dpu_sync(set));
        ck_assert_uint_eq(take(dpu, "launches"), round);
        ck_assert_uint_eq(take(dpu_number(set, 2), "launches"), round);
    }
    launch(set, CMD_STOP);
    OK(dpu_status(set, &done, &fault));
    ck_assert(done && !fault);
    put(dpu, "cmd", CMD_FAULT);
    FAILS(dpu_launch(dpu, DPU_SYNCHRONOUS), DPU_ERR_DPU_FAULT);
    load_text(set, kernel);
    OK(dpu_status(set, &done, &fault));
    ck_assert(!fault);
    launch(set, CMD_STOP);
    OK(dpu_free(set));
}
END_TEST

START_TEST(run_with_a_fault_ends_with_its_last_dpu)
{
    struct dpu_set_t set = alloc_kernel(2, "simReport=0");
    bool done = true, fault = false;
    put(set, "cmd", CMD_SPIN);
    put(dpu_number(set, 0), "cmd", CMD_FAULT);
    OK(dpu_launch(set, DPU_ASYNCHRONOUS));
    WAIT_UNTIL((expect_error(dpu_status(set, &done, &fault), DPU_OK, "poll"), fault));
    ck_assert(!done);
    put_parallel(set, "go", 1);
    FAILS(dpu_sync(set), DPU_ERR_DPU_FAULT);
    OK(dpu_sync(set));
    OK(dpu_free(set));
}
END_TEST

/* The stored error answers every call that needs the rank, until a sync takes it. */
static void stored_error_answers(struct dpu_set_t set, dpu_error_t stored)
{
    struct dpu_set_t dpu = dpu_number(set, 0);
    uint32_t word = 77;
    FAILS(dpu_copy_to(set, "tag", 0, &word, 4), stored);
    FAILS(dpu_copy_from(dpu, "tag", 0, &word, 4), stored);
    FAILS(dpu_broadcast_to(set, "tag", 0, &word, 4, DPU_XFER_ASYNC), stored);
    OK(dpu_prepare_xfer(set, &word));
    FAILS(dpu_push_xfer(set, DPU_XFER_TO_DPU, "tag", 0, 4, DPU_XFER_DEFAULT), stored);
    FAILS(dpu_push_xfer(set, DPU_XFER_TO_DPU, "tag", 0, 4, DPU_XFER_PARALLEL), stored);
    FAILS(dpu_launch(set, DPU_SYNCHRONOUS), stored);
    FAILS(dpu_launch(set, DPU_ASYNCHRONOUS), stored);
    FAILS(dpu_load(set, PROGRAM("hello"), NULL), stored);
    FAILS(dpu_log_read(dpu, stdout), stored);
    FAILS(dpu_launch(dpu, DPU_SYNCHRONOUS), stored); /* a part of that rank */
    ck_assert_uint_eq(word, 77);
}

START_TEST(failed_job_is_told_by_the_next_sync)
{
    struct dpu_set_t set = alloc_kernel(2, "simReport=false"), dpu = dpu_number(set, 0);
    struct dpu_set_t launched = _i ? dpu : set;
    dpu_error_t stored = async_error(_i ? JOB_LAUNCH_DPU : JOB_LAUNCH_RANK, DPU_ERR_DPU_FAULT);
    uint32_t tag = 5;
    bool done = false, fault = false;
    launch_async(launched, CMD_FAULT);
    dpu_error_t queued = dpu_broadcast_to(set, "tag", 0, &tag, 4, DPU_XFER_ASYNC);
    ck_assert(queued == DPU_OK || queued == stored); /* as the run has ended or not */
    WAIT_UNTIL((dpu_status(set, &done, NULL), done));
    stored_error_answers(set, stored);
    FAILS(dpu_status(set, &done, &fault), DPU_ERR_DPU_FAULT);
    ck_assert(done && fault);
    stored_error_answers(set, stored);
    FAILS(dpu_sync(set), DPU_ERR_DPU_FAULT);
    OK(dpu_sync(set));
    ck_assert_uint_eq(take(dpu, "tag"), 0); /* the queued job was dropped */
    ck_assert_uint_eq(take(dpu, "launches"), 1);
    launch(set, CMD_STOP);
    OK(dpu_free(set));
}
END_TEST

START_TEST(text_of_a_stored_error_names_its_job)
{
    struct dpu_set_t set = alloc_kernel(1, "simReport=false");
    launch_async(set, CMD_FAULT);
    dpu_error_t error = dpu_launch(set, DPU_SYNCHRONOUS);
    char *text = dpu_error_to_string(error);
    ck_assert_str_eq(text, "asynchronous operation error (launch_rank): dpu is in fault (0x10017)");
    free(text);
    OK(dpu_free(set)); /* whatever is stored */
}
END_TEST

START_TEST(failures_of_ranks_are_their_own)
{
    struct dpu_set_t set = alloc_kernel(66, "simReport=false");
    struct dpu_set_t bad = rank_number(set, 0), good = rank_number(set, 1);
    put(set, "cmd", CMD_STOP);
    put(dpu_number(set, 3), "cmd", CMD_FAULT);
    OK(dpu_launch(set, DPU_ASYNCHRONOUS));
    OK(dpu_sync(good));
    launch(good, CMD_STOP);
    FAILS(dpu_launch(bad, DPU_SYNCHRONOUS), async_error(JOB_LAUNCH_RANK, DPU_ERR_DPU_FAULT));
    FAILS(dpu_launch(set, DPU_SYNCHRONOUS), async_error(JOB_LAUNCH_RANK, DPU_ERR_DPU_FAULT));
    OK(dpu_sync(good));
    launch(good, CMD_STOP); /* not held by the refused launch of both */
    FAILS(dpu_sync(set), DPU_ERR_DPU_FAULT);
    OK(dpu_sync(set));
    ck_assert_uint_eq(take(dpu_number(set, 65), "launches"), 3);
    launch(set, CMD_STOP);
    OK(dpu_free(set));
}
END_TEST

START_TEST(first_failure_in_order_of_the_ranks_is_returned)
{
    struct dpu_set_t set = alloc_kernel(66, "simReport=false");
    OK(dpusim_set_limits(set, 1000, 0));
    put(rank_number(set, 0), "cmd", CMD_FOREVER);
    put(rank_number(set, 1), "cmd", CMD_FAULT);
    OK(dpu_launch(set, DPU_ASYNCHRONOUS));
    FAILS(dpu_sync(set), DPU_ERR_TIMEOUT);
    OK(dpu_sync(set));
    FAILS(dpu_launch(set, DPU_SYNCHRONOUS), DPU_ERR_DPU_FAULT); /* a fault counts more */
    OK(dpu_free(set));
}
END_TEST

/* ---- reports --------------------------------------------------------------------------------- */

START_TEST(reports_are_in_order_and_at_most_16)
{
    static struct capture capture;
    struct dpu_set_t set = alloc_kernel(64, NULL), dpu;
    uint32_t i, faulty = 0;
    DPU_FOREACH (set, dpu, i) {
        put(dpu, "cmd", i % 3 ? CMD_FAULT : CMD_STOP);
        faulty += i % 3 != 0;
    }
    capture_begin(&capture);
    dpu_error_t error = dpu_launch(set, DPU_SYNCHRONOUS);
    const char *text = capture_end(&capture);
    FAILS(error, DPU_ERR_DPU_FAULT);
    ck_assert_uint_eq(count_of(text, "dpusim: DPU 0x"), 16);
    char rest[64];
    snprintf(rest, sizeof rest, "dpusim: and %u more DPUs\n", faulty - 16);
    ck_assert_msg(strstr(text, rest) != NULL, "%s", text);
    const char *at = text;
    for (i = 0; i < 24; i++) {
        char name[64];
        snprintf(name, sizeof name, "(index %u of its set)", i);
        const char *found = strstr(at, name);
        ck_assert_msg((found != NULL) == (i % 3 != 0), "%u: %s", i, text);
        at = found ? found : at;
    }
    OK(dpu_free(set));
}
END_TEST

START_TEST(reports_can_be_switched_off_and_on)
{
    static struct capture capture;
    struct dpu_set_t set = alloc_kernel(1, NULL);
    put(set, "cmd", CMD_FAULT);
    for (int on = 0; on < 2; on++) {
        OK(dpusim_set_reports(set, on));
        capture_begin(&capture);
        dpu_error_t error = dpu_launch(set, DPU_SYNCHRONOUS);
        const char *text = capture_end(&capture);
        FAILS(error, DPU_ERR_DPU_FAULT);
        ck_assert_uint_eq(count_of(text, "dpusim: "), (unsigned)on);
    }
    OK(dpu_free(set));
}
END_TEST

START_TEST(asynchronous_launch_is_reported_once)
{
    static struct capture capture;
    struct dpu_set_t set = alloc_kernel(66, NULL);
    capture_begin(&capture);
    put(dpu_number(set, 2), "cmd", CMD_FAULT);
    put(dpu_number(set, 65), "cmd", CMD_FAULT);
    dpu_error_t error = dpu_launch(set, DPU_ASYNCHRONOUS);
    error = error ? error : dpu_sync(set);
    const char *text = capture_end(&capture);
    FAILS(error, DPU_ERR_DPU_FAULT);
    ck_assert_msg(count_of(text, "dpusim: DPU") == 2, "%s", text);
    ck_assert(strstr(text, "(index 2 of") < strstr(text, "(index 65 of"));
    OK(dpu_free(set));
}
END_TEST

START_TEST(sleeping_tasklets_are_named)
{
    static struct capture capture;
    struct dpu_set_t set = alloc_kernel(1, NULL);
    put(set, "cmd", CMD_ASLEEP);
    capture_begin(&capture);
    dpu_error_t error = dpu_launch(set, DPU_SYNCHRONOUS);
    const char *text = capture_end(&capture);
    OK(error);
    ck_assert_msg(strstr(text, "done, but 1 tasklet sleeps and will not wake up") != NULL, "%s",
                  text);
    ck_assert_msg(strstr(text, "tasklet  1 at index") != NULL, "%s", text);
    OK(dpu_free(set));
}
END_TEST

START_TEST(endless_run_times_out_and_says_where)
{
    static const char *const profiles[] = {"simMaxInstructions=5000", "simTimeoutMs=30"};
    static struct capture capture;
    struct dpu_set_t set = alloc_kernel(3, profiles[_i % 2]);
    dpu_launch_policy_t policy = _i / 2 ? DPU_ASYNCHRONOUS : DPU_SYNCHRONOUS;
    put(dpu_number(set, 1), "cmd", CMD_FOREVER);
    capture_begin(&capture);
    dpu_error_t error = dpu_launch(set, policy);
    if (policy == DPU_ASYNCHRONOUS)
        error = error ? error : dpu_sync(set);
    const char *text = capture_end(&capture);
    FAILS(error, DPU_ERR_TIMEOUT);
    ck_assert_msg(count_of(text, "limit reached") == 1, "%s", text);
    ck_assert_msg(strstr(text, "tasklet  0 at index") && strstr(text, "kernel.s:"), "%s", text);
    bool done, fault;
    OK(dpu_status(set, &done, &fault));
    ck_assert(done && !fault);
    ck_assert_uint_eq(take(dpu_number(set, 1), "launches"), 1);
    launch(set, CMD_STOP);
    ck_assert_uint_eq(take(dpu_number(set, 1), "launches"), 2);
    OK(dpu_free(set));
}
END_TEST

static atomic_bool over;

/* Again and again, as it may come before the launch has begun. */
static void *keep_interrupting(void *set)
{
    while (!atomic_load(&over)) {
        usleep(20000);
        OK(dpusim_interrupt(*(struct dpu_set_t *)set));
    }
    return NULL;
}

/* Of launches that never end: waited for, queued, by injection. */
START_TEST(interrupted_run_ends_as_at_a_limit)
{
    static struct capture capture;
    pthread_t thread;
    uint32_t tag = 9;
    bool injected = _i / 2, queued = _i % 2;
    struct dpu_set_t set =
        alloc_kernel(3, injected ? "simDpusPerRank=2,simInject=hang:dpu=1" : "simDpusPerRank=2");
    struct dpu_set_t dpu = dpu_number(set, 1);
    OK(dpusim_interrupt(set)); /* nothing runs */
    atomic_store(&over, false);
    put(dpu, "cmd", injected ? CMD_STOP : CMD_FOREVER);
    capture_begin(&capture);
    ck_assert_int_eq(pthread_create(&thread, NULL, keep_interrupting, &set), 0);
    dpu_error_t error = dpu_launch(dpu, queued ? DPU_ASYNCHRONOUS : DPU_SYNCHRONOUS);
    if (queued) {
        OK(error);
        OK(dpu_broadcast_to(set, "tag", 0, &tag, 4, DPU_XFER_ASYNC));
        error = dpu_sync(set);
    }
    atomic_store(&over, true);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    const char *text = capture_end(&capture);
    REFUSED(error, DPU_ERR_TIMEOUT, "DPU 0x1 (index 1 of its set): interrupted, stopped");
    ck_assert_msg(count_of(text, "interrupted") == 1, "%s", text);
    ck_assert_uint_eq(take(dpu, "tag"), 0); /* dropped behind the failure */
    ck_assert_uint_eq(take(dpu_number(set, 2), "tag"), queued ? 9 : 0);
    put(set, "cmd", CMD_STOP);
    OK(dpusim_clear_injections(set));
    OK(dpu_launch(set, DPU_SYNCHRONOUS));
    OK(dpu_free(set));
}
END_TEST

/* What a callback, a transfer and a DPU did wrong in another thread is told to who hears of it. */
START_TEST(asynchronous_failure_comes_with_its_sentence)
{
    struct dpu_set_t set = alloc_kernel(2, "simReport=false,nrDpusPerCi=2"),
                     dpu = dpu_number(set, 1);
    uint8_t bytes[8] = {0};
    struct dpu_symbol_t past = {0x08000000 + (64u << 20) - 8, 64};
    put(dpu, "cmd", CMD_FAULT);
    REFUSED(dpu_launch(set, DPU_SYNCHRONOUS), DPU_ERR_DPU_FAULT,
            "dpu_launch: DPU 0x1 (index 1 of its set): fault 3 (Assert)");
    OK(dpu_launch(set, DPU_ASYNCHRONOUS));
    REFUSED(dpu_sync(set), DPU_ERR_DPU_FAULT, "DPU 0x1 (index 1 of its set): fault 3 (Assert)");
    OK(dpu_broadcast_to_symbol(set, past, 8, bytes, 8, DPU_XFER_ASYNC));
    WAIT_UNTIL(dpu_broadcast_to(set, "tag", 0, bytes, 4, DPU_XFER_ASYNC) != DPU_OK);
    ck_assert_msg(strstr(dpusim_last_message(), "MRAM"), "%s", dpusim_last_message());
    REFUSED(dpu_sync(set), DPU_ERR_INVALID_MRAM_ACCESS, "MRAM");
    OK(dpu_sync(set));
    OK(dpu_free(set));
}
END_TEST

START_TEST(limit_of_instructions_is_exact)
{
    struct dpu_set_t set = alloc_kernel(1, "simReport=false"), dpu = dpu_number(set, 0);
    uint64_t count = 0;
    int statistic = dpusim_find_statistic("instructions");
    launch(set, CMD_STOP);
    OK(dpusim_read_statistic(set, (uint32_t)statistic, 1, &count, 1));
    ck_assert_uint_gt(count, 10);
    OK(dpusim_set_limits(set, count, 0));
    OK(dpu_launch(set, DPU_SYNCHRONOUS));
    OK(dpusim_set_limits(set, count - 1, 0));
    FAILS(dpu_launch(dpu, DPU_SYNCHRONOUS), DPU_ERR_TIMEOUT);
    OK(dpusim_set_limits(set, 0, 0));
    OK(dpu_launch(set, DPU_SYNCHRONOUS));
    REFUSED(dpusim_set_limits(set, 0, -1), DPU_ERR_INTERNAL, "-1 seconds; wanted 0 to 1e9");
    OK(dpu_free(set));
}
END_TEST

/* ---- failures on purpose --------------------------------------------------------------------- */

START_TEST(injected_error_of_a_call_comes_at_its_use)
{
    struct dpu_set_t set = alloc_kernel(1, "simReport=false"), dpu = dpu_number(set, 0);
    uint32_t word = 0;
    OK(dpusim_inject(set, "call:name=dpu_launch,error=TIMEOUT,nth=2"));
    OK(dpu_launch(set, DPU_SYNCHRONOUS));
    REFUSED(dpu_launch(set, DPU_ASYNCHRONOUS), DPU_ERR_TIMEOUT,
            "dpu_launch: use 2 returns an injected error");
    OK(dpu_launch(set, DPU_SYNCHRONOUS));
    ck_assert_uint_eq(take(dpu, "launches"), 2);
    OK(dpusim_inject(set, "call:name=dpu_copy_to,error=DPU_ERR_MRAM_BUSY;"
                          "call:name=dpu_sync/error=DPU_FAULT/nth=1"));
    FAILS(dpu_copy_to(set, "tag", 0, &word, 4), DPU_ERR_MRAM_BUSY);
    FAILS(dpu_copy_to(set, "tag", 0, &word, 4), DPU_ERR_MRAM_BUSY);
    FAILS(dpu_sync(set), DPU_ERR_DPU_FAULT);
    OK(dpu_sync(set));
    OK(dpusim_clear_injections(set));
    OK(dpu_copy_to(set, "tag", 0, &word, 4));
    OK(dpu_free(set));
}
END_TEST

static dpu_error_t do_nothing(struct dpu_set_t set, uint32_t index, void *args)
{
    (void)set, (void)index, (void)args;
    return DPU_OK;
}

/* Every call of the table takes an injected error, once. */
static dpu_error_t call_by_name(const char *name, struct dpu_set_t set)
{
    struct dpu_set_t dpu = dpu_number(set, 0);
    uint32_t word = 0;
    FILE *null = fopen("/dev/null", "w");
    dpu_error_t error = DPU_ERR_DRIVER;
    if (strcmp(name, "dpu_load") == 0)
        error = dpu_load(set, PROGRAM("hello"), NULL);
    else if (strcmp(name, "dpu_copy_to") == 0)
        error = dpu_copy_to(set, "tag", 0, &word, 4);
    else if (strcmp(name, "dpu_copy_from") == 0)
        error = dpu_copy_from(dpu, "tag", 0, &word, 4);
    else if (strcmp(name, "dpu_broadcast_to") == 0)
        error = dpu_broadcast_to(set, "tag", 0, &word, 4, DPU_XFER_DEFAULT);
    else if (strcmp(name, "dpu_prepare_xfer") == 0)
        error = dpu_prepare_xfer(set, NULL);
    else if (strcmp(name, "dpu_push_xfer") == 0)
        error = dpu_push_xfer(set, DPU_XFER_TO_DPU, "tag", 0, 4, DPU_XFER_DEFAULT);
    else if (strcmp(name, "dpu_launch") == 0)
        error = dpu_launch(set, DPU_SYNCHRONOUS);
    else if (strcmp(name, "dpu_sync") == 0)
        error = dpu_sync(set);
    else if (strcmp(name, "dpu_status") == 0)
        error = dpu_status(set, NULL, NULL);
    else if (strcmp(name, "dpu_callback") == 0)
        error = dpu_callback(set, do_nothing, NULL, DPU_CALLBACK_DEFAULT);
    else if (strcmp(name, "dpu_log_read") == 0)
        error = dpu_log_read(dpu, null);
    fclose(null);
    return error;
}

static const char *const injectable[] = {"dpu_load",         "dpu_copy_to",      "dpu_copy_from",
                                         "dpu_broadcast_to", "dpu_prepare_xfer", "dpu_push_xfer",
                                         "dpu_launch",       "dpu_sync",         "dpu_status",
                                         "dpu_callback",     "dpu_log_read"};

START_TEST(every_call_can_be_made_to_fail)
{
    char spec[80];
    struct dpu_set_t set = alloc_kernel(1, NULL);
    const char *name = injectable[_i];
    snprintf(spec, sizeof spec, "call:name=%s,error=ALLOCATION,nth=1", name);
    OK(dpusim_inject(set, spec));
    FAILS(call_by_name(name, set), DPU_ERR_ALLOCATION);
    if (strcmp(name, "dpu_log_read") == 0)
        FAILS(call_by_name(name, set), DPU_ERR_LOG_CONTEXT_MISSING);
    else
        OK(call_by_name(name, set));
    OK(dpu_free(set));
}
END_TEST

START_TEST(disabled_dpu_is_missing_from_the_set)
{
    struct dpu_set_t set = alloc_kernel(8, "simInject=disable:dpu=3/nth=0;disable:dpu=5"), dpu;
    uint32_t i;
    ck_assert_uint_eq(count_dpus(set), 6);
    DPU_FOREACH (set, dpu, i)
        put(dpu, "tag", i);
    launch(set, CMD_STOP);
    ck_assert_uint_eq(i, 6);
    OK(dpu_free(set));
}
END_TEST

START_TEST(one_bit_of_one_transfer_is_flipped)
{
    struct dpu_set_t set = alloc_kernel(2, NULL), dpu = dpu_number(set, 1);
    uint32_t got[2] = {0};
    OK(dpusim_inject(set, "flip:dpu=1,bit=35,nth=2"));
    uint32_t words[2] = {0, 0};
    OK(dpu_copy_to(set, "bytes", 0, words, 8));
    OK(dpu_copy_to(set, "bytes", 0, words, 8)); /* the second one */
    OK(dpu_copy_from(dpu, "bytes", 0, got, 8));
    ck_assert(got[0] == 0 && got[1] == 8);
    OK(dpu_copy_from(dpu_number(set, 0), "bytes", 0, got, 8));
    ck_assert(got[0] == 0 && got[1] == 0);
    OK(dpusim_clear_injections(set));
    OK(dpusim_inject(set, "flip:bit=0"));
    ck_assert_uint_eq(take(dpu, "tag"), 1); /* on the way out: every read of every DPU */
    OK(dpusim_clear_injections(set));
    ck_assert_uint_eq(take(dpu, "tag"), 0);
    OK(dpu_free(set));
}
END_TEST

START_TEST(transfers_and_allocations_fail_by_number)
{
    struct dpu_set_t set = alloc_kernel(3, NULL);
    uint32_t word = 1;
    OK(dpusim_inject(set, "xfer:nth=2;xfer:nth=3,error=TIMEOUT"));
    OK(dpu_broadcast_to(set, "tag", 0, &word, 4, DPU_XFER_DEFAULT));
    FAILS(dpu_broadcast_to(set, "tag", 0, &word, 4, DPU_XFER_DEFAULT), DPU_ERR_DRIVER);
    FAILS(dpu_copy_from(dpu_number(set, 0), "tag", 0, &word, 4), DPU_ERR_TIMEOUT);
    OK(dpu_copy_from(dpu_number(set, 0), "tag", 0, &word, 4));
    OK(dpu_free(set));
}
END_TEST

START_TEST(bit_of_mram_is_corrupted_before_a_launch)
{
    struct dpu_set_t set = alloc_kernel(4, NULL);
    struct dpu_set_t dpu;
    uint32_t i, words[2];
    OK(dpusim_inject(set, "mram:dpu=0-1+3,at=16,bit=9,nth=2"));
    for (unsigned launched = 1; launched <= 3; launched++) {
        launch(set, CMD_STOP);
        DPU_FOREACH (set, dpu, i) {
            OK(dpu_copy_from(dpu, "block", 16, words, sizeof words));
            ck_assert_uint_eq(words[0], launched >= 2 && i != 2 ? 0x200 : 0);
        }
    }
    OK(dpu_free(set));
}
END_TEST

START_TEST(launch_is_given_up_at_once)
{
    struct dpu_set_t set = alloc_kernel(2, "simReport=false");
    OK(dpusim_inject(set, "timeout:dpu=1,nth=2"));
    launch(set, CMD_STOP);
    FAILS(dpu_launch(set, DPU_SYNCHRONOUS), DPU_ERR_TIMEOUT);
    launch(set, CMD_STOP);
    OK(dpu_free(set));
}
END_TEST

START_TEST(lasting_fault_of_a_dpu_stays_through_all_launches)
{
    struct dpu_set_t set = alloc_kernel(2, NULL);
    OK(dpusim_inject(set, "stuck1:dpu=1,at=tag,bit=4"));
    for (unsigned launched = 1; launched <= 3; launched++) {
        put(set, "tag", 0);
        launch(set, CMD_STOP);
        ck_assert_uint_eq(take(dpu_number(set, 0), "tag"), 0);
        ck_assert_uint_eq(take(dpu_number(set, 1), "tag"), 16);
    }
    OK(dpu_free(set));
}
END_TEST

START_TEST(hanging_launch_needs_a_limit)
{
    struct dpu_set_t set = alloc_kernel(2, "simReport=false,simTimeoutMs=30");
    OK(dpusim_inject(set, "hang:dpu=1,nth=2"));
    launch(set, CMD_STOP);
    FAILS(dpu_launch(set, DPU_SYNCHRONOUS), DPU_ERR_TIMEOUT);
    launch(set, CMD_STOP);
    ck_assert_uint_eq(take(dpu_number(set, 1), "launches"), 2);
    OK(dpu_free(set));
}
END_TEST

START_TEST(set_with_a_hanging_launch_can_be_freed)
{
    struct dpu_set_t set = alloc_kernel(2, NULL);
    bool done = true;
    OK(dpusim_inject(set, "hang:dpu=0"));
    OK(dpu_launch(set, DPU_ASYNCHRONOUS));
    usleep(5000);
    OK(dpu_status(set, &done, NULL));
    ck_assert(!done);
    OK(dpu_free(set));
}
END_TEST

START_TEST(faults_are_injected_into_chosen_dpus_and_launches)
{
    static const struct {
        const char *spec;
        enum dpusim_fault_kind kind;
    } rows[] = {{"bkp:dpu=1,code=77,launch=2,count=3", DPUSIM_BREAKPOINT_FAULT},
                {"mem:dpu=1,launch=2,pc=2", DPUSIM_MEMORY_FAULT},
                {"dma:dpu=1/launch=2/tasklet=0/count=2", DPUSIM_DMA_FAULT}};
    struct dpu_set_t set = alloc_kernel(3, "simReport=false");
    struct dpusim_fault fault;
    OK(dpusim_inject(set, rows[_i].spec));
    OK(dpu_launch(set, DPU_SYNCHRONOUS));
    FAILS(dpu_launch(set, DPU_SYNCHRONOUS), DPU_ERR_DPU_FAULT);
    OK(dpusim_last_fault(set, &fault));
    ck_assert_int_eq(fault.kind, rows[_i].kind);
    ck_assert(fault.injected);
    ck_assert_uint_eq(fault.dpu_index, 1);
    ck_assert_uint_eq(fault.code, rows[_i].kind == DPUSIM_BREAKPOINT_FAULT ? 77 : 0);
    OK(dpu_launch(set, DPU_SYNCHRONOUS));
    OK(dpusim_clear_injections(set));
    OK(dpu_free(set));
}
END_TEST

START_TEST(bad_injection_is_refused_with_a_sentence)
{
    static const struct {
        const char *spec, *sentence;
    } rows[] = {
        {"call", "wanted call:name=FUNCTION,error=ERROR"},
        {"call:name=dpu_sync", "wanted call:name=FUNCTION,error=ERROR"},
        {"call:name=dpu_sync,error=TIMEOOT", "unknown error TIMEOOT; did you mean"},
        {"call:name=dpu_sync,error=TIMEOUT,nth=x", "nth=x: a number from 0 to"},
        {"call:name=dpu_sync,error=TIMEOUT,nth=-1", "nth=-1: a number from 0 to"},
        {"call:name=dpu_sync,error=TIMEOUT,bit=1", "\"call\" knows no key \"bit\""},
        {"flip:bit", "\"bit\" has no \"=\""},
        {"disable:nth=1", "wanted disable:dpu=INDEX"},
        {"hang:dpu=99", "dpu=99, but the set has 2 DPUs"},
        {"flip:dpu=2,bit=1", "dpu=2, but the set has 2 DPUs"},
        {"bkp:dpu=5,count=1", "dpu=5, but the set has 2 DPUs"},
        {"bkp:dpu=1", "when?"},
        {"mem:tasklet=99,count=1", "tasklet"},
        {"disable:dpu=1", "disabled when its set is allocated"},
        {"quake:dpu=1", "quake"},
    };
    struct dpu_set_t set = alloc_kernel(2, NULL);
    REFUSED(dpusim_inject(set, rows[_i].spec), DPU_ERR_INVALID_PROFILE, rows[_i].sentence);
    REFUSED(dpusim_inject(set, NULL), DPU_ERR_INVALID_PROFILE, "NULL");
    launch(set, CMD_STOP);
    OK(dpu_sync(set));
    OK(dpu_free(set));
}
END_TEST
enum { BAD_INJECTIONS = 15 };

START_TEST(refused_injections_change_nothing)
{
    struct dpu_set_t set = alloc_kernel(1, NULL);
    FAILS(dpusim_inject(set, "call:name=dpu_sync,error=TIMEOUT;quake:dpu=0"),
          DPU_ERR_INVALID_PROFILE);
    OK(dpu_sync(set));
    OK(dpu_free(set));
}
END_TEST

static int injected_by_environment(void)
{
    struct dpu_set_t set;
    SCENARIO_CHECK(dpu_alloc(2, NULL, &set) == DPU_OK);
    SCENARIO_CHECK(dpu_free(set) == DPU_OK);
    SCENARIO_CHECK(dpu_alloc(2, NULL, &set) == DPU_ERR_ALLOCATION);
    SCENARIO_CHECK(dpu_alloc(2, NULL, &set) == DPU_OK);
    SCENARIO_CHECK(dpu_load(set, PROGRAM("hello"), NULL) == DPU_OK);
    SCENARIO_CHECK(dpu_launch(set, DPU_SYNCHRONOUS) == DPU_ERR_DPU_FAULT);
    struct dpusim_fault fault;
    SCENARIO_CHECK(dpusim_last_fault(set, &fault) == DPU_OK && fault.dpu_index == 1);
    return dpu_free(set) != DPU_OK;
}

START_TEST(environment_injects_into_every_process)
{
    scenario_ends_well("injected", (const char *const[]){"DPUSIM_INJECT=call:name=dpu_alloc,error="
                                                         "ALLOCATION,nth=2;mem:dpu=1/count=1",
                                                         NULL});
}
END_TEST

/* ---- equal whatever the number of threads ---------------------------------------------------- */

static void print_values(struct dpu_set_t set, uint32_t n)
{
    static uint64_t values[64 * 24];
    for (uint32_t s = 0; s < dpusim_nr_statistics(); s++) {
        const struct dpusim_statistic *what = dpusim_describe_statistic(s);
        uint32_t per_dpu = what->per_tasklet ? 24 : 1;
        SCENARIO_CHECK(dpusim_read_statistic(set, s, 24, values, (size_t)n * per_dpu) == DPU_OK);
        uint64_t sum = 0;
        for (uint32_t i = 0; i < n * per_dpu; i++)
            sum = sum * 1000003 + values[i];
        printf("%s %" PRIu64 "\n", what->name, sum);
    }
}

static void run_file(const char *path, uint32_t n, const char *profile)
{
    struct dpu_set_t set, dpu;
    uint64_t sum = 0;
    static uint8_t mram[1 << 16];
    SCENARIO_CHECK(dpu_alloc(n, profile, &set) == DPU_OK);
    SCENARIO_CHECK(dpu_load(set, path, NULL) == DPU_OK);
    dpu_error_t error = dpu_launch(set, DPU_SYNCHRONOUS);
    printf("%s %s: %d\n", strrchr(path, '/'), profile, (int)error);
    DPU_FOREACH (set, dpu) {
        struct dpu_symbol_t all = {0x08000000, sizeof mram};
        SCENARIO_CHECK(dpu_copy_from_symbol(dpu, all, 0, mram, sizeof mram) == DPU_OK);
        for (size_t i = 0; i < sizeof mram; i++)
            sum = sum * 31 + mram[i];
    }
    printf("memory %" PRIu64 "\n", sum);
    print_values(set, n);
    SCENARIO_CHECK(dpu_free(set) == DPU_OK);
}

static void print_logs(uint32_t n)
{
    uint8_t record[] = GREETING;
    struct dpu_set_t set = alloc_set(n, NULL), dpu;
    uint32_t i;
    load_text(set, greeter);
    DPU_FOREACH (set, dpu, i) {
        record[11] = (uint8_t)i;
        SCENARIO_CHECK(dpu_copy_to(dpu, "__stdout_buffer", 0, record, 24) == DPU_OK);
    }
    SCENARIO_CHECK(dpu_launch(set, DPU_SYNCHRONOUS) == DPU_OK);
    DPU_FOREACH (set, dpu)
        SCENARIO_CHECK(dpu_log_read(dpu, stdout) == DPU_OK);
    SCENARIO_CHECK(dpu_free(set) == DPU_OK);
}

/* Programs, logs and faults of many DPUs: everything goes to one text. */
static int everything(void)
{
    static const char *const files[] = {PROGRAM("hello"), PROGRAM("reduce_tree"),
                                        PROGRAM("histogram_mutex"), PROGRAM("fault_mem"),
                                        PROGRAM("fault_dma")};
    setvbuf(stdout, NULL, _IONBF, 0);
    for (int i = 0; i < ROWS(files); i++) {
        run_file(files[i], 20, "simMode=functional");
        run_file(files[i], 5, "simMode=cycle,simOrderSeed=3");
    }
    print_logs(30);
    struct dpu_set_t set = alloc_kernel(40, "simMaxInstructions=100000"), dpu;
    uint32_t i;
    static const enum command commands[] = {CMD_MEMORY, CMD_FAULT, CMD_STOP,   CMD_DMA,
                                            CMD_ASLEEP, CMD_WORK,  CMD_FOREVER};
    DPU_FOREACH (set, dpu, i) {
        put(dpu, "work", i * 100 + 1);
        put(dpu, "cmd", commands[i % ROWS(commands)]);
    }
    printf("%d\n", (int)dpu_launch(set, DPU_SYNCHRONOUS));
    print_values(set, 40);
    printf("%d\n", (int)dpu_launch(set, DPU_ASYNCHRONOUS));
    printf("%d\n", (int)dpu_sync(set));
    print_values(set, 40);
    return dpu_free(set) != DPU_OK;
}

START_TEST(outputs_are_equal_whatever_the_number_of_threads)
{
    static struct outcome one, more;
    run_scenario(&one, "everything", (const char *const[]){"DPUSIM_THREADS=1", NULL});
    ck_assert_msg(one.status == 0, "%s", one.text);
    ck_assert_msg(count_of(one.text, "dpusim: DPU 0x") > 60, "%s", one.text);
    ck_assert_uint_eq(count_of(one.text, "=== DPU#0x"), 30);
    ck_assert_uint_eq(count_of(one.text, "\nHi 29\n"), 1);
    ck_assert_uint_lt(strlen(one.text), sizeof one.text - 1);
    run_scenario(&more, "everything",
                 (const char *const[]){_i ? "DPUSIM_THREADS=8" : "DPUSIM_THREADS=2", NULL});
    ck_assert_int_eq(more.status, 0);
    ck_assert_str_eq(more.text, one.text);
}
END_TEST

START_TEST(bad_number_of_threads_is_warned_of)
{
    static struct outcome outcome;
    run_scenario(&outcome, "injected",
                 (const char *const[]){"DPUSIM_THREADS=many", "UPMEM_VERBOSE=w",
                                       "DPUSIM_INJECT=call:name=dpu_alloc,error=ALLOCATION,nth=2;"
                                       "mem:dpu=1/count=1",
                                       NULL});
    ck_assert_msg(outcome.status == 0, "%s", outcome.text);
    ck_assert_msg(strstr(outcome.text, "DPUSIM_THREADS=many: wanted a number from 1 to 256") !=
                      NULL,
                  "%s", outcome.text);
}
END_TEST

/* ---- the process around ---------------------------------------------------------------------- */

/* Launches from one thread, polls and syncs from another. */
static atomic_bool stop_polling;

static void *poll_set(void *argument)
{
    struct dpu_set_t *set = argument;
    bool done, fault;
    while (!atomic_load(&stop_polling)) {
        OK(dpu_status(*set, &done, &fault));
        OK(dpu_sync(*set));
        ck_assert(!fault);
    }
    return NULL;
}

START_TEST(two_threads_launch_and_poll_one_set)
{
    struct dpu_set_t set = alloc_kernel(66, NULL);
    pthread_t poller;
    atomic_store(&stop_polling, false);
    ck_assert_int_eq(pthread_create(&poller, NULL, poll_set, &set), 0);
    for (uint32_t i = 0; i < 100; i++)
        OK(dpu_launch(set, i % 3 ? DPU_ASYNCHRONOUS : DPU_SYNCHRONOUS));
    OK(dpu_sync(set));
    atomic_store(&stop_polling, true);
    pthread_join(poller, NULL);
    ck_assert_uint_eq(take(dpu_number(set, 65), "launches"), 100);
    OK(dpu_free(set));
}
END_TEST

static void *live_on_a_set(void *argument)
{
    (void)argument;
    for (int i = 0; i < 5; i++) {
        struct dpu_set_t set = alloc_kernel(10, "simReport=false"), dpu;
        launch_async(set, i % 2 ? CMD_FAULT : CMD_STOP);
        FAILS(dpu_sync(set), i % 2 ? DPU_ERR_DPU_FAULT : DPU_OK);
        DPU_FOREACH (set, dpu)
            if (take(dpu, "launches") != 1)
                ck_abort_msg("not launched");
        OK(dpu_free(set));
    }
    return NULL;
}

START_TEST(threads_allocate_and_free_side_by_side)
{
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, live_on_a_set, NULL), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
}
END_TEST

static atomic_int alarms; /* the signal may come to any thread */

static void count_alarm(int number)
{
    (void)number;
    atomic_fetch_add(&alarms, 1);
}

START_TEST(signals_disturb_nothing)
{
    struct sigaction action = {.sa_handler = count_alarm}, old; /* without SA_RESTART */
    struct itimerval fast = {{0, 500}, {0, 500}}, none = {{0, 0}, {0, 0}};
    struct dpu_set_t set = alloc_kernel(66, NULL);
    uint32_t rounds = 0;
    alarms = 0;
    sigaction(SIGALRM, &action, &old);
    setitimer(ITIMER_REAL, &fast, NULL);
    put(set, "work", 100000);
    while (alarms < 20) {
        launch(set, CMD_WORK);
        launch_async(set, CMD_STOP);
        OK(dpu_sync(set));
        rounds += 2;
    }
    setitimer(ITIMER_REAL, &none, NULL);
    sigaction(SIGALRM, &old, NULL);
    ck_assert_uint_eq(take(dpu_number(set, 65), "launches"), rounds);
    OK(dpu_free(set));
}
END_TEST

static int exit_of(pid_t child)
{
    int status = -1;
    return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The child has the set with all it holds, and threads of its own. */
static int fork_and_go_on(void)
{
    struct dpu_set_t set = alloc_kernel(66, NULL);
    put(set, "tag", 5);
    launch(set, CMD_STOP);
    launch_async(set, CMD_STOP);
    SCENARIO_CHECK(dpu_sync(set) == DPU_OK);
    pid_t child = fork();
    SCENARIO_CHECK(child >= 0);
    uint32_t rounds = child ? 3 : 5;
    for (uint32_t i = 0; i < rounds; i++) {
        launch(set, CMD_STOP);
        launch_async(set, CMD_STOP);
        SCENARIO_CHECK(dpu_sync(set) == DPU_OK);
    }
    SCENARIO_CHECK(take(dpu_number(set, 65), "launches") == 2 + 2 * rounds);
    SCENARIO_CHECK(take(dpu_number(set, 0), "tag") == 5);
    struct dpu_set_t other = alloc_kernel(3, NULL);
    launch(other, CMD_STOP);
    SCENARIO_CHECK(dpu_free(set) == DPU_OK);
    SCENARIO_CHECK(dpu_free(other) == DPU_OK);
    return child ? exit_of(child) : 0;
}

/* What runs or is queued in the parent is neither in the child, which can use its copy of the set.
 */
static int fork_while_running(void)
{
    struct dpu_set_t set = alloc_kernel(66, NULL);
    uint32_t tag = 1;
    launch_async(set, CMD_SPIN);
    OK(dpu_broadcast_to(rank_number(set, 0), "tag", 0, &tag, 4, DPU_XFER_ASYNC));
    pid_t child = fork();
    SCENARIO_CHECK(child >= 0);
    if (child == 0) {
        SCENARIO_CHECK(take(dpu_number(set, 0), "tag") == 0);
        load_text(set, kernel);
        launch(set, CMD_STOP);
        SCENARIO_CHECK(take(dpu_number(set, 65), "launches") == 1);
        SCENARIO_CHECK(dpu_free(set) == DPU_OK);
        struct dpu_set_t other = alloc_kernel(3, NULL);
        launch(other, CMD_STOP);
        SCENARIO_CHECK(dpu_free(other) == DPU_OK);
        return 0;
    }
    SCENARIO_CHECK(exit_of(child) == 0);
    put_parallel(rank_number(set, 1), "go", 1);
    SCENARIO_CHECK(dpu_sync(rank_number(set, 1)) == DPU_OK);
    _exit(0); /* rank 0 spins for ever */
}

static int exit_while_running(void)
{
    struct dpu_set_t set = alloc_kernel(66, NULL);
    launch_async(set, CMD_SPIN);
    uint32_t word = 0;
    OK(dpu_broadcast_to(rank_number(set, 1), "tag", 0, &word, 4, DPU_XFER_ASYNC));
    usleep(1000);
    exit(0);
}

static int forget_everything(void)
{
    alloc_kernel(66, NULL);
    launch(alloc_kernel(3, NULL), CMD_STOP);
    return 0;
}

static const struct scenario scenarios[] = {{"injected", injected_by_environment},
                                            {"everything", everything},
                                            {"fork_while_running", fork_while_running},
                                            {"fork", fork_and_go_on},
                                            {"exit", exit_while_running},
                                            {"forget", forget_everything},
                                            {NULL, NULL}};
/* ThreadSanitizer does not follow the threads of a forked child; the allocator of AddressSanitizer
 * may be locked in the child by a thread that only the parent has. */
#if defined(__SANITIZE_THREAD__)
enum { FIRST_LIFE = 4, LIVES = 6 };
#elif defined(__SANITIZE_ADDRESS__)
enum { FIRST_LIFE = 3, LIVES = 6 };
#else
enum { FIRST_LIFE = 2, LIVES = 6 };
#endif

START_TEST(process_may_fork_and_exit)
{
    scenario_ends_well(scenarios[_i].name,
                       (const char *const[]){"ASAN_OPTIONS=detect_leaks=0", NULL});
}
END_TEST

/* ---- suite ----------------------------------------------------------------------------------- */

static TCase *launch_case(void)
{
    TCase *normal = tcase_create("normal");
    tcase_add_loop_test(normal, launch_runs_all_or_a_part, 0, 2);
    tcase_add_test(normal, sync_without_launch_is_fine);
    tcase_add_test(normal, unknown_policy_is_taken_as_asynchronous);
    tcase_add_test(normal, launch_without_program_is_refused);
    tcase_add_loop_test(normal, jobs_of_a_rank_run_in_order, 0, 2);
    tcase_add_test(normal, ranks_do_not_wait_for_one_another);
    tcase_add_test(normal, run_of_one_dpu_holds_its_rank);
    tcase_add_test(normal, running_dpus_share_the_threads_fairly);
    tcase_add_loop_test(normal, outputs_are_equal_whatever_the_number_of_threads, 0, 2);
    return normal;
}

static TCase *failure_case(void)
{
    TCase *failure = tcase_create("failure");
    tcase_add_loop_test(failure, fault_fails_the_launch_and_is_explained, 0, ROWS(faults));
    tcase_add_test(failure, set_in_fault_is_usable);
    tcase_add_test(failure, run_with_a_fault_ends_with_its_last_dpu);
    tcase_add_loop_test(failure, failed_job_is_told_by_the_next_sync, 0, 2);
    tcase_add_test(failure, text_of_a_stored_error_names_its_job);
    tcase_add_test(failure, failures_of_ranks_are_their_own);
    tcase_add_test(failure, first_failure_in_order_of_the_ranks_is_returned);
    tcase_add_test(failure, reports_are_in_order_and_at_most_16);
    tcase_add_test(failure, reports_can_be_switched_off_and_on);
    tcase_add_test(failure, asynchronous_launch_is_reported_once);
    tcase_add_test(failure, sleeping_tasklets_are_named);
    tcase_add_loop_test(failure, endless_run_times_out_and_says_where, 0, 4);
    tcase_add_test(failure, limit_of_instructions_is_exact);
    tcase_add_loop_test(failure, interrupted_run_ends_as_at_a_limit, 0, 4);
    tcase_add_test(failure, asynchronous_failure_comes_with_its_sentence);
    return failure;
}

static TCase *inject_case(void)
{
    TCase *inject = tcase_create("inject");
    tcase_add_test(inject, injected_error_of_a_call_comes_at_its_use);
    tcase_add_loop_test(inject, every_call_can_be_made_to_fail, 0, ROWS(injectable));
    tcase_add_test(inject, disabled_dpu_is_missing_from_the_set);
    tcase_add_test(inject, one_bit_of_one_transfer_is_flipped);
    tcase_add_test(inject, transfers_and_allocations_fail_by_number);
    tcase_add_test(inject, bit_of_mram_is_corrupted_before_a_launch);
    tcase_add_test(inject, launch_is_given_up_at_once);
    tcase_add_test(inject, lasting_fault_of_a_dpu_stays_through_all_launches);
    tcase_add_test(inject, hanging_launch_needs_a_limit);
    tcase_add_test(inject, set_with_a_hanging_launch_can_be_freed);
    tcase_add_loop_test(inject, faults_are_injected_into_chosen_dpus_and_launches, 0, 3);
    tcase_add_loop_test(inject, bad_injection_is_refused_with_a_sentence, 0, BAD_INJECTIONS);
    tcase_add_test(inject, refused_injections_change_nothing);
    tcase_add_test(inject, environment_injects_into_every_process);
    return inject;
}

static TCase *process_case(void)
{
    TCase *process = tcase_create("process");
    tcase_add_test(process, bad_number_of_threads_is_warned_of);
    tcase_add_test(process, two_threads_launch_and_poll_one_set);
    tcase_add_test(process, threads_allocate_and_free_side_by_side);
    tcase_add_test(process, signals_disturb_nothing);
    tcase_add_loop_test(process, process_may_fork_and_exit, FIRST_LIFE, LIVES);
    return process;
}

static Suite *suite_of_run(void)
{
    Suite *suite = suite_create("driver.run");
    suite_add_tcase(suite, launch_case());
    suite_add_tcase(suite, failure_case());
    suite_add_tcase(suite, inject_case());
    suite_add_tcase(suite, process_case());
    return suite;
}

int main(int argc, char **argv)
{
    return driver_main(argc, argv, suite_of_run, scenarios);
}
