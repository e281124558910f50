/* SPDX-License-Identifier: MIT */
/* String and character functions, corner cases first. */
#include <alloc.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static int sign(int value)
{
    return (value > 0) - (value < 0);
}

static void check_lengths(void)
{
    CHECK(strlen("") == 0);
    CHECK(strlen("abc") == 3);
    CHECK(strnlen("abc", 2) == 2);
    CHECK(strnlen("abc", 3) == 3);
    CHECK(strnlen("abc", 9) == 3);
    CHECK(strnlen("abc", 0) == 0);
}

static void check_comparisons(void)
{
    CHECK(strcmp("abc", "abc") == 0);
    CHECK(strcmp("abc", "abd") < 0);
    CHECK(strcmp("abc", "ab") > 0);
    CHECK(strcmp("", "a") < 0);
    CHECK(strcmp("\xff", "a") > 0); /* bytes are unsigned */
    CHECK(strncmp("abc", "abd", 2) == 0);
    CHECK(strncmp("abc", "abd", 3) < 0);
    CHECK(strncmp("ab", "abc", 5) < 0);
    CHECK(strncmp("a", "b", 0) == 0);
    CHECK(memcmp("a\0b", "a\0c", 3) < 0);
    CHECK(memcmp("a\0b", "a\0c", 2) == 0);
    CHECK(sign(memcmp("\xff", "\x01", 1)) == 1);
    CHECK(memcmp("a", "b", 0) == 0);
    CHECK(strcoll("a", "b") < 0);
}

static void check_copies(void)
{
    char text[32];
    memset(text, '.', sizeof text);
    CHECK(strcpy(text, "hello") == text);
    CHECK(memcmp(text, "hello\0..", 8) == 0);
    CHECK(stpcpy(text, "ab") == text + 2 && text[2] == 0);
    memset(text, '.', sizeof text);
    CHECK(strncpy(text, "ab", 5) == text);
    CHECK(memcmp(text, "ab\0\0\0.", 6) == 0);
    CHECK(strncpy(text, "vwxyz", 3) == text && memcmp(text, "vwx\0\0.", 6) == 0);
    CHECK(stpncpy(text, "ab", 5) == text + 2);
    CHECK(stpncpy(text, "abcdef", 3) == text + 3);
    strcpy(text, "ab");
    CHECK(strcat(text, "cd") == text && strcmp(text, "abcd") == 0);
    CHECK(strncat(text, "efgh", 2) == text && strcmp(text, "abcdef") == 0);
    CHECK(strncat(text, "g", 9) == text && strcmp(text, "abcdefg") == 0);
    CHECK(strxfrm(text, "xyz", sizeof text) == 3 && strcmp(text, "xyz") == 0);
    CHECK(strcmp(strdup("copy"), "copy") == 0);
    CHECK(strcmp(strndup("copy", 2), "co") == 0);
}

static void check_searches(void)
{
    const char *text = "abcabc";
    CHECK(strchr(text, 'b') == text + 1);
    CHECK(strchr(text, 'z') == NULL);
    CHECK(strchr(text, 0) == text + 6);
    CHECK(strrchr(text, 'b') == text + 4);
    CHECK(strrchr(text, 'z') == NULL);
    CHECK(strrchr(text, 0) == text + 6);
    CHECK(memchr(text, 'c', 6) == text + 2);
    CHECK(memchr(text, 'c', 2) == NULL);
    CHECK(strspn(text, "ba") == 2);
    CHECK(strspn(text, "") == 0);
    CHECK(strcspn(text, "c") == 2);
    CHECK(strcspn(text, "xyz") == 6);
    CHECK(strpbrk(text, "cb") == text + 1);
    CHECK(strpbrk(text, "x") == NULL);
    CHECK(strstr(text, "ca") == text + 2);
    CHECK(strstr(text, "") == text);
    CHECK(strstr(text, "abcd") == NULL);
    CHECK(strstr("aab", "ab") != NULL);
}

static void check_tokens(void)
{
    char text[] = " a,, b ", *rest;
    CHECK(strcmp(strtok_r(text, " ,", &rest), "a") == 0);
    CHECK(strcmp(strtok_r(NULL, " ,", &rest), "b") == 0);
    CHECK(strtok_r(NULL, " ,", &rest) == NULL);
    CHECK(strtok_r(NULL, " ,", &rest) == NULL);
    char fields[] = "a,,b", *next = fields;
    CHECK(strcmp(strsep(&next, ","), "a") == 0);
    CHECK(strcmp(strsep(&next, ","), "") == 0);
    CHECK(strcmp(strsep(&next, ","), "b") == 0);
    CHECK(next == NULL && strsep(&next, ",") == NULL);
}

static void check_old_friends(void)
{
    char text[] = "aBc-1", odd[] = "abc", even[] = "abcd", empty[] = "";
    CHECK(strcmp(strupr(text), "ABC-1") == 0);
    CHECK(strcmp(strlwr(text), "abc-1") == 0);
    CHECK(strcmp(strrev(odd), "cba") == 0);
    CHECK(strcmp(strrev(even), "dcba") == 0);
    CHECK(strcmp(strrev(empty), "") == 0);
    CHECK(strcmp(strerror(EINVAL), "Invalid argument") == 0);
    CHECK(strcmp(strerror(12345), "Unknown error") == 0);
}

/* Every class by its definition in words, for all values of a character and EOF. */
static void check_classes(void)
{
    for (int c = -1; c < 256; c++) {
        int upper = c >= 'A' && c <= 'Z', lower = c >= 'a' && c <= 'z',
            digit = c >= '0' && c <= '9';
        CHECK(!isupper(c) == !upper);
        CHECK(!islower(c) == !lower);
        CHECK(!isdigit(c) == !digit);
        CHECK(!isalpha(c) == !(upper || lower));
        CHECK(!isalnum(c) == !(upper || lower || digit));
        CHECK(!isxdigit(c) == !(digit || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f')));
        CHECK(!isblank(c) == !(c == ' ' || c == '\t'));
        CHECK(!isspace(c) == !(c == ' ' || (c >= 9 && c <= 13)));
        CHECK(!iscntrl(c) == !((c >= 0 && c < 32) || c == 127));
        CHECK(!isprint(c) == !(c >= 32 && c < 127));
        CHECK(!isgraph(c) == !(c > 32 && c < 127));
        CHECK(!ispunct(c) == !(c > 32 && c < 127 && !upper && !lower && !digit));
        CHECK(!isascii(c) == !(c >= 0 && c < 128));
        CHECK(tolower(c) == (upper ? c + 32 : c));
        CHECK(toupper(c) == (lower ? c - 32 : c));
    }
}

static void check_numbers(void)
{
    CHECK(atoi("42") == 42);
    CHECK(atoi(" \t\n-17x") == -17);
    CHECK(atoi("+5") == 5);
    CHECK(atoi("-2147483648") == -2147483647 - 1);
    CHECK(atoi("x") == 0);
    CHECK(atol("-9000000000") == -9000000000);
    CHECK(abs(-3) == 3 && labs(-30000000000) == 30000000000 && llabs(-5) == 5);
    div_t q = div(-7, 2);
    CHECK(q.quot == -3 && q.rem == -1);
    ldiv_t lq = ldiv(-70000000000, 3);
    CHECK(lq.quot == -23333333333 && lq.rem == -1);
    lldiv_t llq = lldiv(7, -2);
    CHECK(llq.quot == -3 && llq.rem == 1);
}

int main(void)
{
    if (me() == 0) {
        mem_reset();
        check_lengths();
        check_comparisons();
        check_copies();
        check_searches();
        check_tokens();
        check_old_friends();
        check_classes();
        check_numbers();
    }
    return finish();
}
