/* SPDX-License-Identifier: MIT */
/* Tokens of assembly text. Comments: `//`, `#` (to the end of the line) and C comments; statements
 * end at a newline or `;`. Line markers of the preprocessor (`# 12 "file"`) set the place. A byte
 * order mark and carriage returns are white space. */
#include <string.h>

#include "asm.h"

static const char *text_end(const struct asm_state *as)
{
    return as->frame->text->data + as->frame->text->len_bytes;
}

static int peek(const struct asm_state *as, size_t ahead)
{
    const char *at = as->frame->at;
    return (size_t)(text_end(as) - at) > ahead ? (unsigned char)at[ahead] : -1;
}

bool asm_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '$' || (c & 0x80);
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static void count_line(struct asm_state *as)
{
    struct asm_frame *frame = as->frame;
    frame->line++;
    if (frame->round_lines && frame->line - frame->first_line == frame->round_lines)
        frame->line = frame->first_line;
}

/* ---- white space and comments --------------------------------------------------------------- */

static void skip_to_newline(struct asm_state *as)
{
    const char *at = as->frame->at, *end = text_end(as);
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    as->frame->at = newline ? newline : end;
}

static void skip_block_comment(struct asm_state *as)
{
    const char *open = as->frame->at;
    struct asm_place place = asm_place_of(as, open);
    as->frame->at += 2;
    while (peek(as, 0) >= 0 && !(peek(as, 0) == '*' && peek(as, 1) == '/')) {
        if (peek(as, 0) == '\n')
            count_line(as);
        as->frame->at++;
    }
    if (peek(as, 0) >= 0)
        as->frame->at += 2;
    else
        asm_error_at(as, place, "comment is not closed: '*/' is missing");
}

/* `# 12 "name" flags`, at the '#': the line that follows is line 12 of that file. */
static bool line_marker(struct asm_state *as)
{
    const char *at = as->frame->at + 1, *end = text_end(as);
    uint64_t line = 0;
    if (end - at > 5 && memcmp(at, "line ", 5) == 0)
        at += 4;
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    if (at == end || !is_digit(*at))
        return false;
    for (; at < end && is_digit(*at); at++)
        line = line < UINT32_MAX ? line * 10 + (unsigned)(*at - '0') : line;
    while (at < end && *at == ' ')
        at++;
    if (at == end || *at != '"')
        return false;
    const char *name = ++at;
    while (at < end && *at != '"' && *at != '\n')
        at++;
    if (at == end || *at != '"')
        return false;
    as->frame->file = asm_intern_file(as, name, (size_t)(at - name));
    as->frame->line = (uint32_t)line - 1;
    return true;
}

static void skip_hash(struct asm_state *as)
{
    if (as->frame->line_start && !as->frame->text->used_text)
        line_marker(as);
    skip_to_newline(as);
}

static void skip_blanks(struct asm_state *as)
{
    for (;;) {
        int c = peek(as, 0);
        if (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v')
            as->frame->at++;
        else if (c == '/' && peek(as, 1) == '/')
            skip_to_newline(as);
        else if (c == '/' && peek(as, 1) == '*')
            skip_block_comment(as);
        else if (c == '#')
            skip_hash(as);
        else
            return;
    }
}

/* ---- numbers -------------------------------------------------------------------------------- */

static int digit_value(int c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

/* Digits of a base from text[start) on; false when they pass 64 bits. */
static bool accumulate(struct asm_token *token, size_t start, unsigned base, size_t *end)
{
    bool fits = true;
    size_t i = start;
    for (; i < token->len_bytes && digit_value((unsigned char)token->at[i]) < (int)base; i++) {
        uint64_t digit = (uint64_t)digit_value((unsigned char)token->at[i]);
        fits = fits && token->number <= (UINT64_MAX - digit) / base;
        token->number = token->number * base + digit;
    }
    *end = i;
    return fits;
}

static void bad_token(struct asm_state *as, const char *what)
{
    char buffer[64];
    as->token.kind = ASM_BAD;
    asm_error(as, "%s: %s", asm_token_text(as, buffer), what);
}

static bool local_label(struct asm_token *token)
{
    char last = token->at[token->len_bytes - 1];
    size_t end;
    if (token->len_bytes < 2 || (last != 'b' && last != 'f'))
        return false;
    token->number = 0;
    if (!accumulate(token, 0, 10, &end) || end != token->len_bytes - 1)
        return false;
    token->kind = ASM_LOCAL;
    token->punct = last;
    return true;
}

static void lex_number(struct asm_state *as)
{
    struct asm_token *token = &as->token;
    token->kind = ASM_NUMBER;
    while (peek(as, token->len_bytes) >= 0 && asm_name_char((char)peek(as, token->len_bytes)))
        token->len_bytes++;
    if (local_label(token))
        return;
    unsigned base = 10;
    size_t start = 0, end;
    if (token->at[0] == '0' && token->len_bytes > 1) {
        char second = token->at[1] | 0x20;
        base = second == 'x' ? 16 : second == 'b' ? 2 : 8;
        start = base == 8 ? 1 : 2;
    }
    token->number = 0;
    bool fits = accumulate(token, start, base, &end);
    if (end != token->len_bytes || end == (base == 8 ? 0 : start))
        bad_token(as,
                  base == 8 ? "not an octal number (a leading 0 means base 8)" : "not a number");
    else if (!fits)
        bad_token(as, "number needs more than 64 bits");
}

/* ---- characters and strings ----------------------------------------------------------------- */

static int hex_escape(const char **at, const char *end)
{
    int value = 0, digits = 0;
    for (; *at < end && digit_value((unsigned char)**at) < 16; (*at)++, digits++)
        value = (value * 16 + digit_value((unsigned char)**at)) & 0xff;
    return digits ? value : -1;
}

static int octal_escape(const char **at, const char *end)
{
    int value = 0;
    for (int i = 0; i < 3 && *at < end && **at >= '0' && **at <= '7'; i++, (*at)++)
        value = value * 8 + (**at - '0');
    return value & 0xff;
}

/* The character after a backslash, *at just behind it; -1: no escape that we know. */
static int escape(const char **at, const char *end)
{
    static const char names[] = "abfnrtv\\\"'e", values[] = "\a\b\f\n\r\t\v\\\"'\033";
    if (*at == end)
        return -1;
    if (**at >= '0' && **at <= '7')
        return octal_escape(at, end);
    char c = *(*at)++;
    if (c == 'x' || c == 'X')
        return hex_escape(at, end);
    const char *found = c ? strchr(names, c) : NULL;
    return found ? (unsigned char)values[found - names] : -1;
}

static void lex_character(struct asm_state *as)
{
    struct asm_token *token = &as->token;
    const char *at = token->at + 1, *end = text_end(as);
    int value = -1;
    if (at < end && *at != '\n')
        value = (unsigned char)*at++;
    if (value == '\\')
        value = escape(&at, end);
    token->len_bytes = (size_t)(at - token->at);
    if (value < 0 || at == end || *at != '\'') {
        bad_token(as, "not a character constant: write one character between two quotes");
        return;
    }
    token->len_bytes++;
    token->kind = ASM_NUMBER;
    token->number = (uint64_t)value;
}

static void lex_string(struct asm_state *as)
{
    struct asm_token *token = &as->token;
    const char *at = token->at + 1, *end = text_end(as);
    while (at < end && *at != '"' && *at != '\n' && *at != '\0')
        at += *at == '\\' && end - at > 1 && at[1] != '\n' ? 2 : 1;
    token->len_bytes = (size_t)(at - token->at);
    token->kind = ASM_QUOTED;
    if (at < end && *at == '"')
        token->len_bytes++;
    else if (at < end && *at == '\0')
        bad_token(as, "NUL byte inside a string");
    else
        bad_token(as, "string is not closed: '\"' is missing");
}

bool asm_unquote(struct asm_state *as, const char **bytes, size_t *len_bytes)
{
    const char *at = as->token.at + 1, *end = as->token.at + as->token.len_bytes - 1;
    char *out = asm_alloc(as, as->token.len_bytes);
    size_t count = 0;
    while (at < end) {
        const char *start = at;
        int value = (unsigned char)*at++;
        if (value == '\\')
            value = escape(&at, end);
        if (value < 0) {
            as->statement_failed = true;
            asm_error_at(
                as, asm_place_of(as, start),
                "'%.2s' is not an escape; known: \\a \\b \\e \\f \\n \\r \\t \\v \\\\ \\\" "
                "\\' \\NNN (octal) \\xNN",
                start);
            return false;
        }
        out[count++] = (char)value;
    }
    *bytes = out;
    *len_bytes = count;
    return true;
}

/* ---- tokens --------------------------------------------------------------------------------- */

static void lex_punct(struct asm_state *as, int c)
{
    static const char pairs[] = "<< >> == != <> <= >= && ||";
    struct asm_token *token = &as->token;
    char spelling[3] = {(char)c, (char)(peek(as, 1) > 0 ? peek(as, 1) : ' '), 0};
    token->kind = ASM_PUNCT;
    token->punct = c;
    if (c && spelling[1] != ' ' && strstr(pairs, spelling)) {
        token->len_bytes = 2;
        token->punct = ASM_TWO(c, spelling[1]);
    } else if (c == 0) {
        token->kind = ASM_BAD;
        asm_error(as, "NUL byte in the text");
    } else if (c < ' ' || c == 0x7f) {
        token->kind = ASM_BAD;
        asm_error(as, "control character 0x%02x in the text", (unsigned)c);
    } else if (!strchr("()[]{}+-*/%&|^~!<>=,:@?\\", c)) {
        bad_token(as, "character has no meaning here");
    }
}

static void lex_name(struct asm_state *as)
{
    struct asm_token *token = &as->token;
    const char *end = text_end(as), *at = token->at;
    while (at < end && asm_name_char(*at))
        at++;
    token->len_bytes = (size_t)(at - token->at);
    token->kind = ASM_NAME;
}

void asm_next(struct asm_state *as)
{
    const char *before = as->frame->at;
    as->statement_done = false;
    skip_blanks(as);
    int c = peek(as, 0);
    as->token = (struct asm_token){
        .kind = ASM_END, .at = as->frame->at, .len_bytes = 1, .spaced = as->frame->at != before};
    as->frame->line_start = false;
    if (c < 0 || c == '\n' || c == ';') {
        as->token.len_bytes = 0;
        return;
    }
    if (is_digit(c))
        lex_number(as);
    else if (asm_name_char((char)c))
        lex_name(as);
    else if (c == '"')
        lex_string(as);
    else if (c == '\'')
        lex_character(as);
    else
        lex_punct(as, c);
    as->frame->at = as->token.at + as->token.len_bytes;
}

bool asm_is_punct(const struct asm_state *as, int punct)
{
    return as->token.kind == ASM_PUNCT && as->token.punct == punct;
}

bool asm_accept(struct asm_state *as, int punct)
{
    if (!asm_is_punct(as, punct))
        return false;
    asm_next(as);
    return true;
}

bool asm_expect_comma(struct asm_state *as)
{
    char buffer[64];
    if (asm_accept(as, ','))
        return true;
    asm_error(as, "%s found where a comma is wanted", asm_token_text(as, buffer));
    return false;
}

bool asm_is_word(const struct asm_state *as, const char *word)
{
    return as->token.kind == ASM_NAME && as->token.len_bytes == strlen(word) &&
           memcmp(as->token.at, word, as->token.len_bytes) == 0;
}

void asm_skip_statement(struct asm_state *as)
{
    bool quiet = as->quiet;
    as->quiet = true;
    while (as->token.kind != ASM_END)
        asm_next(as);
    as->quiet = quiet;
    if (peek(as, 0) == '\n') {
        count_line(as);
        as->frame->line_start = true;
    }
    if (peek(as, 0) >= 0)
        as->frame->at++;
    as->statement_done = true;
}
