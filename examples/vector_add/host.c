/* SPDX-License-Identifier: MIT */
/* Host side of vector_add.S, or of kernel.c, with the SDK's API, as for hardware.
 *
 *   usage: host vector_add.elf [NUMBER OF DPUS [ELEMENTS OF EACH, a multiple of 128]]
 *
 * Gives every DPU a part of two vectors, queues the launch and the transfer of the sums without
 * waiting, checks every sum, and prints what the first DPU printed. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <dpu.h>

enum { USUAL = 16384 }; /* elements of one DPU */

static void fill(uint32_t *a, uint32_t *b, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        a[i] = i * 2654435761u;
        b[i] = (i ^ 0x5a5a5a5a) >> 3;
    }
}

/* A part of `vector` for, or from, every DPU. */
static void transfer(struct dpu_set_t set, dpu_xfer_t direction, const char *symbol,
                     uint32_t *vector, uint32_t n, dpu_xfer_flags_t flags)
{
    struct dpu_set_t dpu;
    uint32_t i;
    DPU_FOREACH (set, dpu, i) {
        DPU_ASSERT(dpu_prepare_xfer(dpu, vector + i * n));
    }
    DPU_ASSERT(dpu_push_xfer(set, direction, symbol, 0, n * sizeof *vector, flags));
}

static uint32_t count_right(const uint32_t *a, const uint32_t *b, const uint32_t *c, uint32_t count)
{
    uint32_t right = 0;
    for (uint32_t i = 0; i < count; i++)
        right += c[i] == a[i] + b[i];
    return right;
}

int main(int argc, char **argv)
{
    struct dpu_set_t set, dpu;
    uint32_t nr_dpus, n = argc > 3 ? (uint32_t)atoi(argv[3]) : USUAL;
    if (argc < 2) {
        fprintf(stderr, "usage: %s vector_add.elf [NUMBER OF DPUS [ELEMENTS OF EACH]]\n", argv[0]);
        return 2;
    }
    DPU_ASSERT(dpu_alloc(argc > 2 ? (uint32_t)atoi(argv[2]) : 4, NULL, &set));
    DPU_ASSERT(dpu_load(set, argv[1], NULL));
    DPU_ASSERT(dpu_get_nr_dpus(set, &nr_dpus));
    uint32_t count = nr_dpus * n;
    uint32_t *a = calloc(3 * (size_t)count, sizeof *a), *b = a + count, *c = b + count;
    if (!a)
        return 1;
    fill(a, b, count);

    DPU_ASSERT(dpu_broadcast_to(set, "n", 0, &n, sizeof n, DPU_XFER_DEFAULT));
    transfer(set, DPU_XFER_TO_DPU, "a", a, n, DPU_XFER_ASYNC);
    transfer(set, DPU_XFER_TO_DPU, "b", b, n, DPU_XFER_ASYNC);
    DPU_ASSERT(dpu_launch(set, DPU_ASYNCHRONOUS));
    transfer(set, DPU_XFER_FROM_DPU, "c", c, n, DPU_XFER_ASYNC);
    DPU_ASSERT(dpu_sync(set)); /* until here the host could do other work */

    uint32_t right = count_right(a, b, c, count);
    printf("%" PRIu32 " DPUs: %" PRIu32 " of %" PRIu32 " sums right\n", nr_dpus, right, count);
    DPU_FOREACH (set, dpu) {
        DPU_ASSERT(dpu_log_read(dpu, stdout));
        break;
    }
    DPU_ASSERT(dpu_free(set));
    free(a);
    return right == count ? 0 : 1;
}
