/* SPDX-License-Identifier: MIT */
/* How launches ended and what was injected, for campaigns over host programs: lines of KEY=VALUE
 * behind a word, appended to the file that the environment or the profile names.
 *
 *   launch set= dpu= launch= mode= end=done|asleep|timeout|FAULT instructions= cycles= program=
 *   injected set= dpu= launch= happened= tasklet= pc= after= function= spec=
 *   struck set= dpu= model=          a failure on the host's side happened
 *   transfers set= dpu= count=       when the set is freed
 *
 * The last value of a line may contain blanks. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "driver.h"

/* Of a DPU that has stopped. */
static const char *end_of(const struct dpu_t *dpu)
{
    struct sim_thread_state state;
    const struct sim_fault *fault = sim_dpu_fault(dpu->sim);
    if (fault)
        return sim_fault_kind_name(fault->kind);
    if (dpu->timed_out)
        return "timeout";
    for (unsigned t = 0; sim_dpu_get_thread(dpu->sim, t, &state) == DPUSIM_OK; t++)
        if (state.asleep)
            return "asleep";
    return "done";
}

static void print_place(FILE *out, const char *word, const struct dpu_t *dpu)
{
    fprintf(out, "%s set=%" PRIu32 " dpu=%" PRIu32 " ", word, dpu->rank->set->number, dpu->index);
}

static void print_injected(FILE *out, const struct dpu_t *dpu, const struct sim_injected *told)
{
    char spec[sizeof((struct sim_spec *)0)->text];
    const struct isa_program *program = sim_dpu_program(dpu->sim);
    const struct isa_symbol *function =
        told->happened && program
            ? isa_program_symbol_at(program, ISA_IRAM_BASE + told->pc_insn * ISA_INSN_BYTES, true)
            : NULL;
    sim_injection_text(&told->what, spec, sizeof spec);
    print_place(out, "injected", dpu);
    fprintf(out,
            "launch=%" PRIu64 " happened=%d tasklet=%u pc=%" PRIu32 " after=%" PRIu64
            " function=%s spec=%s\n",
            dpu->launches, told->happened, told->tasklet, told->pc_insn, told->instructions,
            function ? function->name : "", spec);
}

void drv_outcome_print(FILE *out, const struct dpu_t *dpu)
{
    const struct isa_program *program = sim_dpu_program(dpu->sim);
    struct sim_injected told;
    print_place(out, "launch", dpu);
    fprintf(out,
            "launch=%" PRIu64 " mode=%s end=%s instructions=%" PRIu64 " cycles=%" PRIu64
            " program=%s\n",
            dpu->launches, sim_dpu_mode(dpu->sim) == SIM_CYCLE ? "cycle" : "functional",
            end_of(dpu), sim_dpu_stat(dpu->sim, SIM_STAT_DPU_instructions, 0),
            sim_dpu_stat(dpu->sim, SIM_STAT_DPU_cycles, 0), program ? program->name : "");
    for (unsigned i = 0; sim_dpu_injected(dpu->sim, i, &told); i++)
        print_injected(out, dpu, &told);
}

/* NULL: not wanted, or it cannot be written, which is told. */
static FILE *open_file(const struct dpu_rank_t *rank)
{
    const char *path = rank->machine.outcomes;
    FILE *out = *path ? fopen(path, "a") : NULL;
    if (*path && !out)
        drv_log(DRV_WARNING, "outcomes", "%s: %s", path, strerror(errno));
    return out;
}

void drv_outcome_struck(const struct dpu_t *dpu, const char *model)
{
    FILE *out = open_file(dpu->rank);
    if (!out)
        return;
    print_place(out, "struck", dpu);
    fprintf(out, "model=%s\n", model);
    fclose(out);
}

void drv_outcome_finish_set(const struct drv_set *set)
{
    FILE *out = open_file(set->ranks[0]);
    for (uint32_t i = 0; out && set->dpus && i < set->nr_dpus; i++) {
        print_place(out, "transfers", set->dpus[i]);
        fprintf(out, "count=%" PRIu64 "\n", set->dpus[i]->transfers);
    }
    if (out)
        fclose(out);
}
