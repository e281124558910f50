/* SPDX-License-Identifier: MIT */
/* Addresses, loads, stores, copies of memory, direct access to MRAM variables. */
#include <string.h>

#include "module.h"
#include "select.h"

enum { MRAM_SPACE = 255, MAX_INDICES = 8, MAX_INLINE_STORES = 4 };

bool sel_is_mram(LLVMValueRef pointer)
{
    LLVMTypeRef type = LLVMTypeOf(pointer);
    return LLVMGetTypeKind(type) == LLVMPointerTypeKind &&
           LLVMGetPointerAddressSpace(type) == MRAM_SPACE;
}

/* ---- address computations ------------------------------------------------------------------- */

struct gep_parts {
    int64_t offset;
    unsigned count;
    LLVMValueRef index[MAX_INDICES];
    int64_t stride[MAX_INDICES];
};

static void add_index(struct sel *s, struct gep_parts *parts, LLVMValueRef index, int64_t stride)
{
    int64_t number;
    if (sel_is_constant(index, &number)) {
        parts->offset += number * stride;
        return;
    }
    if (sel_is_op(index, LLVMAdd) && sel_one_use(index) && sel_width(s, LLVMTypeOf(index)) == 32 &&
        sel_is_constant(LLVMGetOperand(index, 1), &number)) {
        parts->offset += number * stride;
        index = LLVMGetOperand(index, 0);
    }
    if (sel_is_op(index, LLVMShl) && sel_width(s, LLVMTypeOf(index)) == 32 &&
        sel_is_constant(LLVMGetOperand(index, 1), &number) && number >= 0 && number < 16 &&
        !sel_is_tid(LLVMGetOperand(index, 0)) && stride > 0 && stride < 65536) {
        stride <<= number;
        index = LLVMGetOperand(index, 0);
    }
    parts->index[parts->count] = index;
    parts->stride[parts->count++] = stride;
}

static bool split_gep(struct sel *s, LLVMValueRef gep, struct gep_parts *parts)
{
    memset(parts, 0, sizeof *parts);
    LLVMTypeRef type = LLVMGetGEPSourceElementType(gep);
    unsigned n = (unsigned)LLVMGetNumOperands(gep);
    for (unsigned i = 1; i < n && parts->count < MAX_INDICES; i++) {
        LLVMValueRef index = LLVMGetOperand(gep, i);
        if (i > 1 && LLVMGetTypeKind(type) == LLVMStructTypeKind) {
            unsigned field = (unsigned)LLVMConstIntGetZExtValue(index);
            parts->offset += (int64_t)LLVMOffsetOfElement(s->layout, type, field);
            type = LLVMStructGetTypeAtIndex(type, field);
            continue;
        }
        if (i > 1)
            type = LLVMGetElementType(type);
        add_index(s, parts, index, (int64_t)LLVMABISizeOfType(s->layout, type));
    }
    return parts->count < MAX_INDICES;
}

static bool only_addresses_memory(LLVMValueRef value, unsigned depth)
{
    for (LLVMUseRef use = LLVMGetFirstUse(value); use; use = LLVMGetNextUse(use)) {
        LLVMValueRef user = LLVMGetUser(use);
        bool is_load = sel_is_op(user, LLVMLoad);
        bool is_store = sel_is_op(user, LLVMStore) && LLVMGetOperand(user, 0) != value;
        bool is_offset =
            sel_is_op(user, LLVMGetElementPtr) && LLVMGetOperand(user, 0) == value && depth < 3;
        if (is_offset)
            for (int i = 1; i < LLVMGetNumOperands(user); i++)
                is_offset &= LLVMIsAConstantInt(LLVMGetOperand(user, (unsigned)i)) != NULL;
        if (!is_load && !is_store && !(is_offset && only_addresses_memory(user, depth + 1)))
            return false;
    }
    return true;
}

static LLVMValueRef pointer_alias(LLVMValueRef pointer)
{
    while (sel_is_op(pointer, LLVMBitCast) || sel_is_op(pointer, LLVMFreeze))
        pointer = LLVMGetOperand(pointer, 0);
    return pointer;
}

/* Whether the register of a variable address leaves out the constant part of it, for the users to
 * put into their offsets. */
bool sel_address_split(struct sel *s, LLVMValueRef gep)
{
    struct sel_value *v = sel_value_of(s, gep);
    if (!v->split) {
        struct gep_parts parts;
        bool worth = split_gep(s, gep, &parts);
        LLVMValueRef base = LLVMGetOperand(gep, 0);
        bool all_constant = parts.count == 0;
        worth =
            worth && !sel_is_mram(gep) &&
            (all_constant || ((parts.offset != 0 || LLVMIsAConstant(base) ||
                               sel_is_op(base, LLVMAlloca) || sel_is_op(base, LLVMGetElementPtr)) &&
                              only_addresses_memory(gep, 0)));
        v->split = worth ? 1 : 2;
    }
    return v->split == 1;
}

/* Sum of offsets; a symbol or slot may come in once. */
static bool add_offset(struct m_opnd *off, struct m_opnd more)
{
    if (more.kind != M_IMM && off->kind != M_IMM)
        return false;
    int64_t sum = off->imm + more.imm;
    if (more.kind != M_IMM)
        *off = more;
    off->imm = sum;
    return true;
}

/* The parts of an address that need no instruction: through constant offsets down to a register. */
static void strip(struct sel *s, LLVMValueRef pointer, struct sel_address *out)
{
    out->off = m_imm(0);
    for (;;) {
        pointer = pointer_alias(pointer);
        struct gep_parts parts;
        if (sel_is_op(pointer, LLVMGetElementPtr) && sel_address_split(s, pointer)) {
            split_gep(s, pointer, &parts);
            out->off.imm += parts.offset;
            LLVMValueRef base = LLVMGetOperand(pointer, 0);
            if (parts.count == 0) {
                pointer = base;
                continue;
            }
            out->base = sel_result(s, pointer);
            struct sel_address under;
            strip(s, base, &under);
            add_offset(&out->off, under.off);
            return;
        }
        break;
    }
    int64_t number;
    if (sel_is_op(pointer, LLVMIntToPtr)) {
        LLVMValueRef sum = LLVMGetOperand(pointer, 0);
        if (sel_is_op(sum, LLVMAdd) && sel_width(s, LLVMTypeOf(sum)) == 32 &&
            sel_is_constant(LLVMGetOperand(sum, 1), &number)) {
            out->off.imm += number;
            out->base = sel_operand(s, LLVMGetOperand(sum, 0));
            return;
        }
    }
    struct m_opnd base = sel_operand(s, pointer);
    if (m_is_register(base) || base.kind == M_CONST) {
        out->base = base;
        return;
    }
    add_offset(&out->off, base);
    out->base = base.kind == M_SLOT || base.kind == M_INCOMING ? m_phys(M_SP) : m_const(M_ZERO);
}

struct sel_address sel_address(struct sel *s, LLVMValueRef pointer)
{
    enum { REACH = 1 << 23 };
    struct sel_address out;
    strip(s, pointer, &out);
    if (out.off.kind == M_IMM)
        out.off.imm = (int32_t)out.off.imm;
    if (out.off.kind == M_IMM && (out.off.imm < -REACH || out.off.imm >= REACH)) {
        struct m_opnd sum = sel_new(s);
        sel_alu(s, M_ADD, sum, out.base, out.off);
        out.base = sum;
        out.off = m_imm(0);
    }
    return out;
}

/* acc + index * stride */
static struct m_opnd add_scaled(struct sel *s, struct m_opnd acc, LLVMValueRef index,
                                int64_t stride, struct m_opnd to)
{
    bool has_acc = acc.kind != M_NONE;
    struct m_opnd x = sel_is_pair(s, index) ? sel_halves(s, index).lo : sel_sign_extended(s, index);
    bool is_power = stride > 0 && (stride & (stride - 1)) == 0;
    if (is_power) {
        int shift = __builtin_ctzll((uint64_t)stride);
        if (!has_acc && shift == 0)
            sel_copy(s, to, x);
        else if (!has_acc)
            sel_alu(s, M_LSL, to, x, m_imm(shift));
        else if (shift == 0)
            sel_alu(s, M_ADD, to, acc, x);
        else
            sel_emit4(s, M_LSL_ADD, to, sel_work(s, acc), sel_source(s, x), m_imm(shift));
    } else if (sel_multiply_cost(stride, has_acc) <= 6)
        sel_multiply_add(s, to, has_acc ? sel_work(s, acc) : acc, sel_work(s, x), stride);
    else {
        struct m_opnd product = has_acc ? sel_new(s) : to;
        sel_runtime(s, "__mulsi3", product, 2, (struct m_opnd[]){x, m_imm(stride)});
        if (has_acc)
            sel_alu(s, M_ADD, to, acc, product);
    }
    return to;
}

/* An address with variable indices into its register. */
void sel_gep(struct sel *s, LLVMValueRef value)
{
    struct gep_parts parts;
    if (LLVMGetTypeKind(LLVMTypeOf(value)) != LLVMPointerTypeKind || !split_gep(s, value, &parts)) {
        sel_error(s, "an address computation that is not supported");
        return;
    }
    struct m_opnd d = sel_result(s, value), acc = {0};
    struct sel_address under;
    strip(s, LLVMGetOperand(value, 0), &under);
    bool is_split = parts.count && sel_address_split(s, value);
    bool is_absolute = under.base.kind == M_CONST && under.base.reg == M_ZERO;
    if (is_split) {
        if (!is_absolute)
            acc = under.base;
    } else {
        struct m_opnd rest = m_imm(parts.offset);
        add_offset(&under.off, rest);
        parts.offset = 0;
        if (under.off.kind != M_IMM) {
            acc = sel_new(s);
            sel_copy(s, acc, under.off);
            under.off = m_imm(0);
        } else if (!is_absolute)
            acc = under.base;
    }
    struct m_opnd rest = is_split ? m_imm(0) : under.off;
    bool has_rest = rest.kind != M_IMM || rest.imm != 0;
    for (unsigned i = 0; i < parts.count; i++) {
        bool is_last = i + 1 == parts.count && !has_rest;
        acc = add_scaled(s, acc, parts.index[i], parts.stride[i], is_last ? d : sel_new(s));
    }
    if (parts.count == 0 && !has_rest)
        sel_copy(s, d, acc.kind == M_NONE ? m_imm(0) : acc);
    if (has_rest)
        sel_alu(s, M_ADD, d, acc.kind == M_NONE ? m_imm(0) : acc, rest);
}

/* ---- loads and stores ----------------------------------------------------------------------- */

static struct m_opnd moved(struct m_opnd off, int64_t bytes)
{
    off.imm += bytes;
    return off;
}

static enum m_op load_op(unsigned bytes, bool sign)
{
    return bytes == 1 ? (sign ? M_LBS : M_LBU) : bytes == 2 ? (sign ? M_LHS : M_LHU) : M_LW;
}

static enum m_op store_op(unsigned bytes)
{
    return bytes == 1 ? M_SB : bytes == 2 ? M_SH : M_SW;
}

static unsigned piece_bytes(uint64_t left, unsigned align)
{
    unsigned bytes = align > 8 ? 8 : align;
    while (bytes > left)
        bytes /= 2;
    return bytes;
}

/* A load of 1 to 4 bytes in pieces that are aligned. */
static void load_pieces(struct sel *s, struct m_opnd d, struct sel_address at, unsigned bytes,
                        unsigned align, bool sign)
{
    unsigned size = piece_bytes(bytes, align);
    if (size == bytes) {
        sel_emit3(s, load_op(bytes, sign), d, at.base, at.off)->volatile_ = true;
        return;
    }
    struct m_opnd acc = sel_new(s);
    sel_emit3(s, load_op(size, false), acc, at.base, at.off)->volatile_ = true;
    for (unsigned done = size; done < bytes; done += size) {
        size = piece_bytes(bytes - done, size);
        bool is_last = done + size == bytes;
        struct m_opnd piece = sel_new(s), sum = is_last ? d : sel_new(s);
        enum m_op op = load_op(size, is_last && sign);
        sel_emit3(s, op, piece, at.base, moved(at.off, done))->volatile_ = true;
        sel_emit4(s, M_LSL_ADD, sum, acc, piece, m_imm(8 * (int)done));
        acc = sum;
    }
}

static void store_pieces(struct sel *s, struct m_opnd x, struct sel_address at, unsigned bytes,
                         unsigned align)
{
    unsigned size = align;
    for (unsigned done = 0; done < bytes; done += size) {
        struct m_opnd piece = x;
        size = piece_bytes(bytes - done, size);
        if (done) {
            piece = sel_new(s);
            sel_alu(s, M_LSR, piece, x, m_imm(8 * (int)done));
        }
        sel_emit3(s, store_op(size), at.base, moved(at.off, done), piece);
    }
}

/* Size in memory, 1 to 8 bytes; 0: no such access. */
static unsigned access_bytes(struct sel *s, LLVMTypeRef type)
{
    unsigned width = sel_width(s, type);
    return width == 1 ? 1 : width % 8 == 0 ? width / 8 : 0;
}

static bool is_power(unsigned bytes)
{
    return (bytes & (bytes - 1)) == 0;
}

static unsigned alignment_of(LLVMValueRef access)
{
    unsigned align = LLVMGetAlignment(access);
    return align > 8 || align == 0 ? 8 : align;
}

bool sel_is_widening(struct sel *s, LLVMValueRef value)
{
    LLVMValueRef from = LLVMGetOperand(value, 0);
    return (sel_is_op(value, LLVMZExt) || sel_is_op(value, LLVMSExt)) &&
           sel_width(s, LLVMTypeOf(value)) == 64 && sel_is_op(from, LLVMLoad) &&
           sel_one_use(from) && !sel_is_pair(s, from) && sel_width(s, LLVMTypeOf(from)) >= 8 &&
           !sel_is_mram(LLVMGetOperand(from, 0)) && access_bytes(s, LLVMTypeOf(from)) != 0 &&
           is_power(access_bytes(s, LLVMTypeOf(from))) &&
           alignment_of(from) >= access_bytes(s, LLVMTypeOf(from));
}

/* The 8-byte buffer of the tasklet, filled with the double word of MRAM that holds `pointer`;
 * returns the address of the wanted bytes in it. */
static struct sel_address mram_fetch(struct sel *s, LLVMValueRef pointer, unsigned bytes,
                                     struct m_opnd *mram, struct m_opnd *buffer)
{
    struct m_opnd symbol = {.kind = M_SYM, .sym = "__sw_cache_buffer"};
    struct sel_address from = sel_address(s, pointer);
    *buffer = sel_new(s);
    if (from.off.kind == M_IMM && from.off.imm == 0)
        *mram = sel_work(s, from.base);
    else {
        *mram = sel_new(s);
        sel_alu(s, M_ADD, *mram, from.base, from.off);
    }
    sel_emit3(s, M_ADD, *buffer, m_const(M_ID8), symbol);
    sel_emit3(s, M_LDMA, *buffer, *mram, m_imm(0));
    if (bytes == 8)
        return (struct sel_address){*buffer, m_imm(0)};
    struct m_opnd inside = sel_new(s), at = sel_new(s);
    sel_alu(s, M_AND, inside, *mram, m_imm(8 - (int)bytes));
    sel_alu(s, M_ADD, at, *buffer, inside);
    return (struct sel_address){at, m_imm(0)};
}

static void mram_load(struct sel *s, LLVMValueRef value, unsigned bytes)
{
    struct m_opnd mram, buffer;
    LLVMValueRef pointer = LLVMGetOperand(value, 0);
    unsigned align = alignment_of(value);
    if (align < bytes || !is_power(bytes)) {
        sel_error(s,
                  "a load of %u bytes from MRAM at an address that is a multiple of %u only: "
                  "not supported, use mram_read",
                  bytes, align);
        return;
    }
    struct sel_address at = mram_fetch(s, pointer, bytes, &mram, &buffer);
    struct m_opnd d = sel_result(s, value);
    enum m_op op = bytes == 8 ? M_LD : load_op(bytes, false);
    sel_emit3(s, op, d, at.base, at.off)->volatile_ = true;
}

static void mram_store(struct sel *s, LLVMValueRef value, unsigned bytes)
{
    struct m_opnd mram, buffer;
    LLVMValueRef x = LLVMGetOperand(value, 0), pointer = LLVMGetOperand(value, 1);
    if (alignment_of(value) < bytes || !is_power(bytes)) {
        sel_error(s,
                  "a store of %u bytes to MRAM at an address that is a multiple of %u only: "
                  "not supported, use mram_write",
                  bytes, alignment_of(value));
        return;
    }
    struct m_opnd data = bytes == 8 ? sel_pair(s, x) : sel_work(s, sel_operand(s, x));
    struct sel_address at = mram_fetch(s, pointer, bytes, &mram, &buffer);
    sel_emit3(s, bytes == 8 ? M_SD : store_op(bytes), at.base, at.off, data);
    sel_emit3(s, M_SDMA, buffer, mram, m_imm(0));
}

static void load_pair(struct sel *s, struct m_opnd d, struct sel_address at, unsigned bytes,
                      unsigned align)
{
    if (align >= 8 && bytes == 8) {
        sel_emit3(s, M_LD, d, at.base, at.off)->volatile_ = true;
        return;
    }
    struct sel_address high = {at.base, moved(at.off, 4)};
    load_pieces(s, m_half(d, M_LO), at, 4, align > 4 ? 4 : align, false);
    load_pieces(s, m_half(d, M_HI), high, bytes - 4, align > 4 ? 4 : align, false);
}

static void widened_load(struct sel *s, LLVMValueRef value, LLVMValueRef extension, unsigned bytes)
{
    static const enum m_op ops[2][3] = {{M_LBU_U, M_LHU_U, M_LW_U}, {M_LBS_S, M_LHS_S, M_LW_S}};
    bool sign = sel_is_op(extension, LLVMSExt);
    struct sel_address at = sel_address(s, LLVMGetOperand(value, 0));
    enum m_op op = ops[sign][bytes == 1 ? 0 : bytes == 2 ? 1 : 2];
    sel_emit3(s, op, sel_result(s, extension), at.base, at.off)->volatile_ = true;
}

void sel_load(struct sel *s, LLVMValueRef value)
{
    unsigned bytes = access_bytes(s, LLVMTypeOf(value));
    LLVMValueRef pointer = LLVMGetOperand(value, 0);
    if (!bytes) {
        sel_error(s, "a load of a type that has no instruction");
        return;
    }
    if (sel_is_mram(pointer)) {
        mram_load(s, value, bytes);
        return;
    }
    struct sel_value *v = sel_value_of(s, value);
    if (v->widened) {
        widened_load(s, value, v->widened, bytes);
        return;
    }
    struct m_opnd d = sel_result(s, value);
    struct sel_address at = sel_address(s, pointer);
    bool sign = sel_width(s, LLVMTypeOf(value)) > 1 && v->extension != SEL_ZERO + 1;
    if (bytes > 4)
        load_pair(s, d, at, bytes, alignment_of(value));
    else
        load_pieces(s, d, at, bytes, alignment_of(value), sign);
}

/* An immediate of the store forms: 16 bits (bytes: 8), with an offset of 12 bits. */
static bool fits_store(struct sel *s, struct m_opnd x, struct m_opnd off, unsigned bytes)
{
    enum { SMALL_FRAME_BYTES = 1024 };
    bool near = off.kind == M_IMM ? off.imm >= -2048 && off.imm < 2048
                                  : off.kind == M_SLOT && s->alloca_bytes <= SMALL_FRAME_BYTES;
    return x.kind == M_IMM && near &&
           (bytes == 1 || bytes == 2 || (x.imm >= -32768 && x.imm < 32768));
}

static void store_pair(struct sel *s, LLVMValueRef x, struct sel_address at, unsigned bytes,
                       unsigned align)
{
    struct sel_halves h = sel_halves(s, x);
    if (align >= 8 && bytes == 8) {
        bool is_small = h.lo.kind == M_IMM && h.hi.kind == M_IMM &&
                        (int32_t)h.hi.imm == ((int32_t)h.lo.imm < 0 ? -1 : 0);
        if (is_small && fits_store(s, h.lo, at.off, 8))
            sel_emit3(s, M_SD_IMM, at.base, at.off, h.lo);
        else
            sel_emit3(s, M_SD, at.base, at.off, sel_pair(s, x));
        return;
    }
    struct sel_address high = {at.base, moved(at.off, 4)};
    align = align > 4 ? 4 : align;
    store_pieces(s, sel_work(s, h.lo), at, 4, align);
    store_pieces(s, sel_work(s, h.hi), high, bytes - 4, align);
}

void sel_store(struct sel *s, LLVMValueRef value)
{
    LLVMValueRef x = LLVMGetOperand(value, 0), pointer = LLVMGetOperand(value, 1);
    unsigned bytes = access_bytes(s, LLVMTypeOf(x));
    if (!bytes) {
        sel_error(s, "a store of a type that has no instruction");
        return;
    }
    if (sel_is_mram(pointer)) {
        mram_store(s, value, bytes);
        return;
    }
    struct sel_address at = sel_address(s, pointer);
    if (bytes > 4) {
        store_pair(s, x, at, bytes, alignment_of(value));
        return;
    }
    struct m_opnd data = sel_operand(s, x);
    if (data.kind == M_IMM && bytes < 4) {
        uint32_t bits = (uint32_t)data.imm << (32 - 8 * bytes);
        data.imm = (int32_t)bits >> (32 - 8 * bytes);
    }
    if (alignment_of(value) >= bytes && is_power(bytes) && fits_store(s, data, at.off, bytes))
        sel_emit3(s, store_op(bytes), at.base, at.off, data);
    else
        store_pieces(s, sel_work(s, data), at, bytes, alignment_of(value));
}

/* ---- blocks of memory ----------------------------------------------------------------------- */

static unsigned call_alignment(LLVMValueRef call, unsigned argument)
{
    unsigned kind = LLVMGetEnumAttributeKindForName("align", 5);
    LLVMAttributeRef a = LLVMGetCallSiteEnumAttribute(call, argument + 1, kind);
    unsigned align = a ? (unsigned)LLVMGetEnumAttributeValue(a) : 1;
    LLVMValueRef pointer = LLVMGetOperand(call, argument);
    if (LLVMIsAGlobalVariable(pointer) && LLVMGetAlignment(pointer) > align)
        align = LLVMGetAlignment(pointer);
    return align > 8 ? 8 : align;
}

static unsigned count_pieces(uint64_t size_bytes, unsigned align)
{
    unsigned count = 0;
    for (uint64_t left = size_bytes; left && count <= 64; count++)
        left -= piece_bytes(left, align);
    return count;
}

/* All loads before the first store, so that overlapping does not matter. */
static void copy_pieces(struct sel *s, struct sel_address to, struct sel_address from,
                        uint64_t size_bytes, unsigned align)
{
    struct m_opnd pieces[64];
    unsigned sizes[64], n = 0;
    for (uint64_t done = 0; done < size_bytes; done += sizes[n++]) {
        sizes[n] = piece_bytes(size_bytes - done, align);
        pieces[n] = sizes[n] == 8 ? sel_new_pair(s) : sel_new(s);
        enum m_op op = sizes[n] == 8 ? M_LD : load_op(sizes[n], false);
        sel_emit3(s, op, pieces[n], from.base, moved(from.off, (int64_t)done))->volatile_ = true;
    }
    uint64_t done = 0;
    for (unsigned i = 0; i < n; done += sizes[i++])
        sel_emit3(s, sizes[i] == 8 ? M_SD : store_op(sizes[i]), to.base,
                  moved(to.off, (int64_t)done), pieces[i]);
}

static struct m_opnd address_value(struct sel *s, LLVMValueRef pointer)
{
    return sel_operand(s, pointer);
}

/* One DMA transfer does when size and addresses allow it. */
static bool copy_by_dma(struct sel *s, LLVMValueRef call, bool to_mram, bool from_mram,
                        uint64_t size_bytes, unsigned align)
{
    if (to_mram == from_mram || align < 8 || size_bytes < 8 || size_bytes > 2048 || size_bytes % 8)
        return false;
    struct m_opnd wram = sel_work(s, address_value(s, LLVMGetOperand(call, to_mram ? 1 : 0)));
    struct m_opnd mram = sel_work(s, address_value(s, LLVMGetOperand(call, to_mram ? 0 : 1)));
    sel_emit3(s, to_mram ? M_SDMA : M_LDMA, wram, mram, m_imm((int64_t)size_bytes / 8 - 1));
    return true;
}

static const char *copy_routine(bool overlapping, bool to_mram, bool from_mram, bool by_words)
{
    if (to_mram && from_mram)
        return overlapping ? "__memmove_mm" : "__memcpy_mm";
    if (to_mram)
        return "__memcpy_mw";
    if (from_mram)
        return "__memcpy_wm";
    return overlapping ? "memmove" : by_words ? "__memcpy_wram_4align" : "memcpy";
}

void sel_memory_copy(struct sel *s, LLVMValueRef call, bool overlapping)
{
    LLVMValueRef to = LLVMGetOperand(call, 0), from = LLVMGetOperand(call, 1);
    LLVMValueRef size = LLVMGetOperand(call, 2);
    unsigned align = call_alignment(call, 0), other = call_alignment(call, 1);
    bool to_mram = sel_is_mram(to), from_mram = sel_is_mram(from);
    int64_t bytes;
    align = other < align ? other : align;
    bool is_known = sel_is_constant(size, &bytes);
    if (is_known && bytes == 0)
        return;
    if (is_known && !to_mram && !from_mram &&
        count_pieces((uint64_t)bytes, align) <= MAX_INLINE_STORES) {
        copy_pieces(s, sel_address(s, to), sel_address(s, from), (uint64_t)bytes, align);
        return;
    }
    if (is_known && copy_by_dma(s, call, to_mram, from_mram, (uint64_t)bytes, align))
        return;
    bool by_words = is_known && bytes % 4 == 0 && align >= 4;
    struct m_opnd args[3] = {address_value(s, to), address_value(s, from),
                             is_known ? m_imm(bytes) : sel_halves(s, size).lo};
    sel_runtime(s, copy_routine(overlapping, to_mram, from_mram, by_words), (struct m_opnd){0}, 3,
                args);
}

/* byte, repeated four times */
static struct m_opnd spread_byte(struct sel *s, struct m_opnd byte)
{
    if (byte.kind == M_IMM)
        return m_imm((int32_t)((uint32_t)(byte.imm & 255) * 0x01010101u));
    struct m_opnd one = sel_new(s), two = sel_new(s), four = sel_new(s);
    sel_alu(s, M_AND, one, byte, m_imm(255));
    sel_emit4(s, M_LSL_ADD, two, one, one, m_imm(8));
    sel_emit4(s, M_LSL_ADD, four, two, two, m_imm(16));
    return four;
}

static void set_pieces(struct sel *s, struct sel_address at, struct m_opnd byte, uint64_t bytes,
                       unsigned align)
{
    struct m_opnd word = spread_byte(s, byte);
    bool is_small = word.kind == M_IMM && (word.imm == 0 || word.imm == -1);
    for (uint64_t done = 0; done < bytes;) {
        unsigned size = piece_bytes(bytes - done, align);
        struct m_opnd off = moved(at.off, (int64_t)done);
        if (size == 8 && is_small && fits_store(s, word, off, 8))
            sel_emit3(s, M_SD_IMM, at.base, off, word);
        else if (size == 8) {
            size = 4;
            if (!m_is_register(word) && !fits_store(s, word, off, 4))
                word = sel_work(s, word);
            sel_emit3(s, M_SW, at.base, off, word);
        } else {
            struct m_opnd data = word;
            if (data.kind == M_IMM && size < 4)
                data.imm = (int32_t)((uint32_t)data.imm << (32 - 8 * size)) >> (32 - 8 * size);
            sel_emit3(s, store_op(size), at.base, off,
                      fits_store(s, data, off, size) ? data : sel_work(s, word));
        }
        done += size;
    }
}

void sel_memory_set(struct sel *s, LLVMValueRef call)
{
    LLVMValueRef to = LLVMGetOperand(call, 0), byte = LLVMGetOperand(call, 1);
    LLVMValueRef size = LLVMGetOperand(call, 2);
    unsigned align = call_alignment(call, 0);
    int64_t bytes;
    bool is_known = sel_is_constant(size, &bytes), is_mram = sel_is_mram(to);
    if (is_known && bytes == 0)
        return;
    if (is_known && !is_mram && count_pieces((uint64_t)bytes, align) <= MAX_INLINE_STORES) {
        set_pieces(s, sel_address(s, to), sel_operand(s, byte), (uint64_t)bytes, align);
        return;
    }
    const char *name = "memset";
    if (is_mram)
        name = is_known && bytes % 8 == 0 && align >= 8 ? "__memset_mram_8align" : "__memset_mram";
    else if (is_known && bytes % 4 == 0 && align >= 4)
        name = "__memset_wram_4align";
    struct m_opnd args[3] = {address_value(s, to), sel_zero_extended(s, byte),
                             is_known ? m_imm(bytes) : sel_halves(s, size).lo};
    sel_runtime(s, name, (struct m_opnd){0}, 3, args);
}

void sel_copy_to_slot(struct sel *s, uint32_t slot, LLVMValueRef from, uint64_t size_bytes,
                      unsigned align_bytes)
{
    struct sel_address to = {m_phys(M_SP), m_slot(slot, 0)};
    if (count_pieces(size_bytes, align_bytes) <= MAX_INLINE_STORES) {
        copy_pieces(s, to, sel_address(s, from), size_bytes, align_bytes);
        return;
    }
    bool by_words = size_bytes % 4 == 0 && align_bytes >= 4;
    struct m_opnd args[3] = {m_slot(slot, 0), sel_operand(s, from), m_imm((int64_t)size_bytes)};
    sel_runtime(s, copy_routine(false, false, false, by_words), (struct m_opnd){0}, 3, args);
}

/* ---- pointers of the other memory ------------------------------------------------------------ */

/* Does the pointer lead into something whose memory is known: a variable, a parameter in memory? */
static bool points_into_object(LLVMValueRef pointer)
{
    while (sel_is_op(pointer, LLVMGetElementPtr) || sel_is_op(pointer, LLVMBitCast))
        pointer = LLVMGetOperand(pointer, 0);
    return LLVMIsAAllocaInst(pointer) || LLVMIsAConstantExpr(pointer) ||
           LLVMIsAGlobalValue(pointer);
}

/* Only its value is wanted: nobody loads or stores through it. */
static bool becomes_number(LLVMValueRef cast)
{
    for (LLVMUseRef use = LLVMGetFirstUse(cast); use; use = LLVMGetNextUse(use))
        if (!sel_is_op(LLVMGetUser(use), LLVMPtrToInt))
            return false;
    return true;
}

/* An offset in MRAM that the host left in a `void *` may become a pointer to MRAM by a cast in the
 * source: the value stays. Never right: a variable's address, and a load or store from WRAM through
 * a pointer to MRAM. */
void sel_change_space(struct sel *s, LLVMValueRef cast)
{
    LLVMValueRef from = LLVMGetOperand(cast, 0);
    if (becomes_number(cast)) {
        sel_copy(s, sel_result(s, cast), sel_operand(s, from));
        return;
    }
    if (!sel_is_mram(cast) || points_into_object(from)) {
        sel_error(s, "pointers to WRAM and MRAM cannot be converted into each other");
        return;
    }
    sel_warning(s, "a pointer to WRAM becomes one to MRAM; its value is taken as an offset there");
    sel_copy(s, sel_result(s, cast), sel_operand(s, from));
}
