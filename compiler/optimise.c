/* SPDX-License-Identifier: MIT */
/* The optimiser of LLVM: its standard passes without a target, then, in profile match, loop strength
 * reduction with a target whose addressing is near enough to the DPU's. */
#include <llvm-c/Error.h>
#include <llvm-c/TargetMachine.h>
#include <llvm-c/Transforms/PassBuilder.h>

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

/* Without that target in the library the code is a little different, not worse. */
static bool reduce_strength(struct cg_module *module)
{
    LLVMTargetMachineRef machine = substitute_machine();
    if (!machine)
        return true;
    LLVMSetTarget(module->ir, "i386-unknown-unknown");
    bool ok = run(module, "function(loop(loop-reduce))", machine);
    LLVMSetTarget(module->ir, "dpu-upmem-dpurte");
    LLVMDisposeTargetMachine(machine);
    return ok;
}

bool module_optimise(struct cg_module *module)
{
    if (!run(module, module->options->passes, NULL))
        return false;
    if (module->options->optimise && !module->options->best && !reduce_strength(module))
        return false;
    return run(module, "globaldce", NULL);
}
