/* SPDX-License-Identifier: MIT */
/* Values that meet in a block whose address is taken. An indirect jump arrives at the block itself,
 * so no block on the way can set them, and a register set before the jump would be set for its
 * other targets too: they go through variables of the frame. */
#include "module.h"

static LLVMValueRef variable_for(LLVMBuilderRef builder, LLVMValueRef phi)
{
    LLVMValueRef function = LLVMGetBasicBlockParent(LLVMGetInstructionParent(phi));
    LLVMBasicBlockRef entry = LLVMGetEntryBasicBlock(function);
    LLVMPositionBuilderBefore(builder, LLVMGetFirstInstruction(entry));
    return LLVMBuildAlloca(builder, LLVMTypeOf(phi), "");
}

static LLVMValueRef first_behind_phis(LLVMBasicBlockRef block)
{
    LLVMValueRef in = LLVMGetFirstInstruction(block);
    while (LLVMIsAPHINode(in))
        in = LLVMGetNextInstruction(in);
    return in;
}

static void demote(LLVMBuilderRef builder, LLVMValueRef phi)
{
    LLVMSetCurrentDebugLocation2(builder, NULL);
    LLVMValueRef variable = variable_for(builder, phi);
    LLVMBasicBlockRef block = LLVMGetInstructionParent(phi), last = NULL;
    for (unsigned i = 0; i < LLVMCountIncoming(phi); i++) {
        LLVMBasicBlockRef from = LLVMGetIncomingBlock(phi, i);
        if (from == last) /* a predecessor with several edges has the same value for each */
            continue;
        last = from;
        LLVMPositionBuilderBefore(builder, LLVMGetBasicBlockTerminator(from));
        LLVMBuildStore(builder, LLVMGetIncomingValue(phi, i), variable);
    }
    LLVMPositionBuilderBefore(builder, first_behind_phis(block));
    LLVMValueRef value = LLVMBuildLoad2(builder, LLVMTypeOf(phi), variable, "");
    LLVMReplaceAllUsesWith(phi, value);
    LLVMInstructionEraseFromParent(phi);
}

void module_demote_phis(LLVMBuilderRef builder, LLVMBasicBlockRef block)
{
    if (!module_is_block_target(block))
        return;
    for (LLVMValueRef in = LLVMGetFirstInstruction(block), next; in && LLVMIsAPHINode(in);
         in = next) {
        next = LLVMGetNextInstruction(in);
        demote(builder, in);
    }
}
