/* SPDX-License-Identifier: MIT */
/* What `dpusim run` says to people: the program's own text and the dumps on stdout; the fault,
 * sleeping tasklets, the summary and in cycle mode where the cycles went on stderr. */
#include <stdlib.h>
#include <string.h>

#include "run.h"

const char *run_status(const struct run *run)
{
    return run->outcome.stop == SIM_DONE      ? "done"
           : run->outcome.stop == SIM_FAULTED ? "fault"
                                              : "limit";
}

char *run_place_of(const struct isa_program *program, uint32_t pc_insn)
{
    struct text text = {0};
    uint32_t address = ISA_IRAM_BASE + pc_insn * ISA_INSN_BYTES;
    const struct isa_symbol *symbol = isa_program_symbol_at(program, address, true);
    if (!symbol)
        text_add(&text, "@%u", (unsigned)pc_insn);
    else if (symbol->value == address)
        text_add(&text, "%s", symbol->name);
    else
        text_add(&text, "%s+%u", symbol->name,
                 (unsigned)((address - symbol->value) / ISA_INSN_BYTES));
    return text.data;
}

int run_next_booted(const struct run *run, unsigned from, struct sim_thread_state *state)
{
    for (unsigned t = from; t < sim_dpu_chip(run->dpu)->threads; t++)
        if (sim_dpu_get_thread(run->dpu, t, state) == DPUSIM_OK && state->booted)
            return (int)t;
    return -1;
}

int run_next_asleep(const struct run *run, unsigned from, struct sim_thread_state *state)
{
    if (run->outcome.stop != SIM_DONE)
        return -1;
    int t = run_next_booted(run, from, state);
    while (t >= 0 && !state->asleep)
        t = run_next_booted(run, (unsigned)t + 1, state);
    return t;
}

/* ------------------------------------------------------------------ stdout -------------------- */

static void print_log(const struct run *run)
{
    struct isa_diag diag = {""};
    char *text = NULL;
    size_t len = 0;
    enum dpusim_status status = sim_dpu_read_log(run->dpu, &text, &len, &diag);
    if (len)
        fwrite(text, 1, len, stdout);
    free(text);
    if (status && status != DPUSIM_LOG_MISSING && !run->options.quiet)
        tool_warn(run->verb, "%s", diag.text);
}

static bool print_dumps(const struct run *run)
{
    for (size_t i = 0; i < run->n_dumps; i++) {
        struct isa_diag diag = {""};
        printf("%s = ", run->dumps[i].label);
        enum dpusim_status status = place_print(&run->dumps[i], run->dpu, stdout, &diag);
        putchar('\n');
        if (status) {
            tool_error(run->verb, "--dump %.200s: %s", run->dumps[i].label, diag.text);
            return false;
        }
    }
    return true;
}

/* ------------------------------------------------------------------ stderr -------------------- */

void run_print_fault(const struct run *run)
{
    int len = sim_dpu_explain_fault(run->dpu, NULL, 0);
    char *text = tool_realloc(NULL, (size_t)(len < 0 ? 0 : len) + 1, 1);
    text[0] = '\0';
    sim_dpu_explain_fault(run->dpu, text, (size_t)len + 1);
    fputs(text, stderr);
    free(text);
}

void run_warn_asleep(const struct run *run)
{
    struct sim_thread_state state;
    int t = run_next_asleep(run, 0, &state);
    if (t < 0 || run->options.quiet)
        return;
    tool_warn(run->verb, "the DPU stopped, but not every tasklet reached its end; asleep:");
    for (; t >= 0; t = run_next_asleep(run, (unsigned)t + 1, &state)) {
        char *place = run_place_of(run->program, state.pc_insn);
        fprintf(stderr, "  tasklet %d at %s (instruction %u)\n", t, place, (unsigned)state.pc_insn);
        free(place);
    }
}

static const char *reason_of(enum sim_stop stop)
{
    static const char *const words[] = {
        [SIM_DONE] = "done",
        [SIM_FAULTED] = "fault",
        [SIM_LIMIT_INSTRUCTIONS] = "limit of instructions reached",
        [SIM_LIMIT_CYCLES] = "limit of cycles reached",
        [SIM_LIMIT_TIME] = "limit of host time reached",
        [SIM_BREAKPOINT] = "breakpoint",
        [SIM_INTERRUPTED] = "interrupted",
    };
    return words[stop];
}

void run_print_running(const struct run *run)
{
    struct sim_thread_state state;
    for (int t = run_next_booted(run, 0, &state); t >= 0;
         t = run_next_booted(run, (unsigned)t + 1, &state)) {
        char *place = run_place_of(run->program, state.pc_insn);
        fprintf(stderr, "  tasklet %d %s at %s\n", t, state.running ? "runs" : "stopped", place);
        free(place);
    }
}

static void print_summary(const struct run *run)
{
    char insns[32], cycles[32];
    uint64_t n_insns = sim_dpu_stat(run->dpu, SIM_STAT_DPU_instructions, 0);
    uint64_t n_cycles = sim_dpu_stat(run->dpu, SIM_STAT_DPU_cycles, 0);
    double hz = (double)sim_dpu_chip(run->dpu)->clock_hz;
    fprintf(stderr, "%s: %s instructions, %s cycles (%s) = %.6g ms at %.0f MHz; host %.6f s",
            reason_of(run->outcome.stop), tool_grouped(n_insns, insns),
            tool_grouped(n_cycles, cycles),
            sim_dpu_stat_mode(run->dpu) == SIM_CYCLE ? "timed" : "functional: one per instruction",
            (double)n_cycles * 1e3 / hz, hz / 1e6, run->host_seconds);
    if (run->host_seconds > 1e-3)
        fprintf(stderr, ", %.4g M instructions/s", (double)n_insns / run->host_seconds * 1e-6);
    fputc('\n', stderr);
}

/* ------------------------------------------------------------------ where cycles went --------- */

/* A share of the cycles; what spins is issued. */
static bool is_slot(const struct sim_stat_info *info)
{
    return strncmp(info->name, "slots_", 6) == 0 && strcmp(info->name, "slots_spin") != 0;
}

static void print_share(const char *what, uint64_t cycles, uint64_t all)
{
    char number[32];
    fprintf(stderr, "  %-16s %16s %6.1f %%\n", what, tool_grouped(cycles, number),
            all ? 100.0 * (double)cycles / (double)all : 0.0);
}

static void print_tasklet_head(void)
{
    fprintf(stderr, "  %-8s %12s", "tasklet", "issued");
    for (int i = 0; i < SIM_STAT_COUNT; i++) {
        const struct sim_stat_info *info = sim_stat_get((enum sim_stat)i);
        if (info->scope == SIM_SCOPE_TASKLET && is_slot(info))
            fprintf(stderr, " %12s", info->name + 6);
    }
    fputc('\n', stderr);
}

static void print_tasklet_row(const struct run *run, unsigned tasklet)
{
    fprintf(stderr, "  %-8u %12llu", tasklet,
            (unsigned long long)sim_dpu_stat(run->dpu, SIM_STAT_TASKLET_instructions, tasklet));
    for (int i = 0; i < SIM_STAT_COUNT; i++) {
        const struct sim_stat_info *info = sim_stat_get((enum sim_stat)i);
        if (info->scope == SIM_SCOPE_TASKLET && is_slot(info))
            fprintf(stderr, " %12llu",
                    (unsigned long long)sim_dpu_stat(run->dpu, (enum sim_stat)i, tasklet));
    }
    fputc('\n', stderr);
}

static void print_part(const struct run *run)
{
    char number[32];
    uint64_t before = sim_dpu_stat(run->dpu, SIM_STAT_DPU_instructions_before, 0);
    if (run->options.cycle_from || run->options.cycle_until)
        fprintf(stderr,
                "The figures are those of the part in cycle mode, which began after %s "
                "instructions.\n",
                tool_grouped(before, number));
}

static void print_cycles(const struct run *run)
{
    struct sim_thread_state state;
    print_part(run);
    uint64_t all = sim_dpu_stat(run->dpu, SIM_STAT_DPU_cycles, 0);
    fputs("Where the cycles went (issue slots of the DPU):\n", stderr);
    print_share("issued", sim_dpu_stat(run->dpu, SIM_STAT_DPU_instructions, 0), all);
    if (sim_dpu_stat(run->dpu, SIM_STAT_DPU_slots_spin, 0))
        print_share("  of it spinning", sim_dpu_stat(run->dpu, SIM_STAT_DPU_slots_spin, 0), all);
    for (int i = 0; i < SIM_STAT_COUNT; i++) {
        const struct sim_stat_info *info = sim_stat_get((enum sim_stat)i);
        if (info->scope == SIM_SCOPE_DPU && is_slot(info))
            print_share(info->name + 6, sim_dpu_stat(run->dpu, (enum sim_stat)i, 0), all);
    }
    fputs("Cycles of each tasklet:\n", stderr);
    print_tasklet_head();
    for (int t = run_next_booted(run, 0, &state); t >= 0;
         t = run_next_booted(run, (unsigned)t + 1, &state))
        print_tasklet_row(run, (unsigned)t);
}

bool run_print_text(const struct run *run)
{
    print_log(run);
    bool ok = print_dumps(run);
    ok &= tool_close_output(run->verb, "-", stdout);
    if (run->outcome.stop == SIM_FAULTED)
        run_print_fault(run);
    run_print_findings(run);
    run_warn_asleep(run);
    if (run->options.quiet)
        return ok;
    run_print_injections(run);
    print_summary(run);
    if (run->outcome.stop > SIM_FAULTED)
        run_print_running(run);
    if (sim_dpu_stat_mode(run->dpu) == SIM_CYCLE)
        print_cycles(run);
    return ok;
}
