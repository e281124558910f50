/* SPDX-License-Identifier: MIT */
/* The writer of JSON text. The outer two levels are spread over lines, deeper ones stay on one. */
#include "json.h"
#include "quote.h"

#include <math.h>
#include <string.h>

enum { SPREAD_LEVELS = 2 };

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
    sim_put_quoted_bytes(json->out, key, strlen(key));
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

void json_number(struct json *json, const char *key, double value, int digits)
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
    sim_put_quoted_bytes(json->out, value, len);
}
