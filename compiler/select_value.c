/* SPDX-License-Identifier: MIT */
/* Operands of IR values: constants, conversions that cost nothing, halves of 64-bit values,
 * extension of short integers. A register that holds fewer than 32 bits has undefined upper bits,
 * except for i1, which is always 0 or 1. */
#include <string.h>

#include "module.h"
#include "select.h"

/* ---- facts about IR values ------------------------------------------------------------------ */

unsigned sel_width(struct sel *s, LLVMTypeRef type)
{
    (void)s;
    switch (LLVMGetTypeKind(type)) {
    case LLVMIntegerTypeKind:
        return LLVMGetIntTypeWidth(type) <= 64 ? LLVMGetIntTypeWidth(type) : 0;
    case LLVMPointerTypeKind:
    case LLVMFloatTypeKind:
        return 32;
    case LLVMDoubleTypeKind:
        return 64;
    default:
        return 0;
    }
}

bool sel_is_pair(struct sel *s, LLVMValueRef value)
{
    return sel_width(s, LLVMTypeOf(value)) > 32;
}

bool sel_one_use(LLVMValueRef value)
{
    LLVMUseRef use = LLVMGetFirstUse(value);
    return use && !LLVMGetNextUse(use);
}

bool sel_is_op(LLVMValueRef value, LLVMOpcode opcode)
{
    return LLVMIsAInstruction(value) && LLVMGetInstructionOpcode(value) == opcode;
}

bool sel_is_constant(LLVMValueRef value, int64_t *number)
{
    if (!LLVMIsAConstantInt(value) || LLVMGetIntTypeWidth(LLVMTypeOf(value)) > 64)
        return false;
    *number = LLVMConstIntGetSExtValue(value);
    return true;
}

const char *sel_callee_name(LLVMValueRef call)
{
    if (!LLVMIsACallInst(call))
        return "";
    LLVMValueRef callee = LLVMGetCalledValue(call);
    size_t len;
    return LLVMIsAFunction(callee) ? LLVMGetValueName2(callee, &len) : "";
}

bool sel_is_tid(LLVMValueRef value)
{
    return strcmp(sel_callee_name(value), "__dpu_tid") == 0;
}

/* ---- the table of values -------------------------------------------------------------------- */

struct sel_value *sel_value_of(struct sel *s, LLVMValueRef value)
{
    size_t slot = ((uintptr_t)value >> 4) * 0x9e3779b97f4a7c15u >> 20 & s->values_mask;
    for (struct sel_value *v = s->values[slot]; v; v = v->next)
        if (v->value == value)
            return v;
    struct sel_value *v = arena_alloc(&s->fn->arena, sizeof *v);
    v->value = value;
    v->next = s->values[slot];
    s->values[slot] = v;
    return v;
}

struct m_opnd sel_part(struct sel *s, LLVMValueRef value, unsigned part, bool is_pair)
{
    struct sel_value *v = sel_value_of(s, value);
    v->needed = true;
    if (!v->has_part[part]) {
        v->has_part[part] = true;
        v->part[part] = m_reg(m_vreg_add(s->fn, is_pair), is_pair);
    }
    return v->part[part];
}

struct m_opnd sel_result(struct sel *s, LLVMValueRef value)
{
    return sel_part(s, value, 0, sel_is_pair(s, value));
}

/* ---- constants ------------------------------------------------------------------------------ */

static bool constant_sum(struct sel *s, LLVMValueRef value, struct m_opnd *out)
{
    struct m_opnd left, right;
    if (!sel_constant(s, LLVMGetOperand(value, 0), &left) ||
        !sel_constant(s, LLVMGetOperand(value, 1), &right))
        return false;
    bool is_sub = LLVMGetConstOpcode(value) == LLVMSub;
    if (right.kind == M_SYM && (is_sub || left.kind == M_SYM)) {
        sel_error(s, "this sum of two addresses cannot be computed before the program runs");
        return false;
    }
    *out = left.kind == M_SYM ? left : right;
    out->imm = is_sub ? left.imm - right.imm : left.imm + right.imm;
    return true;
}

static bool constant_expression(struct sel *s, LLVMValueRef value, struct m_opnd *out)
{
    switch (LLVMGetConstOpcode(value)) {
    case LLVMGetElementPtr: {
        int64_t offset;
        if (!sel_constant(s, LLVMGetOperand(value, 0), out) ||
            !module_constant_offset(s->layout, value, &offset))
            return false;
        out->imm += offset;
        return true;
    }
    case LLVMAdd:
    case LLVMSub:
        return constant_sum(s, value, out);
    case LLVMPtrToInt: /* of a pointer to the other memory, too: it is only a number */
        value = LLVMGetOperand(value, 0);
        if (LLVMIsAConstantExpr(value) && LLVMGetConstOpcode(value) == LLVMAddrSpaceCast)
            value = LLVMGetOperand(value, 0);
        return sel_constant(s, value, out);
    case LLVMBitCast:
    case LLVMIntToPtr:
    case LLVMTrunc:
        return sel_constant(s, LLVMGetOperand(value, 0), out);
    case LLVMAddrSpaceCast:
        sel_error(s, "pointers to WRAM and MRAM cannot be converted into each other");
        return false;
    default:
        sel_error(s, "this address expression is not supported as a constant");
        return false;
    }
}

bool sel_constant(struct sel *s, LLVMValueRef value, struct m_opnd *out)
{
    *out = m_imm(0);
    int64_t number;
    if (sel_is_constant(value, &number))
        out->imm = number;
    else if (LLVMIsAConstantFP(value))
        out->imm = (int64_t)module_float_bits(value);
    else if (LLVMIsAGlobalValue(value))
        *out = (struct m_opnd){.kind = M_SYM, .sym = module_symbol(s->module, value)};
    else if (LLVMIsABlockAddress(value))
        *out = (struct m_opnd){.kind = M_SYM, .sym = module_block_symbol(s->module, value)};
    else if (LLVMIsAConstantExpr(value))
        return constant_expression(s, value, out);
    else if (!LLVMIsAConstantPointerNull(value) && !LLVMIsUndef(value) &&
             !LLVMIsAConstantAggregateZero(value)) {
        sel_error(s, "this kind of constant is not supported here");
        return false;
    }
    return true;
}

/* i1 is 0 or 1, others are sign-extended. */
static struct m_opnd constant(struct sel *s, LLVMValueRef value)
{
    struct m_opnd opnd;
    if (!sel_constant(s, value, &opnd))
        return m_imm(0);
    if (opnd.kind == M_IMM)
        opnd.imm = sel_width(s, LLVMTypeOf(value)) == 1 ? opnd.imm & 1 : (int32_t)opnd.imm;
    return opnd;
}

/* ---- extension ------------------------------------------------------------------------------ */

static bool user_wants(LLVMValueRef user, LLVMValueRef value, enum sel_extension extension)
{
    bool is_signed = extension == SEL_SIGN;
    switch (LLVMGetInstructionOpcode(user)) {
    case LLVMSExt:
    case LLVMSIToFP:
    case LLVMAShr:
    case LLVMSDiv:
    case LLVMSRem:
        return is_signed;
    case LLVMZExt:
    case LLVMUIToFP:
    case LLVMLShr:
    case LLVMUDiv:
    case LLVMURem:
        return !is_signed;
    case LLVMICmp:
        return is_signed == (LLVMGetICmpPredicate(user) >= LLVMIntSGT);
    case LLVMSwitch:
        return !is_signed && LLVMGetOperand(user, 0) == value;
    default:
        return false;
    }
}

static void look_at_users(LLVMValueRef value, bool *zero, bool *sign, unsigned depth)
{
    for (LLVMUseRef use = LLVMGetFirstUse(value); use; use = LLVMGetNextUse(use)) {
        LLVMValueRef user = LLVMGetUser(use);
        *zero |= user_wants(user, value, SEL_ZERO);
        *sign |= user_wants(user, value, SEL_SIGN);
        if (sel_is_op(user, LLVMPHI) && LLVMCountIncoming(user) == 1 && depth < 4)
            look_at_users(user, zero, sign, depth + 1);
    }
}

/* How a load of fewer than 32 bits extends; without a wish with sign, as the vendor's compiler. */
static enum sel_extension load_extension(struct sel *s, LLVMValueRef load)
{
    struct sel_value *v = sel_value_of(s, load);
    if (v->extension)
        return (enum sel_extension)(v->extension - 1);
    bool zero = sel_width(s, LLVMTypeOf(load)) == 1, sign = false;
    look_at_users(load, &zero, &sign, 0);
    enum sel_extension extension = zero && !sign ? SEL_ZERO : SEL_SIGN;
    v->extension = (uint8_t)(extension + 1);
    return extension;
}

/* What the register of a value is known to hold above the value's width. */
static bool has_extension(struct sel *s, LLVMValueRef value, enum sel_extension extension)
{
    unsigned width = sel_width(s, LLVMTypeOf(value));
    if (width == 32 || width == 64)
        return true;
    if (LLVMIsAArgument(value))
        return module_argument_extension(s->function, value) == extension ||
               (width == 1 && extension == SEL_ZERO);
    if (width == 1)
        return extension == SEL_ZERO;
    if (sel_is_op(value, LLVMLoad))
        return !sel_is_mram(LLVMGetOperand(value, 0)) && (width == 8 || width == 16) &&
               load_extension(s, value) == extension;
    if (sel_is_op(value, LLVMICmp))
        return extension == SEL_ZERO;
    if (LLVMIsACallInst(value) && strncmp(sel_callee_name(value), "llvm.bswap.", 11) == 0)
        return extension == SEL_ZERO;
    if (LLVMIsACallInst(value) && *sel_callee_name(value) &&
        strncmp(sel_callee_name(value), "llvm.", 5) != 0)
        return module_call_extension(value, 0) == extension;
    if (sel_is_op(value, LLVMPHI) && LLVMCountIncoming(value) == 1)
        return has_extension(s, LLVMGetIncomingValue(value, 0), extension);
    if (sel_is_op(value, LLVMZExt))
        return extension == SEL_ZERO || sel_width(s, LLVMTypeOf(LLVMGetOperand(value, 0))) < width;
    if (sel_is_op(value, LLVMSExt))
        return extension == SEL_SIGN;
    if (sel_is_op(value, LLVMLShr) && width < 32)
        return extension == SEL_ZERO;
    if (sel_is_op(value, LLVMAShr) && width < 32)
        return extension == SEL_SIGN;
    if (sel_is_op(value, LLVMAnd) && extension == SEL_ZERO)
        return has_extension(s, LLVMGetOperand(value, 0), extension) ||
               (LLVMIsAConstantInt(LLVMGetOperand(value, 1)) &&
                LLVMConstIntGetSExtValue(LLVMGetOperand(value, 1)) >= 0);
    return false;
}

static struct m_opnd truncated_constant(struct m_opnd opnd, unsigned width,
                                        enum sel_extension extension)
{
    uint32_t bits = (uint32_t)opnd.imm << (32 - width);
    opnd.imm = extension == SEL_ZERO ? (int64_t)(bits >> (32 - width))
                                     : (int64_t)((int32_t)bits >> (32 - width));
    return opnd;
}

struct m_opnd sel_extended(struct sel *s, LLVMValueRef value, enum sel_extension extension)
{
    unsigned width = sel_width(s, LLVMTypeOf(value));
    struct m_opnd opnd = sel_operand(s, value);
    if (extension == SEL_ANY || width >= 32)
        return opnd;
    if (opnd.kind == M_IMM)
        return truncated_constant(opnd, width, extension);
    if (has_extension(s, value, extension))
        return opnd;
    struct m_opnd d = sel_new(s);
    if (extension == SEL_ZERO)
        sel_alu(s, M_AND, d, opnd, m_imm((int64_t)((1u << width) - 1)));
    else if (width == 8 || width == 16)
        sel_emit2(s, width == 8 ? M_EXTSB : M_EXTSH, d, sel_source(s, opnd));
    else if (width == 1)
        sel_alu(s, M_SUB, d, m_imm(0), opnd);
    else {
        struct m_opnd t = sel_new(s);
        sel_alu(s, M_LSL, t, opnd, m_imm(32 - width));
        sel_alu(s, M_ASR, d, t, m_imm(32 - width));
    }
    return d;
}

struct m_opnd sel_zero_extended(struct sel *s, LLVMValueRef value)
{
    return sel_extended(s, value, SEL_ZERO);
}

struct m_opnd sel_sign_extended(struct sel *s, LLVMValueRef value)
{
    return sel_extended(s, value, SEL_SIGN);
}

/* ---- operands ------------------------------------------------------------------------------- */

/* The only value a phi of a block with one predecessor can have. */
static LLVMValueRef phi_alias(LLVMValueRef value)
{
    return sel_is_op(value, LLVMPHI) && LLVMCountIncoming(value) == 1
               ? LLVMGetIncomingValue(value, 0)
               : NULL;
}

/* The value that a conversion without code stands for, or NULL. */
static LLVMValueRef alias_of(struct sel *s, LLVMValueRef value)
{
    if (!LLVMIsAInstruction(value))
        return NULL;
    LLVMValueRef from;
    switch (LLVMGetInstructionOpcode(value)) {
    case LLVMPtrToInt:
    case LLVMIntToPtr:
    case LLVMBitCast:
    case LLVMFreeze:
        from = LLVMGetOperand(value, 0);
        return sel_is_pair(s, from) == sel_is_pair(s, value) &&
                       sel_width(s, LLVMTypeOf(from)) >= sel_width(s, LLVMTypeOf(value))
                   ? from
                   : NULL;
    case LLVMTrunc:
        from = LLVMGetOperand(value, 0);
        return sel_width(s, LLVMTypeOf(value)) != 1 && !sel_is_pair(s, from) ? from : NULL;
    case LLVMZExt:
    case LLVMSExt:
        from = LLVMGetOperand(value, 0);
        if (sel_is_pair(s, value) || LLVMIsAConstant(from))
            return NULL;
        return has_extension(s, from, sel_is_op(value, LLVMZExt) ? SEL_ZERO : SEL_SIGN) ? from
                                                                                        : NULL;
    case LLVMPHI:
        return phi_alias(value);
    default:
        return NULL;
    }
}

/* id times 1, 2, 4, 8 are registers. */
static bool is_id(LLVMValueRef value, struct m_opnd *out)
{
    int64_t count;
    if (sel_is_tid(value)) {
        *out = m_const(M_ID);
        return true;
    }
    if (!sel_is_op(value, LLVMShl) || !sel_is_tid(LLVMGetOperand(value, 0)) ||
        !sel_is_constant(LLVMGetOperand(value, 1), &count) || count > 3)
        return false;
    *out = m_const(M_ID + (uint32_t)count);
    return true;
}

/* A part of a 64-bit value. */
static bool is_half(struct sel *s, LLVMValueRef value, struct m_opnd *out)
{
    if (!sel_is_op(value, LLVMTrunc) || sel_width(s, LLVMTypeOf(value)) == 1)
        return false;
    LLVMValueRef from = LLVMGetOperand(value, 0);
    int64_t count;
    if (!sel_is_pair(s, from))
        return false;
    if (sel_is_op(from, LLVMLShr) && sel_is_constant(LLVMGetOperand(from, 1), &count) &&
        count == 32 && sel_width(s, LLVMTypeOf(from)) == 64)
        *out = sel_halves(s, LLVMGetOperand(from, 0)).hi;
    else
        *out = sel_halves(s, from).lo;
    return true;
}

struct m_opnd sel_operand(struct sel *s, LLVMValueRef value)
{
    struct m_opnd out;
    if (LLVMIsAConstant(value))
        return constant(s, value);
    LLVMValueRef alias = alias_of(s, value);
    if (alias)
        return sel_operand(s, alias);
    if (is_id(value, &out) || is_half(s, value, &out))
        return out;
    if (sel_is_op(value, LLVMAlloca))
        return m_slot(module_alloca_slot(s, value), 0);
    return sel_result(s, value);
}

/* ---- 64-bit values -------------------------------------------------------------------------- */

static struct sel_halves halves_of_pair(struct m_opnd pair)
{
    return (struct sel_halves){m_half(pair, M_LO), m_half(pair, M_HI)};
}

static uint64_t wide_constant(LLVMValueRef value)
{
    if (LLVMIsAConstantFP(value))
        return module_float_bits(value);
    int64_t number = 0;
    sel_is_constant(value, &number);
    return (uint64_t)number;
}

/* or/add of a value whose low half is 0 and one whose high half is 0. */
static bool is_joined(struct sel *s, LLVMValueRef value, LLVMValueRef *high, LLVMValueRef *low)
{
    if (!sel_is_op(value, LLVMOr) || sel_width(s, LLVMTypeOf(value)) != 64)
        return false;
    for (unsigned i = 0; i < 2; i++) {
        LLVMValueRef a = LLVMGetOperand(value, i), b = LLVMGetOperand(value, 1 - i);
        int64_t count;
        if (sel_is_op(a, LLVMShl) && sel_is_constant(LLVMGetOperand(a, 1), &count) && count == 32 &&
            sel_is_op(b, LLVMZExt)) {
            *high = LLVMGetOperand(a, 0);
            *low = b;
            return true;
        }
    }
    return false;
}

static bool fold_halves(struct sel *s, LLVMValueRef value, struct sel_halves *out)
{
    int64_t count;
    LLVMValueRef high, low;
    if (sel_is_op(value, LLVMZExt) && !sel_is_pair(s, LLVMGetOperand(value, 0))) {
        out->lo = sel_zero_extended(s, LLVMGetOperand(value, 0));
        out->hi = m_imm(0);
        return true;
    }
    if (sel_is_op(value, LLVMShl) && sel_is_constant(LLVMGetOperand(value, 1), &count) &&
        count == 32 && sel_width(s, LLVMTypeOf(value)) == 64) {
        out->hi = sel_halves(s, LLVMGetOperand(value, 0)).lo;
        out->lo = m_imm(0);
        return true;
    }
    if (is_joined(s, value, &high, &low)) {
        out->hi = sel_halves(s, high).lo;
        out->lo = sel_halves(s, low).lo;
        return true;
    }
    return false;
}

struct sel_halves sel_halves(struct sel *s, LLVMValueRef value)
{
    struct sel_halves out;
    if (LLVMIsAConstantExpr(value) || LLVMIsAGlobalValue(value)) {
        sel_constant(s, value, &out.lo);
        out.hi = m_imm(0);
        return out;
    }
    if (LLVMIsAConstant(value)) {
        uint64_t bits = wide_constant(value);
        return (struct sel_halves){m_imm((int32_t)(uint32_t)bits), m_imm((int32_t)(bits >> 32))};
    }
    if (!sel_is_pair(s, value))
        return (struct sel_halves){sel_operand(s, value), m_imm(0)};
    LLVMValueRef alias = alias_of(s, value);
    if (alias)
        return sel_halves(s, alias);
    if (sel_is_op(value, LLVMTrunc)) /* i64 to i33..i63 */
        return sel_halves(s, LLVMGetOperand(value, 0));
    if (!(sel_is_op(value, LLVMZExt) && sel_is_widening(s, value)) && fold_halves(s, value, &out))
        return out;
    return halves_of_pair(sel_result(s, value));
}

struct sel_halves sel_halves_extended(struct sel *s, LLVMValueRef value, bool is_signed)
{
    unsigned width = sel_width(s, LLVMTypeOf(value));
    struct sel_halves h = sel_halves(s, value);
    if (width == 64)
        return h;
    if (width <= 32) {
        h.lo = sel_extended(s, value, is_signed ? SEL_SIGN : SEL_ZERO);
        h.hi = m_imm(0);
        if (is_signed) {
            h.hi = sel_new(s);
            sel_alu(s, M_ASR, h.hi, h.lo, m_imm(31));
        }
        return h;
    }
    struct m_opnd hi = sel_new(s), up = sel_new(s);
    if (h.hi.kind == M_IMM)
        hi = truncated_constant(h.hi, width - 32, is_signed ? SEL_SIGN : SEL_ZERO);
    else if (!is_signed)
        sel_alu(s, M_AND, hi, h.hi, m_imm((int64_t)((1u << (width - 32)) - 1)));
    else {
        sel_alu(s, M_LSL, up, h.hi, m_imm(64 - width));
        sel_alu(s, M_ASR, hi, up, m_imm(64 - width));
    }
    h.hi = hi;
    return h;
}

static void move_halves(struct sel *s, struct m_opnd to, struct sel_halves h)
{
    bool is_number = h.lo.kind == M_IMM && h.hi.kind == M_IMM;
    if (is_number && (int32_t)h.hi.imm == ((int32_t)h.lo.imm < 0 ? -1 : 0))
        sel_emit2(s, M_MOVEI_S, to, m_imm((int32_t)h.lo.imm));
    else if (is_number && (uint32_t)h.hi.imm == 0)
        sel_emit2(s, M_MOVEI_U, to, m_imm((int64_t)(uint32_t)h.lo.imm));
    else if (h.lo.kind == M_REG && h.hi.kind == M_REG && h.lo.reg == h.hi.reg &&
             h.lo.lane == M_LO && h.hi.lane == M_HI)
        sel_emit2(s, M_COPY, to, (struct m_opnd){.kind = M_REG, .lane = M_PAIR, .reg = h.lo.reg});
    else {
        sel_copy(s, m_half(to, M_LO), h.lo);
        sel_copy(s, m_half(to, M_HI), h.hi);
    }
}

struct m_opnd sel_pair(struct sel *s, LLVMValueRef value)
{
    struct sel_halves h = sel_halves(s, value);
    if (h.lo.kind == M_REG && h.hi.kind == M_REG && h.lo.reg == h.hi.reg && h.lo.lane == M_LO &&
        h.hi.lane == M_HI)
        return (struct m_opnd){.kind = M_REG, .lane = M_PAIR, .reg = h.lo.reg};
    struct m_opnd pair = sel_new_pair(s);
    move_halves(s, pair, h);
    return pair;
}

void sel_move(struct sel *s, struct m_opnd to, LLVMValueRef value)
{
    if (to.lane == M_PAIR)
        move_halves(s, to, sel_halves(s, value));
    else
        sel_copy(s, to, sel_operand(s, value));
}
