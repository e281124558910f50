/* SPDX-License-Identifier: MIT */
/* Reading what DPU programs printed: header, the records of the SDK's stdio.c, full and damaged
 * buffers, programs that print nothing, streams that fail. */
#include <check.h>

#include "host_help.h"

/* A program with a log buffer of 64 bytes that the host fills: what it printed is what the test
 * says it printed. */
static const char printer[] =
    ".section .text.__bootstrap,\"ax\",@progbits\n.globl __bootstrap\n.globl __sys_end\n"
    "__bootstrap:\n__sys_end: stop true, __bootstrap\n"
    ".section .data.__sys_keep,\"aw\",@progbits\n.p2align 3\n" WORD_VARIABLE(
        "__stdout_buffer_state", "2") ".section .mram.noinit.keep,\"aw\",@nobits\n"
                                      ".p2align 3\n" WORD_VARIABLE("__stdout_buffer", "16");

static const struct {
    const char *call, *hex, *text;
} records[] = {
    {"printf Hi %d", "2573256425730048692000050000000a0000000000000000", "Hi 5\n"},
    {"printf empty", "0000000000000000", ""},
    {"printf 100%%", "257300313030250a0000000000000000", "100%\n"},
    {"printf %lu|%-8.3f|%c%s",
     "256c752573252d382e336625732563257300cb04fb711f0100007c0000000000000004407c0078737472000000"
     "000000",
     "1234567890123|2.500   |xstr"},
    {"printf %hd!", "25682573000700000064210000000000", "%hd!"},
    {"printf %zu %i", "25752573256400030000002000fcffffff00000000000000", "3 -4"},
    {"printf abcd", "25730061626364000000000000000000", "abcd"},
    {"printf a%d%%b%dc", "2573256425732564257300610001000000256200020000006300000000000000",
     "a1%b2c"},
    {"printf tail%", "2573007461696c000000000000000000", "tail"},
    {"puts", "257300796f0a0000", "yo\n"},
    {"putchar", "2563007a00000000", "z"},
};

static size_t from_hex(const char *hex, uint8_t *bytes)
{
    size_t count = 0;
    for (; hex[0] && hex[1]; hex += 2) {
        char pair[3] = {hex[0], hex[1], 0};
        bytes[count++] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return count;
}

/* Make the DPU's log that of the text in hexadecimal digits. */
static void print_as(struct dpu_set_t dpu, struct isa_bytes image, const char *hex, uint32_t wp,
                     uint32_t wrapped)
{
    uint8_t bytes[64] = {0};
    uint32_t state[2] = {wp, wrapped};
    struct dpu_symbol_t where = raw_symbol(image, "__stdout_buffer_state");
    from_hex(hex, bytes);
    OK(dpu_copy_to(dpu, "__stdout_buffer", 0, bytes, sizeof bytes));
    OK(dpu_copy_to_symbol(dpu, where, 0, state, sizeof state));
}

struct text {
    char data[512];
    dpu_error_t error;
};

static struct text read_log(struct dpu_set_t dpu, bool header)
{
    struct text text = {{0}, DPU_OK};
    FILE *stream = fmemopen(text.data, sizeof text.data - 1, "w");
    text.error =
        header ? dpu_log_read(dpu, stream) : dpulog_read_for_dpu(dpu_from_set(dpu), stream);
    fclose(stream);
    return text;
}

static struct dpu_set_t alloc_printers(uint32_t n, struct isa_bytes *image)
{
    struct dpu_set_t set = alloc_set(n, "simDpusPerRank=16");
    *image = image_of(printer);
    load_image(set, *image);
    return set;
}

START_TEST(record_is_printed_as_on_the_dpu)
{
    struct isa_bytes image;
    struct dpu_set_t set = alloc_printers(1, &image), dpu = dpu_number(set, 0);
    char wanted[128];
    print_as(dpu, image, records[_i].hex, (uint32_t)strlen(records[_i].hex) / 2, 0);
    struct text text = read_log(dpu, false);
    OK(text.error);
    ck_assert_msg(strcmp(text.data, records[_i].text) == 0, "%s: \"%s\"", records[_i].call,
                  text.data);
    snprintf(wanted, sizeof wanted, "=== DPU#0x0 ===\n%s", records[_i].text);
    for (int again = 0; again < 2; again++) { /* reading does not clear */
        text = read_log(dpu, true);
        OK(text.error);
        ck_assert_str_eq(text.data, wanted);
    }
    image_free(image);
    OK(dpu_free(set));
}
END_TEST

START_TEST(header_has_the_number_of_the_dpu)
{
    struct isa_bytes image;
    struct dpu_set_t set = alloc_printers(17, &image);
    ck_assert_str_eq(read_log(dpu_number(set, 9), true).data, "=== DPU#0x401 ===\n");
    ck_assert_str_eq(read_log(dpu_number(set, 16), true).data, "=== DPU#0x10000 ===\n");
    image_free(image);
    OK(dpu_free(set));
}
END_TEST

START_TEST(printed_text_may_be_any_bytes)
{
    struct isa_bytes image;
    struct dpu_set_t set = alloc_printers(1, &image), dpu = dpu_number(set, 0);
    print_as(dpu, image, "2563000000000000256300250000000025730025732564006e000000", 32, 0);
    struct text text = read_log(dpu, false); /* a NUL is left out, percent signs are text */
    OK(text.error);
    ck_assert_str_eq(text.data, "%%s%d");
    image_free(image);
    OK(dpu_free(set));
}
END_TEST

START_TEST(full_buffer_shows_what_is_left)
{
    struct isa_bytes image;
    struct dpu_set_t set = alloc_printers(1, &image), dpu = dpu_number(set, 0);
    print_as(dpu, image,
             "2563006300000000"
             "6f6e650a00000000"
             "2563006100000000"
             "2563006200000000"
             "2563006400000000"
             "2563006500000000"
             "2563006600000000"
             "2563006700000000",
             8, 1);
    struct text text = read_log(dpu, true);
    FAILS(text.error, DPU_ERR_LOG_BUFFER_TOO_SMALL);
    ck_assert_msg(strstr(dpusim_last_message(), "DPU 0x0: ") && strstr(dpusim_last_message(), "64"),
                  "%s", dpusim_last_message());
    ck_assert_str_eq(text.data, "=== DPU#0x0 ===\nabdefgc");
    image_free(image);
    OK(dpu_free(set));
}
END_TEST

START_TEST(damaged_log_is_a_format_error)
{
    static const struct {
        const char *hex;
        uint32_t wp;
        const char *text;
    } rows[] = {
        {"25730041000000002573417300000000", 16, "A"}, {"00", 72, ""}, {"00", 0xffffffff, ""}};
    struct isa_bytes image;
    struct dpu_set_t set = alloc_printers(1, &image), dpu = dpu_number(set, 0);
    print_as(dpu, image, rows[_i].hex, rows[_i].wp, 0);
    struct text text = read_log(dpu, false);
    FAILS(text.error, DPU_ERR_LOG_FORMAT);
    ck_assert_str_eq(text.data, rows[_i].text);
    image_free(image);
    OK(dpu_free(set));
}
END_TEST

START_TEST(program_that_never_prints_has_no_log)
{
    struct dpu_set_t set = alloc_kernel(1, NULL), dpu = dpu_number(set, 0);
    struct text text = read_log(dpu, true);
    FAILS(text.error, DPU_ERR_LOG_CONTEXT_MISSING);
    ck_assert_str_eq(text.data, ""); /* no header either */
    ck_assert_ptr_nonnull(strstr(dpusim_last_message(), "DPU 0x0: "));
    struct dpu_set_t empty = alloc_set(1, NULL);
    FAILS(read_log(dpu_number(empty, 0), true).error, DPU_ERR_LOG_CONTEXT_MISSING);
    OK(dpu_free(empty));
    OK(dpu_free(set));
}
END_TEST

START_TEST(log_is_read_of_one_dpu)
{
    struct dpu_set_t set = alloc_kernel(2, NULL);
    REFUSED(dpu_log_read(set, stdout), DPU_ERR_INVALID_DPU_SET,
            "wanted a set of one DPU (from DPU_FOREACH), got a set of ranks");
    OK(dpu_free(set));
    REFUSED(dpulog_read_for_dpu(NULL, stdout), DPU_ERR_INTERNAL, "NULL");
}
END_TEST

START_TEST(stream_that_fails_is_a_system_error)
{
    struct isa_bytes image;
    struct dpu_set_t set = alloc_printers(1, &image), dpu = dpu_number(set, 0);
    print_as(dpu, image, "257300796f0a0000", 8, 0);
    REFUSED(dpu_log_read(dpu, NULL), DPU_ERR_SYSTEM, "stream is NULL");
    FILE *read_only = fopen("/dev/null", "r");
    REFUSED(dpu_log_read(dpu, read_only), DPU_ERR_SYSTEM, "cannot write");
    fclose(read_only);
    FILE *full = fopen("/dev/full", "w");
    if (full) {
        setvbuf(full, NULL, _IONBF, 0);
        REFUSED(dpu_log_read(dpu, full), DPU_ERR_SYSTEM, "No space left");
        fclose(full);
    }
    ck_assert_str_eq(read_log(dpu, false).data, "yo\n");
    image_free(image);
    OK(dpu_free(set));
}
END_TEST

/* A log of a DPU in fault is still there. */
START_TEST(log_survives_a_fault)
{
    struct isa_bytes image;
    struct dpu_set_t set = alloc_printers(1, &image), dpu = dpu_number(set, 0);
    OK(dpusim_set_reports(set, false));
    OK(dpusim_inject(set, "bkp:pc=0"));
    print_as(dpu, image, "257300796f0a0000", 8, 0);
    FAILS(dpu_launch(set, DPU_SYNCHRONOUS), DPU_ERR_DPU_FAULT);
    struct text text = read_log(dpu, false);
    OK(text.error);
    ck_assert_str_eq(text.data, "yo\n");
    image_free(image);
    OK(dpu_free(set));
}
END_TEST

static Suite *suite_of_log(void)
{
    Suite *suite = suite_create("driver.log");
    TCase *normal = tcase_create("normal"), *bad = tcase_create("bad_input");
    tcase_add_loop_test(normal, record_is_printed_as_on_the_dpu, 0, ROWS(records));
    tcase_add_test(normal, header_has_the_number_of_the_dpu);
    tcase_add_test(normal, printed_text_may_be_any_bytes);
    tcase_add_test(normal, log_survives_a_fault);
    tcase_add_test(bad, full_buffer_shows_what_is_left);
    tcase_add_loop_test(bad, damaged_log_is_a_format_error, 0, 3);
    tcase_add_test(bad, program_that_never_prints_has_no_log);
    tcase_add_test(bad, log_is_read_of_one_dpu);
    tcase_add_test(bad, stream_that_fails_is_a_system_error);
    suite_add_tcase(suite, normal);
    suite_add_tcase(suite, bad);
    return suite;
}

int main(int argc, char **argv)
{
    return driver_main(argc, argv, suite_of_log, NULL);
}
