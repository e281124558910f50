/* SPDX-License-Identifier: MIT */
/* The checker of stacks. A stack grows upwards, from its base to what the program reserves; beyond
 * lies the next tasklet's. Seen are accesses by the stack pointer and changes of it; the first one
 * beyond the end stops the DPU before anything is overwritten. Not seen: an index that leaves an
 * array on the stack. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"

struct stack {
    struct sim_byte_range bounds;
    uint32_t deepest_end; /* highest byte used, and one */
    uint32_t deepest_pc;
};

struct check_stack {
    struct sim_checker checker;
    struct stack stack[ISA_MAX_THREADS];
};

/* Whose the byte behind the end of a stack is, in words. */
static void describe_victim(const struct sim_dpu *d, uint32_t wram_addr, char *text, size_t size)
{
    const struct isa_symbol *heap = isa_program_find_symbol(d->program, "__sys_heap_pointer_reset");
    for (unsigned i = 0; i < d->chip->threads; i++) {
        struct sim_byte_range bounds = sim_stack_bounds(d, i);
        if (wram_addr >= bounds.from && wram_addr < bounds.end) {
            snprintf(text, size, "the stack of tasklet %u", i);
            return;
        }
    }
    const struct isa_symbol *object = sim_object_at(d, ISA_WRAM, wram_addr);
    if (object)
        snprintf(text, size, "%.60s", object->name);
    else if (heap && heap->defined && wram_addr >= heap->value)
        snprintf(text, size, "the heap");
    else
        snprintf(text, size, "what lies behind it");
}

static void overflow(struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip,
                     const struct stack *stack, uint32_t end)
{
    char victim[80];
    describe_victim(d, end - 1, victim, sizeof victim);
    struct sim_finding *f =
        sim_find(d, SIM_FINDING_STACK_OVERFLOW, t, sim_pc_of(d, ip), -1, ISA_IRAM_INSNS);
    sim_raise_stack(d, t, ip, stack->bounds.end - stack->bounds.from, end - stack->bounds.end,
                    victim);
    if (f) {
        f->memory = ISA_WRAM;
        f->address = stack->bounds.end;
        f->site.len_bytes = end - stack->bounds.end;
        f->site.is_write = true;
        snprintf(f->text, sizeof f->text, "%s", d->fault.rule);
    }
}

/* The tasklet's stack reaches to `end` now. */
static void reach(struct check_stack *s, struct sim_dpu *d, struct sim_tasklet *t,
                  const struct sim_insn *ip, uint32_t end)
{
    struct stack *stack = &s->stack[t->id];
    if (end <= stack->deepest_end)
        return;
    stack->deepest_end = end;
    stack->deepest_pc = sim_pc_of(d, ip);
    if (end > stack->bounds.end)
        overflow(d, t, ip, stack, end);
}

/* A stack pointer elsewhere is no stack pointer: start code, or a program with its own rules. */
static bool inside(const struct stack *stack, uint32_t wram_addr)
{
    return wram_addr >= stack->bounds.from && wram_addr <= stack->bounds.end &&
           stack->bounds.from < stack->bounds.end;
}

static const struct sim_insn *look(struct sim_watcher *watcher, struct sim_dpu *d,
                                   struct sim_tasklet *t, const struct sim_insn *ip)
{
    struct check_stack *s = (struct check_stack *)watcher;
    const struct sim_watch_slot *slot = sim_watch_now(d);
    uint32_t pointer = t->r[ISA_STACK_REGISTER];
    bool adds = sim_watch_is_step(ip);
    if (slot->classes & SIM_WATCH_RAISE && !adds) /* the next access by it tells how far */
        sim_quiet_suspend(d, t, SIM_BY_FRAME);
    else if (d->watch->quiet.suspended[t->id])
        sim_quiet_resume(d, t, SIM_BY_FRAME);
    if (!inside(&s->stack[t->id], pointer))
        return NULL;
    if (slot->classes & SIM_WATCH_FRAME)
        reach(s, d, t, ip, sim_watch_address(slot, t, ip) + slot->bytes);
    else if (adds)
        reach(s, d, t, ip, pointer + ip->imm);
    return NULL;
}

static void loaded(struct sim_checker *checker, struct sim_dpu *d)
{
    struct check_stack *s = (struct check_stack *)checker;
    for (unsigned i = 0; i < d->chip->threads; i++) {
        struct sim_byte_range bounds = sim_stack_bounds(d, i);
        s->stack[i] = (struct stack){bounds, bounds.from, ISA_IRAM_INSNS};
    }
}

static void destroy(struct sim_checker *checker)
{
    free(checker);
}

struct sim_checker *sim_check_stack_create(struct sim_dpu *d)
{
    struct check_stack *s = calloc(1, sizeof *s);
    (void)d;
    if (!s)
        return NULL;
    s->checker = (struct sim_checker){
        .watcher = {.before = look,
                    .classes = SIM_WATCH_FRAME | SIM_WATCH_PUSH | SIM_WATCH_RAISE,
                    .quiet_classes = SIM_WATCH_FRAME},
        .destroy = destroy,
        .loaded = loaded};
    return &s->checker;
}

bool sim_dpu_stack_use(const struct sim_dpu *dpu, unsigned tasklet, struct sim_stack_use *use)
{
    if (!(sim_dpu_checks(dpu) >> SIM_CHECK_stack & 1) || tasklet >= dpu->chip->threads)
        return false;
    const struct check_stack *s = (const struct check_stack *)dpu->checks->checker[SIM_CHECK_stack];
    const struct stack *stack = &s->stack[tasklet];
    bool used = stack->deepest_pc < ISA_IRAM_INSNS;
    *use = (struct sim_stack_use){
        .base = stack->bounds.from,
        .size_bytes = stack->bounds.end - stack->bounds.from,
        .used_bytes = stack->deepest_end - stack->bounds.from,
        .deepest = sim_site_of(dpu, used ? (int)tasklet : -1, stack->deepest_pc)};
    return true;
}
