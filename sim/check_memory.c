/* SPDX-License-Identifier: MIT */
/* The checker of memory: every byte of WRAM and MRAM is known to be written or not, every byte of
 * the heap to be allocated or not. Reported is the use of a byte, a load: transfers and copies pass
 * on what is known, so that padding and whole buffers may move. Not seen: an index that leaves one
 * object and lands in the next one, except by a transfer. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check_memory.h"

/* ---- findings -------------------------------------------------------------------------------- */

static void report_out(struct check_memory *m, struct sim_dpu *d, struct sim_tasklet *t,
                       const struct sim_insn *ip, const struct sim_access *a, uint32_t first)
{
    bool freed = m->wram[first] & SIM_BYTE_FREED;
    if (freed)
        SIM_REPORT_ACCESS(
            d, t, ip, SIM_FINDING_AFTER_RESET, ISA_WRAM, a->address, a->len_bytes, a->is_write,
            a->is_dma, "byte 0x%" PRIx32 " of the heap was given back and is no block now", first);
    else
        SIM_REPORT_ACCESS(
            d, t, ip, SIM_FINDING_OUTSIDE, ISA_WRAM, a->address, a->len_bytes, a->is_write,
            a->is_dma, "byte 0x%" PRIx32 " of the heap is in no block that was allocated", first);
}

static void report_unwritten(struct check_memory *m, struct sim_dpu *d, struct sim_tasklet *t,
                             const struct sim_insn *ip, const struct sim_access *a, uint32_t first)
{
    if (sim_known(d, SIM_FINDING_UNWRITTEN, sim_pc_of(d, ip)))
        return;
    unsigned count = 0;
    for (uint32_t at = a->address; at < a->address + a->len_bytes; at++)
        count += m->wram[at] & SIM_BYTE_UNWRITTEN;
    struct sim_name name = sim_name_of(d, ISA_WRAM, first);
    bool own = first >= m->stack[t->id].from && first < m->stack[t->id].end;
    SIM_REPORT_ACCESS(
        d, t, ip, SIM_FINDING_UNWRITTEN, ISA_WRAM, a->address, a->len_bytes, false, false,
        "%u of %" PRIu32 " bytes were never written%s, the first at 0x%" PRIx32 "%s%s%s", count,
        a->len_bytes,
        m->wram[first] & SIM_BYTE_FROM_MRAM ? " in MRAM, whence a transfer brought them" : "",
        first, name.text[0] ? ", " : "", name.text, own ? ", in the tasklet's own stack" : "");
}

/* ---- stack ----------------------------------------------------------------------------------- */

/* What a frame that was given up held means nothing any more. */
static void follow_stack(struct check_memory *m, struct sim_dpu *d, const struct sim_tasklet *t,
                         uint32_t now)
{
    uint32_t before = m->stack_pointer[t->id];
    const struct sim_byte_range *stack = &m->stack[t->id];
    if (now < before && now >= stack->from && before <= stack->end) {
        for (uint32_t at = now; at < before; at++)
            m->wram[at] = SIM_BYTE_UNWRITTEN;
        sim_quiet_drop(d, now, before);
    }
    m->stack_pointer[t->id] = now;
}

static void find_stacks(struct check_memory *m, const struct sim_dpu *d)
{
    memset(m->stack, 0, sizeof m->stack);
    memset(m->stack_pointer, 0, sizeof m->stack_pointer);
    for (unsigned i = 0; i < d->chip->threads; i++)
        m->stack[i] = sim_stack_bounds(d, i);
}

/* ---- transfers under way (cycle mode) -------------------------------------------------------- */

static bool overlap(uint32_t a, uint32_t a_len, uint32_t b, uint32_t b_len)
{
    return a < b + b_len && b < a + a_len;
}

static void report_busy(struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip,
                        const struct sim_access *a, enum isa_memory memory,
                        const struct sim_tasklet *other)
{
    SIM_REPORT_ACCESS(d, t, ip, SIM_FINDING_BUSY, memory, a->address, a->len_bytes, a->is_write,
                      a->is_dma,
                      "a transfer of %" PRIu32 " bytes of tasklet %u is under way there: %s",
                      other->dma.len_bytes, other->id,
                      other->dma.op == ISA_OP_SDMA ? "from WRAM to MRAM" : "from MRAM to WRAM");
}

static void make_busy(struct check_memory *m, const struct sim_dma *dma)
{
    uint32_t end = dma->local_addr + dma->len_bytes;
    if (!m->busy.end || dma->local_addr < m->busy.from)
        m->busy.from = dma->local_addr;
    if (end > m->busy.end)
        m->busy.end = end;
}

/* Looks at all transfers under way; forgets the range when there are none. */
static void check_busy(struct check_memory *m, struct sim_dpu *d, struct sim_tasklet *t,
                       const struct sim_insn *ip, const struct sim_access *a,
                       enum isa_memory memory)
{
    m->busy = (struct sim_byte_range){0, 0};
    for (struct sim_tasklet *other = d->thread; other < d->thread + d->chip->threads; other++) {
        const struct sim_dma *dma = &other->dma;
        if (!dma->pending || other == t || dma->op == ISA_OP_LDMAI)
            continue;
        uint32_t at = memory == ISA_WRAM ? dma->local_addr : dma->mram_addr;
        bool writes = (dma->op == ISA_OP_SDMA) == (memory == ISA_MRAM);
        if ((writes || a->is_write) && overlap(a->address, a->len_bytes, at, dma->len_bytes))
            report_busy(d, t, ip, a, memory, other);
        make_busy(m, dma);
    }
}

/* ---- loads and stores ------------------------------------------------------------------------ */

/* First byte of the access of which a bit is known, or its end. */
static uint32_t first_with(const struct check_memory *m, const struct sim_access *a, uint8_t bit)
{
    uint32_t at = a->address, end = a->address + a->len_bytes;
    while (end - at >= 8 && !sim_any_with(m->wram + at, 8, bit))
        at += 8;
    while (at < end && !(m->wram[at] & bit))
        at++;
    return at;
}

static void check_load(struct check_memory *m, struct sim_dpu *d, struct sim_tasklet *t,
                       const struct sim_insn *ip, const struct sim_access *a)
{
    uint32_t end = a->address + a->len_bytes, out = first_with(m, a, SIM_BYTE_OUT);
    uint32_t first = first_with(m, a, SIM_BYTE_UNWRITTEN);
    if (out != end) {
        report_out(m, d, t, ip, a, out);
        return;
    }
    if (first == end || sim_copy_begins(m, d, t, sim_pc_of(d, ip), a->address, a->len_bytes) ||
        sim_part_unused(m, d, sim_pc_of(d, ip), a->address, a->len_bytes))
        return;
    report_unwritten(m, d, t, ip, a, first);
    for (uint32_t at = a->address; at < end; at++) /* said once */
        m->wram[at] &= (uint8_t) ~(SIM_BYTE_UNWRITTEN | SIM_BYTE_FROM_MRAM);
}

static void check_store(struct check_memory *m, struct sim_dpu *d, struct sim_tasklet *t,
                        const struct sim_insn *ip, const struct sim_access *a)
{
    uint32_t end = a->address + a->len_bytes, out = first_with(m, a, SIM_BYTE_OUT);
    uint32_t read_only = first_with(m, a, SIM_BYTE_READ_ONLY);
    const uint8_t *copied = sim_copy_ends(m, t, sim_pc_of(d, ip));
    if (out != end) {
        report_out(m, d, t, ip, a, out);
        return;
    }
    if (read_only != end)
        SIM_REPORT_ACCESS(d, t, ip, SIM_FINDING_READ_ONLY, ISA_WRAM, a->address, a->len_bytes, true,
                          false, "byte 0x%" PRIx32 " belongs to constants", read_only);
    uint8_t kept = SIM_BYTE_READ_ONLY | SIM_BYTE_BLOCK;
    if (copied) /* it may become worse */
        sim_quiet_drop(d, a->address, end);
    for (uint32_t i = 0; i < a->len_bytes; i++)
        m->wram[a->address + i] =
            (m->wram[a->address + i] & kept) | (copied ? copied[i] & (uint8_t)~kept : 0);
}

/* ---- transfers ------------------------------------------------------------------------------- */

/* Sequential readers fetch whole pages, whatever lies there besides. */
static bool is_reader(const struct sim_dpu *d, uint32_t pc_insn)
{
    struct sim_site site = sim_site_of(d, 0, pc_insn);
    return site.function && strstr(site.function, "seqread");
}

/* Does a transfer that begins in an object stay in it, rounded up to the next multiple of 8? */
static bool check_end(struct check_memory *m, struct sim_dpu *d, struct sim_tasklet *t,
                      const struct sim_insn *ip, const struct sim_access *a, enum isa_memory memory)
{
    const struct isa_symbol *symbol = sim_object_at(d, memory, a->address);
    uint32_t end = 0;
    const char *name = "the heap block";
    if (symbol) {
        end = symbol->value - isa_memory_base(memory) + symbol->size_bytes;
        name = symbol->name;
    } else if (memory == ISA_WRAM && a->address >= m->heap.from && a->address < m->heap.end) {
        end = sim_heap_block_end(m, a->address);
    }
    end = (end + SIM_DMA_UNIT - 1) / SIM_DMA_UNIT * SIM_DMA_UNIT;
    bool stays = !end || a->address + a->len_bytes <= end ||
                 (memory == ISA_MRAM && !a->is_write && is_reader(d, sim_pc_of(d, ip)));
    if (!stays)
        SIM_REPORT_ACCESS(d, t, ip, SIM_FINDING_PAST_END, memory, a->address, a->len_bytes,
                          a->is_write, true,
                          "%.60s ends at 0x%" PRIx32 ", %" PRIu32 " bytes before the transfer does",
                          name, end, a->address + a->len_bytes - end);
    return stays;
}

#define IN_EACH_BYTE(bits) ((uint64_t)(bits)*UINT64_C(0x0101010101010101))

/* Transfers are of whole doublewords. Were bytes among them that were never written? */
static bool pass_to_wram(uint8_t *wram, const uint8_t *mram, uint32_t len_bytes)
{
    uint64_t all = IN_EACH_BYTE(SIM_MRAM_WRITTEN);
    const uint64_t kept =
        IN_EACH_BYTE(SIM_BYTE_OUT | SIM_BYTE_READ_ONLY | SIM_BYTE_FREED | SIM_BYTE_BLOCK);
    for (uint32_t at = 0; at < len_bytes; at += sizeof(uint64_t)) {
        uint64_t near, far;
        memcpy(&near, wram + at, sizeof near);
        memcpy(&far, mram + at, sizeof far);
        all &= far;
        near = (near & kept) |
               (far ^ IN_EACH_BYTE(SIM_MRAM_WRITTEN)) * (SIM_BYTE_UNWRITTEN | SIM_BYTE_FROM_MRAM);
        memcpy(wram + at, &near, sizeof near);
    }
    return all != IN_EACH_BYTE(SIM_MRAM_WRITTEN);
}

static void pass_to_mram(uint8_t *mram, const uint8_t *wram, uint32_t len_bytes)
{
    for (uint32_t at = 0; at < len_bytes; at += sizeof(uint64_t)) {
        uint64_t near;
        memcpy(&near, wram + at, sizeof near);
        near = (near & IN_EACH_BYTE(SIM_BYTE_UNWRITTEN)) ^ IN_EACH_BYTE(SIM_MRAM_WRITTEN);
        memcpy(mram + at, &near, sizeof near);
    }
}

static void check_dma(struct check_memory *m, struct sim_dpu *d, struct sim_tasklet *t,
                      const struct sim_insn *ip)
{
    struct sim_dma dma = sim_dma_of(t, ip);
    bool reads = dma.op == ISA_OP_LDMA;
    struct sim_access local = {dma.local_addr, dma.len_bytes, reads, true};
    struct sim_access far = {dma.mram_addr, dma.len_bytes, !reads, true};
    if (dma.op == ISA_OP_LDMAI || (uint64_t)dma.mram_addr + dma.len_bytes > ISA_MRAM_BYTES ||
        (uint64_t)dma.local_addr + dma.len_bytes > d->wram_units[0])
        return; /* a fault, or code */
    sim_transfer_check(m, d, t, ip, &dma);
    bool stays = check_end(m, d, t, ip, &local, ISA_WRAM);
    (void)check_end(m, d, t, ip, &far, ISA_MRAM);
    if (d->dma_next_wake != UINT64_MAX) {
        check_busy(m, d, t, ip, &local, ISA_WRAM);
        check_busy(m, d, t, ip, &far, ISA_MRAM);
    }
    if (d->cycle_mode) {
        make_busy(m, &dma);
        sim_quiet_drop(d, dma.local_addr, dma.local_addr + dma.len_bytes);
    }
    uint32_t end = local.address + local.len_bytes, out = first_with(m, &local, SIM_BYTE_OUT);
    uint32_t constant = reads ? first_with(m, &local, SIM_BYTE_READ_ONLY) : end;
    if (out != end && stays)
        report_out(m, d, t, ip, &local, out);
    if (constant != end)
        SIM_REPORT_ACCESS(d, t, ip, SIM_FINDING_READ_ONLY, ISA_WRAM, local.address, local.len_bytes,
                          true, true, "byte 0x%" PRIx32 " belongs to constants", constant);
    if (reads && pass_to_wram(m->wram + dma.local_addr, m->mram + dma.mram_addr, dma.len_bytes))
        sim_quiet_drop(d, dma.local_addr, dma.local_addr + dma.len_bytes);
    if (!reads)
        pass_to_mram(m->mram + dma.mram_addr, m->wram + dma.local_addr, dma.len_bytes);
}

/* ---- events ---------------------------------------------------------------------------------- */

/* Something is known of a byte of the access. */
static void check_access(struct check_memory *m, struct sim_dpu *d, struct sim_tasklet *t,
                         const struct sim_insn *ip, const struct sim_access *a)
{
    if (d->cycle_mode &&
        overlap(a->address, a->len_bytes, m->busy.from, m->busy.end - m->busy.from))
        check_busy(m, d, t, ip, a, ISA_WRAM);
    if (m->depth[t->id]) { /* allocators know what they do */
        uint8_t kept = SIM_BYTE_OUT | SIM_BYTE_FREED | SIM_BYTE_BLOCK;
        for (uint32_t at = a->address; a->is_write && at < a->address + a->len_bytes; at++)
            m->wram[at] &= kept;
    } else if (a->is_write) {
        check_store(m, d, t, ip, a);
    } else {
        check_load(m, d, t, ip, a);
    }
}

#define FIRST_BYTES(n, bits) (UINT64_MAX >> (64 - 8 * (n)) & (bits)*UINT64_C(0x0101010101010101))
#define FOR_SIZES(bits)                                                                            \
    {                                                                                              \
        [1] = FIRST_BYTES(1, bits), [2] = FIRST_BYTES(2, bits), [4] = FIRST_BYTES(4, bits),        \
        [8] = FIRST_BYTES(8, bits)                                                                 \
    }

/* What matters of the bytes of a load, of a store. */
#define LOAD_MATTERS  (SIM_BYTE_UNWRITTEN | SIM_BYTE_OUT)
#define STORE_MATTERS (UINT8_MAX & ~SIM_BYTE_BLOCK)
static const uint64_t matter[2][9] = {FOR_SIZES(LOAD_MATTERS), FOR_SIZES(STORE_MATTERS)};
/* What a store ends. */
static const uint64_t written_now[9] = FOR_SIZES(SIM_BYTE_UNWRITTEN | SIM_BYTE_FROM_MRAM);

/* Is nothing known of the bytes of the load or store that matters? */
static inline bool is_plain(const struct check_memory *m, const struct sim_access *a)
{
    uint64_t known;
    memcpy(&known, m->wram + a->address, sizeof known); /* there is room behind the last byte */
    return !(known & matter[a->is_write][a->len_bytes]) && !m->busy.end;
}

/* Is it a store to bytes that may be written, were not, and are now? */
static inline bool is_plain_store(struct check_memory *m, const struct sim_access *a)
{
    uint64_t known, now = written_now[a->len_bytes];
    memcpy(&known, m->wram + a->address, sizeof known);
    if (!a->is_write || known & matter[1][a->len_bytes] & ~now || m->busy.end)
        return false;
    known &= ~now;
    memcpy(m->wram + a->address, &known, sizeof known);
    return true;
}

static void look_at_access(struct check_memory *m, struct sim_dpu *d, struct sim_tasklet *t,
                           const struct sim_insn *ip, const struct sim_access *a)
{
    uint8_t copies = m->n_copies[t->id];
    check_access(m, d, t, ip, a);
    sim_copy_forget_passed(m, t, sim_pc_of(d, ip));
    if (m->n_copies[t->id])
        sim_quiet_suspend(d, t, SIM_BY_COPY);
    else if (copies)
        sim_quiet_resume(d, t, SIM_BY_COPY);
}

/* A load of the stack pointer with the return address, as functions end, or else whatever the next
 * access will tell. */
static void stack_lowered(struct check_memory *m, struct sim_dpu *d, const struct sim_tasklet *t,
                          const struct sim_insn *ip, const struct sim_watch_slot *slot)
{
    uint32_t address = sim_watch_address(slot, t, ip), pointer;
    if (ip->form != ISA_LD_ERRI || ip->big || address % SIM_DOUBLEWORD ||
        address >= d->wram_units[0]) {
        sim_quiet_suspend(d, t, SIM_BY_POINTER);
        return;
    }
    memcpy(&pointer, d->wram + address + sizeof pointer, sizeof pointer); /* the even register */
    follow_stack(m, d, t, pointer);
}

static void look_at_place(struct check_memory *m, struct sim_dpu *d, const struct sim_tasklet *t,
                          uint32_t pc_insn)
{
    if (m->heap.end)
        sim_heap_step(m, d, t, pc_insn);
    if (m->sizes[pc_insn])
        sim_transfer_sized(m, d, t, pc_insn);
}

static __attribute__((noinline)) void look_closely(struct check_memory *m, struct sim_dpu *d,
                                                   struct sim_tasklet *t, const struct sim_insn *ip)
{
    const struct sim_watch_slot *slot = sim_watch_now(d);
    if (t->r[ISA_STACK_REGISTER] != m->stack_pointer[t->id])
        follow_stack(m, d, t, t->r[ISA_STACK_REGISTER]);
    if (slot->classes & SIM_WATCH_PC)
        look_at_place(m, d, t, sim_pc_of(d, ip));
    struct sim_access a = {sim_watch_address(slot, t, ip), slot->bytes, slot->is_write, false};
    if (slot->classes & SIM_WATCH_DMA)
        check_dma(m, d, t, ip);
    else if (slot->bytes && sim_watch_is_legal(d, a.len_bytes, a.address) &&
             (m->n_copies[t->id] || !is_plain(m, &a)))
        look_at_access(m, d, t, ip, &a);
    if (slot->classes & SIM_WATCH_LOWER)
        stack_lowered(m, d, t, ip, slot);
    else if (slot->bytes && d->watch->quiet.suspended[t->id])
        sim_quiet_resume(d, t, SIM_BY_POINTER);
}

/* Mostly a store to bytes that were not written. */
static const struct sim_insn *look(struct sim_watcher *watcher, struct sim_dpu *d,
                                   struct sim_tasklet *t, const struct sim_insn *ip)
{
    struct check_memory *m = (struct check_memory *)watcher;
    const struct sim_watch_slot *slot = sim_watch_now(d);
    struct sim_access a = {sim_watch_address(slot, t, ip), slot->bytes, slot->is_write, false};
    uint32_t pointer = t->r[ISA_STACK_REGISTER];
    if (pointer > m->stack_pointer[t->id])
        m->stack_pointer[t->id] = pointer;
    bool special = slot->classes & (SIM_WATCH_PC | SIM_WATCH_LOWER) || m->n_copies[t->id] ||
                   pointer != m->stack_pointer[t->id] || d->watch->quiet.suspended[t->id];
    if (special || !a.is_write || !sim_watch_is_legal(d, a.len_bytes, a.address) ||
        !is_plain_store(m, &a))
        look_closely(m, d, t, ip);
    return NULL;
}

static bool is_busy(const struct check_memory *m, const struct sim_dpu *d, uint32_t wram_addr)
{
    if (!overlap(wram_addr, SIM_DOUBLEWORD, m->busy.from, m->busy.end - m->busy.from))
        return false;
    for (const struct sim_tasklet *other = d->thread; other < d->thread + d->chip->threads; other++)
        if (other->dma.pending &&
            overlap(wram_addr, SIM_DOUBLEWORD, other->dma.local_addr, other->dma.len_bytes))
            return true;
    return false;
}

static enum sim_quietness quiet(struct sim_watcher *watcher, const struct sim_dpu *d,
                                const struct sim_tasklet *t, uint32_t doubleword)
{
    const struct check_memory *m = (const struct check_memory *)watcher;
    uint64_t known;
    (void)t;
    memcpy(&known, m->wram + doubleword * SIM_DOUBLEWORD, sizeof known);
    if (known & IN_EACH_BYTE(LOAD_MATTERS) ||
        (m->busy.end && is_busy(m, d, doubleword * SIM_DOUBLEWORD)))
        return SIM_QUIET_NOTHING;
    return known & IN_EACH_BYTE(STORE_MATTERS) ? SIM_QUIET_LOADS : SIM_QUIET_ALL;
}

/* ---- what the host does ---------------------------------------------------------------------- */

static void written(struct sim_checker *checker, struct sim_dpu *d, enum isa_memory memory,
                    uint32_t offset_bytes, size_t len_bytes)
{
    struct check_memory *m = (struct check_memory *)checker;
    (void)d;
    if (memory == ISA_MRAM)
        memset(m->mram + offset_bytes, SIM_MRAM_WRITTEN, len_bytes);
    for (size_t i = 0; memory == ISA_WRAM && i < len_bytes; i++)
        m->wram[offset_bytes + i] &= (uint8_t) ~(SIM_BYTE_UNWRITTEN | SIM_BYTE_FROM_MRAM);
}

static void cleared(struct sim_checker *checker, struct sim_dpu *d)
{
    struct check_memory *m = (struct check_memory *)checker;
    (void)d;
    memset(m->wram, SIM_BYTE_UNWRITTEN, ISA_WRAM_BYTES);
    sim_unmap_contents(m->mram, ISA_MRAM_BYTES);
}

/* Sections of MRAM that are not loaded keep what was there: whatever the segment that spans them
 * says. */
static void find_not_loaded(struct check_memory *m, const struct isa_program *program)
{
    for (size_t i = 0; i < program->n_sections; i++) {
        const struct isa_section *section = &program->sections[i];
        enum isa_memory memory;
        uint32_t offset;
        if (strncmp(section->name, ".mram.noinit", strlen(".mram.noinit")) == 0 &&
            isa_address_split(section->address, &memory, &offset) && memory == ISA_MRAM &&
            section->size_bytes <= ISA_MRAM_BYTES - offset)
            memset(m->mram + offset, 0, section->size_bytes);
    }
}

/* Where the compiler's own transfers of variables in MRAM go, 8 bytes for each tasklet. */
static struct sim_byte_range find_scratch(const struct isa_program *program)
{
    for (size_t i = 0; i < program->n_sections; i++)
        if (strcmp(program->sections[i].name, ".data.sw_cache") == 0)
            return (struct sim_byte_range){program->sections[i].address,
                                           program->sections[i].address +
                                               program->sections[i].size_bytes};
    return (struct sim_byte_range){0, 0};
}

static void find_constants(struct check_memory *m, const struct isa_program *program)
{
    const struct isa_symbol *from = isa_program_find_symbol(program, "__rodata_start_addr");
    const struct isa_symbol *end = isa_program_find_symbol(program, "__rodata_end_addr");
    if (!from || !end || !from->defined || !end->defined || end->value > ISA_WRAM_BYTES)
        return;
    for (uint32_t at = from->value; at < end->value; at++)
        m->wram[at] |= SIM_BYTE_READ_ONLY;
}

static void loaded(struct sim_checker *checker, struct sim_dpu *d)
{
    struct check_memory *m = (struct check_memory *)checker;
    m->busy = (struct sim_byte_range){0, 0};
    for (uint32_t at = 0; at < ISA_WRAM_BYTES; at++)
        m->wram[at] &= SIM_BYTE_UNWRITTEN;
    for (size_t i = 0; d->program && i < d->program->n_segments; i++) {
        const struct isa_segment *segment = &d->program->segments[i];
        if (segment->memory == ISA_WRAM || segment->memory == ISA_MRAM)
            written(checker, d, segment->memory, segment->offset_bytes, segment->mem_bytes);
    }
    if (d->program) {
        find_not_loaded(m, d->program);
        find_constants(m, d->program);
        m->scratch = find_scratch(d->program);
    }
    find_stacks(m, d);
    for (unsigned i = 0; i < d->chip->threads; i++)
        if (m->stack[i].from < m->stack[i].end)
            memset(m->wram + m->stack[i].from, SIM_BYTE_UNWRITTEN,
                   m->stack[i].end - m->stack[i].from);
    sim_heap_loaded(m, d);
    sim_transfer_loaded(m, d);
    sim_copy_loaded(m);
    if (d->watch)
        sim_watch_update(d);
}

/* All of WRAM counts as written; what was allocated is not known, so the heap is not looked at. */
static void restored(struct sim_checker *checker, struct sim_dpu *d)
{
    struct check_memory *m = (struct check_memory *)checker;
    memset(m->wram, 0, ISA_WRAM_BYTES);
    if (d->program)
        find_constants(m, d->program);
    m->heap = (struct sim_byte_range){0, 0};
    memset(m->depth, 0, sizeof m->depth);
    sim_copy_loaded(m);
}

static void destroy(struct sim_checker *checker)
{
    struct check_memory *m = (struct check_memory *)checker;
    sim_unmap(m->mram, ISA_MRAM_BYTES);
    free(m);
}

struct sim_checker *sim_check_memory_create(struct sim_dpu *d)
{
    struct check_memory *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->mram = sim_map_lazily(ISA_MRAM_BYTES);
    m->checker = (struct sim_checker){
        .watcher = {.before = look,
                    .classes = SIM_WATCH_LOAD | SIM_WATCH_STORE | SIM_WATCH_DMA | SIM_WATCH_LOWER,
                    .quiet_classes = SIM_WATCH_LOAD | SIM_WATCH_STORE,
                    .quiet = quiet},
        .destroy = destroy,
        .loaded = loaded,
        .written = written,
        .restored = restored,
        .cleared = cleared};
    if (!m->mram) {
        destroy(&m->checker);
        return NULL;
    }
    cleared(&m->checker, d);
    return &m->checker;
}
