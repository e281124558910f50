/* SPDX-License-Identifier: MIT */
/* Instruction selection: LLVM IR of one function to machine instructions over virtual registers.
 *
 * Blocks are visited so that users come before definitions, instructions from the last to the
 * first. A user that can absorb a definition (an offset, a shift, an extension, a comparison) reads
 * the operands of that definition instead; what nobody has asked for when its turn comes is not
 * emitted. Each IR instruction is selected forwards into a buffer, which is then put in front of
 * what the block already holds. */
#ifndef COMPILER_SELECT_H
#define COMPILER_SELECT_H

#include <llvm-c/Core.h>
#include <llvm-c/Target.h>

#include "mir.h"

struct cg_module;

enum { SEL_PARTS = 10 };
enum sel_extension { SEL_ANY, SEL_ZERO, SEL_SIGN };

/* What selection knows about an IR value. */
struct sel_value {
    LLVMValueRef value;
    struct m_opnd part[SEL_PARTS]; /* elements of results that are structures */
    bool has_part[SEL_PARTS];
    bool needed;          /* somebody reads it or a part of it */
    bool done;            /* emitted already, together with another */
    uint8_t extension;    /* of loads: enum sel_extension + 1; 0: not decided yet */
    uint8_t split;        /* of addresses: 1 the register lacks the constant part, 2 it is whole */
    LLVMValueRef widened; /* of loads: the extension that is done by the load */
    struct sel_value *next;
};

struct sel_block {
    LLVMBasicBlockRef ir;
    struct m_block *block;
};

struct sel {
    struct cg_module *module;
    LLVMTargetDataRef layout;
    LLVMValueRef function;
    struct m_function *fn;
    struct m_block buffer; /* of the IR instruction that is being selected */
    struct sel_value **values;
    size_t values_mask;
    struct sel_block *blocks; /* reverse postorder */
    size_t n_blocks;
    LLVMValueRef at; /* the instruction that is being selected */
    uint32_t line, file;
    uint32_t fixed_stack_bytes; /* of named arguments that came on the stack */
    bool match, optimise;
    uint32_t alloca_bytes;
};

/* Two 32-bit operands that make a 64-bit value. */
struct sel_halves {
    struct m_opnd lo, hi;
};

/* base + off of a memory access. */
struct sel_address {
    struct m_opnd base, off;
};

/* Where a test goes; both NULL: to the next instruction. */
struct sel_goal {
    struct m_block *block;
    struct m_insn *label;
};

/* ---- select.c ---- */
struct m_function *sel_function(struct cg_module *module, LLVMValueRef function);
void sel_error(struct sel *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sel_warning(struct sel *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct m_block *sel_block_of(struct sel *s, LLVMBasicBlockRef ir);

/* ---- select_emit.c: machine instructions into the buffer ---- */
struct m_insn *sel_emit(struct sel *s, enum m_op op, size_t n_ops, const struct m_opnd *ops);
struct m_insn *sel_emit1(struct sel *s, enum m_op op, struct m_opnd a);
struct m_insn *sel_emit2(struct sel *s, enum m_op op, struct m_opnd a, struct m_opnd b);
struct m_insn *sel_emit3(struct sel *s, enum m_op op, struct m_opnd a, struct m_opnd b,
                         struct m_opnd c);
struct m_insn *sel_emit4(struct sel *s, enum m_op op, struct m_opnd a, struct m_opnd b,
                         struct m_opnd c, struct m_opnd d);
struct m_opnd sel_new(struct sel *s);      /* a fresh register */
struct m_opnd sel_new_pair(struct sel *s); /* a fresh pair */
/* A work register / a register of any kind / an immediate of so many bits or a register. */
struct m_opnd sel_work(struct sel *s, struct m_opnd opnd);
struct m_opnd sel_source(struct sel *s, struct m_opnd opnd);
struct m_opnd sel_immediate(struct sel *s, struct m_opnd opnd, unsigned bits);
void sel_copy(struct sel *s, struct m_opnd to, struct m_opnd from); /* 32 bits, any operand */
/* d = a op b for two-operand operations of the table; any operands. */
struct m_insn *sel_alu(struct sel *s, enum m_op op, struct m_opnd d, struct m_opnd a,
                       struct m_opnd b);
struct m_insn *sel_label(struct sel *s); /* made, not yet placed */
void sel_place(struct sel *s, struct m_insn *label);
/* A jump inside the block: condition on an instruction that was just emitted. */
void sel_jump_if(struct m_insn *insn, enum isa_cond cond, struct sel_goal goal);
/* The instruction may be skipped, so its result keeps what it held before. */
void sel_conditional(struct m_insn *insn);

/* ---- select_value.c: operands of IR values ---- */
unsigned sel_width(struct sel *s, LLVMTypeRef type); /* in bits; 0: not a scalar */
bool sel_is_pair(struct sel *s, LLVMValueRef value);
struct sel_value *sel_value_of(struct sel *s, LLVMValueRef value);
struct m_opnd sel_result(struct sel *s, LLVMValueRef value); /* its own register or pair */
struct m_opnd sel_part(struct sel *s, LLVMValueRef value, unsigned part, bool is_pair);
struct m_opnd sel_operand(struct sel *s, LLVMValueRef value); /* 32 bits, upper bits undefined */
struct m_opnd sel_zero_extended(struct sel *s, LLVMValueRef value);
struct m_opnd sel_sign_extended(struct sel *s, LLVMValueRef value);
struct m_opnd sel_extended(struct sel *s, LLVMValueRef value, enum sel_extension extension);
struct sel_halves sel_halves(struct sel *s, LLVMValueRef value);
struct sel_halves sel_halves_extended(struct sel *s, LLVMValueRef value, bool is_signed);
struct m_opnd sel_pair(struct sel *s, LLVMValueRef value);          /* a register pair */
void sel_move(struct sel *s, struct m_opnd to, LLVMValueRef value); /* of any width */
bool sel_one_use(LLVMValueRef value);
bool sel_is_op(LLVMValueRef value, LLVMOpcode opcode);
bool sel_is_constant(LLVMValueRef value, int64_t *number); /* integers of at most 64 bits */
/* Symbol or number of a constant of at most 32 bits; false after an error message. */
bool sel_constant(struct sel *s, LLVMValueRef value, struct m_opnd *out);
bool sel_is_tid(LLVMValueRef value);
const char *sel_callee_name(LLVMValueRef call); /* "" for calls through pointers */
bool sel_is_emitted(struct sel *s, LLVMValueRef instruction);

/* ---- known_bits.c ---- */
uint64_t known_zero(LLVMValueRef value,
                    unsigned depth); /* bits known to be 0 in the type's width */
bool known_unsigned(LLVMValueRef value, unsigned bits);
bool known_signed(LLVMValueRef value, unsigned bits);

/* ---- select_arith.c ---- */
void sel_binary(struct sel *s, LLVMValueRef value);
void sel_convert(struct sel *s, LLVMValueRef value);
/* acc + x * factor into d by shifts and adds; NULL kind acc: nothing to add. */
void sel_multiply_add(struct sel *s, struct m_opnd d, struct m_opnd acc, struct m_opnd x,
                      int64_t factor);
unsigned sel_multiply_cost(int64_t factor, bool has_addend);
void sel_shift64(struct sel *s, LLVMOpcode opcode, struct m_opnd d, struct sel_halves a,
                 unsigned count);

/* ---- select_branch.c ---- */
void sel_icmp(struct sel *s, LLVMValueRef value);
void sel_fcmp(struct sel *s, LLVMValueRef value);
void sel_select(struct sel *s, LLVMValueRef value);
void sel_minmax(struct sel *s, LLVMValueRef call, enum isa_cond keep_first);
void sel_branch(struct sel *s, LLVMValueRef value);
void sel_switch(struct sel *s, LLVMValueRef value);
void sel_indirect_branch(struct sel *s, LLVMValueRef value);
void sel_test(struct sel *s, LLVMValueRef condition, bool sense, struct sel_goal yes,
              struct sel_goal no);
void sel_jump(struct sel *s, struct m_block *target);
struct m_insn *sel_compare_jump(struct sel *s, struct m_opnd a, struct m_opnd b, enum isa_cond cond,
                                struct sel_goal goal);

/* ---- select_memory.c ---- */
struct sel_address sel_address(struct sel *s, LLVMValueRef pointer);
bool sel_address_split(struct sel *s, LLVMValueRef pointer);
void sel_gep(struct sel *s, LLVMValueRef value);
void sel_change_space(struct sel *s, LLVMValueRef cast);
void sel_load(struct sel *s, LLVMValueRef value);
void sel_store(struct sel *s, LLVMValueRef value);
void sel_memory_copy(struct sel *s, LLVMValueRef call, bool overlapping);
void sel_memory_set(struct sel *s, LLVMValueRef call);
/* Copy a structure into a frame slot. */
void sel_copy_to_slot(struct sel *s, uint32_t slot, LLVMValueRef from, uint64_t size_bytes,
                      unsigned align_bytes);
bool sel_is_mram(LLVMValueRef pointer);
/* An extension to 64 bits that a load does itself. */
bool sel_is_widening(struct sel *s, LLVMValueRef value);

/* ---- select_call.c ---- */
void sel_arguments(struct sel *s); /* of the function, into its first block */
void sel_call(struct sel *s, LLVMValueRef call);
void sel_return(struct sel *s, LLVMValueRef value);
void sel_va_arg(struct sel *s, LLVMValueRef value);
/* A call of a run-time routine. Results and arguments: registers or pairs as operands; pairs are
 * marked by lane M_PAIR. result kind M_NONE: nothing wanted. */
void sel_runtime(struct sel *s, const char *name, struct m_opnd result, size_t n_args,
                 const struct m_opnd *args);
void sel_runtime_at(struct sel *s, const char *name, struct m_opnd result, uint32_t result_register,
                    size_t n_args, const struct m_opnd *args);

/* ---- select_intrinsic.c, select_atomic.c, inline_asm.c ---- */
bool sel_intrinsic(struct sel *s, LLVMValueRef call, const char *name);
bool sel_intrinsic_has_effect(const char *name);
void sel_atomic(struct sel *s, LLVMValueRef value);
void sel_inline_asm(struct sel *s, LLVMValueRef call);

#endif
