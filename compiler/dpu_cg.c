/* SPDX-License-Identifier: MIT */
/* dpu-cg: bitcode of one translation unit to DPU assembly. A process of its own, so that LLVM's
 * library is nowhere else. Called by the driver; not for users. */
#include <llvm-c/BitReader.h>
#include <llvm-c/Core.h>
#include <llvm-c/Support.h>
#include <stdlib.h>
#include <string.h>

#include "debug_info.h"
#include "module.h"

static int usage(void)
{
    fputs("usage: dpu-cg [-O0|-O1|-O2|-O3|-Os|-Oz] [-g] [-mprofile=match|best] [-print-ir]\n"
          "              [-source NAME] [-o OUT.s] IN.bc\n"
          "Compiles LLVM bitcode to DPU assembly; called by dpu-upmem-dpurte-clang.\n",
          stderr);
    return 2;
}

static bool set_level(struct cg_options *o, const char *level)
{
    static const struct {
        const char *name, *passes;
        unsigned level;
    } levels[] = {{"0", "default<O0>", 0}, {"1", "default<O1>", 1}, {"2", "default<O2>", 2},
                  {"3", "default<O3>", 3}, {"s", "default<Os>", 2}, {"z", "default<Oz>", 2}};
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (strcmp(level, levels[i].name) == 0) {
            o->passes = levels[i].passes;
            o->level = levels[i].level;
            o->optimise = levels[i].level > 0;
            return true;
        }
    return false;
}

static bool parse(int argc, char **argv, struct cg_options *o, const char **bitcode)
{
    set_level(o, "2");
    for (int i = 1; i < argc; i++) {
        const char *arg = argv[i];
        if (strncmp(arg, "-O", 2) == 0) {
            if (!set_level(o, arg + 2))
                return false;
        } else if (strcmp(arg, "-g") == 0)
            o->debug_lines = true;
        else if (strcmp(arg, "-mprofile=best") == 0)
            o->best = true;
        else if (strcmp(arg, "-mprofile=match") == 0)
            o->best = false;
        else if (strcmp(arg, "-print-ir") == 0)
            o->print_ir = true;
        else if (strcmp(arg, "-source") == 0 && i + 1 < argc)
            o->input = argv[++i];
        else if (strcmp(arg, "-o") == 0 && i + 1 < argc)
            o->output = argv[++i];
        else if (arg[0] == '-' || *bitcode)
            return false;
        else
            *bitcode = arg;
    }
    if (!o->input)
        o->input = *bitcode;
    return *bitcode && o->output;
}

static LLVMModuleRef read_bitcode(LLVMContextRef context, const char *path)
{
    LLVMMemoryBufferRef buffer;
    LLVMModuleRef ir = NULL;
    char *message = NULL;
    if (LLVMCreateMemoryBufferWithContentsOfFile(path, &buffer, &message)) {
        fprintf(stderr, "dpu-cg: error: %s: %s\n", path, message);
        LLVMDisposeMessage(message);
        return NULL;
    }
    if (LLVMParseBitcodeInContext2(context, buffer, &ir))
        fprintf(stderr, "dpu-cg: error: %s: this is no bitcode of LLVM %d\n", path,
                LLVM_VERSION_MAJOR);
    LLVMDisposeMemoryBuffer(buffer);
    return ir;
}

static void compile_function(struct cg_module *module, LLVMValueRef function)
{
    unsigned errors = module->n_errors;
    struct m_function *fn = sel_function(module, function);
    if (module->n_errors == errors) {
        m_edges_compute(fn);
        m_loops(fn);
        if (m_allocate(fn)) {
            m_tidy(fn);
            m_frame(fn);
            m_layout(fn);
            emit_function(module, function, fn);
        } else {
            fprintf(stderr, "%s: error: function %s: its values do not fit the registers\n",
                    module->options->input, fn->name);
            module->n_errors++;
        }
    }
    m_function_destroy(fn);
}

static void warn(struct cg_module *module, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    module_warning(module, NULL, format, args);
    va_end(args);
}

/* What is left of constructors that the optimizer could not run itself. */
static void warn_of_constructors(struct cg_module *module)
{
    LLVMValueRef list = LLVMGetNamedGlobal(module->ir, "llvm.global_ctors");
    LLVMValueRef rows = list ? LLVMGetInitializer(list) : NULL;
    for (unsigned i = 0; rows && i < (unsigned)LLVMGetNumOperands(rows); i++)
        warn(module, "nothing runs before main on a DPU: the constructor %s is never called",
             module_symbol(module, LLVMGetOperand(LLVMGetOperand(rows, i), 1)));
}

static void emit_files(struct cg_module *module)
{
    const char *slash = strrchr(module->options->input, '/');
    fprintf(module->out, "\t.file \"%s\"\n", slash ? slash + 1 : module->options->input);
}

/* Line tables name their files before the first instruction: functions go to memory first. */
static void emit_module(struct cg_module *module, FILE *file)
{
    char *text = NULL;
    size_t len = 0;
    module->out = open_memstream(&text, &len);
    for (LLVMValueRef f = LLVMGetFirstFunction(module->ir); f; f = LLVMGetNextFunction(f))
        if (!LLVMIsDeclaration(f) && LLVMGetLinkage(f) != LLVMAvailableExternallyLinkage)
            compile_function(module, f);
    module_emit_data(module);
    warn_of_constructors(module);
    if (module->options->debug_lines)
        debug_info_write(module);
    fclose(module->out);
    module->out = file;
    emit_files(module);
    for (size_t i = 0; i < module->n_files && module->options->debug_lines; i++) {
        const struct cg_file *f = &module->files[i];
        if (f->name[0] == '/' || !*f->directory)
            fprintf(file, "\t.file %zu \"%s\"\n", i + 1, f->name);
        else
            fprintf(file, "\t.file %zu \"%s\" \"%s\"\n", i + 1, f->directory, f->name);
    }
    fwrite(text, 1, len, file);
    free(text);
}

/* Parses and optimises; integers of more than 64 bits, which one loop optimisation makes, are
 * avoided by a second run without it. */
static bool prepare(struct cg_module *module, LLVMContextRef context, const char *bitcode)
{
    for (unsigned attempt = 0; attempt < 2; attempt++) {
        module->ir = read_bitcode(context, bitcode);
        if (!module->ir)
            return false;
        debug_info_collect(module);
        module_normalise(module);
        if (!module_optimise(module))
            return false;
        if (!module_has_wide_integers(module->ir))
            break;
        static const char *const without[] = {"dpu-cg", "-replexitval=never"};
        LLVMParseCommandLineOptions(2, without, NULL);
        if (attempt == 0)
            LLVMDisposeModule(module->ir);
    }
    module_legalise(module);
    if (module->options->print_ir)
        LLVMDumpModule(module->ir);
    return true;
}

int main(int argc, char **argv)
{
    struct cg_options options = {0};
    const char *bitcode = NULL;
    if (!parse(argc, argv, &options, &bitcode))
        return usage();
    struct cg_module module = {.options = &options};
    LLVMContextRef context = LLVMContextCreate();
#if LLVM_VERSION_MAJOR == 15
    LLVMContextSetOpaquePointers(context, 1);
#endif
    module.layout = LLVMCreateTargetData("e-m:e-p:32:32-i64:64-n32-S64");
    FILE *file = NULL;
    if (prepare(&module, context, bitcode) && !module.n_errors) {
        file = strcmp(options.output, "-") == 0 ? stdout : fopen(options.output, "w");
        if (!file) {
            fprintf(stderr, "dpu-cg: error: %s: cannot be written\n", options.output);
            module.n_errors++;
        } else
            emit_module(&module, file);
    }
    if (file && fclose(file) != 0) {
        fprintf(stderr, "dpu-cg: error: %s: cannot be written\n", options.output);
        module.n_errors++;
    }
    if (module.n_errors && file && file != stdout)
        remove(options.output);
    module_fini(&module);
    LLVMContextDispose(context);
    return module.n_errors || !file ? 1 : 0;
}
