/* SPDX-License-Identifier: MIT */
/* Trace as text: one line per instruction in the order of the SDK's trace tool: count,
 * tasklet@address, instruction, values of its operands, results, memory effects with symbols. A
 * line is collected from the events of one instruction. */
#include <errno.h>
#include <string.h>

#include "trace.h"

/* ---- pieces of a line ----------------------------------------------------------------------- */

static void add_symbol(struct sim_trace *trace, uint32_t address)
{
    const struct isa_symbol *symbol = isa_program_symbol_at(trace->dpu->program, address, false);
    if (!symbol)
        return;
    uint32_t offset = address - symbol->value;
    if (symbol->size_bytes && offset >= symbol->size_bytes)
        return;
    sim_line_add(&trace->effects, offset ? " %s+%u" : " %s", symbol->name, (unsigned)offset);
}

static bool is_result(const char *name)
{
    return strcmp(name, "rc") == 0 || strcmp(name, "dc") == 0;
}

static bool is_register(enum isa_kind kind)
{
    return kind == ISA_KIND_WORK || kind == ISA_KIND_ANY || kind == ISA_KIND_ANY_NZ ||
           kind == ISA_KIND_SAFE || kind == ISA_KIND_SAFE_ANY || kind == ISA_KIND_PAIR;
}

static void add_register(struct sim_trace *trace, enum isa_kind kind, unsigned number,
                         const struct sim_thread_state *state)
{
    if (number >= ISA_WORK_REGISTERS)
        return; /* a constant */
    if (kind == ISA_KIND_PAIR && number + 1 < ISA_WORK_REGISTERS)
        sim_line_add(&trace->operands, " d%u=0x%08x%08x", number,
                     (unsigned)state->registers[number], (unsigned)state->registers[number + 1]);
    else
        sim_line_add(&trace->operands, " r%u=0x%08x", number, (unsigned)state->registers[number]);
}

/* The values of the operands that are read, or of those that are written. */
static void add_operands(struct sim_trace *trace, uint64_t word, bool results,
                         const struct sim_thread_state *state)
{
    struct isa_insn insn;
    if (!isa_decode(word, &insn))
        return;
    const struct isa_form_info *form = isa_form_get(insn.form);
    for (unsigned i = 0; i < form->pattern.n_operands; i++) {
        const struct isa_operand_info *operand = isa_operand_get(form->pattern.operands[i]);
        if (is_register(operand->kind) && is_result(operand->name) == results)
            add_register(trace, operand->kind, (unsigned)insn.value[i], state);
    }
    enum isa_flags flags = results ? isa_op_get(form->op)->flags : ISA_FLAGS_NONE;
    if (flags != ISA_FLAGS_NONE)
        sim_line_add(&trace->operands, " zf=%d", state->zero_flag);
    if (flags == ISA_FLAGS_ZC)
        sim_line_add(&trace->operands, " cf=%d", state->carry_flag);
}

static void add_access(struct sim_trace *trace, struct sim_dpu *dpu, const struct sim_event *event)
{
    uint64_t value = 0;
    uint8_t bytes[8];
    uint32_t len = event->len_bytes < 8 ? event->len_bytes : 8;
    sim_line_add(&trace->effects, " ; %s 0x%08x", event->kind == SIM_EVENT_WRITE ? "write" : "read",
                 (unsigned)event->address);
    add_symbol(trace, ISA_WRAM_BASE + event->address);
    if (sim_dpu_read(dpu, ISA_WRAM, event->address, bytes, len, NULL))
        return; /* outside: a fault follows */
    for (uint32_t i = 0; i < len; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    sim_line_add(&trace->effects, " = 0x%0*llx", (int)len * 2, (unsigned long long)value);
}

static void add_dma(struct sim_trace *trace, const struct sim_event *event)
{
    enum isa_form form = isa_decode_form(event->word);
    bool code = form != ISA_ILLEGAL && isa_form_get(form)->op == ISA_OP_LDMAI;
    sim_line_add(&trace->effects, " ; dma %u bytes MRAM 0x%08x", (unsigned)event->len_bytes,
                 (unsigned)(ISA_MRAM_BASE + event->mram_offset));
    add_symbol(trace, ISA_MRAM_BASE + event->mram_offset);
    sim_line_add(&trace->effects, " %s %s 0x%08x", event->is_write ? "<-" : "->",
                 code ? "IRAM" : "WRAM",
                 (unsigned)(event->address + (code ? ISA_IRAM_BASE : ISA_WRAM_BASE)));
    if (!code)
        add_symbol(trace, ISA_WRAM_BASE + event->address);
}

/* ---- lines ---------------------------------------------------------------------------------- */

static bool wants_line(struct sim_trace *trace, const struct sim_event *event)
{
    uint64_t cycle = trace->dpu->collector->base + event->cycle;
    if (!sim_trace_wants(trace, event->tasklet) || cycle < trace->options.from ||
        cycle >= trace->until)
        return false;
    return !trace->function || sim_collect_inside(trace->dpu->collector, event->tasklet,
                                                  event->pc_insn, trace->function);
}

static void start_line(struct sim_trace *trace, struct sim_dpu *dpu, const struct sim_event *event)
{
    struct sim_thread_state state;
    char text[128];
    sim_line_clear(&trace->line);
    sim_line_clear(&trace->operands);
    sim_line_clear(&trace->effects);
    trace->collecting = wants_line(trace, event) && sim_trace_count(trace, event->cycle);
    trace->cycle = event->cycle;
    if (!trace->collecting || sim_dpu_get_thread(dpu, event->tasklet, &state))
        return;
    isa_print(text, sizeof text, event->word, false);
    sim_line_add(&trace->line, "%8llu %2u@0x%08x %-28s",
                 (unsigned long long)event->instructions + 1, event->tasklet,
                 (unsigned)(ISA_IRAM_BASE + event->pc_insn * ISA_INSN_BYTES), text);
    add_operands(trace, event->word, false, &state);
}

static void add_results(struct sim_trace *trace, struct sim_dpu *dpu, const struct sim_event *event)
{
    struct sim_thread_state state;
    if (sim_dpu_get_thread(dpu, event->tasklet, &state))
        return;
    size_t before = trace->operands.len;
    sim_line_add(&trace->operands, " ->");
    size_t arrow = trace->operands.len;
    add_operands(trace, event->word, true, &state);
    if (trace->operands.len == arrow) { /* no results: no arrow */
        trace->operands.len = before;
        trace->operands.data[before] = '\0';
    }
}

/* At the latest now the instruction is over. */
static void write_line(struct sim_trace *trace, uint64_t instruction)
{
    if (!trace->collecting)
        return;
    trace->collecting = false;
    errno = 0;
    fputs(trace->line.data, trace->out);
    if (trace->operands.len)
        fprintf(trace->out, " ;%s", trace->operands.data);
    fputs(trace->effects.data, trace->out);
    if (trace->dpu->cycle_mode)
        fprintf(trace->out, " ; cycle %llu", (unsigned long long)trace->cycle);
    if (fputc('\n', trace->out) == EOF || ferror(trace->out)) {
        trace->error = errno ? errno : EIO;
        trace->error_at = instruction;
    }
}

static void add_effect(struct sim_trace *trace, struct sim_dpu *dpu, const struct sim_event *event)
{
    const struct sim_fault *fault;
    switch (event->kind) {
    case SIM_EVENT_DONE:
        add_results(trace, dpu, event);
        break;
    case SIM_EVENT_READ:
    case SIM_EVENT_WRITE:
        add_access(trace, dpu, event);
        break;
    case SIM_EVENT_DMA:
        add_dma(trace, event);
        break;
    case SIM_EVENT_TELL:
        sim_line_add(&trace->effects, " ; tell 0x%08x %d", (unsigned)event->value,
                     (int)event->offset);
        break;
    case SIM_EVENT_START:
        sim_line_add(&trace->effects, " ; tasklet %u starts", event->tasklet);
        break;
    case SIM_EVENT_STOP:
        sim_line_add(&trace->effects, " ; tasklet %u stops", event->tasklet);
        break;
    case SIM_EVENT_FAULT:
        fault = sim_dpu_fault(dpu);
        sim_line_add(&trace->effects, " ; fault %s", fault ? sim_fault_kind_name(fault->kind) : "");
        break;
    case SIM_EVENT_INSN:
    case SIM_EVENT_WAIT:
        break;
    }
}

void sim_trace_text_event(struct sim_sink *sink, const struct sim_event *event)
{
    struct sim_trace *trace = (struct sim_trace *)sink;
    if (trace->error)
        return;
    if (event->kind == SIM_EVENT_INSN) {
        write_line(trace, event->instructions);
        start_line(trace, trace->dpu, event);
    } else if (trace->collecting) {
        add_effect(trace, trace->dpu, event);
    }
}

/* ---- beginning and end ---------------------------------------------------------------------- */

void sim_trace_text_begin(struct sim_trace *trace)
{
    bool timed = trace->dpu->cycle_mode;
    fprintf(trace->out,
            "# dpusim %s trace of %s, %s mode\n"
            "# count tasklet@address instruction ; operands -> results ; memory effects%s\n",
            DPUSIM_VERSION, trace->process_name, timed ? "cycle" : "functional",
            timed ? " ; cycle of issue" : "");
}

void sim_trace_text_end(struct sim_trace *trace)
{
    write_line(trace, sim_dpu_stat(trace->dpu, SIM_STAT_DPU_instructions, 0));
    if (trace->left_out && !trace->error)
        fprintf(trace->out, "# the limit of %llu lines was reached: the rest is left out\n",
                (unsigned long long)trace->options.max_events);
}
