/* SPDX-License-Identifier: MIT */
/* Settings of a run, and `dpusim config`, which prints what is in force and where it came from. */
#include "configure.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"

bool configure_is_setting(const char *item)
{
    static const char *const sections[] = {"timing.", "machine.", "study.", "host."};
    for (unsigned i = 0; i < sizeof sections / sizeof sections[0]; i++)
        if (strncmp(item, sections[i], strlen(sections[i])) == 0)
            return true;
    return false;
}

struct target {
    const struct verb *verb;
    struct sim_config *config;
    struct sim_origins *origins;
};

static int set(const struct target *target, const char *name, const char *value, const char *where)
{
    struct isa_diag diag = {""};
    enum dpusim_status status =
        sim_config_set(target->config, name, value, where, target->origins, &diag);
    return status ? options_complain(target->verb, "%s: %s", where, diag.text) : TOOL_OK;
}

static int set_item(const struct target *target, const char *item, const char *where)
{
    const char *equal = strchr(item, '=');
    if (!equal)
        return options_complain(target->verb, "%s=%.60s: write %s NAME=VALUE", where, item, where);
    char *name = tool_copy(item, (size_t)(equal - item));
    int code = set(target, name, equal + 1, where);
    free(name);
    return code;
}

static int set_list(const struct target *target, const struct text_list *list, const char *where,
                    bool settings_only)
{
    int code = TOOL_OK;
    for (size_t i = 0; list && i < list->count && !code; i++)
        if (!settings_only || configure_is_setting(list->items[i]))
            code = set_item(target, list->items[i], where);
    return code;
}

static int read_file(const struct target *target, const char *path)
{
    struct isa_diag diag = {""};
    enum dpusim_status status = sim_config_read_file(target->config, path, target->origins, &diag);
    return status ? tool_fail(target->verb->name, status, &diag) : TOOL_OK;
}

static int use_variable(const struct target *target, const char *name, const char *variable)
{
    const char *value = getenv(variable);
    return value && *value ? set(target, name, value, variable) : TOOL_OK;
}

static int use_environment(const struct target *target)
{
    const char *path = getenv("DPUSIM_CONFIG"), *text = getenv("DPUSIM_SET");
    struct isa_diag diag = {""};
    int code = path && *path ? read_file(target, path) : TOOL_OK;
    enum dpusim_status status = DPUSIM_OK;
    if (!code)
        code = use_variable(target, "machine.check", "DPUSIM_CHECK");
    if (!code)
        code = use_variable(target, "machine.poison", "DPUSIM_POISON");
    if (!code && text)
        status = sim_config_set_all(target->config, text, "DPUSIM_SET", target->origins, &diag);
    if (status) {
        tool_error(target->verb->name, "DPUSIM_SET: %s", diag.text);
        return TOOL_USAGE;
    }
    return code;
}

int configure(const struct verb *verb, const struct configure *given, struct sim_config *config,
              struct sim_origins *origins)
{
    struct target target = {verb, config, origins};
    struct isa_diag diag = {""};
    sim_config_init(config);
    sim_origins_init(origins);
    config->mode = given->initial_mode;
    int code = use_environment(&target);
    if (!code && given->file)
        code = read_file(&target, given->file);
    if (!code && given->mode)
        code = set(&target, "machine.mode", given->mode, "--mode");
    if (!code && given->chip)
        code = set(&target, "machine.chip", given->chip, "--chip");
    if (!code && given->order_seed)
        code = set(&target, "machine.order_seed", given->order_seed, "--order-seed");
    if (!code && given->check)
        code = set(&target, "machine.check", given->check, "--check");
    if (!code && given->poison)
        code = set(&target, "machine.poison", given->poison, "--poison");
    if (!code)
        code = set_list(&target, given->timing, "--timing", false);
    if (!code)
        code = set_list(&target, given->set, "--set", true);
    if (code)
        return code;
    return sim_config_check(config, &diag) ? options_complain(verb, "%s", diag.text) : TOOL_OK;
}

/* ------------------------------------------------------------------ dpusim config ------------- */

static const char *unit_of(unsigned setting)
{
    return setting < SIM_TIMING_COUNT ? sim_timing_get((enum sim_timing)setting)->unit : "";
}

static void print_text(const struct sim_config *config, const struct sim_origins *origins)
{
    printf("%-30s %-12s %-14s %s\n", "setting", "value", "unit", "from");
    for (unsigned i = 0; i < SIM_SETTING_COUNT; i++) {
        char value[64];
        sim_setting_text(config, i, value, sizeof value);
        printf("%-30s %-12s %-14s %s\n", sim_setting_name(i), value, unit_of(i), origins->text[i]);
    }
}

static void json_setting(struct json *json, const struct sim_config *config,
                         const struct sim_origins *origins, unsigned setting)
{
    char value[64];
    sim_setting_text(config, setting, value, sizeof value);
    json_open(json, sim_setting_name(setting), '{');
    json_text(json, "value", value);
    json_text(json, "unit", unit_of(setting));
    json_text(json, "from", origins->text[setting]);
    json_text(json, "meaning", sim_setting_meaning(setting));
    if (setting < SIM_TIMING_COUNT) {
        const struct sim_timing_info *info = sim_timing_get((enum sim_timing)setting);
        json_number(json, "default", (double)info->initial / (double)info->scale, 10);
        json_number(json, "lowest", (double)info->lowest / (double)info->scale, 10);
        json_number(json, "highest", (double)info->highest / (double)info->scale, 10);
        json_text(json, "evidence", info->evidence);
        json_text(json, "source", info->source);
    }
    json_close(json, '}');
}

static void print_json(const struct sim_config *config, const struct sim_origins *origins)
{
    struct json json = {.out = stdout};
    json_open(&json, NULL, '{');
    json_text(&json, "schema", "dpusim-config-1");
    json_text(&json, "version", DPUSIM_VERSION);
    json_open(&json, "settings", '{');
    for (unsigned i = 0; i < SIM_SETTING_COUNT; i++)
        json_setting(&json, config, origins, i);
    json_close(&json, '}');
    json_close(&json, '}');
}

int tool_verb_config(const struct verb *verb, int argc, char **argv)
{
    struct config_options options = {0};
    struct sim_config config;
    struct sim_origins origins;
    int code;
    if (options_parse(verb, argc, argv, &options, &code)) {
        struct configure given = {.file = options.config,
                                  .mode = options.mode,
                                  .chip = options.chip,
                                  .set = &options.set};
        for (size_t i = 0; i < options.set.count && !code; i++)
            if (!configure_is_setting(options.set.items[i]))
                code = options_complain(verb, "--set=%.60s: write --set SECTION.NAME=VALUE",
                                        options.set.items[i]);
        if (!code)
            code = configure(verb, &given, &config, &origins);
        if (!code && options.json)
            print_json(&config, &origins);
        else if (!code)
            print_text(&config, &origins);
    }
    options_free(verb, &options);
    return code;
}
