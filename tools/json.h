/* SPDX-License-Identifier: MIT */
/* A writer of JSON text: streams to a file, keeps no document in memory (a dumped symbol may have
 * 64 MiB), writes 64-bit integers exactly. The caller opens and closes in pairs. */
#ifndef TOOL_JSON_H
#define TOOL_JSON_H

#include "tool.h"

struct json {
    FILE *out;
    unsigned depth;
    bool started; /* something stands before the next element of this container */
};

/* key is NULL inside arrays and at the top. */
void json_open(struct json *json, const char *key, char bracket); /* '{' or '[' */
void json_close(struct json *json, char bracket);                 /* '}' or ']' */
void json_u64(struct json *json, const char *key, uint64_t value);
void json_i64(struct json *json, const char *key, int64_t value);
/* NaN and infinities, for which JSON has no number, become strings. */
void json_number(struct json *json, const char *key, double value, int digits);
void json_bool(struct json *json, const char *key, bool value);
void json_text(struct json *json, const char *key, const char *value); /* NULL: null */
/* Bytes that are no UTF-8 become U+FFFD. */
void json_bytes(struct json *json, const char *key, const char *value, size_t len);

#endif
