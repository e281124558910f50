/* SPDX-License-Identifier: MIT */
/* Settings by name and file; variants for studies: what each does to times, that none changes
 * results, and which combinations are refused; warm start. */
#include <check.h>

#include "sim_help.h"

static void set(struct sim_config *config, const char *name, const char *value)
{
    struct isa_diag diag = {""};
    ck_assert_msg(sim_config_set(config, name, value, "test", NULL, &diag) == DPUSIM_OK, "%s",
                  diag.text);
}

static struct sim_config with(const char *settings)
{
    struct sim_config config = config_of(SIM_CYCLE, 0);
    struct isa_diag diag = {""};
    ck_assert_msg(sim_config_set_all(&config, settings, "test", NULL, &diag) == DPUSIM_OK, "%s",
                  diag.text);
    return config;
}

/* Cycles without the drain. */
static uint64_t cycles_of(const char *settings, const char *text)
{
    struct sim_config config = with(settings);
    struct sim_dpu *dpu = dpu_with(&config, text);
    dpu_run_done(dpu);
    uint64_t cycles = DPU_STAT(dpu, cycles) - DPU_STAT(dpu, slots_drain);
    sim_dpu_destroy(dpu);
    return cycles;
}

/* ---- variants -------------------------------------------------------------------------------- */

#define TWO_READS                                                                                  \
    "jeq id, 1, l\nboot id, 1\nl: lsl r0, id, 11\nlsl r1, id, 11\nldma r0, r1, 127\nstop"
#define READ_8      "ldma zero, r1, 0\n"
#define READ_SAME_8 "move r1, 64\n" READ_8 READ_8 READ_8 "stop"

/* Without the variant, and with it. */
static const struct {
    const char *settings, *text;
    uint64_t without, cycles;
} variants[] = {
    /* independent, then arithmetic, then load to use, then a jump */
    {"forwarding=1", "nop\nnop\nstop", 23, 3},
    {"forwarding=1;forward_spacing=2", "nop\nnop\nstop", 23, 5},
    {"forwarding=1", "add r0, r1, 1\nadd r2, r0, 1\nstop", 23, 6},
    {"forwarding=1", "lw r0, zero, 8\nadd r2, r0, 1\nstop", 23, 9},
    {"forwarding=1;forward_load=3", "lw r0, zero, 8\nadd r2, r0, 1\nstop", 23, 5},
    {"forwarding=1", "jump l\nnop\nl: stop", 12, 5},
    {"forwarding=1", "add r0, r1, 1\naddc r2, r3, 1\nstop", 23, 6},
    /* the second engine serves the second tasklet at once */
    {"dma_engines=2", TWO_READS, 1209, 645},
    /* 1024 bytes in 64 accesses of 16 bytes */
    {"dma_width_bytes=16", "ldma zero, r1, 127\nstop", 590, 334},
    /* what the line read first holds is served in cache_hit cycles */
    {"cache_bytes=1024", READ_SAME_8, 11 + 3 * 81 + 1, 11 + 109 + 11 + 11 + 1},
    {"cache_bytes=1024;cache_hit=20", READ_SAME_8, 11 + 3 * 81 + 1, 11 + 109 + 20 + 20 + 1},
    {"cache_bytes=1024", "ldma zero, r1, 1\nldma zero, r1, 1\nstop", 171, 171}, /* 16 bytes */
    {"cache_bytes=1024", "sdma zero, r1, 0\nsdma zero, r1, 0\nstop", 131, 131},
    /* an open row saves its change, another row in the transfer costs one */
    {"dram_detailed=1", READ_8 "stop", 82, 82},
    {"dram_detailed=1", READ_8 READ_8 "stop", 163, 163 - 34},
    {"dram_detailed=1;dram_row_change=10", READ_8 READ_8 "stop", 163, 163 - 10},
    {"dram_detailed=1", "move r1, 512\nldma zero, r1, 127\nstop", 641, 641 - 40 + 34},
};

START_TEST(variant_changes_the_time_as_documented)
{
    uint64_t without = cycles_of("", variants[_i].text);
    uint64_t cycles = cycles_of(variants[_i].settings, variants[_i].text);
    ck_assert_msg(without == variants[_i].without && cycles == variants[_i].cycles,
                  "%s: %" PRIu64 " and %" PRIu64 " cycles, wanted %" PRIu64 " and %" PRIu64,
                  variants[_i].settings, without, cycles, variants[_i].without,
                  variants[_i].cycles);
}
END_TEST

/* A refresh falls into every 1003rd cycle: a transfer that meets one takes 52 cycles longer. */
START_TEST(refresh_lengthens_the_transfer_that_it_falls_into)
{
    static const char text[] = ".rept %u\nnop\n.endr\nldma zero, r1, 127\nstop";
    char early[128], late[128];
    snprintf(early, sizeof early, text, 1);
    snprintf(late, sizeof late, text, 80);
    uint64_t plain = cycles_of("dram_detailed=1", early);
    ck_assert_uint_eq(cycles_of("dram_detailed=1", late), plain + 79 * 11 + 52);
    ck_assert_uint_eq(cycles_of("dram_detailed=1;dram_refresh=0", late), plain + 79 * 11);
}
END_TEST

/* MB/s of 16 tasklets that read and write blocks without end: the same data as the default model.
 */
START_TEST(bank_with_refresh_has_the_measured_bandwidth)
{
    struct sim_config config = with("dram_detailed=1");
    struct sim_dpu *dpu = dpu_with(
        &config, "jeq id, 15, l\nboot id, 1\nl: lsl r0, id, 11\nmove r1, r0\nadd r2, r0, 0x100000\n"
                 "m: ldma r0, r1, 127\nsdma r0, r2, 127\njump m");
    struct sim_limits limits = {.max_cycles = 1000000};
    sim_dpu_run(dpu, &limits, NULL);
    double rate = sim_dpu_metric(dpu, SIM_METRIC_mram_mb_s);
    ck_assert_msg(rate > 624.02 * 0.99 && rate < 624.02 * 1.01, "%g MB/s", rate);
    sim_dpu_destroy(dpu);
}
END_TEST

static const char *const settings[] = {
    "rf_hazard=1",     "forwarding=1",     "dma_engines=4",       "dma_width_bytes=32",
    "dram_detailed=1", "cache_bytes=4096", "threads=16",          "wram_bytes=32768",
    "clock_mhz=500",   "issue_spacing=1",  "machine.count_mix=1", "machine.quantum=5"};
static const char *const program_files[] = {PROGRAM("vector_add"), PROGRAM("histogram_mutex"),
                                            PROGRAM("scan_chain")};

#define ROWS(array) (int)(sizeof(array) / sizeof(array)[0])

/* Memories of a finished run. */
static void run_file(struct sim_config config, const char *path, uint8_t *wram, uint8_t *mram)
{
    struct sim_dpu *dpu = dpu_file(&config, path);
    dpu_run_done(dpu);
    const struct isa_symbol *result = isa_program_find_symbol(sim_dpu_program(dpu), "result");
    ck_assert(result == NULL || result->defined);
    memcpy(wram, sim_dpu_wram(dpu), 4096);
    memcpy(mram, sim_dpu_mram(dpu), 65536);
    sim_dpu_destroy(dpu);
}

START_TEST(variant_does_not_change_what_is_computed)
{
    static uint8_t wram[2][4096], mram[2][65536];
    const char *path = program_files[_i % ROWS(program_files)];
    run_file(with(""), path, wram[0], mram[0]);
    run_file(with(settings[_i / ROWS(program_files)]), path, wram[1], mram[1]);
    ck_assert_mem_eq(mram[0], mram[1], sizeof mram[0]);
}
END_TEST

START_TEST(clock_and_threads_are_those_of_the_configuration)
{
    struct sim_config config = with("clock_mhz=500;threads=2;wram_bytes=4096");
    struct sim_dpu *dpu = dpu_with(&config, "boot zero, 1\nboot zero, 2\nstop");
    struct sim_thread_state state;
    dpu_run_done(dpu);
    double seconds = sim_dpu_metric(dpu, SIM_METRIC_seconds);
    ck_assert(seconds * 500e6 > (double)DPU_STAT(dpu, cycles) * 0.999 &&
              seconds * 500e6 < (double)DPU_STAT(dpu, cycles) * 1.001);
    ck_assert_int_eq(sim_dpu_get_thread(dpu, 1, &state), DPUSIM_OK);
    ck_assert_int_eq(sim_dpu_get_thread(dpu, 2, &state), DPUSIM_BAD_ARGUMENT);
    ck_assert_uint_eq(sim_dpu_memory_bytes(dpu, ISA_WRAM), 4096);
    sim_dpu_destroy(dpu);
    dpu = dpu_with(&config, "move r0, 4096\nsw r0, 0, r0\nstop");
    ck_assert_int_eq(dpu_run(dpu).stop, SIM_FAULTED);
    ck_assert_int_eq(sim_dpu_fault(dpu)->kind, SIM_FAULT_MEMORY);
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- refused --------------------------------------------------------------------------------- */

static const struct {
    const char *settings, *error;
} refused[] = {
    {"forwarding=1;forward_load=12", "forward_load=12 is more than timing.issue_spacing=11"},
    {"dram_detailed=1;dma_engines=2", "one bank behind one engine"},
    {"dma_width_bytes=2048", "more than a row"},
    {"cache_bytes=100", "no multiple of a set"},
    {"cache_bytes=1024;cache_most_bytes=128", "more than a line"},
};

START_TEST(settings_that_make_no_sense_together_are_refused)
{
    struct sim_config config = with(refused[_i].settings);
    struct isa_diag diag = {""};
    struct sim_dpu *dpu = NULL;
    ck_assert_int_eq(sim_dpu_create(&dpu, &config, &diag), DPUSIM_BAD_ARGUMENT);
    ck_assert_msg(strstr(diag.text, refused[_i].error) != NULL, "%s", diag.text);
}
END_TEST

START_TEST(program_that_needs_more_than_the_machine_has_is_refused)
{
    static const char *const small[] = {"threads=1", "wram_bytes=64"};
    struct sim_config config = with(small[_i]);
    struct sim_dpu *dpu = dpu_create(&config);
    struct isa_diag diag = {""};
    ck_assert_int_eq(sim_dpu_load_file(dpu, PROGRAM("histogram_mutex"), &diag),
                     DPUSIM_BAD_ARGUMENT);
    ck_assert_msg(strstr(diag.text, "but machine.") != NULL, "%s", diag.text);
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- names and files ------------------------------------------------------------------------- */

static const struct {
    const char *name, *value, *error;
} bad_settings[] = {
    {"timing.issue_spacin", "3", "did you mean \"timing.issue_spacing\"?"},
    {"timing.rf_hazard", "1", "did you mean \"study.rf_hazard\"?"},
    {"machine.mode", "cycles", "functional or cycle is wanted"},
    {"machine.chip", "v2", "v1A, v1B or program is wanted"},
    {"machine.order_seed", "-1", "a whole number"},
    {"machine.quantum", "2147483648", "from 0 to 2^31 - 1"},
    {"machine.count_mix", "yes", "0 or 1"},
    {"machine.wram_bytes", "1001", "a multiple of 8"},
    {"machine.threads", "25", "from 0 to 24"},
    {"study.cache_line_bytes", "48", "a power of two"},
};

START_TEST(bad_setting_is_refused_with_a_sentence)
{
    struct sim_config config = with(""), before = config;
    struct isa_diag diag = {""};
    ck_assert_int_eq(
        sim_config_set(&config, bad_settings[_i].name, bad_settings[_i].value, "test", NULL, &diag),
        DPUSIM_BAD_ARGUMENT);
    ck_assert_msg(strstr(diag.text, bad_settings[_i].error) != NULL, "%s", diag.text);
    ck_assert_mem_eq(&config, &before, sizeof config);
}
END_TEST

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert(file != NULL);
    fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(file_sets_values_and_says_where_they_came_from)
{
    static const char path[] = BUILD_DIR "/tests/study.cfg";
    struct sim_config config = with("");
    struct sim_origins origins;
    struct isa_diag diag = {""};
    char value[64];
    sim_origins_init(&origins);
    write_file(path, "# a study\n\n  timing.wake_latency = 5 # less\nmachine.mode=functional\n"
                     "dma_occ_per_byte=0.5\n");
    ck_assert_msg(sim_config_read_file(&config, path, &origins, &diag) == DPUSIM_OK, "%s",
                  diag.text);
    ck_assert_int_eq(config.timing[SIM_TIMING_wake_latency], 5);
    ck_assert_int_eq(config.timing[SIM_TIMING_dma_occ_per_byte], 128);
    ck_assert_int_eq(config.mode, SIM_FUNCTIONAL);
    ck_assert(strstr(origins.text[SIM_TIMING_wake_latency], "study.cfg:3") != NULL);
    ck_assert_str_eq(origins.text[SIM_TIMING_issue_spacing], "default");
    sim_setting_text(&config, SIM_TIMING_dma_occ_per_byte, value, sizeof value);
    ck_assert_str_eq(value, "0.5");
    write_file(path, "issue_spacing=3\nwake_latency 4\n");
    struct sim_config before = config;
    ck_assert_int_eq(sim_config_read_file(&config, path, &origins, &diag), DPUSIM_BAD_ARGUMENT);
    ck_assert_msg(strstr(diag.text, "study.cfg:2: ") != NULL, "%s", diag.text);
    ck_assert_mem_eq(&config, &before, sizeof config);
    ck_assert_str_eq(origins.text[SIM_TIMING_issue_spacing], "default"); /* as the value is */
    ck_assert_int_eq(sim_config_set_all(&config, "issue_spacing=3;x=1", "text", &origins, &diag),
                     DPUSIM_BAD_ARGUMENT);
    ck_assert_str_eq(origins.text[SIM_TIMING_issue_spacing], "default");
    ck_assert_int_eq(sim_config_read_file(&config, "/no/such", NULL, &diag), DPUSIM_NO_SUCH_FILE);
}
END_TEST

/* Every setting can be set to the text of its value. */
START_TEST(value_of_every_setting_is_accepted_again)
{
    struct sim_config config = with(""), again = with("");
    for (unsigned i = 0; i < SIM_SETTING_COUNT; i++) {
        char value[64];
        sim_setting_text(&config, i, value, sizeof value);
        set(&again, sim_setting_name(i), value);
        ck_assert(strlen(sim_setting_meaning(i)) > 0);
    }
    ck_assert_mem_eq(&config, &again, sizeof config);
}
END_TEST

/* ---- warm start ------------------------------------------------------------------------------ */

static const struct {
    const char *from, *until;
    bool has_part;
} windows[] = {
    {"insn:0", NULL, true},          {"insn:500", NULL, true},
    {"insn:500", "insn:900", true},  {"launch:1", NULL, true},
    {"launch:2", NULL, false},       {NULL, "insn:400", true},
    {NULL, "launch:1", false},       {"main", NULL, true},
    {"main+1", "insn:2000", true},   {"insn:300", "main", true},
    {"insn:999999999", NULL, false},
};

static struct sim_point point_of(const char *spec, const struct isa_program *program)
{
    struct sim_point point = {SIM_POINT_NONE, 0};
    struct isa_diag diag = {""};
    if (spec)
        ck_assert_msg(sim_point_parse(&point, spec, program, &diag) == DPUSIM_OK, "%s", diag.text);
    return point;
}

static struct sim_dpu *windowed(const char *path, const char *from, const char *until)
{
    struct sim_config config = config_of(SIM_FUNCTIONAL, 0);
    struct sim_dpu *dpu = dpu_create(&config);
    ck_assert_int_eq(sim_dpu_load_file(dpu, path, NULL), DPUSIM_OK);
    struct sim_window window = {point_of(from, sim_dpu_program(dpu)),
                                point_of(until, sim_dpu_program(dpu))};
    sim_dpu_set_window(dpu, &window);
    dpu_boot(dpu);
    return dpu;
}

START_TEST(run_that_changes_modes_computes_the_same)
{
    const char *path = program_files[_i % ROWS(program_files)];
    const char *from = windows[_i / ROWS(program_files)].from;
    const char *until = windows[_i / ROWS(program_files)].until;
    struct sim_config functional = config_of(SIM_FUNCTIONAL, 0);
    struct sim_dpu *plain = dpu_file(&functional, path), *dpu = windowed(path, from, until);
    dpu_run_done(plain);
    dpu_run_done(dpu);
    ck_assert_mem_eq(sim_dpu_mram(plain), sim_dpu_mram(dpu), 65536);
    bool part = sim_dpu_stat_mode(dpu) == SIM_CYCLE;
    EXPECT(part == windows[_i / ROWS(program_files)].has_part, "%s %s", from, until);
    if (part) {
        uint64_t slots = DPU_STAT(dpu, instructions) + DPU_STAT(dpu, slots_idle_pipeline) +
                         DPU_STAT(dpu, slots_idle_dma) + DPU_STAT(dpu, slots_drain);
        ck_assert_uint_eq(DPU_STAT(dpu, cycles), slots);
    }
    sim_dpu_destroy(plain);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(window_begins_and_ends_exactly)
{
    struct sim_dpu *dpu = windowed(PROGRAM("vector_add"), "insn:500", "insn:900");
    dpu_run_done(dpu);
    ck_assert_uint_eq(DPU_STAT(dpu, instructions_before), 500);
    ck_assert_uint_eq(DPU_STAT(dpu, instructions), 400);
    ck_assert_int_eq(sim_dpu_mode(dpu), SIM_FUNCTIONAL);
    sim_dpu_destroy(dpu);
}
END_TEST

/* However the run is cut, and watched or not. */
START_TEST(window_does_not_depend_on_pieces)
{
    struct snapshot snapshots[2];
    uint64_t cycles[2];
    for (unsigned cut = 0; cut < 2; cut++) {
        struct sim_dpu *dpu = windowed(PROGRAM("histogram_mutex"), "insn:700", "insn:5000");
        struct sim_limits limits = {.max_instructions = cut ? 137 : 0};
        struct sim_outcome outcome;
        sim_dpu_set_hook(dpu, cut ? look_on : NULL, NULL);
        do
            sim_dpu_run(dpu, &limits, &outcome);
        while (outcome.stop == SIM_LIMIT_INSTRUCTIONS);
        ck_assert_int_eq(outcome.stop, SIM_DONE);
        cycles[cut] = DPU_STAT(dpu, cycles);
        snapshot_take(&snapshots[cut], dpu);
        sim_dpu_destroy(dpu);
    }
    ck_assert_uint_eq(cycles[0], cycles[1]);
    assert_same(&snapshots[0], &snapshots[1], "pieces");
}
END_TEST

/* Saved before, within and after the window; restored into a DPU that knows of none. */
START_TEST(saved_state_has_the_window_and_its_statistics)
{
    static const uint64_t cuts[] = {300, 800, 2000};
    struct snapshot snapshots[2];
    uint64_t cycles[2];
    struct sim_dpu *whole = windowed(PROGRAM("vector_add"), "insn:500", "insn:900");
    struct sim_limits limits = {.max_instructions = cuts[_i]};
    struct isa_bytes image;
    struct isa_diag diag = {""};
    sim_dpu_run(whole, &limits, NULL);
    ck_assert_int_eq(sim_dpu_save(whole, &image, &diag), DPUSIM_OK);
    struct sim_config config = config_of(SIM_FUNCTIONAL, 0);
    struct sim_dpu *other = dpu_file(&config, PROGRAM("vector_add"));
    ck_assert_msg(sim_dpu_restore(other, image, &diag) == DPUSIM_OK, "%s", diag.text);
    free((void *)(uintptr_t)image.data);
    struct sim_dpu *dpus[] = {whole, other};
    for (unsigned i = 0; i < 2; i++) {
        dpu_run_done(dpus[i]);
        cycles[i] = DPU_STAT(dpus[i], cycles);
        ck_assert_uint_eq(DPU_STAT(dpus[i], instructions), 400);
        ck_assert_int_eq(sim_dpu_stat_mode(dpus[i]), SIM_CYCLE);
        snapshot_take(&snapshots[i], dpus[i]);
        sim_dpu_destroy(dpus[i]);
    }
    ck_assert_uint_eq(cycles[0], cycles[1]);
    assert_same(&snapshots[0], &snapshots[1], "restored");
}
END_TEST

START_TEST(limit_of_instructions_spans_the_change_of_modes)
{
    struct sim_dpu *dpu = windowed(PROGRAM("vector_add"), "insn:500", "insn:900");
    struct sim_limits limits = {.max_instructions = 1000};
    struct sim_outcome outcome;
    sim_dpu_run(dpu, &limits, &outcome);
    ck_assert_int_eq(outcome.stop, SIM_LIMIT_INSTRUCTIONS);
    ck_assert_uint_eq(outcome.instructions, 1000);
    sim_dpu_destroy(dpu);
}
END_TEST

/* The time counter goes on over a change of modes. */
START_TEST(mode_changes_between_two_instructions)
{
    struct sim_dpu *dpu = dpu_of(
        SIM_FUNCTIONAL, ".rept 64\nnop\n.endr\ntime r0\n.rept 15\nnop\n.endr\ntime r1\nstop");
    struct sim_limits limits = {.max_instructions = 64};
    sim_dpu_run(dpu, &limits, NULL);
    ck_assert_int_eq(sim_dpu_set_mode(dpu, SIM_CYCLE, NULL), DPUSIM_OK);
    dpu_run_done(dpu);
    ck_assert_uint_eq(reg_of(dpu, 0, 0), 64 / 16);
    ck_assert_uint_eq(reg_of(dpu, 0, 1), (64 + 16 * 11) / 16);
    ck_assert_uint_eq(DPU_STAT(dpu, instructions_before), 64);
    ck_assert_uint_eq(DPU_STAT(dpu, instructions), 18);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(transfer_under_way_is_completed_by_the_change)
{
    struct sim_dpu *dpu = dpu_of(SIM_CYCLE, "move r0, 0x100\nldma r0, r1, 0\nlw r2, r0, 0\nstop");
    struct sim_limits limits = {.max_instructions = 2};
    memset(sim_dpu_mram(dpu), 7, 8);
    sim_dpu_run(dpu, &limits, NULL);
    ck_assert_int_eq(sim_dpu_set_mode(dpu, SIM_FUNCTIONAL, NULL), DPUSIM_OK);
    dpu_run_done(dpu);
    ck_assert_uint_eq(reg_of(dpu, 0, 2), 0x07070707);
    sim_dpu_destroy(dpu);
}
END_TEST

static const struct {
    const char *spec, *error;
} bad_points[] = {{"launch:0", "from 1 on"},
                  {"launch:x", "from 1 on"},
                  {"insn:", "from 0 on"},
                  {"no_such", "no such function"},
                  {"main+x", "behind the +"}};

START_TEST(bad_point_is_refused_with_a_sentence)
{
    struct isa_program *program = program_of("main: stop", ISA_CHIP_V1A, false);
    struct sim_point point;
    struct isa_diag diag = {""};
    ck_assert_int_ne(sim_point_parse(&point, bad_points[_i].spec, program, &diag), DPUSIM_OK);
    ck_assert_msg(strstr(diag.text, bad_points[_i].error) != NULL, "%s", diag.text);
    isa_program_destroy(program);
}
END_TEST

/* ---- statistics ------------------------------------------------------------------------------ */

START_TEST(mix_counts_every_instruction_once)
{
    struct sim_config config = with("machine.count_mix=1");
    struct sim_dpu *dpu = dpu_with(&config, "move r0, 4\nsw zero, 8, r0\nlw r1, zero, 8\n"
                                            "sd zero, 16, d0\nldma zero, r2, 0\n"
                                            "m: add r0, r0, -1, nz, m\nstop");
    dpu_run_done(dpu);
    uint64_t sum = 0;
    for (unsigned stat = SIM_STAT_DPU_mix_arithmetic; stat <= SIM_STAT_DPU_mix_other; stat++)
        sum += sim_dpu_stat(dpu, (enum sim_stat)stat, 0);
    ck_assert_uint_eq(sum, DPU_STAT(dpu, instructions));
    ck_assert_uint_eq(DPU_STAT(dpu, mix_load), 1);
    ck_assert_uint_eq(DPU_STAT(dpu, mix_store), 2);
    ck_assert_uint_eq(DPU_STAT(dpu, mix_dma), 1);
    ck_assert_uint_eq(DPU_STAT(dpu, mix_branches), 5);
    ck_assert_uint_eq(DPU_STAT(dpu, wram_read_bytes), 4);
    ck_assert_uint_eq(DPU_STAT(dpu, wram_write_bytes), 12);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(sizes_and_directions_of_transfers_are_counted)
{
    for (unsigned mode = 0; mode < 2; mode++) {
        struct sim_dpu *dpu =
            dpu_of((enum sim_mode)mode, "ldma zero, r1, 0\nldma zero, r1, 1\nldma zero, r1, 2\n"
                                        "sdma zero, r1, 3\nsdma zero, r1, 255\nstop");
        dpu_run_done(dpu);
        ck_assert_uint_eq(DPU_STAT(dpu, dma_size_8), 1);
        ck_assert_uint_eq(DPU_STAT(dpu, dma_size_16), 1);
        ck_assert_uint_eq(DPU_STAT(dpu, dma_size_32), 2);
        ck_assert_uint_eq(DPU_STAT(dpu, dma_size_2048), 1);
        ck_assert_uint_eq(DPU_STAT(dpu, mram_read_bytes), 48);
        ck_assert_uint_eq(DPU_STAT(dpu, mram_write_bytes), 2080);
        sim_dpu_destroy(dpu);
    }
}
END_TEST

/* Tasklet 0 holds the bit for 50 instructions while tasklet 1 spins. */
START_TEST(failed_acquire_is_counted_as_spinning)
{
    for (unsigned mode = 0; mode < 2; mode++) {
        struct sim_dpu *dpu =
            dpu_of((enum sim_mode)mode, "jeq id, 1, l\nacquire zero, 5, nz, .\nboot zero, 1\n"
                                        ".rept 50\nnop\n.endr\nrelease zero, 5, nz, e\ne: stop\n"
                                        "l: acquire zero, 5, nz, .\nstop");
        dpu_run_done(dpu);
        uint64_t spins = TASKLET_STAT(dpu, slots_spin, 1);
        ck_assert_uint_eq(TASKLET_STAT(dpu, slots_spin, 0), 0);
        ck_assert_uint_eq(spins, DPU_STAT(dpu, slots_spin));
        ck_assert_uint_eq(spins, TASKLET_STAT(dpu, instructions, 1) - 3);
        ck_assert_uint_ge(spins, 40);
        sim_dpu_destroy(dpu);
    }
}
END_TEST

START_TEST(queue_is_the_wait_for_the_engine)
{
    struct sim_config config = with("");
    struct sim_dpu *dpu = dpu_with(&config, TWO_READS);
    dpu_run_done(dpu);
    ck_assert_uint_eq(TASKLET_STAT(dpu, slots_dma_queue, 0), 0);
    uint64_t queue = TASKLET_STAT(dpu, slots_dma_queue, 1);
    ck_assert_uint_eq(TASKLET_STAT(dpu, slots_dma, 1), 589 - 11);
    ck_assert_uint_ge(queue, 500);
    sim_dpu_destroy(dpu);
}
END_TEST

static TCase *window_case(void)
{
    TCase *window = tcase_create("window");
    tcase_add_loop_test(window, run_that_changes_modes_computes_the_same, 0,
                        ROWS(windows) * ROWS(program_files));
    tcase_add_test(window, window_begins_and_ends_exactly);
    tcase_add_test(window, window_does_not_depend_on_pieces);
    tcase_add_loop_test(window, saved_state_has_the_window_and_its_statistics, 0, 3);
    tcase_add_test(window, limit_of_instructions_spans_the_change_of_modes);
    tcase_add_test(window, mode_changes_between_two_instructions);
    tcase_add_test(window, transfer_under_way_is_completed_by_the_change);
    tcase_add_loop_test(window, bad_point_is_refused_with_a_sentence, 0, ROWS(bad_points));
    return window;
}

int main(void)
{
    Suite *suite = suite_create("sim.study");
    TCase *study = tcase_create("study"), *config = tcase_create("config");
    TCase *statistics = tcase_create("statistics");
    tcase_add_loop_test(study, variant_changes_the_time_as_documented, 0, ROWS(variants));
    tcase_add_test(study, refresh_lengthens_the_transfer_that_it_falls_into);
    tcase_add_test(study, bank_with_refresh_has_the_measured_bandwidth);
    tcase_add_loop_test(study, variant_does_not_change_what_is_computed, 0,
                        ROWS(settings) * ROWS(program_files));
    tcase_add_test(study, clock_and_threads_are_those_of_the_configuration);
    tcase_add_loop_test(study, settings_that_make_no_sense_together_are_refused, 0, ROWS(refused));
    tcase_add_loop_test(study, program_that_needs_more_than_the_machine_has_is_refused, 0, 2);
    tcase_add_loop_test(config, bad_setting_is_refused_with_a_sentence, 0, ROWS(bad_settings));
    tcase_add_test(config, file_sets_values_and_says_where_they_came_from);
    tcase_add_test(config, value_of_every_setting_is_accepted_again);
    tcase_add_test(statistics, mix_counts_every_instruction_once);
    tcase_add_test(statistics, sizes_and_directions_of_transfers_are_counted);
    tcase_add_test(statistics, failed_acquire_is_counted_as_spinning);
    tcase_add_test(statistics, queue_is_the_wait_for_the_engine);
    suite_add_tcase(suite, study);
    suite_add_tcase(suite, config);
    suite_add_tcase(suite, window_case());
    suite_add_tcase(suite, statistics);
    return run_suite(suite);
}
