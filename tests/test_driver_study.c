/* SPDX-License-Identifier: MIT */
/* What studies ask of host programs through environment and profile: settings and files of them,
 * whose word counts, warm start, statistics and digests of every launch; and how mistakes are
 * reported. */
#include <check.h>
#include <dpusim.h>

#include "driver_help.h"

#define ROWS(table) ((int)(sizeof(table) / sizeof(table)[0]))

/* Two instructions and the stop: 2 x spacing + 1 cycles, and 13 of drain. */
#define SHORT                                                                                      \
    "nop\nnop\nstop\n.section .dpu_host,\"aw\",@progbits\n.p2align 3\n.globl word\nword: .long "   \
    "5\n"                                                                                          \
    ".size word, 4\n"
enum { DRAIN = 13, ROOM = 1 << 16 };

static char folder[] = "/tmp/dpusim-study-XXXXXX";

static void make_folder(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void remove_folder(void)
{
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", folder);
    ck_assert_int_eq(system(command), 0);
}

/* Without a process of its own each test finds what the one before left in the environment. */
static void clean_environment(void)
{
    static const char *const names[] = {"DPUSIM_CONFIG", "DPUSIM_SET",      "DPUSIM_STATISTICS",
                                        "DPUSIM_DIGEST", "DPUSIM_TIMELINE", "DPUSIM_OUTCOMES",
                                        "DPUSIM_INJECT"};
    for (int i = 0; i < ROWS(names); i++)
        unsetenv(names[i]);
}

static const char *in_folder(const char *name)
{
    static char paths[4][96];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static const char *file_with(const char *name, const char *text)
{
    const char *path = in_folder(name);
    FILE *out = fopen(path, "w");
    ck_assert_ptr_nonnull(out);
    fputs(text, out);
    fclose(out);
    return path;
}

static char *content_of(const char *path)
{
    char *text = calloc(1, ROOM);
    FILE *in = fopen(path, "r");
    ck_assert_msg(in != NULL, "%s is not there", path);
    size_t len = fread(text, 1, ROOM - 1, in);
    ck_assert_uint_lt(len, ROOM - 1);
    fclose(in);
    return text;
}

static unsigned count(const char *text, const char *what)
{
    unsigned n = 0;
    for (const char *at = text; (at = strstr(at, what)); at += strlen(what))
        n++;
    return n;
}

static uint64_t statistic(const struct host *host, const char *name)
{
    uint64_t values[64];
    ck_assert_ok(dpusim_read_statistic(host->set, (uint32_t)dpusim_find_statistic(name), 1, values,
                                       host->nr_dpus));
    return values[0];
}

static struct host launched(uint32_t nr_dpus, const char *profile)
{
    struct host host = host_open(nr_dpus, profile);
    host_load(&host, SHORT);
    ck_assert_ok(dpu_launch(host.set, DPU_SYNCHRONOUS));
    return host;
}

/* ---- settings -------------------------------------------------------------------------------- */

/* Who says what the issue spacing is: files before texts, the environment before the profile. */
static const struct {
    const char *config, *set, *sim_config, *sim_set; /* NULL: says nothing */
    unsigned spacing;
} words[] = {
    {NULL, NULL, NULL, NULL, 11}, {"12", NULL, NULL, NULL, 12}, {NULL, "13", NULL, NULL, 13},
    {NULL, NULL, "14", NULL, 14}, {NULL, NULL, NULL, "15", 15}, {"12", NULL, "14", NULL, 14},
    {"12", "13", NULL, NULL, 13}, {NULL, "13", "14", NULL, 13}, {"12", "13", "14", "15", 15},
};

START_TEST(later_word_counts)
{
    char profile[256] = "simMode=cycle", text[64];
    if (words[_i].config) {
        snprintf(text, sizeof text, "timing.issue_spacing = %s # guess\n", words[_i].config);
        setenv("DPUSIM_CONFIG", file_with("environment.cfg", text), 1);
    }
    if (words[_i].set) {
        snprintf(text, sizeof text, "machine.threads=20;issue_spacing=%s", words[_i].set);
        setenv("DPUSIM_SET", text, 1);
    }
    if (words[_i].sim_config) {
        snprintf(text, sizeof text, "issue_spacing=%s\n", words[_i].sim_config);
        sprintf(profile + strlen(profile), ",simConfig=%s", file_with("profile.cfg", text));
    }
    if (words[_i].sim_set)
        sprintf(profile + strlen(profile), ",simSet=issue_spacing=%s", words[_i].sim_set);
    struct host host = launched(1, profile);
    ck_assert_uint_eq(statistic(&host, "cycles"), 2 * words[_i].spacing + 1 + DRAIN);
    host_close(&host);
}
END_TEST

/* What is wrong, and a word that the sentence must have. */
static const struct {
    const char *profile, *config, *set, *words;
} mistakes[] = {
    {"simSet=timing.issue_spacin=3", NULL, NULL, "timing.issue_spacing"},
    {"simSet=issue_spacing=0", NULL, NULL, "from 1 to 64"},
    {"simSet=issue_spacing", NULL, NULL, "simSet"},
    {"simSet=study.dma_engines=2;study.dram_detailed=1", NULL, NULL, "one bank"},
    {"simSet=machine.wram_bytes=131072", NULL, NULL, "65536"},
    {"simSet=machine.threads=25", NULL, NULL, "24"},
    {"simConfig=/nowhere/study.cfg", NULL, NULL, "/nowhere/study.cfg"},
    {NULL, "issue_spacing = 5\nwake_latency = many\n", NULL, "bad.cfg:2"},
    {NULL, "issue_spacing 5\n", NULL, "bad.cfg:1"},
    {NULL, NULL, "issue_spacing=1.5", "DPUSIM_SET"},
    {"simFreqMHz=0", NULL, NULL, "simFreqMHz"},
    {"fckFrequency=2,clockDivision=5", NULL, NULL, "below 1 MHz"},
    {"wramSize=32768", NULL, NULL, "wramSize"},
};

START_TEST(mistakes_are_refused_with_a_sentence)
{
    struct dpu_set_t set;
    if (mistakes[_i].config)
        setenv("DPUSIM_CONFIG", file_with("bad.cfg", mistakes[_i].config), 1);
    if (mistakes[_i].set)
        setenv("DPUSIM_SET", mistakes[_i].set, 1);
    ck_assert_error(dpu_alloc(1, mistakes[_i].profile, &set), DPU_ERR_INVALID_PROFILE);
    ck_assert_msg(strstr(dpusim_last_message(), mistakes[_i].words) != NULL, "%s: \"%s\"",
                  mistakes[_i].words, dpusim_last_message());
}
END_TEST

START_TEST(path_that_is_too_long_is_refused)
{
    struct dpu_set_t set;
    char *path = malloc(PATH_MAX + 2);
    memset(path, 'x', PATH_MAX + 1);
    path[PATH_MAX + 1] = '\0';
    setenv("DPUSIM_STATISTICS", path, 1);
    ck_assert_error(dpu_alloc(1, NULL, &set), DPU_ERR_INVALID_PROFILE);
    ck_assert_ptr_nonnull(strstr(dpusim_last_message(), "simStatistics"));
    free(path);
}
END_TEST

/* One clock: of CLOCKS_PER_SEC, of statistics, of the setting. */
static const struct {
    const char *profile;
    const char *hertz;
} clocks[] = {
    {"simMode=cycle", "350000000"},
    {"chipId=66,simMode=cycle", "400000000"},
    {"simSet=machine.clock_mhz=300", "300000000"},
    {"simFreqMHz=500", "500000000"},
    {"simSet=machine.clock_mhz=300,simFreqMHz=500", "500000000"},
    {"fckFrequency=1200,clockDivision=4", "300000000"},
};

START_TEST(clock_is_the_same_everywhere)
{
    char wanted[64];
    setenv("DPUSIM_STATISTICS", in_folder("clock.json"), 1);
    struct host host = host_open(1, clocks[_i].profile);
    uint32_t division = dpu_get_description(host.rank)->hw.timings.clock_division;
    uint32_t fck_mhz = dpu_get_description(host.rank)->hw.timings.fck_frequency_in_mhz;
    ck_assert_uint_eq(fck_mhz * 1000000 / division, strtoul(clocks[_i].hertz, NULL, 10));
    if (strstr(clocks[_i].profile, "chipId") == NULL) {
        host_load(&host, SHORT);
        ck_assert_ok(dpu_launch(host.set, DPU_SYNCHRONOUS));
        char *text = content_of(in_folder("clock.json"));
        snprintf(wanted, sizeof wanted, "\"clock_hz\":%s,", clocks[_i].hertz);
        ck_assert_msg(strstr(text, wanted) != NULL, "%s", text);
        free(text);
    }
    host_close(&host);
    unlink(in_folder("clock.json"));
}
END_TEST

/* ---- warm start ------------------------------------------------------------------------------ */

static const struct {
    const char *profile;
    uint64_t before, instructions; /* of the part in cycle mode; 0: there is none */
} starts[] = {
    {"simCycleFrom=insn:1", 1, 2},   {"simCycleFrom=insn:1,simCycleUntil=insn:2", 1, 1},
    {"simCycleUntil=insn:2", 0, 2},  {"simCycleFrom=__bootstrap", 0, 3},
    {"simCycleFrom=launch:2", 0, 0},
};

START_TEST(warm_start_covers_its_part)
{
    struct host host = launched(2, starts[_i].profile);
    bool has_part = starts[_i].instructions > 0;
    ck_assert_uint_eq(statistic(&host, "instructions"), has_part ? starts[_i].instructions : 3);
    ck_assert_uint_eq(statistic(&host, "instructions_before"), starts[_i].before);
    host_close(&host);
}
END_TEST

static const struct {
    const char *profile;
    dpu_error_t error;
    const char *words;
} bad_starts[] = {
    {"simCycleFrom=nowhere", DPU_ERR_UNKNOWN_SYMBOL, "nowhere"},
    {"simCycleFrom=launch:0", DPU_ERR_INTERNAL, "from 1"},
    {"simCycleFrom=word", DPU_ERR_INTERNAL, "no function"},
    {"simCycleUntil=insn:x", DPU_ERR_INTERNAL, "insn:x"},
};

START_TEST(start_that_does_not_exist_fails_the_launch)
{
    struct host host = host_open(1, bad_starts[_i].profile);
    host_load(&host, SHORT);
    dpu_error_t error = dpu_launch(host.set, DPU_SYNCHRONOUS);
    ck_assert_msg(error != DPU_OK, "%s was taken", bad_starts[_i].profile);
    ck_assert_msg(strstr(dpusim_last_message(), bad_starts[_i].words) != NULL, "\"%s\"",
                  dpusim_last_message());
    if (bad_starts[_i].error == DPU_ERR_UNKNOWN_SYMBOL)
        ck_assert_error(error, DPU_ERR_UNKNOWN_SYMBOL);
    host_close(&host);
}
END_TEST

/* ---- statistics and digests ------------------------------------------------------------------ */

START_TEST(statistics_have_a_line_per_counter_dpu_and_launch)
{
    char profile[128];
    snprintf(profile, sizeof profile, "simStatistics=%s,simMode=cycle", in_folder("all.csv"));
    struct host host = launched(3, profile);
    ck_assert_ok(dpu_launch(host_dpu(&host, 2), DPU_SYNCHRONOUS));
    host_close(&host);
    char *text = content_of(in_folder("all.csv"));
    ck_assert_int_eq(strncmp(text, "launch,dpu,tasklet,key,value,unit\n", 34), 0);
    ck_assert_uint_eq(count(text, "launch,dpu"), 1);
    const char *first = strstr(text, "\n1,0,,cycles,36,cycles\n");
    const char *second = strstr(text, "\n1,1,,cycles,36,cycles\n");
    const char *third = strstr(text, "\n1,2,,cycles,36,cycles\n");
    const char *again = strstr(text, "\n2,2,,cycles,36,cycles\n");
    ck_assert(first && first < second && second < third && third < again);
    ck_assert_uint_eq(count(text, ",0,instructions,3,instructions\n"), 4); /* of tasklet 0 */
    ck_assert_uint_eq(count(text, ",1,instructions,"), 0);                 /* was not booted */
    free(text);
    unlink(in_folder("all.csv"));
}
END_TEST

START_TEST(statistics_of_functional_mode_leave_out_times)
{
    setenv("DPUSIM_STATISTICS", in_folder("all.json"), 1);
    for (int i = 0; i < 2; i++) { /* a second process, as it were, appends */
        struct host host = launched(2, NULL);
        host_close(&host);
    }
    char *text = content_of(in_folder("all.json"));
    ck_assert_uint_eq(count(text, "\n"), 4);
    ck_assert_uint_eq(count(text, "{\"schema\":\"dpusim-launch-stats-1\""), 4);
    ck_assert_uint_eq(count(text, "\"mode\":\"functional\""), 4);
    ck_assert_ptr_null(strstr(text, "slots_idle_dma"));
    ck_assert_ptr_null(strstr(text, "mix_"));
    free(text);
    unlink(in_folder("all.json"));
}
END_TEST

START_TEST(digests_tell_memories_apart_and_not_threads)
{
    static const uint32_t other = 6;
    char *texts[2];
    for (int i = 0; i < 2; i++) {
        setenv("DPUSIM_DIGEST", in_folder(i ? "b" : "a"), 1);
        struct host host = host_with(8, SHORT);
        ck_assert_ok(dpu_launch(host.set, DPU_SYNCHRONOUS));
        ck_assert_ok(dpu_copy_to(host_dpu(&host, 5), "word", 0, &other, sizeof other));
        ck_assert_ok(dpu_launch(host.set, i ? DPU_ASYNCHRONOUS : DPU_SYNCHRONOUS));
        ck_assert_ok(dpu_sync(host.set));
        host_close(&host);
        texts[i] = content_of(in_folder(i ? "b" : "a"));
    }
    ck_assert_str_eq(texts[0], texts[1]);
    ck_assert_uint_eq(count(texts[0], "\n"), 16);
    const char *wram = strstr(texts[0], "wram=");
    char usual[64];
    snprintf(usual, sizeof usual, "%.21s", wram);
    ck_assert_uint_eq(count(texts[0], usual), 15);
    ck_assert_uint_eq(count(strstr(texts[0], "launch=2 dpu=5"), usual), 2); /* 6 and 7 */
    free(texts[0]);
    free(texts[1]);
}
END_TEST

/* How each launch ended, what was injected where, failures on the host's side, transfers. */
START_TEST(outcomes_tell_ends_and_injections)
{
    static const uint32_t other = 6;
    setenv("DPUSIM_OUTCOMES", in_folder("outcomes"), 1);
    setenv(
        "DPUSIM_INJECT",
        "mem:total=2,dpu=1,launch=1,set=1;skip:pc=1,dpu=0,set=1;mram:dpu=0,set=1,at=8,bit=1,nth=2;"
        "mem:total=1,set=2;xfer:set=2",
        1);
    struct host host = host_with(2, SHORT);
    ck_assert_int_eq(dpu_launch(host.set, DPU_SYNCHRONOUS), DPU_ERR_DPU_FAULT);
    ck_assert_ok(dpu_copy_to(host_dpu(&host, 1), "word", 0, &other, sizeof other));
    ck_assert_ok(dpu_launch(host.set, DPU_SYNCHRONOUS));
    host_close(&host);
    struct host second = host_with(1, SHORT);
    ck_assert_int_eq(dpu_launch(second.set, DPU_SYNCHRONOUS), DPU_ERR_DPU_FAULT);
    ck_assert_int_eq(dpu_copy_to(second.set, "word", 0, &other, sizeof other), DPU_ERR_DRIVER);
    host_close(&second);
    char *text = content_of(in_folder("outcomes"));
    static const char *const wanted[] = {
        "launch set=1 dpu=0 launch=1 mode=functional end=asleep instructions=",
        "launch set=1 dpu=1 launch=1 mode=functional end=memory instructions=2 ",
        "launch set=1 dpu=1 launch=2 mode=functional end=asleep instructions=3 ",
        "injected set=1 dpu=1 launch=1 happened=1 tasklet=0 pc=1 after=1 function=",
        "spec=mem:total=2\n",
        "injected set=1 dpu=0 launch=1 happened=1 tasklet=0 pc=1 after=1 function=",
        "struck set=1 dpu=0 model=mram\n",
        "transfers set=1 dpu=0 count=0\ntransfers set=1 dpu=1 count=1\n",
        "launch set=2 dpu=0 launch=1 mode=functional end=memory instructions=1 "};
    for (int i = 0; i < ROWS(wanted); i++)
        ck_assert_msg(count(text, wanted[i]) == 1, "%s\nnot in\n%s", wanted[i], text);
    ck_assert_uint_eq(count(text, "injected set=1 dpu=1"), 1);
    free(text);
}
END_TEST

/* A file that cannot be written is told of; the launch is none the worse. */
START_TEST(file_that_cannot_be_written_does_not_fail_a_launch)
{
    setenv("DPUSIM_STATISTICS", "/nowhere/statistics.csv", 1);
    setenv("DPUSIM_DIGEST", folder, 1);
    setenv("DPUSIM_TIMELINE", "/nowhere/line.json", 1);
    struct host host = launched(2, NULL);
    ck_assert_uint_eq(statistic(&host, "instructions"), 3);
    host_close(&host);
}
END_TEST

int main(void)
{
    be_quiet();
    Suite *suite = suite_create("driver.study");
    TCase *tc = tcase_create("settings");
    tcase_add_unchecked_fixture(tc, make_folder, remove_folder);
    tcase_add_checked_fixture(tc, clean_environment, clean_environment);
    /* First: the sets that it names are the first of the process. */
    tcase_add_test(tc, outcomes_tell_ends_and_injections);
    tcase_add_loop_test(tc, later_word_counts, 0, ROWS(words));
    tcase_add_loop_test(tc, clock_is_the_same_everywhere, 0, ROWS(clocks));
    tcase_add_loop_test(tc, warm_start_covers_its_part, 0, ROWS(starts));
    tcase_add_test(tc, statistics_have_a_line_per_counter_dpu_and_launch);
    tcase_add_test(tc, statistics_of_functional_mode_leave_out_times);
    tcase_add_test(tc, digests_tell_memories_apart_and_not_threads);
    tcase_add_loop_test(tc, mistakes_are_refused_with_a_sentence, 0, ROWS(mistakes));
    tcase_add_test(tc, path_that_is_too_long_is_refused);
    tcase_add_loop_test(tc, start_that_does_not_exist_fails_the_launch, 0, ROWS(bad_starts));
    tcase_add_test(tc, file_that_cannot_be_written_does_not_fail_a_launch);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
