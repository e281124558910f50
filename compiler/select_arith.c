/* SPDX-License-Identifier: MIT */
/* Arithmetic, logic, shifts, multiplication, division and conversions. */
#include <stdlib.h>
#include <string.h>

#include "select.h"

/* ---- multiplication by constants ------------------------------------------------------------ */

enum { MAX_DIGITS = 33, MAX_MULTIPLY_STEPS = 6 };

struct digits {
    unsigned count;
    int at[MAX_DIGITS]; /* bit number + 1, negative: subtracted */
};

static struct digits binary_digits(uint32_t factor)
{
    struct digits d = {0};
    for (int i = 0; i < 32; i++)
        if (factor >> i & 1)
            d.at[d.count++] = i + 1;
    return d;
}

/* Canonical signed digits. */
static struct digits signed_digits(int64_t factor)
{
    struct digits d = {0};
    for (int i = 0; factor && i < 32; i++, factor /= 2)
        if (factor & 1) {
            int digit = (factor & 3) == 3 ? -1 : 1;
            d.at[d.count++] = digit * (i + 1);
            factor -= digit;
        }
    return d;
}

/* The digit to begin with: a positive one, best the one that needs no shift. */
static unsigned first_digit(const struct digits *d)
{
    for (unsigned i = 0; i < d->count; i++)
        if (d->at[i] > 0)
            return i;
    return d->count;
}

static unsigned chain_cost(const struct digits *d, bool has_addend)
{
    if (has_addend)
        return d->count;
    unsigned first = first_digit(d);
    if (first == d->count)
        return d->count + 1;
    return d->count - (d->at[first] == 1);
}

static struct digits best_digits(int64_t factor, bool has_addend)
{
    struct digits binary = binary_digits((uint32_t)factor);
    struct digits other = signed_digits((int32_t)factor);
    return chain_cost(&binary, has_addend) <= chain_cost(&other, has_addend) ? binary : other;
}

unsigned sel_multiply_cost(int64_t factor, bool has_addend)
{
    struct digits d = best_digits(factor, has_addend);
    return chain_cost(&d, has_addend);
}

static void add_digit(struct sel *s, struct m_opnd d, struct m_opnd acc, struct m_opnd x, int digit)
{
    int shift = abs(digit) - 1;
    if (shift == 0 && digit > 0)
        sel_alu(s, M_ADD, d, acc, x);
    else if (shift == 0)
        sel_alu(s, M_SUB, d, acc, x);
    else
        sel_emit4(s, digit > 0 ? M_LSL_ADD : M_LSL_SUB, d, sel_work(s, acc), sel_source(s, x),
                  m_imm(shift));
}

void sel_multiply_add(struct sel *s, struct m_opnd d, struct m_opnd acc, struct m_opnd x,
                      int64_t factor)
{
    bool has_addend = acc.kind != M_NONE;
    struct digits digits = best_digits(factor, has_addend);
    unsigned left = digits.count;
    if (!has_addend) {
        unsigned first = first_digit(&digits);
        acc = m_imm(0);
        if (first < digits.count) {
            int shift = digits.at[first] - 1;
            acc = shift == 0 ? x : (left == 1 ? d : sel_new(s));
            if (shift)
                sel_alu(s, M_LSL, acc, x, m_imm(shift));
            digits.at[first] = 0;
            left--;
        }
    }
    bool is_done = acc.kind == M_REG && acc.reg == d.reg && acc.lane == d.lane;
    if (left == 0 && !is_done)
        sel_copy(s, d, acc);
    for (unsigned i = 0; i < digits.count; i++)
        if (digits.at[i]) {
            struct m_opnd to = --left ? sel_new(s) : d;
            add_digit(s, to, acc, x, digits.at[i]);
            acc = to;
        }
}

/* ---- multiplication ------------------------------------------------------------------------- */

/* a * b of 16-bit values: leaves early when both fit a byte. */
static void multiply16(struct sel *s, struct m_opnd d, struct m_opnd a, struct m_opnd b,
                       bool is_signed)
{
    enum m_op high_low = is_signed ? M_MUL_SH_UL : M_MUL_UH_UL;
    struct m_insn *end = sel_label(s);
    struct m_opnd t = sel_new(s), t2 = sel_new(s), t3 = sel_new(s);
    sel_jump_if(sel_emit3(s, M_MUL_UL_UL, d, a, b), ISA_COND_SMALL, (struct sel_goal){NULL, end});
    sel_emit3(s, high_low, t, a, b);
    sel_conditional(sel_emit4(s, M_LSL_ADD, d, d, t, m_imm(8)));
    sel_emit3(s, high_low, t2, b, a);
    sel_conditional(sel_emit4(s, M_LSL_ADD, d, d, t2, m_imm(8)));
    sel_emit3(s, is_signed ? M_MUL_SH_SH : M_MUL_UH_UH, t3, a, b);
    sel_conditional(sel_emit4(s, M_LSL_ADD, d, d, t3, m_imm(16)));
    sel_place(s, end);
}

/* The value below extensions that leave its low bits alone. */
static LLVMValueRef without_extension(struct sel *s, LLVMValueRef value, unsigned bits)
{
    while ((sel_is_op(value, LLVMZExt) || sel_is_op(value, LLVMSExt)) &&
           sel_width(s, LLVMTypeOf(LLVMGetOperand(value, 0))) >= bits)
        value = LLVMGetOperand(value, 0);
    return value;
}

static bool multiply_short(struct sel *s, struct m_opnd d, LLVMValueRef a, LLVMValueRef b)
{
    bool u8a = known_unsigned(a, 8), u8b = known_unsigned(b, 8);
    bool s8a = known_signed(a, 8), s8b = known_signed(b, 8);
    bool is_signed = !(known_unsigned(a, 16) && known_unsigned(b, 16));
    if (is_signed && !(known_signed(a, 16) && known_signed(b, 16)))
        return false;
    enum m_op op = M_OP_COUNT;
    if (u8a && u8b)
        op = M_MUL_UL_UL;
    else if (s8a && s8b)
        op = M_MUL_SL_SL;
    else if ((s8a && u8b) || (s8b && u8a))
        op = M_MUL_SL_UL;
    if (op == M_MUL_SL_UL && !(s8a && u8b)) {
        LLVMValueRef other = a;
        a = b;
        b = other;
    }
    if (op == M_OP_COUNT && (!s->optimise || sel_width(s, LLVMTypeOf(a)) != 32))
        return false;
    unsigned bits = op == M_OP_COUNT ? 16 : 8;
    struct m_opnd x = sel_work(s, sel_operand(s, without_extension(s, a, bits)));
    struct m_opnd y = sel_work(s, sel_operand(s, without_extension(s, b, bits)));
    if (op == M_OP_COUNT)
        multiply16(s, d, x, y, is_signed);
    else
        sel_emit3(s, op, d, x, y);
    return true;
}

/* Factors that are arguments stay in their registers when they are in order. */
static bool is_argument_behind(LLVMValueRef a, LLVMValueRef b)
{
    if (!LLVMIsAArgument(a) || !LLVMIsAArgument(b))
        return false;
    while (b && b != a)
        b = LLVMGetNextParam(b);
    return b != NULL;
}

static void multiply(struct sel *s, LLVMValueRef value)
{
    LLVMValueRef a = LLVMGetOperand(value, 0), b = LLVMGetOperand(value, 1);
    int64_t factor;
    struct m_opnd d = sel_result(s, value);
    if (sel_is_constant(b, &factor) && sel_multiply_cost(factor, false) <= MAX_MULTIPLY_STEPS) {
        struct m_opnd none = {0}, x = sel_operand(s, a);
        if (known_unsigned(a, 8) && factor >= 0 && factor < 256 && !LLVMIsAConstant(a) &&
            sel_multiply_cost(factor, false) > 2)
            sel_emit3(s, M_MUL_UL_UL, d, sel_source(s, x), sel_work(s, m_imm(factor)));
        else
            sel_multiply_add(s, d, none, sel_work(s, x), factor);
        return;
    }
    if (multiply_short(s, d, a, b))
        return;
    bool swaps = is_argument_behind(a, b);
    sel_runtime(s, "__mulsi3", d, 2,
                (struct m_opnd[]){sel_operand(s, swaps ? b : a), sel_operand(s, swaps ? a : b)});
}

/* ---- division ------------------------------------------------------------------------------- */

/* Signed division by 2^count: add 2^count - 1 to negative dividends first. */
static void divide_power(struct sel *s, LLVMValueRef value, bool is_remainder, unsigned count)
{
    struct m_opnd d = sel_result(s, value), sign = sel_new(s), sum = sel_new(s);
    struct m_opnd a = sel_work(s, sel_sign_extended(s, LLVMGetOperand(value, 0)));
    sel_alu(s, M_ASR, sign, a, m_imm(31));
    sel_emit4(s, M_LSR_ADD, sum, a, sign, m_imm(32 - (int)count));
    if (!is_remainder) {
        sel_alu(s, M_ASR, d, sum, m_imm(count));
        return;
    }
    struct m_opnd whole = sel_new(s);
    sel_alu(s, M_AND, whole, sum, m_imm(-((int64_t)1 << count)));
    sel_alu(s, M_SUB, d, a, whole);
}

static void divide(struct sel *s, LLVMValueRef value)
{
    LLVMOpcode opcode = LLVMGetInstructionOpcode(value);
    bool is_signed = opcode == LLVMSDiv || opcode == LLVMSRem;
    bool is_remainder = opcode == LLVMURem || opcode == LLVMSRem;
    LLVMValueRef b = LLVMGetOperand(value, 1);
    int64_t divisor;
    if (is_signed && sel_is_constant(b, &divisor) && divisor > 1 &&
        (divisor & (divisor - 1)) == 0 && divisor < INT32_MAX) {
        divide_power(s, value, is_remainder, (unsigned)__builtin_ctzll((uint64_t)divisor));
        return;
    }
    enum sel_extension extension = is_signed ? SEL_SIGN : SEL_ZERO;
    struct m_opnd args[2] = {sel_extended(s, LLVMGetOperand(value, 0), extension),
                             sel_extended(s, b, extension)};
    if (is_remainder && s->match)
        sel_runtime(s, is_signed ? "__modsi3" : "__umodsi3", sel_result(s, value), 2, args);
    else
        sel_runtime_at(s, is_signed ? "__div32" : "__udiv32", sel_result(s, value),
                       is_remainder ? 1 : 0, 2, args);
}

/* ---- 32-bit arithmetic ---------------------------------------------------------------------- */

static bool is_not(LLVMValueRef value, LLVMValueRef *of)
{
    int64_t number;
    if (!sel_is_op(value, LLVMXor) || !sel_is_constant(LLVMGetOperand(value, 1), &number) ||
        number != -1)
        return false;
    *of = LLVMGetOperand(value, 0);
    return true;
}

/* A rotation to the left of 32 bits that only an addition reads. */
static bool is_rotation(LLVMValueRef value)
{
    return sel_is_op(value, LLVMCall) && strcmp(sel_callee_name(value), "llvm.fshl.i32") == 0 &&
           LLVMGetOperand(value, 0) == LLVMGetOperand(value, 1) && sel_one_use(value);
}

/* x shifted by a constant as the second operand of an addition or subtraction. */
static bool add_shifted(struct sel *s, LLVMValueRef value, LLVMValueRef other, LLVMValueRef shifted,
                        bool is_sub)
{
    int64_t count;
    LLVMValueRef x;
    enum m_op op;
    if (LLVMIsAConstant(other) || !LLVMIsAInstruction(shifted))
        return false;
    if (sel_is_op(shifted, LLVMShl) && sel_is_constant(LLVMGetOperand(shifted, 1), &count))
        op = is_sub ? M_LSL_SUB : M_LSL_ADD;
    else if (sel_is_op(shifted, LLVMLShr) && !is_sub && sel_one_use(shifted) &&
             sel_width(s, LLVMTypeOf(value)) == 32 &&
             sel_is_constant(LLVMGetOperand(shifted, 1), &count))
        op = M_LSR_ADD;
    else if (!is_sub && is_rotation(shifted) && sel_is_constant(LLVMGetOperand(shifted, 2), &count))
        op = M_ROL_ADD;
    else
        return false;
    x = LLVMGetOperand(shifted, 0);
    if (count < 0 || count >= sel_width(s, LLVMTypeOf(value)) || LLVMIsAConstant(x))
        return false;
    struct m_opnd rest = sel_work(s, sel_operand(s, other));
    sel_emit4(s, op, sel_result(s, value), rest, sel_source(s, sel_operand(s, x)), m_imm(count));
    return true;
}

/* a + x * constant with a single-use multiplication. */
static bool add_product(struct sel *s, LLVMValueRef value, LLVMValueRef other, LLVMValueRef product)
{
    int64_t factor;
    if (!sel_is_op(product, LLVMMul) || !sel_one_use(product) || LLVMIsAConstant(other) ||
        !sel_is_constant(LLVMGetOperand(product, 1), &factor) ||
        sel_multiply_cost(factor, true) > sel_multiply_cost(factor, false) + 1 ||
        sel_multiply_cost(factor, true) > MAX_MULTIPLY_STEPS || s->match)
        return false;
    sel_multiply_add(s, sel_result(s, value), sel_work(s, sel_operand(s, other)),
                     sel_work(s, sel_operand(s, LLVMGetOperand(product, 0))), factor);
    return true;
}

static bool fold_add(struct sel *s, LLVMValueRef value)
{
    LLVMValueRef a = LLVMGetOperand(value, 0), b = LLVMGetOperand(value, 1);
    return add_shifted(s, value, a, b, false) || add_shifted(s, value, b, a, false) ||
           add_product(s, value, a, b) || add_product(s, value, b, a);
}

static bool are_disjoint(LLVMValueRef a, LLVMValueRef b)
{
    unsigned width = LLVMGetIntTypeWidth(LLVMTypeOf(a));
    uint64_t all = width >= 64 ? UINT64_MAX : ((uint64_t)1 << width) - 1;
    return ((known_zero(a, 0) | known_zero(b, 0)) & all) == all;
}

/* The rotation of -2 is how LLVM writes ~(1 << n). */
static bool is_cleared_bit(LLVMValueRef value, LLVMValueRef *count)
{
    int64_t number;
    if (strcmp(sel_callee_name(value), "llvm.fshl.i32") != 0 ||
        !sel_is_constant(LLVMGetOperand(value, 0), &number) || number != -2 ||
        LLVMGetOperand(value, 1) != LLVMGetOperand(value, 0))
        return false;
    *count = LLVMGetOperand(value, 2);
    return true;
}

static bool fold_and(struct sel *s, LLVMValueRef value)
{
    for (unsigned i = 0; i < 2; i++) {
        LLVMValueRef a = LLVMGetOperand(value, i), b = LLVMGetOperand(value, 1 - i), x;
        if (LLVMIsAConstant(b))
            continue;
        if (is_not(a, &x)) {
            sel_alu(s, M_ANDN, sel_result(s, value), sel_operand(s, x), sel_operand(s, b));
            return true;
        }
        if (is_cleared_bit(a, &x) && !s->match) {
            struct m_opnd bit = sel_new(s);
            sel_alu(s, M_LSL, bit, m_imm(1), sel_operand(s, x));
            sel_alu(s, M_ANDN, sel_result(s, value), bit, sel_operand(s, b));
            return true;
        }
    }
    return false;
}

static bool fold_or(struct sel *s, LLVMValueRef value)
{
    for (unsigned i = 0; i < 2; i++) {
        LLVMValueRef a = LLVMGetOperand(value, i), b = LLVMGetOperand(value, 1 - i), x;
        if (is_not(a, &x) && !LLVMIsAConstant(b)) {
            sel_alu(s, M_ORN, sel_result(s, value), sel_operand(s, x), sel_operand(s, b));
            return true;
        }
        if (sel_is_op(a, LLVMShl) && are_disjoint(a, b) && add_shifted(s, value, b, a, false))
            return true;
    }
    return false;
}

static bool fold_xor(struct sel *s, LLVMValueRef value)
{
    LLVMValueRef x;
    if (!is_not(value, &x) || !LLVMIsAInstruction(x) || !sel_one_use(x))
        return false;
    LLVMOpcode opcode = LLVMGetInstructionOpcode(x);
    enum m_op op = opcode == LLVMAnd ? M_NAND : opcode == LLVMOr ? M_NOR : M_NXOR;
    if (opcode != LLVMAnd && opcode != LLVMOr && opcode != LLVMXor)
        return false;
    sel_alu(s, op, sel_result(s, value), sel_operand(s, LLVMGetOperand(x, 0)),
            sel_operand(s, LLVMGetOperand(x, 1)));
    return true;
}

static void shift(struct sel *s, LLVMValueRef value, enum m_op op)
{
    LLVMValueRef a = LLVMGetOperand(value, 0), b = LLVMGetOperand(value, 1);
    enum sel_extension extension = op == M_LSR ? SEL_ZERO : op == M_ASR ? SEL_SIGN : SEL_ANY;
    int64_t count, inner;
    struct m_opnd amount =
        sel_width(s, LLVMTypeOf(b)) < 8 ? sel_zero_extended(s, b) : sel_operand(s, b);
    if (op == M_ASR && sel_is_op(a, LLVMShl) && sel_width(s, LLVMTypeOf(a)) == 32 &&
        sel_is_constant(b, &count) && sel_is_constant(LLVMGetOperand(a, 1), &inner) &&
        count == inner && (count == 16 || count == 24)) {
        sel_emit2(s, count == 24 ? M_EXTSB : M_EXTSH, sel_result(s, value),
                  sel_source(s, sel_operand(s, LLVMGetOperand(a, 0))));
        return;
    }
    if (amount.kind == M_IMM)
        amount.imm &= 31;
    sel_alu(s, op, sel_result(s, value), sel_extended(s, a, extension), amount);
}

static void binary32(struct sel *s, LLVMValueRef value)
{
    LLVMOpcode opcode = LLVMGetInstructionOpcode(value);
    LLVMValueRef a = LLVMGetOperand(value, 0), b = LLVMGetOperand(value, 1);
    bool is_bit = sel_width(s, LLVMTypeOf(value)) == 1; /* stays 0 or 1: no complement */
    enum m_op op = M_ADD;
    switch (opcode) {
    case LLVMAdd:
        if (fold_add(s, value))
            return;
        break;
    case LLVMSub:
        if (add_shifted(s, value, a, b, true))
            return;
        op = M_SUB;
        break;
    case LLVMAnd:
        if (fold_and(s, value))
            return;
        op = M_AND;
        break;
    case LLVMOr:
        if (!is_bit && fold_or(s, value))
            return;
        op = M_OR;
        break;
    case LLVMXor:
        if (!is_bit && fold_xor(s, value))
            return;
        op = M_XOR;
        break;
    case LLVMShl:
        shift(s, value, M_LSL);
        return;
    case LLVMLShr:
        shift(s, value, M_LSR);
        return;
    case LLVMAShr:
        shift(s, value, M_ASR);
        return;
    case LLVMMul:
        multiply(s, value);
        return;
    default:
        divide(s, value);
        return;
    }
    struct m_opnd d = sel_result(s, value);
    sel_alu(s, op, d, sel_operand(s, a), sel_operand(s, b));
    if (sel_width(s, LLVMTypeOf(value)) == 1 && op != M_AND && op != M_OR) {
        struct m_insn *last = s->buffer.last; /* i1 stays 0 or 1 */
        if (last->ops[2].kind == M_IMM)
            last->ops[2].imm &= 1;
        if (op != M_XOR)
            sel_alu(s, M_AND, d, d, m_imm(1));
    }
}

/* ---- 64-bit arithmetic ---------------------------------------------------------------------- */

static void add64(struct sel *s, struct m_opnd d, struct sel_halves a, struct sel_halves b,
                  bool is_sub)
{
    enum m_op low = is_sub ? M_SUB : M_ADD, high = is_sub ? M_SUBC : M_ADDC;
    if (b.lo.kind == M_IMM && b.lo.imm == 0) { /* no carry can come */
        struct m_opnd lo = m_half(d, M_LO);
        sel_copy(s, lo, a.lo);
        sel_alu(s, low, m_half(d, M_HI), a.hi, b.hi);
        return;
    }
    /* All operands in registers first: nothing may come between the two. */
    if (a.hi.kind == M_IMM || b.hi.kind == M_IMM) {
        struct m_opnd *fixed = a.hi.kind == M_IMM ? &a.hi : &b.hi;
        if (is_sub && fixed == &a.hi && fixed->imm != 0)
            *fixed = sel_source(s, *fixed);
        else if (a.hi.kind == M_IMM && b.hi.kind == M_IMM)
            a.hi = sel_source(s, a.hi);
    }
    if (a.lo.kind == M_IMM && b.lo.kind == M_IMM)
        a.lo = sel_work(s, a.lo);
    if (!is_sub && a.hi.kind == M_CONST)
        a.hi = sel_work(s, a.hi);
    if (b.hi.kind == M_CONST || b.hi.kind == M_SYM)
        b.hi = sel_work(s, b.hi);
    if (b.lo.kind == M_IMM && is_sub)
        b.lo = sel_work(s, b.lo);
    if (is_sub)
        b.hi = sel_immediate(s, b.hi, 24);
    sel_alu(s, low, m_half(d, M_LO), a.lo, b.lo);
    struct m_insn *first = s->buffer.last;
    struct m_insn *second = sel_alu(s, high, m_half(d, M_HI), a.hi, b.hi);
    if (second->prev != first)
        abort(); /* operands were prepared above */
    second->glued = true;
}

static void logic_half(struct sel *s, enum m_op op, struct m_opnd d, struct m_opnd a,
                       struct m_opnd b)
{
    if (a.kind == M_IMM && b.kind != M_IMM) {
        struct m_opnd other = a;
        a = b;
        b = other;
    }
    bool is_zero = b.kind == M_IMM && b.imm == 0;
    bool is_ones = b.kind == M_IMM && (int32_t)b.imm == -1;
    if ((op == M_AND && is_ones) || (op != M_AND && is_zero))
        sel_copy(s, d, a);
    else if (op == M_AND && is_zero && !s->match)
        sel_copy(s, d, m_imm(0));
    else if (op == M_OR && is_ones)
        sel_copy(s, d, m_imm(-1));
    else
        sel_alu(s, op, d, a, b);
}

static void logic64(struct sel *s, LLVMValueRef value, enum m_op op)
{
    struct sel_halves a = sel_halves(s, LLVMGetOperand(value, 0));
    struct sel_halves b = sel_halves(s, LLVMGetOperand(value, 1));
    struct m_opnd d = sel_result(s, value);
    logic_half(s, op, m_half(d, M_LO), a.lo, b.lo);
    logic_half(s, op, m_half(d, M_HI), a.hi, b.hi);
}

static void shift_left64(struct sel *s, struct m_opnd d, struct sel_halves a, unsigned count)
{
    struct m_opnd lo = m_half(d, M_LO), hi = m_half(d, M_HI);
    if (count >= 32) {
        sel_alu(s, M_LSL, hi, a.lo, m_imm(count - 32));
        sel_copy(s, lo, m_imm(0));
        return;
    }
    struct m_opnd out = sel_new(s);
    sel_alu(s, M_LSLX, out, a.lo, m_imm(count));
    sel_emit4(s, M_LSL_ADD, hi, out, sel_source(s, a.hi), m_imm(count));
    sel_alu(s, M_LSL, lo, a.lo, m_imm(count));
}

static void shift_right64(struct sel *s, struct m_opnd d, struct sel_halves a, unsigned count,
                          bool is_signed)
{
    struct m_opnd lo = m_half(d, M_LO), hi = m_half(d, M_HI);
    if (count == 32) {
        sel_emit2(s, is_signed ? M_MOVE_S : M_MOVE_U, d, sel_source(s, a.hi));
        return;
    }
    if (count > 32) {
        sel_emit3(s, is_signed ? M_ASR_S : M_LSR_U, d, sel_source(s, a.hi), m_imm(count - 32));
        return;
    }
    struct m_opnd out = sel_new(s);
    sel_alu(s, M_LSRX, out, a.hi, m_imm(count));
    sel_emit4(s, M_LSR_ADD, lo, out, sel_source(s, a.lo), m_imm(count));
    sel_alu(s, is_signed ? M_ASR : M_LSR, hi, a.hi, m_imm(count));
}

void sel_shift64(struct sel *s, LLVMOpcode opcode, struct m_opnd d, struct sel_halves a,
                 unsigned count)
{
    if (count == 0) {
        sel_copy(s, m_half(d, M_LO), a.lo);
        sel_copy(s, m_half(d, M_HI), a.hi);
    } else if (opcode == LLVMShl)
        shift_left64(s, d, a, count);
    else
        shift_right64(s, d, a, count, opcode == LLVMAShr);
}

/* Shift by a register: bit 5 of the count tells whether a whole word goes. */
static void shift_left_by(struct sel *s, struct m_opnd d, struct sel_halves a, struct m_opnd count)
{
    struct m_opnd lo = m_half(d, M_LO), hi = m_half(d, M_HI), t = sel_new(s);
    struct m_insn *big = sel_label(s), *end = sel_label(s);
    sel_emit1(s, M_UNDEF, d);
    sel_jump_if(sel_emit3(s, M_LSLX, hi, a.lo, count), ISA_COND_SH32, (struct sel_goal){NULL, big});
    sel_emit3(s, M_LSL, t, a.hi, count);
    sel_conditional(sel_emit3(s, M_OR, hi, hi, t));
    sel_conditional(sel_emit3(s, M_LSL, lo, a.lo, count));
    sel_emit(s, M_JUMP, 0, NULL)->label = end;
    sel_place(s, big);
    sel_conditional(sel_emit3(s, M_LSL, hi, a.lo, count));
    sel_conditional(sel_emit2(s, M_MOVE, lo, m_imm(0)));
    sel_place(s, end);
}

static void shift_right_by(struct sel *s, struct m_opnd d, struct sel_halves a, struct m_opnd count,
                           bool is_signed)
{
    struct m_opnd lo = m_half(d, M_LO), hi = m_half(d, M_HI), t = sel_new(s);
    struct m_insn *big = sel_label(s), *end = sel_label(s);
    sel_emit1(s, M_UNDEF, d);
    sel_jump_if(sel_emit3(s, M_LSRX, lo, a.hi, count), ISA_COND_SH32, (struct sel_goal){NULL, big});
    sel_emit3(s, M_LSR, t, a.lo, count);
    sel_conditional(sel_emit3(s, M_OR, lo, lo, t));
    sel_conditional(sel_emit3(s, is_signed ? M_ASR : M_LSR, hi, a.hi, count));
    sel_emit(s, M_JUMP, 0, NULL)->label = end;
    sel_place(s, big);
    sel_conditional(sel_emit3(s, is_signed ? M_ASR_S : M_LSR_U, d, a.hi, count));
    sel_place(s, end);
}

static void shift64(struct sel *s, LLVMValueRef value)
{
    LLVMOpcode opcode = LLVMGetInstructionOpcode(value);
    LLVMValueRef a = LLVMGetOperand(value, 0), b = LLVMGetOperand(value, 1);
    struct sel_halves h =
        opcode == LLVMShl ? sel_halves(s, a) : sel_halves_extended(s, a, opcode == LLVMAShr);
    struct m_opnd d = sel_result(s, value), amount = sel_halves(s, b).lo;
    if (amount.kind == M_IMM) {
        sel_shift64(s, opcode, d, h, (unsigned)amount.imm & 63);
        return;
    }
    h.lo = sel_source(s, h.lo);
    h.hi = sel_source(s, h.hi);
    amount = sel_work(s, amount);
    if (opcode == LLVMShl)
        shift_left_by(s, d, h, amount);
    else
        shift_right_by(s, d, h, amount, opcode == LLVMAShr);
}

static struct m_opnd extended_pair(struct sel *s, LLVMValueRef value, bool is_signed)
{
    if (sel_width(s, LLVMTypeOf(value)) == 64)
        return sel_pair(s, value);
    struct sel_halves h = sel_halves_extended(s, value, is_signed);
    struct m_opnd pair = sel_new_pair(s);
    sel_copy(s, m_half(pair, M_LO), h.lo);
    sel_copy(s, m_half(pair, M_HI), h.hi);
    return pair;
}

static void routine64(struct sel *s, LLVMValueRef value)
{
    static const struct {
        LLVMOpcode opcode;
        const char *name;
        bool is_signed;
    } routines[] = {{LLVMMul, "__muldi3", false},
                    {LLVMUDiv, "__udivdi3", false},
                    {LLVMSDiv, "__divdi3", true},
                    {LLVMURem, "__umoddi3", false},
                    {LLVMSRem, "__moddi3", true}};
    for (size_t i = 0; i < sizeof routines / sizeof *routines; i++)
        if (LLVMGetInstructionOpcode(value) == routines[i].opcode) {
            bool is_exact = routines[i].opcode == LLVMMul;
            bool swaps =
                is_exact && is_argument_behind(LLVMGetOperand(value, 0), LLVMGetOperand(value, 1));
            struct m_opnd args[2];
            for (unsigned k = 0; k < 2; k++)
                args[k] = is_exact
                              ? sel_pair(s, LLVMGetOperand(value, swaps ? 1 - k : k))
                              : extended_pair(s, LLVMGetOperand(value, k), routines[i].is_signed);
            sel_runtime(s, routines[i].name, sel_result(s, value), 2, args);
        }
}

static void binary64(struct sel *s, LLVMValueRef value)
{
    LLVMValueRef a = LLVMGetOperand(value, 0), b = LLVMGetOperand(value, 1);
    switch (LLVMGetInstructionOpcode(value)) {
    case LLVMAdd:
    case LLVMSub: {
        bool is_sub = LLVMGetInstructionOpcode(value) == LLVMSub;
        struct sel_halves x = sel_halves(s, a), y = sel_halves(s, b);
        if (!is_sub && x.lo.kind == M_IMM) {
            struct sel_halves other = x;
            x = y;
            y = other;
        }
        add64(s, sel_result(s, value), x, y, is_sub);
        return;
    }
    case LLVMAnd:
        logic64(s, value, M_AND);
        return;
    case LLVMOr:
        logic64(s, value, M_OR);
        return;
    case LLVMXor:
        logic64(s, value, M_XOR);
        return;
    case LLVMShl:
    case LLVMLShr:
    case LLVMAShr:
        shift64(s, value);
        return;
    default:
        routine64(s, value);
        return;
    }
}

/* ---- floating point ------------------------------------------------------------------------- */

static void binary_float(struct sel *s, LLVMValueRef value)
{
    static const struct {
        LLVMOpcode opcode;
        const char *single, *wide;
    } routines[] = {{LLVMFAdd, "__addsf3", "__adddf3"},
                    {LLVMFSub, "__subsf3", "__subdf3"},
                    {LLVMFMul, "__mulsf3", "__muldf3"},
                    {LLVMFDiv, "__divsf3", "__divdf3"},
                    {LLVMFRem, "fmodf", "fmod"}};
    bool is_wide = sel_is_pair(s, value);
    for (size_t i = 0; i < sizeof routines / sizeof *routines; i++)
        if (LLVMGetInstructionOpcode(value) == routines[i].opcode) {
            struct m_opnd args[2];
            for (unsigned k = 0; k < 2; k++)
                args[k] = is_wide ? sel_pair(s, LLVMGetOperand(value, k))
                                  : sel_operand(s, LLVMGetOperand(value, k));
            sel_runtime(s, is_wide ? routines[i].wide : routines[i].single, sel_result(s, value), 2,
                        args);
        }
}

static void negate_float(struct sel *s, LLVMValueRef value)
{
    LLVMValueRef a = LLVMGetOperand(value, 0);
    struct m_opnd d = sel_result(s, value), sign = m_imm(INT32_MIN);
    if (!sel_is_pair(s, value)) {
        sel_alu(s, M_XOR, d, sel_operand(s, a), sign);
        return;
    }
    struct sel_halves h = sel_halves(s, a);
    sel_copy(s, m_half(d, M_LO), h.lo);
    sel_alu(s, M_XOR, m_half(d, M_HI), h.hi, sign);
}

void sel_binary(struct sel *s, LLVMValueRef value)
{
    LLVMTypeKind kind = LLVMGetTypeKind(LLVMTypeOf(value));
    if (LLVMGetInstructionOpcode(value) == LLVMFNeg)
        negate_float(s, value);
    else if (kind == LLVMFloatTypeKind || kind == LLVMDoubleTypeKind)
        binary_float(s, value);
    else if (sel_is_pair(s, value))
        binary64(s, value);
    else
        binary32(s, value);
}

/* ---- conversions ---------------------------------------------------------------------------- */

static void extend(struct sel *s, LLVMValueRef value, bool is_signed)
{
    LLVMValueRef from = LLVMGetOperand(value, 0);
    struct m_opnd d = sel_result(s, value);
    if (!sel_is_pair(s, value)) {
        struct m_opnd x = sel_extended(s, from, is_signed ? SEL_SIGN : SEL_ZERO);
        struct m_insn *last = s->buffer.last;
        if (last && last->ops[0].kind == M_REG && x.kind == M_REG && last->ops[0].reg == x.reg &&
            last->ops[0].writes && x.lane == M_WORD && last->n_ops > 1)
            last->ops[0].reg = d.reg;
        else
            sel_copy(s, d, x);
        return;
    }
    if (sel_is_widening(s, value)) {
        struct sel_value *load = sel_value_of(s, from);
        load->widened = value;
        load->needed = true;
        return;
    }
    if (sel_width(s, LLVMTypeOf(from)) > 32) {
        struct sel_halves h = sel_halves_extended(s, from, is_signed);
        sel_copy(s, m_half(d, M_LO), h.lo);
        sel_copy(s, m_half(d, M_HI), h.hi);
        return;
    }
    sel_emit2(s, is_signed ? M_MOVE_S : M_MOVE_U, d,
              sel_source(s, sel_extended(s, from, is_signed ? SEL_SIGN : SEL_ZERO)));
}

static void int_to_float(struct sel *s, LLVMValueRef value, bool is_signed)
{
    static const char *const names[2][2][2] = {
        {{"__floatunsisf", "__floatunsidf"}, {"__floatundisf", "__floatundidf"}},
        {{"__floatsisf", "__floatsidf"}, {"__floatdisf", "__floatdidf"}}};
    LLVMValueRef from = LLVMGetOperand(value, 0);
    bool is_pair = sel_is_pair(s, from);
    struct m_opnd arg = is_pair ? extended_pair(s, from, is_signed)
                                : sel_extended(s, from, is_signed ? SEL_SIGN : SEL_ZERO);
    sel_runtime(s, names[is_signed][is_pair][sel_is_pair(s, value)], sel_result(s, value), 1, &arg);
}

static void float_to_int(struct sel *s, LLVMValueRef value, bool is_signed)
{
    static const char *const names[2][2][2] = {
        {{"__fixunssfsi", "__fixunssfdi"}, {"__fixunsdfsi", "__fixunsdfdi"}},
        {{"__fixsfsi", "__fixsfdi"}, {"__fixdfsi", "__fixdfdi"}}};
    LLVMValueRef from = LLVMGetOperand(value, 0);
    bool is_wide = sel_is_pair(s, from);
    struct m_opnd arg = is_wide ? sel_pair(s, from) : sel_operand(s, from);
    struct m_opnd d = sel_result(s, value);
    sel_runtime(s, names[is_signed][is_wide][sel_is_pair(s, value)], d, 1, &arg);
    if (sel_width(s, LLVMTypeOf(value)) == 1)
        sel_alu(s, M_AND, d, d, m_imm(1));
}

static void truncate(struct sel *s, LLVMValueRef value)
{
    LLVMValueRef from = LLVMGetOperand(value, 0);
    struct m_opnd low = sel_is_pair(s, from) ? sel_halves(s, from).lo : sel_operand(s, from);
    sel_alu(s, M_AND, sel_result(s, value), low, m_imm(1)); /* only i1 gets here */
}

void sel_convert(struct sel *s, LLVMValueRef value)
{
    LLVMValueRef from = LLVMGetOperand(value, 0);
    struct m_opnd arg;
    switch (LLVMGetInstructionOpcode(value)) {
    case LLVMZExt:
    case LLVMSExt:
        extend(s, value, sel_is_op(value, LLVMSExt));
        return;
    case LLVMTrunc:
        truncate(s, value);
        return;
    case LLVMSIToFP:
    case LLVMUIToFP:
        int_to_float(s, value, sel_is_op(value, LLVMSIToFP));
        return;
    case LLVMFPToSI:
    case LLVMFPToUI:
        float_to_int(s, value, sel_is_op(value, LLVMFPToSI));
        return;
    case LLVMFPExt:
        arg = sel_operand(s, from);
        sel_runtime(s, "__extendsfdf2", sel_result(s, value), 1, &arg);
        return;
    case LLVMFPTrunc:
        arg = sel_pair(s, from);
        sel_runtime(s, "__truncdfsf2", sel_result(s, value), 1, &arg);
        return;
    case LLVMPtrToInt: /* to 64 bits: shorter ones are aliases */
        sel_emit2(s, M_MOVE_U, sel_result(s, value), sel_source(s, sel_operand(s, from)));
        return;
    case LLVMIntToPtr:
        sel_copy(s, sel_result(s, value),
                 sel_is_pair(s, from) ? sel_halves(s, from).lo : sel_zero_extended(s, from));
        return;
    default:
        sel_error(s, "a conversion that is not supported");
    }
}
