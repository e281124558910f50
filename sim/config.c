/* SPDX-License-Identifier: MIT */
/* Configuration of a DPU: settings by name, from the table timing.def and the few that are no
 * numbers (setting.def), from texts and files; where each value came from; and which values make no
 * sense together. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dpusim.h"
#include "check.h"

static const struct sim_timing_info timings[] = {
#define TIMING(id, section, initial, lowest, highest, scale, unit, evidence, source, meaning)      \
    {#id, initial, lowest, highest, scale, unit, evidence, source, meaning, #section},
#include "timing.def"
#undef TIMING
};

/* Full names, then the short ones of numbers. */
static const char *const names[] = {
#define TIMING(id, section, ...) #section "." #id,
#include "timing.def"
#undef TIMING
#define SETTING(id, section, ...) #section "." #id,
#include "setting.def"
#undef SETTING
#define TIMING(id, ...) #id,
#include "timing.def"
#undef TIMING
};

static const char *const meanings[] = {
#define SETTING(id, section, initial, meaning) meaning,
#include "setting.def"
#undef SETTING
};

static const char *const mode_names[] = {"functional", "cycle"};

static const char *const poisons[] = {
#define POISON(id, name, meaning) name,
#include "poison.def"
#undef POISON
};

const struct sim_timing_info *sim_timing_get(enum sim_timing timing)
{
    return &timings[timing];
}

const char *sim_setting_name(unsigned setting)
{
    return names[setting];
}

const char *sim_setting_meaning(unsigned setting)
{
    return setting < SIM_TIMING_COUNT ? timings[setting].meaning
                                      : meanings[setting - SIM_TIMING_COUNT];
}

const char *sim_version(void)
{
    return DPUSIM_VERSION;
}

void sim_config_init(struct sim_config *config)
{
    *config = (struct sim_config){.chip = ISA_CHIP_V1A, .follow_program = true};
    for (unsigned i = 0; i < SIM_TIMING_COUNT; i++)
        config->timing[i] = timings[i].initial;
}

void sim_origins_init(struct sim_origins *origins)
{
    for (unsigned i = 0; i < SIM_SETTING_COUNT; i++)
        strcpy(origins->text[i], "default");
}

/* ---- values ---------------------------------------------------------------------------------- */

/* Decimal number times scale, rounded to nearest; independent of the locale. False when malformed.
 */
static bool parse_scaled(const char *text, int64_t scale, int64_t *out)
{
    int64_t whole = 0, fraction = 0, unit = 1;
    if (!isdigit((unsigned char)*text))
        return false;
    for (; isdigit((unsigned char)*text) && whole < INT32_MAX; text++)
        whole = whole * 10 + (*text - '0');
    if (*text == '.' && scale > 1)
        for (text++; isdigit((unsigned char)*text) && unit < 100000000; text++) {
            fraction = fraction * 10 + (*text - '0');
            unit *= 10;
        }
    *out = whole * scale + (fraction * scale + unit / 2) / unit;
    return *text == '\0';
}

static bool is_power_of_two(int64_t value)
{
    return value > 0 && (value & (value - 1)) == 0;
}

static bool wants_power_of_two(unsigned index)
{
    return index == SIM_TIMING_dma_row_bytes || index == SIM_TIMING_dma_width_bytes ||
           index == SIM_TIMING_cache_line_bytes;
}

static enum dpusim_status set_timing(struct sim_config *config, unsigned index, const char *value,
                                     struct isa_diag *diag)
{
    const struct sim_timing_info *info = &timings[index];
    int64_t scaled;
    if (!parse_scaled(value, info->scale, &scaled) || scaled < info->lowest ||
        scaled > info->highest)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "%s=%s: %s%s from %.10g to %.10g is wanted",
                        info->name, value, info->scale > 1 ? "a number of " : "a whole number of ",
                        info->unit, (double)info->lowest / (double)info->scale,
                        (double)info->highest / (double)info->scale);
    if (wants_power_of_two(index) && !is_power_of_two(scaled))
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "%s=%s: a power of two is wanted", info->name,
                        value);
    if (index == SIM_TIMING_wram_bytes && scaled % 8)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "%s=%s: a multiple of 8 is wanted", info->name,
                        value);
    config->timing[index] = scaled;
    return DPUSIM_OK;
}

static enum dpusim_status set_chip(struct sim_config *config, const char *value,
                                   struct isa_diag *diag)
{
    bool follow = strcmp(value, "program") == 0;
    enum isa_chip chip = follow ? config->chip : isa_chip_find(value);
    if (chip == ISA_CHIP_COUNT)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "machine.chip=%s: v1A, v1B or program is wanted",
                        value);
    config->chip = chip;
    config->follow_program = follow;
    return DPUSIM_OK;
}

static enum dpusim_status set_mode(struct sim_config *config, const char *value,
                                   struct isa_diag *diag)
{
    for (unsigned mode = 0; mode < 2; mode++)
        if (strcmp(value, mode_names[mode]) == 0) {
            config->mode = (enum sim_mode)mode;
            return DPUSIM_OK;
        }
    return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "machine.mode=%s: functional or cycle is wanted",
                    value);
}

static bool parse_u64(const char *text, uint64_t *out)
{
    char *end;
    errno = 0;
    *out = strtoull(text, &end, 0);
    return isdigit((unsigned char)*text) && !*end && !errno;
}

static enum dpusim_status set_order_seed(struct sim_config *config, const char *value,
                                         struct isa_diag *diag)
{
    uint64_t seed;
    if (!parse_u64(value, &seed))
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                        "machine.order_seed=%s: a whole number from 0 to 2^64 - 1 is wanted",
                        value);
    config->order_seed = seed;
    return DPUSIM_OK;
}

static enum dpusim_status set_quantum(struct sim_config *config, const char *value,
                                      struct isa_diag *diag)
{
    int64_t quantum;
    if (!parse_scaled(value, 1, &quantum) || quantum > INT32_MAX)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                        "machine.quantum=%s: a whole number of instructions from 0 to 2^31 - 1 is "
                        "wanted",
                        value);
    config->quantum = (uint32_t)quantum;
    return DPUSIM_OK;
}

static enum dpusim_status set_check(struct sim_config *config, const char *value,
                                    struct isa_diag *diag)
{
    return sim_checks_parse(&config->checks, value, diag);
}

static enum dpusim_status set_poison(struct sim_config *config, const char *value,
                                     struct isa_diag *diag)
{
    const char *colon = strchr(value, ':');
    size_t len = colon ? (size_t)(colon - value) : strlen(value);
    uint64_t seed = 0;
    for (unsigned i = 0; i < SIM_POISON_COUNT; i++)
        if (strlen(poisons[i]) == len && memcmp(poisons[i], value, len) == 0 &&
            (i == SIM_POISON_RANDOM) == (colon != NULL) &&
            (!colon || parse_u64(colon + 1, &seed))) {
            config->poison = (enum sim_poison)i;
            config->poison_seed = seed;
            return DPUSIM_OK;
        }
    return isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                    "machine.poison=%s: zero, ff or random:SEED is wanted", value);
}

static enum dpusim_status set_count_mix(struct sim_config *config, const char *value,
                                        struct isa_diag *diag)
{
    if (strcmp(value, "0") != 0 && strcmp(value, "1") != 0)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "machine.count_mix=%s: 0 or 1 is wanted", value);
    config->count_mix = *value == '1';
    return DPUSIM_OK;
}

static enum dpusim_status (*const setters[])(struct sim_config *, const char *,
                                             struct isa_diag *) = {
#define SETTING(id, ...) set_##id,
#include "setting.def"
#undef SETTING
};

static enum dpusim_status set_number(struct sim_config *config, unsigned setting, const char *value,
                                     struct isa_diag *diag)
{
    return setting < SIM_TIMING_COUNT ? set_timing(config, setting, value, diag)
                                      : setters[setting - SIM_TIMING_COUNT](config, value, diag);
}

/* ---- names ----------------------------------------------------------------------------------- */

/* SIM_SETTING_COUNT: unknown. */
static unsigned find_setting(const char *name)
{
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return i < SIM_SETTING_COUNT ? i : i - SIM_SETTING_COUNT;
    return SIM_SETTING_COUNT;
}

static enum dpusim_status unknown(const char *what, const char *name, const char *const *known,
                                  size_t count, struct isa_diag *diag)
{
    const char *nearest = isa_nearest(name, known, count);
    return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "no %s \"%s\"%s%s%s", what, name,
                    nearest ? "; did you mean \"" : "", nearest ? nearest : "",
                    nearest ? "\"?" : "");
}

/* What the name is short of, when it has another section; for the sentence only. */
static const char *other_section(const char *name)
{
    const char *dot = strchr(name, '.');
    unsigned i = dot ? find_setting(dot + 1) : SIM_SETTING_COUNT;
    return i < SIM_SETTING_COUNT ? names[i] : NULL;
}

enum dpusim_status sim_config_set(struct sim_config *config, const char *name, const char *value,
                                  const char *where, struct sim_origins *origins,
                                  struct isa_diag *diag)
{
    unsigned setting = find_setting(name);
    const char *other = other_section(name);
    if (setting == SIM_SETTING_COUNT && other)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "no setting \"%s\"; did you mean \"%s\"?", name,
                        other);
    if (setting == SIM_SETTING_COUNT)
        return unknown("setting", name, names, sizeof names / sizeof names[0], diag);
    enum dpusim_status status = set_number(config, setting, value, diag);
    if (!status && origins)
        snprintf(origins->text[setting], sizeof origins->text[setting], "%s", where);
    return status;
}

enum dpusim_status sim_config_set_timing(struct sim_config *config, const char *name,
                                         const char *value, struct isa_diag *diag)
{
    unsigned setting = find_setting(name);
    if (setting < SIM_TIMING_COUNT)
        return set_timing(config, setting, value, diag);
    return unknown("timing parameter", name, names + SIM_SETTING_COUNT, SIM_TIMING_COUNT, diag);
}

static void poison_text(const struct sim_config *config, char *buffer, size_t size)
{
    const char *name = poisons[config->poison];
    if (config->poison == SIM_POISON_RANDOM)
        snprintf(buffer, size, "%s:%" PRIu64, name, config->poison_seed);
    else
        snprintf(buffer, size, "%s", name);
}

void sim_setting_text(const struct sim_config *config, unsigned setting, char *buffer, size_t size)
{
    if (setting < SIM_TIMING_COUNT)
        snprintf(buffer, size, "%.10g",
                 (double)config->timing[setting] / (double)timings[setting].scale);
    else if (setting == SIM_SETTING_chip)
        snprintf(buffer, size, "%s",
                 config->follow_program ? "program" : isa_chip_get(config->chip)->name);
    else if (setting == SIM_SETTING_mode)
        snprintf(buffer, size, "%s", mode_names[config->mode == SIM_CYCLE]);
    else if (setting == SIM_SETTING_order_seed)
        snprintf(buffer, size, "%" PRIu64, config->order_seed);
    else if (setting == SIM_SETTING_quantum)
        snprintf(buffer, size, "%" PRIu32, config->quantum);
    else if (setting == SIM_SETTING_check)
        sim_checks_text(config->checks, buffer, size);
    else if (setting == SIM_SETTING_poison)
        poison_text(config, buffer, size);
    else
        snprintf(buffer, size, "%d", config->count_mix);
}

/* ---- texts and files ------------------------------------------------------------------------- */

static char *trim(char *text)
{
    char *end = text + strlen(text);
    while (end > text && isspace((unsigned char)end[-1]))
        *--end = 0;
    return text + strspn(text, " \t\r\n");
}

/* One "name = value"; an empty item is none. Changes the text. */
static enum dpusim_status set_item(struct sim_config *config, char *item, const char *where,
                                   struct sim_origins *origins, struct isa_diag *diag)
{
    char *equal = strchr(item, '=');
    item = trim(item);
    if (!*item)
        return DPUSIM_OK;
    if (!equal)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "\"%s\" has no \"=\"; name = value is wanted",
                        item);
    *equal = 0;
    return sim_config_set(config, trim(item), trim(equal + 1), where, origins, diag);
}

/* What several settings change: taken as a whole, or not at all. */
struct change {
    struct sim_config config;
    struct sim_origins origins;
};

static struct change change_begin(const struct sim_config *config,
                                  const struct sim_origins *origins)
{
    struct change change = {.config = *config};
    if (origins)
        change.origins = *origins;
    return change;
}

static void change_take(const struct change *change, struct sim_config *config,
                        struct sim_origins *origins)
{
    *config = change->config;
    if (origins)
        *origins = change->origins;
}

enum dpusim_status sim_config_set_all(struct sim_config *config, const char *text,
                                      const char *where, struct sim_origins *origins,
                                      struct isa_diag *diag)
{
    struct change change = change_begin(config, origins);
    enum dpusim_status status = DPUSIM_OK;
    char *copy = strdup(text);
    if (!copy)
        return isa_fail(diag, DPUSIM_NO_MEMORY, "sim_config_set_all: out of memory");
    for (char *item = copy; item && !status;) {
        char *end = strchr(item, ';');
        if (end)
            *end++ = 0;
        status = set_item(&change.config, item, where, &change.origins, diag);
        item = end;
    }
    free(copy);
    if (!status)
        change_take(&change, config, origins);
    return status;
}

/* Put "file:line: " before the sentence. */
static enum dpusim_status fail_at(struct isa_diag *diag, enum dpusim_status status,
                                  const char *place)
{
    struct isa_diag inner;
    if (!diag)
        return status;
    inner = *diag;
    return isa_fail(diag, status, "%s: %s", place, inner.text);
}

static enum dpusim_status read_lines(struct sim_config *config, FILE *file, const char *path,
                                     struct sim_origins *origins, struct isa_diag *diag)
{
    char *line = NULL, place[64];
    size_t room = 0;
    enum dpusim_status status = DPUSIM_OK;
    for (unsigned number = 1; !status && getline(&line, &room, file) >= 0; number++) {
        size_t len = strlen(path), most = sizeof place - 16;
        snprintf(place, sizeof place, "%s:%u", len > most ? path + len - most : path, number);
        line[strcspn(line, "#")] = 0;
        status = set_item(config, line, place, origins, diag);
    }
    free(line);
    return status ? fail_at(diag, status, place) : DPUSIM_OK;
}

enum dpusim_status sim_config_read_file(struct sim_config *config, const char *path,
                                        struct sim_origins *origins, struct isa_diag *diag)
{
    struct change change = change_begin(config, origins);
    FILE *file = fopen(path, "r");
    if (!file)
        return isa_fail(diag, DPUSIM_NO_SUCH_FILE, "%s: %s", path, strerror(errno));
    enum dpusim_status status = read_lines(&change.config, file, path, &change.origins, diag);
    if (!status && ferror(file))
        status = isa_fail(diag, DPUSIM_NO_SUCH_FILE, "%s: %s", path, strerror(errno));
    fclose(file);
    if (!status)
        change_take(&change, config, origins);
    return status;
}

/* ---- values together ------------------------------------------------------------------------- */

static int64_t value(const struct sim_config *config, enum sim_timing timing)
{
    return config->timing[timing];
}

static enum dpusim_status check_forwarding(const struct sim_config *c, struct isa_diag *diag)
{
    static const enum sim_timing latencies[] = {SIM_TIMING_forward_spacing, SIM_TIMING_forward_alu,
                                                SIM_TIMING_forward_load};
    if (!value(c, SIM_TIMING_forwarding))
        return DPUSIM_OK;
    for (unsigned i = 0; i < 3; i++)
        if (value(c, latencies[i]) > value(c, SIM_TIMING_issue_spacing))
            return isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                            "study.%s=%d is more than timing.issue_spacing=%d: forwarding would "
                            "slow tasklets down",
                            timings[latencies[i]].name, (int)value(c, latencies[i]),
                            (int)value(c, SIM_TIMING_issue_spacing));
    return DPUSIM_OK;
}

static enum dpusim_status check_engine(const struct sim_config *c, struct isa_diag *diag)
{
    int width = (int)value(c, SIM_TIMING_dma_width_bytes);
    int row = (int)value(c, SIM_TIMING_dma_row_bytes);
    int engines = (int)value(c, SIM_TIMING_dma_engines);
    if (width > 8 && width > row)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                        "study.dma_width_bytes=%d is more than a row, timing.dma_row_bytes=%d",
                        width, row);
    if (value(c, SIM_TIMING_dram_detailed) && engines > 1)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                        "study.dram_detailed=1 has one bank behind one engine, but "
                        "study.dma_engines=%d",
                        engines);
    return DPUSIM_OK;
}

static enum dpusim_status check_cache(const struct sim_config *c, struct isa_diag *diag)
{
    int64_t bytes = value(c, SIM_TIMING_cache_bytes), line = value(c, SIM_TIMING_cache_line_bytes);
    int64_t set_bytes = line * value(c, SIM_TIMING_cache_ways);
    if (bytes == 0)
        return DPUSIM_OK;
    if (bytes % set_bytes)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                        "study.cache_bytes=%d is no multiple of a set, cache_line_bytes=%d x "
                        "cache_ways=%d",
                        (int)bytes, (int)line, (int)value(c, SIM_TIMING_cache_ways));
    if (value(c, SIM_TIMING_cache_most_bytes) > line)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                        "study.cache_most_bytes=%d is more than a line, study.cache_line_bytes=%d",
                        (int)value(c, SIM_TIMING_cache_most_bytes), (int)line);
    return DPUSIM_OK;
}

enum dpusim_status sim_config_check(const struct sim_config *config, struct isa_diag *diag)
{
    static enum dpusim_status (*const checks[])(const struct sim_config *, struct isa_diag *) = {
        check_forwarding, check_engine, check_cache};
    enum dpusim_status status = DPUSIM_OK;
    for (unsigned i = 0; i < sizeof checks / sizeof checks[0] && !status; i++)
        status = checks[i](config, diag);
    return status;
}
