/* SPDX-License-Identifier: MIT */
/* The device's calling convention; see call_abi.h. */
#include <stdio.h>
#include <string.h>

#include "call_abi.h"

enum { ARGUMENT_REGISTERS = 8 };

/* ---- signatures ------------------------------------------------------------------------------ */

bool sim_is_wide(char letter)
{
    return letter == 'l' || letter == 'L' || letter == 'd';
}

enum dpusim_status sim_signature_parse(struct sim_signature *out, const char *text,
                                       struct isa_diag *diag)
{
    static const char letters[] = "bBhHiulLfdp";
    const char *at = text;
    bool variable = false;
    *out = (struct sim_signature){.result = *at};
    if ((*at == 'v' || (*at && strchr(letters, *at))) && *++at == '(') {
        for (at++; *at && *at != ')' && out->n < SIM_MAX_ARGUMENTS; at++) {
            if (*at == '.' && !variable)
                variable = true;
            else if (strchr(letters, *at))
                out->argument[out->n++] = *at;
            else
                break;
            out->n_fixed += !variable;
        }
        if (at[0] == ')' && !at[1])
            return DPUSIM_OK;
    }
    return isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                    "signature \"%.60s\": wanted the result's letter and those of at most %d "
                    "arguments, as \"i(pu)\": v b B h H i u l L f d p; what follows a dot is "
                    "variable",
                    text, SIM_MAX_ARGUMENTS);
}

static char letter_of(const struct isa_type *type)
{
    const struct isa_type *plain = isa_type_strip(type);
    uint64_t size = plain ? plain->size_bytes : 0;
    if (!plain)
        return 'v';
    switch (plain->kind) {
    case ISA_TYPE_POINTER:
        return 'p';
    case ISA_TYPE_FLOAT:
        return size == 8 ? 'd' : 'f';
    case ISA_TYPE_SIGNED:
    case ISA_TYPE_ENUM:
        return size == 8 ? 'l' : size == 4 ? 'i' : size == 2 ? 'h' : 'b';
    case ISA_TYPE_BOOL:
    case ISA_TYPE_UNSIGNED:
        return size == 8 ? 'L' : size == 4 ? 'u' : size == 2 ? 'H' : 'B';
    case ISA_TYPE_CHAR:
        return plain->is_signed ? 'b' : 'B';
    case ISA_TYPE_STRUCT:
    case ISA_TYPE_UNION:
        return 'p';
    default:
        return 0;
    }
}

static bool is_structure(const struct isa_type *type)
{
    const struct isa_type *plain = isa_type_strip(type);
    return plain && (plain->kind == ISA_TYPE_STRUCT || plain->kind == ISA_TYPE_UNION);
}

enum dpusim_status sim_dpu_signature(const struct sim_dpu *dpu, const char *function, char *buffer,
                                     size_t size, struct isa_diag *diag)
{
    const struct isa_symbol *symbol =
        dpu->program ? isa_program_find_symbol(dpu->program, function) : NULL;
    const struct isa_type *type = symbol ? isa_program_type_at(dpu->program, symbol->value) : NULL;
    char text[SIM_MAX_ARGUMENTS + 8];
    size_t used = 0;
    if (!type || type->kind != ISA_TYPE_FUNCTION || type->n_members >= SIM_MAX_ARGUMENTS)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                        "%.200s: its types are not known: compile with -g, or give a signature "
                        "such as \"i(pu)\"",
                        function);
    bool in_memory = is_structure(type->target);
    text[used++] = in_memory ? 'v' : letter_of(type->target);
    text[used++] = '(';
    if (in_memory)
        text[used++] = 'p';
    for (size_t i = 0; i < type->n_members; i++)
        text[used++] = letter_of(type->members[i].type);
    if (type->is_variadic)
        text[used++] = '.';
    text[used++] = ')';
    if (memchr(text, 0, used))
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                        "%.200s: a type of its parameters or of its result has no letter: give a "
                        "signature such as \"i(pu)\"",
                        function);
    if (used + 1 > size)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "the buffer for the signature has %zu bytes",
                        size);
    memcpy(buffer, text, used);
    buffer[used] = '\0';
    return DPUSIM_OK;
}

enum dpusim_status sim_signature_of(struct sim_signature *out, const struct sim_dpu *dpu,
                                    const char *function, const char *text, struct isa_diag *diag)
{
    char known[SIM_MAX_ARGUMENTS + 8];
    if (!text) {
        enum dpusim_status status = sim_dpu_signature(dpu, function, known, sizeof known, diag);
        if (status)
            return status;
        text = known;
    }
    return sim_signature_parse(out, text, diag);
}

enum dpusim_status sim_function_find(const struct sim_dpu *dpu, const char *name, uint32_t *pc,
                                     struct isa_diag *diag)
{
    if (!dpu->program)
        return isa_fail(diag, DPUSIM_NO_PROGRAM, "%.200s: no program is loaded", name);
    const struct isa_symbol *symbol = isa_program_find_symbol(dpu->program, name);
    if (!symbol) {
        const char *near = isa_program_nearest_symbol(dpu->program, name);
        return isa_fail(diag, DPUSIM_UNKNOWN_SYMBOL,
                        near ? "function \"%.200s\" does not exist (the compiler may have put it "
                               "into its callers); did you mean \"%.200s\"?"
                             : "function \"%.200s\" does not exist (the compiler may have put it "
                               "into its callers)",
                        name, near);
    }
    if (symbol->value < ISA_IRAM_BASE || symbol->value - ISA_IRAM_BASE >= dpu->iram_bytes)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "\"%.200s\" is no function", name);
    *pc = (symbol->value - ISA_IRAM_BASE) / ISA_INSN_BYTES;
    return DPUSIM_OK;
}

/* ---- places of arguments --------------------------------------------------------------------- */

uint32_t sim_place_arguments(const struct sim_signature *s,
                             struct sim_where where[SIM_MAX_ARGUMENTS])
{
    unsigned taken = 0;
    uint32_t offset = 0;
    for (unsigned i = 0; i < s->n; i++) {
        unsigned step = sim_is_wide(s->argument[i]) ? 2 : 1, mask = step == 2 ? 3 : 1;
        int reg = -1;
        for (unsigned r = 0; reg < 0 && i < s->n_fixed && r < ARGUMENT_REGISTERS; r += step)
            if (!(taken >> r & mask))
                reg = (int)r;
        where[i].reg = reg;
        if (reg >= 0) {
            taken |= mask << reg;
            continue;
        }
        uint32_t size = step * 4;
        offset = (offset + size - 1) / size * size + size;
        where[i].below_bytes = SIM_FRAME_TOP_BYTES + offset;
    }
    return offset;
}

uint64_t sim_value_bits(char letter, union sim_value value)
{
    uint32_t single;
    switch (letter) {
    case 'b':
        return (uint32_t)(int8_t)value.i;
    case 'B':
        return (uint8_t)value.u;
    case 'h':
        return (uint32_t)(int16_t)value.i;
    case 'H':
        return (uint16_t)value.u;
    case 'f':
        memcpy(&single, &value.f, sizeof single);
        return single;
    default:
        return sim_is_wide(letter) ? value.ul : value.u;
    }
}

union sim_value sim_value_of(char letter, uint64_t bits)
{
    union sim_value value = {.ul = 0};
    uint32_t single = (uint32_t)bits;
    switch (letter) {
    case 'b':
        value.l = (int8_t)bits;
        break;
    case 'B':
        value.ul = (uint8_t)bits;
        break;
    case 'h':
        value.l = (int16_t)bits;
        break;
    case 'H':
        value.ul = (uint16_t)bits;
        break;
    case 'i':
        value.l = (int32_t)bits;
        break;
    case 'f':
        memcpy(&value.f, &single, sizeof single);
        break;
    case 'v':
        break;
    default:
        value.ul = sim_is_wide(letter) ? bits : single;
    }
    return value;
}

void sim_register_put(uint32_t *registers, int reg, char letter, uint64_t bits)
{
    if (!sim_is_wide(letter)) {
        registers[reg] = (uint32_t)bits;
        return;
    }
    registers[reg] = (uint32_t)(bits >> 32);
    registers[reg + 1] = (uint32_t)bits;
}

uint64_t sim_register_get(const uint32_t *registers, int reg, char letter)
{
    return sim_is_wide(letter) ? (uint64_t)registers[reg] << 32 | registers[reg + 1]
                               : registers[reg];
}

/* Where the argument lies in WRAM, or NULL when the stack pointer is none. */
static uint8_t *stack_word(struct sim_dpu *d, uint32_t stack, const struct sim_where *where,
                           char letter)
{
    uint32_t at = stack - where->below_bytes, size = sim_is_wide(letter) ? 8 : 4;
    return stack >= where->below_bytes && at + size <= d->wram_units[0] ? d->wram + at : NULL;
}

void sim_arguments_write(struct sim_dpu *d, const struct sim_signature *s, uint32_t *registers,
                         const union sim_value *arguments)
{
    struct sim_where where[SIM_MAX_ARGUMENTS];
    sim_place_arguments(s, where);
    for (unsigned i = 0; i < s->n; i++) {
        uint64_t bits = sim_value_bits(s->argument[i], arguments[i]);
        uint8_t *at = stack_word(d, registers[ISA_STACK_REGISTER], &where[i], s->argument[i]);
        if (where[i].reg >= 0)
            sim_register_put(registers, where[i].reg, s->argument[i], bits);
        else if (at)
            memcpy(at, &bits, sim_is_wide(s->argument[i]) ? 8 : 4);
    }
}

void sim_arguments_read(struct sim_dpu *d, const struct sim_signature *s, const uint32_t *registers,
                        union sim_value *arguments)
{
    struct sim_where where[SIM_MAX_ARGUMENTS];
    sim_place_arguments(s, where);
    for (unsigned i = 0; i < s->n; i++) {
        uint64_t bits = 0;
        uint8_t *at = stack_word(d, registers[ISA_STACK_REGISTER], &where[i], s->argument[i]);
        if (where[i].reg >= 0)
            bits = sim_register_get(registers, where[i].reg, s->argument[i]);
        else if (at)
            memcpy(&bits, at, sim_is_wide(s->argument[i]) ? 8 : 4);
        arguments[i] = sim_value_of(s->argument[i], bits);
    }
}
