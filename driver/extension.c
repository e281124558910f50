/* SPDX-License-Identifier: MIT */
/* What dpusim adds to the host API; see include/dpusim.h. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"
#include "include/dpusim.h"

const char *dpusim_driver_version(void)
{
    return DPUSIM_VERSION;
}

const char *dpusim_last_message(void)
{
    return drv_last_message();
}

/* Hold the ranks of a set for a moment. */
static dpu_error_t enter(struct drv_target *target, struct dpu_set_t set, const char *call)
{
    dpu_error_t error = drv_target_from(target, set, call);
    return error ? error : drv_acquire(target, DRV_EVEN_FAILED);
}

/* The first DPU of a target for which accept holds; NULL: none. */
static struct dpu_t *first_dpu(const struct drv_target *target,
                               bool (*accept)(const struct dpu_t *))
{
    struct drv_cursor at = {0};
    while (drv_next(target, &at) && !accept(at.dpu))
        ;
    return at.dpu;
}

/* ---- faults ---------------------------------------------------------------------------------- */

static bool in_fault(const struct dpu_t *dpu)
{
    return sim_dpu_fault(dpu->sim) != NULL;
}

static enum dpusim_fault_kind kind_of(enum sim_fault_kind kind)
{
    switch (kind) {
    case SIM_FAULT_NONE:
        return DPUSIM_NO_FAULT;
    case SIM_FAULT_BREAKPOINT:
        return DPUSIM_BREAKPOINT_FAULT;
    case SIM_FAULT_MEMORY:
        return DPUSIM_MEMORY_FAULT;
    case SIM_FAULT_DMA:
        return DPUSIM_DMA_FAULT;
    case SIM_FAULT_STACK:
        return DPUSIM_STACK_FAULT;
    default:
        return DPUSIM_OTHER_FAULT;
    }
}

static void describe(struct dpusim_fault *out, struct dpu_t *dpu)
{
    const struct sim_fault *fault = sim_dpu_fault(dpu->sim);
    struct sim_frame frame = {0};
    unsigned frames = sim_dpu_backtrace(dpu->sim, fault->tasklet, &frame, 1);
    *out = (struct dpusim_fault){.kind = kind_of(fault->kind),
                                 .dpu_id = dpu_get_id(dpu),
                                 .dpu_index = dpu->index,
                                 .tasklet = fault->tasklet,
                                 .pc = fault->pc_insn,
                                 .code = fault->code,
                                 .address = fault->address,
                                 .length = fault->len_bytes,
                                 .injected = fault->injected,
                                 .instructions = fault->instructions,
                                 .cycle = fault->at_cycle,
                                 .offset = frame.offset_insns,
                                 .line = frame.line};
    snprintf(out->rule, sizeof out->rule, "%s", fault->rule);
    if (frames && frame.function)
        snprintf(out->function, sizeof out->function, "%s", frame.function);
    if (frames && frame.file)
        snprintf(out->file, sizeof out->file, "%s", frame.file);
}

dpu_error_t dpusim_last_fault(struct dpu_set_t set, struct dpusim_fault *fault)
{
    struct drv_target target;
    if (!fault)
        return drv_fail(DPU_ERR_INTERNAL, "dpusim_last_fault: fault is NULL");
    dpu_error_t error = enter(&target, set, __func__);
    if (error)
        return error;
    struct dpu_t *dpu = first_dpu(&target, in_fault);
    *fault = (struct dpusim_fault){.kind = DPUSIM_NO_FAULT};
    if (dpu)
        describe(fault, dpu);
    drv_release(&target);
    return DPU_OK;
}

dpu_error_t dpusim_explain_fault(struct dpu_set_t set, char **text)
{
    struct drv_target target;
    static const struct sim_outcome faulted = {.stop = SIM_FAULTED};
    if (!text)
        return drv_fail(DPU_ERR_INTERNAL, "dpusim_explain_fault: text is NULL");
    dpu_error_t error = enter(&target, set, __func__);
    if (error)
        return error;
    struct dpu_t *dpu = first_dpu(&target, in_fault);
    char *report = dpu ? drv_report_text(dpu, &faulted, false) : strdup("");
    drv_release(&target);
    if (!report)
        return drv_fail(DPU_ERR_SYSTEM, "dpusim_explain_fault: out of memory");
    *text = report;
    return DPU_OK;
}

dpu_error_t dpusim_set_reports(struct dpu_set_t set, bool on)
{
    struct drv_target target;
    dpu_error_t error = enter(&target, set, __func__);
    if (error)
        return error;
    drv_set_of(set)->fault_reports = on;
    drv_release(&target);
    return DPU_OK;
}

/* ---- checkers -------------------------------------------------------------------------------- */

static dpu_error_t check_rank(struct dpu_rank_t *rank, struct dpu_t *only, uint32_t checks)
{
    struct isa_diag diag;
    enum dpusim_status status = DPUSIM_OK;
    for (struct dpu_t *dpu = NULL; !status && (dpu = drv_next_in(rank, only, dpu));) {
        status = sim_dpu_check(dpu->sim, checks, &diag);
        dpu->findings_told = 0;
    }
    return status ? drv_fail(drv_error_of(status), "dpusim_check: %s", diag.text) : DPU_OK;
}

dpu_error_t dpusim_check(struct dpu_set_t set, const char *checkers)
{
    struct drv_target target;
    struct isa_diag diag;
    uint32_t checks;
    if (!checkers)
        return drv_fail(DPU_ERR_INTERNAL, "dpusim_check: checkers is NULL");
    if (sim_checks_parse(&checks, checkers, &diag))
        return drv_fail(DPU_ERR_INVALID_PROFILE, "dpusim_check: %s", diag.text);
    dpu_error_t error = enter(&target, set, __func__);
    if (error)
        return error;
    for (uint32_t r = 0; r < target.nr_ranks && !error; r++)
        error = check_rank(target.ranks[r], target.dpu, checks);
    drv_release(&target);
    return error;
}

/* Appends; false: no memory. */
static bool append(char **text, const char *more)
{
    size_t used = *text ? strlen(*text) : 0, len = more ? strlen(more) : 0;
    char *longer = realloc(*text, used + len + 1);
    if (!longer)
        return false;
    memcpy(longer + used, more ? more : "", len);
    longer[used + len] = '\0';
    *text = longer;
    return true;
}

dpu_error_t dpusim_findings(struct dpu_set_t set, uint32_t *count, char **text)
{
    struct drv_target target;
    char *all = NULL;
    if (!count)
        return drv_fail(DPU_ERR_INTERNAL, "dpusim_findings: count is NULL");
    dpu_error_t error = enter(&target, set, __func__);
    if (error)
        return error;
    bool ok = append(&all, NULL);
    *count = 0;
    for (struct drv_cursor at = {0}; drv_next(&target, &at);) {
        char *more = drv_report_findings(at.dpu);
        *count += sim_dpu_findings(at.dpu->sim, NULL);
        ok = ok && append(&all, more);
        free(more);
    }
    drv_release(&target);
    if (text && ok)
        *text = all;
    else
        free(all);
    return ok ? DPU_OK : drv_fail(DPU_ERR_SYSTEM, "dpusim_findings: out of memory");
}

/* ---- machine --------------------------------------------------------------------------------- */

static dpu_error_t set_rank_mode(struct dpu_rank_t *rank, struct dpu_t *only, enum sim_mode mode)
{
    struct isa_diag diag;
    enum dpusim_status status = DPUSIM_OK;
    for (struct dpu_t *dpu = NULL; !status && (dpu = drv_next_in(rank, only, dpu));) {
        drv_halt(dpu);
        atomic_store(&dpu->fault, false);
        status = sim_dpu_set_mode(dpu->sim, mode, &diag);
    }
    if (status)
        return drv_fail(drv_error_of(status), "dpusim_set_mode: %s", diag.text);
    if (!only)
        rank->machine.sim.mode = mode;
    return DPU_OK;
}

dpu_error_t dpusim_set_mode(struct dpu_set_t set, enum dpusim_mode mode)
{
    struct drv_target target;
    if (mode != DPUSIM_FUNCTIONAL && mode != DPUSIM_CYCLE)
        return drv_fail(DPU_ERR_INTERNAL,
                        "dpusim_set_mode: mode %d; wanted DPUSIM_FUNCTIONAL or DPUSIM_CYCLE",
                        (int)mode);
    dpu_error_t error = enter(&target, set, __func__);
    if (error)
        return error;
    for (uint32_t r = 0; r < target.nr_ranks && !error; r++)
        error = set_rank_mode(target.ranks[r], target.dpu,
                              mode == DPUSIM_CYCLE ? SIM_CYCLE : SIM_FUNCTIONAL);
    drv_release(&target);
    return error;
}

static bool has_simulator(const struct dpu_t *dpu)
{
    return dpu->sim != NULL;
}

dpu_error_t dpusim_get_mode(struct dpu_set_t set, enum dpusim_mode *mode)
{
    struct drv_target target;
    dpu_error_t error = drv_target_from(&target, set, __func__);
    if (error)
        return error;
    if (!mode)
        return drv_fail(DPU_ERR_INTERNAL, "dpusim_get_mode: mode is NULL");
    const struct dpu_t *dpu = first_dpu(&target, has_simulator);
    if (dpu)
        *mode = sim_dpu_mode(dpu->sim) == SIM_CYCLE ? DPUSIM_CYCLE : DPUSIM_FUNCTIONAL;
    return DPU_OK;
}

dpu_error_t dpusim_set_limits(struct dpu_set_t set, uint64_t max_instructions, double max_seconds)
{
    struct drv_target target;
    if (!(max_seconds >= 0 && max_seconds < 1e9))
        return drv_fail(DPU_ERR_INTERNAL, "dpusim_set_limits: %g seconds; wanted 0 to 1e9",
                        max_seconds);
    dpu_error_t error = enter(&target, set, __func__);
    if (error)
        return error;
    for (uint32_t r = 0; r < target.nr_ranks; r++) {
        target.ranks[r]->machine.limits.max_instructions = max_instructions;
        target.ranks[r]->machine.limits.max_seconds = max_seconds;
    }
    drv_release(&target);
    return DPU_OK;
}

dpu_error_t dpusim_interrupt(struct dpu_set_t set)
{
    struct drv_target target;
    dpu_error_t error = drv_target_from(&target, set, __func__);
    if (error)
        return error;
    for (struct drv_cursor at = {0}; drv_next(&target, &at);)
        drv_give_up(at.dpu);
    return DPU_OK;
}

/* ---- statistics ------------------------------------------------------------------------------ */

/* One name for each: those of tasklets begin with "tasklet_". */
#define PREFIX_DPU
#define PREFIX_TASKLET "tasklet_"
static const char *const statistic_names[SIM_STAT_COUNT] = {
#define STAT(id, scope, ...) [SIM_STAT_##scope##_##id] = PREFIX_##scope #id,
#include "stats.def"
#undef STAT
};

uint32_t dpusim_nr_statistics(void)
{
    return SIM_STAT_COUNT;
}

const struct dpusim_statistic *dpusim_describe_statistic(uint32_t index)
{
    static struct dpusim_statistic all[SIM_STAT_COUNT];
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    if (index >= SIM_STAT_COUNT)
        return NULL;
    const struct sim_stat_info *info = sim_stat_get((enum sim_stat)index);
    pthread_mutex_lock(&lock);
    all[index] = (struct dpusim_statistic){statistic_names[index], info->unit, info->meaning,
                                           info->scope == SIM_SCOPE_TASKLET, info->cycle_mode_only};
    pthread_mutex_unlock(&lock);
    return &all[index];
}

int dpusim_find_statistic(const char *name)
{
    for (int i = 0; name && i < SIM_STAT_COUNT; i++)
        if (strcmp(statistic_names[i], name) == 0)
            return i;
    return -1;
}

dpu_error_t dpusim_read_statistic(struct dpu_set_t set, uint32_t index, uint32_t nr_tasklets,
                                  uint64_t *values, size_t count)
{
    struct drv_target target;
    uint32_t nr_dpus = 0;
    size_t n = 0;
    dpu_error_t error = dpu_get_nr_dpus(set, &nr_dpus);
    if (error)
        return error;
    if (index >= SIM_STAT_COUNT || !values || nr_tasklets < 1 || nr_tasklets > ISA_MAX_THREADS)
        return drv_fail(DPU_ERR_INTERNAL,
                        "dpusim_read_statistic: index %" PRIu32 " of %d, %" PRIu32
                        " tasklets (1 to %u)",
                        index, SIM_STAT_COUNT, nr_tasklets, ISA_MAX_THREADS);
    if (sim_stat_get((enum sim_stat)index)->scope == SIM_SCOPE_DPU)
        nr_tasklets = 1;
    if (count != (size_t)nr_dpus * nr_tasklets)
        return drv_fail(DPU_ERR_INTERNAL,
                        "dpusim_read_statistic: room for %zu numbers, but there are %" PRIu32
                        " DPUs x %" PRIu32,
                        count, nr_dpus, nr_tasklets);
    error = enter(&target, set, __func__);
    if (error)
        return error;
    for (struct drv_cursor at = {0}; drv_next(&target, &at);)
        for (unsigned t = 0; t < nr_tasklets; t++)
            values[n++] = sim_dpu_stat(at.dpu->sim, (enum sim_stat)index, t);
    drv_release(&target);
    return DPU_OK;
}

/* ---- failures on purpose --------------------------------------------------------------------- */

/* Hold the whole set, whatever part was named: its list is read by the jobs of every rank. */
static dpu_error_t enter_whole(struct drv_target *target, struct dpu_set_t part, const char *call)
{
    dpu_error_t error = drv_set_check(part, call);
    return error ? error : enter(target, drv_set_of(part)->public_set, call);
}

dpu_error_t dpusim_inject(struct dpu_set_t set, const char *specifications)
{
    struct drv_target target;
    if (!specifications)
        return drv_fail(DPU_ERR_INVALID_PROFILE, "dpusim_inject: the text is NULL");
    dpu_error_t error = enter_whole(&target, set, __func__);
    if (error)
        return error;
    error = drv_inject_add(drv_set_of(set), specifications);
    drv_release(&target);
    return error;
}

dpu_error_t dpusim_clear_injections(struct dpu_set_t set)
{
    struct drv_target target;
    dpu_error_t error = enter_whole(&target, set, __func__);
    if (error)
        return error;
    drv_inject_clear(drv_set_of(set));
    drv_release(&target);
    return DPU_OK;
}

/* ---- symbols --------------------------------------------------------------------------------- */

dpu_error_t dpusim_program_symbol(struct dpu_program_t *program, uint32_t index, const char **name,
                                  struct dpu_symbol_t *symbol)
{
    if (!program || !name || !symbol)
        return drv_fail(DPU_ERR_INTERNAL, "dpusim_program_symbol: an argument is NULL");
    if (!program->symbols || index >= program->symbols->nr_symbols)
        return DPU_ERR_UNKNOWN_SYMBOL; /* the end of the list, no failure */
    *name = program->symbols->map[index].name;
    symbol->address = program->symbols->map[index].value;
    symbol->size = program->symbols->map[index].size;
    return DPU_OK;
}
