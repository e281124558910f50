/* SPDX-License-Identifier: MIT */
/* Transposition of a matrix: every DPU turns a stripe of rows over into a stripe of columns.
 *
 *   usage: host KERNEL [NUMBER OF DPUS [NUMBER OF ROWS]] */
#include <string.h>

#include "host.h"
#include "transposition.h"

/* DPU i computed columns i * share to (i + 1) * share of the result, row by row. */
static void join_stripes(uint32_t *result, const uint32_t *stripes, uint32_t share,
                         uint32_t nr_dpus)
{
    for (size_t dpu = 0; dpu < nr_dpus; dpu++)
        for (size_t row = 0; row < COLUMNS; row++)
            memcpy(result + (row * nr_dpus + dpu) * share, stripes + (dpu * COLUMNS + row) * share,
                   share * sizeof *result);
}

int main(int argc, char **argv)
{
    struct job job = start_job(argc, argv, 1000, "ROWS");
    uint32_t share = share_of(job.size, job.nr_dpus, TILE), state = 1, right = 0;
    size_t rows = (size_t)share * job.nr_dpus, bytes = share * COLUMNS * sizeof(uint32_t);
    uint32_t *matrix = allocate(rows * COLUMNS, sizeof *matrix);
    uint32_t *stripes = allocate(rows * COLUMNS, sizeof *stripes);
    uint32_t *result = allocate(rows * COLUMNS, sizeof *result);
    for (size_t i = 0; i < (size_t)job.size * COLUMNS; i++)
        matrix[i] = random_number(&state);

    broadcast(&job, "rows", &share, sizeof share);
    scatter(&job, "input", matrix, bytes);
    launch(&job);
    gather(&job, "output", stripes, bytes);
    join_stripes(result, stripes, share, job.nr_dpus);

    for (size_t row = 0; row < job.size; row++)
        for (size_t column = 0; column < COLUMNS; column++)
            right += result[column * rows + row] == matrix[row * COLUMNS + column];
    free(matrix);
    free(stripes);
    free(result);
    return finish_job(&job, "elements", right, job.size * COLUMNS);
}
