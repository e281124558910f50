/* SPDX-License-Identifier: MIT */
/* Loads move down to the value that uses them, where a block loads more than the registers hold.
 * Unrolled sums arrive as all loads, then all additions (the optimiser reassociates them), and
 * would go through the stack. Elsewhere loads stay: they may stand before the step of a pointer. */
#include "module.h"

enum {
    FEW_WORDS = 12, /* loaded and not yet used: so many find registers */
    FAR = 2000      /* instructions that a load moves at most */
};

static bool is_barrier(LLVMValueRef in)
{
    switch (LLVMGetInstructionOpcode(in)) {
    case LLVMStore:
    case LLVMCall:
    case LLVMFence:
    case LLVMAtomicCmpXchg:
    case LLVMAtomicRMW:
    case LLVMVAArg:
        return true;
    default:
        return LLVMIsATerminatorInst(in) != NULL ||
               (sel_is_op(in, LLVMLoad) && LLVMGetVolatile(in));
    }
}

static bool uses(LLVMValueRef in, LLVMValueRef value)
{
    for (int i = 0; i < LLVMGetNumOperands(in); i++)
        if (LLVMGetOperand(in, (unsigned)i) == value)
            return true;
    return false;
}

/* The instruction that a load may move down to; NULL when it stays. */
static LLVMValueRef place_of(LLVMValueRef load)
{
    if (!sel_is_op(load, LLVMLoad) || LLVMGetVolatile(load) || !sel_one_use(load))
        return NULL;
    LLVMValueRef user = LLVMGetUser(LLVMGetFirstUse(load)), in = LLVMGetNextInstruction(load);
    if (LLVMGetInstructionParent(user) != LLVMGetInstructionParent(load) ||
        sel_is_op(user, LLVMPHI))
        return NULL;
    for (unsigned left = FAR; left && in; left--, in = LLVMGetNextInstruction(in)) {
        if (uses(in, load))
            return in;
        if (is_barrier(in))
            return NULL;
    }
    return NULL;
}

static unsigned words_of(struct cg_module *module, LLVMValueRef value)
{
    return LLVMABISizeOfType(module->layout, LLVMTypeOf(value)) > 4 ? 2 : 1;
}

/* Are more words loaded ahead of their use than find registers? */
static bool is_crowded(struct cg_module *module, LLVMBasicBlockRef block)
{
    unsigned ahead = 0;
    for (LLVMValueRef in = LLVMGetFirstInstruction(block); in; in = LLVMGetNextInstruction(in)) {
        if (sel_is_op(in, LLVMLoad))
            ahead += sel_one_use(in) ? words_of(module, in) : 0;
        else if (!sel_is_op(in, LLVMGetElementPtr))
            ahead = 0;
        if (ahead > FEW_WORDS)
            return true;
    }
    return false;
}

static void sink_in_block(struct cg_module *module, LLVMBasicBlockRef block, LLVMBuilderRef builder)
{
    if (!is_crowded(module, block))
        return;
    for (LLVMValueRef in = LLVMGetLastInstruction(block), before; in; in = before) {
        before = LLVMGetPreviousInstruction(in);
        LLVMValueRef place = place_of(in);
        if (!place || place == LLVMGetNextInstruction(in))
            continue;
        LLVMInstructionRemoveFromParent(in);
        LLVMPositionBuilderBefore(builder, place);
        LLVMInsertIntoBuilder(builder, in);
    }
}

void module_sink_loads(struct cg_module *module)
{
    LLVMBuilderRef builder = LLVMCreateBuilderInContext(LLVMGetModuleContext(module->ir));
    for (LLVMValueRef f = LLVMGetFirstFunction(module->ir); f; f = LLVMGetNextFunction(f))
        for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(f); b; b = LLVMGetNextBasicBlock(b))
            sink_in_block(module, b, builder);
    LLVMDisposeBuilder(builder);
}
