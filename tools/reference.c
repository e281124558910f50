/* SPDX-License-Identifier: MIT */
/* Reference pages in Markdown (`dpusim help --markdown TOPIC`), each generated from one table:
 * verbs and options, conditions, timing parameters, counters, faults, status codes, injections. The
 * page of the instructions is in reference_insns.c. */
#include "options.h"

#include <string.h>

#include "dpusim.h"

/* Cells of a Markdown table must not hold a bar. */
static void cell(FILE *out, const char *text)
{
    fputs(" ", out);
    for (; *text; text++)
        fputs(*text == '|' ? "\\|" : (char[]){*text, 0}, out);
    fputs(" |", out);
}

static void row(FILE *out, const char *const *cells, size_t count)
{
    fputs("|", out);
    for (size_t i = 0; i < count; i++)
        cell(out, cells[i]);
    fputs("\n", out);
}

#define ROW(out, ...)                                                                              \
    row(out, (const char *const[]){__VA_ARGS__},                                                   \
        sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void header(FILE *out, const char *const *cells, size_t count)
{
    row(out, cells, count);
    fputs("|", out);
    for (size_t i = 0; i < count; i++)
        fputs("---|", out);
    fputs("\n", out);
}

#define HEADER(out, ...)                                                                           \
    header(out, (const char *const[]){__VA_ARGS__},                                                \
           sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void verb_options(FILE *out, const struct verb *verb)
{
    char name[80];
    if (!verb->options->name)
        return;
    HEADER(out, "option", "meaning");
    for (const struct option *option = verb->options; option->name; option++) {
        char code[84];
        help_option_name(option, name, sizeof name);
        snprintf(code, sizeof code, "`%s`", name + strspn(name, " "));
        ROW(out, code, option->text);
    }
    fputs("\n", out);
}

static void page_verbs(FILE *out)
{
    for (const struct verb *verb = tool_verbs; verb->name; verb++) {
        fprintf(out, "## dpusim %s\n\n`dpusim %s [OPTION]...%s%s`: %s.\n\n%s\n\n", verb->name,
                verb->name, *verb->operands ? " " : "", verb->operands, verb->summary,
                verb->description);
        verb_options(out, verb);
        fprintf(out, "```sh\n%s\n```\n\n", verb->examples);
    }
}

static void scaled(char *buffer, size_t size, int64_t value, int64_t scale)
{
    snprintf(buffer, size, "%.10g", (double)value / (double)scale);
}

static void page_timing(FILE *out)
{
    fputs("Set one with `--set SECTION.NAME=VALUE`, a file or a variable; see `dpusim config`. "
          "Sections: machine, timing (cycle mode), study (variants that no chip has), host "
          "(estimates). "
          "Evidence: measured, "
          "documented, "
          "inferred or assumed.\n\n",
          out);
    HEADER(out, "name", "default", "range", "unit", "meaning", "evidence", "source");
    for (int i = 0; i < SIM_TIMING_COUNT; i++) {
        const struct sim_timing_info *info = sim_timing_get((enum sim_timing)i);
        char initial[32], lowest[32], highest[32], range[80], name[120];
        scaled(initial, sizeof initial, info->initial, info->scale);
        scaled(lowest, sizeof lowest, info->lowest, info->scale);
        scaled(highest, sizeof highest, info->highest, info->scale);
        snprintf(range, sizeof range, "%s to %s", lowest, highest);
        snprintf(name, sizeof name, "`%s.%s`", info->section, info->name);
        ROW(out, name, initial, range, info->unit, info->meaning, info->evidence, info->source);
    }
}

static void page_statistics(FILE *out)
{
    fputs("Counters of `dpusim run --stats=FILE`, from boot on. A cycle is one period of the DPU "
          "clock; in "
          "functional mode one instruction counts as one cycle.\n\n",
          out);
    HEADER(out, "scope", "name", "unit", "modes", "meaning");
    for (int i = 0; i < SIM_STAT_COUNT; i++) {
        const struct sim_stat_info *info = sim_stat_get((enum sim_stat)i);
        ROW(out, info->scope == SIM_SCOPE_DPU ? "DPU" : "tasklet", info->name, info->unit,
            info->mix_only          ? "with --mix"
            : info->cycle_mode_only ? "cycle"
                                    : "both",
            info->meaning);
    }
    for (int i = 0; i < SIM_METRIC_COUNT; i++) {
        const struct sim_stat_info *info = sim_metric_get((enum sim_metric)i);
        ROW(out, "DPU", info->name, info->unit, info->mix_only ? "cycle, with --mix" : "cycle",
            info->meaning);
    }
}

static void page_faults(FILE *out)
{
    HEADER(out, "kind", "words", "what happened");
#define FAULT(id, name, words, text) ROW(out, "`" name "`", words, text);
#include "fault.def"
#undef FAULT
    fputs("\nIdentifiers of breakpoint faults that the run-time library uses:\n\n", out);
    HEADER(out, "code", "name");
#define FAULT_CODE(code, name) ROW(out, #code, name);
#include "fault_code.def"
#undef FAULT_CODE
}

static void page_status(FILE *out)
{
    fputs(
        "Exit codes: 0 success, 1 the DPU program failed, 2 usage, 3 bad input, 4 limit reached, 5 "
        "internal error.\n\n",
        out);
    HEADER(out, "status", "exit code", "error of the SDK", "default sentence");
#define STATUS(id, code, error, text) ROW(out, "`DPUSIM_" #id "`", #code, "`" #error "`", text);
#include "status.def"
#undef STATUS
}

/* The names of the rows whose bit is set. */
static void names_of(char *buffer, size_t size, uint32_t bits,
                     const struct sim_inject_info *(*get)(unsigned row))
{
    buffer[0] = '\0';
    for (unsigned i = 0; get(i); i++) {
        size_t used = strlen(buffer);
        if (bits >> i & 1 && *get(i)->name)
            snprintf(buffer + used, size - used, "%s`%s`", used ? " " : "", get(i)->name);
    }
}

static void page_models(FILE *out)
{
    HEADER(out, "model", "sites", "keys", "meaning");
    for (unsigned i = 0; sim_inject_model_get(i); i++) {
        const struct sim_inject_info *info = sim_inject_model_get(i);
        char name[40], sites[256], keys[256], text[400];
        snprintf(name, sizeof name, "`%s`", info->name);
        names_of(sites, sizeof sites, info->sites, sim_inject_site_get);
        names_of(keys, sizeof keys, info->arguments, sim_inject_argument_get);
        snprintf(text, sizeof text, "%s%s", info->meaning,
                 info->lasting ? "; lasts, by default from the begin of the launch" : "");
        ROW(out, name, sites, keys, text);
    }
}

static void page_sites_and_keys(FILE *out)
{
    fputs("\n## Sites\n\n", out);
    HEADER(out, "site", "units", "bits of a unit", "meaning");
    for (unsigned i = 0; sim_inject_site_get(i); i++) {
        const struct sim_inject_info *info = sim_inject_site_get(i);
        char name[40], units[24], bits[24];
        snprintf(name, sizeof name, "`%s`", info->name);
        snprintf(units, sizeof units, "%u", (unsigned)info->units);
        snprintf(bits, sizeof bits, "%u", (unsigned)info->unit_bits);
        ROW(out, name, units, info->unit_bits ? bits : "", info->meaning);
    }
    fputs("\n## Keys of the models\n\n", out);
    HEADER(out, "key", "range", "meaning");
    for (unsigned i = 0; sim_inject_argument_get(i); i++) {
        const struct sim_inject_info *info = sim_inject_argument_get(i);
        char name[40], range[64];
        snprintf(name, sizeof name, "`%s`", info->name);
        snprintf(range, sizeof range, "%llu to %llu", (unsigned long long)info->lowest,
                 (unsigned long long)info->highest);
        if (*info->name)
            ROW(out, name, range, info->meaning);
    }
}

static void page_injections(FILE *out)
{
    fputs("`dpusim run --inject MODEL:KEY=VALUE,...`, and the same words in files, profiles, the "
          "environment, C and Python; keys that take no value stand alone. Every model takes "
          "`site=` (where it has more than one), `tasklet=` (numbers and ranges, as `0-3+7`; "
          "default: all), `nth=N` (the match that fires, default 1), `launch=N` and `seed=N`, with "
          "which what is left open is drawn (default 1). Without a trigger lasting models act "
          "from the begin of a launch, and those for certain instructions on the first of "
          "these.\n\n## Models\n\n",
          out);
    page_models(out);
    page_sites_and_keys(out);
    fputs("\n## Triggers\n\n", out);
    HEADER(out, "key", "value", "fires");
#define TRIGGER(id, key, value, text) ROW(out, "`" key "`", value, text);
#include "trigger.def"
#undef TRIGGER
}

static void page_chips(FILE *out)
{
    HEADER(out, "chip", "tasklets", "IRAM instructions", "WRAM bytes", "atomic bits",
           "clock in Hz");
#define CHIP(id, name, threads, insns, wram, bits, reserved, hz, text)                             \
    ROW(out, name, #threads, #insns, #wram, #bits, #hz);
#include "chip.def"
#undef CHIP
}

struct topic {
    const char *name, *title;
    void (*print)(FILE *out);
};

static void page_checks(FILE *out)
{
    fputs("`dpusim run --check=NAME,...|all`; [find races](../how-to/find-races.md), "
          "[memory errors](../how-to/find-memory-errors.md), "
          "[check stacks](../how-to/check-stacks.md).\n\n| checker | looks for |\n|---|---|\n",
          out);
    for (unsigned i = 0; i < SIM_CHECK_COUNT; i++)
        fprintf(out, "| %s | %s |\n", sim_check_name((enum sim_check)i),
                sim_check_meaning((enum sim_check)i));
    fputs("\n| finding (JSON) | checker | report begins with |\n|---|---|---|\n", out);
    static const char *const words[] = {
#define FINDING(id, check, name, text) text,
#include "finding.def"
#undef FINDING
    };
    for (unsigned i = 0; i < SIM_FINDING_COUNT; i++)
        fprintf(out, "| %s | %s | %s |\n", sim_finding_name((enum sim_finding_kind)i),
                sim_check_name(sim_finding_check((enum sim_finding_kind)i)), words[i]);
    fputs("\n`--poison=FILL`: what WRAM and MRAM hold before they are written.\n\n"
          "| fill | bytes |\n|---|---|\n",
          out);
#define POISON(id, name, meaning) fprintf(out, "| %s | %s |\n", name, meaning);
#include "poison.def"
#undef POISON
}

static const struct topic topics[] = {
    {"verbs", "The command dpusim", page_verbs},
    {"instructions", "Instructions", help_instructions},
    {"conditions", "Conditions", help_conditions},
    {"chips", "Chips", page_chips},
    {"timing", "Timing parameters", page_timing},
    {"statistics", "Statistics", page_statistics},
    {"faults", "Faults", page_faults},
    {"status", "Status and exit codes", page_status},
    {"injections", "Fault injection", page_injections},
    {"checks", "Checkers", page_checks},
};

enum { TOPICS = sizeof topics / sizeof topics[0] };

const char *help_topic_name(size_t index)
{
    return index < TOPICS ? topics[index].name : NULL;
}

bool help_markdown(FILE *out, const char *topic)
{
    for (size_t i = 0; i < TOPICS; i++)
        if (strcmp(topics[i].name, topic) == 0) {
            fprintf(out, "# %s\n\n", topics[i].title);
            topics[i].print(out);
            return true;
        }
    return false;
}
