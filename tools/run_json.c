/* SPDX-License-Identifier: MIT */
/* `dpusim run --json`: the result of a run as one JSON object on stdout. Keys are only ever added.
 */
#include <stdlib.h>
#include <string.h>

#include "run.h"

static const struct isa_symbol *data_symbol(const struct run *run, const struct sim_fault *fault)
{
    uint32_t address = isa_memory_base(fault->memory) + fault->address;
    return isa_program_symbol_at(run->program, address, fault->memory == ISA_IRAM);
}

static void fault_address(struct json *json, const struct run *run, const struct sim_fault *fault)
{
    bool accessed =
        !fault->injected && (fault->kind == SIM_FAULT_MEMORY || fault->kind == SIM_FAULT_DMA);
    const struct isa_symbol *symbol = accessed ? data_symbol(run, fault) : NULL;
    if (accessed)
        json_u64(json, "address", fault->address);
    else
        json_text(json, "address", NULL);
    json_text(json, "address_memory", accessed ? isa_memory_name(fault->memory) : NULL);
    json_text(json, "address_symbol", symbol ? symbol->name : NULL);
}

static void fault_place(struct json *json, const struct run *run, const struct sim_fault *fault)
{
    char *place = run_place_of(run->program, fault->pc_insn);
    const char *file = NULL;
    unsigned line = 0;
    json_text(json, "symbol", place);
    if (isa_program_line_at(run->program, fault->pc_insn, &file, &line)) {
        json_text(json, "file", file);
        json_u64(json, "line", line);
    } else {
        json_text(json, "file", NULL);
        json_text(json, "line", NULL);
    }
    free(place);
}

static void print_fault(struct json *json, const struct run *run)
{
    const struct sim_fault *fault = sim_dpu_fault(run->dpu);
    if (!fault) {
        json_text(json, "fault", NULL);
        return;
    }
    json_open(json, "fault", '{');
    json_text(json, "kind", sim_fault_kind_name(fault->kind));
    if (fault->kind == SIM_FAULT_BREAKPOINT)
        json_u64(json, "code", fault->code);
    else
        json_text(json, "code", NULL);
    json_u64(json, "tasklet", fault->tasklet);
    json_u64(json, "pc", fault->pc_insn);
    fault_address(json, run, fault);
    fault_place(json, run, fault);
    json_text(json, "rule", fault->rule);
    json_close(json, '}');
    if (fault->injected)
        json_bool(json, "injected", true);
}

static void print_tasklet(struct json *json, const struct run *run, unsigned tasklet,
                          const struct sim_thread_state *state)
{
    json_open(json, NULL, '{');
    json_u64(json, "id", tasklet);
    json_u64(json, "pc", state->pc_insn);
    json_u64(json, "instructions", sim_dpu_stat(run->dpu, SIM_STAT_TASKLET_instructions, tasklet));
    json_open(json, "dma", '{');
    json_u64(json, "transfers", sim_dpu_stat(run->dpu, SIM_STAT_TASKLET_dma_transfers, tasklet));
    json_u64(json, "bytes", sim_dpu_stat(run->dpu, SIM_STAT_TASKLET_dma_bytes, tasklet));
    json_close(json, '}');
    json_open(json, "registers", '[');
    for (unsigned i = 0; i < ISA_WORK_REGISTERS; i++)
        json_u64(json, NULL, state->registers[i]);
    json_close(json, ']');
    json_u64(json, "zf", state->zero_flag);
    json_u64(json, "cf", state->carry_flag);
    json_close(json, '}');
}

static void print_tasklets(struct json *json, const struct run *run)
{
    struct sim_thread_state state;
    json_open(json, "tasklets", '[');
    for (int t = run_next_booted(run, 0, &state); t >= 0;
         t = run_next_booted(run, (unsigned)t + 1, &state))
        print_tasklet(json, run, (unsigned)t, &state);
    json_close(json, ']');
}

static void print_asleep(struct json *json, const struct run *run)
{
    struct sim_thread_state state;
    json_open(json, "asleep", '[');
    for (int t = run_next_asleep(run, 0, &state); t >= 0;
         t = run_next_asleep(run, (unsigned)t + 1, &state)) {
        char *place = run_place_of(run->program, state.pc_insn);
        json_open(json, NULL, '{');
        json_u64(json, "tasklet", (uint64_t)t);
        json_u64(json, "pc", state.pc_insn);
        json_text(json, "symbol", place);
        json_close(json, '}');
        free(place);
    }
    json_close(json, ']');
}

static bool same_label_before(const struct run *run, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(run->dumps[i].label, run->dumps[index].label) == 0)
            return true;
    return false;
}

/* A symbol dumped twice, with two types: the second key is the whole text of the option. */
static bool print_symbols(struct json *json, const struct run *run)
{
    bool ok = true;
    json_open(json, "symbols", '{');
    for (size_t i = 0; i < run->n_dumps; i++) {
        struct isa_diag diag = {""};
        const char *key =
            same_label_before(run, i) ? run->options.dump.items[i] : run->dumps[i].label;
        if (place_json(&run->dumps[i], run->dpu, json, key, &diag)) {
            tool_error(run->verb, "--dump %.200s: %s", run->dumps[i].label, diag.text);
            ok = false;
        }
    }
    json_close(json, '}');
    return ok;
}

static void print_log(struct json *json, const struct run *run)
{
    struct isa_diag diag = {""};
    char *text = NULL;
    size_t len = 0;
    enum dpusim_status status = sim_dpu_read_log(run->dpu, &text, &len, &diag);
    if (text && status != DPUSIM_LOG_MISSING)
        json_bytes(json, "log", text, len);
    if (status && status != DPUSIM_LOG_MISSING && !run->options.quiet)
        tool_warn(run->verb, "%s", diag.text);
    free(text);
}

bool run_print_json(const struct run *run)
{
    struct json json = {.out = stdout};
    json_open(&json, NULL, '{');
    json_text(&json, "status", run_status(run));
    print_fault(&json, run);
    json_u64(&json, "instructions", sim_dpu_stat(run->dpu, SIM_STAT_DPU_instructions, 0));
    json_u64(&json, "cycles", sim_dpu_stat(run->dpu, SIM_STAT_DPU_cycles, 0));
    json_text(&json, "mode", sim_dpu_stat_mode(run->dpu) == SIM_CYCLE ? "cycle" : "functional");
    json_text(&json, "chip", sim_dpu_chip(run->dpu)->name);
    print_tasklets(&json, run);
    bool ok = print_symbols(&json, run);
    print_asleep(&json, run);
    run_json_injections(run, &json);
    run_json_findings(&json, run);
    print_log(&json, run);
    json_close(&json, '}');
    run_warn_asleep(run);
    return tool_close_output(run->verb, "-", stdout) && ok;
}
