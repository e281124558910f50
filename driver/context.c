/* SPDX-License-Identifier: MIT */
/* The state of a DPU's threads for debuggers: stop, read, change, step, go on. What hardware does
 * by a fault that it raises on itself is done here on the simulator's state: a stopped DPU keeps
 * the run bits of its threads, nobody executes them. The order of scheduling is that of the thread
 * numbers, as the simulator's turns are. */
#include <stdlib.h>
#include <string.h>

#include "include/dpu_debug.h"
#include "low.h"

enum { NO_THREAD = 0xff };

/* ---- contexts -------------------------------------------------------------------------------- */

void drv_context_init(struct dpu_context_t *context, const struct dpu_rank_t *rank)
{
    const struct dpu_hw_description_t *hw = &rank->description->hw;
    memset(context, 0, sizeof *context);
    context->info.nr_threads = hw->dpu.nr_of_threads;
    context->info.nr_registers = hw->dpu.nr_of_work_registers_per_thread;
    context->info.nr_atomic_bits = hw->dpu.nr_of_atomic_bits;
    context->info.iram_size = hw->memories.iram_size;
    context->info.mram_size = hw->memories.mram_size;
    context->info.wram_size = hw->memories.wram_size;
}

dpu_error_t dpu_context_fill_from_rank(struct dpu_context_t *context, struct dpu_rank_t *rank)
{
    if (!context)
        return drv_fail(DPU_ERR_INTERNAL, "%s: the context is NULL", __func__);
    dpu_error_t error = drv_low_rank(rank, __func__);
    if (error)
        return error;
    drv_context_init(context, rank);
    drv_low_leave(rank);
    return DPU_OK;
}

bool drv_context_allocate(struct dpu_context_t *context)
{
    size_t threads = context->info.nr_threads;
    context->registers =
        calloc(threads * context->info.nr_registers + 1, sizeof *context->registers);
    context->pcs = calloc(threads + 1, sizeof *context->pcs);
    context->atomic_register = calloc(context->info.nr_atomic_bits + 1, sizeof(bool));
    context->zero_flags = calloc(threads + 1, sizeof(bool));
    context->carry_flags = calloc(threads + 1, sizeof(bool));
    context->scheduling = malloc(threads + 1);
    if (context->scheduling)
        memset(context->scheduling, NO_THREAD, threads);
    return context->registers && context->pcs && context->atomic_register && context->zero_flags &&
           context->carry_flags && context->scheduling;
}

void dpu_free_dpu_context(struct dpu_context_t *context)
{
    if (!context)
        return;
    free(context->iram);
    free(context->mram);
    free(context->wram);
    free(context->registers);
    free(context->pcs);
    free(context->atomic_register);
    free(context->zero_flags);
    free(context->carry_flags);
    free(context->scheduling);
    context->iram = NULL;
    context->mram = NULL;
    context->wram = NULL;
    context->registers = NULL;
    context->pcs = NULL;
    context->atomic_register = context->zero_flags = context->carry_flags = NULL;
    context->scheduling = NULL;
}

dpu_error_t dpu_pop_debug_context(struct dpu_t *dpu, struct dpu_context_t **debug_context)
{
    if (!debug_context)
        return drv_fail(DPU_ERR_INTERNAL, "%s: debug_context is NULL", __func__);
    dpu_error_t error = drv_low_dpu(dpu, __func__);
    if (error)
        return error;
    *debug_context = dpu->debug_context;
    dpu->debug_context = NULL;
    drv_low_leave(dpu->rank);
    return DPU_OK;
}

/* ---- between context and DPU ----------------------------------------------------------------- */

static void read_pcs(const struct dpu_t *dpu, struct dpu_context_t *context)
{
    struct sim_thread_state state;
    for (unsigned t = 0; t < context->info.nr_threads; t++)
        if (sim_dpu_get_thread(dpu->sim, t, &state) == DPUSIM_OK)
            context->pcs[t] = (iram_addr_t)state.pc_insn;
}

void drv_context_read(const struct dpu_t *dpu, struct dpu_context_t *context)
{
    struct sim_thread_state state;
    unsigned registers = context->info.nr_registers;
    for (unsigned t = 0; t < context->info.nr_threads; t++) {
        if (sim_dpu_get_thread(dpu->sim, t, &state) != DPUSIM_OK)
            return;
        memcpy(&context->registers[t * registers], state.registers,
               registers * sizeof *context->registers);
        context->zero_flags[t] = state.zero_flag;
        context->carry_flags[t] = state.carry_flag;
    }
    read_pcs(dpu, context);
    for (unsigned bit = 0; bit < context->info.nr_atomic_bits; bit++)
        context->atomic_register[bit] = sim_dpu_atomic_get(dpu->sim, bit);
}

void drv_context_write(struct dpu_t *dpu, const struct dpu_context_t *context)
{
    struct sim_thread_state state;
    unsigned registers = context->info.nr_registers;
    for (unsigned t = 0; t < context->info.nr_threads; t++) {
        if (sim_dpu_get_thread(dpu->sim, t, &state) != DPUSIM_OK)
            return;
        memcpy(state.registers, &context->registers[t * registers],
               registers * sizeof *context->registers);
        state.pc_insn = context->pcs[t];
        state.zero_flag = context->zero_flags[t];
        state.carry_flag = context->carry_flags[t];
        if (sim_dpu_set_thread(dpu->sim, t, &state) != DPUSIM_OK)
            return;
    }
    for (unsigned bit = 0; bit < context->info.nr_atomic_bits; bit++)
        sim_dpu_atomic_set(dpu->sim, bit, context->atomic_register[bit]);
}

void drv_context_situation(const struct dpu_t *dpu, struct dpu_context_t *context)
{
    const struct sim_fault *fault = sim_dpu_fault(dpu->sim);
    uint64_t running = sim_dpu_run_bits(dpu->sim);
    enum sim_fault_kind kind = fault ? fault->kind : SIM_FAULT_NONE;
    dpu_thread_t thread = fault ? (dpu_thread_t)fault->tasklet : 0;
    context->nr_of_running_threads = 0;
    memset(context->scheduling, NO_THREAD, context->info.nr_threads);
    for (unsigned t = 0; t < context->info.nr_threads; t++)
        if (running >> t & 1)
            context->scheduling[context->nr_of_running_threads++] = (uint8_t)t;
    context->bkp_fault = kind == SIM_FAULT_BREAKPOINT;
    context->dma_fault = kind == SIM_FAULT_DMA;
    context->mem_fault = kind == SIM_FAULT_MEMORY;
    context->bkp_fault_thread_index = context->bkp_fault ? thread : 0;
    context->dma_fault_thread_index = context->dma_fault ? thread : 0;
    context->mem_fault_thread_index = context->mem_fault ? thread : 0;
    context->bkp_fault_id = context->bkp_fault ? fault->code : 0;
}

/* ---- checks ---------------------------------------------------------------------------------- */

/* Arrays that a call needs. */
enum need { NEED_PCS = 1, NEED_THREADS = 2, NEED_SCHEDULING = 4 };

static dpu_error_t check_context(const struct dpu_t *dpu, const struct dpu_context_t *context,
                                 unsigned need, const char *call)
{
    const struct dpu_hw_description_t *hw = &dpu->rank->description->hw;
    if (!context)
        return drv_fail(DPU_ERR_INTERNAL, "%s: the context is NULL", call);
    if (context->info.nr_threads != hw->dpu.nr_of_threads ||
        context->info.nr_registers != hw->dpu.nr_of_work_registers_per_thread ||
        context->info.nr_atomic_bits != hw->dpu.nr_of_atomic_bits)
        return drv_fail(DPU_ERR_INTERNAL,
                        "%s: the context is of a DPU with %u threads of %u registers and %u atomic "
                        "bits; this one has %u of %u and %u (dpu_context_fill_from_rank)",
                        call, context->info.nr_threads, context->info.nr_registers,
                        context->info.nr_atomic_bits, hw->dpu.nr_of_threads,
                        hw->dpu.nr_of_work_registers_per_thread, hw->dpu.nr_of_atomic_bits);
    bool pcs = !(need & (NEED_PCS | NEED_THREADS)) || context->pcs;
    bool threads = !(need & NEED_THREADS) || (context->registers && context->zero_flags &&
                                              context->carry_flags && context->atomic_register);
    bool scheduling = !(need & NEED_SCHEDULING) || context->scheduling;
    if (pcs && threads && scheduling)
        return DPU_OK;
    return drv_fail(DPU_ERR_INTERNAL, "%s: the context has no array \"%s\"", call,
                    !pcs       ? "pcs"
                    : !threads ? "registers, flags or atomic_register"
                               : "scheduling");
}

dpu_error_t drv_context_check(const struct dpu_t *dpu, const struct dpu_context_t *context,
                              const char *call)
{
    return check_context(dpu, context, NEED_THREADS | NEED_SCHEDULING, call);
}

static dpu_error_t check_stopped(const struct dpu_t *dpu, const char *call)
{
    if (atomic_load(&dpu->running))
        return drv_fail(DPU_ERR_INTERNAL,
                        "%s: DPU 0x%x runs; call dpu_initialize_fault_process_for_dpu first", call,
                        (unsigned)dpu_get_id((struct dpu_t *)dpu));
    return DPU_OK;
}

/* ---- reading and writing --------------------------------------------------------------------- */

/* need: NEED_* that `read` fills. */
static dpu_error_t extract(struct dpu_t *dpu, struct dpu_context_t *context, unsigned need,
                           void (*read)(const struct dpu_t *dpu, struct dpu_context_t *context),
                           const char *call)
{
    dpu_error_t error = drv_low_dpu(dpu, call);
    if (error)
        return error;
    error = check_context(dpu, context, need, call);
    if (!error) {
        drv_pause(dpu);
        read(dpu, context);
        drv_resume(dpu);
    }
    drv_low_leave(dpu->rank);
    return error;
}

dpu_error_t dpu_extract_pcs_for_dpu(struct dpu_t *dpu, struct dpu_context_t *context)
{
    return extract(dpu, context, NEED_PCS, read_pcs, __func__);
}

dpu_error_t dpu_extract_context_for_dpu(struct dpu_t *dpu, struct dpu_context_t *context)
{
    return extract(dpu, context, NEED_THREADS, drv_context_read, __func__);
}

dpu_error_t dpu_restore_context_for_dpu(struct dpu_t *dpu, struct dpu_context_t *context)
{
    dpu_error_t error = drv_low_hold_dpu(dpu, __func__);
    if (error)
        return error;
    error = check_context(dpu, context, NEED_THREADS, __func__);
    if (!error)
        error = check_stopped(dpu, __func__);
    if (!error)
        drv_context_write(dpu, context);
    drv_low_unhold(dpu->rank);
    return error;
}

/* ---- stop, step, go on ----------------------------------------------------------------------- */

dpu_error_t dpu_initialize_fault_process_for_dpu(struct dpu_t *dpu, struct dpu_context_t *context,
                                                 mram_addr_t error_store_addr)
{
    (void)error_store_addr;
    dpu_error_t error = drv_low_hold_dpu(dpu, __func__);
    if (error)
        return error;
    error = check_context(dpu, context, NEED_SCHEDULING, __func__);
    if (!error) {
        drv_stop(dpu);
        drv_context_situation(dpu, context);
    }
    drv_low_unhold(dpu->rank);
    return error;
}

/* Threads of the context that shall run, as bits. */
static uint64_t scheduled(const struct dpu_context_t *context)
{
    uint64_t threads = 0;
    for (unsigned i = 0; i < context->nr_of_running_threads && i < context->info.nr_threads; i++)
        if (context->scheduling[i] < context->info.nr_threads)
            threads |= UINT64_C(1) << context->scheduling[i];
    return threads;
}

/* Leave a fault, and let exactly these threads have their run bit set. */
static void set_run_bits(struct dpu_t *dpu, uint64_t threads)
{
    struct sim_thread_state state;
    sim_dpu_clear_fault(dpu->sim);
    atomic_store(&dpu->fault, false);
    for (unsigned t = 0; sim_dpu_get_thread(dpu->sim, t, &state) == DPUSIM_OK; t++) {
        state.running = threads >> t & 1;
        if (sim_dpu_set_thread(dpu->sim, t, &state) != DPUSIM_OK)
            return;
    }
}

static dpu_error_t check_thread(dpu_thread_t thread, const struct dpu_context_t *context,
                                const char *call)
{
    if (thread >= context->info.nr_threads)
        return drv_fail(DPU_ERR_INVALID_THREAD_ID, "%s: thread %u; the chip has 0 to %u", call,
                        thread, context->info.nr_threads - 1);
    if (!(scheduled(context) >> thread & 1))
        return drv_fail(DPU_ERR_INTERNAL,
                        "%s: thread %u does not run: it is not among the %u of "
                        "context->scheduling",
                        call, thread, context->nr_of_running_threads);
    return DPU_OK;
}

static dpu_error_t step(struct dpu_t *dpu, dpu_thread_t thread, struct dpu_context_t *context,
                        const char *call)
{
    struct sim_outcome outcome = {.stop = SIM_DONE};
    set_run_bits(dpu, scheduled(context));
    enum dpusim_status status = sim_dpu_step(dpu->sim, thread, &outcome);
    if (status)
        return drv_fail(drv_error_of(status), "%s: thread %u cannot execute", call, thread);
    atomic_store(&dpu->fault, outcome.stop == SIM_FAULTED);
    drv_context_situation(dpu, context);
    if (context->pcs)
        read_pcs(dpu, context);
    return DPU_OK;
}

dpu_error_t dpu_execute_thread_step_in_fault_for_dpu(struct dpu_t *dpu, dpu_thread_t thread,
                                                     struct dpu_context_t *context)
{
    dpu_error_t error = drv_low_hold_dpu(dpu, __func__);
    if (error)
        return error;
    error = check_context(dpu, context, NEED_SCHEDULING, __func__);
    if (!error)
        error = check_stopped(dpu, __func__);
    if (!error)
        error = check_thread(thread, context, __func__);
    if (!error)
        error = step(dpu, thread, context, __func__);
    drv_low_unhold(dpu->rank);
    return error;
}

dpu_error_t dpu_finalize_fault_process_for_dpu(struct dpu_t *dpu, struct dpu_context_t *context)
{
    dpu_error_t error = drv_low_hold_dpu(dpu, __func__);
    if (error)
        return error;
    error = check_context(dpu, context, NEED_SCHEDULING, __func__);
    if (!error)
        error = check_stopped(dpu, __func__);
    if (!error) {
        set_run_bits(dpu, scheduled(context));
        if (scheduled(context))
            error = drv_start(dpu->rank, dpu);
    }
    drv_low_unhold(dpu->rank);
    return error;
}

/* ---- what only hardware has ------------------------------------------------------------------ */

static dpu_error_t nothing_to_do(struct dpu_rank_t *rank, const char *call)
{
    dpu_error_t error = drv_low_rank(rank, call);
    if (!error)
        drv_low_leave(rank);
    return error;
}

dpu_error_t dpu_set_debug_slice_info(struct dpu_rank_t *rank, uint32_t slice_id,
                                     uint64_t structure_value, uint64_t slice_target,
                                     dpu_bitfield_t host_mux_mram_state)
{
    (void)slice_id;
    (void)structure_value;
    (void)slice_target;
    (void)host_mux_mram_state;
    return nothing_to_do(rank, __func__);
}

dpu_error_t dpu_restore_mux_context_for_rank(struct dpu_rank_t *rank)
{
    return nothing_to_do(rank, __func__);
}

dpu_error_t dpu_save_context_for_rank(struct dpu_rank_t *rank)
{
    return nothing_to_do(rank, __func__);
}

dpu_error_t dpu_restore_context_for_rank(struct dpu_rank_t *rank)
{
    return nothing_to_do(rank, __func__);
}
