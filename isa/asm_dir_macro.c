/* SPDX-License-Identifier: MIT */
/* Directives that define macros or repeat text: .macro, .purgem, .exitm, .rept, .irp, .irpc. A
 * repetition becomes one text of all its rounds. */
#include <inttypes.h>
#include <string.h>

#include "asm.h"

static const char *const macro_starts[] = {".macro", NULL};
static const char *const macro_ends[] = {".endm", ".endmacro", NULL};
static const char *const repeat_starts[] = {".rept", ".rep", ".irp", ".irpc", NULL};
static const char *const repeat_ends[] = {".endr", NULL};

static bool take_name(struct asm_state *as, const char **name, size_t *len)
{
    char buffer[64];
    if (as->token.kind != ASM_NAME) {
        asm_error(as, "%s found where a name is wanted", asm_token_text(as, buffer));
        return false;
    }
    *name = as->token.at;
    *len = as->token.len_bytes;
    return true;
}

/* `:req`, `:vararg` behind a parameter. */
static bool parse_qualifier(struct asm_state *as, struct asm_parameter *parameter)
{
    if (!asm_accept(as, ':'))
        return true;
    parameter->required = asm_is_word(as, "req");
    parameter->rest = asm_is_word(as, "vararg");
    if (!parameter->required && !parameter->rest) {
        asm_error(as, "only ':req' or ':vararg' can follow a parameter");
        return false;
    }
    asm_next(as);
    return true;
}

static bool parse_parameter(struct asm_state *as, struct asm_parameter *parameter)
{
    if (!take_name(as, &parameter->name, &parameter->name_bytes))
        return false;
    parameter->value = "";
    asm_next(as);
    if (!parse_qualifier(as, parameter))
        return false;
    if (asm_is_punct(as, '=')) { /* the frame stands behind '=' */
        if (!asm_take_argument(as, ASM_TO_BLANK, &parameter->value, &parameter->value_bytes))
            parameter->value_bytes = 0;
        asm_next(as);
        return true;
    }
    asm_accept(as, ',');
    return true;
}

static bool parse_parameters(struct asm_state *as, struct asm_macro *macro)
{
    enum { MOST = 1000 };
    size_t capacity = 0;
    while (as->token.kind != ASM_END) {
        if (macro->n_parameters == capacity) {
            size_t larger = 2 * capacity + 4;
            struct asm_parameter *copy = asm_alloc(as, larger * sizeof *copy);
            if (capacity)
                memcpy(copy, macro->parameters, capacity * sizeof *copy);
            macro->parameters = copy;
            capacity = larger;
        }
        if (macro->n_parameters >= MOST) {
            asm_error(as, "macro %s has more than %d parameters", macro->name, MOST);
            return false;
        }
        if (!parse_parameter(as, &macro->parameters[macro->n_parameters++]))
            return false;
    }
    return true;
}

static void macro(struct asm_state *as, int unused)
{
    const char *name;
    size_t len;
    uint32_t n_lines;
    (void)unused;
    struct asm_macro *made = asm_alloc(as, sizeof *made);
    bool good = take_name(as, &name, &len);
    if (good) {
        made->name = asm_copy(as, name, len);
        asm_next(as);
        asm_accept(as, ',');
        good = parse_parameters(as, made);
    }
    made->file = as->frame->file;
    if (!asm_take_body(as, macro_starts, macro_ends, &made->body, &made->body_bytes, &n_lines) ||
        !good)
        return;
    made->line = as->frame->line - n_lines;
    struct asm_map_entry *entry = asm_map_get(as, &as->macro_map, name, len);
    if (entry->value)
        asm_error_at(as, as->statement, "macro '%s' is defined twice (.purgem forgets one)",
                     made->name);
    else
        entry->value = made;
}

static void purge(struct asm_state *as, int unused)
{
    const char *name;
    size_t len;
    (void)unused;
    if (!take_name(as, &name, &len))
        return;
    if (asm_map_find(&as->macro_map, name, len))
        asm_map_get(as, &as->macro_map, name, len)->value = NULL;
    else
        asm_error(as, "there is no macro '%.*s'", len > 60 ? 60 : (int)len, name);
    asm_next(as);
}

/* Leaves the macro: its text, and repetitions inside it, count as read. */
static void exit_macro(struct asm_state *as, int unused)
{
    (void)unused;
    size_t i = as->n_frames;
    while (i > 0 && !as->frames[i - 1].is_macro)
        i--;
    if (i == 0) {
        asm_error(as, ".exitm outside of a macro");
        return;
    }
    as->n_conditions = as->frames[i - 1].n_conditions;
    as->n_frames = i;
    as->frame = &as->frames[i - 1];
    as->frame->at = as->frame->text->data + as->frame->text->len_bytes;
    as->frame->n_conditions = (uint32_t)as->n_conditions;
    asm_next(as);
}

/* ---- repetitions ---------------------------------------------------------------------------- */

struct repeat {
    const char *body;
    size_t body_bytes;
    uint32_t n_lines, line, file;
    struct asm_buffer text;
};

static bool take_repeat_body(struct asm_state *as, struct repeat *repeat)
{
    repeat->file = as->frame->file;
    if (!asm_take_body(as, repeat_starts, repeat_ends, &repeat->body, &repeat->body_bytes,
                       &repeat->n_lines))
        return false;
    repeat->line = as->frame->line - repeat->n_lines;
    return true;
}

static void push_rounds(struct asm_state *as, const struct repeat *repeat)
{
    asm_skip_statement(as);
    if (repeat->text.len_bytes)
        asm_push_expansion(as, repeat->text.data, repeat->text.len_bytes, repeat->line,
                           repeat->file, repeat->n_lines, false);
}

static void rept(struct asm_state *as, int unused)
{
    int64_t count = 0;
    struct repeat repeat = {.text = {NULL, 0, 0}};
    (void)unused;
    struct asm_place place = asm_token_place(as);
    bool good = asm_parse_absolute(as, &count);
    if (good && count < 0)
        asm_error_at(as, place, "cannot repeat %" PRId64 " times", count);
    if (!take_repeat_body(as, &repeat) || !good || repeat.body_bytes == 0)
        return;
    for (int64_t i = 0; i < count; i++)
        if (!asm_buffer_add(as, &repeat.text, repeat.body, repeat.body_bytes))
            return;
    push_rounds(as, &repeat);
}

static bool add_round(struct asm_state *as, struct repeat *repeat, struct asm_parameter *variable,
                      const char *value, size_t len)
{
    variable->value = value;
    variable->value_bytes = len;
    return asm_substitute(as, &repeat->text, repeat->body, repeat->body_bytes, variable, 1);
}

/* Rounds of .irp: one per argument in [frame->at of `from`, end of its line). */
static bool irp_rounds(struct asm_state *as, struct repeat *repeat, struct asm_parameter *variable,
                       const char *from)
{
    const char *after = as->frame->at, *value;
    size_t len;
    bool any = false, good = true;
    as->frame->at = from;
    while (good && asm_take_argument(as, ASM_TO_BLANK, &value, &len)) {
        good = add_round(as, repeat, variable, value, len);
        any = true;
    }
    as->frame->at = after;
    return good && (any || add_round(as, repeat, variable, "", 0));
}

static bool irpc_rounds(struct asm_state *as, struct repeat *repeat, struct asm_parameter *variable,
                        const char *from)
{
    const char *after = as->frame->at, *value = "";
    size_t len = 0;
    as->frame->at = from;
    asm_take_argument(as, ASM_TO_END, &value, &len);
    as->frame->at = after;
    bool good = len || add_round(as, repeat, variable, "", 0);
    for (size_t i = 0; i < len && good; i++)
        good = add_round(as, repeat, variable, value + i, 1);
    return good;
}

static void irp(struct asm_state *as, int per_character)
{
    struct repeat repeat = {.text = {NULL, 0, 0}};
    struct asm_parameter variable = {.value = ""};
    bool named = take_name(as, &variable.name, &variable.name_bytes);
    if (named) {
        asm_next(as);
        if (!asm_is_punct(as, ','))
            as->frame->at = as->token.at; /* blanks instead of the comma */
    }
    const char *from = as->frame->at;
    as->token.kind = ASM_BAD; /* the values are not tokens: skip them */
    if (!take_repeat_body(as, &repeat) || !named)
        return;
    struct asm_token token = as->token;
    if (per_character ? irpc_rounds(as, &repeat, &variable, from)
                      : irp_rounds(as, &repeat, &variable, from)) {
        as->token = token;
        push_rounds(as, &repeat);
    }
}

static void stray_end(struct asm_state *as, int unused)
{
    (void)unused;
    asm_error_at(as, as->statement, "an end without its beginning");
    as->statement_failed = true;
}

static const struct asm_directive rows[] = {
    {".macro", macro, 0},    {".purgem", purge, 0},   {".exitm", exit_macro, 0},
    {".rept", rept, 0},      {".rep", rept, 0},       {".irp", irp, 0},
    {".irpc", irp, 1},       {".endm", stray_end, 0}, {".endmacro", stray_end, 0},
    {".endr", stray_end, 0},
};

const struct asm_directives asm_macro_directives = {rows, sizeof rows / sizeof rows[0]};
