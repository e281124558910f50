/* SPDX-License-Identifier: MIT */
/* The optimiser's own functions (llvm.*), one row each. */
#include <string.h>

#include "module.h"
#include "select.h"

typedef void intrinsic_fn(struct sel *s, LLVMValueRef call, int detail);

static LLVMValueRef argument(LLVMValueRef call, unsigned i)
{
    return LLVMGetOperand(call, i);
}

static unsigned width_of(struct sel *s, LLVMValueRef call)
{
    return sel_width(s, LLVMTypeOf(call));
}

static void nothing(struct sel *s, LLVMValueRef call, int detail)
{
    (void)s, (void)call, (void)detail;
}

static void trap(struct sel *s, LLVMValueRef call, int detail)
{
    (void)call;
    sel_emit1(s, M_FAULT, m_imm(detail))->volatile_ = true;
}

static void copy_memory(struct sel *s, LLVMValueRef call, int overlapping)
{
    sel_memory_copy(s, call, overlapping);
}

static void set_memory(struct sel *s, LLVMValueRef call, int detail)
{
    (void)detail;
    sel_memory_set(s, call);
}

static void min_max(struct sel *s, LLVMValueRef call, int cond)
{
    sel_minmax(s, call, (enum isa_cond)cond);
}

/* The value of the first argument. */
static void same(struct sel *s, LLVMValueRef call, int detail)
{
    (void)detail;
    sel_move(s, sel_result(s, call), argument(call, 0));
}

static void object_size(struct sel *s, LLVMValueRef call, int detail)
{
    (void)detail;
    int64_t minimum = 0;
    sel_is_constant(argument(call, 1), &minimum);
    sel_copy(s, sel_result(s, call), m_imm(minimum ? 0 : -1));
}

static void is_constant(struct sel *s, LLVMValueRef call, int detail)
{
    (void)detail;
    sel_copy(s, sel_result(s, call), m_imm(0));
}

static void count_leading(struct sel *s, LLVMValueRef call, int detail)
{
    (void)detail;
    struct m_opnd d = sel_result(s, call);
    unsigned width = width_of(s, call);
    if (width <= 32) {
        struct m_opnd x = sel_source(s, sel_zero_extended(s, argument(call, 0)));
        struct m_opnd n = width == 32 ? d : sel_new(s);
        sel_emit2(s, M_CLZ, n, x);
        if (width < 32)
            sel_alu(s, M_ADD, d, n, m_imm((int)width - 32));
        return;
    }
    struct sel_halves h = sel_halves_extended(s, argument(call, 0), false);
    struct m_insn *end = sel_label(s);
    struct m_opnd low = m_half(d, M_LO);
    h.lo = sel_source(s, h.lo);
    sel_jump_if(sel_emit2(s, M_CLZ_U, d, sel_source(s, h.hi)), ISA_COND_NMAX,
                (struct sel_goal){NULL, end});
    sel_conditional(sel_emit2(s, M_CLZ, low, h.lo));
    sel_conditional(sel_emit3(s, M_ADD, low, low, m_imm(32)));
    sel_place(s, end);
    if (width < 64)
        sel_alu(s, M_ADD, low, low, m_imm((int)width - 64));
}

static void count_ones(struct sel *s, LLVMValueRef call, int detail)
{
    (void)detail;
    struct m_opnd d = sel_result(s, call);
    if (width_of(s, call) <= 32) {
        sel_emit2(s, M_CAO, d, sel_source(s, sel_zero_extended(s, argument(call, 0))));
        return;
    }
    struct sel_halves h = sel_halves_extended(s, argument(call, 0), false);
    struct m_opnd high = sel_new(s), low = sel_new(s);
    sel_emit2(s, M_CAO, high, sel_source(s, h.hi));
    sel_emit2(s, M_CAO, low, sel_source(s, h.lo));
    sel_emit3(s, M_ADD_U, d, high, low);
}

/* Ones below the lowest one: x - 1 & ~x. */
static void trailing32(struct sel *s, struct m_opnd d, struct m_opnd x)
{
    struct m_opnd less = sel_new(s), below = sel_new(s);
    x = sel_work(s, x);
    sel_alu(s, M_ADD, less, x, m_imm(-1));
    sel_emit3(s, M_ANDN, below, x, less);
    sel_emit2(s, M_CAO, d, below);
}

static void count_trailing(struct sel *s, LLVMValueRef call, int detail)
{
    (void)detail;
    struct m_opnd d = sel_result(s, call);
    unsigned width = width_of(s, call);
    if (width <= 32) {
        struct m_opnd x = sel_operand(s, argument(call, 0));
        if (width < 32) { /* a one above the top ends the count */
            struct m_opnd marked = sel_new(s);
            sel_alu(s, M_OR, marked, x, m_imm((int64_t)1 << width));
            x = marked;
        }
        trailing32(s, d, x);
        return;
    }
    struct sel_halves h = sel_halves_extended(s, argument(call, 0), false);
    struct m_opnd low = m_half(d, M_LO);
    struct m_insn *end = sel_label(s);
    if (width < 64) {
        struct m_opnd marked = sel_new(s);
        sel_alu(s, M_OR, marked, h.hi, m_imm((int64_t)1 << (width - 32)));
        h.hi = marked;
    }
    h.lo = sel_work(s, h.lo);
    h.hi = sel_work(s, h.hi);
    sel_copy(s, m_half(d, M_HI), m_imm(0));
    trailing32(s, low, h.lo);
    sel_compare_jump(s, h.lo, m_imm(0), ISA_COND_NZ, (struct sel_goal){NULL, end});
    struct m_insn *before = s->buffer.last;
    trailing32(s, low, h.hi);
    for (struct m_insn *in = before->next; in; in = in->next)
        if (in->ops[0].reg == low.reg)
            sel_conditional(in);
    sel_conditional(sel_emit3(s, M_ADD, low, low, m_imm(32)));
    sel_place(s, end);
}

/* Through memory: loads exist with the bytes in the other order. */
static void swap32(struct sel *s, struct m_opnd d, struct m_opnd x, bool is_half)
{
    struct m_opnd at = m_slot(m_slot_add(s->fn, 4, 4), 0);
    sel_emit3(s, M_SW, m_phys(M_SP), at, sel_work(s, x));
    sel_emit3(s, is_half ? M_LHU_BIG : M_LW_BIG, d, m_phys(M_SP), at);
}

static void swap_bytes(struct sel *s, LLVMValueRef call, int detail)
{
    (void)detail;
    struct m_opnd d = sel_result(s, call);
    unsigned width = width_of(s, call);
    if (width == 16 || width == 32)
        swap32(s, d, sel_operand(s, argument(call, 0)), width == 16);
    else if (width == 64) {
        struct sel_halves h = sel_halves(s, argument(call, 0));
        swap32(s, m_half(d, M_LO), h.hi, false);
        swap32(s, m_half(d, M_HI), h.lo, false);
    } else
        sel_error(s, "swapping the bytes of %u bits is not supported", width);
}

static void reverse_bits(struct sel *s, LLVMValueRef call, int detail)
{
    (void)detail;
    static const uint32_t masks[] = {0x55555555, 0x33333333, 0x0f0f0f0f};
    struct m_opnd d = sel_result(s, call);
    unsigned width = width_of(s, call);
    bool is_pair = width == 64;
    if (width != 8 && width != 16 && width != 32 && !is_pair) {
        sel_error(s, "reversing %u bits is not supported", width);
        return;
    }
    struct sel_halves h = sel_halves(s, argument(call, 0));
    struct m_opnd in[2] = {h.lo, h.hi};
    for (unsigned half = 0; half <= (unsigned)is_pair; half++) {
        struct m_opnd x = sel_work(s, in[half]);
        for (unsigned i = 0; i < 3; i++) {
            struct m_opnd up = sel_new(s), down = sel_new(s), low = sel_new(s), sum = sel_new(s);
            sel_alu(s, M_LSR, down, x, m_imm(1 << i));
            sel_alu(s, M_AND, low, down, m_imm((int32_t)masks[i]));
            sel_alu(s, M_AND, up, x, m_imm((int32_t)masks[i]));
            sel_emit4(s, M_LSL_ADD, sum, low, up, m_imm(1 << i));
            x = sum;
        }
        struct m_opnd to = is_pair ? m_half(d, half ? M_LO : M_HI) : d;
        if (width == 8)
            sel_copy(s, to, x);
        else
            swap32(s, to, x, width == 16);
    }
}

static void absolute(struct sel *s, LLVMValueRef call, int detail)
{
    (void)detail;
    struct m_opnd d = sel_result(s, call);
    struct m_insn *end = sel_label(s);
    if (width_of(s, call) <= 32) {
        struct m_opnd x = sel_work(s, sel_sign_extended(s, argument(call, 0)));
        if (s->match) {
            struct m_opnd sign = sel_new(s), flipped = sel_new(s);
            sel_alu(s, M_ASR, sign, x, m_imm(31));
            sel_alu(s, M_XOR, flipped, x, sign);
            sel_alu(s, M_SUB, d, flipped, sign);
            return;
        }
        sel_copy(s, d, x);
        sel_compare_jump(s, x, m_imm(0), ISA_COND_GES, (struct sel_goal){NULL, end});
        sel_conditional(sel_emit3(s, M_SUB, d, m_const(M_ZERO), x));
        sel_place(s, end);
        return;
    }
    struct sel_halves h = sel_halves_extended(s, argument(call, 0), true);
    h.lo = sel_work(s, h.lo);
    h.hi = sel_work(s, h.hi);
    sel_copy(s, m_half(d, M_LO), h.lo);
    sel_copy(s, m_half(d, M_HI), h.hi);
    sel_compare_jump(s, h.hi, m_imm(0), ISA_COND_GES, (struct sel_goal){NULL, end});
    sel_conditional(sel_emit3(s, M_SUB, m_half(d, M_LO), m_const(M_ZERO), h.lo));
    struct m_insn *high = sel_emit3(s, M_SUBC, m_half(d, M_HI), m_const(M_ZERO), h.hi);
    sel_conditional(high);
    high->glued = true;
    sel_place(s, end);
}

/* Funnel shifts of one value by itself: rotations. Others are rewritten before selection. */
static void rotate(struct sel *s, LLVMValueRef call, int is_right)
{
    struct m_opnd d = sel_result(s, call);
    struct m_opnd count = sel_halves(s, argument(call, 2)).lo;
    if (width_of(s, call) == 32) {
        if (count.kind == M_IMM)
            count.imm &= 31;
        sel_alu(s, is_right ? M_ROR : M_ROL, d, sel_operand(s, argument(call, 0)), count);
        return;
    }
    sel_emit2(s, M_SWAPD, d, sel_pair(s, argument(call, 0))); /* i64 by 32 */
}

static void absolute_float(struct sel *s, LLVMValueRef call, int detail)
{
    (void)detail;
    struct m_opnd d = sel_result(s, call);
    if (width_of(s, call) == 32) {
        sel_alu(s, M_AND, d, sel_operand(s, argument(call, 0)), m_imm(INT32_MAX));
        return;
    }
    struct sel_halves h = sel_halves(s, argument(call, 0));
    sel_copy(s, m_half(d, M_LO), h.lo);
    sel_alu(s, M_AND, m_half(d, M_HI), h.hi, m_imm(INT32_MAX));
}

static void copy_sign(struct sel *s, LLVMValueRef call, int detail)
{
    (void)detail;
    bool is_pair = width_of(s, call) == 64;
    struct sel_halves x = sel_halves(s, argument(call, 0)), y = sel_halves(s, argument(call, 1));
    struct m_opnd d = sel_result(s, call), sign = sel_new(s), size = sel_new(s);
    sel_alu(s, M_AND, sign, is_pair ? y.hi : y.lo, m_imm(INT32_MIN));
    sel_alu(s, M_AND, size, is_pair ? x.hi : x.lo, m_imm(INT32_MAX));
    sel_emit3(s, M_OR, is_pair ? m_half(d, M_HI) : d, size, sign);
    if (is_pair)
        sel_copy(s, m_half(d, M_LO), x.lo);
}

/* x * y + z in two roundings: the processor has no better one. */
static void multiply_add(struct sel *s, LLVMValueRef call, int detail)
{
    (void)detail;
    bool is_pair = width_of(s, call) == 64;
    struct m_opnd a[3], product = is_pair ? sel_new_pair(s) : sel_new(s);
    for (unsigned i = 0; i < 3; i++)
        a[i] = is_pair ? sel_pair(s, argument(call, i)) : sel_operand(s, argument(call, i));
    sel_runtime(s, is_pair ? "__muldf3" : "__mulsf3", product, 2, a);
    sel_runtime(s, is_pair ? "__adddf3" : "__addsf3", sel_result(s, call), 2,
                (struct m_opnd[]){product, a[2]});
}

static void power(struct sel *s, LLVMValueRef call, int detail)
{
    (void)detail;
    bool is_pair = width_of(s, call) == 64;
    struct m_opnd x = is_pair ? sel_pair(s, argument(call, 0)) : sel_operand(s, argument(call, 0));
    sel_runtime(s, is_pair ? "__powidf2" : "__powisf2", sel_result(s, call), 2,
                (struct m_opnd[]){x, sel_operand(s, argument(call, 1))});
}

/* llvm.NAME.f32 or .f64: the function of the C library, which programs bring themselves; those of
 * float have an f behind their name. */
static void math_function(struct sel *s, LLVMValueRef call, int detail)
{
    enum { MOST_ARGUMENTS = 3 };
    (void)detail;
    const char *base = sel_callee_name(call) + strlen("llvm.");
    size_t len = strcspn(base, "."), n = LLVMGetNumArgOperands(call);
    char *name = arena_alloc(&s->module->arena, len + 2);
    memcpy(name, base, len);
    strcpy(name + len, width_of(s, call) == 32 ? "f" : "");
    struct m_opnd args[MOST_ARGUMENTS];
    for (size_t i = 0; i < n && i < MOST_ARGUMENTS; i++) {
        LLVMValueRef x = argument(call, (unsigned)i);
        args[i] = sel_is_pair(s, x) ? sel_pair(s, x) : sel_operand(s, x);
    }
    sel_runtime(s, name, sel_result(s, call), n, args);
}

static void start_list(struct sel *s, LLVMValueRef call, int detail)
{
    (void)detail;
    struct sel_address list = sel_address(s, argument(call, 0));
    struct m_opnd top = {.kind = M_INCOMING, .imm = s->fixed_stack_bytes};
    sel_emit3(s, M_SW, list.base, list.off, sel_work(s, top));
}

static void copy_list(struct sel *s, LLVMValueRef call, int detail)
{
    (void)detail;
    struct sel_address to = sel_address(s, argument(call, 0));
    struct sel_address from = sel_address(s, argument(call, 1));
    struct m_opnd list = sel_new(s);
    sel_emit3(s, M_LW, list, from.base, from.off);
    sel_emit3(s, M_SW, to.base, to.off, list);
}

static void read_counter(struct sel *s, LLVMValueRef call, int detail)
{
    (void)detail;
    struct m_opnd d = sel_result(s, call);
    sel_emit1(s, M_TIME, m_half(d, M_LO))->volatile_ = true;
    sel_copy(s, m_half(d, M_HI), m_imm(0));
}

/* The caller's r23, from the top of the frame: the function gets one even as a leaf. */
static void return_address(struct sel *s, LLVMValueRef call, int detail)
{
    int64_t level;
    (void)detail;
    if (!sel_is_constant(argument(call, 0), &level) || level != 0) {
        sel_error(s, "the return addresses of callers are not kept: only level 0 is known");
        return;
    }
    s->fn->has_call = true;
    sel_emit3(s, M_LW, sel_result(s, call), m_phys(M_SP), (struct m_opnd){.kind = M_OUTGOING});
}

static void dynamic_stack(struct sel *s, LLVMValueRef call, int detail)
{
    (void)call, (void)detail;
    sel_error(s, "variable-length arrays and alloca of unknown size are not supported on a DPU");
}

/* effect: emitted even when nobody reads the result. Names match as prefixes, longest first. */
static const struct intrinsic {
    const char *name;
    intrinsic_fn *select;
    int detail;
    bool effect;
} intrinsics[] = {
    {"llvm.dbg.", nothing, 0, true},
    {"llvm.lifetime.", nothing, 0, true},
    {"llvm.assume", nothing, 0, true},
    {"llvm.experimental.noalias.scope.decl", nothing, 0, true},
    {"llvm.donothing", nothing, 0, true},
    {"llvm.prefetch", nothing, 0, true},
    {"llvm.va_end", nothing, 0, true},
    {"llvm.invariant.", nothing, 0, true},
    {"llvm.sideeffect", nothing, 0, true},
    {"llvm.var.annotation", nothing, 0, true},
    {"llvm.annotation.", same, 0, false},
    {"llvm.ptr.annotation.", same, 0, false},
    {"llvm.expect.", same, 0, false},
    {"llvm.launder.invariant.group", same, 0, false},
    {"llvm.strip.invariant.group", same, 0, false},
    {"llvm.ssa.copy", same, 0, false},
    {"llvm.arithmetic.fence", same, 0, false},
    {"llvm.objectsize.", object_size, 0, false},
    {"llvm.is.constant.", is_constant, 0, false},
    {"llvm.trap", trap, 4, true},
    {"llvm.debugtrap", trap, 0, true},
    {"llvm.ubsantrap", trap, 4, true},
    {"llvm.memcpy.", copy_memory, 0, true},
    {"llvm.memmove.", copy_memory, 1, true},
    {"llvm.memset.", set_memory, 0, true},
    {"llvm.umin.", min_max, ISA_COND_LTU, false},
    {"llvm.umax.", min_max, ISA_COND_GTU, false},
    {"llvm.smin.", min_max, ISA_COND_LTS, false},
    {"llvm.smax.", min_max, ISA_COND_GTS, false},
    {"llvm.abs.", absolute, 0, false},
    {"llvm.ctlz.", count_leading, 0, false},
    {"llvm.cttz.", count_trailing, 0, false},
    {"llvm.ctpop.", count_ones, 0, false},
    {"llvm.bswap.", swap_bytes, 0, false},
    {"llvm.bitreverse.", reverse_bits, 0, false},
    {"llvm.fshl.", rotate, 0, false},
    {"llvm.fshr.", rotate, 1, false},
    {"llvm.fabs.", absolute_float, 0, false},
    {"llvm.copysign.", copy_sign, 0, false},
    {"llvm.fmuladd.", multiply_add, 0, false},
    {"llvm.powi.", power, 0, false},
    {"llvm.sqrt.", math_function, 0, false},
    {"llvm.exp.", math_function, 0, false},
    {"llvm.exp2.", math_function, 0, false},
    {"llvm.exp10.", math_function, 0, false},
    {"llvm.log.", math_function, 0, false},
    {"llvm.log2.", math_function, 0, false},
    {"llvm.log10.", math_function, 0, false},
    {"llvm.sin.", math_function, 0, false},
    {"llvm.cos.", math_function, 0, false},
    {"llvm.tan.", math_function, 0, false},
    {"llvm.asin.", math_function, 0, false},
    {"llvm.acos.", math_function, 0, false},
    {"llvm.atan.", math_function, 0, false},
    {"llvm.atan2.", math_function, 0, false},
    {"llvm.sinh.", math_function, 0, false},
    {"llvm.cosh.", math_function, 0, false},
    {"llvm.tanh.", math_function, 0, false},
    {"llvm.pow.", math_function, 0, false},
    {"llvm.fma.", math_function, 0, false},
    {"llvm.floor.", math_function, 0, false},
    {"llvm.ceil.", math_function, 0, false},
    {"llvm.trunc.", math_function, 0, false},
    {"llvm.rint.", math_function, 0, false},
    {"llvm.nearbyint.", math_function, 0, false},
    {"llvm.round.", math_function, 0, false},
    {"llvm.roundeven.", math_function, 0, false},
    {"llvm.ldexp.", math_function, 0, false},
    {"llvm.va_start", start_list, 0, true},
    {"llvm.va_copy", copy_list, 0, true},
    {"llvm.returnaddress", return_address, 0, false},
    {"llvm.readcyclecounter", read_counter, 0, true},
    {"llvm.stacksave", dynamic_stack, 0, true},
    {"llvm.stackrestore", nothing, 0, true},
};

static const struct intrinsic *find(const char *name)
{
    for (size_t i = 0; i < sizeof intrinsics / sizeof *intrinsics; i++)
        if (strncmp(name, intrinsics[i].name, strlen(intrinsics[i].name)) == 0)
            return &intrinsics[i];
    return NULL;
}

bool sel_intrinsic_has_effect(const char *name)
{
    const struct intrinsic *row = find(name);
    return !row || row->effect;
}

bool sel_intrinsic(struct sel *s, LLVMValueRef call, const char *name)
{
    const struct intrinsic *row = find(name);
    if (row)
        row->select(s, call, row->detail);
    return row != NULL;
}
