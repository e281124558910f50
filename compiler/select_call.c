/* SPDX-License-Identifier: MIT */
/* Calls, arguments and results as the ABI wants them: r0..r7 or d0..d6 from left to right, a
 * register skipped by the alignment of a pair is used later; the rest, and every variable argument,
 * on the stack at falling addresses below the caller's top. */
#include <string.h>

#include "module.h"
#include "select.h"

enum { N_ARGUMENT_REGISTERS = 8, TOP_BYTES = 8 };

/* Where arguments go, one after the other. */
struct argument_places {
    bool taken[N_ARGUMENT_REGISTERS];
    uint32_t stack_bytes;
};

/* Register number, or -1 with *below: bytes from the caller's top down to the argument. */
static int next_place(struct argument_places *places, bool is_pair, bool variable, uint32_t *below)
{
    unsigned step = is_pair ? 2 : 1;
    for (unsigned r = 0; r < N_ARGUMENT_REGISTERS && !variable; r += step)
        if (!places->taken[r] && (!is_pair || !places->taken[r + 1])) {
            places->taken[r] = true;
            if (is_pair)
                places->taken[r + 1] = true;
            return (int)r;
        }
    uint32_t size = is_pair ? 8 : 4;
    places->stack_bytes = (places->stack_bytes + size - 1) / size * size + size;
    *below = places->stack_bytes;
    return -1;
}

static struct m_opnd physical(int number, bool is_pair)
{
    return is_pair ? m_phys_pair((uint32_t)number) : m_phys((uint32_t)number);
}

static uint32_t mask_of(int number, bool is_pair)
{
    return (is_pair ? 3u : 1u) << number;
}

/* ---- entry of a function -------------------------------------------------------------------- */

void sel_arguments(struct sel *s)
{
    struct argument_places places = {0};
    unsigned n = LLVMCountParams(s->function);
    uint32_t live = 0;
    for (unsigned i = 0; i < n; i++) {
        LLVMValueRef argument = LLVMGetParam(s->function, i);
        bool is_pair = sel_is_pair(s, argument);
        uint32_t below = 0;
        if (!sel_width(s, LLVMTypeOf(argument)))
            sel_error(s, "argument %u has a type that cannot be passed", i + 1);
        int number = next_place(&places, is_pair, false, &below);
        bool wanted = sel_value_of(s, argument)->needed;
        if (number >= 0)
            live |= wanted ? mask_of(number, is_pair) : 0;
        if (!wanted)
            continue;
        struct m_opnd d = sel_result(s, argument);
        struct m_opnd from = {.kind = M_INCOMING, .imm = below};
        if (number >= 0)
            sel_emit2(s, M_COPY, d, physical(number, is_pair));
        else
            sel_emit3(s, is_pair ? M_LD : M_LW, d, m_phys(M_SP), from);
    }
    s->fixed_stack_bytes = places.stack_bytes;
    s->fn->blocks[0]->phys_in = live;
}

void sel_return(struct sel *s, LLVMValueRef value)
{
    struct m_insn *exit, *ret;
    uint32_t uses = 0;
    if (LLVMGetNumOperands(value)) {
        LLVMValueRef x = LLVMGetOperand(value, 0);
        bool is_pair = sel_is_pair(s, x);
        if (!sel_width(s, LLVMTypeOf(x))) {
            sel_error(s, "a result of this type cannot be returned in registers");
            return;
        }
        uses = mask_of(0, is_pair);
        if (is_pair)
            sel_move(s, m_phys_pair(0), x);
        else
            sel_copy(s, m_phys(0),
                     sel_extended(s, x, module_argument_extension(s->function, NULL)));
    }
    exit = sel_emit(s, M_EXIT, 0, NULL);
    ret = sel_emit(s, M_RET, 0, NULL);
    exit->uses = ret->uses = uses;
}

/* ---- calls ---------------------------------------------------------------------------------- */

struct call_argument {
    struct m_opnd opnd;
    bool is_pair, variable;
};

/* Moves arguments to their places and calls; `target` is a symbol or a register. */
static void emit_call(struct sel *s, struct m_opnd target, struct m_opnd result,
                      uint32_t result_register, size_t n, const struct call_argument *args)
{
    struct argument_places places = {0};
    uint32_t uses = 0;
    int numbers[64];
    if (n > 64) {
        sel_error(s, "a call with more than 64 arguments");
        return;
    }
    if (target.kind != M_SYM)
        target = sel_work(s, target);
    for (size_t i = 0; i < n; i++) {
        uint32_t below = 0;
        numbers[i] = next_place(&places, args[i].is_pair, args[i].variable, &below);
        if (numbers[i] >= 0)
            continue;
        struct m_opnd to = {.kind = M_OUTGOING, .imm = below};
        sel_emit3(s, args[i].is_pair ? M_SD : M_SW, m_phys(M_SP), to, sel_work(s, args[i].opnd));
    }
    for (unsigned pass = 0; pass < 2; pass++) /* registers first, then what needs none */
        for (size_t i = 0; i < n; i++) {
            bool needs_none = !m_is_register(args[i].opnd);
            if (numbers[i] < 0 || needs_none != (pass == 1))
                continue;
            struct m_opnd to = physical(numbers[i], args[i].is_pair);
            if (args[i].is_pair)
                sel_emit2(s, M_COPY, to, args[i].opnd);
            else
                sel_copy(s, to, args[i].opnd);
            uses |= mask_of(numbers[i], args[i].is_pair);
        }
    struct m_insn *call = sel_emit1(s, M_CALL, target);
    call->uses = uses;
    call->clobbers = M_CALLER_SAVED | 1u << M_RA;
    s->fn->has_call = true;
    if (places.stack_bytes > s->fn->outgoing_bytes)
        s->fn->outgoing_bytes = (places.stack_bytes + 7) & ~7u;
    if (result.kind == M_NONE)
        return;
    bool is_pair = result.lane == M_PAIR;
    sel_emit2(s, M_COPY, result, is_pair ? m_phys_pair(result_register) : m_phys(result_register));
}

void sel_runtime_at(struct sel *s, const char *name, struct m_opnd result, uint32_t result_register,
                    size_t n_args, const struct m_opnd *args)
{
    struct call_argument list[4];
    for (size_t i = 0; i < n_args; i++)
        list[i] = (struct call_argument){args[i], args[i].lane == M_PAIR, false};
    struct m_opnd target = {.kind = M_SYM, .sym = name};
    emit_call(s, target, result, result_register, n_args, list);
}

void sel_runtime(struct sel *s, const char *name, struct m_opnd result, size_t n_args,
                 const struct m_opnd *args)
{
    sel_runtime_at(s, name, result, 0, n_args, args);
}

/* A structure by value: the callee gets the address of a copy. */
static struct m_opnd copy_structure(struct sel *s, LLVMValueRef call, unsigned i, LLVMTypeRef type)
{
    uint64_t size = LLVMABISizeOfType(s->layout, type);
    unsigned align = LLVMABIAlignmentOfType(s->layout, type);
    if (size == 0)
        return m_imm(0);
    uint32_t slot = m_slot_add(s->fn, (uint32_t)size, align);
    sel_copy_to_slot(s, slot, LLVMGetOperand(call, i), size, align > 8 ? 8 : align);
    return m_slot(slot, 0);
}

static struct call_argument argument_of(struct sel *s, LLVMValueRef call, unsigned i)
{
    LLVMValueRef x = LLVMGetOperand(call, i);
    struct call_argument out = {.is_pair = sel_is_pair(s, x)};
    LLVMTypeRef type = module_type_attribute(call, i + 1, "byval");
    if (type)
        out.opnd = copy_structure(s, call, i, type);
    else if (!sel_width(s, LLVMTypeOf(x)))
        sel_error(s, "argument %u of the call has a type that cannot be passed", i + 1);
    else if (out.is_pair)
        out.opnd = sel_pair(s, x);
    else
        out.opnd = sel_extended(s, x, module_call_extension(call, i + 1));
    return out;
}

static bool returns_aggregate(LLVMValueRef call)
{
    LLVMTypeKind kind = LLVMGetTypeKind(LLVMTypeOf(call));
    return kind == LLVMStructTypeKind || kind == LLVMArrayTypeKind || kind == LLVMVectorTypeKind;
}

static void plain_call(struct sel *s, LLVMValueRef call)
{
    struct call_argument args[65];
    LLVMTypeRef type = LLVMGetCalledFunctionType(call);
    unsigned n = LLVMGetNumArgOperands(call), n_named = LLVMCountParamTypes(type);
    LLVMValueRef callee = LLVMGetCalledValue(call);
    if (n > 64 || returns_aggregate(call)) {
        sel_error(s, n > 64 ? "a call with more than 64 arguments"
                            : "a call whose result does not fit registers");
        return;
    }
    for (unsigned i = 0; i < n; i++) {
        args[i] = argument_of(s, call, i);
        args[i].variable = LLVMIsFunctionVarArg(type) && i >= n_named;
    }
    struct m_opnd target = sel_operand(s, callee), result = {0};
    if (sel_value_of(s, call)->needed)
        result = sel_result(s, call);
    if (target.kind == M_IMM)
        target = sel_work(s, target);
    emit_call(s, target, result, 0, n, args);
    if (module_has_attribute(call, "noreturn"))
        s->buffer.last->volatile_ = true;
}

/* DMA with a length that is known or not; 8 to 2048 bytes in steps of 8. */
static void dma(struct sel *s, LLVMValueRef call, bool to_mram)
{
    LLVMValueRef size = LLVMGetOperand(call, 2);
    struct m_opnd wram = sel_work(s, sel_operand(s, LLVMGetOperand(call, 0)));
    struct m_opnd mram = sel_work(s, sel_operand(s, LLVMGetOperand(call, 1)));
    enum m_op op = to_mram ? M_SDMA : M_LDMA;
    int64_t bytes;
    if (sel_is_constant(size, &bytes)) {
        if (bytes < 8 || bytes > 2048 || bytes % 8)
            sel_error(s,
                      "a transfer of %lld bytes between MRAM and WRAM: 8 to 2048 bytes in "
                      "multiples of 8 are possible",
                      (long long)bytes);
        sel_emit3(s, op, wram, mram, m_imm(bytes / 8 - 1));
        return;
    }
    struct m_opnd units = sel_new(s), less = sel_new(s), tagged = sel_new(s);
    sel_alu(s, M_LSR, units, sel_operand(s, size), m_imm(3));
    sel_alu(s, M_ADD, less, units, m_imm(-1));
    sel_emit4(s, M_LSL_ADD, tagged, wram, less, m_imm(24));
    sel_emit3(s, op, tagged, mram, m_imm(0));
}

void sel_call(struct sel *s, LLVMValueRef call)
{
    const char *name = sel_callee_name(call);
    if (LLVMIsAInlineAsm(LLVMGetCalledValue(call)))
        sel_inline_asm(s, call);
    else if (strcmp(name, "__dpu_ldma") == 0 || strcmp(name, "__dpu_sdma") == 0)
        dma(s, call, strcmp(name, "__dpu_sdma") == 0);
    else if (sel_is_tid(call)) {
        if (sel_value_of(s, call)->has_part[0])
            sel_emit2(s, M_MOVE_ID, sel_result(s, call), m_const(M_ID));
    } else if (strncmp(name, "llvm.", 5) == 0) {
        if (!sel_intrinsic(s, call, name))
            sel_error(s, "the compiler's built-in %s is not supported", name);
    } else
        plain_call(s, call);
}

/* The list is a pointer that moves down: to the last byte above the argument. */
void sel_va_arg(struct sel *s, LLVMValueRef value)
{
    struct sel_address list = sel_address(s, LLVMGetOperand(value, 0));
    bool is_pair = sel_is_pair(s, value);
    struct m_opnd old = sel_new(s), now = sel_new(s), d = sel_result(s, value);
    if (!sel_width(s, LLVMTypeOf(value))) {
        sel_error(s, "va_arg of this type is not supported");
        return;
    }
    sel_emit3(s, M_LW, old, list.base, list.off);
    if (is_pair) {
        struct m_opnd lower = sel_new(s);
        sel_alu(s, M_ADD, lower, old, m_imm(-8));
        sel_alu(s, M_AND, now, lower, m_imm(-8));
    } else
        sel_alu(s, M_ADD, now, old, m_imm(-4));
    sel_emit3(s, M_SW, list.base, list.off, now);
    sel_emit3(s, is_pair ? M_LD : M_LW, d, now, m_imm(0));
}
