/* SPDX-License-Identifier: MIT */
/* Host side of vector_add.S: a DPU inside a C program.
 *
 *   usage: embed vector_add.elf
 *
 * Fills two vectors in MRAM, runs the kernel in functional and in cycle mode, compares every sum
 * with one computed here, and shows where the cycles went. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <dpusim/dpusim.h>

enum { N = 65536 };

static uint32_t a_of(uint32_t i)
{
    return i * 2654435761u;
}

static uint32_t b_of(uint32_t i)
{
    return (i ^ 0x5a5a5a5a) >> 3;
}

static void must(enum dpusim_status status, const struct isa_diag *diag)
{
    if (status == DPUSIM_OK)
        return;
    fprintf(stderr, "embed: %s\n", diag->text);
    exit(dpusim_status_exit_code(status));
}

/* The host memory behind a symbol of the program. */
static uint32_t *at_symbol(struct sim_dpu *dpu, const char *name)
{
    const struct isa_symbol *symbol = isa_program_find_symbol(sim_dpu_program(dpu), name);
    enum isa_memory memory;
    uint32_t offset;
    if (symbol == NULL || !isa_address_split(symbol->value, &memory, &offset)) {
        fprintf(stderr, "embed: the program has no symbol %s\n", name);
        exit(3);
    }
    return (uint32_t *)((memory == ISA_MRAM ? sim_dpu_mram(dpu) : sim_dpu_wram(dpu)) + offset);
}

static void write_inputs(struct sim_dpu *dpu)
{
    uint32_t *a = at_symbol(dpu, "a"), *b = at_symbol(dpu, "b");
    for (uint32_t i = 0; i < N; i++) {
        a[i] = a_of(i);
        b[i] = b_of(i);
    }
    *at_symbol(dpu, "n") = N;
}

static unsigned count_right(struct sim_dpu *dpu)
{
    const uint32_t *c = at_symbol(dpu, "c");
    unsigned right = 0;
    for (uint32_t i = 0; i < N; i++)
        right += c[i] == a_of(i) + b_of(i);
    return right;
}

static void run(struct sim_dpu *dpu)
{
    struct isa_diag diag;
    struct sim_outcome outcome;
    char text[4096];
    must(sim_dpu_boot(dpu, &diag), &diag);
    sim_dpu_run(dpu, NULL, &outcome);
    if (outcome.stop != SIM_FAULTED)
        return;
    sim_dpu_explain_fault(dpu, text, sizeof text);
    fputs(text, stderr);
    exit(1);
}

static void show_share(const struct sim_dpu *dpu, enum sim_stat stat, const char *what)
{
    uint64_t part = sim_dpu_stat(dpu, stat, 0);
    double whole = (double)sim_dpu_stat(dpu, SIM_STAT_DPU_cycles, 0);
    printf("  %9" PRIu64 "  %5.1f %%  %s\n", part, 100 * (double)part / whole, what);
}

static void show_cycles(const struct sim_dpu *dpu)
{
    uint64_t cycles = sim_dpu_stat(dpu, SIM_STAT_DPU_cycles, 0);
    uint64_t busy = sim_dpu_stat(dpu, SIM_STAT_DPU_dma_busy, 0) / 256;
    printf("%" PRIu64 " cycles, %.3f ms at %" PRIu64 " MHz:\n", cycles,
           1e3 * (double)cycles / (double)sim_dpu_chip(dpu)->clock_hz,
           sim_dpu_chip(dpu)->clock_hz / 1000000);
    show_share(dpu, SIM_STAT_DPU_instructions, "an instruction issued");
    show_share(dpu, SIM_STAT_DPU_slots_idle_dma, "idle: every running tasklet waited for its DMA");
    show_share(dpu, SIM_STAT_DPU_slots_idle_pipeline,
               "idle: issue spacing of one tasklet, wake-up");
    show_share(dpu, SIM_STAT_DPU_slots_drain, "the pipeline emptied at the end");
    printf("DMA engine busy %.1f %% of the time, %" PRIu64 " transfers of %" PRIu64
           " bytes in all\n",
           100 * (double)busy / (double)cycles, sim_dpu_stat(dpu, SIM_STAT_DPU_dma_transfers, 0),
           sim_dpu_stat(dpu, SIM_STAT_DPU_dma_bytes, 0));
}

/* Run the program in that mode; false when a sum is wrong. */
static bool try_mode(const char *path, enum sim_mode mode)
{
    struct sim_config config;
    struct isa_diag diag;
    struct sim_dpu *dpu;
    sim_config_init(&config);
    config.mode = mode;
    must(sim_dpu_create(&dpu, &config, &diag), &diag);
    must(sim_dpu_load_file(dpu, path, &diag), &diag);
    write_inputs(dpu);
    run(dpu);
    unsigned right = count_right(dpu);
    printf("%s mode: %u of %u sums right, %" PRIu64 " instructions, %" PRIu32 " blocks\n",
           mode == SIM_CYCLE ? "cycle" : "functional", right, (unsigned)N,
           sim_dpu_stat(dpu, SIM_STAT_DPU_instructions, 0), *at_symbol(dpu, "total"));
    if (mode == SIM_CYCLE)
        show_cycles(dpu);
    sim_dpu_destroy(dpu);
    return right == N;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s vector_add.elf\n", argv[0]);
        return 2;
    }
    bool good = try_mode(argv[1], SIM_FUNCTIONAL);
    return try_mode(argv[1], SIM_CYCLE) && good ? 0 : 1;
}
