/* SPDX-License-Identifier: MIT */
/* The optimiser of LLVM: its standard passes without a target, then loop strength reduction and
 * what else prepares code for a target, with one whose addressing is near enough to the DPU's. */
#include <llvm-c/Error.h>
#include <llvm-c/Support.h>
#include <llvm-c/TargetMachine.h>
#include <llvm-c/Transforms/PassBuilder.h>

#include <string.h>

#include "module.h"

static bool run(struct cg_module *module, const char *passes, LLVMTargetMachineRef machine)
{
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    LLVMErrorRef error = LLVMRunPasses(module->ir, passes, machine, options);
    LLVMDisposePassBuilderOptions(options);
    if (!error)
        return true;
    char *message = LLVMGetErrorMessage(error);
    fprintf(stderr, "dpu-cg: error: %s: %s\n", passes, message);
    LLVMDisposeErrorMessage(message);
    module->n_errors++;
    return false;
}

static LLVMTargetMachineRef substitute_machine(void)
{
    static const char triple[] = "i386-unknown-unknown";
    LLVMTargetRef target;
    char *message;
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    if (LLVMGetTargetFromTriple(triple, &target, &message)) {
        LLVMDisposeMessage(message);
        return NULL;
    }
    return LLVMCreateTargetMachine(target, triple, "i386", "-mmx,-sse", LLVMCodeGenLevelDefault,
                                   LLVMRelocStatic, LLVMCodeModelDefault);
}

/* ---- which functions loop strength reduction is for ----------------------------------------- */

/* Does an address move with a loop? */
static bool is_strided(LLVMValueRef pointer)
{
    for (unsigned depth = 0; depth < 8; depth++) {
        if (sel_is_op(pointer, LLVMPHI))
            return true;
        if (!sel_is_op(pointer, LLVMGetElementPtr))
            return false;
        LLVMValueRef index = LLVMGetOperand(pointer, (unsigned)LLVMGetNumOperands(pointer) - 1);
        while (sel_is_op(index, LLVMZExt) || sel_is_op(index, LLVMSExt) ||
               sel_is_op(index, LLVMAdd))
            index = LLVMGetOperand(index, 0);
        if (sel_is_op(index, LLVMPHI))
            return true;
        pointer = LLVMGetOperand(pointer, 0);
    }
    return false;
}

static size_t number_of(LLVMBasicBlockRef *all, size_t n, LLVMBasicBlockRef block)
{
    size_t i = 0;
    while (i < n && all[i] != block)
        i++;
    return i;
}

/* Machine blocks in the shape of the function, for the depth of its loops. */
static struct m_function *shape_of(LLVMBasicBlockRef *all, size_t n)
{
    struct m_function *shape = m_function_create("");
    for (size_t i = 0; i < n; i++)
        m_block_add(shape);
    for (size_t i = 0; i < n; i++) {
        LLVMValueRef last = LLVMGetBasicBlockTerminator(all[i]);
        for (unsigned k = 0; k < LLVMGetNumSuccessors(last); k++)
            m_edge_add(shape->blocks[i],
                       shape->blocks[number_of(all, n, LLVMGetSuccessor(last, k))]);
    }
    m_loops(shape);
    return shape;
}

enum walk { WALKS_NOTHING, WALKS_BYTES, WALKS_WORDS };

static enum walk walk_of_block(struct cg_module *module, LLVMBasicBlockRef block)
{
    enum walk walk = WALKS_NOTHING;
    for (LLVMValueRef in = LLVMGetFirstInstruction(block); in; in = LLVMGetNextInstruction(in)) {
        bool is_store = sel_is_op(in, LLVMStore);
        if (!is_store && !sel_is_op(in, LLVMLoad))
            continue;
        LLVMTypeRef type = is_store ? LLVMTypeOf(LLVMGetOperand(in, 0)) : LLVMTypeOf(in);
        if (!is_strided(LLVMGetOperand(in, is_store ? 1 : 0)))
            continue;
        if (LLVMABISizeOfType(module->layout, type) > 1)
            return WALKS_WORDS;
        walk = WALKS_BYTES;
    }
    return walk;
}

/* Where all that is walked through are bytes there is no scale to save, and the substitute's
 * counting towards zero only costs. */
static bool walks_bytes_only(struct cg_module *module, LLVMValueRef function)
{
    size_t n = LLVMCountBasicBlocks(function);
    LLVMBasicBlockRef *all = arena_alloc(&module->arena, n * sizeof *all);
    LLVMGetBasicBlocks(function, all);
    struct m_function *shape = shape_of(all, n);
    uint32_t deepest = 1;
    bool bytes = false, words = false;
    for (size_t i = 0; i < n; i++)
        if (shape->blocks[i]->depth > deepest)
            deepest = shape->blocks[i]->depth;
    for (size_t i = 0; i < n; i++) {
        enum walk walk =
            shape->blocks[i]->depth == deepest ? walk_of_block(module, all[i]) : WALKS_NOTHING;
        bytes |= walk == WALKS_BYTES;
        words |= walk == WALKS_WORDS;
    }
    m_function_destroy(shape);
    return bytes && !words;
}

/* Passes leave functions with these attributes alone. */
static void set_untouchable(LLVMValueRef function, bool on)
{
    static const char *const names[] = {"optnone", "noinline"};
    LLVMContextRef context = LLVMGetModuleContext(LLVMGetGlobalParent(function));
    for (unsigned i = 0; i < 2; i++) {
        unsigned kind = LLVMGetEnumAttributeKindForName(names[i], strlen(names[i]));
        if (on)
            LLVMAddAttributeAtIndex(function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                                    LLVMCreateEnumAttribute(context, kind, 0));
        else
            LLVMRemoveEnumAttributeAtIndex(function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                                           kind);
    }
}

static void exempt_byte_walkers(struct cg_module *module, bool on)
{
    for (LLVMValueRef f = LLVMGetFirstFunction(module->ir); f; f = LLVMGetNextFunction(f))
        if (!LLVMIsDeclaration(f) && (!on || walks_bytes_only(module, f)))
            set_untouchable(f, on);
}

/* What a target's own preparation would do: equal addresses once, with offsets apart, and values
 * computed where they are needed. */
static const char preparation[] = "function(separate-const-offset-from-gep,early-cse,sink)";

/* Without that target in the library the code is a little different, not worse. */
static bool run_for_target(struct cg_module *module)
{
    LLVMTargetMachineRef machine = substitute_machine();
    if (!machine)
        return true;
    LLVMSetTarget(module->ir, "i386-unknown-unknown");
    exempt_byte_walkers(module, true);
    bool ok = run(module, "function(loop(loop-reduce))", machine);
    exempt_byte_walkers(module, false);
    ok = ok && run(module, preparation, machine);
    LLVMSetTarget(module->ir, "dpu-upmem-dpurte");
    LLVMDisposeTargetMachine(machine);
    return ok;
}

static bool has_vectors(LLVMModuleRef ir)
{
    for (LLVMValueRef f = LLVMGetFirstFunction(ir); f; f = LLVMGetNextFunction(f))
        for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(f); b; b = LLVMGetNextBasicBlock(b))
            for (LLVMValueRef in = LLVMGetFirstInstruction(b); in; in = LLVMGetNextInstruction(in))
                if (LLVMGetTypeKind(LLVMTypeOf(in)) == LLVMVectorTypeKind)
                    return true;
    return false;
}

/* Vectors that the source asks for, element by element. */
static bool dissolve_vectors(struct cg_module *module)
{
    static const char *const options[] = {"dpu-cg", "-scalarize-load-store"};
    LLVMParseCommandLineOptions(2, options, NULL);
    const char *combine = LLVM_VERSION_MAJOR >= 18
                              ? "function(scalarizer,instcombine<no-verify-fixpoint>)"
                              : "function(scalarizer,instcombine)";
    return run(module, combine, NULL);
}

bool module_optimise(struct cg_module *module)
{
    /* -finstrument-functions: part of the pipelines of LLVM 19, of the front end's before */
    if (LLVM_VERSION_MAJOR < 19 && !run(module, "function(ee-instrument)", NULL))
        return false;
    if (!run(module, module->options->passes, NULL))
        return false;
    if (has_vectors(module->ir) && !dissolve_vectors(module))
        return false;
    if (module->options->optimise && !run_for_target(module))
        return false;
    if (module->options->optimise)
        module_sink_loads(module);
    return run(module, "globaldce", NULL);
}
