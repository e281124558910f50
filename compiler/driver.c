/* SPDX-License-Identifier: MIT */
/* dpu-upmem-dpurte-clang: what to do with each input. */
#include "driver.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum driver_language language_of(const struct driver_input *input)
{
    static const struct {
        const char *suffix;
        enum driver_language language;
    } suffixes[] = {{".c", LANG_C},
                    {".i", LANG_PREPROCESSED_C},
                    {".s", LANG_ASM},
                    {".S", LANG_ASM_CPP},
                    {".sx", LANG_ASM_CPP},
                    {".o", LANG_OBJECT},
                    {".a", LANG_OBJECT},
                    {".h", LANG_C},
                    {".cpp", LANG_CXX},
                    {".cc", LANG_CXX},
                    {".cxx", LANG_CXX},
                    {".C", LANG_CXX},
                    {".ii", LANG_PREPROCESSED_CXX}};
    const char *dot = strrchr(input->path, '.');
    if (input->is_library)
        return LANG_OBJECT;
    if (input->language != LANG_BY_NAME)
        return input->language;
    for (size_t i = 0; dot && i < sizeof suffixes / sizeof *suffixes; i++)
        if (strcmp(dot, suffixes[i].suffix) == 0)
            return suffixes[i].language;
    return LANG_OBJECT;
}

static char *output_name(const char *path, const char *suffix)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    return text_format("%.*s%s", (int)(dot && dot != name ? (size_t)(dot - name) : strlen(name)),
                       name, suffix);
}

static const char *suffix_of(const struct driver *d)
{
    bool text = d->step == STEP_ASSEMBLY;
    return d->emit_llvm ? (text ? ".ll" : ".bc") : (text ? ".s" : ".o");
}

static bool one_input(struct driver *d, const struct driver_input *input, struct words *objects)
{
    bool is_object = input->language == LANG_OBJECT;
    const char *output = d->output;
    switch (d->step) {
    case STEP_PREPROCESS:
        return is_object || driver_preprocess(d, input, output);
    case STEP_SYNTAX:
        return is_object || driver_compile(d, input, "-", false);
    case STEP_ASSEMBLY:
    case STEP_OBJECT: {
        bool text = d->step == STEP_ASSEMBLY;
        if (is_object) {
            driver_warn("%s: input of the linker is not used: there is no linking", input->path);
            return true;
        }
        return driver_compile(d, input, output ? output : output_name(input->path, suffix_of(d)),
                              text);
    }
    default:
        if (input->is_library)
            words_add(objects, text_format("-l%s", input->path));
        else if (is_object)
            words_add(objects, input->path);
        else {
            char *object =
                d->save_temps ? output_name(input->path, ".o") : driver_temporary(d, ".o");
            words_add(objects, object);
            return driver_compile(d, input, object, false);
        }
        return true;
    }
}

static bool check_inputs(struct driver *d)
{
    size_t sources = 0;
    for (size_t i = 0; i < d->n_inputs; i++) {
        struct driver_input *input = &d->inputs[i];
        if (strcmp(input->path, "-") == 0 && input->language == LANG_BY_NAME) {
            if (d->step != STEP_PREPROCESS) {
                driver_error(d, "text from standard input needs -x LANGUAGE or -E");
                return false;
            }
            input->language = LANG_C;
        }
        input->language = language_of(input);
        sources += input->language != LANG_OBJECT;
        if (strcmp(input->path, "-") != 0 && !input->is_library && access(input->path, R_OK) != 0)
            driver_error(d, "%s: %s", input->path, strerror(errno));
    }
    if (d->n_inputs == 0)
        driver_error(d, "no input files");
    else if (d->emit_llvm && d->step == STEP_LINK)
        driver_error(d, "-emit-llvm needs -c or -S: the linker takes objects");
    else if (d->output && sources > 1 && d->step != STEP_LINK && d->step != STEP_SYNTAX)
        driver_error(d, "-o names one file, but there are %zu sources to compile", sources);
    return d->n_errors == 0;
}

static void work(struct driver *d)
{
    struct words objects = {0};
    bool ok = check_inputs(d);
    for (size_t i = 0; i < d->n_inputs && ok; i++)
        ok = one_input(d, &d->inputs[i], &objects);
    if (ok && d->step == STEP_LINK)
        driver_link(d, &objects, d->output ? d->output : "a.out");
}

/* A real compiler of the vendor instead of ours. */
static int run_vendor(struct driver *d, const char *vendor, char **arguments)
{
    struct words command = {0};
    words_add(&command, vendor);
    for (; *arguments; arguments++)
        words_add(&command, *arguments);
    unsetenv("DPUSIM_DPU_CC"); /* it may name this driver */
    return driver_run(d, &command);
}

static int run_ours(struct driver *d, int argc, char **argv)
{
    struct words arguments = {0};
    if (!driver_find_home(d, argv[0]) || !driver_expand(d, argc, argv, &arguments) ||
        !driver_parse(d, &arguments))
        return 1;
    if (d->only_asks)
        return driver_ask(d);
    work(d);
    return d->n_errors ? 1 : 0;
}

int main(int argc, char **argv)
{
    struct driver d = {0};
    const char *vendor = getenv("DPUSIM_DPU_CC");
    int code = vendor && *vendor ? run_vendor(&d, vendor, argv + 1) : run_ours(&d, argc, argv);
    driver_cleanup(&d);
    free(d.inputs);
    free(d.symbols);
    driver_texts_free();
    return code;
}
