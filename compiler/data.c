/* SPDX-License-Identifier: MIT */
/* Global variables, aliases and module-level assembly. */
#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "module.h"

struct writer {
    struct cg_module *module;
    FILE *out;
    LLVMValueRef global;
};

static void complain(struct writer *w, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    module_error(w->module, w->global, format, args);
    va_end(args);
}

/* ---- values --------------------------------------------------------------------------------- */

static void write_number(struct writer *w, uint64_t value, uint64_t bytes)
{
    static const char *const directives[] = {"", ".byte", ".short", "",     ".long",
                                             "", "",      "",       ".quad"};
    if (bytes <= 8 && *directives[bytes])
        fprintf(w->out, "\t%s %llu\n", directives[bytes], (unsigned long long)value);
    else
        for (uint64_t i = 0; i < bytes; i++)
            fprintf(w->out, "\t.byte %u\n", i < 8 ? (unsigned)(value >> (8 * i) & 255) : 0);
}

/* Symbol + offset of an address expression. */
static bool address_of(struct writer *w, LLVMValueRef value, const char **symbol, int64_t *offset)
{
    if (LLVMIsAGlobalValue(value)) {
        *symbol = module_symbol(w->module, value);
        return true;
    }
    if (LLVMIsABlockAddress(value)) {
        *symbol = module_block_symbol(w->module, value);
        return true;
    }
    int64_t number;
    if (sel_is_constant(value, &number)) {
        *offset += number;
        return true;
    }
    if (LLVMIsAConstantPointerNull(value))
        return true;
    if (!LLVMIsAConstantExpr(value))
        return false;
    switch (LLVMGetConstOpcode(value)) {
    case LLVMGetElementPtr: {
        int64_t inside;
        if (!module_constant_offset(w->module->layout, value, &inside))
            return false;
        *offset += inside;
        return address_of(w, LLVMGetOperand(value, 0), symbol, offset);
    }
    case LLVMBitCast:
    case LLVMAddrSpaceCast:
    case LLVMPtrToInt:
    case LLVMIntToPtr:
    case LLVMTrunc:
        return address_of(w, LLVMGetOperand(value, 0), symbol, offset);
    case LLVMAdd:
        return address_of(w, LLVMGetOperand(value, 0), symbol, offset) &&
               address_of(w, LLVMGetOperand(value, 1), symbol, offset);
    default:
        return false;
    }
}

static void write_value(struct writer *w, LLVMValueRef value);

static void write_address(struct writer *w, LLVMValueRef value, uint64_t bytes)
{
    const char *symbol = NULL;
    int64_t offset = 0;
    if (!address_of(w, value, &symbol, &offset)) {
        complain(w, "the initial value of %s cannot be computed before the program runs",
                 module_symbol(w->module, w->global));
        return;
    }
    if (!symbol) {
        write_number(w, (uint64_t)offset, bytes);
        return;
    }
    fputs(bytes == 8   ? "\t.quad "
          : bytes == 1 ? "\t.byte "
          : bytes == 2 ? "\t.short "
                       : "\t.long ",
          w->out);
    module_emit_quoted(w->out, symbol);
    fprintf(w->out, offset ? "%+lld\n" : "\n", (long long)offset);
}

static void write_string(struct writer *w, LLVMValueRef value)
{
    size_t len;
    const char *text = LLVMGetAsString(value, &len);
    for (size_t i = 0; i < len;) {
        fputs("\t.ascii \"", w->out);
        for (size_t end = i + 60; i < len && i < end; i++) {
            unsigned char c = (unsigned char)text[i];
            if (c < 32 || c > 126 || c == '"' || c == '\\')
                fprintf(w->out, "\\%03o", c);
            else
                fputc(c, w->out);
        }
        fputs("\"\n", w->out);
    }
}

static void write_zeros(struct writer *w, uint64_t bytes)
{
    if (bytes)
        fprintf(w->out, "\t.zero %llu\n", (unsigned long long)bytes);
}

static void write_structure(struct writer *w, LLVMValueRef value, LLVMTypeRef type)
{
    LLVMTargetDataRef layout = w->module->layout;
    unsigned n = LLVMCountStructElementTypes(type);
    uint64_t at = 0;
    for (unsigned i = 0; i < n; i++) {
        uint64_t offset = LLVMOffsetOfElement(layout, type, i);
        write_zeros(w, offset - at);
        LLVMValueRef element = LLVMGetOperand(value, i);
        write_value(w, element);
        at = offset + LLVMABISizeOfType(layout, LLVMTypeOf(element));
    }
    write_zeros(w, LLVMABISizeOfType(layout, type) - at);
}

static void write_array(struct writer *w, LLVMValueRef value, LLVMTypeRef type)
{
    unsigned n = LLVMGetArrayLength(type);
    if (LLVMIsAConstantDataSequential(value)) {
        if (LLVMIsConstantString(value)) {
            write_string(w, value);
            return;
        }
        for (unsigned i = 0; i < n; i++)
            write_value(w, LLVMGetAggregateElement(value, i));
        return;
    }
    for (unsigned i = 0; i < n; i++)
        write_value(w, LLVMGetOperand(value, i));
}

static void write_value(struct writer *w, LLVMValueRef value)
{
    LLVMTypeRef type = LLVMTypeOf(value);
    uint64_t bytes = LLVMABISizeOfType(w->module->layout, type);
    if (LLVMIsNull(value) || LLVMIsUndef(value)) {
        write_zeros(w, bytes);
        return;
    }
    switch (LLVMGetTypeKind(type)) {
    case LLVMIntegerTypeKind:
        if (LLVMIsAConstantInt(value) && LLVMGetIntTypeWidth(type) <= 64)
            write_number(w, LLVMConstIntGetZExtValue(value), bytes);
        else
            write_address(w, value, bytes);
        break;
    case LLVMFloatTypeKind:
    case LLVMDoubleTypeKind:
        write_number(w, module_float_bits(value), bytes);
        break;
    case LLVMPointerTypeKind:
        write_address(w, value, bytes);
        break;
    case LLVMStructTypeKind:
        write_structure(w, value, type);
        break;
    case LLVMArrayTypeKind:
        write_array(w, value, type);
        break;
    default:
        complain(w, "the initial value of %s has a type that is not supported",
                 module_symbol(w->module, w->global));
    }
}

/* ---- variables ------------------------------------------------------------------------------ */

static bool is_local(LLVMValueRef global)
{
    LLVMLinkage linkage = LLVMGetLinkage(global);
    return linkage == LLVMInternalLinkage || linkage == LLVMPrivateLinkage;
}

static bool is_weak(LLVMValueRef global)
{
    LLVMLinkage linkage = LLVMGetLinkage(global);
    return linkage == LLVMWeakAnyLinkage || linkage == LLVMWeakODRLinkage ||
           linkage == LLVMLinkOnceAnyLinkage || linkage == LLVMLinkOnceODRLinkage;
}

static bool is_tls(LLVMValueRef global)
{
    return LLVMIsThreadLocal(global);
}

/* Sections without bytes in the file. */
static bool has_no_bytes(const char *section)
{
    return strncmp(section, ".mram.noinit", 12) == 0 || strcmp(section, ".atomic") == 0 ||
           strncmp(section, ".bss", 4) == 0;
}

static void write_section(struct writer *w, bool is_used)
{
    const char *given = LLVMGetSection(w->global);
    const char *name = module_symbol(w->module, w->global);
    const char *retain = is_used ? "R" : "";
    FILE *out = w->out;
    fputs("\t.section ", out);
    if (given && *given) {
        module_emit_quoted(out, given);
        fprintf(out, ",\"aw%s\",@%s\n", retain, has_no_bytes(given) ? "nobits" : "progbits");
        return;
    }
    bool zero =
        LLVMIsNull(LLVMGetInitializer(w->global)) || LLVMIsUndef(LLVMGetInitializer(w->global));
    bool constant = LLVMIsGlobalConstant(w->global);
    const char *prefix = constant ? ".rodata." : zero ? ".bss." : ".data.";
    char *full = arena_format(&w->module->arena, "%s%s", prefix, name);
    module_emit_quoted(out, full);
    fprintf(out, ",\"a%s%s\",@%s\n", constant ? "" : "w", retain,
            zero && !constant ? "nobits" : "progbits");
}

static unsigned alignment_of(struct writer *w, uint64_t size)
{
    LLVMTypeRef type = LLVMGlobalGetValueType(w->global);
    unsigned align = LLVMGetAlignment(w->global);
    if (!align)
        align = LLVMABIAlignmentOfType(w->module->layout, type);
    const char *section = LLVMGetSection(w->global);
    if (section && *section) /* somebody may rely on the distance between its variables */
        return align;
    if (align < 8 && module_is_buffer(type, size) && !LLVMIsGlobalConstant(w->global))
        return 8;
    return size >= 4 && align < 4 && !LLVMIsGlobalConstant(w->global) ? 4 : align;
}

static void write_binding(struct writer *w, const char *name)
{
    if (!is_local(w->global)) {
        fputs(is_weak(w->global) ? "\t.weak " : "\t.globl ", w->out);
        module_emit_quoted(w->out, name);
        fputc('\n', w->out);
    }
    if (LLVMGetVisibility(w->global) == LLVMHiddenVisibility) {
        fputs("\t.hidden ", w->out);
        module_emit_quoted(w->out, name);
        fputc('\n', w->out);
    }
    fputs("\t.type ", w->out);
    module_emit_quoted(w->out, name);
    fputs(",@object\n", w->out);
}

static bool is_listed(LLVMValueRef list, LLVMValueRef global)
{
    if (!list || !LLVMGetInitializer(list))
        return false;
    LLVMValueRef array = LLVMGetInitializer(list);
    for (int i = 0; i < LLVMGetNumOperands(array); i++) {
        LLVMValueRef item = LLVMGetOperand(array, (unsigned)i);
        while (LLVMIsAConstantExpr(item))
            item = LLVMGetOperand(item, 0);
        if (item == global)
            return true;
    }
    return false;
}

static void write_variable(struct writer *w)
{
    const char *name = module_symbol(w->module, w->global);
    LLVMValueRef init = LLVMGetInitializer(w->global);
    uint64_t size = LLVMABISizeOfType(w->module->layout, LLVMGlobalGetValueType(w->global));
    unsigned align = alignment_of(w, size), shift = 0;
    if (is_tls(w->global)) {
        complain(w, "%s: __thread is not supported; use an array indexed by me()", name);
        return;
    }
    write_section(w, is_listed(LLVMGetNamedGlobal(w->module->ir, "llvm.used"), w->global));
    write_binding(w, name);
    while ((1u << shift) < align)
        shift++;
    if (shift)
        fprintf(w->out, "\t.p2align %u\n", shift);
    module_emit_quoted(w->out, name);
    fputs(":\n", w->out);
    const char *section = LLVMGetSection(w->global);
    if (section && has_no_bytes(section) && !LLVMIsNull(init) && !LLVMIsUndef(init))
        complain(w, "%s: a variable in section %s cannot have an initial value", name, section);
    write_value(w, init);
    if (size == 0)
        write_zeros(w, 1);
    fputs("\t.size ", w->out);
    module_emit_quoted(w->out, name);
    fprintf(w->out, ", %llu\n", (unsigned long long)size);
}

static void write_common(struct writer *w)
{
    const char *name = module_symbol(w->module, w->global);
    uint64_t size = LLVMABISizeOfType(w->module->layout, LLVMGlobalGetValueType(w->global));
    fputs("\t.comm ", w->out);
    module_emit_quoted(w->out, name);
    fprintf(w->out, ",%llu,%u\n", (unsigned long long)size, alignment_of(w, size));
}

static void write_alias(struct writer *w)
{
    const char *name = module_symbol(w->module, w->global), *symbol = NULL;
    int64_t offset = 0;
    if (!address_of(w, LLVMAliasGetAliasee(w->global), &symbol, &offset) || !symbol) {
        complain(w, "%s: an alias of something that is no symbol", name);
        return;
    }
    write_binding(w, name);
    fputs("\t.set ", w->out);
    module_emit_quoted(w->out, name);
    fputs(", ", w->out);
    module_emit_quoted(w->out, symbol);
    fprintf(w->out, offset ? "%+lld\n" : "\n", (long long)offset);
}

static void write_weak_references(struct writer *w)
{
    for (LLVMValueRef f = LLVMGetFirstFunction(w->module->ir); f; f = LLVMGetNextFunction(f))
        if (LLVMIsDeclaration(f) && LLVMGetLinkage(f) == LLVMExternalWeakLinkage) {
            fputs("\t.weak ", w->out);
            module_emit_quoted(w->out, module_symbol(w->module, f));
            fputc('\n', w->out);
        }
    for (LLVMValueRef g = LLVMGetFirstGlobal(w->module->ir); g; g = LLVMGetNextGlobal(g))
        if (LLVMIsDeclaration(g) && LLVMGetLinkage(g) == LLVMExternalWeakLinkage) {
            fputs("\t.weak ", w->out);
            module_emit_quoted(w->out, module_symbol(w->module, g));
            fputc('\n', w->out);
        }
}

void module_emit_data(struct cg_module *module)
{
    struct writer w = {module, module->out, NULL};
    size_t len;
    for (LLVMValueRef g = LLVMGetFirstGlobal(module->ir); g; g = LLVMGetNextGlobal(g)) {
        const char *name = LLVMGetValueName2(g, &len);
        w.global = g;
        if (LLVMIsDeclaration(g) || strncmp(name, "llvm.", 5) == 0 ||
            LLVMGetLinkage(g) == LLVMAvailableExternallyLinkage)
            continue;
        if (LLVMGetLinkage(g) == LLVMCommonLinkage)
            write_common(&w);
        else
            write_variable(&w);
    }
    for (LLVMValueRef a = LLVMGetFirstGlobalAlias(module->ir); a; a = LLVMGetNextGlobalAlias(a)) {
        w.global = a;
        write_alias(&w);
    }
    write_weak_references(&w);
    const char *text = LLVMGetModuleInlineAsm(module->ir, &len);
    if (len)
        fprintf(module->out, "\t.text\n%.*s\n", (int)len, text);
}
