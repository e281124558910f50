/* SPDX-License-Identifier: MIT */
/* `dpusim inspect`: a core file or saved state, as a whole or value by value. */
#include "inspect.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "place.h"
#include "value.h"

static const char saved_magic[] = "DPUSIMST";

bool inspect_is_dump(struct isa_bytes image)
{
    return isa_core_is(image) || (image.len_bytes >= sizeof saved_magic - 1 &&
                                  memcmp(image.data, saved_magic, sizeof saved_magic - 1) == 0);
}

int inspect_open(const char *verb, const char *path, const char *program_path, struct sim_dpu **out)
{
    struct isa_diag diag = {""};
    struct isa_bytes image = {NULL, 0};
    struct isa_program *program = NULL;
    enum dpusim_status status = DPUSIM_OK;
    if (!tool_read_file(verb, path, &image))
        return TOOL_INPUT;
    if (program_path)
        status = isa_program_read_file(&program, program_path, &tool_report, &diag);
    if (!status) {
        status = sim_dpu_open(out, image, path, program, &diag);
        if (status == DPUSIM_NO_PROGRAM)
            status = isa_fail(&diag, status, "%s: a saved state needs its program: --program=FILE",
                              path);
    }
    isa_program_destroy(program);
    free((void *)(uintptr_t)image.data);
    return status ? tool_fail(verb, status, &diag) : TOOL_OK;
}

/* ---- values --------------------------------------------------------------------------------- */

/* SYM:TYPE[COUNT] is shown as `dpusim run --dump` does, else types come from the program. */
static enum dpusim_status show_place(const struct sim_dpu *dpu, const char *what, struct json *json,
                                     struct isa_diag *diag)
{
    struct place place;
    enum dpusim_status status = place_parse(&place, what, strlen(what), sim_dpu_program(dpu), diag);
    if (status)
        return status;
    status = place_settle(&place, dpu, diag);
    if (!status && json)
        status = place_json(&place, dpu, json, what, diag);
    else if (!status) {
        printf("%s = ", what);
        status = place_print(&place, dpu, stdout, diag);
        putchar('\n');
    }
    place_free(&place);
    return status;
}

static enum dpusim_status show_value(const struct sim_dpu *dpu, const char *what, uint64_t most,
                                     struct json *json, struct isa_diag *diag)
{
    struct sim_place place;
    char type[256];
    if (strchr(what, ':') || strchr(what, '+'))
        return show_place(dpu, what, json, diag);
    enum dpusim_status status = sim_dpu_find(dpu, what, &place, diag);
    if (status)
        return status;
    if (json) {
        value_json(dpu, &place, json, what);
        return DPUSIM_OK;
    }
    isa_type_text(place.type, type, sizeof type);
    printf(place.type ? "%s = (%s) " : "%s = ", what, type);
    value_print(dpu, &place, most, stdout);
    putchar('\n');
    return DPUSIM_OK;
}

static int show_values(const struct sim_dpu *dpu, const struct inspect_options *options,
                       struct json *json)
{
    uint64_t most = options->all ? 0 : VALUE_ELEMENTS;
    int code = TOOL_OK;
    if (json)
        json_open(json, "values", '{');
    for (size_t i = 1; i < options->operands.count; i++) {
        struct isa_diag diag = {""};
        const char *what = options->operands.items[i];
        enum dpusim_status status = show_value(dpu, what, most, json, &diag);
        if (status) {
            tool_error("inspect", "%.200s: %s", what, diag.text);
            code = TOOL_INPUT;
        }
    }
    if (json)
        json_close(json, '}');
    return code;
}

static int show(const struct sim_dpu *dpu, const struct inspect_options *options)
{
    bool values = options->operands.count > 1;
    if (!options->json) {
        if (!values)
            inspect_print_state(dpu);
        return show_values(dpu, options, NULL);
    }
    struct json json = {.out = stdout};
    json_open(&json, NULL, '{');
    json_text(&json, "schema", "dpusim-inspect-1");
    inspect_json_state(dpu, &json);
    int code = show_values(dpu, options, &json);
    json_close(&json, '}');
    return code;
}

int tool_verb_inspect(const struct verb *verb, int argc, char **argv)
{
    struct inspect_options options = {0};
    struct sim_dpu *dpu = NULL;
    int code;
    if (options_parse(verb, argc, argv, &options, &code)) {
        code = inspect_open(verb->name, options.operands.items[0], options.program, &dpu);
        if (!code)
            code = show(dpu, &options);
    }
    sim_dpu_destroy(dpu);
    options_free(verb, &options);
    return code;
}
