/* SPDX-License-Identifier: MIT */
/* Directives that write bytes: numbers, strings, LEB128, fillings, alignment, .org. */
#include <elf.h>
#include <inttypes.h>

#include "asm.h"
#include "bytes.h"

enum { ZERO_ENDED = 1, PADDED_LEB_BYTES = 5 };

static void number(struct asm_state *as, unsigned size_bytes)
{
    struct asm_expr expr;
    struct asm_place place = asm_token_place(as);
    if (!asm_parse_expr(as, &expr))
        return;
    uint32_t offset_bytes = asm_current(as)->size_bytes;
    uint64_t value = expr.kind == ASM_CONSTANT ? (uint64_t)expr.number : 0;
    int64_t span = (int64_t)1 << (size_bytes < 8 ? 8 * size_bytes : 1);
    if (size_bytes < 8 && ((int64_t)value < -span / 2 || (int64_t)value >= span)) {
        asm_error_at(as, place, "%" PRId64 " does not fit into %u byte%s", (int64_t)value,
                     size_bytes, size_bytes == 1 ? "" : "s");
        return;
    }
    asm_append_value(as, value, size_bytes);
    if (expr.kind != ASM_CONSTANT && !as->statement_failed)
        asm_fixup_add(as, ASM_FIX_DATA, size_bytes, offset_bytes, &expr, place);
}

static void numbers(struct asm_state *as, int size_bytes)
{
    if (as->token.kind == ASM_END)
        return;
    do
        number(as, (unsigned)size_bytes);
    while (!as->statement_failed && asm_accept(as, ','));
}

static unsigned leb_bytes(uint8_t out[10], int64_t value, bool is_signed)
{
    unsigned count = 0;
    bool more = true;
    while (more) {
        uint8_t bits = (uint8_t)(value & 0x7f);
        value = is_signed ? value >> 7 : (int64_t)((uint64_t)value >> 7);
        more = is_signed ? !(value == 0 && !(bits & 0x40)) && !(value == -1 && (bits & 0x40))
                         : value != 0;
        out[count++] = more ? bits | 0x80 : bits;
    }
    return count;
}

static void leb128(struct asm_state *as, int is_signed)
{
    do {
        struct asm_expr expr;
        struct asm_place place = asm_token_place(as);
        uint8_t bytes[10] = {0};
        if (!asm_parse_expr(as, &expr))
            return;
        uint32_t offset_bytes = asm_current(as)->size_bytes;
        if (expr.kind == ASM_CONSTANT)
            asm_append(as, bytes, leb_bytes(bytes, expr.number, is_signed));
        else if (asm_append(as, bytes, PADDED_LEB_BYTES))
            asm_fixup_add(as, is_signed ? ASM_FIX_SLEB : ASM_FIX_ULEB, 0, offset_bytes, &expr,
                          place);
    } while (!as->statement_failed && asm_accept(as, ','));
}

static void strings(struct asm_state *as, int ended)
{
    char buffer[64];
    if (as->token.kind == ASM_END)
        return;
    do {
        const char *bytes;
        size_t len_bytes;
        if (as->token.kind != ASM_QUOTED) {
            asm_error(as, "%s found where a string is wanted", asm_token_text(as, buffer));
            return;
        }
        if (!asm_unquote(as, &bytes, &len_bytes) || !asm_append(as, bytes, len_bytes))
            return;
        asm_next(as);
        if (ended && as->token.kind != ASM_QUOTED && !asm_append(as, NULL, 1))
            return;
    } while (asm_accept(as, ',') || as->token.kind == ASM_QUOTED);
}

/* A number of bytes or repetitions: known and not negative. */
static bool count_operand(struct asm_state *as, uint64_t *out)
{
    struct asm_place place = asm_token_place(as);
    int64_t value;
    if (!asm_parse_absolute(as, &value))
        return false;
    if (value < 0) {
        as->statement_failed = true;
        asm_error_at(as, place, "size %" PRId64 " is negative", value);
        return false;
    }
    *out = (uint64_t)value;
    return true;
}

static bool optional_number(struct asm_state *as, int64_t *out, bool *present)
{
    *present = false;
    if (!asm_accept(as, ','))
        return true;
    if (asm_is_punct(as, ',') || as->token.kind == ASM_END)
        return true;
    *present = true;
    return asm_parse_absolute(as, out);
}

static void space(struct asm_state *as, int unused)
{
    uint64_t count;
    int64_t fill = 0;
    bool present;
    (void)unused;
    if (count_operand(as, &count) && optional_number(as, &fill, &present))
        asm_append_fill(as, count, (uint8_t)fill, 1);
}

static void fill_units(struct asm_state *as, int unused)
{
    uint64_t count;
    int64_t size_bytes = 1, value = 0;
    bool present;
    (void)unused;
    if (!count_operand(as, &count) || !optional_number(as, &size_bytes, &present) ||
        !optional_number(as, &value, &present))
        return;
    if (size_bytes < 0 || size_bytes > 8)
        asm_error_statement(as, "a unit of .fill has 0 to 8 bytes, not %" PRId64, size_bytes);
    else
        asm_append_fill(as, count, (uint64_t)value, (unsigned)size_bytes);
}

static void align(struct asm_state *as, int is_power)
{
    uint64_t amount;
    int64_t fill = 0, most = 0;
    bool has_fill, has_most;
    if (!count_operand(as, &amount) || !optional_number(as, &fill, &has_fill) ||
        !optional_number(as, &most, &has_most))
        return;
    if (is_power && amount > 31) {
        asm_error_statement(as, "alignment 2 to the power of %" PRIu64 " is larger than any memory",
                            amount);
        return;
    }
    asm_align(as, is_power ? (uint64_t)1 << amount : amount, fill, has_fill,
              has_most && most > 0 ? (uint64_t)most : 0);
}

/* Where .org goes: a number, or a place of this section. */
static bool org_target(struct asm_state *as, int64_t *offset)
{
    struct asm_expr expr;
    struct asm_value value;
    const char *why = "the place must be known here";
    struct asm_place place = asm_token_place(as);
    if (!asm_parse_expr(as, &expr))
        return false;
    struct asm_expr pair[2] = {expr, {.kind = ASM_HERE, .op = (int32_t)as->section}};
    struct asm_expr from_start = {.kind = ASM_BINARY, .op = '-', .operands = pair};
    if (asm_eval(as, &expr, false, &value, &why) == ASM_KNOWN) {
        if (!asm_value_is_absolute(&value) &&
            asm_eval(as, &from_start, false, &value, &why) != ASM_KNOWN)
            value.plus.kind = ASM_SYMBOL;
        *offset = value.number;
        if (asm_value_is_absolute(&value))
            return true;
        why = "the place must be a number or in this section";
    }
    asm_error_at(as, place, "%s", why);
    as->statement_failed = true;
    return false;
}

static void org(struct asm_state *as, int unused)
{
    int64_t offset, fill = 0;
    bool present;
    (void)unused;
    if (!org_target(as, &offset) || !optional_number(as, &fill, &present))
        return;
    int64_t size = asm_current(as)->size_bytes;
    if (offset < size)
        asm_error_statement(
            as, "cannot go back to byte %" PRId64 ": the section has %" PRId64 " already", offset,
            size);
    else
        asm_append_fill(as, (uint64_t)offset - (uint64_t)size, (uint8_t)fill, 1);
}

static const struct asm_directive rows[] = {
    {".byte", numbers, 1},
    {".2byte", numbers, 2},
    {".short", numbers, 2},
    {".half", numbers, 2},
    {".hword", numbers, 2},
    {".4byte", numbers, 4},
    {".long", numbers, 4},
    {".int", numbers, 4},
    {".word", numbers, 4},
    {".8byte", numbers, 8},
    {".quad", numbers, 8},
    {".dword", numbers, 8},
    {".uleb128", leb128, 0},
    {".sleb128", leb128, 1},
    {".ascii", strings, 0},
    {".asciz", strings, ZERO_ENDED},
    {".string", strings, ZERO_ENDED},
    {".zero", space, 0},
    {".skip", space, 0},
    {".space", space, 0},
    {".fill", fill_units, 0},
    {".org", org, 0},
    {".p2align", align, 1},
    {".balign", align, 0},
    {".align", align, 0},
};

const struct asm_directives asm_data_directives = {rows, sizeof rows / sizeof rows[0]};
