/* SPDX-License-Identifier: MIT */
/* Numbers of the command line: expressions of integers as #if takes them, with the macros of -D, so
 * that -DNR_TASKLETS=(CORES*2) means the same to the linker as to the source. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"

enum { DEEPEST_MACRO = 16, LOWEST = 1 };

struct reader {
    const struct driver *d;
    const char *at;
    unsigned depth; /* of macros in macros */
    bool ok;
};

static int64_t read_binary(struct reader *r, unsigned lowest);

static void skip_blanks(struct reader *r)
{
    r->at += strspn(r->at, " \t");
}

/* The last definition counts, as for the preprocessor. */
static const char *macro(const struct driver *d, const char *name, size_t len)
{
    for (size_t i = d->defines.count; i-- > 0;) {
        const char *item = d->defines.items[i];
        if (strncmp(item, name, len) == 0 && (item[len] == '=' || !item[len]))
            return item[len] ? item + len + 1 : "1";
    }
    return NULL;
}

static int64_t read_name(struct reader *r)
{
    size_t len = 0;
    while (isalnum((unsigned char)r->at[len]) || r->at[len] == '_')
        len++;
    const char *text = macro(r->d, r->at, len);
    struct reader inner = {r->d, text, r->depth + 1, text && r->depth < DEEPEST_MACRO};
    r->at += len;
    int64_t value = inner.ok ? read_binary(&inner, LOWEST) : 0;
    r->ok = r->ok && inner.ok && !*inner.at;
    return value;
}

static int64_t read_unit(struct reader *r)
{
    skip_blanks(r);
    char c = *r->at;
    if (c == '(') {
        r->at++;
        int64_t value = read_binary(r, LOWEST);
        r->ok = r->ok && *r->at == ')';
        r->at += r->ok;
        skip_blanks(r);
        return value;
    }
    if (c == '-' || c == '+' || c == '~') {
        r->at++;
        int64_t value = read_unit(r);
        return c == '-' ? (int64_t) - (uint64_t)value : c == '~' ? ~value : value;
    }
    if (!isdigit((unsigned char)c)) {
        r->ok = r->ok && (isalpha((unsigned char)c) || c == '_');
        return r->ok ? read_name(r) : 0;
    }
    char *end;
    errno = 0;
    uint64_t value = strtoull(r->at, &end, 0);
    r->ok = r->ok && !errno;
    r->at = end + strspn(end, "uUlL");
    skip_blanks(r);
    return (int64_t)value;
}

struct binary {
    const char *text;
    unsigned binds;
};

static const struct binary *operator_at(const struct reader *r)
{
    static const struct binary operators[] = {{"|", 1}, {"^", 2}, {"&", 3}, {"<<", 4}, {">>", 4},
                                              {"+", 5}, {"-", 5}, {"*", 6}, {"/", 6},  {"%", 6}};
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (strncmp(r->at, operators[i].text, strlen(operators[i].text)) == 0)
            return &operators[i];
    return NULL;
}

static int64_t apply(struct reader *r, char sign, int64_t left, int64_t right)
{
    uint64_t a = (uint64_t)left, b = (uint64_t)right;
    bool divides = sign == '/' || sign == '%';
    if ((divides && (right <= 0 || left < 0)) || (strchr("<>", sign) && b > 31)) {
        r->ok = false;
        return 0;
    }
    switch (sign) {
    case '|':
        return left | right;
    case '^':
        return left ^ right;
    case '&':
        return left & right;
    case '<':
        return (int64_t)(a << b);
    case '>':
        return left >> right;
    case '+':
        return (int64_t)(a + b);
    case '-':
        return (int64_t)(a - b);
    case '*':
        return (int64_t)(a * b);
    case '/':
        return left / right;
    default:
        return left % right;
    }
}

/* Operators that bind at least as tightly as `lowest`; all of them group from the left. */
static int64_t read_binary(struct reader *r, unsigned lowest)
{
    int64_t left = read_unit(r);
    skip_blanks(r);
    for (const struct binary *op; r->ok && (op = operator_at(r)) && op->binds >= lowest;) {
        r->at += strlen(op->text);
        left = apply(r, op->text[0], left, read_binary(r, op->binds + 1));
    }
    return left;
}

bool driver_number(const struct driver *d, const char *text, uint32_t *out)
{
    struct reader r = {d, text, 0, true};
    int64_t value = read_binary(&r, LOWEST);
    if (!r.ok || *r.at || value < 0 || value > UINT32_MAX)
        return false;
    *out = (uint32_t)value;
    return true;
}
