/* SPDX-License-Identifier: MIT */
/* The order in which tasklets advance, how runs end, limits, breakpoints, single steps and hooks.
 */
#include <check.h>
#include <time.h>

#include "sim_help.h"

/* ---- order of tasklets ---------------------------------------------------------------------- */

/* Who executed what, in order, as a hook sees it. */
struct seen {
    unsigned count;
    struct {
        uint8_t tasklet;
        uint16_t pc_insn;
    } insn[4096];
};

static bool note_insn(void *context, struct sim_dpu *dpu, const struct sim_event *event)
{
    struct seen *seen = context;
    (void)dpu;
    if (event->kind == SIM_EVENT_INSN && seen->count < 4096) {
        seen->insn[seen->count].tasklet = (uint8_t)event->tasklet;
        seen->insn[seen->count++].pc_insn = (uint16_t)event->pc_insn;
    }
    return true;
}

/* Every tasklet boots the next and then counts to 50. */
static const char chain[] =
    "jeq id, 15, l\nboot id, 1\nl: move r0, 50\nm: add r0, r0, -1, nz, m\nstop";

/* A tasklet that starts executes in the same round if its turn comes later. */
START_TEST(running_tasklets_execute_one_instruction_each_in_turn)
{
    static struct seen seen;
    static const struct {
        uint8_t tasklet, pc_insn;
    } order[] = {{0, 0}, {0, 1}, {1, 0}, {0, 2}, {1, 2}, {0, 3},
                 {1, 3}, {0, 4}, {1, 4}, {0, 5}, {1, 5}};
    struct sim_dpu *dpu =
        dpu_of(SIM_FUNCTIONAL, "jeq id, 1, l\nboot zero, 1\nl: nop\nnop\nnop\nstop");
    seen.count = 0;
    sim_dpu_set_hook(dpu, note_insn, &seen);
    dpu_run_done(dpu);
    ck_assert_uint_eq(seen.count, sizeof order / sizeof order[0]);
    for (unsigned i = 0; i < seen.count; i++)
        EXPECT(seen.insn[i].tasklet == order[i].tasklet && seen.insn[i].pc_insn == order[i].pc_insn,
               "instruction %u: tasklet %u index %u", i, seen.insn[i].tasklet,
               seen.insn[i].pc_insn);
    sim_dpu_destroy(dpu);
}
END_TEST

/* A spinning tasklet never gets more than one instruction ahead of the others' turns: after any
 * number of instructions the counts of tasklets that were running all the time differ by at most 1.
 */
START_TEST(spinners_and_workers_get_equal_shares)
{
    for (enum sim_mode mode = SIM_FUNCTIONAL; mode <= SIM_CYCLE; mode++)
        for (uint64_t seed = 0; seed < 4; seed++) {
            struct sim_config config = config_of(mode, seed);
            struct sim_dpu *dpu = dpu_with(&config, "jeq id, 7, spin\nboot id, 1\nspin: jump spin");
            struct sim_limits limits = {.max_instructions = 100};
            uint64_t before[8];
            sim_dpu_run(dpu, &limits, NULL);
            for (unsigned i = 0; i < 8; i++)
                before[i] = TASKLET_STAT(dpu, instructions, i);
            limits.max_instructions = 12345 * 8 + 5;
            sim_dpu_run(dpu, &limits, NULL);
            for (unsigned i = 0; i < 8; i++) {
                uint64_t ran = TASKLET_STAT(dpu, instructions, i) - before[i];
                ck_assert_msg(ran == 12345 || ran == 12346, "mode %d seed %u tasklet %u: %u", mode,
                              (unsigned)seed, i, (unsigned)ran);
            }
            sim_dpu_destroy(dpu);
        }
}
END_TEST

static void order_of(uint64_t seed, enum sim_mode mode, struct seen *seen)
{
    struct sim_config config = config_of(mode, seed);
    struct sim_dpu *dpu = dpu_with(&config, chain);
    seen->count = 0;
    sim_dpu_set_hook(dpu, note_insn, seen);
    dpu_run_done(dpu);
    sim_dpu_destroy(dpu);
}

START_TEST(order_seed_permutes_tasklets_and_repeats)
{
    static struct seen plain, one, again, two;
    enum sim_mode mode = _i ? SIM_CYCLE : SIM_FUNCTIONAL;
    order_of(0, mode, &plain);
    order_of(1, mode, &one);
    order_of(1, mode, &again);
    order_of(2, mode, &two);
    ck_assert_uint_eq(plain.count, one.count);
    ck_assert_mem_eq(&one, &again, sizeof one);
    if (mode == SIM_FUNCTIONAL) {
        ck_assert_mem_ne(&plain, &one, sizeof one);
        ck_assert_mem_ne(&one, &two, sizeof one);
    }
}
END_TEST

START_TEST(turns_go_by_number_without_a_seed)
{
    static struct seen seen;
    order_of(0, SIM_FUNCTIONAL, &seen);
    unsigned at = seen.count / 2, rounds = 0;
    for (unsigned i = at; i + 1 < at + 64; i++)
        if (seen.insn[i + 1].tasklet != seen.insn[i].tasklet + 1)
            rounds++;
    ck_assert_uint_eq(rounds, 4);
}
END_TEST

/* ---- drawn order ---------------------------------------------------------------------------- */

static void draw_order(uint64_t seed, uint32_t quantum, uint64_t pieces, struct seen *seen)
{
    struct sim_config config = config_of(SIM_FUNCTIONAL, seed);
    struct sim_limits limits = {.max_instructions = pieces};
    struct sim_outcome outcome;
    config.quantum = quantum;
    struct sim_dpu *dpu = dpu_with(&config, chain);
    seen->count = 0;
    sim_dpu_set_hook(dpu, note_insn, seen);
    do
        sim_dpu_run(dpu, &limits, &outcome);
    while (outcome.stop == SIM_LIMIT_INSTRUCTIONS);
    ck_assert_int_eq(outcome.stop, SIM_DONE);
    sim_dpu_destroy(dpu);
}

/* Without a hook nobody sees the order; the counts of a run cut short tell. */
START_TEST(drawn_order_is_the_same_with_and_without_a_hook)
{
    struct sim_config config = config_of(SIM_FUNCTIONAL, 5);
    struct sim_limits limits = {.max_instructions = 700};
    uint64_t looks = 0;
    struct snapshot watched, alone;
    config.quantum = 9;
    struct sim_dpu *a = dpu_with(&config, chain), *b = dpu_with(&config, chain);
    sim_dpu_set_hook(a, look_on, &looks);
    sim_dpu_run(a, &limits, NULL);
    sim_dpu_run(b, &limits, NULL);
    snapshot_take(&watched, a);
    snapshot_take(&alone, b);
    ck_assert_uint_ge(looks, 700);
    assert_same(&watched, &alone, "hook");
    sim_dpu_destroy(a);
    sim_dpu_destroy(b);
}
END_TEST

START_TEST(drawn_order_repeats_however_the_run_is_cut)
{
    static struct seen whole, cut, other;
    draw_order(3, 7, 0, &whole);
    draw_order(3, 7, 11, &cut);
    draw_order(4, 7, 0, &other);
    ck_assert_uint_eq(whole.count, other.count);
    ck_assert_mem_eq(&whole, &cut, sizeof whole);
    ck_assert_mem_ne(&whole, &other, sizeof whole);
}
END_TEST

/* Longest stretch of one tasklet while others run, too. */
static unsigned longest_stretch(const struct seen *seen)
{
    unsigned longest = 0, length = 0;
    for (unsigned i = 1; i < seen->count / 2; i++) {
        length = seen->insn[i].tasklet == seen->insn[i - 1].tasklet ? length + 1 : 1;
        longest = length > longest ? length : longest;
    }
    return longest;
}

/* A tasklet may be drawn twice in a row, so stretches are longer than a quantum, but not much. */
START_TEST(drawn_tasklet_goes_on_for_up_to_a_quantum)
{
    static struct seen brief, lengthy;
    static bool met[ISA_MAX_THREADS];
    draw_order(0, 1, 0, &brief);
    draw_order(0, 60, 0, &lengthy);
    ck_assert_uint_lt(longest_stretch(&brief), 8);
    ck_assert_uint_gt(longest_stretch(&lengthy), 30);
    for (unsigned i = 0; i < 400; i++)
        met[brief.insn[i].tasklet] = true;
    for (unsigned i = 1; i < 400; i++)
        if (met[i % 16] == false)
            ck_abort_msg("tasklet %u never drawn", i % 16);
}
END_TEST

START_TEST(saved_state_goes_on_in_the_order_drawn)
{
    struct sim_config config = config_of(SIM_FUNCTIONAL, 8);
    struct sim_limits limits = {.max_instructions = 301};
    struct isa_bytes image = {NULL, 0};
    struct snapshot a, b;
    config.quantum = 20;
    struct sim_dpu *dpu = dpu_with(&config, chain), *copy = dpu_with(&config, chain);
    sim_dpu_run(dpu, &limits, NULL);
    ck_assert_int_eq(sim_dpu_save(dpu, &image, NULL), DPUSIM_OK);
    ck_assert_int_eq(sim_dpu_restore(copy, image, NULL), DPUSIM_OK);
    sim_dpu_run(dpu, &limits, NULL);
    sim_dpu_run(copy, &limits, NULL);
    snapshot_take(&a, dpu);
    snapshot_take(&b, copy);
    assert_same(&a, &b, "restored");
    free((void *)(uintptr_t)image.data);
    sim_dpu_destroy(dpu);
    sim_dpu_destroy(copy);
}
END_TEST

/* ---- how runs end --------------------------------------------------------------------------- */

START_TEST(run_of_nobody_is_done_at_once)
{
    struct sim_dpu *dpu = dpu_of(SIM_FUNCTIONAL, "stop");
    dpu_run_done(dpu);
    struct sim_outcome outcome = dpu_run(dpu);
    ck_assert_int_eq(outcome.stop, SIM_DONE);
    ck_assert_uint_eq(outcome.instructions, 0);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(run_after_a_fault_does_nothing)
{
    struct sim_dpu *dpu = dpu_of(SIM_FUNCTIONAL, "nop\nfault 3\nmove r0, 1\nstop");
    ck_assert_int_eq(dpu_run(dpu).stop, SIM_FAULTED);
    struct sim_outcome outcome = dpu_run(dpu);
    ck_assert_int_eq(outcome.stop, SIM_FAULTED);
    ck_assert_uint_eq(outcome.pc_insn, 1);
    ck_assert_uint_eq(outcome.instructions, 0);
    sim_dpu_clear_fault(dpu);
    dpu_run_done(dpu);
    ck_assert_uint_eq(reg_of(dpu, 0, 0), 1);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(tasklets_stopped_elsewhere_than_at_the_end_are_asleep)
{
    struct sim_dpu *dpu = dpu_of(SIM_FUNCTIONAL, "jeq id, 2, l\nboot id, 1\njeq id, 1, end\nstop\n"
                                                 "l: stop\nend: stop true, end");
    dpu_run_done(dpu);
    ck_assert(thread_of(dpu, 0).asleep);
    ck_assert(!thread_of(dpu, 1).asleep);
    ck_assert(thread_of(dpu, 2).asleep);
    ck_assert(!thread_of(dpu, 3).asleep && !thread_of(dpu, 3).booted);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(end_of_the_run_time_library_is_where_its_symbol_is)
{
    struct sim_dpu *dpu =
        dpu_of(SIM_FUNCTIONAL, ".globl __sys_end\njeq id, 1, l\nboot id, 1\nstop true, __sys_end\n"
                               "l: stop true, l\n__sys_end: stop true, __sys_end");
    dpu_run_done(dpu);
    ck_assert(!thread_of(dpu, 0).asleep);
    ck_assert(thread_of(dpu, 1).asleep);
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- limits --------------------------------------------------------------------------------- */

static const struct {
    unsigned tasklets;
    enum sim_mode mode;
    bool hooked;
    uint64_t count;
} limit_rows[] = {
    {1, SIM_FUNCTIONAL, false, 1},     {1, SIM_FUNCTIONAL, false, 4097},
    {1, SIM_FUNCTIONAL, false, 99999}, {1, SIM_FUNCTIONAL, true, 4099},
    {3, SIM_FUNCTIONAL, false, 71},    {3, SIM_FUNCTIONAL, false, 99998},
    {3, SIM_FUNCTIONAL, true, 73},     {24, SIM_FUNCTIONAL, false, 6000001},
    {1, SIM_CYCLE, false, 1},          {1, SIM_CYCLE, false, 99999},
    {1, SIM_CYCLE, true, 4099},        {3, SIM_CYCLE, false, 99998},
    {24, SIM_CYCLE, false, 99998},     {24, SIM_CYCLE, true, 997},
};

START_TEST(instruction_limit_is_exact)
{
    struct sim_config config = config_of(limit_rows[_i].mode, 0);
    char text[128];
    snprintf(text, sizeof text, "jeq id, %u, l\nboot id, 1\nl: add r0, r0, 1\njump l",
             limit_rows[_i].tasklets - 1);
    struct sim_dpu *dpu = dpu_with(&config, text);
    struct sim_limits limits = {.max_instructions = limit_rows[_i].count};
    struct sim_outcome outcome;
    sim_dpu_set_hook(dpu, limit_rows[_i].hooked ? look_on : NULL, NULL);
    for (unsigned turn = 1; turn <= 2; turn++) {
        sim_dpu_run(dpu, &limits, &outcome);
        ck_assert_int_eq(outcome.stop, SIM_LIMIT_INSTRUCTIONS);
        ck_assert_uint_eq(outcome.instructions, limits.max_instructions);
        ck_assert_uint_eq(DPU_STAT(dpu, instructions), turn * limits.max_instructions);
    }
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(program_that_ends_at_its_limit_is_done)
{
    struct sim_dpu *dpu = dpu_of(SIM_FUNCTIONAL, "nop\nnop\nstop");
    struct sim_limits limits = {.max_instructions = 3};
    struct sim_outcome outcome;
    sim_dpu_run(dpu, &limits, &outcome);
    ck_assert_int_eq(outcome.stop, SIM_DONE);
    ck_assert_uint_eq(outcome.instructions, 3);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(cycle_limit_ends_before_the_cycle)
{
    for (unsigned hooked = 0; hooked < 2; hooked++) {
        struct sim_dpu *dpu = dpu_of(SIM_CYCLE, "l: jump l");
        struct sim_limits limits = {.max_cycles = 111};
        struct sim_outcome outcome;
        sim_dpu_set_hook(dpu, hooked ? look_on : NULL, NULL);
        sim_dpu_run(dpu, &limits, &outcome);
        ck_assert_int_eq(outcome.stop, SIM_LIMIT_CYCLES);
        ck_assert_uint_eq(outcome.instructions, 11); /* cycles 0, 11, .. 110 */
        sim_dpu_destroy(dpu);
    }
}
END_TEST

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

START_TEST(time_limit_ends_a_run_without_end)
{
    for (enum sim_mode mode = SIM_FUNCTIONAL; mode <= SIM_CYCLE; mode++) {
        struct sim_dpu *dpu = dpu_of(mode, "l: jump l");
        struct sim_limits limits = {.max_seconds = 0.01};
        struct sim_outcome outcome;
        double begin = seconds();
        sim_dpu_run(dpu, &limits, &outcome);
        ck_assert_int_eq(outcome.stop, SIM_LIMIT_TIME);
        ck_assert(seconds() - begin >= 0.01);
        ck_assert_uint_gt(outcome.instructions, 0);
        sim_dpu_destroy(dpu);
    }
}
END_TEST

START_TEST(interrupt_ends_a_run)
{
    struct sim_dpu *dpu = dpu_of(SIM_FUNCTIONAL, "l: jump l");
    static const volatile bool interrupt = true;
    struct sim_limits limits = {.interrupt = &interrupt};
    struct sim_outcome outcome;
    sim_dpu_run(dpu, &limits, &outcome);
    ck_assert_int_eq(outcome.stop, SIM_INTERRUPTED);
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- breakpoints and steps ------------------------------------------------------------------ */

START_TEST(breakpoint_stops_before_its_instruction_every_time)
{
    for (enum sim_mode mode = SIM_FUNCTIONAL; mode <= SIM_CYCLE; mode++) {
        struct sim_dpu *dpu = dpu_of(mode, "move r0, 3\nl: add r0, r0, -1, nz, l\nstop");
        struct sim_outcome outcome;
        sim_dpu_break_add(dpu, 1);
        sim_dpu_break_add(dpu, 1);
        sim_dpu_break_add(dpu, 99999);
        for (unsigned turn = 0; turn < 3; turn++) {
            sim_dpu_run(dpu, NULL, &outcome);
            ck_assert_int_eq(outcome.stop, SIM_BREAKPOINT);
            ck_assert_uint_eq(outcome.pc_insn, 1);
            ck_assert_uint_eq(outcome.tasklet, 0);
            ck_assert_uint_eq(outcome.instructions, 1);
            ck_assert_uint_eq(reg_of(dpu, 0, 0), 3 - turn);
        }
        sim_dpu_break_remove(dpu, 1);
        sim_dpu_break_remove(dpu, 1);
        sim_dpu_break_remove(dpu, 99999);
        dpu_run_done(dpu);
        sim_dpu_destroy(dpu);
    }
}
END_TEST

START_TEST(breakpoint_where_a_run_starts_is_passed)
{
    struct sim_dpu *dpu = dpu_of(SIM_FUNCTIONAL, "move r0, 3\nstop");
    sim_dpu_break_add(dpu, 0);
    dpu_run_done(dpu);
    ck_assert_uint_eq(reg_of(dpu, 0, 0), 3);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(breakpoint_of_another_tasklet_names_it)
{
    struct sim_dpu *dpu =
        dpu_of(SIM_FUNCTIONAL, "jeq id, 1, l\nboot id, 1\nm: jump m\nl: nop\njump l");
    sim_dpu_break_add(dpu, 3);
    struct sim_outcome outcome = dpu_run(dpu);
    ck_assert_int_eq(outcome.stop, SIM_BREAKPOINT);
    ck_assert_uint_eq(outcome.tasklet, 1);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(step_executes_one_instruction_of_one_tasklet)
{
    for (enum sim_mode mode = SIM_FUNCTIONAL; mode <= SIM_CYCLE; mode++) {
        struct sim_dpu *dpu =
            dpu_of(mode, "jeq id, 1, l\nboot id, 1\nl: add r0, r0, 1\nadd r0, r0, 1\n"
                         "fault 7");
        struct sim_limits limits = {.max_instructions = 2};
        struct sim_outcome outcome;
        sim_dpu_run(dpu, &limits, NULL);
        ck_assert_int_eq(sim_dpu_step(dpu, 1, &outcome), DPUSIM_OK);
        ck_assert_int_eq(sim_dpu_step(dpu, 1, &outcome), DPUSIM_OK);
        ck_assert_int_eq(outcome.stop, SIM_LIMIT_INSTRUCTIONS);
        ck_assert_uint_eq(outcome.instructions, 1);
        ck_assert_uint_eq(thread_of(dpu, 1).pc_insn, 3);
        ck_assert_uint_eq(thread_of(dpu, 0).pc_insn, 2);
        ck_assert_uint_eq(reg_of(dpu, 1, 0), 1);
        ck_assert_int_eq(sim_dpu_step(dpu, 1, NULL), DPUSIM_OK);
        ck_assert_int_eq(sim_dpu_step(dpu, 1, &outcome), DPUSIM_OK);
        ck_assert_int_eq(outcome.stop, SIM_FAULTED);
        ck_assert_uint_eq(outcome.pc_insn, 4);
        ck_assert_int_eq(sim_dpu_step(dpu, 1, &outcome), DPUSIM_BAD_ARGUMENT);
        sim_dpu_destroy(dpu);
    }
}
END_TEST

START_TEST(step_of_a_tasklet_that_does_not_run_is_refused)
{
    struct sim_dpu *dpu = dpu_of(SIM_FUNCTIONAL, "stop");
    struct sim_outcome outcome;
    ck_assert_int_eq(sim_dpu_step(dpu, 1, &outcome), DPUSIM_BAD_ARGUMENT);
    ck_assert_int_eq(sim_dpu_step(dpu, 24, &outcome), DPUSIM_BAD_ARGUMENT);
    ck_assert_int_eq(sim_dpu_step(dpu, 0, &outcome), DPUSIM_OK);
    ck_assert_int_eq(outcome.stop, SIM_DONE);
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- hooks ---------------------------------------------------------------------------------- */

struct tale {
    char text[2048];
    unsigned stop_after;
};

static bool tell(void *context, struct sim_dpu *dpu, const struct sim_event *event)
{
    static const char *const names[] = {"insn", "done",  "read", "write", "dma",
                                        "tell", "start", "stop", "fault", "wait"};
    struct tale *tale = context;
    size_t used = strlen(tale->text);
    (void)dpu;
    if (event->kind == SIM_EVENT_DONE)
        return --tale->stop_after != 0;
    used += (size_t)snprintf(tale->text + used, sizeof tale->text - used, "%u:%s@%u",
                             event->tasklet, names[event->kind], event->pc_insn);
    if (event->kind == SIM_EVENT_READ || event->kind == SIM_EVENT_WRITE)
        used += (size_t)snprintf(tale->text + used, sizeof tale->text - used, "[%x+%u]",
                                 event->address, event->len_bytes);
    if (event->kind == SIM_EVENT_DMA)
        used += (size_t)snprintf(tale->text + used, sizeof tale->text - used, "[%x %s %x+%u]",
                                 event->address, event->is_write ? "to" : "from",
                                 event->mram_offset, event->len_bytes);
    if (event->kind == SIM_EVENT_TELL)
        used += (size_t)snprintf(tale->text + used, sizeof tale->text - used, "[%x %x]",
                                 event->value, event->offset);
    snprintf(tale->text + used, sizeof tale->text - used, " ");
    return true;
}

static const struct {
    const char *text, *tale;
} tales[] = {
    {"lw r0, zero, 16\nsd zero, 24, d0\nstop",
     "0:insn@0 0:read@0[10+4] 0:insn@1 0:write@1[18+8] 0:insn@2 0:stop@2 "},
    {"move r0, 7\ntell r0, -2\nstop", "0:insn@0 0:insn@1 0:tell@1[7 fffffffe] 0:insn@2 0:stop@2 "},
    {"move r0, 0x02000020\nmove r1, 64\nldma r0, r1, 1\nsdma r0, r1, 0\nstop",
     "0:insn@0 0:insn@1 0:insn@2 0:dma@2[20 from 40+32] 0:insn@3 0:dma@3[20 to 40+24] "
     "0:insn@4 0:stop@4 "},
    {"boot zero, 1\nstop\n", "0:insn@0 1:start@0 1:insn@0 0:insn@1 0:stop@1 1:insn@1 1:stop@1 "},
    {"nop\nfault 1", "0:insn@0 0:insn@1 0:fault@1 "},
    {".quad 0", "0:insn@0 0:fault@0 "},
    {"move r0, 0x00200010\nlbus r1, r0, 2\nsb_id zero, 16, 1\nsws r0, 8, r0\nstop",
     "0:insn@0 0:insn@1 0:read@1[12+1] 0:insn@2 0:write@2[10+1] 0:insn@3 0:write@3[18+4] "
     "0:insn@4 0:stop@4 "},
};

START_TEST(hook_hears_what_happens)
{
    struct sim_dpu *dpu = dpu_of(SIM_FUNCTIONAL, tales[_i].text);
    struct tale tale = {.stop_after = 1000};
    sim_dpu_set_hook(dpu, tell, &tale);
    dpu_run(dpu);
    ck_assert_str_eq(tale.text, tales[_i].tale);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(hook_that_says_no_ends_the_run_after_the_instruction)
{
    for (enum sim_mode mode = SIM_FUNCTIONAL; mode <= SIM_CYCLE; mode++) {
        struct sim_dpu *dpu = dpu_of(mode, "move r0, 1\nmove r0, 2\nmove r0, 3\nstop");
        struct tale tale = {.stop_after = 2};
        sim_dpu_set_hook(dpu, tell, &tale);
        struct sim_outcome outcome = dpu_run(dpu);
        ck_assert_int_eq(outcome.stop, SIM_INTERRUPTED);
        ck_assert_uint_eq(outcome.instructions, 2);
        ck_assert_uint_eq(reg_of(dpu, 0, 0), 2);
        sim_dpu_set_hook(dpu, NULL, NULL);
        dpu_run_done(dpu);
        ck_assert_uint_eq(reg_of(dpu, 0, 0), 3);
        sim_dpu_destroy(dpu);
    }
}
END_TEST

struct clock_check {
    uint64_t last_cycle, last_count;
    bool first;
};

/* Cycles never go back; the counts of instructions go up by one. */
static bool check_clock(void *context, struct sim_dpu *dpu, const struct sim_event *event)
{
    struct clock_check *clock = context;
    (void)dpu;
    if (event->kind != SIM_EVENT_INSN)
        return true;
    EXPECT(clock->first ||
               (event->cycle > clock->last_cycle && event->instructions == clock->last_count + 1),
           "cycle %" PRIu64 " instruction %" PRIu64, event->cycle, event->instructions);
    *clock = (struct clock_check){event->cycle, event->instructions, false};
    return true;
}

START_TEST(events_carry_rising_cycles_and_counts)
{
    for (enum sim_mode mode = SIM_FUNCTIONAL; mode <= SIM_CYCLE; mode++) {
        struct sim_dpu *dpu = dpu_of(mode, chain);
        struct clock_check clock = {.first = true};
        sim_dpu_set_hook(dpu, check_clock, &clock);
        dpu_run_done(dpu);
        ck_assert_uint_eq(clock.last_count + 1, DPU_STAT(dpu, instructions));
        sim_dpu_destroy(dpu);
    }
}
END_TEST

#define ROWS(array) (int)(sizeof(array) / sizeof(array)[0])

int main(void)
{
    Suite *suite = suite_create("sim.sched");
    TCase *order = tcase_create("order"), *ends = tcase_create("ends");
    TCase *limits = tcase_create("limits"), *debug = tcase_create("debug");
    tcase_add_test(order, running_tasklets_execute_one_instruction_each_in_turn);
    tcase_add_test(order, spinners_and_workers_get_equal_shares);
    tcase_add_loop_test(order, order_seed_permutes_tasklets_and_repeats, 0, 2);
    tcase_add_test(order, turns_go_by_number_without_a_seed);
    tcase_add_test(order, drawn_order_is_the_same_with_and_without_a_hook);
    tcase_add_test(order, drawn_order_repeats_however_the_run_is_cut);
    tcase_add_test(order, drawn_tasklet_goes_on_for_up_to_a_quantum);
    tcase_add_test(order, saved_state_goes_on_in_the_order_drawn);
    tcase_add_test(ends, run_of_nobody_is_done_at_once);
    tcase_add_test(ends, run_after_a_fault_does_nothing);
    tcase_add_test(ends, tasklets_stopped_elsewhere_than_at_the_end_are_asleep);
    tcase_add_test(ends, end_of_the_run_time_library_is_where_its_symbol_is);
    tcase_add_loop_test(limits, instruction_limit_is_exact, 0, ROWS(limit_rows));
    tcase_add_test(limits, program_that_ends_at_its_limit_is_done);
    tcase_add_test(limits, cycle_limit_ends_before_the_cycle);
    tcase_add_test(limits, time_limit_ends_a_run_without_end);
    tcase_add_test(limits, interrupt_ends_a_run);
    tcase_add_test(debug, breakpoint_stops_before_its_instruction_every_time);
    tcase_add_test(debug, breakpoint_where_a_run_starts_is_passed);
    tcase_add_test(debug, breakpoint_of_another_tasklet_names_it);
    tcase_add_test(debug, step_executes_one_instruction_of_one_tasklet);
    tcase_add_test(debug, step_of_a_tasklet_that_does_not_run_is_refused);
    tcase_add_loop_test(debug, hook_hears_what_happens, 0, ROWS(tales));
    tcase_add_test(debug, hook_that_says_no_ends_the_run_after_the_instruction);
    tcase_add_test(debug, events_carry_rising_cycles_and_counts);
    suite_add_tcase(suite, order);
    suite_add_tcase(suite, ends);
    suite_add_tcase(suite, limits);
    suite_add_tcase(suite, debug);
    return run_suite(suite);
}
