/* SPDX-License-Identifier: MIT */
/* What can be said about the bits of an IR value without running the program. */
#include <string.h>

#include "select.h"

enum { MAX_DEPTH = 6 };

static unsigned int_bits(LLVMValueRef value)
{
    LLVMTypeRef type = LLVMTypeOf(value);
    return LLVMGetTypeKind(type) == LLVMIntegerTypeKind ? LLVMGetIntTypeWidth(type) : 32;
}

static uint64_t mask_of(unsigned bits)
{
    return bits >= 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1;
}

/* Zero bits of a call whose result has a known range. */
static uint64_t zero_of_call(LLVMValueRef value)
{
    const char *name = sel_callee_name(value);
    if (sel_is_tid(value))
        return ~(uint64_t)31;
    if (strncmp(name, "llvm.ct", 7) == 0) /* ctlz, cttz, ctpop */
        return ~(uint64_t)127;
    return 0;
}

static uint64_t zero_of(LLVMValueRef value, unsigned depth)
{
    int64_t number;
    if (sel_is_constant(value, &number))
        return ~(uint64_t)number;
    if (!LLVMIsAInstruction(value) || depth >= MAX_DEPTH)
        return 0;
    LLVMValueRef a = LLVMGetNumOperands(value) > 0 ? LLVMGetOperand(value, 0) : NULL;
    LLVMValueRef b = LLVMGetNumOperands(value) > 1 ? LLVMGetOperand(value, 1) : NULL;
    depth++;
    switch (LLVMGetInstructionOpcode(value)) {
    case LLVMAnd:
        return known_zero(a, depth) | known_zero(b, depth);
    case LLVMOr:
    case LLVMXor:
        return known_zero(a, depth) & known_zero(b, depth);
    case LLVMShl:
        if (!sel_is_constant(b, &number) || number < 0 || number >= int_bits(value))
            return 0;
        return known_zero(a, depth) << number | mask_of((unsigned)number);
    case LLVMLShr:
        if (!sel_is_constant(b, &number) || number < 0 || number >= int_bits(value))
            return 0;
        return (known_zero(a, depth) & mask_of(int_bits(value))) >> number |
               ~mask_of(int_bits(value) - (unsigned)number);
    case LLVMZExt:
        return known_zero(a, depth) | ~mask_of(int_bits(a));
    case LLVMTrunc:
    case LLVMFreeze:
        return known_zero(a, depth);
    case LLVMSelect:
        return known_zero(b, depth) & known_zero(LLVMGetOperand(value, 2), depth);
    case LLVMURem: {
        if (!sel_is_constant(b, &number) || number <= 0)
            return 0;
        unsigned bits = 64 - (unsigned)__builtin_clzll((unsigned long long)number);
        return ~mask_of(bits);
    }
    case LLVMCall:
        return zero_of_call(value);
    case LLVMICmp:
        return ~(uint64_t)1;
    default:
        return 0;
    }
}

uint64_t known_zero(LLVMValueRef value, unsigned depth)
{
    return zero_of(value, depth) & mask_of(int_bits(value));
}

bool known_unsigned(LLVMValueRef value, unsigned bits)
{
    uint64_t wanted = mask_of(int_bits(value)) & ~mask_of(bits);
    return (known_zero(value, 0) & wanted) == wanted;
}

bool known_signed(LLVMValueRef value, unsigned bits)
{
    int64_t number;
    if (sel_is_constant(value, &number))
        return number >= -((int64_t)1 << (bits - 1)) && number < (int64_t)1 << (bits - 1);
    if (known_unsigned(value, bits - 1))
        return true;
    if (sel_is_op(value, LLVMSExt))
        return int_bits(LLVMGetOperand(value, 0)) <= bits;
    if (sel_is_op(value, LLVMAShr) && sel_is_constant(LLVMGetOperand(value, 1), &number))
        return (int64_t)int_bits(value) - number <= (int64_t)bits;
    return int_bits(value) <= bits;
}
