/* SPDX-License-Identifier: MIT */
/* The body of one inline assembly statement. */
#ifndef COMPILER_INLINE_ASM_H
#define COMPILER_INLINE_ASM_H

#include <stdio.h>

#include "mir.h"

enum { M_ASM_OPERANDS = 40 };

struct m_asm {
    const char *text;
    bool tied[M_ASM_OPERANDS]; /* operand i is another name of the operand with number ops[i].imm */
    bool memory[M_ASM_OPERANDS]; /* operand i is an address, printed with an offset */
    unsigned id;                 /* of ${:uid} */
};

void inline_asm_print(FILE *out, const struct m_insn *insn);

#endif
