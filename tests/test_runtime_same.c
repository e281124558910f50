/* SPDX-License-Identifier: MIT */
/* The device library's part of the C library against that of the host: the same source compiled for
 * both, on the same operands. Without a compiler for the DPU there is nothing to test. */
#include <check.h>
#include <math.h>
#include <stdarg.h>

/* Arrays of one struct do not overlap, whatever strcat thinks. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wrestrict"
#endif

#include "sim_help.h"
#include "data/runtime/same_cases.h"

#define DPU_PROGRAM(name) BUILD_DIR "/tests/dpu/" name ".elf"

/* ---- what print_cases.h says, on the host ---------------------------------------------------- */

static char printed[1 << 20];
static size_t printed_bytes;

static void say(const char *format, ...)
{
    size_t room = sizeof printed - printed_bytes;
    va_list arguments;
    va_start(arguments, format);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    int bytes = vsnprintf(printed + printed_bytes, room, format, arguments);
#pragma GCC diagnostic pop
    va_end(arguments);
    ck_assert(bytes >= 0 && (size_t)bytes < room);
    printed_bytes += (size_t)bytes;
}

#define SAY(...) say(__VA_ARGS__)
/* The DPU's size_t has 32 bits. */
#define PRINT_SIZE(letters, value)                                                                 \
    ((letters)[0] == 'z' ? (size_t)(uint32_t)(value) : (size_t)(value))
#define PRINT_NAN ((double)NAN)
#include "data/runtime/print_cases.h"

static struct sim_dpu *run_kernel(const char *path)
{
    struct sim_config config = config_of(SIM_FUNCTIONAL, 0);
    struct sim_limits limits = {.max_instructions = UINT64_C(1000000000)};
    struct sim_outcome outcome;
    struct sim_dpu *dpu = dpu_file(&config, path);
    sim_dpu_run(dpu, &limits, &outcome);
    ck_assert_msg(outcome.stop == SIM_DONE && symbol_word(dpu, "checks") > 0, "%s: stop %d", path,
                  (int)outcome.stop);
    return dpu;
}

START_TEST(printing_looks_as_on_the_host)
{
    struct sim_dpu *dpu = run_kernel(DPU_PROGRAM("print_same"));
    struct isa_diag diag = {""};
    size_t size, line = 1;
    char *log;
    print_all();
    ck_assert_msg(sim_dpu_read_log(dpu, &log, &size, &diag) == DPUSIM_OK, "%s", diag.text);
    const char *got = log, *want = printed;
    while (*got && *got == *want) {
        line += *got == '\n';
        got++;
        want++;
    }
    while (got > log && got[-1] != '\n') {
        got--;
        want--;
    }
    ck_assert_msg(*got == *want && size == printed_bytes, "line %zu: got %.60s\nwant %.60s", line,
                  got, want);
    ck_assert_uint_gt(line, 3000);
    free(log);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(functions_give_what_they_give_on_the_host)
{
    static const char *const names[] = {
#define SAME(name) #name,
#include "data/runtime/same.def"
#undef SAME
    };
    static struct same same;
    struct sim_dpu *dpu = run_kernel(DPU_PROGRAM("same"));
    const struct isa_symbol *symbol = isa_program_find_symbol(sim_dpu_program(dpu), "hashes");
    ck_assert(symbol != NULL);
    same_all(&same);
    for (uint32_t i = 0; i < SAME_COUNT; i++)
        EXPECT(wram_word(dpu, symbol->value + 4 * i) == same.hash[i], "%s differs", names[i]);
    sim_dpu_destroy(dpu);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("runtime.same");
    TCase *tc = tcase_create("normal");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, functions_give_what_they_give_on_the_host);
    tcase_add_test(tc, printing_looks_as_on_the_host);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
