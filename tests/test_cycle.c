/* SPDX-License-Identifier: MIT */
/* Cycle mode: every timing constant at its edge, the DMA engine against the event model of the
 * timing specification, counters, and where the cycles went. Cycles are those that a hook sees, and
 * runs without a hook must agree with them. */
#include <check.h>

#include "sim_help.h"

#define SEED UINT64_C(0xc7c1e)

enum { MOST_ISSUES = 20000 };

/* ---- what issued when ----------------------------------------------------------------------- */

struct issue {
    uint64_t cycle;
    unsigned tasklet, pc_insn;
    bool is_dma, is_read;
    uint32_t mram_addr, len_bytes;
};

struct issues {
    unsigned count;
    struct issue issue[MOST_ISSUES];
};

static bool note_issue(void *context, struct sim_dpu *dpu, const struct sim_event *event)
{
    struct issues *issues = context;
    (void)dpu;
    if (event->kind == SIM_EVENT_INSN && issues->count < MOST_ISSUES)
        issues->issue[issues->count++] = (struct issue){
            .cycle = event->cycle, .tasklet = event->tasklet, .pc_insn = event->pc_insn};
    struct issue *last = &issues->issue[issues->count - 1];
    if (event->kind == SIM_EVENT_DMA) {
        last->is_dma = true;
        last->is_read = !event->is_write;
        last->mram_addr = event->mram_offset;
        last->len_bytes = event->len_bytes;
    }
    return true;
}

/* Runs a text to its end (or MOST_ISSUES instructions) and notes every issue. */
static struct sim_dpu *observe(const struct sim_config *config, const char *text,
                               struct issues *issues)
{
    struct sim_dpu *dpu = dpu_with(config, text);
    struct sim_limits limits = {.max_instructions = MOST_ISSUES};
    issues->count = 0;
    sim_dpu_set_hook(dpu, note_issue, issues);
    sim_dpu_run(dpu, &limits, NULL);
    return dpu;
}

static const struct issue *issue_after(const struct issues *issues, const struct issue *issue)
{
    const struct issue *end = issues->issue + issues->count;
    for (const struct issue *next = issue + 1; next < end; next++)
        if (next->tasklet == issue->tasklet)
            return next;
    return NULL;
}

static const struct issue *issue_at(const struct issues *issues, unsigned tasklet, unsigned pc_insn)
{
    for (unsigned i = 0; i < issues->count; i++)
        if (issues->issue[i].tasklet == tasklet && issues->issue[i].pc_insn == pc_insn)
            return &issues->issue[i];
    ck_abort_msg("tasklet %u never reached index %u", tasklet, pc_insn);
    return NULL;
}

static struct sim_config cycle_config(void)
{
    return config_of(SIM_CYCLE, 0);
}

static void set(struct sim_config *config, const char *name, const char *value)
{
    struct isa_diag diag = {""};
    ck_assert_msg(sim_config_set_timing(config, name, value, &diag) == DPUSIM_OK, "%s", diag.text);
}

/* ---- issue ---------------------------------------------------------------------------------- */

static const char *const spacings[] = {"1", "2", "11", "64"};

START_TEST(one_tasklet_issues_every_issue_spacing)
{
    static struct issues issues;
    struct sim_config config = cycle_config();
    uint64_t spacing = (uint64_t)atoi(spacings[_i]);
    set(&config, "issue_spacing", spacings[_i]);
    struct sim_dpu *dpu = observe(&config,
                                  "nop\nmove r0, 3\nl: add r0, r0, -1, nz, l\nsd zero, 8, d0\n"
                                  "mul_step d0, r2, d0, 1\nstop",
                                  &issues);
    ck_assert_uint_eq(issues.count, 8);
    for (unsigned i = 0; i < issues.count; i++)
        ck_assert_uint_eq(issues.issue[i].cycle, i * spacing);
    ck_assert_uint_eq(DPU_STAT(dpu, cycles), 7 * spacing + 1 + 13);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(last_instruction_takes_the_pipeline_to_drain)
{
    struct sim_config config = cycle_config();
    struct sim_dpu *dpu = dpu_with(&config, "stop");
    dpu_run_done(dpu);
    ck_assert_uint_eq(DPU_STAT(dpu, cycles), 14);
    ck_assert_uint_eq(DPU_STAT(dpu, slots_drain), 13);
    sim_dpu_destroy(dpu);
    set(&config, "pipeline_depth", "1");
    dpu = dpu_with(&config, "stop");
    dpu_run_done(dpu);
    ck_assert_uint_eq(DPU_STAT(dpu, cycles), 1);
    sim_dpu_destroy(dpu);
}
END_TEST

/* With T spinning tasklets each issues every max(11, T) cycles, in the same order every time. */
START_TEST(tasklets_take_turns_and_fill_the_pipeline)
{
    static struct issues issues;
    unsigned count = (unsigned)_i, period = count < 11 ? 11 : count;
    struct sim_config config = cycle_config();
    char text[128];
    snprintf(text, sizeof text, "jeq id, %u, l\nboot id, 1\nl: jump l", count - 1);
    struct sim_dpu *dpu = observe(&config, text, &issues);
    for (unsigned i = MOST_ISSUES / 2; i + count < MOST_ISSUES; i++) {
        const struct issue *one = &issues.issue[i], *next = &issues.issue[i + count];
        EXPECT(next->tasklet == one->tasklet, "issue %u", i);
        EXPECT(next->cycle == one->cycle + period, "issue %u: %" PRIu64 " then %" PRIu64, i,
               one->cycle, next->cycle);
    }
    sim_dpu_destroy(dpu);
}
END_TEST

static const struct {
    const char *latency;
    uint64_t cycles; /* from boot or resume to the first issue */
} wakes[] = {{"0", 1},   {"1", 1},   {"2", 2},   {"10", 10},
             {"11", 11}, {"12", 12}, {"22", 22}, {"500", 500}};

START_TEST(woken_tasklet_issues_after_the_wake_latency)
{
    static struct issues issues;
    struct sim_config config = cycle_config();
    set(&config, "wake_latency", wakes[_i].latency);
    struct sim_dpu *dpu = observe(&config,
                                  "jeq id, 1, l\nboot zero, 1\nm: read_run zero, 1, nz, m\n"
                                  "resume zero, 1\nstop\nl: stop\nnop\nstop",
                                  &issues);
    ck_assert_uint_eq(issue_at(&issues, 0, 0)->cycle, 0);
    ck_assert_uint_eq(issue_at(&issues, 1, 0)->cycle,
                      issue_at(&issues, 0, 1)->cycle + wakes[_i].cycles);
    ck_assert_uint_eq(issue_at(&issues, 1, 6)->cycle,
                      issue_at(&issues, 0, 3)->cycle + wakes[_i].cycles);
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- one transfer at a time ----------------------------------------------------------------- */

static const struct {
    uint32_t len_bytes, mram_addr;
    unsigned read_cycles, write_cycles;
} transfers[] = {
    {8, 0, 81, 65},        {16, 0, 85, 69},        {32, 0, 93, 77},         {64, 0, 109, 93},
    {128, 0, 141, 125},    {256, 0, 205, 189},     {512, 0, 333, 317},      {1024, 0, 589, 573},
    {2048, 0, 1141, 1125}, {8, 1016, 81, 65},      {16, 1008, 85, 69},      {16, 1016, 125, 109},
    {1024, 8, 629, 613},   {1024, 1024, 589, 573}, {2048, 512, 1181, 1165}, {1032, 1024, 633, 617},
};

START_TEST(unloaded_transfer_takes_its_latency)
{
    static struct issues issues;
    struct sim_config config = cycle_config();
    char text[256];
    /* the engine is busy a little longer than the tasklet waits */
    snprintf(text, sizeof text,
             "move r0, 0\nmove r1, %u\nldma r0, r1, %u\n.rept 9\nnop\n.endr\n"
             "sdma r0, r1, %u\nnop\nstop",
             transfers[_i].mram_addr, transfers[_i].len_bytes / 8 - 1,
             transfers[_i].len_bytes / 8 - 1);
    struct sim_dpu *dpu = observe(&config, text, &issues);
    ck_assert_uint_eq(issues.issue[3].cycle - issues.issue[2].cycle, transfers[_i].read_cycles);
    ck_assert_uint_eq(issues.issue[13].cycle - issues.issue[12].cycle, transfers[_i].write_cycles);
    ck_assert_uint_eq(TASKLET_STAT(dpu, slots_dma, 0),
                      transfers[_i].read_cycles + transfers[_i].write_cycles - 22);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(short_latency_does_not_beat_the_issue_spacing)
{
    static struct issues issues;
    struct sim_config config = cycle_config();
    set(&config, "dma_alpha_read", "3");
    set(&config, "dma_lead", "2");
    struct sim_dpu *dpu = observe(&config, "ldma zero, r1, 0\nnop\nstop", &issues);
    ck_assert_uint_eq(issues.issue[1].cycle, 11);
    ck_assert_uint_eq(TASKLET_STAT(dpu, slots_dma, 0), 0);
    sim_dpu_destroy(dpu);
}
END_TEST

/* Tasklet 12 reads 8 bytes while 0..11 issue in every cycle; the bytes are there exactly when it
 * could go on. */
struct watch {
    uint64_t issued_cycle, seen_cycle;
};

static bool watch_wram(void *context, struct sim_dpu *dpu, const struct sim_event *event)
{
    struct watch *watch = context;
    if (event->kind == SIM_EVENT_DMA)
        watch->issued_cycle = event->cycle;
    if (event->kind == SIM_EVENT_INSN && !watch->seen_cycle && wram_word(dpu, 0x100))
        watch->seen_cycle = event->cycle;
    return !watch->seen_cycle;
}

START_TEST(bytes_move_when_the_tasklet_wakes)
{
    struct sim_dpu *dpu = dpu_of(SIM_CYCLE, "jeq id, 12, l\nboot id, 1\nspin: jump spin\n"
                                            "l: move r0, 0x100\nnop\nnop\nldma r0, r1, 0\nstop");
    struct watch watch = {0, 0};
    memset(sim_dpu_mram(dpu), 1, 8);
    sim_dpu_set_hook(dpu, watch_wram, &watch);
    ck_assert_int_eq(dpu_run(dpu).stop, SIM_INTERRUPTED);
    ck_assert_uint_eq(watch.seen_cycle - watch.issued_cycle, 81);
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- the engine against the event model ----------------------------------------------------- */

/* Section 9.1 of the timing specification, in 1/256 cycle. */
struct model_engine {
    uint64_t free;
};

static uint64_t model_wake(struct model_engine *engine, const struct issue *dma)
{
    uint64_t s = dma->len_bytes, first = dma->mram_addr / 1024;
    uint64_t crossings = (dma->mram_addr + s - 1) / 1024 - first;
    uint64_t alpha = dma->is_read ? 77 : 61, start = (dma->cycle + 20) * 256;
    if (start < engine->free)
        start = engine->free;
    engine->free = start + 34 * 256 + 135 * s + 40 * 256 * crossings;
    return (start + ((alpha - 20) + s / 2 + 40 * crossings) * 256 + 255) / 256;
}

/* The tasklet goes on at its wake cycle, or later if others issued in all cycles between. */
static void check_wake(const struct issues *issues, const struct issue *dma, uint64_t wake)
{
    const struct issue *next = issue_after(issues, dma);
    uint64_t others = 0;
    if (!next)
        return;
    for (const struct issue *issue = dma; issue < next; issue++)
        others += issue->cycle >= wake;
    EXPECT(next->cycle >= wake && next->cycle == wake + others,
           "transfer of tasklet %u issued at %" PRIu64 ": next issue %" PRIu64 ", wake %" PRIu64,
           dma->tasklet, dma->cycle, next->cycle, wake);
}

START_TEST(engine_serves_transfers_in_order_as_the_model_says)
{
    static struct issues issues;
    struct sim_config config = cycle_config();
    struct model_engine engine = {0};
    char text[512];
    /* each tasklet transfers different lengths to different rows, reading and writing */
    snprintf(text, sizeof text,
             "jeq id, %d, l\nboot id, 1\nl: move r4, 60\nlsl r1, id, 10\n"
             "m: mul_ul_ul r2, r4, r4\nlsl r3, r2, 24\nlsl_add r1, r1, r2, 5\n"
             "ldma r3, r1, 0\nlsl r3, r2, 26\nsdma r3, r1, 0\nadd r4, r4, -1, nz, m\nstop",
             _i);
    struct sim_dpu *dpu = observe(&config, text, &issues);
    unsigned dmas = 0;
    for (unsigned i = 0; i < issues.count; i++)
        if (issues.issue[i].is_dma) {
            check_wake(&issues, &issues.issue[i], model_wake(&engine, &issues.issue[i]));
            dmas++;
        }
    ck_assert_uint_eq(dmas, 120 * ((unsigned)_i + 1));
    ck_assert_uint_eq(dmas, DPU_STAT(dpu, dma_transfers));
    sim_dpu_destroy(dpu);
}
END_TEST

/* MB/s of T tasklets that read and write blocks without end. */
static const struct {
    unsigned len_bytes, tasklets;
    double wanted; /* table 9.5 */
} saturations[] = {{1024, 1, 554}, {1024, 2, 625}, {1024, 6, 625}, {1024, 16, 625},
                   {8, 1, 20},     {8, 2, 40},     {8, 4, 73},     {8, 16, 73}};

START_TEST(saturated_engine_has_the_measured_bandwidth)
{
    char text[256];
    snprintf(
        text, sizeof text,
        "jeq id, %u, l\nboot id, 1\nl: lsl r0, id, 11\nmove r1, r0\n"
        "m: ldma r0, r1, %u\n.rept 6\nnop\n.endr\nsdma r0, r1, %u\n.rept 5\nnop\n.endr\njump m",
        saturations[_i].tasklets - 1, saturations[_i].len_bytes / 8 - 1,
        saturations[_i].len_bytes / 8 - 1);
    struct sim_dpu *dpu = dpu_of(SIM_CYCLE, text);
    struct sim_limits limits = {.max_cycles = 1000000};
    struct sim_outcome outcome;
    sim_dpu_run(dpu, &limits, &outcome);
    ck_assert_int_eq(outcome.stop, SIM_LIMIT_CYCLES);
    double rate = (double)DPU_STAT(dpu, dma_bytes) * 350 / (double)DPU_STAT(dpu, cycles);
    ck_assert_msg(rate > saturations[_i].wanted * 0.97 && rate < saturations[_i].wanted * 1.03,
                  "%u bytes, %u tasklets: %g MB/s", saturations[_i].len_bytes,
                  saturations[_i].tasklets, rate);
    double busy = (double)DPU_STAT(dpu, dma_busy) / 256 / (double)DPU_STAT(dpu, cycles);
    ck_assert(busy > 0.25 && busy < 1.01);
    if (rate > 600)
        ck_assert(busy > 0.99);
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- counters ------------------------------------------------------------------------------- */

START_TEST(time_reads_the_cycle_of_its_issue_divided)
{
    static struct issues issues;
    static const char *const shifts[] = {"0", "4", "7"};
    for (unsigned i = 0; i < 3; i++) {
        struct sim_config config = cycle_config();
        set(&config, "counter_shift", shifts[i]);
        struct sim_dpu *dpu =
            observe(&config, "nop\ntime r0\nnop\ntime r1\ntime r2\nnop\nstop", &issues);
        for (unsigned r = 0; r < 3; r++) {
            static const unsigned places[] = {1, 3, 4};
            ck_assert_uint_eq(reg_of(dpu, 0, r),
                              issue_at(&issues, 0, places[r])->cycle >> atoi(shifts[i]));
        }
        sim_dpu_destroy(dpu);
    }
}
END_TEST

/* Sixteen instructions of one tasklet are 176 cycles: 11 units of 16, never a unit more or less. */
START_TEST(interval_in_units_of_16_is_truncated)
{
    struct sim_dpu *dpu =
        dpu_of(SIM_CYCLE, "nop\ntime r0\n.rept 15\nnop\n.endr\ntime r1\ntime r2\nstop");
    dpu_run_done(dpu);
    ck_assert_uint_eq(reg_of(dpu, 0, 0), 0);
    ck_assert_uint_eq(reg_of(dpu, 0, 1), (11 * 17) / 16);
    ck_assert_uint_eq(reg_of(dpu, 0, 2), (11 * 18) / 16);
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- register bank conflicts
 * --------------------------------------------------------------------- */

/* extra = floor(even / 2) + floor(odd / 2) of registers read, or written by the previous one. */
static const struct {
    const char *text;
    unsigned extra;
} hazards[] = {
    {"add r0, r2, r4\nstop", 1},
    {"add r0, r2, r3\nstop", 0},
    {"add r0, r2, r3\nadd r1, r4, r5\nstop", 1}, /* r0 and r4 */
    {"move r2, 5\nadd r0, r2, r2\nstop", 0},     /* r2 counts once */
    {"sd zero, 8, d0\nstop", 0},                 /* one even, one odd */
    {"ld d2, zero, 8\nadd r0, r4, r5\nstop", 2}, /* wrote r2 and r3 */
    {"mul_step d0, r2, d0, 1\nstop", 1},
    {"lbs.s d2, zero, 8\nadd r0, r4, r5\nstop", 2},
};

START_TEST(bank_conflicts_cost_cycles_when_asked_for)
{
    struct sim_config config = cycle_config();
    for (unsigned on = 0; on < 2; on++) {
        set(&config, "rf_hazard", on ? "1" : "0");
        struct sim_dpu *dpu = dpu_with(&config, hazards[_i].text);
        dpu_run_done(dpu);
        ck_assert_uint_eq(DPU_STAT(dpu, slots_idle_hazard), on ? hazards[_i].extra : 0);
        sim_dpu_destroy(dpu);
    }
}
END_TEST

START_TEST(bank_conflicts_slow_a_full_pipeline)
{
    struct sim_config config = cycle_config();
    uint64_t cycles[2];
    for (unsigned on = 0; on < 2; on++) {
        set(&config, "rf_hazard", on ? "1" : "0");
        struct sim_dpu *dpu = dpu_with(&config, "jeq id, 15, l\nboot id, 1\nl: move r6, 100\n"
                                                "m: add r0, r2, r4\nadd r6, r6, -1, nz, m\nstop");
        dpu_run_done(dpu);
        cycles[on] = DPU_STAT(dpu, cycles);
        sim_dpu_destroy(dpu);
    }
    /* every addition 1, every loop end 1 more for r0 and r6 */
    ck_assert_uint_ge(cycles[1], cycles[0] + 16 * 190);
}
END_TEST

/* ---- where the cycles went
 * ------------------------------------------------------------------------ */

static const char *const program_files[] = {PROGRAM("vector_add"), PROGRAM("histogram_mutex"),
                                            PROGRAM("scan_chain"), PROGRAM("boot_protocol"),
                                            PROGRAM("fault_dma"),  PROGRAM("arith64")};

static const struct {
    const char *name, *value;
} variations[] = {{"issue_spacing", "11"},    {"issue_spacing", "1"},  {"issue_spacing", "64"},
                  {"wake_latency", "0"},      {"wake_latency", "300"}, {"dma_lead", "5000"},
                  {"dma_occ_fixed", "0"},     {"dma_row_bytes", "8"},  {"dma_alpha_read", "0"},
                  {"dma_cycles_per_8B", "0"}, {"rf_hazard", "1"},      {"counter_shift", "0"},
                  {"forwarding", "1"},        {"dma_engines", "3"},    {"dma_width_bytes", "64"},
                  {"dram_detailed", "1"},     {"cache_bytes", "1024"}, {"clock_mhz", "500"}};

enum { N_FILES = sizeof program_files / sizeof program_files[0] };
enum { N_VARIATIONS = sizeof variations / sizeof variations[0] };

static void check_accounts(const struct sim_dpu *dpu, const char *title)
{
    uint64_t cycles = DPU_STAT(dpu, cycles), drain = DPU_STAT(dpu, slots_drain);
    uint64_t idle = DPU_STAT(dpu, slots_idle_pipeline) + DPU_STAT(dpu, slots_idle_dma) +
                    DPU_STAT(dpu, slots_idle_hazard);
    uint64_t sum = DPU_STAT(dpu, instructions) + idle + drain, instructions = 0;
    EXPECT(cycles == sum, "%s: %" PRIu64 " cycles, but %" PRIu64 " accounted for", title, cycles,
           sum);
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++) {
        uint64_t slots = TASKLET_STAT(dpu, instructions, i) + TASKLET_STAT(dpu, slots_spacing, i) +
                         TASKLET_STAT(dpu, slots_contended, i) + TASKLET_STAT(dpu, slots_dma, i) +
                         TASKLET_STAT(dpu, slots_dma_queue, i) +
                         TASKLET_STAT(dpu, slots_hazard, i) + TASKLET_STAT(dpu, slots_stopped, i) +
                         TASKLET_STAT(dpu, slots_drain, i);
        EXPECT(slots == cycles, "%s: tasklet %u: %" PRIu64 " slots of %" PRIu64, title, i, slots,
               cycles);
        instructions += TASKLET_STAT(dpu, instructions, i);
    }
    EXPECT(instructions == DPU_STAT(dpu, instructions), "%s", title);
}

/* Accounts hold at the end and at any instruction on the way, watched or not; the runs are the
 * same. */
START_TEST(every_cycle_is_accounted_for_with_odd_parameters_too)
{
    struct sim_config config = cycle_config();
    struct snapshot snapshots[2];
    char title[512];
    const char *path = program_files[_i % N_FILES];
    set(&config, variations[_i / N_FILES].name, variations[_i / N_FILES].value);
    snprintf(title, sizeof title, "%s, %s=%s", strrchr(path, '/'), variations[_i / N_FILES].name,
             variations[_i / N_FILES].value);
    for (unsigned hooked = 0; hooked < 2; hooked++) {
        struct sim_dpu *dpu = dpu_file(&config, path);
        struct sim_limits limits = {.max_instructions = 331};
        struct sim_outcome outcome;
        sim_dpu_set_hook(dpu, hooked ? look_on : NULL, NULL);
        check_accounts(dpu, title);
        for (unsigned piece = 0; piece < 9; piece++) {
            sim_dpu_run(dpu, &limits, &outcome);
            check_accounts(dpu, title);
        }
        dpu_run(dpu);
        check_accounts(dpu, title);
        snapshot_take(&snapshots[hooked], dpu);
        sim_dpu_destroy(dpu);
    }
    assert_same(&snapshots[0], &snapshots[1], title);
}
END_TEST

START_TEST(waiting_for_dma_alone_is_idle_dma)
{
    struct sim_dpu *dpu = dpu_of(SIM_CYCLE, "ldma zero, r1, 0\nstop");
    dpu_run_done(dpu);
    ck_assert_uint_eq(DPU_STAT(dpu, slots_idle_dma), 80);
    ck_assert_uint_eq(DPU_STAT(dpu, slots_idle_pipeline), 0);
    ck_assert_uint_eq(DPU_STAT(dpu, cycles), 81 + 1 + 13);
    sim_dpu_destroy(dpu);
}
END_TEST

/* 8 bytes: 34 + 8 * 135 / 256 cycles. */
START_TEST(busy_time_is_the_occupancy)
{
    struct sim_dpu *dpu = dpu_of(SIM_CYCLE, "ldma zero, r1, 0\nsdma zero, r1, 1\nstop");
    dpu_run_done(dpu);
    ck_assert_uint_eq(DPU_STAT(dpu, dma_busy), 2 * 34 * 256 + 24 * 135);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(functional_mode_counts_instructions_as_cycles)
{
    struct sim_dpu *dpu = dpu_of(SIM_FUNCTIONAL, "ldma zero, r1, 0\nnop\nstop");
    dpu_run_done(dpu);
    ck_assert_uint_eq(DPU_STAT(dpu, cycles), 3);
    ck_assert_uint_eq(DPU_STAT(dpu, slots_drain), 0);
    ck_assert_uint_eq(TASKLET_STAT(dpu, slots_stopped, 3), 0);
    sim_dpu_destroy(dpu);
}
END_TEST

/* A fault ends transfers under way: what they were to bring is there. */
START_TEST(fault_completes_transfers_under_way)
{
    struct sim_dpu *dpu =
        dpu_of(SIM_CYCLE, "jeq id, 1, l\nboot id, 1\nmove r0, 0x100\n"
                          "ldma r0, r1, 255\nstop\nl: .rept 4\nnop\n.endr\nfault 1");
    memset(sim_dpu_mram(dpu), 1, 2048);
    ck_assert_int_eq(dpu_run(dpu).stop, SIM_FAULTED);
    ck_assert_uint_eq(wram_word(dpu, 0x100), 0x01010101);
    ck_assert_uint_eq(wram_word(dpu, 0x8fc), 0x01010101);
    sim_dpu_destroy(dpu);
}
END_TEST

/* clr_run of a tasklet that waits for DMA: it does not go on, its bytes arrive. */
START_TEST(stopped_while_waiting_for_dma_goes_on_when_resumed)
{
    struct snapshot snapshots[2];
    for (unsigned hooked = 0; hooked < 2; hooked++) {
        struct sim_dpu *dpu = dpu_of(
            SIM_CYCLE, "jeq id, 1, l\nboot id, 1\n.rept 5\nnop\n.endr\nclr_run zero, 1, false, 0\n"
                       ".rept 200\nnop\n.endr\nresume zero, 1\nstop\n"
                       "l: move r0, 0x100\nldma r0, r1, 255\nlw r2, r0, 0x7fc\nstop");
        memset(sim_dpu_mram(dpu), 1, 2048);
        sim_dpu_set_hook(dpu, hooked ? look_on : NULL, NULL);
        dpu_run_done(dpu);
        ck_assert_uint_eq(reg_of(dpu, 1, 2), 0x01010101);
        check_accounts(dpu, "resumed");
        snapshot_take(&snapshots[hooked], dpu);
        sim_dpu_destroy(dpu);
    }
    assert_same(&snapshots[0], &snapshots[1], "resumed");
}
END_TEST

/* ---- settings
 * ------------------------------------------------------------------------------------- */

static const struct {
    const char *name, *value, *error; /* NULL: accepted */
    int64_t wanted;
    enum sim_timing timing;
} settings[] = {
    {"issue_spacing", "12", NULL, 12, SIM_TIMING_issue_spacing},
    {"dma_occ_per_byte", "0.5", NULL, 128, SIM_TIMING_dma_occ_per_byte},
    {"dma_occ_per_byte", "0.527", NULL, 135, SIM_TIMING_dma_occ_per_byte},
    {"dma_occ_fixed", "38", NULL, 38 * 256, SIM_TIMING_dma_occ_fixed},
    {"dma_row_bytes", "512", NULL, 512, SIM_TIMING_dma_row_bytes},
    {"issue_spacing", "0", "from 1 to 64", 0, 0},
    {"issue_spacing", "65", "from 1 to 64", 0, 0},
    {"issue_spacing", "2.5", "a whole number of cycles", 0, 0},
    {"issue_spacing", "", "from 1 to 64", 0, 0},
    {"issue_spacing", "-3", "from 1 to 64", 0, 0},
    {"issue_spacing", "99999999999999999999", "from 1 to 64", 0, 0},
    {"dma_occ_per_byte", "0.5x", "a number of cycles/byte", 0, 0},
    {"dma_row_bytes", "1000", "a power of two", 0, 0},
    {"issue_spacin", "11", "did you mean \"issue_spacing\"?", 0, 0},
    {"completely_else", "11", "no timing parameter \"completely_else\"", 0, 0},
};

START_TEST(setting_is_taken_or_refused_with_a_sentence)
{
    struct sim_config config = cycle_config(), before = config;
    struct isa_diag diag = {""};
    enum dpusim_status status =
        sim_config_set_timing(&config, settings[_i].name, settings[_i].value, &diag);
    if (!settings[_i].error) {
        ck_assert_msg(status == DPUSIM_OK, "%s", diag.text);
        ck_assert_int_eq(config.timing[settings[_i].timing], settings[_i].wanted);
        return;
    }
    ck_assert_int_eq(status, DPUSIM_BAD_ARGUMENT);
    ck_assert_msg(strstr(diag.text, settings[_i].error) != NULL, "%s", diag.text);
    ck_assert_mem_eq(&config, &before, sizeof config);
}
END_TEST

START_TEST(parameters_and_counters_describe_themselves)
{
    struct sim_config config = cycle_config();
    for (unsigned i = 0; i < SIM_TIMING_COUNT; i++) {
        const struct sim_timing_info *info = sim_timing_get((enum sim_timing)i);
        ck_assert(info->lowest <= info->initial && info->initial <= info->highest);
        ck_assert_int_eq(config.timing[i], info->initial);
        ck_assert(strlen(info->evidence) && strlen(info->source) && strlen(info->meaning));
    }
    for (unsigned i = 0; i < SIM_STAT_COUNT; i++)
        ck_assert(strlen(sim_stat_get((enum sim_stat)i)->meaning) > 0);
}
END_TEST

#define ROWS(array) (int)(sizeof(array) / sizeof(array)[0])

static TCase *issue_case(void)
{
    TCase *issue = tcase_create("issue");
    tcase_add_loop_test(issue, one_tasklet_issues_every_issue_spacing, 0, ROWS(spacings));
    tcase_add_test(issue, last_instruction_takes_the_pipeline_to_drain);
    tcase_add_loop_test(issue, tasklets_take_turns_and_fill_the_pipeline, 1, 25);
    tcase_add_loop_test(issue, woken_tasklet_issues_after_the_wake_latency, 0, ROWS(wakes));
    tcase_add_test(issue, time_reads_the_cycle_of_its_issue_divided);
    tcase_add_test(issue, interval_in_units_of_16_is_truncated);
    tcase_add_loop_test(issue, bank_conflicts_cost_cycles_when_asked_for, 0, ROWS(hazards));
    tcase_add_test(issue, bank_conflicts_slow_a_full_pipeline);
    return issue;
}

static TCase *dma_case(void)
{
    TCase *dma = tcase_create("dma");
    tcase_add_loop_test(dma, unloaded_transfer_takes_its_latency, 0, ROWS(transfers));
    tcase_add_test(dma, short_latency_does_not_beat_the_issue_spacing);
    tcase_add_test(dma, bytes_move_when_the_tasklet_wakes);
    tcase_add_loop_test(dma, engine_serves_transfers_in_order_as_the_model_says, 0, 12);
    tcase_add_loop_test(dma, saturated_engine_has_the_measured_bandwidth, 0, ROWS(saturations));
    tcase_add_test(dma, fault_completes_transfers_under_way);
    tcase_add_test(dma, stopped_while_waiting_for_dma_goes_on_when_resumed);
    return dma;
}

int main(void)
{
    Suite *suite = suite_create("sim.cycle");
    TCase *accounts = tcase_create("accounts"), *config = tcase_create("config");
    tcase_add_loop_test(accounts, every_cycle_is_accounted_for_with_odd_parameters_too, 0,
                        N_FILES * N_VARIATIONS);
    tcase_add_test(accounts, waiting_for_dma_alone_is_idle_dma);
    tcase_add_test(accounts, busy_time_is_the_occupancy);
    tcase_add_test(accounts, functional_mode_counts_instructions_as_cycles);
    tcase_add_loop_test(config, setting_is_taken_or_refused_with_a_sentence, 0, ROWS(settings));
    tcase_add_test(config, parameters_and_counters_describe_themselves);
    suite_add_tcase(suite, issue_case());
    suite_add_tcase(suite, dma_case());
    suite_add_tcase(suite, accounts);
    suite_add_tcase(suite, config);
    return run_suite(suite);
}
