/* SPDX-License-Identifier: MIT */
/* Atomic operations: calls of the run-time library, which does them under one hidden lock. */
#include <stdio.h>
#include <string.h>

#include "module.h"

static const char *operation_name(LLVMAtomicRMWBinOp op)
{
    switch (op) {
    case LLVMAtomicRMWBinOpXchg:
        return "lock_test_and_set";
    case LLVMAtomicRMWBinOpAdd:
        return "fetch_and_add";
    case LLVMAtomicRMWBinOpSub:
        return "fetch_and_sub";
    case LLVMAtomicRMWBinOpAnd:
        return "fetch_and_and";
    case LLVMAtomicRMWBinOpNand:
        return "fetch_and_nand";
    case LLVMAtomicRMWBinOpOr:
        return "fetch_and_or";
    case LLVMAtomicRMWBinOpXor:
        return "fetch_and_xor";
    case LLVMAtomicRMWBinOpMax:
        return "fetch_and_max";
    case LLVMAtomicRMWBinOpMin:
        return "fetch_and_min";
    case LLVMAtomicRMWBinOpUMax:
        return "fetch_and_umax";
    case LLVMAtomicRMWBinOpUMin:
        return "fetch_and_umin";
    default:
        return NULL;
    }
}

static struct m_opnd whole(struct sel *s, LLVMValueRef x)
{
    return sel_is_pair(s, x) ? sel_pair(s, x) : sel_operand(s, x);
}

static const char *routine(struct sel *s, const char *operation, unsigned width)
{
    return arena_format(&s->fn->arena, "__dpu_sync_%s_%u", operation, width / 8);
}

static void read_modify_write(struct sel *s, LLVMValueRef value)
{
    LLVMValueRef x = LLVMGetOperand(value, 1);
    const char *operation = operation_name(LLVMGetAtomicRMWBinOp(value));
    if (!operation) {
        sel_error(s, "this atomic operation is not supported");
        return;
    }
    struct m_opnd args[2] = {sel_operand(s, LLVMGetOperand(value, 0)), whole(s, x)};
    struct m_opnd result = {0};
    if (sel_value_of(s, value)->needed)
        result = sel_result(s, value);
    sel_runtime(s, routine(s, operation, sel_width(s, LLVMTypeOf(x))), result, 2, args);
}

static void compare_exchange(struct sel *s, LLVMValueRef value)
{
    LLVMValueRef expected = LLVMGetOperand(value, 1), wanted = LLVMGetOperand(value, 2);
    bool is_pair = sel_is_pair(s, expected);
    struct sel_value *v = sel_value_of(s, value);
    struct m_opnd args[3] = {sel_operand(s, LLVMGetOperand(value, 0)), whole(s, expected),
                             whole(s, wanted)};
    struct m_opnd old = sel_part(s, value, 0, is_pair);
    sel_runtime(s, routine(s, "val_compare_and_swap", sel_width(s, LLVMTypeOf(expected))), old, 3,
                args);
    if (!v->has_part[1])
        return;
    struct m_opnd differ = sel_new(s);
    if (is_pair) {
        struct m_opnd hi = sel_new(s), lo = sel_new(s);
        sel_alu(s, M_XOR, hi, m_half(old, M_HI), sel_halves(s, expected).hi);
        sel_alu(s, M_XOR, lo, m_half(old, M_LO), sel_halves(s, expected).lo);
        sel_alu(s, M_OR, differ, hi, lo);
    } else {
        unsigned width = sel_width(s, LLVMTypeOf(expected));
        struct m_opnd all = sel_new(s);
        sel_alu(s, M_XOR, width < 32 ? all : differ, old, args[1]);
        if (width < 32)
            sel_alu(s, M_AND, differ, all, m_imm(((int64_t)1 << width) - 1));
    }
    struct m_insn *set = sel_emit3(s, M_SUB, v->part[1], differ, m_imm(0));
    set->cond = ISA_COND_Z + 1;
    set->sets = true;
}

void sel_atomic(struct sel *s, LLVMValueRef value)
{
    if (sel_is_mram(LLVMGetOperand(value, 0)))
        sel_error(s, "an atomic operation on an MRAM variable is not supported");
    else if (sel_is_op(value, LLVMAtomicRMW))
        read_modify_write(s, value);
    else
        compare_exchange(s, value);
}
