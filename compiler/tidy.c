/* SPDX-License-Identifier: MIT */
/* After allocation: copies become moves or nothing, jumps over nothing go,
 * halves that belong together are set together. */
#include "mir.h"

static void lower_copy(struct m_insn *insn)
{
    struct m_opnd d = insn->ops[0], s = insn->ops[1];
    if (d.reg == s.reg && d.lane == s.lane)
        m_remove(insn);
    else
        insn->op = d.lane == M_PAIR ? M_MOVD : M_MOVE;
}

/* move.u d, x where x already is the low half, and the like. */
static void lower_extension(struct m_insn *insn)
{
    if (insn->op != M_MOVE_U) /* others may have fewer operands */
        return;
    struct m_opnd d = insn->ops[0], s = insn->ops[1];
    if (s.kind != M_PHYS || s.reg != d.reg + 1)
        return;
    insn->op = M_MOVE;
    insn->ops[0] = m_phys(d.reg);
    insn->ops[0].writes = true;
    insn->ops[1] = m_imm(0);
    insn->ops[1].reads = true;
}

static bool is_code(const struct m_insn *insn)
{
    return insn->op != M_LABEL && insn->op != M_UNDEF;
}

/* A jump inside the block to the instruction after it. */
static bool skips_nothing(const struct m_insn *insn)
{
    if (!insn->label || (insn->op != M_JCC && insn->op != M_JUMP))
        return false;
    for (const struct m_insn *in = insn->next; in && !is_code(in); in = in->next)
        if (in == insn->label)
            return true;
    return false;
}

static bool is_plain_move(const struct m_insn *insn)
{
    return insn && insn->op == M_MOVE && !insn->cond && !insn->glued && !insn->target &&
           !insn->label && insn->ops[0].kind == M_PHYS && insn->ops[0].lane == M_WORD;
}

/* The two halves of a zero-extended register, set by neighbours (`move r1, x ; move r0, 0`), at
 * once. Returns the instruction to go on with. */
static struct m_insn *join_halves(struct m_function *fn, struct m_insn *insn)
{
    struct m_insn *next = insn->next;
    if (!is_plain_move(insn) || !is_plain_move(next))
        return next;
    bool low_first = insn->ops[0].reg & 1;
    const struct m_insn *low = low_first ? insn : next, *high = low_first ? next : insn;
    struct m_opnd x = low->ops[1], zero = high->ops[1];
    uint32_t even = high->ops[0].reg;
    if ((even & 1) || low->ops[0].reg != even + 1 || x.kind != M_PHYS || zero.kind != M_IMM ||
        zero.imm != 0 || (!low_first && x.reg == even))
        return next;
    struct m_insn *both = m_insn_make(fn, M_MOVE_U, 2, (struct m_opnd[]){m_phys_pair(even), x});
    both->line = low->line;
    both->file = low->file;
    m_insert_before(insn->block, insn, both);
    m_remove(next);
    m_remove(insn);
    return both->next;
}

void m_tidy(struct m_function *fn)
{
    for (size_t b = 0; b < fn->n_blocks; b++)
        for (struct m_insn *in = fn->blocks[b]->last, *prev; in; in = prev) {
            prev = in->prev;
            if (in->op == M_COPY)
                lower_copy(in);
            else if (in->op == M_MOVE && in->ops[1].kind == M_PHYS && in->ops[0].kind == M_PHYS &&
                     in->ops[0].reg == in->ops[1].reg)
                m_remove(in);
            else if (in->op == M_UNDEF || skips_nothing(in))
                m_remove(in);
            else
                lower_extension(in);
        }
    for (size_t b = 0; b < fn->n_blocks; b++)
        for (struct m_insn *in = fn->blocks[b]->first; in;)
            in = join_halves(fn, in);
}
