/* SPDX-License-Identifier: MIT */
/* Variants of the DMA engine for studies, none of which a chip has: several engines, a wider one, a
 * bank with an open row and refresh, a cache in front of MRAM. Asked per transfer, only when a
 * parameter says so. They change times, never bytes. Source of the bank: timing specification,
 * section 5; everything else is assumed. */
#include <stdlib.h>
#include <string.h>

#include "state.h"

static uint64_t param(const struct sim_dpu *d, enum sim_timing timing)
{
    return (uint64_t)d->config.timing[timing];
}

bool sim_dma_study_wanted(const struct sim_config *config)
{
    return config->timing[SIM_TIMING_dma_engines] > 1 ||
           config->timing[SIM_TIMING_dma_width_bytes] != 8 ||
           config->timing[SIM_TIMING_dram_detailed] || config->timing[SIM_TIMING_cache_bytes];
}

static uint64_t *first_free_engine(struct sim_dpu *d)
{
    uint64_t *best = d->dma_engine_free;
    for (unsigned i = 1; i < param(d, SIM_TIMING_dma_engines); i++)
        if (d->dma_engine_free[i] < *best)
            best = &d->dma_engine_free[i];
    return best;
}

/* ---- bank, row, refresh ---------------------------------------------------------------------- */

/* Refreshes that fall into a transfer from start on, each of which makes it longer. */
static uint64_t refreshes(const struct sim_dpu *d, uint64_t start, uint64_t busy)
{
    uint64_t interval = param(d, SIM_TIMING_dram_refresh_interval) * SIM_DMA_FRACTION;
    uint64_t each = param(d, SIM_TIMING_dram_refresh) * SIM_DMA_FRACTION;
    uint64_t before = start / interval, count = 0, next;
    while ((next = (start + busy + count * each) / interval - before) > count && next < 4096)
        count = next;
    return count;
}

static void bank(struct sim_dpu *d, const struct sim_dma *dma, uint64_t beats,
                 struct sim_dma_times *times, uint64_t latency)
{
    uint64_t row = param(d, SIM_TIMING_dma_row_bytes);
    uint64_t first = dma->mram_addr / row, last = (dma->mram_addr + dma->len_bytes - 1) / row;
    uint64_t changes = last - first + (d->dram_open_row != first);
    uint64_t change = param(d, SIM_TIMING_dram_row_change) * SIM_DMA_FRACTION;
    uint64_t busy = changes * change + beats;
    uint64_t refresh =
        refreshes(d, times->start, busy) * param(d, SIM_TIMING_dram_refresh) * SIM_DMA_FRACTION;
    d->dram_open_row = last;
    times->busy = busy + refresh;
    /* the fixed latency was measured with one row to open */
    latency += changes * change;
    times->wake = times->start + beats + refresh + (latency > change ? latency - change : 0);
}

/* ---- cache ----------------------------------------------------------------------------------- */

bool sim_cache_create(struct sim_dpu *d)
{
    size_t lines = (size_t)(d->config.timing[SIM_TIMING_cache_bytes] /
                            d->config.timing[SIM_TIMING_cache_line_bytes]);
    free(d->cache);
    d->cache = NULL;
    d->n_cache_lines = lines;
    if (lines)
        d->cache = calloc(lines, sizeof *d->cache);
    return d->cache || !lines;
}

void sim_cache_clear(struct sim_dpu *d)
{
    if (d->cache)
        memset(d->cache, 0, d->n_cache_lines * sizeof *d->cache);
    d->cache_hits = d->cache_misses = d->cache_clock = 0;
}

/* The line that holds the number, or the oldest one of its set. */
static struct sim_cache_line *find_line(struct sim_dpu *d, uint64_t number)
{
    uint64_t ways = param(d, SIM_TIMING_cache_ways);
    struct sim_cache_line *set = d->cache + number % (d->n_cache_lines / ways) * ways;
    struct sim_cache_line *oldest = set;
    for (struct sim_cache_line *line = set; line < set + ways; line++) {
        if (line->used && line->number == number)
            return line;
        if (line->used < oldest->used)
            oldest = line;
    }
    return oldest;
}

/* Does a transfer inside one line end here? Reads of other lines bring them in; writes go through,
 * and wait for the engine as without a cache. */
static bool cache_serves(struct sim_dpu *d, struct sim_dma *dma)
{
    uint32_t line_bytes = (uint32_t)param(d, SIM_TIMING_cache_line_bytes);
    uint64_t number = dma->mram_addr / line_bytes;
    if (!d->cache || dma->op != ISA_OP_LDMA ||
        dma->len_bytes > param(d, SIM_TIMING_cache_most_bytes) ||
        number != (dma->mram_addr + dma->len_bytes - 1) / line_bytes)
        return false;
    struct sim_cache_line *line = find_line(d, number);
    bool hit = line->used && line->number == number;
    *line = (struct sim_cache_line){number, ++d->cache_clock};
    d->cache_hits += hit;
    d->cache_misses += !hit;
    if (!hit) {
        dma->mram_addr = (uint32_t)number * line_bytes;
        dma->len_bytes = line_bytes;
    }
    return hit;
}

/* ---- all together ---------------------------------------------------------------------------- */

void sim_dma_study(struct sim_dpu *d, const struct sim_dma *wanted, struct sim_dma_times *times)
{
    struct sim_dma dma = *wanted;
    bool is_read = dma.op != ISA_OP_SDMA;
    if (cache_serves(d, &dma)) {
        uint64_t now = d->now * SIM_DMA_FRACTION;
        *times = (struct sim_dma_times){now, now, 0,
                                        now + param(d, SIM_TIMING_cache_hit) * SIM_DMA_FRACTION};
        return;
    }
    uint64_t width = param(d, SIM_TIMING_dma_width_bytes);
    uint64_t beats = (dma.len_bytes + width - 1) / width * param(d, SIM_TIMING_dma_cycles_per_8B) *
                     SIM_DMA_FRACTION;
    uint64_t lead = param(d, SIM_TIMING_dma_lead) * SIM_DMA_FRACTION;
    uint64_t alpha = param(d, is_read ? SIM_TIMING_dma_alpha_read : SIM_TIMING_dma_alpha_write) *
                     SIM_DMA_FRACTION;
    uint64_t latency = alpha > lead ? alpha - lead : 0;
    uint64_t *free_from = first_free_engine(d);
    times->earliest = d->now * SIM_DMA_FRACTION + lead;
    times->start = times->earliest > *free_from ? times->earliest : *free_from;
    if (param(d, SIM_TIMING_dram_detailed)) {
        bank(d, &dma, beats, times, latency);
    } else {
        uint64_t crossing =
            sim_dma_rows_crossed(d, &dma) * param(d, SIM_TIMING_dma_row_cross) * SIM_DMA_FRACTION;
        times->busy = param(d, SIM_TIMING_dma_occ_fixed) + crossing +
                      param(d, SIM_TIMING_dma_occ_per_byte) * dma.len_bytes * 8 / width;
        times->wake = times->start + latency + beats + crossing;
    }
    *free_from = times->start + times->busy;
}
