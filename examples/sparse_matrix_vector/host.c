/* SPDX-License-Identifier: MIT */
/* Sparse matrix times vector: every DPU gets a stripe of rows and the whole vector.
 *
 *   usage: host KERNEL [NUMBER OF DPUS [NUMBER OF ROWS]] */
#include "host.h"
#include "sparse.h"

struct matrix {
    uint32_t rows, *first_entry;
    struct entry *entries;
};

/* Rows of 0 to 15 entries; rows after the last one of the problem are empty. */
static struct matrix make_matrix(uint32_t rows, uint32_t all_rows)
{
    struct matrix matrix = {.rows = rows};
    uint32_t state = 1, count = 0;
    matrix.first_entry = allocate((size_t)all_rows + 2, sizeof *matrix.first_entry);
    matrix.entries = allocate((size_t)rows * 15, sizeof *matrix.entries);
    for (uint32_t row = 0; row < all_rows + 2; row++) {
        matrix.first_entry[row] = count;
        for (uint32_t i = row < rows ? random_number(&state) % 16 : 0; i > 0; i--) {
            matrix.entries[count].column = random_number(&state) % COLUMNS;
            matrix.entries[count++].value = (int32_t)random_number(&state) - (1 << 23);
        }
    }
    return matrix;
}

/* Every stripe counts its entries from zero. */
static void send_stripes(struct job *job, const struct matrix *matrix, uint32_t share)
{
    struct dpu_set_t dpu;
    uint32_t i, *first_entry = allocate((size_t)share + 2, sizeof *first_entry);
    DPU_FOREACH (job->set, dpu, i) {
        const uint32_t *first = matrix->first_entry + (size_t)i * share;
        size_t count = first[share] - first[0];
        for (uint32_t row = 0; row < share + 2; row++)
            first_entry[row] = (row <= share ? first[row] : first[share]) - first[0];
        DPU_ASSERT(
            dpu_copy_to(dpu, "first_entry", 0, first_entry, (share + 2) * sizeof *first_entry));
        if (count > 0)
            DPU_ASSERT(dpu_copy_to(dpu, "entries", 0, matrix->entries + first[0],
                                   count * sizeof *matrix->entries));
    }
    free(first_entry);
}

static uint32_t count_right(const struct matrix *matrix, const int32_t *x, const int64_t *y)
{
    uint32_t right = 0;
    for (uint32_t row = 0; row < matrix->rows; row++) {
        int64_t sum = 0;
        for (uint32_t i = matrix->first_entry[row]; i < matrix->first_entry[row + 1]; i++)
            sum += (int64_t)matrix->entries[i].value * x[matrix->entries[i].column];
        right += y[row] == sum;
    }
    return right;
}

int main(int argc, char **argv)
{
    struct job job = start_job(argc, argv, 20011, "ROWS");
    uint32_t share = share_of(job.size, job.nr_dpus, 2), state = 2;
    struct matrix matrix = make_matrix(job.size, share * job.nr_dpus);
    int64_t *y = allocate((size_t)share * job.nr_dpus, sizeof *y);
    int32_t *x = allocate(COLUMNS, sizeof *x);
    for (uint32_t i = 0; i < COLUMNS; i++)
        x[i] = (int32_t)random_number(&state) - (1 << 23);

    broadcast(&job, "rows", &share, sizeof share);
    broadcast(&job, "x", x, COLUMNS * sizeof *x);
    send_stripes(&job, &matrix, share);
    launch(&job);
    gather(&job, "y", y, share * sizeof *y);

    uint32_t right = count_right(&matrix, x, y);
    free(matrix.first_entry);
    free(matrix.entries);
    free(x);
    free(y);
    return finish_job(&job, "rows", right, job.size);
}
