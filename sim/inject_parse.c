/* SPDX-License-Identifier: MIT */
/* Specifications of injections, from text. What they leave open is drawn here, with their seed, so
 * that an injection in memory is exact. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "inject.h"

enum { MOST_NAMES = 64, WORD_BITS = 32, BYTE_BITS = 8, DMA_BITS = 2048 * 8 };

/* Keys that every model has, besides the triggers. */
static const char *const common_keys[] = {"site", "tasklet", "nth", "seed"};
enum { COMMON_KEYS = sizeof common_keys / sizeof *common_keys };

struct parse {
    struct sim_injection out;
    const struct sim_inject_info *model;
    const struct sim_spec *spec;
    const struct isa_program *program;
    struct isa_diag *diag;
    uint32_t given; /* arguments */
    uint64_t range; /* units of the symbol or place that `at` names; 0: not named */
    uint64_t rng;
    bool has_trigger;
};

static uint64_t draw(struct parse *p, uint64_t count)
{
    p->out.seeded = true;
    return sim_random(&p->rng) % count;
}

/* ---- names ----------------------------------------------------------------------------------- */

static enum dpusim_status find_model(struct parse *p)
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

static enum dpusim_status unknown_key(const struct parse *p, const char *key)
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

static enum dpusim_status no_symbol(const struct parse *p, const char *what, const char *name)
{
    const char *nearest = p->program ? isa_program_nearest_symbol(p->program, name) : NULL;
    return isa_fail(p->diag, DPUSIM_UNKNOWN_SYMBOL,
                    "injection \"%s\": no %s \"%s\" in the program%s%s%s%s", p->spec->text, what,
                    name, strcmp(what, "label") == 0 ? "'s code" : "",
                    nearest ? "; nearest: \"" : "", nearest ? nearest : "", nearest ? "\"" : "");
}

/* ---- places by symbol ------------------------------------------------------------------------ */

struct symbol_place {
    enum isa_memory memory;
    uint32_t unit;  /* bytes; in IRAM instructions; atomic: number of the bit */
    uint64_t units; /* from there to the end of the symbol; 0: not known */
};

/* Units of a label: as its size says, or up to the next label. */
static uint64_t label_units(const struct parse *p, const struct isa_symbol *symbol)
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

/* SYMBOL or SYMBOL+UNITS. what: "label", "symbol". */
static enum dpusim_status find_symbol(struct parse *p, const char *key, const char *text,
                                      const char *what, struct symbol_place *out)
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

static enum dpusim_status wrong_memory(const struct parse *p, const struct sim_spec_field *field)
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

static const struct sim_spec_field *field_of(const struct parse *p, const char *key)
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
static bool site_of_place(struct parse *p, const char *text, enum sim_inject_site *out)
{
    struct symbol_place place;
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
                find_symbol(p, "at", text, "symbol", &place) == DPUSIM_OK &&
                site_of_memory(place.memory, out);
    p->diag = told;
    return found && p->model->sites >> *out & 1;
}

static enum dpusim_status find_site(struct parse *p)
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

/* at=: a number, rN, zero, carry, or a symbol in the memory that the site is. */
static enum dpusim_status parse_place(struct parse *p, const struct sim_spec_field *field,
                                      uint64_t *out)
{
    const struct sim_site_row *site = sim_site_row(p->out.site);
    const char *text = field->value ? field->value : "";
    struct sim_spec_field number = {field->key, text};
    struct symbol_place place;
    enum sim_inject_site of_symbol;
    uint64_t value;
    char digits[24];
    p->range = site->info.unit_bits ? site->place_bits / site->info.unit_bits : 1;
    if ((p->out.site == SIM_SITE_REGISTER && register_number(text, &value)) ||
        (p->out.site == SIM_SITE_FLAG && flag_number(text, &value))) {
        snprintf(digits, sizeof digits, "%" PRIu64, value);
        number.value = digits;
    } else if (*text && !isdigit((unsigned char)*text)) {
        enum dpusim_status status = find_symbol(
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

/* ---- triggers -------------------------------------------------------------------------------- */

/* INDEX, SYMBOL or SYMBOL+INSTRUCTIONS. */
static enum dpusim_status parse_pc(struct parse *p, const struct sim_spec_field *field)
{
    struct symbol_place place;
    if (isdigit((unsigned char)*field->value))
        return sim_spec_number(p->spec, field, 0, ISA_IRAM_INSNS - 1, &p->out.at, p->diag);
    enum dpusim_status status = find_symbol(p, field->key, field->value, "label", &place);
    if (!status)
        p->out.at = place.unit;
    return status;
}

/* FIRST-LAST, FIRST, or a symbol. */
static enum dpusim_status parse_range(struct parse *p, const struct sim_spec_field *field,
                                      bool is_code)
{
    struct sim_ranges ranges = {0};
    struct symbol_place place;
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
        find_symbol(p, field->key, field->value, is_code ? "label" : "symbol", &place);
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

static enum dpusim_status parse_trigger_value(struct parse *p, const struct sim_spec_field *field)
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

static enum dpusim_status parse_trigger(struct parse *p, enum sim_inject_trigger trigger,
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

static enum dpusim_status no_trigger(const struct parse *p)
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

static enum dpusim_status settle_trigger(struct parse *p)
{
    if (p->has_trigger)
        return DPUSIM_OK;
    p->out.trigger = p->out.launch || p->model->lasting ? SIM_TRIGGER_LAUNCH : SIM_TRIGGER_EACH;
    bool every = sim_inject_row(p->out.model)->target == NULL;
    return p->out.trigger == SIM_TRIGGER_EACH && every ? no_trigger(p) : DPUSIM_OK;
}

/* ---- arguments ------------------------------------------------------------------------------- */

static uint64_t ones(unsigned bits)
{
    return (UINT64_C(1) << bits) - 1;
}

static bool has(const struct parse *p, enum sim_inject_argument argument)
{
    return p->model->arguments >> argument & 1;
}

/* Largest value where the row's is not what counts. */
static uint64_t most_of(const struct parse *p, enum sim_inject_argument argument)
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

static enum dpusim_status parse_argument(struct parse *p, enum sim_inject_argument argument,
                                         const struct sim_spec_field *field)
{
    uint64_t *out = &p->out.argument[argument];
    p->given |= 1u << argument;
    if (argument == SIM_ARGUMENT_AT || argument == SIM_ARGUMENT_ONLY)
        return parse_place(p, field, out);
    return sim_spec_number(p->spec, field, sim_inject_argument_get(argument)->lowest,
                           most_of(p, argument), out, p->diag);
}

static bool is_given(const struct parse *p, enum sim_inject_argument argument)
{
    return p->given >> argument & 1;
}

/* Units among which the place is drawn; 1: it is exact. */
static uint64_t range_of(struct parse *p, const struct sim_inject_info *site)
{
    if (is_given(p, SIM_ARGUMENT_RANGE))
        return p->out.argument[SIM_ARGUMENT_RANGE];
    if (!is_given(p, SIM_ARGUMENT_AT))
        return site->units;
    return has(p, SIM_ARGUMENT_BIT) ? p->range : 1;
}

static enum dpusim_status outside(const struct parse *p, const char *what, uint64_t found,
                                  uint64_t most)
{
    return isa_fail(p->diag, DPUSIM_BAD_ARGUMENT,
                    "injection \"%s\": %s=%" PRIu64 ": the place ends at %" PRIu64, p->spec->text,
                    what, found, most);
}

/* The bit of the range becomes a bit of a unit. */
static enum dpusim_status settle_bit(struct parse *p, uint64_t units)
{
    const struct sim_site_row *site = sim_site_row(p->out.site);
    uint64_t *at = &p->out.argument[SIM_ARGUMENT_AT], *bit = &p->out.argument[SIM_ARGUMENT_BIT];
    uint64_t all = units * site->info.unit_bits, bits = 1;
    if (has(p, SIM_ARGUMENT_BITS))
        bits = p->out.argument[SIM_ARGUMENT_BITS];
    if (!is_given(p, SIM_ARGUMENT_BIT))
        *bit = draw(p, all);
    if (*bit >= all)
        return outside(p, "bit", *bit, all - 1);
    *at += *bit / site->info.unit_bits;
    *bit %= site->info.unit_bits;
    if (*bit + bits > site->place_bits && !is_given(p, SIM_ARGUMENT_BIT) &&
        bits <= site->place_bits)
        *bit = site->place_bits - bits;
    if (*bit + bits > site->place_bits)
        return outside(p, "bits", bits, site->place_bits);
    return DPUSIM_OK;
}

static enum dpusim_status settle_place(struct parse *p)
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
            *at = draw(p, site->units);
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
        *at += draw(p, units);
    return DPUSIM_OK;
}

static void settle_arguments(struct parse *p)
{
    for (unsigned i = 0; i < SIM_ARGUMENT_COUNT; i++) {
        enum sim_inject_argument argument = (enum sim_inject_argument)i;
        uint64_t lowest = sim_inject_argument_get(i)->lowest,
                 initial = sim_argument_initial(argument);
        bool placed = has(p, SIM_ARGUMENT_AT) && (i == SIM_ARGUMENT_AT || i == SIM_ARGUMENT_LEN ||
                                                  i == SIM_ARGUMENT_BIT || i == SIM_ARGUMENT_RANGE);
        if (!has(p, argument) || is_given(p, argument) || placed)
            continue;
        p->out.argument[i] =
            initial == SIM_DRAWN ? lowest + draw(p, most_of(p, argument) - lowest + 1) : initial;
    }
}

/* ---- the whole ------------------------------------------------------------------------------- */

static enum dpusim_status parse_tasklets(struct parse *p, const struct sim_spec_field *field)
{
    struct sim_ranges ranges = {0};
    enum dpusim_status status =
        sim_spec_ranges(p->spec, field, ISA_MAX_THREADS - 1, &ranges, p->diag);
    for (unsigned i = 0; !status && i < ISA_MAX_THREADS; i++)
        p->out.tasklets |= (uint32_t)sim_ranges_have(&ranges, i) << i;
    return status;
}

static enum dpusim_status parse_field(struct parse *p, const struct sim_spec_field *field)
{
    const char *key = field->key;
    for (unsigned i = 0; i < SIM_TRIGGER_COUNT; i++)
        if (strcmp(key, sim_inject_trigger_get(i)->name) == 0)
            return parse_trigger(p, (enum sim_inject_trigger)i, field);
    for (unsigned i = 0; i < SIM_ARGUMENT_COUNT; i++)
        if (p->model->arguments >> i & 1 && strcmp(key, sim_inject_argument_get(i)->name) == 0)
            return parse_argument(p, (enum sim_inject_argument)i, field);
    if (strcmp(key, "site") == 0)
        return DPUSIM_OK; /* find_site */
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

/* Default of BITS is needed to draw the place. */
static enum dpusim_status settle(struct parse *p)
{
    enum dpusim_status status = settle_trigger(p);
    if (status)
        return status;
    p->rng = p->out.seed;
    if (p->out.trigger == SIM_TRIGGER_RANDOM) {
        p->out.trigger = SIM_TRIGGER_TOTAL;
        p->out.at = 1 + draw(p, p->out.at);
    }
    if (!is_given(p, SIM_ARGUMENT_BITS))
        p->out.argument[SIM_ARGUMENT_BITS] = sim_argument_initial(SIM_ARGUMENT_BITS);
    status = settle_place(p);
    settle_arguments(p);
    return status;
}

enum dpusim_status sim_injection_from(struct sim_injection *out, const struct sim_spec *spec,
                                      const struct isa_program *program, struct isa_diag *diag)
{
    struct parse p = {.out = {.nth = 1, .seed = 1}, .spec = spec, .program = program, .diag = diag};
    enum dpusim_status status = find_model(&p);
    if (!status)
        status = find_site(&p);
    for (unsigned i = 0; i < spec->n_fields && !status; i++)
        status = parse_field(&p, &spec->fields[i]);
    if (!status)
        status = settle(&p);
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
