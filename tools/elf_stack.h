/* SPDX-License-Identifier: MIT */
/* How much stack the functions of a program need at most, from their code. */
#ifndef TOOL_ELF_STACK_H
#define TOOL_ELF_STACK_H

#include "isa.h"
#include "json.h"
#include "tool.h"

/* A table on stdout; a key "stack". */
void elf_stack_print(const struct isa_program *program);
void elf_stack_json(const struct isa_program *program, struct json *json);

#endif
