/* SPDX-License-Identifier: MIT */
/* `dpusim elf --stack`: how much stack each function can need, from its code: what it adds to the
 * stack pointer and stores beyond it, and whom it calls. Works without debug information, for any
 * compiler that keeps to the calling convention. Recursion and calls by pointer have no bound that
 * the code shows; that is said. */
#include <stdlib.h>
#include <string.h>

#include "elf_stack.h"

enum { RETURN_REGISTER = ISA_RETURN_REGISTER, STACK_REGISTER = ISA_STACK_REGISTER, ZERO = 24 };

struct function {
    const struct isa_symbol *symbol;
    uint32_t first, end; /* indices of instructions */
    uint32_t frame;      /* bytes of its own */
    bool by_pointer;     /* calls what a register says */
    bool alloca;         /* adds a register to the stack pointer */
    /* after the search */
    enum { NEW, OPEN, DONE } state;
    uint32_t worst;
    const struct function *worst_callee;
    bool recursive; /* it, or what it calls */
    bool unknown;   /* something it calls is not known */
};

struct analysis {
    const struct isa_program *program;
    uint64_t word[ISA_IRAM_INSNS];
    struct function *functions;
    size_t n_functions;
};

/* ------------------------------------------------------------------ functions ----------------- */

static void read_code(struct analysis *a)
{
    for (size_t i = 0; i < a->program->n_segments; i++) {
        const struct isa_segment *segment = &a->program->segments[i];
        if (segment->memory == ISA_IRAM)
            memcpy((uint8_t *)a->word + segment->offset_bytes, segment->data, segment->file_bytes);
    }
}

static int by_place(const void *left, const void *right)
{
    const struct function *a = left, *b = right;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return (a->end < b->end) - (a->end > b->end);
}

/* Functions in the order of their code; of two names for the same one, one. */
static void find_functions(struct analysis *a)
{
    size_t kept = 0;
    a->functions = tool_realloc(NULL, a->program->n_symbols + 1, sizeof *a->functions);
    for (size_t i = 0; i < a->program->n_symbols; i++) {
        const struct isa_symbol *symbol = &a->program->symbols[i];
        uint32_t offset = symbol->value - ISA_IRAM_BASE;
        if (symbol->type == ISA_SYMBOL_FUNCTION && symbol->defined && symbol->size_bytes &&
            symbol->value >= ISA_IRAM_BASE &&
            (uint64_t)offset + symbol->size_bytes <= ISA_IRAM_INSNS * ISA_INSN_BYTES)
            a->functions[a->n_functions++] =
                (struct function){.symbol = symbol,
                                  .first = offset / ISA_INSN_BYTES,
                                  .end = (offset + symbol->size_bytes) / ISA_INSN_BYTES};
    }
    qsort(a->functions, a->n_functions, sizeof *a->functions, by_place);
    for (size_t i = 0; i < a->n_functions; i++)
        if (kept == 0 || a->functions[kept - 1].first != a->functions[i].first)
            a->functions[kept++] = a->functions[i];
    a->n_functions = kept;
}

/* The function that the instruction belongs to, the innermost; NULL: none. */
static struct function *function_at(const struct analysis *a, uint32_t pc_insn)
{
    struct function *found = NULL;
    for (size_t i = 0; i < a->n_functions; i++)
        if (pc_insn >= a->functions[i].first && pc_insn < a->functions[i].end)
            found = &a->functions[i];
    return found;
}

/* ------------------------------------------------------------------ one instruction ----------- */

/* Value of the operand of that name, or otherwise. */
static int64_t operand(const struct isa_insn *insn, const char *name, int64_t otherwise)
{
    const struct isa_pattern *pattern = &isa_form_get(insn->form)->pattern;
    for (unsigned i = 0; i < pattern->n_operands; i++)
        if (strcmp(isa_operand_get((enum isa_operand)pattern->operands[i])->name, name) == 0)
            return insn->value[i];
    return otherwise;
}

/* Index that a call or jump leads to; -1: none, or not known. */
static int64_t target_of(const struct isa_insn *insn)
{
    const struct isa_pattern *pattern = &isa_form_get(insn->form)->pattern;
    if (insn->form == ISA_CALL_RRI || insn->form == ISA_CALL_ZRI)
        return insn->value[1] == ZERO ? insn->value[2] % ISA_IRAM_INSNS : -1;
    for (unsigned i = 0; i < pattern->n_operands; i++)
        if (isa_operand_get((enum isa_operand)pattern->operands[i])->kind == ISA_KIND_PC16)
            return insn->value[i] % ISA_IRAM_INSNS;
    return -1;
}

static void grow(struct function *f, int64_t bytes)
{
    if (bytes > f->frame && bytes < 65536)
        f->frame = (uint32_t)bytes;
}

static void look_at(struct function *f, const struct isa_insn *insn, int64_t *depth)
{
    enum isa_op op = isa_form_get(insn->form)->op;
    const struct isa_access *access = isa_op_access(op);
    if (insn->form == ISA_ADD_RRI && insn->value[0] == STACK_REGISTER &&
        insn->value[1] == STACK_REGISTER) {
        *depth = insn->value[2] > 0 ? *depth + insn->value[2] : 0;
        grow(f, *depth);
    } else if (insn->form == ISA_ADD_RRR && insn->value[0] == STACK_REGISTER) {
        f->alloca = true;
    } else if (access->is_write && operand(insn, "ra", ZERO) == STACK_REGISTER) {
        grow(f, *depth + operand(insn, "off", 0) + access->bytes);
    } else if (op == ISA_OP_CALL && target_of(insn) < 0 &&
               operand(insn, "ra", ZERO) != RETURN_REGISTER) {
        f->by_pointer = true;
    }
}

/* ------------------------------------------------------------------ the worst path ------------ */

static void search(struct analysis *a, struct function *f);

static void follow(struct analysis *a, struct function *f, const struct isa_insn *insn)
{
    int64_t target = target_of(insn);
    struct function *callee = target < 0 ? NULL : function_at(a, (uint32_t)target);
    if (!callee || (callee == f && target != f->first))
        return;
    bool is_call = operand(insn, "rc", ZERO) == RETURN_REGISTER;
    if (callee == f && !is_call)
        return; /* a loop */
    if (callee->state == OPEN) {
        f->recursive |= is_call;
        return;
    }
    search(a, callee);
    f->recursive |= callee->recursive;
    f->unknown |= callee->unknown;
    uint32_t worst = callee->worst + (is_call ? f->frame : 0);
    if (worst > f->worst) {
        f->worst = worst;
        f->worst_callee = callee;
    }
}

static void search(struct analysis *a, struct function *f)
{
    struct isa_insn insn;
    int64_t depth = 0;
    if (f->state != NEW)
        return;
    f->state = OPEN;
    for (uint32_t pc = f->first; pc < f->end; pc++)
        if (isa_decode(a->word[pc], &insn))
            look_at(f, &insn, &depth);
    f->worst = f->frame;
    f->unknown = f->by_pointer || f->alloca;
    for (uint32_t pc = f->first; pc < f->end; pc++)
        if (isa_decode(a->word[pc], &insn))
            follow(a, f, &insn);
    f->state = DONE;
}

static struct function *analyse(struct analysis *a, const struct isa_program *program)
{
    struct function *main_function = NULL;
    *a = (struct analysis){.program = program};
    read_code(a);
    find_functions(a);
    for (size_t i = 0; i < a->n_functions; i++) {
        search(a, &a->functions[i]);
        if (strcmp(a->functions[i].symbol->name, "main") == 0)
            main_function = &a->functions[i];
    }
    return main_function;
}

/* ------------------------------------------------------------------ outputs ------------------- */

/* Why there may be more than the number, or "". */
static const char *doubt(const struct function *f)
{
    return f->recursive && f->unknown ? "recursion, calls by pointer or alloca"
           : f->recursive             ? "recursion"
           : f->unknown               ? "calls by pointer or alloca"
                                      : "";
}

static uint32_t stack_size(const struct isa_program *program, unsigned tasklet)
{
    char name[32];
    snprintf(name, sizeof name, "STACK_SIZE_TASKLET_%u", tasklet);
    const struct isa_symbol *symbol = isa_program_find_symbol(program, name);
    return symbol && symbol->defined ? symbol->value : 0;
}

static void print_tasklets(const struct isa_program *program, const struct function *main_function)
{
    unsigned too_small = 0;
    for (unsigned t = 0; t < program->nr_tasklets; t++)
        too_small += stack_size(program, t) < main_function->worst;
    printf("main needs%s %u bytes%s%s%s; the stacks of %u tasklet%s are too small\n",
           *doubt(main_function) ? " at least" : "", (unsigned)main_function->worst,
           *doubt(main_function) ? " (" : "", doubt(main_function),
           *doubt(main_function) ? ")" : "", too_small, too_small == 1 ? "" : "s");
}

void elf_stack_print(const struct isa_program *program)
{
    struct analysis a;
    const struct function *main_function = analyse(&a, program);
    printf("Stack of each function, from the code (bytes):\n  %7s %7s  %-24s %s\n", "own", "worst",
           "function", "worst by, and doubts");
    for (size_t i = 0; i < a.n_functions; i++) {
        const struct function *f = &a.functions[i];
        printf("  %7u %7u  %-24s", (unsigned)f->frame, (unsigned)f->worst, f->symbol->name);
        for (const struct function *next = f->worst_callee; next; next = next->worst_callee)
            printf(" %s%s", next == f->worst_callee ? "" : "> ", next->symbol->name);
        printf("%s%s%s\n", *doubt(f) ? " (" : "", doubt(f), *doubt(f) ? ")" : "");
    }
    if (main_function)
        print_tasklets(program, main_function);
    free(a.functions);
}

void elf_stack_json(const struct isa_program *program, struct json *json)
{
    struct analysis a;
    analyse(&a, program);
    json_open(json, "stack", '[');
    for (size_t i = 0; i < a.n_functions; i++) {
        const struct function *f = &a.functions[i];
        json_open(json, NULL, '{');
        json_text(json, "function", f->symbol->name);
        json_u64(json, "own", f->frame);
        json_u64(json, "worst", f->worst);
        json_text(json, "worst_by", f->worst_callee ? f->worst_callee->symbol->name : NULL);
        json_bool(json, "recursive", f->recursive);
        json_bool(json, "unknown", f->unknown);
        json_close(json, '}');
    }
    json_close(json, ']');
    free(a.functions);
}
