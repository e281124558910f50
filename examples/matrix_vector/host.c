/* SPDX-License-Identifier: MIT */
/* Matrix times vector: every DPU gets a stripe of rows and the whole vector.
 *
 *   usage: host KERNEL [NUMBER OF DPUS [NUMBER OF ROWS]] */
#include "host.h"
#include "matrix_vector.h"

static void fill(int32_t *numbers, size_t count)
{
    uint32_t state = 1;
    for (size_t i = 0; i < count; i++)
        numbers[i] = (int32_t)(random_number(&state) % 2001) - 1000;
}

static int32_t row_times_x(const int32_t *row, const int32_t *x)
{
    int32_t sum = 0;
    for (uint32_t i = 0; i < COLUMNS; i++)
        sum += row[i] * x[i];
    return sum;
}

int main(int argc, char **argv)
{
    struct job job = start_job(argc, argv, 2048, "ROWS");
    uint32_t rows = share_of(job.size, job.nr_dpus, 2), right = 0; /* of one DPU */
    size_t all_rows = (size_t)rows * job.nr_dpus;                  /* with padding */
    int32_t *matrix = allocate(all_rows * COLUMNS, sizeof *matrix);
    int32_t *y = allocate(all_rows, sizeof *y), x[COLUMNS];
    fill(matrix, (size_t)job.size * COLUMNS);
    fill(x, COLUMNS);

    broadcast(&job, "rows", &rows, sizeof rows);
    broadcast(&job, "x", x, sizeof x);
    scatter(&job, "matrix", matrix, rows * COLUMNS * sizeof *matrix);
    launch(&job);
    gather(&job, "y", y, rows * sizeof *y);

    for (uint32_t i = 0; i < job.size; i++)
        right += y[i] == row_times_x(matrix + (size_t)i * COLUMNS, x);
    free(matrix);
    free(y);
    return finish_job(&job, "rows", right, job.size);
}
