/* SPDX-License-Identifier: MIT */
/* Estimates of what the host's part of an application takes: transfers and launches. They have no
 * part in the simulation of DPUs. Source: the measurements behind host.def and the section host of
 * timing.def. Left out: what else the server does, where its memory lies, when MRAM changes hands.
 */
#include <math.h>

#include "dpusim.h"

static const double sizes[] = {
#define SIZE(len_bytes) len_bytes,
#define PUSH(...)
#include "host.def"
#undef SIZE
#undef PUSH
};

enum { SIZES = sizeof sizes / sizeof sizes[0] };

static const struct row {
    enum isa_memory memory;
    bool to_dpu;
    double dpus, us[SIZES]; /* 0 beyond the last size of the row */
} rows[] = {
#define SIZE(len_bytes)
#define PUSH(memory, to_dpu, dpus, ...) {ISA_##memory, to_dpu, dpus, {__VA_ARGS__}},
#include "host.def"
#undef SIZE
#undef PUSH
};

enum { ROWS = sizeof rows / sizeof rows[0] };

static double setting(const struct sim_config *config, enum sim_timing timing)
{
    return (double)config->timing[timing] / (double)sim_timing_get(timing)->scale;
}

/* From y0 at x0 to y1 at x1, straight in logarithms. */
static double between(double x, double x0, double x1, double y0, double y1)
{
    return y0 * pow(y1 / y0, log(x / x0) / log(x1 / x0));
}

static double row_us(const struct row *row, double len_bytes)
{
    unsigned at = 1;
    if (len_bytes <= sizes[0])
        return row->us[0];
    while (at < SIZES && row->us[at] > 0 && len_bytes > sizes[at])
        at++;
    if (at == SIZES || row->us[at] <= 0)
        return row->us[at - 1] * len_bytes / sizes[at - 1];
    return between(len_bytes, sizes[at - 1], sizes[at], row->us[at - 1], row->us[at]);
}

/* WRAM and IRAM are reached word by word through control interfaces. */
static bool by_words(const struct sim_host_call *call)
{
    return call->memory != ISA_MRAM;
}

/* ---- one DPU, a rank, many ------------------------------------------------------------------- */

static double copy_us(const struct sim_config *config, const struct sim_host_call *call)
{
    enum sim_timing start = SIM_TIMING_copy_start_us;
    double bytes_per_us = setting(config, SIM_TIMING_copy_to_mb_s);
    if (by_words(call)) {
        bytes_per_us = setting(config, SIM_TIMING_copy_words_kb_s) / 1000;
    } else if (!call->to_dpu) {
        start = SIM_TIMING_copy_from_start_us;
        bytes_per_us = setting(config, SIM_TIMING_copy_from_mb_s);
    }
    return setting(config, start) + (double)call->len_bytes / bytes_per_us;
}

static const struct row *first_row(const struct sim_host_call *call)
{
    enum isa_memory memory = by_words(call) ? ISA_WRAM : ISA_MRAM;
    const struct row *row = rows;
    while (row->memory != memory || row->to_dpu != call->to_dpu)
        row++;
    return row;
}

static const struct row *next_row(const struct row *row)
{
    const struct row *next = row + 1;
    return next < rows + ROWS && next->memory == row->memory && next->to_dpu == row->to_dpu ? next
                                                                                            : NULL;
}

/* How full the first rank is: 0 where its DPUs take the time of one, 1 at a rank and beyond. */
static double fullness(const struct sim_config *config, const struct sim_host_call *call)
{
    double rank = first_row(call)->dpus;
    double alone =
        setting(config, by_words(call) ? SIM_TIMING_side_by_side_words : SIM_TIMING_side_by_side);
    if (call->dpus <= alone)
        return 0;
    return call->dpus < rank ? log(call->dpus / alone) / log(rank / alone) : 1;
}

static double push_us(const struct sim_config *config, const struct sim_host_call *call)
{
    const struct row *row = first_row(call), *next;
    double len_bytes = (double)call->len_bytes, full = fullness(config, call);
    if (full < 1) {
        double one_us = copy_us(config, call);
        return one_us > 0 ? one_us * pow(row_us(row, len_bytes) / one_us, full) : 0;
    }
    while ((next = next_row(row)) && call->dpus > next->dpus)
        row = next;
    if (!next)
        return row_us(row, len_bytes) * call->dpus / row->dpus;
    return between(call->dpus, row->dpus, next->dpus, row_us(row, len_bytes),
                   row_us(next, len_bytes));
}

/* The bytes of one buffer are read and turned once. */
static double broadcast_us(const struct sim_config *config, const struct sim_host_call *call)
{
    struct sim_host_call nothing = *call;
    nothing.len_bytes = 0;
    double start_us = push_us(config, &nothing);
    double share = setting(config, by_words(call) ? SIM_TIMING_broadcast_words_percent
                                                  : SIM_TIMING_broadcast_percent);
    return start_us + (push_us(config, call) - start_us) * pow(share / 100, fullness(config, call));
}

double sim_host_seconds(const struct sim_config *config, const struct sim_host_call *call)
{
    double percent =
        setting(config, call->to_dpu ? SIM_TIMING_to_percent : SIM_TIMING_from_percent);
    if (call->kind == SIM_HOST_LAUNCH)
        return setting(config, SIM_TIMING_launch_us) * 1e-6;
    if (call->dpus == 0)
        return 0;
    double us =
        call->kind == SIM_HOST_BROADCAST ? broadcast_us(config, call) : push_us(config, call);
    return us * percent / 100 * 1e-6;
}
