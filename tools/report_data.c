/* SPDX-License-Identifier: MIT */
/* Puts profiles and the source lines they speak of into the page. The size is bounded: at most four
 * DPUs keep everything (the first, the fastest, the median and the slowest), of the others only
 * their causes stay; of sources only the lines near executed ones. */
#include "report.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { DETAILED = 4, NEAR_LINES = 3, LINE_BYTES = 400 };

static const char page[] = {
#include "report_html.inc"
    , 0};
static const char mark[] = "@DATA@";

struct report {
    const char *verb;
    json_t *dpus; /* array of profiles */
};

struct report *report_create(const char *verb)
{
    struct report *report = tool_realloc(NULL, 1, sizeof *report);
    *report = (struct report){verb, json_array()};
    return report;
}

void report_free(struct report *report)
{
    if (!report)
        return;
    json_decref(report->dpus);
    free(report);
}

bool report_add(struct report *report, struct isa_bytes profile, const char *name)
{
    json_error_t error;
    json_t *object = json_loadb((const char *)profile.data, profile.len_bytes, 0, &error);
    const char *schema = json_string_value(json_object_get(object, "schema"));
    if (!object)
        tool_error(report->verb, "%s: line %d: %s", name, error.line, error.text);
    else if (!schema || strcmp(schema, "dpusim-profile-1") != 0)
        tool_error(report->verb, "%s: schema \"%.60s\", but wanted dpusim-profile-1", name,
                   schema ? schema : "");
    else if (json_object_set_new(object, "name", json_string(name)) == 0 &&
             json_array_append_new(report->dpus, object) == 0)
        return true;
    json_decref(object);
    return false;
}

/* ---- which DPUs stay in detail --------------------------------------------------------------- */

struct ranked {
    size_t index;
    json_int_t cycles;
};

static int by_cycles(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    if (a->cycles != b->cycles)
        return a->cycles < b->cycles ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

static void reduce(json_t *dpu)
{
    static const char *const large[] = {"code",    "calls",      "functions", "outside", "timeline",
                                        "samples", "statistics", "timing",    "waits"};
    for (unsigned i = 0; i < sizeof large / sizeof *large; i++)
        json_object_del(dpu, large[i]);
}

/* Returns how many stay. */
static size_t reduce_most(struct report *report)
{
    size_t count = json_array_size(report->dpus);
    if (count <= DETAILED)
        return count;
    struct ranked *order = tool_realloc(NULL, count, sizeof *order);
    for (size_t i = 0; i < count; i++) {
        const json_t *dpu = json_array_get(report->dpus, i);
        order[i] = (struct ranked){i, json_integer_value(json_object_get(dpu, "cycles"))};
    }
    qsort(order, count, sizeof *order, by_cycles);
    const size_t keep[DETAILED] = {0, order[0].index, order[count / 2].index,
                                   order[count - 1].index};
    size_t stay = 0;
    for (size_t i = 0; i < count; i++) {
        bool kept = false;
        for (unsigned k = 0; k < DETAILED; k++)
            kept |= keep[k] == i;
        stay += kept;
        if (!kept)
            reduce(json_array_get(report->dpus, i));
    }
    free(order);
    return stay;
}

/* ---- sources --------------------------------------------------------------------------------- */

/* sources: file -> {"line": true} for the lines wanted. */
static void want_lines(json_t *sources, const json_t *dpu)
{
    const json_t *code = json_object_get(dpu, "code");
    for (size_t i = 0; i < json_array_size(code); i++) {
        const json_t *insn = json_array_get(code, i);
        const char *file = json_string_value(json_object_get(insn, "file"));
        json_int_t line = json_integer_value(json_object_get(insn, "line"));
        if (!file)
            continue;
        if (!json_object_get(sources, file))
            json_object_set_new(sources, file, json_object());
        for (json_int_t n = line - NEAR_LINES; n <= line + NEAR_LINES; n++) {
            char key[24];
            snprintf(key, sizeof key, "%lld", (long long)n);
            json_object_set_new(json_object_get(sources, file), key, json_true());
        }
    }
}

/* Replace the wanted lines by their text; those that the file does not have go. */
static void read_lines(json_t *wanted, const char *path)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t len;
    json_t *texts = json_object();
    FILE *file = fopen(path, "rb");
    for (unsigned n = 1; file && (len = getline(&line, &room, file)) >= 0; n++) {
        char key[16];
        snprintf(key, sizeof key, "%u", n);
        while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
            len--;
        json_t *text = json_stringn(line, (size_t)(len > LINE_BYTES ? LINE_BYTES : len));
        if (text && json_object_get(wanted, key))
            json_object_set(texts, key, text);
        json_decref(text); /* NULL: no UTF-8, left out */
    }
    if (file)
        fclose(file);
    free(line);
    json_object_clear(wanted);
    json_object_update(wanted, texts);
    json_decref(texts);
}

static json_t *sources_of(const struct report *report)
{
    json_t *sources = json_object(), *wanted;
    const char *path;
    for (size_t i = 0; i < json_array_size(report->dpus); i++)
        want_lines(sources, json_array_get(report->dpus, i));
    json_object_foreach(sources, path, wanted) read_lines(wanted, path);
    return sources;
}

/* ---- the page -------------------------------------------------------------------------------- */

bool report_write(struct report *report, const char *path)
{
    size_t detailed = reduce_most(report);
    json_t *all = json_pack("{s:i, s:O, s:o}", "detailed", (int)detailed, "dpus", report->dpus,
                            "sources", sources_of(report));
    /* slashes are escaped, so that no text ends the element that the data stand in */
    char *data = all ? json_dumps(all, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_ESCAPE_SLASH) : NULL;
    const char *at = strstr(page, mark);
    FILE *file = data && at ? tool_open_output(report->verb, path) : NULL;
    bool ok = file != NULL;
    if (!data)
        tool_error(report->verb, "out of memory");
    if (file) {
        fwrite(page, 1, (size_t)(at - page), file);
        fputs(data, file);
        fputs(at + strlen(mark), file);
        ok = tool_close_output(report->verb, path, file);
    }
    free(data);
    json_decref(all);
    return ok;
}
