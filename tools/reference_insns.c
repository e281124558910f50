/* SPDX-License-Identifier: MIT */
/* The reference of the instruction set in Markdown: operand kinds, then every form and alias
 * grouped by family and operation, and the page of the conditions. Everything comes from the tables
 * of isa/. */
#include "options.h"

#include <string.h>

static const char *const flags_text[] = {"none", "ZF", "ZF and CF"};

/* "add.s dc, ra, imm": mnemonic and operand names. */
static void print_syntax(FILE *out, const struct isa_pattern *pattern)
{
    fputs(pattern->mnemonic, out);
    for (unsigned i = 0; i < pattern->n_operands; i++)
        fprintf(out, "%s%s", i ? ", " : " ", isa_operand_get(pattern->operands[i])->name);
}

static void print_operand(FILE *out, const struct isa_operand_info *operand)
{
    if (operand->kind == ISA_KIND_COND)
        fprintf(out, "%s: `%s`", operand->name, isa_class_name(operand->cond_class));
    else
        fprintf(out, "%s: `%s`", operand->name, isa_kind_get(operand->kind)->name);
    if (*operand->bits)
        fprintf(out, " at %s", operand->bits);
}

static void print_operands(FILE *out, const struct isa_pattern *pattern)
{
    for (unsigned i = 0; i < pattern->n_operands; i++) {
        fputs(i ? "; " : "", out);
        print_operand(out, isa_operand_get(pattern->operands[i]));
    }
}

static void print_form(FILE *out, enum isa_form form)
{
    const struct isa_form_info *info = isa_form_get(form);
    char signature[64];
    fputs("| `", out);
    print_syntax(out, &info->pattern);
    fprintf(out, "` | `%s` | `%012llx` | `%012llx` | ",
            isa_form_signature(form, signature, sizeof signature),
            (unsigned long long)info->pattern.mask, (unsigned long long)info->pattern.value);
    print_operands(out, &info->pattern);
    fputs(" |\n", out);
}

static void print_alias(FILE *out, const struct isa_alias_info *alias)
{
    char signature[64];
    fputs("| `", out);
    print_syntax(out, &alias->pattern);
    fprintf(out, "` | alias of `%s` | `%012llx` | `%012llx` | ",
            isa_form_signature(alias->form, signature, sizeof signature),
            (unsigned long long)alias->pattern.mask, (unsigned long long)alias->pattern.value);
    print_operands(out, &alias->pattern);
    fputs(" |\n", out);
}

/* "MUL_SH_SL" as "mul_sh_sl". */
static void print_lower(FILE *out, const char *name)
{
    for (; *name; name++)
        fputc(*name >= 'A' && *name <= 'Z' ? *name | 0x20 : *name, out);
}

static void print_op(FILE *out, enum isa_op op)
{
    const struct isa_op_info *info = isa_op_get(op);
    fputs("### ", out);
    print_lower(out, info->name);
    fprintf(out, "\n\n`%s`. Flags written: %s.%s\n\n", info->meaning, flags_text[info->flags],
            info->documented ? "" : " Not documented by the vendor.");
    fputs("| syntax | form | mask | value | operands |\n|---|---|---|---|---|\n", out);
    for (int form = 0; form < ISA_FORM_COUNT; form++)
        if (isa_form_get((enum isa_form)form)->op == op)
            print_form(out, (enum isa_form)form);
    for (int i = 0; i < ISA_ALIAS_COUNT; i++) {
        const struct isa_alias_info *alias = isa_alias_get((enum isa_alias)i);
        if (isa_form_get(alias->form)->op == op)
            print_alias(out, alias);
    }
    fputs("\n", out);
}

static bool family_seen_before(int op)
{
    for (int other = 0; other < op; other++)
        if (strcmp(isa_op_get((enum isa_op)other)->family, isa_op_get((enum isa_op)op)->family) ==
            0)
            return true;
    return false;
}

static void print_family(FILE *out, const char *family)
{
    fprintf(out, "## Family %s\n\n", family);
    for (int op = 0; op < ISA_OP_COUNT; op++)
        if (strcmp(isa_op_get((enum isa_op)op)->family, family) == 0)
            print_op(out, (enum isa_op)op);
}

static void print_kinds(FILE *out)
{
    fputs("## Operand kinds\n\n| kind | lowest | highest | written as |\n|---|---|---|---|\n", out);
    for (int kind = 0; kind < ISA_KIND_COUNT; kind++) {
        const struct isa_kind_info *info = isa_kind_get((enum isa_kind)kind);
        fprintf(out, "| `%s` | %lld | %lld | %s |\n", info->name, (long long)info->lowest,
                (long long)info->highest, info->text);
    }
    fputs("\n", out);
}

void help_instructions(FILE *out)
{
    fprintf(
        out,
        "%d forms and %d aliases. A 48-bit word belongs to a form when (word & mask) == value and "
        "every operand is in its range. Bits of an operand are listed from its most significant "
        "bit "
        "down: `a:b` is a run, `a&b` one operand bit copied into several instruction bits. "
        "Conditions "
        "name their class; see the page of the conditions.\n\n",
        ISA_FORM_COUNT, ISA_ALIAS_COUNT);
    print_kinds(out);
    for (int op = 0; op < ISA_OP_COUNT; op++)
        if (!family_seen_before(op))
            print_family(out, isa_op_get((enum isa_op)op)->family);
}

/* ------------------------------------------------------------------ conditions ---------------- */

static void print_class(FILE *out, enum isa_cond_class cond_class)
{
    static const char *const roles[] = {"", "second encoding, decoded only", "further spelling",
                                        "implied, never written"};
    size_t count;
    const struct isa_cond_code *codes = isa_cond_codes(&count);
    fprintf(out, "## Class %s\n\nUsed by: %s.\n\n", isa_class_name(cond_class),
            isa_class_text(cond_class));
    fputs("| code | spelling | condition | true when | remark |\n|---|---|---|---|---|\n", out);
    for (size_t i = 0; i < count; i++)
        if (codes[i].cond_class == cond_class) {
            const struct isa_cond_info *cond = isa_cond_get(codes[i].cond);
            fprintf(out, "| %u | `%s` | %s | %s | %s |\n", codes[i].code, codes[i].spelling,
                    cond->name, cond->test, roles[codes[i].role]);
        }
    fputs("\n", out);
}

void help_conditions(FILE *out)
{
    fputs("A condition is evaluated on the state before the flags are written. x, y, cin are what "
          "the "
          "32-bit adder was fed (a subtrahend complemented), r the result before it is replaced by "
          "0 or 1 or "
          "widened, N = r[31], C the carry out, V signed overflow, ZFin the zero flag before, src "
          "the "
          "register in the ra position, amt the whole rb of a register shift.\n\n",
          out);
    for (int cond_class = 0; cond_class < ISA_CLASS_COUNT; cond_class++)
        if (cond_class != ISA_CLASS_NO)
            print_class(out, (enum isa_cond_class)cond_class);
}
