/* SPDX-License-Identifier: MIT */
/* Allocation and release of sets. A rank is 8 slices of 8 DPUs like on hardware (profile keys
 * change it); surplus DPUs of the last rank are disabled in the order that the vendor's library
 * uses. Source: documented (host library of SDK 2024.2). A simulated DPU costs its registers, WRAM
 * and program; its MRAM costs what is touched. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "low.h"
#include "registry.h"

#define BYTES_PER_DPU (96u << 10) /* resident, without MRAM; measured */

/* ---- one rank -------------------------------------------------------------------------------- */

void drv_describe(struct _dpu_description_t *d, const struct drv_machine *m)
{
    const struct isa_chip_info *chip = isa_chip_get(m->sim.chip);
    memset(d, 0, sizeof *d);
    d->hw.signature.chip_id = (dpu_chip_id_e)m->chip_id;
    d->hw.timings.fck_frequency_in_mhz = m->fck_mhz;
    d->hw.timings.clock_division = (uint8_t)m->clock_division;
    d->hw.timings.reset_wait_duration = 20;
    d->hw.timings.std_temperature = 110;
    d->hw.topology.nr_of_control_interfaces = (uint8_t)m->nr_slices;
    d->hw.topology.nr_of_dpus_per_control_interface = (uint8_t)m->nr_members;
    d->hw.topology.ci_mask = (dpu_ci_bitfield_t)((1u << m->nr_slices) - 1);
    d->hw.memories.mram_size = m->memory_bytes[ISA_MRAM];
    d->hw.memories.wram_size = m->memory_bytes[ISA_WRAM] / 4;
    d->hw.memories.iram_size = (iram_size_t)(m->memory_bytes[ISA_IRAM] / ISA_INSN_BYTES);
    d->hw.dpu.nr_of_threads = (uint8_t)chip->threads;
    d->hw.dpu.nr_of_atomic_bits = chip->atomic_bits;
    d->hw.dpu.nr_of_notify_bits = m->sim.chip == ISA_CHIP_V1A ? 40 : 0;
    d->hw.dpu.nr_of_work_registers_per_thread = ISA_WORK_REGISTERS;
    d->type = m->type;
    d->configuration.enable_cycle_accurate_behavior = m->sim.mode == SIM_CYCLE;
    d->refcount = 1;
}

static void dpu_init(struct dpu_rank_t *rank, unsigned position)
{
    struct dpu_t *dpu = &rank->dpus[position];
    dpu->rank = rank;
    dpu->slice = (uint8_t)(position / rank->machine.nr_members);
    dpu->member = (uint8_t)(position % rank->machine.nr_members);
    dpu->enabled =
        !(rank->machine.disabled_mask >> (dpu->slice * DRV_MAX_MEMBERS + dpu->member) & 1);
    pthread_mutex_init(&dpu->owner, NULL);
    pthread_cond_init(&dpu->resumed, NULL);
}

/* Nothing runs any more, and nothing is queued. */
static void rank_stop(struct dpu_rank_t *rank)
{
    for (unsigned i = 0; i < rank->nr_dpus; i++)
        atomic_store(&rank->dpus[i].kill, true); /* what never ends by injection ends now */
    drv_queue_fini(rank);
}

static void rank_destroy(struct dpu_rank_t *rank)
{
    drv_registry_remove_rank(rank);
    for (unsigned i = 0; i < rank->nr_dpus; i++) {
        struct dpu_t *dpu = &rank->dpus[i];
        dpu_free_program(dpu->program);
        drv_core_forget(dpu->debug_context);
        free(dpu->recorder);
        sim_dpu_destroy(dpu->sim);
        pthread_mutex_destroy(&dpu->owner);
        pthread_cond_destroy(&dpu->resumed);
    }
    if (rank->description)
        dpu_free_description(rank->description);
    pthread_mutex_destroy(&rank->lock);
    drv_registry_discard_rank(rank);
}

/* A rank without simulators yet. */
static dpu_error_t rank_create(struct dpu_rank_t **out, const struct drv_machine *machine)
{
    struct dpu_rank_t *rank = calloc(1, sizeof *rank);
    if (!rank)
        return drv_fail(DPU_ERR_SYSTEM, "dpu_alloc: out of memory");
    rank->machine = *machine;
    rank->description = malloc(sizeof *rank->description);
    if (!rank->description) {
        free(rank);
        return drv_fail(DPU_ERR_SYSTEM, "dpu_alloc: out of memory");
    }
    drv_describe(rank->description, machine);
    pthread_mutexattr_t recursive;
    pthread_mutexattr_init(&recursive);
    pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&rank->lock, &recursive);
    pthread_mutexattr_destroy(&recursive);
    drv_queue_init(rank);
    rank->nr_dpus = machine->nr_slices * machine->nr_members;
    for (unsigned i = 0; i < rank->nr_dpus; i++)
        dpu_init(rank, i);
    if (!drv_registry_add_rank(rank)) {
        rank_stop(rank);
        rank_destroy(rank);
        return drv_fail(DPU_ERR_SYSTEM, "dpu_alloc: out of memory");
    }
    *out = rank;
    return DPU_OK;
}

static uint32_t count_enabled(const struct dpu_rank_t *rank)
{
    uint32_t n = 0;
    for (unsigned i = 0; i < rank->nr_dpus; i++)
        n += rank->dpus[i].enabled;
    return n;
}

/* ---- a set ----------------------------------------------------------------------------------- */

static void set_destroy(struct drv_set *set)
{
    if (!set)
        return;
    for (uint32_t i = 0; i < set->nr_ranks; i++)
        rank_stop(set->ranks[i]);
    drv_recorder_finish_set(set);
    if (set->nr_ranks) {
        drv_timeline_finish_set(set);
        drv_outcome_finish_set(set);
    }
    for (uint32_t i = 0; i < set->nr_ranks; i++)
        rank_destroy(set->ranks[i]);
    drv_recorder_free_set(set);
    drv_timeline_destroy(set->timeline);
    if (set->ranks)
        drv_registry_discard_list(set->ranks, (set->nr_ranks + 1) * sizeof *set->ranks);
    drv_programs_sweep(set, true);
    pthread_mutex_destroy(&set->order);
    pthread_mutex_destroy(&set->programs_lock);
    pthread_rwlock_destroy(&set->inject_lock);
    free(set->injections);
    free(set->dpus);
    free(set);
}

static dpu_error_t set_create(struct drv_set **out, const struct drv_machine *machine,
                              uint32_t most_ranks)
{
    struct drv_set *set = calloc(1, sizeof *set);
    if (set)
        set->ranks = calloc(most_ranks + 1, sizeof(struct dpu_rank_t *));
    if (!set || !set->ranks) {
        free(set);
        return drv_fail(DPU_ERR_SYSTEM, "dpu_alloc: out of memory");
    }
    pthread_mutex_init(&set->order, NULL);
    pthread_mutex_init(&set->programs_lock, NULL);
    pthread_rwlock_init(&set->inject_lock, NULL);
    set->fault_reports = machine->fault_reports;
    set->number = drv_registry_next_set();
    *out = set;
    return DPU_OK;
}

static dpu_error_t add_rank(struct drv_set *set, const struct drv_machine *machine)
{
    struct dpu_rank_t *rank = NULL;
    dpu_error_t error = rank_create(&rank, machine);
    if (error)
        return error;
    rank->set = set;
    rank->index = set->nr_ranks;
    set->ranks[set->nr_ranks++] = rank;
    set->nr_dpus += count_enabled(rank);
    return DPU_OK;
}

/* Enabled DPUs of a rank with this member index. */
static unsigned line_enabled(const struct dpu_rank_t *rank, unsigned member)
{
    unsigned n = 0;
    for (unsigned slice = 0; slice < rank->machine.nr_slices; slice++)
        n += rank->dpus[slice * rank->machine.nr_members + member].enabled;
    return n;
}

/* The DPU to disable next among the ranks from `first` on: of the member line with most disabled
 * DPUs (ties: of the rank with most enabled ones), the one in the highest slice. */
static struct dpu_t *choose_surplus(struct drv_set *set, uint32_t first)
{
    struct dpu_rank_t *best_rank = NULL;
    unsigned best_member = 0, best_disabled = 0;
    uint32_t best_enabled = 0;
    for (uint32_t r = first; r < set->nr_ranks; r++) {
        struct dpu_rank_t *rank = set->ranks[r];
        uint32_t enabled = count_enabled(rank);
        for (unsigned m = rank->machine.nr_members; enabled > 1 && m-- > 0;) {
            unsigned in_line = line_enabled(rank, m);
            unsigned disabled = rank->machine.nr_slices - in_line;
            if (in_line == 0 || (best_rank && disabled < best_disabled) ||
                (best_rank && disabled == best_disabled && enabled < best_enabled) ||
                (best_rank == rank && disabled == best_disabled))
                continue;
            best_rank = rank;
            best_member = m;
            best_disabled = disabled;
            best_enabled = enabled;
        }
    }
    for (unsigned s = best_rank ? best_rank->machine.nr_slices : 0; s-- > 0;) {
        struct dpu_t *dpu = &best_rank->dpus[s * best_rank->machine.nr_members + best_member];
        if (dpu->enabled)
            return dpu;
    }
    return NULL;
}

/* Unless the DPUs are to be spread, full ranks stay full. */
static void disable_surplus(struct drv_set *set, uint32_t wanted, bool spread)
{
    uint32_t first = spread ? 0 : set->nr_ranks - 1;
    while (set->nr_dpus > wanted) {
        struct dpu_t *dpu = choose_surplus(set, first);
        if (!dpu)
            return;
        dpu->enabled = false;
        set->nr_dpus--;
    }
}

/* Number the enabled DPUs in the order of iteration. */
static dpu_error_t number_dpus(struct drv_set *set)
{
    free(set->dpus);
    set->dpus = calloc(set->nr_dpus + 1, sizeof(struct dpu_t *));
    if (!set->dpus)
        return drv_fail(DPU_ERR_SYSTEM, "dpu_alloc: out of memory");
    uint32_t n = 0;
    for (uint32_t r = 0; r < set->nr_ranks; r++)
        for (unsigned i = 0; i < set->ranks[r]->nr_dpus; i++) {
            struct dpu_t *dpu = &set->ranks[r]->dpus[i];
            if (!dpu->enabled)
                continue;
            dpu->index = n;
            set->dpus[n++] = dpu;
        }
    set->nr_dpus = n;
    return DPU_OK;
}

/* ---- simulators ------------------------------------------------------------------------------ */

static void create_one(void *context, uint32_t i)
{
    struct drv_set *set = context;
    struct dpu_t *dpu = set->dpus[i + 1];
    if (sim_dpu_create_like(&dpu->sim, set->dpus[0]->sim, NULL) != DPUSIM_OK)
        dpu->sim = NULL;
}

static dpu_error_t create_simulators(struct drv_set *set)
{
    if (set->nr_dpus == 0)
        return drv_fail(DPU_ERR_ALLOCATION, "dpu_alloc: every DPU is disabled");
    struct dpu_t *first = set->dpus[0];
    if (sim_dpu_create(&first->sim, &first->rank->machine.sim, NULL) == DPUSIM_OK)
        drv_pool_for(set->nr_dpus - 1, create_one, set);
    for (uint32_t i = 0; i < set->nr_dpus; i++)
        if (!set->dpus[i]->sim)
            return drv_fail(DPU_ERR_ALLOCATION,
                            "dpu_alloc: out of memory at DPU %" PRIu32 " of %" PRIu32
                            ": each needs about %u KiB and 64 MiB of address space",
                            i, set->nr_dpus, BYTES_PER_DPU >> 10);
    return DPU_OK;
}

/* ---- allocation ------------------------------------------------------------------------------ */

/* What is asked for: a number of DPUs or of ranks, or all that there is. */
struct request {
    uint32_t dpus, ranks;
    bool all, spread;
    const void *variable; /* that gets the set */
    const void *site;     /* of the call */
};

static bool satisfied(const struct request *r, const struct drv_set *set, uint32_t all_ranks)
{
    if (r->all)
        return set->nr_ranks >= all_ranks;
    return r->ranks ? set->nr_ranks >= r->ranks : set->nr_dpus >= r->dpus;
}

static dpu_error_t take_ranks(struct drv_set *set, const struct drv_machine *machine,
                              const struct request *r, uint32_t most)
{
    dpu_error_t error = DPU_OK;
    while (!error && set->nr_ranks < most && !satisfied(r, set, machine->all_ranks))
        error = add_rank(set, machine);
    while (!error && r->spread && r->dpus && set->nr_ranks < most && set->nr_ranks < r->dpus)
        error = add_rank(set, machine);
    if (error)
        return error;
    if (set->nr_dpus == 0 || (!r->all && !satisfied(r, set, machine->all_ranks))) {
        unsigned per_rank = machine->nr_slices * machine->nr_members;
        return drv_fail(DPU_ERR_ALLOCATION,
                        "dpu_alloc: %" PRIu32 " %s wanted, but only %" PRIu32 " ranks of %u DPUs "
                        "are free (profile key simMaxRanks=%u; a DPU takes about %u KiB before "
                        "its MRAM is touched)",
                        r->ranks ? r->ranks : r->dpus, r->ranks ? "ranks" : "DPUs", most, per_rank,
                        machine->max_ranks, BYTES_PER_DPU >> 10);
    }
    return DPU_OK;
}

static dpu_error_t fill_set(struct drv_set *set, const struct drv_profile *profile,
                            const struct drv_machine *machine, const struct request *r,
                            uint32_t most)
{
    dpu_error_t error = take_ranks(set, machine, r, most);
    if (!error && r->dpus)
        disable_surplus(set, r->dpus, r->spread);
    if (!error)
        error = number_dpus(set);
    if (!error)
        error = drv_inject_collect(set, profile);
    if (!error)
        error = drv_recorder_collect(set, profile);
    if (!error)
        error = drv_timeline_collect(set);
    if (!error)
        error = number_dpus(set); /* injections may disable DPUs */
    return error ? error : create_simulators(set);
}

static dpu_error_t allocate(struct drv_set **out, struct request r, const char *text)
{
    struct drv_profile profile;
    struct drv_machine machine;
    struct drv_set *set = NULL;
    dpu_error_t error = drv_profile_read(&profile, text);
    if (error)
        return error;
    error = drv_machine_from_profile(&machine, &profile);
    r.spread = profile.number[DRV_KEY_DISPATCH];
    uint32_t in_use = drv_registry_count();
    uint32_t most = machine.max_ranks > in_use ? machine.max_ranks - in_use : 0;
    if (!error)
        error = set_create(&set, &machine, most);
    if (!error)
        error = fill_set(set, &profile, &machine, &r, most);
    drv_profile_fini(&profile);
    if (error) {
        set_destroy(set);
        return error;
    }
    set->public_set.kind = DPU_SET_RANKS;
    set->public_set.list.nr_ranks = set->nr_ranks;
    set->public_set.list.ranks = set->ranks;
    set->variable = r.variable;
    set->site = r.site;
    drv_registry_add_set(set);
    *out = set;
    return DPU_OK;
}

static dpu_error_t allocate_public(struct dpu_set_t *out, struct request r, const char *profile,
                                   const char *call)
{
    struct drv_set *set;
    if (!out)
        return drv_fail(DPU_ERR_INVALID_DPU_SET, "%s: the pointer to the set is NULL", call);
    dpu_error_t error = drv_inject_call(NULL, call);
    if (!error && !r.all && !r.dpus && !r.ranks)
        error = drv_fail(DPU_ERR_ALLOCATION, "%s: 0 wanted; ask for at least 1", call);
    bool replaces = drv_registry_holds(out, r.site);
    r.variable = out;
    if (!error)
        error = allocate(&set, r, profile);
    if (error)
        return error;
    if (replaces)
        drv_log(DRV_WARNING, "api",
                "%s: the variable holds a set that is still allocated and that this call replaces; "
                "without a copy of it, it can no longer be freed",
                call);
    memset(out, 0, sizeof *out);
    *out = set->public_set;
    return DPU_OK;
}

dpu_error_t dpu_alloc(uint32_t nr_dpus, const char *profile, struct dpu_set_t *dpu_set)
{
    struct request r = {.dpus = nr_dpus};
    if (nr_dpus == DPU_ALLOCATE_ALL)
        r = (struct request){.all = true};
    r.site = __builtin_return_address(0);
    return allocate_public(dpu_set, r, profile, __func__);
}

dpu_error_t dpu_alloc_ranks(uint32_t nr_ranks, const char *profile, struct dpu_set_t *dpu_set)
{
    struct request r = {.ranks = nr_ranks};
    if (nr_ranks == DPU_ALLOCATE_ALL)
        r = (struct request){.all = true};
    r.site = __builtin_return_address(0);
    return allocate_public(dpu_set, r, profile, __func__);
}

/* A callback of one of the ranks runs in this thread: waiting for its end would never end. */
static bool in_own_callback(const struct drv_set *set)
{
    for (uint32_t i = 0; set && i < set->nr_ranks; i++)
        if (drv_inside_callback(set->ranks[i]) || drv_inside_detached(set->ranks[i]))
            return true;
    return false;
}

dpu_error_t dpu_free(struct dpu_set_t dpu_set)
{
    if (dpu_set.kind != DPU_SET_RANKS)
        return drv_fail(DPU_ERR_INVALID_DPU_SET,
                        "dpu_free: a single DPU cannot be freed; free the set that dpu_alloc gave");
    if (in_own_callback(drv_registry_set_of_list(dpu_set.list.ranks, 1)))
        return drv_fail(DPU_ERR_INTERNAL, "dpu_free: called inside a callback of the same set");
    struct drv_set *set = drv_registry_take_set(dpu_set);
    if (!set)
        return drv_fail(DPU_ERR_INVALID_DPU_SET,
                        "dpu_free: this is no set as dpu_alloc gave it (a part of one, freed "
                        "already, or never allocated)");
    dpu_error_t error = drv_inject_call(set, __func__);
    set_destroy(set);
    return error;
}

/* ---- ranks without a set --------------------------------------------------------------------- */

dpu_error_t dpu_get_rank_of_type(const char *profile, struct dpu_rank_t **rank)
{
    struct drv_set *set;
    if (!rank)
        return drv_fail(DPU_ERR_INTERNAL, "dpu_get_rank_of_type: rank is NULL");
    dpu_error_t error = allocate(&set, (struct request){.ranks = 1}, profile);
    if (!error)
        *rank = set->ranks[0];
    return error;
}

dpu_error_t dpu_free_rank(struct dpu_rank_t *rank)
{
    struct dpu_rank_t *live = drv_registry_rank(rank);
    if (!live || live != rank || rank->set->nr_ranks != 1)
        return drv_fail(DPU_ERR_INVALID_DPU_SET,
                        "dpu_free_rank: this rank does not come from dpu_get_rank_of_type");
    return dpu_free(rank->set->public_set);
}

dpu_error_t dpu_get_profile_description(const char *profile, dpu_description_t *description)
{
    struct drv_profile parsed;
    struct drv_machine machine;
    if (!description)
        return drv_fail(DPU_ERR_INTERNAL, "dpu_get_profile_description: description is NULL");
    dpu_error_t error = drv_profile_read(&parsed, profile);
    if (error)
        return error;
    error = drv_machine_from_profile(&machine, &parsed);
    drv_profile_fini(&parsed);
    if (error)
        return error;
    struct _dpu_description_t *d = malloc(sizeof *d);
    if (!d)
        return drv_fail(DPU_ERR_SYSTEM, "dpu_get_profile_description: out of memory");
    drv_describe(d, &machine);
    *description = d;
    return DPU_OK;
}
