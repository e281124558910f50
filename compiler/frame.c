/* SPDX-License-Identifier: MIT */
/* The frame. The stack grows upwards. A function that calls others saves caller's stack pointer and
 * return address with one store at the top of its frame and moves r22 above it; a leaf leaves r22
 * where it is. From the top down: that pair, outgoing arguments, saved pairs, variables, spills. */
#include "mir.h"

static int32_t align_up(int32_t value, uint32_t align)
{
    int32_t a = (int32_t)(align ? align : 1);
    return (value + a - 1) / a * a;
}

/* Offsets of the slots from the frame's bottom; their size. In a frame that is entered the oldest
 * slots, the variables, lie highest, so that short offsets reach them. */
static int32_t place_slots(struct m_function *fn)
{
    int32_t at = 0;
    for (size_t i = 0; i < fn->n_slots; i++) {
        struct m_slot *slot = &fn->slots[fn->has_call ? fn->n_slots - 1 - i : i];
        at = align_up(at, slot->align_bytes);
        slot->offset_bytes = at;
        at += (int32_t)slot->size_bytes;
    }
    return align_up(at, 8);
}

static unsigned count_saved(const struct m_function *fn)
{
    return (unsigned)__builtin_popcount(fn->saved_mask);
}

static int64_t resolve(const struct m_function *fn, struct m_opnd o)
{
    int64_t size = fn->has_call ? fn->frame_bytes : 0;
    switch (o.kind) {
    case M_SLOT:
        return fn->slots[o.reg].offset_bytes + o.imm - size;
    case M_INCOMING:
        return -size - 8 - o.imm;
    default: /* M_OUTGOING */
        return -8 - o.imm;
    }
}

static struct m_insn *add(struct m_function *fn, struct m_insn *before, enum m_op op, size_t n,
                          const struct m_opnd *ops)
{
    struct m_insn *insn = m_insn_make(fn, op, n, ops);
    insn->line = before->line;
    insn->file = before->file;
    m_insert_before(before->block, before, insn);
    return insn;
}

/* Where the i-th saved pair lies, seen from r22 inside the function. */
static int64_t saved_offset(const struct m_function *fn, unsigned i, int32_t slots_bytes)
{
    if (!fn->has_call)
        return slots_bytes + 8 * (int64_t)i;
    return -8 - (int64_t)fn->outgoing_bytes - 8 * ((int64_t)i + 1);
}

static void move_saved(struct m_function *fn, struct m_insn *at, int32_t slots_bytes, bool restore)
{
    struct m_opnd sp = m_phys(M_SP);
    unsigned n = count_saved(fn), i = restore ? n : 0;
    for (unsigned k = 0; k < n; k++) {
        unsigned index = restore ? --i : i++;
        uint32_t mask = fn->saved_mask;
        for (unsigned skip = index; skip; skip--)
            mask &= mask - 1;
        struct m_opnd pair = m_phys_pair((uint32_t)__builtin_ctz(mask));
        struct m_opnd off = m_imm(saved_offset(fn, index, slots_bytes));
        if (restore)
            add(fn, at, M_LD, 3, (struct m_opnd[]){pair, sp, off});
        else
            add(fn, at, M_SD, 3, (struct m_opnd[]){sp, off, pair});
    }
}

static void enter(struct m_function *fn, struct m_insn *at, int32_t slots_bytes)
{
    struct m_opnd sp = m_phys(M_SP);
    if (fn->has_call) {
        int64_t size = fn->frame_bytes;
        add(fn, at, M_SD, 3, (struct m_opnd[]){sp, m_imm(size - 8), m_phys_pair(M_SP)});
        add(fn, at, M_ADD, 3, (struct m_opnd[]){sp, sp, m_imm(size)});
    }
    move_saved(fn, at, slots_bytes, false);
}

static void leave(struct m_function *fn, struct m_insn *at, int32_t slots_bytes)
{
    move_saved(fn, at, slots_bytes, true);
    if (fn->has_call)
        add(fn, at, M_LD, 3, (struct m_opnd[]){m_phys_pair(M_SP), m_phys(M_SP), m_imm(-8)});
}

void m_frame(struct m_function *fn)
{
    int32_t slots_bytes = place_slots(fn);
    fn->frame_bytes = (uint32_t)slots_bytes + 8 * count_saved(fn);
    if (fn->has_call)
        fn->frame_bytes += 8 + fn->outgoing_bytes;
    for (size_t b = 0; b < fn->n_blocks; b++)
        for (struct m_insn *in = fn->blocks[b]->first, *next; in; in = next) {
            next = in->next;
            for (unsigned i = 0; i < in->n_ops; i++)
                if (in->ops[i].kind >= M_SLOT)
                    in->ops[i] = (struct m_opnd){
                        .kind = M_IMM, .imm = resolve(fn, in->ops[i]), .reads = in->ops[i].reads};
            if (in->op != M_ENTRY && in->op != M_EXIT)
                continue;
            if (in->op == M_ENTRY && !fn->is_naked)
                enter(fn, in, slots_bytes);
            else if (in->op == M_EXIT && !fn->is_naked)
                leave(fn, in, slots_bytes);
            m_remove(in);
        }
}
