/* SPDX-License-Identifier: MIT */
/* Cycle mode against hardware: the INT32 ADD micro-benchmark at 1..24 tasklets.
 *
 *   usage: validate SOURCE-ROOT
 *
 * Runs benchmarks/kernels/int32_add.S, checks every element of its result, compares the cycles of
 * the timed region with tests/data/hardware/arith_add_vs_tasklets.tsv and prints a table. Fails
 * when one row is off by more than BAR_PERCENT. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "program.h"

#define BAR_PERCENT 1.0

enum { ELEMENTS = 1048576 };

struct row {
    unsigned tasklets;
    double hardware_cycles;
};

/* Any inputs do: the loop does not depend on them. */
static uint32_t element(uint32_t i)
{
    return i * 2654435761u;
}

static void fill(struct sim_dpu *dpu)
{
    uint32_t *elements = (uint32_t *)(sim_dpu_mram(dpu) + offset_of(dpu, "elements"));
    for (uint32_t i = 0; i < ELEMENTS; i++)
        elements[i] = element(i);
}

static void check_results(struct sim_dpu *dpu)
{
    const uint32_t *results = (const uint32_t *)(sim_dpu_mram(dpu) + offset_of(dpu, "results"));
    for (uint32_t i = 0; i < ELEMENTS; i++)
        if (results[i] != element(i) + ELEMENTS)
            die("int32_add", "wrong result");
}

/* Largest sum of intervals of a tasklet, as the benchmark's host reports. */
static uint64_t timed_cycles(struct sim_dpu *dpu, unsigned tasklets)
{
    const uint8_t *cycles = sim_dpu_wram(dpu) + offset_of(dpu, "cycles");
    uint64_t most = 0;
    for (unsigned t = 0; t < tasklets; t++) {
        uint64_t one;
        memcpy(&one, cycles + 8 * t, sizeof one);
        most = one > most ? one : most;
    }
    return most;
}

static uint64_t simulate(const char *root, unsigned tasklets)
{
    struct isa_program *program =
        build_program(root, "benchmarks/kernels/int32_add.S", tasklets, 0);
    struct sim_dpu *dpu = load_program(program, SIM_CYCLE);
    fill(dpu);
    run_program(dpu);
    check_results(dpu);
    uint64_t cycles = timed_cycles(dpu, tasklets);
    sim_dpu_destroy(dpu);
    return cycles;
}

/* Next row of the data file; false at its end. */
static bool next_row(FILE *file, struct row *row)
{
    char line[1024];
    while (fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "INT32 ADD %u %*u %lf", &row->tasklets, &row->hardware_cycles) == 2)
            return true;
    return false;
}

int main(int argc, char **argv)
{
    const char *root = argc > 1 ? argv[1] : ".";
    char path[4096];
    snprintf(path, sizeof path, "%s/tests/data/hardware/arith_add_vs_tasklets.tsv", root);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        die(path, "cannot be opened");

    unsigned passed = 0, failed = 0;
    double worst = 0;
    struct row row;
    puts("INT32 ADD, 1048576 elements: cycles of the timed region");
    puts("tasklets      hardware     simulated   error");
    while (next_row(file, &row)) {
        uint64_t cycles = simulate(root, row.tasklets);
        double error = 100 * ((double)cycles / row.hardware_cycles - 1);
        bool good = fabs(error) <= BAR_PERCENT;
        printf("%8u  %12.0f  %12" PRIu64 "  %+.2f %%%s\n", row.tasklets, row.hardware_cycles,
               cycles, error, good ? "" : "  FAIL");
        good ? passed++ : failed++;
        worst = fabs(error) > worst ? fabs(error) : worst;
    }
    fclose(file);
    printf("largest error %.2f %%, bar %.1f %%\n", worst, BAR_PERCENT);
    printf("%u passed, %u failed\n", passed, failed);
    return failed != 0 || passed == 0;
}
