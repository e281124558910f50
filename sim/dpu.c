/* SPDX-License-Identifier: MIT */
/* Life of a DPU: creation, loading, reset, boot, and access to its memories and registers. MRAM is
 * mapped without backing, so that pages never written cost nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "collect.h"
#include "schedule.h"

/* ---- creation ------------------------------------------------------------------------------- */

static void set_constants(struct sim_tasklet *t, unsigned id)
{
    const uint32_t constants[] = {0, 1, 0xffffffff, 0x80000000, id, 2 * id, 4 * id, 8 * id};
    memcpy(t->r + ISA_WORK_REGISTERS, constants, sizeof constants);
}

static void set_chip(struct sim_dpu *d, enum isa_chip chip)
{
    const int64_t *set = d->config.timing;
    d->config.chip = chip;
    d->own_chip = *isa_chip_get(chip);
    d->chip = &d->own_chip;
    if (set[SIM_TIMING_threads])
        d->own_chip.threads = (unsigned)set[SIM_TIMING_threads];
    if (set[SIM_TIMING_wram_bytes])
        d->own_chip.wram_bytes = (unsigned)set[SIM_TIMING_wram_bytes];
    if (set[SIM_TIMING_clock_mhz])
        d->own_chip.clock_hz = (uint64_t)set[SIM_TIMING_clock_mhz] * 1000000;
    uint32_t power = 1u << (31 - __builtin_clz(d->chip->wram_bytes));
    for (unsigned shift = 0; shift < 4; shift++) {
        d->wram_units[shift] = d->chip->wram_bytes >> shift;
        d->wram_outside[shift] = ~(power - 1) | ((1u << shift) - 1);
    }
    d->iram_bytes = d->chip->iram_insns * ISA_INSN_BYTES;
}

/* Registers, flags and bits as after power-on: all zero (assumed; no document defines them). */
static void clear_state(struct sim_dpu *d)
{
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++) {
        d->thread[i] = (struct sim_tasklet){.ip = d->code->insn, .zero = 1, .id = (uint8_t)i};
        set_constants(&d->thread[i], i);
    }
    sim_ring_init(d);
    memset(d->atomic, 0, sizeof d->atomic);
    d->notify_bits = 0;
    sim_clear_counters(d);
    d->dma_next_wake = UINT64_MAX;
    d->launches = d->instructions_earlier = 0;
    d->counter_base = d->counter_frozen = (struct sim_time){0, 0};
    d->counter_mode = 1; /* cycles; undefined on the chip until the first time_cfg */
    d->event = 0;
    d->engine = SIM_ENGINE_NONE;
    sim_dpu_clear_fault(d);
}

static uint8_t *map_mram(void)
{
    void *mram = mmap(NULL, ISA_MRAM_BYTES, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mram == MAP_FAILED)
        return NULL;
#ifdef MADV_NOHUGEPAGE
    madvise(mram, ISA_MRAM_BYTES, MADV_NOHUGEPAGE); /* a touched byte costs a page, not 2 MiB */
#endif
    return mram;
}

/* code: reference that the DPU takes; NULL: none to be had. */
static enum dpusim_status create(struct sim_dpu **out, const struct sim_config *config,
                                 struct sim_code *code, struct isa_diag *diag)
{
    struct sim_dpu *d = calloc(1, sizeof *d);
    if (d) {
        d->config = *config;
        d->cycle_mode = config->mode == SIM_CYCLE;
        d->code = code;
        d->mram = map_mram();
        d->dma_study = sim_dma_study_wanted(config);
        d->core_study = sim_core_study_wanted(config);
        d->mix = config->count_mix ? calloc(ISA_MAX_THREADS, sizeof *d->mix) : NULL;
    }
    if (!d || !code || !d->mram || (config->count_mix && !d->mix) || !sim_cache_create(d)) {
        if (!d)
            sim_code_release(code);
        sim_dpu_destroy(d);
        return isa_fail(diag, DPUSIM_NO_MEMORY,
                        "sim_dpu_create: out of memory (64 MiB address space)");
    }
    set_chip(d, config->chip);
    clear_state(d);
    sim_poison(d);
    enum dpusim_status status = sim_dpu_check(d, config->checks, diag);
    if (status)
        sim_dpu_destroy(d);
    else
        *out = d;
    return status;
}

enum dpusim_status sim_dpu_create(struct sim_dpu **out, const struct sim_config *config,
                                  struct isa_diag *diag)
{
    struct sim_config defaults;
    sim_config_init(&defaults);
    if (!config)
        config = &defaults;
    if (config->chip >= ISA_CHIP_COUNT || config->mode > SIM_CYCLE)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                        "sim_dpu_create: chip %d or mode %d does not exist", (int)config->chip,
                        (int)config->mode);
    enum dpusim_status status = sim_config_check(config, diag);
    return status ? status : create(out, config, sim_code_create(), diag);
}

enum dpusim_status sim_dpu_create_like(struct sim_dpu **out, const struct sim_dpu *other,
                                       struct isa_diag *diag)
{
    return create(out, &other->config, sim_code_plain(other->code), diag);
}

void sim_dpu_destroy(struct sim_dpu *dpu)
{
    if (!dpu)
        return;
    sim_checks_destroy(dpu); /* they watch the code */
    sim_schedule_destroy(dpu);
    if (dpu->mram)
        munmap(dpu->mram, ISA_MRAM_BYTES);
    isa_program_destroy(dpu->program);
    sim_code_release(dpu->code);
    free(dpu->cache);
    free(dpu->armed);
    free(dpu->mix);
    sim_doubles_destroy(dpu);
    sim_intercept_destroy(dpu);
    sim_watch_destroy(dpu->watch);
    free(dpu);
}

const struct isa_program *sim_dpu_program(const struct sim_dpu *dpu)
{
    return dpu->program;
}

const struct isa_chip_info *sim_dpu_chip(const struct sim_dpu *dpu)
{
    return dpu->chip;
}

/* ---- program -------------------------------------------------------------------------------- */

/* Zero a part of MRAM. Whole pages are given back, so that a large array of zeros costs nothing. */
static void clear_mram(struct sim_dpu *d, size_t offset_bytes, size_t len_bytes)
{
    size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE), end = offset_bytes + len_bytes;
    size_t first = (offset_bytes + page_bytes - 1) / page_bytes * page_bytes;
    size_t last = end / page_bytes * page_bytes;
    if (first >= last || madvise(d->mram + first, last - first, MADV_DONTNEED) != 0)
        first = last = end;
    memset(d->mram + offset_bytes, 0, first - offset_bytes);
    memset(d->mram + last, 0, end - last);
}

void sim_clear_mram(struct sim_dpu *d)
{
    clear_mram(d, 0, ISA_MRAM_BYTES);
}

/* IRAM aside. */
static void load_segment(struct sim_dpu *d, const struct isa_segment *segment)
{
    uint8_t *memory = segment->memory == ISA_WRAM ? d->wram : d->mram;
    uint32_t filled_bytes = segment->file_bytes, rest_bytes = segment->mem_bytes - filled_bytes;
    if (filled_bytes)
        memcpy(memory + segment->offset_bytes, segment->data, filled_bytes);
    if (segment->memory == ISA_MRAM)
        clear_mram(d, segment->offset_bytes + filled_bytes, rest_bytes);
    else
        memset(memory + segment->offset_bytes + filled_bytes, 0, rest_bytes);
}

/* New code is watched like the one before. */
static bool watched(struct sim_dpu *d)
{
    return !d->watch || sim_watch_attach(d);
}

/* DPUs that share their code share what a program makes of it; the last of them too. */
static bool load_code(struct sim_dpu *d, struct isa_program *program)
{
    if (atomic_load(&d->code->references) == 1 && d->code->next_program != program) {
        bool own = sim_code_own(d);
        sim_code_load(d->code, program);
        return own && watched(d);
    }
    struct sim_code *code = sim_code_with(d->code, program);
    if (code)
        sim_code_switch(d, code);
    return code && watched(d);
}

/* Stop whatever still runs, as after a fault; registers keep their values. */
static void halt(struct sim_dpu *d)
{
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++) {
        if (d->thread[i].running)
            sim_ring_stop(d, &d->thread[i]);
        d->thread[i].dma.pending = false;
    }
    d->dma_next_wake = UINT64_MAX;
    d->current = &d->round_end;
    d->event = 0;
    sim_dpu_clear_fault(d);
}

static void load_segments(struct sim_dpu *d)
{
    for (size_t i = 0; i < d->program->n_segments; i++)
        if (d->program->segments[i].memory == ISA_WRAM ||
            d->program->segments[i].memory == ISA_MRAM)
            load_segment(d, &d->program->segments[i]);
}

/* Where the configuration says another number of threads or size of WRAM than the chip has: the
 * program was linked for the chip. */
static enum dpusim_status check_fit(const struct sim_dpu *d, const struct isa_program *program,
                                    struct isa_diag *diag)
{
    uint32_t threads = (uint32_t)d->config.timing[SIM_TIMING_threads], end = 0;
    uint32_t wram_bytes = (uint32_t)d->config.timing[SIM_TIMING_wram_bytes];
    if (threads && program->nr_tasklets > threads)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "%s uses %u tasklets, but machine.threads=%u",
                        program->name, program->nr_tasklets, threads);
    for (size_t i = 0; i < program->n_segments; i++)
        if (program->segments[i].memory == ISA_WRAM &&
            program->segments[i].offset_bytes + program->segments[i].mem_bytes > end)
            end = program->segments[i].offset_bytes + program->segments[i].mem_bytes;
    if (wram_bytes && end > wram_bytes)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                        "%s occupies WRAM up to byte %u, but machine.wram_bytes=%u", program->name,
                        end, wram_bytes);
    return DPUSIM_OK;
}

enum dpusim_status sim_dpu_load(struct sim_dpu *dpu, struct isa_program *program,
                                struct isa_diag *diag)
{
    if (!dpu->config.follow_program && program->chip != dpu->config.chip)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "%s was built for chip %s, but this DPU is a %s",
                        program->name, isa_chip_get(program->chip)->name, dpu->chip->name);
    enum dpusim_status status = check_fit(dpu, program, diag);
    if (status)
        return status;
    halt(dpu);
    if (!load_code(dpu, program))
        return isa_fail(diag, DPUSIM_NO_MEMORY, "sim_dpu_load: out of memory");
    struct isa_program *before = dpu->program;
    dpu->program = isa_program_share(program);
    isa_program_destroy(before);
    if (dpu->config.follow_program)
        set_chip(dpu, program->chip);
    load_segments(dpu);
    sim_checks_loaded(dpu);
    return DPUSIM_OK;
}

enum dpusim_status sim_dpu_load_file(struct sim_dpu *dpu, const char *path, struct isa_diag *diag)
{
    struct isa_program *program;
    enum dpusim_status status = isa_program_read_file(&program, path, NULL, diag);
    if (status)
        return status;
    status = sim_dpu_load(dpu, program, diag);
    isa_program_destroy(program);
    return status;
}

enum dpusim_status sim_dpu_load_image(struct sim_dpu *dpu, struct isa_bytes image, const char *name,
                                      struct isa_diag *diag)
{
    struct isa_program *program;
    enum dpusim_status status = isa_program_read(&program, image, name, NULL, diag);
    if (status)
        return status;
    status = sim_dpu_load(dpu, program, diag);
    isa_program_destroy(program);
    return status;
}

void sim_dpu_reset(struct sim_dpu *dpu)
{
    struct sim_code *code = sim_code_create();
    halt(dpu);
    if (code) /* else IRAM keeps what the program does not cover */
        sim_code_switch(dpu, code);
    if (dpu->program && !load_code(dpu, dpu->program))
        sim_code_load(dpu->code, dpu->program);
    if (!dpu->program)
        watched(dpu); /* fresh code is nobody else's: it cannot fail */
    sim_clear_mram(dpu);
    memset(dpu->wram, 0, sizeof dpu->wram);
    sim_poison(dpu);
    clear_state(dpu);
    sim_inject_boot(dpu);
    sim_checks_cleared(dpu);
    if (dpu->program)
        load_segments(dpu);
    sim_checks_loaded(dpu);
}

/* Every counter; what runs goes on. */
void sim_clear_counters(struct sim_dpu *d)
{
    sim_collect_end(d);
    for (struct sim_tasklet *t = d->thread; t < d->thread + ISA_MAX_THREADS; t++) {
        t->instructions = t->dma_transfers = t->dma_bytes = t->dma_cycles = t->queue_cycles = 0;
        t->slots_running = t->slots_spacing = t->slots_dma = t->slots_queue = t->slots_hazard = 0;
        t->spins = t->ready_cycle = 0;
        t->last_writes = 0;
        memset(t->result_cycle, 0, sizeof t->result_cycle);
    }
    d->now = d->last_issue = d->dma_busy = 0;
    d->idle_pipeline = d->idle_dma = d->idle_hazard = 0;
    d->tail_pipeline = d->tail_dma = d->tail_hazard = d->tail_issue = 0;
    d->hazard_from = d->hazard_cycles = d->mram_write_bytes = 0;
    d->dram_open_row = UINT64_MAX;
    memset(d->dma_engine_free, 0, sizeof d->dma_engine_free);
    memset(d->dma_sizes, 0, sizeof d->dma_sizes);
    sim_cache_clear(d);
    if (d->mix)
        memset(d->mix, 0, ISA_MAX_THREADS * sizeof *d->mix);
}

enum dpusim_status sim_dpu_set_mode(struct sim_dpu *dpu, enum sim_mode mode, struct isa_diag *diag)
{
    if (mode > SIM_CYCLE)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "sim_dpu_set_mode: mode %d does not exist",
                        (int)mode);
    sim_change_mode(dpu, mode);
    return DPUSIM_OK;
}

/* Code that an ldmai or an injection may change must be the DPU's own before it runs. */
static bool own_what_changes(struct sim_dpu *d)
{
    return !(d->code->may_change_itself || d->n_armed) || sim_code_own(d);
}

/* A launch begins. */
static void begin_launch(struct sim_dpu *d)
{
    struct sim_time time = sim_time_values(d);
    d->launches++;
    d->instructions_earlier += d->instructions_before + sim_dpu_instructions(d);
    d->instructions_before = 0;
    d->kept.valid = false;
    sim_clear_counters(d);
    for (struct sim_tasklet *t = d->thread; t < d->thread + ISA_MAX_THREADS; t++)
        t->booted = t->ended = false;
    sim_time_continue(d, time);
    sim_window_launch(d);
}

enum sim_mode sim_dpu_mode(const struct sim_dpu *dpu)
{
    return dpu->config.mode;
}

enum dpusim_status sim_dpu_boot(struct sim_dpu *dpu, struct isa_diag *diag)
{
    if (!dpu->program)
        return isa_fail(diag, DPUSIM_NO_PROGRAM, "sim_dpu_boot: no program is loaded");
    if (dpu->n_running)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "sim_dpu_boot: %u tasklets are still running",
                        dpu->n_running);
    if (!own_what_changes(dpu))
        return isa_fail(diag, DPUSIM_NO_MEMORY, "sim_dpu_boot: out of memory");
    sim_dpu_clear_fault(dpu);
    begin_launch(dpu);
    sim_inject_boot(dpu);
    dpu->current = &dpu->round_end;
    dpu->last_turn = UINT8_MAX;
    sim_ring_start(dpu, &dpu->thread[0], dpu->code->insn);
    sim_cycle_booted(dpu, &dpu->thread[0]);
    sim_collect_begin(dpu);
    sim_checks_launched(dpu);
    sim_schedule_launched(dpu);
    return DPUSIM_OK;
}

/* ---- memories ------------------------------------------------------------------------------- */

uint32_t sim_dpu_memory_bytes(const struct sim_dpu *dpu, enum isa_memory memory)
{
    switch (memory) {
    case ISA_IRAM:
        return dpu->iram_bytes;
    case ISA_WRAM:
        return dpu->wram_units[0];
    case ISA_MRAM:
        return ISA_MRAM_BYTES;
    default:
        return dpu->chip->atomic_bits;
    }
}

static enum dpusim_status check_access(const struct sim_dpu *dpu, enum isa_memory memory,
                                       uint32_t offset_bytes, size_t len_bytes,
                                       struct isa_diag *diag)
{
    static const enum dpusim_status statuses[] = {
        DPUSIM_INVALID_IRAM_ACCESS, DPUSIM_INVALID_WRAM_ACCESS, DPUSIM_INVALID_MRAM_ACCESS};
    if (memory >= ISA_ATOMIC)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "atomic bits have no bytes to read or write");
    uint32_t size = sim_dpu_memory_bytes(dpu, memory);
    if (len_bytes > size || offset_bytes > size - len_bytes)
        return isa_fail(diag, statuses[memory],
                        "%s: offset %u + length %zu = %llu bytes, but it has %u",
                        isa_memory_name(memory), offset_bytes, len_bytes,
                        (unsigned long long)offset_bytes + len_bytes, size);
    if (memory == ISA_IRAM && (offset_bytes | len_bytes) % ISA_INSN_BYTES)
        return isa_fail(diag, statuses[memory],
                        "IRAM: offset %u and length %zu must be multiples of %u bytes",
                        offset_bytes, len_bytes, ISA_INSN_BYTES);
    return DPUSIM_OK;
}

enum dpusim_status sim_dpu_read(const struct sim_dpu *dpu, enum isa_memory memory,
                                uint32_t offset_bytes, void *data, size_t len_bytes,
                                struct isa_diag *diag)
{
    enum dpusim_status status = check_access(dpu, memory, offset_bytes, len_bytes, diag);
    if (status || len_bytes == 0)
        return status;
    if (memory == ISA_IRAM)
        memcpy(data, &dpu->code->word[offset_bytes / ISA_INSN_BYTES], len_bytes);
    else
        memcpy(data, (memory == ISA_WRAM ? dpu->wram : dpu->mram) + offset_bytes, len_bytes);
    return DPUSIM_OK;
}

enum dpusim_status sim_dpu_write(struct sim_dpu *dpu, enum isa_memory memory, uint32_t offset_bytes,
                                 const void *data, size_t len_bytes, struct isa_diag *diag)
{
    enum dpusim_status status = check_access(dpu, memory, offset_bytes, len_bytes, diag);
    if (status || len_bytes == 0)
        return status;
    if (memory == ISA_IRAM && !sim_code_own(dpu))
        return isa_fail(diag, DPUSIM_NO_MEMORY, "sim_dpu_write: out of memory");
    if (memory == ISA_IRAM)
        sim_code_store_row(dpu->code, offset_bytes / ISA_INSN_BYTES, data,
                           len_bytes / ISA_INSN_BYTES);
    else
        memcpy((memory == ISA_WRAM ? dpu->wram : dpu->mram) + offset_bytes, data, len_bytes);
    sim_dpu_written(dpu, memory, offset_bytes, len_bytes);
    return DPUSIM_OK;
}

uint8_t *sim_dpu_mram(struct sim_dpu *dpu)
{
    return dpu->mram;
}

uint8_t *sim_dpu_wram(struct sim_dpu *dpu)
{
    return dpu->wram;
}

/* ---- threads and bits ----------------------------------------------------------------------- */

/* Stopped elsewhere than at the end of the program: programs of the run-time library end at
 * __sys_end; without that symbol a stop that names where to continue counts as the end (a blocking
 * primitive's stop does not). */
static bool is_asleep(const struct sim_dpu *d, const struct sim_tasklet *t)
{
    const struct isa_symbol *end = NULL;
    if (!t->booted || t->running)
        return false;
    if (d->program)
        end = isa_program_find_symbol(d->program, "__sys_end");
    if (end && end->defined)
        return ISA_IRAM_BASE + sim_pc_of(d, t->ip) * ISA_INSN_BYTES != end->value;
    return !t->ended;
}

enum dpusim_status sim_dpu_get_thread(const struct sim_dpu *dpu, unsigned tasklet,
                                      struct sim_thread_state *state)
{
    if (tasklet >= dpu->chip->threads)
        return DPUSIM_BAD_ARGUMENT;
    const struct sim_tasklet *t = &dpu->thread[tasklet];
    memcpy(state->registers, t->r, sizeof state->registers);
    state->pc_insn = sim_pc_of(dpu, t->ip);
    state->zero_flag = t->zero == 0;
    state->carry_flag = t->carry;
    state->running = t->running;
    state->booted = t->booted;
    state->asleep = is_asleep(dpu, t);
    return DPUSIM_OK;
}

enum dpusim_status sim_dpu_set_thread(struct sim_dpu *dpu, unsigned tasklet,
                                      const struct sim_thread_state *state)
{
    if (tasklet >= dpu->chip->threads)
        return DPUSIM_BAD_ARGUMENT;
    if (state->running && !own_what_changes(dpu))
        return DPUSIM_NO_MEMORY;
    struct sim_tasklet *t = &dpu->thread[tasklet];
    memcpy(t->r, state->registers, sizeof state->registers);
    t->ip = sim_at_pc(dpu, state->pc_insn);
    t->zero = !state->zero_flag;
    t->carry = state->carry_flag;
    if (state->running && !t->running)
        sim_ring_start(dpu, t, t->ip);
    else if (!state->running && t->running) {
        if (dpu->current == t) /* else the stop would be counted as its own */
            dpu->current = t->next;
        sim_ring_stop(dpu, t);
    }
    return DPUSIM_OK;
}

uint64_t sim_dpu_run_bits(const struct sim_dpu *dpu)
{
    uint64_t bits = dpu->notify_bits;
    for (unsigned i = 0; i < dpu->chip->threads; i++)
        bits |= (uint64_t)dpu->thread[i].running << i;
    return bits;
}

bool sim_dpu_atomic_get(const struct sim_dpu *dpu, unsigned bit)
{
    return bit < ISA_ATOMIC_BITS && (dpu->atomic[bit / 64] >> bit % 64 & 1);
}

void sim_dpu_atomic_set(struct sim_dpu *dpu, unsigned bit, bool value)
{
    uint64_t mask = UINT64_C(1) << bit % 64;
    if (bit >= ISA_ATOMIC_BITS)
        return;
    dpu->atomic[bit / 64] = value ? dpu->atomic[bit / 64] | mask : dpu->atomic[bit / 64] & ~mask;
}
