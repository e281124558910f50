/* SPDX-License-Identifier: MIT */
/* The printf log: records against the text they must give (bytes produced by the SDK's stdio.c),
 * damaged and cut logs, and the log of a DPU whose memory is filled by hand. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "dpusim.h"
#include "log.h"

struct record {
    const char *call, *hex, *text;
    enum dpusim_status status;
};

static const struct record records[] = {
    {"printf Hi %d", "2573256425730048692000050000000a0000000000000000", "Hi 5\n", DPUSIM_OK},
    {"printf empty", "0000000000000000", "", DPUSIM_OK},
    {"printf 100%%", "257300313030250a0000000000000000", "100%\n", DPUSIM_OK},
    {"printf %lu|%-8.3f|%c%s",
     "256c752573252d382e336625732563257300cb04fb711f0100007c0000000000000004407c0078737472000000"
     "000000",
     "1234567890123|2.500   |xstr", DPUSIM_OK},
    {"printf %hd!", "25682573000700000064210000000000", "%hd!", DPUSIM_OK},
    {"printf %zu %i", "25752573256400030000002000fcffffff00000000000000", "3 -4", DPUSIM_OK},
    {"printf abcd", "25730061626364000000000000000000", "abcd", DPUSIM_OK},
    {"printf a%d%%b%dc", "2573256425732564257300610001000000256200020000006300000000000000",
     "a1%b2c", DPUSIM_OK},
    {"printf tail%", "2573007461696c000000000000000000", "tail", DPUSIM_OK},
    {"puts", "257300796f0a0000", "yo\n", DPUSIM_OK},
    {"putchar", "2563007a00000000", "z", DPUSIM_OK},
    {"two records", "2563007a00000000257300796f0a0000", "zyo\n", DPUSIM_OK},
    {"%x of 32 bits", "257800efbeadde0000000000000000", "deadbeef", DPUSIM_OK},
    {"%lx", "256c7800efcdab89674523010000000000", "123456789abcdef", DPUSIM_OK},
    {"%ld negative", "256c6400ffffffffffffffff", "-1", DPUSIM_OK},
    {"%o %X", "256f255800080000000a000000", "10A", DPUSIM_OK},
    {"%p is zero-extended", "257000000000800000", "0x80000000", DPUSIM_OK},
    {"%g is a double", "256700000000000000f83f", "1.5", DPUSIM_OK},
    {"%G and %e", "25472565000000000000000440000000000000f03f", "2.51.000000e+00", DPUSIM_OK},
    {"%b least significant first", "25620005000000", "10100000000000000000000000000000", DPUSIM_OK},
    {"%08.3f", "2530382e336600000000000000f83f", "0001.500", DPUSIM_OK},
    {"%+d % d", "252b64252064000100000002000000", "+1 2", DPUSIM_OK},
    {"%5s right", "2535730061620000", "   ab", DPUSIM_OK},
    {"%.1s cut", "252e317300616200", "a", DPUSIM_OK},
    {"%*d is not passed on", "252a640007000000", "%*d", DPUSIM_OK},
    {"%n is not passed on", "256e0007000000", "%n", DPUSIM_OK},
    {"a huge width, cut in its number", "25313030303030306400070000", "", DPUSIM_OK},
    {"a width of a million shows its text", "2531303030303030640007000000", "%1000000d", DPUSIM_OK},
    {"garbage in the format part", "25730041000000002573417300000000", "A", DPUSIM_LOG_FORMAT},
    {"cut in the format part", "2563007a000000002573", "z", DPUSIM_OK},
    {"cut in a string", "2563007a0000000025730061", "z", DPUSIM_OK},
    {"cut in a number", "2563007a0000000025640061", "z", DPUSIM_OK},
    {"no record at all", "0011223344", "", DPUSIM_OK},
};

enum { RECORDS = sizeof records / sizeof records[0] };

static size_t from_hex(const char *hex, uint8_t *bytes)
{
    size_t count = 0;
    for (; hex[0] && hex[1]; hex += 2) {
        char pair[3] = {hex[0], hex[1], 0};
        bytes[count++] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return count;
}

START_TEST(a_record_gives_its_text)
{
    const struct record *row = &records[_i];
    uint8_t bytes[256];
    struct sim_log_text text = {0};
    struct isa_diag diag = {""};
    struct isa_bytes log = {bytes, from_hex(row->hex, bytes)};
    enum dpusim_status status = sim_log_decode(&text, log, &diag);
    const char *got = text.data ? text.data : "";
    ck_assert_msg(strcmp(got, row->text) == 0, "%s: expected \"%s\" got \"%s\"", row->call,
                  row->text, got);
    ck_assert_msg(status == row->status, "%s: status %d: %s", row->call, status, diag.text);
    free(text.data);
}
END_TEST

START_TEST(a_log_may_be_cut_anywhere)
{
    const struct record *row = &records[3];
    uint8_t bytes[256];
    size_t len = from_hex(row->hex, bytes);
    for (size_t cut = 0; cut < len; cut++) {
        struct sim_log_text text = {0};
        uint8_t *exact = malloc(cut + 1);
        memcpy(exact, bytes, cut);
        ck_assert_int_eq(sim_log_decode(&text, (struct isa_bytes){exact, cut}, NULL), DPUSIM_OK);
        free(exact);
        free(text.data);
    }
}
END_TEST

START_TEST(reading_starts_again_at_a_whole_record)
{
    uint8_t bytes[256];
    size_t len = from_hex("6c6c6f2025640a00" /* rest of a record */
                          "257300796f0a0000",
                          bytes);
    ck_assert_uint_eq(sim_log_resync((struct isa_bytes){bytes, len}), 8);
    ck_assert_uint_eq(sim_log_resync((struct isa_bytes){bytes, 8}), 8);
}
END_TEST

/* ------------------------------------------------------------------ a DPU's log --------------- */

static const char source[] = ".section .text.__bootstrap,\"ax\",@progbits\n"
                             ".globl __bootstrap\n__bootstrap:\n stop true, .\n"
                             ".section .data.__sys_keep,\"aw\",@progbits\n.p2align 3\n"
                             ".globl __stdout_buffer_state\n__stdout_buffer_state: .quad 0\n"
                             ".type __stdout_buffer_state,@object\n"
                             ".size __stdout_buffer_state, 8\n"
                             ".section .mram.noinit.keep,\"aw\",@nobits\n.p2align 3\n"
                             ".globl __stdout_buffer\n__stdout_buffer: .zero 32\n"
                             ".type __stdout_buffer,@object\n.size __stdout_buffer, 32\n";

static struct sim_dpu *dpu_of(const char *text)
{
    struct isa_object *object;
    struct isa_bytes image, linked;
    struct isa_diag diag = {""};
    struct sim_dpu *dpu;
    struct isa_link_options how = {.nr_tasklets = 1, .keep_unused = true};
    struct isa_report report = {NULL, NULL};
    ck_assert_int_eq(isa_assemble(&object, (struct isa_bytes){(const uint8_t *)text, strlen(text)},
                                  "log.s", NULL, &report),
                     DPUSIM_OK);
    ck_assert_int_eq(isa_object_write(object, &image, &diag), DPUSIM_OK);
    struct isa_link_input input = {.name = "log.o", .data = image};
    ck_assert_int_eq(isa_link(&linked, &input, 1, &how, &report), DPUSIM_OK);
    ck_assert_int_eq(sim_dpu_create(&dpu, NULL, &diag), DPUSIM_OK);
    ck_assert_msg(sim_dpu_load_image(dpu, linked, "log.elf", &diag) == DPUSIM_OK, "%s", diag.text);
    free((void *)image.data);
    free((void *)linked.data);
    isa_object_destroy(object);
    return dpu;
}

static void put(struct sim_dpu *dpu, const char *symbol, const char *hex)
{
    uint8_t bytes[256];
    enum isa_memory memory;
    uint32_t offset;
    const struct isa_symbol *found = isa_program_find_symbol(sim_dpu_program(dpu), symbol);
    ck_assert_ptr_nonnull(found);
    ck_assert(isa_address_split(found->value, &memory, &offset));
    size_t len = from_hex(hex, bytes);
    ck_assert_int_eq(sim_dpu_write(dpu, memory, offset, bytes, len, NULL), DPUSIM_OK);
}

static void expect_log(const char *buffer, const char *state, const char *wanted,
                       enum dpusim_status wanted_status)
{
    struct isa_diag diag = {""};
    struct sim_dpu *dpu = dpu_of(source);
    char *text = NULL;
    size_t len = 0;
    put(dpu, "__stdout_buffer", buffer);
    put(dpu, "__stdout_buffer_state", state);
    enum dpusim_status status = sim_dpu_read_log(dpu, &text, &len, &diag);
    ck_assert_int_eq(status, wanted_status);
    if (wanted)
        ck_assert_str_eq(text, wanted);
    if (wanted)
        ck_assert_uint_eq(len, strlen(wanted));
    free(text);
    sim_dpu_destroy(dpu);
}

START_TEST(text_up_to_the_write_position_is_read)
{
    expect_log("2563007a00000000257300796f0a0000", "0800000000000000", "z", DPUSIM_OK);
    expect_log("2563007a00000000257300796f0a0000", "1000000000000000", "zyo\n", DPUSIM_OK);
}
END_TEST

START_TEST(nothing_printed_is_an_empty_text)
{
    expect_log("2563007a00000000", "0000000000000000", "", DPUSIM_OK);
}
END_TEST

START_TEST(a_wrapped_log_keeps_its_newest_records)
{
    /* In the ring: "c" newest at 0, then at 8 the rest of a record, then "a", "b". */
    expect_log("2563006300000000"
               "6f6e650a00000000"
               "2563006100000000"
               "2563006200000000",
               "0800000001000000", "abc", DPUSIM_LOG_OVERFLOW);
}
END_TEST

START_TEST(a_write_position_behind_the_buffer_is_damage)
{
    expect_log("00", "2800000000000000", NULL, DPUSIM_LOG_FORMAT);
}
END_TEST

START_TEST(a_program_without_buffer_has_no_log)
{
    struct isa_diag diag = {""};
    char *text = NULL;
    size_t len;
    struct sim_dpu *dpu = dpu_of(".section .text.__bootstrap,\"ax\",@progbits\n"
                                 ".globl __bootstrap\n__bootstrap:\n stop true, .\n");
    ck_assert_int_eq(sim_dpu_read_log(dpu, &text, &len, &diag), DPUSIM_LOG_MISSING);
    ck_assert_ptr_null(text);
    sim_dpu_destroy(dpu);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim.log");
    TCase *normal = tcase_create("normal"), *bad = tcase_create("bad_input");
    tcase_add_loop_test(normal, a_record_gives_its_text, 0, RECORDS);
    tcase_add_test(normal, text_up_to_the_write_position_is_read);
    tcase_add_test(normal, nothing_printed_is_an_empty_text);
    tcase_add_test(normal, a_wrapped_log_keeps_its_newest_records);
    tcase_add_test(bad, a_log_may_be_cut_anywhere);
    tcase_add_test(bad, reading_starts_again_at_a_whole_record);
    tcase_add_test(bad, a_write_position_behind_the_buffer_is_damage);
    tcase_add_test(bad, a_program_without_buffer_has_no_log);
    suite_add_tcase(suite, normal);
    suite_add_tcase(suite, bad);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
