/* SPDX-License-Identifier: MIT */
/* Integers of more than 64 bits, as the front end uses them for runs of bit-fields: loaded, shifted
 * by constants, masked, truncated, stored. Before the optimiser runs they become limbs of 64 bits.
 * Anything else with such an integer stays, and selection refuses it. */
#include <llvm-c/DebugInfo.h>
#include <stdlib.h>

#include "module.h"

enum { LIMB_BITS = 64, LIMB_BYTES = 8, MOST_LIMBS = 8 };

struct limbs {
    LLVMValueRef value; /* that they stand for */
    LLVMValueRef limb[MOST_LIMBS];
};

struct widths {
    LLVMBuilderRef builder;
    LLVMTypeRef i64;
    struct limbs *known;
    size_t n_known, known_capacity;
};

static unsigned bits_of(LLVMValueRef value)
{
    LLVMTypeRef type = LLVMTypeOf(value);
    return LLVMGetTypeKind(type) == LLVMIntegerTypeKind ? LLVMGetIntTypeWidth(type) : 0;
}

static bool is_wide(LLVMValueRef value)
{
    return bits_of(value) > LIMB_BITS && bits_of(value) <= MOST_LIMBS * LIMB_BITS;
}

static unsigned limbs_of(LLVMValueRef value)
{
    return (bits_of(value) + LIMB_BITS - 1) / LIMB_BITS;
}

static LLVMValueRef number(struct widths *w, uint64_t value)
{
    return LLVMConstInt(w->i64, value, 0);
}

/* ---- the limbs of a value ------------------------------------------------------------------- */

/* Constant folding does the division. */
static void constant_limbs(struct widths *w, LLVMValueRef value, struct limbs *out)
{
    LLVMTypeRef type = LLVMTypeOf(value);
    for (unsigned i = 0; i < limbs_of(value); i++) {
        LLVMValueRef count = LLVMConstInt(type, (uint64_t)i * LIMB_BITS, 0);
        LLVMValueRef shifted = i ? LLVMBuildLShr(w->builder, value, count, "") : value;
        out->limb[i] = LLVMBuildTrunc(w->builder, shifted, w->i64, "");
    }
}

static bool find_limbs(struct widths *w, LLVMValueRef value, struct limbs *out)
{
    if (LLVMIsAConstantInt(value)) {
        constant_limbs(w, value, out);
        return true;
    }
    for (size_t i = w->n_known; i-- > 0;)
        if (w->known[i].value == value) {
            *out = w->known[i];
            return true;
        }
    return false;
}

static void remember(struct widths *w, LLVMValueRef value, struct limbs limbs)
{
    limbs.value = value;
    w->known = grow_array(w->known, &w->known_capacity, w->n_known, sizeof *w->known);
    w->known[w->n_known++] = limbs;
}

/* The bits above the width of the value. */
static LLVMValueRef fill(struct widths *w, LLVMValueRef value, const struct limbs *x, bool sign)
{
    unsigned n = limbs_of(value), used = bits_of(value) - (n - 1) * LIMB_BITS;
    LLVMValueRef top = x->limb[n - 1], rest = number(w, LIMB_BITS - used);
    if (used == LIMB_BITS)
        return top;
    top = LLVMBuildShl(w->builder, top, rest, "");
    return sign ? LLVMBuildAShr(w->builder, top, rest, "")
                : LLVMBuildLShr(w->builder, top, rest, "");
}

/* ---- operations ----------------------------------------------------------------------------- */

static LLVMTypeRef part_type(struct widths *w, LLVMValueRef value, unsigned i)
{
    unsigned left = bits_of(value) - i * LIMB_BITS;
    unsigned bits = left < LIMB_BITS ? (left + 7) / 8 * 8 : LIMB_BITS;
    return LLVMIntTypeInContext(LLVMGetTypeContext(w->i64), bits);
}

static LLVMValueRef part_address(struct widths *w, LLVMValueRef pointer, unsigned i)
{
    LLVMContextRef context = LLVMGetTypeContext(w->i64);
    LLVMValueRef index = LLVMConstInt(LLVMInt32TypeInContext(context), i * LIMB_BYTES, 0);
    return LLVMBuildGEP2(w->builder, LLVMInt8TypeInContext(context), pointer, &index, 1, "");
}

static void as_the_original(LLVMValueRef part, LLVMValueRef whole)
{
    unsigned align = LLVMGetAlignment(whole);
    LLVMSetAlignment(part, align < LIMB_BYTES ? align : LIMB_BYTES);
    LLVMSetVolatile(part, LLVMGetVolatile(whole));
}

static bool load(struct widths *w, LLVMValueRef in, struct limbs *out)
{
    for (unsigned i = 0; i < limbs_of(in); i++) {
        LLVMValueRef part = LLVMBuildLoad2(w->builder, part_type(w, in, i),
                                           part_address(w, LLVMGetOperand(in, 0), i), "");
        as_the_original(part, in);
        out->limb[i] = LLVMBuildZExt(w->builder, part, w->i64, "");
    }
    return true;
}

static bool store(struct widths *w, LLVMValueRef in)
{
    struct limbs x;
    LLVMValueRef value = LLVMGetOperand(in, 0);
    if (!find_limbs(w, value, &x))
        return false;
    for (unsigned i = 0; i < limbs_of(value); i++) {
        LLVMValueRef part = LLVMBuildTrunc(w->builder, x.limb[i], part_type(w, value, i), "");
        LLVMValueRef address = part_address(w, LLVMGetOperand(in, 1), i);
        as_the_original(LLVMBuildStore(w->builder, part, address), in);
    }
    return true;
}

static bool extend(struct widths *w, LLVMValueRef in, struct limbs *out)
{
    LLVMValueRef value = LLVMGetOperand(in, 0);
    bool sign = LLVMGetInstructionOpcode(in) == LLVMSExt;
    if (is_wide(value))
        return false;
    out->limb[0] = sign ? LLVMBuildSExt(w->builder, value, w->i64, "")
                        : LLVMBuildZExt(w->builder, value, w->i64, "");
    for (unsigned i = 1; i < limbs_of(in); i++)
        out->limb[i] =
            sign ? LLVMBuildAShr(w->builder, out->limb[0], number(w, 63), "") : number(w, 0);
    return true;
}

static bool bitwise(struct widths *w, LLVMValueRef in, struct limbs *out)
{
    struct limbs a, b;
    if (!find_limbs(w, LLVMGetOperand(in, 0), &a) || !find_limbs(w, LLVMGetOperand(in, 1), &b))
        return false;
    for (unsigned i = 0; i < limbs_of(in); i++)
        out->limb[i] =
            LLVMBuildBinOp(w->builder, LLVMGetInstructionOpcode(in), a.limb[i], b.limb[i], "");
    return true;
}

/* x shifted by `count` bits within two neighbours: count bits of `high` and the rest of `low`. */
static LLVMValueRef between(struct widths *w, LLVMValueRef high, LLVMValueRef low, unsigned count)
{
    if (count == 0)
        return high;
    return LLVMBuildOr(w->builder, LLVMBuildShl(w->builder, high, number(w, count), ""),
                       LLVMBuildLShr(w->builder, low, number(w, LIMB_BITS - count), ""), "");
}

static bool shift(struct widths *w, LLVMValueRef in, struct limbs *out)
{
    struct limbs x;
    LLVMValueRef value = LLVMGetOperand(in, 0), by = LLVMGetOperand(in, 1);
    LLVMOpcode op = LLVMGetInstructionOpcode(in);
    if (!LLVMIsAConstantInt(by) || !find_limbs(w, value, &x))
        return false;
    struct limbs count;
    constant_limbs(w, by, &count);
    uint64_t bits = LLVMConstIntGetZExtValue(count.limb[0]);
    unsigned n = limbs_of(in), whole = (unsigned)(bits / LIMB_BITS), rest = bits % LIMB_BITS;
    if (bits >= bits_of(in))
        return false;
    LLVMValueRef outside = number(w, 0);
    if (op != LLVMShl) {
        x.limb[n - 1] = fill(w, value, &x, op == LLVMAShr);
        if (op == LLVMAShr)
            outside = LLVMBuildAShr(w->builder, x.limb[n - 1], number(w, 63), "");
    }
    for (unsigned i = 0; i < n; i++) {
        if (op == LLVMShl) {
            LLVMValueRef high = i >= whole ? x.limb[i - whole] : outside;
            LLVMValueRef low = i > whole ? x.limb[i - whole - 1] : outside;
            out->limb[i] = between(w, high, low, rest);
            continue;
        }
        LLVMValueRef low = i + whole < n ? x.limb[i + whole] : outside;
        LLVMValueRef high = i + whole + 1 < n ? x.limb[i + whole + 1] : outside;
        out->limb[i] = rest ? between(w, high, low, LIMB_BITS - rest) : low;
    }
    return true;
}

static bool truncate(struct widths *w, LLVMValueRef in, struct limbs *out)
{
    struct limbs x;
    if (!find_limbs(w, LLVMGetOperand(in, 0), &x))
        return false;
    if (is_wide(in)) {
        *out = x;
        return true;
    }
    LLVMReplaceAllUsesWith(in, LLVMBuildTrunc(w->builder, x.limb[0], LLVMTypeOf(in), ""));
    return true;
}

/* ---- all of a function ---------------------------------------------------------------------- */

static bool rewrite(struct widths *w, LLVMValueRef in, struct limbs *out)
{
    switch (LLVMGetInstructionOpcode(in)) {
    case LLVMLoad:
        return load(w, in, out);
    case LLVMStore:
        return store(w, in);
    case LLVMZExt:
    case LLVMSExt:
        return extend(w, in, out);
    case LLVMAnd:
    case LLVMOr:
    case LLVMXor:
        return bitwise(w, in, out);
    case LLVMShl:
    case LLVMLShr:
    case LLVMAShr:
        return shift(w, in, out);
    case LLVMTrunc:
        return truncate(w, in, out);
    default:
        return false;
    }
}

static bool concerns_wide(LLVMValueRef in)
{
    if (is_wide(in))
        return true;
    for (int i = 0; i < LLVMGetNumOperands(in); i++)
        if (is_wide(LLVMGetOperand(in, (unsigned)i)))
            return true;
    return false;
}

static void erase_unused(LLVMBasicBlockRef block)
{
    for (LLVMValueRef in = LLVMGetLastInstruction(block), before; in; in = before) {
        before = LLVMGetPreviousInstruction(in);
        if (is_wide(in) && !LLVMGetFirstUse(in))
            LLVMInstructionEraseFromParent(in);
    }
}

static void divide_block(struct widths *w, LLVMBasicBlockRef block)
{
    w->n_known = 0;
    for (LLVMValueRef in = LLVMGetFirstInstruction(block), next; in; in = next) {
        next = LLVMGetNextInstruction(in);
        struct limbs limbs = {0};
        if (!concerns_wide(in))
            continue;
        LLVMPositionBuilderBefore(w->builder, in);
        LLVMSetCurrentDebugLocation2(w->builder, LLVMInstructionGetDebugLoc(in));
        if (!rewrite(w, in, &limbs))
            continue;
        if (is_wide(in))
            remember(w, in, limbs);
        else
            LLVMInstructionEraseFromParent(in);
    }
    erase_unused(block);
}

void module_divide_wide_integers(LLVMModuleRef ir)
{
    LLVMContextRef context = LLVMGetModuleContext(ir);
    struct widths w = {.builder = LLVMCreateBuilderInContext(context),
                       .i64 = LLVMInt64TypeInContext(context)};
    for (LLVMValueRef f = LLVMGetFirstFunction(ir); f; f = LLVMGetNextFunction(f))
        for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(f); b; b = LLVMGetNextBasicBlock(b))
            divide_block(&w, b);
    free(w.known);
    LLVMDisposeBuilder(w.builder);
}
