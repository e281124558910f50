/* SPDX-License-Identifier: MIT */
/* Specifications of injections: numbers of the models, given or drawn. */
#include <inttypes.h>

#include "inject_parse.h"

enum { WORD_BITS = 32, BYTE_BITS = 8, DMA_BITS = 2048 * 8 };

static uint64_t ones(unsigned bits)
{
    return (UINT64_C(1) << bits) - 1;
}

static bool has(const struct sim_parse *p, enum sim_inject_argument argument)
{
    return p->model->arguments >> argument & 1;
}

/* Largest value where the row's is not what counts. */
static uint64_t most_of(const struct sim_parse *p, enum sim_inject_argument argument)
{
    const struct sim_site_row *site = sim_site_row(p->out.site);
    switch (argument) {
    case SIM_ARGUMENT_VALUE:
        if (p->out.model == SIM_INJECT_BYTE || p->out.model == SIM_INJECT_FILL)
            return ones(BYTE_BITS);
        return ones(site->place_bits ? site->place_bits : ISA_WORD_BITS);
    case SIM_ARGUMENT_MASK:
        return ones(site->place_bits);
    case SIM_ARGUMENT_LINE:
        return p->out.site == SIM_SITE_WRAM ? 15 : 25;
    case SIM_ARGUMENT_BIT:
        return p->out.site == SIM_SITE_DMA ? DMA_BITS - 1
               : has(p, SIM_ARGUMENT_AT)   ? UINT32_MAX
                                           : WORD_BITS - 1;
    default:
        return sim_inject_argument_get(argument)->highest;
    }
}

enum dpusim_status sim_parse_argument(struct sim_parse *p, enum sim_inject_argument argument,
                                      const struct sim_spec_field *field)
{
    uint64_t *out = &p->out.argument[argument];
    p->given |= 1u << argument;
    if (argument == SIM_ARGUMENT_AT || argument == SIM_ARGUMENT_ONLY)
        return sim_parse_place(p, field, out);
    return sim_spec_number(p->spec, field, sim_inject_argument_get(argument)->lowest,
                           most_of(p, argument), out, p->diag);
}

static bool is_given(const struct sim_parse *p, enum sim_inject_argument argument)
{
    return p->given >> argument & 1;
}

/* Units among which the place is drawn; 1: it is exact. */
static uint64_t range_of(struct sim_parse *p, const struct sim_inject_info *site)
{
    if (is_given(p, SIM_ARGUMENT_RANGE))
        return p->out.argument[SIM_ARGUMENT_RANGE];
    if (!is_given(p, SIM_ARGUMENT_AT))
        return site->units;
    return has(p, SIM_ARGUMENT_BIT) ? p->range : 1;
}

static enum dpusim_status outside(const struct sim_parse *p, const char *what, uint64_t found,
                                  uint64_t most)
{
    return isa_fail(p->diag, DPUSIM_BAD_ARGUMENT,
                    "injection \"%s\": %s=%" PRIu64 ": the place ends at %" PRIu64, p->spec->text,
                    what, found, most);
}

/* A bit of the range, and as many as there are from there on, become bits of a unit. */
static enum dpusim_status settle_bit(struct sim_parse *p, uint64_t units)
{
    const struct sim_site_row *site = sim_site_row(p->out.site);
    uint64_t *at = &p->out.argument[SIM_ARGUMENT_AT], *bit = &p->out.argument[SIM_ARGUMENT_BIT];
    uint64_t per_unit = site->info.unit_bits;
    uint64_t bits = has(p, SIM_ARGUMENT_BITS) ? p->out.argument[SIM_ARGUMENT_BITS] : 1;
    bool fits = bits <= site->place_bits, drawn = !is_given(p, SIM_ARGUMENT_BIT);
    if (p->counting && fits && drawn && per_unit > site->place_bits - bits + 1)
        per_unit = site->place_bits - bits + 1; /* each once */
    if (drawn)
        *bit = sim_parse_draw(p, units * per_unit);
    if (*bit >= units * per_unit)
        return outside(p, "bit", *bit, units * per_unit - 1);
    *at += *bit / per_unit;
    *bit %= per_unit;
    if (*bit + bits > site->place_bits && drawn && fits)
        *bit = site->place_bits - bits;
    if (*bit + bits > site->place_bits)
        return outside(p, "bits", bits, site->place_bits);
    return DPUSIM_OK;
}

static enum dpusim_status settle_place(struct sim_parse *p)
{
    const struct sim_inject_info *site = sim_inject_site_get(p->out.site);
    uint64_t *at = &p->out.argument[SIM_ARGUMENT_AT], *len = &p->out.argument[SIM_ARGUMENT_LEN];
    if (!has(p, SIM_ARGUMENT_AT))
        return DPUSIM_OK;
    if (!is_given(p, SIM_ARGUMENT_AT))
        *at = 0;
    uint64_t units = range_of(p, site);
    if (has(p, SIM_ARGUMENT_LEN)) {
        if (!is_given(p, SIM_ARGUMENT_AT))
            *at = sim_parse_draw(p, site->units);
        if (!is_given(p, SIM_ARGUMENT_LEN))
            *len = is_given(p, SIM_ARGUMENT_AT) ? p->range : 1;
        if (*len > site->units - *at)
            return outside(p, "len", *len, site->units);
        return DPUSIM_OK;
    }
    if (is_given(p, SIM_ARGUMENT_RANGE) && units > site->units - *at)
        return outside(p, "len", units, site->units);
    if (units > site->units - *at)
        units = site->units - *at;
    if (has(p, SIM_ARGUMENT_BIT))
        return settle_bit(p, units);
    if (units > 1)
        *at += sim_parse_draw(p, units);
    return DPUSIM_OK;
}

enum dpusim_status sim_settle_arguments(struct sim_parse *p)
{
    if (!is_given(p, SIM_ARGUMENT_BITS)) /* needed to draw the place */
        p->out.argument[SIM_ARGUMENT_BITS] = sim_argument_initial(SIM_ARGUMENT_BITS);
    enum dpusim_status status = settle_place(p);
    for (unsigned i = 0; i < SIM_ARGUMENT_COUNT; i++) {
        enum sim_inject_argument argument = (enum sim_inject_argument)i;
        uint64_t lowest = sim_inject_argument_get(i)->lowest,
                 initial = sim_argument_initial(argument);
        bool placed = has(p, SIM_ARGUMENT_AT) && (i == SIM_ARGUMENT_AT || i == SIM_ARGUMENT_LEN ||
                                                  i == SIM_ARGUMENT_BIT || i == SIM_ARGUMENT_RANGE);
        if (!has(p, argument) || is_given(p, argument) || placed)
            continue;
        p->out.argument[i] = initial == SIM_DRAWN
                                 ? lowest + sim_parse_draw(p, most_of(p, argument) - lowest + 1)
                                 : initial;
    }
    return status;
}
