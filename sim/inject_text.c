/* SPDX-License-Identifier: MIT */
/* What the tables of fault injection say, and specifications in canonical form. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "inject.h"
#include "text.h"

/* ---- tables ---------------------------------------------------------------------------------- */

#define OWN    true
#define SHARED false
static const struct sim_site_row sites[] = {
#define SITE(id, title, n, bits, place, whose, text)                                               \
    {{.name = title, .meaning = text, .units = n, .unit_bits = bits}, place, whose},
#include "site.def"
#undef SITE
};

static const struct sim_inject_info triggers[] = {
#define TRIGGER(id, key, what, text) {.name = key, .value = what, .meaning = text},
#include "trigger.def"
#undef TRIGGER
};

#define DRAWN SIM_DRAWN
static const struct {
    struct sim_inject_info info;
    uint64_t initial;
} arguments[] = {
#define ARGUMENT(id, key, least, most, start, text)                                                \
    {{.name = key, .meaning = text, .lowest = least, .highest = most}, start},
#include "argument.def"
#undef ARGUMENT
};

const struct sim_site_row *sim_site_row(enum sim_inject_site site)
{
    return &sites[site];
}

uint64_t sim_argument_initial(enum sim_inject_argument argument)
{
    return arguments[argument].initial;
}

const struct sim_inject_info *sim_inject_model_get(unsigned model)
{
    return model < SIM_INJECT_COUNT ? &sim_inject_row((enum sim_inject_model)model)->info : NULL;
}

const struct sim_inject_info *sim_inject_site_get(unsigned site)
{
    return site < SIM_SITE_COUNT ? &sites[site].info : NULL;
}

const struct sim_inject_info *sim_inject_trigger_get(unsigned trigger)
{
    return trigger < SIM_TRIGGER_COUNT ? &triggers[trigger] : NULL;
}

const struct sim_inject_info *sim_inject_argument_get(unsigned argument)
{
    return argument < SIM_ARGUMENT_COUNT ? &arguments[argument].info : NULL;
}

/* ---- text ------------------------------------------------------------------------------------ */

struct text {
    struct isa_text out;
    bool in_list; /* something stands behind the colon */
};

static void add_key(struct text *text, const char *key)
{
    isa_text_add(&text->out, "%s%s", text->in_list ? "," : ":", key);
    text->in_list = true;
}

static void add_number(struct text *text, const char *key, uint64_t value, bool hexadecimal)
{
    add_key(text, key);
    if (hexadecimal)
        isa_text_add(&text->out, "=0x%" PRIx64, value);
    else
        isa_text_add(&text->out, "=%" PRIu64, value);
}

static void add_place(struct text *text, enum sim_inject_site site, uint64_t unit)
{
    if (sites[site].info.units == 1)
        return;
    if (site == SIM_SITE_REGISTER) {
        add_key(text, "at");
        isa_text_add(&text->out, "=r%" PRIu64, unit);
    } else if (site == SIM_SITE_FLAG) {
        add_key(text, "at");
        isa_text_add(&text->out, "=%s", unit ? "carry" : "zero");
    } else {
        add_number(text, "at", unit, site == SIM_SITE_WRAM || site == SIM_SITE_MRAM);
    }
}

static void add_argument(struct text *text, const struct sim_injection *in, unsigned i)
{
    bool hexadecimal = i == SIM_ARGUMENT_MASK || i == SIM_ARGUMENT_VALUE;
    uint64_t value = in->argument[i];
    if (i == SIM_ARGUMENT_AT || (i == SIM_ARGUMENT_ONLY && value != SIM_ANYWHERE))
        add_place(text, in->site, value);
    else if (i != SIM_ARGUMENT_RANGE && i != SIM_ARGUMENT_ONLY && i != SIM_ARGUMENT_NONE)
        add_number(text, arguments[i].info.name, value, hexadecimal);
}

static void add_trigger(struct text *text, const struct sim_injection *in)
{
    const char *key = triggers[in->trigger].name;
    switch (in->trigger) {
    case SIM_TRIGGER_LAUNCH: /* as the scope, below */
        break;
    case SIM_TRIGGER_DMA:
    case SIM_TRIGGER_EACH:
        add_key(text, key);
        break;
    case SIM_TRIGGER_READ:
    case SIM_TRIGGER_WRITE:
        add_key(text, key);
        isa_text_add(&text->out, "=0x%" PRIx64 "-0x%" PRIx64, in->at, in->until - 1);
        break;
    case SIM_TRIGGER_SYMBOL:
        add_key(text, key);
        isa_text_add(&text->out, "=%" PRIu64 "-%" PRIu64, in->at, in->until - 1);
        break;
    default:
        add_number(text, key, in->at, false);
    }
}

static void add_tasklets(struct text *text, uint32_t tasklets)
{
    const char *glue = "=";
    if (!tasklets)
        return;
    add_key(text, "tasklet");
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++) {
        unsigned last = i;
        if (!(tasklets >> i & 1))
            continue;
        while (tasklets >> (last + 1) & 1)
            last++;
        isa_text_add(&text->out, last > i ? "%s%u-%u" : "%s%u", glue, i, last);
        glue = "+";
        i = last;
    }
}

int sim_injection_text(const struct sim_injection *injection, char *buffer, size_t size)
{
    struct text text = {.out = {buffer, size, 0}};
    const struct sim_inject_info *model = sim_inject_model_get(injection->model);
    isa_text_add(&text.out, "%s", model->name);
    if (model->sites & (model->sites - 1)) {
        add_key(&text, "site");
        isa_text_add(&text.out, "=%s", sites[injection->site].info.name);
    }
    for (unsigned i = 0; i < SIM_ARGUMENT_COUNT; i++)
        if (model->arguments >> i & 1)
            add_argument(&text, injection, i);
    add_trigger(&text, injection);
    if (injection->nth > 1)
        add_number(&text, "nth", injection->nth, false);
    add_tasklets(&text, injection->tasklets);
    if (injection->launch)
        add_number(&text, "launch", injection->launch, false);
    if (injection->seeded)
        add_number(&text, "seed", injection->seed, false);
    return text.out.used;
}
