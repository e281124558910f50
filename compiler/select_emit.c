/* SPDX-License-Identifier: MIT */
/* Machine instructions into the buffer of the instruction that is being selected, and the operand
 * rules of the machine: a second source is no constant register, immediates have limits. */
#include "select.h"

struct m_insn *sel_emit(struct sel *s, enum m_op op, size_t n_ops, const struct m_opnd *ops)
{
    struct m_insn *insn = m_insn_make(s->fn, op, n_ops, ops);
    insn->line = s->line;
    insn->file = s->file;
    m_insert_before(&s->buffer, NULL, insn);
    return insn;
}

struct m_insn *sel_emit1(struct sel *s, enum m_op op, struct m_opnd a)
{
    return sel_emit(s, op, 1, &a);
}

struct m_insn *sel_emit2(struct sel *s, enum m_op op, struct m_opnd a, struct m_opnd b)
{
    return sel_emit(s, op, 2, (struct m_opnd[]){a, b});
}

struct m_insn *sel_emit3(struct sel *s, enum m_op op, struct m_opnd a, struct m_opnd b,
                         struct m_opnd c)
{
    return sel_emit(s, op, 3, (struct m_opnd[]){a, b, c});
}

struct m_insn *sel_emit4(struct sel *s, enum m_op op, struct m_opnd a, struct m_opnd b,
                         struct m_opnd c, struct m_opnd d)
{
    return sel_emit(s, op, 4, (struct m_opnd[]){a, b, c, d});
}

struct m_opnd sel_new(struct sel *s)
{
    return m_reg(m_vreg_add(s->fn, false), false);
}

struct m_opnd sel_new_pair(struct sel *s)
{
    return m_reg(m_vreg_add(s->fn, true), true);
}

static bool is_frame(struct m_opnd opnd)
{
    return opnd.kind == M_SLOT || opnd.kind == M_INCOMING || opnd.kind == M_OUTGOING;
}

void sel_copy(struct sel *s, struct m_opnd to, struct m_opnd from)
{
    if (is_frame(from))
        sel_emit3(s, M_ADD, to, m_phys(M_SP), from);
    else if (from.kind == M_CONST)
        sel_emit2(s, M_MOVE_ID, to, from);
    else
        sel_emit2(s, m_is_register(from) ? M_COPY : M_MOVE, to, from);
}

struct m_opnd sel_work(struct sel *s, struct m_opnd opnd)
{
    if (m_is_register(opnd))
        return opnd;
    struct m_opnd d = sel_new(s);
    sel_copy(s, d, opnd);
    return d;
}

struct m_opnd sel_source(struct sel *s, struct m_opnd opnd)
{
    if (opnd.kind == M_CONST)
        return opnd;
    if (opnd.kind == M_IMM)
        switch ((uint32_t)opnd.imm) {
        case 0:
            return m_const(M_ZERO);
        case 1:
            return m_const(M_ONE);
        case UINT32_MAX:
            return m_const(M_LNEG);
        case 0x80000000u:
            return m_const(M_MNEG);
        default:
            break;
        }
    return sel_work(s, opnd);
}

struct m_opnd sel_immediate(struct sel *s, struct m_opnd opnd, unsigned bits)
{
    if (opnd.kind == M_SYM && bits == 32)
        return opnd;
    if (opnd.kind == M_IMM) {
        int64_t value = (int32_t)(uint32_t)opnd.imm, limit = (int64_t)1 << (bits - 1);
        if (bits >= 32 || (value >= -limit && value < limit))
            return m_imm(value);
    }
    return sel_work(s, opnd);
}

static bool is_commutative(enum m_op op)
{
    switch (op) {
    case M_ADD:
    case M_ADDC:
    case M_AND:
    case M_OR:
    case M_XOR:
    case M_NAND:
    case M_NOR:
    case M_NXOR:
        return true;
    default:
        return false;
    }
}

static unsigned immediate_bits(enum m_op op)
{
    switch (op) {
    case M_ADD:
    case M_ADDC:
    case M_AND:
    case M_OR:
    case M_XOR:
        return 32;
    default:
        return 24;
    }
}

static struct m_insn *subtract(struct sel *s, enum m_op op, struct m_opnd d, struct m_opnd a,
                               struct m_opnd b)
{
    if (op == M_SUB && b.kind == M_IMM)
        return sel_alu(s, M_ADD, d, a, m_imm(-b.imm));
    if (b.kind == M_CONST && m_is_register(a) && op == M_SUB)
        return sel_emit3(s, M_RSUB, d, b, a);
    bool has_immediate = a.kind == M_IMM && (uint32_t)a.imm != 0 && (uint32_t)a.imm != 1 &&
                         (uint32_t)a.imm != UINT32_MAX && b.kind != M_IMM;
    if (has_immediate || a.kind == M_SYM)
        return sel_emit3(s, op == M_SUB ? M_SUB_IMM : M_SUBC_IMM, d, a, sel_source(s, b));
    a = sel_source(s, a);
    b = sel_immediate(s, b, 24);
    return sel_emit3(s, op, d, a, b);
}

/* Both operands known: the result is. Not for operations that read or whose users read the carry.
 */
static bool fold(enum m_op op, uint32_t a, uint32_t b, uint32_t *out)
{
    switch (op) {
    case M_AND:
        *out = a & b;
        return true;
    case M_OR:
        *out = a | b;
        return true;
    case M_XOR:
        *out = a ^ b;
        return true;
    case M_ADD:
        *out = a + b;
        return true;
    case M_LSL:
        *out = a << (b & 31);
        return true;
    case M_LSR:
        *out = a >> (b & 31);
        return true;
    case M_ASR:
        *out = (uint32_t)((int32_t)a >> (b & 31));
        return true;
    default:
        return false;
    }
}

struct m_insn *sel_alu(struct sel *s, enum m_op op, struct m_opnd d, struct m_opnd a,
                       struct m_opnd b)
{
    if (op == M_SUB || op == M_SUBC)
        return subtract(s, op, d, a, b);
    uint32_t known;
    if (a.kind == M_IMM && b.kind == M_IMM && d.kind != M_CONST &&
        fold(op, (uint32_t)a.imm, (uint32_t)b.imm, &known))
        return sel_emit2(s, M_MOVE, d, m_imm((int32_t)known));
    bool a_is_fixed = !m_is_register(a), b_is_fixed = !m_is_register(b);
    bool swap = (a_is_fixed && !b_is_fixed) || (b.kind == M_CONST && a.kind != M_CONST) ||
                (a.kind == M_IMM && b.kind == M_SYM);
    if (is_commutative(op) && swap) {
        struct m_opnd other = a;
        a = b;
        b = other;
    }
    if (is_frame(a) && b.kind == M_IMM && op == M_ADD) {
        a.imm += b.imm;
        return sel_emit3(s, M_ADD, d, m_phys(M_SP), a);
    }
    /* and with a 32-bit immediate reads no constant register. */
    a = op == M_AND && !m_is_register(b) ? sel_work(s, a) : sel_source(s, a);
    b = sel_immediate(s, b, immediate_bits(op));
    return sel_emit3(s, op, d, a, b);
}

struct m_insn *sel_label(struct sel *s)
{
    return m_insn_make(s->fn, M_LABEL, 0, NULL);
}

void sel_place(struct sel *s, struct m_insn *label)
{
    m_insert_before(&s->buffer, NULL, label);
}

void sel_jump_if(struct m_insn *insn, enum isa_cond cond, struct sel_goal goal)
{
    insn->cond = (uint8_t)(cond + 1);
    insn->target = goal.block;
    insn->label = goal.label;
}

void sel_conditional(struct m_insn *insn)
{
    insn->ops[0].reads = true;
}
