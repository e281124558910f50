/* SPDX-License-Identifier: MIT */
/* FIFOs between host and running DPUs, and scatter/gather transfers. */
#include <check.h>
#include <pthread.h>

#include "driver_help.h"

/* ---- FIFOs ----------------------------------------------------------------------------------- */

/* Takes numbers from `requests` (8 elements) and puts their triple into `answers` (4 elements); 0
 * ends it. Elements of 8 bytes. */
#define TRIPLE                                                                                     \
    "next: lw r0, zero, requests\nlw r1, zero, requests + 8\njeq r0, r1, next\n"                   \
    "and r2, r0, 7\nlsl r2, r2, 3\nlw r3, r2, __requests_data\n"                                   \
    "add r0, r0, 1\nsw zero, requests, r0\njneq r3, 0, work\nstop\n"                               \
    "work: lsl r4, r3, 1\nadd r3, r3, r4\n"                                                        \
    "full: lw r4, zero, answers + 8\nlw r5, zero, answers\nsub r6, r4, r5\njeq r6, 4, full\n"      \
    "and r6, r4, 3\nlsl r6, r6, 3\nsw r6, __answers_data, r3\n"                                    \
    "add r4, r4, 1\nsw zero, answers + 8, r4\njump next\n" FIFO("requests", "3", "8", "")          \
        FIFO("answers", "2", "8", ".quad 0\n") FIFO("deep", "11", "8", "")                         \
            FIFO("odd", "2", "12", "")

/* Descriptor and data; `more` is appended to the descriptor. */
#define FIFO(name, log2, size, more)                                                               \
    ".section .dpu_host,\"aw\",@progbits\n.p2align 3\n.globl " name "\n" name                      \
    ": .quad 0\n.quad 0\n.long __" name "_data\n.long 0\n.long " log2 "\n.long " size "\n" more    \
    ".size " name ", . - " name "\n.globl __" name "_data\n__" name                                \
    "_data: .zero 64\n.size __" name "_data, 64\n"

enum { REQUESTS = 8, ANSWERS = 4 };

struct pair {
    struct dpu_fifo_link_t in, out;
};

static struct pair link_both(const struct host *host)
{
    struct pair pair;
    ck_assert_ok(dpu_link_input_fifo(host->set, &pair.in, (char[]){"requests"}));
    ck_assert_ok(dpu_link_output_fifo(host->set, &pair.out, (char[]){"answers"}));
    return pair;
}

static void unlink_both(struct pair *pair)
{
    ck_assert_ok(dpu_fifo_link_free(&pair->in));
    ck_assert_ok(dpu_fifo_link_free(&pair->out));
    ck_assert_ptr_null(pair->in.rank_fifos);
}

/* One number to every DPU: value + index of the DPU, 0 stays 0. */
static void push(const struct host *host, struct pair *pair, uint64_t value, dpu_xfer_flags_t flags)
{
    uint64_t elements[16];
    for (uint32_t i = 0; i < host->nr_dpus; i++) {
        elements[i] = value ? value + i : 0;
        ck_assert_ok(dpu_fifo_prepare_xfer(host_dpu(host, i), &pair->in, &elements[i]));
    }
    ck_assert_ok(dpu_fifo_push_xfer(host->set, &pair->in, flags));
    if (flags & DPU_XFER_ASYNC)
        ck_assert_ok(dpu_fifo_push_xfer(host->set, &pair->in, DPU_XFER_DEFAULT)); /* waits */
}

struct seen {
    unsigned count[16];
};

/* Read what is there and compare it with what must come next: 3 * (10 * n + index of the DPU). */
static void flush(const struct host *host, struct pair *pair, struct seen *seen)
{
    uint64_t data[16][ANSWERS];
    for (uint32_t i = 0; i < host->nr_dpus; i++)
        ck_assert_ok(dpu_fifo_prepare_xfer(host_dpu(host, i), &pair->out, data[i]));
    ck_assert_ok(dpu_fifo_push_xfer(host->set, &pair->out, DPU_XFER_DEFAULT));
    for (uint32_t i = 0; i < host->nr_dpus; i++) {
        uint16_t size = get_fifo_size(&pair->out, host_dpu(host, i));
        ck_assert_uint_le(size, ANSWERS);
        for (uint16_t k = 0; k < size; k++) {
            uint64_t value;
            memcpy(&value,
                   get_fifo_elem(&pair->out, host_dpu(host, i), (uint8_t *)data[i], (uint8_t)k),
                   sizeof value);
            ck_assert_uint_eq(value, 3 * (10 * ++seen->count[i] + i));
        }
    }
}

static bool has_all(const struct host *host, const struct seen *seen, unsigned count)
{
    for (uint32_t i = 0; i < host->nr_dpus; i++)
        if (seen->count[i] < count)
            return false;
    return true;
}

/* Every DPU that waits executes, so more DPUs than threads wait for one another; under a sanitizer
 * that is slow. */
enum { ROUNDS = SANITIZED ? 9 : 30, FIFO_DPUS = SANITIZED ? 2 : 9 };

START_TEST(elements_pass_through_running_dpus_in_order)
{
    struct host host = host_with(FIFO_DPUS, TRIPLE);
    struct pair pair = link_both(&host);
    struct seen seen = {{0}};
    unsigned n = 0;
    ck_assert_ok(dpu_launch(host.set, DPU_ASYNCHRONOUS));
    while (n < ROUNDS) {
        for (unsigned k = 0; k < 3; k++)
            push(&host, &pair, 10 * ++n, DPU_XFER_DEFAULT);
        flush(&host, &pair, &seen);
    }
    time_t end = time(NULL) + LONGEST_WAIT_S;
    while (!has_all(&host, &seen, ROUNDS)) {
        flush(&host, &pair, &seen);
        ck_assert(time(NULL) < end);
    }
    push(&host, &pair, 0, DPU_XFER_DEFAULT);
    ck_assert_ok(dpu_sync(host.set));
    flush(&host, &pair, &seen);
    for (uint32_t i = 0; i < host.nr_dpus; i++)
        ck_assert_uint_eq(seen.count[i], ROUNDS);
    unlink_both(&pair);
    host_close(&host);
}
END_TEST

START_TEST(pushes_of_the_queue_do_not_wait_for_the_run)
{
    struct host host = host_with(2, TRIPLE);
    struct pair pair = link_both(&host);
    struct seen seen = {{0}};
    ck_assert_ok(dpu_launch(host.set, DPU_ASYNCHRONOUS));
    for (unsigned n = 1; n <= 4; n++)
        push(&host, &pair, 10 * n, DPU_XFER_ASYNC);
    push(&host, &pair, 0, DPU_XFER_ASYNC);
    ck_assert_ok(dpu_sync(host.set));
    flush(&host, &pair, &seen);
    ck_assert(has_all(&host, &seen, 4));
    unlink_both(&pair);
    host_close(&host);
}
END_TEST

START_TEST(a_full_fifo_is_retried_and_reported_and_nothing_is_lost)
{
    struct host host = host_with(2, TRIPLE);
    struct pair pair = link_both(&host);
    struct seen seen = {{0}};
    uint64_t element = 1;
    struct dpu_fifo_rank_t *fifo = get_rank_fifo(&pair.in, host.rank);
    ck_assert_uint_eq(fifo->max_retries, 1000);
    ck_assert_uint_eq(fifo->time_for_retry, 10);
    dpu_fifo_set_push_max_retries(&pair.in, host.set, 3);
    dpu_fifo_set_time_for_push_retries(&pair.in, host.set, 1);
    for (unsigned n = 1; n <= REQUESTS; n++)
        push(&host, &pair, 10 * n, DPU_XFER_DEFAULT);
    ck_assert_ok(dpu_fifo_prepare_xfer(host.set, &pair.in, &element));
    ck_assert_error(dpu_fifo_push_xfer(host.set, &pair.in, DPU_XFER_DEFAULT),
                    DPU_ERR_WRAM_FIFO_FULL);
    ck_assert(is_fifo_full(fifo, host.dpus[0]));
    ck_assert(!is_fifo_empty(fifo, host.dpus[0]));
    ck_assert_uint_eq(get_fifo_max_size(host.rank, fifo), REQUESTS);
    ck_assert_ok(dpu_launch(host.set, DPU_ASYNCHRONOUS));
    time_t end = time(NULL) + LONGEST_WAIT_S;
    while (!has_all(&host, &seen, REQUESTS)) {
        flush(&host, &pair, &seen);
        ck_assert(time(NULL) < end);
    }
    push(&host, &pair, 0, DPU_XFER_DEFAULT);
    ck_assert_ok(dpu_sync(host.set));
    unlink_both(&pair);
    host_close(&host);
}
END_TEST

START_TEST(a_full_fifo_of_an_asynchronous_push_is_told_by_sync)
{
    struct host host = host_with(1, TRIPLE);
    struct pair pair = link_both(&host);
    uint64_t element = 1;
    dpu_fifo_set_push_max_retries(&pair.in, host.set, 1);
    for (unsigned n = 1; n <= REQUESTS; n++)
        push(&host, &pair, 10 * n, DPU_XFER_DEFAULT);
    ck_assert_ok(dpu_fifo_prepare_xfer(host.set, &pair.in, &element));
    ck_assert_ok(dpu_fifo_push_xfer(host.set, &pair.in, DPU_XFER_ASYNC));
    ck_assert_error(dpu_sync(host.set), DPU_ERR_WRAM_FIFO_FULL);
    ck_assert_ok(dpu_sync(host.set));
    unlink_both(&pair);
    host_close(&host);
}
END_TEST

START_TEST(links_check_what_the_program_holds)
{
    static const struct {
        const char *name;
        dpu_error_t error;
    } rows[] = {{"requests", DPU_OK},
                {"nothing", DPU_ERR_UNKNOWN_SYMBOL},
                {"__requests_data", DPU_ERR_UNKNOWN_SYMBOL},
                {"deep", DPU_ERR_INVALID_WRAM_ACCESS},
                {"odd", DPU_ERR_INVALID_WRAM_ACCESS}};
    struct host host = host_open(2, NULL);
    struct dpu_fifo_link_t link;
    ck_assert_error(dpu_link_input_fifo(host.set, &link, (char[]){"requests"}),
                    DPU_ERR_NO_PROGRAM_LOADED);
    host_load(&host, TRIPLE);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char name[32];
        strcpy(name, rows[i].name);
        dpu_error_t error = dpu_link_output_fifo(host.set, &link, name);
        ck_assert_msg(error == rows[i].error, "%s: %d, wanted %d", name, error, rows[i].error);
        if (!error)
            ck_assert_ok(dpu_fifo_link_free(&link));
    }
    ck_assert_error(dpu_link_input_fifo(host.set, NULL, (char[]){"requests"}), DPU_ERR_INTERNAL);
    ck_assert_error(dpu_link_input_fifo(host.set, &link, NULL), DPU_ERR_UNKNOWN_SYMBOL);
    ck_assert_error(dpu_fifo_push_xfer(host.set, NULL, DPU_XFER_DEFAULT), DPU_ERR_INTERNAL);
    ck_assert_ok(dpu_fifo_link_free(NULL));
    host_close(&host);
}
END_TEST

START_TEST(shadow_pointers_count_on_and_slots_wrap)
{
    struct host host = host_with(2, TRIPLE);
    struct pair pair = link_both(&host);
    struct dpu_fifo_rank_t *fifo = get_rank_fifo(&pair.out, host.rank);
    struct dpu_t *dpu = host.dpus[1]; /* slice 1, member 0 */
    uint8_t data[32];
    fifo->dpu_fifo_pointers[(1 * 8 + 0) * 2] = 6;
    fifo->dpu_fifo_pointers[(1 * 8 + 0) * 2 + 1] = 9;
    ck_assert_uint_eq(get_fifo_abs_rd_ptr(fifo, dpu), 6);
    ck_assert_uint_eq(get_fifo_abs_wr_ptr(fifo, dpu), 9);
    ck_assert_uint_eq(get_fifo_rd_ptr(fifo, dpu), 2);
    ck_assert_uint_eq(get_fifo_wr_ptr(fifo, dpu), 1);
    ck_assert_uint_eq(get_fifo_size(&pair.out, host_dpu(&host, 1)), 3);
    ck_assert_uint_eq(get_fifo_max_size(host.rank, fifo), 3);
    ck_assert_uint_eq(get_fifo_elem_index(&pair.out, host_dpu(&host, 1), 1), 3);
    ck_assert_uint_eq(get_fifo_elem_index(&pair.out, host_dpu(&host, 1), 2), 0);
    ck_assert_ptr_eq(get_fifo_elem(&pair.out, host_dpu(&host, 1), data, 1), data + 24);
    incr_fifo_wr_ptr(fifo);
    ck_assert(is_fifo_full(fifo, dpu));
    ck_assert_uint_eq(get_fifo_abs_wr_ptr(fifo, host.dpus[0]), 1);
    swap_fifo_rd_wr_ptr(fifo);
    ck_assert_uint_eq(get_fifo_abs_rd_ptr(fifo, dpu), 10);
    set_fifo_rd_ptr(fifo, dpu, 5);
    set_fifo_wr_ptr(fifo, dpu, 5);
    ck_assert(is_fifo_empty(fifo, dpu));
    ck_assert(!is_fifo_full(fifo, dpu));
    unlink_both(&pair);
    host_close(&host);
}
END_TEST

START_TEST(fifos_of_a_rank_below_the_level_of_sets)
{
    struct host host = host_with(2, TRIPLE);
    struct pair pair = link_both(&host);
    struct dpu_fifo_rank_t *in = get_rank_fifo(&pair.in, host.rank);
    struct dpu_fifo_rank_t *out = get_rank_fifo(&pair.out, host.rank);
    struct dpu_transfer_matrix matrix = {.type = DPU_DEFAULT_XFER_MATRIX};
    uint64_t twelve = 12, zero = 0, answers[2][ANSWERS];
    dpu_transfer_matrix_set_all(host.rank, &matrix, &twelve);
    ck_assert_ok(dpu_copy_to_wram_fifo(host.rank, in, &matrix));
    dpu_transfer_matrix_set_all(host.rank, &matrix, &zero);
    ck_assert_ok(dpu_copy_to_wram_fifo(host.rank, in, &matrix));
    ck_assert_ok(dpu_launch(host.set, DPU_SYNCHRONOUS));
    for (unsigned i = 0; i < 2; i++)
        dpu_transfer_matrix_add_dpu(host.dpus[i], &matrix, answers[i]);
    ck_assert_ok(dpu_copy_from_wram_fifo(host.rank, out, &matrix));
    ck_assert_uint_eq(get_fifo_max_size(host.rank, out), 1);
    ck_assert_uint_eq(answers[1][0], 36);
    ck_assert_error(dpu_copy_to_wram_fifo(host.rank, NULL, &matrix), DPU_ERR_INTERNAL);
    unlink_both(&pair);
    host_close(&host);
}
END_TEST

/* ---- scatter/gather -------------------------------------------------------------------------- */

#define SG "sgXferEnable=true"
#define MRAM_PROGRAM                                                                               \
    "stop\n.section .mram,\"aw\",@progbits\n.globl array\n.p2align 3\narray: .zero 64\n"           \
    ".size array, 64\n.section .dpu_host,\"aw\",@progbits\n.globl word\nword: .long 0\n"           \
    ".size word, 4\n"

/* Blocks of every DPU: lengths by block number, one after the other in the DPU's row. */
struct blocks {
    uint8_t (*rows)[256];
    const uint32_t *lengths;
    uint32_t count;
};

static bool name_block(struct sg_block_info *out, uint32_t dpu, uint32_t block, void *args)
{
    const struct blocks *blocks = args;
    if (block >= blocks->count)
        return false;
    out->addr = blocks->rows[dpu];
    out->length = blocks->lengths[block];
    for (uint32_t i = 0; i < block; i++)
        out->addr += blocks->lengths[i] + 1; /* a byte of distance */
    return true;
}

static const struct {
    const char *name;
    uint32_t lengths[4], count;
    size_t length;
    int flags;
    dpu_error_t error;
    size_t moved; /* bytes that the blocks give or take */
} cases[] = {
    {"one block", {32}, 1, 32, 0, DPU_OK, 32},
    {"odd blocks", {3, 13, 16}, 3, 32, 0, DPU_OK, 32},
    {"empty blocks are ignored", {0, 32, 0, 0}, 4, 32, 0, DPU_OK, 32},
    {"nothing", {0}, 0, 0, 0, DPU_OK, 0},
    {"too short", {8, 16}, 2, 32, 0, DPU_ERR_SG_LENGTH_MISMATCH, 0},
    {"no block", {0}, 0, 32, 0, DPU_ERR_SG_LENGTH_MISMATCH, 0},
    {"too long", {16, 24}, 2, 32, 0, DPU_ERR_SG_LENGTH_MISMATCH, 0},
    {"block behind the end", {32, 1}, 2, 32, 0, DPU_ERR_SG_LENGTH_MISMATCH, 0},
    {"unchecked and short", {5, 6}, 2, 32, DPU_SG_XFER_DISABLE_LENGTH_CHECK, DPU_OK, 11},
    {"unchecked and long", {30, 40}, 2, 32, DPU_SG_XFER_DISABLE_LENGTH_CHECK, DPU_OK, 32},
    {"unchecked and empty", {0}, 1, 32, DPU_SG_XFER_DISABLE_LENGTH_CHECK, DPU_OK, 0},
    {"length no multiple of 8", {12}, 1, 12, 0, DPU_ERR_INVALID_MRAM_ACCESS, 0},
};

/* What the blocks of a row say one after the other, at most `moved` bytes. */
static void gather(uint8_t *out, const uint8_t *row, const uint32_t *lengths, size_t moved)
{
    for (size_t used = 0, at = 0; used < moved; at += *lengths++ + 1)
        for (uint32_t k = 0; k < *lengths && used < moved; k++)
            out[used++] = row[at + k];
}

enum { SG_DPUS = 12 };

static void fill_rows(uint8_t rows[SG_DPUS][256])
{
    for (unsigned i = 0; i < SG_DPUS; i++)
        for (unsigned k = 0; k < 256; k++)
            rows[i][k] = (uint8_t)(i * 31 + k + 1);
}

static dpu_error_t sg_push(const struct host *host, dpu_xfer_t way, size_t length,
                           struct blocks blocks, int flags)
{
    get_block_t get = {name_block, &blocks, sizeof blocks};
    dpu_error_t error =
        dpu_push_sg_xfer(host->set, way, "array", 8, length, &get, (dpu_sg_xfer_flags_t)flags);
    memset(&blocks, 0xee, sizeof blocks); /* was copied */
    return !error && flags & DPU_SG_XFER_ASYNC ? dpu_sync(host->set) : error;
}

static void sg_both_ways(int row, int extra_flags)
{
    struct host host = host_open(SG_DPUS, SG);
    static uint8_t rows[SG_DPUS][256], back[SG_DPUS][256], wanted[32], got[48];
    struct blocks blocks = {rows, cases[row].lengths, cases[row].count};
    int flags = cases[row].flags | extra_flags;
    host_load(&host, MRAM_PROGRAM);
    fill_rows(rows);
    for (unsigned i = 0; i < SG_DPUS; i++) {
        memset(got, 0xaa, sizeof got);
        ck_assert_ok(dpu_copy_to_mram(host.dpus[i], 0, got, sizeof got));
    }
    dpu_error_t to = sg_push(&host, DPU_XFER_TO_DPU, cases[row].length, blocks, flags);
    ck_assert_msg(to == cases[row].error, "%s: to the DPUs: %d", cases[row].name, to);
    for (unsigned i = 0; i < SG_DPUS; i++) {
        memset(wanted, !cases[row].error && cases[row].moved ? 0 : 0xaa, sizeof wanted);
        gather(wanted, rows[i], cases[row].lengths, cases[row].moved);
        ck_assert_ok(dpu_copy_from_mram(host.dpus[i], got, 0, sizeof got));
        ck_assert_uint_eq(got[7], 0xaa);
        ck_assert_uint_eq(got[40], 0xaa);
        ck_assert_msg(memcmp(got + 8, wanted, 32) == 0, "%s: MRAM differs", cases[row].name);
    }
    blocks.rows = back;
    memset(back, 0xbb, sizeof back);
    dpu_error_t from = sg_push(&host, DPU_XFER_FROM_DPU, cases[row].length, blocks, flags);
    ck_assert_msg(from == cases[row].error, "%s: from the DPUs: %d", cases[row].name, from);
    for (unsigned i = 0; i < SG_DPUS; i++) {
        memset(wanted, 0, sizeof wanted);
        memset(got, 0, sizeof got);
        gather(wanted, rows[i], cases[row].lengths, cases[row].moved);
        gather(got, back[i], cases[row].lengths, cases[row].moved);
        ck_assert_msg(memcmp(got, wanted, 32) == 0, "%s: blocks differ", cases[row].name);
        ck_assert_uint_eq(back[i][255], 0xbb);
    }
    host_close(&host);
}

START_TEST(blocks_go_both_ways)
{
    sg_both_ways(_i, DPU_SG_XFER_DEFAULT);
}
END_TEST

START_TEST(blocks_go_both_ways_in_the_queue)
{
    sg_both_ways(_i, DPU_SG_XFER_ASYNC);
}
END_TEST

static bool always(struct sg_block_info *out, uint32_t dpu, uint32_t block, void *args)
{
    static uint8_t byte[8];
    (void)dpu;
    if (block >= *(uint32_t *)args)
        return false;
    out->addr = byte;
    out->length = block == 0 ? 8 : 0;
    return true;
}

static dpu_error_t push_blocks(const struct host *host, uint32_t count)
{
    get_block_t get = {always, &count, sizeof count};
    return dpu_push_sg_xfer(host->set, DPU_XFER_TO_DPU, "array", 0, 8, &get, DPU_SG_XFER_DEFAULT);
}

START_TEST(the_number_of_blocks_is_limited_by_the_set_or_the_profile)
{
    struct host host = host_open(5, SG);
    host_load(&host, MRAM_PROGRAM);
    ck_assert_ok(push_blocks(&host, 5));
    ck_assert_error(push_blocks(&host, 6), DPU_ERR_SG_TOO_MANY_BLOCKS);
    host_close(&host);
    host = host_open(5, SG ",sgXferMaxBlocksPerDpu=100");
    host_load(&host, MRAM_PROGRAM);
    ck_assert_ok(push_blocks(&host, 100));
    ck_assert_error(push_blocks(&host, 101), DPU_ERR_SG_TOO_MANY_BLOCKS);
    host_close(&host);
}
END_TEST

START_TEST(scatter_gather_is_refused_where_it_means_nothing)
{
    uint32_t one = 1;
    get_block_t get = {always, &one, sizeof one}, no_function = {NULL, &one, sizeof one};
    struct host host = host_open(2, NULL);
    host_load(&host, MRAM_PROGRAM);
    ck_assert_error(push_blocks(&host, 1), DPU_ERR_SG_NOT_ACTIVATED);
    ck_assert_ok(
        dpu_push_sg_xfer(host.set, DPU_XFER_TO_DPU, "array", 0, 8, &get, DPU_SG_XFER_ASYNC));
    ck_assert_error(dpu_sync(host.set), DPU_ERR_SG_NOT_ACTIVATED);
    host_close(&host);
    host = host_open(2, SG);
    struct dpu_symbol_t wide = {ISA_MRAM_BASE, 8};
#define REFUSED(error, set, way, name, offset, length, get, flags)                                 \
    ck_assert_error(dpu_push_sg_xfer(set, (dpu_xfer_t)(way), name, offset, length, get,            \
                                     (dpu_sg_xfer_flags_t)(flags)),                                \
                    DPU_ERR_##error)
    REFUSED(NO_PROGRAM_LOADED, host.set, 0, "array", 0, 8, &get, 0);
    host_load(&host, MRAM_PROGRAM);
    REFUSED(UNKNOWN_SYMBOL, host.set, 0, "arry", 0, 8, &get, 0);
    REFUSED(SG_NOT_MRAM_SYMBOL, host.set, 0, "word", 0, 8, &get, 0);
    REFUSED(INTERNAL, host_dpu(&host, 0), 0, "array", 0, 8, &get, 0);
    REFUSED(INTERNAL, host.set, 0, "array", 0, 8, NULL, 0);
    REFUSED(INTERNAL, host.set, 0, "array", 0, 8, &no_function, 0);
    REFUSED(INVALID_MEMORY_TRANSFER, host.set, 2, "array", 0, 8, &get, 0);
    REFUSED(INVALID_MEMORY_TRANSFER, host.set, 0, "array", 0, 8, &get, 1);
    REFUSED(INVALID_MRAM_ACCESS, host.set, 0, "array", 4, 8, &get, 0);
    REFUSED(INVALID_MRAM_ACCESS, host.set, 0, "array", ISA_MRAM_BYTES, 8, &get, 0);
    ck_assert_ok(dpu_push_sg_xfer_symbol(host.set, DPU_XFER_TO_DPU, wide, 4096, 8, &get,
                                         DPU_SG_XFER_DEFAULT)); /* no bound but that of MRAM */
    host_close(&host);
}
END_TEST

/* Marks the DPUs that are asked for; the index counts in the allocated set. */
struct asked {
    pthread_mutex_t lock;
    unsigned times[130];
};

static bool ask(struct sg_block_info *out, uint32_t dpu, uint32_t block, void *args)
{
    struct asked *asked = *(struct asked **)args;
    (void)out;
    (void)block;
    pthread_mutex_lock(&asked->lock);
    asked->times[dpu]++;
    pthread_mutex_unlock(&asked->lock);
    return false;
}

START_TEST(blocks_are_numbered_by_the_allocated_set)
{
    struct host host = host_open(130, SG);
    static struct asked asked = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct asked *where = &asked;
    get_block_t get = {ask, &where, sizeof where};
    struct dpu_set_t rank;
    uint32_t r, first = 0, end = 0;
    host_load(&host, MRAM_PROGRAM);
    memset(asked.times, 0, sizeof asked.times);
    DPU_RANK_FOREACH (host.set, rank, r) {
        uint32_t nr_dpus;
        ck_assert_ok(dpu_get_nr_dpus(rank, &nr_dpus));
        first = r <= 1 ? end : first;
        end = r <= 1 ? end + nr_dpus : end;
        if (r != 1)
            continue;
        ck_assert_ok(dpu_push_sg_xfer(rank, DPU_XFER_TO_DPU, "array", 0, 8, &get,
                                      DPU_SG_XFER_DISABLE_LENGTH_CHECK));
    }
    for (unsigned i = 0; i < 130; i++)
        ck_assert_uint_eq(asked.times[i], i >= first && i < end);
    ck_assert_ok(dpu_push_sg_xfer(host.set, DPU_XFER_FROM_DPU, "array", 0, 8, &get,
                                  DPU_SG_XFER_DISABLE_LENGTH_CHECK));
    for (unsigned i = 0; i < 130; i++)
        ck_assert_uint_eq(asked.times[i], 1 + (i >= first && i < end));
    host_close(&host);
}
END_TEST

START_TEST(a_flipped_bit_reaches_scattered_blocks)
{
    struct host host =
        host_open(1, SG ",sgXferMaxBlocksPerDpu=8,simInject=flip:dpu=0/bit=33/nth=2");
    static uint8_t rows[1][256], back[1][256];
    static const uint32_t lengths[2] = {3, 13};
    host_load(&host, MRAM_PROGRAM);
    memset(rows, 0x10, sizeof rows);
    ck_assert_ok(sg_push(&host, DPU_XFER_TO_DPU, 16, (struct blocks){rows, lengths, 2}, 0));
    ck_assert_ok(sg_push(&host, DPU_XFER_FROM_DPU, 16, (struct blocks){back, lengths, 2}, 0));
    uint8_t got[16];
    gather(got, back[0], lengths, 16);
    for (unsigned i = 0; i < 16; i++)
        ck_assert_uint_eq(got[i], i == 4 ? 0x12 : 0x10);
    host_close(&host);
}
END_TEST

int main(void)
{
    be_quiet();
    const int n_cases = sizeof cases / sizeof *cases;
    Suite *suite = suite_create("driver.fifo");
    TCase *tc = tcase_create("fifo");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, elements_pass_through_running_dpus_in_order);
    tcase_add_test(tc, pushes_of_the_queue_do_not_wait_for_the_run);
    tcase_add_test(tc, a_full_fifo_is_retried_and_reported_and_nothing_is_lost);
    tcase_add_test(tc, a_full_fifo_of_an_asynchronous_push_is_told_by_sync);
    tcase_add_test(tc, links_check_what_the_program_holds);
    tcase_add_test(tc, shadow_pointers_count_on_and_slots_wrap);
    tcase_add_test(tc, fifos_of_a_rank_below_the_level_of_sets);
    suite_add_tcase(suite, tc);
    tc = tcase_create("scatter_gather");
    tcase_add_loop_test(tc, blocks_go_both_ways, 0, n_cases);
    tcase_add_loop_test(tc, blocks_go_both_ways_in_the_queue, 0, n_cases);
    tcase_add_test(tc, the_number_of_blocks_is_limited_by_the_set_or_the_profile);
    tcase_add_test(tc, scatter_gather_is_refused_where_it_means_nothing);
    tcase_add_test(tc, blocks_are_numbered_by_the_allocated_set);
    tcase_add_test(tc, a_flipped_bit_reaches_scattered_blocks);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
