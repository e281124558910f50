/* SPDX-License-Identifier: MIT */
/* Instructions: the patterns of a mnemonic through a hash of names, the best fit, its word. */
#include <elf.h>
#include <string.h>

#include "asm.h"
#include "bytes.h"

enum { PATTERNS = ISA_FORM_COUNT + ISA_ALIAS_COUNT, BUCKETS = 1024, LONGEST_MNEMONIC = 31 };

/* Patterns of one mnemonic are a run of sorted[], forms first. */
struct group {
    const char *mnemonic;
    uint32_t first, count, filled;
};

struct asm_index {
    struct group groups[BUCKETS]; /* open addressing */
    const struct isa_pattern *sorted[PATTERNS];
};

_Static_assert(PATTERNS < 2 * BUCKETS, "mnemonics must not fill the hash table");

static const struct isa_pattern *pattern_get(unsigned number)
{
    if (number < ISA_FORM_COUNT)
        return &isa_form_get(number)->pattern;
    return &isa_alias_get(number - ISA_FORM_COUNT)->pattern;
}

static struct group *find_group(struct asm_index *index, const char *mnemonic)
{
    uint32_t hash = 5381;
    for (const char *c = mnemonic; *c; c++)
        hash = hash * 33 + (uint8_t)*c;
    struct group *group = &index->groups[hash % BUCKETS];
    while (group->mnemonic && strcmp(group->mnemonic, mnemonic) != 0)
        group = &index->groups[(size_t)(group - index->groups + 1) % BUCKETS];
    return group;
}

struct asm_index *asm_index_create(struct asm_state *as)
{
    struct asm_index *index = asm_alloc(as, sizeof *index);
    uint32_t first = 0;
    for (unsigned i = 0; i < PATTERNS; i++) {
        struct group *group = find_group(index, pattern_get(i)->mnemonic);
        group->mnemonic = pattern_get(i)->mnemonic;
        group->count++;
    }
    for (unsigned i = 0; i < BUCKETS; i++) {
        index->groups[i].first = first;
        first += index->groups[i].count;
    }
    for (unsigned i = 0; i < PATTERNS; i++) {
        struct group *group = find_group(index, pattern_get(i)->mnemonic);
        index->sorted[group->first + group->filled++] = pattern_get(i);
    }
    return index;
}

static void unknown_mnemonic(struct asm_state *as, const char *mnemonic)
{
    const char *names[BUCKETS];
    size_t count = 0;
    for (unsigned i = 0; i < BUCKETS; i++)
        if (as->index->groups[i].mnemonic)
            names[count++] = as->index->groups[i].mnemonic;
    const char *nearest = isa_nearest(mnemonic, names, count);
    asm_error(as, "'%s' is not an instruction%s%s%s", mnemonic, nearest ? ": do you mean '" : "",
              nearest ? nearest : "", nearest ? "'?" : "");
}

static const struct group *parse_mnemonic(struct asm_state *as)
{
    char name[LONGEST_MNEMONIC + 1] = "", buffer[64];
    if (as->token.kind != ASM_NAME || as->token.len_bytes > LONGEST_MNEMONIC) {
        asm_error(as, "%s found where an instruction, a directive or a label is wanted",
                  asm_token_text(as, buffer));
        return NULL;
    }
    for (size_t i = 0; i < as->token.len_bytes; i++) {
        char c = as->token.at[i];
        name[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    const struct group *group = find_group(as->index, name);
    if (group->mnemonic)
        return group;
    unknown_mnemonic(as, name);
    return NULL;
}

static const struct isa_pattern *best_fit(const struct asm_index *index, const struct group *group,
                                          const struct asm_operands *operands,
                                          int64_t best_values[ISA_MAX_OPERANDS])
{
    const struct isa_pattern *best = NULL;
    int best_score = 0;
    for (uint32_t i = 0; i < group->count; i++) {
        const struct isa_pattern *pattern = index->sorted[group->first + i];
        int64_t values[ISA_MAX_OPERANDS] = {0};
        int score;
        if (pattern->n_operands != operands->count ||
            asm_match(pattern, operands, values, &score) < operands->count ||
            (best && score <= best_score))
            continue;
        best = pattern;
        best_score = score;
        memcpy(best_values, values, sizeof values);
    }
    return best;
}

static bool is_relocated(const struct isa_pattern *pattern, const struct asm_operands *operands,
                         unsigned i)
{
    enum isa_kind kind = isa_operand_get(pattern->operands[i])->kind;
    return kind >= ISA_KIND_PC16 && !operands->list[i].constant;
}

static bool check_ranges(struct asm_state *as, const struct isa_pattern *pattern,
                         const struct asm_operands *operands)
{
    bool good = true;
    for (unsigned i = 0; i < pattern->n_operands; i++)
        if (operands->list[i].constant)
            good &= asm_check_range(as, pattern->operands[i], operands->list[i].expr.number,
                                    operands->list[i].place);
    return good;
}

static void emit(struct asm_state *as, const struct isa_pattern *pattern,
                 const struct asm_operands *operands, const int64_t values[ISA_MAX_OPERANDS])
{
    struct asm_section *section = asm_current(as);
    uint32_t offset_bytes = section->size_bytes;
    if (offset_bytes % ISA_INSN_BYTES != 0) {
        asm_error_at(as, as->statement,
                     "an instruction must be at a multiple of %u bytes, but here is byte %u of %s",
                     ISA_INSN_BYTES, offset_bytes, section->name);
        return;
    }
    if (section->align_bytes < ISA_INSN_BYTES)
        section->align_bytes = ISA_INSN_BYTES;
    asm_lines_insn(as);
    if (section->type == SHT_NOBITS)
        asm_error_statement(as, "an instruction cannot be in section %s: it has no contents",
                            section->name);
    else
        asm_append_value(as, isa_encode(pattern, values), ISA_INSN_BYTES);
    if (as->statement_failed)
        return;
    for (unsigned i = 0; i < pattern->n_operands; i++)
        if (is_relocated(pattern, operands, i))
            asm_fixup_add(as, ASM_FIX_OPERAND, pattern->operands[i], offset_bytes,
                          &operands->list[i].expr, operands->list[i].place);
}

void asm_instruction(struct asm_state *as)
{
    struct asm_operands operands;
    int64_t values[ISA_MAX_OPERANDS];
    const struct group *group = parse_mnemonic(as);
    if (!group)
        return;
    asm_next(as);
    if (!asm_parse_operands(as, &operands))
        return;
    const struct isa_pattern *pattern = best_fit(as->index, group, &operands, values);
    if (!pattern)
        asm_mismatch(as, &as->index->sorted[group->first], group->count, &operands);
    else if (check_ranges(as, pattern, &operands))
        emit(as, pattern, &operands, values);
}
