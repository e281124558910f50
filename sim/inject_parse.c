/* SPDX-License-Identifier: MIT */
/* Specifications of injections, from text. What they leave open is drawn here, with their seed, so
 * that an injection in memory is exact; or it is counted, to have one after the other. */
#include <string.h>

#include "inject_parse.h"

enum { MOST_NAMES = 64 };

/* Keys that every model has, besides the triggers. */
static const char *const common_keys[] = {"site", "tasklet", "nth", "seed"};
enum { COMMON_KEYS = sizeof common_keys / sizeof *common_keys };

/* ---- names ----------------------------------------------------------------------------------- */

uint64_t sim_parse_draw(struct sim_parse *p, uint64_t count)
{
    if (!p->counting) {
        p->out.seeded = true;
        return sim_random(&p->rng) % count;
    }
    uint64_t choice = p->index % count;
    p->index /= count;
    if (__builtin_mul_overflow(p->choices, count, &p->choices))
        p->choices = UINT64_MAX;
    return choice;
}

/* ---- names ----------------------------------------------------------------------------------- */

static enum dpusim_status find_model(struct sim_parse *p)
{
    const char *names[SIM_INJECT_COUNT];
    for (unsigned i = 0; i < SIM_INJECT_COUNT; i++) {
        names[i] = sim_inject_model_get(i)->name;
        if (strcmp(names[i], p->spec->name) == 0) {
            p->out.model = (enum sim_inject_model)i;
            p->model = sim_inject_model_get(i);
            return DPUSIM_OK;
        }
    }
    return sim_spec_unknown(p->spec, "model", p->spec->name, names, SIM_INJECT_COUNT, p->diag);
}

static enum dpusim_status unknown_key(const struct sim_parse *p, const char *key)
{
    const char *names[MOST_NAMES];
    size_t n = 0;
    for (unsigned i = 0; i < COMMON_KEYS; i++)
        names[n++] = common_keys[i];
    for (unsigned i = 0; i < SIM_TRIGGER_COUNT; i++)
        names[n++] = sim_inject_trigger_get(i)->name;
    for (unsigned i = 0; i < SIM_ARGUMENT_COUNT; i++) {
        const char *name = sim_inject_argument_get(i)->name;
        if (strcmp(name, key) == 0)
            return isa_fail(p->diag, DPUSIM_BAD_ARGUMENT, "injection \"%s\": %s takes no \"%s\"",
                            p->spec->text, p->model->name, key);
        if (p->model->arguments >> i & 1 && *name)
            names[n++] = name;
    }
    return sim_spec_unknown(p->spec, "key", key, names, n, p->diag);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static enum dpusim_status parse_tasklets(struct sim_parse *p, const struct sim_spec_field *field)
{
    struct sim_ranges ranges = {0};
    enum dpusim_status status =
        sim_spec_ranges(p->spec, field, ISA_MAX_THREADS - 1, &ranges, p->diag);
    for (unsigned i = 0; !status && i < ISA_MAX_THREADS; i++)
        p->out.tasklets |= (uint32_t)sim_ranges_have(&ranges, i) << i;
    return status;
}

static enum dpusim_status parse_field(struct sim_parse *p, const struct sim_spec_field *field)
{
    const char *key = field->key;
    for (unsigned i = 0; i < SIM_TRIGGER_COUNT; i++)
        if (strcmp(key, sim_inject_trigger_get(i)->name) == 0)
            return sim_parse_trigger(p, (enum sim_inject_trigger)i, field);
    for (unsigned i = 0; i < SIM_ARGUMENT_COUNT; i++)
        if (p->model->arguments >> i & 1 && strcmp(key, sim_inject_argument_get(i)->name) == 0)
            return sim_parse_argument(p, (enum sim_inject_argument)i, field);
    if (strcmp(key, "site") == 0)
        return DPUSIM_OK; /* sim_parse_site */
    if (strcmp(key, "tasklet") == 0)
        return parse_tasklets(p, field);
    if (strcmp(key, "nth") == 0)
        return sim_spec_number(p->spec, field, 1, UINT64_MAX, &p->out.nth, p->diag);
    if (strcmp(key, "seed") == 0) {
        p->out.seeded = true;
        return sim_spec_number(p->spec, field, 0, UINT64_MAX, &p->out.seed, p->diag);
    }
    return unknown_key(p, key);
}

static enum dpusim_status settle(struct sim_parse *p)
{
    enum dpusim_status status = sim_settle_trigger(p);
    if (status)
        return status;
    p->rng = p->out.seed;
    if (p->out.trigger == SIM_TRIGGER_RANDOM) {
        p->out.trigger = SIM_TRIGGER_TOTAL;
        p->out.at = 1 + sim_parse_draw(p, p->out.at);
    }
    if (p->counting && p->out.trigger == SIM_TRIGGER_SYMBOL) { /* its instructions one by one */
        p->out.trigger = SIM_TRIGGER_PC;
        p->out.at += sim_parse_draw(p, p->out.until - p->out.at);
    }
    return sim_settle_arguments(p);
}

static enum dpusim_status read_all(struct sim_parse *p)
{
    enum dpusim_status status = find_model(p);
    if (!status)
        status = sim_parse_site(p);
    for (unsigned i = 0; i < p->spec->n_fields && !status; i++)
        status = parse_field(p, &p->spec->fields[i]);
    return status ? status : settle(p);
}

enum dpusim_status sim_injection_from(struct sim_injection *out, const struct sim_spec *spec,
                                      const struct isa_program *program, struct isa_diag *diag)
{
    struct sim_parse p = {
        .out = {.nth = 1, .seed = 1}, .spec = spec, .program = program, .diag = diag};
    enum dpusim_status status = read_all(&p);
    if (!status)
        *out = p.out;
    return status;
}

enum dpusim_status sim_injection_parse(struct sim_injection *out, const char *spec,
                                       const struct isa_program *program, struct isa_diag *diag)
{
    struct sim_spec parts;
    enum dpusim_status status = sim_spec_read(&parts, spec, diag);
    return status ? status : sim_injection_from(out, &parts, program, diag);
}

enum dpusim_status sim_injection_enumerate(struct sim_injection *out, const char *spec,
                                           uint64_t index, uint64_t *count,
                                           const struct isa_program *program, struct isa_diag *diag)
{
    struct sim_spec parts;
    enum dpusim_status status = sim_spec_read(&parts, spec, diag);
    struct sim_parse p = {.out = {.nth = 1, .seed = 1},
                          .spec = &parts,
                          .program = program,
                          .diag = diag,
                          .counting = true,
                          .index = index,
                          .choices = 1};
    if (!status)
        status = read_all(&p);
    if (status)
        return status;
    *out = p.out;
    if (count)
        *count = p.choices;
    return DPUSIM_OK;
}
