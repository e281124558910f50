/* SPDX-License-Identifier: MIT */
/* One run of one speed kernel, for benchmarks/run-bench.
 *
 *   usage: bench SOURCE-ROOT KERNEL functional|cycle TASKLETS ITERATIONS REPEATS [CHECKERS]
 *
 * Prints the simulated instructions of one run and the seconds of the fastest of REPEATS runs. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "program.h"

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double timed_run(struct sim_dpu *dpu)
{
    double start = seconds();
    run_program(dpu);
    return seconds() - start;
}

/* Half of MRAM, more than kernels use, counts as written. */
static void watch(struct sim_dpu *dpu, const char *checkers)
{
    struct isa_diag diag;
    uint32_t checks;
    must(sim_checks_parse(&checks, checkers, &diag), "checkers", &diag);
    must(sim_dpu_check(dpu, checks, &diag), "checkers", &diag);
    sim_dpu_written(dpu, ISA_MRAM, 0, ISA_MRAM_BYTES / 2);
}

int main(int argc, char **argv)
{
    if (argc != 7 && argc != 8)
        die("usage",
            "bench SOURCE-ROOT KERNEL functional|cycle TASKLETS ITERATIONS REPEATS [CHECKERS]");
    char kernel[256];
    snprintf(kernel, sizeof kernel, "benchmarks/kernels/%s.S", argv[2]);
    enum sim_mode mode = strcmp(argv[3], "cycle") == 0 ? SIM_CYCLE : SIM_FUNCTIONAL;
    unsigned tasklets = (unsigned)strtoul(argv[4], NULL, 10);
    uint32_t iterations = (uint32_t)strtoul(argv[5], NULL, 10);
    unsigned repeats = (unsigned)strtoul(argv[6], NULL, 10);

    struct isa_program *program = build_program(argv[1], kernel, tasklets, iterations);
    struct sim_dpu *dpu = load_program(program, mode);
    watch(dpu, argc == 8 ? argv[7] : "none");
    double best = timed_run(dpu);
    uint64_t instructions = sim_dpu_stat(dpu, SIM_STAT_DPU_instructions, 0);
    for (unsigned i = 1; i < repeats; i++) {
        double again = timed_run(dpu);
        best = again < best ? again : best;
    }
    printf("%" PRIu64 " %.6f\n", instructions, best);
    sim_dpu_destroy(dpu);
    return 0;
}
