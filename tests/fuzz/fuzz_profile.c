/* SPDX-License-Identifier: MIT */
/* Fuzz target: texts of profiles and of injections. A text is refused with a sentence, or describes
 * a machine within the limits of the chip. */
#include <dpu.h>
#include <dpu_description.h>
#include <dpu_management.h>
#include <dpusim.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool condition)
{
    if (!condition)
        abort();
}

static void check_machine(const struct _dpu_description_t *d)
{
    unsigned slices = d->hw.topology.nr_of_control_interfaces;
    unsigned members = d->hw.topology.nr_of_dpus_per_control_interface;
    demand(slices >= 1 && slices <= 8 && members >= 1 && members <= 8);
    demand(d->hw.memories.mram_size >= 8 && d->hw.memories.mram_size <= 64 << 20);
    demand(d->hw.memories.wram_size >= 1 && d->hw.memories.wram_size <= 16384);
    demand(d->hw.memories.iram_size >= 1 && d->hw.memories.iram_size <= 4096);
    demand(d->hw.timings.clock_division >= 1);
}

static void try_profile(const char *text)
{
    dpu_description_t description = NULL;
    dpu_error_t error = dpu_get_profile_description(text, &description);
    if (error) {
        demand(description == NULL && dpusim_last_message()[0]);
        demand(error == DPU_ERR_INVALID_PROFILE || error == DPU_ERR_ALLOCATION ||
               error == DPU_ERR_INTERNAL);
        return;
    }
    check_machine(description);
    dpu_free_description(description);
}

static void try_injection(const char *text)
{
    static struct dpu_set_t set;
    if (set.list.nr_ranks == 0)
        demand(dpu_alloc(2, "nrDpusPerCi=2", &set) == DPU_OK);
    dpu_error_t error = dpusim_inject(set, text);
    demand(error == DPU_OK || (error == DPU_ERR_INVALID_PROFILE && dpusim_last_message()[0]));
    demand(dpusim_clear_injections(set) == DPU_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    demand(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    setenv("UPMEM_VERBOSE", "s", 1);
    try_profile(text);
    try_injection(text);
    free(text);
    return 0;
}
