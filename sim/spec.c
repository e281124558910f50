/* SPDX-License-Identifier: MIT */
/* Specifications in text, NAME:KEY=VALUE,...: taking them apart, numbers and ranges in them, and
 * what is said about wrong ones. Shared by the injections of the simulator and of the host API. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

enum { MOST_FIELDS = sizeof((struct sim_spec *)0)->fields / sizeof(struct sim_spec_field) };

/* ---- parts ----------------------------------------------------------------------------------- */

static enum dpusim_status read_fields(struct sim_spec *spec, char *fields, struct isa_diag *diag)
{
    char *rest = NULL;
    for (char *key = strtok_r(fields, ",/", &rest); key; key = strtok_r(NULL, ",/", &rest)) {
        if (spec->n_fields == MOST_FIELDS)
            return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "injection \"%.100s\": more than %d keys",
                            spec->text, MOST_FIELDS);
        char *value = strchr(key, '=');
        if (value)
            *value++ = '\0';
        spec->fields[spec->n_fields++] = (struct sim_spec_field){key, value};
    }
    return DPUSIM_OK;
}

enum dpusim_status sim_spec_read(struct sim_spec *out, const char *text, struct isa_diag *diag)
{
    if (strlen(text) >= sizeof out->text)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                        "injection \"%.60s...\": longer than %zu characters", text,
                        sizeof out->text - 1);
    strcpy(out->text, text);
    strcpy(out->words, text);
    out->name = out->words;
    out->n_fields = 0;
    char *colon = strchr(out->words, ':');
    if (!colon)
        return DPUSIM_OK;
    *colon = '\0';
    return read_fields(out, colon + 1, diag);
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* A whole number at *text; *text moves behind it. */
static bool take_number(const char **text, uint64_t *out)
{
    char *end;
    errno = 0;
    if (**text < '0' || **text > '9')
        return false;
    *out = strtoull(*text, &end, 0);
    *text = end;
    return errno == 0;
}

enum dpusim_status sim_spec_number(const struct sim_spec *spec, const struct sim_spec_field *field,
                                   uint64_t lowest, uint64_t highest, uint64_t *out,
                                   struct isa_diag *diag)
{
    const char *text = field->value ? field->value : "";
    uint64_t number;
    if (!take_number(&text, &number) || *text || number < lowest || number > highest)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                        "injection \"%s\": %s=%s: a number from %" PRIu64 " to %" PRIu64
                        " is wanted",
                        spec->text, field->key, field->value ? field->value : "", lowest, highest);
    *out = number;
    return DPUSIM_OK;
}

static bool take_range(const char **text, uint64_t highest, uint64_t *first, uint64_t *last)
{
    if (!take_number(text, first))
        return false;
    *last = *first;
    if (**text == '-' && (++*text, !take_number(text, last)))
        return false;
    return *first <= *last && *last <= highest && (**text == '\0' || **text == '+');
}

enum dpusim_status sim_spec_ranges(const struct sim_spec *spec, const struct sim_spec_field *field,
                                   uint64_t highest, struct sim_ranges *out, struct isa_diag *diag)
{
    const char *text = field->value ? field->value : "";
    unsigned most = sizeof out->range / sizeof *out->range;
    do {
        uint64_t first, last;
        if (!take_range(&text, highest, &first, &last))
            return isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                            "injection \"%s\": %s=%s: numbers from 0 to %" PRIu64
                            " are wanted, or ranges of them, as 0-3+7",
                            spec->text, field->key, field->value ? field->value : "", highest);
        if (out->n_ranges == most)
            return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "injection \"%s\": more than %u ranges",
                            spec->text, most);
        out->range[out->n_ranges].first = first;
        out->range[out->n_ranges++].last = last;
    } while (*text++ == '+');
    return DPUSIM_OK;
}

bool sim_ranges_have(const struct sim_ranges *ranges, uint64_t number)
{
    for (unsigned i = 0; i < ranges->n_ranges; i++)
        if (number >= ranges->range[i].first && number <= ranges->range[i].last)
            return true;
    return ranges->n_ranges == 0;
}

/* ---- words ----------------------------------------------------------------------------------- */

enum dpusim_status sim_spec_unknown(const struct sim_spec *spec, const char *what, const char *word,
                                    const char *const *known, size_t n_known, struct isa_diag *diag)
{
    const char *nearest = isa_nearest(word, known, n_known);
    char list[256] = "";
    for (size_t i = 0; i < n_known; i++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", known[i]);
    }
    if (nearest)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                        "injection \"%.150s\": unknown %s \"%.60s\"; did you mean \"%s\"?",
                        spec->text, what, word, nearest);
    return isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                    "injection \"%.150s\": unknown %s \"%.60s\"; there are %s", spec->text, what,
                    word, list);
}

/* ---- several --------------------------------------------------------------------------------- */

struct each {
    enum dpusim_status (*take)(void *context, const char *spec);
    void *context;
    struct isa_diag *diag;
    unsigned depth; /* of files that name files */
};

static enum dpusim_status each_of(struct each *each, char *text);

/* Whole file, malloc'ed, ends in NUL; NULL: errno says why. */
static char *read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = NULL;
    size_t used = 0, room = 0;
    for (bool more = file != NULL; more;) {
        char *grown = room - used < 4096 ? realloc(text, room += 65536) : text;
        if (!grown) {
            free(text);
            text = NULL;
            break;
        }
        text = grown;
        size_t got = fread(text + used, 1, room - used - 1, file);
        used += got;
        text[used] = '\0';
        more = got > 0;
    }
    if (file && ferror(file)) {
        free(text);
        text = NULL;
    }
    if (file)
        fclose(file);
    return text;
}

static enum dpusim_status each_of_file(struct each *each, const char *path)
{
    enum { MOST_DEPTH = 4 };
    if (each->depth == MOST_DEPTH)
        return isa_fail(each->diag, DPUSIM_BAD_ARGUMENT,
                        "injections: %.200s: files name each other", path);
    char *text = read_file(path);
    if (!text)
        return isa_fail(each->diag, DPUSIM_NO_SUCH_FILE, "injections: cannot read %.200s: %s", path,
                        strerror(errno));
    each->depth++;
    enum dpusim_status status = each_of(each, text);
    each->depth--;
    free(text);
    return status;
}

static char *trimmed(char *text)
{
    text += strspn(text, " \t\r");
    size_t len = strlen(text);
    while (len && strchr(" \t\r", text[len - 1]))
        text[--len] = '\0';
    return text;
}

static enum dpusim_status each_of(struct each *each, char *text)
{
    enum dpusim_status status = DPUSIM_OK;
    char *next_line = NULL;
    for (char *line = strtok_r(text, "\n", &next_line); line && !status;
         line = strtok_r(NULL, "\n", &next_line)) {
        char *rest = NULL;
        line[strcspn(line, "#")] = '\0';
        for (char *spec = strtok_r(line, ";", &rest); spec && !status;
             spec = strtok_r(NULL, ";", &rest)) {
            spec = trimmed(spec);
            if (*spec == '@')
                status = each_of_file(each, spec + 1);
            else if (*spec)
                status = each->take(each->context, spec);
        }
    }
    return status;
}

enum dpusim_status sim_spec_each(const char *text,
                                 enum dpusim_status (*take)(void *context, const char *spec),
                                 void *context, struct isa_diag *diag)
{
    struct each each = {take, context, diag, 0};
    char *copy = strdup(text);
    if (!copy)
        return isa_fail(diag, DPUSIM_NO_MEMORY, "injections: out of memory");
    enum dpusim_status status = each_of(&each, copy);
    free(copy);
    return status;
}
