/* SPDX-License-Identifier: MIT */
/* One instruction at a time, with everything that may want to look: hooks and injections. The order
 * of tasklets and all results are those of the fast engine, unless the order is drawn (quantum). */
#include "collect.h"

static bool is_collected(const struct sim_dpu *d)
{
    return d->collector && d->collector->active;
}

bool sim_careful_wanted(const struct sim_dpu *d)
{
    bool studies = d->cycle_mode && d->core_study;
    bool draws = !d->cycle_mode && d->config.quantum;
    return d->hook || is_collected(d) || d->n_breakpoints || studies || draws || d->schedule ||
           d->mix || (d->n_armed && sim_inject_quiet(d) == 0) || sim_window_waits_for_pc(d);
}

static void tell_hook(struct sim_dpu *d, const struct sim_event *event)
{
    if (is_collected(d))
        sim_collect_event(d, event);
    if (d->hook && !d->hook(d->hook_context, d, event))
        d->hook_stop = true;
}

static enum isa_op op_of(const struct sim_insn *ip)
{
    return ip->form == ISA_ILLEGAL ? ISA_OP_NOP : isa_form_get((enum isa_form)ip->form)->op;
}

static uint32_t source(const struct sim_tasklet *t, uint8_t offset_bytes)
{
    return t->r[offset_bytes / 4];
}

bool sim_memory_event(const struct sim_tasklet *t, const struct sim_insn *ip,
                      struct sim_event *event)
{
    enum isa_op op = op_of(ip);
    uint32_t ra = source(t, ip->ra);
    if (op == ISA_OP_LDMA || op == ISA_OP_SDMA || op == ISA_OP_LDMAI) {
        event->kind = SIM_EVENT_DMA;
        event->address = ra & 0x00fffff8;
        event->mram_offset = source(t, ip->rb) & 0xfffffff8;
        event->len_bytes = 8 * (1 + ((ip->imm + (ra >> 24)) & 0xff));
        event->is_write = op == ISA_OP_SDMA;
        return true;
    }
    if (op == ISA_OP_TELL) {
        event->kind = SIM_EVENT_TELL;
        event->value = ra;
        event->offset = ip->imm;
        return true;
    }
    const struct isa_access *access = isa_op_access(op);
    event->len_bytes = access->bytes;
    event->is_write = access->is_write;
    event->kind = event->is_write ? SIM_EVENT_WRITE : SIM_EVENT_READ;
    event->address = (access->is_safe ? ra & 0xffff : ra) + ip->imm;
    return event->len_bytes != 0;
}

/* Report tasklets whose run bit changed. */
static void tell_changes(struct sim_dpu *d, struct sim_event event, uint64_t before)
{
    uint64_t after = sim_dpu_run_bits(d);
    for (unsigned i = 0; i < d->chip->threads; i++)
        if ((before ^ after) >> i & 1) {
            event.kind = after >> i & 1 ? SIM_EVENT_START : SIM_EVENT_STOP;
            event.tasklet = i;
            tell_hook(d, &event);
        }
}

static void tell_after(struct sim_dpu *d, const struct sim_event *seen, struct sim_event memory,
                       bool has_memory, uint64_t run_bits)
{
    struct sim_event event = *seen;
    if (has_memory)
        tell_hook(d, &memory);
    event.kind = SIM_EVENT_DONE;
    tell_hook(d, &event);
    tell_changes(d, event, run_bits);
    if (d->event & SIM_NEWS_FAULT) {
        event.kind = SIM_EVENT_FAULT;
        tell_hook(d, &event);
    }
}

/* Execute the next instruction of t, with what is injected into it. Counts it. */
void sim_careful_step(struct sim_dpu *d, struct sim_tasklet *t)
{
    const struct sim_insn *ip = t->ip;
    if (ip == &d->code->insn[ISA_IRAM_INSNS])
        ip = d->code->insn;
    uint32_t pc_insn = sim_pc_of(d, ip);
    struct sim_event event = {.kind = SIM_EVENT_INSN,
                              .tasklet = t->id,
                              .pc_insn = pc_insn,
                              .word = d->code->word[pc_insn],
                              .cycle = d->cycle_mode ? d->now : 0};
    bool has_memory = false;
    uint64_t run_bits = 0;
    struct sim_event memory;
    bool watched = d->hook || is_collected(d);
    if (watched) {
        event.instructions = d->instructions_before + sim_dpu_instructions(d);
        event.cycle = d->cycle_mode ? d->now : event.instructions;
        tell_hook(d, &event);
        memory = event;
        has_memory = sim_memory_event(t, ip, &memory);
        run_bits = sim_dpu_run_bits(d);
    }
    t->ip = d->n_armed ? sim_inject_step(d, t, ip) : ip->exec(d, t, ip);
    t->instructions++;
    if (d->mix)
        d->mix[t->id][ip->form]++;
    if (watched)
        tell_after(d, &event, memory, has_memory, run_bits);
}

void sim_careful_tell_wait(struct sim_dpu *d, const struct sim_tasklet *t, uint32_t pc_insn,
                           uint64_t cycle)
{
    struct sim_event event = {.kind = SIM_EVENT_WAIT,
                              .tasklet = t->id,
                              .pc_insn = pc_insn,
                              .word = d->code->word[pc_insn],
                              .instructions = sim_dpu_instructions(d) - 1,
                              .cycle = cycle,
                              .spaced_cycle = t->ready_cycle,
                              .ready_cycle = t->ready_cycle};
    if (t->dma.pending) {
        event.spaced_cycle = t->dma.wait_from_cycle;
        event.dma_start_cycle = t->dma.start_cycle;
        event.dma_end_cycle = t->dma.end_cycle;
        event.dma_unqueued_cycle = t->dma.wake_cycle - t->dma.queue_cycles;
    }
    tell_hook(d, &event);
}
