/* SPDX-License-Identifier: MIT */
/* The writer of JSON text. The outer two levels are spread over lines, deeper ones stay on one. */
#include "json.h"

#include <math.h>
#include <string.h>

enum { SPREAD_LEVELS = 2 };

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

static void put_string(FILE *out, const char *value, size_t len)
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

static void separate(struct json *json)
{
    if (json->started)
        fputc(',', json->out);
    if (json->depth && json->depth <= SPREAD_LEVELS)
        fprintf(json->out, "\n%*s", (int)json->depth, "");
    else if (json->started)
        fputc(' ', json->out);
    json->started = true;
}

static void begin(struct json *json, const char *key)
{
    separate(json);
    if (!key)
        return;
    put_string(json->out, key, strlen(key));
    fputs(": ", json->out);
}

void json_open(struct json *json, const char *key, char bracket)
{
    begin(json, key);
    fputc(bracket, json->out);
    json->depth++;
    json->started = false;
}

void json_close(struct json *json, char bracket)
{
    bool empty = !json->started;
    json->depth--;
    json->started = true;
    if (!empty && json->depth < SPREAD_LEVELS)
        fprintf(json->out, "\n%*s", (int)json->depth, "");
    fputc(bracket, json->out);
    if (!json->depth)
        fputc('\n', json->out);
}

void json_u64(struct json *json, const char *key, uint64_t value)
{
    begin(json, key);
    fprintf(json->out, "%llu", (unsigned long long)value);
}

void json_i64(struct json *json, const char *key, int64_t value)
{
    begin(json, key);
    fprintf(json->out, "%lld", (long long)value);
}

void json_real(struct json *json, const char *key, double value, int digits)
{
    if (!isfinite(value)) {
        json_text(json, key, isnan(value) ? "nan" : value > 0 ? "inf" : "-inf");
        return;
    }
    begin(json, key);
    fprintf(json->out, "%.*g", digits, value);
}

void json_bool(struct json *json, const char *key, bool value)
{
    begin(json, key);
    fputs(value ? "true" : "false", json->out);
}

void json_text(struct json *json, const char *key, const char *value)
{
    if (value) {
        json_bytes(json, key, value, strlen(value));
        return;
    }
    begin(json, key);
    fputs("null", json->out);
}

void json_bytes(struct json *json, const char *key, const char *value, size_t len)
{
    begin(json, key);
    put_string(json->out, value, len);
}
