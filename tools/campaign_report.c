/* SPDX-License-Identifier: MIT */
/* What a campaign says in the end: outcomes, vulnerability by site and by function, each share with
 * its interval at 95 %. Vulnerability (AVF) is the share of injections that were not masked. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "campaign.h"

#define Z_95 1.959963984540054 /* quantile 0.975 of the normal distribution */

/* ---- statistics ------------------------------------------------------------------------------ */

struct interval wilson_interval(uint64_t hits, uint64_t runs)
{
    if (!runs)
        return (struct interval){0, 1};
    double n = (double)runs, p = (double)hits / n, z2 = Z_95 * Z_95;
    double middle = (p + z2 / (2 * n)) / (1 + z2 / n);
    double half = Z_95 * sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n);
    double low = hits ? middle - half : 0, high = hits < runs ? middle + half : 1;
    return (struct interval){low < 0 ? 0 : low, high > 1 ? 1 : high};
}

uint64_t runs_needed(double share, double half_width)
{
    return (uint64_t)ceil(Z_95 * Z_95 * share * (1 - share) / (half_width * half_width));
}

/* ---- groups ---------------------------------------------------------------------------------- */

struct group {
    char *name;
    uint64_t runs, hits;
};

struct groups {
    struct group *items;
    size_t count;
};

static void count_in(struct groups *groups, const char *name, bool hit)
{
    size_t i = 0;
    while (i < groups->count && strcmp(groups->items[i].name, name) != 0)
        i++;
    if (i == groups->count) {
        groups->items = tool_realloc(groups->items, i + 1, sizeof *groups->items);
        groups->items[groups->count++] = (struct group){tool_copy(name, strlen(name)), 0, 0};
    }
    groups->items[i].runs++;
    groups->items[i].hits += hit;
}

/* Numbers by their value. */
static int by_name(const void *a, const void *b)
{
    const char *x = ((const struct group *)a)->name, *y = ((const struct group *)b)->name;
    uint64_t m, n;
    if (tool_parse_u64(x, &m) && tool_parse_u64(y, &n))
        return (m > n) - (m < n);
    return strcmp(x, y);
}

static void free_groups(struct groups *groups)
{
    for (size_t i = 0; i < groups->count; i++)
        free(groups->items[i].name);
    free(groups->items);
}

/* What rows are grouped by: the last two where there is a host. */
enum group_by { BY_SITE, BY_FUNCTION, BY_DPU, BY_LAUNCH, GROUPS };
static const char *const group_names[GROUPS] = {"site", "function", "dpu", "launch"};

static enum group_by groups_of(const struct campaign *c)
{
    return c->points->set ? GROUPS : BY_DPU;
}

static const char *name_in(const struct campaign_row *row, enum group_by by, char buffer[32])
{
    switch (by) {
    case BY_SITE:
        return row->site;
    case BY_FUNCTION:
        return row->function ? row->function : "(no function)";
    case BY_DPU:
        snprintf(buffer, 32, "%u", (unsigned)row->point->dpu);
        return buffer;
    default:
        snprintf(buffer, 32, "%llu", (unsigned long long)row->point->launch);
        return buffer;
    }
}

static struct groups group_rows(const struct campaign *c, enum group_by by)
{
    struct groups groups = {NULL, 0};
    char buffer[32];
    for (size_t i = 0; i < c->n_rows; i++)
        if (c->rows[i].done && c->rows[i].outcome != CAMPAIGN_MISSED)
            count_in(&groups, name_in(&c->rows[i], by, buffer),
                     c->rows[i].outcome != CAMPAIGN_MASKED);
    if (groups.count)
        qsort(groups.items, groups.count, sizeof *groups.items, by_name);
    return groups;
}

struct totals {
    uint64_t all, injected, outcomes[CAMPAIGN_OUTCOME_COUNT];
};

static struct totals total(const struct campaign *c)
{
    struct totals totals = {0};
    for (size_t i = 0; i < c->n_rows; i++) {
        totals.all += c->rows[i].done;
        totals.outcomes[c->rows[i].outcome] += c->rows[i].done;
    }
    totals.injected = totals.all - totals.outcomes[CAMPAIGN_MISSED];
    return totals;
}

/* ---- text ------------------------------------------------------------------------------------ */

static void line(FILE *out, const char *name, uint64_t hits, uint64_t runs)
{
    struct interval i = wilson_interval(hits, runs);
    fprintf(out, "  %-18s %8llu of %-8llu %6.2f %%   [%5.2f, %5.2f]\n", name,
            (unsigned long long)hits, (unsigned long long)runs,
            runs ? 100.0 * (double)hits / (double)runs : 0.0, 100 * i.low, 100 * i.high);
}

static void text_groups(const struct campaign *c, FILE *out, enum group_by by)
{
    struct groups groups = group_rows(c, by);
    fprintf(out, "AVF by %s:\n", group_names[by]);
    for (size_t i = 0; i < groups.count; i++)
        line(out, groups.items[i].name, groups.items[i].hits, groups.items[i].runs);
    free_groups(&groups);
}

static void text_head(const struct campaign *c, FILE *out, uint64_t all)
{
    unsigned long long instructions = campaign_instructions(c);
    fprintf(out, "%llu injections into ", (unsigned long long)all);
    if (c->points->set)
        fprintf(out, "%zu launches of %llu instructions", c->n_points, instructions);
    else
        fprintf(out, "a run of %llu instructions", instructions);
    if (!c->options->enumerate)
        fprintf(out, ", seed %llu", (unsigned long long)c->options->seed);
    else if (c->n_open == c->n_rows)
        fputs(", all that there are", out);
    else
        fputs(", the first of those that there are", out);
    fputs("; 95 % intervals\n", out);
}

void campaign_print_text(const struct campaign *c, FILE *out)
{
    struct totals t = total(c);
    uint64_t hits = t.injected - t.outcomes[CAMPAIGN_MASKED];
    text_head(c, out, t.all);
    fputs("Outcomes:\n", out);
    for (unsigned i = 0; i < CAMPAIGN_OUTCOME_COUNT; i++)
        if (t.outcomes[i])
            line(out, campaign_outcome_names[i], t.outcomes[i], t.all);
    for (enum group_by by = 0; by < groups_of(c); by++)
        text_groups(c, out, by);
    if (t.injected && !c->options->enumerate)
        fprintf(out, "For an interval of +-1 %% around this AVF: %llu runs\n",
                (unsigned long long)runs_needed((double)hits / (double)t.injected, 0.01));
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void json_share(struct json *json, const char *key, uint64_t hits, uint64_t runs)
{
    struct interval i = wilson_interval(hits, runs);
    json_open(json, key, '{');
    json_u64(json, "count", hits);
    json_u64(json, "runs", runs);
    json_number(json, "share", runs ? (double)hits / (double)runs : 0.0, 10);
    json_number(json, "low", i.low, 10);
    json_number(json, "high", i.high, 10);
    json_close(json, '}');
}

static void json_groups(struct json *json, const struct campaign *c, enum group_by by)
{
    struct groups groups = group_rows(c, by);
    char key[32];
    snprintf(key, sizeof key, "avf_by_%s", group_names[by]);
    json_open(json, key, '{');
    for (size_t i = 0; i < groups.count; i++)
        json_share(json, groups.items[i].name, groups.items[i].hits, groups.items[i].runs);
    json_close(json, '}');
    free_groups(&groups);
}

static void json_list(struct json *json, const char *key, const struct text_list *list)
{
    json_open(json, key, '[');
    for (size_t i = 0; i < list->count; i++)
        json_text(json, NULL, list->items[i]);
    json_close(json, ']');
}

void campaign_print_json(const struct campaign *c, FILE *out)
{
    struct json json = {.out = out};
    struct totals t = total(c);
    uint64_t hits = t.injected - t.outcomes[CAMPAIGN_MASKED];
    json_open(&json, NULL, '{');
    json_text(&json, "schema", "dpusim-campaign-1");
    json_text(&json, "tool", "dpusim " DPUSIM_VERSION);
    json_text(&json, "program", c->name);
    if (c->points->set) {
        json_list(&json, "command", &c->options->operands);
        json_u64(&json, "launches", c->n_points);
    }
    json_u64(&json, "seed", c->options->seed);
    json_u64(&json, "golden_instructions", campaign_instructions(c));
    if (c->options->enumerate)
        json_u64(&json, "enumerated_of", c->n_open);
    json_list(&json, "inject", &c->options->inject);
    json_open(&json, "outcomes", '{');
    for (unsigned i = 0; i < CAMPAIGN_OUTCOME_COUNT; i++)
        json_share(&json, campaign_outcome_names[i], t.outcomes[i], t.all);
    json_close(&json, '}');
    json_share(&json, "avf", hits, t.injected);
    for (enum group_by by = 0; by < groups_of(c); by++)
        json_groups(&json, c, by);
    json_u64(&json, "runs_for_1_percent",
             t.injected ? runs_needed((double)hits / (double)t.injected, 0.01) : 0);
    json_close(&json, '}');
}
