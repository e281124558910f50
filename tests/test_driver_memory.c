/* SPDX-License-Identifier: MIT */
/* Every allocation of a host program's life fails once: the call says so or does without, nothing
 * leaks, nobody hangs, and the next life is a good one. */
#include <check.h>
#include <stdatomic.h>

#include "host_help.h"

#include "heap_help.h"

/* ---- one life -------------------------------------------------------------------------------- */

static dpu_error_t add_one(struct dpu_set_t set, uint32_t index, void *args)
{
    (void)set, (void)index;
    atomic_fetch_add((atomic_uint *)args, 1);
    return DPU_OK;
}

static dpu_error_t fetch(struct dpu_set_t set, const char *name, uint32_t *values)
{
    struct dpu_set_t dpu;
    uint32_t i;
    dpu_error_t error = DPU_OK;
    DPU_FOREACH (set, dpu, i)
        error = error ? error : dpu_prepare_xfer(dpu, &values[i]);
    return error ? error : dpu_push_xfer(set, DPU_XFER_FROM_DPU, name, 0, 4, DPU_XFER_ASYNC);
}

static dpu_error_t run_queued(struct dpu_set_t set, atomic_uint *called)
{
    static uint32_t tag;
    static uint32_t counts[2];
    tag = 7;
    counts[0] = counts[1] = 0;
    dpu_error_t error = dpu_broadcast_to(set, "tag", 0, &tag, 4, DPU_XFER_ASYNC);
    error = error ? error : dpu_launch(set, DPU_ASYNCHRONOUS);
    error = error ? error : dpu_callback(set, add_one, called, DPU_CALLBACK_ASYNC);
    error = error ? error : fetch(set, "count", counts);
    dpu_error_t synced = dpu_sync(set);
    error = error ? error : synced;
    if (!error)
        MUST(atomic_load(called) == 2 && counts[0] == 1 && counts[1] == 1, "wrong result");
    return error;
}

static dpu_error_t run_life(struct dpu_set_t set, struct isa_bytes image)
{
    struct dpu_program_t *program;
    struct dpu_symbol_t symbol;
    atomic_uint called = 0;
    uint32_t command = CMD_APPEND;
    uint8_t *data = (uint8_t *)(uintptr_t)image.data;
    dpu_error_t error = dpu_load_from_memory(set, data, image.len_bytes, &program);
    error = error ? error : dpu_get_symbol(program, "cmd", &symbol);
    error = error ? error : dpu_copy_to_symbol(set, symbol, 0, &command, 4);
    error = error ? error : run_queued(set, &called);
    error = error ? error : dpusim_inject(set, "hang:dpu=0,nth=9;flip:dpu=1,bit=3,nth=900");
    error = error ? error : dpu_launch(set, DPU_SYNCHRONOUS);
    command = CMD_FAULT;
    error = error ? error : dpu_copy_to_symbol(set, symbol, 0, &command, 4);
    if (error)
        return error;
    error = dpu_launch(set, DPU_SYNCHRONOUS);
    return error == DPU_ERR_DPU_FAULT ? DPU_OK : error ? error : DPU_ERR_DRIVER;
}

static dpu_error_t whole_life(struct isa_bytes image)
{
    struct dpu_set_t set;
    dpu_error_t error =
        dpu_alloc(2, "nrDpusPerCi=1,simReport=true,simInject=hang:dpu=0/nth=77", &set);
    if (error)
        return error;
    error = run_life(set, image);
    dpu_error_t freed = dpu_free(set);
    MUST(freed == DPU_OK, "free: %d", (int)freed);
    return error;
}

#if !SANITIZED

static bool is_lack_of_memory(dpu_error_t error)
{
    dpu_error_t plain = (dpu_error_t)((unsigned)error & 0xffff);
    return plain == DPU_ERR_SYSTEM || plain == DPU_ERR_ALLOCATION;
}

/* Freed ranks are kept aside for a while; from here on every life frees as many as it takes. Of the
 * lists of ranks more are kept than there are lives here: one of each. */
enum { KEPT_LISTS = 1 };
static void fill_what_is_kept(struct isa_bytes image)
{
    for (int i = 0; i < 70; i++)
        OK(whole_life(image));
}

static dpu_error_t count_life(struct isa_bytes image, long failing)
{
    heap_count(failing);
    dpu_error_t error = whole_life(image);
    /* A thread of the pool may still be giving back its share of a launch. */
    for (int ms = 0; ms < 1000 && atomic_load(&heap.live) > KEPT_LISTS; ms++)
        usleep(1000);
    heap_rest();
    return error;
}

START_TEST(every_allocation_may_fail)
{
    /* Without line tables: libdw itself reads through NULL when it finds no memory for some. */
    struct isa_bytes image = image_with(kernel, ISA_CHIP_V1A, 1, false);
    static struct capture capture;
    long unnoticed = 0;
    capture_begin(&capture);
    fill_what_is_kept(image);
    dpu_error_t error = count_life(image, -1);
    long most = atomic_load(&heap.calls), left = atomic_load(&heap.live);
    for (long at = _i; !error && left <= KEPT_LISTS && at < most; at += 2) {
        error = count_life(image, at);
        left = atomic_load(&heap.live);
        if (left > KEPT_LISTS)
            fprintf(stdout, "allocation %ld of %ld: %ld blocks left\n", at, most, left);
        unnoticed += error == DPU_OK;
        if (is_lack_of_memory(error))
            error = DPU_OK;
    }
    capture_end(&capture);
    OK(error);
    ck_assert_int_le(left, KEPT_LISTS);
    ck_assert_int_gt(most, 40);
    ck_assert_msg(unnoticed < most / 4, "%ld of %ld failed unnoticed", unnoticed, most);
    OK(whole_life(image));
    image_free(image);
}
END_TEST

#endif

START_TEST(life_is_good)
{
    struct isa_bytes image = image_of(kernel);
    OK(whole_life(image));
    image_free(image);
}
END_TEST

static Suite *suite_of_memory(void)
{
    Suite *suite = suite_create("driver.memory");
    TCase *limits = tcase_create("limits");
    tcase_add_test(limits, life_is_good);
#if !SANITIZED
    tcase_add_loop_test(limits, every_allocation_may_fail, 0, 2);
#endif
    suite_add_tcase(suite, limits);
    return suite;
}

int main(int argc, char **argv)
{
    return driver_main(argc, argv, suite_of_memory, NULL);
}
