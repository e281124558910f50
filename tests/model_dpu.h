/* SPDX-License-Identifier: MIT */
/* The second description (model.h) of a whole DPU of chip v1A: loads, stores, transfers, calls,
 * threads, atomic bits and faults, again from the instruction reference alone, one instruction at a
 * time, slow and plain. It does not know time. Include after check.h. */
#ifndef MODEL_DPU_H
#define MODEL_DPU_H

#include "dpusim.h"
#include "model.h"

enum {
    MODEL_WRAM = 65536,
    MODEL_MRAM = 64 << 20,
    MODEL_IRAM = 4096,
    MODEL_RUN_BITS = 64,
    MODEL_ATOMIC_BITS = 256
};

struct model_dpu {
    struct model thread[24];
    bool run[MODEL_RUN_BITS], atomic[MODEL_ATOMIC_BITS];
    uint64_t iram[MODEL_IRAM];
    uint8_t wram[MODEL_WRAM], *mram; /* mram: MODEL_MRAM bytes of the caller */
    enum sim_fault_kind fault;
    unsigned fault_tasklet, fault_pc;
    uint32_t written_from, written_end; /* of mram, by transfers; the caller resets them */
};

static inline void model_raise(struct model_dpu *d, const struct model *m, enum sim_fault_kind kind,
                               unsigned pc)
{
    d->fault = kind;
    d->fault_tasklet = m->id;
    d->fault_pc = pc;
}

static inline uint32_t model_number(const struct model *m, const struct isa_insn *insn,
                                    const char *name)
{
    uint32_t value = 0;
    model_value(m, insn, name, &value);
    return value;
}

/* The condition of an instruction that has no result but r, and its target. */
static inline void model_jump(struct model *m, const struct isa_insn *insn, uint32_t r,
                              uint32_t src)
{
    struct seen seen = {.r = r, .src = src};
    if (model_holds(model_condition(insn), &seen, m->zf))
        m->pc = model_number(m, insn, "pc") % MODEL_IRAM;
}

/* ---- loads and stores ------------------------------------------------------------------------ */

struct model_access {
    uint32_t at, bytes;
    bool faults;
};

static inline uint32_t model_size(const char *mnemonic) /* ld, lbs, sw_id, .. */
{
    return mnemonic[1] == 'b' ? 1 : mnemonic[1] == 'h' ? 2 : mnemonic[1] == 'w' ? 4 : 8;
}

static inline struct model_access model_place(const struct model *m, const struct isa_insn *insn,
                                              const char *mnemonic, bool safe)
{
    uint32_t ra = model_number(m, insn, "ra"), off = model_number(m, insn, "off");
    struct model_access access = {.bytes = model_size(mnemonic)};
    uint32_t a = safe ? (ra & 0xffff) + off : ra + off;
    uint32_t reach = access.bytes == 1 ? 0 : access.bytes;
    if (safe && (int32_t)(a + reach - (ra >> 16)) >= 0)
        access.faults = true;
    else
        access.faults = a % access.bytes != 0 || (uint64_t)a + access.bytes > MODEL_WRAM;
    access.at = a % MODEL_WRAM / access.bytes * access.bytes;
    return access;
}

static inline uint64_t model_turned(uint64_t value, uint32_t bytes)
{
    uint64_t turned = 0;
    for (uint32_t i = 0; i < bytes; i++)
        turned = turned << 8 | (value >> 8 * i & 0xff);
    return turned;
}

static inline void model_load(struct model_dpu *d, struct model *m, const struct isa_insn *insn,
                              const char *mnemonic, struct model_access access)
{
    uint64_t value = 0;
    for (uint32_t i = access.bytes; i > 0; i--)
        value = value << 8 | d->wram[access.at + i - 1];
    if (model_number(m, insn, "endian"))
        value = model_turned(value, access.bytes);
    if (access.bytes == 8) {
        int64_t dc = insn->value[model_operand(insn, "dc")];
        m->r[dc] = (uint32_t)(value >> 32);
        m->r[dc + 1] = (uint32_t)value;
        return;
    }
    uint32_t r = (uint32_t)value;
    if (mnemonic[2] == 's' && access.bytes < 4)
        r = access.bytes == 1 ? (uint32_t)(int8_t)r : (uint32_t)(int16_t)r;
    model_write(m, insn, r);
}

static inline uint64_t model_stored(const struct model *m, const struct isa_insn *insn,
                                    const char *mnemonic)
{
    int db = model_operand(insn, "db");
    uint32_t word;
    if (db >= 0)
        return (uint64_t)m->r[insn->value[db]] << 32 | m->r[insn->value[db] + 1];
    if (model_value(m, insn, "rb", &word))
        return word;
    word = model_number(m, insn, "imm");
    if (strstr(mnemonic, "_id"))
        word |= m->id;
    return (uint64_t)(int64_t)(int32_t)word;
}

static inline void model_store(struct model_dpu *d, const struct model *m,
                               const struct isa_insn *insn, const char *mnemonic,
                               struct model_access access)
{
    uint64_t value = model_stored(m, insn, mnemonic);
    if (model_number(m, insn, "endian"))
        value = model_turned(value, access.bytes);
    for (uint32_t i = 0; i < access.bytes; i++)
        d->wram[access.at + i] = (uint8_t)(value >> 8 * i);
}

/* ---- transfers ------------------------------------------------------------------------------- */

static inline bool model_transfer(struct model_dpu *d, const struct model *m,
                                  const struct isa_insn *insn, const char *mnemonic)
{
    uint32_t ra = model_number(m, insn, "ra");
    uint32_t local = ra & 0x00fffff8, far = model_number(m, insn, "rb") & 0xfffffff8;
    uint32_t bytes = 8 * (1 + (model_number(m, insn, "immDma") + (ra >> 24)) % 256);
    bool to_iram = strcmp(mnemonic, "ldmai") == 0;
    uint32_t room = to_iram ? MODEL_IRAM * 8 : MODEL_WRAM;
    if (local + bytes > room || (uint64_t)far + bytes > MODEL_MRAM)
        return false;
    uint8_t *near = (to_iram ? (uint8_t *)d->iram : d->wram) + local;
    if (mnemonic[0] == 'l') {
        memcpy(near, d->mram + far, bytes);
        for (uint32_t slot = local / 8; to_iram && slot < (local + bytes) / 8; slot++)
            d->iram[slot] &= (UINT64_C(1) << 48) - 1; /* as wide as an instruction */
        return true;
    }
    memcpy(d->mram + far, near, bytes);
    d->written_from = far < d->written_from ? far : d->written_from;
    d->written_end = far + bytes > d->written_end ? far + bytes : d->written_end;
    return true;
}

/* ---- control --------------------------------------------------------------------------------- */

static inline void model_call(struct model *m, const struct isa_insn *insn)
{
    uint32_t target =
        model_number(m, insn, "ra") + model_number(m, insn, "off") + model_number(m, insn, "rb");
    int rc = model_operand(insn, "rc");
    if (rc >= 0)
        m->r[insn->value[rc]] = m->pc; /* moved on already */
    m->pc = target % MODEL_IRAM;
}

static inline uint32_t model_bit_number(const struct model *m, const struct isa_insn *insn)
{
    uint32_t t = model_number(m, insn, "ra") + model_number(m, insn, "imm");
    return (t >> 8 & 0xff) ^ (t & 0xff);
}

static inline void model_see_bit(struct model *m, const struct isa_insn *insn, bool was)
{
    uint32_t ra = model_number(m, insn, "ra");
    model_jump(m, insn, was, ra);
    m->zf = !was;
}

static inline void model_thread(struct model_dpu *d, struct model *m, const struct isa_insn *insn,
                                const char *mnemonic)
{
    uint32_t n = model_bit_number(m, insn);
    bool was = n < MODEL_RUN_BITS && d->run[n];
    if (n < MODEL_RUN_BITS && mnemonic[0] == 'c')
        d->run[n] = false;
    else if (n < MODEL_RUN_BITS && strcmp(mnemonic, "read_run") != 0)
        d->run[n] = true;
    if (mnemonic[0] == 'b' && !was && n < 24)
        d->thread[n].pc = 0;
    model_see_bit(m, insn, was);
}

static inline void model_atomic(struct model_dpu *d, struct model *m, const struct isa_insn *insn,
                                const char *mnemonic)
{
    uint32_t n = model_bit_number(m, insn);
    bool was = d->atomic[n];
    d->atomic[n] = mnemonic[0] == 'a';
    model_see_bit(m, insn, was);
}

/* False: the offset left its 16 bits. */
static inline bool model_safe_arith(struct model *m, const struct isa_insn *insn,
                                    const char *mnemonic)
{
    uint32_t a = model_number(m, insn, "ra"), b;
    struct seen seen = {0};
    if (!model_value(m, insn, "rb", &b))
        b = model_number(m, insn, "imm");
    bool adds = mnemonic[0] == 'a';
    uint32_t offset = adds ? (a & 0xffff) + b : (a & 0xffff) - b;
    model_add3(&seen, a, adds ? b : ~b, !adds);
    uint32_t r = offset >> 16 ? (seen.r & 0x00ffffff) | m->id << 25 : seen.r;
    m->r[insn->value[model_operand(insn, "rc")]] = r;
    m->zf = r == 0;
    m->cf = seen.carry;
    return offset >> 16 == 0;
}

/* ---- one instruction ------------------------------------------------------------------------- */

static inline bool model_is(const char *family, const char *name)
{
    return strcmp(family, name) == 0;
}

/* Whatever is no register operation. The index has moved on already; `pc` is the old one. */
static inline void model_other(struct model_dpu *d, struct model *m, const struct isa_insn *insn,
                               const char *mnemonic, const char *family, unsigned pc)
{
    bool safe = strchr(isa_form_get(insn->form)->pattern.shape, 's') != NULL;
    if (model_is(family, "load") || model_is(family, "store") || model_is(family, "store_id")) {
        struct model_access access = model_place(m, insn, mnemonic, safe);
        if (model_is(family, "load"))
            model_load(d, m, insn, mnemonic, access);
        else
            model_store(d, m, insn, mnemonic, access);
        if (access.faults)
            model_raise(d, m, SIM_FAULT_MEMORY, pc);
    } else if (model_is(family, "dma")) {
        if (!model_transfer(d, m, insn, mnemonic))
            model_raise(d, m, SIM_FAULT_DMA, pc);
    } else if (model_is(family, "safe_arith")) {
        if (!model_safe_arith(m, insn, mnemonic))
            model_raise(d, m, SIM_FAULT_MEMORY, pc);
    } else if (model_is(family, "call")) {
        model_call(m, insn);
    } else if (model_is(family, "stop")) {
        model_jump(m, insn, 1, m->id);
        d->run[m->id] = false;
    } else if (model_is(family, "thread")) {
        model_thread(d, m, insn, mnemonic);
    } else if (model_is(family, "atomic")) {
        model_atomic(d, m, insn, mnemonic);
    } else if (model_is(family, "fault")) {
        model_raise(d, m, SIM_FAULT_BREAKPOINT, pc);
    } /* nop, tell: nothing; time: not known here */
}

/* One instruction of a running tasklet. */
static inline void model_dpu_step(struct model_dpu *d, unsigned tasklet)
{
    struct model *m = &d->thread[tasklet];
    struct isa_insn insn;
    unsigned pc = m->pc;
    uint64_t word = d->iram[pc];
    if (!isa_decode(word, &insn)) {
        m->pc = (pc + 1) % MODEL_IRAM;
        model_raise(d, m, SIM_FAULT_ILLEGAL, pc);
        return;
    }
    if (model_knows(insn.form)) {
        model_step(m, word);
        return;
    }
    const struct isa_form_info *info = isa_form_get(insn.form);
    char mnemonic[16] = "";
    strncat(mnemonic, info->pattern.mnemonic, strcspn(info->pattern.mnemonic, "."));
    m->pc = (pc + 1) % MODEL_IRAM;
    model_other(d, m, &insn, mnemonic, isa_op_get(info->op)->family, pc);
}

#endif
