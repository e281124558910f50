/* SPDX-License-Identifier: MIT */
/* A look into relocatable ELF32 images that isa/ wrote or read: sections and symbols by name.
 * Bounds are checked, nothing else is. */
#ifndef TOOL_OBJECT_VIEW_H
#define TOOL_OBJECT_VIEW_H

#include "tool.h"

/* Bytes of the first section of that name; false when there is none. */
bool object_section(struct isa_bytes image, const char *name, struct isa_bytes *bytes);
bool object_is_relocatable(struct isa_bytes image);
/* Calls visit for every section that holds code, with its symbols' names through object_label. */
void object_each_code(struct isa_bytes image,
                      void (*visit)(void *context, const char *name, unsigned index,
                                    struct isa_bytes code),
                      void *context);
/* Name of a symbol defined at that offset of section `index`, or NULL. */
const char *object_label(struct isa_bytes image, unsigned index, uint32_t offset);

#endif
