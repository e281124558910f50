/* SPDX-License-Identifier: MIT */
/* The tables *.def as C arrays and the functions that look into them. No logic of their own: what
 * an instruction, operand or condition is stands in the tables. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tables.h"
#include "isa_tables.inc"

/* ---- status --------------------------------------------------------------------------------- */

static const struct {
    int exit_code;
    const char *text;
} statuses[] = {
#define STATUS(id, exit_code, dpu_error, text) {exit_code, text},
#include "status.def"
#undef STATUS
};

const char *dpusim_status_text(enum dpusim_status status)
{
    return status < DPUSIM_STATUS_COUNT ? statuses[status].text : "unknown status";
}

int dpusim_status_exit_code(enum dpusim_status status)
{
    return status < DPUSIM_STATUS_COUNT ? statuses[status].exit_code : 5;
}

enum dpusim_status isa_fail(struct isa_diag *diag, enum dpusim_status status, const char *format,
                            ...)
{
    if (diag) {
        va_list args;
        va_start(args, format);
        vsnprintf(diag->text, sizeof diag->text, format, args);
        va_end(args);
    }
    return status;
}

/* ---- chips, operations, kinds --------------------------------------------------------------- */

static const struct isa_chip_info chips[] = {
#define CHIP(id, ...) {__VA_ARGS__},
#include "chip.def"
#undef CHIP
};

const struct isa_chip_info *isa_chip_get(enum isa_chip chip)
{
    return &chips[chip < ISA_CHIP_COUNT ? chip : ISA_CHIP_V1A];
}

enum isa_chip isa_chip_find(const char *name)
{
    unsigned chip = 0;
    while (chip < ISA_CHIP_COUNT && strcmp(chips[chip].name, name) != 0)
        chip++;
    return (enum isa_chip)chip;
}

enum { DOC_NO, DOC_YES };
static const struct isa_op_info ops[] = {
#define OP(id, family, flags, documented, meaning)                                                 \
    {#id, #family, meaning, ISA_FLAGS_##flags, DOC_##documented},
#include "op.def"
#undef OP
};

const struct isa_op_info *isa_op_get(enum isa_op op)
{
    return &ops[op];
}

static const struct isa_access accesses[ISA_OP_COUNT] = {
#define LOAD(op, bytes)                                                                            \
    [ISA_OP_##op] = {bytes, false, false}, [ISA_OP_##op##_SAFE] = {bytes, false, true}
#define STORE(op, bytes)                                                                           \
    [ISA_OP_##op] = {bytes, true, false}, [ISA_OP_##op##_ID] = {bytes, true, false},               \
    [ISA_OP_##op##_SAFE] = {bytes, true, true}
    LOAD(LBS, 1), LOAD(LBU, 1), LOAD(LHS, 2), LOAD(LHU, 2), LOAD(LW, 4),
    LOAD(LD, 8),  STORE(SB, 1), STORE(SH, 2), STORE(SW, 4), STORE(SD, 8),
#undef LOAD
#undef STORE
};

const struct isa_access *isa_op_access(enum isa_op op)
{
    return &accesses[op];
}

enum { UNSIGNED, SIGNED };
static const struct isa_kind_info kinds[] = {
#define KIND(id, name, lowest, highest, sign, text) {name, lowest, highest, sign, text},
#include "kind.def"
#undef KIND
};

const struct isa_kind_info *isa_kind_get(enum isa_kind kind)
{
    return &kinds[kind];
}

/* ---- conditions ----------------------------------------------------------------------------- */

static const struct isa_cond_info conds[] = {
#define COND(id, name, test) {name, test},
#include "cond.def"
};

static const struct {
    const char *name, *text;
} classes[] = {
#define CLASS(id, text) {#id, text},
#include "cond.def"
};

static const struct isa_cond_code codes[] = {
#define CODE(cond_class, cond, spelling, code, role)                                               \
    {ISA_CLASS_##cond_class, ISA_COND_##cond, spelling, code, ISA_CODE_##role},
#include "cond.def"
};

const struct isa_cond_info *isa_cond_get(enum isa_cond cond)
{
    return &conds[cond];
}

const char *isa_class_name(enum isa_cond_class cond_class)
{
    return classes[cond_class].name;
}

const char *isa_class_text(enum isa_cond_class cond_class)
{
    return classes[cond_class].text;
}

const struct isa_cond_code *isa_cond_codes(size_t *count)
{
    *count = sizeof codes / sizeof codes[0];
    return codes;
}

/* Lower-case copy of a spelling that is all lower or all upper case; false when it is mixed or
 * long. */
static bool fold_case(char out[16], const char *spelling)
{
    bool lower = false, upper = false;
    size_t length = strlen(spelling);
    if (length >= 16)
        return false;
    for (size_t i = 0; i <= length; i++) {
        lower |= islower((unsigned char)spelling[i]) != 0;
        upper |= isupper((unsigned char)spelling[i]) != 0;
        out[i] = (char)tolower((unsigned char)spelling[i]);
    }
    return !(lower && upper);
}

int isa_cond_find(enum isa_cond_class cond_class, const char *spelling)
{
    char name[16];
    if (!fold_case(name, spelling))
        return -1;
    if (strcmp(name, "t") == 0)
        strcpy(name, "true");
    if (strcmp(name, "nsz") == 0)
        strcpy(name, "snz");
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i].cond_class == cond_class && strcmp(codes[i].spelling, name) == 0 &&
            (codes[i].role == ISA_CODE_MAIN || codes[i].role == ISA_CODE_EXTRA))
            return codes[i].code;
    return -1;
}

static const struct isa_cond_code *find_code(enum isa_cond_class cond_class, unsigned code)
{
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i].cond_class == cond_class && codes[i].code == code &&
            codes[i].role != ISA_CODE_EXTRA)
            return &codes[i];
    return NULL;
}

enum isa_cond isa_cond_of(enum isa_cond_class cond_class, unsigned code)
{
    const struct isa_cond_code *found = find_code(cond_class, code);
    return found ? found->cond : ISA_COND_FALSE;
}

const char *isa_cond_name(enum isa_cond_class cond_class, unsigned code)
{
    const struct isa_cond_code *found = find_code(cond_class, code);
    return found ? found->spelling : "???";
}

/* ---- operands and fields -------------------------------------------------------------------- */

const struct isa_operand_info *isa_operand_get(enum isa_operand operand)
{
    return &isa_operands[operand];
}

static uint32_t gather(const struct isa_field *field, uint64_t word)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < field->n_runs; i++) {
        const struct isa_run *run = &field->runs[i];
        value |= (word >> run->insn_lsb & ((UINT64_C(1) << run->width) - 1)) << run->field_lsb;
    }
    return (uint32_t)value;
}

static uint64_t scatter(const struct isa_field *field, uint64_t value)
{
    uint64_t word = 0;
    for (unsigned i = 0; i < field->n_runs; i++) {
        const struct isa_run *run = &field->runs[i];
        word |= (value >> run->field_lsb & ((UINT64_C(1) << run->width) - 1)) << run->insn_lsb;
    }
    return word;
}

uint32_t isa_field_get(enum isa_operand operand, uint64_t word)
{
    return gather(&isa_fields[operand], word);
}

int64_t isa_field_value(enum isa_operand operand, uint64_t word)
{
    uint32_t value = gather(&isa_fields[operand], word);
    unsigned width = isa_fields[operand].width;
    if (!kinds[isa_operands[operand].kind].is_signed)
        return value;
    return (int64_t)((uint64_t)value << (64 - width)) >> (64 - width);
}

uint64_t isa_field_put(enum isa_operand operand, uint64_t word, uint64_t value)
{
    return (word & ~isa_fields[operand].mask) | scatter(&isa_fields[operand], value);
}

/* ---- relocations ---------------------------------------------------------------------------- */

static const struct isa_reloc_info relocs[] = {
#define RELOC(id, number, bits, bytes, text) {ISA_R_##id, "R_DPU_" #id, bits, bytes},
#include "reloc.def"
#undef RELOC
};

const struct isa_reloc_info *isa_reloc_get(unsigned number)
{
    for (size_t i = 0; i < sizeof relocs / sizeof relocs[0]; i++)
        if ((unsigned)relocs[i].number == number)
            return &relocs[i];
    return NULL;
}

uint64_t isa_reloc_place(enum isa_reloc number, uint64_t word, uint32_t value)
{
    const struct isa_reloc_info *info = isa_reloc_get(number);
    const struct isa_field *field = &isa_reloc_fields[info - relocs];
    if (info->bytes_replaced)
        word &= ~field->mask;
    return word | scatter(field, value);
}

/* ---- forms and aliases ---------------------------------------------------------------------- */

const struct isa_form_info *isa_form_get(enum isa_form form)
{
    return &isa_forms[form];
}

const struct isa_alias_info *isa_alias_get(enum isa_alias alias)
{
    return &isa_aliases[alias];
}

char *isa_form_signature(enum isa_form form, char *buffer, size_t size)
{
    if (form < ISA_FORM_COUNT)
        snprintf(buffer, size, "%s:%s", isa_forms[form].pattern.mnemonic,
                 isa_forms[form].pattern.shape);
    else
        snprintf(buffer, size, "ILLEGAL");
    return buffer;
}

enum isa_form isa_form_find(const char *signature)
{
    char name[32];
    unsigned form = 0;
    while (form < ISA_FORM_COUNT &&
           strcmp(isa_form_signature((enum isa_form)form, name, sizeof name), signature) != 0)
        form++;
    return (enum isa_form)form;
}

const struct isa_decoder isa_decoder = {isa_nodes, isa_edges, isa_leaves};
