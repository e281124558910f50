/* SPDX-License-Identifier: MIT */
/* Operands as they are written: registers, marked words (!little, !z), names, expressions. What a
 * name means (condition or symbol) is decided when a pattern asks. Spellings: documented, vendor's
 * assembler: work registers and pairs in either case of the letter, constant registers all lower or
 * all upper case, safe registers lower case only. */
#include <string.h>

#include "asm.h"

/* Decimal number of one or two digits without a needless zero, or -1. */
static int short_number(const char *digits, size_t count)
{
    if (count < 1 || count > 2 || (count == 2 && digits[0] == '0'))
        return -1;
    int number = 0;
    for (size_t i = 0; i < count; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return -1;
        number = number * 10 + digits[i] - '0';
    }
    return number;
}

static bool equal_either_case(const char *lower, const char *name, size_t len_bytes)
{
    if (strlen(lower) != len_bytes)
        return false;
    if (memcmp(lower, name, len_bytes) == 0)
        return true;
    for (size_t i = 0; i < len_bytes; i++) {
        char upper = lower[i] >= 'a' && lower[i] <= 'z' ? (char)(lower[i] - 'a' + 'A') : lower[i];
        if (name[i] != upper)
            return false;
    }
    return true;
}

enum asm_register_set asm_find_register(const char *name, size_t len_bytes, unsigned *number)
{
    if (len_bytes < 2 || len_bytes > 4)
        return ASM_NO_REGISTER;
    int n = short_number(name + 1, len_bytes - 1);
    if (n >= 0 && n < (int)ISA_WORK_REGISTERS) {
        *number = (unsigned)n;
        if (name[0] == 'r' || name[0] == 'R')
            return ASM_WORK;
        if ((name[0] == 'd' || name[0] == 'D') && n % 2 == 0)
            return ASM_PAIR;
        if (name[0] == 's')
            return ASM_SAFE;
    }
    for (unsigned i = ISA_WORK_REGISTERS; i < ISA_REGISTERS; i++)
        if (equal_either_case(isa_register_name(i), name, len_bytes)) {
            *number = i;
            return ASM_CONST;
        }
    return ASM_NO_REGISTER;
}

/* After a single name: the operand ends here. */
static bool at_end(const struct asm_state *as)
{
    return as->token.kind == ASM_END || asm_is_punct(as, ',');
}

/* The state of the reader, to look one token ahead and come back. */
struct mark {
    const char *at;
    uint32_t line;
    struct asm_token token;
};

static struct mark mark_here(const struct asm_state *as)
{
    return (struct mark){as->frame->at, as->frame->line, as->token};
}

static void go_back(struct asm_state *as, const struct mark *mark)
{
    as->frame->at = mark->at;
    as->frame->line = mark->line;
    as->token = mark->token;
}

/* A single name, perhaps marked; fills word and register. False: something else stands here. */
static bool parse_word(struct asm_state *as, struct asm_operand *out)
{
    struct mark mark = mark_here(as);
    bool percent = asm_is_punct(as, '%');
    if (percent || asm_is_punct(as, '!') || asm_is_punct(as, '?')) {
        out->marked = !percent;
        asm_next(as);
    }
    struct asm_token name = as->token;
    if (name.kind == ASM_NAME) {
        asm_next(as);
        if (at_end(as)) {
            if (!out->marked)
                out->set = asm_find_register(name.at, name.len_bytes, &out->number);
            if (name.len_bytes < sizeof out->word)
                memcpy(out->word, name.at, name.len_bytes);
            if (out->set != ASM_NO_REGISTER || out->marked)
                return true;
        }
    }
    go_back(as, &mark);
    out->marked = false;
    return false;
}

static bool no_such_register(struct asm_state *as)
{
    char buffer[64];
    asm_next(as);
    asm_error(as,
              "%s is not a register: there are r0..r23, d0, d2, .. d22, s0..s23, zero, one, "
              "lneg, mneg, id, id2, id4 and id8",
              asm_token_text(as, buffer));
    return false;
}

static bool parse_operand(struct asm_state *as, struct asm_operand *out)
{
    struct mark mark = mark_here(as);
    out->place = asm_token_place(as);
    out->at = as->token.at;
    bool is_word = parse_word(as, out);
    if (out->set != ASM_NO_REGISTER) {
        out->len_bytes = (size_t)(as->token.at - out->at);
        return true;
    }
    /* A marked name is a condition or !little; `!symbol` is possible where there is the symbol. */
    if (is_word && out->word[0] && !asm_symbol_find(as, out->word, strlen(out->word)))
        return true;
    if (is_word)
        go_back(as, &mark);
    if (asm_is_punct(as, '%'))
        return no_such_register(as);
    if (!asm_parse_expr(as, &out->expr))
        return false;
    out->has_expr = true;
    out->constant = out->expr.kind == ASM_CONSTANT;
    return true;
}

bool asm_parse_operands(struct asm_state *as, struct asm_operands *out)
{
    char buffer[64];
    out->count = 0;
    if (as->token.kind == ASM_END)
        return true;
    do {
        if (out->count > ISA_MAX_OPERANDS) {
            asm_error(as, "no instruction has more than %d operands", ISA_MAX_OPERANDS);
            return false;
        }
        struct asm_operand *operand = &out->list[out->count++];
        memset(operand, 0, sizeof *operand);
        if (!parse_operand(as, operand))
            return false;
        operand->len_bytes = (size_t)(as->token.at - operand->at);
    } while (asm_accept(as, ','));
    if (as->token.kind == ASM_END)
        return true;
    asm_error(as, "%s found behind an operand, where a comma or the end of the line is wanted",
              asm_token_text(as, buffer));
    return false;
}
