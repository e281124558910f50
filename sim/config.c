/* SPDX-License-Identifier: MIT */
/* Configuration of a DPU: defaults and settings by name, from timing.def. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "dpusim.h"

static const struct sim_timing_info timings[] = {
#define TIMING(id, initial, lowest, highest, scale, unit, evidence, source, meaning)               \
    {#id, initial, lowest, highest, scale, unit, evidence, source, meaning},
#include "timing.def"
#undef TIMING
};

static const char *const timing_names[] = {
#define TIMING(id, ...) #id,
#include "timing.def"
#undef TIMING
};

const struct sim_timing_info *sim_timing_get(enum sim_timing timing)
{
    return &timings[timing];
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

static enum dpusim_status set_timing(struct sim_config *config, unsigned index, const char *value,
                                     struct isa_diag *diag)
{
    const struct sim_timing_info *info = &timings[index];
    int64_t scaled;
    if (!parse_scaled(value, info->scale, &scaled) || scaled < info->lowest ||
        scaled > info->highest)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "%s=%s: %s%s from %g to %g is wanted",
                        info->name, value, info->scale > 1 ? "a number of " : "a whole number of ",
                        info->unit, (double)info->lowest / (double)info->scale,
                        (double)info->highest / (double)info->scale);
    if (index == SIM_TIMING_dma_row_bytes && !is_power_of_two(scaled))
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "%s=%s: a power of two is wanted", info->name,
                        value);
    config->timing[index] = scaled;
    return DPUSIM_OK;
}

enum dpusim_status sim_config_set_timing(struct sim_config *config, const char *name,
                                         const char *value, struct isa_diag *diag)
{
    for (unsigned i = 0; i < SIM_TIMING_COUNT; i++)
        if (strcmp(timings[i].name, name) == 0)
            return set_timing(config, i, value, diag);
    const char *nearest = isa_nearest(name, timing_names, SIM_TIMING_COUNT);
    return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "no timing parameter \"%s\"%s%s%s", name,
                    nearest ? "; did you mean \"" : "", nearest ? nearest : "",
                    nearest ? "\"?" : "");
}
