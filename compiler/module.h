/* SPDX-License-Identifier: MIT */
/* One translation unit on its way to assembly: names of symbols, facts about attributes and
 * layouts, messages. */
#ifndef COMPILER_MODULE_H
#define COMPILER_MODULE_H

#include <llvm-c/Core.h>
#include <llvm-c/Target.h>
#include <stdio.h>

#include "select.h"

struct cg_options {
    const char *input, *output, *passes; /* passes: "default<O2>" */
    bool best, optimise, debug_lines, print_ir, sections;
    unsigned level;
};

struct cg_file {
    const char *directory, *name;
};

struct cg_parameter;
struct cg_module {
    LLVMModuleRef ir;
    LLVMTargetDataRef layout;
    const struct cg_options *options;
    FILE *out;
    struct arena arena;
    unsigned n_errors;
    struct cg_file *files; /* numbered from 1 in .file directives */
    size_t n_files, files_capacity;
    LLVMValueRef *functions; /* emitted so far; their numbers stand in labels */
    size_t n_functions, functions_capacity;
    struct cg_parameter *parameters; /* debug_info.h */
    size_t n_parameters, parameters_capacity;
    LLVMValueRef *block_targets; /* blocks whose address is taken */
    size_t n_block_targets, block_targets_capacity;
};

/* normalise.c: what must hold before the optimiser runs. */
void module_normalise(struct cg_module *module);
/* wide.c: integers of more than 64 bits become several. */
void module_divide_wide_integers(LLVMModuleRef ir);
/* optimise.c: false after a message. */
bool module_optimise(struct cg_module *module);
/* sink_loads.c: shortens the time that loaded values wait for their use. */
void module_sink_loads(struct cg_module *module);
/* legalise.c: integers of odd widths and operations that selection does not know. */
void module_legalise(struct cg_module *module);
/* constants.c: operands that are expressions of constants become instructions. */
void module_expand_constants(LLVMBuilderRef builder, LLVMValueRef in);
/* demote.c: no phi is left in a block whose address is taken. */
void module_demote_phis(LLVMBuilderRef builder, LLVMBasicBlockRef block);
/* mram_access.c: a load or store that one transfer of 8 bytes does not do becomes several. */
void module_split_mram_access(LLVMBuilderRef builder, LLVMTargetDataRef layout, LLVMValueRef in);
bool module_has_wide_integers(LLVMModuleRef ir);

/* module.c */
void module_fini(struct cg_module *module);
const char *module_symbol(struct cg_module *module, LLVMValueRef global);
const char *module_block_symbol(struct cg_module *module, LLVMValueRef block_address);
/* Label of a block whose address is taken, the same for every caller. */
const char *module_block_label(struct cg_module *module, LLVMBasicBlockRef block);
bool module_is_block_target(LLVMBasicBlockRef block);
uint64_t module_float_bits(LLVMValueRef constant);
bool module_constant_offset(LLVMTargetDataRef layout, LLVMValueRef gep, int64_t *offset);
enum sel_extension module_argument_extension(LLVMValueRef function, LLVMValueRef argument);
/* index 0: of the result, else of argument index. */
enum sel_extension module_call_extension(LLVMValueRef call, unsigned index);
LLVMTypeRef module_type_attribute(LLVMValueRef call_or_function, unsigned index, const char *name);
bool module_has_attribute(LLVMValueRef function, const char *name);
/* Programs hand arrays and structures to the DMA engine without __dma_aligned; what is as long as
 * a transfer is therefore aligned like one. */
bool module_is_buffer(LLVMTypeRef type, uint64_t size_bytes);
uint32_t module_alloca_slot(struct sel *s, LLVMValueRef value);
uint32_t module_file(struct cg_module *module, LLVMValueRef with_location);
void module_error(struct cg_module *module, LLVMValueRef at, const char *format, va_list args);
void module_warning(struct cg_module *module, LLVMValueRef at, const char *format, va_list args);

/* data.c: global variables, aliases, module-level assembly. */
void module_emit_data(struct cg_module *module);
void module_emit_quoted(FILE *out, const char *name);

/* emit.c: one function. */
void emit_function(struct cg_module *module, LLVMValueRef function, struct m_function *fn);

#endif
