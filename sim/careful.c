/* SPDX-License-Identifier: MIT */
/* One instruction at a time, with everything that may want to look: hooks and injections. The order
 * of tasklets and all results are those of the fast engine. */
#include "state.h"

static bool is_armed(const struct sim_dpu *d)
{
    for (unsigned i = 0; i < d->n_armed; i++)
        if (!d->armed[i].fired)
            return true;
    return false;
}

bool sim_careful_wanted(const struct sim_dpu *d)
{
    return d->hook || d->n_breakpoints || is_armed(d);
}

static void tell_hook(struct sim_dpu *d, const struct sim_event *event)
{
    if (d->hook && !d->hook(d->hook_context, d, event))
        d->hook_stop = true;
}

static enum isa_op op_of(const struct sim_insn *ip)
{
    return ip->form == ISA_ILLEGAL ? ISA_OP_NOP : isa_form_get((enum isa_form)ip->form)->op;
}

static unsigned access_bytes(enum isa_op op)
{
    /* clang-format off */
    switch (op) {
    case ISA_OP_SB: case ISA_OP_SB_SAFE: case ISA_OP_SB_ID:
    case ISA_OP_LBS: case ISA_OP_LBU: case ISA_OP_LBS_SAFE: case ISA_OP_LBU_SAFE: return 1;
    case ISA_OP_SH: case ISA_OP_SH_SAFE: case ISA_OP_SH_ID:
    case ISA_OP_LHS: case ISA_OP_LHU: case ISA_OP_LHS_SAFE: case ISA_OP_LHU_SAFE: return 2;
    case ISA_OP_SW: case ISA_OP_SW_SAFE: case ISA_OP_SW_ID:
    case ISA_OP_LW: case ISA_OP_LW_SAFE: return 4;
    case ISA_OP_SD: case ISA_OP_SD_SAFE: case ISA_OP_SD_ID:
    case ISA_OP_LD: case ISA_OP_LD_SAFE: return 8;
    default: return 0;
    }
    /* clang-format on */
}

static bool is_store(enum isa_op op)
{
    return op >= ISA_OP_SB && op <= ISA_OP_SW_ID;
}

static bool is_safe(enum isa_op op)
{
    return isa_op_get(op)->name[0] &&
           (op == ISA_OP_LD_SAFE || (op >= ISA_OP_SB_SAFE && op <= ISA_OP_SW_SAFE) ||
            (op >= ISA_OP_LBS_SAFE && op <= ISA_OP_LW_SAFE));
}

static uint32_t source(const struct sim_tasklet *t, uint8_t offset_bytes)
{
    return t->r[offset_bytes / 4];
}

/* What the instruction will do to memory, read off its operands before it executes. */
static bool memory_event(const struct sim_tasklet *t, const struct sim_insn *ip,
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
    event->len_bytes = access_bytes(op);
    event->is_write = is_store(op);
    event->kind = event->is_write ? SIM_EVENT_WRITE : SIM_EVENT_READ;
    event->address = (is_safe(op) ? ra & 0xffff : ra) + ip->imm;
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

/* Execute the next instruction of t, or raise the injected fault in its place. Counts it. */
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
    if (d->hook) {
        event.instructions = sim_dpu_instructions(d);
        event.cycle = d->cycle_mode ? d->now : event.instructions;
        tell_hook(d, &event);
        memory = event;
        has_memory = memory_event(t, ip, &memory);
        run_bits = sim_dpu_run_bits(d);
    }
    if (d->n_armed && sim_inject_due(d, t, ip))
        t->ip = ip + 1;
    else
        t->ip = ip->exec(d, t, ip);
    t->instructions++;
    if (d->hook)
        tell_after(d, &event, memory, has_memory, run_bits);
}
