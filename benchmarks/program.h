/* SPDX-License-Identifier: MIT */
/* Assemble and link a kernel with the start code of examples/common, in this process. Shared by the
 * programs of this folder, which end with a message when anything fails. */
#ifndef BENCHMARKS_PROGRAM_H
#define BENCHMARKS_PROGRAM_H

#include <stdio.h>
#include <stdlib.h>

#include "dpusim.h"

_Noreturn static inline void die(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

static inline void must(enum dpusim_status status, const char *what, const struct isa_diag *diag)
{
    if (status != DPUSIM_OK)
        die(what, diag != NULL ? diag->text : dpusim_status_text(status));
}

static inline void show_message(void *context, const struct isa_message *message)
{
    (void)context;
    fprintf(stderr, "%s:%u:%u: %s\n", message->file ? message->file : "link", message->line,
            message->column, message->text);
}

static const struct isa_report to_stderr = {show_message, NULL};

/* Object file image of root/path. */
static inline struct isa_link_input assemble(const char *root, const char *path)
{
    char name[4096];
    struct isa_diag diag;
    struct isa_object *object;
    struct isa_link_input input = {.name = path};
    snprintf(name, sizeof name, "%s/%s", root, path);
    must(isa_assemble_file(&object, name, NULL, &to_stderr), name, NULL);
    must(isa_object_write(object, &input.data, &diag), name, &diag);
    isa_object_destroy(object);
    return input;
}

/* Program made of the kernel, the start code and the barrier, for that many tasklets. `iterations`
 * is what the kernel sees as the symbol ITERATIONS. */
static inline struct isa_program *build_program(const char *root, const char *kernel,
                                                unsigned tasklets, uint32_t iterations)
{
    struct isa_link_input inputs[] = {assemble(root, "examples/common/crt0.S"),
                                      assemble(root, "examples/common/barrier.S"),
                                      assemble(root, kernel)};
    struct isa_link_symbol symbol = {"ITERATIONS", iterations};
    struct isa_link_options options = {.nr_tasklets = tasklets, .defsyms = &symbol, .n_defsyms = 1};
    struct isa_bytes image;
    struct isa_diag diag;
    struct isa_program *program;
    must(isa_link(&image, inputs, 3, &options, &to_stderr), kernel, NULL);
    must(isa_program_read(&program, image, kernel, NULL, &diag), kernel, &diag);
    for (unsigned i = 0; i < 3; i++)
        free((void *)inputs[i].data.data);
    free((void *)image.data);
    return program;
}

/* DPU of that mode with the program loaded. The program is no longer the caller's. */
static inline struct sim_dpu *load_program(struct isa_program *program, enum sim_mode mode)
{
    struct sim_config config;
    struct isa_diag diag;
    struct sim_dpu *dpu;
    sim_config_init(&config);
    config.mode = mode;
    must(sim_dpu_create(&dpu, &config, &diag), "create", &diag);
    must(sim_dpu_load(dpu, program, &diag), "load", &diag);
    isa_program_destroy(program);
    return dpu;
}

/* Boot and run to the end. */
static inline void run_program(struct sim_dpu *dpu)
{
    struct isa_diag diag;
    struct sim_outcome outcome;
    char text[4096];
    must(sim_dpu_boot(dpu, &diag), "boot", &diag);
    sim_dpu_run(dpu, NULL, &outcome);
    if (outcome.stop == SIM_DONE)
        return;
    sim_dpu_explain_fault(dpu, text, sizeof text);
    die("run", text);
}

/* Offset of a symbol inside its memory. */
static inline uint32_t offset_of(const struct sim_dpu *dpu, const char *name)
{
    const struct isa_symbol *symbol = isa_program_find_symbol(sim_dpu_program(dpu), name);
    enum isa_memory memory;
    uint32_t offset;
    if (symbol == NULL || !isa_address_split(symbol->value, &memory, &offset))
        die(name, "no such symbol");
    return offset;
}

#endif
