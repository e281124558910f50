/* SPDX-License-Identifier: MIT */
/* Operands against the patterns of a mnemonic, and what to say when none fits. Number and kinds of
 * the operands decide; ranges are looked at only to choose between equals. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "asm.h"

/* Better fits count more: in range, then a condition rather than a symbol of that name, then a
 * plain access rather than a safe one (loads and stores with a constant base). */
enum { OUT_OF_RANGE = -100, IS_CONDITION = 10, IS_SAFE = -1 };

static bool is_immediate(enum isa_kind kind)
{
    return kind >= ISA_KIND_PC16;
}

static bool match_register(enum isa_kind kind, const struct asm_operand *operand, int *score)
{
    enum asm_register_set set = operand->set;
    switch (kind) {
    case ISA_KIND_ZERO:
        return set == ASM_CONST && operand->number == ISA_WORK_REGISTERS;
    case ISA_KIND_WORK:
        return set == ASM_WORK;
    case ISA_KIND_ANY:
        return set == ASM_WORK || set == ASM_CONST;
    case ISA_KIND_ANY_NZ:
        return set == ASM_WORK || (set == ASM_CONST && operand->number != ISA_WORK_REGISTERS);
    case ISA_KIND_CONST:
        return set == ASM_CONST;
    case ISA_KIND_SAFE:
        return set == ASM_SAFE;
    case ISA_KIND_SAFE_ANY:
        if (set == ASM_CONST)
            *score += IS_SAFE;
        return set == ASM_SAFE || set == ASM_CONST;
    default:
        return kind == ISA_KIND_PAIR && set == ASM_PAIR;
    }
}

static bool match_endian(const struct asm_operand *operand, int64_t *value)
{
    *value = strcmp(operand->word, "big") == 0;
    return operand->marked && (*value || strcmp(operand->word, "little") == 0);
}

static bool match_condition(enum isa_cond_class cond_class, const struct asm_operand *operand,
                            int64_t *value, int *score)
{
    *value = operand->word[0] ? isa_cond_find(cond_class, operand->word) : -1;
    *score += *value >= 0 ? IS_CONDITION : 0;
    return *value >= 0;
}

static bool match_immediate(const struct isa_operand_info *info, const struct asm_operand *operand,
                            int64_t *value, int *score)
{
    const struct isa_kind_info *kind = isa_kind_get(info->kind);
    if (!operand->has_expr)
        return false;
    *value = 0;
    if (!operand->constant)
        return info->reloc != ISA_R_NONE;
    *value = operand->expr.number;
    if (*value < kind->lowest || *value > kind->highest)
        *score += OUT_OF_RANGE;
    return true;
}

static bool match_one(const struct isa_operand_info *info, const struct asm_operand *operand,
                      int64_t *value, int *score)
{
    if (info->kind == ISA_KIND_COND)
        return match_condition(info->cond_class, operand, value, score);
    if (info->kind == ISA_KIND_ENDIAN)
        return match_endian(operand, value);
    if (is_immediate(info->kind))
        return match_immediate(info, operand, value, score);
    *value = operand->number;
    return match_register(info->kind, operand, score);
}

unsigned asm_match(const struct isa_pattern *pattern, const struct asm_operands *operands,
                   int64_t values[ISA_MAX_OPERANDS], int *score)
{
    *score = 0;
    unsigned i = 0;
    for (; i < pattern->n_operands && i < operands->count; i++)
        if (!match_one(isa_operand_get(pattern->operands[i]), &operands->list[i], &values[i],
                       score))
            break;
    return i;
}

/* ---- messages ------------------------------------------------------------------------------- */

struct text {
    char data[700];
    size_t len;
};

static void say(struct text *text, const char *format, ...) DPUSIM_PRINTF(2, 3);
static void say(struct text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text->data + text->len, sizeof text->data - text->len, format, args);
    va_end(args);
    if (len > 0)
        text->len += (size_t)len;
    if (text->len >= sizeof text->data)
        text->len = sizeof text->data - 1;
}

static void list_conditions(struct text *text, uint64_t classes)
{
    uint64_t said = 0;
    size_t count;
    const struct isa_cond_code *codes = isa_cond_codes(&count);
    for (size_t i = 0; i < count; i++) {
        if (!(classes >> codes[i].cond_class & 1) || codes[i].role != ISA_CODE_MAIN ||
            (said >> codes[i].cond & 1))
            continue;
        say(text, "%s%s", said ? " " : "", codes[i].spelling);
        said |= (uint64_t)1 << codes[i].cond;
    }
}

/* Kinds (bit set) and condition classes that the candidates which got furthest want at `at`. */
static unsigned furthest(const struct isa_pattern *const *candidates, size_t count,
                         const struct asm_operands *operands, uint64_t *kinds, uint64_t *classes)
{
    unsigned best = 0;
    *kinds = *classes = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t values[ISA_MAX_OPERANDS];
        int score;
        if (candidates[i]->n_operands != operands->count)
            continue;
        unsigned matched = asm_match(candidates[i], operands, values, &score);
        if (matched > best) {
            best = matched;
            *kinds = *classes = 0;
        }
        if (matched == best && matched < candidates[i]->n_operands) {
            const struct isa_operand_info *info = isa_operand_get(candidates[i]->operands[matched]);
            *kinds |= (uint64_t)1 << info->kind;
            if (info->kind == ISA_KIND_COND)
                *classes |= (uint64_t)1 << info->cond_class;
        }
    }
    return best;
}

static void list_wanted(struct text *text, uint64_t kinds, uint64_t classes)
{
    const char *separator = "";
    for (unsigned kind = 0; kind < ISA_KIND_COUNT; kind++) {
        if (!(kinds >> kind & 1) || kind == ISA_KIND_COND)
            continue;
        say(text, "%s%s", separator, isa_kind_get(kind)->text);
        separator = ", or ";
    }
    if (!classes)
        return;
    say(text, "%sone of the conditions ", separator);
    list_conditions(text, classes);
}

static void list_counts(struct text *text, uint64_t counts)
{
    const char *separator = "";
    for (unsigned i = 0; i <= ISA_MAX_OPERANDS; i++) {
        if (!(counts >> i & 1))
            continue;
        say(text, "%s%u", separator, i);
        separator = counts >> (i + 1) >> 1 ? ", " : " or ";
    }
}

static void wrong_count(struct asm_state *as, const struct isa_pattern *const *candidates,
                        size_t count, const struct asm_operands *operands)
{
    struct text text = {.len = 0};
    uint64_t counts = 0;
    for (size_t i = 0; i < count; i++)
        counts |= (uint64_t)1 << candidates[i]->n_operands;
    say(&text, "%s has %zu operand%s here, but it takes ", candidates[0]->mnemonic, operands->count,
        operands->count == 1 ? "" : "s");
    list_counts(&text, counts);
    asm_error_at(as, as->statement, "%s", text.data);
}

static bool some_has_count(const struct isa_pattern *const *candidates, size_t count,
                           size_t n_operands)
{
    for (size_t i = 0; i < count; i++)
        if (candidates[i]->n_operands == n_operands)
            return true;
    return false;
}

void asm_mismatch(struct asm_state *as, const struct isa_pattern *const *candidates, size_t count,
                  const struct asm_operands *operands)
{
    uint64_t kinds, classes;
    struct text text = {.len = 0};
    as->statement_failed = true;
    if (!some_has_count(candidates, count, operands->count)) {
        wrong_count(as, candidates, count, operands);
        return;
    }
    unsigned at = furthest(candidates, count, operands, &kinds, &classes);
    const struct asm_operand *operand = &operands->list[at];
    size_t len = operand->len_bytes;
    while (len && (operand->at[len - 1] == ' ' || operand->at[len - 1] == '\t'))
        len--;
    say(&text, "operand %u of %s is '%.*s'; with %zu operands it must be ", at + 1,
        candidates[0]->mnemonic, len > 60 ? 60 : (int)len, operand->at, operands->count);
    list_wanted(&text, kinds, classes);
    asm_error_at(as, operand->place, "%s", text.data);
}
