/* SPDX-License-Identifier: MIT */
/* What is in a stopped DPU besides the values of the program: fault, tasklets with registers and
 * call stacks, atomic bits that are held, heaps, log. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "inspect.h"

enum { MOST_FRAMES = 32, REGISTERS_A_LINE = 8 };

char *inspect_fault_text(const struct sim_dpu *dpu)
{
    int len = sim_dpu_explain_fault(dpu, NULL, 0);
    char *text = tool_realloc(NULL, (size_t)(len < 0 ? 0 : len) + 1, 1);
    text[0] = '\0';
    sim_dpu_explain_fault(dpu, text, (size_t)len + 1);
    return text;
}

static const char *state_word(const struct sim_dpu *dpu)
{
    struct sim_thread_state state;
    const char *word = "stopped";
    if (sim_dpu_fault(dpu))
        return "fault";
    for (unsigned t = 0; t < sim_dpu_chip(dpu)->threads; t++)
        if (sim_dpu_get_thread(dpu, t, &state) == DPUSIM_OK) {
            if (state.running)
                return "running";
            if (state.asleep)
                word = "asleep";
        }
    return word;
}

static const char *tasklet_word(const struct sim_dpu *dpu, unsigned tasklet,
                                const struct sim_thread_state *state)
{
    const struct sim_fault *fault = sim_dpu_fault(dpu);
    if (fault && fault->tasklet == tasklet)
        return "fault";
    return state->running ? "running" : state->asleep ? "asleep" : "ended";
}

static bool next_booted(const struct sim_dpu *dpu, unsigned *tasklet,
                        struct sim_thread_state *state)
{
    for (; *tasklet < sim_dpu_chip(dpu)->threads; ++*tasklet)
        if (sim_dpu_get_thread(dpu, *tasklet, state) == DPUSIM_OK && state->booted)
            return true;
    return false;
}

/* ---- what the program's symbols tell -------------------------------------------------------- */

struct heap {
    uint32_t start, next, end; /* of WRAM; next: what mem_alloc hands out next */
    uint32_t mram_start, mram_used_end;
    bool has_wram, has_mram;
};

static bool symbol_offset(const struct sim_dpu *dpu, const char *name, uint32_t *offset)
{
    enum isa_memory memory;
    const struct isa_symbol *symbol = isa_program_find_symbol(sim_dpu_program(dpu), name);
    return symbol && symbol->defined && isa_address_split(symbol->value, &memory, offset);
}

static uint32_t last_byte_of_mram(const struct sim_dpu *dpu, uint32_t from)
{
    uint32_t end = (uint32_t)sim_dpu_mram_used(dpu);
    uint8_t last = 0;
    while (end > from && !last && !sim_dpu_read(dpu, ISA_MRAM, end - 1, &last, 1, NULL))
        end -= !last;
    return end > from ? end : from;
}

static struct heap heap_of(const struct sim_dpu *dpu)
{
    struct heap heap = {0};
    uint32_t pointer;
    heap.has_wram =
        symbol_offset(dpu, "__sys_heap_pointer_reset", &heap.start) &&
        symbol_offset(dpu, "__sys_heap_pointer", &pointer) &&
        sim_dpu_read(dpu, ISA_WRAM, pointer, &heap.next, sizeof heap.next, NULL) == DPUSIM_OK;
    heap.end = sim_dpu_memory_bytes(dpu, ISA_WRAM);
    heap.has_mram = symbol_offset(dpu, "__sys_used_mram_end", &heap.mram_start);
    if (heap.has_mram)
        heap.mram_used_end = last_byte_of_mram(dpu, heap.mram_start);
    return heap;
}

static const char *bit_name(const struct sim_dpu *dpu, unsigned bit, uint32_t *index)
{
    const struct isa_symbol *symbol =
        isa_program_symbol_at(sim_dpu_program(dpu), ISA_ATOMIC_BASE + bit, false);
    if (!symbol || symbol->value < ISA_ATOMIC_BASE)
        return NULL;
    *index = ISA_ATOMIC_BASE + bit - symbol->value;
    return *index < symbol->size_bytes || *index == 0 ? symbol->name : NULL;
}

/* ---- text ----------------------------------------------------------------------------------- */

static void print_frame(const struct sim_frame *frame, const char *before)
{
    printf("%s", before);
    if (frame->function)
        printf("%s+%" PRIu32, frame->function, frame->offset_insns);
    else
        printf("instruction %" PRIu32, frame->pc_insn);
    if (frame->file)
        printf(" at %s:%u", frame->file, frame->line);
    printf(frame->certain ? "\n" : " (guessed)\n");
}

static void print_tasklet(const struct sim_dpu *dpu, unsigned tasklet,
                          const struct sim_thread_state *state)
{
    struct sim_frame frames[MOST_FRAMES];
    unsigned count = sim_dpu_backtrace(dpu, tasklet, frames, MOST_FRAMES);
    printf("tasklet %u: %s, next instruction %" PRIu32 ", zero flag %d, carry flag %d\n", tasklet,
           tasklet_word(dpu, tasklet, state), state->pc_insn, state->zero_flag, state->carry_flag);
    for (unsigned i = 0; i < count; i++)
        print_frame(&frames[i], i ? "  called by " : "  in        ");
    for (unsigned i = 0; i < ISA_WORK_REGISTERS; i++)
        printf("%s%s=%08" PRIx32 "%s",
               i % REGISTERS_A_LINE ? " "
               : i < 10             ? "  "
                                    : "  ",
               isa_register_name(i), state->registers[i],
               i % REGISTERS_A_LINE == REGISTERS_A_LINE - 1 ? "\n" : "");
}

static void print_bits(const struct sim_dpu *dpu)
{
    const char *separator = "atomic bits held: ";
    for (unsigned bit = 0; bit < sim_dpu_chip(dpu)->atomic_bits; bit++) {
        uint32_t index = 0;
        if (!sim_dpu_atomic_get(dpu, bit))
            continue;
        const char *name = bit_name(dpu, bit, &index);
        printf("%s%u", separator, bit);
        if (name)
            printf(index ? " (%s+%" PRIu32 ")" : " (%s)", name, index);
        separator = ", ";
    }
    puts(strcmp(separator, ", ") == 0 ? "" : "atomic bits held: none");
}

static void print_heap(const struct sim_dpu *dpu)
{
    struct heap heap = heap_of(dpu);
    if (heap.has_wram)
        printf("WRAM heap: 0x%" PRIx32 " to 0x%" PRIx32 ", %" PRIu32 " bytes allocated\n",
               heap.start, heap.end, heap.next > heap.start ? heap.next - heap.start : 0);
    if (heap.has_mram)
        printf("MRAM heap: from 0x%" PRIx32 ", zeros from 0x%" PRIx32 " on\n", heap.mram_start,
               heap.mram_used_end);
}

static char *log_text(const struct sim_dpu *dpu, size_t *len)
{
    char *text = NULL;
    *len = 0;
    enum dpusim_status status = sim_dpu_read_log(dpu, &text, len, NULL);
    if (status == DPUSIM_LOG_MISSING || !text)
        *len = 0;
    return text;
}

void inspect_print_state(const struct sim_dpu *dpu)
{
    struct sim_thread_state state;
    size_t len;
    char *fault = inspect_fault_text(dpu), *log = log_text(dpu, &len);
    printf("program: %s, chip %s, %s mode, %s\n", sim_dpu_program(dpu)->name,
           sim_dpu_chip(dpu)->name, sim_dpu_mode(dpu) == SIM_CYCLE ? "cycle" : "functional",
           state_word(dpu));
    fputs(fault, stdout);
    for (unsigned t = 0; next_booted(dpu, &t, &state); t++)
        print_tasklet(dpu, t, &state);
    print_bits(dpu);
    print_heap(dpu);
    if (len) {
        puts("log:");
        fwrite(log, 1, len, stdout);
        if (log[len - 1] != '\n')
            putchar('\n');
    }
    free(fault);
    free(log);
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static void json_frames(const struct sim_dpu *dpu, struct json *json, unsigned tasklet)
{
    struct sim_frame frames[MOST_FRAMES];
    unsigned count = sim_dpu_backtrace(dpu, tasklet, frames, MOST_FRAMES);
    json_open(json, "stack", '[');
    for (unsigned i = 0; i < count; i++) {
        json_open(json, NULL, '{');
        json_u64(json, "pc", frames[i].pc_insn);
        json_text(json, "function", frames[i].function);
        json_u64(json, "offset", frames[i].offset_insns);
        json_text(json, "file", frames[i].file);
        if (frames[i].file)
            json_u64(json, "line", frames[i].line);
        json_bool(json, "certain", frames[i].certain);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void json_tasklets(const struct sim_dpu *dpu, struct json *json)
{
    struct sim_thread_state state;
    json_open(json, "tasklets", '[');
    for (unsigned t = 0; next_booted(dpu, &t, &state); t++) {
        json_open(json, NULL, '{');
        json_u64(json, "id", t);
        json_text(json, "state", tasklet_word(dpu, t, &state));
        json_u64(json, "pc", state.pc_insn);
        json_bool(json, "zero_flag", state.zero_flag);
        json_bool(json, "carry_flag", state.carry_flag);
        json_open(json, "registers", '[');
        for (unsigned i = 0; i < ISA_WORK_REGISTERS; i++)
            json_u64(json, NULL, state.registers[i]);
        json_close(json, ']');
        json_frames(dpu, json, t);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void json_bits(const struct sim_dpu *dpu, struct json *json)
{
    json_open(json, "atomic_bits", '[');
    for (unsigned bit = 0; bit < sim_dpu_chip(dpu)->atomic_bits; bit++) {
        uint32_t index = 0;
        if (!sim_dpu_atomic_get(dpu, bit))
            continue;
        json_open(json, NULL, '{');
        json_u64(json, "bit", bit);
        json_text(json, "symbol", bit_name(dpu, bit, &index));
        json_close(json, '}');
    }
    json_close(json, ']');
}

void inspect_json_state(const struct sim_dpu *dpu, struct json *json)
{
    size_t len;
    char *fault = inspect_fault_text(dpu), *log = log_text(dpu, &len);
    const struct sim_fault *what = sim_dpu_fault(dpu);
    struct heap heap = heap_of(dpu);
    json_text(json, "program", sim_dpu_program(dpu)->name);
    json_text(json, "chip", sim_dpu_chip(dpu)->name);
    json_text(json, "mode", sim_dpu_mode(dpu) == SIM_CYCLE ? "cycle" : "functional");
    json_text(json, "state", state_word(dpu));
    json_text(json, "fault", what ? sim_fault_kind_name(what->kind) : NULL);
    json_text(json, "fault_text", what ? fault : NULL);
    json_tasklets(dpu, json);
    json_bits(dpu, json);
    if (heap.has_wram) {
        json_u64(json, "wram_heap_start", heap.start);
        json_u64(json, "wram_heap_next", heap.next);
    }
    if (heap.has_mram)
        json_u64(json, "mram_heap_start", heap.mram_start);
    json_bytes(json, "log", log ? log : "", len);
    free(fault);
    free(log);
}
