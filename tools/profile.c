/* SPDX-License-Identifier: MIT */
/* `dpusim profile`: a run, and where its cycles went. */
#include <stdlib.h>
#include <string.h>

#include "run.h"

static const char *const formats[SIM_PROFILE_FORMATS] = {
    [SIM_PROFILE_TEXT] = "text",
    [SIM_PROFILE_CALLGRIND] = "callgrind",
    [SIM_PROFILE_STACKS] = "stacks",
    [SIM_PROFILE_JSON] = "json",
};

/* SIM_PROFILE_FORMATS: unknown. */
static enum sim_profile_format format_of(const struct run *run)
{
    unsigned format = SIM_PROFILE_TEXT;
    while (run->options.profile_format && format < SIM_PROFILE_FORMATS &&
           strcmp(run->options.profile_format, formats[format]) != 0)
        format++;
    return format;
}

static int open_profile(struct run *run, const struct verb *verb)
{
    struct isa_diag diag = {""};
    struct sim_profile_options options = {.timeline = true};
    if (format_of(run) == SIM_PROFILE_FORMATS)
        return options_complain(verb,
                                "--format=%.60s: the formats are text, callgrind, stacks and json",
                                run->options.profile_format);
    enum dpusim_status status = sim_profile_create(&run->profile, run->dpu, &options, &diag);
    return status ? tool_fail(run->verb, status, &diag) : TOOL_OK;
}

static bool write_profile(struct run *run)
{
    struct isa_diag diag = {""};
    const char *path = run->options.profile_output ? run->options.profile_output : "-";
    char *text;
    size_t len;
    enum dpusim_status status = sim_profile_text(run->profile, format_of(run), &text, &len, &diag);
    if (status) {
        tool_fail(run->verb, status, &diag);
        return false;
    }
    bool ok = tool_write_file(run->verb, path, (struct isa_bytes){(uint8_t *)text, len});
    free(text);
    return ok;
}

void run_discard_profile(struct run *run)
{
    sim_profile_destroy(run->profile);
    run->profile = NULL;
}

int tool_verb_profile(const struct verb *verb, int argc, char **argv)
{
    static const struct run_kind kind = {.mode = SIM_CYCLE,
                                         .open = open_profile,
                                         .write = write_profile,
                                         .discard = run_discard_profile};
    return run_verb(verb, argc, argv, &kind);
}
