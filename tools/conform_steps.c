/* SPDX-License-Identifier: MIT */
/* Semantics and memory vectors: one instruction each, executed by a thread of one DPU that serves
 * for all rows. Registers that a row does not name, and memory outside its eight bytes, must not
 * change. */
#include <stdlib.h>
#include <string.h>

#include "dpusim.h"
#include "vectors.h"

enum { SPOT_BYTES = 8, MEMORY_ROW_PC = 16 };

/* One row, parsed. */
struct row {
    uint64_t word;
    unsigned tasklet, pc, pc_out;
    uint32_t in[ISA_WORK_REGISTERS], out[ISA_WORK_REGISTERS];
    bool cf, zf, cf_out, zf_out;
    uint32_t spot; /* address of the eight bytes */
    uint8_t spot_in[SPOT_BYTES], spot_out[SPOT_BYTES];
    const char *fault;
};

struct bench {
    struct sim_dpu *dpu;
    uint8_t *expected; /* WRAM as it must be; memory rows only */
    uint32_t wram_bytes;
};

/* ------------------------------------------------------------------ parsing ------------------- */

/* Value of registers and memory that a row does not name. */
static uint32_t filler(unsigned index)
{
    return 0xa5000000u + index * 0x01030507u;
}

/* "r1=0000003f,r20=80000001" */
static void parse_registers(const char *text, uint32_t *registers, struct text *problems)
{
    while (*text && strcmp(text, "-") != 0) {
        char *end = NULL;
        unsigned long number = *text == 'r' ? strtoul(text + 1, &end, 10) : 99;
        if (number >= ISA_WORK_REGISTERS || *end != '=') {
            text_add(problems, "; \"%.40s\" is not a list of registers", text);
            return;
        }
        registers[number] = (uint32_t)strtoul(end + 1, &end, 16);
        text = end + (*end == ',');
        if (*end && *end != ',') {
            text_add(problems, "; \"%.40s\" is not a list of registers", text);
            return;
        }
    }
}

static void parse_spot(const char *text, uint8_t *bytes, struct text *problems)
{
    for (int i = 0; i < SPOT_BYTES; i++) {
        char pair[3] = {text[0], text[0] ? text[1] : '\0', '\0'}, *end;
        bytes[i] = (uint8_t)strtoul(pair, &end, 16);
        if (end != pair + 2) {
            text_add(problems, "; \"%.40s\" is not eight bytes", text);
            return;
        }
        text += 2;
    }
}

static bool flag_of(const struct vectors *vectors, const char *column)
{
    return strcmp(vectors_cell(vectors, column), "1") == 0;
}

static void parse_row(const struct vectors *vectors, bool memory, struct row *row,
                      struct text *problems)
{
    *row = (struct row){.word = vectors_hex(vectors, "word", problems),
                        .tasklet = (unsigned)atoi(vectors_cell(vectors, "id")),
                        .pc = MEMORY_ROW_PC,
                        .pc_out = MEMORY_ROW_PC + 1,
                        .fault = vectors_cell(vectors, "fault")};
    for (unsigned i = 0; i < ISA_WORK_REGISTERS; i++)
        row->in[i] = row->out[i] = filler(i);
    parse_registers(vectors_cell(vectors, "regs_in"), row->in, problems);
    parse_registers(vectors_cell(vectors, "regs_in"), row->out, problems);
    parse_registers(vectors_cell(vectors, "regs_out"), row->out, problems);
    if (memory) {
        row->spot = (uint32_t)vectors_hex(vectors, "mem_at", problems);
        parse_spot(vectors_cell(vectors, "mem_in"), row->spot_in, problems);
        parse_spot(vectors_cell(vectors, "mem_out"), row->spot_out, problems);
        return;
    }
    row->pc = (unsigned)vectors_hex(vectors, "pc", problems);
    row->pc_out = (unsigned)vectors_hex(vectors, "pc_out", problems);
    row->cf = flag_of(vectors, "cf");
    row->zf = flag_of(vectors, "zf");
    row->cf_out = flag_of(vectors, "cf_out");
    row->zf_out = flag_of(vectors, "zf_out");
}

/* ------------------------------------------------------------------ running ------------------- */

static enum dpusim_status prepare(struct bench *bench, const struct row *row, struct isa_diag *diag)
{
    uint8_t slot[ISA_INSN_BYTES];
    struct sim_thread_state state = {
        .pc_insn = row->pc, .zero_flag = row->zf, .carry_flag = row->cf, .running = true};
    for (unsigned i = 0; i < ISA_INSN_BYTES; i++)
        slot[i] = (uint8_t)(row->word >> (8 * i));
    memcpy(state.registers, row->in, sizeof state.registers);
    enum dpusim_status status =
        sim_dpu_write(bench->dpu, ISA_IRAM, row->pc * ISA_INSN_BYTES, slot, sizeof slot, diag);
    if (!status)
        status = sim_dpu_set_thread(bench->dpu, row->tasklet, &state);
    return status;
}

static const char *fault_name(const struct sim_fault *fault)
{
    static const char *const names[SIM_FAULT_COUNT] = {[SIM_FAULT_NONE] = "-",
                                                       [SIM_FAULT_BREAKPOINT] = "bkp",
                                                       [SIM_FAULT_MEMORY] = "mem",
                                                       [SIM_FAULT_DMA] = "dma",
                                                       [SIM_FAULT_ILLEGAL] = "illegal"};
    return fault ? names[fault->kind] : "-";
}

static void compare(const struct bench *bench, const struct row *row,
                    const struct sim_thread_state *state, struct text *problems)
{
    const char *fault = fault_name(sim_dpu_fault(bench->dpu));
    for (unsigned i = 0; i < ISA_WORK_REGISTERS; i++)
        if (state->registers[i] != row->out[i])
            text_add(problems, "; r%u expected %08x got %08x", i, (unsigned)row->out[i],
                     (unsigned)state->registers[i]);
    if (state->carry_flag != row->cf_out)
        text_add(problems, "; cf expected %d got %d", row->cf_out, state->carry_flag);
    if (state->zero_flag != row->zf_out)
        text_add(problems, "; zf expected %d got %d", row->zf_out, state->zero_flag);
    if (state->pc_insn != row->pc_out) /* whether the jump was taken is in here */
        text_add(problems, "; pc expected %04x got %04x", row->pc_out, (unsigned)state->pc_insn);
    if (strcmp(fault, row->fault) != 0)
        text_add(problems, "; fault expected %s got %s", row->fault, fault);
}

static void step(struct bench *bench, const struct row *row, struct text *problems)
{
    struct isa_diag diag = {""};
    struct sim_thread_state state;
    struct sim_outcome outcome;
    enum dpusim_status status = prepare(bench, row, &diag);
    if (!status)
        status = sim_dpu_step(bench->dpu, row->tasklet, &outcome);
    if (!status)
        status = sim_dpu_get_thread(bench->dpu, row->tasklet, &state);
    if (status) {
        text_add(problems, "; cannot be run: %s",
                 diag.text[0] ? diag.text : dpusim_status_text(status));
        return;
    }
    compare(bench, row, &state, problems);
    sim_dpu_clear_fault(bench->dpu);
    state.running = false;
    (void)!sim_dpu_set_thread(bench->dpu, row->tasklet, &state);
}

/* ------------------------------------------------------------------ memory rows --------------- */

static void compare_memory(struct bench *bench, const struct row *row, struct text *problems)
{
    const uint8_t *wram = sim_dpu_wram(bench->dpu);
    memcpy(bench->expected + row->spot, row->spot_out, SPOT_BYTES);
    if (memcmp(wram, bench->expected, bench->wram_bytes) == 0)
        return;
    for (uint32_t i = 0; i < bench->wram_bytes; i++)
        if (wram[i] != bench->expected[i])
            text_add(problems, "; byte %04x expected %02x got %02x", (unsigned)i,
                     bench->expected[i], wram[i]);
    memcpy(sim_dpu_wram(bench->dpu), bench->expected, bench->wram_bytes);
}

static void step_memory(struct bench *bench, const struct row *row, struct text *problems)
{
    uint8_t before[SPOT_BYTES];
    if (row->spot > bench->wram_bytes - SPOT_BYTES) {
        text_add(problems, "; mem_at %x is outside WRAM", (unsigned)row->spot);
        return;
    }
    memcpy(before, bench->expected + row->spot, SPOT_BYTES);
    memcpy(sim_dpu_wram(bench->dpu) + row->spot, row->spot_in, SPOT_BYTES);
    step(bench, row, problems);
    compare_memory(bench, row, problems);
    memcpy(bench->expected + row->spot, before, SPOT_BYTES);
    memcpy(sim_dpu_wram(bench->dpu) + row->spot, before, SPOT_BYTES);
}

static void fill_memory(struct bench *bench)
{
    bench->wram_bytes = sim_dpu_memory_bytes(bench->dpu, ISA_WRAM);
    bench->expected = tool_realloc(NULL, bench->wram_bytes, 1);
    for (uint32_t i = 0; i < bench->wram_bytes; i++)
        bench->expected[i] = (uint8_t)(filler(i) >> 8);
    memcpy(sim_dpu_wram(bench->dpu), bench->expected, bench->wram_bytes);
}

static void run_row(struct vectors *vectors, struct bench *bench, bool memory)
{
    struct text problems = {0};
    struct row row;
    char title[256];
    parse_row(vectors, memory, &row, &problems);
    if (!problems.len && memory)
        step_memory(bench, &row, &problems);
    else if (!problems.len)
        step(bench, &row, &problems);
    snprintf(title, sizeof title, "%012llx %.60s:", (unsigned long long)row.word,
             vectors_cell(vectors, "text"));
    vectors_judge(vectors, vectors->line, title, &problems);
    text_free(&problems);
}

bool conform_steps(struct vectors *vectors, const char *verb, bool memory)
{
    struct bench bench = {0};
    struct isa_diag diag = {""};
    enum dpusim_status status = sim_dpu_create(&bench.dpu, NULL, &diag);
    if (status) {
        tool_fail(verb, status, &diag);
        return false;
    }
    fill_memory(&bench);
    while (vectors_next(vectors))
        run_row(vectors, &bench, memory);
    free(bench.expected);
    sim_dpu_destroy(bench.dpu);
    return true;
}
