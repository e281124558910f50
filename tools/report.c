/* SPDX-License-Identifier: MIT */
/* `dpusim report`: runs a program, or takes the profiles that a host program wrote, and writes one
 * HTML file. */
#include "report.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "run.h"

enum { NAME_BYTES = 4096 };

static const char *output_of(const struct run_options *options)
{
    return options->report_output ? options->report_output : "report.html";
}

static void tell_where(const struct run_options *options)
{
    if (!options->quiet && strcmp(output_of(options), "-") != 0)
        fprintf(stderr, "dpusim report: wrote %s\n", output_of(options));
}

/* ---- of a program ---------------------------------------------------------------------------- */

static int open_report(struct run *run, const struct verb *verb)
{
    struct isa_diag diag = {""};
    struct sim_profile_options options = {.timeline = true};
    const char *window = run->options.report_window;
    const char *colon = window ? strchr(window, ':') : NULL;
    if (window) {
        char *from = tool_copy(window, colon ? (size_t)(colon - window) : 0);
        bool ok = colon && tool_parse_u64(from, &options.window_from) &&
                  tool_parse_u64(colon + 1, &options.window_until) &&
                  options.window_from < options.window_until;
        free(from);
        if (!ok)
            return options_complain(verb, "--window=%.60s: write --window=FROM:UNTIL in cycles",
                                    window);
    }
    enum dpusim_status status = sim_profile_create(&run->profile, run->dpu, &options, &diag);
    return status ? tool_fail(run->verb, status, &diag) : TOOL_OK;
}

static bool write_report(struct run *run)
{
    struct isa_diag diag = {""};
    struct isa_bytes json = {NULL, 0};
    char *text;
    enum dpusim_status status =
        sim_profile_text(run->profile, SIM_PROFILE_JSON, &text, &json.len_bytes, &diag);
    if (status) {
        tool_fail(run->verb, status, &diag);
        return false;
    }
    json.data = (const uint8_t *)text;
    struct report *report = report_create(run->verb);
    bool ok = report_add(report, json, "one DPU") && report_write(report, output_of(&run->options));
    report_free(report);
    free(text);
    if (ok)
        tell_where(&run->options);
    return ok;
}

/* ---- of a directory -------------------------------------------------------------------------- */

static int is_profile(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);
    return strncmp(entry->d_name, "profile-", 8) == 0 && len > 13 &&
           strcmp(entry->d_name + len - 5, ".json") == 0;
}

static bool add_file(struct report *report, const char *verb, const char *folder, const char *name)
{
    char path[NAME_BYTES], title[64];
    unsigned rank, dpu;
    struct isa_bytes bytes;
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
        return false;
    if (sscanf(name, "profile-%u-%u", &rank, &dpu) == 2)
        snprintf(title, sizeof title, "rank %u, DPU %u", rank, dpu);
    else
        snprintf(title, sizeof title, "%.60s", name);
    if (!tool_read_file(verb, path, &bytes))
        return false;
    bool ok = report_add(report, bytes, title);
    free((void *)(uintptr_t)bytes.data);
    return ok;
}

static int report_folder(const struct verb *verb, const struct run_options *options)
{
    const char *folder = options->operands.items[0];
    struct dirent **entries;
    int count = scandir(folder, &entries, is_profile, alphasort), code = TOOL_OK;
    if (count <= 0) {
        tool_error(verb->name, "%s: %s; run the host program with DPUSIM_PROFILE=%s first", folder,
                   count < 0 ? strerror(errno) : "no file profile-*.json", folder);
        if (count == 0)
            free(entries);
        return TOOL_INPUT;
    }
    struct report *report = report_create(verb->name);
    for (int i = 0; i < count; i++) {
        if (!code && !add_file(report, verb->name, folder, entries[i]->d_name))
            code = TOOL_INPUT;
        free(entries[i]);
    }
    free(entries);
    if (!code && !report_write(report, output_of(options)))
        code = TOOL_INPUT;
    report_free(report);
    if (!code)
        tell_where(options);
    return code;
}

/* ---- the verb -------------------------------------------------------------------------------- */

static bool is_folder(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

int tool_verb_report(const struct verb *verb, int argc, char **argv)
{
    static const struct run_kind kind = {.mode = SIM_CYCLE,
                                         .open = open_report,
                                         .write = write_report,
                                         .discard = run_discard_profile};
    struct run_options options = {0};
    int code;
    if (!options_parse(verb, argc, argv, &options, &code) ||
        !is_folder(options.operands.items[0])) {
        bool go_on = options.operands.count == 1 && code == TOOL_OK;
        options_free(verb, &options);
        return go_on ? run_verb(verb, argc, argv, &kind) : code;
    }
    code = report_folder(verb, &options);
    options_free(verb, &options);
    return code;
}
