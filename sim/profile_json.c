/* SPDX-License-Identifier: MIT */
/* A profile as JSON, schema dpusim-profile-1: all that the other formats show, and what the HTML
 * report is made of. Cycles by cause are arrays in the order of "causes". */
#include <math.h>
#include <string.h>

#include "profile.h"
#include "quote.h"

/* Puts a comma in front of every element but the first. */
struct list {
    FILE *out;
    bool more;
};

static FILE *next(struct list *list)
{
    if (list->more)
        fputs(",\n", list->out);
    list->more = true;
    return list->out;
}

static void put_cycles(FILE *out, const uint64_t cycles[SIM_CAUSE_COUNT])
{
    for (unsigned cause = 0; cause < SIM_CAUSE_COUNT; cause++)
        fprintf(out, "%s%llu", cause ? "," : "[", (unsigned long long)cycles[cause]);
    fputs("]", out);
}

static void put_sum(FILE *out, const struct sim_counts *counts)
{
    uint64_t cycles[SIM_CAUSE_COUNT];
    sim_counts_sum(counts, cycles);
    put_cycles(out, cycles);
}

static bool took_part(const struct sim_counts *counts, unsigned tasklet)
{
    for (unsigned cause = 0; cause < SIM_CAUSE_COUNT; cause++)
        if (counts->of[tasklet][cause])
            return true;
    return false;
}

/* {"0":[..],"3":[..]} */
static void put_tasklets(FILE *out, const struct sim_counts *counts)
{
    const char *divider = "{";
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++) {
        if (!took_part(counts, i))
            continue;
        fprintf(out, "%s\"%u\":", divider, i);
        put_cycles(out, counts->of[i]);
        divider = ",";
    }
    fputs(*divider == '{' ? "{}" : "}", out);
}

/* ---- parts ---------------------------------------------------------------------------------- */

static void put_head(const struct sim_profile *profile, FILE *out)
{
    const struct sim_dpu *d = profile->dpu;
    const struct sim_collector *c = d->collector;
    fputs("{\"schema\":\"dpusim-profile-1\",\n\"version\":\"" DPUSIM_VERSION "\",\n\"program\":",
          out);
    sim_put_quoted(out, c->program->name);
    fprintf(out, ",\n\"chip\":\"%s\",\n\"mode\":\"%s\",\n\"clock_hz\":%llu,\n", d->chip->name,
            c->timed ? "cycle" : "functional", (unsigned long long)d->chip->clock_hz);
    fprintf(out, "\"launches\":%llu,\n\"cycles\":%llu,\n\"causes\":[",
            (unsigned long long)c->launches, (unsigned long long)sim_collect_cycles(d));
    for (unsigned cause = 0; cause < SIM_CAUSE_COUNT; cause++)
        fprintf(out, "%s\"%s\"", cause ? "," : "", sim_cause_name(cause));
    fputs("],\n\"cause_meanings\":[", out);
    for (unsigned cause = 0; cause < SIM_CAUSE_COUNT; cause++) {
        fputs(cause ? "," : "", out);
        sim_put_quoted(out, sim_cause_meaning(cause));
    }
    fputs("],\n\"tasklets\":", out);
    put_tasklets(out, &profile->total);
}

static void put_timing(const struct sim_dpu *d, FILE *out)
{
    struct list list = {out, false};
    fputs(",\n\"timing\":{", out);
    for (unsigned i = 0; i < SIM_TIMING_COUNT; i++) {
        const struct sim_timing_info *info = sim_timing_get(i);
        fprintf(next(&list), "\"%s\":%.10g", info->name,
                (double)d->config.timing[i] / (double)info->scale);
    }
    fputs("}", out);
}

static void put_statistic(FILE *out, const struct sim_stat_info *info, double value)
{
    fprintf(out, "{\"name\":\"%s\",\"value\":%.15g,\"unit\":\"%s\",\"meaning\":", info->name, value,
            info->unit);
    sim_put_quoted(out, info->meaning);
    fputs("}", out);
}

/* Of the last launch. */
static void put_statistics(const struct sim_dpu *d, FILE *out)
{
    struct list list = {out, false};
    fputs(",\n\"statistics\":[", out);
    for (unsigned i = 0; i < SIM_STAT_COUNT; i++) {
        const struct sim_stat_info *info = sim_stat_get(i);
        if (info->scope == SIM_SCOPE_DPU && (d->cycle_mode || !info->cycle_mode_only))
            put_statistic(next(&list), info, (double)sim_dpu_stat(d, i, 0));
    }
    for (unsigned i = 0; i < SIM_METRIC_COUNT && d->cycle_mode; i++)
        if (isfinite(sim_dpu_metric(d, i)))
            put_statistic(next(&list), sim_metric_get(i), sim_dpu_metric(d, i));
    fputs("]", out);
}

static void put_functions(const struct sim_profile *profile, FILE *out)
{
    const struct sim_collector *c = profile->dpu->collector;
    struct list list = {out, false};
    fputs(",\n\"functions\":[", out);
    for (unsigned f = 0; f < c->n_functions; f++) {
        fputs("{\"name\":", next(&list));
        sim_put_quoted(out, c->functions[f].name);
        fprintf(out, ",\"pc\":%d}",
                c->functions[f].pc_insn == SIM_NO_PC ? -1 : (int)c->functions[f].pc_insn);
    }
    fputs("]", out);
}

static void put_insn(const struct sim_profile *profile, uint32_t pc_insn, FILE *out)
{
    const struct sim_collector *c = profile->dpu->collector;
    char text[128];
    const char *file;
    unsigned line;
    isa_print(text, sizeof text, profile->dpu->code->word[pc_insn], false);
    fprintf(out, "{\"pc\":%u,\"function\":%u,\"text\":", pc_insn, c->function_of[pc_insn]);
    sim_put_quoted(out, text);
    if (isa_program_line_at(c->program, pc_insn, &file, &line)) {
        fputs(",\"file\":", out);
        sim_put_quoted(out, file);
        fprintf(out, ",\"line\":%u", line);
    }
    fputs(",\"cycles\":", out);
    put_sum(out, profile->pc[pc_insn]);
    fputs(",\"by_tasklet\":", out);
    put_tasklets(out, profile->pc[pc_insn]);
    fputs("}", out);
}

static void put_code(const struct sim_profile *profile, FILE *out)
{
    struct list list = {out, false};
    fputs(",\n\"code\":[", out);
    for (uint32_t pc_insn = 0; pc_insn < ISA_IRAM_INSNS; pc_insn++)
        if (profile->pc[pc_insn])
            put_insn(profile, pc_insn, next(&list));
    fputs("],\n\"outside\":", out);
    put_sum(out, profile->pc[SIM_NO_PC]);
}

static void put_calls(const struct sim_profile *profile, FILE *out)
{
    const struct sim_collector *c = profile->dpu->collector;
    struct list list = {out, false};
    fputs(",\n\"calls\":[", out);
    for (uint32_t n = 0; n < c->n_nodes; n++) {
        const struct sim_node *node = &c->nodes[n];
        fprintf(next(&list), "{\"parent\":%d,\"function\":%u,\"call_pc\":%d,\"calls\":%llu,",
                n ? (int)node->parent : -1, node->function,
                n == 0 || node->call_pc == SIM_NO_PC ? -1 : (int)node->call_pc,
                (unsigned long long)node->calls);
        fputs("\"cycles\":", out);
        put_sum(out, profile->node[n]);
        fputs("}", out);
    }
    fputs("]", out);
}

static void put_wait(const struct sim_wait *wait, FILE *out)
{
    struct sim_counts counts;
    memcpy(counts.of, wait->cycles, sizeof counts.of);
    fprintf(out, "{\"kind\":\"%s\",\"name\":", wait->kind);
    sim_put_quoted(out, wait->name);
    fprintf(out, ",\"calls\":%llu,\"blocked\":%llu,\"longest\":%llu,\"cycles\":",
            (unsigned long long)wait->calls, (unsigned long long)wait->blocked,
            (unsigned long long)wait->longest);
    put_sum(out, &counts);
    fputs(",\"by_tasklet\":", out);
    put_tasklets(out, &counts);
    fputs("}", out);
}

static void put_waits(const struct sim_profile *profile, FILE *out)
{
    struct list list = {out, false};
    fputs(",\n\"waits\":[", out);
    for (unsigned i = 0; i < sim_waits_count(profile->waits); i++)
        put_wait(sim_waits_get(profile->waits, i), next(&list));
    fputs("]", out);
}

static void put_transfers(const struct sim_profile *profile, FILE *out)
{
    struct list list = {out, false};
    fputs(",\n\"dma_sizes\":[", out);
    for (unsigned i = 0; i < SIM_DMA_SIZES; i++)
        if (profile->transfers[0][i] || profile->transfers[1][i])
            fprintf(next(&list), "{\"bytes\":%u,\"reads\":%llu,\"writes\":%llu}", 8 * (i + 1),
                    (unsigned long long)profile->transfers[0][i],
                    (unsigned long long)profile->transfers[1][i]);
    fputs("]", out);
}

/* ---- time ----------------------------------------------------------------------------------- */

static void put_series(const struct sim_timeline *timeline, unsigned tasklet, unsigned cause,
                       uint64_t bins, FILE *out)
{
    for (uint64_t bin = 0; bin < bins; bin++)
        fprintf(out, "%s%u", bin ? "," : "[", timeline->tasklet[bin][tasklet][cause]);
    fputs("]", out);
}

static void put_bins(const struct sim_profile *profile, FILE *out)
{
    const struct sim_timeline *timeline = profile->timeline;
    uint64_t cycles = sim_collect_cycles(profile->dpu);
    uint64_t bins = (cycles + timeline->width - 1) / timeline->width;
    struct list list = {out, false};
    if (bins > SIM_TIMELINE_BINS)
        bins = SIM_TIMELINE_BINS;
    fprintf(out, ",\n\"timeline\":{\"width\":%llu,\"bins\":%llu,\"engine\":[",
            (unsigned long long)timeline->width, (unsigned long long)bins);
    for (uint64_t bin = 0; bin < bins; bin++)
        fprintf(out, "%s%u", bin ? "," : "", timeline->engine[bin]);
    fputs("],\"series\":[", out);
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++)
        for (unsigned cause = 0; cause < SIM_CAUSE_COUNT; cause++) {
            if (!profile->total.of[i][cause])
                continue;
            fprintf(next(&list), "{\"tasklet\":%u,\"cause\":%u,\"cycles\":", i, cause);
            put_series(timeline, i, cause, bins, out);
            fputs("}", out);
        }
    fputs("]}", out);
}

static void put_sample(const struct sim_sample *sample, FILE *out)
{
    struct list slices = {out, false}, transfers = {out, false};
    fprintf(out, "{\"from\":%llu,\"until\":%llu,\"slices\":[", (unsigned long long)sample->from,
            (unsigned long long)sample->until);
    for (size_t i = 0; i < sample->n_slices; i++) {
        const struct sim_slice *slice = &sample->slices[i];
        fprintf(next(&slices), "[%u,%u,%d,%llu,%llu]", slice->tasklet, (unsigned)slice->cause,
                slice->pc_insn == SIM_NO_PC ? -1 : (int)slice->pc_insn,
                (unsigned long long)slice->from_cycle, (unsigned long long)slice->cycles);
    }
    fputs("],\"transfers\":[", out);
    for (size_t i = 0; i < sample->n_transfers; i++) {
        const struct sim_transfer *transfer = &sample->transfers[i];
        fprintf(next(&transfers), "[%u,%u,%llu,%llu,%llu,%llu,%u,%d]", transfer->tasklet,
                transfer->pc_insn, (unsigned long long)transfer->request_cycle,
                (unsigned long long)transfer->start_cycle, (unsigned long long)transfer->end_cycle,
                (unsigned long long)transfer->wake_cycle, transfer->len_bytes, transfer->is_write);
    }
    fputs("]}", out);
}

static void put_samples(const struct sim_timeline *timeline, FILE *out)
{
    struct list list = {out, false};
    fputs(",\n\"samples\":[", out);
    for (unsigned i = 0; i < timeline->n_samples; i++)
        if (timeline->sample[i].n_slices)
            put_sample(&timeline->sample[i], next(&list));
    fputs("]", out);
}

void sim_profile_print_json(const struct sim_profile *profile, FILE *out)
{
    put_head(profile, out);
    put_timing(profile->dpu, out);
    put_statistics(profile->dpu, out);
    put_functions(profile, out);
    put_code(profile, out);
    put_calls(profile, out);
    put_waits(profile, out);
    put_transfers(profile, out);
    if (profile->timeline) {
        put_bins(profile, out);
        put_samples(profile->timeline, out);
    }
    fputs("}\n", out);
}
