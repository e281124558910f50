/* SPDX-License-Identifier: MIT */
/* Follows the allocators of the run-time library, by the names and the calling convention of their
 * functions: which bytes of the heap belong to a block. What these functions do themselves is never
 * looked at. */
#include <string.h>

#include "check_memory.h"

enum allocator {
    MEM_ALLOC,
    MEM_ALLOC_NOLOCK,
    MEM_RESET,
    BUDDY_INIT,
    BUDDY_ALLOC,
    BUDDY_FREE,
    BUDDY_REALLOC,
    FSB_ALLOC,
    FSB_GET,
    FSB_FREE
};

static const char *const names[] = {
    [MEM_ALLOC] = "mem_alloc",
    [MEM_ALLOC_NOLOCK] = "mem_alloc_nolock",
    [MEM_RESET] = "mem_reset",
    [BUDDY_INIT] = "buddy_init",
    [BUDDY_ALLOC] = "buddy_alloc",
    [BUDDY_FREE] = "buddy_free",
    [BUDDY_REALLOC] = "buddy_realloc",
    [FSB_ALLOC] = "fsb_alloc",
    [FSB_GET] = "fsb_get",
    [FSB_FREE] = "fsb_free",
};

/* ---- where they are -------------------------------------------------------------------------- */

/* jump r23: a call that leaves no return address. */
static bool is_return(const struct sim_dpu *d, uint32_t pc_insn)
{
    const struct sim_insn *insn = &d->code->insn[pc_insn];
    return insn->form != ISA_ILLEGAL &&
           isa_form_get((enum isa_form)insn->form)->op == ISA_OP_CALL &&
           insn->ra == ISA_RETURN_REGISTER * sizeof(uint32_t);
}

static void find_allocators(struct check_memory *m, const struct sim_dpu *d)
{
    memset(m->function_at, 0, sizeof m->function_at);
    memset(m->return_at, 0, sizeof m->return_at);
    memset(m->checker.watcher.pcs, 0, sizeof m->checker.watcher.pcs);
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        uint32_t first, end;
        if (!sim_function_bounds(d, names[i], &first, &end))
            continue;
        m->function_at[first] = (uint8_t)(1 + i);
        sim_watch_pc(&m->checker.watcher, first);
        for (uint32_t pc = first; pc < end; pc++)
            if (is_return(d, pc)) {
                m->return_at[pc] = true;
                sim_watch_pc(&m->checker.watcher, pc);
            }
    }
}

/* What is known of these bytes became worse. */
static void changed(struct check_memory *m, uint32_t from, uint32_t end)
{
    if (!m->changed.end || from < m->changed.from)
        m->changed.from = from;
    if (end > m->changed.end)
        m->changed.end = end;
}

static void set_out(struct check_memory *m, uint32_t from, uint32_t end, uint8_t also)
{
    if (from >= end || end > ISA_WRAM_BYTES)
        return;
    memset(m->wram + from, SIM_BYTE_OUT | SIM_BYTE_UNWRITTEN | also, end - from);
    changed(m, from, end);
}

/* The heap of a program that allocates, empty as after loading. */
static struct sim_byte_range find_heap(const struct sim_dpu *d)
{
    const struct isa_program *program = d->program;
    const struct isa_symbol *from =
        program ? isa_program_find_symbol(program, "__sys_heap_pointer_reset") : NULL;
    uint32_t first, end;
    bool allocates = sim_function_bounds(d, names[MEM_ALLOC], &first, &end) ||
                     sim_function_bounds(d, names[MEM_ALLOC_NOLOCK], &first, &end);
    if (!from || !from->defined || from->value >= d->wram_units[0] || !allocates)
        return (struct sim_byte_range){0, 0};
    return (struct sim_byte_range){from->value, d->wram_units[0]};
}

void sim_heap_loaded(struct check_memory *m, struct sim_dpu *d)
{
    find_allocators(m, d);
    memset(m->depth, 0, sizeof m->depth);
    m->n_pools = 0;
    m->heap = find_heap(d);
    set_out(m, m->heap.from, m->heap.end, 0);
}

/* ---- blocks ---------------------------------------------------------------------------------- */

static bool in_heap(const struct check_memory *m, uint32_t wram_addr)
{
    return wram_addr >= m->heap.from && wram_addr < m->heap.end;
}

uint32_t sim_heap_block_end(const struct check_memory *m, uint32_t wram_addr)
{
    uint32_t end = wram_addr;
    if (!in_heap(m, wram_addr))
        return wram_addr;
    do
        end++;
    while (end < m->heap.end && !(m->wram[end] & (SIM_BYTE_OUT | SIM_BYTE_BLOCK)));
    return end;
}

/* content: 0, or SIM_BYTE_UNWRITTEN. */
static void give_block(struct check_memory *m, uint32_t wram_addr, uint32_t len_bytes,
                       uint8_t content)
{
    uint32_t end = wram_addr + (len_bytes + 7) / 8 * 8;
    if (!in_heap(m, wram_addr) || end <= wram_addr || end > m->heap.end)
        return;
    memset(m->wram + wram_addr, content, end - wram_addr);
    m->wram[wram_addr] |= SIM_BYTE_BLOCK;
    changed(m, wram_addr, end);
}

static void take_block(struct check_memory *m, uint32_t wram_addr)
{
    if (in_heap(m, wram_addr) && m->wram[wram_addr] & SIM_BYTE_BLOCK)
        set_out(m, wram_addr, sim_heap_block_end(m, wram_addr), SIM_BYTE_FREED);
}

static void take_all(struct check_memory *m)
{
    for (uint32_t at = m->heap.from; at < m->heap.end; at++)
        if (!(m->wram[at] & SIM_BYTE_OUT))
            m->wram[at] = SIM_BYTE_OUT | SIM_BYTE_UNWRITTEN | SIM_BYTE_FREED;
    changed(m, m->heap.from, m->heap.end);
    m->n_pools = 0;
}

static void add_pool(struct check_memory *m, uint32_t address, uint32_t block_bytes)
{
    if (m->n_pools < SIM_MAX_POOLS)
        m->pool[m->n_pools++] = (struct sim_pool){address, block_bytes};
}

static uint32_t pool_block_bytes(const struct check_memory *m, uint32_t address)
{
    for (unsigned i = 0; i < m->n_pools; i++)
        if (m->pool[i].address == address)
            return m->pool[i].block_bytes;
    return 0;
}

/* ---- calls ----------------------------------------------------------------------------------- */

/* An area that an allocator shares out: allocated by mem_alloc, free in its eyes. */
static void area_taken(struct check_memory *m, uint32_t from)
{
    set_out(m, from, sim_heap_block_end(m, from), 0);
}

static void mem_alloc_returns(struct check_memory *m, const struct sim_tasklet *t,
                              const struct sim_heap_call *call, uint32_t result)
{
    struct sim_heap_call *caller = m->depth[t->id] ? &m->call[t->id][m->depth[t->id] - 1] : NULL;
    give_block(m, result, call->argument[0], SIM_BYTE_UNWRITTEN);
    if (caller && caller->function == BUDDY_INIT && caller->argument[1] != 0) {
        area_taken(m, result);
        caller->argument[1] = 0; /* the second block is the allocator's own */
    }
}

static void returns(struct check_memory *m, const struct sim_tasklet *t,
                    const struct sim_heap_call *call, uint32_t result)
{
    switch ((enum allocator)call->function) {
    case MEM_ALLOC:
    case MEM_ALLOC_NOLOCK:
        mem_alloc_returns(m, t, call, result);
        break;
    case MEM_RESET:
        take_all(m);
        break;
    case BUDDY_ALLOC:
        give_block(m, result, call->argument[0], SIM_BYTE_UNWRITTEN);
        break;
    case BUDDY_FREE:
        take_block(m, call->argument[0]);
        break;
    case BUDDY_REALLOC:
        if (result && result != call->argument[0]) {
            take_block(m, call->argument[0]);
            give_block(m, result, call->argument[1], 0); /* the old content */
        }
        break;
    case FSB_ALLOC:
        area_taken(m, result + 8);
        add_pool(m, result, call->argument[0]);
        break;
    case FSB_GET:
        give_block(m, result, pool_block_bytes(m, call->argument[0]), SIM_BYTE_UNWRITTEN);
        break;
    case FSB_FREE:
        take_block(m, call->argument[1]);
        break;
    case BUDDY_INIT:
        break;
    }
}

static void enter(struct check_memory *m, const struct sim_tasklet *t, uint8_t function)
{
    uint8_t *depth = &m->depth[t->id];
    if (*depth == SIM_CALL_DEPTH)
        *depth = 0; /* never so in a program that keeps to the convention */
    struct sim_heap_call *call = &m->call[t->id][(*depth)++];
    *call = (struct sim_heap_call){function, t->r[ISA_RETURN_REGISTER], {t->r[0], t->r[1]}};
    if (function == BUDDY_INIT)
        call->argument[1] = 1;
}

void sim_heap_step(struct check_memory *m, struct sim_dpu *d, const struct sim_tasklet *t,
                   uint32_t pc_insn)
{
    uint8_t *depth = &m->depth[t->id];
    if (m->function_at[pc_insn])
        enter(m, t, (uint8_t)(m->function_at[pc_insn] - 1));
    while (m->return_at[pc_insn] && *depth &&
           m->call[t->id][*depth - 1].back == t->r[ISA_RETURN_REGISTER]) {
        struct sim_heap_call call = m->call[t->id][--*depth];
        returns(m, t, &call, t->r[0]);
    }
    sim_quiet_drop(d, m->changed.from, m->changed.end);
    m->changed = (struct sim_byte_range){0, 0};
}
