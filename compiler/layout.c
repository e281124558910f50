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

static bool ends_cold(const struct m_block *block)
{
    return block->cold;
}

/* The block to come next: where control falls most often and that has no place yet. */
static struct m_block *follow(struct m_block *block)
{
    struct m_insn *jump = last_jump(block);
    if (!jump)
        return NULL;
    struct m_block *straight = jump->target;
    struct m_insn *cond = jump->prev && jump->prev->target && inverse_of(jump->prev) >= 0
                              ? jump->prev
                              : NULL;
    struct m_block *other = cond ? cond->target : NULL;
    bool can_straight = !straight->placed, can_other = other && !other->placed;
    if (can_straight && can_other) {
        /* Stay in the loop; leave cold code behind. */
        bool prefer_other = other->depth > straight->depth ||
                            (ends_cold(straight) && !ends_cold(other));
        return prefer_other ? other : straight;
    }
    if (can_straight)
        return straight;
    /* The jump back closes the loop: the conditional jump takes it, control falls out. */
    return can_other ? other : NULL;
}

static void place_from(struct m_block *block, struct m_block ***tail)
{
    while (block && !block->placed) {
        block->placed = true;
        **tail = block;
        *tail = &block->next;
        block = follow(block);
    }
}

static void order_blocks(struct m_function *fn)
{
    struct m_block *first = NULL, **tail = &first;
    m_edges_compute(fn);
    m_loops(fn);
    bool *reached = arena_alloc(&fn->arena, fn->n_blocks);
    struct m_block **work = arena_alloc(&fn->arena, (fn->n_blocks + 1) * sizeof *work);
    size_t n = 0;
    work[n++] = fn->blocks[0];
    reached[0] = true;
    for (size_t i = 0; i < fn->n_blocks; i++) {
        fn->blocks[i]->placed = false;
        fn->blocks[i]->next = NULL;
        if (fn->blocks[i]->address_taken && !reached[i]) {
            reached[i] = true;
            work[n++] = fn->blocks[i];
        }
    }
    while (n) {
        struct m_block *block = work[--n];
        for (size_t k = 0; k < block->n_succs; k++)
            if (!reached[block->succs[k]->number]) {
                reached[block->succs[k]->number] = true;
                work[n++] = block->succs[k];
            }
    }
    place_from(fn->blocks[0], &tail);
    for (unsigned cold = 0; cold < 2; cold++)
        for (size_t i = 0; i < fn->n_blocks; i++)
            if (reached[i] && fn->blocks[i]->cold == (cold == 1))
                place_from(fn->blocks[i], &tail);
    *tail = NULL;
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

/* Condition of an instruction's result for a comparison with a small constant; -1: none. */
static int result_condition(const struct m_insn *jcc)
{
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

static bool fuse_compare(struct m_insn *jcc)
{
    struct m_insn *alu = jcc->prev;
    int cond = result_condition(jcc);
    if (jcc->op != M_JCC || cond < 0 || !alu || !is_plain_result(alu) || !tests_result(alu) ||
        alu->ops[0].lane == M_PAIR || jcc->ops[0].kind != M_PHYS ||
        jcc->ops[0].reg != alu->ops[0].reg || !fits_fused(alu, false) ||
        !has_condition(alu, (enum isa_cond)cond))
        return false;
    if (alu->op == M_MOVE && alu->ops[1].kind != M_PHYS)
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
        if (jcc->op != M_JCC || result_condition(jcc) < 0 || jcc->ops[0].kind != M_PHYS)
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
        if (!fuse_compare(in))
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
}

void m_layout(struct m_function *fn)
{
    thread_jumps(fn);
    order_blocks(fn);
    for (struct m_block *block = fn->blocks[0]; block; block = block->next)
        drop_jump(block);
    for (struct m_block *block = fn->blocks[0]; block; block = block->next)
        fuse_block(fn, block);
}
