/* SPDX-License-Identifier: MIT */
/* Order of blocks and the jumps between them; jumps as part of other instructions. */
#include <stdlib.h>
#include <string.h>

#include "mir.h"

static struct m_block *only_jump(const struct m_block *block)
{
    struct m_insn *in = block->first;
    return in && in == block->last && in->op == M_JUMP && in->target != block ? in->target : NULL;
}

/* Jumps to blocks that only jump on go there directly. */
static void thread_jumps(struct m_function *fn)
{
    for (size_t b = 0; b < fn->n_blocks; b++)
        for (struct m_insn *in = fn->blocks[b]->first; in; in = in->next) {
            for (unsigned hops = 0; in->target && only_jump(in->target) && hops < 100; hops++)
                if (!in->target->address_taken)
                    in->target = only_jump(in->target);
                else
                    break;
            for (uint32_t k = 0; k < in->n_table; k++)
                for (unsigned hops = 0; only_jump(in->table[k]) && hops < 100; hops++)
                    in->table[k] = only_jump(in->table[k]);
        }
}

static struct m_insn *last_jump(struct m_block *block)
{
    return block->last && block->last->op == M_JUMP && block->last->target ? block->last : NULL;
}

/* The condition that a jump would have the other way round; -1: there is none. */
static int inverse_of(const struct m_insn *insn)
{
    if (!insn->cond || !insn->target || insn->sets)
        return -1;
    return m_invert(insn->cond - 1);
}

/* `jcc A ; jump B` is the same as `jncc B ; jump A`. */
static bool swap_targets(struct m_block *block)
{
    struct m_insn *jump = last_jump(block), *cond = jump ? jump->prev : NULL;
    int inverse = cond ? inverse_of(cond) : -1;
    if (inverse < 0)
        return false;
    struct m_block *other = cond->target;
    cond->cond = (uint8_t)(inverse + 1);
    cond->target = jump->target;
    jump->target = other;
    return true;
}

/* A block that ends in `jcc X; jump X`. */
static void same_targets(struct m_block *block)
{
    struct m_insn *jump = last_jump(block), *cond = jump ? jump->prev : NULL;
    if (cond && cond->op == M_JCC && cond->target == jump->target)
        m_remove(cond);
}

/* Whether all blocks before it, but for those that jump back, have their places. */
static bool is_ready(const struct m_block *block)
{
    for (size_t i = 0; i < block->n_preds; i++)
        if (!block->preds[i]->placed && block->preds[i]->rank < block->rank)
            return false;
    return true;
}

static bool is_better(const struct m_block *a, const struct m_block *b)
{
    if (a->cold != b->cold)
        return b->cold;
    if (is_ready(a) != is_ready(b))
        return is_ready(a);
    if (a->depth != b->depth)
        return a->depth > b->depth;
    return a->rank < b->rank;
}

/* The block to come next: one that control falls into, if there is one without a place. */
static struct m_block *follow(struct m_block *block)
{
    struct m_insn *jump = last_jump(block);
    if (!jump)
        return NULL;
    struct m_block *straight = jump->target->placed ? NULL : jump->target;
    struct m_block *other = NULL;
    if (jump->prev && jump->prev->target && inverse_of(jump->prev) >= 0 &&
        !jump->prev->target->placed)
        other = jump->prev->target;
    struct m_block *next = straight;
    if (other && (!straight || is_better(other, straight)))
        next = other;
    /* A block that others fall into better waits for them, unless this one ends its loop. */
    return next && (is_ready(next) || !jump->prev) ? next : NULL;
}

static struct m_block *best_open(const struct m_function *fn)
{
    struct m_block *best = NULL;
    for (size_t i = 0; i < fn->n_blocks; i++) {
        struct m_block *block = fn->blocks[i];
        if (block->rank != UINT32_MAX && !block->placed && (!best || is_better(block, best)))
            best = block;
    }
    return best;
}

/* Ranks in reverse postorder; UINT32_MAX: cannot be reached. */
static void rank_blocks(struct m_function *fn)
{
    struct {
        struct m_block *block;
        size_t next;
    } *stack = arena_alloc(&fn->arena, (fn->n_blocks + 1) * sizeof *stack);
    bool *seen = arena_alloc(&fn->arena, fn->n_blocks);
    uint32_t rank = (uint32_t)fn->n_blocks;
    for (size_t i = 0; i < fn->n_blocks; i++)
        fn->blocks[i]->rank = UINT32_MAX;
    for (size_t root = 0; root < fn->n_blocks; root++) {
        size_t depth = 0;
        if (seen[root] || (root && !fn->blocks[root]->address_taken))
            continue;
        stack[depth++].block = fn->blocks[root];
        stack[0].next = 0;
        seen[root] = true;
        while (depth) {
            struct m_block *block = stack[depth - 1].block;
            if (stack[depth - 1].next == block->n_succs) {
                block->rank = --rank;
                depth--;
                continue;
            }
            struct m_block *succ = block->succs[stack[depth - 1].next++];
            if (!seen[succ->number]) {
                seen[succ->number] = true;
                stack[depth].next = 0;
                stack[depth++].block = succ;
            }
        }
    }
}

static void order_blocks(struct m_function *fn)
{
    struct m_block *first = NULL, **tail = &first;
    m_edges_compute(fn);
    m_loops(fn);
    rank_blocks(fn);
    for (size_t i = 0; i < fn->n_blocks; i++)
        fn->blocks[i]->placed = false;
    for (struct m_block *block = fn->blocks[0]; block;) {
        block->placed = true;
        *tail = block;
        tail = &block->next;
        struct m_block *next = follow(block);
        block = next ? next : best_open(fn);
    }
    *tail = NULL;
}

/* ---- what both ways out begin with ---------------------------------------------------------- */

static uint32_t touched(const struct m_insn *insn, bool writes)
{
    uint32_t mask = writes ? insn->clobbers : insn->uses;
    for (unsigned i = 0; i < insn->n_ops; i++) {
        const struct m_opnd *o = &insn->ops[i];
        if (o->kind == M_PHYS && (writes ? o->writes : o->reads))
            mask |= (o->lane == M_PAIR ? 3u : 1u) << o->reg;
    }
    return mask;
}

static bool is_constant_move(const struct m_insn *insn)
{
    bool is_move = insn->op == M_MOVE || insn->op == M_MOVEI_S || insn->op == M_MOVEI_U;
    return is_move && !insn->cond && insn->ops[1].kind != M_PHYS;
}

static bool is_same(const struct m_insn *a, const struct m_insn *b)
{
    const struct m_opnd *x = &a->ops[1], *y = &b->ops[1];
    return a->op == b->op && a->ops[0].reg == b->ops[0].reg && x->kind == y->kind &&
           x->imm == y->imm && x->sym == y->sym;
}

/* Could the constant be set before everything that precedes it in its block? */
static bool moves_to_top(const struct m_insn *move)
{
    uint32_t reg = touched(move, true);
    for (const struct m_insn *in = move->prev; in; in = in->prev)
        if (in->op == M_ASM || in->op == M_CALL || in->op == M_LABEL || in->label ||
            ((touched(in, true) | touched(in, false)) & reg))
            return false;
    return true;
}

static struct m_insn *find_same(struct m_block *block, const struct m_insn *move)
{
    for (struct m_insn *in = block->first; in; in = in->next)
        if (is_constant_move(in) && is_same(in, move) && moves_to_top(in))
            return in;
    return NULL;
}

/* Before the branch, and before an instruction that the branch may become a part of. */
static struct m_insn *place_for(const struct m_insn *move, struct m_insn *cond)
{
    struct m_insn *tested = cond->prev;
    bool joins = tested && cond->ops[0].kind == M_PHYS && tested->n_ops > 1 &&
                 tested->ops[0].writes && tested->ops[0].kind == M_PHYS &&
                 tested->ops[0].reg == cond->ops[0].reg && !tested->label && !tested->target &&
                 !tested->glued && tested->op != M_ASM;
    uint32_t reg = touched(move, true);
    if (joins && !((touched(tested, true) | touched(tested, false)) & reg))
        return tested;
    return cond;
}

/* A constant that both successors set is set before the branch. */
static void hoist_common(struct m_block *block)
{
    struct m_insn *jump = last_jump(block), *cond = jump ? jump->prev : NULL;
    if (!cond || cond->op != M_JCC || !cond->target || cond->target == jump->target)
        return;
    struct m_block *a = jump->target, *b = cond->target;
    if (a->n_preds != 1 || b->n_preds != 1 || (cond->prev && cond->prev->target))
        return;
    for (struct m_insn *in = a->first, *next; in; in = next) {
        next = in->next;
        if (!is_constant_move(in) || !moves_to_top(in) ||
            (touched(cond, false) & touched(in, true)))
            continue;
        struct m_insn *same = find_same(b, in);
        if (!same)
            continue;
        m_remove(same);
        m_remove(in);
        m_insert_before(block, place_for(in, cond), in);
    }
}

/* ---- fused jumps ---------------------------------------------------------------------------- */

static bool fits_fused(const struct m_insn *insn, bool dead)
{
    for (unsigned i = 1; i < insn->n_ops; i++) {
        const struct m_opnd *o = &insn->ops[i];
        int limit = dead ? 1024 : 128;
        if (o->kind == M_SYM)
            return false;
        bool is_shift = insn->op >= M_LSL && insn->op <= M_ROL_ADD;
        if (o->kind == M_IMM && !is_shift && (o->imm < -limit || o->imm >= limit))
            return false;
    }
    return true;
}

static bool has_condition(const struct m_insn *insn, enum isa_cond cond)
{
    int jump_class = m_ops[insn->op].jump_class;
    return jump_class >= 0 &&
           isa_cond_find((enum isa_cond_class)jump_class, isa_cond_get(cond)->name) >= 0;
}

static bool is_plain_result(const struct m_insn *insn)
{
    return insn->n_ops > 1 && insn->ops[0].kind == M_PHYS && insn->ops[0].writes && !insn->cond &&
           !insn->sets && !insn->label && !insn->target && m_ops[insn->op].jump_class >= 0;
}

/* Condition of an instruction's result for a comparison with a small constant; -1: none, or it is
 * no comparison. */
static int result_condition(const struct m_insn *jcc)
{
    if (jcc->op != M_JCC) /* others may have fewer operands */
        return -1;
    int cond = jcc->cond - 1;
    int64_t limit = jcc->ops[1].kind == M_IMM ? jcc->ops[1].imm : 1000;
    if (limit == 0 && (cond == ISA_COND_Z || cond == ISA_COND_NZ))
        return cond;
    if ((limit == 0 && cond == ISA_COND_LTS) || (limit == -1 && cond == ISA_COND_LES))
        return ISA_COND_MI;
    if ((limit == 0 && cond == ISA_COND_GES) || (limit == -1 && cond == ISA_COND_GTS))
        return ISA_COND_PL;
    return -1;
}

/* The sums of lsl_add and its kin do not decide their conditions. */
static bool tests_result(const struct m_insn *insn)
{
    return insn->op < M_LSL_ADD || insn->op > M_ROL_ADD;
}

/* A counter that lives on. The vendor's compiler puts its step early in the block, where no jump
 * can take it up, unless there is nothing else in the block. */
static bool is_busy_counter(const struct m_insn *alu)
{
    bool alone = !alu->prev && alu->next && alu->next->op == M_JCC;
    return !alone && alu->n_ops == 3 && alu->ops[1].kind == M_PHYS && alu->ops[2].kind == M_IMM &&
           alu->ops[0].reg == alu->ops[1].reg;
}

static bool fuse_compare(const struct m_function *fn, struct m_insn *jcc)
{
    struct m_insn *alu = jcc->prev;
    int cond = result_condition(jcc);
    if (cond < 0 || !alu || !is_plain_result(alu) || !tests_result(alu) ||
        alu->ops[0].lane == M_PAIR || jcc->ops[0].kind != M_PHYS ||
        jcc->ops[0].reg != alu->ops[0].reg || !fits_fused(alu, false) ||
        !has_condition(alu, (enum isa_cond)cond))
        return false;
    if (alu->op == M_MOVE && alu->ops[1].kind != M_PHYS)
        return false;
    if (!fn->best && is_busy_counter(alu))
        return false;
    alu->cond = (uint8_t)(cond + 1);
    alu->target = jcc->target;
    alu->label = jcc->label;
    m_remove(jcc);
    return true;
}

/* Does control flow join between an instruction and the one before? */
static bool fuse_jump(struct m_insn *jump)
{
    struct m_insn *alu = jump->prev;
    if (jump->op != M_JUMP || !alu || !is_plain_result(alu) || !fits_fused(alu, false) ||
        !has_condition(alu, ISA_COND_TRUE))
        return false;
    if (alu->op == M_MOVE && alu->ops[1].kind != M_PHYS && alu->ops[1].kind != M_IMM)
        return false;
    alu->cond = ISA_COND_TRUE + 1;
    alu->target = jump->target;
    alu->label = jump->label;
    m_remove(jump);
    return true;
}

/* best: the operation that a jump tests moves down to it when nothing in between minds. */
static bool may_sink(const struct m_insn *alu, const struct m_insn *jcc)
{
    uint32_t reg = alu->ops[0].reg;
    for (const struct m_insn *in = alu->next; in != jcc; in = in->next) {
        if (in->op == M_LABEL || in->label || in->target || in->op == M_CALL || in->op == M_ASM ||
            in->glued)
            return false;
        for (unsigned i = 0; i < in->n_ops; i++) {
            const struct m_opnd *o = &in->ops[i];
            if (o->kind != M_PHYS)
                continue;
            uint32_t mask = (o->lane == M_PAIR ? 3u : 1u) << o->reg;
            if (mask >> reg & 1)
                return false;
            for (unsigned k = 1; k < alu->n_ops; k++)
                if (o->writes && alu->ops[k].kind == M_PHYS && (mask >> alu->ops[k].reg & 1))
                    return false;
        }
    }
    return true;
}

static void sink_tested(struct m_block *block)
{
    for (struct m_insn *jcc = block->last; jcc; jcc = jcc->prev) {
        if (result_condition(jcc) < 0 || jcc->ops[0].kind != M_PHYS)
            continue;
        for (struct m_insn *in = jcc->prev; in; in = in->prev) {
            if (in->op == M_LABEL || in->op == M_CALL || in->op == M_ASM || in->label || in->target)
                break;
            bool writes = in->n_ops && in->ops[0].writes && in->ops[0].kind == M_PHYS &&
                          in->ops[0].reg == jcc->ops[0].reg && in->ops[0].lane != M_PAIR;
            if (!writes)
                continue;
            bool glued = in->glued || (in->next && in->next->glued);
            if (in != jcc->prev && !glued && is_plain_result(in) && fits_fused(in, false) &&
                may_sink(in, jcc)) {
                m_remove(in);
                m_insert_before(block, jcc, in);
            }
            break;
        }
    }
}

/* A label before a jump to another block: jumps to it go there themselves. */
static void thread_labels(struct m_block *block)
{
    for (struct m_insn *in = block->first, *next; in; in = next) {
        next = in->next;
        if (in->op != M_LABEL || !next || next->op != M_JUMP || !next->target)
            continue;
        for (struct m_insn *from = block->first; from != in; from = from->next)
            if (from->label == in) {
                from->label = NULL;
                from->target = next->target;
            }
        m_remove(in);
    }
}

static void fuse_block(struct m_function *fn, struct m_block *block)
{
    thread_labels(block);
    if (fn->best)
        sink_tested(block);
    for (struct m_insn *in = block->first, *next; in; in = next) {
        next = in->next;
        if (!fuse_compare(fn, in))
            fuse_jump(in);
    }
}

/* Jumps to the next block go; conditional ones turn round to make that possible. */
static void drop_jump(struct m_block *block)
{
    struct m_insn *jump = last_jump(block);
    if (!jump)
        return;
    same_targets(block);
    if (jump->target != block->next && jump->prev && jump->prev->target == block->next)
        swap_targets(block);
    if (jump->target == block->next)
        m_remove(jump);
    else if (jump->prev && jump->prev->target && jump->target->depth > jump->prev->target->depth)
        swap_targets(block); /* the way that is taken more often with one jump */
}

void m_layout(struct m_function *fn)
{
    m_edges_compute(fn);
    for (size_t i = 0; i < fn->n_blocks; i++)
        hoist_common(fn->blocks[i]);
    thread_jumps(fn);
    order_blocks(fn);
    for (struct m_block *block = fn->blocks[0]; block; block = block->next)
        drop_jump(block);
    for (struct m_block *block = fn->blocks[0]; block; block = block->next)
        fuse_block(fn, block);
}
