/* SPDX-License-Identifier: MIT */
/* The checker of globals: a variable in WRAM keeps its value from one launch to the next, and only
 * a load of the program sets it to its initial value again. Reported is the first use, by a load,
 * of a byte that an earlier launch left with another value than the initial one, and that neither
 * this launch nor the host has written since. That may be meant, so it is no part of "all".
 * Not looked at: stacks, heap, variables of the run-time library (names that begin with "__"), and
 * transfers out of a variable. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

enum { WRITTEN = 1 << 0, LEFT_OVER = 1 << 1 };

struct check_globals {
    struct sim_checker checker;
    uint8_t known[ISA_WRAM_BYTES + sizeof(uint64_t)]; /* room behind the last byte */
    uint8_t initial[ISA_WRAM_BYTES];
};

/* ---- findings -------------------------------------------------------------------------------- */

/* The value of an object of up to 8 bytes, or its first 8. */
static uint64_t value_of(const uint8_t *memory, const struct isa_symbol *symbol)
{
    uint64_t value = 0;
    memcpy(&value, memory + symbol->value, symbol->size_bytes < 8 ? symbol->size_bytes : 8);
    return value;
}

static void report(struct check_globals *g, struct sim_dpu *d, struct sim_tasklet *t,
                   const struct sim_insn *ip, uint32_t address, const struct isa_symbol *symbol)
{
    struct sim_finding *f =
        sim_find(d, SIM_FINDING_LEFT_OVER, t, sim_pc_of(d, ip), -1, ISA_IRAM_INSNS);
    if (!f)
        return;
    f->memory = ISA_WRAM;
    f->address = address;
    f->site.len_bytes = sim_watch_now(d)->bytes;
    if (symbol->size_bytes <= sizeof(uint64_t))
        snprintf(f->text, sizeof f->text,
                 "%.48s is 0x%" PRIx64 " since an earlier launch; only a load makes it 0x%" PRIx64
                 " again",
                 symbol->name, value_of(d->wram, symbol), value_of(g->initial, symbol));
    else
        snprintf(f->text, sizeof f->text,
                 "%.48s+%" PRIu32 " was changed by an earlier launch; only a load makes it what it "
                 "was at first",
                 symbol->name, address - symbol->value);
}

/* The variable of the program that holds the byte, or NULL. */
static const struct isa_symbol *variable_at(const struct sim_dpu *d, uint32_t address)
{
    const struct isa_symbol *symbol = sim_object_at(d, ISA_WRAM, address);
    bool fits = symbol && (uint64_t)symbol->value + symbol->size_bytes <= ISA_WRAM_BYTES;
    return fits && strncmp(symbol->name, "__", 2) != 0 ? symbol : NULL;
}

/* ---- loads, stores, transfers ---------------------------------------------------------------- */

static void check_load(struct check_globals *g, struct sim_dpu *d, struct sim_tasklet *t,
                       const struct sim_insn *ip, uint32_t address)
{
    const struct isa_symbol *symbol = variable_at(d, address);
    if (!symbol)
        return;
    report(g, d, t, ip, address, symbol);
    for (uint32_t i = 0; i < symbol->size_bytes; i++) /* said once in a launch */
        g->known[symbol->value + i] &= (uint8_t)~LEFT_OVER;
}

static const struct sim_insn *look(struct sim_watcher *watcher, struct sim_dpu *d,
                                   struct sim_tasklet *t, const struct sim_insn *ip)
{
    struct check_globals *g = (struct check_globals *)watcher;
    const struct sim_watch_slot *slot = sim_watch_now(d);
    unsigned bytes = slot->bytes;
    if (!bytes) {
        struct sim_dma dma = sim_dma_of(t, ip);
        if (dma.op == ISA_OP_LDMA && (uint64_t)dma.local_addr + dma.len_bytes <= d->wram_units[0])
            memset(g->known + dma.local_addr, WRITTEN, dma.len_bytes);
        return NULL;
    }
    uint32_t address = sim_watch_address(slot, t, ip);
    if (!sim_watch_is_legal(d, bytes, address))
        return NULL;
    if (slot->is_write)
        memset(g->known + address, WRITTEN, bytes);
    else if (sim_any_with(g->known + address, bytes, LEFT_OVER))
        check_load(g, d, t, ip, address);
    return NULL;
}

/* ---- what the host does ---------------------------------------------------------------------- */

static void loaded(struct sim_checker *checker, struct sim_dpu *d)
{
    struct check_globals *g = (struct check_globals *)checker;
    memset(g->known, 0, sizeof g->known);
    memset(g->initial, 0, sizeof g->initial);
    for (size_t i = 0; d->program && i < d->program->n_segments; i++) {
        const struct isa_segment *segment = &d->program->segments[i];
        if (segment->memory == ISA_WRAM)
            memcpy(g->initial + segment->offset_bytes, segment->data, segment->file_bytes);
    }
}

static void launched(struct sim_checker *checker, struct sim_dpu *d)
{
    struct check_globals *g = (struct check_globals *)checker;
    for (uint32_t at = 0; at < d->wram_units[0]; at++)
        if (g->known[at])
            g->known[at] = d->wram[at] == g->initial[at] ? 0 : LEFT_OVER;
}

static void written(struct sim_checker *checker, struct sim_dpu *d, enum isa_memory memory,
                    uint32_t offset_bytes, size_t len_bytes)
{
    struct check_globals *g = (struct check_globals *)checker;
    (void)d;
    if (memory == ISA_WRAM)
        memset(g->known + offset_bytes, 0, len_bytes);
}

static void forgotten(struct sim_checker *checker, struct sim_dpu *d)
{
    struct check_globals *g = (struct check_globals *)checker;
    (void)d;
    memset(g->known, 0, sizeof g->known);
}

static void destroy(struct sim_checker *checker)
{
    free(checker);
}

struct sim_checker *sim_check_globals_create(struct sim_dpu *d)
{
    struct check_globals *g = calloc(1, sizeof *g);
    (void)d;
    if (!g)
        return NULL;
    g->checker = (struct sim_checker){
        .watcher = {.before = look, .classes = SIM_WATCH_LOAD | SIM_WATCH_STORE | SIM_WATCH_DMA},
        .destroy = destroy,
        .loaded = loaded,
        .launched = launched,
        .written = written,
        .restored = forgotten,
        .cleared = forgotten};
    return &g->checker;
}
