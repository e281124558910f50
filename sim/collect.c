/* SPDX-License-Identifier: MIT */
/* The collector: from events of single instructions to stretches of cycles with a cause. It asks
 * the timing model when a tasklet is through with spacing, queue and transfer (event WAIT,
 * wake-up), and divides the time until the next issue accordingly; it knows no timing parameter
 * itself. Calls and returns are told apart by what the instruction does: a call writes its return
 * address; a jump through a register to a return address that is waited for returns. */
#include <stdlib.h>
#include <string.h>

#include "collect.h"

static const struct {
    const char *name, *meaning;
} causes[] = {
#define CAUSE(id, meaning) {#id, meaning},
#include "cause.def"
#undef CAUSE
};

const char *sim_cause_name(enum sim_cause cause)
{
    return cause < SIM_CAUSE_COUNT ? causes[cause].name : NULL;
}

const char *sim_cause_meaning(enum sim_cause cause)
{
    return cause < SIM_CAUSE_COUNT ? causes[cause].meaning : NULL;
}

/* ---- sinks ---------------------------------------------------------------------------------- */

static void tell_slice(const struct sim_collector *c, const struct sim_slice *slice)
{
    for (struct sim_sink *sink = c->sinks; sink; sink = sink->next)
        if (sink->slice)
            sink->slice(sink, slice);
}

static void tell_enter(const struct sim_collector *c, unsigned i, uint32_t node, uint64_t cycle)
{
    for (struct sim_sink *sink = c->sinks; sink; sink = sink->next)
        if (sink->enter)
            sink->enter(sink, i, node, c->base + cycle);
}

static void tell_leave(const struct sim_collector *c, unsigned i, uint64_t cycle)
{
    for (struct sim_sink *sink = c->sinks; sink; sink = sink->next)
        if (sink->leave)
            sink->leave(sink, i, c->base + cycle);
}

static void tell_transfer(const struct sim_collector *c, const struct sim_transfer *transfer)
{
    for (struct sim_sink *sink = c->sinks; sink; sink = sink->next)
        if (sink->transfer)
            sink->transfer(sink, transfer);
}

static void tell_launch(const struct sim_collector *c)
{
    for (struct sim_sink *sink = c->sinks; sink; sink = sink->next)
        if (sink->launch)
            sink->launch(sink, c->base);
}

static void tell_event(const struct sim_collector *c, const struct sim_event *event)
{
    for (struct sim_sink *sink = c->sinks; sink; sink = sink->next)
        if (sink->event)
            sink->event(sink, event);
}

/* ---- cycles --------------------------------------------------------------------------------- */

/* The cycles of tasklet i from walk->at up to `until` have this cause. */
static void give(struct sim_collector *c, unsigned i, enum sim_cause cause, uint64_t until,
                 uint32_t pc_insn)
{
    struct sim_walk *walk = &c->walk[i];
    if (until <= walk->at)
        return;
    struct sim_slice slice = {.tasklet = i,
                              .cause = cause,
                              .pc_insn = pc_insn,
                              .node = pc_insn == SIM_NO_PC ? SIM_ROOT_NODE : walk->node,
                              .from_cycle = c->base + walk->at,
                              .cycles = until - walk->at};
    walk->at = until;
    tell_slice(c, &slice);
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Ready from walk->at on, not issued before `until`: others issued, or a conflict held everybody.
 */
static void give_ready(struct sim_collector *c, unsigned i, uint64_t until, uint32_t pc_insn)
{
    unsigned first = c->n_hazards > SIM_HAZARDS ? c->n_hazards - SIM_HAZARDS : 0;
    for (unsigned n = first; n < c->n_hazards; n++) {
        const struct sim_period *period = &c->hazard[n % SIM_HAZARDS];
        if (period->until <= c->walk[i].at)
            continue;
        give(c, i, SIM_CAUSE_contended, smaller(period->from, until), pc_insn);
        give(c, i, SIM_CAUSE_hazard, smaller(period->until, until), pc_insn);
    }
    give(c, i, SIM_CAUSE_contended, until, pc_insn);
}

/* Divide the time of tasklet i up to `until`; next_pc: what it issues then, or would. */
static void advance(struct sim_collector *c, unsigned i, uint64_t until, uint32_t next_pc)
{
    struct sim_walk *walk = &c->walk[i];
    if (!walk->running) {
        give(c, i, SIM_CAUSE_stopped, until, walk->pc_insn);
        return;
    }
    give(c, i, SIM_CAUSE_spacing, smaller(walk->spaced, until), walk->pc_insn);
    give(c, i, SIM_CAUSE_dma_queue, smaller(walk->queued, until), walk->pc_insn);
    give(c, i, SIM_CAUSE_dma, smaller(walk->ready, until), walk->pc_insn);
    give_ready(c, i, until, next_pc);
}

/* What the tasklet waits for from now on. */
static void set_wait(struct sim_walk *walk, uint64_t spaced, uint64_t ready, uint64_t queue_cycles)
{
    walk->spaced = spaced;
    walk->queued = smaller(spaced + queue_cycles, ready);
    walk->ready = ready;
}

/* ---- call tree ------------------------------------------------------------------------------ */

static bool grow_nodes(struct sim_collector *c)
{
    if (c->n_nodes == SIM_MOST_NODES)
        return false;
    if (c->n_nodes & (c->n_nodes - 1)) /* room for the next power of two */
        return true;
    struct sim_node *grown = realloc(c->nodes, 2 * c->n_nodes * sizeof *grown);
    if (grown)
        c->nodes = grown;
    else
        c->no_memory = true;
    return grown;
}

/* The function as called from there; the parent itself where the tree is full. */
static uint32_t child(struct sim_collector *c, uint32_t parent, uint32_t call_pc, uint32_t pc_insn)
{
    uint32_t function = c->function_of[pc_insn];
    uint32_t n = c->nodes[parent].first_child;
    for (; n; n = c->nodes[n].sibling)
        if (c->nodes[n].function == function && c->nodes[n].call_pc == call_pc)
            break;
    if (!n) {
        if (!grow_nodes(c))
            return parent;
        n = c->n_nodes++;
        c->nodes[n] = (struct sim_node){.parent = parent,
                                        .sibling = c->nodes[parent].first_child,
                                        .function = function,
                                        .call_pc = call_pc};
        c->nodes[parent].first_child = n;
    }
    c->nodes[n].calls++;
    return n;
}

static void enter(struct sim_collector *c, unsigned i, uint32_t node, uint32_t return_pc,
                  uint64_t cycle)
{
    struct sim_walk *walk = &c->walk[i];
    if (walk->depth < SIM_MOST_FRAMES) {
        walk->frame[walk->depth] = (struct sim_frame_seen){walk->node, return_pc};
        walk->node = node;
        tell_enter(c, i, node, cycle);
    }
    walk->depth++;
}

static void leave(struct sim_collector *c, unsigned i, uint64_t cycle)
{
    struct sim_walk *walk = &c->walk[i];
    walk->depth--;
    if (walk->depth >= SIM_MOST_FRAMES)
        return;
    walk->node = walk->frame[walk->depth].node;
    tell_leave(c, i, cycle);
}

static void leave_all(struct sim_collector *c, unsigned i, uint64_t cycle)
{
    while (c->walk[i].depth)
        leave(c, i, cycle);
}

/* The tasklet jumped to the return address of a frame: that function and those it called are done.
 * False when no frame waits for it. */
static bool return_to(struct sim_collector *c, unsigned i, uint32_t pc_insn, uint64_t cycle)
{
    struct sim_walk *walk = &c->walk[i];
    unsigned depth = walk->depth;
    if (depth > SIM_MOST_FRAMES) { /* folded: one call, one return */
        walk->depth--;
        return true;
    }
    while (depth > 0 && walk->frame[depth - 1].return_pc != pc_insn)
        depth--;
    if (depth == 0)
        return false;
    while (walk->depth >= depth)
        leave(c, i, cycle);
    return true;
}

/* Execution is in a function that was not called: it starts there, or by a jump in place of the
 * one that was. */
static void follow_jump(struct sim_collector *c, unsigned i, uint32_t pc_insn, uint64_t cycle)
{
    struct sim_walk *walk = &c->walk[i];
    if (walk->depth > SIM_MOST_FRAMES ||
        (walk->depth && c->nodes[walk->node].function == c->function_of[pc_insn]))
        return;
    if (walk->depth == 0) {
        enter(c, i, child(c, SIM_ROOT_NODE, SIM_NO_PC, pc_insn), SIM_NO_PC, cycle);
        return;
    }
    uint32_t return_pc = walk->frame[walk->depth - 1].return_pc;
    uint32_t call_pc = c->nodes[walk->node].call_pc;
    leave(c, i, cycle);
    enter(c, i, child(c, walk->node, call_pc, pc_insn), return_pc, cycle);
}

static bool is_call(const struct sim_insn *ip)
{
    return ip->form == ISA_CALL_RRI || ip->form == ISA_CALL_RRR;
}

static bool is_indirect_jump(const struct sim_insn *ip)
{
    return ip->form == ISA_CALL_ZRR ||
           (ip->form == ISA_CALL_ZRI && ip->ra / 4 < ISA_WORK_REGISTERS);
}

/* After the instruction: has it called or returned? */
static void follow_call(struct sim_collector *c, const struct sim_dpu *d,
                        const struct sim_event *event)
{
    const struct sim_insn *ip = sim_at_pc(d, event->pc_insn);
    unsigned i = event->tasklet;
    uint32_t next = sim_pc_of(d, d->thread[i].ip);
    if (is_call(ip)) {
        uint32_t node = child(c, c->walk[i].node, event->pc_insn, next);
        enter(c, i, node, (event->pc_insn + 1) % ISA_IRAM_INSNS, event->cycle + 1);
    } else if (is_indirect_jump(ip)) {
        return_to(c, i, next, event->cycle + 1);
    }
}

bool sim_collect_inside(const struct sim_collector *c, unsigned tasklet, uint32_t pc_insn,
                        uint32_t function)
{
    if (pc_insn < ISA_IRAM_INSNS && c->function_of[pc_insn] == function)
        return true;
    for (uint32_t n = c->walk[tasklet].node; n; n = c->nodes[n].parent)
        if (c->nodes[n].function == function)
            return true;
    return false;
}

uint32_t sim_collect_function(const struct sim_collector *c, const char *name)
{
    for (uint32_t f = 1; f < c->n_functions; f++)
        if (strcmp(c->functions[f].name, name) == 0)
            return f;
    return 0;
}

/* ---- events --------------------------------------------------------------------------------- */

static bool spins(const struct sim_dpu *d, const struct sim_event *event)
{
    const struct sim_insn *ip = sim_at_pc(d, event->pc_insn);
    return ip->form != ISA_ILLEGAL && isa_form_get((enum isa_form)ip->form)->op == ISA_OP_ACQUIRE &&
           sim_pc_of(d, d->thread[event->tasklet].ip) == event->pc_insn;
}

static void see_issue(struct sim_collector *c, struct sim_dpu *d, const struct sim_event *event)
{
    unsigned i = event->tasklet;
    struct sim_walk *walk = &c->walk[i];
    follow_jump(c, i, event->pc_insn, event->cycle);
    if (c->timed)
        advance(c, i, event->cycle, event->pc_insn);
    else
        walk->at = event->cycle;
    walk->pc_insn = event->pc_insn;
    enum sim_cause cause = spins(d, event) ? SIM_CAUSE_spin : SIM_CAUSE_issued;
    give(c, i, cause, event->cycle + 1, event->pc_insn);
    follow_call(c, d, event);
}

static void see_wait(struct sim_collector *c, struct sim_dpu *d, const struct sim_event *event)
{
    uint64_t queue_cycles = event->ready_cycle - event->dma_unqueued_cycle;
    bool is_dma = event->dma_end_cycle != 0;
    set_wait(&c->walk[event->tasklet], event->spaced_cycle, event->ready_cycle,
             is_dma && event->ready_cycle > event->dma_unqueued_cycle ? queue_cycles : 0);
    if (d->now > event->cycle)
        c->hazard[c->n_hazards++ % SIM_HAZARDS] = (struct sim_period){event->cycle + 1, d->now + 1};
    if (!is_dma)
        return;
    struct sim_transfer transfer = {.tasklet = event->tasklet,
                                    .pc_insn = event->pc_insn,
                                    .mram_offset = c->memory.mram_offset,
                                    .address = c->memory.address,
                                    .len_bytes = c->memory.len_bytes,
                                    .is_write = c->memory.is_write,
                                    .request_cycle = c->base + event->cycle,
                                    .start_cycle = c->base + event->dma_start_cycle,
                                    .end_cycle = c->base + event->dma_end_cycle,
                                    .wake_cycle = c->base + event->ready_cycle};
    tell_transfer(c, &transfer);
}

/* What set_wait takes for a tasklet that wakes up. */
static void see_start(struct sim_collector *c, struct sim_dpu *d, unsigned i, uint64_t from_cycle)
{
    const struct sim_tasklet *t = &d->thread[i];
    struct sim_walk *walk = &c->walk[i];
    bool waits = t->dma.pending && t->ready_cycle == t->dma.wake_cycle;
    walk->live = true;
    if (c->timed)
        advance(c, i, from_cycle, SIM_NO_PC);
    walk->running = true;
    if (t->ip == d->code->insn) {
        leave_all(c, i, from_cycle);
        walk->pc_insn = SIM_NO_PC;
    }
    set_wait(walk, waits ? t->dma.wait_from_cycle : t->ready_cycle, t->ready_cycle,
             waits ? t->dma.queue_cycles : 0);
}

static void see_stop(struct sim_collector *c, struct sim_dpu *d, unsigned i, uint64_t until_cycle)
{
    if (c->timed)
        advance(c, i, until_cycle, sim_pc_of(d, d->thread[i].ip));
    c->walk[i].running = false;
}

void sim_collect_event(struct sim_dpu *d, const struct sim_event *event)
{
    struct sim_collector *c = d->collector;
    if (!c->active)
        return;
    tell_event(c, event);
    switch (event->kind) {
    case SIM_EVENT_DMA:
        c->memory = *event;
        break;
    case SIM_EVENT_DONE:
        see_issue(c, d, event);
        break;
    case SIM_EVENT_WAIT:
        see_wait(c, d, event);
        break;
    case SIM_EVENT_START:
        see_start(c, d, event->tasklet, event->cycle + 1);
        break;
    case SIM_EVENT_STOP:
        see_stop(c, d, event->tasklet, event->cycle + 1);
        break;
    default:
        break;
    }
}

/* ---- launches ------------------------------------------------------------------------------- */

static uint64_t drain_of(const struct sim_dpu *d)
{
    return sim_dpu_stat(d, SIM_STAT_DPU_slots_drain, 0);
}

static uint64_t issue_window(const struct sim_dpu *d)
{
    uint64_t cycles = sim_dpu_stat(d, SIM_STAT_DPU_cycles, 0);
    return cycles ? cycles - drain_of(d) : 0;
}

void sim_collect_begin(struct sim_dpu *d)
{
    struct sim_collector *c = d->collector;
    if (!c)
        return;
    bool outside = d->windowed && !d->cycle_mode;
    c->active = d->program == c->program && !outside;
    c->timed = d->cycle_mode;
    c->drained = false;
    c->n_hazards = 0;
    if (!c->active)
        return;
    c->launches++;
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++)
        c->walk[i] = (struct sim_walk){.live = d->thread[i].booted,
                                       .running = d->thread[i].running,
                                       .ready = d->thread[i].ready_cycle,
                                       .spaced = d->thread[i].ready_cycle,
                                       .pc_insn = SIM_NO_PC};
    tell_launch(c);
}

void sim_collect_settle(struct sim_dpu *d)
{
    struct sim_collector *c = d->collector;
    if (!c || !c->active || !c->timed || c->drained)
        return;
    uint64_t end = issue_window(d), drain = drain_of(d);
    for (unsigned i = 0; i < d->chip->threads; i++) {
        if (!c->walk[i].live)
            continue;
        advance(c, i, end, sim_pc_of(d, d->thread[i].ip));
        if (drain)
            give(c, i, SIM_CAUSE_drain, end + drain, SIM_NO_PC);
    }
    c->drained = drain > 0;
}

void sim_collect_end(struct sim_dpu *d)
{
    struct sim_collector *c = d->collector;
    if (!c || !c->active)
        return;
    sim_collect_settle(d);
    for (unsigned i = 0; i < d->chip->threads; i++)
        leave_all(c, i, issue_window(d));
    c->base = sim_collect_cycles(d);
    c->active = false;
}

uint64_t sim_collect_cycles(const struct sim_dpu *d)
{
    const struct sim_collector *c = d->collector;
    return c->base + (c->active ? sim_dpu_stat(d, SIM_STAT_DPU_cycles, 0) : 0);
}

/* ---- life ----------------------------------------------------------------------------------- */

/* Number of the function of a symbol; new symbols get the next one. */
static unsigned number_of(struct sim_collector *c, const struct isa_symbol *symbol)
{
    uint32_t start = (symbol->value - ISA_IRAM_BASE) / ISA_INSN_BYTES;
    for (unsigned i = c->n_functions; i > 1; i--) /* most often the last */
        if (c->functions[i - 1].name == symbol->name && c->functions[i - 1].pc_insn == start)
            return i - 1;
    c->functions[c->n_functions] = (struct sim_function){symbol->name, start};
    return c->n_functions++;
}

/* 0 is the code without a symbol. */
static void find_functions(struct sim_collector *c)
{
    c->functions[0] = (struct sim_function){"(no function)", SIM_NO_PC};
    c->n_functions = 1;
    for (uint32_t pc_insn = 0; pc_insn < ISA_IRAM_INSNS; pc_insn++) {
        uint32_t address = ISA_IRAM_BASE + pc_insn * ISA_INSN_BYTES;
        const struct isa_symbol *symbol = isa_program_symbol_at(c->program, address, true);
        c->function_of[pc_insn] = (uint16_t)(symbol ? number_of(c, symbol) : 0);
    }
}

static void destroy(struct sim_collector *c)
{
    isa_program_destroy(c->program);
    free(c->functions);
    free(c->nodes);
    free(c);
}

static enum dpusim_status create(struct sim_dpu *d, struct isa_diag *diag)
{
    if (!d->program)
        return isa_fail(diag, DPUSIM_NO_PROGRAM, "observation: no program is loaded");
    struct sim_collector *c = calloc(1, sizeof *c);
    if (!c)
        return isa_fail(diag, DPUSIM_NO_MEMORY, "observation: out of memory");
    c->program = isa_program_share(d->program);
    c->functions = calloc(SIM_PC_ROWS, sizeof *c->functions);
    c->nodes = calloc(1, sizeof *c->nodes);
    if (!c->functions || !c->nodes) {
        destroy(c);
        return isa_fail(diag, DPUSIM_NO_MEMORY, "observation: out of memory");
    }
    c->n_nodes = 1;
    find_functions(c);
    d->collector = c;
    return DPUSIM_OK;
}

enum dpusim_status sim_collect_attach(struct sim_dpu *d, struct sim_sink *sink,
                                      struct isa_diag *diag)
{
    enum dpusim_status status = d->collector ? DPUSIM_OK : create(d, diag);
    if (status)
        return status;
    sink->next = d->collector->sinks;
    d->collector->sinks = sink;
    return DPUSIM_OK;
}

void sim_collect_detach(struct sim_dpu *d, struct sim_sink *sink)
{
    struct sim_collector *c = d->collector;
    struct sim_sink **at = &c->sinks;
    sim_collect_settle(d);
    while (*at != sink)
        at = &(*at)->next;
    *at = sink->next;
    if (c->sinks)
        return;
    destroy(c);
    d->collector = NULL;
}
