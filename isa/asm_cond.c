/* SPDX-License-Identifier: MIT */
/* Conditional assembly: .if and its variants, .elseif, .else, .endif. */
#include <string.h>

#include "asm.h"

enum test {
    IF_NE,
    IF_EQ,
    IF_GE,
    IF_GT,
    IF_LE,
    IF_LT, /* an expression against 0 */
    IF_DEF,
    IF_NDEF,
    IF_B,
    IF_NB,
    IF_C,
    IF_NC, /* a symbol; a text; two texts */
    IF_EQS,
    IF_NES, /* two strings */
    ELSE_IF,
    ELSE,
    END_IF,
    NO_TEST
};

static enum test find_test(const struct asm_token *token)
{
    static const struct {
        const char *name;
        enum test test;
    } names[] = {
        {".if", IF_NE},       {".ifne", IF_NE},       {".ifeq", IF_EQ},   {".ifge", IF_GE},
        {".ifgt", IF_GT},     {".ifle", IF_LE},       {".iflt", IF_LT},   {".ifdef", IF_DEF},
        {".ifndef", IF_NDEF}, {".ifnotdef", IF_NDEF}, {".ifb", IF_B},     {".ifnb", IF_NB},
        {".ifc", IF_C},       {".ifnc", IF_NC},       {".ifeqs", IF_EQS}, {".ifnes", IF_NES},
        {".elseif", ELSE_IF}, {".else", ELSE},        {".endif", END_IF},
    };
    if (token->kind != ASM_NAME || token->len_bytes < 3 || token->at[0] != '.' ||
        (token->at[1] != 'i' && token->at[1] != 'e'))
        return NO_TEST;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strlen(names[i].name) == token->len_bytes &&
            memcmp(names[i].name, token->at, token->len_bytes) == 0)
            return names[i].test;
    return NO_TEST;
}

bool asm_skipping(const struct asm_state *as)
{
    return as->n_conditions && !as->conditions[as->n_conditions - 1].active;
}

/* ---- the tests ------------------------------------------------------------------------------ */

static bool test_number(struct asm_state *as, enum test test)
{
    int64_t value;
    asm_next(as);
    if (!asm_parse_absolute(as, &value))
        return false;
    switch (test) {
    case IF_EQ:
        return value == 0;
    case IF_GE:
        return value >= 0;
    case IF_GT:
        return value > 0;
    case IF_LE:
        return value <= 0;
    case IF_LT:
        return value < 0;
    default:
        return value != 0;
    }
}

static bool test_defined(struct asm_state *as)
{
    asm_next(as);
    const struct asm_symbol *symbol = asm_parse_symbol(as);
    return symbol && symbol->kind != ASM_UNDEFINED;
}

/* Two texts: up to the comma and up to the end. */
static bool test_texts(struct asm_state *as)
{
    const char *text[2] = {"", ""};
    size_t len[2] = {0, 0};
    asm_take_argument(as, ASM_TO_COMMA, &text[0], &len[0]);
    asm_take_argument(as, ASM_TO_END, &text[1], &len[1]);
    asm_next(as);
    return len[0] == len[1] && memcmp(text[0], text[1], len[0]) == 0;
}

static bool test_blank(struct asm_state *as)
{
    const char *text;
    size_t len;
    bool some = asm_take_argument(as, ASM_TO_END, &text, &len);
    asm_next(as);
    return !some || len == 0;
}

static bool take_string(struct asm_state *as, const char **bytes, size_t *len)
{
    char buffer[64];
    if (as->token.kind != ASM_QUOTED) {
        asm_error(as, "%s found where a string is wanted", asm_token_text(as, buffer));
        return false;
    }
    if (!asm_unquote(as, bytes, len))
        return false;
    asm_next(as);
    return true;
}

static bool test_strings(struct asm_state *as)
{
    const char *text[2];
    size_t len[2];
    asm_next(as);
    return take_string(as, &text[0], &len[0]) && asm_expect_comma(as) &&
           take_string(as, &text[1], &len[1]) && len[0] == len[1] &&
           memcmp(text[0], text[1], len[0]) == 0;
}

static bool evaluate(struct asm_state *as, enum test test)
{
    switch (test) {
    case IF_DEF:
    case IF_NDEF:
        return test_defined(as) == (test == IF_DEF);
    case IF_B:
    case IF_NB:
        return test_blank(as) == (test == IF_B);
    case IF_C:
    case IF_NC:
        return test_texts(as) == (test == IF_C);
    case IF_EQS:
    case IF_NES:
        return test_strings(as) == (test == IF_EQS);
    default:
        return test_number(as, test);
    }
}

/* ---- the stack of conditions ---------------------------------------------------------------- */

static void open_condition(struct asm_state *as, enum test test)
{
    bool outer_active = !asm_skipping(as);
    struct asm_condition condition = {.outer_active = outer_active, .place = as->statement};
    if (as->n_conditions >= ASM_MAX_CONDITIONS) {
        asm_error(as, ".if is nested more than %d deep", ASM_MAX_CONDITIONS);
        as->stop = true;
        return;
    }
    if (outer_active)
        condition.active = condition.taken = evaluate(as, test);
    asm_grow(as, &as->conditions, &as->conditions_capacity, as->n_conditions,
             sizeof *as->conditions);
    as->conditions[as->n_conditions++] = condition;
}

static void else_if(struct asm_state *as, struct asm_condition *condition)
{
    bool consider = condition->outer_active && !condition->taken;
    condition->active = consider && test_number(as, IF_NE);
    if (!consider)
        asm_ignore_rest(as);
    condition->taken |= condition->active;
}

static void change_condition(struct asm_state *as, enum test test)
{
    if (as->n_conditions <= as->frame->n_conditions) {
        asm_error(as, "%.*s without .if", (int)as->token.len_bytes, as->token.at);
        return;
    }
    struct asm_condition *condition = &as->conditions[as->n_conditions - 1];
    if (test == END_IF) {
        as->n_conditions--;
        return;
    }
    if (condition->seen_else)
        asm_error(as, "%.*s after .else", (int)as->token.len_bytes, as->token.at);
    else if (test == ELSE_IF)
        else_if(as, condition);
    else
        condition->active = condition->outer_active && !condition->taken;
    condition->seen_else |= test == ELSE;
}

bool asm_conditional(struct asm_state *as)
{
    enum test test = find_test(&as->token);
    if (test == NO_TEST)
        return false;
    struct asm_token word = as->token;
    if (test >= ELSE_IF)
        change_condition(as, test);
    else
        open_condition(as, test);
    if (as->token.at == word.at)
        asm_next(as);
    return true;
}

void asm_conditions_close(struct asm_state *as, size_t down_to)
{
    while (as->n_conditions > down_to)
        asm_error_at(as, as->conditions[--as->n_conditions].place, ".if without .endif");
}
