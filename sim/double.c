/* SPDX-License-Identifier: MIT */
/* Functions of a DPU program called from the host, and host functions by their signature. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "call_abi.h"

#ifdef DPUSIM_HAS_FFI
#include <ffi.h>
#endif

enum { SPARE_STACK_BYTES = 4096 };

/* ---- calling --------------------------------------------------------------------------------- */

/* Start of the tasklet's stack; programs without the linker's symbols get the end of WRAM. */
static uint32_t stack_of(const struct sim_dpu *dpu, unsigned tasklet)
{
    char name[32];
    snprintf(name, sizeof name, "__sys_stack_thread_%u", tasklet);
    const struct isa_symbol *symbol = isa_program_find_symbol(dpu->program, name);
    return symbol ? symbol->value : dpu->wram_units[0] - SPARE_STACK_BYTES;
}

/* The last slot of IRAM becomes the place to return to: it stops the tasklet. */
static uint64_t stop_word(void)
{
    const struct isa_pattern *pattern = &isa_form_get(ISA_STOP_CI)->pattern;
    int64_t values[ISA_MAX_OPERANDS] = {isa_cond_find(ISA_CLASS_BOOT, "true"), 0};
    return isa_encode(pattern, values);
}

static enum dpusim_status stop_all(struct sim_dpu *dpu)
{
    struct sim_thread_state state;
    for (unsigned t = 0; t < dpu->chip->threads; t++) {
        enum dpusim_status status = sim_dpu_get_thread(dpu, t, &state);
        if (status)
            return status;
        state.running = false;
        if (dpu->thread[t].running)
            status = sim_dpu_set_thread(dpu, t, &state);
        if (status)
            return status;
    }
    return DPUSIM_OK;
}

/* A fault of the call before is gone then, as after a host's launch. */
static enum dpusim_status boot(struct sim_dpu *dpu, struct isa_diag *diag)
{
    enum dpusim_status status = DPUSIM_OK;
    if (dpu->fault.kind != SIM_FAULT_NONE) {
        sim_dpu_clear_fault(dpu);
        status = stop_all(dpu);
    }
    return status ? status : sim_dpu_boot(dpu, diag);
}

static enum dpusim_status start(struct sim_dpu *dpu, const struct sim_call *call,
                                const struct sim_signature *s, uint32_t pc_insn, uint32_t back,
                                struct isa_diag *diag)
{
    struct sim_where where[SIM_MAX_ARGUMENTS];
    struct sim_thread_state state = {.pc_insn = 0}, idle;
    enum dpusim_status status = boot(dpu, diag);
    if (!status)
        status = sim_dpu_get_thread(dpu, 0, &idle);
    if (status)
        return status;
    idle.running = false;
    uint32_t frame = (sim_place_arguments(s, where) + SIM_FRAME_TOP_BYTES + 7) / 8 * 8;
    uint32_t stack = stack_of(dpu, call->tasklet) + frame;
    memset(dpu->wram + stack - frame, 0, frame);
    state.pc_insn = pc_insn;
    state.running = true;
    state.registers[ISA_STACK_REGISTER] = stack;
    state.registers[ISA_RETURN_REGISTER] = back;
    sim_arguments_write(dpu, s, state.registers, call->arguments);
    status = sim_dpu_set_thread(dpu, 0, &idle);
    if (!status)
        status = sim_dpu_set_thread(dpu, call->tasklet, &state);
    dpu->thread[0].booted = call->tasklet == 0;
    dpu->thread[call->tasklet].booted = true;
    return status;
}

static enum dpusim_status run_call(struct sim_dpu *dpu, const struct sim_call *call,
                                   struct isa_diag *diag)
{
    struct sim_outcome outcome;
    struct sim_limits limits = {.max_instructions = call->max_instructions};
    sim_dpu_run(dpu, &limits, &outcome);
    if (outcome.stop == SIM_FAULTED)
        return isa_fail(diag, DPUSIM_FAULT, "%.200s: fault in tasklet %u: %s", call->function,
                        dpu->fault.tasklet, dpu->fault.rule);
    if (outcome.stop != SIM_DONE && stop_all(dpu) == DPUSIM_OK)
        return isa_fail(diag, DPUSIM_LIMIT,
                        "%.200s had not returned after %" PRIu64 " instructions", call->function,
                        outcome.instructions);
    return DPUSIM_OK;
}

static enum dpusim_status check_call(const struct sim_dpu *dpu, const struct sim_call *call,
                                     const struct sim_signature *s, struct isa_diag *diag)
{
    if (call->tasklet >= dpu->chip->threads)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "%.200s: tasklet %u: %s has %u", call->function,
                        call->tasklet, dpu->chip->name, dpu->chip->threads);
    if (call->n_arguments < s->n_fixed || call->n_arguments > s->n)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "%.200s takes %u arguments, %u are given",
                        call->function, s->n, call->n_arguments);
    return DPUSIM_OK;
}

enum dpusim_status sim_dpu_call(struct sim_dpu *dpu, const struct sim_call *call,
                                union sim_value *result, struct isa_diag *diag)
{
    struct sim_signature s;
    uint32_t pc_insn;
    enum dpusim_status status = sim_function_find(dpu, call->function, &pc_insn, diag);
    if (!status)
        status = sim_signature_of(&s, dpu, call->function, call->signature, diag);
    if (!status)
        status = check_call(dpu, call, &s, diag);
    if (status)
        return status;
    uint32_t back = dpu->iram_bytes / ISA_INSN_BYTES - 1;
    if (!sim_code_own(dpu))
        return isa_fail(diag, DPUSIM_NO_MEMORY, "sim_dpu_call: out of memory");
    uint64_t word = dpu->code->word[back];
    s.n = call->n_arguments;
    sim_code_store(dpu->code, back, stop_word());
    status = start(dpu, call, &s, pc_insn, back, diag);
    if (!status)
        status = run_call(dpu, call, diag);
    sim_code_store(dpu->code, back, word);
    const struct sim_tasklet *t = &dpu->thread[call->tasklet];
    if (!status && sim_pc_of(dpu, t->ip) != 0)
        status = isa_fail(diag, DPUSIM_BAD_STATE,
                          "%.200s did not return: tasklet %u stopped at instruction %" PRIu32,
                          call->function, call->tasklet, sim_pc_of(dpu, t->ip));
    if (!status && result)
        *result = sim_value_of(s.result, sim_register_get(t->r, 0, s.result));
    return status;
}

/* ---- host functions by their own signature --------------------------------------------------- */

#ifdef DPUSIM_HAS_FFI

static ffi_type *ffi_type_of(char letter)
{
    switch (letter) {
    case 'v':
        return &ffi_type_void;
    case 'b':
        return &ffi_type_sint8;
    case 'B':
        return &ffi_type_uint8;
    case 'h':
        return &ffi_type_sint16;
    case 'H':
        return &ffi_type_uint16;
    case 'i':
        return &ffi_type_sint32;
    case 'l':
        return &ffi_type_sint64;
    case 'L':
        return &ffi_type_uint64;
    case 'f':
        return &ffi_type_float;
    case 'd':
        return &ffi_type_double;
    default:
        return &ffi_type_uint32; /* addresses, too */
    }
}

bool sim_call_native(const char *signature, void (*function)(void), union sim_value *arguments,
                     union sim_value *result)
{
    ffi_cif cif;
    ffi_type *types[SIM_MAX_ARGUMENTS];
    void *values[SIM_MAX_ARGUMENTS];
    struct sim_signature s;
    if (sim_signature_parse(&s, signature, NULL))
        return false;
    for (unsigned i = 0; i < s.n; i++) {
        types[i] = ffi_type_of(s.argument[i]);
        values[i] = &arguments[i];
    }
    if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, s.n, ffi_type_of(s.result), types) != FFI_OK)
        return false;
    union {
        ffi_arg wide; /* what libffi widens small results to */
        union sim_value value;
    } returned = {.wide = 0};
    ffi_call(&cif, function, &returned, values);
    *result = returned.value;
    return true;
}

#else

bool sim_call_native(const char *signature, void (*function)(void), union sim_value *arguments,
                     union sim_value *result)
{
    (void)signature, (void)function, (void)arguments, (void)result;
    return false;
}

#endif
