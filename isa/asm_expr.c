/* SPDX-License-Identifier: MIT */
/* Expressions: parsing. Precedence as in GNU as, loosest first: ||, &&, comparisons, + -, | ^ &,
 * * / % << >>. What is a number already is folded, so that constants cost no memory. Division is
 * signed, >> shifts in zeros, a true comparison is 1. */
#include <elf.h>
#include <string.h>

#include "asm.h"

enum { MOST_DEPTH = 1000 };

struct parser {
    struct asm_state *as;
    unsigned nesting;
};

/* An operator, and where it stands. */
struct operation {
    int punct;
    struct asm_place place;
};

struct asm_expr asm_constant(int64_t number)
{
    return (struct asm_expr){.kind = ASM_CONSTANT, .number = number};
}

struct asm_expr asm_here(const struct asm_state *as)
{
    return (struct asm_expr){.kind = ASM_HERE,
                             .op = (int32_t)as->section,
                             .number = as->sections[as->section].size_bytes};
}

static struct operation here(const struct asm_state *as)
{
    int punct = as->token.kind == ASM_PUNCT ? as->token.punct : 0;
    return (struct operation){punct, asm_token_place(as)};
}

static int precedence(const struct asm_state *as)
{
    if (as->token.kind != ASM_PUNCT)
        return 0;
    switch (as->token.punct) {
    case ASM_TWO('|', '|'):
        return 1;
    case ASM_TWO('&', '&'):
        return 2;
    case ASM_TWO('=', '='):
    case ASM_TWO('!', '='):
    case ASM_TWO('<', '>'):
    case ASM_TWO('<', '='):
    case ASM_TWO('>', '='):
    case '<':
    case '>':
        return 3;
    case '+':
    case '-':
        return 4;
    case '|':
    case '^':
    case '&':
        return 5;
    case '*':
    case '/':
    case '%':
    case ASM_TWO('<', '<'):
    case ASM_TWO('>', '>'):
        return 6;
    default:
        return 0;
    }
}

/* Joins one or two operands: a number if both are known by now, else a node. */
static bool join(struct asm_state *as, const struct operation *operation,
                 const struct asm_expr *operands, unsigned count, struct asm_expr *out)
{
    unsigned depth = operands[0].depth;
    if (count == 2 && operands[1].depth > depth)
        depth = operands[1].depth;
    if (depth >= MOST_DEPTH) {
        asm_error(as, "expression has more than %d operators on symbols", MOST_DEPTH);
        return false;
    }
    struct asm_expr expr = {.kind = count == 1 ? ASM_UNARY : ASM_BINARY,
                            .depth = (uint16_t)(depth + 1),
                            .op = operation->punct,
                            .operands = operands};
    struct asm_value value;
    const char *why;
    enum asm_known known = asm_eval(as, &expr, false, &value, &why);
    if (known == ASM_WRONG) {
        asm_error_at(as, operation->place, "%s", why);
        as->statement_failed = true;
        return false;
    }
    if (known == ASM_KNOWN && asm_value_is_absolute(&value)) {
        *out = asm_constant(value.number);
        return true;
    }
    struct asm_expr *copy = asm_alloc(as, count * sizeof *copy);
    memcpy(copy, operands, count * sizeof *copy);
    expr.operands = copy;
    *out = expr;
    return true;
}

static bool parse_binary(struct parser *parser, int least, struct asm_expr *out);

static bool parse_name(struct asm_state *as, struct asm_expr *out)
{
    if (as->token.kind == ASM_NAME && as->token.len_bytes == 1 && *as->token.at == '.') {
        *out = asm_here(as);
        asm_next(as);
        return true;
    }
    struct asm_symbol *symbol = asm_parse_symbol(as);
    if (!symbol)
        return false;
    *out = (struct asm_expr){.kind = ASM_SYMBOL, .symbol = symbol};
    if (symbol->kind == ASM_VARIABLE && symbol->binding != STB_WEAK)
        *out = symbol->expr; /* its value now, whatever it becomes later */
    return true;
}

static bool parse_parenthesis(struct parser *parser, struct asm_expr *out)
{
    struct asm_state *as = parser->as;
    char buffer[64];
    asm_next(as);
    if (!parse_binary(parser, 1, out))
        return false;
    if (asm_accept(as, ')'))
        return true;
    asm_error(as, "%s found where ')' is wanted", asm_token_text(as, buffer));
    return false;
}

static bool parse_primary(struct parser *parser, struct asm_expr *out)
{
    struct asm_state *as = parser->as;
    char buffer[64];
    switch (as->token.kind) {
    case ASM_NUMBER:
        *out = asm_constant((int64_t)as->token.number);
        asm_next(as);
        return true;
    case ASM_LOCAL:
        *out = (struct asm_expr){.kind = ASM_SYMBOL};
        out->symbol = asm_local_symbol(as, as->token.number, as->token.punct == 'f');
        asm_next(as);
        return out->symbol != NULL;
    case ASM_NAME:
    case ASM_QUOTED:
        return parse_name(as, out);
    default:
        if (asm_is_punct(as, '('))
            return parse_parenthesis(parser, out);
        asm_error(as, "%s found where a value is wanted", asm_token_text(as, buffer));
        return false;
    }
}

static bool parse_unary(struct parser *parser, struct asm_expr *out)
{
    struct asm_state *as = parser->as;
    struct operation operation = here(as);
    int op = operation.punct;
    if (parser->nesting >= ASM_MAX_NESTING) {
        asm_error(as, "expression is nested more than %d deep", ASM_MAX_NESTING);
        return false;
    }
    parser->nesting++;
    bool good;
    if (op == '-' || op == '~' || op == '!' || op == '+') {
        struct asm_expr operand;
        asm_next(as);
        good = parse_unary(parser, &operand) &&
               (op == '+' ? (*out = operand, true) : join(as, &operation, &operand, 1, out));
    } else {
        good = parse_primary(parser, out);
    }
    parser->nesting--;
    return good;
}

static bool parse_binary(struct parser *parser, int least, struct asm_expr *out)
{
    struct asm_expr pair[2];
    if (!parse_unary(parser, &pair[0]))
        return false;
    for (int level; (level = precedence(parser->as)) >= least && level > 0;) {
        struct operation operation = here(parser->as);
        asm_next(parser->as);
        if (!parse_binary(parser, level + 1, &pair[1]) ||
            !join(parser->as, &operation, pair, 2, &pair[0]))
            return false;
    }
    *out = pair[0];
    return true;
}

bool asm_parse_expr(struct asm_state *as, struct asm_expr *out)
{
    struct parser parser = {.as = as};
    return parse_binary(&parser, 1, out);
}

bool asm_parse_absolute(struct asm_state *as, int64_t *out)
{
    struct asm_expr expr;
    struct asm_place place = asm_token_place(as);
    if (!asm_parse_expr(as, &expr))
        return false;
    struct asm_value value;
    const char *why = "value must be a number known at this point";
    enum asm_known known = asm_eval(as, &expr, false, &value, &why);
    if (known == ASM_KNOWN && asm_value_is_absolute(&value)) {
        *out = value.number;
        return true;
    }
    if (!as->statement_failed)
        asm_error_at(as, place, "%s", why);
    as->statement_failed = true;
    return false;
}
