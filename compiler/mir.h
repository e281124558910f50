/* SPDX-License-Identifier: MIT */
/* Machine representation of one function: blocks of instructions over virtual registers, later over
 * r0..r23. A value of at most 32 bits lives in a register (class W), a longer one in a pair (class
 * P) of a high half in the even register and a low half in the odd one. Halves of pairs are
 * operands like registers, so taking one costs nothing. */
#ifndef COMPILER_MIR_H
#define COMPILER_MIR_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "isa.h"

enum m_op {
#define MOP(id, ...) M_##id,
#include "mop.def"
#undef MOP
    M_OP_COUNT
};

enum m_flags { M_FLAGS_N, M_FLAGS_Z, M_FLAGS_C };

struct m_op_info {
    const char *mnemonic, *operands;
    enum m_flags flags;
    int jump_class; /* enum isa_cond_class of the forms with a target; -1: none */
};
extern const struct m_op_info m_ops[M_OP_COUNT];

enum m_kind {
    M_NONE,
    M_REG,   /* virtual register or a half of it */
    M_PHYS,  /* r0..r23; lane M_PAIR: the pair that begins there */
    M_CONST, /* constant register zero .. id8 (numbers 24..31) */
    M_IMM,
    M_SYM,      /* symbol + imm */
    M_SLOT,     /* r22-relative place: frame slot number + imm */
    M_INCOMING, /* place of stack arguments: imm bytes below the caller's top */
    M_OUTGOING  /* place of outgoing stack arguments: imm bytes below ours */
};

enum m_lane { M_WORD, M_LO, M_HI, M_PAIR };

struct m_opnd {
    uint8_t kind, lane;
    bool reads, writes, early; /* early: written before the operands are read */
    uint32_t reg;              /* virtual, physical or constant register; slot */
    int64_t imm;
    const char *sym;
};

enum { M_ZERO = 24, M_ONE, M_LNEG, M_MNEG, M_ID, M_ID2, M_ID4, M_ID8 };
enum { M_SP = 22, M_RA = 23, M_ALLOCATABLE = 22, M_FIRST_SAVED = 14 };
#define M_CALLER_SAVED 0x3fffu /* r0..r13 */

struct m_block;
struct m_asm;

struct m_insn {
    struct m_insn *prev, *next;
    struct m_block *block;
    uint16_t op;
    uint8_t n_ops;
    uint8_t cond;   /* enum isa_cond + 1; 0: none */
    bool glued;     /* nothing that writes a flag may come between it and the one before */
    bool volatile_; /* may not be removed */
    bool sets;      /* the condition is the result: no target */
    struct m_opnd *ops;
    struct m_block *target;  /* of jumps between blocks */
    struct m_insn *label;    /* of jumps inside a block */
    uint32_t uses, clobbers; /* physical registers besides the operands */
    uint32_t line, file;
    const struct m_asm *body; /* of M_ASM */
    struct m_block **table;   /* of M_JUMP_REG */
    uint32_t n_table, at;     /* at: for passes that number instructions */
};

struct m_block {
    struct m_insn *first, *last;
    struct m_block **succs, **preds;
    size_t n_succs, n_preds, succs_capacity, preds_capacity;
    uint32_t number, rank, depth; /* rank: in reverse postorder; depth: of loops */
    double weight;                /* how often it runs, relative */
    bool cold, placed, address_taken, is_split;
    uint64_t *live_in, *live_out; /* two bits per virtual register */
    uint32_t phys_in, phys_out;
    void *ir;             /* the basic block of the IR, or NULL */
    struct m_block *next; /* in layout */
};

struct m_vreg {
    bool is_pair;
    bool is_reload; /* made by spilling: a spill of it would not end */
    int assigned;   /* r0..r23 or -1 */
};

struct m_slot {
    uint32_t size_bytes, align_bytes;
    int32_t offset_bytes; /* after frame layout, from the frame's bottom */
};

struct m_function {
    struct arena arena;
    const char *name;
    struct m_block **blocks;
    size_t n_blocks, blocks_capacity;
    struct m_vreg *vregs;
    size_t n_vregs, vregs_capacity;
    struct m_slot *slots;
    size_t n_slots, slots_capacity;
    uint32_t outgoing_bytes; /* arguments on the stack of the calls it makes */
    uint32_t frame_bytes;    /* the whole frame */
    uint32_t saved_mask;     /* callee-saved pairs in use, by their even register */
    uint32_t saved_by_asm;   /* registers that inline assembly clobbers */
    bool has_call, is_naked, best;
    const char *file; /* for messages */
    uint32_t line;
};

struct m_function *m_function_create(const char *name);
void m_function_destroy(struct m_function *fn);
struct m_block *m_block_add(struct m_function *fn);
void m_edge_add(struct m_block *from, struct m_block *to);
void m_edges_compute(struct m_function *fn); /* from the jumps */
uint32_t m_vreg_add(struct m_function *fn, bool is_pair);
uint32_t m_slot_add(struct m_function *fn, uint32_t size_bytes, uint32_t align_bytes);

/* An instruction that is in no block yet; operands get their roles from the table. */
struct m_insn *m_insn_make(struct m_function *fn, enum m_op op, size_t n_ops,
                           const struct m_opnd *ops);
void m_insert_before(struct m_block *block, struct m_insn *at, struct m_insn *insn); /* NULL: end */
void m_remove(struct m_insn *insn);
bool m_is_terminator(const struct m_insn *insn);
bool m_is_jump(const struct m_insn *insn);
/* Opposite of a condition, or -1. */
int m_invert(int cond);
int m_swap_operands(int cond); /* a cond b == b swapped a */

static inline struct m_opnd m_reg(uint32_t vreg, bool is_pair)
{
    return (struct m_opnd){.kind = M_REG, .lane = is_pair ? M_PAIR : M_WORD, .reg = vreg};
}
static inline struct m_opnd m_half(struct m_opnd pair, enum m_lane lane)
{
    pair.lane = (uint8_t)lane;
    if (pair.kind == M_PHYS) {
        pair.reg += lane == M_LO;
        pair.lane = M_WORD;
    }
    return pair;
}
static inline struct m_opnd m_phys(uint32_t number)
{
    return (struct m_opnd){.kind = M_PHYS, .lane = M_WORD, .reg = number};
}
static inline struct m_opnd m_phys_pair(uint32_t number)
{
    return (struct m_opnd){.kind = M_PHYS, .lane = M_PAIR, .reg = number};
}
static inline struct m_opnd m_imm(int64_t value)
{
    return (struct m_opnd){.kind = M_IMM, .imm = value};
}
static inline struct m_opnd m_const(uint32_t number)
{
    return (struct m_opnd){.kind = M_CONST, .reg = number};
}
static inline struct m_opnd m_slot(uint32_t slot, int64_t offset)
{
    return (struct m_opnd){.kind = M_SLOT, .reg = slot, .imm = offset};
}
static inline bool m_is_register(struct m_opnd opnd)
{
    return opnd.kind == M_REG || opnd.kind == M_PHYS;
}

/* loops.c: depth and weight of every block. */
void m_loops(struct m_function *fn);

/* liveness.c: live_in and live_out of every block; a value has bit 2 * vreg + 1 for its high half.
 */
void m_liveness(struct m_function *fn);
void m_live_before(const struct m_insn *insn, uint64_t *live, uint32_t *phys);
unsigned m_lanes(struct m_opnd opnd); /* 1: word or low half, 2: high half, 3: both */

/* regalloc.c: false after too many rounds of spilling. */
bool m_allocate(struct m_function *fn);
/* spill.c: values of the set to the stack, or computed again where they are read. */
void m_spill(struct m_function *fn, const bool *spilled);
const struct m_insn *m_remat_source(const struct m_function *fn, uint32_t vreg);

/* tidy.c, frame.c, layout.c */
void m_tidy(struct m_function *fn); /* copies to moves, dead code; after allocation */
void m_frame(struct m_function *fn);
void m_layout(struct m_function *fn); /* order of blocks, jumps, fused jumps */

#endif
