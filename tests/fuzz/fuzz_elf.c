/* SPDX-License-Identifier: MIT */
/* Fuzz target: the readers of executables and of relocatable objects. A program that is accepted
 * must answer every question about itself and load into a DPU or be refused with a sentence; an
 * object that is accepted must survive being written and read again. */
#include <stdint.h>
#include <stdlib.h>

#include "dpusim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(const struct isa_program *program)
{
    for (uint32_t pc = 0; pc < ISA_IRAM_INSNS; pc += 61) {
        const char *file;
        unsigned line;
        (void)isa_program_line_at(program, pc, &file, &line);
        (void)isa_program_symbol_at(program, ISA_IRAM_BASE + pc * ISA_INSN_BYTES, true);
        (void)isa_program_symbol_at(program, pc * 16, false);
    }
    (void)isa_program_find_symbol(program, "main");
    (void)isa_program_nearest_symbol(program, "mian");
}

static void load(struct isa_program *program)
{
    struct isa_diag diag;
    struct sim_dpu *dpu;
    if (sim_dpu_create(&dpu, NULL, &diag) != DPUSIM_OK)
        abort();
    if (sim_dpu_load(dpu, program, &diag) == DPUSIM_OK && sim_dpu_boot(dpu, &diag) == DPUSIM_OK) {
        struct sim_outcome outcome;
        sim_dpu_run(dpu, &(struct sim_limits){.max_instructions = 2000}, &outcome);
        char text[2048];
        (void)sim_dpu_explain_fault(dpu, text, sizeof text);
    }
    sim_dpu_destroy(dpu);
}

static void read_program(struct isa_bytes image)
{
    struct isa_diag diag;
    struct isa_program *program;
    if (isa_program_read(&program, image, "fuzz", NULL, &diag) != DPUSIM_OK)
        return;
    ask(program);
    load(program);
    isa_program_destroy(program);
}

static void read_object(struct isa_bytes image)
{
    struct isa_diag diag;
    struct isa_object *object, *again;
    if (isa_object_read(&object, image, "fuzz", &diag) != DPUSIM_OK)
        return;
    struct isa_bytes written;
    if (isa_object_write(object, &written, &diag) == DPUSIM_OK) {
        if (isa_object_read(&again, written, "again", &diag) == DPUSIM_OK)
            isa_object_destroy(again);
        free((void *)written.data);
    }
    isa_object_destroy(object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct isa_bytes image = {data, size};
    read_program(image);
    read_object(image);
    return 0;
}
