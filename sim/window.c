/* SPDX-License-Identifier: MIT */
/* Changing the mode in the midst of a run, at an instruction boundary: by the caller between two
 * calls of sim_dpu_run, or by the run itself at the ends of a window (warm start). Memories,
 * registers, run bits and the time counter go on; transfers under way are completed; statistics
 * start anew, and those of a window's cycle part are kept when it ends. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "collect.h"

/* ---- points ---------------------------------------------------------------------------------- */

static bool starts_with(const char *text, const char *head)
{
    return strncmp(text, head, strlen(head)) == 0;
}

static bool parse_count(const char *text, uint64_t *out)
{
    char *end;
    if (!isdigit((unsigned char)*text))
        return false;
    *out = strtoull(text, &end, 0);
    return *end == 0;
}

/* SYMBOL[+N] */
static enum dpusim_status parse_place(struct sim_point *out, const char *spec,
                                      const struct isa_program *program, struct isa_diag *diag)
{
    const char *plus = strchr(spec, '+');
    uint64_t offset_insns = 0;
    enum isa_memory memory;
    uint32_t offset_bytes;
    if (plus && !parse_count(plus + 1, &offset_insns))
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "%s: a number is wanted behind the +", spec);
    char *name = strndup(spec, plus ? (size_t)(plus - spec) : strlen(spec));
    if (!name)
        return isa_fail(diag, DPUSIM_NO_MEMORY, "%s: out of memory", spec);
    const struct isa_symbol *symbol = program ? isa_program_find_symbol(program, name) : NULL;
    free(name);
    if (!symbol)
        return isa_fail(diag, DPUSIM_UNKNOWN_SYMBOL,
                        "%s: %s has no such function; launch:N, insn:N or a function is wanted",
                        spec, program ? program->name : "no program is loaded, which");
    if (!isa_address_split(symbol->value, &memory, &offset_bytes) || memory != ISA_IRAM)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "%s is no function", spec);
    *out = (struct sim_point){SIM_POINT_PC, offset_bytes / ISA_INSN_BYTES + offset_insns};
    return DPUSIM_OK;
}

enum dpusim_status sim_point_parse(struct sim_point *out, const char *spec,
                                   const struct isa_program *program, struct isa_diag *diag)
{
    static const struct {
        const char *head;
        enum sim_point_kind kind;
        uint64_t lowest;
    } counts[] = {{"launch:", SIM_POINT_LAUNCH, 1}, {"insn:", SIM_POINT_INSTRUCTIONS, 0}};
    for (unsigned i = 0; i < 2; i++) {
        struct sim_point point = {.kind = counts[i].kind};
        if (!starts_with(spec, counts[i].head))
            continue;
        if (!parse_count(spec + strlen(counts[i].head), &point.value) ||
            point.value < counts[i].lowest)
            return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "%s: a number from %d on is wanted", spec,
                            (int)counts[i].lowest);
        *out = point;
        return DPUSIM_OK;
    }
    return parse_place(out, spec, program, diag);
}

/* ---- changing modes -------------------------------------------------------------------------- */

/* Everybody that runs starts a new stretch in cycle 0, ready at once. */
static void start_stretches(struct sim_dpu *d)
{
    for (struct sim_tasklet *t = d->thread; t < d->thread + ISA_MAX_THREADS; t++) {
        t->ready_cycle = t->run_since_cycle = 0;
        t->run_wake_slots = t->run_instructions = t->run_dma_cycles = t->run_queue_cycles = 0;
        t->run_spacing = 0;
    }
    if (d->current == &d->round_end)
        d->current = d->current->next;
    d->last_turn = (uint8_t)(d->current->turn - 1);
}

void sim_change_mode(struct sim_dpu *d, enum sim_mode mode)
{
    struct sim_time time = sim_time_between_runs(d);
    if (d->cycle_mode)
        sim_cycle_dma_finish(d, UINT64_MAX);
    d->instructions_before += sim_dpu_instructions(d);
    d->config.mode = mode;
    d->cycle_mode = mode == SIM_CYCLE;
    sim_clear_counters(d);
    start_stretches(d);
    sim_time_continue(d, time);
    if (d->n_running)
        sim_collect_begin(d);
}

/* ---- the window ------------------------------------------------------------------------------ */

void sim_dpu_set_window(struct sim_dpu *dpu, const struct sim_window *window)
{
    dpu->window = window ? *window : (struct sim_window){{0}, {0}};
    dpu->windowed = window && (window->from.kind || window->until.kind);
    dpu->phase = SIM_PHASE_BEFORE;
    if (!dpu->windowed)
        return;
    enum sim_mode mode = SIM_FUNCTIONAL;
    if (!window->from.kind) {
        dpu->phase = SIM_PHASE_WITHIN;
        mode = SIM_CYCLE;
    }
    if (dpu->config.mode != mode)
        sim_change_mode(dpu, mode);
}

/* The point at which the mode changes next; NULL: none. */
static const struct sim_point *next_point(const struct sim_dpu *d)
{
    if (!d->windowed || d->phase == SIM_PHASE_AFTER)
        return NULL;
    return d->phase == SIM_PHASE_BEFORE ? &d->window.from : &d->window.until;
}

static void advance(struct sim_dpu *d)
{
    if (d->phase == SIM_PHASE_WITHIN && sim_dpu_instructions(d))
        sim_stats_keep(d);
    sim_change_mode(d, d->phase == SIM_PHASE_BEFORE ? SIM_CYCLE : SIM_FUNCTIONAL);
    d->phase++;
}

uint64_t sim_window_instructions_left(const struct sim_dpu *d)
{
    const struct sim_point *point = next_point(d);
    uint64_t done = d->instructions_earlier + d->instructions_before + sim_dpu_instructions(d);
    if (!point || point->kind != SIM_POINT_INSTRUCTIONS)
        return UINT64_MAX;
    return point->value > done ? point->value - done : 0;
}

bool sim_window_waits_for_pc(const struct sim_dpu *d)
{
    const struct sim_point *point = next_point(d);
    return point && point->kind == SIM_POINT_PC;
}

bool sim_window_reached(struct sim_dpu *d, const struct sim_tasklet *t)
{
    const struct sim_point *point = next_point(d);
    if (!point || point->kind != SIM_POINT_PC || sim_pc_of(d, t->ip) != point->value)
        return false;
    advance(d);
    return true;
}

bool sim_window_counted(struct sim_dpu *d)
{
    if (sim_window_instructions_left(d))
        return false;
    advance(d);
    return true;
}

void sim_window_launch(struct sim_dpu *d)
{
    const struct sim_point *point;
    while ((point = next_point(d)) && point->kind == SIM_POINT_LAUNCH &&
           d->launches >= point->value)
        advance(d);
}
