/* SPDX-License-Identifier: MIT */
/* What the checkers of a run found, for people and as JSON; the use of the stacks. */
#include <stdlib.h>
#include <string.h>

#include "run.h"

bool run_has_findings(const struct run *run)
{
    return sim_dpu_findings(run->dpu, NULL) != 0;
}

/* ------------------------------------------------------------------ text ---------------------- */

static bool is_told_as_fault(const struct run *run, unsigned index)
{
    return run->outcome.stop == SIM_FAULTED &&
           sim_dpu_finding(run->dpu, index)->kind == SIM_FINDING_STACK_OVERFLOW;
}

static void print_finding(const struct run *run, unsigned index)
{
    int len = sim_dpu_explain_finding(run->dpu, index, NULL, 0);
    char *text = tool_realloc(NULL, (size_t)(len < 0 ? 0 : len) + 1, 1);
    sim_dpu_explain_finding(run->dpu, index, text, (size_t)len + 1);
    fputs(text, stderr);
    free(text);
}

static void print_stack_row(unsigned tasklet, const struct sim_stack_use *use)
{
    const struct sim_site *site = &use->deepest;
    fprintf(stderr, "  %7u %10u %10u %10u", tasklet, (unsigned)use->size_bytes,
            (unsigned)use->used_bytes,
            use->used_bytes > use->size_bytes ? 0 : (unsigned)(use->size_bytes - use->used_bytes));
    if (site->tasklet >= 0 && site->function)
        fprintf(stderr, "  %s+%u", site->function, (unsigned)site->offset_insns);
    if (site->tasklet >= 0 && site->file)
        fprintf(stderr, " at %s:%u", site->file, site->line);
    fputc('\n', stderr);
}

static void print_stacks(const struct run *run)
{
    struct sim_thread_state state;
    struct sim_stack_use use;
    bool any = false;
    for (int t = run_next_booted(run, 0, &state); t >= 0;
         t = run_next_booted(run, (unsigned)t + 1, &state)) {
        if (!sim_dpu_stack_use(run->dpu, (unsigned)t, &use) || !use.size_bytes)
            continue;
        if (!any)
            fprintf(stderr, "Stacks (bytes):\n  %7s %10s %10s %10s  deepest in\n", "tasklet",
                    "size", "used", "free");
        any = true;
        print_stack_row((unsigned)t, &use);
    }
}

void run_print_findings(const struct run *run)
{
    uint64_t more;
    unsigned count = sim_dpu_findings(run->dpu, &more);
    for (unsigned i = 0; i < count; i++)
        if (!is_told_as_fault(run, i))
            print_finding(run, i);
    if (more)
        fprintf(stderr, "and %llu more findings\n", (unsigned long long)more);
    if (!run->options.quiet && sim_dpu_checks(run->dpu)) {
        print_stacks(run);
        fprintf(stderr, "checks: %u finding%s\n", count, count == 1 ? "" : "s");
    }
}

/* ------------------------------------------------------------------ JSON ---------------------- */

static void json_site(struct json *json, const char *key, const struct sim_site *site)
{
    if (site->tasklet < 0) {
        json_text(json, key, NULL);
        return;
    }
    json_open(json, key, '{');
    json_u64(json, "tasklet", (uint64_t)site->tasklet);
    json_u64(json, "pc", site->pc_insn);
    json_text(json, "function", site->function);
    json_u64(json, "offset", site->offset_insns);
    json_text(json, "file", site->file);
    json_u64(json, "line", site->line);
    json_text(json, "access", !site->len_bytes ? NULL : site->is_write ? "write" : "read");
    json_bool(json, "dma", site->is_dma);
    json_u64(json, "bytes", site->len_bytes);
    json_text(json, "held", site->held);
    json_close(json, '}');
}

static void json_finding(struct json *json, const struct run *run,
                         const struct sim_finding *finding)
{
    const struct isa_symbol *symbol = NULL;
    uint32_t address = isa_memory_base(finding->memory) + finding->address;
    if (finding->site.len_bytes)
        symbol = isa_program_symbol_at(run->program, address, false);
    bool covers = symbol && address - symbol->value < symbol->size_bytes;
    json_open(json, NULL, '{');
    json_text(json, "check", sim_check_name(sim_finding_check(finding->kind)));
    json_text(json, "kind", sim_finding_name(finding->kind));
    json_text(json, "text", finding->text);
    json_site(json, "site", &finding->site);
    json_site(json, "other", &finding->other);
    json_text(json, "memory", finding->site.len_bytes ? isa_memory_name(finding->memory) : NULL);
    json_u64(json, "address", finding->address);
    json_text(json, "symbol", covers ? symbol->name : NULL);
    json_u64(json, "symbol_offset", covers ? address - symbol->value : 0);
    json_u64(json, "times", finding->times);
    json_u64(json, "instructions", finding->instructions);
    json_close(json, '}');
}

static void json_stacks(struct json *json, const struct run *run)
{
    struct sim_thread_state state;
    struct sim_stack_use use;
    json_open(json, "stacks", '[');
    for (int t = run_next_booted(run, 0, &state); t >= 0;
         t = run_next_booted(run, (unsigned)t + 1, &state)) {
        if (!sim_dpu_stack_use(run->dpu, (unsigned)t, &use))
            continue;
        json_open(json, NULL, '{');
        json_u64(json, "tasklet", (uint64_t)t);
        json_u64(json, "size", use.size_bytes);
        json_u64(json, "used", use.used_bytes);
        json_site(json, "deepest", &use.deepest);
        json_close(json, '}');
    }
    json_close(json, ']');
}

void run_json_findings(struct json *json, const struct run *run)
{
    uint64_t more;
    unsigned count = sim_dpu_findings(run->dpu, &more);
    if (!sim_dpu_checks(run->dpu))
        return;
    json_open(json, "findings", '[');
    for (unsigned i = 0; i < count; i++)
        json_finding(json, run, sim_dpu_finding(run->dpu, i));
    json_close(json, ']');
    json_u64(json, "findings_left_out", more);
    if (sim_dpu_checks(run->dpu) >> SIM_CHECK_stack & 1)
        json_stacks(json, run);
}
