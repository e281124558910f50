/* SPDX-License-Identifier: MIT */
/* Debug information about types, global variables and functions. */
#ifndef COMPILER_DEBUG_INFO_H
#define COMPILER_DEBUG_INFO_H

#include "module.h"

/* A parameter's name and type, as the front end noted them. */
struct cg_parameter {
    LLVMValueRef function;
    LLVMMetadataRef variable; /* DILocalVariable */
};

/* Before the optimiser: notes parameters and takes out what describes the places of variables,
 * which is not written, so that code is the same with and without. */
void debug_info_collect(struct cg_module *module);
/* After functions and data. */
void debug_info_write(struct cg_module *module);

#endif
