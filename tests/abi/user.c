/* SPDX-License-Identifier: MIT */
/* Ways in which programs write what dpu.h offers. Compiled as many dialects; never run. */
#include <dpu.h>
#include <dpu_log.h>
#include <dpu_management.h>
#include <dpu_probe.h>

#ifndef DPU_BINARY
#define DPU_BINARY "./dpu_code"
#endif

DPU_INCBIN(embedded, "/dev/null");

struct per_dpu {
    uint32_t n;
    uint64_t sum;
};

static dpu_error_t add_up(struct dpu_set_t set, uint32_t rank_index, void *args)
{
    struct dpu_set_t dpu;
    uint32_t i;

    DPU_FOREACH (set, dpu, i)
        ((uint32_t *)args)[rank_index] += i;
    return DPU_OK;
}

static bool one_block(struct sg_block_info *out, uint32_t dpu_index, uint32_t block_index,
                      void *args)
{
    out->addr = (uint8_t *)args + dpu_index;
    out->length = 8;
    return block_index == 0;
}

static void loops(struct dpu_set_t *set)
{
    struct dpu_set_t dpu, inner, rank;
    struct dpu_t *one;
    uint32_t i, each;
    int rank_index;
    size_t long_index;

    DPU_FOREACH (*set, dpu)
        (void)dpu;
    DPU_FOREACH (*set, dpu) {
        if (dpu.kind != DPU_SET_DPU)
            continue;
        break;
    }
    DPU_RANK_FOREACH (*set, rank, rank_index) {
        DPU_FOREACH (rank, dpu, each)
            DPU_FOREACH (dpu, inner, long_index)
                DPU_ASSERT(dpu_copy_to(inner, "n", 0, &each, sizeof each));
        if (rank_index == 3)
            break;
        STRUCT_DPU_FOREACH (rank.list.ranks[0], one, i)
            if (dpu_is_enabled(one))
                printf("%u/%u\n", (unsigned)i, dpu_get_id(one));
    }
    if (set->list.nr_ranks == 1)
        STRUCT_DPU_FOREACH (dpu_rank_from_set(*set), one)
            dpulog_read_for_dpu(one, stdout);
    else
        DPU_RANK_FOREACH (*set, rank)
            dpu_sync(rank);
}

static int errors(struct dpu_set_t set)
{
    dpu_error_t status;
    char *text;

    for (;;) {
        DPU_CHECK(dpu_sync(set), goto out);
        DPU_CHECK(dpu_launch(set, DPU_ASYNCHRONOUS), return 1);
        if ((status = dpu_sync(set)) != DPU_OK)
            break;
    }
    text = dpu_error_to_string(status);
    puts(text);
    free(text);
out:
    return 0;
}

static double energy(void)
{
    struct dpu_probe_t probe;
    double joules = 1.0, seconds = 1.0;

    DPU_ASSERT(dpu_probe_init("energy_probe", &probe));
    DPU_ASSERT(dpu_probe_start(&probe));
    DPU_ASSERT(dpu_probe_stop(&probe));
    DPU_ASSERT(dpu_probe_get(&probe, DPU_ENERGY, DPU_ACCUMULATE, &joules));
    DPU_ASSERT(dpu_probe_get(&probe, DPU_TIME, DPU_AVERAGE, &seconds));
    DPU_ASSERT(dpu_probe_deinit(&probe));
    return joules + seconds;
}

int main(void)
{
    static struct per_dpu in[64];
    struct dpu_set_t set, dpu;
    struct dpu_program_t *program;
    struct dpu_symbol_t symbol;
    get_block_t blocks = {one_block, in, sizeof in};
    uint32_t sums[40] = {0}, nr_dpus, each;

    DPU_ASSERT(dpu_alloc(DPU_ALLOCATE_ALL, NULL, &set));
    DPU_ASSERT(dpu_load(set, DPU_BINARY, &program));
    DPU_ASSERT(dpu_load_from_incbin(set, &embedded, NULL));
    DPU_ASSERT(dpu_get_nr_dpus(set, &nr_dpus));
    DPU_ASSERT(dpu_get_symbol(program, DPU_MRAM_HEAP_POINTER_NAME, &symbol));
    DPU_FOREACH (set, dpu, each) {
        DPU_ASSERT(dpu_prepare_xfer(dpu, &in[each]));
    }
    DPU_ASSERT(dpu_push_xfer(set, DPU_XFER_TO_DPU, "in", 0, sizeof(in[0]), DPU_XFER_DEFAULT));
    DPU_ASSERT(dpu_push_sg_xfer(set, DPU_XFER_TO_DPU, DPU_MRAM_HEAP_POINTER_NAME, 0, 8, &blocks,
                                DPU_SG_XFER_DISABLE_LENGTH_CHECK));
    DPU_ASSERT(dpu_callback(set, add_up, sums, DPU_CALLBACK_ASYNC));
    loops(&set);
    DPU_ASSERT(dpu_free(set));
    return errors(set) + (energy() != 0.0);
}
