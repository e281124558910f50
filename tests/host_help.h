/* SPDX-License-Identifier: MIT */
/* Sets of DPUs for tests of the host API: programs written as assembly text in the test, a kernel
 * whose behaviour the host chooses, errors with their sentences, and scenarios that need a process
 * of their own. Include after check.h. The library under test is libdpu.so; the assembler comes
 * from the static library, a second copy. */
#ifndef HOST_HELP_H
#define HOST_HELP_H

#include <dpu.h>
#include <dpu_log.h>
#include <dpu_management.h>
#include <dpu_program.h>
#include <dpusim.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host_kernel.h"
#include "isa.h"
#include "sanitized.h"

#define PROGRAM(name) SOURCE_DIR "/tests/data/programs/" name ".elf"
#define ROWS(array)   ((int)(sizeof(array) / sizeof(array)[0]))

/* ---- errors ---------------------------------------------------------------------------------- */

/* Outside of Check: a failed check ends the process. */
static bool in_scenario;

#define MUST(condition, ...)                                                                       \
    do {                                                                                           \
        if (condition)                                                                             \
            break;                                                                                 \
        if (!in_scenario)                                                                          \
            ck_abort_msg(__VA_ARGS__);                                                             \
        printf("%s:%d: ", __FILE__, __LINE__);                                                     \
        printf(__VA_ARGS__);                                                                       \
        printf("; %s\n", dpusim_last_message());                                                   \
        exit(99);                                                                                  \
    } while (0)

static inline void expect_error(dpu_error_t got, dpu_error_t wanted, const char *what)
{
    char *is = dpu_error_to_string(got), *should = dpu_error_to_string(wanted);
    MUST(got == wanted, "%s: error %#x (%s), wanted %#x (%s); last message: %s", what,
         (unsigned)got, is, (unsigned)wanted, should, dpusim_last_message());
    free(is);
    free(should);
}

#define OK(call)            expect_error(call, DPU_OK, #call)
#define FAILS(call, wanted) expect_error(call, wanted, #call)

/* The call fails with that error and that part of a sentence. */
#define REFUSED(call, wanted, sentence)                                                            \
    do {                                                                                           \
        expect_error(call, wanted, #call);                                                         \
        ck_assert_msg(strstr(dpusim_last_message(), sentence) != NULL,                             \
                      "%s: said \"%s\", wanted \"%s\"", #call, dpusim_last_message(), sentence);   \
    } while (0)

/* Error of an asynchronous job, as c-api.md 4.2 composes it. */
static inline dpu_error_t async_error(unsigned job, dpu_error_t code)
{
    return (dpu_error_t)(int)(UINT32_C(1) << 31 | (uint32_t)job << 16 | (uint32_t)code);
}

enum { JOB_LAUNCH_RANK = 1, JOB_LAUNCH_DPU = 2, JOB_CALLBACK = 18 };

/* ---- programs -------------------------------------------------------------------------------- */

static inline void fail_on_error(void *context, const struct isa_message *message)
{
    (void)context;
    MUST(message->severity != ISA_ERROR, "line %u: %s: %s", message->line, message->text,
         message->source_line ? message->source_line : "");
}

/* Program file of an assembly text, in memory; the caller frees data. */
static inline struct isa_bytes image_with(const char *text, enum isa_chip chip,
                                          unsigned nr_tasklets, bool debug_lines)
{
    struct isa_report report = {fail_on_error, NULL};
    struct isa_link_options how = {.chip = chip, .keep_unused = true, .nr_tasklets = nr_tasklets};
    struct isa_asm_options lines = {.debug_lines = debug_lines};
    struct isa_bytes source = {(const uint8_t *)text, strlen(text)}, object_image, image;
    struct isa_object *object;
    MUST(isa_assemble(&object, source, "kernel.s", &lines, &report) == DPUSIM_OK, "assemble");
    MUST(isa_object_write(object, &object_image, NULL) == DPUSIM_OK, "write");
    struct isa_link_input input = {.name = "kernel.o", .data = object_image};
    MUST(isa_link(&image, &input, 1, &how, &report) == DPUSIM_OK, "link");
    isa_object_destroy(object);
    free((void *)(uintptr_t)object_image.data);
    return image;
}

static inline struct isa_bytes image_for(const char *text, enum isa_chip chip, unsigned nr_tasklets)
{
    return image_with(text, chip, nr_tasklets, true);
}

static inline struct isa_bytes image_of(const char *text)
{
    return image_for(text, ISA_CHIP_V1A, 1);
}

static inline void image_free(struct isa_bytes image)
{
    free((void *)(uintptr_t)image.data);
}

static inline struct dpu_program_t *load_image(struct dpu_set_t set, struct isa_bytes image)
{
    struct dpu_program_t *program = NULL;
    OK(dpu_load_from_memory(set, (uint8_t *)(uintptr_t)image.data, image.len_bytes, &program));
    return program;
}

static inline struct dpu_program_t *load_text(struct dpu_set_t set, const char *text)
{
    struct isa_bytes image = image_of(text);
    struct dpu_program_t *program = load_image(set, image);
    image_free(image);
    return program;
}

static inline struct dpu_set_t alloc_set(uint32_t nr_dpus, const char *profile)
{
    struct dpu_set_t set;
    OK(dpu_alloc(nr_dpus, profile, &set));
    return set;
}

static inline struct dpu_set_t alloc_kernel(uint32_t nr_dpus, const char *profile)
{
    struct dpu_set_t set = alloc_set(nr_dpus, profile);
    load_text(set, kernel);
    return set;
}

/* ---- parts and values ------------------------------------------------------------------------ */

static inline struct dpu_set_t dpu_number(struct dpu_set_t set, uint32_t number)
{
    struct dpu_set_t dpu;
    uint32_t i;
    DPU_FOREACH (set, dpu, i) {
        if (i == number)
            return dpu;
    }
    MUST(false, "no DPU %u", (unsigned)number);
    return set;
}

static inline struct dpu_set_t rank_number(struct dpu_set_t set, uint32_t number)
{
    struct dpu_set_t rank;
    uint32_t i;
    DPU_RANK_FOREACH (set, rank, i) {
        if (i == number)
            return rank;
    }
    MUST(false, "no rank %u", (unsigned)number);
    return set;
}

static inline uint32_t count_dpus(struct dpu_set_t set)
{
    uint32_t n;
    OK(dpu_get_nr_dpus(set, &n));
    return n;
}

static inline uint32_t count_ranks(struct dpu_set_t set)
{
    uint32_t n;
    OK(dpu_get_nr_ranks(set, &n));
    return n;
}

/* To every DPU of the set. */
static inline void put(struct dpu_set_t set, const char *name, uint32_t value)
{
    OK(dpu_copy_to(set, name, 0, &value, sizeof value));
}

static inline uint32_t take(struct dpu_set_t dpu, const char *name)
{
    uint32_t value = 0xdeadbeef;
    OK(dpu_copy_from(dpu, name, 0, &value, sizeof value));
    return value;
}

/* Written while DPUs run. */
static inline void put_parallel(struct dpu_set_t set, const char *name, uint32_t value)
{
    OK(dpu_prepare_xfer(set, &value));
    OK(dpu_push_xfer(set, DPU_XFER_TO_DPU, name, 0, sizeof value, DPU_XFER_PARALLEL));
}

static inline void launch(struct dpu_set_t set, enum command command)
{
    put(set, "cmd", command);
    OK(dpu_launch(set, DPU_SYNCHRONOUS));
}

static inline void launch_async(struct dpu_set_t set, enum command command)
{
    put(set, "cmd", command);
    OK(dpu_launch(set, DPU_ASYNCHRONOUS));
}

/* Handle of a symbol that names cannot reach, by its value in the program file. */
static inline struct dpu_symbol_t raw_symbol(struct isa_bytes image, const char *name)
{
    struct isa_program *program;
    ck_assert_int_eq(isa_program_read(&program, image, "kernel", NULL, NULL), DPUSIM_OK);
    const struct isa_symbol *found = isa_program_find_symbol(program, name);
    ck_assert_msg(found != NULL, "no symbol %s", name);
    struct dpu_symbol_t symbol = {found->value, found->size_bytes};
    isa_program_destroy(program);
    return symbol;
}

/* ---- time ------------------------------------------------------------------------------------ */

static inline double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Poll until the condition holds; a test that waits a minute has failed. */
#define WAIT_UNTIL(condition)                                                                      \
    do {                                                                                           \
        double wait_end_ = now_seconds() + 50;                                                     \
        while (!(condition)) {                                                                     \
            MUST(now_seconds() < wait_end_, "never came true: %s", #condition);                    \
            usleep(200);                                                                           \
        }                                                                                          \
    } while (0)

/* ---- what goes to stderr --------------------------------------------------------------------- */

struct capture {
    int saved, file;
    char text[1 << 16];
};

static inline void capture_begin(struct capture *capture)
{
    char name[] = "/tmp/dpusim-test-XXXXXX";
    fflush(stderr);
    capture->saved = dup(STDERR_FILENO);
    capture->file = mkstemp(name);
    ck_assert_int_ge(capture->file, 0);
    unlink(name);
    dup2(capture->file, STDERR_FILENO);
}

static inline const char *capture_end(struct capture *capture)
{
    fflush(stderr);
    dup2(capture->saved, STDERR_FILENO);
    close(capture->saved);
    ssize_t len = pread(capture->file, capture->text, sizeof capture->text - 1, 0);
    capture->text[len > 0 ? len : 0] = '\0';
    close(capture->file);
    return capture->text;
}

static inline unsigned count_of(const char *text, const char *part)
{
    unsigned n = 0;
    for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
        n++;
    return n;
}

/* ---- scenarios in a process of their own ----------------------------------------------------- */

struct scenario {
    const char *name;
    int (*run)(void); /* its exit status */
};

struct outcome {
    int status; /* as of wait() */
    char text[1 << 16];
};

/* Start this program again for one scenario, with environment assignments, NULL-terminated; what it
 * writes to stdout and stderr is the text. */
static inline void run_scenario(struct outcome *outcome, const char *name,
                                const char *const *environment)
{
    int ends[2];
    size_t len = 0;
    ssize_t got;
    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        for (; environment && *environment; environment++)
            putenv((char *)(uintptr_t)*environment);
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        execl("/proc/self/exe", "scenario", name, (char *)NULL);
        _exit(126);
    }
    close(ends[1]);
    while ((got = read(ends[0], outcome->text + len, sizeof outcome->text - 1 - len)) > 0)
        len += (size_t)got;
    outcome->text[len] = '\0';
    close(ends[0]);
    ck_assert_int_eq(waitpid(child, &outcome->status, 0), child);
}

static inline void scenario_ends_well(const char *name, const char *const *environment)
{
    static struct outcome outcome;
    run_scenario(&outcome, name, environment);
    ck_assert_msg(outcome.status == 0, "%s: status %#x: %s", name, (unsigned)outcome.status,
                  outcome.text);
}

#define SCENARIO_CHECK(condition) MUST(condition, "%s", #condition)

/* Suites are quiet unless a scenario's environment says otherwise; what the library says is taken
 * from dpusim_last_message. */

static inline int driver_main(int argc, char **argv, Suite *(*suite)(void),
                              const struct scenario *scenarios)
{
    unsetenv("UPMEM_PROFILE");
    setenv("UPMEM_VERBOSE", "s", 0);
    in_scenario = argc > 1;
    for (; argc > 1 && scenarios && scenarios->name; scenarios++)
        if (strcmp(argv[1], scenarios->name) == 0)
            return scenarios->run();
    if (argc > 1)
        return 125;
    SRunner *runner = srunner_create(suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
