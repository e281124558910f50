/* SPDX-License-Identifier: MIT */
/* Writes built_ins.h: a macro for every instruction form that C can hold in one statement, which
 * leaves out calls, and safe registers, which no compiled code uses. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "isa.h"

static const char head[] =
    "/* SPDX-License-Identifier: MIT */\n"
    "/* One instruction per macro: __builtin_<instruction>_<operands>(operands in assembly "
    "order).\n"
    " * Operands: r a 32-bit and d a 64-bit variable (.s and .u instructions write 64 bits). The "
    "others\n"
    " * are texts for the assembler: i a constant, \"12\"; k one of \"zero\" \"one\" \"lneg\" "
    "\"mneg\" \"id\"\n"
    " * \"id2\" \"id4\" \"id8\"; e \"!little\" or \"!big\"; c a condition, \"nz\"; the i behind "
    "it a place within\n"
    " * the statement, \".\" or \". + 1\"; f is nothing. The first operand of a computing "
    "instruction is\n"
    " * its result; z: there is none. Generated from the instruction table. */\n"
    "#ifndef DPU_BUILT_INS_H\n"
    "#define DPU_BUILT_INS_H\n\n";

/* How an operand reaches the instruction. */
enum way {
    WAY_RESULT, /* a variable that is written */
    WAY_VALUE,  /* a value in a register */
    WAY_TEXT,   /* a text for the assembler, given to the macro */
    WAY_FIXED   /* a word that belongs to the form: no parameter */
};

static enum way way_of(const struct isa_operand_info *operand)
{
    if (operand->kind == ISA_KIND_ZERO ||
        (operand->kind == ISA_KIND_COND && operand->cond_class == ISA_CLASS_FALSE))
        return WAY_FIXED;
    if (operand->kind != ISA_KIND_CONST && (operand->name[0] == 'r' || operand->name[0] == 'd'))
        return operand->name[1] == 'c' ? WAY_RESULT : WAY_VALUE;
    return WAY_TEXT;
}

/* Safe registers and forms without a result are for assembly. */
static bool is_listed(const struct isa_pattern *pattern, enum isa_op op)
{
    for (unsigned i = 0; i < pattern->n_operands; i++) {
        enum isa_kind kind = isa_operand_get(pattern->operands[i])->kind;
        if (kind == ISA_KIND_SAFE || kind == ISA_KIND_SAFE_ANY)
            return false;
    }
    return op != ISA_OP_CALL && (pattern->shape[0] != 'z' || op == ISA_OP_TIME_CFG);
}

/* "text" with a comma before all but the first. */
static void print_item(const char *separator, unsigned *printed, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void print_item(const char *separator, unsigned *printed, const char *format, ...)
{
    va_list arguments;
    if ((*printed)++)
        fputs(separator, stdout);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
}

static void print_name(const char *mnemonic, const char *shape)
{
    fputs("#define __builtin_", stdout);
    for (; *mnemonic; mnemonic++)
        putchar(*mnemonic == '.' ? '_' : *mnemonic);
    printf("_%s(", shape);
}

/* Name, parameters, template with %[o0] .. for variables; texts are put into it. */
static void print_template(const struct isa_pattern *pattern)
{
    unsigned printed = 0;
    print_name(pattern->mnemonic, pattern->shape);
    for (unsigned i = 0; i < pattern->n_operands; i++) {
        const struct isa_operand_info *operand = isa_operand_get(pattern->operands[i]);
        if (way_of(operand) != WAY_FIXED)
            print_item(", ", &printed, "%s", operand->name);
    }
    printf(") \\\n    __asm__ volatile(\"%s", pattern->mnemonic);
    for (unsigned i = 0; i < pattern->n_operands; i++) {
        const struct isa_operand_info *operand = isa_operand_get(pattern->operands[i]);
        fputs(i ? ", " : " ", stdout);
        if (way_of(operand) == WAY_FIXED)
            fputs(operand->kind == ISA_KIND_ZERO ? "zero" : "false", stdout);
        else if (way_of(operand) == WAY_TEXT)
            printf("\" %s \"", operand->name);
        else
            printf("%%[o%u]", i);
    }
    putchar('"');
}

static void print_operands(const struct isa_pattern *pattern, bool inputs, const char *result)
{
    unsigned printed = 0;
    fputs(" : ", stdout);
    for (unsigned i = 0; i < pattern->n_operands; i++) {
        const struct isa_operand_info *operand = isa_operand_get(pattern->operands[i]);
        enum way way = way_of(operand);
        if (way == (inputs ? WAY_VALUE : WAY_RESULT))
            print_item(", ", &printed, "[o%u] \"%s\"(%s)", i, inputs ? "r" : result, operand->name);
    }
}

static bool has_result(const struct isa_pattern *pattern)
{
    return pattern->n_operands && way_of(isa_operand_get(pattern->operands[0])) == WAY_RESULT;
}

static void print_macro(const struct isa_pattern *pattern, enum isa_op op)
{
    if (!is_listed(pattern, op))
        return;
    bool is_step = op == ISA_OP_MUL_STEP || op == ISA_OP_DIV_STEP; /* half of it may stay */
    bool touches_memory = !has_result(pattern) || strcmp(isa_op_get(op)->family, "load") == 0;
    print_template(pattern);
    print_operands(pattern, false, is_step ? "+r" : "=r");
    print_operands(pattern, true, NULL);
    printf("%s)\n", touches_memory ? " : \"memory\"" : "");
}

int main(void)
{
    fputs(head, stdout);
    for (int form = 0; form < ISA_FORM_COUNT; form++)
        print_macro(&isa_form_get(form)->pattern, isa_form_get(form)->op);
    for (int alias = 0; alias < ISA_ALIAS_COUNT; alias++)
        print_macro(&isa_alias_get(alias)->pattern, isa_form_get(isa_alias_get(alias)->form)->op);
    fputs("\n#endif\n", stdout);
    return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
