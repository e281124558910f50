/* SPDX-License-Identifier: MIT */
/* Expressions: values. A value is a number, plus at most one place, minus at most one; two places
 * of one section cancel. All arithmetic wraps at 64 bits. */
#include <elf.h>

#include "asm.h"

enum { MOST_STEPS = 200000 };

static uint64_t shift(int op, uint64_t left, uint64_t count)
{
    if (count > 63)
        return 0;
    return op == ASM_TWO('<', '<') ? left << count : left >> count;
}

static int64_t divide(int op, int64_t left, int64_t right)
{
    if (right == -1)
        return op == '/' ? (int64_t)(0 - (uint64_t)left) : 0;
    return op == '/' ? left / right : left % right;
}

bool asm_fold(int op, int64_t left, int64_t right, int64_t *out)
{
    uint64_t a = (uint64_t)left, b = (uint64_t)right;
    switch (op) {
    case '+':
        return *out = (int64_t)(a + b), true;
    case '-':
        return *out = (int64_t)(a - b), true;
    case '*':
        return *out = (int64_t)(a * b), true;
    case '/':
    case '%':
        return right != 0 && (*out = divide(op, left, right), true);
    case '&':
        return *out = left & right, true;
    case '|':
        return *out = left | right, true;
    case '^':
        return *out = left ^ right, true;
    case ASM_TWO('<', '<'):
    case ASM_TWO('>', '>'):
        return *out = (int64_t)shift(op, a, b), true;
    case ASM_TWO('&', '&'):
        return *out = left && right, true;
    case ASM_TWO('|', '|'):
        return *out = left || right, true;
    case ASM_TWO('=', '='):
        return *out = left == right, true;
    case ASM_TWO('!', '='):
    case ASM_TWO('<', '>'):
        return *out = left != right, true;
    case '<':
        return *out = left < right, true;
    case '>':
        return *out = left > right, true;
    case ASM_TWO('<', '='):
        return *out = left <= right, true;
    default: /* >= */
        return *out = left >= right, true;
    }
}

bool asm_value_is_absolute(const struct asm_value *value)
{
    return value->plus.kind == ASM_CONSTANT && value->minus.kind == ASM_CONSTANT;
}

static struct asm_value number_value(int64_t number)
{
    return (struct asm_value){number, asm_constant(0), asm_constant(0)};
}

/* Section and offset of a place that is defined by now. */
static bool locate(const struct asm_expr *place, int32_t *section, int64_t *offset)
{
    if (place->kind == ASM_HERE) {
        *section = place->op;
        *offset = place->number;
        return true;
    }
    if (place->symbol->kind != ASM_LABEL)
        return false;
    *section = place->symbol->section;
    *offset = place->symbol->offset_bytes;
    return true;
}

/* Lets plus and minus of the value cancel if they are places of one section. */
static void cancel(struct asm_value *value)
{
    int32_t section[2];
    int64_t offset[2];
    if (value->plus.kind == ASM_CONSTANT || value->minus.kind == ASM_CONSTANT)
        return;
    if (value->plus.kind == ASM_SYMBOL && value->minus.kind == ASM_SYMBOL &&
        value->plus.symbol == value->minus.symbol) {
        value->plus = value->minus = asm_constant(0);
        return;
    }
    if (!locate(&value->plus, &section[0], &offset[0]) ||
        !locate(&value->minus, &section[1], &offset[1]) || section[0] != section[1])
        return;
    value->number = (int64_t)((uint64_t)value->number + (uint64_t)(offset[0] - offset[1]));
    value->plus = value->minus = asm_constant(0);
}

/* left += sign * right; false when two places would remain on one side. */
static bool add(struct asm_value *left, const struct asm_value *right, bool negate)
{
    const struct asm_expr *plus = negate ? &right->minus : &right->plus;
    const struct asm_expr *minus = negate ? &right->plus : &right->minus;
    uint64_t number = (uint64_t)right->number;
    left->number = (int64_t)((uint64_t)left->number + (negate ? 0 - number : number));
    if (minus->kind != ASM_CONSTANT) {
        if (left->minus.kind != ASM_CONSTANT)
            return false;
        left->minus = *minus;
        cancel(left);
    }
    if (plus->kind != ASM_CONSTANT) {
        if (left->plus.kind != ASM_CONSTANT)
            return false;
        left->plus = *plus;
        cancel(left);
    }
    return true;
}

static bool is_comparison(int op)
{
    return op == '<' || op == '>' || op == ASM_TWO('=', '=') || op == ASM_TWO('!', '=') ||
           op == ASM_TWO('<', '>') || op == ASM_TWO('<', '=') || op == ASM_TWO('>', '=');
}

static bool undefined_place(const struct asm_expr *place)
{
    return place->kind == ASM_SYMBOL && place->symbol->kind != ASM_LABEL;
}

static enum asm_known not_numbers(const struct asm_value *value, bool final, const char **why)
{
    if (!final && (undefined_place(&value->plus) || undefined_place(&value->minus)))
        return ASM_NOT_YET;
    *why =
        "this operator needs numbers; addresses can only be added to numbers, or subtracted from "
        "addresses of the same section";
    return ASM_WRONG;
}

static enum asm_known combine(int op, struct asm_value *left, struct asm_value *right, bool final,
                              struct asm_value *out, const char **why)
{
    if (op == '+' || op == '-') {
        struct asm_value sum = *left;
        if (!add(&sum, right, op == '-'))
            return not_numbers(
                undefined_place(&left->plus) || undefined_place(&left->minus) ? left : right, final,
                why);
        *out = sum;
        return ASM_KNOWN;
    }
    if (is_comparison(op)) {
        struct asm_value difference = *left;
        if (add(&difference, right, true) && asm_value_is_absolute(&difference) &&
            !asm_value_is_absolute(left)) {
            *left = difference;
            *right = number_value(0);
        }
    }
    if (!asm_value_is_absolute(left))
        return not_numbers(left, final, why);
    if (!asm_value_is_absolute(right))
        return not_numbers(right, final, why);
    *out = number_value(0);
    if (asm_fold(op, left->number, right->number, &out->number))
        return ASM_KNOWN;
    *why = "division by zero";
    return ASM_WRONG;
}

static enum asm_known eval(struct asm_state *as, const struct asm_expr *expr, bool final,
                           struct asm_value *out, const char **why, unsigned depth);

static enum asm_known eval_symbol(struct asm_state *as, const struct asm_expr *expr, bool final,
                                  struct asm_value *out, const char **why, unsigned depth)
{
    const struct asm_symbol *symbol = expr->symbol;
    if (symbol->kind == ASM_VARIABLE && symbol->binding != STB_WEAK)
        return eval(as, &symbol->expr, final, out, why, depth + 1);
    *out = number_value(0);
    out->plus = *expr;
    return ASM_KNOWN;
}

static enum asm_known eval_unary(struct asm_state *as, const struct asm_expr *expr, bool final,
                                 struct asm_value *out, const char **why, unsigned depth)
{
    struct asm_value operand;
    enum asm_known known = eval(as, expr->operands, final, &operand, why, depth + 1);
    if (known != ASM_KNOWN)
        return known;
    *out = number_value(0);
    if (expr->op == '-')
        return add(out, &operand, true) ? ASM_KNOWN : not_numbers(&operand, final, why);
    if (!asm_value_is_absolute(&operand))
        return not_numbers(&operand, final, why);
    out->number = expr->op == '~' ? ~operand.number : !operand.number;
    return ASM_KNOWN;
}

static enum asm_known eval(struct asm_state *as, const struct asm_expr *expr, bool final,
                           struct asm_value *out, const char **why, unsigned depth)
{
    enum { DEEPEST = 2000 };
    if (depth > DEEPEST || as->eval_steps++ > MOST_STEPS) {
        *why = "expression is too long, or a symbol is defined by itself";
        return ASM_WRONG;
    }
    struct asm_value left, right;
    enum asm_known known;
    switch ((enum asm_expr_kind)expr->kind) {
    case ASM_CONSTANT:
        *out = number_value(expr->number);
        return ASM_KNOWN;
    case ASM_HERE:
        *out = number_value(0);
        out->plus = *expr;
        return ASM_KNOWN;
    case ASM_SYMBOL:
        return eval_symbol(as, expr, final, out, why, depth);
    case ASM_UNARY:
        return eval_unary(as, expr, final, out, why, depth);
    case ASM_BINARY:
        break;
    }
    known = eval(as, &expr->operands[0], final, &left, why, depth + 1);
    if (known == ASM_KNOWN)
        known = eval(as, &expr->operands[1], final, &right, why, depth + 1);
    return known == ASM_KNOWN ? combine(expr->op, &left, &right, final, out, why) : known;
}

enum asm_known asm_eval(struct asm_state *as, const struct asm_expr *expr, bool final,
                        struct asm_value *out, const char **why)
{
    as->eval_steps = 0;
    return eval(as, expr, final, out, why, 0);
}
