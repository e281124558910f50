/* SPDX-License-Identifier: MIT */
/* Core files of a DPU and back. Memories stand in the sections of the program that they are of,
 * threads in .regs in the form of the SDK's checkpoints (documented: c-api of SDK 2024.2), whatever
 * else there is of state in .dpusim (checkpoint.c, without MRAM). */
#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

#define REGISTERS_MAGIC UINT32_C(0xfabddbaf)
#define REGISTERS       ".regs"
#define STATE           ".dpusim"

enum {
    REGISTERS_CHIP = 18,
    REGISTERS_FORMAT = 3,
    NO_THREAD = 0xff,
    MRAM_STEP_BYTES = 4096,
    PARTS = 5
};

/* ---- threads as the SDK writes them ---------------------------------------------------------- */

/* One function goes over all fields, for writing and reading alike. */
struct fields {
    uint8_t *data;
    size_t used, size;
    bool writes, failed;
};

static void field(struct fields *f, void *value, size_t len_bytes)
{
    if (f->failed || len_bytes > f->size - f->used) {
        f->failed = true;
        return;
    }
    if (f->writes)
        memcpy(f->data + f->used, value, len_bytes);
    else
        memcpy(value, f->data + f->used, len_bytes);
    f->used += len_bytes;
}

struct threads {
    uint32_t head[10]; /* magic, chip, format, magic, threads, registers, atomic bits, memories */
    uint32_t registers[ISA_MAX_THREADS * ISA_WORK_REGISTERS];
    uint16_t pcs[ISA_MAX_THREADS];
    uint8_t atomic[ISA_ATOMIC_BITS], zero[ISA_MAX_THREADS], carry[ISA_MAX_THREADS];
    uint8_t n_running, scheduling[ISA_MAX_THREADS];
    uint8_t in_fault[3], fault_thread[3]; /* breakpoint, DMA, memory */
    uint32_t fault_code;
};

static const enum sim_fault_kind fault_order[3] = {SIM_FAULT_BREAKPOINT, SIM_FAULT_DMA,
                                                   SIM_FAULT_MEMORY};

/* Memories are not repeated here: their sizes are 0. */
static void go_over(struct fields *f, struct threads *t)
{
    field(f, t->head, sizeof t->head);
    uint32_t threads = t->head[4], bits = t->head[6];
    if (t->head[0] != REGISTERS_MAGIC || t->head[2] != REGISTERS_FORMAT ||
        threads > ISA_MAX_THREADS || t->head[5] != ISA_WORK_REGISTERS || bits > ISA_ATOMIC_BITS)
        f->failed = true;
    if (f->failed)
        return;
    uint64_t memories = (uint64_t)t->head[7] * ISA_INSN_BYTES + t->head[8] +
                        (uint64_t)t->head[9] * sizeof(uint32_t);
    if (memories > f->size - f->used) {
        f->failed = true;
        return;
    }
    f->used += (size_t)memories;
    field(f, t->registers, threads * ISA_WORK_REGISTERS * sizeof *t->registers);
    field(f, t->pcs, threads * sizeof *t->pcs);
    field(f, t->atomic, bits);
    field(f, t->zero, threads);
    field(f, t->carry, threads);
    field(f, &t->n_running, 1);
    field(f, t->scheduling, threads);
    field(f, t->in_fault, sizeof t->in_fault);
    field(f, t->fault_thread, sizeof t->fault_thread);
    field(f, &t->fault_code, sizeof t->fault_code);
}

static void gather(const struct sim_dpu *d, struct threads *t)
{
    const uint32_t head[] = {REGISTERS_MAGIC,
                             REGISTERS_CHIP,
                             REGISTERS_FORMAT,
                             REGISTERS_MAGIC,
                             d->chip->threads,
                             ISA_WORK_REGISTERS,
                             d->chip->atomic_bits,
                             0,
                             0,
                             0};
    struct sim_thread_state state = {{0}, 0, false, false, false, false, false};
    memset(t, 0, sizeof *t);
    memcpy(t->head, head, sizeof head);
    memset(t->scheduling, NO_THREAD, sizeof t->scheduling);
    for (unsigned i = 0; i < d->chip->threads; i++) {
        if (sim_dpu_get_thread(d, i, &state))
            return;
        memcpy(&t->registers[i * ISA_WORK_REGISTERS], state.registers, sizeof state.registers);
        t->pcs[i] = (uint16_t)state.pc_insn;
        t->zero[i] = state.zero_flag;
        t->carry[i] = state.carry_flag;
        if (state.running)
            t->scheduling[t->n_running++] = (uint8_t)i;
    }
    for (unsigned bit = 0; bit < d->chip->atomic_bits; bit++)
        t->atomic[bit] = sim_dpu_atomic_get(d, bit);
    for (unsigned i = 0; i < 3; i++)
        if (d->fault.kind == fault_order[i]) {
            t->in_fault[i] = true;
            t->fault_thread[i] = (uint8_t)d->fault.tasklet;
            t->fault_code = d->fault.code;
        }
}

/* Of a core that has no more than that: run bits, and what is known of the fault. */
static void scatter(struct sim_dpu *d, const struct threads *t)
{
    struct sim_thread_state state = {{0}, 0, false, false, false, false, false};
    for (unsigned i = 0; i < t->head[4] && i < d->chip->threads; i++) {
        memcpy(state.registers, &t->registers[i * ISA_WORK_REGISTERS], sizeof state.registers);
        state.pc_insn = t->pcs[i];
        state.zero_flag = t->zero[i];
        state.carry_flag = t->carry[i];
        state.running = memchr(t->scheduling, (int)i, t->head[4]) != NULL;
        if (sim_dpu_set_thread(d, i, &state))
            return;
        d->thread[i].booted = state.running;
    }
    for (unsigned bit = 0; bit < t->head[6] && bit < d->chip->atomic_bits; bit++)
        sim_dpu_atomic_set(d, bit, t->atomic[bit]);
    for (unsigned i = 0; i < 3; i++)
        if (t->in_fault[i] && t->fault_thread[i] < d->chip->threads) {
            d->fault = (struct sim_fault){
                .kind = fault_order[i], .tasklet = t->fault_thread[i], .code = t->fault_code};
            d->fault.pc_insn = (t->pcs[d->fault.tasklet] - 1u) % ISA_IRAM_INSNS;
            d->thread[d->fault.tasklet].booted = true;
            snprintf(d->fault.rule, sizeof d->fault.rule, "as the core file says");
        }
}

/* ---- saving ---------------------------------------------------------------------------------- */

/* MRAM up to its last byte that is not 0, and as much as the program has there. */
static size_t mram_used(const struct sim_dpu *d)
{
    size_t end = sim_dpu_mram_used(d), least = MRAM_STEP_BYTES;
    for (size_t i = 0; i < d->program->n_segments; i++) {
        const struct isa_segment *segment = &d->program->segments[i];
        size_t past = (size_t)segment->offset_bytes + segment->mem_bytes;
        if (segment->memory == ISA_MRAM && past > least)
            least = past;
    }
    if (end < least)
        end = least;
    return (end + MRAM_STEP_BYTES - 1) / MRAM_STEP_BYTES * MRAM_STEP_BYTES;
}

enum dpusim_status sim_dpu_save_core(const struct sim_dpu *dpu, struct isa_bytes *image,
                                     struct isa_diag *diag)
{
    struct threads threads;
    struct isa_bytes state = {NULL, 0};
    uint8_t registers[sizeof threads];
    struct fields f = {.data = registers, .size = sizeof registers, .writes = true};
    if (!dpu->program)
        return isa_fail(diag, DPUSIM_NO_PROGRAM,
                        "a core file has the symbols of a program: no program is loaded");
    enum dpusim_status status = sim_state_save(dpu, false, &state, diag);
    if (status)
        return status;
    gather(dpu, &threads);
    go_over(&f, &threads);
    const struct isa_core_part parts[PARTS] = {
        {".data", ISA_WRAM_BASE, {dpu->wram, dpu->wram_units[0]}, PF_R | PF_W},
        {".text", ISA_IRAM_BASE, {(const uint8_t *)dpu->code->word, dpu->iram_bytes}, PF_R | PF_X},
        {".mram", ISA_MRAM_BASE, {dpu->mram, mram_used(dpu)}, PF_R | PF_W},
        {REGISTERS, ISA_CORE_REGISTERS_BASE, {registers, f.used}, 0},
        {STATE, 0, state, 0},
    };
    status = isa_core_build(image, dpu->program, parts, PARTS, diag);
    free((void *)(uintptr_t)state.data);
    return status;
}

enum dpusim_status sim_dpu_write_core(const struct sim_dpu *dpu, const char *path,
                                      struct isa_diag *diag)
{
    struct isa_bytes image;
    enum dpusim_status status = sim_dpu_save_core(dpu, &image, diag);
    if (status)
        return status;
    FILE *file = fopen(path, "wb");
    bool good = file && fwrite(image.data, 1, image.len_bytes, file) == image.len_bytes;
    if (file && fclose(file) != 0)
        good = false;
    free((void *)(uintptr_t)image.data);
    if (good)
        return DPUSIM_OK;
    status = isa_fail(diag, DPUSIM_IO, "%s: %s", path, strerror(errno));
    if (file)
        remove(path);
    return status;
}

/* ---- restoring ------------------------------------------------------------------------------- */

static void copy_mram(struct sim_dpu *d, const struct isa_program *core)
{
    for (size_t i = 0; i < core->n_segments; i++) {
        const struct isa_segment *segment = &core->segments[i];
        if (segment->memory == ISA_MRAM && segment->file_bytes)
            memcpy(d->mram + segment->offset_bytes, segment->data, segment->file_bytes);
    }
}

static enum dpusim_status restore_core(struct sim_dpu *dpu, const struct isa_program *core,
                                       bool any_program, struct isa_diag *diag)
{
    struct isa_bytes state = isa_program_section(core, STATE);
    if (!state.data)
        return isa_fail(diag, DPUSIM_BAD_STATE,
                        "%s: no section " STATE ": not a core file of dpusim, or stripped",
                        core->name);
    enum dpusim_status status = sim_state_restore(dpu, state, any_program, diag);
    if (!status)
        copy_mram(dpu, core);
    return status;
}

enum dpusim_status sim_dpu_restore(struct sim_dpu *dpu, struct isa_bytes image,
                                   struct isa_diag *diag)
{
    struct isa_program *core;
    if (!isa_core_is(image))
        return sim_state_restore(dpu, image, false, diag);
    enum dpusim_status status = isa_core_read(&core, image, NULL, NULL, diag);
    if (status)
        return status;
    status = restore_core(dpu, core, false, diag);
    isa_program_destroy(core);
    return status;
}

/* ---- opening --------------------------------------------------------------------------------- */

static enum dpusim_status restore_threads(struct sim_dpu *dpu, const struct isa_program *core,
                                          struct isa_diag *diag)
{
    struct threads threads;
    struct isa_bytes bytes = isa_program_section(core, REGISTERS);
    struct fields f = {.data = (uint8_t *)(uintptr_t)bytes.data, .size = bytes.len_bytes};
    memset(&threads, 0, sizeof threads);
    if (bytes.data)
        go_over(&f, &threads);
    if (!bytes.data || f.failed)
        return isa_fail(diag, DPUSIM_BAD_STATE, "%s: section " REGISTERS " is %s", core->name,
                        bytes.data ? "damaged" : "missing");
    scatter(dpu, &threads);
    return DPUSIM_OK;
}

/* The core's segments are the memories: loading it as a program restores them. */
static enum dpusim_status open_core(struct sim_dpu **out, struct isa_program *core,
                                    struct isa_diag *diag)
{
    struct sim_config config;
    struct sim_dpu *dpu = NULL;
    struct isa_bytes state = isa_program_section(core, STATE);
    enum dpusim_status status = DPUSIM_OK;
    sim_config_init(&config);
    if (state.data)
        status = sim_state_machine(&config, state, diag);
    if (!status)
        status = sim_dpu_create(&dpu, &config, diag);
    if (!status)
        status = sim_dpu_load(dpu, core, diag);
    if (!status)
        status =
            state.data ? restore_core(dpu, core, true, diag) : restore_threads(dpu, core, diag);
    if (status)
        sim_dpu_destroy(dpu);
    else
        *out = dpu;
    return status;
}

static enum dpusim_status open_state(struct sim_dpu **out, struct isa_bytes image,
                                     struct isa_program *program, struct isa_diag *diag)
{
    struct sim_config config;
    struct sim_dpu *dpu = NULL;
    sim_config_init(&config);
    enum dpusim_status status = sim_state_machine(&config, image, diag);
    if (!status && !program)
        status = isa_fail(diag, DPUSIM_NO_PROGRAM,
                          "a saved state needs the program that it was made with");
    if (!status)
        status = sim_dpu_create(&dpu, &config, diag);
    if (!status)
        status = sim_dpu_load(dpu, program, diag);
    if (!status)
        status = sim_state_restore(dpu, image, false, diag);
    if (status)
        sim_dpu_destroy(dpu);
    else
        *out = dpu;
    return status;
}

enum dpusim_status sim_dpu_open(struct sim_dpu **out, struct isa_bytes image, const char *name,
                                struct isa_program *program, struct isa_diag *diag)
{
    struct isa_program *core;
    name = name ? name : "core file";
    if (!isa_core_is(image) && !sim_state_is(image))
        return isa_fail(diag, DPUSIM_BAD_STATE, "%s is neither a core file nor a saved state",
                        name);
    if (!isa_core_is(image))
        return open_state(out, image, program, diag);
    enum dpusim_status status = isa_core_read(&core, image, name, NULL, diag);
    if (status)
        return status;
    status = open_core(out, core, diag);
    isa_program_destroy(core);
    return status;
}
