/* SPDX-License-Identifier: MIT */
/* Loading programs into DPUs. Order of the checks and their errors: documented (host library of SDK
 * 2024.2). What a program does not cover keeps its content. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "elf_file.h"
#include "low.h"

/* ---- reading --------------------------------------------------------------------------------- */

static void log_message(void *context, const struct isa_message *message)
{
    (void)context;
    drv_log(message->severity == ISA_NOTE ? DRV_INFO : DRV_WARNING, "elf", "%s", message->text);
}

static const struct isa_report report = {log_message, NULL};

dpu_error_t drv_resolve(char resolved[PATH_MAX], const char *path)
{
    if (!path)
        return drv_fail(DPU_ERR_SYSTEM, "dpu_load: the path is NULL");
    if (!realpath(path, resolved))
        return drv_fail(DPU_ERR_SYSTEM, "dpu_load: %s: %s", path, strerror(errno));
    return DPU_OK;
}

static dpu_error_t read_file(struct isa_program **out, const char *path)
{
    struct isa_diag diag;
    enum dpusim_status status = isa_program_read_file(out, path, &report, &diag);
    return status ? drv_fail(drv_error_of(status), "dpu_load: %s", diag.text) : DPU_OK;
}

static dpu_error_t read_image(struct isa_program **out, const uint8_t *data, size_t len_bytes,
                              const char *name)
{
    struct isa_diag diag;
    if (!data)
        return drv_fail(DPU_ERR_ELF_INVALID_FILE, "dpu_load: %s: the buffer is NULL", name);
    struct isa_bytes image = {data, len_bytes};
    enum dpusim_status status = isa_program_read(out, image, name, &report, &diag);
    return status ? drv_fail(drv_error_of(status), "dpu_load: %s", diag.text) : DPU_OK;
}

/* ---- checks against the machine -------------------------------------------------------------- */

static dpu_error_t check_chip(const struct isa_program *isa, const struct drv_machine *machine)
{
    if (isa->chip == machine->sim.chip)
        return DPU_OK;
    return drv_fail(DPU_ERR_INTERNAL,
                    "dpu_load: %s was built for chip %s, but the DPUs are %s; allocate with the "
                    "profile chipId=%d or compile with -mcpu=%s",
                    isa->name, isa_chip_get(isa->chip)->name, isa_chip_get(machine->sim.chip)->name,
                    isa->chip == ISA_CHIP_V1A ? 2 : 66, isa_chip_get(machine->sim.chip)->name);
}

static dpu_error_t check_tasklets(const struct isa_program *isa, const struct drv_machine *machine)
{
    unsigned threads = isa_chip_get(machine->sim.chip)->threads;
    if (isa->nr_tasklets <= threads)
        return DPU_OK;
    return drv_fail(DPU_ERR_TOO_MANY_TASKLETS,
                    "dpu_load: %s uses %u tasklets, but the chip has %u threads", isa->name,
                    isa->nr_tasklets, threads);
}

/* Smaller memories than the chip's come from the profile. */
static dpu_error_t check_segments(const struct isa_program *isa, const struct dpu_rank_t *rank)
{
    dpu_error_t error = DPU_OK;
    for (size_t i = 0; i < isa->n_segments && !error; i++) {
        const struct isa_segment *segment = &isa->segments[i];
        struct drv_region region = {segment->memory, segment->offset_bytes, segment->mem_bytes};
        if (segment->memory == ISA_ATOMIC)
            continue;
        if (segment->memory == ISA_MRAM) /* the linker does not pad the last object */
            region.len_bytes = (region.len_bytes + 7) / 8 * 8;
        error = drv_check_region(rank, &region, "dpu_load");
    }
    return error;
}

dpu_error_t drv_check_program(const struct isa_program *isa, const struct dpu_rank_t *rank)
{
    dpu_error_t error = check_tasklets(isa, &rank->machine);
    if (!error)
        error = check_chip(isa, &rank->machine);
    return error ? error : check_segments(isa, rank);
}

/* ---- writing --------------------------------------------------------------------------------- */

/* CLOCKS_PER_SEC of the program is the clock of the machine. */
static void patch_clock(struct dpu_t *dpu, const struct isa_program *isa)
{
    const struct drv_machine *machine = &dpu->rank->machine;
    const struct isa_symbol *symbol = isa_program_find_symbol(isa, "CLOCKS_PER_SEC");
    uint32_t hertz = (uint32_t)((uint64_t)machine->fck_mhz * 1000000 / machine->clock_division);
    if (!symbol || !symbol->defined || symbol->absolute || symbol->value & ~0xffffu)
        return;
    struct drv_region region = {ISA_WRAM, symbol->value, sizeof hertz};
    if (drv_check_region(dpu->rank, &region, "dpu_load") == DPU_OK)
        drv_write(dpu, &region, &hertz);
}

dpu_error_t drv_load_into(struct dpu_t *dpu, struct isa_program *isa)
{
    struct isa_diag diag;
    enum dpusim_status status = sim_dpu_load(dpu->sim, isa, &diag);
    if (status)
        return drv_fail(drv_error_of(status), "dpu_load: %s", diag.text);
    atomic_store(&dpu->fault, false);
    dpu->iram_written = true;
    patch_clock(dpu, isa);
    return DPU_OK;
}

struct load {
    struct drv_program *program;
    struct dpu_t **dpus;
    atomic_int error;
};

static void load_one(void *context, uint32_t i)
{
    struct load *load = context;
    struct dpu_t *dpu = load->dpus[i];
    dpu_error_t error = drv_load_into(dpu, load->program->isa);
    if (error) {
        atomic_store(&load->error, (int)error);
        return;
    }
    drv_program_release(dpu->rank->set, dpu->program);
    dpu->program = &load->program->public_program;
    dpu_take_program_ref(dpu->program);
}

static dpu_error_t load_all(const struct drv_target *target, struct drv_program *program)
{
    struct load load = {.program = program};
    uint32_t n = 0;
    load.dpus = calloc(drv_count(target) + 1, sizeof *load.dpus);
    if (!load.dpus)
        return drv_fail(DPU_ERR_SYSTEM, "dpu_load: out of memory");
    for (struct drv_cursor at = {0}; drv_next(target, &at);)
        load.dpus[n++] = at.dpu;
    drv_pool_for(n, load_one, &load);
    free(load.dpus);
    return (dpu_error_t)atomic_load(&load.error);
}

/* Takes the program's reference. */
static dpu_error_t load_program(struct dpu_set_t set, const struct drv_target *target,
                                struct isa_program *isa, struct dpu_program_t **out)
{
    struct drv_program *program;
    dpu_error_t error = drv_check_program(isa, target->ranks[0]);
    if (!error)
        error = drv_acquire(target, 0);
    if (error) {
        isa_program_destroy(isa);
        return error;
    }
    error = drv_program_create(&program, drv_set_of(set), isa);
    if (!error) {
        error = load_all(target, program);
        if (!error)
            drv_timeline_load(target, isa);
        drv_program_release(drv_set_of(set), &program->public_program);
    }
    drv_release(target);
    isa_program_destroy(isa);
    if (!error && out)
        *out = &program->public_program;
    return error;
}

/* ---- core files ------------------------------------------------------------------------------ */

/* The threads as they were, stopped; a debugger may ask for them. Takes the context. */
static dpu_error_t restore_threads(struct dpu_t *dpu, struct dpu_context_t *threads)
{
    dpu_error_t error = drv_low_hold_dpu(dpu, "dpu_load");
    if (error) {
        drv_core_forget(threads);
        return error;
    }
    drv_context_write(dpu, threads);
    drv_core_forget(dpu->debug_context);
    dpu->debug_context = threads;
    drv_low_unhold(dpu->rank);
    return DPU_OK;
}

static dpu_error_t load_opened_core(struct dpu_set_t set, const struct drv_target *target,
                                    struct drv_elf *elf, struct dpu_program_t **program)
{
    struct dpu_context_t *threads;
    if (!target->dpu)
        return drv_fail(DPU_ERR_ELF_INVALID_FILE,
                        "dpu_load: %s is the core file of one DPU; load it on a set of one DPU",
                        elf->program->name);
    dpu_error_t error = drv_core_threads(&threads, elf, target->dpu);
    if (error)
        return error;
    error = load_program(set, target, isa_program_share(elf->program), program);
    if (!error)
        return restore_threads(target->dpu, threads);
    drv_core_forget(threads);
    return error;
}

/* Takes the file. */
static dpu_error_t load_core(struct dpu_set_t set, const struct drv_target *target,
                             dpu_elf_file_t file, struct dpu_program_t **program)
{
    dpu_error_t error = load_opened_core(set, target, file, program);
    dpu_elf_close(file);
    return error;
}

/* ---- public ---------------------------------------------------------------------------------- */

dpu_error_t dpu_load(struct dpu_set_t dpu_set, const char *binary_path,
                     struct dpu_program_t **program)
{
    struct drv_target target;
    struct isa_program *isa;
    dpu_elf_file_t core;
    char path[PATH_MAX];
    dpu_error_t error = drv_target_from(&target, dpu_set, __func__);
    if (error)
        return error;
    DRV_ENTER(drv_set_of(dpu_set));
    error = drv_resolve(path, binary_path);
    if (error)
        return error;
    if (drv_core_is_file(path)) {
        error = dpu_elf_open(path, &core);
        return error ? error : load_core(dpu_set, &target, core, program);
    }
    error = read_file(&isa, path);
    return error ? error : load_program(dpu_set, &target, isa, program);
}

static dpu_error_t load_image(struct dpu_set_t set, const uint8_t *data, size_t len_bytes,
                              const char *name, struct dpu_program_t **program, const char *call)
{
    struct drv_target target;
    struct isa_program *isa;
    dpu_elf_file_t core;
    dpu_error_t error = drv_target_from(&target, set, call);
    if (!error)
        error = drv_inject_call(drv_set_of(set), call);
    if (error)
        return error;
    if (isa_core_is((struct isa_bytes){data, len_bytes})) {
        error = dpu_elf_map((uint8_t *)(uintptr_t)data, (unsigned)len_bytes, &core, name);
        return error ? error : load_core(set, &target, core, program);
    }
    error = read_image(&isa, data, len_bytes, name);
    return error ? error : load_program(set, &target, isa, program);
}

dpu_error_t dpu_load_from_memory(struct dpu_set_t dpu_set, uint8_t *buffer, size_t buffer_size,
                                 struct dpu_program_t **program)
{
    return load_image(dpu_set, buffer, buffer_size, "program in memory", program, __func__);
}

dpu_error_t dpu_load_from_incbin(struct dpu_set_t dpu_set, struct dpu_incbin_t *incbin,
                                 struct dpu_program_t **program)
{
    if (!incbin)
        return drv_fail(DPU_ERR_ELF_INVALID_FILE, "dpu_load_from_incbin: incbin is NULL");
    return load_image(dpu_set, incbin->buffer, incbin->size,
                      incbin->path ? incbin->path : "embedded program", program, __func__);
}
