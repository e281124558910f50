/* SPDX-License-Identifier: MIT */
/* Raising faults, with the rule that was broken in words, and explaining them to a person: kind,
 * tasklet, instruction, function and line, address and the nearest symbol, call stack. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "text.h"

static const struct {
    const char *json_name, *words, *meaning;
} kinds[] = {
    {"", "", ""},
#define FAULT(id, json_name, words, meaning) {json_name, words, meaning},
#include "fault.def"
#undef FAULT
};

const char *sim_fault_kind_name(enum sim_fault_kind kind)
{
    return kind < SIM_FAULT_COUNT ? kinds[kind].json_name : "";
}

const char *sim_fault_code_name(uint32_t code)
{
#define FAULT_CODE(number, name)                                                                   \
    if (code == number)                                                                            \
        return name;
#include "fault_code.def"
#undef FAULT_CODE
    return NULL;
}

const struct sim_fault *sim_dpu_fault(const struct sim_dpu *dpu)
{
    return dpu->fault.kind == SIM_FAULT_NONE ? NULL : &dpu->fault;
}

void sim_dpu_clear_fault(struct sim_dpu *dpu)
{
    dpu->fault = (struct sim_fault){.kind = SIM_FAULT_NONE};
}

/* ---- raising -------------------------------------------------------------------------------- */

static struct sim_fault *raise(struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip,
                               enum sim_fault_kind kind)
{
    d->fault = (struct sim_fault){.kind = kind, .tasklet = t->id, .pc_insn = sim_pc_of(d, ip)};
    d->event |= SIM_NEWS_FAULT;
    return &d->fault;
}

void sim_raise_breakpoint(struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip,
                          uint32_t code)
{
    struct sim_fault *fault = raise(d, t, ip, SIM_FAULT_BREAKPOINT);
    const char *name = sim_fault_code_name(code);
    fault->code = code;
    snprintf(fault->rule, sizeof fault->rule, "fault %" PRIu32 "%s%s%s", code, name ? " (" : "",
             name ? name : "", name ? ")" : "");
}

/* Which memory a program would have meant by an address that WRAM does not reach. */
static const char *window_hint(uint32_t address)
{
    if (address >= ISA_ATOMIC_BASE)
        return "; that is the address of an atomic bit in the program file";
    if (address >= ISA_IRAM_BASE && address < ISA_IRAM_BASE + ISA_IRAM_INSNS * ISA_INSN_BYTES)
        return "; that is an IRAM address of the program file";
    if (address >= ISA_MRAM_BASE && address < ISA_MRAM_BASE + ISA_MRAM_BYTES)
        return "; that is an MRAM address of the program file: MRAM is reached by DMA only";
    return "";
}

void sim_raise_memory(struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip,
                      uint32_t address, uint32_t len_bytes, bool is_write)
{
    struct sim_fault *fault = raise(d, t, ip, SIM_FAULT_MEMORY);
    fault->memory = ISA_WRAM;
    fault->address = address;
    fault->len_bytes = len_bytes;
    fault->is_write = is_write;
    if ((uint64_t)address + len_bytes > d->wram_units[0])
        snprintf(fault->rule, sizeof fault->rule,
                 "%" PRIu32 " byte%s at 0x%" PRIx32 " end at 0x%" PRIx64
                 ", but WRAM ends at 0x%x%s",
                 len_bytes, len_bytes == 1 ? "" : "s", address, (uint64_t)address + len_bytes,
                 d->wram_units[0], window_hint(address));
    else
        snprintf(fault->rule, sizeof fault->rule,
                 "address 0x%" PRIx32 " is not a multiple of %" PRIu32 ", the size of the access",
                 address, len_bytes);
}

void sim_raise_safe(struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip,
                    uint32_t address, uint32_t limit, uint32_t len_bytes, bool is_write)
{
    struct sim_fault *fault = raise(d, t, ip, SIM_FAULT_MEMORY);
    fault->memory = ISA_WRAM;
    fault->address = address;
    fault->len_bytes = len_bytes;
    fault->is_write = is_write;
    snprintf(fault->rule, sizeof fault->rule,
             "safe register: offset 0x%" PRIx32 " + %" PRIu32 " reaches the limit 0x%" PRIx32,
             address, len_bytes, limit);
}

void sim_raise_stack(struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip,
                     uint32_t size_bytes, uint32_t beyond_bytes, const char *victim)
{
    struct sim_fault *fault = raise(d, t, ip, SIM_FAULT_STACK);
    snprintf(fault->rule, sizeof fault->rule,
             "%" PRIu32 " bytes are reserved for its stack; %" PRIu32 " more would overwrite %s",
             size_bytes, beyond_bytes, victim);
}

void sim_raise_illegal(struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip)
{
    struct sim_fault *fault = raise(d, t, ip, SIM_FAULT_ILLEGAL);
    snprintf(fault->rule, sizeof fault->rule, "word 0x%012" PRIx64 " is no instruction",
             d->code->word[fault->pc_insn]);
}

/* ---- explaining ----------------------------------------------------------------------------- */

void sim_add_frame(struct isa_text *text, const struct sim_frame *frame)
{
    isa_text_add(text, "index %" PRIu32, frame->pc_insn);
    if (frame->function)
        isa_text_add(text, " in %s+%" PRIu32, frame->function, frame->offset_insns);
    if (frame->file)
        isa_text_add(text, " at %s:%u", frame->file, frame->line);
    if (!frame->certain)
        isa_text_add(text, " (guessed)");
    isa_text_add(text, "\n");
}

static void add_address(struct isa_text *text, const struct sim_dpu *dpu,
                        const struct sim_fault *fault)
{
    const struct isa_symbol *symbol = NULL;
    isa_text_add(text, "  address   0x%" PRIx32 " in %s, %s of %" PRIu32 " bytes", fault->address,
                 isa_memory_name(fault->memory), fault->is_write ? "write" : "read",
                 fault->len_bytes);
    uint32_t base = isa_memory_base(fault->memory);
    if (dpu->program)
        symbol = isa_program_symbol_at(dpu->program, base + fault->address, false);
    if (symbol)
        isa_text_add(text, ", nearest symbol %s+%" PRIu32, symbol->name,
                     base + fault->address - symbol->value);
    isa_text_add(text, "\n");
}

static void add_stack(struct isa_text *text, const struct sim_dpu *dpu, unsigned tasklet)
{
    struct sim_frame frames[32];
    unsigned count = sim_dpu_backtrace(dpu, tasklet, frames, 32);
    for (unsigned i = 1; i < count; i++) {
        isa_text_add(text, i == 1 ? "  called by " : "            ");
        sim_add_frame(text, &frames[i]);
    }
}

int sim_dpu_explain_fault(const struct sim_dpu *dpu, char *buffer, size_t size)
{
    struct isa_text text = {buffer, size, 0};
    const struct sim_fault *fault = sim_dpu_fault(dpu);
    struct sim_frame frame;
    char insn[160];
    if (size)
        buffer[0] = '\0';
    if (!fault)
        return 0;
    const char *words =
        fault->kind == SIM_FAULT_BREAKPOINT ? fault->rule : kinds[fault->kind].words;
    isa_text_add(&text, "%s%s in tasklet %u: %s\n", words, fault->injected ? " (injected)" : "",
                 fault->tasklet,
                 fault->injected                       ? "forced by an injection"
                 : fault->kind == SIM_FAULT_BREAKPOINT ? kinds[fault->kind].meaning
                                                       : fault->rule);
    isa_print(insn, sizeof insn, dpu->code->word[fault->pc_insn], false);
    isa_text_add(&text, "  executing %s\n  place     ", insn);
    if (sim_dpu_backtrace(dpu, fault->tasklet, &frame, 1))
        sim_add_frame(&text, &frame);
    if (fault->kind == SIM_FAULT_MEMORY || fault->kind == SIM_FAULT_DMA)
        if (fault->len_bytes)
            add_address(&text, dpu, fault);
    add_stack(&text, dpu, fault->tasklet);
    return text.used;
}
