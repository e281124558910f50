/* SPDX-License-Identifier: MIT */
/* Specifications of injections: symbols, sites and places. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "inject_parse.h"

/* ---- places by symbol ------------------------------------------------------------------------ */

static enum dpusim_status no_symbol(const struct sim_parse *p, const char *what, const char *name)
{
    const char *nearest = p->program ? isa_program_nearest_symbol(p->program, name) : NULL;
    return isa_fail(p->diag, DPUSIM_UNKNOWN_SYMBOL,
                    "injection \"%s\": no %s \"%s\" in the program%s%s%s%s", p->spec->text, what,
                    name, strcmp(what, "label") == 0 ? "'s code" : "",
                    nearest ? "; nearest: \"" : "", nearest ? nearest : "", nearest ? "\"" : "");
}

/* Units of a label: as its size says, or up to the next label. */
static uint64_t label_units(const struct sim_parse *p, const struct isa_symbol *symbol)
{
    uint32_t address = symbol->value;
    if (symbol->size_bytes)
        return symbol->size_bytes / ISA_INSN_BYTES;
    while (address < ISA_IRAM_BASE + ISA_IRAM_INSNS * ISA_INSN_BYTES) {
        const struct isa_symbol *at = isa_program_symbol_at(p->program, address, true);
        if (!at || at->value != symbol->value)
            break;
        address += ISA_INSN_BYTES;
    }
    return (address - symbol->value) / ISA_INSN_BYTES;
}

enum dpusim_status sim_parse_symbol(struct sim_parse *p, const char *key, const char *text,
                                    const char *what, struct sim_symbol_place *out)
{
    char name[sizeof p->spec->text], offset_key[64];
    const char *plus = strrchr(text, '+');
    uint64_t offset = 0;
    snprintf(name, sizeof name, "%.*s", (int)(plus ? (size_t)(plus - text) : strlen(text)), text);
    snprintf(offset_key, sizeof offset_key, "%s offset", key);
    struct sim_spec_field field = {offset_key, plus ? plus + 1 : NULL};
    if (plus && sim_spec_number(p->spec, &field, 0, UINT32_MAX, &offset, p->diag))
        return DPUSIM_BAD_ARGUMENT;
    const struct isa_symbol *symbol = p->program ? isa_program_find_symbol(p->program, name) : NULL;
    uint32_t at;
    if (!symbol || !symbol->defined || symbol->absolute ||
        !isa_address_split(symbol->value, &out->memory, &at))
        return no_symbol(p, what, name);
    if (strcmp(what, "label") == 0 && out->memory != ISA_IRAM)
        return no_symbol(p, what, name);
    bool is_code = out->memory == ISA_IRAM;
    uint64_t size = is_code ? label_units(p, symbol) : symbol->size_bytes;
    out->unit = (uint32_t)((is_code ? at / ISA_INSN_BYTES : at) + offset);
    out->units = size > offset ? size - offset : 0;
    return DPUSIM_OK;
}

static enum dpusim_status wrong_memory(const struct sim_parse *p,
                                       const struct sim_spec_field *field)
{
    return isa_fail(p->diag, DPUSIM_BAD_ARGUMENT, "injection \"%s\": %s=%s is not in %s",
                    p->spec->text, field->key, field->value,
                    sim_inject_site_get(p->out.site)->name);
}

static bool site_of_memory(enum isa_memory memory, enum sim_inject_site *out)
{
    static const enum sim_inject_site sites[] = {
        [ISA_IRAM] = SIM_SITE_IRAM,
        [ISA_WRAM] = SIM_SITE_WRAM,
        [ISA_MRAM] = SIM_SITE_MRAM,
        [ISA_ATOMIC] = SIM_SITE_ATOMIC,
    };
    if (memory > ISA_ATOMIC)
        return false;
    *out = sites[memory];
    return true;
}

/* ---- site and place -------------------------------------------------------------------------- */

static const struct sim_spec_field *field_of(const struct sim_parse *p, const char *key)
{
    for (unsigned i = 0; i < p->spec->n_fields; i++)
        if (strcmp(p->spec->fields[i].key, key) == 0)
            return &p->spec->fields[i];
    return NULL;
}

/* r5 -> 5 */
static bool register_number(const char *text, uint64_t *out)
{
    if (text[0] != 'r' || !isdigit((unsigned char)text[1]) ||
        (text[2] && (!isdigit((unsigned char)text[2]) || text[3])))
        return false;
    *out = (uint64_t)(text[1] - '0');
    if (text[2])
        *out = *out * 10 + (uint64_t)(text[2] - '0');
    return true;
}

static bool flag_number(const char *text, uint64_t *out)
{
    *out = strcmp(text, "carry") == 0;
    return *out || strcmp(text, "zero") == 0;
}

/* The site that a place tells by its form. */
static bool site_of_place(struct sim_parse *p, const char *text, enum sim_inject_site *out)
{
    struct sim_symbol_place place;
    struct isa_diag *told = p->diag;
    uint64_t number;
    bool found = true;
    p->diag = NULL; /* what is wrong with it is said later */
    if (register_number(text, &number))
        *out = SIM_SITE_REGISTER;
    else if (flag_number(text, &number))
        *out = SIM_SITE_FLAG;
    else
        found = !isdigit((unsigned char)*text) &&
                sim_parse_symbol(p, "at", text, "symbol", &place) == DPUSIM_OK &&
                site_of_memory(place.memory, out);
    p->diag = told;
    return found && p->model->sites >> *out & 1;
}

enum dpusim_status sim_parse_site(struct sim_parse *p)
{
    const struct sim_spec_field *site = field_of(p, "site"), *at = field_of(p, "at");
    const char *names[SIM_SITE_COUNT];
    size_t n = 0;
    for (unsigned i = SIM_SITE_COUNT; i-- > 0;)
        if (p->model->sites >> i & 1)
            p->out.site = (enum sim_inject_site)i;
    if (!site && at && at->value)
        site_of_place(p, at->value, &p->out.site);
    if (!site)
        return DPUSIM_OK;
    for (unsigned i = 0; i < SIM_SITE_COUNT; i++) {
        const char *name = sim_inject_site_get(i)->name;
        if (!(p->model->sites >> i & 1))
            continue;
        names[n++] = name;
        p->out.site = (enum sim_inject_site)i;
        if (site->value && strcmp(name, site->value) == 0)
            return DPUSIM_OK;
    }
    return sim_spec_unknown(p->spec, "site", site->value ? site->value : "", names, n, p->diag);
}

enum dpusim_status sim_parse_place(struct sim_parse *p, const struct sim_spec_field *field,
                                   uint64_t *out)
{
    const struct sim_site_row *site = sim_site_row(p->out.site);
    const char *text = field->value ? field->value : "";
    struct sim_spec_field number = {field->key, text};
    struct sim_symbol_place place;
    enum sim_inject_site of_symbol;
    uint64_t value;
    char digits[24];
    p->range = site->info.unit_bits ? site->place_bits / site->info.unit_bits : 1;
    if ((p->out.site == SIM_SITE_REGISTER && register_number(text, &value)) ||
        (p->out.site == SIM_SITE_FLAG && flag_number(text, &value))) {
        snprintf(digits, sizeof digits, "%" PRIu64, value);
        number.value = digits;
    } else if (*text && !isdigit((unsigned char)*text)) {
        enum dpusim_status status = sim_parse_symbol(
            p, field->key, text, p->out.site == SIM_SITE_IRAM ? "label" : "symbol", &place);
        if (status)
            return status;
        if (!site_of_memory(place.memory, &of_symbol) || of_symbol != p->out.site ||
            place.unit >= site->info.units)
            return wrong_memory(p, field);
        *out = place.unit;
        p->range = place.units ? place.units : p->range;
        return DPUSIM_OK;
    }
    return sim_spec_number(p->spec, &number, 0, site->info.units - 1, out, p->diag);
}
