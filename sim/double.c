/* SPDX-License-Identifier: MIT */
/* Functions of a DPU program called from the host, and host functions in the place of such, under
 * the device's calling convention. Documented: arguments in r0..r7, 64-bit ones in the pairs d0 d2
 * d4 d6 with the high word in the even register, a register that was skipped is used later; others
 * and variable ones below the caller's frame; results in r0 or d0. Entries are told by watched
 * instructions, so what is not replaced runs as fast as ever. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "watch.h"

#ifdef DPUSIM_HAS_FFI
#include <ffi.h>
#endif

enum {
    ARGUMENT_REGISTERS = 8,
    FRAME_TOP_BYTES = 8, /* of a caller: its saved stack pointer and return address */
    SPARE_STACK_BYTES = 4096,
    MOST_ARGUMENTS = SIM_MAX_ARGUMENTS
};

/* ---- signatures ------------------------------------------------------------------------------ */

struct signature {
    char result;
    char argument[MOST_ARGUMENTS];
    unsigned n, n_fixed; /* behind the dot they are variable */
};

static bool is_wide(char letter)
{
    return letter == 'l' || letter == 'L' || letter == 'd';
}

static enum dpusim_status parse_signature(struct signature *out, const char *text,
                                          struct isa_diag *diag)
{
    static const char letters[] = "bBhHiulLfdp";
    const char *at = text;
    bool variable = false;
    *out = (struct signature){.result = *at};
    if ((*at == 'v' || (*at && strchr(letters, *at))) && *++at == '(') {
        for (at++; *at && *at != ')' && out->n < MOST_ARGUMENTS; at++) {
            if (*at == '.' && !variable)
                variable = true;
            else if (strchr(letters, *at))
                out->argument[out->n++] = *at;
            else
                break;
            out->n_fixed += !variable;
        }
        if (at[0] == ')' && !at[1])
            return DPUSIM_OK;
    }
    return isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                    "signature \"%.60s\": wanted the result's letter and those of at most %d "
                    "arguments, as \"i(pu)\": v b B h H i u l L f d p; what follows a dot is "
                    "variable",
                    text, MOST_ARGUMENTS);
}

static char letter_of(const struct isa_type *type)
{
    const struct isa_type *plain = isa_type_strip(type);
    uint64_t size = plain ? plain->size_bytes : 0;
    if (!plain)
        return 'v';
    switch (plain->kind) {
    case ISA_TYPE_POINTER:
        return 'p';
    case ISA_TYPE_FLOAT:
        return size == 8 ? 'd' : 'f';
    case ISA_TYPE_SIGNED:
    case ISA_TYPE_ENUM:
        return size == 8 ? 'l' : size == 4 ? 'i' : size == 2 ? 'h' : 'b';
    case ISA_TYPE_BOOL:
    case ISA_TYPE_UNSIGNED:
        return size == 8 ? 'L' : size == 4 ? 'u' : size == 2 ? 'H' : 'B';
    case ISA_TYPE_CHAR:
        return plain->is_signed ? 'b' : 'B';
    default:
        return 0;
    }
}

enum dpusim_status sim_dpu_signature(const struct sim_dpu *dpu, const char *function, char *buffer,
                                     size_t size, struct isa_diag *diag)
{
    const struct isa_symbol *symbol =
        dpu->program ? isa_program_find_symbol(dpu->program, function) : NULL;
    const struct isa_type *type = symbol ? isa_program_type_at(dpu->program, symbol->value) : NULL;
    char text[MOST_ARGUMENTS + 8];
    size_t used = 0;
    if (!type || type->kind != ISA_TYPE_FUNCTION || type->n_members > MOST_ARGUMENTS)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                        "%.200s: its types are not known: compile with -g, or give a signature "
                        "such as \"i(pu)\"",
                        function);
    text[used++] = letter_of(type->target);
    text[used++] = '(';
    for (size_t i = 0; i < type->n_members; i++)
        text[used++] = letter_of(type->members[i].type);
    if (type->is_variadic)
        text[used++] = '.';
    text[used++] = ')';
    if (memchr(text, 0, used))
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                        "%.200s: structures are passed by address: give a signature with p for "
                        "them, and p first for a structure that is the result",
                        function);
    if (used + 1 > size)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "the buffer for the signature has %zu bytes",
                        size);
    memcpy(buffer, text, used);
    buffer[used] = '\0';
    return DPUSIM_OK;
}

static enum dpusim_status signature_of(struct signature *out, const struct sim_dpu *dpu,
                                       const char *function, const char *text,
                                       struct isa_diag *diag)
{
    char known[MOST_ARGUMENTS + 8];
    if (!text) {
        enum dpusim_status status = sim_dpu_signature(dpu, function, known, sizeof known, diag);
        if (status)
            return status;
        text = known;
    }
    return parse_signature(out, text, diag);
}

/* ---- places of arguments --------------------------------------------------------------------- */

/* Of one argument: a register (the first of a pair), or bytes below the stack pointer. */
struct where {
    int reg; /* -1: on the stack */
    uint32_t below_bytes;
};

/* Returns the bytes on the stack, without the frame's top. */
static uint32_t place_arguments(const struct signature *s, struct where where[MOST_ARGUMENTS])
{
    unsigned taken = 0;
    uint32_t offset = 0;
    for (unsigned i = 0; i < s->n; i++) {
        unsigned step = is_wide(s->argument[i]) ? 2 : 1, mask = step == 2 ? 3 : 1;
        int reg = -1;
        for (unsigned r = 0; reg < 0 && i < s->n_fixed && r < ARGUMENT_REGISTERS; r += step)
            if (!(taken >> r & mask))
                reg = (int)r;
        where[i].reg = reg;
        if (reg >= 0) {
            taken |= mask << reg;
            continue;
        }
        uint32_t size = step * 4;
        offset = (offset + size - 1) / size * size + size;
        where[i].below_bytes = FRAME_TOP_BYTES + offset;
    }
    return offset;
}

/* What a register or word of the stack holds for a value. */
static uint64_t to_bits(char letter, union sim_value value)
{
    uint32_t single;
    switch (letter) {
    case 'b':
        return (uint32_t)(int8_t)value.i;
    case 'B':
        return (uint8_t)value.u;
    case 'h':
        return (uint32_t)(int16_t)value.i;
    case 'H':
        return (uint16_t)value.u;
    case 'f':
        memcpy(&single, &value.f, sizeof single);
        return single;
    default:
        return is_wide(letter) ? value.ul : value.u;
    }
}

static union sim_value from_bits(char letter, uint64_t bits)
{
    union sim_value value = {.ul = 0};
    uint32_t single = (uint32_t)bits;
    switch (letter) {
    case 'b':
        value.l = (int8_t)bits;
        break;
    case 'B':
        value.ul = (uint8_t)bits;
        break;
    case 'h':
        value.l = (int16_t)bits;
        break;
    case 'H':
        value.ul = (uint16_t)bits;
        break;
    case 'i':
        value.l = (int32_t)bits;
        break;
    case 'f':
        memcpy(&value.f, &single, sizeof single);
        break;
    case 'v':
        break;
    default:
        value.ul = is_wide(letter) ? bits : single;
    }
    return value;
}

static void put_register(uint32_t *registers, int reg, char letter, uint64_t bits)
{
    if (!is_wide(letter)) {
        registers[reg] = (uint32_t)bits;
        return;
    }
    registers[reg] = (uint32_t)(bits >> 32);
    registers[reg + 1] = (uint32_t)bits;
}

static uint64_t get_register(const uint32_t *registers, int reg, char letter)
{
    return is_wide(letter) ? (uint64_t)registers[reg] << 32 | registers[reg + 1] : registers[reg];
}

/* Where the argument lies in WRAM, or NULL when the stack pointer is none. */
static uint8_t *stack_word(struct sim_dpu *d, uint32_t stack, const struct where *where,
                           char letter)
{
    uint32_t at = stack - where->below_bytes, size = is_wide(letter) ? 8 : 4;
    return stack >= where->below_bytes && at + size <= d->wram_units[0] ? d->wram + at : NULL;
}

static void write_arguments(struct sim_dpu *d, const struct signature *s, uint32_t *registers,
                            const union sim_value *arguments)
{
    struct where where[MOST_ARGUMENTS];
    place_arguments(s, where);
    for (unsigned i = 0; i < s->n; i++) {
        uint64_t bits = to_bits(s->argument[i], arguments[i]);
        uint8_t *at = stack_word(d, registers[ISA_STACK_REGISTER], &where[i], s->argument[i]);
        if (where[i].reg >= 0)
            put_register(registers, where[i].reg, s->argument[i], bits);
        else if (at)
            memcpy(at, &bits, is_wide(s->argument[i]) ? 8 : 4);
    }
}

static void read_arguments(struct sim_dpu *d, const struct signature *s, const uint32_t *registers,
                           union sim_value *arguments)
{
    struct where where[MOST_ARGUMENTS];
    place_arguments(s, where);
    for (unsigned i = 0; i < s->n; i++) {
        uint64_t bits = 0;
        uint8_t *at = stack_word(d, registers[ISA_STACK_REGISTER], &where[i], s->argument[i]);
        if (where[i].reg >= 0)
            bits = get_register(registers, where[i].reg, s->argument[i]);
        else if (at)
            memcpy(&bits, at, is_wide(s->argument[i]) ? 8 : 4);
        arguments[i] = from_bits(s->argument[i], bits);
    }
}

/* ---- calling --------------------------------------------------------------------------------- */

static enum dpusim_status find_function(const struct sim_dpu *dpu, const char *name, uint32_t *pc,
                                        struct isa_diag *diag)
{
    if (!dpu->program)
        return isa_fail(diag, DPUSIM_NO_PROGRAM, "%.200s: no program is loaded", name);
    const struct isa_symbol *symbol = isa_program_find_symbol(dpu->program, name);
    if (!symbol) {
        const char *near = isa_program_nearest_symbol(dpu->program, name);
        return isa_fail(diag, DPUSIM_UNKNOWN_SYMBOL,
                        near ? "function \"%.200s\" does not exist (the compiler may have put it "
                               "into its callers); did you mean \"%.200s\"?"
                             : "function \"%.200s\" does not exist (the compiler may have put it "
                               "into its callers)",
                        name, near);
    }
    if (symbol->value < ISA_IRAM_BASE || symbol->value - ISA_IRAM_BASE >= dpu->iram_bytes)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "\"%.200s\" is no function", name);
    *pc = (symbol->value - ISA_IRAM_BASE) / ISA_INSN_BYTES;
    return DPUSIM_OK;
}

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
                                const struct signature *s, uint32_t pc_insn, uint32_t back,
                                struct isa_diag *diag)
{
    struct where where[MOST_ARGUMENTS];
    struct sim_thread_state state = {.pc_insn = 0}, idle;
    enum dpusim_status status = boot(dpu, diag);
    if (!status)
        status = sim_dpu_get_thread(dpu, 0, &idle);
    if (status)
        return status;
    idle.running = false;
    uint32_t frame = (place_arguments(s, where) + FRAME_TOP_BYTES + 7) / 8 * 8;
    uint32_t stack = stack_of(dpu, call->tasklet) + frame;
    memset(dpu->wram + stack - frame, 0, frame);
    state.pc_insn = pc_insn;
    state.running = true;
    state.registers[ISA_STACK_REGISTER] = stack;
    state.registers[ISA_RETURN_REGISTER] = back;
    write_arguments(dpu, s, state.registers, call->arguments);
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
                                     const struct signature *s, struct isa_diag *diag)
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
    struct signature s;
    uint32_t pc_insn;
    enum dpusim_status status = find_function(dpu, call->function, &pc_insn, diag);
    if (!status)
        status = signature_of(&s, dpu, call->function, call->signature, diag);
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
        *result = from_bits(s.result, get_register(t->r, 0, s.result));
    return status;
}

/* ---- in the place of a function -------------------------------------------------------------- */

struct sim_double {
    struct sim_watcher watcher; /* first: what is told is this */
    struct signature signature;
    uint32_t pc_insn;
    sim_call_hook function;
    void *context;
    struct sim_double *next;
};

static const struct sim_insn *entered(struct sim_watcher *watcher, struct sim_dpu *d,
                                      struct sim_tasklet *t, const struct sim_insn *ip)
{
    struct sim_double *twin = (struct sim_double *)watcher;
    union sim_value arguments[MOST_ARGUMENTS] = {{.ul = 0}}, result = {.ul = 0};
    (void)ip;
    read_arguments(d, &twin->signature, t->r, arguments);
    bool instead = twin->function(twin->context, d, t->id, arguments, &result);
    if (!instead) {
        write_arguments(d, &twin->signature, t->r, arguments);
        return NULL;
    }
    if (twin->signature.result != 'v')
        put_register(t->r, 0, twin->signature.result, to_bits(twin->signature.result, result));
    return sim_at_pc(d, t->r[ISA_RETURN_REGISTER]);
}

static void remove_double(struct sim_dpu *dpu, uint32_t pc_insn)
{
    for (struct sim_double **at = &dpu->doubles; *at; at = &(*at)->next)
        if ((*at)->pc_insn == pc_insn) {
            struct sim_double *gone = *at;
            *at = gone->next;
            sim_watch_remove(dpu, &gone->watcher);
            free(gone);
            return;
        }
}

enum dpusim_status sim_dpu_replace(struct sim_dpu *dpu, const char *function, const char *signature,
                                   sim_call_hook hook, void *context, struct isa_diag *diag)
{
    uint32_t pc_insn;
    struct signature s;
    enum dpusim_status status = find_function(dpu, function, &pc_insn, diag);
    if (!status && hook)
        status = signature_of(&s, dpu, function, signature, diag);
    if (status)
        return status;
    remove_double(dpu, pc_insn);
    if (!hook)
        return DPUSIM_OK;
    struct sim_double *twin = calloc(1, sizeof *twin);
    if (twin) {
        *twin = (struct sim_double){.signature = s,
                                    .pc_insn = pc_insn,
                                    .function = hook,
                                    .context = context,
                                    .next = dpu->doubles};
        twin->watcher.before = entered;
        sim_watch_pc(&twin->watcher, pc_insn);
        if (sim_watch_add(dpu, &twin->watcher)) {
            dpu->doubles = twin;
            return DPUSIM_OK;
        }
    }
    free(twin);
    return isa_fail(diag, DPUSIM_NO_MEMORY,
                    "%.200s: out of memory, or more than %d functions are replaced", function,
                    SIM_MAX_WATCHERS);
}

void sim_doubles_destroy(struct sim_dpu *dpu)
{
    while (dpu->doubles) {
        struct sim_double *next = dpu->doubles->next;
        free(dpu->doubles);
        dpu->doubles = next;
    }
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
    ffi_type *types[MOST_ARGUMENTS];
    void *values[MOST_ARGUMENTS];
    struct signature s;
    if (parse_signature(&s, signature, NULL))
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
