/* SPDX-License-Identifier: MIT */
/* Bad inputs of host programs that belong to no function in particular: damaged and changing
 * program files, kernels that wait for ever, a clock of the system that jumps. Which bad input is
 * tested where stands in tests/data/bad-input.tsv. */
#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>

#include "elf_help.h"
#include "host_help.h"

/* ---- program files --------------------------------------------------------------------------- */

static struct image kernel_image(void)
{
    struct isa_bytes built = image_of(kernel);
    return (struct image){(uint8_t *)(uintptr_t)built.data, built.len_bytes};
}

static dpu_error_t load(struct dpu_set_t set, struct image image)
{
    return dpu_load_from_memory(set, image.data, image.len_bytes, NULL);
}

/* The file is accepted, and what lies inside of WRAM can be reached. */
START_TEST(symbol_past_the_end_of_its_memory_cannot_be_used)
{
    static uint8_t room[1 << 17];
    struct image image = kernel_image();
    struct dpu_set_t set = alloc_set(1, NULL);
    image_symbol(&image, "order")->st_size = 0x7fffffff;
    OK(load(set, image));
    put(set, "order", 5);
    ck_assert_uint_eq(take(dpu_number(set, 0), "order"), 5);
    REFUSED(dpu_copy_to(set, "order", 0, room, 1 << 16), DPU_ERR_INVALID_WRAM_ACCESS,
            "passes the end of WRAM (65536 bytes)");
    REFUSED(dpu_copy_from(dpu_number(set, 0), "order", 1 << 16, room, 8),
            DPU_ERR_INVALID_WRAM_ACCESS, "passes the end of WRAM (65536 bytes)");
    image_symbol(&image, "order")->st_value = 0x04000000; /* between two memories */
    OK(load(set, image));
    REFUSED(dpu_copy_to(set, "order", 0, room, 8), DPU_ERR_INVALID_WRAM_ACCESS, "passes the end");
    free(image.data);
    OK(dpu_free(set));
}
END_TEST

START_TEST(stripped_program_runs_and_its_fault_has_addresses)
{
    static struct capture capture;
    struct image image = kernel_image();
    struct dpu_set_t set = alloc_set(1, NULL);
    struct dpu_symbol_t command = {image_symbol(&image, "cmd")->st_value, 4};
    uint32_t number = CMD_MEMORY;
    Elf32_Ehdr *header = image_header(&image);
    header->e_shoff = header->e_shnum = header->e_shstrndx = 0;
    OK(load(set, image));
    OK(dpu_launch(set, DPU_SYNCHRONOUS));
    OK(dpu_copy_to_symbol(set, command, 0, &number, sizeof number));
    capture_begin(&capture);
    dpu_error_t error = dpu_launch(set, DPU_SYNCHRONOUS);
    const char *text = capture_end(&capture);
    FAILS(error, DPU_ERR_DPU_FAULT);
    ck_assert_msg(strstr(text, "memory fault in tasklet 0: ") && strstr(text, "place     index ") &&
                      strstr(text, "WRAM ends at 0x10000") && !strstr(text, "__bootstrap"),
                  "%s", text);
    REFUSED(dpu_copy_to(set, "cmd", 0, &number, 4), DPU_ERR_UNKNOWN_SYMBOL, "no symbol \"cmd\"");
    free(image.data);
    OK(dpu_free(set));
}
END_TEST

struct rewriter {
    const char *path;
    struct image image;
    atomic_bool over;
};

static void *rewrite(void *argument)
{
    struct rewriter *rewriter = argument;
    while (!atomic_load(&rewriter->over)) {
        FILE *file = fopen(rewriter->path, "wb"); /* empties it */
        if (!file)
            ck_abort_msg("%s cannot be written", rewriter->path);
        size_t half = rewriter->image.len_bytes / 2;
        fwrite(rewriter->image.data, 1, half, file);
        fflush(file);
        fwrite(rewriter->image.data + half, 1, rewriter->image.len_bytes - half, file);
        fclose(file);
        usleep(300);
    }
    return NULL;
}

START_TEST(file_that_changes_while_it_is_read_loads_or_is_refused)
{
    char path[] = "/tmp/dpusim-changing-XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    struct rewriter rewriter = {.path = path, .image = kernel_image()};
    struct dpu_set_t set = alloc_kernel(1, NULL);
    pthread_t thread;
    unsigned loaded = 0;
    ck_assert_int_eq(pthread_create(&thread, NULL, rewrite, &rewriter), 0);
    for (unsigned i = 0; i < 300; i++) {
        dpu_error_t error = dpu_load(set, path, NULL);
        ck_assert_msg(error == DPU_OK || error == DPU_ERR_SYSTEM ||
                          error == DPU_ERR_ELF_INVALID_FILE,
                      "%#x: %s", (unsigned)error, dpusim_last_message());
        ck_assert_msg(error == DPU_OK || strstr(dpusim_last_message(), path), "%s",
                      dpusim_last_message());
        loaded += error == DPU_OK;
        launch(set, CMD_STOP); /* the program of before, or the new one: whole */
    }
    atomic_store(&rewriter.over, true);
    pthread_join(thread, NULL);
    OK(dpu_load(set, path, NULL));
    ck_assert_int_eq(truncate(path, 0), 0); /* what is loaded does not need the file */
    launch(set, CMD_STOP);
    ck_assert_uint_eq(take(dpu_number(set, 0), "launches"), 1);
    ck_assert_uint_le(loaded, 300);
    remove(path);
    free(rewriter.image.data);
    OK(dpu_free(set));
}
END_TEST

/* ---- functions of the caller ----------------------------------------------------------------- */

static bool one_more_block(struct sg_block_info *out, uint32_t dpu, uint32_t block, void *args)
{
    static uint8_t bytes[8];
    (void)dpu, (void)block, (void)args;
    *out = (struct sg_block_info){.addr = bytes, .length = 0};
    return true;
}

START_TEST(blocks_without_end_are_refused)
{
    struct dpu_set_t set = alloc_kernel(2, "sgXferEnable=true,sgXferMaxBlocksPerDpu=50");
    get_block_t get = {one_more_block, NULL, 0};
    for (int way = DPU_XFER_TO_DPU; way <= DPU_XFER_FROM_DPU; way++)
        REFUSED(dpu_push_sg_xfer(set, (dpu_xfer_t)way, "block", 0, 8, &get, DPU_SG_XFER_DEFAULT),
                DPU_ERR_SG_TOO_MANY_BLOCKS, "blocks");
    launch(set, CMD_STOP);
    OK(dpu_free(set));
}
END_TEST

START_TEST(stream_whose_file_is_closed_is_a_system_error)
{
    struct dpu_set_t set = alloc_set(1, NULL);
    load_text(set, greeter);
    OK(dpu_copy_to(set, "__stdout_buffer", 0, GREETING, 24));
    OK(dpu_launch(set, DPU_SYNCHRONOUS));
    FILE *stream = fopen("/dev/null", "w");
    ck_assert_ptr_nonnull(stream);
    setvbuf(stream, NULL, _IONBF, 0);
    close(fileno(stream));
    REFUSED(dpu_log_read(dpu_number(set, 0), stream), DPU_ERR_SYSTEM, "Bad file descriptor");
    fclose(stream);
    OK(dpu_free(set));
}
END_TEST

/* ---- kernels that wait for ever -------------------------------------------------------------- */

/* All 24 tasklets are to meet; number 7 is late for ever: it waits, and the others have gone. */
static const char late_text[] =
    ".section .text.__bootstrap,\"ax\",@progbits\n"
    ".globl __bootstrap\n.type __bootstrap,@function\n__bootstrap:\n"
    "jeq id, 23, all\nboot id, 1\nall: jneq id, 7, __sys_end\nstop\nnop\n"
    ".globl __sys_end\n__sys_end: stop true, __sys_end\n";

START_TEST(barrier_without_its_last_tasklet_is_told)
{
    static struct capture capture;
    struct dpu_set_t set = alloc_set(1, NULL);
    load_text(set, late_text);
    capture_begin(&capture);
    dpu_error_t error = dpu_launch(set, DPU_SYNCHRONOUS);
    const char *text = capture_end(&capture);
    OK(error);
    ck_assert_msg(strstr(text, "done, but 1 tasklet sleeps and will not wake up") &&
                      strstr(text, "tasklet  7 at index 4"),
                  "%s", text);
    OK(dpu_free(set));
}
END_TEST

static const char held_text[] = ".section .text.__bootstrap,\"ax\",@progbits\n"
                                ".globl __bootstrap\n.type __bootstrap,@function\n__bootstrap:\n"
                                "acquire zero, 9, true, wait\n"
                                ".type wait,@function\nwait: acquire zero, 9, nz, wait\nstop\n";

START_TEST(acquire_of_a_bit_held_for_ever_times_out_and_says_where)
{
    static struct capture capture;
    struct dpu_set_t set =
        alloc_set(1, _i ? "simMaxInstructions=999,simMode=cycle" : "simMaxInstructions=999");
    load_text(set, held_text);
    capture_begin(&capture);
    dpu_error_t error = dpu_launch(set, DPU_SYNCHRONOUS);
    const char *text = capture_end(&capture);
    FAILS(error, DPU_ERR_TIMEOUT);
    ck_assert_msg(strstr(text, "limit reached") && strstr(text, "tasklet  0 at index 1") &&
                      strstr(text, "wait"),
                  "%s", text);
    OK(dpu_free(set));
}
END_TEST

/* ---- a clock that jumps ---------------------------------------------------------------------- */

static atomic_int jumps; /* of the clock of this program: the library asks it too */

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int error = (int)syscall(SYS_clock_gettime, clock, now);
    if (clock == CLOCK_REALTIME && atomic_load(&jumps))
        now->tv_sec += atomic_fetch_add(&jumps, 1) % 2 ? 1000000000 : -1000000000;
    return error;
}

START_TEST(clock_of_the_system_may_jump)
{
    struct dpu_set_t set = alloc_kernel(3, "simTimeoutMs=50,simReport=false");
    double start = now_seconds();
    atomic_store(&jumps, 1);
    put(set, "work", 100000);
    for (int i = 0; i < 10; i++)
        launch(set, CMD_WORK);
    put(set, "cmd", CMD_FOREVER);
    dpu_error_t error = dpu_launch(set, DPU_SYNCHRONOUS);
    double seconds = now_seconds() - start;
    atomic_store(&jumps, 0);
    FAILS(error, DPU_ERR_TIMEOUT);
    ck_assert_msg(seconds > 0.045 && seconds < 30, "%.3f s", seconds);
    OK(dpu_free(set));
}
END_TEST

static Suite *suite_of_bad_input(void)
{
    Suite *suite = suite_create("driver.bad_input");
    TCase *bad = tcase_create("bad_input");
    tcase_add_test(bad, symbol_past_the_end_of_its_memory_cannot_be_used);
    tcase_add_test(bad, stripped_program_runs_and_its_fault_has_addresses);
    tcase_add_test(bad, file_that_changes_while_it_is_read_loads_or_is_refused);
    tcase_add_test(bad, blocks_without_end_are_refused);
    tcase_add_test(bad, stream_whose_file_is_closed_is_a_system_error);
    tcase_add_test(bad, barrier_without_its_last_tasklet_is_told);
    tcase_add_loop_test(bad, acquire_of_a_bit_held_for_ever_times_out_and_says_where, 0, 2);
    tcase_add_test(bad, clock_of_the_system_may_jump);
    suite_add_tcase(suite, bad);
    return suite;
}

int main(int argc, char **argv)
{
    return driver_main(argc, argv, suite_of_bad_input, NULL);
}
