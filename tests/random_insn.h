/* SPDX-License-Identifier: MIT */
/* Random instructions for programs of PROGRAM_INSNS words: jumps stay inside, accesses go through
 * registers that hold addresses. Include after check.h. */
#ifndef RANDOM_INSN_H
#define RANDOM_INSN_H

#include "sim_help.h"

enum { PROGRAM_INSNS = 160, FIRST_BASE = 20 };

/* A form, with one condition or any, writing over its first source or not. */
enum { ANY = -1 };
struct choice {
    enum isa_form form;
    int cond;
    bool same;
};

/* Raw code of a condition in an operand's class; any decodable one when it may be any. */
static inline int64_t code_of(const struct isa_operand_info *info, int cond, uint64_t *state)
{
    unsigned code = (unsigned)random_next(state) % 64, first = code;
    while (!(info->decodable_codes >> code & 1) ||
           (cond != ANY && isa_cond_of(info->cond_class, code) != (enum isa_cond)cond)) {
        code = (code + 1) % 64;
        EXPECT(code != first, "class %d has no condition %d", info->cond_class, cond);
    }
    return code;
}

/* r20..r23 hold addresses and are never written; loads, stores and DMA go through them, but for a
 * few that go wild. */
static inline int64_t random_register(const struct isa_operand_info *info, bool is_base,
                                      uint64_t *state)
{
    bool is_destination = info->name[1] == 'c';
    uint64_t number = random_next(state);
    if (info->kind == ISA_KIND_PAIR)
        return (int64_t)(number % (FIRST_BASE / 2) * 2);
    if (is_base && number % 64)
        return FIRST_BASE + (int64_t)(number / 64 % 4);
    if (is_destination || info->kind == ISA_KIND_WORK || info->kind == ISA_KIND_SAFE)
        return (int64_t)(number % FIRST_BASE);
    return (int64_t)(number % (info->kind == ISA_KIND_ANY_NZ ? 24 : 32));
}

static inline int64_t random_operand(const struct isa_operand_info *info, const struct choice *row,
                                     bool is_access, uint64_t *state)
{
    switch (info->kind) {
    case ISA_KIND_COND:
        return code_of(info, row->cond, state);
    case ISA_KIND_PC16:
    case ISA_KIND_PC24:
    case ISA_KIND_PC28:
        return (int64_t)(random_next(state) % PROGRAM_INSNS);
    case ISA_KIND_ENDIAN:
        return random_next(state) % 4 == 0;
    case ISA_KIND_WORK:
    case ISA_KIND_ANY:
    case ISA_KIND_ANY_NZ:
    case ISA_KIND_SAFE:
    case ISA_KIND_SAFE_ANY:
    case ISA_KIND_PAIR:
        return random_register(info, is_access, state);
    case ISA_KIND_CONST:
        return 24 + (int64_t)(random_next(state) % 8);
    default:
        if (is_access && strcmp(info->name, "off") == 0 && random_next(state) % 64)
            return (int64_t)(random_next(state) % 64 * 8);
        return (int32_t)random_value(state);
    }
}

static inline bool is_family(enum isa_form form, const char *family)
{
    return strncmp(isa_op_get(isa_form_get(form)->op)->family, family, strlen(family)) == 0;
}

/* An access when its operands are addresses: ra, and rb of DMA. */
static inline bool is_access(enum isa_form form)
{
    return is_family(form, "load") || is_family(form, "store") || is_family(form, "dma");
}

static inline uint64_t random_word(const struct choice *row, uint64_t *state)
{
    const struct isa_pattern *pattern = &isa_form_get(row->form)->pattern;
    int64_t value[ISA_MAX_OPERANDS] = {0};
    for (unsigned i = 0; i < pattern->n_operands; i++) {
        const struct isa_operand_info *info =
            isa_operand_get((enum isa_operand)pattern->operands[i]);
        bool data = info->name[1] == 'c' || (info->name[1] == 'b' && !is_family(row->form, "dma"));
        bool address = is_access(row->form) && !data;
        value[i] = random_operand(info, row, address, state);
    }
    if (row->same)
        value[2] = value[0];
    return isa_encode(pattern, value);
}

#endif
