/* SPDX-License-Identifier: MIT */
/* Records of the printf log: one per print call.
 *
 * A record is a format part, a zero byte, the arguments, and zeros up to a multiple of 8. Source:
 * documented (device stdio.c, host dpu_log.c of the SDK). Better than the host's decoder: no limit
 * on conversions, %g, %G, %F, %a and %A as doubles, %p zero-extended, what is left of a log that
 * wrapped is shown. The program's formats never reach the C library: flags, width and precision are
 * checked and rebuilt. */
#include "log.h"

#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FLAGS = 5, MAX_FIELD = 9999, BLOCK_BYTES = 8 };

/* What is left to decode. */
struct cursor {
    const uint8_t *at, *end;
};

/* "%-8.3lf" taken apart. */
struct conversion {
    const uint8_t *start;
    size_t len; /* of its text */
    char flags[MAX_FLAGS + 1];
    int width, precision; /* -1: not given */
    bool is_long, usable; /* usable: rebuilt from the fields it means the same */
    char letter;
};

/* ------------------------------------------------------------------ growing text -------------- */

static bool reserve(struct sim_log_text *text, size_t more)
{
    if (text->room - text->len > more)
        return true;
    size_t room = (text->len + more + 1) * 2;
    char *data = realloc(text->data, room);
    if (!data) {
        text->no_memory = true;
        return false;
    }
    text->data = data;
    text->room = room;
    return true;
}

static void add_bytes(struct sim_log_text *text, const void *bytes, size_t len)
{
    if (!reserve(text, len))
        return;
    memcpy(text->data + text->len, bytes, len);
    text->len += len;
    text->data[text->len] = '\0';
}

DPUSIM_PRINTF(2, 3)
static void add_format(struct sim_log_text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0 || !reserve(text, (size_t)len))
        return;
    va_start(args, format);
    vsnprintf(text->data + text->len, (size_t)len + 1, format, args);
    va_end(args);
    text->len += (size_t)len;
}

/* ------------------------------------------------------------------ format part --------------- */

/* Digits at the cursor, or -1 when there are none; not usable when absurdly large. */
static int read_field(struct cursor *cursor, struct conversion *conversion)
{
    int value = -1;
    for (; cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9'; cursor->at++) {
        value = (value < 0 ? 0 : value) * 10 + (*cursor->at - '0');
        if (value > MAX_FIELD) {
            value = MAX_FIELD;
            conversion->usable = false;
        }
    }
    return value;
}

static void read_flags(struct cursor *cursor, struct conversion *conversion)
{
    size_t count = 0;
    for (; cursor->at < cursor->end && *cursor->at && strchr("-+ #0", *cursor->at); cursor->at++)
        if (!strchr(conversion->flags, *cursor->at))
            conversion->flags[count++] = (char)*cursor->at;
}

static bool is_letter(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* From '%' up to and with the first letter that is not 'l'. False when the data ends before. */
static bool read_conversion(struct cursor *cursor, struct conversion *conversion)
{
    *conversion = (struct conversion){.start = cursor->at, .usable = true, .precision = -1};
    cursor->at++;
    read_flags(cursor, conversion);
    conversion->width = read_field(cursor, conversion);
    if (cursor->at < cursor->end && *cursor->at == '.') {
        cursor->at++;
        conversion->precision = read_field(cursor, conversion);
        if (conversion->precision < 0)
            conversion->precision = 0;
    }
    for (; cursor->at < cursor->end && *cursor->at; cursor->at++) {
        if (*cursor->at == 'l') {
            conversion->is_long = true;
        } else if (is_letter(*cursor->at)) {
            conversion->letter = (char)*cursor->at++;
            conversion->len = (size_t)(cursor->at - conversion->start);
            return true;
        } else {
            conversion->usable = false; /* '*', '$', ... */
        }
    }
    return false;
}

/* ------------------------------------------------------------------ arguments ----------------- */

static bool read_number(struct cursor *arguments, size_t len, uint64_t *value)
{
    *value = 0;
    if ((size_t)(arguments->end - arguments->at) < len)
        return false;
    for (size_t i = 0; i < len; i++)
        *value |= (uint64_t)arguments->at[i] << (8 * i);
    arguments->at += len;
    return true;
}

/* The conversion for the C library: "%" flags width .precision length letter. */
static void rebuild(const struct conversion *conversion, const char *length, char *out, size_t size)
{
    char width[16] = "", precision[16] = "";
    if (conversion->width >= 0)
        snprintf(width, sizeof width, "%d", conversion->width);
    if (conversion->precision >= 0)
        snprintf(precision, sizeof precision, ".%d", conversion->precision);
    snprintf(out, size, "%%%s%s%s%s%c", conversion->flags, width, precision, length,
             conversion->letter);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

static bool print_string(struct sim_log_text *text, const struct conversion *conversion,
                         struct cursor *arguments)
{
    char format[48];
    const uint8_t *start = arguments->at;
    const uint8_t *nul = memchr(start, 0, (size_t)(arguments->end - start));
    if (!nul)
        return false;
    rebuild(conversion, "", format, sizeof format);
    if (conversion->len == 2 || !conversion->usable)
        add_bytes(text, start, (size_t)(nul - start));
    else
        add_format(text, format, (const char *)start);
    arguments->at = nul + 1;
    return true;
}

static bool print_integer(struct sim_log_text *text, const struct conversion *conversion,
                          struct cursor *arguments)
{
    char format[48];
    uint64_t value;
    if (!read_number(arguments, conversion->is_long ? 8 : 4, &value))
        return false;
    rebuild(conversion, "ll", format, sizeof format);
    if (!conversion->usable)
        add_bytes(text, conversion->start, conversion->len);
    else if (conversion->letter != 'd' && conversion->letter != 'i')
        add_format(text, format, (unsigned long long)value);
    else
        add_format(text, format,
                   conversion->is_long ? (long long)value : (long long)(int32_t)value);
    return true;
}

static bool print_real(struct sim_log_text *text, const struct conversion *conversion,
                       struct cursor *arguments)
{
    char format[48];
    uint64_t bits;
    double value;
    if (!read_number(arguments, 8, &bits))
        return false;
    memcpy(&value, &bits, sizeof value);
    rebuild(conversion, "", format, sizeof format);
    if (conversion->usable)
        add_format(text, format, value);
    else
        add_bytes(text, conversion->start, conversion->len);
    return true;
}

static bool print_pointer(struct sim_log_text *text, const struct conversion *conversion,
                          struct cursor *arguments)
{
    char format[48];
    uint64_t value;
    if (!read_number(arguments, conversion->is_long ? 8 : 4, &value))
        return false;
    rebuild(conversion, "", format, sizeof format);
    if (conversion->usable)
        add_format(text, format, (void *)(uintptr_t)value);
    else
        add_bytes(text, conversion->start, conversion->len);
    return true;
}

static bool print_character(struct sim_log_text *text, const struct conversion *conversion,
                            struct cursor *arguments)
{
    char format[48];
    uint64_t value;
    if (!read_number(arguments, 1, &value))
        return false;
    rebuild(conversion, "", format, sizeof format);
    add_format(text, conversion->usable ? format : "%c", (int)value);
    return true;
}

#pragma GCC diagnostic pop

/* 32 digits, least significant first, as the SDK prints them. */
static bool print_binary(struct sim_log_text *text, struct cursor *arguments)
{
    uint64_t value;
    char digits[32];
    if (!read_number(arguments, 4, &value))
        return false;
    for (unsigned i = 0; i < sizeof digits; i++)
        digits[i] = (char)('0' + (value >> i & 1));
    add_bytes(text, digits, sizeof digits);
    return true;
}

static bool print_unknown(struct sim_log_text *text, const struct conversion *conversion,
                          struct cursor *arguments)
{
    uint64_t value;
    if (!read_number(arguments, 4, &value))
        return false;
    add_bytes(text, conversion->start, conversion->len);
    return true;
}

static bool print_argument(struct sim_log_text *text, const struct conversion *conversion,
                           struct cursor *arguments)
{
    switch (conversion->letter) {
    case 's':
        return print_string(text, conversion, arguments);
    case 'c':
        return print_character(text, conversion, arguments);
    case 'd':
    case 'i':
    case 'x':
    case 'X':
    case 'o':
    case 'u':
        return print_integer(text, conversion, arguments);
    case 'p':
        return print_pointer(text, conversion, arguments);
    case 'b':
        return print_binary(text, arguments);
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
    case 'a':
    case 'A':
        return print_real(text, conversion, arguments);
    default:
        return print_unknown(text, conversion, arguments);
    }
}

/* ------------------------------------------------------------------ records ------------------- */

enum record { RECORD_WHOLE, RECORD_CUT, RECORD_DAMAGED };

/* The end of the format part, where the zero byte is. */
static enum record check_formats(struct cursor *cursor)
{
    struct conversion conversion;
    while (cursor->at < cursor->end && *cursor->at) {
        if (*cursor->at != '%')
            return RECORD_DAMAGED;
        if (!read_conversion(cursor, &conversion))
            return cursor->at < cursor->end ? RECORD_DAMAGED : RECORD_CUT;
    }
    return cursor->at < cursor->end ? RECORD_WHOLE : RECORD_CUT;
}

/* One record whose '%' is at the cursor. */
static enum record decode_record(struct sim_log_text *text, struct cursor *cursor)
{
    struct cursor formats = *cursor, arguments = *cursor;
    enum record record = check_formats(&arguments);
    if (record != RECORD_WHOLE)
        return record;
    formats.end = arguments.at++;
    while (formats.at < formats.end) {
        struct conversion conversion;
        if (!read_conversion(&formats, &conversion) ||
            !print_argument(text, &conversion, &arguments))
            return RECORD_CUT;
    }
    cursor->at = arguments.at;
    return RECORD_WHOLE;
}

static enum dpusim_status decode_all(struct sim_log_text *text, struct isa_bytes log,
                                     struct isa_diag *diag)
{
    struct cursor cursor = {log.data, log.data + log.len_bytes};
    while (cursor.at < cursor.end) {
        if (*cursor.at != '%') {
            cursor.at++;
            continue;
        }
        size_t offset = (size_t)(cursor.at - log.data);
        enum record record = decode_record(text, &cursor);
        if (text->no_memory)
            return isa_fail(diag, DPUSIM_NO_MEMORY, "log: out of memory");
        if (record == RECORD_DAMAGED)
            return isa_fail(diag, DPUSIM_LOG_FORMAT,
                            "log: the record at byte %zu of %zu has no valid format part", offset,
                            log.len_bytes);
        if (record == RECORD_CUT)
            break;
    }
    return DPUSIM_OK;
}

enum dpusim_status sim_log_decode(struct sim_log_text *text, struct isa_bytes log,
                                  struct isa_diag *diag)
{
    /* A decimal point whatever the locale of the embedding program. */
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t before = plain ? uselocale(plain) : (locale_t)0;
    enum dpusim_status status = decode_all(text, log, diag);
    if (plain) {
        uselocale(before);
        freelocale(plain);
    }
    return status;
}

size_t sim_log_resync(struct isa_bytes log)
{
    for (size_t at = 0; at < log.len_bytes; at += BLOCK_BYTES) {
        struct cursor cursor = {log.data + at, log.data + log.len_bytes};
        bool after_zero = at == 0 || log.data[at - 1] == 0; /* records end in zeros */
        if (log.data[at] == '%' && after_zero && check_formats(&cursor) == RECORD_WHOLE)
            return at;
    }
    return log.len_bytes;
}
