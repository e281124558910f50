/* SPDX-License-Identifier: MIT */
/* Prints of all sorts, SAY(format, arguments...): printf on the DPU, snprintf in
 * tests/test_runtime_same.c, which compares the texts. The formats are made at run time from every
 * combination of flags, width, precision, length and letter. */
#ifndef PRINT_CASES_H
#define PRINT_CASES_H

#include <float.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

static char print_format[32];

/* "<", "%", the parts, ">" */
static const char *format_of(const char *flags, const char *width, const char *precision,
                             const char *letters)
{
    char *end = stpcpy(print_format, "<%");
    end = stpcpy(end, flags);
    end = stpcpy(end, width);
    end = stpcpy(end, precision);
    stpcpy(stpcpy(end, letters), ">\n");
    return print_format;
}

static const char *const print_flags[] = {"", "-", "+", " ", "0", "#", "-+", "+0", "#0", "- #"};
static const char *const print_widths[] = {"", "1", "6", "23"};
static const char *const print_precisions[] = {"", ".", ".0", ".4", ".19"};

/* Flags that mean nothing for a letter are undefined in C; # is for o x X and floating point, 0 for
 * numbers, + and blank for signed ones. */
static int print_allows(const char *flags, const char *letters)
{
    char letter = letters[strlen(letters) - 1];
    if (strchr(flags, '#') && strchr("diucsp", letter))
        return 0;
    if (strchr(flags, '0') && strchr("csp", letter))
        return 0;
    if ((strchr(flags, '+') || strchr(flags, ' ')) && strchr("uoxXcsp", letter))
        return 0;
    return 1;
}

static void print_integers(unsigned flags, unsigned width, unsigned precision)
{
    static const char *const letters[] = {"d", "i", "u", "o", "x", "X", "zu", "zx"};
    static const char *const wide[] = {"ld", "li", "lu", "lo", "lx", "lX", "lld", "llu"};
    static const int values[] = {0, 1, -1, 4711, INT_MAX, INT_MIN};
    static const long long_values[] = {0, -1, 4711, 1L << 40, LONG_MAX, LONG_MIN};
    for (unsigned letter = 0; letter < COUNT_OF(letters); letter++) {
        unsigned value = (flags + width + precision + letter) % COUNT_OF(values);
        if (print_allows(print_flags[flags], letters[letter])) {
            SAY(format_of(print_flags[flags], print_widths[width], print_precisions[precision],
                          letters[letter]),
                PRINT_SIZE(letters[letter], values[value]));
            SAY(format_of(print_flags[flags], print_widths[width], print_precisions[precision],
                          wide[letter]),
                long_values[value]);
        }
    }
}

static void print_reals(unsigned flags, unsigned width, unsigned precision)
{
    static const char *const letters[] = {"e", "E", "f", "F", "g", "G", "a", "A", "lf"};
    static const double values[] = {0.0,     -0.0,       1.0,          -1.5,     0.1,
                                    9.99995, 123456.789, DBL_TRUE_MIN, 1e22,     -2.5e-5,
                                    0.5,     2.5,        DBL_MAX,      -DBL_MIN, 65504.0f};
    for (unsigned letter = 0; letter < COUNT_OF(letters); letter++) {
        double value = values[(flags * 7 + width * 5 + precision * 3 + letter) % COUNT_OF(values)];
        SAY(format_of(print_flags[flags], print_widths[width], print_precisions[precision],
                      letters[letter]),
            value);
    }
    double zero = 0, infinity = 1 / zero;
    if (!strchr(print_flags[flags], '0') && precision == 0) {
        SAY(format_of(print_flags[flags], print_widths[width], "", "f"), infinity);
        SAY(format_of(print_flags[flags], print_widths[width], "", "G"), -infinity);
        SAY(format_of(print_flags[flags], print_widths[width], "", "e"), PRINT_NAN);
    }
}

static void print_texts(unsigned flags, unsigned width, unsigned precision)
{
    static const char *const values[] = {"", "a", "text", "a longer text than any width %d"};
    if (!print_allows(print_flags[flags], "s"))
        return;
    for (unsigned i = 0; i < COUNT_OF(values); i++)
        SAY(format_of(print_flags[flags], print_widths[width], print_precisions[precision], "s"),
            values[i]);
    if (precision == 0) {
        SAY(format_of(print_flags[flags], print_widths[width], "", "c"), 'c');
        SAY(format_of(print_flags[flags], print_widths[width], "", "p"),
            (void *)(uintptr_t)0x12345678);
    }
}

/* Widths and precisions that are arguments, between other arguments of both sizes. */
static void print_stars(void)
{
    static const int fields[] = {0, 1, 7, -7, 12, -1};
    for (unsigned i = 0; i < COUNT_OF(fields); i++) {
        SAY("%d<%*d>%ld\n", 5, fields[i], 42, 7L);
        SAY("%ld<%-*lu>%d\n", 5L, fields[i], 42UL, 7);
        SAY("<%.*f>%d\n", fields[i], 3.25, 8);
        SAY("<%*.*e|%s>\n", fields[i], fields[COUNT_OF(fields) - 1 - i], -1234.5, "s");
        SAY("<%.*s>%c\n", fields[i], "precision", 'c');
        SAY("<%+0*d>%s\n", fields[i], 99, "end");
        SAY("<%.*x%%%*c>\n", fields[i], 255u, fields[i], 'y');
    }
}

static void print_mixtures(void)
{
    static char text[701];
    memset(text, 'l', sizeof text - 1);
    SAY("%s\n", text);
    SAY("%%%d%%%s%%\n", 1, "%%");
    SAY("%d %ld %c %s %f %u %lx %e\n", 1, 2L, '3', "4", 5.0, 6u, 7UL, 8.0);
    SAY("%c%c%c%d%c%ld\n", 'a', 'b', 'c', 1, 'd', 2L);
    SAY("%f %d %f %ld %f\n", 1.0, 2, 3.0, 4L, (double)5.5f);
    SAY("%s%s%s\n", "", "", "x");
    SAY("\t\\ \"quoted\" \177 \n%d", 3);
    SAY("\n");
    SAY("%d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d\n", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
        11, 12, 13, 14, 15, 16, 17, 18);
    SAY("%d %u %d %u\n", (signed char)-3, (unsigned char)250, (short)-30000, (unsigned short)65000);
}

static void print_all(void)
{
    for (unsigned flags = 0; flags < COUNT_OF(print_flags); flags++)
        for (unsigned width = 0; width < COUNT_OF(print_widths); width++)
            for (unsigned precision = 0; precision < COUNT_OF(print_precisions); precision++) {
                print_integers(flags, width, precision);
                print_reals(flags, width, precision);
                print_texts(flags, width, precision);
            }
    print_stars();
    print_mixtures();
}

#endif
