/* SPDX-License-Identifier: MIT */
/* Which faults a campaign injects: drawn over place and moment, or with --enumerate every one that
 * the specifications leave open. A specification for a host program may say set=, dpu= and launch=;
 * what it does not say is drawn over all launches, by their instructions. */
#include <stdlib.h>
#include <string.h>

#include "campaign.h"
#include "state.h" /* sim_random */

enum { DRAWN_BITS = 31 }; /* of a transfer: counts modulo its length */

/* ---- failures on the host's side ------------------------------------------------------------- */

/* Keys that are drawn or enumerated, besides set. */
enum host_key { KEY_DPU, KEY_NTH, KEY_BIT, KEY_AT, HOST_KEYS };
static const char *const host_key_names[HOST_KEYS] = {"dpu", "nth", "bit", "at"};

static const struct {
    const char *name, *keys;
} host_models[] = {
#define MODEL(id, name, keys, ...) {name, keys},
#include "../driver/inject_host.def"
#undef MODEL
};

static bool knows(const struct campaign_template *t, enum host_key key)
{
    return strstr(t->host_keys, host_key_names[key]) != NULL;
}

static bool is_open(const struct campaign_template *t, enum host_key key)
{
    return knows(t, key) && !(t->given >> key & 1);
}

/* Not by launches. */
static bool is_of_set(const struct campaign_template *t)
{
    return strcmp(t->model, "disable") == 0;
}

static bool is_transfer(const struct campaign_template *t)
{
    return strcmp(t->model, "flip") == 0;
}

/* ---- templates ------------------------------------------------------------------------------- */

static void find_host_model(struct campaign_template *t, const struct sim_spec *spec)
{
    for (size_t i = 0; i < sizeof host_models / sizeof *host_models; i++)
        if (strcmp(spec->name, host_models[i].name) == 0) {
            t->model = host_models[i].name;
            t->host_keys = host_models[i].keys;
        }
}

static enum dpusim_status read_scope(struct campaign_template *t, const struct sim_spec *spec,
                                     const struct sim_spec_field *field, bool *taken,
                                     struct isa_diag *diag)
{
    struct {
        const char *key;
        struct sim_ranges *ranges;
    } scopes[] = {{"set", &t->sets}, {"dpu", &t->dpus}, {"launch", &t->launches}};
    for (unsigned i = 0; i < sizeof scopes / sizeof *scopes; i++)
        if (strcmp(field->key, scopes[i].key) == 0 && field->value) {
            *taken = true;
            return sim_spec_ranges(spec, field, UINT32_MAX, scopes[i].ranges, diag);
        }
    return DPUSIM_OK;
}

static void keep_field(struct campaign_template *t, const struct sim_spec_field *field)
{
    size_t used = strlen(t->text);
    for (unsigned i = 0; i < HOST_KEYS; i++)
        if (strcmp(field->key, host_key_names[i]) == 0)
            t->given |= 1u << i;
    snprintf(t->text + used, sizeof t->text - used, "%s%s%s%s", strchr(t->text, ':') ? "," : ":",
             field->key, field->value ? "=" : "", field->value ? field->value : "");
}

static enum dpusim_status read_template(const struct campaign *c, struct campaign_template *t,
                                        const char *text, struct isa_diag *diag)
{
    struct sim_spec spec;
    enum dpusim_status status = sim_spec_read(&spec, text, diag);
    *t = (struct campaign_template){.model = ""};
    if (status)
        return status;
    bool has_host = c->subject == &campaign_host;
    if (has_host)
        find_host_model(t, &spec);
    snprintf(t->text, sizeof t->text, "%s", spec.name);
    for (unsigned i = 0; i < spec.n_fields && !status; i++) {
        bool taken = false;
        if (has_host)
            status = read_scope(t, &spec, &spec.fields[i], &taken, diag);
        if (!taken)
            keep_field(t, &spec.fields[i]);
    }
    for (unsigned i = 0; t->host_keys && c->options->enumerate && !status && i < HOST_KEYS; i++)
        if (i >= KEY_BIT && is_open(t, i))
            status = isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                              "--inject=%.200s: with --enumerate its %s= is wanted", text,
                              host_key_names[i]);
    return status;
}

enum dpusim_status campaign_read_templates(struct campaign *c, struct isa_diag *diag)
{
    static const char *const standard[] = {"flip1:site=register"};
    const struct text_list *given = &c->options->inject;
    enum dpusim_status status = DPUSIM_OK;
    c->n_templates = given->count ? given->count : 1;
    c->templates = tool_realloc(NULL, c->n_templates, sizeof *c->templates);
    for (size_t i = 0; i < c->n_templates && !status; i++)
        status =
            read_template(c, &c->templates[i], (given->count ? given->items : standard)[i], diag);
    return status;
}

/* ---- points ---------------------------------------------------------------------------------- */

/* How likely a point is: by its instructions, transfers, or each alike. */
static uint64_t weight_of(const struct campaign *c, const struct campaign_template *t,
                          const struct campaign_point *point)
{
    if (!point->set)
        return point->instructions;
    if (!sim_ranges_have(&t->sets, point->set) || !sim_ranges_have(&t->dpus, point->dpu) ||
        !sim_ranges_have(&t->launches, point->launch))
        return 0;
    if (!t->host_keys)
        return point->instructions;
    if (!knows(t, KEY_DPU))
        return point == c->points;
    if (is_transfer(t) && is_open(t, KEY_NTH))
        return point->launch == 1 ? point->transfers : 0;
    bool by_launch = is_open(t, KEY_NTH) && !is_transfer(t) && !is_of_set(t);
    return by_launch || point->launch == 1;
}

uint64_t campaign_instructions(const struct campaign *c)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < c->n_points; i++)
        sum += c->points[i].instructions;
    return sum;
}

static enum dpusim_status no_point(const struct campaign_template *t, struct isa_diag *diag)
{
    return isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                    "--inject=%.200s: the golden run has no such set, DPU or launch", t->text);
}

/* A point by weight; *nth: which of its units, from 0. */
static const struct campaign_point *
pick(const struct campaign *c, const struct campaign_template *t, uint64_t *rng, uint64_t *nth)
{
    uint64_t all = 0, at;
    for (size_t i = 0; i < c->n_points; i++)
        all += weight_of(c, t, &c->points[i]);
    if (!all)
        return NULL;
    at = sim_random(rng) % all;
    for (size_t i = 0;; at -= weight_of(c, t, &c->points[i++]))
        if (at < weight_of(c, t, &c->points[i])) {
            *nth = at;
            return &c->points[i];
        }
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void add_scope(struct text *text, const struct campaign_point *point)
{
    if (point->set)
        text_add(text, ",set=%u,dpu=%u", (unsigned)point->set, (unsigned)point->dpu);
}

static void fill(struct campaign_row *row, const struct campaign_point *point,
                 const struct sim_injection *injection)
{
    struct sim_injection whole = *injection;
    struct text text = {0};
    char spec[sizeof((struct sim_spec *)0)->text];
    if (point->set)
        whole.launch = point->launch;
    sim_injection_text(&whole, spec, sizeof spec);
    text_add(&text, "%s", spec);
    add_scope(&text, point);
    *row = (struct campaign_row){
        .spec = text.data, .site = sim_inject_site_get(whole.site)->name, .point = point};
}

static void add_drawn(struct text *text, const char *key, uint64_t value)
{
    text_add(text, "%c%s=%llu", strchr(text->data, ':') ? ',' : ':', key,
             (unsigned long long)value);
}

/* nth: of the transfers. rng NULL: nothing is left to draw. */
static void fill_host(struct campaign_row *row, const struct campaign_template *t,
                      const struct campaign_point *point, uint64_t nth, uint64_t *rng)
{
    struct text text = {0};
    text_add(&text, "%s", t->text);
    if (knows(t, KEY_DPU)) {
        add_drawn(&text, "set", point->set);
        add_drawn(&text, "dpu", point->dpu);
    }
    if (knows(t, KEY_DPU) && is_open(t, KEY_NTH) && !is_of_set(t))
        add_drawn(&text, "nth", is_transfer(t) ? nth + 1 : point->launch);
    if (rng && is_open(t, KEY_AT))
        add_drawn(&text, "at", sim_random(rng) % ISA_MRAM_BYTES);
    if (rng && is_open(t, KEY_BIT))
        add_drawn(&text, "bit",
                  is_open(t, KEY_AT) ? sim_random(rng) % 8 : sim_random(rng) >> (64 - DRAWN_BITS));
    *row = (struct campaign_row){.spec = text.data, .site = "host", .point = point};
}

/* ---- at random ------------------------------------------------------------------------------- */

/* Seeds of runs are far apart: the step of a sequence of Weyl, scrambled by the generator itself.
 */
static uint64_t seed_of(const struct campaign *c, size_t i)
{
    return (c->options->seed + 1) * UINT64_C(0x9e3779b97f4a7c15) + i * UINT64_C(0xd1b54a32d192ed03);
}

static enum dpusim_status draw_one(const struct campaign *c, size_t i, struct campaign_row *row,
                                   struct isa_diag *diag)
{
    const struct campaign_template *t = &c->templates[i % c->n_templates];
    uint64_t seed = seed_of(c, i), rng = seed, nth = 0;
    const struct campaign_point *point =
        c->n_points > 1 || t->host_keys || c->points->set ? pick(c, t, &rng, &nth) : c->points;
    struct sim_injection injection;
    struct isa_diag first = {""};
    struct text text = {0};
    if (!point)
        return no_point(t, diag);
    if (t->host_keys) {
        fill_host(row, t, point, nth, &rng);
        return DPUSIM_OK;
    }
    text_add(&text, "%s", t->text);
    add_drawn(&text, "seed", seed);
    size_t len = text.len;
    add_drawn(&text, "random", point->instructions);
    enum dpusim_status status = sim_injection_parse(&injection, text.data, point->program, &first);
    if (status) { /* it says itself when */
        text.data[len] = '\0';
        status = sim_injection_parse(&injection, text.data, point->program, diag);
    }
    text_free(&text);
    if (!status)
        fill(row, point, &injection);
    return status;
}

/* ---- every one ------------------------------------------------------------------------------- */

/* Injection number `index` of a template at a point, and how many there are. */
static enum dpusim_status enumerate(const struct campaign *c, const struct campaign_template *t,
                                    const struct campaign_point *point, uint64_t index,
                                    struct campaign_row *row, uint64_t *count,
                                    struct isa_diag *diag)
{
    bool cycles = c->config.mode == SIM_CYCLE && c->options->every;
    uint64_t every = c->options->every ? c->options->every : 1;
    uint64_t moments = ((cycles ? point->cycles : point->instructions) + every - 1) / every;
    struct sim_injection injection;
    struct isa_diag first = {""};
    struct text text = {0};
    *count = weight_of(c, t, point);
    if (!*count)
        return DPUSIM_OK;
    if (t->host_keys) {
        fill_host(row, t, point, index, NULL);
        return DPUSIM_OK;
    }
    text_add(&text, "%s", t->text);
    size_t len = text.len;
    add_drawn(&text, "random", moments);
    enum dpusim_status status =
        sim_injection_enumerate(&injection, text.data, index, count, point->program, &first);
    if (status) { /* it says itself when */
        text.data[len] = '\0';
        status = sim_injection_enumerate(&injection, text.data, index, count, point->program, diag);
    } else {
        injection.trigger = cycles ? SIM_TRIGGER_CYCLE : SIM_TRIGGER_TOTAL;
        injection.at = (injection.at - 1) * every + 1;
    }
    text_free(&text);
    if (!status)
        fill(row, point, &injection);
    return status;
}

static enum dpusim_status enumerate_point(struct campaign *c, const struct campaign_template *t,
                                          const struct campaign_point *point, size_t most,
                                          struct isa_diag *diag)
{
    struct campaign_row row = {.spec = NULL};
    uint64_t count;
    enum dpusim_status status = enumerate(c, t, point, 0, &row, &count, diag);
    free(row.spec);
    if (status)
        return status;
    uint64_t room = most - c->n_rows, here = count < room ? count : room;
    c->rows = tool_realloc(c->rows, c->n_rows + (size_t)here + 1, sizeof *c->rows);
    for (uint64_t i = 0; i < here && !status; i++) {
        status = enumerate(c, t, point, i, &c->rows[c->n_rows], &count, diag);
        c->n_rows += status == DPUSIM_OK;
    }
    if (__builtin_add_overflow(c->n_open, count, &c->n_open))
        c->n_open = UINT64_MAX;
    return status;
}

static enum dpusim_status enumerate_all(struct campaign *c, size_t most, struct isa_diag *diag)
{
    enum dpusim_status status = DPUSIM_OK;
    for (size_t t = 0; t < c->n_templates && !status; t++) {
        uint64_t before = c->n_open;
        for (size_t i = 0; i < c->n_points && !status; i++)
            status = enumerate_point(c, &c->templates[t], &c->points[i], most, diag);
        if (!status && c->n_open == before)
            status = no_point(&c->templates[t], diag);
    }
    return status;
}

enum dpusim_status campaign_draw(struct campaign *c, struct isa_diag *diag)
{
    size_t most = (size_t)c->options->runs;
    enum dpusim_status status = DPUSIM_OK;
    if (c->options->enumerate)
        return enumerate_all(c, most, diag);
    c->rows = tool_realloc(NULL, most + 1, sizeof *c->rows);
    for (; c->n_rows < most && !status; c->n_rows += status == DPUSIM_OK)
        status = draw_one(c, c->n_rows, &c->rows[c->n_rows], diag);
    return status;
}
