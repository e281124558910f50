/* SPDX-License-Identifier: MIT */
/* Differences of two JSON documents, member by member. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "diff.h"

enum { LONGEST_VALUE = 60 };

/* A value on one line, cut when it is long; malloc'ed. */
static char *text_of(const json_t *value)
{
    char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    if (!text)
        return tool_copy("nothing", strlen("nothing"));
    if (strlen(text) > LONGEST_VALUE)
        strcpy(text + LONGEST_VALUE - 3, "...");
    return text;
}

static void differ(struct diff *diff, const char *path, const json_t *a, const json_t *b)
{
    char *left = text_of(a), *right = text_of(b);
    diff_add(diff, *path ? path : "the whole", left, right);
    free(left);
    free(right);
}

static void compare(struct diff *diff, const char *path, const json_t *a, const json_t *b);

static void compare_arrays(struct diff *diff, const char *path, const json_t *a, const json_t *b)
{
    size_t most = json_array_size(a);
    if (json_array_size(b) > most)
        most = json_array_size(b);
    for (size_t i = 0; i < most; i++) {
        struct text inner = {0};
        text_add(&inner, "%s[%zu]", path, i);
        compare(diff, inner.data, json_array_get(a, i), json_array_get(b, i));
        text_free(&inner);
    }
}

static void compare_objects(struct diff *diff, const char *path, json_t *a, json_t *b)
{
    const char *key;
    json_t *value;
    json_object_foreach(a, key, value)
    {
        struct text inner = {0};
        text_add(&inner, "%s%s%s", path, *path ? "." : "", key);
        compare(diff, inner.data, value, json_object_get(b, key));
        text_free(&inner);
    }
    json_object_foreach(b, key, value)
    {
        if (json_object_get(a, key))
            continue;
        struct text inner = {0};
        text_add(&inner, "%s%s%s", path, *path ? "." : "", key);
        differ(diff, inner.data, NULL, value);
        text_free(&inner);
    }
}

static void compare(struct diff *diff, const char *path, const json_t *a, const json_t *b)
{
    if (json_is_array(a) && json_is_array(b))
        compare_arrays(diff, path, a, b);
    else if (json_is_object(a) && json_is_object(b))
        compare_objects(diff, path, (json_t *)(uintptr_t)a, (json_t *)(uintptr_t)b);
    else if (!a || !b || !json_equal(a, b))
        differ(diff, path, a, b);
}

static json_t *parse(const char *path, struct isa_bytes text)
{
    json_error_t error;
    json_t *value = json_loadb((const char *)text.data, text.len_bytes,
                               JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (!value)
        tool_error("diff", "%s:%d:%d: %s", path, error.line, error.column, error.text);
    return value;
}

bool diff_json(struct diff *diff, const char *const paths[2], const struct isa_bytes texts[2])
{
    json_t *a = parse(paths[0], texts[0]), *b = a ? parse(paths[1], texts[1]) : NULL;
    if (b)
        compare(diff, "", a, b);
    json_decref(a);
    json_decref(b);
    return b != NULL;
}
