/* SPDX-License-Identifier: MIT */
/* What WRAM and MRAM hold before anything is written: on the chip whatever was there, here zeros
 * unless the configuration says otherwise. */
#include <string.h>

#include "check.h"

static void fill_random(uint8_t *memory, size_t len_bytes, uint64_t *state)
{
    for (size_t at = 0; at < len_bytes; at += sizeof(uint64_t)) {
        uint64_t word = sim_random(state);
        memcpy(memory + at, &word, sizeof word);
    }
}

void sim_poison(struct sim_dpu *d)
{
    uint64_t state = d->config.poison_seed;
    if (d->config.poison == SIM_POISON_ONES) {
        memset(d->wram, 0xff, sizeof d->wram);
        memset(d->mram, 0xff, ISA_MRAM_BYTES);
    } else if (d->config.poison == SIM_POISON_RANDOM) {
        fill_random(d->wram, sizeof d->wram, &state);
        fill_random(d->mram, ISA_MRAM_BYTES, &state);
    }
}
