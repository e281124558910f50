/* SPDX-License-Identifier: MIT */
/* Machine representation: building and changing it. */
#include "mir.h"

#include <stdlib.h>
#include <string.h>

#define ISA_CLASS_NONE (-1)
const struct m_op_info m_ops[M_OP_COUNT] = {
#define MOP(id, mnemonic, operands, flags, jump_class)                                             \
    [M_##id] = {mnemonic, operands, M_FLAGS_##flags, (int)ISA_CLASS_##jump_class},
#include "mop.def"
#undef MOP
};

struct m_function *m_function_create(const char *name)
{
    size_t one = 0;
    struct m_function *fn = grow_array(NULL, &one, 0, sizeof *fn);
    memset(fn, 0, sizeof *fn);
    fn->name = name;
    return fn;
}

void m_function_destroy(struct m_function *fn)
{
    for (size_t i = 0; i < fn->n_blocks; i++) {
        free(fn->blocks[i]->succs);
        free(fn->blocks[i]->preds);
    }
    free(fn->blocks);
    free(fn->vregs);
    free(fn->slots);
    arena_free(&fn->arena);
    free(fn);
}

struct m_block *m_block_add(struct m_function *fn)
{
    struct m_block *block = arena_alloc(&fn->arena, sizeof *block);
    block->number = (uint32_t)fn->n_blocks;
    block->weight = 1;
    fn->blocks = grow_array(fn->blocks, &fn->blocks_capacity, fn->n_blocks, sizeof *fn->blocks);
    fn->blocks[fn->n_blocks++] = block;
    return block;
}

void m_edge_add(struct m_block *from, struct m_block *to)
{
    for (size_t i = 0; i < from->n_succs; i++)
        if (from->succs[i] == to)
            return;
    from->succs =
        grow_array(from->succs, &from->succs_capacity, from->n_succs, sizeof *from->succs);
    from->succs[from->n_succs++] = to;
    to->preds = grow_array(to->preds, &to->preds_capacity, to->n_preds, sizeof *to->preds);
    to->preds[to->n_preds++] = from;
}

void m_edges_compute(struct m_function *fn)
{
    for (size_t i = 0; i < fn->n_blocks; i++)
        fn->blocks[i]->n_succs = fn->blocks[i]->n_preds = 0;
    for (size_t i = 0; i < fn->n_blocks; i++)
        for (struct m_insn *in = fn->blocks[i]->first; in; in = in->next) {
            if (in->target)
                m_edge_add(fn->blocks[i], in->target);
            for (uint32_t k = 0; k < in->n_table; k++)
                m_edge_add(fn->blocks[i], in->table[k]);
        }
}

uint32_t m_vreg_add(struct m_function *fn, bool is_pair)
{
    fn->vregs = grow_array(fn->vregs, &fn->vregs_capacity, fn->n_vregs, sizeof *fn->vregs);
    fn->vregs[fn->n_vregs] = (struct m_vreg){.is_pair = is_pair, .assigned = -1};
    return (uint32_t)fn->n_vregs++;
}

uint32_t m_slot_add(struct m_function *fn, uint32_t size_bytes, uint32_t align_bytes)
{
    fn->slots = grow_array(fn->slots, &fn->slots_capacity, fn->n_slots, sizeof *fn->slots);
    fn->slots[fn->n_slots] = (struct m_slot){size_bytes, align_bytes, 0};
    return (uint32_t)fn->n_slots++;
}

struct m_insn *m_insn_make(struct m_function *fn, enum m_op op, size_t n_ops,
                           const struct m_opnd *ops)
{
    struct m_insn *insn = arena_alloc(&fn->arena, sizeof *insn);
    const char *roles = m_ops[op].operands;
    insn->op = (uint16_t)op;
    insn->n_ops = (uint8_t)n_ops;
    insn->ops = arena_alloc(&fn->arena, (n_ops + 1) * sizeof *insn->ops);
    for (size_t i = 0; i < n_ops; i++) {
        insn->ops[i] = ops[i];
        char role = *roles ? *roles++ : 'b';
        insn->ops[i].writes = role == 'd' || role == 'D';
        insn->ops[i].reads = !insn->ops[i].writes;
    }
    return insn;
}

void m_insert_before(struct m_block *block, struct m_insn *at, struct m_insn *insn)
{
    insn->block = block;
    insn->next = at;
    insn->prev = at ? at->prev : block->last;
    *(insn->prev ? &insn->prev->next : &block->first) = insn;
    *(at ? &at->prev : &block->last) = insn;
}

void m_remove(struct m_insn *insn)
{
    struct m_block *block = insn->block;
    *(insn->prev ? &insn->prev->next : &block->first) = insn->next;
    *(insn->next ? &insn->next->prev : &block->last) = insn->prev;
    insn->prev = insn->next = NULL;
    insn->block = NULL;
}

bool m_is_jump(const struct m_insn *insn)
{
    return insn->target || insn->op == M_RET || insn->op == M_JUMP_REG;
}

bool m_is_terminator(const struct m_insn *insn)
{
    return m_is_jump(insn) || insn->op == M_EXIT;
}

static const struct {
    enum isa_cond cond, inverse, swapped;
} conditions[] = {
    {ISA_COND_Z, ISA_COND_NZ, ISA_COND_Z},
    {ISA_COND_NZ, ISA_COND_Z, ISA_COND_NZ},
    {ISA_COND_XZ, ISA_COND_XNZ, ISA_COND_FALSE},
    {ISA_COND_XNZ, ISA_COND_XZ, ISA_COND_FALSE},
    {ISA_COND_PL, ISA_COND_MI, ISA_COND_FALSE},
    {ISA_COND_MI, ISA_COND_PL, ISA_COND_FALSE},
    {ISA_COND_SZ, ISA_COND_SNZ, ISA_COND_FALSE},
    {ISA_COND_SNZ, ISA_COND_SZ, ISA_COND_FALSE},
    {ISA_COND_SPL, ISA_COND_SMI, ISA_COND_FALSE},
    {ISA_COND_SMI, ISA_COND_SPL, ISA_COND_FALSE},
    {ISA_COND_LTU, ISA_COND_GEU, ISA_COND_GTU},
    {ISA_COND_GEU, ISA_COND_LTU, ISA_COND_LEU},
    {ISA_COND_LEU, ISA_COND_GTU, ISA_COND_GEU},
    {ISA_COND_GTU, ISA_COND_LEU, ISA_COND_LTU},
    {ISA_COND_LTS, ISA_COND_GES, ISA_COND_GTS},
    {ISA_COND_GES, ISA_COND_LTS, ISA_COND_LES},
    {ISA_COND_LES, ISA_COND_GTS, ISA_COND_GES},
    {ISA_COND_GTS, ISA_COND_LES, ISA_COND_LTS},
    {ISA_COND_XLEU, ISA_COND_XGTU, ISA_COND_FALSE},
    {ISA_COND_XGTU, ISA_COND_XLEU, ISA_COND_FALSE},
    {ISA_COND_XLES, ISA_COND_XGTS, ISA_COND_FALSE},
    {ISA_COND_XGTS, ISA_COND_XLES, ISA_COND_FALSE},
    {ISA_COND_MAX, ISA_COND_NMAX, ISA_COND_FALSE},
    {ISA_COND_NMAX, ISA_COND_MAX, ISA_COND_FALSE},
    {ISA_COND_SMALL, ISA_COND_LARGE, ISA_COND_FALSE},
    {ISA_COND_LARGE, ISA_COND_SMALL, ISA_COND_FALSE},
    {ISA_COND_SH32, ISA_COND_NSH32, ISA_COND_FALSE},
    {ISA_COND_NSH32, ISA_COND_SH32, ISA_COND_FALSE},
    {ISA_COND_C, ISA_COND_NC, ISA_COND_FALSE},
    {ISA_COND_NC, ISA_COND_C, ISA_COND_FALSE},
};

int m_invert(int cond)
{
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++)
        if ((int)conditions[i].cond == cond)
            return (int)conditions[i].inverse;
    return -1;
}

int m_swap_operands(int cond)
{
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++)
        if ((int)conditions[i].cond == cond)
            return (int)conditions[i].swapped;
    return -1;
}
