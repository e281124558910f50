/* SPDX-License-Identifier: MIT */
/* Machine instructions as assembly text. */
#include <ctype.h>
#include <string.h>

#include <llvm-c/DebugInfo.h>

#include "inline_asm.h"
#include "module.h"

struct emitter {
    struct cg_module *module;
    FILE *out;
    const struct m_function *fn;
    unsigned number; /* of the function, in labels */
    unsigned n_labels, n_tables;
    uint32_t line, file;
};

/* Would the assembler take the name, where it stands as an operand, for a register or condition? */
static bool is_word_of_assembler(const char *name)
{
    enum { LONGEST = 6, REGISTERS = 32 };
    size_t len = strlen(name);
    if (len > LONGEST)
        return false;
    for (unsigned i = 0; i < REGISTERS; i++)
        if (strcasecmp(name, isa_register_name(i)) == 0)
            return true;
    for (unsigned i = 0; i < ISA_CLASS_COUNT; i++)
        if (isa_cond_find((enum isa_cond_class)i, name) >= 0)
            return true;
    return len > 1 && strchr("dDsS", *name) && strspn(name + 1, "0123456789") == len - 1;
}

void module_emit_quoted(FILE *out, const char *name)
{
    bool plain = *name && !isdigit((unsigned char)*name) && !is_word_of_assembler(name);
    for (const char *p = name; *p; p++)
        plain &= isalnum((unsigned char)*p) || *p == '_' || *p == '.' || *p == '$';
    fprintf(out, plain ? "%s" : "\"%s\"", name);
}

static void print_block(const struct emitter *e, const struct m_block *block)
{
    fprintf(e->out, ".LBB%u_%u", e->number, block->number);
}

static void print_operand(const struct emitter *e, struct m_opnd o, const struct m_insn *insn)
{
    switch (o.kind) {
    case M_PHYS:
        fprintf(e->out, o.lane == M_PAIR ? "d%u" : "r%u", o.reg);
        break;
    case M_CONST:
        fputs(isa_register_name(o.reg), e->out);
        break;
    case M_IMM:
        fprintf(e->out, "%lld", (long long)o.imm);
        break;
    case M_SYM:
        if (o.sym)
            module_emit_quoted(e->out, o.sym);
        else
            fprintf(e->out, ".LJT%u_%u", e->number, e->n_tables);
        if (o.imm)
            fprintf(e->out, "%+lld", (long long)o.imm);
        break;
    default:
        fprintf(e->out, "?%u", (unsigned)insn->op); /* the assembler refuses it */
    }
}

static void print_target(const struct emitter *e, const struct m_insn *insn)
{
    if (insn->target)
        print_block(e, insn->target);
    else
        fprintf(e->out, ".LL%u_%u", e->number, insn->label->at);
}

static const char *jump_name(enum isa_cond cond)
{
    return cond == ISA_COND_Z ? "eq" : cond == ISA_COND_NZ ? "neq" : isa_cond_get(cond)->name;
}

/* Forms with a 24-bit immediate and neither condition nor target are written with `false`. */
static bool needs_false(const struct m_insn *insn)
{
    bool immediate = insn->n_ops == 3 && insn->ops[2].kind == M_IMM;
    bool to_zero = insn->n_ops && insn->ops[0].kind == M_CONST;
    return immediate && !insn->cond &&
           (insn->op == M_SUB || insn->op == M_SUBC || (to_zero && insn->op <= M_ORN));
}

static void print_operands(const struct emitter *e, const struct m_insn *insn)
{
    const char *separator =
        m_ops[insn->op].mnemonic[strlen(m_ops[insn->op].mnemonic) - 1] == ',' ? " " : " ";
    for (unsigned i = 0; i < insn->n_ops; i++) {
        fputs(separator, e->out);
        print_operand(e, insn->ops[i], insn);
        separator = ", ";
    }
}

static void print_call(const struct emitter *e, const struct m_insn *insn)
{
    fputs("\tcall r23, ", e->out);
    print_operand(e, insn->ops[0], insn);
    fputc('\n', e->out);
}

static void print_plain(const struct emitter *e, const struct m_insn *insn)
{
    fprintf(e->out, "\t%s", m_ops[insn->op].mnemonic);
    print_operands(e, insn);
    if (insn->cond)
        fprintf(e->out, ", %s", isa_cond_get((enum isa_cond)(insn->cond - 1))->name);
    else if (needs_false(insn))
        fputs(", false", e->out);
    if (insn->target || insn->label) {
        fputs(", ", e->out);
        print_target(e, insn);
    }
    fputc('\n', e->out);
}

static void print_compare(const struct emitter *e, const struct m_insn *insn)
{
    fprintf(e->out, "\tj%s", jump_name((enum isa_cond)(insn->cond - 1)));
    print_operands(e, insn);
    fputs(", ", e->out);
    print_target(e, insn);
    fputc('\n', e->out);
}

static void print_place(struct emitter *e, const struct m_insn *insn)
{
    if (!e->module->options->debug_lines || !insn->file || !insn->line ||
        (insn->file == e->file && insn->line == e->line))
        return;
    e->file = insn->file;
    e->line = insn->line;
    fprintf(e->out, "\t.loc %u %u 0\n", insn->file, insn->line);
}

/* What the optimiser moved to the beginning has no place any more: it gets the function's. */
static void print_first_place(struct emitter *e, LLVMValueRef function)
{
    const struct m_insn *first = e->fn->blocks[0]->first;
    while (first && first->op == M_LABEL)
        first = first->next;
    if (first && !first->line && LLVMGetSubprogram(function))
        print_place(e,
                    &(struct m_insn){.line = LLVMDISubprogramGetLine(LLVMGetSubprogram(function)),
                                     .file = module_file(e->module, function)});
}

/* Messages of the assembler about the template name the C source. */
static void print_asm(const struct emitter *e, const struct m_insn *insn)
{
    if (insn->file && insn->line)
        fprintf(e->out, "# %u \"%s\"\n", insn->line, e->module->files[insn->file - 1].name);
    fputc('\t', e->out);
    inline_asm_print(e->out, insn);
    fputs("\n# 1 \"generated code\"\n", e->out);
}

static void print_insn(struct emitter *e, const struct m_insn *insn)
{
    if (insn->op == M_LABEL) {
        fprintf(e->out, ".LL%u_%u:\n", e->number, insn->at);
        return;
    }
    print_place(e, insn);
    switch (insn->op) {
    case M_ASM:
        print_asm(e, insn);
        break;
    case M_CALL:
        print_call(e, insn);
        break;
    case M_JCC:
        print_compare(e, insn);
        break;
    case M_JUMP:
        fputs("\tjump ", e->out);
        print_target(e, insn);
        fputc('\n', e->out);
        break;
    case M_RET:
        fputs("\tjump r23\n", e->out);
        break;
    default:
        print_plain(e, insn);
        if (insn->op == M_JUMP_REG)
            e->n_tables++;
    }
}

static void number_labels(struct emitter *e)
{
    for (const struct m_block *block = e->fn->blocks[0]; block; block = block->next)
        for (struct m_insn *in = block->first; in; in = in->next)
            if (in->op == M_LABEL)
                in->at = e->n_labels++;
}

static bool uses_table(const struct m_insn *jump)
{
    const struct m_insn *load = jump->prev;
    while (load && !(load->op == M_LW && load->ops[2].kind == M_SYM && !load->ops[2].sym))
        load = load->prev;
    return load != NULL;
}

static void print_tables(struct emitter *e)
{
    unsigned table = 0;
    for (const struct m_block *block = e->fn->blocks[0]; block; block = block->next)
        for (const struct m_insn *in = block->first; in; in = in->next) {
            if (in->op != M_JUMP_REG)
                continue;
            if (uses_table(in)) {
                fputs("\t.section ", e->out);
                module_emit_quoted(e->out,
                                   arena_format(&e->module->arena, ".rodata.%s", e->fn->name));
                fprintf(e->out, ",\"a\",@progbits\n\t.p2align 2\n.LJT%u_%u:\n", e->number, table);
                for (uint32_t i = 0; i < in->n_table; i++) {
                    fputs("\t.long ", e->out);
                    print_block(e, in->table[i]);
                    fputc('\n', e->out);
                }
            }
            table++;
        }
}

/* .stack_sizes: address and frame size of each function, for the stack analyser. */
static void print_stack_size(struct emitter *e, const char *section)
{
    fputs("\t.section .stack_sizes,\"o\",@progbits,", e->out);
    module_emit_quoted(e->out, section);
    fprintf(e->out, "\n\t.long .Lfunc_begin%u\n\t.uleb128 %u\n", e->number, e->fn->frame_bytes);
}

/* Data that names the block may come later: the label stands there in any case. */
static void print_block_target(struct emitter *e, LLVMBasicBlockRef ir)
{
    if (ir && module_is_block_target(ir))
        fprintf(e->out, "%s:\n", module_block_label(e->module, ir));
}

static void print_linkage(FILE *out, LLVMValueRef global, const char *name, const char *type)
{
    LLVMLinkage linkage = LLVMGetLinkage(global);
    bool local = linkage == LLVMInternalLinkage || linkage == LLVMPrivateLinkage;
    bool weak = linkage == LLVMWeakAnyLinkage || linkage == LLVMWeakODRLinkage ||
                linkage == LLVMLinkOnceAnyLinkage || linkage == LLVMLinkOnceODRLinkage;
    if (!local) {
        fputs(weak ? "\t.weak " : "\t.globl ", out);
        module_emit_quoted(out, name);
        fputc('\n', out);
    }
    if (LLVMGetVisibility(global) == LLVMHiddenVisibility) {
        fputs("\t.hidden ", out);
        module_emit_quoted(out, name);
        fputc('\n', out);
    }
    fputs("\t.type ", out);
    module_emit_quoted(out, name);
    fprintf(out, ",@%s\n", type);
}

void emit_function(struct cg_module *module, LLVMValueRef function, struct m_function *fn)
{
    struct emitter e = {
        .module = module, .out = module->out, .fn = fn, .number = (unsigned)module->n_functions};
    module->functions = grow_array(module->functions, &module->functions_capacity,
                                   module->n_functions, sizeof *module->functions);
    module->functions[module->n_functions++] = function;
    const char *section = LLVMGetSection(function);
    if (!section || !*section)
        section = arena_format(&module->arena, ".text.%s", fn->name);
    fputs("\t.section ", e.out);
    module_emit_quoted(e.out, section);
    fputs(",\"ax\",@progbits\n", e.out);
    print_linkage(e.out, function, fn->name, "function");
    module_emit_quoted(e.out, fn->name);
    fprintf(e.out, ":\n.Lfunc_begin%u:\n", e.number);
    number_labels(&e);
    print_first_place(&e, function);
    for (const struct m_block *block = fn->blocks[0]; block; block = block->next) {
        if (block != fn->blocks[0]) {
            print_block(&e, block);
            fputs(":\n", e.out);
        }
        print_block_target(&e, block->ir);
        for (const struct m_insn *in = block->first; in; in = in->next)
            print_insn(&e, in);
    }
    fprintf(e.out, ".Lfunc_end%u:\n\t.size ", e.number);
    module_emit_quoted(e.out, fn->name);
    fprintf(e.out, ", .Lfunc_end%u-.Lfunc_begin%u\n", e.number, e.number);
    print_tables(&e);
    print_stack_size(&e, section);
}
