/* SPDX-License-Identifier: MIT */
/* Every status of the host API, reached through public calls: by its natural cause, or by injection
 * where a simulated machine has no such cause. Texts: documented (SDK 2025.1), written here once
 * more, so that the library's table is compared and not quoted. */
#include <check.h>
#include <dpu_checkpoint.h>
#include <dpu_custom.h>
#include <dpu_elf.h>
#include <dpu_fifo.h>
#include <dpu_memory.h>
#include <dpu_runner.h>

#include "host_help.h"

/* ---- causes ---------------------------------------------------------------------------------- */

/* A program with a log buffer that the host fills, and a FIFO of one element. */
static const char odd_program[] =
    ".section .text.__bootstrap,\"ax\",@progbits\n.globl __bootstrap\n"
    "__bootstrap: stop true, __bootstrap\n"
    ".section .dpu_host,\"aw\",@progbits\n.p2align 3\n" WORD_VARIABLE("state", "2") WORD_VARIABLE(
        "__one_data",
        "2") ".globl one\none: .quad 0\n.quad 0\n.long __one_data\n.long 0\n.long 0\n.long 8\n"
             ".size one, 32\n"
             ".globl __stdout_buffer_state\n.set __stdout_buffer_state, state\n"
             ".section .mram.noinit.keep,\"aw\",@nobits\n.p2align 3\n" WORD_VARIABLE(
                 "__stdout_buffer", "16");

/* A set of two DPUs in one rank, with that program. */
static struct dpu_set_t two_with(const char *text)
{
    struct dpu_set_t set = alloc_set(2, "nrDpusPerCi=2,simReport=false");
    if (text)
        load_text(set, text);
    return set;
}

/* Of the cause: the set is freed on the way. */
static dpu_error_t after(struct dpu_set_t set, dpu_error_t error)
{
    OK(dpu_free(set));
    return error;
}

static dpu_error_t run(enum command command, const char *limits)
{
    struct dpu_set_t set = alloc_kernel(1, limits);
    put(set, "cmd", command);
    return after(set, dpu_launch(set, DPU_SYNCHRONOUS));
}

static dpu_error_t copy(const char *name, uint32_t offset, size_t length)
{
    struct dpu_set_t set = two_with(kernel);
    uint8_t bytes[64] = {0};
    return after(set, dpu_copy_to(set, name, offset, bytes, length));
}

static dpu_error_t success(void)
{
    return run(CMD_STOP, NULL);
}

static dpu_error_t null_pointer(void)
{
    struct dpu_set_t set = two_with(NULL);
    return after(set, dpu_get_nr_dpus(set, NULL));
}

static dpu_error_t missing_program_file(void)
{
    struct dpu_set_t set = two_with(NULL);
    return after(set, dpu_load(set, "no such file", NULL));
}

static dpu_error_t command_of_hardware(void)
{
    struct dpu_set_t set = two_with(NULL);
    struct dpu_t *dpu = dpu_from_set(dpu_number(set, 0));
    return after(set, dpu_custom_for_dpu(dpu, (dpu_custom_command_t)1000, NULL));
}

static dpu_error_t no_dpus(void)
{
    struct dpu_set_t set;
    return dpu_alloc(0, NULL, &set);
}

static dpu_error_t free_of_a_part(void)
{
    struct dpu_set_t set = two_with(NULL);
    return after(set, dpu_free(dpu_number(set, 0)));
}

static dpu_error_t thread_that_is_not_there(void)
{
    struct dpu_set_t set = two_with(kernel);
    return after(set, dpu_launch_thread_on_dpu(dpu_from_set(dpu_number(set, 0)), 24, false));
}

static dpu_error_t odd_length_in_wram(void)
{
    return copy("cmd", 0, 3);
}

static dpu_error_t odd_length_in_iram(void)
{
    return copy("__bootstrap", 0, 4);
}

static dpu_error_t odd_length_in_mram(void)
{
    return copy("block", 0, 4);
}

static dpu_error_t past_the_end_of_a_symbol(void)
{
    return copy("cmd", 4, 4);
}

/* A DPU that runs: what is written while it does comes after the boot. */
static struct dpu_t *spin(struct dpu_set_t set)
{
    launch_async(set, CMD_SPIN);
    put_parallel(set, "tag", 1);
    return dpu_from_set(dpu_number(set, 0));
}

static void end_spin(struct dpu_set_t set)
{
    put_parallel(set, "go", 1);
    OK(dpu_sync(set));
}

static dpu_error_t mram_while_it_runs(void)
{
    struct dpu_set_t set = two_with(kernel);
    uint8_t bytes[8];
    dpu_error_t error = dpu_copy_from_mram(spin(set), bytes, 0, 8);
    end_spin(set);
    return after(set, error);
}

static dpu_error_t push(const char *name, dpu_xfer_t direction, dpu_xfer_flags_t flags)
{
    struct dpu_set_t set = two_with(kernel);
    uint8_t bytes[8] = {0};
    OK(dpu_prepare_xfer(set, bytes));
    return after(set, dpu_push_xfer(set, direction, name, 0, 8, flags));
}

static dpu_error_t parallel_to_mram(void)
{
    return push("block", DPU_XFER_TO_DPU, DPU_XFER_PARALLEL);
}

static dpu_error_t direction_that_is_none(void)
{
    return push("block", (dpu_xfer_t)2, DPU_XFER_DEFAULT);
}

static dpu_error_t second_element_of_a_fifo_of_one(void)
{
    struct dpu_set_t set = two_with(odd_program);
    struct dpu_fifo_link_t link;
    uint64_t element = 1;
    OK(dpu_link_input_fifo(set, &link, (char[]){"one"}));
    dpu_fifo_set_push_max_retries(&link, set, 1);
    OK(dpu_fifo_prepare_xfer(set, &link, &element));
    OK(dpu_fifo_push_xfer(set, &link, DPU_XFER_NO_RESET));
    dpu_error_t error = dpu_fifo_push_xfer(set, &link, DPU_XFER_DEFAULT);
    OK(dpu_fifo_link_free(&link));
    return after(set, error);
}

static dpu_error_t launch_of_nothing(void)
{
    struct dpu_set_t set = two_with(NULL);
    return after(set, dpu_launch(set, DPU_SYNCHRONOUS));
}

static dpu_error_t name_in_two_programs(void)
{
    struct dpu_set_t set = two_with(kernel);
    uint32_t word = 0;
    load_text(dpu_number(set, 1), kernel);
    return after(set, dpu_copy_to(set, "cmd", 0, &word, 4));
}

/* A handle of a DPU that dpu_get gives although it is disabled. */
static dpu_error_t disabled_dpu(void)
{
    struct dpu_set_t set = alloc_set(1, "nrDpusPerCi=2,disabledMask=1");
    struct dpu_t *dpu = dpu_get(dpu_get_rank(dpu_from_set(dpu_number(set, 0))), 0, 0);
    uint8_t bytes[8];
    return after(set, dpu_copy_from_mram(dpu, bytes, 0, 8));
}

static dpu_error_t boot_while_it_runs(void)
{
    struct dpu_set_t set = two_with(kernel);
    dpu_error_t error = dpu_boot_rank(dpu_get_rank(spin(set)));
    end_spin(set);
    return after(set, error);
}

static dpu_error_t fault_instruction(void)
{
    return run(CMD_FAULT, "simReport=false");
}

static dpu_error_t bytes_that_are_no_program(void)
{
    struct dpu_set_t set = two_with(NULL);
    uint8_t bytes[64] = {0};
    return after(set, dpu_load_from_memory(set, bytes, sizeof bytes, NULL));
}

static dpu_error_t file_that_is_not_there(void)
{
    dpu_elf_file_t file;
    return dpu_elf_open("no such file", &file);
}

static dpu_error_t section_that_is_not_there(void)
{
    struct isa_bytes image = image_of(kernel);
    dpu_elf_file_t file;
    dpu_elf_symbols_t *symbols;
    OK(dpu_elf_map((uint8_t *)(uintptr_t)image.data, image.len_bytes, &file, ""));
    dpu_error_t error = dpu_elf_load_symbols(file, ".none", &symbols);
    dpu_elf_close(file);
    image_free(image);
    return error;
}

static dpu_error_t limit_of_instructions(void)
{
    return run(CMD_FOREVER, "simMaxInstructions=1000,simReport=false");
}

static dpu_error_t item_without_value(void)
{
    struct dpu_set_t set;
    return dpu_alloc(1, "backend", &set);
}

static dpu_error_t name_of_nothing(void)
{
    return copy("no_such_symbol", 0, 4);
}

static dpu_error_t log_of(uint32_t write_at, uint32_t wrapped)
{
    struct dpu_set_t set = two_with(odd_program), dpu = dpu_number(set, 0);
    uint32_t state[2] = {write_at, wrapped};
    char text[256];
    FILE *stream = fmemopen(text, sizeof text, "w");
    OK(dpu_copy_to(dpu, "state", 0, state, sizeof state));
    dpu_error_t error = dpu_log_read(dpu, stream);
    fclose(stream);
    return after(set, error);
}

static dpu_error_t log_position_past_the_buffer(void)
{
    return log_of(72, 0);
}

static dpu_error_t log_that_wrapped(void)
{
    return log_of(8, 1);
}

static dpu_error_t log_of_a_program_that_never_prints(void)
{
    struct dpu_set_t set = two_with(kernel);
    return after(set, dpu_log_read(dpu_number(set, 0), stdout));
}

static dpu_error_t buffer_of_another_size(void)
{
    struct dpu_set_t set = two_with(kernel);
    struct dpu_context_t context = {0};
    uint8_t bytes[8], *into = bytes;
    uint32_t size = sizeof bytes;
    OK(dpu_checkpoint_save(dpu_number(set, 0), DPU_CHECKPOINT_NONE, &context));
    dpu_error_t error = dpu_checkpoint_serialize(&context, &into, &size);
    OK(dpu_checkpoint_free(&context));
    return after(set, error);
}

static dpu_error_t do_nothing(struct dpu_set_t set, uint32_t index, void *args)
{
    (void)set, (void)index, (void)args;
    return DPU_OK;
}

static dpu_error_t nonblocking_and_synchronous(void)
{
    struct dpu_set_t set = two_with(NULL);
    return after(set, dpu_callback(set, do_nothing, NULL, DPU_CALLBACK_NONBLOCKING));
}

static dpu_error_t tasklets_that_the_chip_has_not(void)
{
    struct dpu_set_t set = alloc_set(1, "chipId=66");
    struct isa_bytes image = image_for(kernel, ISA_CHIP_V1A, 17);
    dpu_error_t error =
        dpu_load_from_memory(set, (uint8_t *)(uintptr_t)image.data, image.len_bytes, NULL);
    image_free(image);
    return after(set, error);
}

/* As many blocks of 8 bytes as the argument says. */
static bool blocks(struct sg_block_info *out, uint32_t dpu, uint32_t block, void *args)
{
    static uint8_t bytes[8];
    (void)dpu;
    *out = (struct sg_block_info){.addr = bytes, .length = sizeof bytes};
    return block < *(uint32_t *)args;
}

static dpu_error_t scatter(const char *profile, const char *name, uint32_t count)
{
    struct dpu_set_t set = alloc_kernel(1, profile);
    get_block_t get = {blocks, &count, sizeof count};
    return after(set,
                 dpu_push_sg_xfer(set, DPU_XFER_TO_DPU, name, 0, 16, &get, DPU_SG_XFER_DEFAULT));
}

static dpu_error_t more_blocks_than_agreed(void)
{
    return scatter("sgXferEnable=true,sgXferMaxBlocksPerDpu=1", "block", 2);
}

static dpu_error_t blocks_shorter_than_the_length(void)
{
    return scatter("sgXferEnable=true,sgXferMaxBlocksPerDpu=2", "block", 1);
}

static dpu_error_t scatter_without_the_profile(void)
{
    return scatter(NULL, "block", 2);
}

static dpu_error_t scatter_to_wram(void)
{
    return scatter("sgXferEnable=true", "bytes", 2);
}

/* ---- the table ------------------------------------------------------------------------------- */

static const struct row {
    const char *name;
    dpu_error_t error;
    const char *text;
    dpu_error_t (*cause)(void);
    const char *why_injected; /* NULL: natural */
} rows[] = {
#define NATURAL(name, text, cause)                                                                 \
    {                                                                                              \
#name, name, text, cause, NULL                                                             \
    }
#define INJECTED(name, text, why)                                                                  \
    {                                                                                              \
#name, name, text, NULL, why                                                               \
    }
    NATURAL(DPU_OK, "success", success),
    NATURAL(DPU_ERR_INTERNAL, "internal error", null_pointer),
    NATURAL(DPU_ERR_SYSTEM, "system error", missing_program_file),
    NATURAL(DPU_ERR_DRIVER, "driver error", command_of_hardware),
    NATURAL(DPU_ERR_ALLOCATION, "dpu allocation error", no_dpus),
    NATURAL(DPU_ERR_INVALID_DPU_SET, "invalid action for this dpu set", free_of_a_part),
    NATURAL(DPU_ERR_INVALID_THREAD_ID, "invalid thread id", thread_that_is_not_there),
    INJECTED(DPU_ERR_INVALID_NOTIFY_ID, "invalid notify id",
             "no function of the API takes a notify bit"),
    NATURAL(DPU_ERR_INVALID_WRAM_ACCESS, "invalid wram access", odd_length_in_wram),
    NATURAL(DPU_ERR_INVALID_IRAM_ACCESS, "invalid iram access", odd_length_in_iram),
    NATURAL(DPU_ERR_INVALID_MRAM_ACCESS, "invalid mram access", odd_length_in_mram),
    NATURAL(DPU_ERR_INVALID_SYMBOL_ACCESS, "invalid memory symbol access",
            past_the_end_of_a_symbol),
    NATURAL(DPU_ERR_MRAM_BUSY, "mram is busy", mram_while_it_runs),
    INJECTED(DPU_ERR_TRANSFER_ALREADY_SET, "dpu transfer is already set",
             "since SDK 2021.1 a second dpu_prepare_xfer replaces the first"),
    NATURAL(DPU_ERR_INVALID_PARALLEL_MEMORY_TRANSFER,
            "invalid parallel transfer (should be to/from WRAM)", parallel_to_mram),
    NATURAL(DPU_ERR_WRAM_FIFO_FULL, "cannot push to WRAM FIFO, FIFO full",
            second_element_of_a_fifo_of_one),
    NATURAL(DPU_ERR_NO_PROGRAM_LOADED, "no program has been loaded in the dpu set",
            launch_of_nothing),
    NATURAL(DPU_ERR_DIFFERENT_DPU_PROGRAMS, "cannot access symbol on dpus with different programs",
            name_in_two_programs),
    INJECTED(DPU_ERR_CORRUPTED_MEMORY, "corrupted memory", "simulated memories do not decay"),
    NATURAL(DPU_ERR_DPU_DISABLED, "dpu is disabled", disabled_dpu),
    NATURAL(DPU_ERR_DPU_ALREADY_RUNNING, "dpu is already running", boot_while_it_runs),
    NATURAL(DPU_ERR_INVALID_MEMORY_TRANSFER, "invalid memory transfer", direction_that_is_none),
    INJECTED(DPU_ERR_INVALID_LAUNCH_POLICY, "invalid launch policy",
             "any policy but DPU_SYNCHRONOUS is taken as DPU_ASYNCHRONOUS"),
    NATURAL(DPU_ERR_DPU_FAULT, "dpu is in fault", fault_instruction),
    NATURAL(DPU_ERR_ELF_INVALID_FILE, "invalid ELF file", bytes_that_are_no_program),
    NATURAL(DPU_ERR_ELF_NO_SUCH_FILE, "no such ELF file", file_that_is_not_there),
    NATURAL(DPU_ERR_ELF_NO_SUCH_SECTION, "no such ELF section", section_that_is_not_there),
    NATURAL(DPU_ERR_TIMEOUT, "result timeout", limit_of_instructions),
    NATURAL(DPU_ERR_INVALID_PROFILE, "invalid profile", item_without_value),
    NATURAL(DPU_ERR_UNKNOWN_SYMBOL, "undefined symbol", name_of_nothing),
    NATURAL(DPU_ERR_LOG_FORMAT, "logging format error", log_position_past_the_buffer),
    NATURAL(DPU_ERR_LOG_CONTEXT_MISSING, "logging context missing",
            log_of_a_program_that_never_prints),
    NATURAL(DPU_ERR_LOG_BUFFER_TOO_SMALL, "logging buffer too small", log_that_wrapped),
    INJECTED(DPU_ERR_VPD_INVALID_FILE, "invalid VPD file", "simulated modules have no VPD"),
    INJECTED(DPU_ERR_VPD_NO_REPAIR, "repairs have not been generated",
             "simulated modules have no VPD"),
    INJECTED(DPU_ERR_NO_THREAD_PER_RANK, "no thread to perform multiple-rank operation",
             "nrThreadsPerRank=0 is accepted as 1, as programs pass it"),
    NATURAL(DPU_ERR_INVALID_BUFFER_SIZE, "invalid buffer size", buffer_of_another_size),
    NATURAL(DPU_ERR_NONBLOCKING_SYNC_CALLBACK, "nonblocking and synchronous callback is invalid",
            nonblocking_and_synchronous),
    NATURAL(DPU_ERR_TOO_MANY_TASKLETS,
            "dpu program uses more tasklets than the hardware has threads",
            tasklets_that_the_chip_has_not),
    NATURAL(DPU_ERR_SG_TOO_MANY_BLOCKS,
            "scatter/gather transfer prepare exceed max number of blocks", more_blocks_than_agreed),
    NATURAL(DPU_ERR_SG_LENGTH_MISMATCH,
            "scatter/gather transfer mismatch between nr bytes in blocks and length",
            blocks_shorter_than_the_length),
    NATURAL(DPU_ERR_SG_NOT_ACTIVATED, "scatter/gather transfer not activated",
            scatter_without_the_profile),
    NATURAL(DPU_ERR_SG_NOT_MRAM_SYMBOL,
            "scatter/gather transfer unsupported symbol (must be a mram symbol)", scatter_to_wram),
};

static const struct row *row_of(dpu_error_t error)
{
    for (int i = 0; i < ROWS(rows); i++)
        if (rows[i].error == error)
            return &rows[i];
    return NULL;
}

static void check_text(dpu_error_t error, const char *wanted)
{
    char *text = dpu_error_to_string(error);
    ck_assert_str_eq(text, wanted);
    free(text);
}

/* ---- tests ----------------------------------------------------------------------------------- */

/* The library's own table: number, enumerator. */
static const struct {
    const char *name;
    dpu_error_t error;
} statuses[] = {
#define ERROR(id, number, text) {#id, (dpu_error_t)(number)},
#include "../driver/error.def"
#undef ERROR
};

START_TEST(every_status_has_a_row)
{
    ck_assert_int_eq(ROWS(rows), ROWS(statuses));
    for (int i = 0; i < ROWS(statuses); i++) {
        const struct row *row = row_of(statuses[i].error);
        ck_assert_msg(row && strcmp(row->name, statuses[i].name) == 0, "%s is left out",
                      statuses[i].name);
        ck_assert_msg(!row->cause != !row->why_injected, "%s: a cause or a reason", row->name);
    }
}
END_TEST

START_TEST(status_is_reached_by_its_cause)
{
    const struct row *row = &rows[_i];
    if (!row->cause)
        return; /* the next test's */
    expect_error(row->cause(), row->error, row->name);
    check_text(row->error, row->text);
    if (row->error != DPU_OK)
        ck_assert_msg(dpusim_last_message()[0], "%s: no sentence", row->name);
}
END_TEST

/* Those with a natural cause too: a program's handling of any of them can be tested. */
START_TEST(status_is_reached_by_injection)
{
    const struct row *row = &rows[_i];
    char specification[128];
    if (row->error == DPU_OK)
        return; /* no failure */
    struct dpu_set_t set = two_with(kernel);
    uint32_t word = 0;
    snprintf(specification, sizeof specification, "call:name=dpu_copy_to,error=%s,nth=2",
             row->name);
    OK(dpusim_inject(set, specification));
    OK(dpu_copy_to(set, "go", 0, &word, 4));
    FAILS(dpu_copy_to(set, "go", 0, &word, 4), row->error);
    check_text(row->error, row->text);
    OK(dpu_copy_to(set, "go", 0, &word, 4));
    OK(dpu_free(set));
}
END_TEST

START_TEST(status_of_a_job_has_the_text_of_the_plain_one_inside)
{
    const struct row *row = &rows[_i];
    char wanted[200];
    dpu_error_t error = async_error(JOB_CALLBACK, row->error);
    snprintf(wanted, sizeof wanted, "asynchronous operation error (callback): %s (0x%x)", row->text,
             (unsigned)error & 0x7fffffff);
    check_text(error, wanted);
}
END_TEST

START_TEST(numbers_beyond_the_table_are_unknown)
{
    static const int numbers[] = {43, 100, 0xffff, 0x7fffffff};
    for (int i = 0; i < ROWS(numbers); i++)
        check_text((dpu_error_t)numbers[i], "unknown error");
    check_text(async_error(99, (dpu_error_t)43),
               "asynchronous operation error (unknown job type): unknown error (0x63002b)");
}
END_TEST

static Suite *suite_of_errors(void)
{
    Suite *suite = suite_create("driver.error");
    TCase *normal = tcase_create("normal");
    tcase_add_test(normal, every_status_has_a_row);
    tcase_add_loop_test(normal, status_is_reached_by_its_cause, 0, ROWS(rows));
    tcase_add_loop_test(normal, status_is_reached_by_injection, 0, ROWS(rows));
    tcase_add_loop_test(normal, status_of_a_job_has_the_text_of_the_plain_one_inside, 0,
                        ROWS(rows));
    tcase_add_test(normal, numbers_beyond_the_table_are_unknown);
    suite_add_tcase(suite, normal);
    return suite;
}

int main(int argc, char **argv)
{
    return driver_main(argc, argv, suite_of_errors, NULL);
}
