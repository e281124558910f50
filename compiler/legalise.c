/* SPDX-License-Identifier: MIT */
/* IR operations that selection does not know, written with those that it does: checked and
 * saturating arithmetic, funnel shifts of two values, smaller and larger of two floats, vectors of
 * one element. */
#include <stdlib.h>
#include <string.h>

#include <llvm-c/DebugInfo.h>

#include "module.h"

struct rewrite {
    LLVMBuilderRef builder;
    LLVMValueRef call, a, b, c;
    LLVMTypeRef type;
    unsigned width;
};

static LLVMValueRef number(const struct rewrite *r, uint64_t value)
{
    return LLVMConstInt(r->type, value, 0);
}

static LLVMValueRef compare(const struct rewrite *r, LLVMIntPredicate predicate, LLVMValueRef a,
                            LLVMValueRef b)
{
    return LLVMBuildICmp(r->builder, predicate, a, b, "");
}

static LLVMValueRef choose(const struct rewrite *r, LLVMValueRef cond, LLVMValueRef yes,
                           LLVMValueRef no)
{
    return LLVMBuildSelect(r->builder, cond, yes, no, "");
}

static LLVMValueRef sign_limit(const struct rewrite *r, bool lowest)
{
    uint64_t top = (uint64_t)1 << (r->width - 1);
    return number(r, lowest ? top : top - 1);
}

/* Did a + b = sum (or a - b = sum) leave the signed range? */
static LLVMValueRef signed_overflow(const struct rewrite *r, LLVMValueRef sum, bool is_sub)
{
    LLVMBuilderRef b = r->builder;
    LLVMValueRef x = LLVMBuildXor(b, r->a, is_sub ? r->b : sum, "");
    LLVMValueRef y = LLVMBuildXor(b, is_sub ? r->a : r->b, sum, "");
    return compare(r, LLVMIntSLT, LLVMBuildAnd(b, x, y, ""), number(r, 0));
}

/* ---- op.with.overflow ----------------------------------------------------------------------- */

struct checked {
    LLVMValueRef result, overflow;
};

static struct checked checked_add(const struct rewrite *r, bool is_signed)
{
    LLVMValueRef sum = LLVMBuildAdd(r->builder, r->a, r->b, "");
    return (struct checked){sum, is_signed ? signed_overflow(r, sum, false)
                                           : compare(r, LLVMIntULT, sum, r->a)};
}

static struct checked checked_sub(const struct rewrite *r, bool is_signed)
{
    LLVMValueRef sum = LLVMBuildSub(r->builder, r->a, r->b, "");
    return (struct checked){sum, is_signed ? signed_overflow(r, sum, true)
                                           : compare(r, LLVMIntULT, r->a, r->b)};
}

/* Up to 32 bits: in 64 bits. */
static struct checked checked_mul_short(const struct rewrite *r, bool is_signed)
{
    LLVMBuilderRef b = r->builder;
    LLVMTypeRef wide = LLVMInt64TypeInContext(LLVMGetTypeContext(r->type));
    LLVMValueRef x =
        is_signed ? LLVMBuildSExt(b, r->a, wide, "") : LLVMBuildZExt(b, r->a, wide, "");
    LLVMValueRef y =
        is_signed ? LLVMBuildSExt(b, r->b, wide, "") : LLVMBuildZExt(b, r->b, wide, "");
    LLVMValueRef product = LLVMBuildMul(b, x, y, "");
    LLVMValueRef result = LLVMBuildTrunc(b, product, r->type, "");
    LLVMValueRef again =
        is_signed ? LLVMBuildSExt(b, result, wide, "") : LLVMBuildZExt(b, result, wide, "");
    return (struct checked){result, LLVMBuildICmp(b, LLVMIntNE, product, again, "")};
}

/* 64 bits: the product divided by a factor must give the other one. */
static struct checked checked_mul_long(const struct rewrite *r, bool is_signed)
{
    LLVMBuilderRef b = r->builder;
    LLVMValueRef product = LLVMBuildMul(b, r->a, r->b, ""), zero = number(r, 0);
    LLVMValueRef is_zero = compare(r, LLVMIntEQ, r->a, zero);
    LLVMValueRef by = choose(r, is_zero, number(r, 1), r->a);
    if (!is_signed) {
        LLVMValueRef back = LLVMBuildUDiv(b, product, by, "");
        LLVMValueRef differs = compare(r, LLVMIntNE, back, r->b);
        return (struct checked){product,
                                LLVMBuildAnd(b, LLVMBuildNot(b, is_zero, ""), differs, "")};
    }
    LLVMValueRef minus = LLVMConstInt(r->type, UINT64_MAX, 1);
    LLVMValueRef is_minus = compare(r, LLVMIntEQ, r->a, minus);
    LLVMValueRef safe = choose(r, is_minus, number(r, 1), by);
    LLVMValueRef back = LLVMBuildSDiv(b, product, safe, "");
    LLVMValueRef differs = compare(r, LLVMIntNE, back, r->b);
    LLVMValueRef lowest = compare(r, LLVMIntEQ, r->b, sign_limit(r, true));
    LLVMValueRef wrong = choose(r, is_minus, lowest, differs);
    return (struct checked){product, LLVMBuildAnd(b, LLVMBuildNot(b, is_zero, ""), wrong, "")};
}

static struct checked checked_mul(const struct rewrite *r, bool is_signed)
{
    return r->width <= 32 ? checked_mul_short(r, is_signed) : checked_mul_long(r, is_signed);
}

static LLVMValueRef pair_of(const struct rewrite *r, struct checked x)
{
    LLVMValueRef empty = LLVMGetUndef(LLVMTypeOf(r->call));
    LLVMValueRef one = LLVMBuildInsertValue(r->builder, empty, x.result, 0, "");
    return LLVMBuildInsertValue(r->builder, one, x.overflow, 1, "");
}

/* ---- saturation ----------------------------------------------------------------------------- */

static LLVMValueRef saturate(const struct rewrite *r, bool is_sub, bool is_signed)
{
    struct checked x = is_sub ? checked_sub(r, is_signed) : checked_add(r, is_signed);
    if (!is_signed)
        return choose(r, x.overflow, number(r, is_sub ? 0 : UINT64_MAX), x.result);
    LLVMValueRef negative = compare(r, LLVMIntSLT, r->a, number(r, 0));
    LLVMValueRef limit = choose(r, negative, sign_limit(r, true), sign_limit(r, false));
    return choose(r, x.overflow, limit, x.result);
}

static LLVMValueRef shift_saturated(const struct rewrite *r, bool is_signed)
{
    LLVMBuilderRef b = r->builder;
    LLVMValueRef shifted = LLVMBuildShl(b, r->a, r->b, "");
    LLVMValueRef back =
        is_signed ? LLVMBuildAShr(b, shifted, r->b, "") : LLVMBuildLShr(b, shifted, r->b, "");
    LLVMValueRef limit = number(r, UINT64_MAX);
    if (is_signed)
        limit = choose(r, compare(r, LLVMIntSLT, r->a, number(r, 0)), sign_limit(r, true),
                       sign_limit(r, false));
    return choose(r, compare(r, LLVMIntEQ, back, r->a), shifted, limit);
}

/* ---- funnel shifts -------------------------------------------------------------------------- */

static bool is_rotation_of_machine(const struct rewrite *r)
{
    int64_t count;
    if (r->a != r->b)
        return false;
    return r->width == 32 || (r->width == 64 && sel_is_constant(r->c, &count) && count == 32);
}

/* Shift by width - count, which may be all bits. */
static LLVMValueRef shift_rest(const struct rewrite *r, LLVMValueRef value, LLVMValueRef count,
                               bool is_right)
{
    LLVMBuilderRef b = r->builder;
    LLVMOpcode shift = is_right ? LLVMLShr : LLVMShl;
    int64_t known;
    if (sel_is_constant(count, &known) && known != 0)
        return LLVMBuildBinOp(b, shift, value, number(r, (int64_t)r->width - known), "");
    LLVMValueRef once = LLVMBuildBinOp(b, shift, value, number(r, 1), "");
    LLVMValueRef rest = LLVMBuildSub(b, number(r, r->width - 1), count, "");
    return LLVMBuildBinOp(b, shift, once, rest, "");
}

/* (a << c) | (b >> (width - c)), and the mirror image. */
static LLVMValueRef funnel(const struct rewrite *r, bool is_right)
{
    LLVMBuilderRef b = r->builder;
    LLVMValueRef count = LLVMBuildURem(b, r->c, number(r, r->width), "");
    LLVMValueRef high =
        is_right ? shift_rest(r, r->a, count, false) : LLVMBuildShl(b, r->a, count, "");
    LLVMValueRef low =
        is_right ? LLVMBuildLShr(b, r->b, count, "") : shift_rest(r, r->b, count, true);
    return LLVMBuildOr(b, high, low, "");
}

/* ---- the table ------------------------------------------------------------------------------ */

/* ---- smaller or larger of two floats --------------------------------------------------------- */

/* minnum, maxnum: of a number and a NaN the number. minimum, maximum: the NaN, whose sum with
 * anything it is. */
static LLVMValueRef float_extreme(const struct rewrite *r, LLVMRealPredicate predicate,
                                  bool is_nan_stronger)
{
    LLVMBuilderRef b = r->builder;
    LLVMValueRef chosen = choose(r, LLVMBuildFCmp(b, predicate, r->a, r->b, ""), r->a, r->b);
    LLVMValueRef odd = is_nan_stronger ? LLVMBuildFCmp(b, LLVMRealUNO, r->a, r->b, "")
                                       : LLVMBuildFCmp(b, LLVMRealUNO, r->b, r->b, "");
    LLVMValueRef then = is_nan_stronger ? LLVMBuildFAdd(b, r->a, r->b, "") : r->a;
    return choose(r, odd, then, chosen);
}

/* ---- what kind of float ------------------------------------------------------------------------
 */

/* The kinds of a float by its bits without sign, in the order of those bits; the bits of the
 * optimiser's mask for the negative and for the positive ones. */
static const struct float_kind {
    unsigned negative, positive;
} float_kinds[] = {
    {1 << 5, 1 << 6}, /* zero */
    {1 << 4, 1 << 7}, /* subnormal */
    {1 << 3, 1 << 8}, /* normal */
    {1 << 2, 1 << 9}, /* infinite */
    {1 << 0, 1 << 0}, /* signalling NaN */
    {1 << 1, 1 << 1}, /* quiet NaN */
};
enum { FLOAT_KINDS = sizeof float_kinds / sizeof *float_kinds };

/* Is the size, the bits without sign, one of kinds first to last? Each begins where the one before
 * ends. */
static LLVMValueRef size_between(const struct rewrite *r, LLVMValueRef size, unsigned first,
                                 unsigned last)
{
    unsigned fraction = r->width == 64 ? 52 : 23;
    uint64_t infinite = ((uint64_t)1 << (r->width - 1)) - ((uint64_t)1 << fraction);
    const uint64_t begins[FLOAT_KINDS] = {0,
                                          1,
                                          (uint64_t)1 << fraction,
                                          infinite,
                                          infinite + 1,
                                          infinite + ((uint64_t)1 << (fraction - 1))};
    LLVMValueRef from = LLVMBuildSub(r->builder, size, number(r, begins[first]), "");
    if (last + 1 == FLOAT_KINDS)
        return compare(r, LLVMIntUGE, size, number(r, begins[first]));
    return compare(r, LLVMIntULT, from, number(r, begins[last + 1] - begins[first]));
}

/* Of the kinds whose bits are in the mask, neighbours are tested together. */
static LLVMValueRef one_of_kinds(const struct rewrite *r, LLVMValueRef size, unsigned mask,
                                 bool is_negative)
{
    LLVMTypeRef truth = LLVMTypeOf(r->call);
    LLVMValueRef any = LLVMConstInt(truth, 0, 0);
    for (unsigned i = 0; i < FLOAT_KINDS; i++) {
        unsigned first = i;
        while (i < FLOAT_KINDS &&
               mask & (is_negative ? float_kinds[i].negative : float_kinds[i].positive))
            i++;
        if (i > first)
            any = LLVMBuildOr(r->builder, any, size_between(r, size, first, i - 1), "");
    }
    return any;
}

static LLVMValueRef float_class(struct rewrite *r)
{
    LLVMBuilderRef b = r->builder;
    bool is_wide = LLVMGetTypeKind(r->type) == LLVMDoubleTypeKind;
    unsigned mask = (unsigned)LLVMConstIntGetZExtValue(r->b);
    LLVMContextRef context = LLVMGetTypeContext(r->type);
    r->type = is_wide ? LLVMInt64TypeInContext(context) : LLVMInt32TypeInContext(context);
    r->width = is_wide ? 64 : 32;
    LLVMValueRef bits = LLVMBuildBitCast(b, r->a, r->type, "");
    LLVMValueRef size = LLVMBuildAnd(b, bits, sign_limit(r, false), "");
    LLVMValueRef negative = one_of_kinds(r, size, mask, true);
    LLVMValueRef positive = one_of_kinds(r, size, mask, false);
    return choose(r, compare(r, LLVMIntSLT, bits, number(r, 0)), negative, positive);
}

/* ---- all ------------------------------------------------------------------------------------- */

static LLVMValueRef rewritten_float(struct rewrite *r, const char *name)
{
    static const struct {
        const char *name;
        LLVMRealPredicate predicate;
        bool is_nan_stronger;
    } rows[] = {{"llvm.minnum.", LLVMRealOLT, false},
                {"llvm.maxnum.", LLVMRealOGT, false},
                {"llvm.minimum.", LLVMRealOLT, true},
                {"llvm.maximum.", LLVMRealOGT, true}};
    if (strncmp(name, "llvm.is.fpclass.", 16) == 0)
        return float_class(r);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strncmp(name, rows[i].name, strlen(rows[i].name)) == 0)
            return float_extreme(r, rows[i].predicate, rows[i].is_nan_stronger);
    return NULL;
}

static LLVMValueRef rewritten(struct rewrite *r, const char *name)
{
    if (LLVMGetTypeKind(r->type) != LLVMIntegerTypeKind)
        return rewritten_float(r, name);
    r->width = LLVMGetIntTypeWidth(r->type);
    bool is_signed = name[5] == 's';
    if (strstr(name, ".with.overflow.")) {
        struct checked x = strncmp(name + 6, "add", 3) == 0   ? checked_add(r, is_signed)
                           : strncmp(name + 6, "sub", 3) == 0 ? checked_sub(r, is_signed)
                                                              : checked_mul(r, is_signed);
        return pair_of(r, x);
    }
    if (strncmp(name + 6, "add.sat.", 8) == 0 || strncmp(name + 6, "sub.sat.", 8) == 0)
        return saturate(r, name[6] == 's', is_signed);
    if (strncmp(name + 6, "shl.sat.", 8) == 0)
        return shift_saturated(r, is_signed);
    if (strncmp(name, "llvm.fsh", 8) == 0 && !is_rotation_of_machine(r))
        return funnel(r, name[8] == 'r');
    return NULL;
}

static void rewrite_call(LLVMBuilderRef builder, LLVMValueRef call)
{
    const char *name = sel_callee_name(call);
    bool known = strstr(name, ".with.overflow.") || strstr(name, ".sat.") ||
                 strncmp(name, "llvm.fsh", 8) == 0 || strncmp(name, "llvm.min", 8) == 0 ||
                 strncmp(name, "llvm.max", 8) == 0 || strncmp(name, "llvm.is.fpclass.", 16) == 0;
    if (strncmp(name, "llvm.", 5) != 0 || !known || strncmp(name, "llvm.fpto", 9) == 0)
        return;
    struct rewrite r = {.builder = builder, .call = call};
    r.a = LLVMGetOperand(call, 0);
    r.b = LLVMGetOperand(call, 1);
    r.c = LLVMGetNumArgOperands(call) > 2 ? LLVMGetOperand(call, 2) : NULL;
    r.type = LLVMTypeOf(r.a);
    LLVMPositionBuilderBefore(builder, call);
    LLVMSetCurrentDebugLocation2(builder, LLVMInstructionGetDebugLoc(call));
    LLVMValueRef value = rewritten(&r, name);
    if (!value)
        return;
    LLVMReplaceAllUsesWith(call, value);
    LLVMInstructionEraseFromParent(call);
}

void module_legalise(struct cg_module *module)
{
    LLVMBuilderRef builder = LLVMCreateBuilderInContext(LLVMGetModuleContext(module->ir));
    for (LLVMValueRef f = LLVMGetFirstFunction(module->ir); f; f = LLVMGetNextFunction(f))
        for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(f); b; b = LLVMGetNextBasicBlock(b)) {
            module_demote_phis(builder, b);
            for (LLVMValueRef in = LLVMGetFirstInstruction(b), next; in; in = next) {
                next = LLVMGetNextInstruction(in);
                module_expand_constants(builder, in);
                if (LLVMIsACallInst(in))
                    rewrite_call(builder, in);
                else
                    module_split_mram_access(builder, module->layout, in);
            }
        }
    LLVMDisposeBuilder(builder);
}

static bool is_wide(LLVMValueRef value)
{
    LLVMTypeRef type = LLVMTypeOf(value);
    return LLVMGetTypeKind(type) == LLVMIntegerTypeKind && LLVMGetIntTypeWidth(type) > 64;
}

bool module_has_wide_integers(LLVMModuleRef ir)
{
    for (LLVMValueRef f = LLVMGetFirstFunction(ir); f; f = LLVMGetNextFunction(f))
        for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(f); b; b = LLVMGetNextBasicBlock(b))
            for (LLVMValueRef in = LLVMGetFirstInstruction(b); in; in = LLVMGetNextInstruction(in))
                if (is_wide(in))
                    return true;
    return false;
}
