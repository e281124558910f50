/* SPDX-License-Identifier: MIT */
/* Names of symbols, facts about attributes and layouts, messages. */
#include "module.h"

#include <llvm-c/DebugInfo.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

const char *module_symbol(struct cg_module *module, LLVMValueRef global)
{
    size_t len;
    const char *name = LLVMGetValueName2(global, &len);
    if (name[0] == '\1') /* an asm label: exactly this name */
        return name + 1;
    if (len)
        return name;
    size_t n = 0; /* before it: the same name in every run */
    for (LLVMValueRef g = global; (g = LLVMGetPreviousGlobal(g));)
        n++;
    return arena_format(&module->arena, "__unnamed_%zu", n);
}

const char *module_block_label(struct cg_module *module, LLVMBasicBlockRef block)
{
    LLVMValueRef value = LLVMBasicBlockAsValue(block);
    size_t i = 0;
    while (i < module->n_block_targets && module->block_targets[i] != value)
        i++;
    if (i == module->n_block_targets) {
        module->block_targets = grow_array(module->block_targets, &module->block_targets_capacity,
                                           module->n_block_targets, sizeof *module->block_targets);
        module->block_targets[module->n_block_targets++] = value;
    }
    return arena_format(&module->arena, ".Laddress%zu", i);
}

const char *module_block_symbol(struct cg_module *module, LLVMValueRef block_address)
{
#if LLVM_VERSION_MAJOR >= 19
    return module_block_label(module, LLVMGetBlockAddressBasicBlock(block_address));
#else
    /* The operand is the block, seen as a value. */
    return module_block_label(module, LLVMValueAsBasicBlock(LLVMGetOperand(block_address, 1)));
#endif
}

bool module_is_block_target(LLVMBasicBlockRef block)
{
    for (LLVMUseRef use = LLVMGetFirstUse(LLVMBasicBlockAsValue(block)); use;
         use = LLVMGetNextUse(use))
        if (LLVMIsABlockAddress(LLVMGetUser(use)))
            return true;
    return false;
}

uint64_t module_float_bits(LLVMValueRef constant)
{
    LLVMBool loses;
    double wide = LLVMConstRealGetDouble(constant, &loses);
    uint64_t bits;
    if (LLVMGetTypeKind(LLVMTypeOf(constant)) == LLVMDoubleTypeKind) {
        memcpy(&bits, &wide, sizeof bits);
        return bits;
    }
    float single = (float)wide;
    uint32_t word;
    memcpy(&word, &single, sizeof word);
    return word;
}

/* Offset of a constant address expression from its base. */
bool module_constant_offset(LLVMTargetDataRef layout, LLVMValueRef gep, int64_t *offset)
{
    LLVMTypeRef type = LLVMGetGEPSourceElementType(gep);
    *offset = 0;
    for (int i = 1; i < LLVMGetNumOperands(gep); i++) {
        LLVMValueRef index = LLVMGetOperand(gep, (unsigned)i);
        int64_t number;
        if (!sel_is_constant(index, &number))
            return false;
        if (i > 1 && LLVMGetTypeKind(type) == LLVMStructTypeKind) {
            *offset += (int64_t)LLVMOffsetOfElement(layout, type, (unsigned)number);
            type = LLVMStructGetTypeAtIndex(type, (unsigned)number);
            continue;
        }
        if (i > 1)
            type = LLVMGetElementType(type);
        *offset += number * (int64_t)LLVMABISizeOfType(layout, type);
    }
    return true;
}

/* ---- attributes ----------------------------------------------------------------------------- */

static unsigned kind_of(const char *name)
{
    return LLVMGetEnumAttributeKindForName(name, strlen(name));
}

static LLVMAttributeRef attribute(LLVMValueRef call_or_function, unsigned index, const char *name)
{
    unsigned kind = kind_of(name);
    if (!kind)
        return NULL;
    return LLVMIsACallInst(call_or_function)
               ? LLVMGetCallSiteEnumAttribute(call_or_function, index, kind)
               : LLVMGetEnumAttributeAtIndex(call_or_function, index, kind);
}

static enum sel_extension extension_at(LLVMValueRef call_or_function, unsigned index)
{
    if (attribute(call_or_function, index, "zeroext"))
        return SEL_ZERO;
    return attribute(call_or_function, index, "signext") ? SEL_SIGN : SEL_ANY;
}

enum sel_extension module_argument_extension(LLVMValueRef function, LLVMValueRef argument)
{
    if (!argument)
        return extension_at(function, LLVMAttributeReturnIndex);
    unsigned n = LLVMCountParams(function);
    for (unsigned i = 0; i < n; i++)
        if (LLVMGetParam(function, i) == argument)
            return extension_at(function, i + 1);
    return SEL_ANY;
}

enum sel_extension module_call_extension(LLVMValueRef call, unsigned index)
{
    return extension_at(call, index);
}

LLVMTypeRef module_type_attribute(LLVMValueRef call_or_function, unsigned index, const char *name)
{
    LLVMAttributeRef found = attribute(call_or_function, index, name);
    return found ? LLVMGetTypeAttributeValue(found) : NULL;
}

bool module_has_attribute(LLVMValueRef function, const char *name)
{
    return attribute(function, (unsigned)LLVMAttributeFunctionIndex, name) != NULL;
}

bool module_is_buffer(LLVMTypeRef type, uint64_t size_bytes)
{
    LLVMTypeKind kind = LLVMGetTypeKind(type);
    return size_bytes >= 8 && (kind == LLVMArrayTypeKind || kind == LLVMStructTypeKind);
}

/* ---- frame slots of variables --------------------------------------------------------------- */

uint32_t module_alloca_slot(struct sel *s, LLVMValueRef value)
{
    struct sel_value *v = sel_value_of(s, value);
    if (v->has_part[0])
        return v->part[0].reg;
    LLVMTypeRef type = LLVMGetAllocatedType(value);
    uint64_t size = LLVMABISizeOfType(s->layout, type);
    int64_t count;
    if (!sel_is_constant(LLVMGetOperand(value, 0), &count) ||
        LLVMGetInstructionParent(value) != LLVMGetEntryBasicBlock(s->function)) {
        sel_error(s, "variable-length arrays and alloca of unknown size are not supported on a "
                     "DPU");
        count = 1;
    }
    size *= (uint64_t)count;
    if (size > 1 << 20) {
        sel_error(s, "a variable of %llu bytes does not fit the stack", (unsigned long long)size);
        size = 8;
    }
    unsigned align = LLVMGetAlignment(value);
    if (module_is_buffer(type, size))
        align = 8;
    v->has_part[0] = true;
    v->part[0] = m_slot(m_slot_add(s->fn, (uint32_t)size, align > 8 ? 8 : align), 0);
    s->alloca_bytes += (uint32_t)size;
    return v->part[0].reg;
}

/* ---- places --------------------------------------------------------------------------------- */

static const char *text_of(struct cg_module *module, const char *text, unsigned len)
{
    return arena_format(&module->arena, "%.*s", (int)len, text ? text : "");
}

/* All but the context. */
void module_fini(struct cg_module *module)
{
    if (module->ir)
        LLVMDisposeModule(module->ir);
    LLVMDisposeTargetData(module->layout);
    free(module->files);
    free(module->functions);
    free(module->parameters);
    free(module->block_targets);
    arena_free(&module->arena);
}

/* Number of the source file of an instruction or function. */
uint32_t module_file(struct cg_module *module, LLVMValueRef with_location)
{
    unsigned len = 0, len_directory = 0;
    const char *name = LLVMGetDebugLocFilename(with_location, &len);
    const char *directory = LLVMGetDebugLocDirectory(with_location, &len_directory);
    if (!name || !len)
        return 0;
    for (size_t i = 0; i < module->n_files; i++)
        if (strlen(module->files[i].name) == len && memcmp(module->files[i].name, name, len) == 0)
            return (uint32_t)i + 1;
    module->files =
        grow_array(module->files, &module->files_capacity, module->n_files, sizeof *module->files);
    module->files[module->n_files++] = (struct cg_file){
        text_of(module, directory, directory ? len_directory : 0), text_of(module, name, len)};
    return (uint32_t)module->n_files;
}

/* Messages have file and line even without -g when the front end kept them. */
static void report(struct cg_module *module, LLVMValueRef at, const char *kind, const char *format,
                   va_list args)
{
    unsigned len = 0, line = 0, column = 0;
    const char *name = NULL;
    if (at && (LLVMIsAInstruction(at) || LLVMIsAFunction(at)))
        name = LLVMGetDebugLocFilename(at, &len);
    if (name && len) {
        line = LLVMGetDebugLocLine(at);
        column = LLVMIsAInstruction(at) ? LLVMGetDebugLocColumn(at) : 0;
        fprintf(stderr, "%.*s:%u:%u: %s: ", (int)len, name, line, column, kind);
    } else
        fprintf(stderr, "%s: %s: ", module->options->input, kind);
    vfprintf(stderr, format, args);
    LLVMValueRef function =
        at && LLVMIsAInstruction(at) ? LLVMGetBasicBlockParent(LLVMGetInstructionParent(at)) : at;
    if (function && LLVMIsAFunction(function))
        fprintf(stderr, " (in function %s)", module_symbol(module, function));
    fputc('\n', stderr);
}

void module_error(struct cg_module *module, LLVMValueRef at, const char *format, va_list args)
{
    enum { MOST_ERRORS = 20 };
    if (++module->n_errors <= MOST_ERRORS)
        report(module, at, "error", format, args);
}

void module_warning(struct cg_module *module, LLVMValueRef at, const char *format, va_list args)
{
    report(module, at, "warning", format, args);
}
