/* SPDX-License-Identifier: MIT */
/* Specifications of injections: when they happen. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "inject_parse.h"

/* INDEX, SYMBOL or SYMBOL+INSTRUCTIONS. */
static enum dpusim_status parse_pc(struct sim_parse *p, const struct sim_spec_field *field)
{
    struct sim_symbol_place place;
    if (isdigit((unsigned char)*field->value))
        return sim_spec_number(p->spec, field, 0, ISA_IRAM_INSNS - 1, &p->out.at, p->diag);
    enum dpusim_status status = sim_parse_symbol(p, field->key, field->value, "label", &place);
    if (!status)
        p->out.at = place.unit;
    return status;
}

/* FIRST-LAST, FIRST, or a symbol. */
static enum dpusim_status parse_range(struct sim_parse *p, const struct sim_spec_field *field,
                                      bool is_code)
{
    struct sim_ranges ranges = {0};
    struct sim_symbol_place place;
    uint64_t most = is_code ? ISA_IRAM_INSNS - 1 : ISA_MRAM_BASE + ISA_MRAM_BYTES - 1;
    if (isdigit((unsigned char)*field->value)) {
        enum dpusim_status status = sim_spec_ranges(p->spec, field, most, &ranges, p->diag);
        if (status)
            return status;
        p->out.at = ranges.range[0].first;
        p->out.until = ranges.range[0].last + 1;
        return DPUSIM_OK;
    }
    enum dpusim_status status =
        sim_parse_symbol(p, field->key, field->value, is_code ? "label" : "symbol", &place);
    if (status)
        return status;
    if (!is_code && place.memory != ISA_WRAM && place.memory != ISA_MRAM)
        return isa_fail(p->diag, DPUSIM_BAD_ARGUMENT,
                        "injection \"%s\": %s=%s is neither in WRAM nor in MRAM", p->spec->text,
                        field->key, field->value);
    p->out.at = place.unit + (!is_code && place.memory == ISA_MRAM ? ISA_MRAM_BASE : 0);
    p->out.until = p->out.at + (place.units ? place.units : 1);
    return DPUSIM_OK;
}

static enum dpusim_status parse_trigger_value(struct sim_parse *p,
                                              const struct sim_spec_field *field)
{
    switch (p->out.trigger) {
    case SIM_TRIGGER_PC:
        return parse_pc(p, field);
    case SIM_TRIGGER_READ:
    case SIM_TRIGGER_WRITE:
        return parse_range(p, field, false);
    case SIM_TRIGGER_SYMBOL:
        return parse_range(p, field, true);
    case SIM_TRIGGER_RANDOM:
        return sim_spec_number(p->spec, field, 1, UINT64_MAX - 1, &p->out.at, p->diag);
    default:
        return sim_spec_number(p->spec, field, 0, UINT64_MAX, &p->out.at, p->diag);
    }
}

enum dpusim_status sim_parse_trigger(struct sim_parse *p, enum sim_inject_trigger trigger,
                                     const struct sim_spec_field *field)
{
    if (trigger == SIM_TRIGGER_LAUNCH)
        return sim_spec_number(p->spec, field, 1, UINT64_MAX, &p->out.launch, p->diag);
    if (p->has_trigger)
        return isa_fail(p->diag, DPUSIM_BAD_ARGUMENT,
                        "injection \"%s\": two triggers, one is wanted", p->spec->text);
    p->has_trigger = true;
    p->out.trigger = trigger;
    if (trigger == SIM_TRIGGER_DMA || trigger == SIM_TRIGGER_EACH)
        return DPUSIM_OK;
    if (!field->value || !*field->value)
        return isa_fail(p->diag, DPUSIM_BAD_ARGUMENT, "injection \"%s\": %s needs a value",
                        p->spec->text, field->key);
    return parse_trigger_value(p, field);
}

static enum dpusim_status no_trigger(const struct sim_parse *p)
{
    char list[200] = "";
    for (unsigned i = 0; i < SIM_TRIGGER_EACH; i++) {
        const struct sim_inject_info *info = sim_inject_trigger_get(i);
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s%s",
                 i == 0                     ? ""
                 : i + 1 < SIM_TRIGGER_EACH ? ", "
                                            : " or ",
                 info->name, info->value[0] == '(' ? "" : "=");
    }
    return isa_fail(p->diag, DPUSIM_BAD_ARGUMENT, "injection \"%s\": when? one of %s is wanted",
                    p->spec->text, list);
}

enum dpusim_status sim_settle_trigger(struct sim_parse *p)
{
    if (p->has_trigger)
        return DPUSIM_OK;
    p->out.trigger = p->out.launch || p->model->lasting ? SIM_TRIGGER_LAUNCH : SIM_TRIGGER_EACH;
    bool every = sim_inject_row(p->out.model)->target == NULL;
    return p->out.trigger == SIM_TRIGGER_EACH && every ? no_trigger(p) : DPUSIM_OK;
}
