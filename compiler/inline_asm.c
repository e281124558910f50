/* SPDX-License-Identifier: MIT */
/* Inline assembly: the template goes to the assembler as it is, with operands put in. What it does
 * is known by its constraints only, so it is a barrier for everything else. */
#include "inline_asm.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "module.h"

/* ---- reading the IR's text of it ------------------------------------------------------------ */

/* A quoted string with \xx escapes; *at is moved behind it. */
static char *quoted(struct arena *arena, const char **at)
{
    const char *p = strchr(*at, '"');
    if (!p)
        return NULL;
    char *text = arena_alloc(arena, strlen(p) + 1), *out = text;
    for (p++; *p && *p != '"'; p++) {
        if (*p == '\\' && isxdigit((unsigned char)p[1]) && isxdigit((unsigned char)p[2])) {
            char hex[3] = {p[1], p[2], 0};
            *out++ = (char)strtol(hex, NULL, 16);
            p += 2;
        } else if (*p == '\\' && p[1] == '\\')
            *out++ = *p++;
        else
            *out++ = *p;
    }
    *at = *p ? p + 1 : p;
    return text;
}

struct constraint {
    bool is_output, is_early, is_indirect, is_clobber, is_immediate, is_memory;
    int tied; /* output number, or -1 */
    char text[32];
};

static const char *next_constraint(const char *p, struct constraint *c)
{
    size_t n = 0;
    *c = (struct constraint){.tied = -1};
    while (*p && *p != ',') {
        if (*p == '{')
            for (; *p && *p != '}' && n + 1 < sizeof c->text; p++)
                c->text[n++] = *p;
        switch (*p) {
        case '=':
            c->is_output = true;
            break;
        case '&':
            c->is_early = true;
            break;
        case '*':
            c->is_indirect = true;
            break;
        case '~':
            c->is_clobber = true;
            break;
        case 'm':
        case 'o':
        case 'Q':
            c->is_memory = true;
            break;
        case 'i':
        case 'n':
        case 's':
        case 'I':
            c->is_immediate = true;
            break;
        default:
            if (isdigit((unsigned char)*p))
                c->tied = atoi(p);
            break;
        }
        if (*p)
            p++;
    }
    return *p ? p + 1 : p;
}

/* Registers of `//@clobber r8 d10` in the template. */
static uint32_t clobbered(const char *text)
{
    uint32_t mask = 0;
    for (const char *p = text; (p = strstr(p, "//@clobber")); p++)
        for (const char *q = p + 10; *q && *q != '\n' && *q != ';'; q++) {
            bool begins = !isalnum((unsigned char)q[-1]) && isdigit((unsigned char)q[1]);
            if (begins && (*q == 'r' || *q == 'd'))
                mask |= (*q == 'd' ? 3u : 1u) << (atoi(q + 1) & 31);
        }
    return mask;
}

/* ---- selection ------------------------------------------------------------------------------ */

struct asm_work {
    struct sel *s;
    LLVMValueRef call;
    struct m_opnd ops[64];
    unsigned n_ops, n_outputs;
    struct m_asm *body;
};

static struct m_opnd *add(struct asm_work *w, struct m_opnd opnd, bool reads, bool writes)
{
    opnd.reads = reads;
    opnd.writes = writes;
    w->ops[w->n_ops] = opnd;
    return &w->ops[w->n_ops++];
}

static void add_output(struct asm_work *w, const struct constraint *c)
{
    struct sel *s = w->s;
    LLVMTypeRef type = LLVMTypeOf(w->call);
    if (LLVMGetTypeKind(type) == LLVMStructTypeKind)
        type = LLVMStructGetTypeAtIndex(type, w->n_outputs);
    struct m_opnd out = sel_part(s, w->call, w->n_outputs++, sel_width(s, type) > 32);
    add(w, out, false, true)->early = c->is_early;
}

static void add_input(struct asm_work *w, const struct constraint *c, LLVMValueRef x)
{
    struct sel *s = w->s;
    if (c->tied >= 0 && c->tied < (int)w->n_ops) {
        sel_move(s, w->ops[c->tied], x);
        w->ops[c->tied].reads = true;
        add(w, (struct m_opnd){.kind = M_IMM, .imm = c->tied}, false, false);
        w->body->tied[w->n_ops - 1] = true;
        return;
    }
    struct m_opnd opnd = sel_is_pair(s, x) && !c->is_immediate  ? sel_pair(s, x)
                         : c->is_immediate && sel_is_pair(s, x) ? sel_halves(s, x).lo
                                                                : sel_operand(s, x);
    if (!c->is_immediate || (opnd.kind != M_IMM && opnd.kind != M_SYM))
        opnd = sel_work(s, opnd);
    add(w, opnd, true, false);
}

static void add_memory(struct asm_work *w, LLVMValueRef pointer)
{
    add(w, sel_work(w->s, sel_operand(w->s, pointer)), true, false);
    w->body->memory[w->n_ops - 1] = true;
}

static bool add_constraints(struct asm_work *w, const char *p)
{
    unsigned argument = 0;
    while (*p) {
        struct constraint c;
        p = next_constraint(p, &c);
        if (c.is_clobber)
            continue;
        if (w->n_ops == M_ASM_OPERANDS) {
            sel_error(w->s, "inline assembly with more than %d operands", M_ASM_OPERANDS);
            return false;
        }
        if (c.text[0]) {
            sel_error(w->s, "inline assembly: a variable in a fixed register is not supported");
            return false;
        }
        if (c.is_indirect || c.is_memory)
            add_memory(w, LLVMGetOperand(w->call, argument++));
        else if (c.is_output)
            add_output(w, &c);
        else
            add_input(w, &c, LLVMGetOperand(w->call, argument++));
    }
    return true;
}

void sel_inline_asm(struct sel *s, LLVMValueRef call)
{
    char *printed = LLVMPrintValueToString(LLVMGetCalledValue(call));
    const char *at = strstr(printed, "asm ");
    struct asm_work w = {.s = s, .call = call};
    w.body = arena_alloc(&s->fn->arena, sizeof *w.body);
    w.body->text = at ? quoted(&s->fn->arena, &at) : NULL;
    const char *constraints = w.body->text ? quoted(&s->fn->arena, &at) : NULL;
    w.body->id = s->module->n_functions * 1000 + (unsigned)(s->fn->arena.used_bytes % 1000);
    if (!constraints)
        sel_error(s, "this inline assembly cannot be read");
    else if (add_constraints(&w, constraints)) {
        struct m_insn *insn = sel_emit(s, M_ASM, w.n_ops, w.ops);
        memcpy(insn->ops, w.ops, w.n_ops * sizeof *w.ops);
        insn->body = w.body;
        insn->volatile_ = true;
        insn->clobbers = clobbered(w.body->text) & ~(1u << M_SP);
        if (insn->clobbers >> M_RA & 1 || strstr(w.body->text, "call"))
            s->fn->has_call = true;
        s->fn->saved_by_asm |= insn->clobbers;
    }
    LLVMDisposeMessage(printed);
}

/* ---- printing ------------------------------------------------------------------------------- */

static void print_operand(FILE *out, const struct m_insn *insn, unsigned number)
{
    if (number < insn->n_ops && insn->body->tied[number])
        number = (unsigned)insn->ops[number].imm;
    if (number >= insn->n_ops) {
        fprintf(out, "$%u", number); /* the assembler complains about it */
        return;
    }
    const struct m_opnd *o = &insn->ops[number];
    if (o->kind == M_IMM)
        fprintf(out, "%lld", (long long)o->imm);
    else if (o->kind == M_SYM) {
        module_emit_quoted(out, o->sym);
        if (o->imm)
            fprintf(out, "%+lld", (long long)o->imm);
    } else
        fprintf(out, o->lane == M_PAIR ? "d%u" : "r%u", o->reg);
    if (insn->body->memory[number])
        fputs(", 0", out);
}

/* $3 ${3} ${3:x} ${:uid} $$, and $( | ) for alternatives, of which there is one. */
void inline_asm_print(FILE *out, const struct m_insn *insn)
{
    for (const char *p = insn->body->text; *p; p++) {
        if (*p != '$') {
            fputc(*p, out);
            continue;
        }
        p++;
        if (*p == '$')
            fputc('$', out);
        else if (*p == '{') {
            const char *end = strchr(p, '}');
            if (strncmp(p, "{:uid", 5) == 0)
                fprintf(out, "%u", insn->body->id);
            else if (isdigit((unsigned char)p[1]))
                print_operand(out, insn, (unsigned)atoi(p + 1));
            p = end ? end : p;
        } else if (isdigit((unsigned char)*p)) {
            char *end;
            print_operand(out, insn, (unsigned)strtoul(p, &end, 10));
            p = end - 1;
        } else
            p--;
    }
}
