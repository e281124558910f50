/* SPDX-License-Identifier: MIT */
/* `dpusim run --trace=FILE`: one line per instruction in the order of the SDK's trace tool: count,
 * tasklet@address, instruction, values of its operands, results, memory effects with symbols. A
 * line is collected from the events of one instruction. When the disk is full the run goes on
 * without trace. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

struct trace {
    const char *verb, *path;
    const struct isa_program *program;
    FILE *file;
    uint32_t tasklets;    /* bit t: is traced; 0: all */
    bool timed;           /* cycle mode: the cycle stands at the end */
    bool collecting;      /* line holds an instruction that is not written yet */
    bool broken;          /* writing failed */
    struct text line;     /* count, tasklet@address, instruction */
    struct text operands; /* and results */
    struct text effects;  /* on memory and tasklets */
    uint64_t cycle;
};

/* ------------------------------------------------------------------ pieces of a line ---------- */

static void add_symbol(struct trace *trace, uint32_t address)
{
    const struct isa_symbol *symbol = isa_program_symbol_at(trace->program, address, false);
    if (!symbol)
        return;
    uint32_t offset = address - symbol->value;
    if (symbol->size_bytes && offset >= symbol->size_bytes)
        return;
    text_add(&trace->effects, offset ? " %s+%u" : " %s", symbol->name, (unsigned)offset);
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

static void add_register(struct trace *trace, enum isa_kind kind, unsigned number,
                         const struct sim_thread_state *state)
{
    if (number >= ISA_WORK_REGISTERS)
        return; /* a constant */
    if (kind == ISA_KIND_PAIR && number + 1 < ISA_WORK_REGISTERS)
        text_add(&trace->operands, " d%u=0x%08x%08x", number, (unsigned)state->registers[number],
                 (unsigned)state->registers[number + 1]);
    else
        text_add(&trace->operands, " r%u=0x%08x", number, (unsigned)state->registers[number]);
}

/* The values of the operands that are read, or of those that are written. */
static void add_operands(struct trace *trace, uint64_t word, bool results,
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
        text_add(&trace->operands, " zf=%d", state->zero_flag);
    if (flags == ISA_FLAGS_ZC)
        text_add(&trace->operands, " cf=%d", state->carry_flag);
}

static void add_access(struct trace *trace, struct sim_dpu *dpu, const struct sim_event *event)
{
    uint64_t value = 0;
    uint8_t bytes[8];
    uint32_t len = event->len_bytes < 8 ? event->len_bytes : 8;
    text_add(&trace->effects, " ; %s 0x%08x", event->kind == SIM_EVENT_WRITE ? "write" : "read",
             (unsigned)event->address);
    add_symbol(trace, ISA_WRAM_BASE + event->address);
    if (sim_dpu_read(dpu, ISA_WRAM, event->address, bytes, len, NULL))
        return; /* outside: a fault follows */
    for (uint32_t i = 0; i < len; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    text_add(&trace->effects, " = 0x%0*llx", (int)len * 2, (unsigned long long)value);
}

static void add_dma(struct trace *trace, const struct sim_event *event)
{
    enum isa_form form = isa_decode_form(event->word);
    bool code = form != ISA_ILLEGAL && isa_form_get(form)->op == ISA_OP_LDMAI;
    text_add(&trace->effects, " ; dma %u bytes MRAM 0x%08x", (unsigned)event->len_bytes,
             (unsigned)(ISA_MRAM_BASE + event->mram_offset));
    add_symbol(trace, ISA_MRAM_BASE + event->mram_offset);
    text_add(&trace->effects, " %s %s 0x%08x", event->is_write ? "<-" : "->",
             code ? "IRAM" : "WRAM",
             (unsigned)(event->address + (code ? ISA_IRAM_BASE : ISA_WRAM_BASE)));
    if (!code)
        add_symbol(trace, ISA_WRAM_BASE + event->address);
}

/* ------------------------------------------------------------------ lines --------------------- */

static void start_line(struct trace *trace, struct sim_dpu *dpu, const struct sim_event *event)
{
    struct sim_thread_state state;
    char text[128];
    text_clear(&trace->line);
    text_clear(&trace->operands);
    text_clear(&trace->effects);
    trace->collecting = !trace->tasklets || (trace->tasklets >> event->tasklet & 1);
    trace->cycle = event->cycle;
    if (!trace->collecting || sim_dpu_get_thread(dpu, event->tasklet, &state))
        return;
    isa_print(text, sizeof text, event->word, false);
    text_add(&trace->line, "%8llu %2u@0x%08x %-28s", (unsigned long long)event->instructions + 1,
             event->tasklet, (unsigned)(ISA_IRAM_BASE + event->pc_insn * ISA_INSN_BYTES), text);
    add_operands(trace, event->word, false, &state);
}

static void add_results(struct trace *trace, struct sim_dpu *dpu, const struct sim_event *event)
{
    struct sim_thread_state state;
    if (sim_dpu_get_thread(dpu, event->tasklet, &state))
        return;
    size_t before = trace->operands.len;
    text_add(&trace->operands, " ->");
    size_t arrow = trace->operands.len;
    add_operands(trace, event->word, true, &state);
    if (trace->operands.len == arrow) { /* no results: no arrow */
        trace->operands.len = before;
        trace->operands.data[before] = '\0';
    }
}

static void stop_tracing(struct trace *trace, uint64_t instruction)
{
    int reason = errno;
    trace->broken = true;
    tool_error(trace->verb,
               "cannot write the trace to %s: %s; it ends near instruction %llu, the run goes on",
               trace->file == stdout ? "standard output" : trace->path,
               strerror(reason ? reason : EIO), (unsigned long long)instruction);
}

static void write_line(struct trace *trace, uint64_t instruction)
{
    if (!trace->collecting)
        return;
    trace->collecting = false;
    if (trace->operands.len)
        text_add(&trace->line, " ;%s", trace->operands.data);
    if (trace->effects.len)
        text_add(&trace->line, "%s", trace->effects.data);
    if (trace->timed)
        text_add(&trace->line, " ; cycle %llu", (unsigned long long)trace->cycle);
    text_add(&trace->line, "\n");
    errno = 0;
    if (fwrite(trace->line.data, 1, trace->line.len, trace->file) != trace->line.len)
        stop_tracing(trace, instruction);
}

static void add_effect(struct trace *trace, struct sim_dpu *dpu, const struct sim_event *event)
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
        text_add(&trace->effects, " ; tell 0x%08x %d", (unsigned)event->value, (int)event->offset);
        break;
    case SIM_EVENT_START:
        text_add(&trace->effects, " ; tasklet %u starts", event->tasklet);
        break;
    case SIM_EVENT_STOP:
        text_add(&trace->effects, " ; tasklet %u stops", event->tasklet);
        break;
    case SIM_EVENT_FAULT:
        fault = sim_dpu_fault(dpu);
        text_add(&trace->effects, " ; fault %s", fault ? sim_fault_kind_name(fault->kind) : "");
        break;
    case SIM_EVENT_INSN:
    case SIM_EVENT_WAIT:
        break;
    }
}

static bool on_event(void *context, struct sim_dpu *dpu, const struct sim_event *event)
{
    struct trace *trace = context;
    if (trace->broken)
        return true;
    if (event->kind == SIM_EVENT_INSN) {
        write_line(trace, event->instructions);
        start_line(trace, dpu, event);
    } else if (trace->collecting) {
        add_effect(trace, dpu, event);
    }
    return true;
}

/* ------------------------------------------------------------------ opening and closing ------- */

struct trace *trace_open(const char *path, const struct run *run, uint32_t tasklets)
{
    FILE *file = tool_open_output(run->verb, path);
    if (!file)
        return NULL;
    struct trace *trace = tool_realloc(NULL, 1, sizeof *trace);
    *trace = (struct trace){.verb = run->verb,
                            .path = path,
                            .program = run->program,
                            .file = file,
                            .tasklets = tasklets,
                            .timed = run->config.mode == SIM_CYCLE};
    fprintf(file,
            "# dpusim %s trace of %s, %s mode\n"
            "# count tasklet@address instruction ; operands -> results ; memory effects%s\n",
            DPUSIM_VERSION, run->program->name, trace->timed ? "cycle" : "functional",
            trace->timed ? " ; cycle of issue" : "");
    sim_dpu_set_hook(run->dpu, on_event, trace);
    return trace;
}

bool trace_close(struct trace *trace)
{
    write_line(trace, 0);
    bool ok = !trace->broken;
    if (ok)
        ok = tool_close_output(trace->verb, trace->path, trace->file);
    else if (trace->file == stdout)
        clearerr(stdout); /* said already */
    else
        fclose(trace->file);
    text_free(&trace->line);
    text_free(&trace->operands);
    text_free(&trace->effects);
    free(trace);
    return ok;
}
