/* SPDX-License-Identifier: MIT */
/* Checkpoints of one DPU: save, restore, and the byte form. One function visits every part for
 * measuring, writing and reading alike. Byte form: documented (c-api of SDK 2024.2), little endian
 * without padding. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "include/dpu_debug.h"
#include "low.h"

#define MAGIC          UINT32_C(0xfabddbaf)
#define CHIP_VERSION   18
#define FORMAT_VERSION 3

enum { MOST_OF_A_KIND = UINT16_MAX }; /* threads, registers, atomic bits: sums stay far from 2^64 */

/* ---- the byte form --------------------------------------------------------------------------- */

struct stream {
    enum { MEASURE, WRITE, READ } mode;
    uint8_t *data;
    uint64_t used, size;
    bool failed; /* READ: the bytes end too early */
};

/* NULL is written as zeros. */
static void visit(struct stream *s, void *field, uint64_t len_bytes)
{
    if (s->mode == READ && (s->failed || len_bytes > s->size - s->used)) {
        s->failed = true;
        return;
    }
    if (s->mode == WRITE && field && len_bytes)
        memcpy(s->data + s->used, field, len_bytes);
    else if (s->mode == WRITE)
        memset(s->data + s->used, 0, len_bytes);
    else if (s->mode == READ && len_bytes)
        memcpy(field, s->data + s->used, len_bytes);
    s->used += len_bytes;
}

/* A byte that is not 0 is true. */
static void visit_flags(struct stream *s, bool *flags, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint8_t byte = s->mode == WRITE && flags && flags[i];
        visit(s, &byte, sizeof byte);
        if (s->mode == READ)
            flags[i] = byte != 0;
    }
}

struct header {
    uint32_t magic, chip, format, magic_again;
    uint32_t threads, registers, atomic_bits;
    uint32_t iram_insns, mram_bytes, wram_words;
};

static struct header header_of(const struct dpu_context_t *context)
{
    return (struct header){MAGIC,
                           CHIP_VERSION,
                           FORMAT_VERSION,
                           MAGIC,
                           context->info.nr_threads,
                           context->info.nr_registers,
                           context->info.nr_atomic_bits,
                           context->info.iram_size,
                           context->info.mram_size,
                           context->info.wram_size};
}

/* Everything behind the header; the arrays are there when reading. */
static void visit_body(struct stream *s, struct dpu_context_t *context)
{
    uint64_t threads = context->info.nr_threads;
    visit(s, context->iram, (uint64_t)context->info.iram_size * sizeof *context->iram);
    visit(s, context->mram, context->info.mram_size);
    visit(s, context->wram, (uint64_t)context->info.wram_size * sizeof *context->wram);
    visit(s, context->registers, threads * context->info.nr_registers * sizeof *context->registers);
    visit(s, context->pcs, threads * sizeof *context->pcs);
    visit_flags(s, context->atomic_register, context->info.nr_atomic_bits);
    visit_flags(s, context->zero_flags, context->info.nr_threads);
    visit_flags(s, context->carry_flags, context->info.nr_threads);
    visit(s, &context->nr_of_running_threads, 1);
    visit(s, context->scheduling, threads);
    visit_flags(s, &context->bkp_fault, 1);
    visit_flags(s, &context->dma_fault, 1);
    visit_flags(s, &context->mem_fault, 1);
    visit(s, &context->bkp_fault_thread_index, 1);
    visit(s, &context->dma_fault_thread_index, 1);
    visit(s, &context->mem_fault_thread_index, 1);
    visit(s, &context->bkp_fault_id, sizeof context->bkp_fault_id);
}

static uint64_t visit_all(struct stream *s, struct dpu_context_t *context)
{
    struct header header = header_of(context);
    visit(s, &header, sizeof header);
    visit_body(s, context);
    return s->used;
}

uint32_t dpu_checkpoint_get_serialized_context_size(struct dpu_context_t *context)
{
    struct stream stream = {.mode = MEASURE};
    return context ? (uint32_t)visit_all(&stream, context) : 0;
}

dpu_error_t dpu_checkpoint_serialize(struct dpu_context_t *context, uint8_t **serialized_context,
                                     uint32_t *serialized_context_size)
{
    if (!context || !serialized_context || !serialized_context_size)
        return drv_fail(DPU_ERR_INTERNAL, "%s: an argument is NULL", __func__);
    uint32_t size = dpu_checkpoint_get_serialized_context_size(context);
    if (*serialized_context && *serialized_context_size != size)
        return drv_fail(DPU_ERR_INVALID_BUFFER_SIZE,
                        "%s: the buffer has %" PRIu32 " bytes; wanted exactly %" PRIu32, __func__,
                        *serialized_context_size, size);
    uint8_t *data = *serialized_context ? *serialized_context : malloc(size);
    if (!data)
        return drv_fail(DPU_ERR_SYSTEM, "%s: out of memory", __func__);
    struct stream stream = {.mode = WRITE, .data = data, .size = size};
    visit_all(&stream, context);
    *serialized_context = data;
    *serialized_context_size = size;
    return DPU_OK;
}

static dpu_error_t check_header(const struct header *h, const char *call)
{
    if (h->magic != MAGIC || h->magic_again != MAGIC)
        return drv_fail(DPU_ERR_ELF_INVALID_FILE,
                        "%s: not a saved context: magic numbers 0x%" PRIx32 " and 0x%" PRIx32
                        ", wanted 0x%" PRIx32,
                        call, h->magic, h->magic_again, MAGIC);
    if (h->format != FORMAT_VERSION)
        return drv_fail(DPU_ERR_ELF_INVALID_FILE,
                        "%s: saved context has format %" PRIu32 ", wanted %d", call, h->format,
                        FORMAT_VERSION);
    if (h->threads > UINT8_MAX || h->registers > MOST_OF_A_KIND ||
        h->atomic_bits > MOST_OF_A_KIND || h->iram_insns > UINT16_MAX)
        return drv_fail(DPU_ERR_ELF_INVALID_FILE,
                        "%s: saved context of %" PRIu32 " threads, %" PRIu32 " registers, %" PRIu32
                        " atomic bits and %" PRIu32 " instructions: no DPU has that many",
                        call, h->threads, h->registers, h->atomic_bits, h->iram_insns);
    return DPU_OK;
}

static bool allocate_memories(struct dpu_context_t *context)
{
    if (context->info.iram_size)
        context->iram = malloc(context->info.iram_size * sizeof *context->iram);
    if (context->info.mram_size)
        context->mram = malloc(context->info.mram_size);
    if (context->info.wram_size)
        context->wram = malloc(context->info.wram_size * sizeof *context->wram);
    return (context->iram || !context->info.iram_size) &&
           (context->mram || !context->info.mram_size) &&
           (context->wram || !context->info.wram_size);
}

/* Sizes are known and the bytes are there. */
static dpu_error_t read_body(struct stream *s, struct dpu_context_t *out,
                             struct dpu_context_t *fresh, const char *call)
{
    if (!drv_context_allocate(fresh) || !allocate_memories(fresh)) {
        dpu_free_dpu_context(fresh);
        return drv_fail(DPU_ERR_SYSTEM, "%s: out of memory", call);
    }
    visit_body(s, fresh);
    *out = *fresh;
    return DPU_OK;
}

dpu_error_t dpu_checkpoint_deserialize(const uint8_t *serialized_context,
                                       uint32_t serialized_context_size,
                                       struct dpu_context_t *context)
{
    if (!serialized_context || !context)
        return drv_fail(DPU_ERR_INTERNAL, "%s: an argument is NULL", __func__);
    struct stream stream = {.mode = READ,
                            .data = (uint8_t *)(uintptr_t)serialized_context,
                            .size = serialized_context_size};
    struct header h = {0};
    struct dpu_context_t fresh = {0};
    visit(&stream, &h, sizeof h);
    dpu_error_t error = DPU_OK;
    if (!stream.failed)
        error = check_header(&h, __func__);
    if (error)
        return error;
    fresh.info.nr_threads = h.threads;
    fresh.info.nr_registers = h.registers;
    fresh.info.nr_atomic_bits = h.atomic_bits;
    fresh.info.iram_size = (iram_size_t)h.iram_insns;
    fresh.info.mram_size = h.mram_bytes;
    fresh.info.wram_size = h.wram_words;
    struct stream measure = {.mode = MEASURE};
    if (stream.failed || visit_all(&measure, &fresh) > serialized_context_size)
        return drv_fail(DPU_ERR_ELF_INVALID_FILE,
                        "%s: the saved context ends after %" PRIu32 " bytes; wanted %" PRIu64,
                        __func__, serialized_context_size,
                        stream.failed ? (uint64_t)sizeof h : measure.used);
    return read_body(&stream, context, &fresh, __func__);
}

dpu_error_t dpu_checkpoint_free(struct dpu_context_t *context)
{
    dpu_free_dpu_context(context);
    return DPU_OK;
}

/* ---- save ------------------------------------------------------------------------------------ */

/* The memories of a context. */
struct part {
    dpu_checkpoint_flags_t flag;
    const char *name;
    struct drv_region region; /* all that the context holds of it */
    void *data;
};
enum { N_PARTS = 3 };

static void list_parts(struct part parts[N_PARTS], const struct dpu_context_t *c)
{
    const struct part all[N_PARTS] = {
        {DPU_CHECKPOINT_IRAM, "IRAM", {ISA_IRAM, 0, c->info.iram_size * sizeof *c->iram}, c->iram},
        {DPU_CHECKPOINT_MRAM, "MRAM", {ISA_MRAM, 0, c->info.mram_size}, c->mram},
        {DPU_CHECKPOINT_WRAM, "WRAM", {ISA_WRAM, 0, c->info.wram_size * sizeof *c->wram}, c->wram},
    };
    memcpy(parts, all, sizeof all);
}

/* The DPU itself is stopped where its internal state is wanted; it is not touched before that is
 * known to be possible. */
static dpu_error_t stop_for(struct dpu_t *dpu, dpu_checkpoint_flags_t flags, const char *call)
{
    bool stops = flags & DPU_CHECKPOINT_INTERNAL;
    for (unsigned i = 0; flags & DPU_CHECKPOINT_MRAM && i < dpu->rank->nr_dpus; i++) {
        struct dpu_t *other = &dpu->rank->dpus[i];
        if (atomic_load(&other->running) && !(stops && other == dpu))
            return drv_fail(DPU_ERR_MRAM_BUSY, "%s: DPU 0x%x of the rank runs", call,
                            (unsigned)dpu_get_id(other));
    }
    if (stops)
        drv_stop(dpu);
    return DPU_OK;
}

static dpu_error_t save(struct dpu_t *dpu, dpu_checkpoint_flags_t flags,
                        struct dpu_context_t *context, const char *call)
{
    struct part parts[N_PARTS];
    dpu_error_t error = stop_for(dpu, flags, call);
    if (error)
        return error;
    context->info.iram_size = flags & DPU_CHECKPOINT_IRAM ? context->info.iram_size : 0;
    context->info.mram_size = flags & DPU_CHECKPOINT_MRAM ? context->info.mram_size : 0;
    context->info.wram_size = flags & DPU_CHECKPOINT_WRAM ? context->info.wram_size : 0;
    if (!allocate_memories(context) ||
        (flags & DPU_CHECKPOINT_INTERNAL && !drv_context_allocate(context)))
        return drv_fail(DPU_ERR_SYSTEM, "%s: out of memory", call);
    list_parts(parts, context);
    for (unsigned i = 0; i < N_PARTS; i++)
        if (flags & parts[i].flag)
            drv_read(dpu, &parts[i].region, parts[i].data);
    if (flags & DPU_CHECKPOINT_INTERNAL) {
        drv_context_situation(dpu, context);
        drv_context_read(dpu, context);
    }
    return DPU_OK;
}

static dpu_error_t enter(struct dpu_set_t set, const struct dpu_context_t *context,
                         const char *call)
{
    dpu_error_t error = drv_set_check(set, call);
    if (error)
        return error;
    if (set.kind != DPU_SET_DPU)
        return drv_fail(DPU_ERR_INVALID_DPU_SET,
                        "%s: wanted a set of one DPU (from DPU_FOREACH), got a set of ranks", call);
    if (!context)
        return drv_fail(DPU_ERR_INTERNAL, "%s: the context is NULL", call);
    return drv_low_hold_dpu(set.dpu, call);
}

dpu_error_t dpu_checkpoint_save(struct dpu_set_t set, dpu_checkpoint_flags_t flags,
                                struct dpu_context_t *context)
{
    dpu_error_t error = enter(set, context, __func__);
    if (error)
        return error;
    drv_context_init(context, set.dpu->rank);
    error = save(set.dpu, flags, context, __func__);
    drv_low_unhold(set.dpu->rank);
    if (error)
        dpu_free_dpu_context(context);
    return error;
}

/* ---- restore --------------------------------------------------------------------------------- */

/* Pages that are equal already are left alone: most of MRAM was never touched. */
static void write_changed(struct dpu_t *dpu, const struct part *part)
{
    enum { PAGE_BYTES = 4096 };
    const uint8_t *memory = sim_dpu_mram(dpu->sim), *data = part->data;
    for (size_t at = 0; at < part->region.len_bytes; at += PAGE_BYTES) {
        size_t rest = part->region.len_bytes - at, len = rest < PAGE_BYTES ? rest : PAGE_BYTES;
        struct drv_region page = {ISA_MRAM, (uint32_t)at, len};
        if (memcmp(memory + at, data + at, len) != 0)
            drv_write(dpu, &page, data + at);
    }
}

static dpu_error_t check_parts(const struct dpu_t *dpu, dpu_checkpoint_flags_t flags,
                               const struct dpu_context_t *context,
                               const struct part parts[N_PARTS], const char *call)
{
    dpu_error_t error = DPU_OK;
    if (flags & DPU_CHECKPOINT_INTERNAL)
        error = drv_context_check(dpu, context, call);
    for (unsigned i = 0; i < N_PARTS && !error; i++) {
        if (!(flags & parts[i].flag))
            continue;
        if (!parts[i].data)
            return drv_fail(DPU_ERR_INTERNAL, "%s: the context holds no %s", call, parts[i].name);
        error = drv_check_region(dpu->rank, &parts[i].region, call);
    }
    return error;
}

/* The threads stay stopped. */
static dpu_error_t restore(struct dpu_t *dpu, dpu_checkpoint_flags_t flags,
                           const struct dpu_context_t *context, const char *call)
{
    struct part parts[N_PARTS];
    list_parts(parts, context);
    dpu_error_t error = check_parts(dpu, flags, context, parts, call);
    if (error)
        return error;
    error = stop_for(dpu, flags, call);
    if (error)
        return error;
    for (unsigned i = 0; i < N_PARTS; i++)
        if (flags & parts[i].flag && parts[i].region.memory == ISA_MRAM)
            write_changed(dpu, &parts[i]);
        else if (flags & parts[i].flag)
            drv_write(dpu, &parts[i].region, parts[i].data);
    if (flags & DPU_CHECKPOINT_INTERNAL) {
        drv_halt(dpu);
        atomic_store(&dpu->fault, false);
        drv_context_write(dpu, context);
    }
    return DPU_OK;
}

dpu_error_t dpu_checkpoint_restore(struct dpu_set_t set, dpu_checkpoint_flags_t flags,
                                   struct dpu_context_t *context)
{
    dpu_error_t error = enter(set, context, __func__);
    if (error)
        return error;
    error = restore(set.dpu, flags, context, __func__);
    drv_low_unhold(set.dpu->rank);
    return error;
}
