/* SPDX-License-Identifier: MIT */
/* From an instruction word to what the engine executes: operand fields become byte offsets into the
 * register file, sign-extended immediates and relative jumps, and the functions are chosen. Done
 * once when IRAM is written, never while executing. */
#include <stdlib.h>
#include <string.h>

#include "exec.h"
#include "watch.h"

/* The register operand also stands in ra when the form has none of its own, so that every operation
 * finds its first source there. */
static void set_rb(struct sim_insn *insn, uint8_t offset, bool has_ra)
{
    insn->rb = offset;
    if (!has_ra)
        insn->ra = offset;
}

static bool has_operand(const struct isa_pattern *pattern, const char *name)
{
    for (unsigned i = 0; i < pattern->n_operands; i++)
        if (strcmp(isa_operand_get((enum isa_operand)pattern->operands[i])->name, name) == 0)
            return true;
    return false;
}

static void set_register(struct sim_insn *insn, const char *name, int64_t number, bool has_ra)
{
    uint8_t offset = (uint8_t)(number * 4);
    if (strcmp(name, "ra") == 0)
        insn->ra = offset;
    else if (name[1] == 'b')
        set_rb(insn, offset, has_ra);
    else
        insn->rc = offset;
}

static void set_jump(struct sim_insn *insn, int64_t target, uint32_t pc_insn)
{
    int64_t distance = target % (int64_t)ISA_IRAM_INSNS - ((int64_t)pc_insn + 1);
    insn->jump = (int32_t)(distance * (int64_t)sizeof *insn);
}

/* One operand into its place. Stores have two immediates: the offset goes to imm, the value to
 * imm2. */
static void set_operand(struct sim_insn *insn, const struct isa_insn *decoded, unsigned index,
                        uint32_t pc_insn)
{
    const struct isa_pattern *pattern = &isa_form_get(decoded->form)->pattern;
    const struct isa_operand_info *info =
        isa_operand_get((enum isa_operand)pattern->operands[index]);
    int64_t value = decoded->value[index];
    switch (info->kind) {
    case ISA_KIND_ZERO:
        break;
    case ISA_KIND_WORK:
    case ISA_KIND_ANY:
    case ISA_KIND_ANY_NZ:
    case ISA_KIND_CONST:
    case ISA_KIND_SAFE:
    case ISA_KIND_SAFE_ANY:
    case ISA_KIND_PAIR:
        set_register(insn, info->name, value, has_operand(pattern, "ra"));
        break;
    case ISA_KIND_ENDIAN:
        insn->big = value != 0;
        break;
    case ISA_KIND_COND:
        insn->cond = (uint8_t)isa_cond_of(info->cond_class, (unsigned)value);
        break;
    case ISA_KIND_PC16:
        set_jump(insn, value, pc_insn);
        break;
    default:
        if (strcmp(info->name, "imm") == 0 && has_operand(pattern, "off"))
            insn->imm2 = (uint32_t)value;
        else
            insn->imm = (uint32_t)value;
    }
}

/* A pair at r23 would reach beyond the work registers: treated as no instruction. */
static bool has_last_pair(const struct isa_insn *decoded)
{
    const struct isa_pattern *pattern = &isa_form_get(decoded->form)->pattern;
    for (unsigned i = 0; i < pattern->n_operands; i++)
        if (isa_operand_get((enum isa_operand)pattern->operands[i])->kind == ISA_KIND_PAIR &&
            decoded->value[i] == (int64_t)ISA_WORK_REGISTERS - 1)
            return true;
    return false;
}

static void choose_functions(struct sim_insn *insn)
{
    const struct sim_fast *fast = sim_fast_find(insn);
    memcpy(insn->run, fast ? fast->run : sim_run_any.run, sizeof insn->run);
    insn->exec = sim_exec[insn->form];
}

/* What executes the slot together with those behind it, unless somebody watches one of these. */
static sim_run_fn *find_pair(const struct sim_code *code, uint32_t pc_insn)
{
    unsigned length = 0;
    if (pc_insn + SIM_LADDER_STEPS > ISA_IRAM_INSNS)
        return NULL;
    sim_run_fn *pair = sim_pair_find(&code->insn[pc_insn], &length);
    for (unsigned i = 1; code->watch && i < length; i++)
        if (sim_watch_wanted(code, pc_insn + i))
            return NULL;
    return pair;
}

/* Choose the variants of a slot again after it or one behind it changed. */
static void pair_up(struct sim_code *code, uint32_t pc_insn)
{
    struct sim_insn *insn = &code->insn[pc_insn];
    sim_run_fn *pair = find_pair(code, pc_insn);
    choose_functions(insn);
    if (pair)
        insn->run[SIM_STRAIGHT] = pair;
    if (code->watch && sim_watch_wanted(code, pc_insn))
        sim_watch_choose(code, pc_insn, insn->run);
}

/* Everything but the functions. */
static void decode(struct sim_insn *out, uint64_t word, uint32_t pc_insn)
{
    struct isa_insn decoded;
    struct sim_insn insn = {.cond = ISA_COND_FALSE,
                            .form = ISA_ILLEGAL,
                            .pc_next = (uint16_t)((pc_insn + 1) % ISA_IRAM_INSNS)};
    if (isa_decode(word, &decoded) && !has_last_pair(&decoded)) {
        insn.form = (uint16_t)decoded.form;
        for (unsigned i = 0; i < isa_form_get(decoded.form)->pattern.n_operands; i++)
            set_operand(&insn, &decoded, i, pc_insn);
    }
    *out = insn;
}

void sim_predecode(struct sim_insn *out, uint64_t word, uint32_t pc_insn)
{
    decode(out, word, pc_insn);
    choose_functions(out);
}

/* The functions are not chosen yet. False: the word was there already. */
static bool store(struct sim_code *code, uint32_t pc_insn, uint64_t word)
{
    word &= (UINT64_C(1) << ISA_WORD_BITS) - 1; /* IRAM keeps 48 bits */
    if (code->word[pc_insn] == word)
        return false;
    code->word[pc_insn] = word;
    decode(&code->insn[pc_insn], word, pc_insn);
    uint16_t form = code->insn[pc_insn].form;
    code->may_change_itself |= form != ISA_ILLEGAL && isa_form_get(form)->op == ISA_OP_LDMAI;
    if (code->watch)
        sim_watch_look(code, pc_insn);
    return true;
}

void sim_code_store(struct sim_code *code, uint32_t pc_insn, uint64_t word)
{
    if (store(code, pc_insn, word))
        sim_code_choose(code, pc_insn);
}

void sim_code_store_row(struct sim_code *code, uint32_t first_insn, const void *words, size_t count)
{
    uint32_t stale = ISA_IRAM_INSNS, end = 0; /* slots that changed, or one behind them did */
    for (uint32_t pc = first_insn; pc < first_insn + count; pc++) {
        uint64_t word;
        memcpy(&word, (const uint8_t *)words + (pc - first_insn) * ISA_INSN_BYTES, sizeof word);
        if (!store(code, pc, word))
            continue;
        end = pc + 1;
        if (stale == ISA_IRAM_INSNS)
            stale = pc < SIM_LADDER_STEPS ? 0 : pc - SIM_LADDER_STEPS + 1;
    }
    for (; stale < end; stale++)
        pair_up(code, stale);
}

void sim_code_choose(struct sim_code *code, uint32_t pc_insn)
{
    for (uint32_t back = 0; back < SIM_LADDER_STEPS && back <= pc_insn; back++)
        pair_up(code, pc_insn - back);
}

/* IRAM all zero. */
static void clear(struct sim_code *code)
{
    memset(code->word, 0, sizeof code->word);
    for (uint32_t pc = 0; pc < ISA_IRAM_INSNS; pc++) {
        if (pc == 0)
            sim_predecode(&code->insn[0], 0, 0);
        else
            code->insn[pc] = code->insn[0];
        code->insn[pc].pc_next = (uint16_t)((pc + 1) % ISA_IRAM_INSNS);
    }
    struct sim_insn *wrap = &code->insn[ISA_IRAM_INSNS];
    *wrap = (struct sim_insn){.exec = sim_exec_wrap};
    memcpy(wrap->run, sim_run_wrap.run, sizeof wrap->run);
}

static void init(struct sim_code *code)
{
    atomic_init(&code->references, 1);
    pthread_mutex_init(&code->lock, NULL);
    code->watch = NULL;
    code->next_program = NULL;
    code->next = NULL;
}

struct sim_code *sim_code_create(void)
{
    struct sim_code *code = malloc(sizeof *code);
    if (!code)
        return NULL;
    init(code);
    code->may_change_itself = false;
    clear(code);
    return code;
}

/* ---- sharing -------------------------------------------------------------------------------- */

struct sim_code *sim_code_share(struct sim_code *code)
{
    atomic_fetch_add_explicit(&code->references, 1, memory_order_relaxed);
    return code;
}

static void forget_next(struct sim_code *code)
{
    sim_code_release(code->next);
    isa_program_destroy(code->next_program);
    code->next = NULL;
    code->next_program = NULL;
}

void sim_code_release(struct sim_code *code)
{
    while (code && atomic_fetch_sub_explicit(&code->references, 1, memory_order_acq_rel) == 1) {
        struct sim_code *next = code->next; /* a chain is freed link by link */
        code->next = NULL;
        forget_next(code);
        pthread_mutex_destroy(&code->lock);
        free(code);
        code = next;
    }
}

static struct sim_code *copy_of(const struct sim_code *code)
{
    struct sim_code *copy = malloc(sizeof *copy);
    if (!copy)
        return NULL;
    memcpy(copy->insn, code->insn, sizeof copy->insn);
    memcpy(copy->word, code->word, sizeof copy->word);
    copy->may_change_itself = code->may_change_itself;
    init(copy);
    for (uint32_t pc = 0; code->watch && pc < ISA_IRAM_INSNS; pc++)
        if (sim_watch_wanted(code, pc))
            sim_code_choose(copy, pc);
    return copy;
}

struct sim_code *sim_code_plain(struct sim_code *code)
{
    return code->watch ? copy_of(code) : sim_code_share(code);
}

void sim_code_switch(struct sim_dpu *d, struct sim_code *code)
{
    for (struct sim_tasklet *t = d->thread; t < d->thread + ISA_MAX_THREADS; t++)
        t->ip = code->insn + (t->ip - d->code->insn);
    sim_code_release(d->code);
    d->code = code;
}

bool sim_code_own(struct sim_dpu *d)
{
    if (atomic_load(&d->code->references) == 1) {
        forget_next(d->code);
        return true;
    }
    struct sim_code *copy = copy_of(d->code);
    if (copy)
        sim_code_switch(d, copy);
    return copy != NULL;
}

struct sim_code *sim_code_with(struct sim_code *code, struct isa_program *program)
{
    pthread_mutex_lock(&code->lock);
    if (code->next_program != program) {
        struct sim_code *copy = copy_of(code);
        forget_next(code);
        if (copy) {
            sim_code_load(copy, program);
            code->next = copy;
            code->next_program = isa_program_share(program);
        }
    }
    struct sim_code *next = code->next ? sim_code_share(code->next) : NULL;
    pthread_mutex_unlock(&code->lock);
    return next;
}

/* ---- programs ------------------------------------------------------------------------------- */

static void load_segment(struct sim_code *code, const struct isa_segment *segment)
{
    uint32_t first = segment->offset_bytes / ISA_INSN_BYTES;
    uint32_t filled = segment->file_bytes / ISA_INSN_BYTES;
    sim_code_store_row(code, first, segment->data, filled);
    for (uint32_t pc = filled; pc * ISA_INSN_BYTES < segment->mem_bytes; pc++)
        sim_code_store(code, first + pc, 0);
}

void sim_code_load(struct sim_code *code, const struct isa_program *program)
{
    for (size_t i = 0; i < program->n_segments; i++)
        if (program->segments[i].memory == ISA_IRAM)
            load_segment(code, &program->segments[i]);
}
