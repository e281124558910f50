/* SPDX-License-Identifier: MIT */
/* DMA transfers: lengths, bounds, faults and the copy itself. In functional mode a transfer is
 * complete at once; in cycle mode it is handed to the engine's model (cycle.c) and the bytes move
 * when the tasklet wakes. Source: isa reference 8. */
#include <stdio.h>
#include <assert.h>
#include <string.h>

#include "forms.h"

enum { BEAT_BYTES = 8, MOST_BYTES = 2048 };

static void raise_dma(struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip,
                      const struct sim_dma *dma, bool mram_side)
{
    static const char *const local_names[] = {"WRAM", "IRAM"};
    bool to_iram = dma->op == ISA_OP_LDMAI, is_read = dma->op != ISA_OP_SDMA;
    uint32_t from = mram_side ? dma->mram_addr : dma->local_addr;
    uint32_t size = mram_side ? ISA_MRAM_BYTES : to_iram ? d->iram_bytes : d->wram_units[0];
    const char *name = mram_side ? "MRAM" : local_names[to_iram];
    struct sim_fault *fault = &d->fault;
    *fault = (struct sim_fault){.kind = SIM_FAULT_DMA,
                                .tasklet = t->id,
                                .pc_insn = sim_pc_of(d, ip),
                                .address = from,
                                .memory = mram_side ? ISA_MRAM
                                          : to_iram ? ISA_IRAM
                                                    : ISA_WRAM,
                                .len_bytes = dma->len_bytes,
                                .is_write = is_read != mram_side};
    snprintf(fault->rule, sizeof fault->rule,
             "%u bytes at %s offset 0x%x end at 0x%llx, but %s ends at 0x%x", dma->len_bytes, name,
             from, (unsigned long long)from + dma->len_bytes, name, size);
    d->event |= SIM_NEWS_FAULT;
}

/* WRAM faults here are DMA faults (documented; the vendor's emulator calls them memory faults). */
static bool dma_in_bounds(struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip,
                          const struct sim_dma *dma)
{
    uint32_t local_bytes = dma->op == ISA_OP_LDMAI ? d->iram_bytes : d->wram_units[0];
    if ((uint64_t)dma->mram_addr + dma->len_bytes > ISA_MRAM_BYTES) {
        raise_dma(d, t, ip, dma, true);
        return false;
    }
    if ((uint64_t)dma->local_addr + dma->len_bytes > local_bytes) {
        raise_dma(d, t, ip, dma, false);
        return false;
    }
    return true;
}

static void load_code(struct sim_dpu *d, const struct sim_dma *dma, const uint8_t *bytes)
{
    uint32_t first = dma->local_addr / ISA_INSN_BYTES;
    assert(atomic_load(&d->code->references) == 1); /* as it holds an ldmai, since boot */
    sim_code_store_row(d->code, first, bytes, dma->len_bytes / ISA_INSN_BYTES);
    d->event |= SIM_NEWS_CODE;
}

/* The bytes as they arrive when something is wrong with the transfer. */
static void spoil_bytes(const struct sim_dma *dma, uint8_t *bytes)
{
    uint32_t beats = dma->len_bytes / BEAT_BYTES, beat = dma->error.at % beats;
    uint32_t bit = dma->error.at % (dma->len_bytes * 8);
    if (dma->error.kind == SIM_DMA_TWICE)
        memmove(bytes + (beat + 1) * BEAT_BYTES, bytes + beat * BEAT_BYTES,
                (beats - beat - 1) * BEAT_BYTES);
    else if (dma->error.kind == SIM_DMA_BIT)
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
}

static void move_wrong(struct sim_dpu *d, const struct sim_dma *dma)
{
    uint8_t bytes[MOST_BYTES], *mram = d->mram + dma->mram_addr;
    if (dma->error.kind == SIM_DMA_LOST)
        return;
    const uint8_t *source = dma->op == ISA_OP_SDMA ? d->wram + dma->local_addr : mram;
    const uint8_t *other =
        dma->error.kind == SIM_DMA_OTHER_BYTES ? sim_intercept_bytes(d, dma) : NULL;
    memcpy(bytes, other ? other : source, dma->len_bytes);
    spoil_bytes(dma, bytes);
    if (dma->op == ISA_OP_LDMA)
        memcpy(d->wram + dma->local_addr, bytes, dma->len_bytes);
    else if (dma->op == ISA_OP_SDMA)
        memcpy(mram, bytes, dma->len_bytes);
    else
        load_code(d, dma, bytes);
}

void sim_dma_move(struct sim_dpu *d, const struct sim_dma *dma)
{
    uint8_t *mram = d->mram + dma->mram_addr;
    if (dma->error.kind)
        move_wrong(d, dma);
    else if (dma->op == ISA_OP_LDMA)
        memcpy(d->wram + dma->local_addr, mram, dma->len_bytes);
    else if (dma->op == ISA_OP_SDMA)
        memcpy(mram, d->wram + dma->local_addr, dma->len_bytes);
    else
        load_code(d, dma, mram);
}

/* What is wrong with a transfer before it begins. */
static void spoil(const struct sim_dpu *d, struct sim_dma *dma, struct sim_dma_error error)
{
    uint32_t mask = 1u << error.at % 32, beats = error.at % (dma->len_bytes / BEAT_BYTES);
    dma->error = error;
    if (error.kind >= SIM_DMA_OTHER_PLACE)
        sim_intercept_apply(d, dma);
    if (error.kind == SIM_DMA_OTHER_PLACE)
        dma->error.kind = SIM_DMA_FINE;
    if (error.kind == SIM_DMA_ADDRESS) {
        dma->mram_addr = (error.level ? dma->mram_addr | mask : dma->mram_addr & ~mask) & ~7u;
        dma->error.kind = SIM_DMA_FINE;
    } else if (error.kind == SIM_DMA_SHORT) {
        dma->error.kind = beats ? SIM_DMA_FINE : SIM_DMA_LOST;
        dma->len_bytes = beats ? beats * BEAT_BYTES : dma->len_bytes;
    }
}

SIM_INLINE struct sim_dma decode(const struct sim_tasklet *t, const struct sim_insn *ip,
                                 enum isa_op op)
{
    uint32_t ra = t->r[ip->ra / sizeof(uint32_t)], rb = t->r[ip->rb / sizeof(uint32_t)];
    return (struct sim_dma){.local_addr = ra & 0x00fffff8,
                            .mram_addr = rb & 0xfffffff8,
                            .len_bytes = 8 * (1 + ((ip->imm + (ra >> 24)) & 0xff)),
                            .op = (uint8_t)op,
                            .pending = true};
}

struct sim_dma sim_dma_of(const struct sim_tasklet *t, const struct sim_insn *ip)
{
    return decode(t, ip, isa_form_get((enum isa_form)ip->form)->op);
}

void sim_dma_start(struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip,
                   enum isa_op op)
{
    struct sim_dma dma = decode(t, ip, op);
    if (d->dma_error.kind)
        spoil(d, &dma, d->dma_error);
    if (!dma_in_bounds(d, t, ip, &dma))
        return;
    t->dma_transfers++;
    t->dma_bytes += dma.len_bytes;
    d->dma_sizes[29 - __builtin_clz(dma.len_bytes - 1)]++;
    if (op == ISA_OP_SDMA)
        d->mram_write_bytes += dma.len_bytes;
    if (!d->cycle_mode) {
        sim_dma_move(d, &dma);
        return;
    }
    t->dma = dma;
    d->event |= SIM_NEWS_DMA;
}
