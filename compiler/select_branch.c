/* SPDX-License-Identifier: MIT */
/* Comparisons, selections, branches and switches. A comparison that only decides where to go is
 * never computed as a value: it becomes a compare-and-jump. */
#include <stdlib.h>
#include <string.h>

#include "module.h"
#include "select.h"

static enum isa_cond condition_of(LLVMIntPredicate predicate)
{
    switch (predicate) {
    case LLVMIntEQ:
        return ISA_COND_Z;
    case LLVMIntNE:
        return ISA_COND_NZ;
    case LLVMIntUGT:
        return ISA_COND_GTU;
    case LLVMIntUGE:
        return ISA_COND_GEU;
    case LLVMIntULT:
        return ISA_COND_LTU;
    case LLVMIntULE:
        return ISA_COND_LEU;
    case LLVMIntSGT:
        return ISA_COND_GTS;
    case LLVMIntSGE:
        return ISA_COND_GES;
    case LLVMIntSLT:
        return ISA_COND_LTS;
    default:
        return ISA_COND_LES;
    }
}

static bool is_signed(LLVMValueRef icmp)
{
    return LLVMGetICmpPredicate(icmp) >= LLVMIntSGT;
}

static bool is_equality(enum isa_cond cond)
{
    return cond == ISA_COND_Z || cond == ISA_COND_NZ;
}

void sel_jump(struct sel *s, struct m_block *target)
{
    sel_emit(s, M_JUMP, 0, NULL)->target = target;
}

struct m_insn *sel_compare_jump(struct sel *s, struct m_opnd a, struct m_opnd b, enum isa_cond cond,
                                struct sel_goal goal)
{
    bool swap = (!m_is_register(a) && m_is_register(b)) || (b.kind == M_CONST && a.kind != M_CONST);
    if (swap) {
        struct m_opnd other = a;
        a = b;
        b = other;
        cond = (enum isa_cond)m_swap_operands((int)cond);
    }
    a = sel_source(s, a);
    b = sel_immediate(s, b, 11);
    struct m_insn *insn = sel_emit2(s, M_JCC, a, b);
    sel_jump_if(insn, cond, goal);
    return insn;
}

/* Both comparands of an icmp of at most 32 bits, extended as the predicate needs. */
static void comparands(struct sel *s, LLVMValueRef icmp, struct m_opnd out[2])
{
    LLVMValueRef a = LLVMGetOperand(icmp, 0), b = LLVMGetOperand(icmp, 1);
    bool sign = is_signed(icmp);
    if (is_equality(condition_of(LLVMGetICmpPredicate(icmp))) && LLVMIsAInstruction(a) &&
        sel_is_op(a, LLVMLoad)) {
        /* Either extension does: take the one that the load has. */
        struct sel_value *v = sel_value_of(s, a);
        sign = v->extension == SEL_SIGN + 1;
    }
    out[0] = sel_extended(s, a, sign ? SEL_SIGN : SEL_ZERO);
    out[1] = sel_extended(s, b, sign ? SEL_SIGN : SEL_ZERO);
}

/* Conditions of the subtraction of the high halves, once the low halves are subtracted. */
static enum isa_cond wide_condition(enum isa_cond cond)
{
    switch (cond) {
    case ISA_COND_Z:
        return ISA_COND_XZ;
    case ISA_COND_NZ:
        return ISA_COND_XNZ;
    case ISA_COND_GTU:
        return ISA_COND_XGTU;
    case ISA_COND_LEU:
        return ISA_COND_XLEU;
    case ISA_COND_GTS:
        return ISA_COND_XGTS;
    case ISA_COND_LES:
        return ISA_COND_XLES;
    default:
        return cond;
    }
}

/* sub zero, lo, lo ; subc d, hi, hi with operands made fit; bits: of the high immediate. */
static struct m_insn *subtract_wide(struct sel *s, struct m_opnd d, struct sel_halves a,
                                    struct sel_halves b, unsigned bits)
{
    a.lo = sel_source(s, a.lo);
    a.hi = sel_source(s, a.hi);
    b.lo = sel_immediate(s, b.lo, 24);
    b.hi = sel_immediate(s, b.hi, bits);
    struct m_opnd zero = m_const(M_ZERO);
    sel_emit3(s, M_SUB, zero, a.lo, b.lo);
    struct m_insn *second = sel_emit3(s, M_SUBC, d, a.hi, b.hi);
    second->glued = true;
    return second;
}

static bool is_zero(struct sel_halves h)
{
    return h.lo.kind == M_IMM && h.hi.kind == M_IMM && h.lo.imm == 0 && h.hi.imm == 0;
}

static void wide_comparands(struct sel *s, LLVMValueRef icmp, struct sel_halves out[2])
{
    for (unsigned i = 0; i < 2; i++)
        out[i] = sel_halves_extended(s, LLVMGetOperand(icmp, i), is_signed(icmp));
    if (out[0].lo.kind == M_IMM && out[0].hi.kind == M_IMM) /* the optimiser leaves none */
        out[0] = (struct sel_halves){sel_work(s, out[0].lo), sel_work(s, out[0].hi)};
}

/* ---- comparison as a value ------------------------------------------------------------------ */

static void set_on(struct m_insn *insn, enum isa_cond cond)
{
    insn->cond = (uint8_t)(cond + 1);
    insn->sets = true;
}

static void icmp_wide_value(struct sel *s, LLVMValueRef value)
{
    enum isa_cond cond = condition_of(LLVMGetICmpPredicate(value));
    struct sel_halves h[2];
    wide_comparands(s, value, h);
    struct m_opnd d = sel_result(s, value);
    if (is_equality(cond) && is_zero(h[1]) && !s->match) {
        struct m_opnd any = sel_new(s);
        sel_alu(s, M_OR, any, h[0].hi, h[0].lo);
        set_on(sel_emit3(s, M_SUB, d, any, m_imm(0)), cond);
        return;
    }
    set_on(subtract_wide(s, d, h[0], h[1], 24), wide_condition(cond));
}

void sel_icmp(struct sel *s, LLVMValueRef value)
{
    if (sel_is_pair(s, LLVMGetOperand(value, 0))) {
        icmp_wide_value(s, value);
        return;
    }
    enum isa_cond cond = condition_of(LLVMGetICmpPredicate(value));
    struct m_opnd x[2];
    comparands(s, value, x);
    if (!m_is_register(x[0]) && m_is_register(x[1])) {
        struct m_opnd other = x[0];
        x[0] = x[1];
        x[1] = other;
        cond = (enum isa_cond)m_swap_operands((int)cond);
    }
    x[0] = sel_source(s, x[0]);
    x[1] = s->match ? sel_work(s, x[1]) : sel_immediate(s, x[1], 24);
    set_on(sel_emit3(s, M_SUB, sel_result(s, value), x[0], x[1]), cond);
}

/* ---- tests ---------------------------------------------------------------------------------- */

static bool is_fall(struct sel_goal goal)
{
    return !goal.block && !goal.label;
}

static enum isa_cond with_sense(enum isa_cond cond, bool sense)
{
    return sense ? cond : (enum isa_cond)m_invert((int)cond);
}

/* Ends a test: control that has not gone to `yes` goes to `no`. */
static void otherwise(struct sel *s, struct sel_goal no)
{
    if (is_fall(no))
        return;
    struct m_insn *jump = sel_emit(s, M_JUMP, 0, NULL);
    jump->target = no.block;
    jump->label = no.label;
}

/* Equality of 64 bits: two jumps, the first to where "not equal" goes. */
static void test_equal_wide(struct sel *s, struct sel_halves a, struct sel_halves b, bool equal,
                            struct sel_goal yes, struct sel_goal no)
{
    if (equal) {
        struct sel_goal differ = no;
        if (is_fall(no))
            differ.label = sel_label(s);
        sel_compare_jump(s, a.lo, b.lo, ISA_COND_NZ, differ);
        sel_compare_jump(s, a.hi, b.hi, ISA_COND_Z, yes);
        if (is_fall(no))
            sel_place(s, differ.label);
    } else {
        sel_compare_jump(s, a.lo, b.lo, ISA_COND_NZ, yes);
        sel_compare_jump(s, a.hi, b.hi, ISA_COND_NZ, yes);
    }
    otherwise(s, no);
}

static void test_wide(struct sel *s, LLVMValueRef icmp, bool sense, struct sel_goal yes,
                      struct sel_goal no)
{
    enum isa_cond cond = condition_of(LLVMGetICmpPredicate(icmp));
    LLVMValueRef a = LLVMGetOperand(icmp, 0);
    struct sel_halves h[2];
    int64_t number;
    wide_comparands(s, icmp, h);
    cond = with_sense(cond, sense);
    bool is_negative_test = sel_is_constant(LLVMGetOperand(icmp, 1), &number) &&
                            ((number == 0 && (cond == ISA_COND_LTS || cond == ISA_COND_GES)) ||
                             (number == -1 && (cond == ISA_COND_GTS || cond == ISA_COND_LES)));
    if (is_negative_test && sel_width(s, LLVMTypeOf(a)) == 64) {
        bool wants_negative = cond == ISA_COND_LTS || cond == ISA_COND_LES;
        sel_compare_jump(s, h[0].hi, m_imm(0), wants_negative ? ISA_COND_LTS : ISA_COND_GES, yes);
        otherwise(s, no);
        return;
    }
    if (is_equality(cond) && is_zero(h[1]) && !s->match) {
        struct m_insn *insn = sel_alu(s, M_OR, m_const(M_ZERO), h[0].hi, sel_work(s, h[0].lo));
        sel_jump_if(insn, cond, yes);
        otherwise(s, no);
        return;
    }
    if (is_equality(cond)) {
        test_equal_wide(s, h[0], h[1], cond == ISA_COND_Z, yes, no);
        return;
    }
    struct m_insn *insn = subtract_wide(s, m_const(M_ZERO), h[0], h[1], 11);
    sel_jump_if(insn, wide_condition(cond), yes);
    otherwise(s, no);
}

/* and of which only "is it zero" matters: one instruction with a jump. */
static bool test_bits(struct sel *s, LLVMValueRef icmp, bool sense, struct sel_goal yes,
                      struct sel_goal no)
{
    LLVMValueRef a = LLVMGetOperand(icmp, 0), mask;
    int64_t number, bits;
    enum isa_cond cond = condition_of(LLVMGetICmpPredicate(icmp));
    if (!is_equality(cond) || !sel_is_constant(LLVMGetOperand(icmp, 1), &number) || number != 0 ||
        !sel_is_op(a, LLVMAnd) || !sel_one_use(a))
        return false;
    mask = LLVMGetOperand(a, 1);
    bool is_wide = sel_is_pair(s, a);
    if (sel_is_constant(mask, &bits)) {
        bool fits = bits >= -1024 && bits < 1024;
        if (!fits || (is_wide && (bits < 0 || s->match)))
            return false;
    } else if (is_wide || sel_width(s, LLVMTypeOf(a)) != 32)
        return false;
    struct m_opnd x, y;
    if (is_wide) {
        x = sel_halves(s, LLVMGetOperand(a, 0)).lo;
        y = m_imm(bits);
    } else {
        unsigned width = sel_width(s, LLVMTypeOf(a));
        x = sel_operand(s, LLVMGetOperand(a, 0));
        y = sel_operand(s, mask);
        if (x.kind == M_IMM) { /* without optimisation the constant may stand first */
            struct m_opnd constant = x;
            x = sel_work(s, y);
            y = constant;
        }
        if (y.kind == M_IMM && width < 32)
            y.imm &= ((int64_t)1 << width) - 1;
        if (y.kind == M_IMM && (y.imm < -1024 || y.imm > 1023))
            return false;
    }
    struct m_insn *insn = sel_alu(s, M_AND, m_const(M_ZERO), x, y);
    sel_jump_if(insn, with_sense(cond, sense), yes);
    otherwise(s, no);
    return true;
}

/* The vendor's compiler tests a counter that goes up to zero through a value. */
static bool counts_up_to_zero(struct sel *s, LLVMValueRef icmp)
{
    int64_t number, step;
    LLVMValueRef a = LLVMGetOperand(icmp, 0);
    return s->match && sel_is_constant(LLVMGetOperand(icmp, 1), &number) && number == 0 &&
           is_equality(condition_of(LLVMGetICmpPredicate(icmp))) && sel_is_op(a, LLVMAdd) &&
           sel_width(s, LLVMTypeOf(a)) == 32 && !sel_one_use(a) &&
           sel_is_constant(LLVMGetOperand(a, 1), &step) && step == 1;
}

static void test_up_to_zero(struct sel *s, LLVMValueRef icmp, bool sense, struct sel_goal yes,
                            struct sel_goal no)
{
    struct m_opnd a = sel_work(s, sel_operand(s, LLVMGetOperand(icmp, 0)));
    struct m_opnd zero = sel_new(s), is_end = sel_new(s);
    sel_emit2(s, M_MOVE, zero, m_imm(0));
    set_on(sel_emit3(s, M_SUB, is_end, a, zero), ISA_COND_Z);
    bool wants_end = (LLVMGetICmpPredicate(icmp) == LLVMIntEQ) == sense;
    sel_compare_jump(s, is_end, m_imm(1), wants_end ? ISA_COND_Z : ISA_COND_NZ, yes);
    otherwise(s, no);
}

static void test_icmp(struct sel *s, LLVMValueRef icmp, bool sense, struct sel_goal yes,
                      struct sel_goal no)
{
    if (test_bits(s, icmp, sense, yes, no))
        return;
    if (sel_is_pair(s, LLVMGetOperand(icmp, 0))) {
        test_wide(s, icmp, sense, yes, no);
        return;
    }
    if (counts_up_to_zero(s, icmp)) {
        test_up_to_zero(s, icmp, sense, yes, no);
        return;
    }
    struct m_opnd x[2];
    comparands(s, icmp, x);
    sel_compare_jump(s, x[0], x[1], with_sense(condition_of(LLVMGetICmpPredicate(icmp)), sense),
                     yes);
    otherwise(s, no);
}

/* a && b or a || b of two conditions, as and/or or as select. */
static bool is_logical(LLVMValueRef value, bool *is_and, LLVMValueRef *a, LLVMValueRef *b)
{
    if (!LLVMIsAInstruction(value))
        return false;
    *a = LLVMGetOperand(value, 0);
    switch (LLVMGetInstructionOpcode(value)) {
    case LLVMAnd:
    case LLVMOr:
        *is_and = LLVMGetInstructionOpcode(value) == LLVMAnd;
        *b = LLVMGetOperand(value, 1);
        return true;
    case LLVMSelect: {
        int64_t number;
        LLVMValueRef t = LLVMGetOperand(value, 1), f = LLVMGetOperand(value, 2);
        if (sel_is_constant(f, &number) && number == 0) {
            *is_and = true;
            *b = t;
            return true;
        }
        if (sel_is_constant(t, &number) && number != 0) {
            *is_and = false;
            *b = f;
            return true;
        }
        return false;
    }
    default:
        return false;
    }
}

static bool is_test(LLVMValueRef value)
{
    return sel_is_op(value, LLVMICmp) || sel_is_op(value, LLVMFCmp);
}

/* Short circuit: if either decides (b does as a), the rest is not looked at. */
static void test_logical(struct sel *s, bool is_and, LLVMValueRef a, LLVMValueRef b, bool sense,
                         struct sel_goal yes, struct sel_goal no)
{
    struct sel_goal fall = {NULL, NULL};
    if (is_and != sense) { /* one of them suffices for `yes` */
        sel_test(s, a, sense, yes, fall);
        sel_test(s, b, sense, yes, no);
        return;
    }
    struct sel_goal end = no;
    if (is_fall(no))
        end.label = sel_label(s);
    sel_test(s, a, !sense, end, fall);
    sel_test(s, b, sense, yes, no);
    if (is_fall(no))
        sel_place(s, end.label);
}

static void test_fcmp(struct sel *s, LLVMValueRef value, bool sense, struct sel_goal yes,
                      struct sel_goal no);

static bool is_negation(LLVMValueRef value)
{
    int64_t number;
    return sel_is_op(value, LLVMXor) && sel_is_constant(LLVMGetOperand(value, 1), &number) &&
           number != 0;
}

void sel_test(struct sel *s, LLVMValueRef condition, bool sense, struct sel_goal yes,
              struct sel_goal no)
{
    bool is_and, folds = s->optimise || sel_one_use(condition);
    LLVMValueRef a, b;
    if (is_fall(yes)) {
        if (!is_fall(no))
            sel_test(s, condition, !sense, no, yes);
        return;
    }
    while (sel_is_op(condition, LLVMFreeze))
        condition = LLVMGetOperand(condition, 0);
    if (is_negation(condition))
        sel_test(s, LLVMGetOperand(condition, 0), !sense, yes, no);
    else if (folds && sel_is_op(condition, LLVMICmp))
        test_icmp(s, condition, sense, yes, no);
    else if (sel_is_op(condition, LLVMFCmp) && sel_one_use(condition))
        test_fcmp(s, condition, sense, yes, no);
    else if (sel_one_use(condition) && is_logical(condition, &is_and, &a, &b) &&
             (is_test(a) || sel_one_use(a)) && (is_test(b) || sel_one_use(b)))
        test_logical(s, is_and, a, b, sense, yes, no);
    else {
        struct m_opnd x = sel_operand(s, condition);
        sel_compare_jump(s, x, m_imm(0), sense ? ISA_COND_NZ : ISA_COND_Z, yes);
        otherwise(s, no);
    }
}

/* ---- floating comparisons ------------------------------------------------------------------- */

/* Predicate -> routine whose result is compared with 0; a second one where one is not enough. */
static const struct float_test {
    LLVMRealPredicate predicate;
    const char *single, *wide;
    enum isa_cond cond;
} float_tests[] = {
    {LLVMRealOEQ, "__eqsf2", "__eqdf2", ISA_COND_Z},
    {LLVMRealOGT, "__gtsf2", "__gtdf2", ISA_COND_GTS},
    {LLVMRealOGE, "__gesf2", "__gedf2", ISA_COND_GES},
    {LLVMRealOLT, "__ltsf2", "__ltdf2", ISA_COND_LTS},
    {LLVMRealOLE, "__lesf2", "__ledf2", ISA_COND_LES},
    {LLVMRealORD, "__unordsf2", "__unorddf2", ISA_COND_Z},
    {LLVMRealUNO, "__unordsf2", "__unorddf2", ISA_COND_NZ},
    {LLVMRealUGT, "__lesf2", "__ledf2", ISA_COND_GTS},
    {LLVMRealUGE, "__ltsf2", "__ltdf2", ISA_COND_GES},
    {LLVMRealULT, "__gesf2", "__gedf2", ISA_COND_LTS},
    {LLVMRealULE, "__gtsf2", "__gtdf2", ISA_COND_LES},
    {LLVMRealUNE, "__nesf2", "__nedf2", ISA_COND_NZ},
};

static const struct float_test *float_test_of(LLVMRealPredicate predicate)
{
    for (size_t i = 0; i < sizeof float_tests / sizeof *float_tests; i++)
        if (float_tests[i].predicate == predicate)
            return &float_tests[i];
    return NULL;
}

static struct m_opnd call_float_test(struct sel *s, LLVMValueRef value,
                                     const struct float_test *test)
{
    bool is_wide = sel_is_pair(s, LLVMGetOperand(value, 0));
    struct m_opnd args[2], result = sel_new(s);
    for (unsigned i = 0; i < 2; i++)
        args[i] = is_wide ? sel_pair(s, LLVMGetOperand(value, i))
                          : sel_operand(s, LLVMGetOperand(value, i));
    sel_runtime(s, is_wide ? test->wide : test->single, result, 2, args);
    return result;
}

/* ueq = uno or oeq, one = not ueq, as 0 or 1. */
static void float_equal_or_unordered(struct sel *s, LLVMValueRef value, struct m_opnd d, bool equal)
{
    struct m_opnd uno = call_float_test(s, value, float_test_of(LLVMRealUNO)), is_uno = sel_new(s);
    set_on(sel_emit3(s, M_SUB, is_uno, uno, m_imm(0)), equal ? ISA_COND_NZ : ISA_COND_Z);
    struct m_opnd eq = call_float_test(s, value, float_test_of(LLVMRealOEQ)), is_eq = sel_new(s);
    set_on(sel_emit3(s, M_SUB, is_eq, eq, m_imm(0)), equal ? ISA_COND_Z : ISA_COND_NZ);
    sel_emit3(s, equal ? M_OR : M_AND, d, is_uno, is_eq);
}

void sel_fcmp(struct sel *s, LLVMValueRef value)
{
    LLVMRealPredicate predicate = LLVMGetFCmpPredicate(value);
    const struct float_test *test = float_test_of(predicate);
    struct m_opnd d = sel_result(s, value);
    if (test)
        set_on(sel_emit3(s, M_SUB, d, call_float_test(s, value, test), m_imm(0)), test->cond);
    else if (predicate == LLVMRealUEQ || predicate == LLVMRealONE)
        float_equal_or_unordered(s, value, d, predicate == LLVMRealUEQ);
    else
        sel_copy(s, d, m_imm(predicate == LLVMRealPredicateTrue));
}

static void test_fcmp(struct sel *s, LLVMValueRef value, bool sense, struct sel_goal yes,
                      struct sel_goal no)
{
    const struct float_test *test = float_test_of(LLVMGetFCmpPredicate(value));
    if (test) {
        struct m_opnd result = call_float_test(s, value, test);
        sel_compare_jump(s, result, m_imm(0), with_sense(test->cond, sense), yes);
    } else {
        struct m_opnd x = sel_operand(s, value);
        sel_compare_jump(s, x, m_imm(0), sense ? ISA_COND_NZ : ISA_COND_Z, yes);
    }
    otherwise(s, no);
}

/* ---- selections ----------------------------------------------------------------------------- */

/* Marks what writes d after `before`: it may be skipped. */
static void mark_conditional(struct sel *s, struct m_insn *before, struct m_opnd d)
{
    struct m_insn *insn = before ? before->next : s->buffer.first;
    for (; insn; insn = insn->next)
        if (insn->n_ops && insn->ops[0].kind == M_REG && insn->ops[0].writes &&
            insn->ops[0].reg == d.reg)
            sel_conditional(insn);
}

/* d holds one value; unless the jump to end is taken it gets the other. */
static void conditional_move(struct sel *s, struct m_opnd d, LLVMValueRef value)
{
    struct m_insn *before = s->buffer.last;
    sel_move(s, d, value);
    mark_conditional(s, before, d);
}

/* A cheap operation that only this selection reads: done in the skipped part, right into d. */
static bool sinks(struct sel *s, LLVMValueRef value, LLVMValueRef selection)
{
    int64_t number;
    return s->optimise && sel_is_op(value, LLVMAdd) && sel_one_use(value) &&
           sel_width(s, LLVMTypeOf(value)) <= 32 &&
           LLVMGetInstructionParent(value) == LLVMGetInstructionParent(selection) &&
           sel_is_constant(LLVMGetOperand(value, 1), &number) &&
           !sel_value_of(s, value)->has_part[0];
}

static void conditional_operation(struct sel *s, struct m_opnd d, LLVMValueRef value)
{
    struct m_insn *before = s->buffer.last;
    struct sel_value *v = sel_value_of(s, value);
    v->part[0] = d;
    v->has_part[0] = true;
    sel_binary(s, value);
    v->done = true;
    mark_conditional(s, before, d);
}

static bool is_plain(LLVMValueRef value)
{
    return !LLVMIsAConstantExpr(value);
}

static void select_bool(struct sel *s, LLVMValueRef value, bool is_and, LLVMValueRef a,
                        LLVMValueRef b)
{
    sel_alu(s, is_and ? M_AND : M_OR, sel_result(s, value), sel_operand(s, a), sel_operand(s, b));
}

/* match: the condition as a value, then `or d, cond, false value, sz` and a move. */
static void select_as_vendor(struct sel *s, struct m_opnd d, struct m_opnd cond, LLVMValueRef t,
                             LLVMValueRef f)
{
    struct m_insn *end = sel_label(s);
    struct m_opnd other = sel_immediate(s, sel_operand(s, f), 8);
    struct m_opnd chosen = sel_operand(s, t);
    sel_jump_if(sel_emit3(s, M_OR, d, sel_source(s, cond), other), ISA_COND_SZ,
                (struct sel_goal){NULL, end});
    struct m_insn *before = s->buffer.last;
    sel_copy(s, d, chosen);
    sel_conditional(before->next);
    sel_place(s, end);
}

enum { MAX_GROUP = 4 };

/* Selections by the same condition right before this one: they share the test. */
static unsigned find_group(struct sel *s, LLVMValueRef last, LLVMValueRef group[MAX_GROUP])
{
    unsigned n = 0;
    LLVMValueRef cond = LLVMGetOperand(last, 0), other[2];
    bool is_and;
    group[n++] = last;
    for (LLVMValueRef in = LLVMGetPreviousInstruction(last); in && n < MAX_GROUP && s->optimise;
         in = LLVMGetPreviousInstruction(in)) {
        if (!sel_is_op(in, LLVMSelect) || LLVMGetOperand(in, 0) != cond ||
            (sel_width(s, LLVMTypeOf(in)) == 1 && is_logical(in, &is_and, &other[0], &other[1])))
            break;
        for (unsigned i = 0; i < n; i++) /* a value of one is no arm of another */
            if (LLVMGetOperand(group[i], 1) == in || LLVMGetOperand(group[i], 2) == in)
                return n;
        group[n++] = in;
    }
    return n;
}

void sel_select(struct sel *s, LLVMValueRef value)
{
    LLVMValueRef cond = LLVMGetOperand(value, 0), group[MAX_GROUP];
    LLVMValueRef t = LLVMGetOperand(value, 1), f = LLVMGetOperand(value, 2), a, b;
    bool is_and;
    if (sel_width(s, LLVMTypeOf(value)) == 1 && is_logical(value, &is_and, &a, &b)) {
        select_bool(s, value, is_and, a, b);
        return;
    }
    unsigned n = find_group(s, value, group);
    /* The arm that costs an instruction when it is a constant is the one to skip. */
    bool keep_true = !(LLVMIsAConstant(t) && !LLVMIsAConstant(f)) && !sinks(s, t, value);
    if (!is_plain(t) || !is_plain(f))
        keep_true = true;
    struct m_insn *end = sel_label(s);
    unsigned kept = keep_true ? 1 : 2, other = keep_true ? 2 : 1;
    for (unsigned i = n; i-- > 0;) {
        if (i)
            sel_value_of(s, group[i])->done = true;
        sel_move(s, sel_result(s, group[i]), LLVMGetOperand(group[i], kept));
    }
    sel_test(s, cond, keep_true, (struct sel_goal){NULL, end}, (struct sel_goal){NULL, NULL});
    for (unsigned i = n; i-- > 0;) {
        LLVMValueRef arm = LLVMGetOperand(group[i], other);
        if (sinks(s, arm, group[i]))
            conditional_operation(s, sel_result(s, group[i]), arm);
        else
            conditional_move(s, sel_result(s, group[i]), arm);
    }
    sel_place(s, end);
}

/* d = a; unless a `keep_first` b: d = b. */
void sel_minmax(struct sel *s, LLVMValueRef call, enum isa_cond keep_first)
{
    LLVMValueRef a = LLVMGetOperand(call, 0), b = LLVMGetOperand(call, 1);
    bool is_signed_test = keep_first == ISA_COND_LTS || keep_first == ISA_COND_GTS;
    struct m_insn *end = sel_label(s);
    struct m_opnd d = sel_result(s, call);
    if (sel_is_pair(s, call)) {
        struct sel_halves x = sel_halves_extended(s, a, is_signed_test);
        struct sel_halves y = sel_halves_extended(s, b, is_signed_test);
        sel_move(s, d, a);
        struct m_insn *insn = subtract_wide(s, m_const(M_ZERO), x, y, 11);
        sel_jump_if(insn, wide_condition(keep_first), (struct sel_goal){NULL, end});
    } else {
        struct m_opnd x = sel_extended(s, a, is_signed_test ? SEL_SIGN : SEL_ZERO);
        struct m_opnd y = sel_extended(s, b, is_signed_test ? SEL_SIGN : SEL_ZERO);
        if (s->match && sel_width(s, LLVMTypeOf(call)) == 32) {
            struct m_opnd cond = sel_new(s);
            set_on(sel_emit3(s, M_SUB, cond, sel_source(s, x), sel_work(s, y)), keep_first);
            select_as_vendor(s, d, cond, a, b);
            return;
        }
        sel_copy(s, d, x);
        sel_compare_jump(s, x, y, keep_first, (struct sel_goal){NULL, end});
    }
    conditional_move(s, d, b);
    sel_place(s, end);
}

/* ---- branches and switches ------------------------------------------------------------------ */

void sel_branch(struct sel *s, LLVMValueRef value)
{
    if (!LLVMIsConditional(value) || LLVMGetSuccessor(value, 0) == LLVMGetSuccessor(value, 1)) {
        sel_jump(s, sel_block_of(s, LLVMGetSuccessor(value, 0)));
        return;
    }
    struct sel_goal yes = {sel_block_of(s, LLVMGetSuccessor(value, 0)), NULL};
    struct sel_goal no = {sel_block_of(s, LLVMGetSuccessor(value, 1)), NULL};
    LLVMValueRef condition = LLVMGetCondition(value);
    int64_t number;
    if (sel_is_constant(condition, &number) || LLVMIsUndef(condition))
        sel_jump(s, LLVMIsUndef(condition) || number ? yes.block : no.block);
    else
        sel_test(s, condition, true, yes, no);
}

struct switch_case {
    int64_t value; /* as the type's width, zero-extended */
    struct m_block *target;
};

struct switch_job {
    struct switch_case *cases; /* in order of value */
    size_t count;
    struct m_block *other;
    struct m_opnd x; /* zero-extended; low half of pairs */
};

static int by_value(const void *a, const void *b)
{
    const struct switch_case *x = a, *y = b;
    return x->value < y->value ? -1 : x->value > y->value;
}

/* Bounds check, then a jump through a table of instruction indices. */
static void switch_table(struct sel *s, const struct switch_job *job)
{
    uint64_t lowest = (uint64_t)job->cases[0].value;
    uint64_t span = (uint64_t)job->cases[job->count - 1].value - lowest + 1;
    struct m_opnd x = job->x, offset = sel_new(s), target = sel_new(s);
    if (lowest > 0 && lowest <= 2) { /* a few unused entries are cheaper than a subtraction */
        span += lowest;
        lowest = 0;
    }
    if (lowest) {
        x = sel_new(s);
        sel_alu(s, M_ADD, x, job->x, m_imm(-(int64_t)lowest));
    }
    sel_compare_jump(s, x, m_imm((int64_t)span - 1), ISA_COND_GTU,
                     (struct sel_goal){job->other, NULL});
    sel_alu(s, M_LSL, offset, x, m_imm(2));
    struct m_insn *jump = m_insn_make(s->fn, M_JUMP_REG, 1, &target);
    jump->n_table = (uint32_t)span;
    jump->table = arena_alloc(&s->fn->arena, span * sizeof *jump->table);
    for (size_t i = 0; i < span; i++)
        jump->table[i] = job->other;
    for (size_t i = 0; i < job->count; i++)
        jump->table[(uint64_t)job->cases[i].value - lowest] = job->cases[i].target;
    struct m_opnd table = {.kind = M_SYM, .sym = NULL, .imm = 0}; /* named when emitted */
    sel_emit3(s, M_LW, target, offset, table);
    jump->line = s->line;
    jump->file = s->file;
    m_insert_before(&s->buffer, NULL, jump);
}

/* Binary search over cases[first..last). */
static void switch_tree(struct sel *s, const struct switch_job *job, size_t first, size_t last)
{
    if (last - first <= 3) {
        for (size_t i = first; i < last; i++)
            sel_compare_jump(s, job->x, m_imm((int32_t)job->cases[i].value), ISA_COND_Z,
                             (struct sel_goal){job->cases[i].target, NULL});
        sel_jump(s, job->other);
        return;
    }
    size_t middle = (first + last) / 2;
    struct m_block *above = m_block_add(s->fn);
    sel_compare_jump(s, job->x, m_imm((int32_t)job->cases[middle].value), ISA_COND_GEU,
                     (struct sel_goal){above, NULL});
    switch_tree(s, job, first, middle);
    struct m_block kept = s->buffer;
    s->buffer.first = s->buffer.last = NULL;
    switch_tree(s, job, middle, last);
    for (struct m_insn *in = s->buffer.first; in; in = in->next)
        in->block = above;
    /* A nested split has put its own blocks in order already. */
    above->first = s->buffer.first;
    above->last = s->buffer.last;
    s->buffer.first = kept.first;
    s->buffer.last = kept.last;
}

static void switch_wide(struct sel *s, LLVMValueRef value, const struct switch_job *job)
{
    struct sel_halves x = sel_halves_extended(s, LLVMGetOperand(value, 0), false);
    for (size_t i = 0; i < job->count; i++) {
        struct m_insn *next = sel_label(s);
        sel_compare_jump(s, x.lo, m_imm((int32_t)job->cases[i].value), ISA_COND_NZ,
                         (struct sel_goal){NULL, next});
        sel_compare_jump(s, x.hi, m_imm((int32_t)(job->cases[i].value >> 32)), ISA_COND_Z,
                         (struct sel_goal){job->cases[i].target, NULL});
        sel_place(s, next);
    }
    sel_jump(s, job->other);
}

void sel_switch(struct sel *s, LLVMValueRef value)
{
    enum { MIN_TABLE = 4, MIN_DENSITY_PERCENT = 40 };
    unsigned width = sel_width(s, LLVMTypeOf(LLVMGetOperand(value, 0)));
    struct switch_job job = {.other = sel_block_of(s, LLVMGetSwitchDefaultDest(value))};
    unsigned n_operands = (unsigned)LLVMGetNumOperands(value);
    job.cases = arena_alloc(&s->fn->arena, (n_operands + 1) * sizeof *job.cases);
    for (unsigned i = 2; i + 1 < n_operands; i += 2) {
        uint64_t number = LLVMConstIntGetZExtValue(LLVMGetOperand(value, i));
        LLVMBasicBlockRef target = LLVMValueAsBasicBlock(LLVMGetOperand(value, i + 1));
        job.cases[job.count++] = (struct switch_case){(int64_t)number, sel_block_of(s, target)};
    }
    bool decides = false;
    for (size_t i = 0; i < job.count; i++)
        decides |= job.cases[i].target != job.other;
    if (!decides) {
        sel_jump(s, job.other);
        return;
    }
    if (width > 32) {
        switch_wide(s, value, &job);
        return;
    }
    qsort(job.cases, job.count, sizeof *job.cases, by_value);
    job.x = sel_work(s, sel_zero_extended(s, LLVMGetOperand(value, 0)));
    uint64_t span = (uint64_t)(job.cases[job.count - 1].value - job.cases[0].value) + 1;
    if (job.count >= MIN_TABLE && job.count * 100 >= span * MIN_DENSITY_PERCENT)
        switch_table(s, &job);
    else
        switch_tree(s, &job, 0, job.count);
}

void sel_indirect_branch(struct sel *s, LLVMValueRef value)
{
    struct m_opnd target = sel_work(s, sel_operand(s, LLVMGetOperand(value, 0)));
    struct m_insn *jump = sel_emit1(s, M_JUMP_REG, target);
    unsigned n = (unsigned)LLVMGetNumSuccessors(value);
    jump->table = arena_alloc(&s->fn->arena, (n + 1) * sizeof *jump->table);
    for (unsigned i = 0; i < n; i++)
        jump->table[jump->n_table++] = sel_block_of(s, LLVMGetSuccessor(value, i));
}
