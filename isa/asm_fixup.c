/* SPDX-License-Identifier: MIT */
/* Fixups: places whose value was not a number when they were written. At the end each becomes a
 * number or a relocation that names its symbol. */
#include <elf.h>
#include <inttypes.h>
#include <string.h>

#include "asm.h"
#include "bytes.h"

enum { PADDED_LEB_BYTES = 5 };

void asm_fixup_add(struct asm_state *as, enum asm_fixup_kind kind, unsigned detail,
                   uint32_t offset_bytes, const struct asm_expr *expr, struct asm_place place)
{
    asm_grow(as, &as->fixups, &as->fixups_capacity, as->n_fixups, sizeof *as->fixups);
    as->fixups[as->n_fixups++] = (struct asm_fixup){.expr = *expr,
                                                    .place = place,
                                                    .section = as->section,
                                                    .offset_bytes = offset_bytes,
                                                    .kind = (uint8_t)kind,
                                                    .detail = (uint8_t)detail};
}

static bool is_target(enum isa_kind kind)
{
    return kind == ISA_KIND_PC16 || kind == ISA_KIND_PC24 || kind == ISA_KIND_PC28;
}

bool asm_check_range(struct asm_state *as, enum isa_operand operand, int64_t value,
                     struct asm_place place)
{
    const struct isa_kind_info *kind = isa_kind_get(isa_operand_get(operand)->kind);
    if (value >= kind->lowest && value <= kind->highest)
        return true;
    asm_error_at(as, place, "%s %" PRId64 " is out of range: %s takes %" PRId64 "..%" PRId64,
                 is_target(isa_operand_get(operand)->kind) ? "jump target" : "immediate", value,
                 kind->text, kind->lowest, kind->highest);
    return false;
}

static bool fits_data(int64_t value, unsigned size_bytes)
{
    if (size_bytes >= 8)
        return true;
    int64_t span = (int64_t)1 << 8 * size_bytes;
    return value >= -span / 2 && value < span;
}

static bool check_data(struct asm_state *as, int64_t value, unsigned size_bytes,
                       struct asm_place place)
{
    if (fits_data(value, size_bytes))
        return true;
    asm_error_at(as, place, "%" PRId64 " does not fit into %u byte%s", value, size_bytes,
                 size_bytes == 1 ? "" : "s");
    return false;
}

/* LEB128 padded to a fixed length, since the bytes behind it have their places already. */
static void put_padded_leb(uint8_t *at, int64_t value)
{
    for (int i = 0; i < PADDED_LEB_BYTES; i++, value >>= 7)
        at[i] = (uint8_t)((value & 0x7f) | (i < PADDED_LEB_BYTES - 1 ? 0x80 : 0));
}

static void settle_number(struct asm_state *as, const struct asm_fixup *fixup, int64_t value)
{
    uint8_t *data = as->sections[fixup->section].data;
    uint8_t *at = data ? data + fixup->offset_bytes : NULL;
    switch ((enum asm_fixup_kind)fixup->kind) {
    case ASM_FIX_OPERAND:
        if (asm_check_range(as, fixup->detail, value, fixup->place))
            isa_put_bytes(at, isa_field_put(fixup->detail, isa_get64(at), (uint64_t)value), 8);
        return;
    case ASM_FIX_DATA:
        if (check_data(as, value, fixup->detail, fixup->place) && at)
            isa_put_bytes(at, (uint64_t)value, fixup->detail);
        if (!at && value)
            asm_error_at(as, fixup->place, "only zeros can stand in a section without contents");
        return;
    case ASM_FIX_ULEB:
    case ASM_FIX_SLEB:
        if (value < (fixup->kind == ASM_FIX_ULEB ? 0 : INT32_MIN) || value > INT32_MAX)
            asm_error_at(as, fixup->place, "%" PRId64 " is out of range here", value);
        else if (at)
            put_padded_leb(at, value);
        return;
    }
}

static const char *place_name(const struct asm_expr *place)
{
    return place->kind == ASM_HERE ? "." : place->symbol->name;
}

static void check_target(struct asm_state *as, const struct asm_fixup *fixup,
                         const struct asm_value *value)
{
    if (fixup->kind != ASM_FIX_OPERAND || !is_target(isa_operand_get(fixup->detail)->kind) ||
        value->plus.kind != ASM_SYMBOL || value->plus.symbol->kind != ASM_LABEL)
        return;
    const struct asm_symbol *symbol = value->plus.symbol;
    if ((as->sections[symbol->section].flags & SHF_EXECINSTR) &&
        symbol->offset_bytes % ISA_INSN_BYTES != 0)
        asm_error_at(as, fixup->place,
                     "jump target '%s' is at byte %" PRIu32 " of its section, but instructions are "
                     "at multiples of %u",
                     symbol->name, symbol->offset_bytes, ISA_INSN_BYTES);
}

/* The object's symbol for a place; false after an error message. */
static bool place_symbol(struct asm_state *as, const struct asm_fixup *fixup,
                         const struct asm_expr *place, uint32_t *index)
{
    struct asm_symbol *symbol = place->kind == ASM_SYMBOL ? place->symbol : NULL;
    if (!symbol)
        symbol = asm_temporary(as, (uint32_t)place->op, (uint32_t)place->number);
    if (symbol->kind == ASM_UNDEFINED) {
        uint32_t section = asm_section_find(as, symbol->name);
        if (section != UINT32_MAX && !symbol->declared) {
            *index = asm_out_section(as, section);
            return true;
        }
        asm_undefined(as, symbol, fixup->place);
        if (symbol->kind != ASM_UNDEFINED)
            return false;
    }
    *index = asm_out_symbol(as, symbol);
    return true;
}

static enum isa_reloc reloc_type(const struct asm_fixup *fixup)
{
    if (fixup->kind == ASM_FIX_OPERAND)
        return isa_operand_get(fixup->detail)->reloc;
    switch (fixup->detail) {
    case 1:
        return ISA_R_8;
    case 2:
        return ISA_R_16;
    case 4:
        return ISA_R_32;
    default:
        return ISA_R_64;
    }
}

static void settle_reloc(struct asm_state *as, const struct asm_fixup *fixup,
                         const struct asm_value *value)
{
    uint32_t index;
    if (value->minus.kind != ASM_CONSTANT) {
        asm_error_at(as, fixup->place,
                     "'%s' cannot be subtracted: both sides must be in one section of this file",
                     place_name(&value->minus));
        return;
    }
    if (fixup->kind == ASM_FIX_ULEB || fixup->kind == ASM_FIX_SLEB) {
        asm_error_at(as, fixup->place, "a LEB128 number cannot hold an address");
        return;
    }
    if (!fits_data(value->number, 4)) {
        asm_error_at(as, fixup->place, "%" PRId64 " is too far from '%s' for an address",
                     value->number, place_name(&value->plus));
        return;
    }
    if (!as->sections[fixup->section].data) {
        asm_error_at(as, fixup->place, "an address cannot stand in a section without contents");
        return;
    }
    check_target(as, fixup, value);
    if (place_symbol(as, fixup, &value->plus, &index))
        asm_reloc_add(as, fixup->section, fixup->offset_bytes, reloc_type(fixup), index,
                      value->number);
}

void asm_fixups_settle(struct asm_state *as)
{
    for (size_t i = 0; i < as->n_fixups && !as->stop; i++) {
        const struct asm_fixup *fixup = &as->fixups[i];
        struct asm_value value;
        const char *why;
        if (asm_eval(as, &fixup->expr, true, &value, &why) == ASM_WRONG)
            asm_error_at(as, fixup->place, "%s", why);
        else if (asm_value_is_absolute(&value))
            settle_number(as, fixup, value.number);
        else if (value.plus.kind != ASM_CONSTANT)
            settle_reloc(as, fixup, &value);
        else
            asm_error_at(as, fixup->place, "'%s' cannot be subtracted from a number",
                         place_name(&value.minus));
    }
}

void asm_reloc_add(struct asm_state *as, uint32_t section, uint32_t offset_bytes,
                   enum isa_reloc type, uint32_t index, int64_t addend)
{
    struct asm_section *in = &as->sections[section];
    asm_grow(as, &in->relocs, &in->relocs_capacity, in->n_relocs, sizeof *in->relocs);
    in->relocs[in->n_relocs++] = (struct isa_object_reloc){offset_bytes, type, index, addend};
}
