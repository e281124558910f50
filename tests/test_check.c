/* SPDX-License-Identifier: MIT */
/* The checkers: each mistake is found where it is made, correct programs are let alone, in both
 * modes; poison. */
#include <check.h>

#include "sim_help.h"
#include "watch.h"

static struct sim_dpu *checked(enum sim_mode mode, const char *text, const char *checks)
{
    struct isa_diag diag = {""};
    struct sim_config config = config_of(mode, 0);
    ck_assert_msg(sim_checks_parse(&config.checks, checks, &diag) == DPUSIM_OK, "%s", diag.text);
    return dpu_with(&config, text);
}

static const char *all_findings(const struct sim_dpu *dpu)
{
    static _Thread_local char text[8192];
    size_t used = 0;
    text[0] = '\0';
    for (unsigned i = 0; i < sim_dpu_findings(dpu, NULL) && used < sizeof text - 1; i++)
        used += (size_t)sim_dpu_explain_finding(dpu, i, text + used, sizeof text - used);
    return text;
}

/* Kinds found, as a text: "unwritten outside". */
static const char *kinds_of(const struct sim_dpu *dpu)
{
    static _Thread_local char text[512];
    text[0] = '\0';
    for (unsigned i = 0; i < sim_dpu_findings(dpu, NULL); i++) {
        if (i)
            strcat(text, " ");
        strcat(text, sim_finding_name(sim_dpu_finding(dpu, i)->kind));
    }
    return text;
}

/* ---- races ----------------------------------------------------------------------------------- */

/* Tasklet 0 does a, tasklet 1 does b; in the second form tasklet 0 does `before` first. */
#define TWO(a, b) "jeq id, 1, t1\nboot id, 1\n" a "\nstop\nt1: " b "\nstop\n"
#define TWO_AFTER(before, a, b)                                                                    \
    "jeq id, 1, t1\n" before "\nboot id, 1\n" a "\nstop\nt1: " b "\nstop\n"
#define LOCK(n)    "acquire zero, " #n ", nz, .\n"
#define UNLOCK(n)  "\nrelease zero, " #n ", nz, . + 1"
#define STORE      "sw zero, 64, r9"
#define LOAD       "lw r0, zero, 64"
#define AFTER_STOP "\nresume zero, 1, nz, .\n" /* repeats until tasklet 1 stopped */

static const struct {
    const char *name, *text, *kinds;
} races[] = {
    {"two stores", TWO(STORE, STORE), "race"},
    {"store and load", TWO(STORE, LOAD), "race"},
    {"two loads", TWO(LOAD, LOAD), ""},
    {"two bytes", TWO("sb zero, 64, r9", "sb zero, 65, r9"), ""},
    {"a byte of a word", TWO("sb zero, 66, r9", STORE), "race"},
    {"before the boot", TWO_AFTER(STORE, "nop", STORE), ""},
    {"one lock", TWO(LOCK(5) STORE UNLOCK(5), LOCK(5) STORE UNLOCK(5)), ""},
    {"two locks", TWO(LOCK(5) STORE UNLOCK(5), LOCK(6) STORE UNLOCK(6)), "race"},
    {"after the lock", TWO(LOCK(5) "nop" UNLOCK(5) "\n" STORE, LOCK(5) "nop" UNLOCK(5) "\n" STORE),
     "race"},
    {"resumed", TWO(STORE AFTER_STOP, "stop\n" STORE), ""},
    {"seen to have stopped", TWO(AFTER_STOP STORE, STORE "\nstop\nnop"), ""},
    {"not seen", TWO("nop\nnop\nnop\nnop\nnop\nnop\n" STORE, STORE), "race"},
    {"two transfers to MRAM", TWO("sdma zero, r9, 0", "sdma r0, r0, 0"), "race"},
    {"two transfers from MRAM", TWO("ldma zero, r9, 0", "move r1, 8\nldma r1, r9, 0"), ""},
    {"two transfers into WRAM", TWO("ldma zero, r9, 0", "ldma zero, r0, 0"), "race"},
    {"a transfer and a load", TWO("ldma zero, r9, 15", LOAD), "race"},
    {"one's transfers", TWO("ldma zero, r9, 0\nsdma zero, r9, 0", "nop"), ""},
    {"release of a free bit", TWO("release zero, 7, nz, . + 1", "nop"), "unlocked"},
};

START_TEST(races_are_found_and_nothing_else)
{
    for (int mode = SIM_FUNCTIONAL; mode <= SIM_CYCLE; mode++) {
        struct sim_dpu *dpu = checked((enum sim_mode)mode, races[_i].text, "races");
        dpu_run_done(dpu);
        ck_assert_msg(strcmp(kinds_of(dpu), races[_i].kinds) == 0, "%s, mode %d:\n%s",
                      races[_i].name, mode, all_findings(dpu));
        sim_dpu_destroy(dpu);
    }
}
END_TEST

START_TEST(a_race_names_both_sides_and_the_locks_held)
{
    struct sim_dpu *dpu =
        checked(SIM_FUNCTIONAL, TWO(LOCK(5) STORE UNLOCK(5), LOCK(6) LOAD UNLOCK(6)), "races");
    dpu_run_done(dpu);
    ck_assert_uint_eq(sim_dpu_findings(dpu, NULL), 1);
    const struct sim_finding *finding = sim_dpu_finding(dpu, 0);
    const struct sim_site *write = finding->site.is_write ? &finding->site : &finding->other;
    const struct sim_site *read = finding->site.is_write ? &finding->other : &finding->site;
    ck_assert_int_eq(write->tasklet, 0);
    ck_assert_uint_eq(write->pc_insn, 3);
    ck_assert_str_eq(write->held, "atomic bit 5");
    ck_assert_int_eq(read->tasklet, 1);
    ck_assert_uint_eq(read->pc_insn, 7);
    ck_assert_str_eq(read->held, "atomic bit 6");
    ck_assert_uint_eq(finding->address, 64);
    ck_assert_uint_eq(read->len_bytes, 4);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(a_race_in_a_loop_is_one_finding)
{
    static const char loop[] = "jeq id, 1, l\nboot id, 1\nl: move r1, 50\n"
                               "again: sw zero, 64, r9\nadd r1, r1, -1, nz, again\nstop\n";
    struct sim_dpu *dpu = checked(SIM_FUNCTIONAL, loop, "races");
    dpu_run_done(dpu);
    ck_assert_uint_eq(sim_dpu_findings(dpu, NULL), 1);
    ck_assert_uint_gt(sim_dpu_finding(dpu, 0)->times, 10);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(launches_come_one_after_the_other)
{
    /* in each launch another tasklet stores */
    static const char text[] = "jeq id, 1, t1\nlw r0, zero, 128\njneq r0, 0, second\n"
                               "sw zero, 128, 1\nsw zero, 64, 1\nstop\n"
                               "second: boot id, 1\nstop\nt1: sw zero, 64, 2\nstop\n";
    struct sim_dpu *dpu = checked(SIM_FUNCTIONAL, text, "races");
    dpu_run_done(dpu);
    dpu_boot(dpu);
    dpu_run_done(dpu);
    ck_assert_uint_eq(wram_word(dpu, 64), 2);
    ck_assert_msg(sim_dpu_findings(dpu, NULL) == 0, "%s", all_findings(dpu));
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- memory ---------------------------------------------------------------------------------- */

#define OBJECTS                                                                                    \
    "\n.data\n.p2align 3\n.type a, @object\na: .zero 16\n.size a, 16\n"                            \
    ".type b, @object\nb: .zero 16\n.size b, 16\n"                                                 \
    ".section .mram, \"aw\", @progbits\n.p2align 3\n.type m, @object\nm: .zero 16\n.size m, 16\n"  \
    ".type n, @object\nn: .zero 64\n.size n, 64\n"

#define FAR      "8192" /* where nothing was loaded */
#define FAR_BYTE "move r8, " FAR "\nsb r8, 0, 1\n"

static const struct {
    const char *name, *text, *kinds;
} mistakes[] = {
    {"load of nothing", "lw r0, zero, " FAR "\nadd r0, r0, 1\nstop", "unwritten"},
    {"load of a part", "move r8, " FAR "\nsb r8, 0, 1\nlw r0, zero, " FAR "\nadd r0, r0, 1\nstop",
     "unwritten"},
    {"a part that is masked", FAR_BYTE "lw r0, r8, 0\nand r0, r0, 255\nstop", ""},
    {"a part that is not", FAR_BYTE "lw r0, r8, 0\nand r0, r0, 511\nstop", "unwritten"},
    {"the other word of two", "move r8, " FAR "\nsw r8, 0, 1\nld d0, r8, 0\nadd r2, r1, 1\nstop",
     ""},
    {"this word of two", "move r8, " FAR "\nsw r8, 0, 1\nld d0, r8, 0\nadd r2, r0, 1\nstop",
     "unwritten"},
    {"load after a store", "move r8, " FAR "\nsd r8, 0, 0\nld d0, zero, " FAR "\nstop", ""},
    {"load of what was loaded", "lw r0, zero, a\nadd r0, r0, 1\nstop" OBJECTS, ""},
    {"a copy", "lw r0, zero, " FAR "\nsw zero, 64, r0\nstop", ""},
    {"a copy with steps between",
     "move r1, " FAR "\nlw r0, r1, 0\nadd r1, r1, 4\nsw r1, 0, r0\nstop", ""},
    {"two copies at once",
     "ld d0, zero, " FAR "\nld d2, zero, " FAR " + 8\nsd zero, 64, d0\nsd zero, 72, d2\nstop", ""},
    {"use of a copy", "lw r0, zero, " FAR "\nsw zero, 64, r0\nlw r1, zero, 64\nadd r1, r1, 1\nstop",
     "unwritten"},
    {"no copy: used before", "lw r0, zero, " FAR "\nadd r1, r0, 1\nsw zero, 64, r0\nstop",
     "unwritten"},
    {"no copy: as an address", "lw r0, zero, " FAR "\nsw r0, 64, r0\nstop", "unwritten"},
    {"transfer of nothing", "ldma zero, r9, 1\nsdma zero, r9, 1\nstop", ""},
    {"load of a transfer of nothing",
     "move r1, 4096\nldma zero, r1, 1\nlw r0, zero, 8\nadd r0, r0, 1\nstop", "unwritten"},
    {"there and back",
     "move r1, 4096\nsd zero, 64, 7\nmove r2, 64\nsdma r2, r1, 0\nldma zero, r1, 0\n"
     "lw r0, zero, 0\nadd r0, r0, 1\nstop",
     ""},
    {"WRAM address", "move r0, 12\nldma r0, r9, 0\nstop", "rounded"},
    {"MRAM address", "move r0, 12\nldma zero, r0, 0\nstop", "rounded"},
    {"length", "move r0, 0xff000000\nldma r0, r9, 1\nstop", "length"},
    {"nothing, as it is computed",
     "move r1, 0\nlsr r2, r1, 3\nadd r2, r2, -1\nlsl_add r0, r9, r2, 24\nldma r0, r9, 0\nstop",
     "length"},
    {"8 bytes, as they are computed",
     "move r1, 8\nlsr r2, r1, 3\nadd r2, r2, -1\nlsl_add r0, r9, r2, 24\nldma r0, r9, 0\nstop", ""},
    {"nothing, of units",
     "move r1, 0\nadd r2, r1, -1\nlsl_add r0, r9, r2, 24\nsdma r0, r9, 0\nstop", "length"},
    {"another transfer than was computed",
     "move r1, 0\nlsr r2, r1, 3\nadd r2, r2, -1\nlsl_add r0, r9, r2, 24\njump l\n"
     "move r0, 0\nl: move r0, 64\nldma r0, r9, 0\nstop",
     ""},
    {"the longest", "move r0, 0xff000000\nldma r0, r9, 0\nstop", ""},
    {"past the end in WRAM", "move r0, a\nldma r0, r9, 2\nstop" OBJECTS, "past-end"},
    {"past the end in MRAM",
     "move r0, a\nmove r1, m\nldma r0, r1, 1\nsdma r0, r1, 1\nmove r0, 4096\nldma r0, r1, 2\n"
     "stop" OBJECTS,
     "past-end"},
    {"to the end", "move r0, a\nmove r1, m\nldma r0, r1, 1\nstop" OBJECTS, ""},
};

START_TEST(mistakes_with_memory_are_found_and_nothing_else)
{
    for (int mode = SIM_FUNCTIONAL; mode <= SIM_CYCLE; mode++) {
        struct sim_dpu *dpu = checked((enum sim_mode)mode, mistakes[_i].text, "memory");
        dpu_run_done(dpu);
        ck_assert_msg(strcmp(kinds_of(dpu), mistakes[_i].kinds) == 0, "%s, mode %d: %s\n%s",
                      mistakes[_i].name, mode, kinds_of(dpu), all_findings(dpu));
        sim_dpu_destroy(dpu);
    }
}
END_TEST

START_TEST(what_the_host_writes_is_written)
{
    static const char text[] = "move r1, 4096\nldma zero, r1, 0\nlw r0, zero, 0\n"
                               "lw r1, zero, 64\nadd r0, r0, r1\nstop";
    uint64_t data = 5;
    struct sim_dpu *dpu = checked(SIM_FUNCTIONAL, text, "memory");
    ck_assert_int_eq(sim_dpu_write(dpu, ISA_MRAM, 4096, &data, 8, NULL), DPUSIM_OK);
    sim_dpu_wram(dpu)[64] = 1;
    sim_dpu_written(dpu, ISA_WRAM, 64, 4);
    dpu_run_done(dpu);
    ck_assert_msg(sim_dpu_findings(dpu, NULL) == 0, "%s", all_findings(dpu));
    sim_dpu_reset(dpu); /* all is forgotten */
    dpu_boot(dpu);
    dpu_run_done(dpu);
    ck_assert_str_eq(kinds_of(dpu), "unwritten unwritten");
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(what_a_saved_state_holds_is_written)
{
    static const char text[] = "move r1, 4096\nldma r9, r1, 0\nlw r0, zero, 0\n"
                               "lw r1, zero, 64\nadd r0, r0, r1\nstop";
    uint64_t data = 5;
    struct isa_bytes image;
    struct sim_dpu *plain = checked(SIM_FUNCTIONAL, text, "none");
    struct sim_dpu *dpu = checked(SIM_FUNCTIONAL, text, "memory,races");
    ck_assert_int_eq(sim_dpu_write(plain, ISA_MRAM, 4096, &data, 8, NULL), DPUSIM_OK);
    ck_assert_int_eq(sim_dpu_save(plain, &image, NULL), DPUSIM_OK);
    ck_assert_int_eq(sim_dpu_restore(dpu, image, NULL), DPUSIM_OK);
    dpu_run_done(dpu);
    ck_assert_msg(sim_dpu_findings(dpu, NULL) == 0, "%s", all_findings(dpu));
    free((void *)(uintptr_t)image.data);
    sim_dpu_destroy(plain);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(memory_that_a_transfer_is_busy_with)
{
    static const char text[] =
        TWO("ldma zero, r9, 127", "nop\nnop\nnop\nsw zero, 64, r9\nmove r0, 4096\nsw r0, 0, r9");
    struct sim_dpu *dpu = checked(SIM_CYCLE, text, "memory");
    dpu_run_done(dpu);
    ck_assert_str_eq(kinds_of(dpu), "busy");
    ck_assert_uint_eq(sim_dpu_finding(dpu, 0)->address, 64);
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- stacks ---------------------------------------------------------------------------------- */

#define STACK "move r22, __sys_stack_thread_0\n"

static const struct {
    const char *text;
    unsigned used;
    int pc; /* of the fault; -1: none */
} stacks[] = {
    {STACK "stop", 0, -1},
    {STACK "sd r22, 8, d22\nstop", 16, -1},
    {STACK "add r22, r22, 1024\nld d0, r22, -8\nadd r22, r22, -1024\nstop", 1024, -1},
    {STACK "sb r22, 1023, 1\nstop", 1024, -1},
    {STACK "sb r22, 1024, 1\nstop", 1025, 1},
    {STACK "add r22, r22, 1000\nsd r22, 16, d22\nadd r22, r22, 24\nsw r22, 0, 1\nstop", 1028, 4},
    {STACK "add r22, r22, 1032\nstop", 1032, 1},
    {"move r22, 4000\nadd r22, r22, 30000\nsw r22, 0, 1\nstop", 0, -1}, /* no stack pointer */
};

START_TEST(stacks_are_measured_and_stopped_at_their_end)
{
    for (int mode = SIM_FUNCTIONAL; mode <= SIM_CYCLE; mode++) {
        struct sim_dpu *dpu = checked((enum sim_mode)mode, stacks[_i].text, "stack");
        struct sim_stack_use use;
        struct sim_outcome outcome = dpu_run(dpu);
        ck_assert(sim_dpu_stack_use(dpu, 0, &use));
        ck_assert_uint_eq(use.size_bytes, 1024);
        ck_assert_uint_eq(use.used_bytes, stacks[_i].used);
        ck_assert_int_eq(outcome.stop, stacks[_i].pc < 0 ? SIM_DONE : SIM_FAULTED);
        if (stacks[_i].pc >= 0) {
            ck_assert_int_eq(sim_dpu_fault(dpu)->kind, SIM_FAULT_STACK);
            ck_assert_uint_eq(sim_dpu_fault(dpu)->pc_insn, (unsigned)stacks[_i].pc);
            ck_assert_str_eq(kinds_of(dpu), "stack-overflow");
        }
        sim_dpu_destroy(dpu);
    }
}
END_TEST

START_TEST(an_overflow_overwrites_nothing)
{
    static const char text[] = STACK "move r0, 7\nsw r22, 1100, r0\nstop";
    struct sim_dpu *dpu = checked(SIM_FUNCTIONAL, text, "stack");
    const struct isa_symbol *stack =
        isa_program_find_symbol(sim_dpu_program(dpu), "__sys_stack_thread_0");
    dpu_run(dpu);
    ck_assert_uint_eq(wram_word(dpu, stack->value + 1100), 0);
    ck_assert_str_eq(sim_dpu_fault(dpu)->rule, "1024 bytes are reserved for its stack; 80 more "
                                               "would overwrite the heap");
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- together -------------------------------------------------------------------------------- */

static const char *const programs[] = {
    PROGRAM("arith64"),      PROGRAM("bsearch_mram"), PROGRAM("crc32"),
    PROGRAM("hello"),        PROGRAM("matvec"),       PROGRAM("histogram_mutex"),
    PROGRAM("reduce_tree"),  PROGRAM("scan_chain"),   PROGRAM("softfloat"),
    PROGRAM("vector_add"),   PROGRAM("switch_table"), PROGRAM("stores_loads"),
    PROGRAM("fault_bkp"),    PROGRAM("fault_dma"),    PROGRAM("fault_mem"),
    PROGRAM("boot_protocol")};

static void run_checked(enum sim_mode mode, const char *path, uint64_t order_seed)
{
    struct sim_config config = config_of(mode, order_seed), with;
    struct snapshot expected, found;
    with = config;
    with.checks = (1u << SIM_CHECK_COUNT) - 1;
    struct sim_dpu *plain = dpu_file(&config, path), *dpu = dpu_file(&with, path);
    dpu_run(plain);
    dpu_run(dpu);
    snapshot_take(&expected, plain);
    snapshot_take(&found, dpu);
    assert_same(&expected, &found, path);
    ck_assert_msg(sim_dpu_findings(dpu, NULL) == 0, "%s:\n%s", path, all_findings(dpu));
    sim_dpu_destroy(plain);
    sim_dpu_destroy(dpu);
}

START_TEST(correct_programs_are_let_alone_and_give_the_same)
{
    run_checked(SIM_FUNCTIONAL, programs[_i], 0);
    run_checked(SIM_FUNCTIONAL, programs[_i], 11);
    run_checked(SIM_CYCLE, programs[_i], 0);
}
END_TEST

/* ---- accesses that checkers are not told of -------------------------------------------------- */

#define QUIET_TASKLETS  3
#define QUIET_STATEMENT 24
#define QUIET_PLACE     96 /* of the few bytes that all use */

/* One statement of a random program; r8 is QUIET_PLACE, r9 a place of the tasklet's own. */
static int add_statement(char *text, uint64_t *random)
{
    static const struct {
        const char *load, *store;
        unsigned bytes;
    } sizes[] = {{"lbu r0", "sb", 1}, {"lhu r0", "sh", 2}, {"lw r0", "sw", 4}, {"ld d0", "sd", 8}};
    uint64_t draw = sim_random(random);
    unsigned size = draw & 3, at = (draw >> 8) % 32 / sizes[size].bytes * sizes[size].bytes;
    const char *base = draw >> 16 & 1 ? "r8" : "r9";
    unsigned bit = draw >> 17 & 1;
    switch (draw >> 20 & 15) {
    case 0:
        return sprintf(text, "ldma %s, r9, %u\n", base, bit);
    case 1:
        return sprintf(text, "sdma %s, r%u, %u\n", base, 8 + bit, bit);
    case 2:
        return sprintf(text,
                       "acquire zero, %u, nz, .\nlw r1, r8, %u\nsw r8, %u, r1\n"
                       "release zero, %u, nz, . + 1\n",
                       bit, at & 28, at & 28, bit);
    case 3:
        return sprintf(text, "sd r22, 8, d22\nadd r22, r22, 16\nsw r22, -16, r0\n"
                             "ld d0, r22, -16\nld d22, r22, -8\nlw r1, r22, 0\nadd r2, r1, 1\n");
    case 4:
    case 5:
    case 6:
    case 7:
        return sprintf(text, "%s %s, %u, %s\n", sizes[size].store, base, at,
                       size == 3 ? "d2" : "r2");
    default:
        return sprintf(text, "%s, %s, %u\nadd r1, r0, 1\n", sizes[size].load, base, at);
    }
}

static void random_program(char *text, uint64_t *random)
{
    text += sprintf(text,
                    "jneq id, 0, begin\nboot id, 1\nboot id, 2\n"
                    "begin: move r8, %d\nlsl_add r9, r8, id, 6\nadd r9, r9, 64\n"
                    "lsl r22, id, 8\nadd r22, r22, __sys_stack_thread_0\nmove r20, 4\nagain:\n",
                    QUIET_PLACE);
    for (unsigned t = 0; t < QUIET_TASKLETS; t++) {
        text += sprintf(text, "jneq id, %u, not%u\n", t, t);
        for (unsigned i = 0; i < QUIET_STATEMENT; i++)
            text += add_statement(text, random);
        text += sprintf(text, "not%u:\n", t);
    }
    sprintf(text,
            "add r20, r20, -1, nz, again\nstop\n"
            ".data\n.zero 1024\n.globl __sys_stack_thread_0\n__sys_stack_thread_0: .zero 256\n"
            ".globl __sys_stack_thread_1\n__sys_stack_thread_1: .zero 256\n"
            ".globl __sys_stack_thread_2\n__sys_stack_thread_2: .zero 256\n"
            ".globl STACK_SIZE_TASKLET_0\nSTACK_SIZE_TASKLET_0 = 256\n"
            ".globl STACK_SIZE_TASKLET_1\nSTACK_SIZE_TASKLET_1 = 256\n"
            ".globl STACK_SIZE_TASKLET_2\nSTACK_SIZE_TASKLET_2 = 256\n");
}

/* Somebody who must be told of every access, so that everybody is. */
static const struct sim_insn *hear(struct sim_watcher *watcher, struct sim_dpu *d,
                                   struct sim_tasklet *t, const struct sim_insn *ip)
{
    (void)watcher, (void)d, (void)t, (void)ip;
    return NULL;
}

START_TEST(checkers_find_the_same_when_told_of_every_access)
{
    static char text[QUIET_TASKLETS * QUIET_STATEMENT * 200], found[8192];
    uint64_t random = 2024 + (uint64_t)_i;
    unsigned with_findings = 0;
    for (unsigned n = 0; n < 40; n++) {
        struct sim_watcher all = {.before = hear, .classes = SIM_WATCH_LOAD | SIM_WATCH_STORE};
        random_program(text, &random);
        enum sim_mode mode = n & 1 ? SIM_CYCLE : SIM_FUNCTIONAL;
        struct sim_dpu *dpu = checked(mode, text, "all"), *told = checked(mode, text, "all");
        ck_assert(sim_watch_add(told, &all));
        for (unsigned launch = 0; launch < 2; launch++) {
            dpu_run(dpu);
            dpu_run(told);
            strcpy(found, all_findings(dpu));
            with_findings += found[0] != '\0';
            const char *wanted = all_findings(told);
            size_t same = 0;
            while (found[same] && found[same] == wanted[same])
                same++;
            ck_assert_msg(found[same] == wanted[same],
                          "program %u, launch %u, mode %d:\n%.400s\nwhen told of all:\n%.400s", n,
                          launch, mode, found + same / 200 * 200, wanted + same / 200 * 200);
            dpu_boot(dpu);
            dpu_boot(told);
        }
        sim_watch_remove(told, &all);
        sim_dpu_destroy(dpu);
        sim_dpu_destroy(told);
    }
    ck_assert_uint_gt(with_findings, 20);
}
END_TEST

START_TEST(checkers_can_be_switched)
{
    struct sim_dpu *dpu = checked(SIM_FUNCTIONAL, "lw r0, zero, 64\nadd r0, r0, 1\nstop", "none");
    const uint32_t memory = 1u << SIM_CHECK_memory;
    dpu_run_done(dpu);
    ck_assert_uint_eq(sim_dpu_checks(dpu), 0);
    ck_assert_uint_eq(sim_dpu_findings(dpu, NULL), 0);
    ck_assert_int_eq(sim_dpu_check(dpu, memory, NULL), DPUSIM_OK);
    dpu_boot(dpu);
    dpu_run_done(dpu);
    ck_assert_uint_eq(sim_dpu_checks(dpu), memory);
    ck_assert_uint_eq(sim_dpu_findings(dpu, NULL), 1);
    ck_assert_int_eq(sim_dpu_check(dpu, 0, NULL), DPUSIM_OK);
    ck_assert_uint_eq(sim_dpu_findings(dpu, NULL), 0);
    ck_assert_ptr_null(sim_dpu_finding(dpu, 0));
    ck_assert_int_eq(sim_dpu_check(dpu, 1u << SIM_CHECK_COUNT, NULL), DPUSIM_BAD_ARGUMENT);
    sim_dpu_destroy(dpu);
}
END_TEST

/* More places than are kept. */
START_TEST(findings_beyond_the_most_are_counted)
{
    char *text = malloc(64 * (SIM_MAX_FINDINGS + 20));
    size_t used = 0;
    uint64_t more;
    for (unsigned i = 0; i < SIM_MAX_FINDINGS + 10; i++)
        used += (size_t)sprintf(text + used, "lw r0, zero, %u\nadd r0, r0, 1\n", 4096 + 4 * i);
    strcpy(text + used, "stop\n");
    struct sim_dpu *dpu = checked(SIM_FUNCTIONAL, text, "memory");
    dpu_run_done(dpu);
    ck_assert_uint_eq(sim_dpu_findings(dpu, &more), SIM_MAX_FINDINGS);
    ck_assert_uint_eq(more, 10);
    sim_dpu_destroy(dpu);
    free(text);
}
END_TEST

static const struct {
    const char *text;
    uint32_t checks;
    const char *error; /* NULL: none */
} names[] = {
    {"none", 0, NULL},
    {"all", 1u << SIM_CHECK_memory | 1u << SIM_CHECK_races | 1u << SIM_CHECK_stack, NULL},
    {"all,globals", (1u << SIM_CHECK_COUNT) - 1, NULL},
    {"memory", 1u << SIM_CHECK_memory, NULL},
    {"races,stack", 1u << SIM_CHECK_races | 1u << SIM_CHECK_stack, NULL},
    {"race", 0, "no checker \"race\"; did you mean \"races\"?"},
    {"", 0, "no checker \"\""},
    {"memory,,stack", 0, "no checker \"\""},
    {"averyveryveryveryveryveryveryverylongname", 0, "no checker \"averyvery"},
};

START_TEST(names_of_checkers)
{
    struct isa_diag diag = {""};
    uint32_t checks = 99;
    enum dpusim_status status = sim_checks_parse(&checks, names[_i].text, &diag);
    if (names[_i].error) {
        ck_assert_int_eq(status, DPUSIM_BAD_ARGUMENT);
        ck_assert_uint_eq(checks, 99);
        ck_assert_msg(strncmp(diag.text, names[_i].error, strlen(names[_i].error)) == 0, "%s",
                      diag.text);
    } else {
        ck_assert_int_eq(status, DPUSIM_OK);
        ck_assert_uint_eq(checks, names[_i].checks);
    }
}
END_TEST

/* ---- poison ---------------------------------------------------------------------------------- */

static const struct {
    const char *value;
    uint32_t word; /* first of MRAM; 0 where it is random */
    bool ok;
} poisons[] = {
    {"zero", 0, true},      {"ff", 0xffffffff, true}, {"random:7", 0, true}, {"random", 0, false},
    {"random:x", 0, false}, {"zero:1", 0, false},     {"", 0, false},        {"fff", 0, false},
};

static uint32_t mram_word(const struct sim_dpu *dpu, uint32_t offset)
{
    uint32_t word;
    ck_assert_int_eq(sim_dpu_read(dpu, ISA_MRAM, offset, &word, sizeof word, NULL), DPUSIM_OK);
    return word;
}

START_TEST(memories_hold_the_poison_until_written)
{
    struct sim_config config = config_of(SIM_FUNCTIONAL, 0);
    struct isa_diag diag = {""};
    enum dpusim_status status =
        sim_config_set(&config, "machine.poison", poisons[_i].value, "test", NULL, &diag);
    ck_assert_int_eq(status, poisons[_i].ok ? DPUSIM_OK : DPUSIM_BAD_ARGUMENT);
    if (!poisons[_i].ok)
        return;
    struct sim_dpu *dpu = dpu_with(&config, "stop" OBJECTS), *same = dpu_create(&config);
    uint32_t word = mram_word(dpu, 1 << 20);
    ck_assert_uint_eq(wram_word(dpu, 0), 0); /* a was loaded */
    ck_assert_uint_eq(mram_word(same, 1 << 20), word);
    ck_assert_uint_eq(wram_word(same, 60000), wram_word(dpu, 60000));
    if (config.poison == SIM_POISON_RANDOM)
        ck_assert_uint_ne(word, mram_word(dpu, (1 << 20) + 4));
    else
        ck_assert_uint_eq(word, poisons[_i].word);
    sim_dpu_reset(dpu);
    ck_assert_uint_eq(mram_word(dpu, 1 << 20), word);
    sim_dpu_destroy(dpu);
    sim_dpu_destroy(same);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("sim.check");
    TCase *tc = tcase_create("races");
    tcase_add_loop_test(tc, races_are_found_and_nothing_else, 0, sizeof races / sizeof races[0]);
    tcase_add_test(tc, a_race_names_both_sides_and_the_locks_held);
    tcase_add_test(tc, a_race_in_a_loop_is_one_finding);
    tcase_add_test(tc, launches_come_one_after_the_other);
    suite_add_tcase(s, tc);
    tc = tcase_create("memory");
    tcase_add_loop_test(tc, mistakes_with_memory_are_found_and_nothing_else, 0,
                        sizeof mistakes / sizeof mistakes[0]);
    tcase_add_test(tc, what_the_host_writes_is_written);
    tcase_add_test(tc, what_a_saved_state_holds_is_written);
    tcase_add_test(tc, memory_that_a_transfer_is_busy_with);
    suite_add_tcase(s, tc);
    tc = tcase_create("stack");
    tcase_add_loop_test(tc, stacks_are_measured_and_stopped_at_their_end, 0,
                        sizeof stacks / sizeof stacks[0]);
    tcase_add_test(tc, an_overflow_overwrites_nothing);
    suite_add_tcase(s, tc);
    tc = tcase_create("together");
    tcase_add_loop_test(tc, correct_programs_are_let_alone_and_give_the_same, 0,
                        sizeof programs / sizeof programs[0]);
    tcase_add_loop_test(tc, checkers_find_the_same_when_told_of_every_access, 0, 5);
    tcase_add_test(tc, checkers_can_be_switched);
    tcase_add_test(tc, findings_beyond_the_most_are_counted);
    tcase_add_loop_test(tc, names_of_checkers, 0, sizeof names / sizeof names[0]);
    tcase_add_loop_test(tc, memories_hold_the_poison_until_written, 0,
                        sizeof poisons / sizeof poisons[0]);
    suite_add_tcase(s, tc);
    return s;
}

int main(void)
{
    return run_suite(suite());
}
