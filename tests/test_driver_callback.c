/* SPDX-License-Identifier: MIT */
/* dpu_callback: who is called how often with what, when, in which order, and what may be called
 * inside. */
#include <check.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "host_help.h"

/* ---- every combination of flags -------------------------------------------------------------- */

enum { MOST_CALLS = 8, WHOLE = -1 };

struct calls {
    pthread_mutex_t lock;
    unsigned count;
    struct {
        struct dpu_set_t set;
        uint32_t index;
        bool same_thread;
    } call[MOST_CALLS];
    pthread_t caller;
    dpu_error_t result;
};

static dpu_error_t note_call(struct dpu_set_t set, uint32_t index, void *args)
{
    struct calls *calls = args;
    pthread_mutex_lock(&calls->lock);
    if (calls->count < MOST_CALLS) {
        calls->call[calls->count].set = set;
        calls->call[calls->count].index = index;
        calls->call[calls->count].same_thread = pthread_equal(pthread_self(), calls->caller);
    }
    calls->count++;
    pthread_mutex_unlock(&calls->lock);
    return calls->result;
}

static struct calls calls_init(dpu_error_t result)
{
    return (struct calls){
        .lock = PTHREAD_MUTEX_INITIALIZER, .caller = pthread_self(), .result = result};
}

static void check_once_for_all(const struct calls *calls, struct dpu_set_t set)
{
    ck_assert_uint_eq(calls->count, 1);
    ck_assert_uint_eq(calls->call[0].index, (uint32_t)WHOLE);
    ck_assert_int_eq(calls->call[0].set.kind, set.kind);
    ck_assert_ptr_eq(calls->call[0].set.list.ranks, set.list.ranks);
}

static void check_once_per_rank(const struct calls *calls, struct dpu_set_t set)
{
    uint32_t seen = 0;
    ck_assert_uint_eq(calls->count, set.list.nr_ranks);
    for (unsigned i = 0; i < calls->count; i++) {
        uint32_t index = calls->call[i].index;
        ck_assert_uint_lt(index, set.list.nr_ranks);
        ck_assert_int_eq(calls->call[i].set.kind, DPU_SET_RANKS);
        ck_assert_uint_eq(calls->call[i].set.list.nr_ranks, 1);
        ck_assert_ptr_eq(calls->call[i].set.list.ranks[0], set.list.ranks[index]);
        seen |= 1u << index;
    }
    ck_assert_uint_eq(seen, (1u << set.list.nr_ranks) - 1);
}

/* _i: four flags, and a set of three ranks or of one DPU, and a good end or a bad one. */
START_TEST(flags_decide_how_often_and_what_is_returned)
{
    dpu_callback_flags_t flags = (dpu_callback_flags_t)(_i % 16);
    struct dpu_set_t all = alloc_kernel(5, "nrDpusPerCi=2");
    struct dpu_set_t set = _i / 16 % 2 ? dpu_number(all, 2) : all;
    dpu_error_t wanted = _i / 32 ? DPU_ERR_VPD_NO_REPAIR : DPU_OK;
    struct calls calls = calls_init(wanted);
    dpu_error_t error = dpu_callback(set, note_call, &calls, flags);
    if (flags & DPU_CALLBACK_NONBLOCKING && !(flags & DPU_CALLBACK_ASYNC)) {
        FAILS(error, DPU_ERR_NONBLOCKING_SYNC_CALLBACK);
        OK(dpu_sync(all));
        ck_assert_uint_eq(calls.count, 0);
        OK(dpu_free(all));
        return;
    }
    if (flags & DPU_CALLBACK_ASYNC) {
        OK(error);
        FAILS(dpu_sync(set), wanted);
    } else {
        FAILS(error, wanted);
    }
    OK(dpu_sync(all));
    if (set.kind == DPU_SET_DPU || flags & DPU_CALLBACK_SINGLE_CALL)
        check_once_for_all(&calls, set);
    else
        check_once_per_rank(&calls, set);
    for (unsigned i = 0; i < calls.count && flags & DPU_CALLBACK_ASYNC; i++)
        ck_assert(!calls.call[i].same_thread);
    launch(all, CMD_STOP);
    OK(dpu_free(all));
}
END_TEST

START_TEST(callback_without_function_is_refused)
{
    struct dpu_set_t set = alloc_set(1, NULL);
    REFUSED(dpu_callback(set, NULL, NULL, DPU_CALLBACK_ASYNC), DPU_ERR_INTERNAL,
            "the function is NULL");
    REFUSED(dpu_callback(set, note_call, NULL, DPU_CALLBACK_NONBLOCKING),
            DPU_ERR_NONBLOCKING_SYNC_CALLBACK, "needs DPU_CALLBACK_ASYNC");
    OK(dpu_free(set));
}
END_TEST

/* ---- order ----------------------------------------------------------------------------------- */

struct seen {
    atomic_uint count;
    uint32_t value[64];
};

/* Notes how many launches the first DPU of the part has seen. */
static dpu_error_t note_launches(struct dpu_set_t set, uint32_t index, void *args)
{
    struct seen *seen = args;
    (void)index;
    seen->value[atomic_fetch_add(&seen->count, 1) % 64] = take(dpu_number(set, 0), "launches");
    return DPU_OK;
}

START_TEST(callbacks_have_their_place_among_the_jobs)
{
    static struct seen seen[2];
    struct dpu_set_t set = alloc_kernel(2, "nrDpusPerCi=1,nrJobsPerRank=3"), rank;
    uint32_t r;
    memset(seen, 0, sizeof seen);
    for (uint32_t i = 0; i < 20; i++) {
        OK(dpu_launch(set, DPU_ASYNCHRONOUS));
        DPU_RANK_FOREACH (set, rank, r)
            OK(dpu_callback(rank, note_launches, &seen[r], DPU_CALLBACK_ASYNC));
    }
    OK(dpu_sync(set));
    for (r = 0; r < 2; r++)
        for (uint32_t i = 0; i < 20; i++)
            ck_assert_uint_eq(seen[r].value[i], i + 1);
    OK(dpu_free(set));
}
END_TEST

static sem_t gate, entered;

static void gates_init(void)
{
    sem_init(&gate, 0, 0);
    sem_init(&entered, 0, 0);
}

static dpu_error_t wait_at_gate(struct dpu_set_t set, uint32_t index, void *args)
{
    (void)set, (void)index, (void)args;
    sem_post(&entered);
    while (sem_wait(&gate) != 0)
        ;
    return DPU_OK;
}

static dpu_error_t open_gate(struct dpu_set_t set, uint32_t index, void *args)
{
    (void)set, (void)index, (void)args;
    sem_post(&gate);
    return DPU_OK;
}

/* It could not end if the job behind it did not start. */
START_TEST(later_jobs_overtake_a_nonblocking_callback)
{
    struct dpu_set_t set = alloc_kernel(1, NULL);
    gates_init();
    OK(dpu_callback(set, wait_at_gate, NULL,
                    (dpu_callback_flags_t)(DPU_CALLBACK_ASYNC | DPU_CALLBACK_NONBLOCKING)));
    launch(set, CMD_STOP);
    OK(dpu_callback(set, open_gate, NULL, DPU_CALLBACK_ASYNC));
    OK(dpu_sync(set));
    int left = -1;
    sem_getvalue(&gate, &left);
    ck_assert_int_eq(left, 0); /* the sync waited for it */
    OK(dpu_free(set));
}
END_TEST

START_TEST(blocking_callback_holds_its_rank_and_no_other)
{
    struct dpu_set_t set = alloc_kernel(2, "nrDpusPerCi=1");
    uint32_t tag = 5;
    bool done = true;
    gates_init();
    OK(dpu_callback(rank_number(set, 0), wait_at_gate, NULL, DPU_CALLBACK_ASYNC));
    OK(dpu_broadcast_to(set, "tag", 0, &tag, 4, DPU_XFER_ASYNC));
    OK(dpu_sync(rank_number(set, 1)));
    ck_assert_uint_eq(take(dpu_number(set, 1), "tag"), 5);
    OK(dpu_status(rank_number(set, 0), &done, NULL));
    ck_assert(!done);
    sem_post(&gate);
    OK(dpu_sync(set));
    ck_assert_uint_eq(take(dpu_number(set, 0), "tag"), 5);
    OK(dpu_free(set));
}
END_TEST

/* Queued for both ranks, made when both have come to that point. */
START_TEST(single_call_waits_for_all_ranks)
{
    static const int flags[] = {0, DPU_CALLBACK_NONBLOCKING};
    struct dpu_set_t set = alloc_kernel(2, "nrDpusPerCi=1");
    struct calls calls = calls_init(DPU_OK);
    gates_init();
    OK(dpu_callback(rank_number(set, 0), wait_at_gate, NULL, DPU_CALLBACK_ASYNC));
    OK(dpu_callback(
        set, note_call, &calls,
        (dpu_callback_flags_t)(DPU_CALLBACK_ASYNC | DPU_CALLBACK_SINGLE_CALL | flags[_i])));
    usleep(20000);
    pthread_mutex_lock(&calls.lock);
    ck_assert_uint_eq(calls.count, 0);
    pthread_mutex_unlock(&calls.lock);
    sem_post(&gate);
    OK(dpu_sync(set));
    ck_assert_uint_eq(calls.count, 1);
    OK(dpu_free(set));
}
END_TEST

static void *queue_three_jobs(void *argument)
{
    struct seen *seen = argument;
    static struct dpu_set_t set;
    memcpy(&set, seen->value, sizeof set);
    for (int i = 0; i < 3; i++) {
        OK(dpu_launch(set, DPU_ASYNCHRONOUS));
        atomic_fetch_add(&seen->count, 1);
    }
    return NULL;
}

START_TEST(full_queue_makes_the_caller_wait)
{
    static struct seen seen;
    pthread_t thread;
    struct dpu_set_t set = alloc_kernel(1, "nrJobsPerRank=3");
    gates_init();
    atomic_store(&seen.count, 0);
    memcpy(seen.value, &set, sizeof set);
    OK(dpu_callback(set, wait_at_gate, NULL, DPU_CALLBACK_ASYNC));
    sem_wait(&entered);
    ck_assert_int_eq(pthread_create(&thread, NULL, queue_three_jobs, &seen), 0);
    WAIT_UNTIL(atomic_load(&seen.count) == 2);
    usleep(20000);
    ck_assert_uint_eq(atomic_load(&seen.count), 2); /* with the callback they are three */
    sem_post(&gate);
    pthread_join(thread, NULL);
    OK(dpu_sync(set));
    ck_assert_uint_eq(take(dpu_number(set, 0), "launches"), 3);
    OK(dpu_free(set));
}
END_TEST

/* ---- while DPUs run -------------------------------------------------------------------------- */

static dpu_error_t let_go(struct dpu_set_t set, uint32_t index, void *args)
{
    (void)index, (void)args;
    put_parallel(set, "go", 1);
    return DPU_OK;
}

START_TEST(parallel_callback_reaches_running_dpus)
{
    static const int flags[] = {
        DPU_CALLBACK_PARALLEL | DPU_CALLBACK_ASYNC, DPU_CALLBACK_PARALLEL,
        DPU_CALLBACK_PARALLEL | DPU_CALLBACK_SINGLE_CALL,
        DPU_CALLBACK_PARALLEL | DPU_CALLBACK_SINGLE_CALL | DPU_CALLBACK_ASYNC,
        DPU_CALLBACK_PARALLEL | DPU_CALLBACK_NONBLOCKING | DPU_CALLBACK_ASYNC};
    struct dpu_set_t set = alloc_kernel(6, "nrDpusPerCi=3");
    launch_async(set, CMD_SPIN);
    OK(dpu_callback(set, let_go, NULL, (dpu_callback_flags_t)flags[_i]));
    OK(dpu_sync(set));
    OK(dpu_free(set));
}
END_TEST

static dpu_error_t launch_again(struct dpu_set_t set, uint32_t index, void *args)
{
    (void)index;
    *(dpu_error_t *)args = dpu_launch(set, DPU_SYNCHRONOUS);
    return DPU_OK;
}

/* Found by fuzzing: DPUs that ran were booted a second time. */
START_TEST(launch_inside_a_parallel_callback_waits_for_the_run)
{
    struct dpu_set_t set = alloc_kernel(8, NULL), dpu;
    for (uint32_t round = 1; round <= 10; round++) {
        dpu_error_t inner = DPU_ERR_DRIVER;
        put(set, "work", 50000);
        launch_async(set, CMD_WORK);
        OK(dpu_callback(set, launch_again, &inner, DPU_CALLBACK_PARALLEL));
        OK(inner);
        OK(dpu_sync(set));
        DPU_FOREACH (set, dpu)
            ck_assert_uint_eq(take(dpu, "launches"), 2 * round);
    }
    OK(dpu_free(set));
}
END_TEST

static dpu_error_t note_state(struct dpu_set_t set, uint32_t index, void *args)
{
    bool done = false;
    (void)index;
    dpu_status(set, &done, NULL);
    atomic_fetch_add(&((struct seen *)args)->count, 1);
    return DPU_OK;
}

/* No overtaking: the parallel one stands behind an ordinary one, which waits for the run. */
START_TEST(parallel_callback_does_not_overtake)
{
    static struct seen first;
    struct dpu_set_t set = alloc_kernel(1, NULL);
    atomic_store(&first.count, 0);
    launch_async(set, CMD_SPIN);
    OK(dpu_callback(set, let_go, NULL,
                    (dpu_callback_flags_t)(DPU_CALLBACK_ASYNC | DPU_CALLBACK_PARALLEL)));
    OK(dpu_sync(set));
    put(set, "go", 0);
    put(set, "work", 3000000);
    launch_async(set, CMD_WORK);
    OK(dpu_callback(set, note_launches, &first, DPU_CALLBACK_ASYNC));
    OK(dpu_callback(set, note_state, &first,
                    (dpu_callback_flags_t)(DPU_CALLBACK_ASYNC | DPU_CALLBACK_PARALLEL)));
    OK(dpu_sync(set));
    ck_assert_uint_eq(first.value[0], 2);
    ck_assert_uint_eq(atomic_load(&first.count), 2);
    OK(dpu_free(set));
}
END_TEST

/* ---- calls inside ---------------------------------------------------------------------------- */

/* Everything synchronous on the rank executes at once, in this thread. */
static dpu_error_t do_everything(struct dpu_set_t set, uint32_t index, void *args)
{
    struct dpu_set_t dpu;
    uint32_t words[4] = {0}, i, extra = index + 40;
    (void)args;
    put(set, "tag", index + 100);
    DPU_FOREACH (set, dpu, i)
        OK(dpu_prepare_xfer(dpu, &words[i]));
    OK(dpu_push_xfer(set, DPU_XFER_FROM_DPU, "tag", 0, 4, DPU_XFER_NO_RESET));
    DPU_FOREACH (set, dpu, i)
        if (words[i] != index + 100)
            ck_abort_msg("rank %u: %u", (unsigned)index, (unsigned)words[i]);
    launch(set, CMD_STOP);
    OK(dpu_launch(set, DPU_SYNCHRONOUS));
    OK(dpu_push_xfer(set, DPU_XFER_FROM_DPU, "launches", 0, 4, DPU_XFER_DEFAULT));
    if (words[0] != 2)
        ck_abort_msg("%u launches", (unsigned)words[0]);
    OK(dpu_copy_to(set, "work", 0, &extra, 4));
    FAILS(dpu_copy_to(set, "nothing", 0, &extra, 4), DPU_ERR_UNKNOWN_SYMBOL);
    FAILS(dpu_log_read(dpu_number(set, 0), stdout), DPU_ERR_LOG_CONTEXT_MISSING);
    return dpu_callback(set, let_go, NULL, DPU_CALLBACK_DEFAULT); /* nested */
}

static const int inside_flags[] = {DPU_CALLBACK_DEFAULT, DPU_CALLBACK_ASYNC,
                                   DPU_CALLBACK_ASYNC | DPU_CALLBACK_NONBLOCKING};

START_TEST(synchronous_calls_work_inside)
{
    struct dpu_set_t set = alloc_kernel(6, "nrDpusPerCi=3"), dpu;
    uint32_t mine[6], i;
    DPU_FOREACH (set, dpu, i)
        OK(dpu_prepare_xfer(dpu, &mine[i])); /* not touched by a blocking callback */
    OK(dpu_callback(set, do_everything, NULL, (dpu_callback_flags_t)inside_flags[_i]));
    OK(dpu_sync(set));
    DPU_FOREACH (set, dpu, i) {
        ck_assert_uint_eq(take(dpu, "tag"), i / 3 + 100);
        ck_assert_uint_eq(take(dpu, "work"), i / 3 + 40);
        ck_assert_uint_eq(take(dpu, "launches"), 2);
        ck_assert_uint_eq(take(dpu, "go"), 1);
    }
    if (_i < 2) {
        OK(dpu_push_xfer(set, DPU_XFER_FROM_DPU, "tag", 0, 4, DPU_XFER_DEFAULT));
        for (i = 0; i < 6; i++)
            ck_assert_uint_eq(mine[i], i / 3 + 100);
    }
    OK(dpu_free(set));
}
END_TEST

static dpu_error_t queue_more(struct dpu_set_t set, uint32_t index, void *args)
{
    static uint32_t tag = 9;
    (void)index;
    for (int i = 0; i < 5; i++) /* more than there are slots */
        OK(dpu_launch(set, DPU_ASYNCHRONOUS));
    OK(dpu_broadcast_to(set, "tag", 0, &tag, 4, DPU_XFER_ASYNC));
    atomic_store((atomic_uint *)args, take(dpu_number(set, 0), "launches"));
    return DPU_OK;
}

START_TEST(asynchronous_calls_inside_come_after_it)
{
    atomic_uint inside;
    struct dpu_set_t set = alloc_kernel(1, "nrJobsPerRank=2");
    OK(dpu_callback(set, queue_more, &inside, DPU_CALLBACK_ASYNC));
    OK(dpu_sync(set));
    ck_assert_uint_eq(atomic_load(&inside), 0);
    ck_assert_uint_eq(take(dpu_number(set, 0), "launches"), 5);
    ck_assert_uint_eq(take(dpu_number(set, 0), "tag"), 9);
    OK(dpu_free(set));
}
END_TEST

struct attempt {
    dpu_error_t sync, free_set;
    char said[200];
};

static dpu_error_t sync_inside(struct dpu_set_t set, uint32_t index, void *args)
{
    struct attempt *attempt = args;
    (void)index;
    attempt->sync = dpu_sync(set);
    snprintf(attempt->said, sizeof attempt->said, "%s", dpusim_last_message());
    return DPU_OK;
}

START_TEST(sync_inside_a_blocking_callback_is_refused)
{
    struct attempt attempt;
    struct dpu_set_t set = alloc_kernel(1, NULL);
    OK(dpu_callback(set, sync_inside, &attempt, (dpu_callback_flags_t)(_i ? 1 : 0)));
    OK(dpu_sync(set));
    FAILS(attempt.sync, DPU_ERR_INTERNAL);
    ck_assert_msg(strstr(attempt.said, "would wait for itself") != NULL, "%s", attempt.said);
    OK(dpu_free(set));
}
END_TEST

/* Two at once: each waits for everything but the callbacks that wait. */
START_TEST(sync_inside_nonblocking_callbacks_waits_for_the_rest)
{
    struct attempt attempts[2] = {{DPU_ERR_DRIVER, DPU_OK, ""}, {DPU_ERR_DRIVER, DPU_OK, ""}};
    struct dpu_set_t set = alloc_kernel(1, NULL);
    OK(dpu_launch(set, DPU_ASYNCHRONOUS));
    for (int i = 0; i < 2; i++)
        OK(dpu_callback(set, sync_inside, &attempts[i],
                        (dpu_callback_flags_t)(DPU_CALLBACK_ASYNC | DPU_CALLBACK_NONBLOCKING)));
    OK(dpu_launch(set, DPU_ASYNCHRONOUS));
    OK(dpu_sync(set));
    OK(attempts[0].sync);
    OK(attempts[1].sync);
    OK(dpu_free(set));
}
END_TEST

static struct dpu_set_t whole;

static dpu_error_t free_inside(struct dpu_set_t set, uint32_t index, void *args)
{
    (void)set, (void)index;
    ((struct attempt *)args)->free_set = dpu_free(whole);
    return DPU_OK;
}

START_TEST(set_is_not_freed_inside_its_callback)
{
    struct attempt attempt = {DPU_OK, DPU_OK, ""};
    whole = alloc_kernel(2, "nrDpusPerCi=1");
    OK(dpu_callback(rank_number(whole, 0), free_inside, &attempt,
                    (dpu_callback_flags_t)inside_flags[_i]));
    OK(dpu_sync(whole));
    FAILS(attempt.free_set, DPU_ERR_INTERNAL);
    launch(whole, CMD_STOP);
    OK(dpu_free(whole));
}
END_TEST

/* ---- failures -------------------------------------------------------------------------------- */

static dpu_error_t fail_on_rank_1(struct dpu_set_t set, uint32_t index, void *args)
{
    (void)set, (void)args;
    return index == 1 ? DPU_ERR_VPD_INVALID_FILE : DPU_OK;
}

START_TEST(failed_callback_stops_its_rank)
{
    struct dpu_set_t set = alloc_kernel(2, "nrDpusPerCi=1");
    dpu_error_t stored = async_error(JOB_CALLBACK, DPU_ERR_VPD_INVALID_FILE);
    OK(dpu_callback(set, fail_on_rank_1, NULL, DPU_CALLBACK_ASYNC));
    launch(rank_number(set, 0), CMD_STOP);
    FAILS(dpu_launch(rank_number(set, 1), DPU_SYNCHRONOUS), stored);
    char *text = dpu_error_to_string(stored);
    ck_assert_str_eq(text, "asynchronous operation error (callback): invalid VPD file (0x120021)");
    free(text);
    FAILS(dpu_sync(set), DPU_ERR_VPD_INVALID_FILE);
    launch(set, CMD_STOP);
    FAILS(dpu_callback(set, fail_on_rank_1, NULL, DPU_CALLBACK_DEFAULT), DPU_ERR_VPD_INVALID_FILE);
    launch(set, CMD_STOP); /* a failed synchronous job stays nowhere */
    OK(dpu_free(set));
}
END_TEST

/* A rank in failure drops its part of a single call, which is then not made; the others go on. */
START_TEST(single_call_with_a_failed_rank_is_not_made)
{
    struct dpu_set_t set = alloc_kernel(2, "nrDpusPerCi=1,simReport=false");
    struct calls calls = calls_init(DPU_OK);
    put(dpu_number(set, 1), "cmd", CMD_FAULT);
    gates_init();
    OK(dpu_callback(rank_number(set, 1), wait_at_gate, NULL, DPU_CALLBACK_ASYNC));
    OK(dpu_launch(set, DPU_ASYNCHRONOUS));
    OK(dpu_callback(set, note_call, &calls,
                    (dpu_callback_flags_t)(DPU_CALLBACK_ASYNC | DPU_CALLBACK_SINGLE_CALL)));
    sem_post(&gate);
    FAILS(dpu_sync(set), DPU_ERR_DPU_FAULT);
    ck_assert_uint_eq(calls.count, 0);
    ck_assert_uint_eq(take(dpu_number(set, 0), "launches"), 1);
    OK(dpu_free(set));
}
END_TEST

/* ---- suite ----------------------------------------------------------------------------------- */

static Suite *suite_of_callback(void)
{
    Suite *suite = suite_create("driver.callback");
    TCase *normal = tcase_create("normal"), *inside = tcase_create("inside"),
          *bad = tcase_create("bad_input");
    tcase_add_loop_test(normal, flags_decide_how_often_and_what_is_returned, 0, 64);
    tcase_add_test(normal, callbacks_have_their_place_among_the_jobs);
    tcase_add_test(normal, later_jobs_overtake_a_nonblocking_callback);
    tcase_add_test(normal, blocking_callback_holds_its_rank_and_no_other);
    tcase_add_loop_test(normal, single_call_waits_for_all_ranks, 0, 2);
    tcase_add_test(normal, full_queue_makes_the_caller_wait);
    tcase_add_loop_test(normal, parallel_callback_reaches_running_dpus, 0, 5);
    tcase_add_test(normal, parallel_callback_does_not_overtake);
    tcase_add_test(normal, launch_inside_a_parallel_callback_waits_for_the_run);
    tcase_add_loop_test(inside, synchronous_calls_work_inside, 0, ROWS(inside_flags));
    tcase_add_test(inside, asynchronous_calls_inside_come_after_it);
    tcase_add_loop_test(inside, sync_inside_a_blocking_callback_is_refused, 0, 2);
    tcase_add_test(inside, sync_inside_nonblocking_callbacks_waits_for_the_rest);
    tcase_add_loop_test(inside, set_is_not_freed_inside_its_callback, 0, ROWS(inside_flags));
    tcase_add_test(bad, callback_without_function_is_refused);
    tcase_add_test(bad, failed_callback_stops_its_rank);
    tcase_add_test(bad, single_call_with_a_failed_rank_is_not_made);
    suite_add_tcase(suite, normal);
    suite_add_tcase(suite, inside);
    suite_add_tcase(suite, bad);
    return suite;
}

int main(int argc, char **argv)
{
    return driver_main(argc, argv, suite_of_callback, NULL);
}
