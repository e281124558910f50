/* SPDX-License-Identifier: MIT */
/* Strings of JSON. Names in programs may hold any bytes; what is no UTF-8 becomes U+FFFD. */
#include "quote.h"

#include <stdbool.h>
#include <string.h>

/* Length of the UTF-8 sequence at text, 0 when it is none. */
static size_t utf8_length(const unsigned char *text, size_t len)
{
    size_t want = text[0] < 0x80   ? 1
                  : text[0] < 0xc2 ? 0
                  : text[0] < 0xe0 ? 2
                  : text[0] < 0xf0 ? 3
                  : text[0] < 0xf5 ? 4
                                   : 0;
    if (want > len)
        return 0;
    for (size_t i = 1; i < want; i++)
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xf0 && text[1] < 0x90);
    bool surrogate = text[0] == 0xed && text[1] > 0x9f;
    bool beyond = text[0] == 0xf4 && text[1] > 0x8f;
    return overlong || surrogate || beyond ? 0 : want;
}

void sim_put_quoted_bytes(FILE *out, const char *value, size_t len)
{
    fputc('"', out);
    for (size_t at = 0; at < len;) {
        unsigned char byte = (unsigned char)value[at];
        size_t unit = utf8_length((const unsigned char *)value + at, len - at);
        if (!unit)
            fputs("\\ufffd", out);
        else if (byte == '"' || byte == '\\')
            fprintf(out, "\\%c", byte);
        else if (byte == '\n')
            fputs("\\n", out);
        else if (byte < 0x20 || byte == 0x7f)
            fprintf(out, "\\u%04x", byte);
        else
            fwrite(value + at, 1, unit, out);
        at += unit ? unit : 1;
    }
    fputc('"', out);
}

void sim_put_quoted(FILE *out, const char *value)
{
    sim_put_quoted_bytes(out, value, strlen(value));
}
