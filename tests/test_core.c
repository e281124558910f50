/* SPDX-License-Identifier: MIT */
/* Core files of DPUs: written, opened, gone on from, damaged; and the places of values. */
#include <check.h>

#include "sim_help.h"

static const char *const programs[] = {PROGRAM("vector_add"), PROGRAM("scan_chain"),
                                       PROGRAM("boot_protocol"), PROGRAM("fault_dma")};
enum { N_PROGRAMS = sizeof programs / sizeof programs[0] };

static struct isa_bytes core_of(const struct sim_dpu *dpu)
{
    struct isa_bytes image = {NULL, 0};
    struct isa_diag diag = {""};
    EXPECT(sim_dpu_save_core(dpu, &image, &diag) == DPUSIM_OK, "%s", diag.text);
    return image;
}

static void drop(struct isa_bytes image)
{
    free((void *)(uintptr_t)image.data);
}

static struct sim_dpu *open_core(struct isa_bytes image)
{
    struct sim_dpu *dpu = NULL;
    struct isa_diag diag = {""};
    EXPECT(sim_dpu_open(&dpu, image, "test.core", NULL, &diag) == DPUSIM_OK, "%s", diag.text);
    return dpu;
}

static struct sim_dpu *run_part(const struct sim_config *config, const char *path, uint64_t count)
{
    struct sim_dpu *dpu = dpu_file(config, path);
    struct sim_limits limits = {.max_instructions = count};
    struct sim_outcome outcome;
    sim_dpu_run(dpu, &limits, &outcome);
    return dpu;
}

static void expect_same(const struct sim_dpu *a, const struct sim_dpu *b, const char *what)
{
    struct snapshot left, right;
    snapshot_take(&left, a);
    snapshot_take(&right, b);
    assert_same(&left, &right, what);
}

START_TEST(a_run_goes_on_from_a_core_file)
{
    struct sim_config config = config_of(_i / N_PROGRAMS ? SIM_CYCLE : SIM_FUNCTIONAL, 0);
    const char *path = programs[_i % N_PROGRAMS];
    struct sim_dpu *dpu = run_part(&config, path, 900), *copy = dpu_file(&config, path);
    struct isa_bytes image = core_of(dpu);
    ck_assert(isa_core_is(image));
    dpu_run(copy);
    ck_assert_int_eq(sim_dpu_restore(copy, image, NULL), DPUSIM_OK);
    expect_same(dpu, copy, "restored");
    dpu_run(dpu);
    dpu_run(copy);
    expect_same(dpu, copy, "at the end");
    drop(image);
    sim_dpu_destroy(dpu);
    sim_dpu_destroy(copy);
}
END_TEST

START_TEST(an_opened_core_file_is_the_dpu_that_was)
{
    struct sim_config config = config_of(SIM_FUNCTIONAL, 0);
    struct sim_dpu *dpu = run_part(&config, programs[_i], 100000);
    struct isa_bytes image = core_of(dpu);
    struct sim_dpu *opened = open_core(image);
    expect_same(dpu, opened, "opened");
    char texts[2][2048];
    sim_dpu_explain_fault(dpu, texts[0], sizeof texts[0]);
    sim_dpu_explain_fault(opened, texts[1], sizeof texts[1]);
    ck_assert_str_eq(texts[0], texts[1]);
    ck_assert_uint_eq(strlen(texts[0]) > 0, _i == 3);
    drop(image);
    sim_dpu_destroy(dpu);
    sim_dpu_destroy(opened);
}
END_TEST

/* As the SDK's host library writes them: without our section. */
static struct isa_bytes foreign_core(struct isa_bytes ours, const struct isa_program *program)
{
    static const char *const names[] = {".data", ".text", ".mram", ".regs"};
    struct isa_core_part parts[4];
    struct isa_program *core;
    struct isa_bytes image;
    ck_assert_int_eq(isa_core_read(&core, ours, NULL, NULL, NULL), DPUSIM_OK);
    for (unsigned i = 0; i < 4; i++) {
        static const uint32_t bases[] = {ISA_WRAM_BASE, ISA_IRAM_BASE, ISA_MRAM_BASE,
                                         ISA_CORE_REGISTERS_BASE};
        parts[i] = (struct isa_core_part){names[i], bases[i], isa_program_section(core, names[i]),
                                          i < 3 ? 6 : 0};
        ck_assert_ptr_nonnull(parts[i].bytes.data);
    }
    ck_assert_int_eq(isa_core_build(&image, program, parts, 4, NULL), DPUSIM_OK);
    isa_program_destroy(core);
    return image;
}

START_TEST(a_core_file_of_the_sdk_can_be_opened)
{
    struct sim_config config = config_of(SIM_FUNCTIONAL, 0);
    struct sim_dpu *dpu = run_part(&config, PROGRAM("fault_dma"), 100000);
    struct isa_bytes ours = core_of(dpu), image = foreign_core(ours, sim_dpu_program(dpu));
    struct sim_dpu *opened = open_core(image);
    struct isa_diag diag = {""};
    for (unsigned t = 0; t < ISA_MAX_THREADS; t++)
        for (unsigned r = 0; r < ISA_WORK_REGISTERS; r++)
            EXPECT(reg_of(dpu, t, r) == reg_of(opened, t, r), "tasklet %u r%u", t, r);
    for (int m = ISA_IRAM; m <= ISA_MRAM; m++)
        ck_assert_uint_eq(sim_dpu_digest(dpu, (enum isa_memory)m),
                          sim_dpu_digest(opened, (enum isa_memory)m));
    ck_assert_int_eq(sim_dpu_fault(opened)->kind, SIM_FAULT_DMA);
    ck_assert_uint_eq(sim_dpu_fault(opened)->tasklet, sim_dpu_fault(dpu)->tasklet);
    ck_assert_int_eq(sim_dpu_restore(dpu, image, &diag), DPUSIM_BAD_STATE);
    EXPECT(strstr(diag.text, "no section .dpusim"), "%s", diag.text);
    drop(ours), drop(image);
    sim_dpu_destroy(dpu);
    sim_dpu_destroy(opened);
}
END_TEST

START_TEST(a_saved_state_needs_its_program)
{
    struct sim_config config = config_of(SIM_CYCLE, 0);
    struct sim_dpu *dpu = run_part(&config, programs[0], 500), *opened = NULL;
    struct isa_bytes image;
    struct isa_diag diag = {""};
    struct isa_program *program = (struct isa_program *)(uintptr_t)sim_dpu_program(dpu);
    ck_assert_int_eq(sim_dpu_save(dpu, &image, NULL), DPUSIM_OK);
    ck_assert_int_eq(sim_dpu_open(&opened, image, "x", NULL, &diag), DPUSIM_NO_PROGRAM);
    ck_assert_int_eq(sim_dpu_open(&opened, image, "x", program, &diag), DPUSIM_OK);
    expect_same(dpu, opened, "opened");
    drop(image);
    sim_dpu_destroy(dpu);
    sim_dpu_destroy(opened);
}
END_TEST

/* Cut anywhere, and with every byte of the headers changed, it is refused or opens; nothing else.
 */
START_TEST(damaged_core_files_do_no_harm)
{
    struct sim_config config = config_of(SIM_FUNCTIONAL, 0);
    struct sim_dpu *dpu = run_part(&config, programs[3], 100000), *opened;
    struct isa_bytes image = core_of(dpu);
    uint8_t *copy = malloc(image.len_bytes);
    struct isa_diag diag;
    unsigned refused = 0;
    for (size_t len = 0; len < image.len_bytes; len += 4099)
        if (sim_dpu_open(&opened, (struct isa_bytes){image.data, len}, "cut", NULL, &diag)) {
            ck_assert(strlen(diag.text) > 0);
            refused++;
        } else
            sim_dpu_destroy(opened);
    ck_assert_uint_eq(refused, (image.len_bytes + 4098) / 4099);
    for (size_t at = 0; at < 52; at++) {
        memcpy(copy, image.data, image.len_bytes);
        copy[at] ^= 0x5a;
        if (sim_dpu_open(&opened, (struct isa_bytes){copy, image.len_bytes}, "bad", NULL, &diag) ==
            DPUSIM_OK)
            sim_dpu_destroy(opened);
    }
    free(copy);
    drop(image);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(without_a_program_there_is_no_core_file)
{
    struct sim_dpu *dpu = dpu_create(NULL);
    struct isa_bytes image;
    struct isa_diag diag = {""};
    ck_assert_int_eq(sim_dpu_save_core(dpu, &image, &diag), DPUSIM_NO_PROGRAM);
    sim_dpu_destroy(dpu);
    dpu = dpu_file(NULL, programs[0]);
    ck_assert_int_eq(sim_dpu_write_core(dpu, "/no/such/folder/core", &diag), DPUSIM_IO);
    EXPECT(strstr(diag.text, "/no/such/folder/core"), "%s", diag.text);
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- places without types ------------------------------------------------------------------- */

#define DATA ".data\n.globl pair\n.type pair,@object\npair: .long 5, 6\n.size pair, 8\n"

START_TEST(places_without_debug_information_are_symbols)
{
    struct sim_dpu *dpu = dpu_of(SIM_FUNCTIONAL, ".text\nstop true, 0\n" DATA);
    struct sim_place place;
    struct isa_diag diag = {""};
    char name[64];
    ck_assert_int_eq(sim_dpu_find(dpu, "pair", &place, &diag), DPUSIM_OK);
    ck_assert_uint_eq(place.size_bytes, 8);
    ck_assert_ptr_null(place.type);
    sim_place_name(sim_dpu_program(dpu), ISA_WRAM, place.offset_bytes + 4, NULL, name, sizeof name);
    ck_assert_str_eq(name, "pair+4");
    ck_assert_int_eq(sim_dpu_find(dpu, "pair[1]", &place, &diag), DPUSIM_BAD_ARGUMENT);
    EXPECT(strstr(diag.text, "compile with -g"), "%s", diag.text);
    ck_assert_int_eq(sim_dpu_find(dpu, "pear", &place, &diag), DPUSIM_UNKNOWN_SYMBOL);
    EXPECT(strstr(diag.text, "did you mean \"pair\""), "%s", diag.text);
    sim_dpu_destroy(dpu);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("sim.core");
    TCase *normal = tcase_create("normal"), *bad = tcase_create("bad_input");
    tcase_add_loop_test(normal, a_run_goes_on_from_a_core_file, 0, 2 * N_PROGRAMS);
    tcase_add_loop_test(normal, an_opened_core_file_is_the_dpu_that_was, 0, N_PROGRAMS);
    tcase_add_test(normal, a_core_file_of_the_sdk_can_be_opened);
    tcase_add_test(normal, a_saved_state_needs_its_program);
    tcase_add_test(normal, places_without_debug_information_are_symbols);
    tcase_add_test(bad, damaged_core_files_do_no_harm);
    tcase_add_test(bad, without_a_program_there_is_no_core_file);
    tcase_set_timeout(normal, 60);
    tcase_set_timeout(bad, 60);
    suite_add_tcase(s, normal);
    suite_add_tcase(s, bad);
    return s;
}

int main(void)
{
    return run_suite(suite());
}
