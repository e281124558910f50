/* SPDX-License-Identifier: MIT */
/* Numbers and growing strings. The command never calls setlocale, so numbers are read and written
 * with a decimal point whatever the user's locale. */
#include "tool.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static unsigned base_of(const char **text)
{
    if ((*text)[0] != '0' || !(*text)[1])
        return 10;
    char mark = (*text)[1] | 0x20;
    if (mark != 'x' && mark != 'b')
        return 10;
    *text += 2;
    return mark == 'x' ? 16 : 2;
}

static unsigned digit_of(char letter)
{
    if (letter >= '0' && letter <= '9')
        return (unsigned)(letter - '0');
    letter |= 0x20;
    return letter >= 'a' && letter <= 'f' ? (unsigned)(letter - 'a') + 10 : 99;
}

bool tool_parse_u64(const char *text, uint64_t *value)
{
    unsigned base = base_of(&text);
    uint64_t sum = 0;
    if (!*text)
        return false;
    for (; *text; text++) {
        unsigned digit = digit_of(*text);
        if (digit >= base || sum > (UINT64_MAX - digit) / base)
            return false;
        sum = sum * base + digit;
    }
    *value = sum;
    return true;
}

bool tool_parse_signed(const char *text, uint64_t *value, bool *negative)
{
    *negative = *text == '-';
    return tool_parse_u64(text + (*text == '-' || *text == '+'), value);
}

bool tool_parse_double(const char *text, double *value)
{
    char *end;
    double parsed = strtod(text, &end);
    if (end == text || *end || !isfinite(parsed))
        return false;
    *value = parsed;
    return true;
}

char *tool_grouped(uint64_t value, char *buffer)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    char *to = buffer;
    for (int i = 0; i < len; i++) {
        *to++ = digits[i];
        if (i + 1 < len && (len - i - 1) % 3 == 0)
            *to++ = ',';
    }
    *to = '\0';
    return buffer;
}

void text_add(struct text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0)
        return;
    if (text->len + (size_t)len + 1 > text->room) {
        text->room = (text->len + (size_t)len + 1) * 2;
        text->data = tool_realloc(text->data, text->room, 1);
    }
    va_start(args, format);
    vsnprintf(text->data + text->len, (size_t)len + 1, format, args);
    va_end(args);
    text->len += (size_t)len;
}

void text_clear(struct text *text)
{
    text->len = 0;
    if (text->data)
        text->data[0] = '\0';
}

void text_free(struct text *text)
{
    free(text->data);
    *text = (struct text){NULL, 0, 0};
}
