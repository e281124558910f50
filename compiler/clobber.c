/* SPDX-License-Identifier: MIT */
/* Register names in the clobber list of inline assembly. The front end does not know the DPU's
 * registers, so "r8" leaves the list and `//@clobber r8` joins the template, where dpu-cg reads it.
 * Works on C text; strings, comments and nested parentheses are read as the language does. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"

struct text {
    char *data;
    size_t len, capacity;
};

static void append(struct text *t, const char *from, size_t len)
{
    if (t->len + len + 1 > t->capacity) {
        t->capacity = (t->len + len + 1) * 2;
        t->data = realloc(t->data, t->capacity);
        if (!t->data)
            abort();
    }
    memcpy(t->data + t->len, from, len);
    t->len += len;
    t->data[t->len] = 0;
}

/* Behind a string, character constant or comment that begins here; else p. */
static const char *skip_opaque(const char *p, const char *end)
{
    if (*p == '"' || *p == '\'') {
        char quote = *p;
        for (p++; p < end && *p != quote; p++)
            if (*p == '\\' && p + 1 < end)
                p++;
        return p < end ? p + 1 : end;
    }
    if (*p == '/' && p + 1 < end && p[1] == '/') {
        while (p < end && *p != '\n')
            p++;
        return p;
    }
    if (*p == '/' && p + 1 < end && p[1] == '*') {
        const char *close = memmem(p + 2, (size_t)(end - p - 2), "*/", 2);
        return close ? close + 2 : end;
    }
    return p;
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static bool is_asm(const char *p, const char *end, const char *start)
{
    static const char *const names[] = {"__asm__", "__asm", "asm"};
    if (p > start && is_word(p[-1]))
        return false;
    for (size_t i = 0; i < 3; i++) {
        size_t len = strlen(names[i]);
        if ((size_t)(end - p) > len && memcmp(p, names[i], len) == 0 && !is_word(p[len]))
            return true;
    }
    return false;
}

/* The parts of a statement: template up to the first colon, the fourth part is the clobber list. */
struct statement {
    const char *open, *colon[4], *close;
    unsigned n_colons;
};

static bool read_statement(const char *p, const char *end, struct statement *st)
{
    unsigned depth = 0;
    memset(st, 0, sizeof *st);
    while (p < end && *p != '(' && *p != ';' && *p != '{')
        p++;
    if (p == end || *p != '(')
        return false;
    st->open = p;
    while (p < end) {
        const char *behind = skip_opaque(p, end);
        if (behind != p) {
            p = behind;
            continue;
        }
        if (*p == '(' || *p == '[' || *p == '{')
            depth++;
        else if (*p == ')' || *p == ']' || *p == '}') {
            if (--depth == 0) {
                st->close = p;
                return true;
            }
        } else if (*p == ':' && depth == 1 && st->n_colons < 4)
            st->colon[st->n_colons++] = p;
        p++;
    }
    return false;
}

static bool is_register_name(const char *p, size_t len)
{
    if (len < 2 || len > 3 || !strchr("rRdD", *p))
        return false;
    for (size_t i = 1; i < len; i++)
        if (!isdigit((unsigned char)p[i]))
            return false;
    return true;
}

/* Splits the list into what stays and the registers. */
static bool split_list(const char *p, const char *end, struct text *stays, struct text *registers)
{
    bool found = false;
    while (p < end) {
        if (*p != '"') {
            p++;
            continue;
        }
        const char *behind = skip_opaque(p, end);
        size_t len = (size_t)(behind - p) - 2;
        if (is_register_name(p + 1, len)) {
            found = true;
            char first = (char)tolower((unsigned char)p[1]);
            append(registers, " ", 1);
            append(registers, &first, 1);
            append(registers, p + 2, len - 1);
        } else {
            append(stays, stays->len ? ", " : " ", stays->len ? 2 : 1);
            append(stays, p, (size_t)(behind - p));
        }
        p = behind;
    }
    return found;
}

/* Template, note, then the constraints without registers. Lines stay where they are. */
static bool rewrite_statement(const struct statement *st, struct text *out, const char *from)
{
    struct text stays = {0}, registers = {0};
    bool found = st->n_colons >= 3 && split_list(st->colon[2] + 1, st->close, &stays, &registers);
    if (found) {
        append(out, from, (size_t)(st->colon[0] - from));
        append(out, " \" //@clobber", 13);
        append(out, registers.data, registers.len);
        append(out, "\\n\" ", 4);
        append(out, st->colon[0], (size_t)(st->colon[2] - st->colon[0]));
        if (stays.len) {
            append(out, ":", 1);
            append(out, stays.data, stays.len);
        }
        for (const char *p = st->colon[2]; p < st->close; p++)
            if (*p == '\n')
                append(out, "\n", 1);
    }
    free(stays.data);
    free(registers.data);
    return found;
}

char *clobber_rewrite(const char *text, size_t len)
{
    const char *end = text + len, *copied = text;
    struct text out = {0};
    bool changed = false;
    for (const char *p = text; p < end;) {
        const char *behind = skip_opaque(p, end);
        if (behind != p) {
            p = behind;
            continue;
        }
        struct statement st;
        if (*p != '_' && *p != 'a') {
            p++;
            continue;
        }
        if (!is_asm(p, end, text) || !read_statement(p, end, &st)) {
            p++;
            continue;
        }
        if (rewrite_statement(&st, &out, copied)) {
            changed = true;
            copied = st.close;
        }
        p = st.close;
    }
    if (!changed) {
        free(out.data);
        return NULL;
    }
    append(&out, copied, (size_t)(end - copied));
    return out.data;
}
