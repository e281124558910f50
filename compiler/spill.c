/* SPDX-License-Identifier: MIT */
/* Values without a register: kept in the frame and loaded before each use, or, when that is one
 * instruction anyway (constants, addresses, the tasklet's number), computed again. A region that
 * jumps inside the block may skip is treated as one use: nothing is stored that a jump could miss.
 */
#include <stdlib.h>
#include <string.h>

#include "mir.h"

struct spill_work {
    struct m_function *fn;
    uint32_t vreg, slot;
    bool is_pair, has_slot;
    const struct m_insn *again; /* how to compute it; NULL: it has a slot */
};

static bool can_recompute(const struct m_insn *insn)
{
    if (insn->op == M_MOVE)
        return !m_is_register(insn->ops[1]);
    if (insn->op == M_MOVE_ID)
        return insn->ops[1].kind == M_CONST;
    return insn->op == M_ADD && insn->ops[1].kind == M_PHYS && insn->ops[1].reg == M_SP &&
           insn->ops[2].kind != M_REG && insn->ops[2].kind != M_PHYS;
}

/* The only definition of a value, if it can be repeated anywhere. */
const struct m_insn *m_remat_source(const struct m_function *fn, uint32_t vreg)
{
    const struct m_insn *found = NULL;
    for (size_t b = 0; b < fn->n_blocks; b++)
        for (const struct m_insn *in = fn->blocks[b]->first; in; in = in->next)
            for (unsigned i = 0; i < in->n_ops; i++) {
                const struct m_opnd *o = &in->ops[i];
                if (o->kind != M_REG || o->reg != vreg || !o->writes)
                    continue;
                if (found || o->reads || o->lane != M_WORD || !can_recompute(in))
                    return NULL;
                found = in;
            }
    return found;
}

static uint32_t temporary(struct spill_work *w, bool is_pair)
{
    uint32_t t = m_vreg_add(w->fn, is_pair);
    w->fn->vregs[t].is_reload = true;
    return t;
}

/* Nothing comes between an instruction and the flags of the one before. */
static struct m_insn *head_of(struct m_insn *insn)
{
    while (insn->glued)
        insn = insn->prev;
    return insn;
}

static void transfer(struct spill_work *w, struct m_block *block, struct m_insn *before, uint32_t t,
                     bool is_store, const struct m_insn *near)
{
    bool pair = w->fn->vregs[t].is_pair;
    struct m_opnd reg = m_reg(t, pair), base = m_phys(M_SP), at = m_slot(w->slot, 0);
    struct m_insn *insn;
    if (is_store)
        insn = m_insn_make(w->fn, pair ? M_SD : M_SW, 3, (struct m_opnd[]){base, at, reg});
    else
        insn = m_insn_make(w->fn, pair ? M_LD : M_LW, 3, (struct m_opnd[]){reg, base, at});
    insn->line = near->line;
    insn->file = near->file;
    m_insert_before(block, before, insn);
}

static void recompute(struct spill_work *w, struct m_insn *before, uint32_t t)
{
    struct m_opnd ops[3];
    memcpy(ops, w->again->ops, w->again->n_ops * sizeof *ops);
    ops[0] = m_reg(t, false);
    struct m_insn *insn = m_insn_make(w->fn, (enum m_op)w->again->op, w->again->n_ops, ops);
    insn->line = before->line;
    insn->file = before->file;
    m_insert_before(before->block, before, insn);
}

struct uses {
    bool any, first_reads, first_seen, writes;
};

static void look(const struct spill_work *w, const struct m_insn *insn, struct uses *u)
{
    bool here = false, reads = false, full = false;
    for (unsigned i = 0; i < insn->n_ops; i++) {
        const struct m_opnd *o = &insn->ops[i];
        if (o->kind != M_REG || o->reg != w->vreg)
            continue;
        here = true;
        reads |= o->reads;
        u->writes |= o->writes;
        full |= o->writes && !o->reads && (!w->is_pair || o->lane == M_PAIR);
    }
    if (!here)
        return;
    u->any = true;
    if (!u->first_seen) {
        u->first_seen = true;
        u->first_reads = reads || !full;
    }
}

static void replace(const struct spill_work *w, struct m_insn *insn, uint32_t t)
{
    for (unsigned i = 0; i < insn->n_ops; i++)
        if (insn->ops[i].kind == M_REG && insn->ops[i].reg == w->vreg)
            insn->ops[i].reg = t;
}

/* The last instruction of the region that begins here: up to the labels that its jumps skip to, and
 * all of a bundle that is held together by flags. */
static struct m_insn *end_of_region(struct m_insn *insn)
{
    unsigned open = 0;
    struct m_insn *pending[16];
    for (;; insn = insn->next) {
        if (insn->label) {
            bool known = false;
            for (unsigned i = 0; i < open; i++)
                known |= pending[i] == insn->label;
            if (!known && open < 16)
                pending[open++] = insn->label;
        }
        for (unsigned i = 0; i < open; i++)
            if (pending[i] == insn)
                pending[i--] = pending[--open];
        if (open == 0 && !(insn->next && insn->next->glued))
            return insn;
    }
}

/* The definition goes; what reads it in the same region computes it at the definition's place. */
static void drop_definition(struct spill_work *w, struct m_insn *first, struct m_insn *last)
{
    uint32_t t = UINT32_MAX;
    for (struct m_insn *in = first; in; in = in == last ? NULL : in->next)
        if (in->n_ops && in->ops[0].kind == M_REG && in->ops[0].reg == w->vreg &&
            in->ops[0].writes) {
            if (first == last)
                m_remove(in);
            else {
                t = temporary(w, false);
                in->ops[0].reg = t;
            }
            break;
        }
    for (struct m_insn *in = first; t != UINT32_MAX && in; in = in == last ? NULL : in->next)
        replace(w, in, t);
}

static void rewrite_region(struct spill_work *w, struct m_insn *first, struct m_insn *last)
{
    struct uses u = {0};
    for (struct m_insn *in = first;; in = in->next) {
        look(w, in, &u);
        if (in == last)
            break;
    }
    if (!u.any)
        return;
    if (w->again && u.writes) { /* its definition: no longer wanted */
        drop_definition(w, first, last);
        return;
    }
    uint32_t t = temporary(w, w->is_pair);
    struct m_block *block = first->block;
    if (w->again)
        recompute(w, head_of(first), t);
    else if (u.first_reads)
        transfer(w, block, head_of(first), t, false, first);
    for (struct m_insn *in = first;; in = in->next) {
        replace(w, in, t);
        if (in == last)
            break;
    }
    if (u.writes)
        transfer(w, block, last->next, t, true, last);
}

static void spill_one(struct m_function *fn, uint32_t vreg)
{
    struct spill_work w = {.fn = fn, .vreg = vreg, .is_pair = fn->vregs[vreg].is_pair};
    w.again = m_remat_source(fn, vreg);
    if (!w.again)
        w.slot = m_slot_add(fn, w.is_pair ? 8 : 4, w.is_pair ? 8 : 4);
    for (size_t b = 0; b < fn->n_blocks; b++)
        for (struct m_insn *in = fn->blocks[b]->first, *next; in; in = next) {
            struct m_insn *last = end_of_region(in);
            next = last->next;
            rewrite_region(&w, in, last);
        }
}

void m_spill(struct m_function *fn, const bool *spilled)
{
    size_t n = fn->n_vregs;
    for (uint32_t v = 0; v < n; v++)
        if (spilled[v])
            spill_one(fn, v);
}
