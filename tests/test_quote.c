/* SPDX-License-Identifier: MIT */
/* Strings of JSON: what stands for bytes that JSON or UTF-8 does not allow. */
#include <check.h>
#include <jansson.h>
#include <string.h>

#include "quote.h"
#include "sim_help.h"

#define BAD "\\ufffd"

static const struct {
    const char *bytes, *quoted;
} rows[] = {
    {"", ""},
    {"plain 1", "plain 1"},
    {"say \"a\\b\"", "say \\\"a\\\\b\\\""},
    {"a\nb", "a\\nb"},
    {"\x01\t\x1f\x7f", "\\u0001\\u0009\\u001f\\u007f"},
    {"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"},
    {"\xc2\x80|\xdf\xbf", "\xc2\x80|\xdf\xbf"},
    {"\xe0\xa0\x80|\xef\xbf\xbf", "\xe0\xa0\x80|\xef\xbf\xbf"},
    {"\xed\x9f\xbf|\xee\x80\x80", "\xed\x9f\xbf|\xee\x80\x80"},
    {"\xf0\x90\x80\x80|\xf4\x8f\xbf\xbf", "\xf0\x90\x80\x80|\xf4\x8f\xbf\xbf"},
    /* bytes that begin nothing */
    {"\x80z\xbf", BAD "z" BAD},
    {"\xc0\x80\xc1\xbf", BAD BAD BAD BAD},
    {"\xf5\x80\xff", BAD BAD BAD},
    /* cut short, by the end and by another character */
    {"\xc3", BAD},
    {"\xe2\x82", BAD BAD},
    {"\xf0\x9f\x98", BAD BAD BAD},
    {"\xc3z", BAD "z"},
    {"\xe2\x82z", BAD BAD "z"},
    {"\xf0\x9f\x98z", BAD BAD BAD "z"},
    /* longer than needed, a half of a surrogate pair, beyond the last character */
    {"\xe0\x9f\xbf", BAD BAD BAD},
    {"\xf0\x8f\xbf\xbf", BAD BAD BAD BAD},
    {"\xed\xa0\x80", BAD BAD BAD},
    {"\xf4\x90\x80\x80", BAD BAD BAD BAD},
};

static char *quoted(const char *bytes, size_t len)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(out);
    sim_put_quoted_bytes(out, bytes, len);
    fclose(out);
    return text;
}

START_TEST(any_bytes_give_a_string_that_json_readers_take)
{
    char wanted[128];
    char *text = quoted(rows[_i].bytes, strlen(rows[_i].bytes));
    snprintf(wanted, sizeof wanted, "\"%s\"", rows[_i].quoted);
    ck_assert_str_eq(text, wanted);
    json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
    ck_assert_msg(json_is_string(value), "%s is no string of JSON", text);
    json_decref(value);
    free(text);
}
END_TEST

START_TEST(zero_bytes_are_quoted_and_what_lies_behind_the_end_is_not_read)
{
    char *text = quoted("a\0\xc3\xa9", 3);
    ck_assert_str_eq(text, "\"a\\u0000" BAD "\"");
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim.quote");
    TCase *tc = tcase_create("normal");
    tcase_add_loop_test(tc, any_bytes_give_a_string_that_json_readers_take, 0,
                        (int)(sizeof rows / sizeof rows[0]));
    tcase_add_test(tc, zero_bytes_are_quoted_and_what_lies_behind_the_end_is_not_read);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
