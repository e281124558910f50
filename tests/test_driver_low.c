/* SPDX-License-Identifier: MIT */
/* The host API below the level of sets: memories, matrices, boot and poll, threads, reset. */
#include <check.h>

#include "driver_help.h"

/* Writes 7 and stops. */
#define QUICK                                                                                      \
    "move r0, 7\nsw zero, result, r0\nstop\n"                                                      \
    ".section .dpu_host,\"aw\",@progbits\n.globl result\nresult: .long 0\n.size result, 4\n"
/* Waits until the host writes `go`. */
#define WAITING                                                                                    \
    "wait: lw r0, zero, go\njeq r0, 0, wait\nsw zero, result, r0\nstop\n"                          \
    ".section .dpu_host,\"aw\",@progbits\n.globl go\ngo: .long 0\n.size go, 4\n"                   \
    ".globl result\nresult: .long 0\n.size result, 4\n"

enum { WRAM_WORDS = ISA_WRAM_BYTES / 4 };

/* ---- matrices -------------------------------------------------------------------------------- */

START_TEST(a_matrix_has_the_slices_of_a_member_side_by_side)
{
    struct host host = host_open(64, NULL);
    struct dpu_transfer_matrix matrix = {.offset = 3, .size = 4};
    int buffers[64];
    for (unsigned i = 0; i < 64; i++) {
        dpu_transfer_matrix_add_dpu(host.dpus[i], &matrix, &buffers[i]);
        unsigned slice = i / 8, member = i % 8;
        ck_assert_ptr_eq(matrix.ptr[member * 8 + slice], &buffers[i]);
        ck_assert_ptr_eq(dpu_transfer_matrix_get_ptr(host.dpus[i], &matrix), &buffers[i]);
    }
    struct dpu_transfer_matrix copy;
    dpu_transfer_matrix_copy(&copy, &matrix);
    ck_assert_int_eq(memcmp(&copy, &matrix, sizeof copy), 0);
    dpu_transfer_matrix_clear_dpu(host.dpus[5], &matrix);
    ck_assert_ptr_null(dpu_transfer_matrix_get_ptr(host.dpus[5], &matrix));
    dpu_transfer_matrix_clear_all(host.rank, &matrix);
    for (unsigned i = 0; i < 64; i++)
        ck_assert_ptr_null(matrix.ptr[i]);
    ck_assert_uint_eq(matrix.offset, 3);
    ck_assert_uint_eq(matrix.size, 4);
    host_close(&host);
}
END_TEST

START_TEST(set_all_names_enabled_dpus_only)
{
    struct host host = host_open(20, NULL);
    struct dpu_transfer_matrix matrix = {.type = DPU_DEFAULT_XFER_MATRIX};
    int buffer, n = 0;
    dpu_transfer_matrix_set_all(host.rank, &matrix, &buffer);
    for (unsigned i = 0; i < 64; i++)
        n += matrix.ptr[i] == &buffer;
    ck_assert_int_eq(n, 20);
    host_close(&host);
}
END_TEST

START_TEST(blocks_go_to_mram_in_a_row_and_a_full_list_says_so)
{
    struct host host = host_open(1, NULL);
    uint8_t a[16], b[8], back[24], *addresses[2];
    uint32_t lengths[2];
    struct sg_xfer_buffer blocks = {2, addresses, lengths, 0};
    struct dpu_transfer_matrix matrix = {.offset = 64, .size = 24, .type = DPU_SG_XFER_MATRIX};
    memset(a, 1, sizeof a);
    memset(b, 2, sizeof b);
    ck_assert_error(dpu_transfer_matrix_add_dpu_block(host.dpus[0], &matrix, a, 16),
                    DPU_ERR_INTERNAL);
    matrix.sg_ptr[0] = &blocks;
    ck_assert_ok(dpu_transfer_matrix_add_dpu_block(host.dpus[0], &matrix, a, 16));
    ck_assert_ok(dpu_transfer_matrix_add_dpu_block(host.dpus[0], &matrix, b, 8));
    ck_assert_error(dpu_transfer_matrix_add_dpu_block(host.dpus[0], &matrix, b, 8),
                    DPU_ERR_INTERNAL);
    ck_assert_ok(dpu_copy_to_mrams(host.rank, &matrix));
    ck_assert_ok(dpu_copy_from_mram(host.dpus[0], back, 64, 24));
    ck_assert_int_eq(memcmp(back, a, 16), 0);
    ck_assert_int_eq(memcmp(back + 16, b, 8), 0);
    ck_assert_error(dpu_copy_to_wram_for_matrix(host.rank, &matrix), DPU_ERR_INTERNAL);
    host_close(&host);
}
END_TEST

/* ---- memories -------------------------------------------------------------------------------- */

/* Errors of single-DPU copies. */
static const struct {
    const char *name;
    enum isa_memory memory;
    uint32_t offset, count;
    dpu_error_t error;
} ranges[] = {
    {"last instruction", ISA_IRAM, 4095, 1, DPU_OK},
    {"no instruction at the end", ISA_IRAM, 4096, 0, DPU_OK},
    {"behind the last instruction", ISA_IRAM, 4096, 1, DPU_ERR_INVALID_IRAM_ACCESS},
    {"past the last instruction", ISA_IRAM, 4000, 97, DPU_ERR_INVALID_IRAM_ACCESS},
    {"last word", ISA_WRAM, WRAM_WORDS - 1, 1, DPU_OK},
    {"no word", ISA_WRAM, 0, 0, DPU_OK},
    {"behind the last word", ISA_WRAM, WRAM_WORDS, 1, DPU_ERR_INVALID_WRAM_ACCESS},
    {"offset whose bytes wrap", ISA_WRAM, 0x40000000, 1, DPU_ERR_INVALID_WRAM_ACCESS},
    {"count whose bytes wrap", ISA_WRAM, 0, 0x40000001, DPU_ERR_INVALID_WRAM_ACCESS},
    {"last bytes", ISA_MRAM, ISA_MRAM_BYTES - 8, 8, DPU_OK},
    {"behind the last bytes", ISA_MRAM, ISA_MRAM_BYTES, 8, DPU_ERR_INVALID_MRAM_ACCESS},
    {"odd offset", ISA_MRAM, 4, 8, DPU_ERR_INVALID_MRAM_ACCESS},
    {"odd length", ISA_MRAM, 8, 12, DPU_ERR_INVALID_MRAM_ACCESS},
};

/* What the calls of one memory have in common. */
static dpu_error_t to_dpu(enum isa_memory memory, struct dpu_t *dpu, uint32_t at, const void *data,
                          uint32_t count)
{
    return memory == ISA_IRAM
               ? dpu_copy_to_iram_for_dpu(dpu, (iram_addr_t)at, data, (iram_size_t)count)
           : memory == ISA_WRAM ? dpu_copy_to_wram_for_dpu(dpu, at, data, count)
                                : dpu_copy_to_mram(dpu, at, data, count);
}

static dpu_error_t from_dpu(enum isa_memory memory, struct dpu_t *dpu, uint32_t at, void *data,
                            uint32_t count)
{
    return memory == ISA_IRAM
               ? dpu_copy_from_iram_for_dpu(dpu, data, (iram_addr_t)at, (iram_size_t)count)
           : memory == ISA_WRAM ? dpu_copy_from_wram_for_dpu(dpu, data, at, count)
                                : dpu_copy_from_mram(dpu, data, at, count);
}

static dpu_error_t with_matrix(enum isa_memory memory, struct dpu_rank_t *rank, dpu_xfer_t way,
                               struct dpu_transfer_matrix *matrix)
{
    typedef dpu_error_t copy_fn(struct dpu_rank_t *, struct dpu_transfer_matrix *);
    static copy_fn *const copies[3][2] = {
        [ISA_IRAM] = {dpu_copy_to_iram_for_matrix, dpu_copy_from_iram_for_matrix},
        [ISA_WRAM] = {dpu_copy_to_wram_for_matrix, dpu_copy_from_wram_for_matrix},
        [ISA_MRAM] = {dpu_copy_to_mrams, dpu_copy_from_mrams}};
    return copies[memory][way](rank, matrix);
}

START_TEST(copies_check_their_range)
{
    struct host host = host_open(1, NULL);
    uint64_t buffer[128] = {0};
    dpu_error_t wanted = ranges[_i].error;
    struct dpu_transfer_matrix matrix = {.offset = ranges[_i].offset, .size = ranges[_i].count};
    dpu_transfer_matrix_set_all(host.rank, &matrix, buffer);
    dpu_error_t to =
        to_dpu(ranges[_i].memory, host.dpus[0], ranges[_i].offset, buffer, ranges[_i].count);
    dpu_error_t from =
        from_dpu(ranges[_i].memory, host.dpus[0], ranges[_i].offset, buffer, ranges[_i].count);
    ck_assert_msg(to == wanted, "%s: to the DPU: %d, wanted %d", ranges[_i].name, to, wanted);
    ck_assert_msg(from == wanted, "%s: from the DPU: %d, wanted %d", ranges[_i].name, from, wanted);
    for (int way = DPU_XFER_TO_DPU; way <= DPU_XFER_FROM_DPU; way++) {
        dpu_error_t got = with_matrix(ranges[_i].memory, host.rank, (dpu_xfer_t)way, &matrix);
        ck_assert_msg(got == wanted, "%s: matrix: %d, wanted %d", ranges[_i].name, got, wanted);
    }
    host_close(&host);
}
END_TEST

static const struct {
    enum isa_memory memory;
    uint32_t offset, count, unit_bytes;
} places[] = {{ISA_IRAM, 100, 40, 8}, {ISA_WRAM, 1000, 64, 4}, {ISA_MRAM, 1 << 20, 4096, 1}};

/* Instructions have 48 bits. */
static void fill(uint8_t *data, size_t len_bytes, enum isa_memory memory, unsigned seed)
{
    for (size_t i = 0; i < len_bytes; i++)
        data[i] = memory == ISA_IRAM && i % 8 >= 6 ? 0 : (uint8_t)(i * 7 + seed);
}

START_TEST(what_a_matrix_sends_comes_back_from_each_dpu)
{
    struct host host = host_open(20, NULL);
    static uint8_t out[20][4096], back[20][4096], one[4096];
    size_t len_bytes = places[_i].count * places[_i].unit_bytes;
    struct dpu_transfer_matrix matrix = {.offset = places[_i].offset, .size = places[_i].count};
    for (unsigned i = 0; i < 20; i++) {
        fill(out[i], len_bytes, places[_i].memory, i * 13);
        dpu_transfer_matrix_add_dpu(host.dpus[i], &matrix, out[i]);
    }
    ck_assert_ok(with_matrix(places[_i].memory, host.rank, DPU_XFER_TO_DPU, &matrix));
    for (unsigned i = 0; i < 20; i++) {
        ck_assert_ok(
            from_dpu(places[_i].memory, host.dpus[i], places[_i].offset, one, places[_i].count));
        ck_assert_int_eq(memcmp(one, out[i], len_bytes), 0);
        memset(back[i], 0xee, len_bytes);
        dpu_transfer_matrix_add_dpu(host.dpus[i], &matrix, i == 7 ? NULL : back[i]);
    }
    ck_assert_ok(with_matrix(places[_i].memory, host.rank, DPU_XFER_FROM_DPU, &matrix));
    for (unsigned i = 0; i < 20; i++)
        ck_assert_int_eq(memcmp(back[i], out[i], len_bytes) == 0, i != 7);
    ck_assert_uint_eq(back[7][0], 0xee);
    host_close(&host);
}
END_TEST

START_TEST(what_a_rank_is_sent_reaches_every_dpu)
{
    struct host host = host_open(20, NULL);
    const uint32_t words[3] = {1, 2, 3};
    const uint64_t insns[2] = {0x123456789abc, 0x7e6320000000};
    uint32_t back[3];
    uint64_t code[2];
    ck_assert_ok(dpu_copy_to_wram_for_rank(host.rank, 500, words, 3));
    ck_assert_ok(dpu_copy_to_iram_for_rank(host.rank, 50, insns, 2));
    for (unsigned i = 0; i < 20; i++) {
        ck_assert_ok(dpu_copy_from_wram_for_dpu(host.dpus[i], back, 500, 3));
        ck_assert_int_eq(memcmp(back, words, sizeof words), 0);
        ck_assert_ok(dpu_copy_from_iram_for_dpu(host.dpus[i], code, 50, 2));
        ck_assert_int_eq(memcmp(code, insns, sizeof insns), 0);
    }
    host_close(&host);
}
END_TEST

START_TEST(handles_that_mean_nothing_are_refused)
{
    struct host host = host_open(20, NULL);
    struct dpu_t *disabled = NULL;
    uint32_t word = 0;
    for (unsigned i = 0; i < 64 && !disabled; i++) {
        struct dpu_t *dpu = dpu_get(host.rank, (dpu_slice_id_t)(i / 8), (dpu_member_id_t)(i % 8));
        disabled = dpu_is_enabled(dpu) ? NULL : dpu;
    }
    ck_assert_ptr_nonnull(disabled);
    ck_assert_error(dpu_copy_to_wram_for_dpu(disabled, 0, &word, 1), DPU_ERR_DPU_DISABLED);
    ck_assert_error(dpu_copy_from_mram(disabled, (uint8_t *)&word, 0, 0), DPU_ERR_DPU_DISABLED);
    ck_assert_error(dpu_boot_dpu(disabled), DPU_ERR_DPU_DISABLED);
    ck_assert_error(dpu_poll_dpu(disabled, NULL, NULL), DPU_ERR_DPU_DISABLED);
    ck_assert_error(dpu_reset_dpu(disabled), DPU_ERR_DPU_DISABLED);
    ck_assert_error(dpu_copy_to_wram_for_dpu(NULL, 0, &word, 1), DPU_ERR_INTERNAL);
    ck_assert_error(dpu_copy_to_wram_for_rank(NULL, 0, &word, 1), DPU_ERR_INTERNAL);
    ck_assert_error(dpu_copy_to_wram_for_rank(host.rank, 0, NULL, 1), DPU_ERR_INTERNAL);
    ck_assert_error(dpu_copy_to_mrams(host.rank, NULL), DPU_ERR_INTERNAL);
    host_close(&host);
    ck_assert_error(dpu_copy_to_wram_for_rank(host.rank, 0, &word, 1), DPU_ERR_INVALID_DPU_SET);
    ck_assert_error(dpu_boot_dpu(host.dpus[0]), DPU_ERR_INVALID_DPU_SET);
}
END_TEST

/* ---- boot, poll, status ---------------------------------------------------------------------- */

/* The code of a program, as a host without a loader would have it. */
static void write_code(struct dpu_rank_t *rank, const char *text)
{
    struct isa_program *program = program_of(text, ISA_CHIP_V1A, false);
    const struct isa_segment *code = &program->segments[0];
    ck_assert_int_eq(code->memory, ISA_IRAM);
    uint64_t insns[64];
    memcpy(insns, code->data, code->file_bytes);
    ck_assert_ok(dpu_copy_to_iram_for_rank(rank, 0, insns, (iram_size_t)(code->file_bytes / 8)));
    isa_program_destroy(program);
}

START_TEST(code_written_into_iram_boots_without_a_program)
{
    struct host host = host_open(16, NULL);
    ck_assert_error(dpu_boot_rank(host.rank), DPU_ERR_NO_PROGRAM_LOADED);
    write_code(host.rank, "lw r0, zero, 64\nadd r0, r0, 5\nsw zero, 64, r0\nstop");
    for (uint32_t run = 1; run <= 3; run++) {
        ck_assert_ok(dpu_boot_rank(host.rank));
        wait_done(host.rank);
        for (unsigned i = 0; i < 16; i++)
            ck_assert_uint_eq(get_word(host.dpus[i], 16), 5 * run);
    }
    ck_assert_ok(dpu_launch(host.set, DPU_SYNCHRONOUS));
    ck_assert_uint_eq(get_word(host.dpus[15], 16), 20);
    host_close(&host);
}
END_TEST

START_TEST(a_rank_below_the_level_of_sets_needs_no_set)
{
    struct dpu_rank_t *rank;
    bool fault = true;
    ck_assert_ok(dpu_get_rank_of_type(NULL, &rank));
    write_code(rank, "move r0, 9\nsw zero, 64, r0\nstop");
    ck_assert_ok(dpu_boot_rank(rank));
    wait_done(rank);
    ck_assert_ok(dpu_status_rank(rank, NULL, &fault));
    ck_assert(!fault);
    ck_assert_uint_eq(get_word(dpu_get(rank, 7, 7), 16), 9);
    ck_assert_ok(dpu_free_rank(rank));
}
END_TEST

START_TEST(status_knows_what_the_last_poll_saw)
{
    struct host host = host_with(4, QUICK);
    bool done = true, running = true;
    ck_assert_ok(dpu_boot_rank(host.rank));
    WAIT_UNTIL(get_word(host.dpus[0], word_of(&host, "result")) == 7);
    ck_assert_ok(dpu_status_rank(host.rank, &done, NULL));
    ck_assert(!done);
    ck_assert_uint_eq(dpu_get_run_context(host.rank)->nb_dpu_running, 4);
    wait_done(host.rank);
    ck_assert_ok(dpu_status_dpu(host.dpus[0], &done, NULL));
    ck_assert(done);
    ck_assert_ok(dpu_poll_dpu(host.dpus[0], &running, NULL));
    ck_assert(!running);
    host_close(&host);
}
END_TEST

START_TEST(wram_is_shared_with_running_dpus_and_mram_is_not)
{
    struct host host = host_with(4, WAITING);
    wram_addr_t go = word_of(&host, "go"), result = word_of(&host, "result");
    uint64_t eight = 8;
    bool running = false;
    struct dpu_transfer_matrix matrix = {.offset = 0, .size = 8};
    dpu_transfer_matrix_set_all(host.rank, &matrix, &eight);
    ck_assert_ok(dpu_boot_rank(host.rank));
    ck_assert_ok(dpu_poll_dpu(host.dpus[2], &running, NULL));
    ck_assert(running);
    ck_assert_error(dpu_boot_rank(host.rank), DPU_ERR_DPU_ALREADY_RUNNING);
    ck_assert_error(dpu_boot_dpu(host.dpus[1]), DPU_ERR_DPU_ALREADY_RUNNING);
    ck_assert_error(dpu_copy_to_mram(host.dpus[0], 0, (uint8_t *)&eight, 8), DPU_ERR_MRAM_BUSY);
    ck_assert_error(dpu_copy_from_mrams(host.rank, &matrix), DPU_ERR_MRAM_BUSY);
    for (unsigned i = 0; i < 4; i++) {
        ck_assert_uint_eq(get_word(host.dpus[i], result), 0);
        set_word(host.dpus[i], go, 100 + i);
    }
    wait_done(host.rank);
    for (unsigned i = 0; i < 4; i++)
        ck_assert_uint_eq(get_word(host.dpus[i], result), 100 + i);
    ck_assert_ok(dpu_copy_to_mrams(host.rank, &matrix));
    host_close(&host);
}
END_TEST

START_TEST(a_boot_holds_back_the_jobs_of_the_queue)
{
    struct host host = host_with(2, WAITING);
    uint32_t result[2] = {0, 0};
    struct dpu_set_t dpu;
    uint32_t i;
    ck_assert_ok(dpu_boot_rank(host.rank));
    DPU_FOREACH (host.set, dpu, i)
        ck_assert_ok(dpu_prepare_xfer(dpu, &result[i]));
    ck_assert_ok(dpu_push_xfer(host.set, DPU_XFER_FROM_DPU, "result", 0, 4, DPU_XFER_ASYNC));
    for (i = 0; i < 2; i++)
        set_word(host.dpus[i], word_of(&host, "go"), 50 + i);
    ck_assert_ok(dpu_sync(host.set));
    ck_assert_uint_eq(result[0], 50);
    ck_assert_uint_eq(result[1], 51);
    host_close(&host);
}
END_TEST

START_TEST(a_fault_shows_in_the_run_context)
{
    struct host host = host_with(10, "lw r0, zero, bad\njeq r0, 0, end\nfault 3\nend: stop\n"
                                     ".section .dpu_host,\"aw\",@progbits\n.globl bad\n"
                                     "bad: .long 0\n.size bad, 4\n");
    bool fault = false, running = true;
    set_word(host.dpus[6], word_of(&host, "bad"), 1);
    ck_assert_ok(dpu_boot_rank(host.rank));
    wait_done(host.rank);
    ck_assert_ok(dpu_status_rank(host.rank, NULL, &fault));
    ck_assert(fault);
    const struct _dpu_run_context_t *context = dpu_get_run_context(host.rank);
    for (unsigned i = 0; i < 10; i++) {
        bool mine = context->dpu_in_fault[dpu_get_slice_id(host.dpus[i])] >>
                        dpu_get_member_id(host.dpus[i]) &
                    1;
        ck_assert_int_eq(mine, i == 6);
        ck_assert_ok(dpu_poll_dpu(host.dpus[i], &running, &fault));
        ck_assert(!running);
        ck_assert_int_eq(fault, i == 6);
    }
    set_word(host.dpus[6], word_of(&host, "bad"), 0);
    ck_assert_ok(dpu_boot_dpu(host.dpus[6]));
    wait_done(host.rank);
    ck_assert_ok(dpu_status_dpu(host.dpus[6], NULL, &fault));
    ck_assert(!fault);
    host_close(&host);
}
END_TEST

START_TEST(a_launch_of_the_queue_shows_in_the_status_without_a_poll)
{
    struct host host = host_with(3, "fault 1");
    bool done = false, fault = false;
    ck_assert_error(dpu_launch(host.set, DPU_SYNCHRONOUS), DPU_ERR_DPU_FAULT);
    ck_assert_ok(dpu_status_rank(host.rank, &done, &fault));
    ck_assert(done);
    ck_assert(fault);
    host_close(&host);
}
END_TEST

START_TEST(an_injected_error_reaches_low_level_calls)
{
    struct host host = host_open(2, "simInject=call:name=dpu_boot_rank/error=DPU_ERR_DRIVER/nth=2");
    write_code(host.rank, "stop");
    ck_assert_ok(dpu_boot_rank(host.rank));
    wait_done(host.rank);
    ck_assert_error(dpu_boot_rank(host.rank), DPU_ERR_DRIVER);
    ck_assert_ok(dpu_boot_rank(host.rank));
    wait_done(host.rank);
    host_close(&host);
}
END_TEST

/* Starts its rank, frees it from waiting and sees it to its end. */
static dpu_error_t boot_and_poll(struct dpu_set_t set, uint32_t index, void *args)
{
    struct dpu_rank_t *rank = dpu_rank_from_set(set);
    struct dpu_t *dpu;
    uint32_t value = 1000 + index;
    ck_assert_ok(dpu_boot_rank(rank));
    STRUCT_DPU_FOREACH (rank, dpu)
        ck_assert_ok(dpu_copy_to_wram_for_dpu(dpu, *(wram_addr_t *)args, &value, 1));
    wait_done(rank);
    return DPU_OK;
}

START_TEST(callbacks_boot_and_poll_their_rank_while_others_look_on)
{
    struct host host = host_with(130, WAITING);
    wram_addr_t go = word_of(&host, "go");
    struct dpu_set_t rank;
    uint32_t value, r;
    ck_assert_ok(dpu_callback(host.set, boot_and_poll, &go, DPU_CALLBACK_ASYNC));
    for (unsigned i = 0; i < 50; i++)
        DPU_RANK_FOREACH (host.set, rank)
            ck_assert_ok(dpu_poll_rank(dpu_rank_from_set(rank)));
    ck_assert_ok(dpu_sync(host.set));
    DPU_RANK_FOREACH (host.set, rank, r) {
        struct dpu_t *dpu;
        STRUCT_DPU_FOREACH (dpu_rank_from_set(rank), dpu) {
            value = get_word(dpu, word_of(&host, "result"));
            ck_assert_uint_eq(value, 1000 + r);
        }
    }
    host_close(&host);
}
END_TEST

/* ---- single threads, reset ------------------------------------------------------------------- */

START_TEST(a_thread_starts_at_0_or_goes_on_where_it_stopped)
{
    /* counts at word 100 + thread; stops in the middle, goes on with 10 more */
    struct host host = host_with(3, "lw r0, id4, 400\nadd r0, r0, 1\nsw id4, 400, r0\nstop\n"
                                    "add r0, r0, 10\nsw id4, 400, r0\nstop\n");
    ck_assert_error(dpu_launch_thread_on_rank(host.rank, 24, false), DPU_ERR_INVALID_THREAD_ID);
    ck_assert_ok(dpu_launch_thread_on_rank(host.rank, 5, false));
    wait_done(host.rank);
    ck_assert_ok(dpu_launch_thread_on_dpu(host.dpus[1], 5, true));
    wait_done(host.rank);
    ck_assert_ok(dpu_launch_thread_on_dpu(host.dpus[2], 5, false));
    wait_done(host.rank);
    ck_assert_uint_eq(get_word(host.dpus[0], 105), 1);
    ck_assert_uint_eq(get_word(host.dpus[1], 105), 11);
    ck_assert_uint_eq(get_word(host.dpus[2], 105), 2);
    host_close(&host);
}
END_TEST

START_TEST(a_thread_joins_those_that_run)
{
    /* thread 0 waits for thread 3 */
    struct host host = host_with(2, "jeq id, 3, other\nwait: lw r0, zero, 400\njeq r0, 0, wait\n"
                                    "sw zero, 404, r0\nstop\n"
                                    "other: move r1, 77\nsw zero, 400, r1\nstop\n");
    ck_assert_ok(dpu_boot_rank(host.rank));
    ck_assert_ok(dpu_launch_thread_on_rank(host.rank, 3, false));
    wait_done(host.rank);
    ck_assert_uint_eq(get_word(host.dpus[0], 101), 77);
    ck_assert_uint_eq(get_word(host.dpus[1], 101), 77);
    host_close(&host);
}
END_TEST

START_TEST(reset_stops_and_clears_threads_but_no_memory)
{
    struct host host = host_with(2, "move r7, 5\nacquire zero, 9, true, on\n"
                                    "on: sw zero, 400, 1\nspin: jump spin");
    struct dpu_context_t context;
    bool done = false;
    ck_assert_ok(dpu_boot_rank(host.rank));
    WAIT_UNTIL(get_word(host.dpus[0], 100) && get_word(host.dpus[1], 100));
    ck_assert_ok(dpu_reset_dpu(host.dpus[0]));
    ck_assert_ok(dpu_status_dpu(host.dpus[0], &done, NULL));
    ck_assert(done);
    ck_assert_ok(dpu_status_dpu(host.dpus[1], &done, NULL));
    ck_assert(!done);
    ck_assert_ok(dpu_reset_rank(host.rank));
    ck_assert_ok(dpu_status_rank(host.rank, &done, NULL));
    ck_assert(done);
    ck_assert_uint_eq(get_word(host.dpus[1], 100), 1);
    ck_assert_ok(dpu_checkpoint_save(host_dpu(&host, 1), DPU_CHECKPOINT_INTERNAL, &context));
    ck_assert_uint_eq(context.registers[7], 0);
    ck_assert_uint_eq(context.pcs[0], 0);
    ck_assert_uint_eq(context.nr_of_running_threads, 0);
    ck_assert(!context.atomic_register[9]);
    ck_assert_ok(dpu_checkpoint_free(&context));
    host_close(&host);
}
END_TEST

int main(void)
{
    be_quiet();
    Suite *suite = suite_create("driver.low");
    TCase *tc = tcase_create("matrix");
    tcase_add_test(tc, a_matrix_has_the_slices_of_a_member_side_by_side);
    tcase_add_test(tc, set_all_names_enabled_dpus_only);
    tcase_add_test(tc, blocks_go_to_mram_in_a_row_and_a_full_list_says_so);
    suite_add_tcase(suite, tc);
    tc = tcase_create("memory");
    tcase_add_loop_test(tc, copies_check_their_range, 0, sizeof ranges / sizeof *ranges);
    tcase_add_loop_test(tc, what_a_matrix_sends_comes_back_from_each_dpu, 0,
                        sizeof places / sizeof *places);
    tcase_add_test(tc, what_a_rank_is_sent_reaches_every_dpu);
    tcase_add_test(tc, handles_that_mean_nothing_are_refused);
    suite_add_tcase(suite, tc);
    tc = tcase_create("run");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, code_written_into_iram_boots_without_a_program);
    tcase_add_test(tc, a_rank_below_the_level_of_sets_needs_no_set);
    tcase_add_test(tc, status_knows_what_the_last_poll_saw);
    tcase_add_test(tc, wram_is_shared_with_running_dpus_and_mram_is_not);
    tcase_add_test(tc, a_boot_holds_back_the_jobs_of_the_queue);
    tcase_add_test(tc, a_fault_shows_in_the_run_context);
    tcase_add_test(tc, a_launch_of_the_queue_shows_in_the_status_without_a_poll);
    tcase_add_test(tc, an_injected_error_reaches_low_level_calls);
    tcase_add_test(tc, callbacks_boot_and_poll_their_rank_while_others_look_on);
    tcase_add_test(tc, a_thread_starts_at_0_or_goes_on_where_it_stopped);
    tcase_add_test(tc, a_thread_joins_those_that_run);
    tcase_add_test(tc, reset_stops_and_clears_threads_but_no_memory);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
