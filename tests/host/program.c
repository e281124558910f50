/* SPDX-License-Identifier: MIT */
/* A host program in C as users write it: four DPUs, each its own values; prints the sums. */
#include <dpu.h>
#include <dpu_log.h>

int main(int argc, char **argv)
{
    struct dpu_set_t set, dpu;
    uint32_t i, bias = 1000, values[4][4], rows[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    uint64_t sums[4] = {0};

    if (argc != 2)
        return 2;
    DPU_ASSERT(dpu_alloc(4, NULL, &set));
    DPU_ASSERT(dpu_load(set, argv[1], NULL));
    DPU_ASSERT(dpu_broadcast_to(set, "bias", 0, &bias, sizeof bias, DPU_XFER_DEFAULT));
    DPU_ASSERT(dpu_copy_to(set, "rows", 0, rows, sizeof rows));
    DPU_FOREACH (set, dpu, i) {
        values[i][0] = values[i][1] = values[i][2] = values[i][3] = i;
        DPU_ASSERT(dpu_prepare_xfer(dpu, values[i]));
    }
    DPU_ASSERT(
        dpu_push_xfer(set, DPU_XFER_TO_DPU, "values", 0, sizeof values[0], DPU_XFER_DEFAULT));
    DPU_ASSERT(dpu_launch(set, DPU_SYNCHRONOUS));
    DPU_FOREACH (set, dpu, i)
        DPU_ASSERT(dpu_copy_from(dpu, "sum", 0, &sums[i], sizeof sums[i]));
    DPU_FOREACH (set, dpu, i) {
        printf("%u: %llu ", i, (unsigned long long)sums[i]);
        fflush(stdout);
        DPU_ASSERT(dpulog_read_for_dpu(dpu.dpu, stdout));
    }
    DPU_ASSERT(dpu_free(set));
    return 0;
}
