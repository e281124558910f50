/* SPDX-License-Identifier: MIT */
/* `dpusim link`: objects and archives to an executable. */
#include <stdlib.h>
#include <string.h>

#include "options.h"

struct job {
    const struct verb *verb;
    struct link_options options;
    struct isa_link_options how;
    struct isa_link_symbol *symbols;
    struct isa_link_input *inputs;
    size_t n_inputs;
    char **names; /* of the symbols, malloc'ed */
};

static int set_chip(struct job *job)
{
    const char *chip = job->options.chip;
    job->how.chip = chip ? isa_chip_find(chip) : ISA_CHIP_V1A;
    if (job->how.chip == ISA_CHIP_COUNT)
        return options_complain(job->verb, "--chip=%.60s: the chips are v1A and v1B", chip);
    return TOOL_OK;
}

static int set_tasklets(struct job *job, uint64_t tasklets)
{
    unsigned most = isa_chip_get(job->how.chip)->threads;
    if (tasklets > most)
        return options_complain(job->verb, "%llu tasklets: chip %s has 1 to %u",
                                (unsigned long long)tasklets, isa_chip_get(job->how.chip)->name,
                                most);
    job->how.nr_tasklets = (unsigned)tasklets;
    return TOOL_OK;
}

static int check_stack(struct job *job, const char *what, uint64_t bytes)
{
    if (bytes % 8 == 0 && bytes <= ISA_WRAM_BYTES)
        return TOOL_OK;
    return options_complain(job->verb,
                            "%s: %llu bytes of stack: a multiple of 8 up to %u is wanted", what,
                            (unsigned long long)bytes, ISA_WRAM_BYTES);
}

/* "3=2048" */
static int set_stack_of(struct job *job, const char *item)
{
    uint64_t tasklet = 0, bytes = 0;
    const char *equal = strchr(item, '=');
    char *number = tool_copy(item, equal ? (size_t)(equal - item) : 0);
    bool ok = equal && tool_parse_u64(number, &tasklet) && tool_parse_u64(equal + 1, &bytes);
    free(number);
    if (!ok || tasklet >= isa_chip_get(job->how.chip)->threads)
        return options_complain(job->verb, "--stack-size-of=%.60s: write T=BYTES, T from 0 to %u",
                                item, isa_chip_get(job->how.chip)->threads - 1);
    int code = check_stack(job, "--stack-size-of", bytes);
    if (!code)
        job->how.stack_bytes[tasklet] = (uint32_t)bytes;
    return code;
}

/* NR_TASKLETS and STACK_SIZE_TASKLET_n decide the layout; the others are only defined. */
static int define(struct job *job, char *name, uint64_t value)
{
    static const char stack[] = "STACK_SIZE_TASKLET_";
    size_t len = sizeof stack - 1;
    if (strcmp(name, "NR_TASKLETS") == 0)
        return set_tasklets(job, value);
    if (strncmp(name, stack, len) == 0 && strlen(name) < len + 3) {
        char item[64];
        snprintf(item, sizeof item, "%s=%llu", name + len, (unsigned long long)value);
        return set_stack_of(job, item);
    }
    job->symbols[job->how.n_defsyms++] = (struct isa_link_symbol){name, (uint32_t)value};
    return TOOL_OK;
}

static int set_defsym(struct job *job, size_t index)
{
    const char *item = job->options.defsym.items[index], *equal = strchr(item, '=');
    uint64_t value = 0;
    bool negative = false;
    job->names[index] = tool_copy(item, equal ? (size_t)(equal - item) : 0);
    bool ok = equal && equal != item && tool_parse_signed(equal + 1, &value, &negative) &&
              value <= UINT32_MAX;
    if (!ok)
        return options_complain(job->verb, "--defsym=%.200s: write NAME=VALUE with a 32-bit value",
                                item);
    return define(job, job->names[index], negative ? (uint32_t)(0 - value) : value);
}

static int configure(struct job *job)
{
    const struct link_options *options = &job->options;
    size_t n = options->defsym.count;
    job->symbols = tool_realloc(NULL, n + 1, sizeof *job->symbols);
    job->names = tool_realloc(NULL, n + 1, sizeof *job->names);
    memset(job->names, 0, (n + 1) * sizeof *job->names);
    job->how = (struct isa_link_options){.defsyms = job->symbols,
                                         .entry = options->entry,
                                         .keep_unused = options->keep,
                                         .strip_debug = options->strip_debug};
    int code = set_chip(job);
    if (!code)
        code = set_tasklets(job, options->nr_tasklets);
    if (!code)
        code = check_stack(job, "--stack-size", options->stack_size);
    job->how.stack_default_bytes = (uint32_t)options->stack_size;
    for (size_t i = 0; i < options->stack_of.count && !code; i++)
        code = set_stack_of(job, options->stack_of.items[i]);
    for (size_t i = 0; i < n && !code; i++)
        code = set_defsym(job, i);
    return code;
}

static int read_inputs(struct job *job)
{
    const struct text_list *files = &job->options.operands;
    job->inputs = tool_realloc(NULL, files->count, sizeof *job->inputs);
    for (size_t i = 0; i < files->count; i++) {
        struct isa_link_input *input = &job->inputs[i];
        *input =
            (struct isa_link_input){.name = files->items[i], .whole_archive = job->options.whole};
        if (!tool_read_file(job->verb->name, files->items[i], &input->data))
            return TOOL_INPUT;
        job->n_inputs++;
    }
    return TOOL_OK;
}

static int link_and_write(struct job *job)
{
    struct isa_bytes image;
    enum dpusim_status status =
        isa_link(&image, job->inputs, job->n_inputs, &job->how, &tool_report);
    if (status)
        return dpusim_status_exit_code(status);
    bool ok = tool_write_file(job->verb->name, job->options.output ? job->options.output : "a.out",
                              image);
    free((void *)image.data);
    return ok ? TOOL_OK : TOOL_INPUT;
}

static void job_free(struct job *job)
{
    for (size_t i = 0; i < job->n_inputs; i++)
        free((void *)job->inputs[i].data.data);
    free(job->inputs);
    for (size_t i = 0; job->names && i < job->options.defsym.count; i++)
        free(job->names[i]);
    free(job->names);
    free(job->symbols);
    options_free(job->verb, &job->options);
}

int tool_verb_link(const struct verb *verb, int argc, char **argv)
{
    struct job job = {.verb = verb};
    int code;
    if (options_parse(verb, argc, argv, &job.options, &code)) {
        code = configure(&job);
        if (!code)
            code = read_inputs(&job);
        if (!code)
            code = link_and_write(&job);
    }
    job_free(&job);
    return code;
}
