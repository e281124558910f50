/* SPDX-License-Identifier: MIT */
/* Operands that are expressions of constants. Selection knows those that are an address plus a
 * number; others, such as the comparison of a weak symbol with null, become instructions. */
#include <llvm-c/DebugInfo.h>

#include "module.h"

static bool has_symbol(LLVMValueRef value)
{
    if (!LLVMIsAConstantExpr(value))
        return LLVMIsAGlobalValue(value) || LLVMIsABlockAddress(value);
    for (int i = 0; i < LLVMGetNumOperands(value); i++)
        if (has_symbol(LLVMGetOperand(value, (unsigned)i)))
            return true;
    return false;
}

/* A relocation adds one address; it cannot add another one or subtract it. */
static bool is_sum_of_addresses(LLVMValueRef value)
{
    LLVMOpcode opcode = LLVMGetConstOpcode(value);
    return (opcode == LLVMAdd || opcode == LLVMSub) && has_symbol(LLVMGetOperand(value, 1)) &&
           (opcode == LLVMSub || has_symbol(LLVMGetOperand(value, 0)));
}

static bool is_address(LLVMValueRef value)
{
    if (!LLVMIsAConstantExpr(value))
        return true;
    if (is_sum_of_addresses(value))
        return false;
    switch (LLVMGetConstOpcode(value)) {
    case LLVMGetElementPtr:
    case LLVMAdd:
    case LLVMSub:
    case LLVMBitCast:
    case LLVMPtrToInt:
    case LLVMIntToPtr:
    case LLVMTrunc:
    case LLVMAddrSpaceCast:
        break;
    default:
        return false;
    }
    for (int i = 0; i < LLVMGetNumOperands(value); i++)
        if (!is_address(LLVMGetOperand(value, (unsigned)i)))
            return false;
    return true;
}

static LLVMValueRef as_instruction(LLVMBuilderRef builder, LLVMValueRef value);

/* The builder would fold an operation of constants back into an expression; it leaves freeze. */
static LLVMValueRef operand(LLVMBuilderRef builder, LLVMValueRef value, unsigned i)
{
    LLVMValueRef x = LLVMGetOperand(value, i);
    if (LLVMIsAConstantInt(x) || LLVMIsAConstantPointerNull(x))
        return x;
    return is_address(x) ? LLVMBuildFreeze(builder, x, "") : as_instruction(builder, x);
}

static LLVMValueRef address(LLVMBuilderRef builder, LLVMValueRef gep)
{
    enum { MOST_INDICES = 8 };
    LLVMValueRef indices[MOST_INDICES];
    unsigned n = (unsigned)LLVMGetNumOperands(gep) - 1;
    if (n > MOST_INDICES)
        return gep;
    for (unsigned i = 0; i < n; i++)
        indices[i] = operand(builder, gep, i + 1);
    return LLVMBuildGEP2(builder, LLVMGetGEPSourceElementType(gep), operand(builder, gep, 0),
                         indices, n, "");
}

static LLVMValueRef as_instruction(LLVMBuilderRef builder, LLVMValueRef value)
{
    LLVMOpcode opcode = LLVMGetConstOpcode(value);
    LLVMTypeRef type = LLVMTypeOf(value);
    LLVMValueRef a = operand(builder, value, 0);
    switch (opcode) {
    case LLVMGetElementPtr:
        return address(builder, value);
    case LLVMICmp:
        return LLVMBuildICmp(builder, LLVMGetICmpPredicate(value), a, operand(builder, value, 1),
                             "");
    case LLVMSelect:
        return LLVMBuildSelect(builder, a, operand(builder, value, 1), operand(builder, value, 2),
                               "");
    case LLVMAdd:
    case LLVMSub:
    case LLVMMul:
    case LLVMAnd:
    case LLVMOr:
    case LLVMXor:
    case LLVMShl:
    case LLVMLShr:
    case LLVMAShr:
        return LLVMBuildBinOp(builder, opcode, a, operand(builder, value, 1), "");
    case LLVMZExt:
    case LLVMSExt:
    case LLVMTrunc:
    case LLVMBitCast:
    case LLVMPtrToInt:
    case LLVMIntToPtr:
        return LLVMBuildCast(builder, opcode, a, type, "");
    default:
        return value; /* selection refuses it */
    }
}

void module_expand_constants(LLVMBuilderRef builder, LLVMValueRef in)
{
    bool is_phi = LLVMIsAPHINode(in) != NULL;
    unsigned n = is_phi ? LLVMCountIncoming(in) : (unsigned)LLVMGetNumOperands(in);
    for (unsigned i = 0; i < n; i++) {
        LLVMValueRef value = LLVMGetOperand(in, i);
        if (!LLVMIsAConstantExpr(value) || is_address(value))
            continue;
        LLVMPositionBuilderBefore(
            builder, is_phi ? LLVMGetBasicBlockTerminator(LLVMGetIncomingBlock(in, i)) : in);
        LLVMSetCurrentDebugLocation2(builder, LLVMInstructionGetDebugLoc(in));
        LLVMSetOperand(in, i, as_instruction(builder, value));
    }
}
