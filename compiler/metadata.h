/* SPDX-License-Identifier: MIT */
/* Nodes of debug metadata. LLVM's C interface has getters for few of their fields, so a node is
 * read off its textual form, whose field names are the same in every version that is supported. */
#ifndef COMPILER_METADATA_H
#define COMPILER_METADATA_H

#include <llvm-c/Core.h>
#include <stdbool.h>
#include <stdint.h>

#include "arena.h"

/* One node: "!DIBasicType(name: "int", size: 32, ..)". */
struct meta {
    LLVMMetadataRef node; /* NULL: none */
    const char *text;     /* in the arena; "" without node */
};

/* node may be NULL. */
struct meta meta_read(struct arena *arena, LLVMContextRef context, LLVMMetadataRef node);
bool meta_is(struct meta meta, const char *class_name); /* "DIBasicType" */
/* Fields by name; NULL, or `absent`, when the node does not have it. */
const char *meta_string(struct arena *arena, struct meta meta, const char *field);
int64_t meta_number(struct meta meta, const char *field, int64_t absent);
bool meta_has_word(struct meta meta, const char *field, const char *word); /* "A | B" has B */
LLVMMetadataRef meta_link(struct meta meta, const char *field);
/* Nodes of a list; NULL stands for an empty one. *items in the arena. */
unsigned meta_list(struct arena *arena, LLVMContextRef context, LLVMMetadataRef list,
                   LLVMMetadataRef **items);

#endif
