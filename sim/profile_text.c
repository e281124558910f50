/* SPDX-License-Identifier: MIT */
/* Profiles for people, as the format of callgrind, and as collapsed stacks. */
#include <stdlib.h>
#include <string.h>

#include "profile.h"

static const struct sim_collector *collector(const struct sim_profile *profile)
{
    return profile->dpu->collector;
}

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* ---- rows of the text ----------------------------------------------------------------------- */

struct row {
    const char *name; /* function, or file of a line */
    unsigned line;    /* 0: a function */
    uint64_t calls, inclusive;
    uint64_t self[SIM_CAUSE_COUNT];
};

static int by_self(const void *left, const void *right)
{
    const struct row *a = left, *b = right;
    uint64_t x = sim_busy_cycles(a->self), y = sim_busy_cycles(b->self);
    if (x != y)
        return x < y ? 1 : -1;
    int order = strcmp(a->name, b->name);
    return order ? order : a->line < b->line ? -1 : a->line > b->line;
}

static double share(uint64_t part, uint64_t whole)
{
    return whole ? 100.0 * (double)part / (double)whole : 0;
}

static void print_causes(FILE *out, const uint64_t cycles[SIM_CAUSE_COUNT])
{
    for (unsigned cause = 0; cause < SIM_CAUSE_drain; cause++)
        fprintf(out, " %10llu", (unsigned long long)cycles[cause]);
}

static void print_heads(FILE *out, const char *first)
{
    fputs(first, out);
    for (unsigned cause = 0; cause < SIM_CAUSE_drain; cause++)
        fprintf(out, " %10s", sim_cause_name(cause));
}

static void add_causes(uint64_t to[SIM_CAUSE_COUNT], const struct sim_counts *counts)
{
    uint64_t cycles[SIM_CAUSE_COUNT];
    sim_counts_sum(counts, cycles);
    for (unsigned cause = 0; cause < SIM_CAUSE_COUNT; cause++)
        to[cause] += cycles[cause];
}

/* ---- functions ------------------------------------------------------------------------------ */

/* A call path in which the function occurs above already is part of that. */
static bool is_outermost(const struct sim_collector *c, uint32_t n)
{
    for (uint32_t p = c->nodes[n].parent; p; p = c->nodes[p].parent)
        if (c->nodes[p].function == c->nodes[n].function)
            return false;
    return true;
}

static void fill_functions(const struct sim_profile *profile, struct row *rows,
                           uint64_t (*sums)[SIM_CAUSE_COUNT])
{
    const struct sim_collector *c = collector(profile);
    for (unsigned f = 0; f < c->n_functions; f++)
        rows[f] = (struct row){.name = c->functions[f].name};
    for (uint32_t pc_insn = 0; pc_insn < ISA_IRAM_INSNS; pc_insn++)
        add_causes(rows[c->function_of[pc_insn]].self, profile->pc[pc_insn]);
    for (uint32_t n = 1; n < c->n_nodes; n++) {
        struct row *row = &rows[c->nodes[n].function];
        row->calls += c->nodes[n].calls;
        if (is_outermost(c, n))
            row->inclusive += sim_busy_cycles(sums[n]);
    }
}

static void print_functions(const struct sim_profile *profile, FILE *out, uint64_t busy,
                            uint64_t (*sums)[SIM_CAUSE_COUNT])
{
    unsigned count = collector(profile)->n_functions;
    struct row *rows = calloc(count, sizeof *rows);
    if (!rows)
        return;
    fill_functions(profile, rows, sums);
    qsort(rows, count, sizeof *rows, by_self);
    print_heads(out, "\n   self%   incl%      calls");
    fputs("  function\n", out);
    for (unsigned i = 0; i < count; i++) {
        uint64_t self = sim_busy_cycles(rows[i].self);
        if (!rows[i].calls && !self)
            continue;
        fprintf(out, "%8.2f%8.2f %10llu", share(self, busy), share(rows[i].inclusive, busy),
                (unsigned long long)rows[i].calls);
        print_causes(out, rows[i].self);
        fprintf(out, "  %s\n", rows[i].name);
    }
    free(rows);
}

/* ---- lines ---------------------------------------------------------------------------------- */

static struct row *line_row(struct row *rows, unsigned *count, const char *file, unsigned line)
{
    for (unsigned i = *count; i > 0; i--)
        if (rows[i - 1].name == file && rows[i - 1].line == line)
            return &rows[i - 1];
    rows[*count] = (struct row){.name = file, .line = line};
    return &rows[(*count)++];
}

static unsigned fill_lines(const struct sim_profile *profile, struct row *rows)
{
    unsigned count = 0, line;
    const char *file;
    for (uint32_t pc_insn = 0; pc_insn < ISA_IRAM_INSNS; pc_insn++)
        if (profile->pc[pc_insn] &&
            isa_program_line_at(collector(profile)->program, pc_insn, &file, &line))
            add_causes(line_row(rows, &count, file, line)->self, profile->pc[pc_insn]);
    return count;
}

static void print_lines(const struct sim_profile *profile, FILE *out, uint64_t busy)
{
    struct row *rows = calloc(ISA_IRAM_INSNS, sizeof *rows);
    if (!rows)
        return;
    unsigned count = fill_lines(profile, rows);
    qsort(rows, count, sizeof *rows, by_self);
    if (count) {
        print_heads(out, "\n   self%");
        fputs("  line\n", out);
    }
    for (unsigned i = 0; i < count && sim_busy_cycles(rows[i].self); i++) {
        fprintf(out, "%8.2f", share(sim_busy_cycles(rows[i].self), busy));
        print_causes(out, rows[i].self);
        fprintf(out, "  %s:%u\n", file_name(rows[i].name), rows[i].line);
    }
    free(rows);
}

/* ---- objects -------------------------------------------------------------------------------- */

static uint64_t wait_cycles(const struct sim_wait *wait, uint64_t cycles[SIM_CAUSE_COUNT])
{
    uint64_t sum = 0;
    memset(cycles, 0, SIM_CAUSE_COUNT * sizeof cycles[0]);
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++)
        for (unsigned cause = 0; cause < SIM_CAUSE_COUNT; cause++) {
            cycles[cause] += wait->cycles[i][cause];
            sum += wait->cycles[i][cause];
        }
    return sum;
}

static void print_wait(const struct sim_wait *wait, FILE *out)
{
    uint64_t cycles[SIM_CAUSE_COUNT];
    uint64_t sum = wait_cycles(wait, cycles);
    fprintf(out, "%10llu %10llu %10llu %10llu", (unsigned long long)wait->calls,
            (unsigned long long)wait->blocked, (unsigned long long)sum,
            (unsigned long long)wait->longest);
    print_causes(out, cycles);
    fprintf(out, "  %s %s\n", wait->kind, wait->name);
}

/* Locks that nobody had to wait for are left out. */
static void print_waits(const struct sim_profile *profile, FILE *out)
{
    unsigned shown = 0;
    for (unsigned i = 0; i < sim_waits_count(profile->waits); i++) {
        uint64_t cycles[SIM_CAUSE_COUNT];
        const struct sim_wait *wait = sim_waits_get(profile->waits, i);
        if (!wait_cycles(wait, cycles))
            continue;
        if (shown++ == 0) {
            print_heads(out, "\n     calls    blocked     cycles    longest");
            fputs("  waited at\n", out);
        }
        print_wait(wait, out);
    }
}

/* ---- text ----------------------------------------------------------------------------------- */

static void print_tasklets(const struct sim_profile *profile, FILE *out)
{
    print_heads(out, "\n tasklet");
    fputs("\n", out);
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++) {
        uint64_t sum = 0;
        for (unsigned cause = 0; cause < SIM_CAUSE_COUNT; cause++)
            sum += profile->total.of[i][cause];
        if (!sum)
            continue;
        fprintf(out, "%8u", i);
        print_causes(out, profile->total.of[i]);
        fputs("\n", out);
    }
}

void sim_profile_print_text(const struct sim_profile *profile, FILE *out)
{
    const struct sim_collector *c = collector(profile);
    uint64_t(*sums)[SIM_CAUSE_COUNT] = sim_profile_inclusive(profile);
    uint64_t total[SIM_CAUSE_COUNT];
    sim_counts_sum(&profile->total, total);
    uint64_t busy = sim_busy_cycles(total);
    if (!sums)
        return;
    fprintf(out, "%s: %llu launch%s, %llu %s, %llu cycles of tasklets that were not stopped\n",
            file_name(c->program->name), (unsigned long long)c->launches,
            c->launches == 1 ? "" : "es", (unsigned long long)sim_collect_cycles(profile->dpu),
            c->timed ? "cycles" : "instructions", (unsigned long long)busy);
    fputs("cycles by cause, summed over tasklets; % of the cycles not stopped\n", out);
    for (unsigned cause = 0; cause < SIM_CAUSE_COUNT; cause++)
        if (total[cause])
            fprintf(out, "  %-10s %12llu  %s\n", sim_cause_name(cause),
                    (unsigned long long)total[cause], sim_cause_meaning(cause));
    print_functions(profile, out, busy, sums);
    print_lines(profile, out, busy);
    print_waits(profile, out);
    print_tasklets(profile, out);
    free(sums);
}

/* ---- collapsed stacks ----------------------------------------------------------------------- */

/* Names as paths divide by semicolons, with those in the names replaced. */
static void print_path(const struct sim_collector *c, uint32_t n, FILE *out)
{
    if (c->nodes[n].parent) {
        print_path(c, c->nodes[n].parent, out);
        fputc(';', out);
    }
    for (const char *name = c->functions[c->nodes[n].function].name; *name; name++)
        fputc(*name == ';' || *name == ' ' || *name == '\n' ? '_' : *name, out);
}

void sim_profile_print_stacks(const struct sim_profile *profile, FILE *out)
{
    const struct sim_collector *c = collector(profile);
    for (uint32_t n = 1; n < c->n_nodes; n++) {
        uint64_t cycles[SIM_CAUSE_COUNT];
        sim_counts_sum(profile->node[n], cycles);
        if (!sim_busy_cycles(cycles))
            continue;
        print_path(c, n, out);
        fprintf(out, " %llu\n", (unsigned long long)sim_busy_cycles(cycles));
    }
}

/* ---- callgrind ------------------------------------------------------------------------------ */

struct place {
    const char *file;
    unsigned line;
};

static struct place place_of(const struct sim_profile *profile, uint32_t pc_insn)
{
    struct place place = {"???", 0};
    if (pc_insn < ISA_IRAM_INSNS)
        isa_program_line_at(collector(profile)->program, pc_insn, &place.file, &place.line);
    return place;
}

/* A line's costs: busy cycles, then each cause. */
static void print_costs(FILE *out, unsigned line, const uint64_t cycles[SIM_CAUSE_COUNT])
{
    fprintf(out, "%u %llu", line, (unsigned long long)sim_busy_cycles(cycles));
    for (unsigned cause = 0; cause < SIM_CAUSE_COUNT; cause++)
        fprintf(out, " %llu", (unsigned long long)cycles[cause]);
    fputc('\n', out);
}

static void print_self(const struct sim_profile *profile, uint32_t function, const char *file,
                       FILE *out)
{
    const struct sim_collector *c = collector(profile);
    for (uint32_t pc_insn = 0; pc_insn < ISA_IRAM_INSNS; pc_insn++) {
        uint64_t cycles[SIM_CAUSE_COUNT];
        if (!profile->pc[pc_insn] || c->function_of[pc_insn] != function)
            continue;
        struct place place = place_of(profile, pc_insn);
        bool elsewhere = strcmp(place.file, file) != 0;
        if (elsewhere)
            fprintf(out, "fi=%s\n", place.file);
        sim_counts_sum(profile->pc[pc_insn], cycles);
        print_costs(out, place.line, cycles);
        if (elsewhere)
            fprintf(out, "fe=%s\n", file);
    }
}

static void print_calls(const struct sim_profile *profile, uint32_t function,
                        uint64_t (*sums)[SIM_CAUSE_COUNT], FILE *out)
{
    const struct sim_collector *c = collector(profile);
    for (uint32_t n = 1; n < c->n_nodes; n++) {
        const struct sim_node *node = &c->nodes[n];
        if (!node->parent || c->nodes[node->parent].function != function)
            continue;
        const struct sim_function *callee = &c->functions[node->function];
        struct place to = place_of(profile, callee->pc_insn);
        fprintf(out, "cfi=%s\ncfn=%s\ncalls=%llu %u\n", to.file, callee->name,
                (unsigned long long)node->calls, to.line);
        print_costs(out, place_of(profile, node->call_pc).line, sums[n]);
    }
}

static bool was_executed(const struct sim_profile *profile, uint32_t function)
{
    for (uint32_t pc_insn = 0; pc_insn < ISA_IRAM_INSNS; pc_insn++)
        if (profile->pc[pc_insn] && collector(profile)->function_of[pc_insn] == function)
            return true;
    return false;
}

static void print_summary(const struct sim_profile *profile, FILE *out)
{
    uint64_t total[SIM_CAUSE_COUNT];
    sim_counts_sum(&profile->total, total);
    fprintf(out, "summary: %llu", (unsigned long long)sim_busy_cycles(total));
    for (unsigned cause = 0; cause < SIM_CAUSE_COUNT; cause++)
        fprintf(out, " %llu", (unsigned long long)total[cause]);
    fputs("\n", out);
}

void sim_profile_print_callgrind(const struct sim_profile *profile, FILE *out)
{
    const struct sim_collector *c = collector(profile);
    uint64_t(*sums)[SIM_CAUSE_COUNT] = sim_profile_inclusive(profile);
    uint64_t none[SIM_CAUSE_COUNT];
    if (!sums)
        return;
    fprintf(out,
            "# callgrind format\nversion: 1\ncreator: dpusim %s\ncmd: %s\npositions: line\n"
            "event: busy : cycles of tasklets that were not stopped\n",
            DPUSIM_VERSION, c->program->name);
    for (unsigned cause = 0; cause < SIM_CAUSE_COUNT; cause++)
        fprintf(out, "event: %s : %s\n", sim_cause_name(cause), sim_cause_meaning(cause));
    fputs("events: busy", out);
    for (unsigned cause = 0; cause < SIM_CAUSE_COUNT; cause++)
        fprintf(out, " %s", sim_cause_name(cause));
    fputs("\n", out);
    print_summary(profile, out);
    for (uint32_t function = 0; function < c->n_functions; function++) {
        if (!was_executed(profile, function))
            continue;
        const char *file = place_of(profile, c->functions[function].pc_insn).file;
        fprintf(out, "\nfl=%s\nfn=%s\n", file, c->functions[function].name);
        print_self(profile, function, file, out);
        print_calls(profile, function, sums, out);
    }
    sim_counts_sum(profile->pc[SIM_NO_PC], none);
    fputs("\nfl=???\nfn=(not started, drain)\n", out);
    print_costs(out, 0, none);
    free(sums);
}
