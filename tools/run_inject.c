/* SPDX-License-Identifier: MIT */
/* `--inject` of the verbs that run a program: arming, and what came of it. Results repeat every
 * specification in canonical form, with what was drawn, so that it can be repeated. */
#include <stdlib.h>

#include "run.h"

int run_prepare_injections(struct run *run)
{
    for (size_t i = 0; i < run->options.inject.count; i++) {
        struct isa_diag diag = {""};
        enum dpusim_status status =
            sim_dpu_inject_text(run->dpu, run->options.inject.items[i], &diag);
        if (status)
            return tool_fail(run->verb, status, &diag);
    }
    return TOOL_OK;
}

char *run_injection_text(const struct sim_injection *injection)
{
    int len = sim_injection_text(injection, NULL, 0);
    char *text = tool_realloc(NULL, (size_t)len + 1, 1);
    sim_injection_text(injection, text, (size_t)len + 1);
    return text;
}

void run_print_injections(const struct run *run)
{
    struct sim_injected injected;
    for (unsigned i = 0; sim_dpu_injected(run->dpu, i, &injected); i++) {
        char *text = run_injection_text(&injected.what), number[32];
        char *place = run_place_of(run->program, injected.pc_insn);
        if (injected.happened)
            fprintf(stderr, "injected %s: after %s instructions, tasklet %u at %s\n", text,
                    tool_grouped(injected.instructions, number), injected.tasklet, place);
        else
            fprintf(stderr, "injected %s: its moment did not come\n", text);
        free(place);
        free(text);
    }
}

void run_json_injections(const struct run *run, struct json *json)
{
    struct sim_injected injected;
    if (!run->options.inject.count)
        return;
    json_open(json, "injections", '[');
    for (unsigned i = 0; sim_dpu_injected(run->dpu, i, &injected); i++) {
        char *text = run_injection_text(&injected.what);
        json_open(json, NULL, '{');
        json_text(json, "spec", text);
        json_bool(json, "happened", injected.happened);
        if (injected.happened) {
            json_u64(json, "tasklet", injected.tasklet);
            json_u64(json, "pc", injected.pc_insn);
            json_u64(json, "instructions", injected.instructions);
            json_u64(json, "cycle", injected.cycle);
        }
        json_close(json, '}');
        free(text);
    }
    json_close(json, ']');
}
