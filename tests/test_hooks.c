/* SPDX-License-Identifier: MIT */
/* Hooks that change what happens: transfers before they begin, faults, results of functions. Each
 * in functional and in cycle mode, with the fast engine and with the careful one. */
#include <check.h>

#include "sim_help.h"
#include "state.h"

/* load(wram, mram): 16 bytes, the first word; store(wram, mram): 16 bytes. all: every tasklet loads
 * 8 bytes and stores them to a place of its own. */
#define CODE                                                                                       \
    ".text\n.globl __bootstrap\n__bootstrap: jneq id, 0, 1f\n"                                     \
    "move r0, 1\n2: boot r0, 0\nadd r0, r0, 1\njneq r0, 16, 2b\n"                                  \
    "1: lsl r1, id, 3\nadd r2, r1, 0x2000\nldma r1, r2, 0\nadd r2, r1, 0x3000\nsdma r1, r2, 0\n"   \
    "stop true, __bootstrap\n"                                                                     \
    ".globl load\nload: ldma r0, r1, 1\nlw r0, r0, 0\njump r23\n"                                  \
    ".globl store\nstore: sdma r0, r1, 1\njump r23\n"                                              \
    ".globl code\ncode: ldmai r0, r1, 0\njump r23\n"                                               \
    ".globl reads\nreads: lw r0, r0, 0\nadd r0, r0, 1\njump r23\n"                                 \
    ".globl faults\nfaults: fault 3\nmove r0, 5\njump r23\n"                                       \
    ".globl twice\ntwice: sd r22, 0, d22\nadd r22, r22, 8\n"                                       \
    "call r23, next\ncall r23, next\nld d22, r22, -8\njump r23\n"                                  \
    ".globl next\nnext: add r0, r0, 1\njump r23\n"                                                 \
    ".globl sum\nsum: jeq r0, 0, 3f\nsd r22, 0, d22\nsw r22, 8, r0\nadd r22, r22, 16\n"            \
    "add r0, r0, -1\ncall r23, sum\nlw r1, r22, -8\nadd r0, r0, r1\nld d22, r22, -16\n"            \
    "3: jump r23\n"                                                                                \
    ".globl leaves\nleaves: jneq r0, 0, 4f\nfault 1\n4: jump r23\n"

enum { WRAM_AT = 0x400, MRAM_AT = 0x1000, OTHER_AT = 0x1800, VARIANTS = 4 };

static bool look(void *context, struct sim_dpu *dpu, const struct sim_event *event)
{
    (void)context, (void)dpu, (void)event;
    return true;
}

/* variant: mode, and whether everything is looked at. */
static struct sim_dpu *machine(int variant)
{
    struct sim_config config = config_of(variant & 1 ? SIM_CYCLE : SIM_FUNCTIONAL, 0);
    struct sim_dpu *dpu = dpu_create(&config);
    struct isa_program *program = program_of(CODE, ISA_CHIP_V1A, false);
    ck_assert_int_eq(sim_dpu_load(dpu, program, NULL), DPUSIM_OK);
    isa_program_destroy(program);
    for (uint32_t i = 0; i < 0x400; i++) {
        memcpy(sim_dpu_mram(dpu) + MRAM_AT + 4 * i, &i, sizeof i);
        memcpy(sim_dpu_wram(dpu) + WRAM_AT + 4 * i, &(uint32_t){1000 + i}, sizeof i);
    }
    if (variant & 2)
        sim_dpu_set_hook(dpu, look, NULL);
    return dpu;
}

static enum dpusim_status call(struct sim_dpu *dpu, const char *function, uint32_t a, uint32_t b,
                               uint32_t *out)
{
    union sim_value arguments[] = {{.u = a}, {.u = b}}, result = {.u = 0};
    const struct sim_call what = {function, "u(uu)", arguments, 2, 0, 100000};
    enum dpusim_status status = sim_dpu_call(dpu, &what, &result, NULL);
    *out = result.u;
    return status;
}

static uint32_t word_at(const uint8_t *memory, uint32_t at)
{
    uint32_t word;
    memcpy(&word, memory + at, sizeof word);
    return word;
}

/* ---- transfers ------------------------------------------------------------------------------- */

struct wish {
    enum sim_verdict verdict;
    uint32_t address, mram_offset, len_bytes; /* 0: as it is */
    uint32_t word;                            /* 0: none; else the first one */
    unsigned asked;
    struct sim_dma_request last;
    uint32_t seen; /* first word */
};

static enum sim_verdict grant(void *context, struct sim_dpu *dpu, struct sim_dma_request *request)
{
    struct wish *wish = context;
    (void)dpu;
    wish->asked++;
    wish->last = *request;
    wish->seen = word_at(request->bytes, 0);
    if (wish->address)
        request->address = wish->address;
    if (wish->mram_offset)
        request->mram_offset = wish->mram_offset;
    if (wish->len_bytes)
        request->len_bytes = wish->len_bytes;
    if (wish->word)
        memcpy(request->bytes, &wish->word, sizeof wish->word);
    return wish->verdict;
}

static struct sim_dpu *granted(int variant, struct wish *wish)
{
    struct sim_dpu *dpu = machine(variant);
    ck_assert_int_eq(sim_dpu_set_transfer_hook(dpu, grant, wish, NULL), DPUSIM_OK);
    return dpu;
}

START_TEST(transfer_is_told_before_it_begins)
{
    struct wish wish = {.verdict = SIM_VERDICT_GO};
    struct sim_dpu *dpu = granted(_i, &wish);
    uint32_t out;
    ck_assert_int_eq(call(dpu, "load", WRAM_AT, MRAM_AT + 8, &out), DPUSIM_OK);
    ck_assert_uint_eq(out, 2);
    ck_assert_uint_eq(wish.asked, 1);
    ck_assert_uint_eq(wish.seen, 2);
    ck_assert(!wish.last.is_write && wish.last.memory == ISA_WRAM && wish.last.tasklet == 0);
    ck_assert_uint_eq(wish.last.address, WRAM_AT);
    ck_assert_uint_eq(wish.last.mram_offset, MRAM_AT + 8);
    ck_assert_uint_eq(wish.last.len_bytes, 16);
    ck_assert_int_eq(call(dpu, "store", WRAM_AT + 64, MRAM_AT, &out), DPUSIM_OK);
    ck_assert(wish.last.is_write && wish.seen == 1016);
    ck_assert_uint_eq(word_at(sim_dpu_mram(dpu), MRAM_AT + 12), 1019);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(bytes_that_land_are_replaced)
{
    struct wish wish = {.verdict = SIM_VERDICT_GO, .word = 77};
    struct sim_dpu *dpu = granted(_i, &wish);
    uint32_t out;
    ck_assert_int_eq(call(dpu, "load", WRAM_AT, MRAM_AT, &out), DPUSIM_OK);
    ck_assert_uint_eq(out, 77);
    ck_assert_uint_eq(word_at(sim_dpu_wram(dpu), WRAM_AT + 4), 1); /* the others as they were */
    ck_assert_uint_eq(word_at(sim_dpu_mram(dpu), MRAM_AT), 0);     /* the source, too */
    ck_assert_int_eq(call(dpu, "store", WRAM_AT + 64, MRAM_AT, &out), DPUSIM_OK);
    ck_assert_uint_eq(word_at(sim_dpu_mram(dpu), MRAM_AT), 77);
    ck_assert_uint_eq(word_at(sim_dpu_mram(dpu), MRAM_AT + 4), 1017);
    ck_assert_int_eq(sim_dpu_set_transfer_hook(dpu, NULL, NULL, NULL), DPUSIM_OK);
    ck_assert_int_eq(call(dpu, "load", WRAM_AT, MRAM_AT + 8, &out), DPUSIM_OK);
    ck_assert_uint_eq(out, 1018);
    ck_assert_uint_eq(wish.asked, 2);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(place_and_length_are_changed)
{
    struct wish wish = {
        .verdict = SIM_VERDICT_GO, .address = 0x900, .mram_offset = OTHER_AT, .len_bytes = 8};
    struct sim_dpu *dpu = granted(_i, &wish);
    uint32_t out, before = word_at(sim_dpu_wram(dpu), 0x908);
    ck_assert_int_eq(call(dpu, "load", WRAM_AT, 0x4000000, &out), DPUSIM_OK); /* behind MRAM */
    ck_assert_uint_eq(out, 1000);
    ck_assert_uint_eq(word_at(sim_dpu_wram(dpu), 0x904), (OTHER_AT - MRAM_AT) / 4 + 1);
    ck_assert_uint_eq(word_at(sim_dpu_wram(dpu), 0x908), before);
    ck_assert_uint_eq(sim_dpu_stat(dpu, SIM_STAT_DPU_dma_bytes, 0), 8);
    wish.len_bytes = 2048;
    ck_assert_int_eq(call(dpu, "store", WRAM_AT, MRAM_AT, &out), DPUSIM_OK);
    ck_assert(memcmp(sim_dpu_mram(dpu) + OTHER_AT, sim_dpu_wram(dpu) + 0x900, 2048) == 0);
    ck_assert_uint_eq(sim_dpu_stat(dpu, SIM_STAT_DPU_dma_bytes, 0), 2048);
    wish.mram_offset = 0x4000000;
    ck_assert_int_eq(call(dpu, "load", WRAM_AT, MRAM_AT, &out), DPUSIM_FAULT);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(transfer_is_dropped_or_refused)
{
    struct wish wish = {.verdict = SIM_VERDICT_DROP};
    struct sim_dpu *dpu = granted(_i, &wish);
    uint32_t out;
    ck_assert_int_eq(call(dpu, "load", WRAM_AT, MRAM_AT, &out), DPUSIM_OK);
    ck_assert_uint_eq(out, 1000);
    ck_assert_uint_eq(sim_dpu_stat(dpu, SIM_STAT_DPU_dma_bytes, 0), 0);
    wish.verdict = SIM_VERDICT_FAULT;
    ck_assert_int_eq(call(dpu, "load", WRAM_AT, MRAM_AT, &out), DPUSIM_FAULT);
    ck_assert_int_eq(sim_dpu_fault(dpu)->kind, SIM_FAULT_DMA);
    ck_assert_str_eq(sim_dpu_fault(dpu)->rule, "refused by a hook");
    sim_dpu_destroy(dpu);
}
END_TEST

/* What lands is an instruction: move r0, 9. */
START_TEST(code_that_is_loaded_is_replaced)
{
    struct sim_dpu *dpu = machine(_i);
    struct isa_program *program =
        program_of(".text\n.globl __bootstrap\n__bootstrap: move r0, 9\n", ISA_CHIP_V1A, false);
    struct wish wish = {.verdict = SIM_VERDICT_GO};
    uint32_t out, at;
    uint64_t word;
    ck_assert_int_eq(sim_dpu_set_transfer_hook(dpu, grant, &wish, NULL), DPUSIM_OK);
    at = isa_program_find_symbol(sim_dpu_program(dpu), "next")->value - ISA_IRAM_BASE;
    memcpy(&word, program->segments[0].data, sizeof word);
    isa_program_destroy(program);
    memcpy(sim_dpu_mram(dpu) + OTHER_AT, &word, sizeof word);
    wish.mram_offset = OTHER_AT;
    ck_assert_int_eq(call(dpu, "code", at, MRAM_AT, &out), DPUSIM_OK);
    ck_assert_int_eq(wish.last.memory, ISA_IRAM);
    ck_assert_int_eq(call(dpu, "next", 4, 0, &out), DPUSIM_OK);
    ck_assert_uint_eq(out, 9);
    sim_dpu_destroy(dpu);
}
END_TEST

static enum sim_verdict mark(void *context, struct sim_dpu *dpu, struct sim_dma_request *request)
{
    (void)context, (void)dpu;
    if (!request->is_write)
        request->bytes[0] = (uint8_t)(100 + request->tasklet);
    return SIM_VERDICT_GO;
}

START_TEST(transfers_of_many_tasklets_keep_apart)
{
    struct sim_dpu *dpu = machine(_i);
    struct sim_outcome outcome;
    ck_assert_int_eq(sim_dpu_set_transfer_hook(dpu, mark, NULL, NULL), DPUSIM_OK);
    ck_assert_int_eq(sim_dpu_boot(dpu, NULL), DPUSIM_OK);
    sim_dpu_run(dpu, NULL, &outcome);
    ck_assert_int_eq(outcome.stop, SIM_DONE);
    for (uint32_t t = 0; t < 16; t++)
        ck_assert_uint_eq(sim_dpu_mram(dpu)[0x3000 + 8 * t], 100 + t);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(nothing_is_watched_that_nobody_asked_for)
{
    struct sim_dpu *dpu = machine(0);
    ck_assert_int_eq(sim_dpu_set_transfer_hook(dpu, NULL, NULL, NULL), DPUSIM_OK);
    ck_assert_ptr_null(dpu->watch);
    ck_assert_ptr_null(dpu->intercept);
    ck_assert_int_eq(sim_dpu_observe(dpu, "next", "u(u)", NULL, NULL, NULL), DPUSIM_OK);
    ck_assert_ptr_null(dpu->watch);
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- faults ---------------------------------------------------------------------------------- */

struct mercy {
    bool stays;
    uint32_t code, value; /* value: of r0, 0: as it is */
    unsigned asked;
    struct sim_fault last;
};

static bool judge(void *context, struct sim_dpu *dpu, struct sim_fault *fault)
{
    struct mercy *mercy = context;
    struct sim_thread_state state;
    mercy->asked++;
    mercy->last = *fault;
    if (mercy->code)
        fault->code = mercy->code;
    if (mercy->value) {
        ck_assert_int_eq(sim_dpu_get_thread(dpu, fault->tasklet, &state), DPUSIM_OK);
        state.registers[0] = mercy->value;
        ck_assert_int_eq(sim_dpu_set_thread(dpu, fault->tasklet, &state), DPUSIM_OK);
    }
    return mercy->stays;
}

START_TEST(fault_is_swallowed_or_changed)
{
    struct sim_dpu *dpu = machine(_i);
    struct mercy mercy = {.value = 41};
    uint32_t out;
    sim_dpu_set_fault_hook(dpu, judge, &mercy);
    ck_assert_int_eq(call(dpu, "reads", 0x20000, 0, &out), DPUSIM_OK);
    ck_assert_uint_eq(out, 42);
    ck_assert_int_eq(mercy.last.kind, SIM_FAULT_MEMORY);
    ck_assert_uint_eq(mercy.last.address, 0x20000);
    ck_assert_ptr_null(sim_dpu_fault(dpu));
    ck_assert_int_eq(call(dpu, "faults", 0, 0, &out), DPUSIM_OK);
    ck_assert_uint_eq(out, 5);
    ck_assert_uint_eq(mercy.last.code, 3);
    mercy = (struct mercy){.stays = true, .code = 9};
    ck_assert_int_eq(call(dpu, "faults", 0, 0, &out), DPUSIM_FAULT);
    ck_assert_uint_eq(sim_dpu_fault(dpu)->code, 9);
    ck_assert_uint_eq(mercy.asked, 1);
    sim_dpu_set_fault_hook(dpu, NULL, NULL);
    ck_assert_int_eq(call(dpu, "faults", 0, 0, &out), DPUSIM_FAULT);
    ck_assert_uint_eq(sim_dpu_fault(dpu)->code, 3);
    ck_assert_uint_eq(mercy.asked, 1);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(step_asks_about_faults_too)
{
    struct sim_dpu *dpu = machine(_i);
    struct mercy mercy = {.value = 7};
    struct sim_outcome outcome;
    struct sim_thread_state state = {.running = true};
    state.pc_insn =
        (isa_program_find_symbol(sim_dpu_program(dpu), "faults")->value - ISA_IRAM_BASE) /
        ISA_INSN_BYTES;
    sim_dpu_set_fault_hook(dpu, judge, &mercy);
    ck_assert_int_eq(sim_dpu_set_thread(dpu, 2, &state), DPUSIM_OK);
    ck_assert_int_eq(sim_dpu_step(dpu, 2, &outcome), DPUSIM_OK);
    ck_assert_int_eq(outcome.stop, SIM_LIMIT_INSTRUCTIONS);
    ck_assert_int_eq(sim_dpu_get_thread(dpu, 2, &state), DPUSIM_OK);
    ck_assert_uint_eq(state.registers[0], 7);
    sim_dpu_destroy(dpu);
}
END_TEST

/* Sixteen tasklets, each in a fault for every transfer. */
START_TEST(every_fault_of_a_run_is_asked_about)
{
    struct sim_dpu *dpu = machine(_i);
    struct wish wish = {.verdict = SIM_VERDICT_FAULT};
    struct mercy mercy = {.stays = false};
    struct sim_outcome outcome;
    ck_assert_int_eq(sim_dpu_set_transfer_hook(dpu, grant, &wish, NULL), DPUSIM_OK);
    sim_dpu_set_fault_hook(dpu, judge, &mercy);
    ck_assert_int_eq(sim_dpu_boot(dpu, NULL), DPUSIM_OK);
    sim_dpu_run(dpu, NULL, &outcome);
    ck_assert_int_eq(outcome.stop, SIM_DONE);
    ck_assert_uint_eq(mercy.asked, 32);
    ck_assert_uint_eq(outcome.instructions, 1 + 1 + 15 * 3 + 15 + 16 * 6);
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- results --------------------------------------------------------------------------------- */

struct calls {
    unsigned told;
    uint32_t argument[64], result[64];
    uint32_t more; /* is added to every result */
};

static void count_call(void *context, struct sim_dpu *dpu, unsigned tasklet,
                       const union sim_value *arguments, union sim_value *result)
{
    struct calls *calls = context;
    (void)dpu, (void)tasklet;
    ck_assert_uint_lt(calls->told, 64);
    calls->argument[calls->told] = arguments[0].u;
    calls->result[calls->told++] = result->u;
    result->u += calls->more;
}

START_TEST(results_are_told_and_changed)
{
    struct sim_dpu *dpu = machine(_i);
    struct calls calls = {.more = 10};
    uint32_t out;
    ck_assert_int_eq(sim_dpu_observe(dpu, "next", "u(u)", count_call, &calls, NULL), DPUSIM_OK);
    ck_assert_int_eq(call(dpu, "twice", 5, 0, &out), DPUSIM_OK);
    ck_assert_uint_eq(out, 27);
    ck_assert_uint_eq(calls.told, 2);
    ck_assert_uint_eq(calls.argument[0], 5);
    ck_assert_uint_eq(calls.result[0], 6);
    ck_assert_uint_eq(calls.argument[1], 16);
    ck_assert_uint_eq(calls.result[1], 17);
    ck_assert_int_eq(sim_dpu_observe(dpu, "next", NULL, NULL, NULL, NULL), DPUSIM_OK);
    ck_assert_int_eq(call(dpu, "twice", 5, 0, &out), DPUSIM_OK);
    ck_assert_uint_eq(out, 7);
    ck_assert_uint_eq(calls.told, 2);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(results_of_recursion_come_from_the_inside)
{
    struct sim_dpu *dpu = machine(_i);
    struct calls calls = {.more = 0};
    uint32_t out;
    ck_assert_int_eq(sim_dpu_observe(dpu, "sum", "u(u)", count_call, &calls, NULL), DPUSIM_OK);
    ck_assert_int_eq(call(dpu, "sum", 4, 0, &out), DPUSIM_OK);
    ck_assert_uint_eq(out, 10);
    ck_assert_uint_eq(calls.told, 5);
    for (uint32_t i = 0, sum = 0; i < 5; i++) {
        sum += i;
        ck_assert_uint_eq(calls.argument[i], i);
        ck_assert_uint_eq(calls.result[i], sum);
    }
    calls.told = 0;
    ck_assert_int_eq(call(dpu, "sum", 40, 0, &out), DPUSIM_OK); /* the outer 32 */
    ck_assert_uint_eq(out, 820);
    ck_assert_uint_eq(calls.told, 32);
    ck_assert_uint_eq(calls.argument[31], 40);
    sim_dpu_destroy(dpu);
}
END_TEST

/* A call that ends in a fault has no result, and is not taken for a later one. */
START_TEST(call_that_faults_has_no_result)
{
    struct sim_dpu *dpu = machine(_i);
    struct calls calls = {.more = 0};
    uint32_t out;
    ck_assert_int_eq(sim_dpu_observe(dpu, "leaves", "u(u)", count_call, &calls, NULL), DPUSIM_OK);
    ck_assert_int_eq(call(dpu, "leaves", 0, 0, &out), DPUSIM_FAULT);
    ck_assert_uint_eq(calls.told, 0);
    ck_assert_int_eq(call(dpu, "leaves", 3, 0, &out), DPUSIM_OK);
    ck_assert_uint_eq(calls.told, 1);
    ck_assert_uint_eq(calls.argument[0], 3);
    sim_dpu_destroy(dpu);
}
END_TEST

static bool thousand(void *context, struct sim_dpu *dpu, unsigned tasklet,
                     union sim_value *arguments, union sim_value *result)
{
    (void)context, (void)dpu, (void)tasklet;
    result->u = 1000 + arguments[0].u;
    arguments[0].u = 0;
    return true;
}

START_TEST(results_of_doubles_are_told_too)
{
    struct sim_dpu *dpu = machine(_i);
    struct calls calls = {.more = 1};
    uint32_t out;
    ck_assert_int_eq(sim_dpu_observe(dpu, "next", "u(u)", count_call, &calls, NULL), DPUSIM_OK);
    ck_assert_int_eq(sim_dpu_replace(dpu, "next", "u(u)", thousand, NULL, NULL), DPUSIM_OK);
    ck_assert_int_eq(call(dpu, "twice", 5, 0, &out), DPUSIM_OK);
    ck_assert_uint_eq(out, 2007);
    ck_assert_uint_eq(calls.told, 2);
    ck_assert_uint_eq(calls.argument[1], 1006);
    ck_assert_int_eq(sim_dpu_replace(dpu, "next", NULL, NULL, NULL, NULL), DPUSIM_OK);
    ck_assert_int_eq(call(dpu, "twice", 5, 0, &out), DPUSIM_OK);
    ck_assert_uint_eq(out, 9);
    ck_assert_uint_eq(calls.told, 4);
    sim_dpu_destroy(dpu);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim.hooks");
    TCase *transfers = tcase_create("transfers"), *faults = tcase_create("faults"),
          *results = tcase_create("results");
    tcase_add_loop_test(transfers, transfer_is_told_before_it_begins, 0, VARIANTS);
    tcase_add_loop_test(transfers, bytes_that_land_are_replaced, 0, VARIANTS);
    tcase_add_loop_test(transfers, place_and_length_are_changed, 0, VARIANTS);
    tcase_add_loop_test(transfers, transfer_is_dropped_or_refused, 0, VARIANTS);
    tcase_add_loop_test(transfers, code_that_is_loaded_is_replaced, 0, VARIANTS);
    tcase_add_loop_test(transfers, transfers_of_many_tasklets_keep_apart, 0, VARIANTS);
    tcase_add_test(transfers, nothing_is_watched_that_nobody_asked_for);
    tcase_add_loop_test(faults, fault_is_swallowed_or_changed, 0, VARIANTS);
    tcase_add_loop_test(faults, step_asks_about_faults_too, 0, VARIANTS);
    tcase_add_loop_test(faults, every_fault_of_a_run_is_asked_about, 0, VARIANTS);
    tcase_add_loop_test(results, results_are_told_and_changed, 0, VARIANTS);
    tcase_add_loop_test(results, results_of_recursion_come_from_the_inside, 0, VARIANTS);
    tcase_add_loop_test(results, call_that_faults_has_no_result, 0, VARIANTS);
    tcase_add_loop_test(results, results_of_doubles_are_told_too, 0, VARIANTS);
    suite_add_tcase(suite, transfers);
    suite_add_tcase(suite, faults);
    suite_add_tcase(suite, results);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
