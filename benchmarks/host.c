/* SPDX-License-Identifier: MIT */
/* Speed of the host API, one JSON line per figure: transfers against memcpy of the same size in the
 * same run, launches of a program that ends at once, allocation and load of many DPUs.
 *
 *   usage: host PROGRAM EMPTY   a program with MRAM symbols "a" of at least 1 MiB and an "n"
 *                               (vector_add), and one whose main returns at once
 *
 * Ratios count; seconds depend on the machine. Exit status 1 when a bar is missed. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <dpu.h>

enum { DPUS = 64, REPEATS = 7, LAUNCHES = 50, MANY = 2560 };
#define PIECE ((size_t)1 << 20)

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int missed;

static void figure(const char *name, double value, const char *unit, double bar, int at_most)
{
    int ok = at_most ? value <= bar : value >= bar;
    missed |= !ok;
    printf("{\"figure\":\"%s\",\"value\":%.4g,\"unit\":\"%s\",\"bar\":%g,\"ok\":%s}\n", name, value,
           unit, bar, ok ? "true" : "false");
}

static double copy_seconds(char *to, const char *from)
{
    double start = now();
    memcpy(to, from, DPUS * PIECE);
    return now() - start;
}

static double push_seconds(struct dpu_set_t set, dpu_xfer_t direction, char *buffer)
{
    struct dpu_set_t dpu;
    uint32_t i;
    DPU_FOREACH (set, dpu, i) {
        DPU_ASSERT(dpu_prepare_xfer(dpu, buffer + i * PIECE));
    }
    double start = now();
    DPU_ASSERT(dpu_push_xfer(set, direction, "a", 0, PIECE, DPU_XFER_DEFAULT));
    return now() - start;
}

static double launch_seconds(struct dpu_set_t set)
{
    double start = now();
    DPU_ASSERT(dpu_launch(set, DPU_SYNCHRONOUS));
    return now() - start;
}

static double smaller(double a, double b)
{
    return a < b ? a : b;
}

static void measure_transfers(struct dpu_set_t set)
{
    char *from = malloc(DPUS * PIECE), *to = malloc(DPUS * PIECE);
    double copy = 1e9, push = 1e9, pull = 1e9;
    if (!from || !to)
        exit(1);
    memset(from, 1, DPUS * PIECE);
    memset(to, 2, DPUS * PIECE);
    for (int i = 0; i < REPEATS; i++) {
        copy = smaller(copy, copy_seconds(to, from));
        push = smaller(push, push_seconds(set, DPU_XFER_TO_DPU, from));
        pull = smaller(pull, push_seconds(set, DPU_XFER_FROM_DPU, to));
    }
    figure("push_to_dpus_over_memcpy", copy / push, "ratio", 0.5, 0);
    figure("push_from_dpus_over_memcpy", copy / pull, "ratio", 0.5, 0);
    figure("memcpy", DPUS * (double)PIECE / copy / 1e9, "GB/s", 0, 0);
    free(from);
    free(to);
}

/* A bar of 0 stands for none. */
static void measure_launch(struct dpu_set_t set, const char *name, double bar)
{
    double launch = 1e9;
    for (int i = 0; i < LAUNCHES; i++)
        launch = smaller(launch, launch_seconds(set));
    figure(name, launch * 1e3, "ms", bar, bar > 0);
}

int main(int argc, char **argv)
{
    struct dpu_set_t set;
    uint32_t none = 0;
    if (argc != 3) {
        fprintf(stderr, "usage: %s PROGRAM EMPTY\n", argv[0]);
        return 2;
    }
    DPU_ASSERT(dpu_alloc(DPUS, NULL, &set));
    DPU_ASSERT(dpu_load(set, argv[1], NULL));
    DPU_ASSERT(dpu_copy_to(set, "n", 0, &none, sizeof none));
    measure_transfers(set);
    measure_launch(set, "launch_of_64_dpus_with_16_tasklets_and_a_barrier", 0);
    DPU_ASSERT(dpu_load(set, argv[2], NULL));
    measure_launch(set, "launch_of_64_dpus_that_end_at_once", 1);
    DPU_ASSERT(dpu_free(set));

    double start = now();
    DPU_ASSERT(dpu_alloc(MANY, NULL, &set));
    DPU_ASSERT(dpu_load(set, argv[1], NULL));
    figure("allocate_and_load_2560_dpus", now() - start, "s", 2, 1);
    DPU_ASSERT(dpu_free(set));
    return missed;
}
