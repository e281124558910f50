/* SPDX-License-Identifier: MIT */
/* What the linker refuses, and the sentences it says about it; damaged objects and archives. */
#include <check.h>

#include "link_help.h"

/* ---- one fault in an otherwise good program ------------------------------------------------- */

static struct isa_object *good(void)
{
    struct isa_object *object = start_object();
    add_function(object, "main", 1);
    return object;
}

/* A variable that is used, in a section of this size. */
static void add_large(struct isa_object *object, const char *section, const char *name,
                      uint32_t size_bytes)
{
    int32_t number = add_nobits(object, section, WRITABLE, size_bytes);
    uint32_t symbol = add_symbol(object, name, GLOBAL_OBJECT, number, 0, size_bytes);
    add_reloc(object, 1, 0, ISA_R_IMM32, symbol, 0);
}

static void undefined(struct job *job)
{
    struct isa_object *a = good(), *b = object_create("b");
    add_function(b, "prinft", 1);
    add_reloc(a, 1, 0, ISA_R_PC, add_undefined(a, "printf"), 0);
    uint32_t other = add_undefined(a, "other");
    add_reloc(a, 1, 0, ISA_R_IMM32, other, 0);
    int32_t data = add_section(a, ".dpu_host", WRITABLE, NULL, 40);
    for (uint32_t i = 0; i < 10; i++)
        add_reloc(a, data, 4 * i, ISA_R_32, other, 0);
    job_object(job, a);
    job_object(job, b);
}

static void duplicate(struct job *job)
{
    struct isa_object *b = object_create("b");
    add_function(b, "main", 1);
    job_object(job, good());
    job_object(job, b);
}

static void wram(struct job *job)
{
    struct isa_object *a = good();
    add_large(a, ".bss.big", "big", 60000);
    add_large(a, ".bss.small", "small", 4536);
    job_object(job, a);
}

static void iram(struct job *job)
{
    struct isa_object *a = good();
    int32_t section = add_function(a, "huge", 4097);
    add_reloc(a, 1, 0, ISA_R_PC, (uint32_t)a->n_symbols - 1, 0);
    (void)section;
    job_object(job, a);
}

static void mram(struct job *job)
{
    struct isa_object *a = good();
    add_large(a, ".mram.noinit.n", "buffer", 0xfffffff8);
    job_object(job, a);
}

static void atomic(struct job *job)
{
    struct isa_object *a = good();
    for (unsigned i = 0; i < 57; i++)
        add_section(a, ".atomic", WRITABLE, NULL, 1);
    job_object(job, a);
}

static void immediate(struct job *job)
{
    struct isa_object *a = good();
    add_large(a, ".data.immediate_memory.x", "x", 2048);
    job_object(job, a);
}

static void tasklets(struct job *job)
{
    job->options.chip = ISA_CHIP_V1B;
    job->options.nr_tasklets = 17;
    job_object(job, good());
}

static void stack_odd(struct job *job)
{
    job->options.stack_default_bytes = 1028;
    job_object(job, good());
}

static void stack_zero(struct job *job)
{
    static const struct isa_link_symbol none = {"STACK_SIZE_TASKLET_1", 0};
    job->options.nr_tasklets = 2;
    job->options.defsyms = &none;
    job->options.n_defsyms = 1;
    job_object(job, good());
}

static void no_entry(struct job *job)
{
    struct isa_object *a = object_create("a");
    add_function(a, "main", 1);
    job_object(job, a);
}

static void entry_is_data(struct job *job)
{
    struct isa_object *a = good();
    add_large(a, ".bss.start", "start", 8);
    job->options.entry = "start";
    job_object(job, a);
}

static void nothing(struct job *job)
{
    (void)job;
}

static void abi(struct job *job)
{
    struct isa_object *b = object_create("b");
    b->e_flags = 0x01800000;
    job_object(job, good());
    job_object(job, b);
}

static void thin(struct job *job)
{
    job_add(job, "lib.a", (struct isa_bytes){(uint8_t *)strdup("!<thin>\n"), 8});
}

static void damaged_archive(struct job *job)
{
    job_add(job, "lib.a", (struct isa_bytes){(uint8_t *)strdup("!<arch>\nnonsense"), 16});
}

static void text(struct job *job)
{
    job_add(job, "main.c", (struct isa_bytes){(uint8_t *)strdup("int main;"), 9});
}

static void program(struct job *job)
{
    struct image image = image_read(PROGRAM("hello"));
    job_add(job, "hello.elf", (struct isa_bytes){image.data, image.len_bytes});
}

static const struct {
    const char *name;
    void (*make)(struct job *job);
    unsigned errors;
    const char *says, *also;
} faults[] = {
    {"undefined", undefined, 2,
     "undefined symbol \"printf\", used by a.o in function main (.text.main+0x0); did you mean "
     "\"prinft\"?",
     "undefined symbol \"other\", used by a.o in function main (.text.main+0x0), a.o in section "
     ".dpu_host (+0x0), a.o in section .dpu_host (+0x4), a.o in section .dpu_host (+0x8) and 7 "
     "more places"},
    {"duplicate", duplicate, 1, "symbol \"main\" is defined twice", "in a.o and in b.o"},
    {"WRAM", wram, 1, "WRAM needs 65576 bytes, chip v1A has 65536: 40 too many",
     "big 60000, small 4536, (stacks of all tasklets) 1024"},
    {"IRAM", iram, 1, "IRAM needs 4100 instructions, chip v1A has 4096: 4 too many",
     "largest functions: huge 4097"},
    {"MRAM", mram, 1, "MRAM needs 4294967288 bytes", "buffer 4294967288"},
    {"atomic", atomic, 1, "atomic bits needs 257 bits, chip v1A has 256: 1 too many", ""},
    {"immediate", immediate, 1, "ends at 2056, wanted at most 2048: 8 bytes too many",
     "immediate memory"},
    {"tasklets", tasklets, 1, "NR_TASKLETS is 17, chip v1B has 16", ""},
    {"stack odd", stack_odd, 1, "stack of tasklet 0 has 1028 bytes", "multiple of 8"},
    {"stack zero", stack_zero, 1, "stack of tasklet 1 has 0 bytes", "STACK_SIZE_TASKLET_1"},
    {"no entry", no_entry, 1, "entry point \"__bootstrap\" is not defined", "crt0"},
    {"entry is data", entry_is_data, 1, "entry point \"start\" is no code", ""},
    {"nothing", nothing, 1, "entry point \"__bootstrap\" is not defined", ""},
    {"ABI", abi, 1, "b.o has ABI 1 (e_flags 0x01800000), a.o has ABI 2", ""},
    {"thin archive", thin, 1, "thin archive", ""},
    {"damaged archive", damaged_archive, 1, "damaged archive", "offset 8 of 16"},
    {"text", text, 1, "main.c: not an ELF file", "is it the .c source?"},
    {"program", program, 1, "hello.elf: a linked program, wanted an object file", ""},
};

START_TEST(fault_is_reported_with_its_sentence)
{
    struct job job = {0};
    faults[_i].make(&job);
    job_link(&job);
    ck_assert_int_eq(job.status, DPUSIM_LINK);
    ck_assert_msg(job.log.count == faults[_i].errors && strstr(job.log.text, faults[_i].says) &&
                      strstr(job.log.text, faults[_i].also),
                  "%s: %u errors: %s", faults[_i].name, job.log.count, job.log.text);
    job_fini(&job);
}
END_TEST

START_TEST(all_undefined_symbols_are_reported)
{
    struct job job = {0};
    struct isa_object *object = good();
    for (unsigned i = 0; i < 50; i++) {
        char name[16];
        snprintf(name, sizeof name, "missing_%u", i);
        add_reloc(object, 1, 0, ISA_R_PC, add_undefined(object, name), 0);
    }
    job_object(&job, object);
    job_link(&job);
    ck_assert_int_eq(job.status, DPUSIM_LINK);
    ck_assert_uint_eq(job.log.count, 50);
    job_fini(&job);
}
END_TEST

/* Each byte of an object and an archive changed: linked or refused, never a crash. */
static void try_all_changes(struct job *job, size_t input)
{
    static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    uint8_t *bytes = (uint8_t *)(uintptr_t)job->inputs[input].data.data;
    for (size_t at = 0; at < job->inputs[input].data.len_bytes; at++)
        for (unsigned v = 0; v < sizeof values; v++) {
            uint8_t old = bytes[at];
            struct isa_bytes image = {NULL, 0};
            bytes[at] = values[v];
            enum dpusim_status status =
                isa_link(&image, job->inputs, job->n_inputs, &job->options, NULL);
            ck_assert((status == DPUSIM_OK) == (image.data != NULL));
            free((void *)(uintptr_t)image.data);
            bytes[at] = old;
        }
}

START_TEST(changed_inputs_do_no_harm)
{
    struct job job = {0};
    struct isa_object *object = good();
    int32_t strings = add_section(object, ".rodata.str1.1", STRINGS, "one\0two", 8);
    add_reloc(object, 1, 0, ISA_R_IMM32, add_symbol(object, ".L1", LABEL, strings, 4, 0), 0);
    int32_t sizes = add_section(object, ".stack_sizes", SHF_LINK_ORDER, "....\5", 5);
    object->sections[sizes].linked = 1;
    add_reloc(object, 1, 0, ISA_R_PC, add_undefined(object, "member"), 0);
    add_symbol(object, "common", GLOBAL_OBJECT, ISA_SECTION_COMMON, 8, 8);
    struct isa_object *member = object_create("member.o");
    add_function(member, "member", 1);
    job_object(&job, object);
    job_add(&job, "lib.a", archive_image(&member, 1));
    job_link_ok(&job);
    try_all_changes(&job, 0);
    try_all_changes(&job, 1);
    job_fini(&job);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("isa.link_errors");
    TCase *bad = tcase_create("bad_input");
    tcase_set_timeout(bad, 120);
    tcase_add_loop_test(bad, fault_is_reported_with_its_sentence, 0,
                        (int)(sizeof faults / sizeof faults[0]));
    tcase_add_test(bad, all_undefined_symbols_are_reported);
    tcase_add_test(bad, changed_inputs_do_no_harm);
    suite_add_tcase(all, bad);
    return all;
}

int main(void)
{
    return run_suite(suite());
}
