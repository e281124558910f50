/* SPDX-License-Identifier: MIT */
/* The device library on the simulator: arithmetic against the host's, costs in instructions,
 * synchronisation in many orders of tasklets. The programs are linked by runtime/runtime.mk. */
#include <check.h>

#include "sim_help.h"

#define DPU_PROGRAM(name) BUILD_DIR "/tests/dpu/" name ".elf"

static uint32_t address_of(const struct sim_dpu *dpu, const char *name)
{
    const struct isa_symbol *symbol = isa_program_find_symbol(sim_dpu_program(dpu), name);
    EXPECT(symbol != NULL, "no symbol %s", name);
    return symbol->value;
}

static void write_symbol(struct sim_dpu *dpu, const char *name, const void *data, size_t size)
{
    ck_assert_int_eq(sim_dpu_write(dpu, ISA_WRAM, address_of(dpu, name), data, size, NULL),
                     DPUSIM_OK);
}

static void read_symbol(struct sim_dpu *dpu, const char *name, void *data, size_t size)
{
    ck_assert_int_eq(sim_dpu_read(dpu, ISA_WRAM, address_of(dpu, name), data, size, NULL),
                     DPUSIM_OK);
}

/* ---- calls of single functions -----------------------------------------------------------------
 */

/* Registers d0, d2, d4, d6 before, d0 and d2 after a call; the even register is the high word. */
struct call {
    uint64_t in[4], out[2];
    uint64_t instructions; /* of the callee, its return included */
    uint32_t fault;        /* code of a fault, 0: returned */
};

static struct sim_dpu *caller_create(void)
{
    struct sim_config config = config_of(SIM_FUNCTIONAL, 0);
    struct sim_dpu *dpu = dpu_create(&config);
    struct isa_diag diag = {""};
    ck_assert_msg(sim_dpu_load_file(dpu, DPU_PROGRAM("caller"), &diag) == DPUSIM_OK, "%s",
                  diag.text);
    return dpu;
}

/* After a fault tasklets are still marked as running. */
static void stop_tasklets(struct sim_dpu *dpu)
{
    struct sim_thread_state thread;
    sim_dpu_clear_fault(dpu);
    for (unsigned t = 0; t < sim_dpu_chip(dpu)->threads; t++) {
        ck_assert_int_eq(sim_dpu_get_thread(dpu, t, &thread), DPUSIM_OK);
        thread.running = false;
        ck_assert_int_eq(sim_dpu_set_thread(dpu, t, &thread), DPUSIM_OK);
    }
}

static uint64_t run_call(struct sim_dpu *dpu, const char *name, struct call *call)
{
    struct sim_outcome outcome;
    uint32_t callee = (address_of(dpu, name) - ISA_IRAM_BASE) / ISA_INSN_BYTES;
    write_symbol(dpu, "callee", &callee, sizeof callee);
    write_symbol(dpu, "arguments", call->in, sizeof call->in);
    dpu_boot(dpu);
    sim_dpu_run(dpu, &(struct sim_limits){.max_instructions = 1000000}, &outcome);
    EXPECT(outcome.stop == SIM_DONE || outcome.stop == SIM_FAULTED, "%s does not return", name);
    call->fault = outcome.stop == SIM_FAULTED ? sim_dpu_fault(dpu)->code : 0;
    if (call->fault)
        stop_tasklets(dpu);
    read_symbol(dpu, "results", call->out, sizeof call->out);
    return outcome.instructions;
}

/* Calls a function; its own instructions are counted against those of a call of a known one. */
static void call_function(struct sim_dpu *dpu, const char *name, struct call *call)
{
    struct call three_instructions = {.in = {0}};
    uint64_t around = run_call(dpu, "__negdi2", &three_instructions) - 3;
    call->instructions = run_call(dpu, name, call) - around;
}

static uint32_t high(uint64_t pair)
{
    return (uint32_t)(pair >> 32);
}

static uint64_t words(uint32_t even, uint32_t odd)
{
    return (uint64_t)even << 32 | odd;
}

/* What the arguments of a function are: 32-bit ones in r0 and r1, 64-bit ones in d0 and d2; or d0
 * and a shift amount in r2. */
enum shape { WORDS, PAIRS, SHIFT };

/* a and b are zero-extended when they are 32-bit values. */
struct arithmetic {
    const char *name;
    enum shape shape;
    bool by_zero;         /* fault 2 when b is 0 */
    unsigned result_bits; /* in r0 or d0; 0: quotient and remainder in r0 and r1 */
    uint64_t (*model)(uint64_t a, uint64_t b);
};

#define MODEL(name, expression)                                                                    \
    static uint64_t name(uint64_t a, uint64_t b)                                                   \
    {                                                                                              \
        (void)b;                                                                                   \
        return (uint64_t)(expression);                                                             \
    }
#define A32 ((uint32_t)a)
#define B32 ((uint32_t)b)
/* Wide enough that the smallest number divided by -1 does not overflow. */
#define SA32 ((int64_t)(int32_t)a)
#define SB32 ((int64_t)(int32_t)b)
__extension__ typedef __int128 wide;
#define SA64 ((wide)(int64_t)a)
#define SB64 ((wide)(int64_t)b)

MODEL(mul32, A32 *B32)
MODEL(udiv32, A32 / B32)
MODEL(umod32, A32 % B32)
MODEL(div32, SA32 / SB32)
MODEL(mod32, SA32 % SB32)
MODEL(udivmod32, words(A32 / B32, A32 % B32))
MODEL(divmod32, words((uint32_t)(SA32 / SB32), (uint32_t)(SA32 % SB32)))
MODEL(mul64, a *b)
MODEL(udiv64, a / b)
MODEL(umod64, a % b)
MODEL(div64, SA64 / SB64)
MODEL(mod64, SA64 % SB64)
MODEL(shl64, a << b)
MODEL(lshr64, a >> b)
MODEL(ashr64, (int64_t)a >> b)
MODEL(neg64, -a)
MODEL(clz32, A32 ? __builtin_clz(A32) : 32)
MODEL(clz64, a ? __builtin_clzll(a) : 64)
MODEL(ctz32, A32 ? __builtin_ctz(A32) : -1) /* undefined for 0 */
MODEL(ctz64, a ? __builtin_ctzll(a) : 0)
MODEL(popcount32, __builtin_popcount(A32))
MODEL(popcount64, __builtin_popcountll(a))
MODEL(parity32, __builtin_parity(A32))
MODEL(parity64, __builtin_parityll(a))
MODEL(ffs32, __builtin_ffs((int)A32))
MODEL(ffs64, __builtin_ffsll((long long)a))
MODEL(bswap32, __builtin_bswap32(A32))
MODEL(bswap64, __builtin_bswap64(a))

static const struct arithmetic arithmetic[] = {
    {"__mulsi3", WORDS, false, 32, mul32},
    {"__udiv32", WORDS, true, 0, udivmod32},
    {"__div32", WORDS, true, 0, divmod32},
    {"__udivsi3", WORDS, true, 32, udiv32},
    {"__umodsi3", WORDS, true, 32, umod32},
    {"__divsi3", WORDS, true, 32, div32},
    {"__modsi3", WORDS, true, 32, mod32},
    {"__muldi3", PAIRS, false, 64, mul64},
    {"__udivdi3", PAIRS, true, 64, udiv64},
    {"__umoddi3", PAIRS, true, 64, umod64},
    {"__divdi3", PAIRS, true, 64, div64},
    {"__moddi3", PAIRS, true, 64, mod64},
    {"__ashldi3", SHIFT, false, 64, shl64},
    {"__lshrdi3", SHIFT, false, 64, lshr64},
    {"__ashrdi3", SHIFT, false, 64, ashr64},
    {"__negdi2", PAIRS, false, 64, neg64},
    {"__clzsi2", WORDS, false, 32, clz32},
    {"__clzdi2", PAIRS, false, 32, clz64},
    {"__ctzsi2", WORDS, false, 32, ctz32},
    {"__ctzdi2", PAIRS, false, 32, ctz64},
    {"__popcountsi2", WORDS, false, 32, popcount32},
    {"__popcountdi2", PAIRS, false, 32, popcount64},
    {"__paritysi2", WORDS, false, 32, parity32},
    {"__paritydi2", PAIRS, false, 32, parity64},
    {"__ffssi2", WORDS, false, 32, ffs32},
    {"__ffsdi2", PAIRS, false, 32, ffs64},
    {"__bswapsi2", WORDS, false, 32, bswap32},
    {"__bswapdi2", PAIRS, false, 64, bswap64},
};

static uint64_t random_operand(uint64_t *state, enum shape shape)
{
    uint32_t word = random_value(state);
    if (shape == WORDS)
        return word >> random_next(state) % 32;
    return words(random_value(state) >> random_next(state) % 32, word) >> random_next(state) % 64;
}

static void check_arithmetic(struct sim_dpu *dpu, const struct arithmetic *row, uint64_t a,
                             uint64_t b)
{
    struct call call = {.in = {a, b}};
    if (row->shape == WORDS)
        call.in[0] = words((uint32_t)a, (uint32_t)b);
    else if (row->shape == SHIFT)
        call.in[1] = words((uint32_t)b, 0);
    run_call(dpu, row->name, &call);
    if (row->by_zero && b == 0) {
        EXPECT(call.fault == 2, "%s(%#" PRIx64 ", 0): fault %u", row->name, a, call.fault);
        return;
    }
    uint64_t got = row->result_bits == 32 ? high(call.out[0]) : call.out[0];
    uint64_t want = row->model(a, b);
    if (row->result_bits == 32)
        want = (uint32_t)want;
    EXPECT(call.fault == 0 && got == want,
           "%s(%#" PRIx64 ", %#" PRIx64 "): got %#" PRIx64 ", want %#" PRIx64, row->name, a, b, got,
           want);
}

START_TEST(arithmetic_agrees_with_the_host)
{
    const struct arithmetic *row = &arithmetic[_i];
    struct sim_dpu *dpu = caller_create();
    uint64_t state = 0x9e3779b97f4a7c15u;
    for (int i = 0; i < 2000; i++) {
        uint64_t a = random_operand(&state, row->shape);
        uint64_t b = random_operand(&state, row->shape);
        if (row->shape == SHIFT)
            b %= 64;
        if (row->model == ctz64 && a == 0)
            continue;
        check_arithmetic(dpu, row, a, b);
    }
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- costs -------------------------------------------------------------------------------------
 */

/* Performance models count these. Source: the vendor's library as described by measurements
 * (measured: 32-bit product and quotient; inferred: the others). */
static const struct {
    const char *name;
    uint64_t in[2];
    uint64_t instructions;
} costs[] = {
    {"__mulsi3", {0x0000000300100000, 0}, 4 + 2 + 2},  /* 3 * 2^20: two steps */
    {"__mulsi3", {0x7fffffff00100000, 0}, 4 + 21 + 2}, /* smaller factor 2^20: 21 steps */
    {"__udiv32", {0x4000000000100000, 0}, 6 + 11 + 1},
    {"__div32", {0x4000000000100000, 0}, 7 + 6 + 11 + 1},
    {"__udiv32", {0x0000000300100000, 0}, 5},
    {"__muldi3", {12345, 1 << 20}, 129},
    {"perfcounter_get", {0, 0}, 4},
    {"mem_alloc", {0x0000000800000000, 0}, 12},
    {"mem_reset", {0, 0}, 5},
};

START_TEST(costs_are_as_documented)
{
    struct sim_dpu *dpu = caller_create();
    struct call call = {.in = {costs[_i].in[0], costs[_i].in[1]}};
    call_function(dpu, costs[_i].name, &call);
    EXPECT(call.instructions == costs[_i].instructions, "%s: %" PRIu64 " instructions",
           costs[_i].name, call.instructions);
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- heap, memory ------------------------------------------------------------------------------
 */

static uint32_t call_words(struct sim_dpu *dpu, const char *name, uint32_t r0, uint32_t r1,
                           uint32_t r2, uint32_t *fault)
{
    struct call call = {.in = {words(r0, r1), words(r2, 0)}};
    run_call(dpu, name, &call);
    *fault = call.fault;
    return high(call.out[0]);
}

START_TEST(heap_grows_to_its_end_and_not_beyond)
{
    struct sim_dpu *dpu = caller_create();
    uint32_t fault, start = address_of(dpu, "__sys_heap_pointer_reset");
    uint32_t end = address_of(dpu, "__sys_heap_pointer_end");
    ck_assert_uint_eq(call_words(dpu, "mem_reset", 0, 0, 0, &fault), start);
    ck_assert_uint_eq(call_words(dpu, "mem_alloc", 5, 0, 0, &fault), start);
    ck_assert_uint_eq(call_words(dpu, "mem_alloc", 0, 0, 0, &fault), start + 5);
    ck_assert_uint_eq(call_words(dpu, "mem_alloc", 16, 0, 0, &fault), start + 8);
    ck_assert_uint_eq(call_words(dpu, "mem_alloc", end - start - 24 - 1, 0, 0, &fault), start + 24);
    ck_assert_uint_eq(fault, 0);
    call_words(dpu, "mem_alloc", 1, 0, 0, &fault);
    ck_assert_uint_eq(fault, 1);
    call_words(dpu, "mem_reset", 0, 0, 0, &fault);
    call_words(dpu, "mem_alloc", end - start, 0, 0, &fault);
    ck_assert_uint_eq(fault, 1);
    call_words(dpu, "mem_alloc", 0xffffffff, 0, 0, &fault);
    ck_assert_uint_eq(fault, 1);
    sim_dpu_destroy(dpu);
}
END_TEST

enum { AREA_BYTES = 4096 };

static const struct {
    const char *name;
    unsigned granule; /* of addresses and sizes */
    bool fills, overlaps;
} movers[] = {
    {"memcpy", 1, false, false},
    {"memmove", 1, false, true},
    {"memset", 1, true, false},
    {"__memcpy_wram_4align", 4, false, false},
    {"__memset_wram_4align", 4, true, false},
};

START_TEST(memory_is_moved_and_nothing_else_changes)
{
    struct sim_dpu *dpu = caller_create();
    uint8_t before[AREA_BYTES], want[AREA_BYTES], got[AREA_BYTES];
    uint64_t state = 12345;
    uint32_t fault, area = address_of(dpu, "area"), granule = movers[_i].granule;
    for (int i = 0; i < 600; i++) {
        for (int k = 0; k < AREA_BYTES; k++)
            before[k] = (uint8_t)random_next(&state);
        uint32_t size = random_next(&state) % (i % 2 ? 40 : 500) / granule * granule;
        uint32_t to = 512 + random_next(&state) % 64 / granule * granule, from = 2048;
        if (movers[_i].overlaps)
            from = to - 40;
        from += random_next(&state) % 80 / granule * granule;
        memcpy(want, before, AREA_BYTES);
        if (movers[_i].fills)
            memset(want + to, from, size);
        else
            memmove(want + to, before + from, size);
        write_symbol(dpu, "area", before, AREA_BYTES);
        uint32_t result = call_words(dpu, movers[_i].name, area + to,
                                     movers[_i].fills ? from : area + from, size, &fault);
        read_symbol(dpu, "area", got, AREA_BYTES);
        EXPECT(fault == 0 && result == area + to && memcmp(got, want, AREA_BYTES) == 0,
               "%s to %u from %u size %u: fault %u", movers[_i].name, to, from, size, fault);
    }
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- atomic operations -------------------------------------------------------------------------
 */

static uint64_t truncated(uint64_t value, unsigned bytes)
{
    return bytes == 8 ? value : value & ((UINT64_C(1) << 8 * bytes) - 1);
}

static int64_t extended(uint64_t value, unsigned bytes)
{
    unsigned shift = 64 - 8 * bytes;
    return (int64_t)(value << shift) >> shift;
}

#define CHANGE(name, expression)                                                                   \
    static uint64_t change_##name(uint64_t old, uint64_t operand, unsigned bytes)                  \
    {                                                                                              \
        (void)old, (void)bytes;                                                                    \
        return expression;                                                                         \
    }
CHANGE(fetch_and_add, old + operand)
CHANGE(fetch_and_sub, old - operand)
CHANGE(fetch_and_and, old &operand)
CHANGE(fetch_and_or, old | operand)
CHANGE(fetch_and_xor, old ^ operand)
CHANGE(fetch_and_nand, ~(old &operand))
CHANGE(fetch_and_max, extended(old, bytes) > extended(operand, bytes) ? old : operand)
CHANGE(fetch_and_min, extended(old, bytes) < extended(operand, bytes) ? old : operand)
CHANGE(fetch_and_umax, old > operand ? old : operand)
CHANGE(fetch_and_umin, old < operand ? old : operand)
CHANGE(lock_test_and_set, operand)

#define CHANGE_ROW(name)                                                                           \
    {                                                                                              \
#name, change_##name                                                                       \
    }
static const struct {
    const char *name;
    uint64_t (*model)(uint64_t old, uint64_t operand, unsigned bytes);
} changes[] = {
    CHANGE_ROW(fetch_and_add),  CHANGE_ROW(fetch_and_sub),     CHANGE_ROW(fetch_and_and),
    CHANGE_ROW(fetch_and_or),   CHANGE_ROW(fetch_and_xor),     CHANGE_ROW(fetch_and_nand),
    CHANGE_ROW(fetch_and_max),  CHANGE_ROW(fetch_and_min),     CHANGE_ROW(fetch_and_umax),
    CHANGE_ROW(fetch_and_umin), CHANGE_ROW(lock_test_and_set),
};
enum { N_CHANGES = sizeof changes / sizeof changes[0] };

/* Calls an atomic operation on the start of `area`; returns the value it returned, in *left the
 * bytes that it left. */
static uint64_t call_atomic(struct sim_dpu *dpu, const char *name, unsigned bytes, uint64_t old,
                            uint64_t first, uint64_t second, uint64_t *left)
{
    char function[64];
    struct call call = {
        .in = {words(address_of(dpu, "area"), (uint32_t)first), words((uint32_t)second, 0)}};
    if (bytes == 8) {
        call.in[1] = first;
        call.in[2] = second;
    }
    snprintf(function, sizeof function, "__dpu_sync_%s_%u", name, bytes);
    write_symbol(dpu, "area", &old, sizeof old);
    run_call(dpu, function, &call);
    EXPECT(call.fault == 0, "%s: fault %u", function, call.fault);
    read_symbol(dpu, "area", left, sizeof *left);
    return bytes == 8 ? call.out[0] : high(call.out[0]);
}

static void check_change(struct sim_dpu *dpu, int row, unsigned bytes, uint64_t old,
                         uint64_t operand)
{
    uint64_t left,
        model = changes[row].model(truncated(old, bytes), truncated(operand, bytes), bytes);
    uint64_t got = call_atomic(dpu, changes[row].name, bytes, old, operand, 0, &left);
    uint64_t want = truncated(model, bytes) | (old & ~truncated(UINT64_MAX, bytes));
    EXPECT(truncated(got, bytes) == truncated(old, bytes) && left == want,
           "%s_%u: %#" PRIx64 " and %#" PRIx64 ": returned %#" PRIx64 ", left %#" PRIx64,
           changes[row].name, bytes, old, operand, got, left);
}

START_TEST(atomic_operations_change_the_object_and_return_what_was_there)
{
    struct sim_dpu *dpu = caller_create();
    uint64_t state = 99;
    for (int i = 0; i < 400; i++)
        check_change(dpu, _i, 1u << i % 4, random_operand(&state, PAIRS),
                     random_operand(&state, PAIRS));
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(compare_and_swap_stores_only_over_the_expected_value)
{
    struct sim_dpu *dpu = caller_create();
    uint64_t state = 77;
    for (int i = 0; i < 400; i++) {
        unsigned bytes = 1u << i % 4;
        uint64_t old = random_operand(&state, PAIRS), next = random_operand(&state, PAIRS), left;
        uint64_t expected = i % 3 ? old : old ^ UINT64_C(1) << random_next(&state) % (8 * bytes);
        uint64_t got = call_atomic(dpu, "val_compare_and_swap", bytes, old, expected, next, &left);
        uint64_t want =
            i % 3 ? truncated(next, bytes) | (old & ~truncated(UINT64_MAX, bytes)) : old;
        EXPECT(truncated(got, bytes) == truncated(old, bytes) && left == want,
               "%u bytes: %#" PRIx64 " against %#" PRIx64 ": left %#" PRIx64, bytes, old, expected,
               left);
    }
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- synchronisation ---------------------------------------------------------------------------
 */

enum { N_SCENARIOS = 3, N_ORDERS = 40 };

START_TEST(nobody_passes_too_early_and_everybody_passes)
{
    enum sim_mode mode = _i % 2 ? SIM_CYCLE : SIM_FUNCTIONAL;
    struct sim_config config = config_of(mode, (uint64_t)(_i / 2));
    struct isa_diag diag = {""};
    for (uint32_t scenario = 0; scenario < N_SCENARIOS; scenario++) {
        uint32_t finished = 0;
        struct sim_outcome outcome;
        struct sim_dpu *dpu = dpu_create(&config);
        ck_assert_msg(sim_dpu_load_file(dpu, DPU_PROGRAM("sync"), &diag) == DPUSIM_OK, "%s",
                      diag.text);
        write_symbol(dpu, "scenario", &scenario, sizeof scenario);
        dpu_boot(dpu);
        sim_dpu_run(dpu, &(struct sim_limits){.max_instructions = 10000000}, &outcome);
        read_symbol(dpu, "finished", &finished, sizeof finished);
        EXPECT(outcome.stop == SIM_DONE && finished == 24,
               "scenario %u, %s mode, order %" PRIu64 ": stop %d, %u tasklets finished", scenario,
               mode == SIM_CYCLE ? "cycle" : "functional", config.order_seed, (int)outcome.stop,
               finished);
        sim_dpu_destroy(dpu);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("runtime.assembly");
    TCase *tc = tcase_create("normal");
    tcase_add_loop_test(tc, arithmetic_agrees_with_the_host, 0,
                        sizeof arithmetic / sizeof arithmetic[0]);
    tcase_add_loop_test(tc, costs_are_as_documented, 0, sizeof costs / sizeof costs[0]);
    tcase_add_test(tc, heap_grows_to_its_end_and_not_beyond);
    tcase_add_loop_test(tc, memory_is_moved_and_nothing_else_changes, 0,
                        sizeof movers / sizeof movers[0]);
    tcase_add_loop_test(tc, atomic_operations_change_the_object_and_return_what_was_there, 0,
                        N_CHANGES);
    tcase_add_test(tc, compare_and_swap_stores_only_over_the_expected_value);
    tcase_add_loop_test(tc, nobody_passes_too_early_and_everybody_passes, 0, N_ORDERS);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
