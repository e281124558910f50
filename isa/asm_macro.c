/* SPDX-License-Identifier: MIT */
/* Macros: definition, use, and the text tools they share with repetitions. Arguments are separated
 * by commas, or by blanks that do not stand beside an operator. */
#include <stdio.h>
#include <string.h>

#include "asm.h"

/* ---- bodies --------------------------------------------------------------------------------- */

static bool is_one_of(const struct asm_state *as, const char *const *words)
{
    for (; *words; words++)
        if (asm_is_word(as, *words))
            return true;
    return false;
}

static bool at_text_end(const struct asm_state *as)
{
    return as->frame->at >= as->frame->text->data + as->frame->text->len_bytes;
}

bool asm_take_body(struct asm_state *as, const char *const *starts, const char *const *ends,
                   const char **body, size_t *len_bytes, uint32_t *n_lines)
{
    bool quiet = as->quiet, found = false;
    unsigned depth = 0;
    asm_skip_statement(as);
    uint32_t first_line = as->frame->line;
    *body = as->frame->at;
    as->quiet = true;
    while (!found && !at_text_end(as)) {
        const char *start = as->frame->at;
        *n_lines = as->frame->line - first_line;
        *len_bytes = (size_t)(start - *body);
        asm_next(as);
        if (is_one_of(as, ends) && depth-- == 0) {
            found = true;
            asm_next(as);
        } else {
            depth += is_one_of(as, starts);
            asm_skip_statement(as);
        }
    }
    as->quiet = quiet;
    if (!found)
        asm_error_at(as, as->statement, "the end is missing: no %s follows", ends[0]);
    as->statement_failed |= !found;
    return found;
}

bool asm_buffer_add(struct asm_state *as, struct asm_buffer *buffer, const char *text,
                    size_t len_bytes)
{
    if (as->expanded_bytes + len_bytes > ASM_MAX_EXPANDED_BYTES) {
        asm_error_at(as, as->statement, "macros and repetitions make more than %d MiB of text",
                     ASM_MAX_EXPANDED_BYTES >> 20);
        as->stop = true;
        return false;
    }
    if (buffer->len_bytes + len_bytes > buffer->capacity) {
        size_t capacity = 2 * (buffer->len_bytes + len_bytes) + 64;
        char *larger = asm_alloc(as, capacity);
        if (buffer->len_bytes)
            memcpy(larger, buffer->data, buffer->len_bytes);
        buffer->data = larger;
        buffer->capacity = capacity;
    }
    if (len_bytes)
        memcpy(buffer->data + buffer->len_bytes, text, len_bytes);
    buffer->len_bytes += len_bytes;
    as->expanded_bytes += len_bytes;
    return true;
}

static const struct asm_parameter *find_parameter(const struct asm_parameter *values, size_t count,
                                                  const char *name, size_t len)
{
    for (size_t i = 0; i < count; i++)
        if (values[i].name_bytes == len && memcmp(values[i].name, name, len) == 0)
            return &values[i];
    return NULL;
}

static size_t name_length(const char *at, const char *end)
{
    const char *start = at;
    while (at < end && asm_name_char(*at) && *at != '.')
        at++;
    return (size_t)(at - start);
}

/* What a backslash at `at` means: adds it, returns its length in the body; 0 without room. */
static size_t substitute_one(struct asm_state *as, struct asm_buffer *out, const char *at,
                             const char *end, const struct asm_parameter *values, size_t count)
{
    char number[16];
    if (end - at >= 2 && at[1] == '@') {
        int len = snprintf(number, sizeof number, "%u", as->macro_count);
        return asm_buffer_add(as, out, number, (size_t)len) ? 2 : 0;
    }
    if (end - at >= 3 && at[1] == '(' && at[2] == ')')
        return 3;
    size_t len = name_length(at + 1, end);
    const struct asm_parameter *value = find_parameter(values, count, at + 1, len);
    if (value)
        return asm_buffer_add(as, out, value->value, value->value_bytes) ? len + 1 : 0;
    size_t kept = end - at >= 2 && at[1] == '\\' ? 2 : 1;
    return asm_buffer_add(as, out, at, kept) ? kept : 0;
}

bool asm_substitute(struct asm_state *as, struct asm_buffer *out, const char *body,
                    size_t body_bytes, const struct asm_parameter *values, size_t count)
{
    const char *at = body, *end = body + body_bytes;
    while (at < end) {
        const char *slash = memchr(at, '\\', (size_t)(end - at));
        size_t plain = (size_t)((slash ? slash : end) - at);
        if (!asm_buffer_add(as, out, at, plain))
            return false;
        at += plain;
        if (!slash)
            break;
        size_t used = substitute_one(as, out, at, end, values, count);
        if (!used)
            return false;
        at += used;
    }
    return true;
}

/* ---- arguments ------------------------------------------------------------------------------ */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool is_operator(char c)
{
    return c && strchr("+-*/%&|^<>=!~", c);
}

static bool ends_statement(const char *at, const char *end)
{
    return at >= end || *at == '\n' || *at == ';' || *at == '#' ||
           (*at == '/' && end - at > 1 && (at[1] == '/' || at[1] == '*'));
}

static const char *skip_string(const char *at, const char *end)
{
    for (at++; at < end && *at != '"' && *at != '\n'; at++)
        if (*at == '\\' && end - at > 1 && at[1] != '\n')
            at++;
    return at < end && *at == '"' ? at + 1 : at;
}

static const char *skip_blank(const char *at, const char *end)
{
    while (at < end && is_blank(*at))
        at++;
    return at;
}

static const char *argument_end(const char *at, const char *end, enum asm_extent extent)
{
    const char *start = at;
    unsigned depth = 0;
    while (!ends_statement(at, end)) {
        if (*at == '"') {
            at = skip_string(at, end);
            continue;
        }
        depth += *at == '(';
        depth -= *at == ')' && depth;
        if (extent != ASM_TO_END && !depth && *at == ',')
            break;
        if (extent == ASM_TO_BLANK && !depth && is_blank(*at)) {
            const char *next = skip_blank(at, end);
            bool joins = !ends_statement(next, end) &&
                         (is_operator(*next) || (at > start && is_operator(at[-1])));
            if (!joins)
                break;
            at = next;
            continue;
        }
        at++;
    }
    return at;
}

bool asm_take_argument(struct asm_state *as, enum asm_extent extent, const char **text,
                       size_t *len_bytes)
{
    const char *end = as->frame->text->data + as->frame->text->len_bytes;
    const char *start = skip_blank(as->frame->at, end);
    if (ends_statement(start, end)) {
        as->frame->at = start;
        return false;
    }
    const char *stop = argument_end(start, end, extent);
    const char *next = skip_blank(stop, end);
    as->frame->at = next < end && *next == ',' && extent != ASM_TO_END ? next + 1 : next;
    while (stop > start && is_blank(stop[-1]))
        stop--;
    if (extent == ASM_TO_BLANK && stop - start >= 2 && *start == '"' &&
        skip_string(start, end) == stop) {
        start++;
        stop--;
    }
    *text = start;
    *len_bytes = (size_t)(stop - start);
    return true;
}

/* `name=value`: the parameter of that name, and value alone. */
static struct asm_parameter *named(struct asm_parameter *values, size_t count, const char **text,
                                   size_t *len)
{
    const char *end = *text + *len;
    size_t name_bytes = name_length(*text, end);
    const char *equals = skip_blank(*text + name_bytes, end);
    if (name_bytes == 0 || equals >= end || *equals != '=' ||
        (end - equals > 1 && equals[1] == '='))
        return NULL;
    const struct asm_parameter *found = find_parameter(values, count, *text, name_bytes);
    if (!found)
        return NULL;
    *text = skip_blank(equals + 1, end);
    *len = (size_t)(end - *text);
    return &values[found - values];
}

static bool bind_arguments(struct asm_state *as, const struct asm_macro *macro,
                           struct asm_parameter *values)
{
    const char *text;
    size_t len, next = 0;
    for (;;) {
        bool rest = next < macro->n_parameters && values[next].rest;
        if (!asm_take_argument(as, rest ? ASM_TO_END : ASM_TO_BLANK, &text, &len))
            break;
        struct asm_parameter *value = named(values, macro->n_parameters, &text, &len);
        if (!value && next >= macro->n_parameters) {
            asm_error(as, "macro %s takes %zu argument%s, here are more", macro->name,
                      macro->n_parameters, macro->n_parameters == 1 ? "" : "s");
            return false;
        }
        if (!value)
            value = &values[next++];
        value->required = false;
        if (len || !value->value_bytes) {
            value->value = text;
            value->value_bytes = len;
        }
    }
    for (size_t i = 0; i < macro->n_parameters; i++)
        if (values[i].required) {
            asm_error(as, "macro %s needs a value for '%.*s'", macro->name,
                      (int)values[i].name_bytes, values[i].name);
            return false;
        }
    return true;
}

void asm_macro_use(struct asm_state *as, const struct asm_macro *macro)
{
    size_t bytes = macro->n_parameters * sizeof *macro->parameters;
    struct asm_parameter *values = asm_alloc(as, bytes + 1);
    struct asm_buffer text = {NULL, 0, 0};
    if (bytes)
        memcpy(values, macro->parameters, bytes);
    if (!bind_arguments(as, macro, values))
        return;
    asm_next(as);
    bool made =
        asm_substitute(as, &text, macro->body, macro->body_bytes, values, macro->n_parameters) &&
        asm_buffer_add(as, &text, "\n", 1);
    as->macro_count++;
    asm_skip_statement(as);
    if (made)
        asm_push_expansion(as, text.data, text.len_bytes, macro->line, macro->file, 0, true);
}
