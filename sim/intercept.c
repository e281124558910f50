/* SPDX-License-Identifier: MIT */
/* A hook that may change, drop or refuse DMA transfers before they begin, and one that may change
 * or swallow faults. Transfers are told by watched instructions, faults when a run has come to one,
 * so other code runs as fast as ever. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "watch.h"

enum { BEAT_BYTES = 8, MOST_BYTES = 2048 };

struct sim_intercept {
    struct sim_watcher watcher; /* first: what is told is this */
    sim_transfer_hook hook;
    void *context;
    struct sim_dma changed;                     /* by the hook, of the instruction under way */
    uint8_t bytes[ISA_MAX_THREADS][MOST_BYTES]; /* that land instead, until they do */
};

/* ---- transfers ------------------------------------------------------------------------------- */

/* Bytes where the transfer reads, as many as there are; zeros follow. */
static void read_source(const struct sim_dpu *d, const struct sim_dma *dma,
                        uint8_t bytes[MOST_BYTES])
{
    bool from_wram = dma->op == ISA_OP_SDMA;
    uint64_t size = from_wram ? d->wram_units[0] : ISA_MRAM_BYTES;
    uint64_t at = from_wram ? dma->local_addr : dma->mram_addr;
    uint64_t len = at < size ? size - at : 0;
    len = len < MOST_BYTES ? len : MOST_BYTES;
    memset(bytes, 0, MOST_BYTES);
    if (len)
        memcpy(bytes, (from_wram ? d->wram : d->mram) + at, len);
}

static struct sim_dma_request describe(const struct sim_dpu *d, const struct sim_tasklet *t,
                                       const struct sim_insn *ip, const struct sim_dma *dma)
{
    return (struct sim_dma_request){.tasklet = t->id,
                                    .pc_insn = sim_pc_of(d, ip),
                                    .memory = dma->op == ISA_OP_LDMAI ? ISA_IRAM : ISA_WRAM,
                                    .is_write = dma->op == ISA_OP_SDMA,
                                    .address = dma->local_addr,
                                    .mram_offset = dma->mram_addr,
                                    .len_bytes = dma->len_bytes};
}

/* As the hook left it, within what the hardware could be told. */
static void take(struct sim_dma *dma, const struct sim_dma_request *transfer)
{
    uint32_t len = transfer->len_bytes / BEAT_BYTES * BEAT_BYTES;
    dma->local_addr = transfer->address & 0x00fffff8;
    dma->mram_addr = transfer->mram_offset & 0xfffffff8;
    dma->len_bytes = len < BEAT_BYTES ? BEAT_BYTES : len > MOST_BYTES ? MOST_BYTES : len;
}

static void refuse(struct sim_dpu *d, const struct sim_dma_request *transfer)
{
    d->fault = (struct sim_fault){.kind = SIM_FAULT_DMA,
                                  .tasklet = transfer->tasklet,
                                  .pc_insn = transfer->pc_insn,
                                  .address = transfer->mram_offset,
                                  .memory = ISA_MRAM,
                                  .len_bytes = transfer->len_bytes,
                                  .is_write = transfer->is_write};
    snprintf(d->fault.rule, sizeof d->fault.rule, "refused by a hook");
    d->event |= SIM_NEWS_FAULT;
}

static const struct sim_insn *before(struct sim_watcher *watcher, struct sim_dpu *d,
                                     struct sim_tasklet *t, const struct sim_insn *ip)
{
    struct sim_intercept *in = (struct sim_intercept *)watcher;
    uint8_t source[MOST_BYTES], *bytes = in->bytes[t->id];
    in->changed = sim_dma_of(t, ip);
    struct sim_dma_request transfer = describe(d, t, ip, &in->changed);
    read_source(d, &in->changed, bytes);
    memcpy(source, bytes, MOST_BYTES);
    transfer.bytes = bytes;
    enum sim_verdict verdict = in->hook(in->context, d, &transfer);
    if (verdict == SIM_VERDICT_DROP)
        return ip + 1;
    if (verdict == SIM_VERDICT_FAULT) {
        refuse(d, &transfer);
        return NULL;
    }
    struct sim_dma own = in->changed;
    take(&in->changed, &transfer);
    bool other = memcmp(source, bytes, in->changed.len_bytes) != 0;
    if (other || memcmp(&own, &in->changed, sizeof own) != 0)
        d->dma_error = (struct sim_dma_error){
            .kind = other ? SIM_DMA_OTHER_BYTES : SIM_DMA_OTHER_PLACE, .at = t->id};
    return NULL;
}

static void after(struct sim_watcher *watcher, struct sim_dpu *d, struct sim_tasklet *t,
                  const struct sim_insn *ip, const struct sim_insn *next)
{
    (void)watcher, (void)t, (void)ip, (void)next;
    d->dma_error.kind = SIM_DMA_FINE;
}

void sim_intercept_apply(const struct sim_dpu *d, struct sim_dma *dma)
{
    dma->local_addr = d->intercept->changed.local_addr;
    dma->mram_addr = d->intercept->changed.mram_addr;
    dma->len_bytes = d->intercept->changed.len_bytes;
}

const uint8_t *sim_intercept_bytes(const struct sim_dpu *d, const struct sim_dma *dma)
{
    return d->intercept ? d->intercept->bytes[dma->error.at] : NULL;
}

/* ---- who is there ---------------------------------------------------------------------------- */

enum dpusim_status sim_dpu_set_transfer_hook(struct sim_dpu *dpu, sim_transfer_hook hook,
                                             void *context, struct isa_diag *diag)
{
    struct sim_intercept *in = dpu->intercept;
    if (!hook && !in)
        return DPUSIM_OK;
    if (!in) /* stays until the end: transfers may be under way */
        in = dpu->intercept = calloc(1, sizeof *in);
    if (in && in->hook)
        sim_watch_remove(dpu, &in->watcher);
    if (in) {
        in->watcher =
            (struct sim_watcher){.before = before, .after = after, .classes = SIM_WATCH_DMA};
        in->context = context;
        in->hook = hook && sim_watch_add(dpu, &in->watcher) ? hook : NULL;
    }
    return in && in->hook == hook ? DPUSIM_OK
                                  : isa_fail(diag, DPUSIM_NO_MEMORY,
                                             "sim_dpu_set_transfer_hook: out of memory, or "
                                             "too many functions are replaced");
}

void sim_intercept_destroy(struct sim_dpu *dpu)
{
    free(dpu->intercept);
}

/* ---- faults ---------------------------------------------------------------------------------- */

void sim_dpu_set_fault_hook(struct sim_dpu *dpu, sim_fault_hook hook, void *context)
{
    dpu->fault_hook = hook;
    dpu->fault_context = context;
}

bool sim_fault_swallowed(struct sim_dpu *d)
{
    if (!d->fault_hook)
        return false;
    bool stays = d->fault_hook(d->fault_context, d, &d->fault);
    if (stays && d->fault.kind != SIM_FAULT_NONE)
        return false;
    sim_dpu_clear_fault(d);
    return true;
}
