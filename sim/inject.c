/* SPDX-License-Identifier: MIT */
/* Fault injection: specifications in text, and the check before each instruction. What and when are
 * the rows of inject.def and trigger.def. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

static const struct {
    const char *name;
    enum sim_fault_kind kind;
} models[] = {
#define INJECT(id, name, kind, meaning) {name, SIM_FAULT_##kind},
#include "inject.def"
#undef INJECT
};

static const char *const model_names[] = {
#define INJECT(id, name, kind, meaning) name,
#include "inject.def"
#undef INJECT
};

static const char *const keys[] = {
    "tasklet",
    "code",
    "nth",
#define TRIGGER(id, key, value, meaning) key,
#include "trigger.def"
#undef TRIGGER
};

/* ---- text ----------------------------------------------------------------------------------- */

struct parse {
    struct sim_injection out;
    const struct isa_program *program;
    struct isa_diag *diag;
    const char *spec;
    bool has_trigger;
};

static enum dpusim_status parse_number(struct parse *p, const char *key, const char *text,
                                       uint64_t most, uint64_t *out)
{
    char *end;
    errno = 0;
    uint64_t value = strtoull(text, &end, 0);
    if (*text < '0' || *text > '9' || *end || errno || value > most)
        return isa_fail(p->diag, DPUSIM_BAD_ARGUMENT,
                        "injection \"%s\": %s=%s: a number from 0 to %" PRIu64 " is wanted",
                        p->spec, key, text, most);
    *out = value;
    return DPUSIM_OK;
}

/* SYMBOL or SYMBOL+INSTRUCTIONS. */
static enum dpusim_status parse_place(struct parse *p, const char *text, uint64_t *out)
{
    char name[256];
    uint64_t offset = 0;
    const char *plus = strrchr(text, '+');
    size_t length = plus ? (size_t)(plus - text) : strlen(text);
    if (*text >= '0' && *text <= '9')
        return parse_number(p, "pc", text, ISA_IRAM_INSNS - 1, out);
    snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name - 1),
             text);
    if (plus && parse_number(p, "pc offset", plus + 1, ISA_IRAM_INSNS - 1, &offset))
        return DPUSIM_BAD_ARGUMENT;
    const struct isa_symbol *symbol = p->program ? isa_program_find_symbol(p->program, name) : NULL;
    if (!symbol || !symbol->defined || symbol->value < ISA_IRAM_BASE ||
        symbol->value >= ISA_IRAM_BASE + ISA_IRAM_INSNS * ISA_INSN_BYTES) {
        const char *nearest = p->program ? isa_program_nearest_symbol(p->program, name) : NULL;
        return isa_fail(p->diag, DPUSIM_UNKNOWN_SYMBOL,
                        "injection \"%s\": no label \"%s\" in the program's code%s%s%s", p->spec,
                        name, nearest ? "; nearest: \"" : "", nearest ? nearest : "",
                        nearest ? "\"" : "");
    }
    *out = (symbol->value - ISA_IRAM_BASE) / ISA_INSN_BYTES + offset;
    return DPUSIM_OK;
}

static enum dpusim_status parse_trigger(struct parse *p, enum sim_inject_trigger trigger,
                                        const char *key, const char *value)
{
    if (p->has_trigger)
        return isa_fail(p->diag, DPUSIM_BAD_ARGUMENT,
                        "injection \"%s\": two triggers, one is wanted", p->spec);
    p->has_trigger = true;
    p->out.trigger = trigger;
    if (trigger == SIM_TRIGGER_DMA)
        return DPUSIM_OK;
    if (!value)
        return isa_fail(p->diag, DPUSIM_BAD_ARGUMENT, "injection \"%s\": %s needs a value", p->spec,
                        key);
    if (trigger == SIM_TRIGGER_PC)
        return parse_place(p, value, &p->out.at);
    return parse_number(p, key, value, UINT64_MAX, &p->out.at);
}

static enum dpusim_status parse_item(struct parse *p, const char *key, const char *value)
{
    uint64_t number = 0;
    enum dpusim_status status = DPUSIM_OK;
#define TRIGGER(id, name, text, meaning)                                                           \
    if (strcmp(key, name) == 0)                                                                    \
        return parse_trigger(p, SIM_TRIGGER_##id, key, value);
#include "trigger.def"
#undef TRIGGER
    const char *text = value ? value : "";
    if (strcmp(key, "tasklet") == 0) {
        status = parse_number(p, key, text, ISA_MAX_THREADS - 1, &number);
        p->out.tasklets |= status ? 0 : 1u << number;
    } else if (strcmp(key, "code") == 0) {
        status = parse_number(p, key, text, 0xffffff, &number);
        p->out.code = (uint32_t)number;
    } else if (strcmp(key, "nth") == 0) {
        status = parse_number(p, key, text, UINT64_MAX, &p->out.nth);
        if (!status && p->out.nth == 0)
            status = isa_fail(p->diag, DPUSIM_BAD_ARGUMENT, "injection \"%s\": nth counts from 1",
                              p->spec);
    } else {
        const char *nearest = isa_nearest(key, keys, sizeof keys / sizeof keys[0]);
        status = isa_fail(
            p->diag, DPUSIM_BAD_ARGUMENT, "injection \"%s\": unknown key \"%s\"%s%s%s", p->spec,
            key, nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
    }
    return status;
}

static enum dpusim_status parse_model(struct parse *p, const char *name)
{
    for (unsigned i = 0; i < SIM_INJECT_COUNT; i++)
        if (strcmp(name, models[i].name) == 0) {
            p->out.model = (enum sim_inject_model)i;
            return DPUSIM_OK;
        }
    const char *nearest = isa_nearest(name, model_names, SIM_INJECT_COUNT);
    return isa_fail(
        p->diag, DPUSIM_BAD_ARGUMENT,
        "injection \"%s\": unknown model \"%s\"%s%s%s; wanted bkp, dma or mem, then a colon",
        p->spec, name, nearest ? "; did you mean \"" : "", nearest ? nearest : "",
        nearest ? "\"?" : "");
}

static enum dpusim_status parse_spec(struct parse *p, char *text)
{
    char *save = NULL, *list = strchr(text, ':');
    if (list)
        *list++ = '\0';
    enum dpusim_status status = parse_model(p, text);
    char *item = list && !status ? strtok_r(list, ",", &save) : NULL;
    for (; item && !status; item = strtok_r(NULL, ",", &save)) {
        char *value = strchr(item, '=');
        if (value)
            *value++ = '\0';
        status = parse_item(p, item, value);
    }
    if (!status && !p->has_trigger)
        status = isa_fail(p->diag, DPUSIM_BAD_ARGUMENT,
                          "injection \"%s\": when? one of pc=, dma, count= or total= is wanted",
                          p->spec);
    if (!status && p->out.code && p->out.model != SIM_INJECT_BKP)
        status = isa_fail(p->diag, DPUSIM_BAD_ARGUMENT, "injection \"%s\": only bkp has a code",
                          p->spec);
    return status;
}

enum dpusim_status sim_injection_parse(struct sim_injection *out, const char *spec,
                                       const struct isa_program *program, struct isa_diag *diag)
{
    struct parse p = {.out = {.nth = 1}, .program = program, .diag = diag, .spec = spec};
    char *text = strdup(spec);
    if (!text)
        return isa_fail(diag, DPUSIM_NO_MEMORY, "out of memory");
    enum dpusim_status status = parse_spec(&p, text);
    free(text);
    if (!status)
        *out = p.out;
    return status;
}

/* ---- at run time ---------------------------------------------------------------------------- */

enum dpusim_status sim_dpu_inject(struct sim_dpu *dpu, const struct sim_injection *injection,
                                  struct isa_diag *diag)
{
    if (dpu->n_armed == SIM_MAX_INJECTIONS)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "more than %d injections on one DPU",
                        SIM_MAX_INJECTIONS);
    dpu->armed[dpu->n_armed] = (struct sim_armed){.what = *injection};
    if (dpu->armed[dpu->n_armed].what.nth == 0)
        dpu->armed[dpu->n_armed].what.nth = 1;
    dpu->n_armed++;
    return DPUSIM_OK;
}

void sim_dpu_clear_injections(struct sim_dpu *dpu)
{
    dpu->n_armed = 0;
}

static bool is_dma(const struct sim_insn *ip)
{
    enum isa_op op =
        ip->form == ISA_ILLEGAL ? ISA_OP_NOP : isa_form_get((enum isa_form)ip->form)->op;
    return op == ISA_OP_LDMA || op == ISA_OP_SDMA || op == ISA_OP_LDMAI;
}

static bool trigger_matches(const struct sim_dpu *d, const struct sim_tasklet *t,
                            const struct sim_insn *ip, const struct sim_injection *what)
{
    if (what->tasklets && !(what->tasklets >> t->id & 1))
        return false;
    switch (what->trigger) {
    case SIM_TRIGGER_PC:
        return sim_pc_of(d, ip) == what->at;
    case SIM_TRIGGER_DMA:
        return is_dma(ip);
    case SIM_TRIGGER_INSN:
        return sim_tasklet_instructions(d, t) + 1 == what->at;
    case SIM_TRIGGER_TOTAL:
        return sim_dpu_instructions(d) + 1 == what->at;
    case SIM_TRIGGER_COUNT:
        break;
    }
    return false;
}

static void inject(struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip,
                   const struct sim_injection *what)
{
    if (what->model == SIM_INJECT_BKP)
        sim_raise_breakpoint(d, t, ip, what->code);
    else
        snprintf(d->fault.rule, sizeof d->fault.rule, "forced by an injection");
    d->fault.kind = models[what->model].kind;
    d->fault.tasklet = t->id;
    d->fault.pc_insn = sim_pc_of(d, ip);
    d->fault.injected = true;
    d->event |= SIM_NEWS_FAULT;
}

/* Count the matches of every injection; true when one fires: the fault is raised instead of
 * executing the instruction. */
bool sim_inject_due(struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip)
{
    bool due = false;
    for (unsigned i = 0; i < d->n_armed; i++) {
        struct sim_armed *armed = &d->armed[i];
        if (armed->fired || !trigger_matches(d, t, ip, &armed->what) ||
            ++armed->matches < armed->what.nth)
            continue;
        armed->fired = true;
        if (!due)
            inject(d, t, ip, &armed->what);
        due = true;
    }
    return due;
}
