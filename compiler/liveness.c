/* SPDX-License-Identifier: MIT */
/* Which virtual registers, and which halves of pairs, are read later. */
#include <string.h>

#include "mir.h"

unsigned m_lanes(struct m_opnd opnd)
{
    return opnd.lane == M_PAIR ? 3 : opnd.lane == M_HI ? 2 : 1;
}

static void put(uint64_t *set, struct m_opnd opnd, bool on)
{
    uint64_t bits = (uint64_t)m_lanes(opnd) << (opnd.reg * 2 % 64);
    if (on)
        set[opnd.reg / 32] |= bits;
    else
        set[opnd.reg / 32] &= ~bits;
}

static uint32_t phys_mask(struct m_opnd opnd)
{
    return (opnd.lane == M_PAIR ? 3u : 1u) << opnd.reg;
}

void m_live_before(const struct m_insn *insn, uint64_t *live, uint32_t *phys)
{
    *phys &= ~insn->clobbers;
    for (unsigned i = 0; i < insn->n_ops; i++) {
        const struct m_opnd *o = &insn->ops[i];
        if (!o->writes || o->reads)
            continue;
        if (o->kind == M_REG)
            put(live, *o, false);
        else if (o->kind == M_PHYS)
            *phys &= ~phys_mask(*o);
    }
    *phys |= insn->uses;
    for (unsigned i = 0; i < insn->n_ops; i++) {
        const struct m_opnd *o = &insn->ops[i];
        if (!o->reads)
            continue;
        if (o->kind == M_REG)
            put(live, *o, true);
        else if (o->kind == M_PHYS && o->reg < M_ALLOCATABLE)
            *phys |= phys_mask(*o);
    }
}

void m_liveness(struct m_function *fn)
{
    size_t words = fn->n_vregs / 32 + 1;
    uint64_t *now = arena_alloc(&fn->arena, words * sizeof *now);
    for (size_t i = 0; i < fn->n_blocks; i++) {
        fn->blocks[i]->live_in = arena_alloc(&fn->arena, words * sizeof *now);
        fn->blocks[i]->live_out = arena_alloc(&fn->arena, words * sizeof *now);
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = fn->n_blocks; i-- > 0;) {
            struct m_block *block = fn->blocks[i];
            uint32_t phys = 0;
            for (size_t k = 0; k < block->n_succs; k++)
                for (size_t w = 0; w < words; w++)
                    block->live_out[w] |= block->succs[k]->live_in[w];
            memcpy(now, block->live_out, words * sizeof *now);
            for (struct m_insn *in = block->last; in; in = in->prev)
                m_live_before(in, now, &phys);
            if (memcmp(now, block->live_in, words * sizeof *now) != 0) {
                memcpy(block->live_in, now, words * sizeof *now);
                changed = true;
            }
        }
    }
}
