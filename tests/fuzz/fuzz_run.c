/* SPDX-License-Identifier: MIT */
/* Fuzz target: the engine. The input is IRAM, an instruction per 6 bytes. Whatever it executes, a
 * run cut into pieces ends in the same state as one piece, in functional and in cycle mode. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dpusim.h"

enum { MOST_INSNS = 600, BUDGET = 3000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct sim_dpu *create(enum sim_mode mode, const uint64_t *words, size_t n)
{
    struct sim_config config;
    struct isa_diag diag;
    struct sim_dpu *dpu;
    sim_config_init(&config);
    config.mode = mode;
    if (sim_dpu_create(&dpu, &config, &diag) != DPUSIM_OK ||
        sim_dpu_write(dpu, ISA_IRAM, 0, words, n * sizeof *words, &diag) != DPUSIM_OK)
        abort();
    struct sim_thread_state start = {.running = true};
    for (unsigned i = 0; i < ISA_WORK_REGISTERS; i++)
        start.registers[i] = i * 0x01010108u;
    if (sim_dpu_set_thread(dpu, 0, &start) != DPUSIM_OK)
        abort();
    return dpu;
}

static void run_pieces(struct sim_dpu *dpu, uint64_t piece)
{
    struct sim_outcome outcome;
    uint64_t left = BUDGET;
    do {
        struct sim_limits limits = {.max_instructions = left < piece ? left : piece};
        sim_dpu_run(dpu, &limits, &outcome);
        left -= outcome.instructions;
    } while (outcome.stop == SIM_LIMIT_INSTRUCTIONS && left > 0);
}

static void require_equal(const struct sim_dpu *a, const struct sim_dpu *b)
{
    for (unsigned t = 0; t < sim_dpu_chip(a)->threads; t++) {
        struct sim_thread_state x, y;
        if (sim_dpu_get_thread(a, t, &x) != DPUSIM_OK || sim_dpu_get_thread(b, t, &y) != DPUSIM_OK)
            abort();
        if (memcmp(x.registers, y.registers, sizeof x.registers) != 0 || x.pc_insn != y.pc_insn ||
            x.zero_flag != y.zero_flag || x.carry_flag != y.carry_flag || x.running != y.running)
            abort();
    }
    if (sim_dpu_stat(a, SIM_STAT_DPU_instructions, 0) !=
            sim_dpu_stat(b, SIM_STAT_DPU_instructions, 0) ||
        sim_dpu_run_bits(a) != sim_dpu_run_bits(b) ||
        (sim_dpu_fault(a) == NULL) != (sim_dpu_fault(b) == NULL))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t words[MOST_INSNS] = {0};
    size_t n = size / 6 < MOST_INSNS ? size / 6 : MOST_INSNS;
    if (n == 0)
        return 0;
    for (size_t i = 0; i < n; i++)
        memcpy(&words[i], data + i * 6, 6);
    for (int mode = SIM_FUNCTIONAL; mode <= SIM_CYCLE; mode++) {
        struct sim_dpu *whole = create(mode, words, n), *cut = create(mode, words, n);
        run_pieces(whole, BUDGET);
        run_pieces(cut, 7);
        require_equal(whole, cut);
        sim_dpu_destroy(whole);
        sim_dpu_destroy(cut);
    }
    return 0;
}
