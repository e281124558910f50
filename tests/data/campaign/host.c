/* SPDX-License-Identifier: MIT */
/* A host program for campaigns: two launches of vector_add on each DPU, whose sums it prints. What
 * it does when they are wrong, and else, is told by letters:
 *
 *   q  prints nothing           s  ends with status 3      c  crashes      l  loops for ever
 *   e  writes "bad sums"        f  writes the sums to the file of the fourth argument
 *   t  prints its process number, as something that no two runs have in common
 *   x  ends with status 1       k  crashes in every case   n  launches nothing
 *   r  reports every error of the API and goes on */
#include <dpu.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DPUS = 3, N = 256, LAUNCHES = 2 };

static uint32_t a[DPUS][N], b[DPUS][N], c[DPUS][N];
static const char *letters;
static bool wrong;

static bool has(char letter)
{
    return strchr(letters, letter) != NULL;
}

static void must(dpu_error_t error)
{
    if (error == DPU_OK)
        return;
    if (!has('r'))
        exit(9);
    printf("error %d\n", (int)error);
}

static void move(struct dpu_set_t set, dpu_xfer_t direction, const char *symbol,
                 uint32_t (*rows)[N])
{
    struct dpu_set_t dpu;
    uint32_t i;
    DPU_FOREACH (set, dpu, i) {
        must(dpu_prepare_xfer(dpu, rows[i]));
    }
    must(dpu_push_xfer(set, direction, symbol, 0, sizeof rows[0], DPU_XFER_DEFAULT));
}

static void launch(struct dpu_set_t set, unsigned round)
{
    uint32_t n = N;
    for (unsigned d = 0; d < DPUS; d++)
        for (unsigned i = 0; i < N; i++) {
            a[d][i] = i + d;
            b[d][i] = 1000 * round;
        }
    must(dpu_broadcast_to(set, "n", 0, &n, sizeof n, DPU_XFER_DEFAULT));
    move(set, DPU_XFER_TO_DPU, "a", a);
    move(set, DPU_XFER_TO_DPU, "b", b);
    must(dpu_launch(set, DPU_SYNCHRONOUS));
    move(set, DPU_XFER_FROM_DPU, "c", c);
    for (unsigned d = 0; d < DPUS; d++) {
        uint32_t sum = 0;
        for (unsigned i = 0; i < N; i++) {
            sum += c[d][i];
            wrong |= c[d][i] != a[d][i] + b[d][i];
        }
        if (!has('q'))
            printf("launch %u dpu %u sum %u\n", round, d, (unsigned)sum);
    }
}

static int finish(const char *path)
{
    if (has('t'))
        printf("process %ld\n", (long)getpid());
    if (has('f')) {
        FILE *out = fopen(path, "wb");
        if (!out || fwrite(c, sizeof c, 1, out) != 1 || fclose(out) != 0)
            return 8;
    }
    if (wrong && has('e'))
        fputs("bad sums\n", stderr);
    fflush(stdout);
    if (has('k') || (wrong && has('c')))
        raise(SIGKILL);
    while (wrong && has('l'))
        usleep(1000);
    return has('x') ? 1 : wrong && has('s') ? 3 : 0;
}

int main(int argc, char **argv)
{
    struct dpu_set_t set;
    letters = argc > 2 ? argv[2] : "";
    if (!has('n')) {
        must(dpu_alloc(DPUS, NULL, &set));
        must(dpu_load(set, argv[1], NULL));
        for (unsigned round = 0; round < LAUNCHES; round++)
            launch(set, round);
        must(dpu_free(set));
    }
    return finish(argc > 3 ? argv[3] : NULL);
}
