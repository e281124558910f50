/* SPDX-License-Identifier: MIT */
/* Programs assembled and linked again from their assembly text are the programs that the vendor's
 * assembler and LLD made: loaded bytes, sections of memory, global symbols and chip. */
#include <check.h>

#include "link_help.h"

#define TEXT(name) SOURCE_DIR "/tests/data/link/" name

static const struct {
    const char *name, *elf, *text;
} programs[] = {
    {"hello", PROGRAM("hello"), TEXT("hello.s")},
    {"histogram_mutex", PROGRAM("histogram_mutex"), TEXT("histogram_mutex.s")},
    {"scan_chain", PROGRAM("scan_chain"), TEXT("scan_chain.s")},
    {"switch_table", PROGRAM("switch_table"), TEXT("switch_table.s")},
    {"arith64", PROGRAM("arith64"), TEXT("arith64.s")},
    {"fault_mem", PROGRAM("fault_mem"), TEXT("fault_mem.S")},
    {"stores_loads", PROGRAM("stores_loads"), TEXT("stores_loads.S")},
};

static void add_text(struct job *job, const char *path)
{
    struct isa_object *object = NULL;
    struct isa_report report = {log_emit, &job->log};
    enum dpusim_status status = isa_assemble_file(&object, path, NULL, &report);
    ck_assert_msg(status == DPUSIM_OK, "%s: %s", path, job->log.text);
    job_add(job, path, object_image(object));
}

/* The options that the program was linked with, read from its symbols. */
static void take_options(struct job *job, const struct isa_program *wanted)
{
    job->options.chip = wanted->chip;
    job->options.nr_tasklets = wanted->nr_tasklets;
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++) {
        char name[32];
        snprintf(name, sizeof name, "STACK_SIZE_TASKLET_%u", i);
        job->options.stack_bytes[i] = isa_program_find_symbol(wanted, name)->value;
    }
}

static void compare_segments(const struct isa_program *found, const struct isa_program *wanted)
{
    ck_assert_uint_eq(found->n_segments, wanted->n_segments);
    for (size_t i = 0; i < wanted->n_segments; i++) {
        const struct isa_segment *a = &found->segments[i], *b = &wanted->segments[i];
        ck_assert_str_eq(a->name, b->name);
        ck_assert(a->memory == b->memory && a->offset_bytes == b->offset_bytes &&
                  a->mem_bytes == b->mem_bytes && a->file_bytes == b->file_bytes);
        ck_assert_msg(memcmp(a->data, b->data, a->file_bytes) == 0, "bytes of %s", a->name);
    }
}

static void compare_symbols(const struct isa_program *found, const struct isa_program *wanted)
{
    ck_assert_uint_eq(found->n_symbols, wanted->n_symbols);
    for (size_t i = 0; i < wanted->n_symbols; i++) {
        const struct isa_symbol *b = &wanted->symbols[i];
        const struct isa_symbol *a = isa_program_find_symbol(found, b->name);
        if (b->type == ISA_SYMBOL_FILE)
            continue;
        ck_assert_msg(a != NULL, "no symbol %s", b->name);
        ck_assert_msg(a->value == b->value && a->size_bytes == b->size_bytes &&
                          a->type == b->type && a->global == b->global &&
                          a->absolute == b->absolute && strcmp(a->section, b->section) == 0,
                      "symbol %s: 0x%08x, %u bytes in %s", b->name, a->value, a->size_bytes,
                      a->section);
    }
}

START_TEST(program_linked_again_is_the_same)
{
    static const char *const run_time[] = {TEXT("muldi3.S"), TEXT("mulsi3.S"), TEXT("udiv32.S"),
                                           TEXT("udivdi3.S"), TEXT("sync.S")};
    struct job job = {0};
    struct isa_program *wanted = NULL;
    struct isa_diag diag = {""};
    ck_assert_msg(isa_program_read_file(&wanted, programs[_i].elf, NULL, &diag) == DPUSIM_OK, "%s",
                  diag.text);
    take_options(&job, wanted);
    add_text(&job, TEXT("crt0.S"));
    add_text(&job, programs[_i].text);
    for (unsigned i = 0; i < sizeof run_time / sizeof run_time[0]; i++) {
        if (strcmp(run_time[i], TEXT("sync.S")) == 0 &&
            strcmp(programs[_i].name, "scan_chain") != 0)
            continue; /* its locks are kept whether used or not */
        add_text(&job, run_time[i]);
    }
    job_link_ok(&job);
    compare_segments(job.program, wanted);
    compare_symbols(job.program, wanted);
    isa_program_destroy(wanted);
    job_fini(&job);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("isa.link_programs");
    TCase *normal = tcase_create("normal");
    tcase_set_timeout(normal, 60);
    tcase_add_loop_test(normal, program_linked_again_is_the_same, 0,
                        (int)(sizeof programs / sizeof programs[0]));
    suite_add_tcase(all, normal);
    return all;
}

int main(void)
{
    return run_suite(suite());
}
