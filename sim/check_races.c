/* SPDX-License-Identifier: MIT */
/* The checker of races: two accesses of different tasklets to the same byte, one of them a write,
 * that nothing puts in order. Order comes from what the hardware offers: an atomic bit released and
 * then acquired, a tasklet booted or resumed, a tasklet seen to have stopped. Whatever a library
 * makes of these (mutexes, barriers, semaphores, handshakes) orders accesses by itself.
 *
 * Each tasklet has a clock of all tasklets: what it knows of each one's past. Each byte of WRAM and
 * each 8 bytes of MRAM keep the last write and the last read as (tasklet, its own clock); reads by
 * several tasklets that nothing orders are kept one by one. (After FastTrack, Flanagan and Freund,
 * PLDI 2009.) Not modelled: that a transfer takes time; accesses while it is under way are races
 * anyway. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

#define MRAM_UNIT    8 /* bytes: of every transfer */
#define MRAM_UNITS   (ISA_MRAM_BYTES / MRAM_UNIT)
#define CLOCK_BITS   27
#define CLOCK_END    ((UINT32_C(1) << CLOCK_BITS) - 2)
#define READ_BY_MANY UINT32_MAX /* in cell.read: see reads */
#define MOST_HELD    8          /* bits held at once that are followed */
#define NAMED_HELD   3          /* of these, in reports */
#define NOBODY       0xff

/* When a tasklet did something: its number above its clock; 0: never. Clocks begin at 1. */
typedef uint32_t epoch;

/* Reads of one cell by all tasklets: clock (0: none) and place. */
struct reads {
    uint32_t clock[ISA_MAX_THREADS];
    uint16_t pc[ISA_MAX_THREADS];
};

struct clocks {
    uint32_t of[ISA_MAX_THREADS];
};

/* What is known of the cells of a memory: last write and last read, when and by which instruction.
 * Arrays of their own, so that neighbours are compared at once. */
struct space {
    size_t n_cells;
    epoch *write, *read;
    uint16_t *write_pc, *read_pc;
    struct reads *reads;
};

/* Locks held at an access, for reports: up to NAMED_HELD bits and how many there are. */
struct held {
    uint8_t count, bit[NAMED_HELD];
};

struct check_races {
    struct sim_checker checker;
    struct clocks tasklet[ISA_MAX_THREADS];
    struct clocks stopped[ISA_MAX_THREADS];
    struct clocks *bit; /* of each atomic bit: when it was last released */
    /* all of that is known to this tasklet; NOBODY: perhaps to none */
    uint8_t bit_known_by[ISA_ATOMIC_BITS];
    epoch now[ISA_MAX_THREADS];
    struct held held[ISA_MAX_THREADS];
    uint8_t held_bits[ISA_MAX_THREADS][MOST_HELD];
    struct space wram, mram;
    /* at the last access of a tasklet by an instruction */
    struct held (*held_at)[ISA_IRAM_INSNS];
    uint8_t (*bytes_at)[ISA_IRAM_INSNS]; /* of the last access, 0: a transfer */
    uint32_t ignored_from, ignored_end;  /* errno: the library's own, last writer wins */
    uint32_t boot_from, boot_end;        /* start code, which opens all bits */
};

static epoch epoch_of(unsigned tasklet, uint32_t clock)
{
    return tasklet << CLOCK_BITS | clock;
}

static unsigned tasklet_of(epoch e)
{
    return e >> CLOCK_BITS;
}

static uint32_t clock_of(epoch e)
{
    return e & ((UINT32_C(1) << CLOCK_BITS) - 1);
}

/* Did it happen before everything that the tasklet with these clocks does from now on? */
static bool before(epoch e, const struct clocks *clocks)
{
    return clock_of(e) <= clocks->of[tasklet_of(e)];
}

/* ---- order ----------------------------------------------------------------------------------- */

static void join(struct clocks *into, const struct clocks *from)
{
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++)
        if (from->of[i] > into->of[i])
            into->of[i] = from->of[i];
}

static void forget_space(struct space *space)
{
    sim_unmap_contents(space->write, space->n_cells * sizeof *space->write);
    sim_unmap_contents(space->read, space->n_cells * sizeof *space->read);
}

static void forget(struct check_races *r)
{
    forget_space(&r->wram);
    forget_space(&r->mram);
    memset(r->tasklet, 0, sizeof r->tasklet);
    memset(r->stopped, 0, sizeof r->stopped);
    memset(r->bit, 0, ISA_ATOMIC_BITS * sizeof *r->bit);
    memset(r->bit_known_by, NOBODY, sizeof r->bit_known_by);
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++) {
        r->tasklet[i].of[i] = 1;
        r->now[i] = epoch_of(i, 1);
    }
}

/* What t does from now on is later than what it gave away. */
static void advance(struct check_races *r, struct sim_dpu *d, unsigned t)
{
    sim_quiet_advance(d, t);
    uint32_t clock = ++r->tasklet[t].of[t];
    r->now[t] = epoch_of(t, clock);
    if (clock >= CLOCK_END) { /* after 134 million releases: earlier accesses are forgotten */
        forget(r);
        sim_quiet_forget(d);
    }
}

/* A launch: all that was before is over. */
static void launched(struct sim_checker *checker, struct sim_dpu *d)
{
    struct check_races *r = (struct check_races *)checker;
    struct clocks all = {{0}};
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++)
        join(&all, &r->tasklet[i]);
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++)
        r->tasklet[i] = all;
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++)
        advance(r, d, i);
    memset(r->held, 0, sizeof r->held);
}

/* ---- locks held ------------------------------------------------------------------------------ */

static void name_held(struct check_races *r, unsigned t)
{
    struct held *held = &r->held[t];
    for (unsigned i = 0; i < NAMED_HELD; i++)
        held->bit[i] = i < held->count ? r->held_bits[t][i] : 0;
}

static void hold(struct check_races *r, unsigned t, uint32_t bit)
{
    if (r->held[t].count < MOST_HELD)
        r->held_bits[t][r->held[t].count++] = (uint8_t)bit;
    name_held(r, t);
}

static void let_go(struct check_races *r, unsigned t, uint32_t bit)
{
    uint8_t *bits = r->held_bits[t];
    for (unsigned i = 0; i < r->held[t].count; i++)
        if (bits[i] == bit) {
            memmove(bits + i, bits + i + 1, r->held[t].count - i - 1u);
            r->held[t].count--;
            name_held(r, t);
            return;
        }
}

static void describe_held(const struct sim_dpu *d, const struct held *held, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (unsigned i = 0; i < held->count && i < NAMED_HELD && used < size; i++) {
        struct sim_name name = sim_name_of(d, ISA_ATOMIC, held->bit[i]);
        used += (size_t)snprintf(text + used, size - used, "%s%s%s", i ? ", " : "",
                                 name.text[0] ? name.text : "atomic bit ", name.text[0] ? "" : "");
        if (!name.text[0] && used < size)
            used += (size_t)snprintf(text + used, size - used, "%u", held->bit[i]);
    }
    if (held->count > NAMED_HELD && used < size)
        snprintf(text + used, size - used, " and %d more", held->count - NAMED_HELD);
}

/* ---- reports --------------------------------------------------------------------------------- */

/* One access of an instruction. */
struct access {
    struct sim_dpu *d;
    struct sim_tasklet *t;
    uint32_t pc_insn, len_bytes;
    bool is_write, is_dma;
};

/* The earlier access of a race. */
struct earlier {
    unsigned tasklet;
    uint32_t pc_insn;
    bool is_write;
};

static void report(struct check_races *r, const struct access *a, enum isa_memory memory,
                   uint32_t offset_bytes, struct earlier earlier)
{
    struct sim_finding *f =
        sim_find(a->d, SIM_FINDING_RACE, a->t, a->pc_insn, (int)earlier.tasklet, earlier.pc_insn);
    if (!f)
        return;
    uint8_t bytes = r->bytes_at[earlier.tasklet][earlier.pc_insn];
    struct sim_name name = sim_name_of(a->d, memory, offset_bytes);
    f->memory = memory;
    f->address = offset_bytes;
    f->site.len_bytes = a->len_bytes;
    f->site.is_write = a->is_write;
    f->site.is_dma = a->is_dma;
    f->other.len_bytes = bytes ? bytes : MRAM_UNIT;
    f->other.is_write = earlier.is_write;
    f->other.is_dma = bytes == 0;
    describe_held(a->d, &r->held[a->t->id], f->site.held, sizeof f->site.held);
    describe_held(a->d, &r->held_at[earlier.tasklet][earlier.pc_insn], f->other.held,
                  sizeof f->other.held);
    snprintf(f->text, sizeof f->text,
             "%s 0x%" PRIx32 "%s%s%s is %s here and was %s by tasklet %u, in no order",
             isa_memory_name(memory), offset_bytes, name.text[0] ? " (" : "", name.text,
             name.text[0] ? ")" : "", a->is_write ? "written" : "read",
             earlier.is_write ? "written" : "read", earlier.tasklet);
}

/* ---- accesses -------------------------------------------------------------------------------- */

/* Neighbours in a space; offset_bytes: of the first one in its memory. */
struct cells {
    uint32_t first;
    unsigned count;
    uint32_t offset_bytes;
};

static inline void fill(epoch *epochs, unsigned count, epoch value)
{
    for (unsigned i = 0; i < count; i++)
        epochs[i] = value;
}

static inline void fill_pcs(uint16_t *pcs, unsigned count, uint32_t pc_insn)
{
    for (unsigned i = 0; i < count; i++)
        pcs[i] = (uint16_t)pc_insn;
}

static void report_reads(struct check_races *r, const struct access *a, enum isa_memory memory,
                         uint32_t offset_bytes, const struct reads *reads)
{
    const struct clocks *mine = &r->tasklet[a->t->id];
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++)
        if (reads->clock[i] > mine->of[i] && i != a->t->id) {
            struct earlier earlier = {i, reads->pc[i], false};
            report(r, a, memory, offset_bytes, earlier);
        }
}

/* For reports of later accesses. */
static inline void note(struct check_races *r, const struct access *a)
{
    r->held_at[a->t->id][a->pc_insn] = r->held[a->t->id];
    r->bytes_at[a->t->id][a->pc_insn] = a->is_dma ? 0 : (uint8_t)a->len_bytes;
}

/* A write of n cells of which the same is known. */
static inline void write_cells(struct check_races *r, const struct access *a,
                               enum isa_memory memory, struct space *space, struct cells cells)
{
    const struct clocks *mine = &r->tasklet[a->t->id];
    uint32_t i = cells.first;
    epoch write = space->write[i], read = space->read[i];
    if (write && !before(write, mine)) {
        struct earlier earlier = {tasklet_of(write), space->write_pc[i], true};
        report(r, a, memory, cells.offset_bytes, earlier);
    }
    if (read == READ_BY_MANY) {
        report_reads(r, a, memory, cells.offset_bytes, &space->reads[i]);
    } else if (read && !before(read, mine)) {
        struct earlier earlier = {tasklet_of(read), space->read_pc[i], false};
        report(r, a, memory, cells.offset_bytes, earlier);
    }
    fill(space->read + i, cells.count, 0);
    fill(space->write + i, cells.count, r->now[a->t->id]);
    fill_pcs(space->write_pc + i, cells.count, a->pc_insn);
}

/* A second tasklet reads what nothing orders after the first one's read. */
static void read_by_many(struct space *space, uint32_t i, const struct access *a, epoch now)
{
    struct reads *reads = &space->reads[i];
    epoch read = space->read[i];
    if (read != READ_BY_MANY) {
        memset(reads->clock, 0, sizeof reads->clock);
        reads->clock[tasklet_of(read)] = clock_of(read);
        reads->pc[tasklet_of(read)] = space->read_pc[i];
        space->read[i] = READ_BY_MANY;
    }
    reads->clock[a->t->id] = clock_of(now);
    reads->pc[a->t->id] = (uint16_t)a->pc_insn;
}

/* Is this among the reads that are kept one by one? */
static bool is_among_many(const struct space *space, uint32_t i, epoch e)
{
    return space->read[i] == READ_BY_MANY && space->reads[i].clock[tasklet_of(e)] == clock_of(e);
}

static inline void read_cells(struct check_races *r, const struct access *a, enum isa_memory memory,
                              struct space *space, struct cells cells)
{
    const struct clocks *mine = &r->tasklet[a->t->id];
    uint32_t i = cells.first;
    epoch now = r->now[a->t->id], write = space->write[i], read = space->read[i];
    if (is_among_many(space, i, now))
        return; /* nothing new */
    if (write && !before(write, mine)) {
        struct earlier earlier = {tasklet_of(write), space->write_pc[i], true};
        report(r, a, memory, cells.offset_bytes, earlier);
    }
    if (read == READ_BY_MANY || (read && !before(read, mine))) {
        for (uint32_t cell = i; cell < i + cells.count; cell++)
            read_by_many(space, cell, a, now);
        return;
    }
    fill(space->read + i, cells.count, now);
    fill_pcs(space->read_pc + i, cells.count, a->pc_insn);
}

/* Are all n epochs, a power of two of them at most 8, the same one? */
static inline bool all_are(const epoch *epochs, unsigned n, epoch now)
{
    uint64_t twice = (uint64_t)now << 32 | now, differ, pair;
    if (n == 1)
        return *epochs == now;
    memcpy(&pair, epochs, sizeof pair);
    differ = pair ^ twice;
    for (unsigned i = 2; i < n; i += 2) {
        memcpy(&pair, epochs + i, sizeof pair);
        differ |= pair ^ twice;
    }
    return differ == 0;
}

/* Nothing new when this tasklet did the same in this epoch; what it reads after having written is
 * as good as written. */
static inline bool is_old(const struct space *space, uint32_t first, unsigned n, epoch now,
                          bool is_write)
{
    bool written = all_are(space->write + first, n, now);
    if (is_write)
        return written && all_are(space->read + first, n, 0);
    return written || all_are(space->read + first, n, now);
}

/* Bytes of WRAM of which not the same is known. */
static __attribute__((noinline)) void touch_one_by_one(struct check_races *r,
                                                       const struct access *a,
                                                       enum isa_memory memory, struct space *space,
                                                       struct cells cells)
{
    struct cells one = {cells.first, 1, cells.offset_bytes};
    for (; one.first < cells.first + cells.count; one.first++, one.offset_bytes++) {
        if (is_old(space, one.first, 1, r->now[a->t->id], a->is_write))
            continue;
        if (a->is_write)
            write_cells(r, a, memory, space, one);
        else
            read_cells(r, a, memory, space, one);
    }
}

/* n, a power of two of at most 8, cells. */
static inline __attribute__((always_inline)) void touch(struct check_races *r,
                                                        const struct access *a,
                                                        enum isa_memory memory, struct space *space,
                                                        struct cells cells)
{
    uint32_t i = cells.first;
    if (is_old(space, i, cells.count, r->now[a->t->id], a->is_write))
        return;
    note(r, a);
    if (cells.count > 1 && (space->read[i] == READ_BY_MANY ||
                            !all_are(space->write + i, cells.count, space->write[i]) ||
                            !all_are(space->read + i, cells.count, space->read[i]))) {
        touch_one_by_one(r, a, memory, space, cells);
    } else if (a->is_write) {
        write_cells(r, a, memory, space, cells);
    } else {
        read_cells(r, a, memory, space, cells);
    }
}

/* A transfer's bytes. */
static void touch_wram(struct check_races *r, const struct access *a, uint32_t wram_addr)
{
    for (uint32_t at = wram_addr; at < wram_addr + a->len_bytes; at += SIM_DOUBLEWORD) {
        struct cells cells = {at, SIM_DOUBLEWORD, at};
        touch(r, a, ISA_WRAM, &r->wram, cells);
        sim_quiet_others(a->d, a->t, at / SIM_DOUBLEWORD, a->is_write);
    }
}

/* Never, or before everything that the tasklet with these clocks does from now on? *known is one
 * such, as neighbours mostly are. */
static inline bool is_past(epoch e, epoch *known, const struct clocks *clocks)
{
    if (e == 0 || e == *known)
        return true;
    if (e == READ_BY_MANY || !before(e, clocks))
        return false;
    *known = e;
    return true;
}

/* A transfer's bytes. Nearly always nothing is in the way. */
static void touch_mram(struct check_races *r, const struct access *a, uint32_t mram_addr)
{
    const struct clocks *mine = &r->tasklet[a->t->id];
    const struct space *space = &r->mram;
    epoch now = r->now[a->t->id], known = now;
    uint32_t end = (mram_addr + a->len_bytes) / MRAM_UNIT;
    for (uint32_t i = mram_addr / MRAM_UNIT; i < end; i++) {
        if (!is_past(space->write[i], &known, mine) || !is_past(space->read[i], &known, mine)) {
            struct cells cells = {i, 1, i * MRAM_UNIT};
            touch(r, a, ISA_MRAM, &r->mram, cells);
        } else if (a->is_write) {
            space->write[i] = now;
            space->read[i] = 0;
            space->write_pc[i] = (uint16_t)a->pc_insn;
        } else if (space->write[i] != now) {
            space->read[i] = now;
            space->read_pc[i] = (uint16_t)a->pc_insn;
        }
    }
}

static void look_at_access(struct check_races *r, struct access *a,
                           const struct sim_watch_slot *slot, const struct sim_insn *ip)
{
    uint32_t address = sim_watch_address(slot, a->t, ip);
    a->len_bytes = slot->bytes;
    a->is_write = slot->is_write;
    if (!sim_watch_is_legal(a->d, slot->bytes, address) ||
        (address >= r->ignored_from && address < r->ignored_end))
        return;
    a->pc_insn = sim_pc_of(a->d, ip);
    switch (slot->bytes) {
    case 1:
        touch(r, a, ISA_WRAM, &r->wram, (struct cells){address, 1, address});
        break;
    case 2:
        touch(r, a, ISA_WRAM, &r->wram, (struct cells){address, 2, address});
        break;
    case 4:
        touch(r, a, ISA_WRAM, &r->wram, (struct cells){address, 4, address});
        break;
    default:
        touch(r, a, ISA_WRAM, &r->wram, (struct cells){address, SIM_DOUBLEWORD, address});
    }
    sim_quiet_others(a->d, a->t, address / SIM_DOUBLEWORD, a->is_write);
}

static void look_at_transfer(struct check_races *r, struct access *a, const struct sim_insn *ip)
{
    struct sim_dma dma = sim_dma_of(a->t, ip);
    bool to_mram = dma.op == ISA_OP_SDMA;
    if ((uint64_t)dma.mram_addr + dma.len_bytes > ISA_MRAM_BYTES ||
        (dma.op != ISA_OP_LDMAI && (uint64_t)dma.local_addr + dma.len_bytes > a->d->wram_units[0]))
        return; /* a fault */
    a->pc_insn = sim_pc_of(a->d, ip);
    a->len_bytes = dma.len_bytes;
    a->is_dma = true;
    note(r, a);
    a->is_write = to_mram;
    touch_mram(r, a, dma.mram_addr);
    a->is_write = !to_mram;
    if (dma.op == ISA_OP_LDMAI)
        return;
    uint32_t end = dma.local_addr + dma.len_bytes;
    if (sim_quiet_all(a->d, a->t, dma.local_addr, end))
        return;
    touch_wram(r, a, dma.local_addr);
    for (uint32_t at = dma.local_addr; at < end && !a->d->cycle_mode; at += SIM_DOUBLEWORD)
        sim_quiet_ask(a->d, a->t, at / SIM_DOUBLEWORD);
}

/* ---- what orders ----------------------------------------------------------------------------- */

/* Number that an instruction on bits computes from its operands. */
static uint32_t bit_of(const struct sim_tasklet *t, const struct sim_insn *ip)
{
    uint32_t sum = t->r[ip->ra / 4] + ip->imm;
    return (sum >> 8 ^ sum) & 0xff;
}

static void acquire(struct check_races *r, const struct sim_dpu *d, const struct sim_tasklet *t,
                    uint32_t bit)
{
    if (sim_dpu_atomic_get(d, bit))
        return; /* not got */
    if (r->bit_known_by[bit] != t->id)
        join(&r->tasklet[t->id], &r->bit[bit]);
    r->bit_known_by[bit] = t->id;
    hold(r, t->id, bit);
}

static void release(struct check_races *r, struct sim_dpu *d, struct sim_tasklet *t,
                    uint32_t pc_insn, uint32_t bit)
{
    if (!sim_dpu_atomic_get(d, bit) && !(pc_insn >= r->boot_from && pc_insn < r->boot_end)) {
        struct sim_finding *f = sim_find(d, SIM_FINDING_UNLOCKED, t, pc_insn, -1, ISA_IRAM_INSNS);
        struct sim_name name = sim_name_of(d, ISA_ATOMIC, bit);
        if (f)
            snprintf(f->text, sizeof f->text, "atomic bit %" PRIu32 "%s%s%s is not set", bit,
                     name.text[0] ? " (" : "", name.text, name.text[0] ? ")" : "");
    }
    if (r->bit_known_by[bit] == t->id)
        r->bit[bit] = r->tasklet[t->id];
    else
        join(&r->bit[bit], &r->tasklet[t->id]);
    if (r->bit_known_by[bit] != t->id)
        r->bit_known_by[bit] = NOBODY;
    let_go(r, t->id, bit);
    if (d->n_running > 1) /* else whoever comes knows all that it did until then */
        advance(r, d, t->id);
}

/* boot, resume, clr_run, read_run of a run bit with a tasklet. */
static void look_at_run_bit(struct check_races *r, struct sim_dpu *d, const struct sim_tasklet *t,
                            uint32_t n, bool starts)
{
    if (n >= d->chip->threads || d->thread[n].running)
        return;
    join(&r->tasklet[t->id], &r->stopped[n]); /* it is seen to have stopped */
    if (!starts)
        return;
    join(&r->tasklet[n], &r->tasklet[t->id]);
    advance(r, d, t->id);
}

static void stops(struct check_races *r, struct sim_dpu *d, const struct sim_tasklet *t)
{
    r->stopped[t->id] = r->tasklet[t->id];
    advance(r, d, t->id);
}

static const struct sim_insn *look(struct sim_watcher *watcher, struct sim_dpu *d,
                                   struct sim_tasklet *t, const struct sim_insn *ip)
{
    struct check_races *r = (struct check_races *)watcher;
    const struct sim_watch_slot *slot = sim_watch_now(d);
    struct access a = {.d = d, .t = t};
    if (slot->bytes)
        look_at_access(r, &a, slot, ip);
    else if (slot->classes & SIM_WATCH_DMA)
        look_at_transfer(r, &a, ip);
    else if (slot->classes & SIM_WATCH_ACQUIRE)
        acquire(r, d, t, bit_of(t, ip));
    else if (slot->classes & SIM_WATCH_RELEASE)
        release(r, d, t, sim_pc_of(d, ip), bit_of(t, ip));
    else if (slot->classes & (SIM_WATCH_START | SIM_WATCH_RUN_BIT))
        look_at_run_bit(r, d, t, bit_of(t, ip), slot->classes & SIM_WATCH_START);
    else if (slot->classes & SIM_WATCH_STOP)
        stops(r, d, t);
    return NULL;
}

/* Did the tasklet read, or write, these cells in this epoch? */
static bool is_read(const struct space *space, uint32_t first, unsigned n, epoch now)
{
    if (is_old(space, first, n, now, false))
        return true;
    for (uint32_t i = first; i < first + n; i++) {
        if (space->write[i] != now && space->read[i] != now && !is_among_many(space, i, now))
            return false;
    }
    return true;
}

/* Would neither a load nor a store of the tasklet there say anything new? */
static enum sim_quietness quiet(struct sim_watcher *watcher, const struct sim_dpu *d,
                                const struct sim_tasklet *t, uint32_t doubleword)
{
    const struct check_races *r = (const struct check_races *)watcher;
    uint32_t first = doubleword * SIM_DOUBLEWORD, half = SIM_DOUBLEWORD / 2;
    epoch now = r->now[t->id];
    (void)d;
    if (is_old(&r->wram, first, SIM_DOUBLEWORD, now, true))
        return SIM_QUIET_ALL;
    return is_read(&r->wram, first, half, now) && is_read(&r->wram, first + half, half, now)
               ? SIM_QUIET_LOADS
               : SIM_QUIET_NOTHING;
}

/* ---- life ------------------------------------------------------------------------------------ */

static void loaded(struct sim_checker *checker, struct sim_dpu *d)
{
    struct check_races *r = (struct check_races *)checker;
    const struct isa_symbol *number =
        d->program ? isa_program_find_symbol(d->program, "errno") : NULL;
    forget(r);
    r->ignored_from = r->ignored_end = r->boot_from = r->boot_end = 0;
    if (number && number->defined && number->value < ISA_WRAM_BYTES) {
        r->ignored_from = number->value;
        r->ignored_end = number->value + number->size_bytes;
    }
    (void)sim_function_bounds(d, "__bootstrap", &r->boot_from, &r->boot_end);
}

static bool map_space(struct space *space, size_t n_cells)
{
    space->n_cells = n_cells;
    space->write = sim_map_lazily(n_cells * sizeof *space->write);
    space->read = sim_map_lazily(n_cells * sizeof *space->read);
    space->write_pc = sim_map_lazily(n_cells * sizeof *space->write_pc);
    space->read_pc = sim_map_lazily(n_cells * sizeof *space->read_pc);
    space->reads = sim_map_lazily(n_cells * sizeof *space->reads);
    return space->write && space->read && space->write_pc && space->read_pc && space->reads;
}

static void unmap_space(struct space *space)
{
    sim_unmap(space->write, space->n_cells * sizeof *space->write);
    sim_unmap(space->read, space->n_cells * sizeof *space->read);
    sim_unmap(space->write_pc, space->n_cells * sizeof *space->write_pc);
    sim_unmap(space->read_pc, space->n_cells * sizeof *space->read_pc);
    sim_unmap(space->reads, space->n_cells * sizeof *space->reads);
}

static void destroy(struct sim_checker *checker)
{
    struct check_races *r = (struct check_races *)checker;
    unmap_space(&r->wram);
    unmap_space(&r->mram);
    sim_unmap(r->held_at, ISA_MAX_THREADS * sizeof *r->held_at);
    sim_unmap(r->bytes_at, ISA_MAX_THREADS * sizeof *r->bytes_at);
    free(r->bit);
    free(r);
}

struct sim_checker *sim_check_races_create(struct sim_dpu *d)
{
    struct check_races *r = calloc(1, sizeof *r);
    (void)d;
    if (!r)
        return NULL;
    r->checker = (struct sim_checker){
        .watcher = {.before = look,
                    .classes = SIM_WATCH_LOAD | SIM_WATCH_STORE | SIM_WATCH_DMA |
                               SIM_WATCH_ACQUIRE | SIM_WATCH_RELEASE | SIM_WATCH_START |
                               SIM_WATCH_STOP | SIM_WATCH_RUN_BIT,
                    .quiet_classes = SIM_WATCH_LOAD | SIM_WATCH_STORE | SIM_WATCH_ACQUIRE,
                    .quiet = quiet},
        .destroy = destroy,
        .loaded = loaded,
        .launched = launched,
        .restored = loaded};
    r->bit = calloc(ISA_ATOMIC_BITS, sizeof *r->bit);
    r->held_at = sim_map_lazily(ISA_MAX_THREADS * sizeof *r->held_at);
    r->bytes_at = sim_map_lazily(ISA_MAX_THREADS * sizeof *r->bytes_at);
    if (map_space(&r->wram, ISA_WRAM_BYTES) && map_space(&r->mram, MRAM_UNITS) && r->bit &&
        r->held_at && r->bytes_at)
        return &r->checker;
    destroy(&r->checker);
    return NULL;
}
