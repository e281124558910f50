/* SPDX-License-Identifier: MIT */
/* How operands reach an operation and its result reaches the registers: one inline function per
 * family, `run_<OPERATION>` for each row of op.def. Called with constant operation, widening, shape
 * and, where it is known, condition, they shrink to a few machine instructions; exec.c makes one
 * function per instruction form from them, engine.c the fast variants. A form whose operation has
 * no run_ function does not build. */
#ifndef SIM_FORMS_H
#define SIM_FORMS_H

#include <string.h>

#include "ops_cond.h"

enum sim_step {
    SIM_NEXT, /* go on behind the instruction */
    SIM_JUMP, /* go on at the instruction's own target */
    SIM_GOTO, /* go on at k->target */
    SIM_OUT,  /* as SIM_NEXT, but d->event tells of something to look at first */
    SIM_RARE  /* nothing done yet: call the complete function (fast variants only) */
};

/* Shapes: sources, then whether there is a destination, then what becomes of the condition. */
enum sources { SRC_R, SRC_RR, SRC_RI, SRC_IR, SRC_SHIFT_ADD };
enum use { USE_PLAIN, USE_SET, USE_JUMP };
enum { UNREAD }; /* no operation of the shape asks */

#define SHAPES(X)                                                                                  \
    X(rri, SRC_RI, 1, USE_PLAIN)                                                                   \
    X(rric, SRC_RI, 1, USE_SET)                                                                    \
    X(rrici, SRC_RI, 1, USE_JUMP)                                                                  \
    X(rrif, SRC_RI, 1, USE_PLAIN)                                                                  \
    X(rki, SRC_RI, 1, USE_PLAIN)                                                                   \
    X(zri, SRC_RI, 0, USE_PLAIN)                                                                   \
    X(zric, SRC_RI, 0, USE_SET)                                                                    \
    X(zrici, SRC_RI, 0, USE_JUMP)                                                                  \
    X(zrif, SRC_RI, 0, USE_PLAIN)                                                                  \
    X(rir, SRC_IR, 1, USE_PLAIN)                                                                   \
    X(rirc, SRC_IR, 1, USE_SET)                                                                    \
    X(rirci, SRC_IR, 1, USE_JUMP)                                                                  \
    X(rirf, SRC_IR, 1, USE_PLAIN)                                                                  \
    X(zir, SRC_IR, 0, USE_PLAIN)                                                                   \
    X(zirc, SRC_IR, 0, USE_SET)                                                                    \
    X(zirci, SRC_IR, 0, USE_JUMP)                                                                  \
    X(zirf, SRC_IR, 0, USE_PLAIN)                                                                  \
    X(rrr, SRC_RR, 1, USE_PLAIN)                                                                   \
    X(rrrc, SRC_RR, 1, USE_SET)                                                                    \
    X(rrrci, SRC_RR, 1, USE_JUMP)                                                                  \
    X(zrr, SRC_RR, 0, USE_PLAIN)                                                                   \
    X(zrrc, SRC_RR, 0, USE_SET)                                                                    \
    X(zrrci, SRC_RR, 0, USE_JUMP)                                                                  \
    X(rr, SRC_R, 1, USE_PLAIN)                                                                     \
    X(rrc, SRC_R, 1, USE_SET)                                                                      \
    X(rrci, SRC_R, 1, USE_JUMP)                                                                    \
    X(zr, SRC_R, 0, USE_PLAIN)                                                                     \
    X(zrc, SRC_R, 0, USE_SET)                                                                      \
    X(zrci, SRC_R, 0, USE_JUMP)                                                                    \
    X(rrri, SRC_SHIFT_ADD, 1, USE_PLAIN)                                                           \
    X(rrrici, SRC_SHIFT_ADD, 1, USE_JUMP)                                                          \
    X(zrri, SRC_SHIFT_ADD, 0, USE_PLAIN)                                                           \
    X(zrrici, SRC_SHIFT_ADD, 0, USE_JUMP)                                                          \
    X(r, SRC_R, 1, USE_PLAIN)                                                                      \
    X(z, SRC_R, 0, USE_PLAIN)                                                                      \
    X(rci, SRC_R, 1, USE_JUMP)                                                                     \
    X(zci, SRC_R, 0, USE_JUMP)                                                                     \
    X(ssi, SRC_RI, UNREAD, USE_PLAIN)                                                              \
    X(sss, SRC_RR, UNREAD, USE_PLAIN)                                                              \
    X(erir, SRC_RR, UNREAD, USE_PLAIN)                                                             \
    X(esir, SRC_RR, UNREAD, USE_PLAIN)                                                             \
    X(erii, SRC_RI, UNREAD, USE_PLAIN)                                                             \
    X(esii, SRC_RI, UNREAD, USE_PLAIN)                                                             \
    /* shapes whose operations need no description */                                              \
    X(_, SRC_R, UNREAD, USE_PLAIN)                                                                 \
    X(i, SRC_R, UNREAD, USE_PLAIN)                                                                 \
    X(ci, SRC_R, UNREAD, USE_PLAIN)                                                                \
    X(ri, SRC_R, UNREAD, USE_PLAIN)                                                                \
    X(rici, SRC_R, UNREAD, USE_PLAIN)                                                              \
    X(erri, SRC_R, UNREAD, USE_PLAIN)                                                              \
    X(ersi, SRC_R, UNREAD, USE_PLAIN)

enum shape {
#define X(shape, sources, has_destination, use) SHAPE_##shape,
    SHAPES(X)
#undef X
};

struct shape_info {
    enum sources sources;
    bool has_destination;
    enum use use;
};

SIM_INLINE struct shape_info shape_of(enum shape shape)
{
    switch (shape) {
#define X(shape, sources, has_destination, use)                                                    \
    case SHAPE_##shape:                                                                            \
        return (struct shape_info){sources, has_destination, use};
        SHAPES(X)
#undef X
    }
    return (struct shape_info){SRC_R, false, USE_PLAIN};
}

/* What a run_ function is called with. */
struct call {
    struct sim_dpu *d;
    struct sim_tasklet *t;
    const struct sim_insn *ip;
    enum isa_widen widen;
    enum shape shape;
    int cond;      /* enum isa_cond, or COND_IN_INSN */
    bool fast;     /* little-endian, and faults are left to the complete function */
    bool in_place; /* the pair operation's destination is its source */
    const struct sim_insn *target;
    /* Flags written so far and not yet stored: two instructions executed in one go store them once.
     */
    bool has_zero, has_carry, carry;
    uint32_t zero;
};
#define COND_IN_INSN (-1)

#define RUN(id) SIM_INLINE enum sim_step run_##id(struct call *k)

/* ---- registers ------------------------------------------------------------------------------ */

SIM_INLINE uint32_t *reg(struct sim_tasklet *t, unsigned offset_bytes)
{
    return (uint32_t *)((char *)t->r + offset_bytes);
}

/* A pair as one number: the even register holds the high word. */
SIM_INLINE uint64_t pair_get(struct sim_tasklet *t, unsigned offset_bytes)
{
    uint64_t both;
    memcpy(&both, reg(t, offset_bytes), sizeof both);
    return both << 32 | both >> 32;
}

SIM_INLINE void pair_put(struct sim_tasklet *t, unsigned offset_bytes, uint64_t value)
{
    uint64_t both = value << 32 | value >> 32;
    memcpy(reg(t, offset_bytes), &both, sizeof both);
}

SIM_INLINE void result_put(struct call *k, uint32_t r)
{
    if (k->widen == ISA_WIDEN_N)
        *reg(k->t, k->ip->rc) = r;
    else if (k->widen == ISA_WIDEN_S)
        pair_put(k->t, k->ip->rc, (uint64_t)(int64_t)(int32_t)r);
    else
        pair_put(k->t, k->ip->rc, r);
}

SIM_INLINE const struct sim_insn *jump_target(const struct sim_insn *ip)
{
    return (const struct sim_insn *)((const char *)(ip + 1) + ip->jump);
}

SIM_INLINE enum isa_cond cond_of(const struct call *k)
{
    return k->cond == COND_IN_INSN ? (enum isa_cond)k->ip->cond : (enum isa_cond)k->cond;
}

SIM_INLINE enum sim_step jump_if(struct call *k, bool taken)
{
    (void)k;
    return taken ? SIM_JUMP : SIM_NEXT;
}

/* ---- flags ---------------------------------------------------------------------------------- */

SIM_INLINE uint32_t zero_get(const struct call *k)
{
    return k->has_zero ? k->zero : k->t->zero;
}

SIM_INLINE bool carry_get(const struct call *k)
{
    return k->has_carry ? k->carry : k->t->carry;
}

SIM_INLINE void zero_put(struct call *k, uint32_t zero)
{
    k->zero = zero;
    k->has_zero = true;
}

SIM_INLINE void carry_put(struct call *k, bool carry)
{
    k->carry = carry;
    k->has_carry = true;
}

SIM_INLINE void flags_store(const struct call *k)
{
    if (k->has_zero)
        k->t->zero = k->zero;
    if (k->has_carry)
        k->t->carry = k->carry;
}

/* ---- register operations -------------------------------------------------------------------- */

typedef struct alu alu_fn(uint32_t a, uint32_t b, uint32_t s, bool cf);

/* Choices that rest on one source, the vendor's emulator (believed; no published program depends on
 * them), made here and nowhere else:
 *   B  conditions s* of the shift-add family look at ra, the shifted operand;
 *   C  zero-destination forms of that family write ZF;
 *   H  conditions s* of sub with the immediate first look at the register;
 *   J  add.s, add.u and the like with a 32-bit immediate write CF.
 * D (cls), E (hash), F (sats) stand in ops_alu.h, G (ncN with addc) in ops_cond.h. */
SIM_INLINE enum sim_step run_alu(struct call *k, alu_fn *compute, enum isa_flags flags,
                                 uint32_t max)
{
    const struct shape_info shape = shape_of(k->shape);
    struct sim_tasklet *t = k->t;
    uint32_t ra = *reg(t, k->ip->ra), imm = k->ip->imm;
    uint32_t rb =
        shape.sources == SRC_RR || shape.sources == SRC_SHIFT_ADD ? *reg(t, k->ip->rb) : 0;
    uint32_t a = shape.sources == SRC_IR ? imm : ra;
    uint32_t b = shape.sources == SRC_IR ? ra : shape.sources == SRC_RI ? imm : rb;
    struct cond_in in = {.alu = compute(a, b, imm, carry_get(k)),
                         .src = ra,
                         .amount = b,
                         .bytes = ra | rb,
                         .zero = zero_get(k),
                         .max = max};
    bool holds = shape.use != USE_PLAIN && cond_holds(cond_of(k), &in);
    zero_put(k, in.alu.z);
    if (flags == ISA_FLAGS_ZC)
        carry_put(k, in.alu.c);
    if (shape.has_destination && shape.use == USE_SET) {
        if (k->widen == ISA_WIDEN_N)
            *reg(t, k->ip->rc) = holds;
        else
            pair_put(t, k->ip->rc, holds);
    } else if (shape.has_destination) {
        result_put(k, in.alu.r);
    }
    return shape.use == USE_JUMP ? jump_if(k, holds) : SIM_NEXT;
}

#define RUN_ALU(id, flags, max)                                                                    \
    RUN(id)                                                                                        \
    {                                                                                              \
        return run_alu(k, alu_##id, ISA_FLAGS_##flags, max);                                       \
    }
RUN_ALU(ADD, ZC, 0)
RUN_ALU(ADDC, ZC, 0)
RUN_ALU(SUB, ZC, 0)
RUN_ALU(SUBC, ZC, 0)
RUN_ALU(RSUB, ZC, 0)
RUN_ALU(RSUBC, ZC, 0)
RUN_ALU(AND, Z, 0)
RUN_ALU(OR, Z, 0)
RUN_ALU(XOR, Z, 0)
RUN_ALU(NAND, Z, 0)
RUN_ALU(NOR, Z, 0)
RUN_ALU(NXOR, Z, 0)
RUN_ALU(ANDN, Z, 0)
RUN_ALU(ORN, Z, 0)
RUN_ALU(ASR, Z, 0)
RUN_ALU(LSL, Z, 0)
RUN_ALU(LSL1, Z, 0)
RUN_ALU(LSL1X, Z, 0)
RUN_ALU(LSLX, Z, 0)
RUN_ALU(LSR, Z, 0)
RUN_ALU(LSR1, Z, 0)
RUN_ALU(LSR1X, Z, 0)
RUN_ALU(LSRX, Z, 0)
RUN_ALU(ROL, Z, 0)
RUN_ALU(ROR, Z, 0)
RUN_ALU(CAO, Z, 32)
RUN_ALU(CLO, Z, 32)
RUN_ALU(CLS, Z, 31)
RUN_ALU(CLZ, Z, 32)
RUN_ALU(EXTSB, Z, 0)
RUN_ALU(EXTSH, Z, 0)
RUN_ALU(EXTUB, Z, 0)
RUN_ALU(EXTUH, Z, 0)
RUN_ALU(HASH, Z, 0)
RUN_ALU(SATS, Z, 0)
RUN_ALU(CMPB4, Z, 0)
RUN_ALU(LSL_ADD, Z, 0)
RUN_ALU(LSL_SUB, Z, 0)
RUN_ALU(LSR_ADD, Z, 0)
RUN_ALU(ROL_ADD, Z, 0)
RUN_ALU(MUL_SH_SH, Z, 0)
RUN_ALU(MUL_SH_SL, Z, 0)
RUN_ALU(MUL_SH_UH, Z, 0)
RUN_ALU(MUL_SH_UL, Z, 0)
RUN_ALU(MUL_SL_SH, Z, 0)
RUN_ALU(MUL_SL_SL, Z, 0)
RUN_ALU(MUL_SL_UH, Z, 0)
RUN_ALU(MUL_SL_UL, Z, 0)
RUN_ALU(MUL_UH_UH, Z, 0)
RUN_ALU(MUL_UH_UL, Z, 0)
RUN_ALU(MUL_UL_UH, Z, 0)
RUN_ALU(MUL_UL_UL, Z, 0)

/* Condition of an operation whose result is only a number, not an addition. */
SIM_INLINE bool simple_cond(struct call *k, uint32_t r, uint32_t src)
{
    struct cond_in in = {.alu = alu_plain(r), .src = src, .zero = zero_get(k)};
    return cond_holds(cond_of(k), &in);
}

/* A pair that a ladder of steps works on. */
struct words {
    uint32_t even, odd;
};

/* One step of each ladder; true when the odd word of the destination is written. Without branches:
 * data that decides them is as good as random. */
SIM_INLINE bool step_MUL_STEP(struct words *w, uint32_t ra, uint32_t s)
{
    uint32_t even = w->even, adds = even & 1;
    w->odd += ra << s & -adds;
    w->even = even >> 1;
    return adds;
}

SIM_INLINE bool step_DIV_STEP(struct words *w, uint32_t ra, uint32_t s)
{
    uint32_t t = ra << s, fits = w->odd >= t;
    w->odd -= t & -fits;
    w->even = w->even << 1 | fits;
    return fits;
}

/* `steps` steps of multiplication whose shifts follow each other, as one product; returns how many
 * are executed until the even word is used up. */
SIM_INLINE unsigned ladder_MUL_STEP(struct words *w, uint32_t ra, uint32_t s, unsigned steps)
{
    uint32_t all = w->even;
    w->odd += (ra << s) * (all & ((1u << steps) - 1));
    w->even = all >> steps;
    if (__builtin_expect(all >> steps != 0, true))
        return steps;
    return all ? 32 - (unsigned)__builtin_clz(all) : 1;
}

/* The pair as it stands in the register file, where both words are written anyway. */
SIM_INLINE struct words *words_at(struct sim_tasklet *t, unsigned offset_bytes)
{
    return (struct words *)reg(t, offset_bytes);
}

/* A step from db to dc; the odd word of dc keeps its value when the step does not write it. */
SIM_INLINE void step_across(struct call *k, bool (*step)(struct words *, uint32_t, uint32_t),
                            uint32_t ra)
{
    struct words w = *words_at(k->t, k->ip->rb);
    if (step(&w, ra, k->ip->imm))
        words_at(k->t, k->ip->rc)->odd = w.odd;
    words_at(k->t, k->ip->rc)->even = w.even;
}

RUN(MUL_STEP)
{
    uint32_t ra = *reg(k->t, k->ip->ra);
    if (k->in_place)
        step_MUL_STEP(words_at(k->t, k->ip->rc), ra, k->ip->imm);
    else
        step_across(k, step_MUL_STEP, ra);
    uint32_t even = words_at(k->t, k->ip->rc)->even;
    bool taken = simple_cond(k, even, ra);
    zero_put(k, even);
    return jump_if(k, taken);
}

RUN(DIV_STEP)
{
    uint32_t ra = *reg(k->t, k->ip->ra);
    if (k->in_place)
        step_DIV_STEP(words_at(k->t, k->ip->rc), ra, k->ip->imm);
    else
        step_across(k, step_DIV_STEP, ra);
    return jump_if(k, simple_cond(k, 0, ra));
}

RUN(MOVD)
{
    pair_put(k->t, k->ip->rc, pair_get(k->t, k->ip->rb));
    return jump_if(k, simple_cond(k, 0, 0));
}

RUN(SWAPD)
{
    uint64_t pair = pair_get(k->t, k->ip->rb);
    pair_put(k->t, k->ip->rc, pair << 32 | pair >> 32);
    return jump_if(k, simple_cond(k, 0, 0));
}

/* Safe arithmetic: ra is {limit, offset}. documented, and the same in the vendor's emulator. */
SIM_INLINE enum sim_step run_safe_alu(struct call *k, bool subtract)
{
    struct sim_tasklet *t = k->t;
    uint32_t a = *reg(t, k->ip->ra);
    uint32_t b = shape_of(k->shape).sources == SRC_RI ? k->ip->imm : *reg(t, k->ip->rb);
    uint32_t offset = subtract ? (a & 0xffff) - b : (a & 0xffff) + b;
    struct alu alu = subtract ? sub2(a, b) : add2(a, b);
    bool outside = offset >> 16;
    uint32_t value = outside ? (alu.r & 0x00ffffff) | (uint32_t)t->id << 25 : alu.r;
    *reg(t, k->ip->rc) = value;
    zero_put(k, value);
    carry_put(k, alu.c);
    if (!outside)
        return SIM_NEXT;
    sim_raise_safe(k->d, t, k->ip, offset, 0x10000, 0, false);
    return SIM_OUT;
}

RUN(ADD_SAFE)
{
    return run_safe_alu(k, false);
}

RUN(SUB_SAFE)
{
    return run_safe_alu(k, true);
}

/* ---- WRAM ----------------------------------------------------------------------------------- */

SIM_INLINE uint64_t wram_get(const struct sim_dpu *d, uint32_t address, unsigned bytes, bool big)
{
    const uint8_t *p = d->wram + address;
    uint16_t half;
    uint32_t word;
    uint64_t twin;
    switch (bytes) {
    case 1:
        return *p;
    case 2:
        memcpy(&half, p, 2);
        return big ? __builtin_bswap16(half) : half;
    case 4:
        memcpy(&word, p, 4);
        return big ? __builtin_bswap32(word) : word;
    default:
        memcpy(&twin, p, 8);
        return big ? __builtin_bswap64(twin) : twin;
    }
}

SIM_INLINE void wram_put(struct sim_dpu *d, uint32_t address, unsigned bytes, bool big,
                         uint64_t value)
{
    uint8_t *p = d->wram + address;
    uint16_t half = big ? __builtin_bswap16((uint16_t)value) : (uint16_t)value;
    uint32_t word = big ? __builtin_bswap32((uint32_t)value) : (uint32_t)value;
    uint64_t twin = big ? __builtin_bswap64(value) : value;
    switch (bytes) {
    case 1:
        *p = (uint8_t)value;
        break;
    case 2:
        memcpy(p, &half, 2);
        break;
    case 4:
        memcpy(p, &word, 4);
        break;
    default:
        memcpy(p, &twin, 8);
    }
}

/* Inside WRAM and aligned, in one comparison: rotating right by log2(bytes) sends misaligned
 * addresses to the top of the range. */
SIM_INLINE bool wram_legal(const struct sim_dpu *d, uint32_t address, unsigned bytes)
{
    unsigned shift = (unsigned)__builtin_ctz(bytes);
    uint32_t turned = shift ? address >> shift | address << (32 - shift) : address;
    return turned < d->wram_units[shift];
}

/* The same for the fast variants, cheaper, and never true of an illegal access. On a chip whose
 * WRAM is no power of two it is false in the upper part; the complete function then decides. */
SIM_INLINE bool wram_surely_legal(const struct sim_dpu *d, uint32_t address, unsigned bytes)
{
    const uint32_t *outside = &d->wram_outside[__builtin_ctz(bytes)];
#if defined(__x86_64__) && defined(__GCC_ASM_FLAG_OUTPUTS__)
    bool inside; /* one instruction; compilers make two of it */
    __asm__("testl %1, %2" : "=@ccz"(inside) : "r"(address), "m"(*outside));
    return inside;
#else
    return (address & *outside) == 0;
#endif
}

/* Where an illegal access ends up: wrapped into physical WRAM and rounded down. believed. */
SIM_INLINE uint32_t wram_wrapped(uint32_t address, unsigned bytes)
{
    return address & (ISA_WRAM_BYTES - 1) & ~(bytes - 1);
}

struct access {
    uint32_t address; /* to perform it at */
    bool faults;
};

/* Address of a safe access and whether it passes the limit of its {limit, offset} register. */
SIM_INLINE struct access safe_access(struct call *k, uint32_t base, unsigned bytes, bool is_write)
{
    uint32_t address = (base & 0xffff) + k->ip->imm, limit = base >> 16;
    uint32_t end = address + (bytes > 1 ? bytes : 0);
    if ((int32_t)(end - limit) >= 0) {
        sim_raise_safe(k->d, k->t, k->ip, address, limit, bytes, is_write);
        return (struct access){wram_wrapped(address, bytes), true};
    }
    if (!wram_legal(k->d, address, bytes)) {
        sim_raise_memory(k->d, k->t, k->ip, address, bytes, is_write);
        return (struct access){wram_wrapped(address, bytes), true};
    }
    return (struct access){address, false};
}

SIM_INLINE bool access_legal(const struct call *k, uint32_t address, unsigned bytes)
{
    return k->fast ? wram_surely_legal(k->d, address, bytes) : wram_legal(k->d, address, bytes);
}

SIM_INLINE void load_put(struct call *k, uint64_t value, unsigned bytes, bool is_signed)
{
    unsigned unused = 64 - 8 * bytes;
    if (bytes == 8) {
        pair_put(k->t, k->ip->rc, value);
        return;
    }
    uint32_t r = (uint32_t)(is_signed ? (uint64_t)((int64_t)(value << unused) >> unused) : value);
    result_put(k, r);
}

SIM_INLINE bool is_big(const struct call *k)
{
    return !k->fast && k->ip->big;
}

SIM_INLINE enum sim_step run_load(struct call *k, unsigned bytes, bool is_signed)
{
    uint32_t address = *reg(k->t, k->ip->ra) + k->ip->imm;
    if (__builtin_expect(access_legal(k, address, bytes), true)) {
        load_put(k, wram_get(k->d, address, bytes, is_big(k)), bytes, is_signed);
        return SIM_NEXT;
    }
    if (k->fast)
        return SIM_RARE;
    sim_raise_memory(k->d, k->t, k->ip, address, bytes, false);
    address = wram_wrapped(address, bytes);
    load_put(k, wram_get(k->d, address, bytes, k->ip->big), bytes, is_signed);
    return SIM_OUT;
}

SIM_INLINE enum sim_step run_safe_load(struct call *k, unsigned bytes, bool is_signed)
{
    struct access access = safe_access(k, *reg(k->t, k->ip->ra), bytes, false);
    load_put(k, wram_get(k->d, access.address, bytes, k->ip->big), bytes, is_signed);
    return access.faults ? SIM_OUT : SIM_NEXT;
}

SIM_INLINE enum sim_step store_value(struct call *k, unsigned bytes, uint64_t value)
{
    uint32_t address = *reg(k->t, k->ip->ra) + k->ip->imm;
    if (__builtin_expect(access_legal(k, address, bytes), true)) {
        wram_put(k->d, address, bytes, is_big(k), value);
        return SIM_NEXT;
    }
    if (k->fast)
        return SIM_RARE;
    sim_raise_memory(k->d, k->t, k->ip, address, bytes, true);
    wram_put(k->d, wram_wrapped(address, bytes), bytes, k->ip->big, value);
    return SIM_OUT;
}

SIM_INLINE uint64_t store_source(struct call *k, unsigned bytes)
{
    if (shape_of(k->shape).sources == SRC_RI)
        return (uint64_t)(int64_t)(int32_t)k->ip->imm2;
    return bytes == 8 ? pair_get(k->t, k->ip->rb) : *reg(k->t, k->ip->rb);
}

SIM_INLINE enum sim_step run_safe_store(struct call *k, unsigned bytes)
{
    uint64_t value = store_source(k, bytes);
    struct access access = safe_access(k, *reg(k->t, k->ip->ra), bytes, true);
    wram_put(k->d, access.address, bytes, k->ip->big, value);
    return access.faults ? SIM_OUT : SIM_NEXT;
}

#define RUN_MEMORY(suffix, bytes)                                                                  \
    RUN(S##suffix)                                                                                 \
    {                                                                                              \
        return store_value(k, bytes, store_source(k, bytes));                                      \
    }                                                                                              \
    RUN(S##suffix##_SAFE)                                                                          \
    {                                                                                              \
        return run_safe_store(k, bytes);                                                           \
    }                                                                                              \
    RUN(S##suffix##_ID)                                                                            \
    {                                                                                              \
        return store_value(k, bytes, (uint64_t)(int64_t)(int32_t)(k->ip->imm2 | k->t->id));        \
    }
RUN_MEMORY(B, 1)
RUN_MEMORY(H, 2)
RUN_MEMORY(W, 4)
RUN_MEMORY(D, 8)

#define RUN_LOAD(id, bytes, is_signed)                                                             \
    RUN(id)                                                                                        \
    {                                                                                              \
        return run_load(k, bytes, is_signed);                                                      \
    }                                                                                              \
    RUN(id##_SAFE)                                                                                 \
    {                                                                                              \
        return run_safe_load(k, bytes, is_signed);                                                 \
    }
RUN_LOAD(LBS, 1, true)
RUN_LOAD(LBU, 1, false)
RUN_LOAD(LHS, 2, true)
RUN_LOAD(LHU, 2, false)
RUN_LOAD(LW, 4, false)
RUN_LOAD(LD, 8, false)

/* ---- DMA ------------------------------------------------------------------------------------ */

#define RUN_DMA(id)                                                                                \
    RUN(id)                                                                                        \
    {                                                                                              \
        if (k->fast && k->d->cycle_mode)                                                           \
            return SIM_RARE;                                                                       \
        sim_dma_start(k->d, k->t, k->ip, ISA_OP_##id);                                             \
        return k->d->event ? SIM_OUT : SIM_NEXT;                                                   \
    }
RUN_DMA(LDMA)
RUN_DMA(LDMAI)
RUN_DMA(SDMA)

/* ---- control -------------------------------------------------------------------------------- */

RUN(NOP)
{
    (void)k;
    return SIM_NEXT;
}

/* Reported by the careful loop, which sees the instruction before it executes. */
RUN(TELL)
{
    (void)k;
    return SIM_NEXT;
}

RUN(CALL)
{
    uint32_t offset = shape_of(k->shape).sources == SRC_RR ? *reg(k->t, k->ip->rb) : k->ip->imm;
    uint32_t target = *reg(k->t, k->ip->ra) + offset;
    if (shape_of(k->shape).has_destination)
        *reg(k->t, k->ip->rc) = k->ip->pc_next;
    k->target = sim_at_pc(k->d, target);
    return SIM_GOTO;
}

RUN(FAULT)
{
    sim_raise_breakpoint(k->d, k->t, k->ip, k->ip->imm & 0xffffff);
    return SIM_OUT;
}

RUN(STOP)
{
    bool taken = simple_cond(k, 1, k->t->id);
    sim_ring_stop(k->d, k->t);
    k->t->ended = taken;
    return jump_if(k, taken);
}

/* Number of a run or atomic bit: the two low bytes of the sum, folded. */
SIM_INLINE uint32_t bit_number(uint32_t sum)
{
    return (sum >> 8 ^ sum) & 0xff;
}

SIM_INLINE enum sim_step run_thread(struct call *k, enum isa_op op)
{
    uint32_t ra = *reg(k->t, k->ip->ra);
    uint32_t x = sim_run_bit(k->d, bit_number(ra + k->ip->imm), op);
    bool taken = simple_cond(k, x, ra);
    zero_put(k, x);
    return jump_if(k, taken);
}

RUN(BOOT)
{
    return run_thread(k, ISA_OP_BOOT);
}

RUN(RESUME)
{
    return run_thread(k, ISA_OP_RESUME);
}

RUN(CLR_RUN)
{
    return run_thread(k, ISA_OP_CLR_RUN);
}

RUN(READ_RUN)
{
    return run_thread(k, ISA_OP_READ_RUN);
}

SIM_INLINE enum sim_step run_atomic(struct call *k, bool set)
{
    uint32_t ra = *reg(k->t, k->ip->ra), bit = bit_number(ra + k->ip->imm);
    uint64_t *word = &k->d->atomic[bit / 64], mask = UINT64_C(1) << bit % 64;
    uint32_t x = (*word & mask) != 0;
    *word = set ? *word | mask : *word & ~mask;
    bool taken = simple_cond(k, x, ra);
    zero_put(k, x);
    if (set && taken && x && k->ip->jump == -(int32_t)sizeof *k->ip)
        k->t->spins++;
    return jump_if(k, taken);
}

RUN(ACQUIRE)
{
    return run_atomic(k, true);
}

RUN(RELEASE)
{
    return run_atomic(k, false);
}

SIM_INLINE enum sim_step time_result(struct call *k, uint32_t value)
{
    const struct shape_info shape = shape_of(k->shape);
    if (shape.has_destination)
        result_put(k, value);
    return shape.use == USE_JUMP ? jump_if(k, simple_cond(k, 0, 0)) : SIM_NEXT;
}

RUN(TIME)
{
    return time_result(k, sim_time_read(k->d));
}

RUN(TIME_CFG)
{
    uint32_t value = sim_time_read(k->d), bits = *reg(k->t, k->ip->rb);
    sim_time_configure(k->d, bits);
    return time_result(k, value);
}

#endif
