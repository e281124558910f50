/* SPDX-License-Identifier: MIT */
/* Accesses to MRAM that no single transfer through the tasklet's 8-byte buffer can do, because the
 * address may lie across its border: of packed members and of bit-fields. They become several. */
#include <llvm-c/DebugInfo.h>

#include "module.h"
#include "select.h"

enum { PIECES = 8 };

struct access {
    LLVMBuilderRef builder;
    LLVMValueRef instruction, pointer;
    LLVMTypeRef type; /* of the value */
    unsigned bytes, align;
};

static LLVMTypeRef integer(const struct access *a, unsigned bits)
{
    return LLVMIntTypeInContext(LLVMGetTypeContext(a->type), bits);
}

static unsigned size_of(LLVMTargetDataRef layout, LLVMTypeRef type)
{
    return (unsigned)LLVMStoreSizeOfType(layout, type);
}

/* The largest power of two that fits the rest and its alignment. */
static unsigned piece_of(unsigned left, unsigned align)
{
    unsigned size = PIECES;
    while (size > left || size > align)
        size /= 2;
    return size;
}

static LLVMValueRef piece_address(const struct access *a, unsigned offset)
{
    LLVMValueRef index = LLVMConstInt(integer(a, 32), offset, 0);
    return LLVMBuildInBoundsGEP2(a->builder, integer(a, 8), a->pointer, &index, 1, "");
}

static void as_the_original(const struct access *a, LLVMValueRef piece, unsigned size)
{
    LLVMSetAlignment(piece, size);
    LLVMSetVolatile(piece, LLVMGetVolatile(a->instruction));
}

static LLVMValueRef of_type(const struct access *a, LLVMValueRef bits)
{
    LLVMValueRef exact = LLVMBuildTrunc(a->builder, bits, integer(a, 8 * a->bytes), "");
    switch (LLVMGetTypeKind(a->type)) {
    case LLVMPointerTypeKind:
        return LLVMBuildIntToPtr(a->builder, exact, a->type, "");
    case LLVMIntegerTypeKind:
        return LLVMBuildTrunc(a->builder, exact, a->type, "");
    default:
        return LLVMBuildBitCast(a->builder, exact, a->type, "");
    }
}

static void split_load(const struct access *a)
{
    LLVMTypeRef wide = integer(a, 64);
    LLVMValueRef sum = NULL;
    for (unsigned done = 0, size; done < a->bytes; done += size) {
        size = piece_of(a->bytes - done, a->align);
        LLVMValueRef piece =
            LLVMBuildLoad2(a->builder, integer(a, 8 * size), piece_address(a, done), "");
        as_the_original(a, piece, size);
        piece = LLVMBuildZExt(a->builder, piece, wide, "");
        piece = LLVMBuildShl(a->builder, piece, LLVMConstInt(wide, 8 * done, 0), "");
        sum = sum ? LLVMBuildOr(a->builder, sum, piece, "") : piece;
    }
    LLVMReplaceAllUsesWith(a->instruction, of_type(a, sum));
    LLVMInstructionEraseFromParent(a->instruction);
}

static LLVMValueRef bits_of(const struct access *a, LLVMValueRef value)
{
    LLVMTypeRef exact = integer(a, 8 * a->bytes);
    switch (LLVMGetTypeKind(a->type)) {
    case LLVMPointerTypeKind:
        value = LLVMBuildPtrToInt(a->builder, value, exact, "");
        break;
    case LLVMIntegerTypeKind:
        break;
    default:
        value = LLVMBuildBitCast(a->builder, value, exact, "");
    }
    return LLVMBuildZExt(a->builder, value, integer(a, 64), "");
}

static void split_store(const struct access *a)
{
    LLVMValueRef bits = bits_of(a, LLVMGetOperand(a->instruction, 0));
    for (unsigned done = 0, size; done < a->bytes; done += size) {
        size = piece_of(a->bytes - done, a->align);
        LLVMValueRef count = LLVMConstInt(integer(a, 64), 8 * done, 0);
        LLVMValueRef piece = LLVMBuildLShr(a->builder, bits, count, "");
        piece = LLVMBuildTrunc(a->builder, piece, integer(a, 8 * size), "");
        as_the_original(a, LLVMBuildStore(a->builder, piece, piece_address(a, done)), size);
    }
    LLVMInstructionEraseFromParent(a->instruction);
}

void module_split_mram_access(LLVMBuilderRef builder, LLVMTargetDataRef layout, LLVMValueRef in)
{
    bool is_load = LLVMIsALoadInst(in) != NULL;
    if (!is_load && !LLVMIsAStoreInst(in))
        return;
    struct access a = {.builder = builder, .instruction = in};
    a.pointer = LLVMGetOperand(in, is_load ? 0 : 1);
    a.type = LLVMTypeOf(is_load ? in : LLVMGetOperand(in, 0));
    a.bytes = size_of(layout, a.type);
    a.align = LLVMGetAlignment(in);
    bool is_power = (a.bytes & (a.bytes - 1)) == 0;
    if (!sel_is_mram(a.pointer) || a.bytes > PIECES || a.align == 0 ||
        (a.align >= a.bytes && is_power))
        return;
    LLVMPositionBuilderBefore(builder, in);
    LLVMSetCurrentDebugLocation2(builder, LLVMInstructionGetDebugLoc(in));
    (is_load ? split_load : split_store)(&a);
}
