/* SPDX-License-Identifier: MIT */
/* Fault injection at run time: what is armed, when it fires, and the careful step with it. What
 * happens then is in inject_models.c. */
#include <stdlib.h>
#include <string.h>

#include "inject.h"

enum { MOST_ARMED = 64 };

/* ---- targets --------------------------------------------------------------------------------- */

static enum isa_op op_of(const struct sim_insn *ip)
{
    return ip->form == ISA_ILLEGAL ? ISA_OP_NOP : isa_form_get((enum isa_form)ip->form)->op;
}

bool sim_is_dma(const struct sim_insn *ip)
{
    enum isa_op op = op_of(ip);
    return op == ISA_OP_LDMA || op == ISA_OP_SDMA || op == ISA_OP_LDMAI;
}

static bool target_dma(const struct sim_strike *s, const struct sim_injection *what)
{
    (void)what;
    return sim_is_dma(s->ip);
}

static bool target_access(const struct sim_strike *s, const struct sim_injection *what)
{
    return what->site == SIM_SITE_MRAM ? sim_is_dma(s->ip)
                                       : isa_op_access(op_of(s->ip))->bytes != 0;
}

static bool target_write(const struct sim_strike *s, const struct sim_injection *what)
{
    if (what->site == SIM_SITE_DMA)
        return sim_is_dma(s->ip);
    return isa_op_access(op_of(s->ip))->is_write;
}

static bool target_branch(const struct sim_strike *s, const struct sim_injection *what)
{
    (void)what;
    if (s->ip->form == ISA_ILLEGAL)
        return false;
    const struct isa_pattern *pattern = &isa_form_get((enum isa_form)s->ip->form)->pattern;
    for (unsigned i = 0; i < pattern->n_operands; i++)
        if (isa_operand_get((enum isa_operand)pattern->operands[i])->kind == ISA_KIND_PC16)
            return true;
    return false;
}

static bool touches(const struct sim_strike *s, const struct sim_injection *what, bool write)
{
    struct sim_touched touched = sim_touched_by(s->d->code->word[sim_pc_of(s->d, s->ip)]);
    uint32_t bits = write ? touched.writes : touched.reads;
    uint64_t only = what->argument[SIM_ARGUMENT_ONLY];
    return only == SIM_ANYWHERE ? bits != 0 : bits >> only & 1;
}

static bool target_reader(const struct sim_strike *s, const struct sim_injection *what)
{
    return touches(s, what, false);
}

static bool target_writer(const struct sim_strike *s, const struct sim_injection *what)
{
    return touches(s, what, true);
}

unsigned sim_bit_named(const struct sim_strike *s)
{
    uint32_t sum = s->t->r[s->ip->ra / 4] + s->ip->imm;
    return (sum >> 8 ^ sum) & 0xff;
}

static bool names(const struct sim_strike *s, const struct sim_injection *what)
{
    uint64_t only = what->argument[SIM_ARGUMENT_ONLY];
    return only == SIM_ANYWHERE || only == sim_bit_named(s);
}

static bool target_start(const struct sim_strike *s, const struct sim_injection *what)
{
    enum isa_op op = op_of(s->ip);
    return (op == ISA_OP_BOOT || op == ISA_OP_RESUME) && names(s, what);
}

static bool target_release(const struct sim_strike *s, const struct sim_injection *what)
{
    return op_of(s->ip) == ISA_OP_RELEASE && names(s, what);
}

static bool target_acquire(const struct sim_strike *s, const struct sim_injection *what)
{
    return op_of(s->ip) == ISA_OP_ACQUIRE && names(s, what);
}

/* ---- models ---------------------------------------------------------------------------------- */

#define S(id)          (1u << SIM_SITE_##id)
#define A(id)          (1u << SIM_ARGUMENT_##id)
#define ONCE           false
#define LASTING        true
#define target_EVERY   NULL
#define target_DMA     target_dma
#define target_ACCESS  target_access
#define target_WRITE   target_write
#define target_BRANCH  target_branch
#define target_READER  target_reader
#define target_WRITER  target_writer
#define target_START   target_start
#define target_RELEASE target_release
#define target_ACQUIRE target_acquire

static const struct sim_inject_row rows[] = {
#define INJECT(id, title, model, target, duration, where, takes, text)                             \
    {{.name = title, .meaning = text, .sites = where, .arguments = takes, .lasting = duration},    \
     sim_inject_##model,                                                                           \
     target_##target},
#include "inject.def"
#undef INJECT
};

const struct sim_inject_row *sim_inject_row(enum sim_inject_model model)
{
    return &rows[model];
}

/* ---- arming ---------------------------------------------------------------------------------- */

enum dpusim_status sim_dpu_inject(struct sim_dpu *dpu, const struct sim_injection *injection,
                                  struct isa_diag *diag)
{
    if (dpu->n_armed == MOST_ARMED)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "more than %d injections on one DPU",
                        MOST_ARMED);
    /* the instruction that one alters is in the DPU's own code */
    bool own = dpu->n_running == 0 || sim_code_own(dpu);
    struct sim_armed *armed = own ? realloc(dpu->armed, (dpu->n_armed + 1) * sizeof *armed) : NULL;
    if (!armed)
        return isa_fail(diag, DPUSIM_NO_MEMORY, "sim_dpu_inject: out of memory");
    dpu->armed = armed;
    armed[dpu->n_armed] = (struct sim_armed){.told.what = *injection};
    if (armed[dpu->n_armed].told.what.nth == 0)
        armed[dpu->n_armed].told.what.nth = 1;
    dpu->n_armed++;
    return DPUSIM_OK;
}

struct arming {
    struct sim_dpu *dpu;
    struct isa_diag *diag;
};

static enum dpusim_status arm(void *context, const char *spec)
{
    struct arming *arming = context;
    struct sim_injection injection;
    enum dpusim_status status =
        sim_injection_parse(&injection, spec, arming->dpu->program, arming->diag);
    return status ? status : sim_dpu_inject(arming->dpu, &injection, arming->diag);
}

enum dpusim_status sim_dpu_inject_text(struct sim_dpu *dpu, const char *text, struct isa_diag *diag)
{
    struct arming arming = {dpu, diag};
    unsigned before = dpu->n_armed;
    enum dpusim_status status = sim_spec_each(text, arm, &arming, diag);
    if (status)
        dpu->n_armed = before;
    return status;
}

void sim_dpu_clear_injections(struct sim_dpu *dpu)
{
    free(dpu->armed);
    dpu->armed = NULL;
    dpu->n_armed = 0;
}

void sim_inject_boot(struct sim_dpu *d)
{
    for (unsigned i = 0; i < d->n_armed; i++)
        d->armed[i] = (struct sim_armed){.told.what = d->armed[i].told.what};
}

bool sim_dpu_injected(const struct sim_dpu *dpu, unsigned index, struct sim_injected *out)
{
    if (index >= dpu->n_armed)
        return false;
    *out = dpu->armed[index].told;
    return true;
}

static bool in_launch(const struct sim_dpu *d, const struct sim_armed *armed)
{
    uint64_t launch = armed->told.what.launch;
    return launch == 0 || launch == d->launches;
}

/* Instructions of the DPU during which it surely does nothing. */
static uint64_t quiet_of(const struct sim_dpu *d, const struct sim_armed *armed)
{
    const struct sim_injection *what = &armed->told.what;
    if (!in_launch(d, armed) || (armed->told.happened && !rows[what->model].info.lasting))
        return UINT64_MAX;
    if (what->trigger != SIM_TRIGGER_TOTAL || armed->told.happened)
        return 0;
    uint64_t done = sim_dpu_instructions(d);
    return what->at > done + 1 ? what->at - done - 1 : 0;
}

uint64_t sim_inject_quiet(const struct sim_dpu *d)
{
    uint64_t least = UINT64_MAX;
    for (unsigned i = 0; i < d->n_armed; i++) {
        uint64_t quiet = quiet_of(d, &d->armed[i]);
        least = quiet < least ? quiet : least;
    }
    return least;
}

/* ---- when ------------------------------------------------------------------------------------ */

static bool overlaps(const struct sim_injection *what, uint64_t first, uint64_t len_bytes)
{
    return first < what->until && first + len_bytes > what->at;
}

/* Does the instruction read, or write, in the range? A transfer does one on each side. */
static bool touches_range(const struct sim_strike *s, const struct sim_injection *what, bool write)
{
    struct sim_event event = {.kind = SIM_EVENT_INSN};
    if (!sim_memory_event(s->t, s->ip, &event))
        return false;
    if (event.kind != SIM_EVENT_DMA)
        return event.kind == (write ? SIM_EVENT_WRITE : SIM_EVENT_READ) &&
               overlaps(what, event.address, event.len_bytes);
    bool to_iram = op_of(s->ip) == ISA_OP_LDMAI;
    if (event.is_write == write)
        return overlaps(what, (uint64_t)ISA_MRAM_BASE + event.mram_offset, event.len_bytes);
    return !to_iram && overlaps(what, event.address, event.len_bytes);
}

static bool trigger_matches(const struct sim_strike *s, const struct sim_injection *what)
{
    const struct sim_dpu *d = s->d;
    switch (what->trigger) {
    case SIM_TRIGGER_PC:
        return sim_pc_of(d, s->ip) == what->at;
    case SIM_TRIGGER_SYMBOL:
        return sim_pc_of(d, s->ip) >= what->at && sim_pc_of(d, s->ip) < what->until;
    case SIM_TRIGGER_DMA:
        return sim_is_dma(s->ip);
    case SIM_TRIGGER_INSN:
        return sim_tasklet_instructions(d, s->t) + 1 >= what->at;
    case SIM_TRIGGER_TOTAL:
        return sim_dpu_instructions(d) + 1 >= what->at;
    case SIM_TRIGGER_CYCLE:
        return (d->cycle_mode ? d->now : sim_dpu_instructions(d)) >= what->at;
    case SIM_TRIGGER_READ:
        return touches_range(s, what, false);
    case SIM_TRIGGER_WRITE:
        return touches_range(s, what, true);
    default: /* the begin of a launch, every target; random ones became numbers */
        return true;
    }
}

static bool is_chosen(const struct sim_injection *what, const struct sim_tasklet *t)
{
    return what->tasklets == 0 || what->tasklets >> t->id & 1;
}

static bool is_target(const struct sim_strike *s, const struct sim_injection *what)
{
    const struct sim_inject_row *row = &rows[what->model];
    return !row->target || row->target(s, what);
}

static void note(const struct sim_strike *s, struct sim_injected *told)
{
    told->happened = true;
    told->tasklet = s->t->id;
    told->pc_insn = sim_pc_of(s->d, s->ip);
    told->instructions = s->d->instructions_before + sim_dpu_instructions(s->d);
    told->cycle = s->d->cycle_mode ? s->d->now : told->instructions;
}

/* Does it fire at this instruction? A lasting one fires once, but does not need a target then. */
static bool fires(struct sim_strike *s, struct sim_armed *armed)
{
    const struct sim_injection *what = &armed->told.what;
    if (armed->told.happened || !in_launch(s->d, armed) || !is_chosen(what, s->t) ||
        !trigger_matches(s, what) || !(rows[what->model].info.lasting || is_target(s, what)))
        return false;
    if (++armed->matches < what->nth)
        return false;
    note(s, &armed->told);
    return true;
}

/* Does a lasting one concern this instruction? */
static bool lasts(const struct sim_strike *s, const struct sim_armed *armed)
{
    const struct sim_injection *what = &armed->told.what;
    bool own = sim_site_row(what->site)->is_own;
    return rows[what->model].info.lasting && armed->told.happened && in_launch(s->d, armed) &&
           (!own || is_chosen(what, s->t)) && is_target(s, what);
}

/* ---- the step -------------------------------------------------------------------------------- */

static const struct sim_insn *execute(struct sim_strike *s)
{
    const struct sim_insn *ip = s->ip;
    if (s->skip)
        return ip + 1;
    if (!s->has_instead)
        return ip->exec(s->d, s->t, ip);
    uint32_t pc_insn = sim_pc_of(s->d, ip);
    struct sim_insn *slot = &s->d->code->insn[pc_insn], before = *slot;
    uint64_t word = s->d->code->word[pc_insn];
    *slot = s->instead;
    const struct sim_insn *next = slot->exec(s->d, s->t, slot);
    if (s->d->code->word[pc_insn] == word) /* else it has loaded other code over itself */
        *slot = before;
    return next;
}

const struct sim_insn *sim_inject_step(struct sim_dpu *d, struct sim_tasklet *t,
                                       const struct sim_insn *ip)
{
    struct sim_strike s = {.d = d, .t = t, .ip = ip};
    uint64_t hit = 0; /* bit i: armed[i] */
    for (unsigned i = 0; i < d->n_armed; i++)
        if (fires(&s, &d->armed[i]) || lasts(&s, &d->armed[i])) {
            hit |= UINT64_C(1) << i;
            rows[d->armed[i].told.what.model].function(&s, &d->armed[i], SIM_BEFORE);
        }
    s.next = execute(&s);
    for (unsigned i = 0; i < d->n_armed; i++)
        if (hit >> i & 1)
            rows[d->armed[i].told.what.model].function(&s, &d->armed[i], SIM_AFTER);
    d->dma_error = (struct sim_dma_error){SIM_DMA_FINE, 0, false};
    return s.next;
}
