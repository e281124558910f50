/* SPDX-License-Identifier: MIT */
/* What must hold before the optimiser runs: one calling convention, the DPU's data layout, no
 * vectors, and inline assembly that takes locks as a barrier for memory. */
#include <stdlib.h>
#include <string.h>

#include "module.h"

static void add_attribute(LLVMValueRef function, const char *name)
{
    unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
    LLVMContextRef context = LLVMGetModuleContext(LLVMGetGlobalParent(function));
    if (kind)
        LLVMAddAttributeAtIndex(function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                                LLVMCreateEnumAttribute(context, kind, 0));
}

/* Locks order memory, whether or not their author wrote the clobber. */
static bool takes_lock(const char *text)
{
    return strstr(text, "acquire") || strstr(text, "release") || strstr(text, "ldma") ||
           strstr(text, "sdma") || strstr(text, "stop") || strstr(text, "resume") ||
           strstr(text, "boot");
}

/* The template between the first two quotes and the constraints between the next two, raw. */
static bool split_asm(char *printed, char **text, char **constraints)
{
    char *p = strstr(printed, "asm "), *parts[4];
    for (unsigned i = 0; p && i < 4; i++) {
        p = strchr(p, '"');
        parts[i] = p;
        if (p)
            p++;
    }
    if (!p)
        return false;
    *parts[1] = *parts[3] = 0;
    *text = parts[0] + 1;
    *constraints = parts[2] + 1;
    return true;
}

static char *unescaped(struct arena *arena, const char *text)
{
    char *out = arena_alloc(arena, strlen(text) + 1), *at = out;
    for (; *text; text++)
        if (*text == '\\' && text[1] && text[2] && text[1] != '\\') {
            char hex[3] = {text[1], text[2], 0};
            *at++ = (char)strtol(hex, NULL, 16);
            text += 2;
        } else if (*text == '\\') {
            *at++ = '\\';
            text++;
        } else
            *at++ = *text;
    return out;
}

static void add_memory_clobber(struct cg_module *module, LLVMValueRef call)
{
    LLVMValueRef body = LLVMGetCalledValue(call);
    char *printed = LLVMPrintValueToString(body), *text, *constraints;
    bool sideeffect = strstr(printed, "sideeffect") != NULL;
    if (split_asm(printed, &text, &constraints) && takes_lock(text) &&
        !strstr(constraints, "~{memory}")) {
        text = unescaped(&module->arena, text);
        const char *separator = *constraints ? "," : "";
        char *all = arena_format(&module->arena, "%s%s~{memory}", constraints, separator);
        LLVMValueRef barrier =
            LLVMGetInlineAsm(LLVMGetCalledFunctionType(call), text, strlen(text), all, strlen(all),
                             sideeffect, 0, LLVMInlineAsmDialectATT, 0);
        LLVMSetOperand(call, (unsigned)LLVMGetNumOperands(call) - 1, barrier);
        unsigned kinds[] = {LLVMGetEnumAttributeKindForName("readnone", 8),
                            LLVMGetEnumAttributeKindForName("memory", 6)};
        for (unsigned i = 0; i < 2; i++)
            if (kinds[i])
                LLVMRemoveCallSiteEnumAttribute(
                    call, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, kinds[i]);
    }
    LLVMDisposeMessage(printed);
}

static void normalise_function(struct cg_module *module, LLVMValueRef function)
{
    size_t len;
    const char *name = LLVMGetValueName2(function, &len);
    if (strncmp(name, "llvm.", 5) != 0)
        LLVMSetFunctionCallConv(function, LLVMCCallConv);
    if (!LLVMIsDeclaration(function))
        add_attribute(function, "noimplicitfloat");
    for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(function); b; b = LLVMGetNextBasicBlock(b))
        for (LLVMValueRef in = LLVMGetFirstInstruction(b); in; in = LLVMGetNextInstruction(in)) {
            if (!LLVMIsACallInst(in))
                continue;
            LLVMSetInstructionCallConv(in, LLVMCCallConv);
            if (LLVMIsAInlineAsm(LLVMGetCalledValue(in)))
                add_memory_clobber(module, in);
        }
}

void module_normalise(struct cg_module *module)
{
    LLVMSetTarget(module->ir, "dpu-upmem-dpurte");
    LLVMSetDataLayout(module->ir, "e-m:e-p:32:32-i64:64-n32-S64");
    for (LLVMValueRef f = LLVMGetFirstFunction(module->ir); f; f = LLVMGetNextFunction(f))
        normalise_function(module, f);
    module_divide_wide_integers(module->ir);
}
