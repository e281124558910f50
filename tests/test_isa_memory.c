/* SPDX-License-Identifier: MIT */
/* The assembler, the object writer, the linker and the program reader when memory runs out: each
 * allocation fails once. Nothing leaks, and the status says so. (Lines are read by libdw.) */
#include <check.h>

#include "sim_help.h"

#include "heap_help.h"

#if !SANITIZED

static const char first_text[] =
    ".macro twice what, more=2\n \\what\n .rept \\more\n \\what\n .endr\n"
    ".endm\n"
    ".irp x, 1, 2, 3\n.set number_\\x, \\x * 3\n.endr\n"
    ".section .text.__bootstrap,\"ax\",@progbits\n"
    ".globl __bootstrap\n.type __bootstrap,@function\n__bootstrap:\n"
    " move r0, number_2\n twice \"add r0, r0, 1\"\n"
    "1: lw r1, zero, table\n jneq r1, 5, 1b\n call r23, other\n"
    " stop true, .\n.size __bootstrap, . - __bootstrap\n"
    ".data\n.p2align 3\n.globl table\ntable: .long 5, other, 1 + (2 << 3)\n"
    ".size table, 12\n.ifdef table\n.ascii \"a\\n\\x41\"\n.else\n bad\n.endif\n"
    ".bss\n.zero 16\n.section .names,\"aMS\",@progbits,1\n.asciz \"one\"\n"
    ".comm shared, 16, 8\n.weak perhaps\n";
static const char second_text[] = ".text\n.globl other\n.type other,@function\nother: jump r23\n"
                                  ".size other, 8\n.section .names,\"aMS\",@progbits,1\n"
                                  ".asciz \"one\"\n.asciz \"two\"\n.comm shared, 32, 8\n";

static enum dpusim_status make_object(struct isa_bytes *image, const char *text)
{
    struct isa_asm_options options = {.debug_lines = true};
    struct isa_report report = {NULL, NULL};
    struct isa_object *object = NULL;
    struct isa_bytes source = {(const uint8_t *)text, strlen(text)};
    enum dpusim_status status = isa_assemble(&object, source, "memory.s", &options, &report);
    if (!status)
        status = isa_object_write(object, image, NULL);
    isa_object_destroy(object);
    return status;
}

static enum dpusim_status whole_life(void)
{
    struct isa_report report = {NULL, NULL};
    struct isa_link_options options = {.chip = ISA_CHIP_V1A, .keep_unused = true};
    struct isa_bytes objects[2] = {{NULL, 0}, {NULL, 0}}, image = {NULL, 0};
    struct isa_program *program = NULL;
    enum dpusim_status status = make_object(&objects[0], first_text);
    if (!status)
        status = make_object(&objects[1], second_text);
    struct isa_link_input inputs[2] = {{.name = "first.o", .data = objects[0]},
                                       {.name = "second.o", .data = objects[1]}};
    if (!status)
        status = isa_link(&image, inputs, 2, &options, &report);
    if (!status)
        status = isa_program_read(&program, image, "program", &report, NULL);
    isa_program_destroy(program);
    free((void *)(uintptr_t)objects[0].data);
    free((void *)(uintptr_t)objects[1].data);
    free((void *)(uintptr_t)image.data);
    return status;
}

START_TEST(every_allocation_may_fail)
{
    ck_assert_int_eq(whole_life(), DPUSIM_OK); /* libraries set themselves up */
    heap_count(-1);
    enum dpusim_status status = whole_life();
    heap_rest();
    ck_assert_int_eq(status, DPUSIM_OK);
    ck_assert_int_eq(heap.live, 0);
    long calls = heap.calls;
    ck_assert_int_gt(calls, 200);
    for (long at = 0; at < calls; at++) {
        heap_count(at);
        status = whole_life();
        heap_rest();
        EXPECT(heap.live == 0, "allocation %ld of %ld failed: %ld leaked", at, calls, heap.live);
        EXPECT(status == DPUSIM_OK || status == DPUSIM_NO_MEMORY,
               "allocation %ld of %ld failed: status %d", at, calls, status);
    }
}
END_TEST

#endif

int main(void)
{
    Suite *suite = suite_create("isa.memory");
    TCase *limits = tcase_create("limits");
#if !SANITIZED
    tcase_add_test(limits, every_allocation_may_fail);
#endif
    suite_add_tcase(suite, limits);
    return run_suite(suite);
}
