/* SPDX-License-Identifier: MIT */
/* `dpusim asm`: source files to relocatable objects. */
#include <stdlib.h>
#include <string.h>

#include "options.h"

/* "dir/name.S" gives "name.o". Malloc'ed. */
static char *object_name(const char *path)
{
    struct text text = {0};
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    text_add(&text, "%.*s.o", (int)(dot && dot != name ? (size_t)(dot - name) : strlen(name)),
             name);
    return text.data;
}

static int write_object(const struct verb *verb, const struct isa_object *object, const char *path)
{
    struct isa_diag diag = {""};
    struct isa_bytes image;
    enum dpusim_status status = isa_object_write(object, &image, &diag);
    if (status)
        return tool_fail(verb->name, status, &diag);
    bool ok = tool_write_file(verb->name, path, image);
    free((void *)image.data);
    return ok ? TOOL_OK : TOOL_INPUT;
}

static int assemble(const struct verb *verb, const struct asm_options *options, const char *path)
{
    struct isa_asm_options how = {.include_dirs = options->include.items,
                                  .defines = options->define.items,
                                  .debug_lines = options->debug,
                                  .preprocess = options->preprocess,
                                  .max_errors = (unsigned)options->max_errors};
    struct isa_object *object = NULL;
    enum dpusim_status status = isa_assemble_file(&object, path, &how, &tool_report);
    if (status)
        return dpusim_status_exit_code(status);
    char *own = options->output ? NULL : object_name(path);
    int code = write_object(verb, object, own ? own : options->output);
    free(own);
    isa_object_destroy(object);
    return code;
}

static int check(const struct verb *verb, const struct asm_options *options)
{
    if (options->output && options->operands.count > 1)
        return options_complain(verb, "-o names one object, but there are %zu files to assemble",
                                options->operands.count);
    for (size_t i = 0; i < options->operands.count; i++)
        if (!options->output && strcmp(options->operands.items[i], "-") == 0)
            return options_complain(verb, "text from standard input needs -o FILE");
    if (options->max_errors > UINT32_MAX)
        return options_complain(verb, "--max-errors: at most 4294967295");
    return TOOL_OK;
}

int tool_verb_asm(const struct verb *verb, int argc, char **argv)
{
    struct asm_options options = {0};
    int code;
    if (options_parse(verb, argc, argv, &options, &code)) {
        code = check(verb, &options);
        bool usable = code == TOOL_OK;
        for (size_t i = 0; usable && i < options.operands.count; i++) {
            int one = assemble(verb, &options, options.operands.items[i]);
            code = one > code ? one : code;
        }
    }
    options_free(verb, &options);
    return code;
}
