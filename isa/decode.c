/* SPDX-License-Identifier: MIT */
/* From a 48-bit word to its form and operand values: a walk down the generated decision tree, then
 * the mask, value and operand checks of the one or two forms left. At most one form matches a word.
 */
#include "tables.h"

static bool operand_decodes(enum isa_operand operand, uint64_t word)
{
    const struct isa_operand_info *info = isa_operand_get(operand);
    uint32_t value = isa_field_get(operand, word);
    switch (info->kind) {
    case ISA_KIND_WORK:
    case ISA_KIND_SAFE:
    case ISA_KIND_PAIR: /* an odd pair decodes; only the assembler insists on even ones */
        return value < ISA_WORK_REGISTERS;
    case ISA_KIND_ANY_NZ:
        return value != ISA_WORK_REGISTERS;
    case ISA_KIND_COND:
        return info->decodable_codes >> value & 1;
    default:
        return true;
    }
}

static bool form_matches(enum isa_form form, uint64_t word)
{
    const struct isa_form_info *info = isa_form_get(form);
    if ((word & info->pattern.mask) != info->pattern.value)
        return false;
    if (info->check_rb && (word >> 32 & 3) == 3)
        return false;
    for (unsigned i = 0; i < info->pattern.n_operands; i++)
        if (!operand_decodes((enum isa_operand)info->pattern.operands[i], word))
            return false;
    return true;
}

enum isa_form isa_decode_form(uint64_t word)
{
    unsigned at = 0;
    if (word >> ISA_WORD_BITS)
        return ISA_ILLEGAL;
    while (!(at & 0x8000)) {
        const struct isa_node *node = &isa_decoder.nodes[at];
        at = isa_decoder.edges[node->first + (word >> node->shift & node->mask)];
    }
    const uint16_t *leaf = &isa_decoder.leaves[at & 0x7fff];
    while (*leaf != ISA_FORM_COUNT && !form_matches((enum isa_form) * leaf, word))
        leaf++;
    return (enum isa_form) * leaf;
}

bool isa_decode(uint64_t word, struct isa_insn *out)
{
    enum isa_form form = isa_decode_form(word);
    *out = (struct isa_insn){.form = form, .word = word};
    if (form == ISA_ILLEGAL)
        return false;
    const struct isa_pattern *pattern = &isa_form_get(form)->pattern;
    for (unsigned i = 0; i < pattern->n_operands; i++)
        out->value[i] = isa_field_value((enum isa_operand)pattern->operands[i], word);
    return true;
}

uint64_t isa_encode(const struct isa_pattern *pattern, const int64_t value[ISA_MAX_OPERANDS])
{
    uint64_t word = pattern->value;
    for (unsigned i = 0; i < pattern->n_operands; i++) {
        enum isa_operand operand = (enum isa_operand)pattern->operands[i];
        uint64_t field = isa_field_put(operand, 0, (uint64_t)value[i]);
        word |= field & ~pattern->mask; /* a field may overlap fixed bits */
    }
    return word;
}
