/* SPDX-License-Identifier: MIT */
/* Transfers: every function and flag, what arrives where, the checks in their order, and every way
 * to be refused. */
#include <check.h>
#include <pthread.h>

#include "host_help.h"

enum { MRAM_BYTES = 64 << 20, BLOCK_BYTES = 4096 };

static void fill(void *data, size_t len_bytes, uint32_t seed)
{
    uint8_t *bytes = data;
    for (size_t i = 0; i < len_bytes; i++) {
        seed = seed * 1664525u + 1013904223u;
        bytes[i] = (uint8_t)(seed >> 24);
    }
}

/* ---- copy and broadcast ---------------------------------------------------------------------- */

START_TEST(copy_reaches_one_dpu_or_all)
{
    struct dpu_set_t set = alloc_kernel(66, NULL), dpu;
    uint32_t i;
    put(set, "tag", 7);
    put(dpu_number(set, 65), "tag", 9);
    DPU_FOREACH (set, dpu, i)
        ck_assert_uint_eq(take(dpu, "tag"), i == 65 ? 9 : 7);
    put(rank_number(set, 1), "tag", 11);
    DPU_FOREACH (set, dpu, i)
        ck_assert_uint_eq(take(dpu, "tag"), i >= 64 ? 11 : 7);
    OK(dpu_free(set));
}
END_TEST

START_TEST(broadcast_reaches_every_dpu)
{
    static uint8_t sent[BLOCK_BYTES], got[BLOCK_BYTES];
    dpu_xfer_flags_t flags = _i ? DPU_XFER_ASYNC : DPU_XFER_DEFAULT;
    struct dpu_set_t set = alloc_kernel(65, NULL), dpu;
    fill(sent, sizeof sent, 3);
    OK(dpu_broadcast_to(set, "block", 0, sent, sizeof sent, flags));
    OK(dpu_broadcast_to(set, "bytes", 8, sent, 16, flags));
    OK(dpu_sync(set));
    DPU_FOREACH (set, dpu) {
        OK(dpu_copy_from(dpu, "block", 0, got, sizeof got));
        ck_assert_mem_eq(got, sent, sizeof sent);
        OK(dpu_copy_from(dpu, "bytes", 0, got, 32));
        ck_assert_mem_eq(got + 8, sent, 16);
        ck_assert(got[7] == 0 && got[24] == 0);
    }
    OK(dpu_free(set));
}
END_TEST

START_TEST(handle_of_a_symbol_does_what_its_name_does)
{
    struct dpu_set_t set = alloc_set(2, NULL), dpu = dpu_number(set, 1);
    struct dpu_program_t *program = load_text(set, kernel);
    struct dpu_symbol_t symbol, part;
    uint32_t words[2] = {5, 6}, got[2];
    OK(dpu_get_symbol(program, "bytes", &symbol));
    ck_assert_uint_eq(symbol.size, 64);
    OK(dpu_copy_to_symbol(dpu, symbol, 8, words, 8));
    OK(dpu_copy_from(dpu, "bytes", 8, got, 8));
    ck_assert_mem_eq(got, words, 8);
    words[0] = 77;
    OK(dpu_broadcast_to_symbol(set, symbol, 0, words, 4, DPU_XFER_DEFAULT));
    OK(dpu_copy_from_symbol(dpu, symbol, 0, got, 4));
    ck_assert_uint_eq(got[0], 77);
    part = (struct dpu_symbol_t){symbol.address + 4, 4}; /* made by hand */
    OK(dpu_prepare_xfer(dpu, words));
    OK(dpu_push_xfer_symbol(set, DPU_XFER_TO_DPU, part, 0, 4, DPU_XFER_DEFAULT));
    OK(dpu_copy_from_symbol(dpu, part, 0, got, 4));
    ck_assert_uint_eq(got[0], 77);
    OK(dpu_free(set));
}
END_TEST

START_TEST(heap_reaches_to_the_end_of_mram)
{
    struct dpu_set_t set = alloc_set(1, NULL), dpu = dpu_number(set, 0);
    struct dpu_program_t *program = load_text(set, kernel);
    struct dpu_symbol_t heap;
    uint64_t last = 0x1122334455667788, got = 0;
    OK(dpu_get_symbol(program, DPU_MRAM_HEAP_POINTER_NAME, &heap));
    ck_assert_uint_eq(heap.size, MRAM_BYTES - BLOCK_BYTES);
    ck_assert_uint_eq(heap.address, 0x08000000 + BLOCK_BYTES);
    OK(dpu_copy_to(dpu, DPU_MRAM_HEAP_POINTER_NAME, heap.size - 8, &last, 8));
    OK(dpu_copy_from(dpu, DPU_MRAM_HEAP_POINTER_NAME, heap.size - 8, &got, 8));
    ck_assert_uint_eq(got, last);
    REFUSED(dpu_copy_from(dpu, DPU_MRAM_HEAP_POINTER_NAME, heap.size - 8, &got, 16),
            DPU_ERR_INVALID_SYMBOL_ACCESS, "but the symbol has");
    OK(dpu_free(set));
}
END_TEST

START_TEST(host_memory_needs_no_alignment)
{
    static uint8_t room[BLOCK_BYTES + 8], got[BLOCK_BYTES + 8];
    struct dpu_set_t set = alloc_kernel(1, NULL), dpu = dpu_number(set, 0);
    fill(room, sizeof room, 1);
    for (unsigned shift = 0; shift < 8; shift++) {
        OK(dpu_copy_to(dpu, "block", 0, room + shift, BLOCK_BYTES));
        OK(dpu_copy_from(dpu, "block", 0, got + 7 - shift, BLOCK_BYTES));
        ck_assert_mem_eq(got + 7 - shift, room + shift, BLOCK_BYTES);
        OK(dpu_copy_to(dpu, "bytes", 0, room + shift, 64));
        OK(dpu_copy_from(dpu, "bytes", 0, got + 7 - shift, 64));
        ck_assert_mem_eq(got + 7 - shift, room + shift, 64);
    }
    OK(dpu_free(set));
}
END_TEST

/* The first instruction of the kernel becomes a `stop`, then what it was. */
START_TEST(code_can_be_read_and_replaced)
{
    static const char text[] = ".text\n.globl __bootstrap\n.type __bootstrap,@function\n"
                               "__bootstrap: stop true, __bootstrap\n.size __bootstrap, 8\n";
    struct dpu_set_t set = alloc_set(2, NULL), dpu = dpu_number(set, 0);
    uint64_t stop, first;
    load_text(set, text);
    OK(dpu_copy_from(dpu, "__bootstrap", 0, &stop, 8));
    load_text(set, kernel);
    OK(dpu_copy_from(dpu, "__bootstrap", 0, &first, 8));
    ck_assert_uint_ne(first, stop);
    OK(dpu_copy_to(dpu, "__bootstrap", 0, &stop, 8));
    launch(set, CMD_STOP);
    ck_assert_uint_eq(take(dpu, "launches"), 0);
    ck_assert_uint_eq(take(dpu_number(set, 1), "launches"), 1);
    OK(dpu_broadcast_to(set, "__bootstrap", 0, &first, 8, DPU_XFER_DEFAULT));
    launch(set, CMD_STOP);
    ck_assert_uint_eq(take(dpu, "launches"), 1);
    OK(dpu_free(set));
}
END_TEST

START_TEST(nothing_is_moved_with_length_0)
{
    struct dpu_set_t set = alloc_kernel(1, NULL), dpu = dpu_number(set, 0);
    uint32_t word = 5;
    OK(dpu_copy_to(set, "tag", 0, NULL, 0));
    OK(dpu_copy_to(set, "tag", 4, &word, 0));
    OK(dpu_copy_from(dpu, "block", BLOCK_BYTES, NULL, 0));
    OK(dpu_prepare_xfer(dpu, &word));
    OK(dpu_push_xfer(set, DPU_XFER_FROM_DPU, "tag", 0, 0, DPU_XFER_DEFAULT));
    ck_assert_uint_eq(word, 5);
    ck_assert_uint_eq(take(dpu, "tag"), 0);
    OK(dpu_free(set));
}
END_TEST

START_TEST(memories_survive_launches_and_loads)
{
    struct dpu_set_t set = alloc_kernel(1, NULL), dpu = dpu_number(set, 0);
    uint64_t sent = 0xabcdef, got = 0;
    OK(dpu_copy_to(dpu, "block", 8, &sent, 8));
    launch(set, CMD_STOP);
    put(dpu, "tag", 55);
    load_text(set, kernel);
    OK(dpu_copy_from(dpu, "block", 8, &got, 8));
    ck_assert_uint_eq(got, sent);
    ck_assert_uint_eq(take(dpu, "tag"), 0); /* part of the program's data */
    OK(dpu_free(set));
}
END_TEST

/* ---- prepare and push ------------------------------------------------------------------------ */

enum { DPUS = 70, WORDS = 16 };

static uint32_t host[DPUS][WORDS];

static struct dpu_set_t set_with_own_words(void)
{
    struct dpu_set_t set = alloc_kernel(DPUS, NULL), dpu;
    uint32_t i;
    for (i = 0; i < DPUS; i++)
        for (uint32_t w = 0; w < WORDS; w++)
            host[i][w] = i * 1000 + w;
    DPU_FOREACH (set, dpu, i)
        OK(dpu_prepare_xfer(dpu, host[i]));
    OK(dpu_push_xfer(set, DPU_XFER_TO_DPU, "bytes", 0, sizeof host[0], DPU_XFER_DEFAULT));
    memset(host, 0xee, sizeof host);
    return set;
}

START_TEST(push_moves_each_dpus_own_buffer)
{
    struct dpu_set_t set = set_with_own_words(), dpu;
    uint32_t i;
    DPU_FOREACH (set, dpu, i)
        OK(dpu_prepare_xfer(dpu, host[i]));
    OK(dpu_push_xfer(set, DPU_XFER_FROM_DPU, "bytes", 8, 32, DPU_XFER_DEFAULT));
    for (i = 0; i < DPUS; i++) {
        for (uint32_t w = 0; w < 8; w++)
            ck_assert_uint_eq(host[i][w], i * 1000 + w + 2);
        ck_assert_uint_eq(host[i][8], 0xeeeeeeee);
    }
    OK(dpu_free(set));
}
END_TEST

START_TEST(push_without_buffers_moves_nothing)
{
    struct dpu_set_t set = set_with_own_words(), dpu;
    uint32_t i;
    OK(dpu_push_xfer(set, DPU_XFER_FROM_DPU, "bytes", 0, 64, DPU_XFER_DEFAULT));
    DPU_FOREACH (set, dpu, i)
        OK(dpu_prepare_xfer(dpu, host[i]));
    OK(dpu_prepare_xfer(set, NULL));
    OK(dpu_push_xfer(set, DPU_XFER_FROM_DPU, "bytes", 0, 64, DPU_XFER_DEFAULT));
    ck_assert_uint_eq(host[0][0], 0xeeeeeeee);
    OK(dpu_free(set));
}
END_TEST

START_TEST(dpus_without_buffer_are_skipped)
{
    struct dpu_set_t set = set_with_own_words(), dpu;
    uint32_t i;
    DPU_FOREACH (set, dpu, i)
        OK(dpu_prepare_xfer(dpu, i % 3 ? host[i] : NULL));
    OK(dpu_push_xfer(set, DPU_XFER_FROM_DPU, "bytes", 0, 64, DPU_XFER_DEFAULT));
    for (i = 0; i < DPUS; i++)
        ck_assert_uint_eq(host[i][0], i % 3 ? i * 1000 : 0xeeeeeeee);
    OK(dpu_free(set));
}
END_TEST

START_TEST(second_prepare_replaces_the_first)
{
    struct dpu_set_t set = set_with_own_words(), dpu = dpu_number(set, 1);
    OK(dpu_prepare_xfer(dpu, host[0]));
    OK(dpu_prepare_xfer(dpu, host[1]));
    OK(dpu_push_xfer(set, DPU_XFER_FROM_DPU, "bytes", 0, 64, DPU_XFER_DEFAULT));
    ck_assert_uint_eq(host[0][0], 0xeeeeeeee);
    ck_assert_uint_eq(host[1][0], 1000);
    OK(dpu_free(set));
}
END_TEST

START_TEST(buffers_are_forgotten_unless_they_shall_be_kept)
{
    static const struct {
        int flags;
        bool kept;
    } rows[] = {
        {DPU_XFER_DEFAULT, false},  {DPU_XFER_NO_RESET, true},
        {DPU_XFER_ASYNC, false},    {DPU_XFER_ASYNC | DPU_XFER_NO_RESET, true},
        {DPU_XFER_PARALLEL, false}, {DPU_XFER_PARALLEL | DPU_XFER_NO_RESET | DPU_XFER_ASYNC, true}};
    struct dpu_set_t set = set_with_own_words();
    OK(dpu_prepare_xfer(dpu_number(set, 1), host[1]));
    OK(dpu_push_xfer(set, DPU_XFER_FROM_DPU, "bytes", 0, 64, (dpu_xfer_flags_t)rows[_i].flags));
    OK(dpu_sync(set));
    ck_assert_uint_eq(host[1][0], 1000);
    host[1][0] = 5;
    OK(dpu_push_xfer(set, DPU_XFER_FROM_DPU, "bytes", 0, 64, DPU_XFER_DEFAULT));
    ck_assert_uint_eq(host[1][0], rows[_i].kept ? 1000 : 5);
    OK(dpu_free(set));
}
END_TEST

/* A call that its arguments end early keeps them, one that fails in its turn does not. */
START_TEST(refused_push_keeps_the_buffers)
{
    struct dpu_set_t set = set_with_own_words();
    OK(dpu_prepare_xfer(dpu_number(set, 1), host[1]));
    FAILS(dpu_push_xfer(set, DPU_XFER_FROM_DPU, "bytes", 0, 68, DPU_XFER_DEFAULT),
          DPU_ERR_INVALID_SYMBOL_ACCESS);
    OK(dpu_push_xfer(set, DPU_XFER_FROM_DPU, "bytes", 0, 64, DPU_XFER_DEFAULT));
    ck_assert_uint_eq(host[1][0], 1000);
    OK(dpu_prepare_xfer(dpu_number(set, 1), host[1]));
    FAILS(dpu_push_xfer(set, DPU_XFER_FROM_DPU, "block", 4, 8, DPU_XFER_DEFAULT),
          DPU_ERR_INVALID_MRAM_ACCESS);
    host[1][0] = 5;
    OK(dpu_push_xfer(set, DPU_XFER_FROM_DPU, "bytes", 0, 64, DPU_XFER_DEFAULT));
    ck_assert_uint_eq(host[1][0], 5);
    OK(dpu_free(set));
}
END_TEST

START_TEST(push_of_a_part_moves_that_part)
{
    struct dpu_set_t set = set_with_own_words(), dpu;
    uint32_t i;
    DPU_FOREACH (set, dpu, i)
        OK(dpu_prepare_xfer(dpu, host[i]));
    OK(dpu_push_xfer(rank_number(set, 1), DPU_XFER_FROM_DPU, "bytes", 0, 64, DPU_XFER_DEFAULT));
    OK(dpu_push_xfer(dpu_number(set, 2), DPU_XFER_FROM_DPU, "bytes", 0, 64, DPU_XFER_PARALLEL));
    for (i = 0; i < DPUS; i++)
        ck_assert_uint_eq(host[i][0], i >= 64 || i == 2 ? i * 1000 : 0xeeeeeeee);
    /* The rest is still prepared. */
    memset(host, 0xee, sizeof host);
    OK(dpu_push_xfer(set, DPU_XFER_FROM_DPU, "bytes", 0, 64, DPU_XFER_DEFAULT));
    for (i = 0; i < DPUS; i++)
        ck_assert_uint_eq(host[i][0], i >= 64 || i == 2 ? 0xeeeeeeee : i * 1000);
    OK(dpu_free(set));
}
END_TEST

START_TEST(one_buffer_for_all_is_legal)
{
    struct dpu_set_t set = set_with_own_words(), dpu;
    uint32_t words[WORDS], got;
    for (uint32_t w = 0; w < WORDS; w++)
        words[w] = w + 3;
    OK(dpu_prepare_xfer(set, words));
    OK(dpu_push_xfer(set, DPU_XFER_TO_DPU, "bytes", 0, 64, DPU_XFER_DEFAULT));
    DPU_FOREACH (set, dpu) {
        OK(dpu_copy_from(dpu, "bytes", 60, &got, 4));
        ck_assert_uint_eq(got, 18);
    }
    OK(dpu_free(set));
}
END_TEST

START_TEST(one_buffer_to_read_several_into_is_told_by_checkers)
{
    static const char said[] = "are read into the same host memory, 64 bytes each";
    struct dpu_set_t set = set_with_own_words(), dpu;
    uint32_t words[2 * WORDS], each;
    for (unsigned checks = 0; checks < 2; checks++) {
        OK(dpusim_check(set, checks ? "memory" : "none"));
        DPU_FOREACH (set, dpu, each) {
            OK(dpu_prepare_xfer(dpu, words + each % 2 * 4)); /* they overlap */
        }
        OK(dpu_push_xfer(set, DPU_XFER_FROM_DPU, "bytes", 0, 64, DPU_XFER_DEFAULT));
        const char *message = dpusim_last_message();
        ck_assert_msg((strstr(message, said) != NULL) == (checks != 0), "%s", message);
    }
    OK(dpu_free(set));
}
END_TEST

START_TEST(queued_pushes_have_the_buffers_of_their_call)
{
    enum { ROUNDS = 10 };
    static uint32_t in[ROUNDS], out[ROUNDS];
    struct dpu_set_t set = alloc_kernel(1, NULL), dpu = dpu_number(set, 0);
    put(set, "cmd", CMD_APPEND);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        in[i] = i + 100;
        OK(dpu_prepare_xfer(dpu, &in[i]));
        OK(dpu_push_xfer(set, DPU_XFER_TO_DPU, "tag", 0, 4, DPU_XFER_ASYNC));
        OK(dpu_launch(set, DPU_ASYNCHRONOUS));
        OK(dpu_prepare_xfer(dpu, &out[i]));
        OK(dpu_push_xfer(set, DPU_XFER_FROM_DPU, "count", 0, 4, DPU_XFER_ASYNC));
    }
    OK(dpu_sync(set));
    for (uint32_t i = 0; i < ROUNDS; i++) {
        uint32_t got;
        ck_assert_uint_eq(out[i], i + 1);
        OK(dpu_copy_from(dpu, "order", i * 4, &got, 4));
        ck_assert_uint_eq(got, i + 100);
    }
    OK(dpu_free(set));
}
END_TEST

START_TEST(megabytes_arrive_on_every_dpu)
{
    enum { MIB = 1 << 20, MANY = 64 };
    struct dpu_set_t set = alloc_kernel(MANY, NULL), dpu;
    uint8_t *sent = malloc((size_t)MANY * MIB), *got = calloc(MANY, MIB);
    uint32_t i;
    fill(sent, (size_t)MANY * MIB, 77);
    DPU_FOREACH (set, dpu, i)
        OK(dpu_prepare_xfer(dpu, sent + (size_t)i * MIB));
    OK(dpu_push_xfer(set, DPU_XFER_TO_DPU, DPU_MRAM_HEAP_POINTER_NAME, 16, MIB, DPU_XFER_DEFAULT));
    DPU_FOREACH (set, dpu, i)
        OK(dpu_prepare_xfer(dpu, got + (size_t)i * MIB));
    OK(dpu_push_xfer(set, DPU_XFER_FROM_DPU, DPU_MRAM_HEAP_POINTER_NAME, 16, MIB,
                     _i ? DPU_XFER_ASYNC : DPU_XFER_DEFAULT));
    OK(dpu_sync(set));
    ck_assert(memcmp(sent, got, (size_t)MANY * MIB) == 0);
    free(sent);
    free(got);
    OK(dpu_free(set));
}
END_TEST

/* ---- while DPUs run -------------------------------------------------------------------------- */

static void push_parallel(struct dpu_set_t set, dpu_xfer_t direction, const char *name,
                          uint32_t *words, dpu_xfer_flags_t flags)
{
    struct dpu_set_t dpu;
    uint32_t i;
    DPU_FOREACH (set, dpu, i)
        OK(dpu_prepare_xfer(dpu, &words[i]));
    OK(dpu_push_xfer(set, direction, name, 0, 4, (dpu_xfer_flags_t)(flags | DPU_XFER_PARALLEL)));
}

static void push_and_pull_while_running(dpu_xfer_flags_t flags)
{
    struct dpu_set_t set = alloc_kernel(10, NULL);
    uint32_t launches[10] = {0}, go[10];
    bool done = true;
    memset(go, 1, sizeof go);
    launch_async(set, CMD_SPIN);
    for (int i = 0; i < 10; i++)
        WAIT_UNTIL((push_parallel(set, DPU_XFER_FROM_DPU, "launches", launches, DPU_XFER_DEFAULT),
                    launches[i] == 1));
    OK(dpu_status(set, &done, NULL));
    ck_assert(!done);
    push_parallel(set, DPU_XFER_TO_DPU, "go", go, flags);
    OK(dpu_sync(set));
    OK(dpu_status(set, &done, NULL));
    ck_assert(done);
    OK(dpu_free(set));
}

START_TEST(parallel_pushes_reach_running_dpus)
{
    push_and_pull_while_running(_i ? DPU_XFER_ASYNC : DPU_XFER_DEFAULT);
}
END_TEST

START_TEST(parallel_broadcast_reaches_running_dpus)
{
    struct dpu_set_t set = alloc_kernel(65, NULL);
    uint32_t go = 1;
    launch_async(set, CMD_SPIN);
    OK(dpu_broadcast_to(set, "go", 0, &go, 4, DPU_XFER_PARALLEL));
    OK(dpu_sync(set));
    ck_assert_uint_eq(take(dpu_number(set, 64), "launches"), 1);
    OK(dpu_free(set));
}
END_TEST

/* No overtaking and no collision: the copy waits until the run has ended. */
START_TEST(ordinary_transfer_waits_for_the_end_of_the_run)
{
    struct dpu_set_t set = alloc_kernel(3, NULL);
    put(set, "work", 2000000);
    launch_async(set, CMD_WORK);
    ck_assert_uint_eq(take(dpu_number(set, 2), "launches"), 1);
    bool done = false;
    OK(dpu_status(set, &done, NULL));
    ck_assert(done); /* its whole rank has ended */
    OK(dpu_free(set));
}
END_TEST

/* ---- refusals -------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    uint32_t offset;
    size_t length;
    dpu_error_t error;
    const char *sentence;
} refusals[] = {
    {"byte", 0, 4, DPU_ERR_UNKNOWN_SYMBOL, "no symbol \"byte\"; did you mean \"bytes\"?"},
    {"something_else_entirely", 0, 4, DPU_ERR_UNKNOWN_SYMBOL, "no symbol \"something_else"},
    {NULL, 0, 4, DPU_ERR_UNKNOWN_SYMBOL, "the name of the symbol is NULL"},
    {"", 0, 4, DPU_ERR_UNKNOWN_SYMBOL, "the name of the symbol is empty"},
    {"hidden", 0, 4, DPU_ERR_UNKNOWN_SYMBOL, "not visible to the host; declare it __host"},
    {"NR_TASKLETS", 0, 4, DPU_ERR_UNKNOWN_SYMBOL, "number fixed at link time (1), no memory"},
    {"bytes", 0, 68, DPU_ERR_INVALID_SYMBOL_ACCESS,
     "offset 0 + length 68 = 68 bytes, but the symbol has 64"},
    {"bytes", 60, 8, DPU_ERR_INVALID_SYMBOL_ACCESS,
     "offset 60 + length 8 = 68 bytes, but the symbol has 64"},
    {"bytes", 68, 0, DPU_ERR_INVALID_SYMBOL_ACCESS, "offset 68 + length 0"},
    {"bytes", 0xfffffffc, 8, DPU_ERR_INVALID_SYMBOL_ACCESS, "offset 4294967292 + length 8"},
    {"bytes", 4, SIZE_MAX - 3, DPU_ERR_INVALID_SYMBOL_ACCESS, "but the symbol has 64"},
    {"bytes", 0, SIZE_MAX, DPU_ERR_INVALID_SYMBOL_ACCESS, "but the symbol has 64"},
    {"bytes", 0, (UINT64_C(1) << 32) + 4, DPU_ERR_INVALID_SYMBOL_ACCESS, "4294967300 bytes"},
    {"block", 0, BLOCK_BYTES + 8, DPU_ERR_INVALID_SYMBOL_ACCESS, "but the symbol has 4096"},
    {"block", 4, 8, DPU_ERR_INVALID_MRAM_ACCESS,
     "offset 0x4 in MRAM is no multiple of 8; nearest below: 0x0"},
    {"block", 0, 12, DPU_ERR_INVALID_MRAM_ACCESS,
     "length 12 in MRAM is no multiple of 8; nearest: 8 or 16"},
    {"bytes", 2, 4, DPU_ERR_INVALID_WRAM_ACCESS, "in WRAM is no multiple of 4"},
    {"bytes", 0, 6, DPU_ERR_INVALID_WRAM_ACCESS,
     "length 6 in WRAM is no multiple of 4; nearest: 4 or 8"},
    {"__bootstrap", 4, 8, DPU_ERR_INVALID_IRAM_ACCESS, "offset 0x4 in IRAM is no multiple of 8"},
    {"__bootstrap", 0, 12, DPU_ERR_INVALID_IRAM_ACCESS, "length 12 in IRAM is no multiple of 8"},
};

/* All five ways to move bytes by name. */
START_TEST(transfer_is_refused_with_the_reason)
{
    static uint8_t room[2 * BLOCK_BYTES];
    const char *name = refusals[_i].name;
    uint32_t offset = refusals[_i].offset;
    size_t length = refusals[_i].length;
    dpu_error_t wanted = refusals[_i].error;
    struct dpu_set_t set = alloc_kernel(2, NULL), dpu = dpu_number(set, 1);
    memset(room, 0x77, sizeof room);
    REFUSED(dpu_copy_to(dpu, name, offset, room, length), wanted, refusals[_i].sentence);
    REFUSED(dpu_copy_to(set, name, offset, room, length), wanted, refusals[_i].sentence);
    REFUSED(dpu_copy_from(dpu, name, offset, room, length), wanted, refusals[_i].sentence);
    REFUSED(dpu_broadcast_to(set, name, offset, room, length, DPU_XFER_DEFAULT), wanted,
            refusals[_i].sentence);
    OK(dpu_prepare_xfer(set, room));
    for (int direction = DPU_XFER_TO_DPU; direction <= DPU_XFER_FROM_DPU; direction++)
        REFUSED(dpu_push_xfer(set, (dpu_xfer_t)direction, name, offset, length, DPU_XFER_NO_RESET),
                wanted, refusals[_i].sentence);
    for (size_t i = 0; i < sizeof room; i++)
        ck_assert_uint_eq(room[i], 0x77);
    uint64_t eight[8];
    OK(dpu_copy_from(dpu, "bytes", 0, eight, 64));
    for (int i = 0; i < 8; i++)
        ck_assert_uint_eq(eight[i], 0);
    launch(set, CMD_STOP);
    OK(dpu_free(set));
}
END_TEST

START_TEST(symbol_made_by_hand_is_checked_against_the_memory)
{
    static const struct {
        uint32_t address, size;
        uint32_t offset;
        size_t length;
        dpu_error_t error;
        const char *sentence;
    } rows[] = {
        {0x10000, 8, 0, 8, DPU_ERR_INVALID_WRAM_ACCESS,
         "offset 0x10000 + length 8 passes the end of WRAM (65536 bytes)"},
        {0xfffc, 8, 0, 8, DPU_ERR_INVALID_WRAM_ACCESS, "passes the end of WRAM"},
        {0x12345678, 64, 0, 8, DPU_ERR_INVALID_WRAM_ACCESS, "offset 0x12345678"},
        {0x0bfffff8, 64, 0, 16, DPU_ERR_INVALID_MRAM_ACCESS,
         "offset 0x3fffff8 + length 16 passes the end of MRAM (67108864 bytes)"},
        {0x0c000000, 64, 0, 8, DPU_ERR_INVALID_MRAM_ACCESS, "passes the end of MRAM"},
        {0x08000000, UINT32_MAX, 0, 0xfffffff8, DPU_ERR_INVALID_MRAM_ACCESS, "length 4294967288"},
        {0x80008000, 64, 0, 8, DPU_ERR_INVALID_IRAM_ACCESS,
         "offset 0x8000 + length 8 passes the end of IRAM (32768 bytes)"},
        {0xf0000000, 64, 0, 8, DPU_ERR_INVALID_IRAM_ACCESS, "offset 0x70000000"},
        {0xffffffff, 64, 0, 8, DPU_ERR_INVALID_IRAM_ACCESS, "no multiple of 8"},
        {0x08000004, 64, 0, 8, DPU_ERR_INVALID_MRAM_ACCESS, "no multiple of 8"},
    };
    uint8_t room[64] = {0};
    struct dpu_symbol_t symbol = {rows[_i].address, rows[_i].size};
    struct dpu_set_t set = alloc_kernel(1, NULL), dpu = dpu_number(set, 0);
    uint32_t offset = rows[_i].offset;
    size_t length = rows[_i].length;
    REFUSED(dpu_copy_to_symbol(set, symbol, offset, room, length), rows[_i].error,
            rows[_i].sentence);
    REFUSED(dpu_copy_from_symbol(dpu, symbol, offset, room, length), rows[_i].error,
            rows[_i].sentence);
    REFUSED(dpu_broadcast_to_symbol(set, symbol, offset, room, length, DPU_XFER_DEFAULT),
            rows[_i].error, rows[_i].sentence);
    REFUSED(dpu_push_xfer_symbol(set, DPU_XFER_FROM_DPU, symbol, offset, length, DPU_XFER_DEFAULT),
            rows[_i].error, rows[_i].sentence);
    OK(dpu_free(set));
}
END_TEST
enum { HAND_MADE = 10 };

/* Each row breaks a rule and all that are checked behind it. */
START_TEST(rules_are_checked_in_their_order)
{
    enum { UNALIGNED = 2, PARALLEL = DPU_XFER_PARALLEL };
    static const struct {
        bool ranks, disabled;
        uint32_t address, offset;
        size_t length;
        int direction, flags;
        dpu_error_t error;
    } rows[] = {
        {false, true, 0x80000004, UNALIGNED, 99, 7, PARALLEL, DPU_ERR_DPU_DISABLED},
        {true, false, 0x80000004, UNALIGNED, 99, 7, PARALLEL, DPU_ERR_INVALID_SYMBOL_ACCESS},
        {true, false, 0x80000004, UNALIGNED, 8, 7, PARALLEL, DPU_ERR_INVALID_IRAM_ACCESS},
        {true, false, 0x80000000, 0, 12, 7, PARALLEL, DPU_ERR_INVALID_IRAM_ACCESS},
        {true, false, 0x00000001, 0, 8, 7, PARALLEL, DPU_ERR_INVALID_WRAM_ACCESS},
        {true, false, 0x00010000, 0, 5, 7, PARALLEL, DPU_ERR_INVALID_WRAM_ACCESS},
        {true, false, 0x80008000, 0, 8, 7, PARALLEL, DPU_ERR_INVALID_MEMORY_TRANSFER},
        {true, false, 0x08000004, 0, 8, 2, PARALLEL, DPU_ERR_INVALID_MEMORY_TRANSFER},
        {true, false, 0x80008000, 0, 8, 0, PARALLEL, DPU_ERR_INVALID_PARALLEL_MEMORY_TRANSFER},
        {true, false, 0x08000004, 0, 8, 1, PARALLEL, DPU_ERR_INVALID_PARALLEL_MEMORY_TRANSFER},
        {false, false, 0x08000004, 0, 8, 1, PARALLEL, DPU_ERR_INVALID_MRAM_ACCESS},
        {true, false, 0x80008000, 0, 8, 1, 0, DPU_ERR_INVALID_IRAM_ACCESS},
        {true, false, 0x08000000, 0, 12, 0, 0, DPU_ERR_INVALID_MRAM_ACCESS},
    };
    struct dpu_set_t set = alloc_kernel(1, "disabledMask=2");
    struct dpu_set_t part = dpu_number(set, 0);
    if (rows[_i].ranks)
        part = set;
    else if (rows[_i].disabled)
        part = dpu_set_from_dpu(dpu_get(set.list.ranks[0], 0, 1));
    struct dpu_symbol_t symbol = {rows[_i].address, 64};
    FAILS(dpu_push_xfer_symbol(part, (dpu_xfer_t)rows[_i].direction, symbol, rows[_i].offset,
                               rows[_i].length, (dpu_xfer_flags_t)rows[_i].flags),
          rows[_i].error);
    OK(dpu_free(set));
}
END_TEST
enum { ORDERED = 13 };

/* What is found out when the job runs comes with the sync, and the set is usable again. */
START_TEST(late_errors_of_queued_transfers_come_with_the_sync)
{
    static const struct {
        uint32_t address;
        size_t length;
        unsigned job;
        dpu_error_t error;
    } rows[] = {{0x10000, 8, 5, DPU_ERR_INVALID_WRAM_ACCESS},
                {0x08000004, 8, 9, DPU_ERR_INVALID_MRAM_ACCESS},
                {0x08000000, 12, 9, DPU_ERR_INVALID_MRAM_ACCESS},
                {0x80008000, 8, 8, DPU_ERR_INVALID_IRAM_ACCESS}};
    uint8_t room[64] = {0};
    struct dpu_set_t set = alloc_kernel(1, NULL);
    struct dpu_symbol_t symbol = {rows[_i].address, 64};
    OK(dpu_prepare_xfer(set, room));
    OK(dpu_push_xfer_symbol(set, DPU_XFER_TO_DPU, symbol, 0, rows[_i].length, DPU_XFER_ASYNC));
    FAILS(dpu_launch(set, DPU_SYNCHRONOUS), async_error(rows[_i].job, rows[_i].error));
    FAILS(dpu_sync(set), rows[_i].error);
    OK(dpu_sync(set));
    launch(set, CMD_STOP);
    OK(dpu_free(set));
}
END_TEST

START_TEST(host_pointer_null_is_refused)
{
    struct dpu_set_t set = alloc_kernel(1, NULL), dpu = dpu_number(set, 0);
    REFUSED(dpu_copy_to(set, "tag", 0, NULL, 4), DPU_ERR_INTERNAL, "host buffer is NULL");
    REFUSED(dpu_copy_from(dpu, "tag", 0, NULL, 4), DPU_ERR_INTERNAL, "host buffer is NULL");
    REFUSED(dpu_broadcast_to(set, "tag", 0, NULL, 4, DPU_XFER_ASYNC), DPU_ERR_INTERNAL,
            "host buffer is NULL");
    OK(dpu_free(set));
}
END_TEST

START_TEST(reading_several_dpus_at_once_is_refused)
{
    struct dpu_set_t set = alloc_kernel(2, NULL);
    struct dpu_symbol_t symbol = {0, 64};
    uint32_t word;
    REFUSED(dpu_copy_from(set, "tag", 0, &word, 4), DPU_ERR_INVALID_DPU_SET,
            "wanted a set of one DPU (from DPU_FOREACH), got a set of ranks; use dpu_push_xfer");
    REFUSED(dpu_copy_from_symbol(rank_number(set, 0), symbol, 0, &word, 4), DPU_ERR_INVALID_DPU_SET,
            "wanted a set of one DPU");
    OK(dpu_free(set));
}
END_TEST

START_TEST(unknown_flags_and_directions_are_refused)
{
    struct dpu_set_t set = alloc_kernel(1, NULL);
    uint32_t word = 0;
    OK(dpu_prepare_xfer(set, &word));
    REFUSED(dpu_push_xfer(set, (dpu_xfer_t)2, "tag", 0, 4, DPU_XFER_DEFAULT),
            DPU_ERR_INVALID_MEMORY_TRANSFER, "direction 2; wanted DPU_XFER_TO_DPU");
    REFUSED(dpu_push_xfer(set, (dpu_xfer_t)-1, "tag", 0, 4, DPU_XFER_DEFAULT),
            DPU_ERR_INVALID_MEMORY_TRANSFER, "direction -1");
    REFUSED(dpu_push_xfer(set, DPU_XFER_TO_DPU, "tag", 0, 4, (dpu_xfer_flags_t)8),
            DPU_ERR_INVALID_MEMORY_TRANSFER, "flags 0x8; wanted a sum of");
    REFUSED(dpu_broadcast_to(set, "tag", 0, &word, 4, (dpu_xfer_flags_t)0x10),
            DPU_ERR_INVALID_MEMORY_TRANSFER, "flags 0x10");
    OK(dpu_free(set));
}
END_TEST

START_TEST(parallel_transfers_reach_wram_only)
{
    struct dpu_set_t set = alloc_kernel(1, NULL);
    uint64_t room[8] = {0};
    OK(dpu_prepare_xfer(set, room));
    REFUSED(dpu_push_xfer(set, DPU_XFER_TO_DPU, "block", 0, 8,
                          (dpu_xfer_flags_t)(DPU_XFER_ASYNC | DPU_XFER_PARALLEL)),
            DPU_ERR_INVALID_PARALLEL_MEMORY_TRANSFER,
            "reaches WRAM only, but the symbol is in MRAM");
    REFUSED(dpu_push_xfer(set, DPU_XFER_FROM_DPU, "__bootstrap", 0, 8, DPU_XFER_PARALLEL),
            DPU_ERR_INVALID_PARALLEL_MEMORY_TRANSFER, "is in IRAM");
    OK(dpu_push_xfer(dpu_number(set, 0), DPU_XFER_FROM_DPU, "block", 0, 8, DPU_XFER_PARALLEL));
    OK(dpu_free(set));
}
END_TEST

START_TEST(names_need_a_program_common_to_the_set)
{
    struct dpu_set_t set = alloc_set(2, NULL), first = dpu_number(set, 0);
    struct dpu_program_t *program;
    uint32_t word = 3;
    REFUSED(dpu_copy_to(set, "tag", 0, &word, 4), DPU_ERR_NO_PROGRAM_LOADED,
            "DPU 0x0 has no program; call dpu_load first");
    REFUSED(dpu_get_common_program(&set, &program), DPU_ERR_NO_PROGRAM_LOADED, "no program");
    load_text(first, kernel);
    REFUSED(dpu_broadcast_to(set, "tag", 0, &word, 4, DPU_XFER_DEFAULT), DPU_ERR_NO_PROGRAM_LOADED,
            "DPU 0x100 has no program");
    OK(dpu_copy_to(first, "tag", 0, &word, 4));
    load_text(dpu_number(set, 1), kernel);
    REFUSED(dpu_copy_to(set, "tag", 0, &word, 4), DPU_ERR_DIFFERENT_DPU_PROGRAMS,
            "two loads of one file are two programs");
    REFUSED(dpu_push_xfer(set, DPU_XFER_TO_DPU, "tag", 0, 4, DPU_XFER_DEFAULT),
            DPU_ERR_DIFFERENT_DPU_PROGRAMS, "two loads");
    ck_assert_uint_eq(take(first, "tag"), 3);
    program = load_text(set, kernel);
    OK(dpu_copy_to(set, "tag", 0, &word, 4));
    struct dpu_program_t *common;
    OK(dpu_get_common_program(&set, &common));
    ck_assert_ptr_eq(common, program);
    OK(dpu_free(set));
}
END_TEST

START_TEST(symbol_without_size_says_so)
{
    struct dpu_set_t set = alloc_set(1, NULL);
    uint32_t word = 0;
    load_text(set, ".text\n.globl __bootstrap\n__bootstrap: stop true, __bootstrap\n"
                   ".section .dpu_host,\"aw\",@progbits\n.globl bare\nbare: .word 0\n");
    OK(dpu_copy_to(set, "bare", 0, &word, 0));
    REFUSED(dpu_copy_to(set, "bare", 0, &word, 4), DPU_ERR_INVALID_SYMBOL_ACCESS, ".size");
    OK(dpu_free(set));
}
END_TEST

START_TEST(handles_of_symbols_need_a_program_and_a_place)
{
    struct dpu_set_t set = alloc_set(1, NULL);
    struct dpu_program_t *program = load_text(set, kernel);
    struct dpu_symbol_t symbol = {1, 2};
    REFUSED(dpu_get_symbol(NULL, "tag", &symbol), DPU_ERR_INTERNAL, "program is NULL");
    REFUSED(dpu_get_symbol(program, "tag", NULL), DPU_ERR_INTERNAL, "symbol is NULL");
    REFUSED(dpu_get_symbol(program, "tug", &symbol), DPU_ERR_UNKNOWN_SYMBOL,
            "did you mean \"tag\"");
    REFUSED(dpu_get_symbol(program, NULL, &symbol), DPU_ERR_UNKNOWN_SYMBOL, "NULL");
    ck_assert(symbol.address == 1 && symbol.size == 2);
    OK(dpu_free(set));
}
END_TEST

START_TEST(symbols_of_a_program_can_be_listed)
{
    static const char *const wanted[] = {"bytes", "cmd", "block", "__bootstrap",
                                         DPU_MRAM_HEAP_POINTER_NAME};
    struct dpu_set_t set = alloc_set(1, NULL);
    struct dpu_program_t *program = load_text(set, kernel);
    unsigned found = 0;
    const char *name;
    struct dpu_symbol_t symbol, same;
    for (uint32_t i = 0; dpusim_program_symbol(program, i, &name, &symbol) == DPU_OK; i++) {
        ck_assert_str_ne(name, "hidden");
        for (int w = 0; w < ROWS(wanted); w++)
            found += strcmp(name, wanted[w]) == 0;
        OK(dpu_get_symbol(program, name, &same));
        ck_assert_uint_eq(same.address, symbol.address);
    }
    ck_assert_uint_eq(found, ROWS(wanted));
    OK(dpu_free(set));
}
END_TEST

/* ---- loading --------------------------------------------------------------------------------- */

START_TEST(program_that_cannot_be_read_is_refused)
{
    struct dpu_set_t set = alloc_set(1, NULL);
    struct isa_bytes image = image_of(kernel);
    uint8_t *data = (uint8_t *)(uintptr_t)image.data;
    struct dpu_incbin_t nowhere = {NULL, 100, "embedded.elf"};
    struct dpu_program_t *program = NULL;
    REFUSED(dpu_load(set, "/nonexistent/kernel", &program), DPU_ERR_SYSTEM,
            "/nonexistent/kernel: No such file or directory");
    REFUSED(dpu_load(set, NULL, &program), DPU_ERR_SYSTEM, "NULL");
    REFUSED(dpu_load(set, SOURCE_DIR "/tests", &program), DPU_ERR_ELF_INVALID_FILE, "tests");
    REFUSED(dpu_load(set, SOURCE_DIR "/tests/test_driver_xfer.c", &program),
            DPU_ERR_ELF_INVALID_FILE, "not an ELF file");
    REFUSED(dpu_load_from_memory(set, NULL, 10, &program), DPU_ERR_ELF_INVALID_FILE, "NULL");
    REFUSED(dpu_load_from_memory(set, data, 0, &program), DPU_ERR_ELF_INVALID_FILE, "");
    REFUSED(dpu_load_from_memory(set, data, 40, &program), DPU_ERR_ELF_INVALID_FILE, "");
    REFUSED(dpu_load_from_incbin(set, NULL, &program), DPU_ERR_ELF_INVALID_FILE, "NULL");
    REFUSED(dpu_load_from_incbin(set, &nowhere, &program), DPU_ERR_ELF_INVALID_FILE,
            "embedded.elf");
    ck_assert_ptr_null(program);
    FAILS(dpu_launch(set, DPU_SYNCHRONOUS), DPU_ERR_NO_PROGRAM_LOADED);
    image_free(image);
    OK(dpu_free(set));
}
END_TEST

START_TEST(refused_load_leaves_the_old_program)
{
    struct dpu_set_t set = alloc_kernel(2, NULL);
    put(set, "tag", 8);
    FAILS(dpu_load(set, SOURCE_DIR "/README.md", NULL), DPU_ERR_ELF_INVALID_FILE);
    ck_assert_uint_eq(take(dpu_number(set, 1), "tag"), 8);
    launch(set, CMD_STOP);
    OK(dpu_free(set));
}
END_TEST

START_TEST(too_many_tasklets_are_refused)
{
    struct dpu_set_t set = alloc_set(1, "chipId=66");
    struct isa_bytes image = image_for(kernel, ISA_CHIP_V1A, 24);
    REFUSED(dpu_load_from_memory(set, (uint8_t *)(uintptr_t)image.data, image.len_bytes, NULL),
            DPU_ERR_TOO_MANY_TASKLETS, "uses 24 tasklets, but the chip has 16 threads");
    image_free(image);
    OK(dpu_free(set));
}
END_TEST

START_TEST(program_handles_live_through_later_loads)
{
    struct dpu_set_t set = alloc_set(3, NULL), dpu = dpu_number(set, 1);
    struct dpu_program_t *first = load_text(set, kernel), *second = load_text(dpu, kernel);
    struct dpu_symbol_t symbol;
    ck_assert_ptr_ne(first, second);
    ck_assert_ptr_eq(dpu_get_program(dpu.dpu), second);
    ck_assert_ptr_eq(dpu_get_program(dpu_number(set, 0).dpu), first);
    load_text(set, kernel);
    OK(dpu_get_symbol(first, "tag", &symbol));
    OK(dpu_get_symbol(second, "tag", &symbol));
    for (int i = 0; i < 100; i++)
        load_text(set, kernel);
    OK(dpu_free(set));
}
END_TEST

/* ---- threads of the host --------------------------------------------------------------------- */

static void *move_own_words(void *argument)
{
    uint32_t seed = *(uint32_t *)argument;
    struct dpu_set_t set = alloc_kernel(20, NULL), dpu;
    uint32_t words[20][16], got[20][16], i;
    for (unsigned round = 0; round < 20; round++) {
        fill(words, sizeof words, seed + round);
        DPU_FOREACH (set, dpu, i)
            OK(dpu_prepare_xfer(dpu, words[i]));
        OK(dpu_push_xfer(set, DPU_XFER_TO_DPU, "bytes", 0, 64,
                         round % 2 ? DPU_XFER_ASYNC : DPU_XFER_DEFAULT));
        OK(dpu_launch(set, round % 3 ? DPU_ASYNCHRONOUS : DPU_SYNCHRONOUS));
        DPU_FOREACH (set, dpu, i)
            OK(dpu_prepare_xfer(dpu, got[i]));
        OK(dpu_push_xfer(set, DPU_XFER_FROM_DPU, "bytes", 0, 64, DPU_XFER_DEFAULT));
        if (memcmp(words, got, sizeof words) != 0)
            ck_abort_msg("round %u", round);
    }
    OK(dpu_free(set));
    return NULL;
}

START_TEST(threads_work_on_their_own_sets)
{
    pthread_t threads[3];
    uint32_t seeds[3] = {1, 1000, 2000};
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, move_own_words, &seeds[i]), 0);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
}
END_TEST

struct shared_set {
    struct dpu_set_t set;
    uint32_t first;
};

/* Copies to and from its own DPUs of a set that another thread uses too. */
static void *use_half(void *argument)
{
    struct shared_set *mine = argument;
    for (uint32_t round = 0; round < 50; round++)
        for (uint32_t i = mine->first; i < mine->first + 4; i++) {
            struct dpu_set_t dpu = dpu_number(mine->set, i);
            put(dpu, "tag", round * 100 + i);
            if (take(dpu, "tag") != round * 100 + i)
                ck_abort_msg("DPU %u", (unsigned)i);
            if (round % 10 == 0)
                OK(dpu_launch(dpu, DPU_SYNCHRONOUS));
        }
    return NULL;
}

START_TEST(threads_share_one_set)
{
    pthread_t threads[2];
    struct dpu_set_t set = alloc_kernel(8, NULL), dpu;
    struct shared_set halves[2] = {{set, 0}, {set, 4}};
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, use_half, &halves[i]), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    DPU_FOREACH (set, dpu)
        ck_assert_uint_eq(take(dpu, "launches"), 5);
    OK(dpu_free(set));
}
END_TEST

/* ---- suite ----------------------------------------------------------------------------------- */

static TCase *normal_case(void)
{
    TCase *normal = tcase_create("normal");
    tcase_add_test(normal, copy_reaches_one_dpu_or_all);
    tcase_add_loop_test(normal, broadcast_reaches_every_dpu, 0, 2);
    tcase_add_test(normal, handle_of_a_symbol_does_what_its_name_does);
    tcase_add_test(normal, heap_reaches_to_the_end_of_mram);
    tcase_add_test(normal, host_memory_needs_no_alignment);
    tcase_add_test(normal, code_can_be_read_and_replaced);
    tcase_add_test(normal, nothing_is_moved_with_length_0);
    tcase_add_test(normal, memories_survive_launches_and_loads);
    tcase_add_test(normal, symbols_of_a_program_can_be_listed);
    tcase_add_test(normal, program_handles_live_through_later_loads);
    return normal;
}

static TCase *push_case(void)
{
    TCase *push = tcase_create("push");
    tcase_add_test(push, push_moves_each_dpus_own_buffer);
    tcase_add_test(push, push_without_buffers_moves_nothing);
    tcase_add_test(push, dpus_without_buffer_are_skipped);
    tcase_add_test(push, second_prepare_replaces_the_first);
    tcase_add_loop_test(push, buffers_are_forgotten_unless_they_shall_be_kept, 0, 6);
    tcase_add_test(push, refused_push_keeps_the_buffers);
    tcase_add_test(push, push_of_a_part_moves_that_part);
    tcase_add_test(push, one_buffer_for_all_is_legal);
    tcase_add_test(push, one_buffer_to_read_several_into_is_told_by_checkers);
    tcase_add_test(push, queued_pushes_have_the_buffers_of_their_call);
    tcase_add_loop_test(push, megabytes_arrive_on_every_dpu, 0, 2);
    tcase_add_loop_test(push, parallel_pushes_reach_running_dpus, 0, 2);
    tcase_add_test(push, parallel_broadcast_reaches_running_dpus);
    tcase_add_test(push, ordinary_transfer_waits_for_the_end_of_the_run);
    return push;
}

static TCase *bad_case(void)
{
    TCase *bad = tcase_create("bad_input");
    tcase_add_loop_test(bad, transfer_is_refused_with_the_reason, 0, ROWS(refusals));
    tcase_add_loop_test(bad, symbol_made_by_hand_is_checked_against_the_memory, 0, HAND_MADE);
    tcase_add_loop_test(bad, rules_are_checked_in_their_order, 0, ORDERED);
    tcase_add_loop_test(bad, late_errors_of_queued_transfers_come_with_the_sync, 0, 4);
    tcase_add_test(bad, host_pointer_null_is_refused);
    tcase_add_test(bad, reading_several_dpus_at_once_is_refused);
    tcase_add_test(bad, unknown_flags_and_directions_are_refused);
    tcase_add_test(bad, parallel_transfers_reach_wram_only);
    tcase_add_test(bad, names_need_a_program_common_to_the_set);
    tcase_add_test(bad, symbol_without_size_says_so);
    tcase_add_test(bad, handles_of_symbols_need_a_program_and_a_place);
    tcase_add_test(bad, program_that_cannot_be_read_is_refused);
    tcase_add_test(bad, refused_load_leaves_the_old_program);
    tcase_add_test(bad, too_many_tasklets_are_refused);
    return bad;
}

static Suite *suite_of_xfer(void)
{
    Suite *suite = suite_create("driver.xfer");
    TCase *threads = tcase_create("threads");
    tcase_add_test(threads, threads_work_on_their_own_sets);
    tcase_add_test(threads, threads_share_one_set);
    suite_add_tcase(suite, normal_case());
    suite_add_tcase(suite, push_case());
    suite_add_tcase(suite, bad_case());
    suite_add_tcase(suite, threads);
    return suite;
}

int main(int argc, char **argv)
{
    return driver_main(argc, argv, suite_of_xfer, NULL);
}
