/* SPDX-License-Identifier: MIT */
/* Selection of a whole function: order of blocks, values of phis, what is emitted at all. */
#include "select.h"

#include <llvm-c/DebugInfo.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "module.h"

struct edge_block {
    LLVMBasicBlockRef from, to;
    struct m_block *block;
};

/* State that only the walk over the blocks needs. */
struct walk {
    struct sel sel;
    LLVMBasicBlockRef current;
    struct edge_block *edges;
    size_t n_edges, edges_capacity;
};

void sel_error(struct sel *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    module_error(s->module, s->at ? s->at : s->function, format, args);
    va_end(args);
}

void sel_warning(struct sel *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    module_warning(s->module, s->at ? s->at : s->function, format, args);
    va_end(args);
}

/* ---- blocks --------------------------------------------------------------------------------- */

static struct m_block *block_of(const struct sel *s, LLVMBasicBlockRef ir)
{
    for (size_t i = 0; i < s->n_blocks; i++)
        if (s->blocks[i].ir == ir)
            return s->blocks[i].block;
    return NULL;
}

static bool has_phi(LLVMBasicBlockRef block)
{
    LLVMValueRef first = LLVMGetFirstInstruction(block);
    return first && sel_is_op(first, LLVMPHI) && LLVMCountIncoming(first) > 1;
}

static bool has_several_successors(LLVMBasicBlockRef block)
{
    LLVMValueRef last = LLVMGetBasicBlockTerminator(block);
    unsigned n = LLVMGetNumSuccessors(last);
    for (unsigned i = 1; i < n; i++)
        if (LLVMGetSuccessor(last, i) != LLVMGetSuccessor(last, 0))
            return true;
    return false;
}

/* Where a branch of the current block goes: to a block of its own on the way when values of phis
 * have to be set that the other ways out do not set. */
struct m_block *sel_block_of(struct sel *s, LLVMBasicBlockRef ir)
{
    struct walk *w = (struct walk *)s;
    if (!has_phi(ir) || !has_several_successors(w->current))
        return block_of(s, ir);
    for (size_t i = 0; i < w->n_edges; i++)
        if (w->edges[i].from == w->current && w->edges[i].to == ir)
            return w->edges[i].block;
    struct m_block *block = m_block_add(s->fn);
    block->is_split = true;
    w->edges = grow_array(w->edges, &w->edges_capacity, w->n_edges, sizeof *w->edges);
    w->edges[w->n_edges++] = (struct edge_block){w->current, ir, block};
    return block;
}

static void visit(struct sel *s, LLVMBasicBlockRef block, LLVMBasicBlockRef *order, size_t *at,
                  bool *seen, LLVMBasicBlockRef *all, size_t n_all)
{
    /* An explicit stack: functions may have thousands of blocks. */
    struct {
        LLVMBasicBlockRef block;
        unsigned next;
    } *stack = arena_alloc(&s->fn->arena, (n_all + 1) * sizeof *stack);
    size_t depth = 0;
    stack[depth++].block = block;
    seen[0] = true;
    while (depth) {
        LLVMValueRef last = LLVMGetBasicBlockTerminator(stack[depth - 1].block);
        if (stack[depth - 1].next == LLVMGetNumSuccessors(last)) {
            order[--*at] = stack[--depth].block;
            continue;
        }
        LLVMBasicBlockRef succ = LLVMGetSuccessor(last, stack[depth - 1].next++);
        for (size_t i = 0; i < n_all; i++)
            if (all[i] == succ && !seen[i]) {
                seen[i] = true;
                stack[depth].next = 0;
                stack[depth++].block = succ;
                break;
            }
    }
}

static void order_blocks(struct sel *s)
{
    size_t n = LLVMCountBasicBlocks(s->function), at = n;
    LLVMBasicBlockRef *all = arena_alloc(&s->fn->arena, n * sizeof *all);
    LLVMBasicBlockRef *order = arena_alloc(&s->fn->arena, n * sizeof *order);
    bool *seen = arena_alloc(&s->fn->arena, n);
    LLVMGetBasicBlocks(s->function, all);
    visit(s, all[0], order, &at, seen, all, n);
    s->n_blocks = n - at;
    s->blocks = arena_alloc(&s->fn->arena, (s->n_blocks + 1) * sizeof *s->blocks);
    /* Machine blocks in the order of the IR, which keeps loops together. */
    for (size_t i = 0; i < n; i++)
        if (seen[i]) {
            struct m_block *block = m_block_add(s->fn);
            LLVMValueRef last = LLVMGetBasicBlockTerminator(all[i]);
            block->ir = all[i];
            block->cold = sel_is_op(last, LLVMUnreachable);
            block->address_taken = module_is_block_target(all[i]);
            for (size_t k = 0; k < s->n_blocks; k++)
                if (order[at + k] == all[i])
                    s->blocks[k] = (struct sel_block){all[i], block};
        }
}

/* ---- what is emitted ------------------------------------------------------------------------ */

static bool call_has_effect(LLVMValueRef call)
{
    const char *name = sel_callee_name(call);
    if (sel_is_tid(call))
        return false;
    return strncmp(name, "llvm.", 5) != 0 || sel_intrinsic_has_effect(name);
}

static bool has_effect(LLVMValueRef value)
{
    switch (LLVMGetInstructionOpcode(value)) {
    case LLVMStore:
    case LLVMFence:
    case LLVMAtomicRMW:
    case LLVMAtomicCmpXchg:
    case LLVMVAArg:
    case LLVMRet:
    case LLVMBr:
    case LLVMSwitch:
    case LLVMIndirectBr:
    case LLVMUnreachable:
    case LLVMInvoke:
    case LLVMCallBr:
    case LLVMResume:
        return true;
    case LLVMLoad:
        return LLVMGetVolatile(value);
    case LLVMCall:
        return call_has_effect(value);
    default:
        return false;
    }
}

bool sel_is_emitted(struct sel *s, LLVMValueRef instruction)
{
    const struct sel_value *v = sel_value_of(s, instruction);
    return !v->done && (v->needed || has_effect(instruction));
}

/* ---- one instruction ------------------------------------------------------------------------ */

/* Elements of a structure that was put together value by value. */
static void insert_value(struct sel *s, LLVMValueRef value)
{
    LLVMTypeRef type = LLVMTypeOf(value);
    unsigned at = LLVMGetIndices(value)[0], n = LLVMCountStructElementTypes(type);
    LLVMValueRef from = LLVMGetOperand(value, 0), x = LLVMGetOperand(value, 1);
    struct sel_value *v = sel_value_of(s, value);
    for (unsigned i = 0; i < n && i < SEL_PARTS; i++) {
        if (!v->has_part[i])
            continue;
        bool is_pair = sel_width(s, LLVMStructGetTypeAtIndex(type, i)) > 32;
        if (i == at)
            sel_move(s, v->part[i], x);
        else if (LLVMIsAInstruction(from))
            sel_emit2(s, M_COPY, v->part[i], sel_part(s, from, i, is_pair));
        else
            sel_emit1(s, M_UNDEF, v->part[i]);
    }
}

static void extract_value(struct sel *s, LLVMValueRef value)
{
    LLVMValueRef from = LLVMGetOperand(value, 0);
    unsigned at = LLVMGetIndices(value)[0];
    if (!LLVMIsAInstruction(from) || LLVMGetNumIndices(value) != 1 || at >= SEL_PARTS) {
        sel_error(s, "a structure as a value is not supported here");
        return;
    }
    struct m_opnd part = sel_part(s, from, at, sel_is_pair(s, value));
    sel_emit2(s, M_COPY, sel_result(s, value), part);
}

static void select_instruction(struct sel *s, LLVMValueRef value)
{
    switch (LLVMGetInstructionOpcode(value)) {
    case LLVMAdd:
    case LLVMSub:
    case LLVMMul:
    case LLVMUDiv:
    case LLVMSDiv:
    case LLVMURem:
    case LLVMSRem:
    case LLVMAnd:
    case LLVMOr:
    case LLVMXor:
    case LLVMShl:
    case LLVMLShr:
    case LLVMAShr:
    case LLVMFAdd:
    case LLVMFSub:
    case LLVMFMul:
    case LLVMFDiv:
    case LLVMFRem:
    case LLVMFNeg:
        sel_binary(s, value);
        break;
    case LLVMZExt:
    case LLVMSExt:
    case LLVMTrunc:
    case LLVMSIToFP:
    case LLVMUIToFP:
    case LLVMFPToSI:
    case LLVMFPToUI:
    case LLVMFPExt:
    case LLVMFPTrunc:
    case LLVMPtrToInt:
    case LLVMIntToPtr:
        sel_convert(s, value);
        break;
    case LLVMAddrSpaceCast:
        sel_change_space(s, value);
        break;
    case LLVMICmp:
        sel_icmp(s, value);
        break;
    case LLVMFCmp:
        sel_fcmp(s, value);
        break;
    case LLVMSelect:
        sel_select(s, value);
        break;
    case LLVMBr:
        sel_branch(s, value);
        break;
    case LLVMSwitch:
        sel_switch(s, value);
        break;
    case LLVMIndirectBr:
        sel_indirect_branch(s, value);
        break;
    case LLVMRet:
        sel_return(s, value);
        break;
    case LLVMUnreachable:
        if (!s->optimise)
            sel_emit1(s, M_FAULT, m_imm(4))->volatile_ = true;
        break;
    case LLVMGetElementPtr:
        sel_gep(s, value);
        break;
    case LLVMLoad:
        sel_load(s, value);
        break;
    case LLVMStore:
        sel_store(s, value);
        break;
    case LLVMCall:
        sel_call(s, value);
        break;
    case LLVMVAArg:
        sel_va_arg(s, value);
        break;
    case LLVMAtomicRMW:
    case LLVMAtomicCmpXchg:
        sel_atomic(s, value);
        break;
    case LLVMInsertValue:
        insert_value(s, value);
        break;
    case LLVMExtractValue:
        extract_value(s, value);
        break;
    case LLVMFence:
    case LLVMPHI:
    case LLVMAlloca:
    case LLVMFreeze:
    case LLVMBitCast:
        break;
    case LLVMCallBr:
        sel_error(s, "asm goto is not supported: an assembly statement ends where it began; let it "
                     "give a value that C tests");
        break;
    default:
        sel_error(s, "an operation of the optimiser that this compiler does not know (number %d)",
                  (int)LLVMGetInstructionOpcode(value));
    }
}

/* The buffer in front of what the block holds. */
static void prepend(struct m_block *block, struct m_block *buffer)
{
    for (struct m_insn *in = buffer->first; in; in = in->next)
        in->block = block;
    if (!buffer->first)
        return;
    buffer->last->next = block->first;
    if (block->first)
        block->first->prev = buffer->last;
    else
        block->last = buffer->last;
    block->first = buffer->first;
    buffer->first = buffer->last = NULL;
}

static void set_place(struct sel *s, LLVMValueRef value)
{
    unsigned line = LLVMGetDebugLocLine(value);
    s->at = value;
    s->line = line;
    s->file = line ? module_file(s->module, value) : 0;
}

/* ---- phis ----------------------------------------------------------------------------------- */

static LLVMValueRef incoming(LLVMValueRef phi, LLVMBasicBlockRef from)
{
    unsigned n = LLVMCountIncoming(phi);
    for (unsigned i = 0; i < n; i++)
        if (LLVMGetIncomingBlock(phi, i) == from)
            return LLVMGetIncomingValue(phi, i);
    return NULL;
}

/* Whether reading the value may mean reading a phi of the block: conversions are no code. */
static bool reads_phi_of(LLVMValueRef value, LLVMBasicBlockRef block, unsigned depth)
{
    if (!LLVMIsAInstruction(value) || depth > 6)
        return depth > 6;
    switch (LLVMGetInstructionOpcode(value)) {
    case LLVMPHI:
        if (LLVMGetInstructionParent(value) == block)
            return true;
        return LLVMCountIncoming(value) == 1 &&
               reads_phi_of(LLVMGetIncomingValue(value, 0), block, depth + 1);
    case LLVMTrunc:
    case LLVMZExt:
    case LLVMSExt:
    case LLVMBitCast:
    case LLVMPtrToInt:
    case LLVMIntToPtr:
    case LLVMAddrSpaceCast:
    case LLVMFreeze:
    case LLVMShl:
    case LLVMLShr:
    case LLVMOr:
        for (int i = 0; i < LLVMGetNumOperands(value); i++)
            if (reads_phi_of(LLVMGetOperand(value, (unsigned)i), block, depth + 1))
                return true;
        return false;
    default:
        return false;
    }
}

/* All phis of a block get their values at the same time: one whose value is another phi of the
 * block, which may be overwritten before, goes through a temporary. */
static void set_phis(struct sel *s, LLVMBasicBlockRef from, LLVMBasicBlockRef to)
{
    struct {
        struct m_opnd to, temporary;
        LLVMValueRef value;
    } moves[256];
    size_t n = 0;
    LLVMValueRef phi = LLVMGetFirstInstruction(to);
    for (; phi && sel_is_op(phi, LLVMPHI); phi = LLVMGetNextInstruction(phi)) {
        LLVMValueRef value = incoming(phi, from);
        if (!value || value == phi || LLVMIsUndef(value) || !sel_width(s, LLVMTypeOf(phi))) {
            if (!sel_width(s, LLVMTypeOf(phi)))
                sel_error(s, "a structure or vector as a value is not supported here");
            continue;
        }
        if (n == 256) {
            sel_error(s, "more than 256 values meet at one place");
            return;
        }
        moves[n].to = sel_result(s, phi);
        moves[n].value = value;
        moves[n].temporary = (struct m_opnd){0};
        if (reads_phi_of(value, to, 0)) {
            moves[n].temporary = sel_is_pair(s, phi) ? sel_new_pair(s) : sel_new(s);
            sel_move(s, moves[n].temporary, value);
        }
        n++;
    }
    for (size_t pass = 0; pass < 2; pass++) /* values in registers first, then constants */
        for (size_t i = 0; i < n; i++) {
            if ((LLVMIsAConstant(moves[i].value) != NULL) != (pass == 1))
                continue;
            if (moves[i].temporary.kind != M_NONE)
                sel_emit2(s, M_COPY, moves[i].to, moves[i].temporary);
            else
                sel_move(s, moves[i].to, moves[i].value);
        }
}

static void leave_block(struct walk *w, LLVMBasicBlockRef from, struct m_block *block)
{
    struct sel *s = &w->sel;
    LLVMValueRef last = LLVMGetBasicBlockTerminator(from);
    if (!has_several_successors(from)) {
        if (LLVMGetNumSuccessors(last) && has_phi(LLVMGetSuccessor(last, 0)))
            set_phis(s, from, LLVMGetSuccessor(last, 0));
        prepend(block, &s->buffer);
        return;
    }
    for (size_t i = 0; i < w->n_edges; i++) {
        if (w->edges[i].from != from || w->edges[i].block->first)
            continue;
        set_phis(s, from, w->edges[i].to);
        sel_jump(s, block_of(s, w->edges[i].to));
        prepend(w->edges[i].block, &s->buffer);
    }
}

/* ---- the function --------------------------------------------------------------------------- */

static void select_block(struct walk *w, struct sel_block *at)
{
    struct sel *s = &w->sel;
    LLVMValueRef value = LLVMGetLastInstruction(at->ir);
    w->current = at->ir;
    set_place(s, value);
    select_instruction(s, value);
    if (sel_is_op(value, LLVMBr) || sel_is_op(value, LLVMSwitch) ||
        sel_is_op(value, LLVMIndirectBr)) {
        prepend(at->block, &s->buffer);
        leave_block(w, at->ir, at->block);
    } else
        prepend(at->block, &s->buffer);
    while ((value = LLVMGetPreviousInstruction(value))) {
        if (!sel_is_emitted(s, value))
            continue;
        set_place(s, value);
        select_instruction(s, value);
        prepend(at->block, &s->buffer);
    }
}

static void reserve_variables(struct sel *s)
{
    for (size_t b = 0; b < s->n_blocks; b++)
        for (LLVMValueRef in = LLVMGetFirstInstruction(s->blocks[b].ir); in;
             in = LLVMGetNextInstruction(in))
            if (sel_is_op(in, LLVMAlloca)) {
                s->at = in;
                module_alloca_slot(s, in);
            }
}

static void add_entry(struct sel *s)
{
    s->at = NULL;
    s->file = s->line = 0;
    if (LLVMGetSubprogram(s->function)) {
        s->line = LLVMDISubprogramGetLine(LLVMGetSubprogram(s->function));
        s->file = module_file(s->module, s->function);
    }
    sel_arguments(s);
    /* The first block may be the target of a loop only through another one: LLVM guarantees it. */
    prepend(s->fn->blocks[0], &s->buffer);
    sel_emit(s, M_ENTRY, 0, NULL);
    s->buffer.first->uses = 0;
    prepend(s->fn->blocks[0], &s->buffer);
}

struct m_function *sel_function(struct cg_module *module, LLVMValueRef function)
{
    enum { BUCKETS = 4096 };
    struct walk w = {0};
    struct sel *s = &w.sel;
    s->module = module;
    s->function = function;
    s->layout = module->layout;
    s->match = !module->options->best;
    s->optimise = module->options->optimise;
    s->fn = m_function_create(module_symbol(module, function));
    s->fn->best = module->options->best;
    s->fn->is_naked = module_has_attribute(function, "naked");
    s->values = arena_alloc(&s->fn->arena, BUCKETS * sizeof *s->values);
    s->values_mask = BUCKETS - 1;
    order_blocks(s);
    reserve_variables(s);
    for (size_t i = s->n_blocks; i-- > 0;)
        select_block(&w, &s->blocks[i]);
    add_entry(s);
    free(w.edges);
    return s->fn;
}
