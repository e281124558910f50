/* SPDX-License-Identifier: MIT */
/* Waiting by object. A call of a function of wait.def counts with all its cycles, from the call to
 * the return; a lock bit from the first acquire that fails to the one that succeeds, which is not
 * counted any more. The collector tells what passed up to an issue only after the event, so
 * the time at a lock bit is cut by the cycles that the events name. */
#include "waits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum which { ADDRESS, TASKLET, SELF };

static const struct {
    const char *function, *kind;
    enum which which;
} functions[] = {
#define WAIT_IN(function, kind, which) {#function, #kind, which},
#define WAIT_BIT(...)
#include "wait.def"
#undef WAIT_IN
#undef WAIT_BIT
};

static const struct {
    const char *prefix, *kind;
} bits[] = {
#define WAIT_IN(...)
#define WAIT_BIT(prefix, kind) {prefix, #kind},
#include "wait.def"
#undef WAIT_IN
#undef WAIT_BIT
};

enum { FUNCTIONS = sizeof functions / sizeof functions[0], NO_FUNCTION = FUNCTIONS };

struct object {
    struct sim_wait wait;
    unsigned function; /* NO_FUNCTION: a lock bit */
    uint32_t key;
};

/* What a tasklet waits at. */
struct at {
    struct object *call, *bit; /* NULL: nothing */
    unsigned depth;            /* calls in the call */
    bool stopped;              /* in the call */
    uint64_t call_from, bit_from, bit_until;
};

struct sim_waits {
    struct object *objects[SIM_MOST_WAITS];
    unsigned count;
    struct at at[ISA_MAX_THREADS];
};

struct sim_waits *sim_waits_create(void)
{
    return calloc(1, sizeof(struct sim_waits));
}

void sim_waits_destroy(struct sim_waits *waits)
{
    if (!waits)
        return;
    for (unsigned i = 0; i < waits->count; i++)
        free(waits->objects[i]);
    free(waits);
}

unsigned sim_waits_count(const struct sim_waits *waits)
{
    return waits->count;
}

const struct sim_wait *sim_waits_get(const struct sim_waits *waits, unsigned index)
{
    return &waits->objects[index]->wait;
}

/* ---- objects --------------------------------------------------------------------------------- */

/* NAME, or NAME[OFFSET] inside of it. */
static void put_name(struct sim_wait *wait, const char *name, uint32_t offset)
{
    if (offset)
        snprintf(wait->name, sizeof wait->name, "%.50s[%u]", name, offset);
    else
        snprintf(wait->name, sizeof wait->name, "%.60s", name);
}

static const struct isa_symbol *symbol_at(const struct sim_dpu *d, uint32_t address)
{
    const struct isa_symbol *symbol = isa_program_symbol_at(d->collector->program, address, false);
    bool inside = symbol && symbol->value >> 28 == address >> 28 &&
                  address - symbol->value < (symbol->size_bytes ? symbol->size_bytes : 1);
    return inside ? symbol : NULL;
}

static void name_bit(struct sim_wait *wait, const struct sim_dpu *d, uint32_t bit)
{
    const struct isa_symbol *symbol = symbol_at(d, ISA_ATOMIC_BASE + bit);
    const char *name = symbol ? symbol->name : "";
    unsigned row = 0;
    while (strncmp(name, bits[row].prefix, strlen(bits[row].prefix)) != 0)
        row++;
    wait->kind = bits[row].kind;
    if (symbol)
        put_name(wait, name + strlen(bits[row].prefix), ISA_ATOMIC_BASE + bit - symbol->value);
    else
        snprintf(wait->name, sizeof wait->name, "%u", bit);
}

static void name_object(struct sim_wait *wait, const struct sim_dpu *d, unsigned function,
                        uint32_t key)
{
    const struct isa_symbol *symbol =
        functions[function].which == ADDRESS ? symbol_at(d, key) : NULL;
    wait->kind = functions[function].kind;
    if (symbol)
        put_name(wait, symbol->name, key - symbol->value);
    else
        snprintf(wait->name, sizeof wait->name,
                 functions[function].which == ADDRESS ? "0x%x" : "tasklet %u", key);
}

/* The object, a new one if need be; NULL: no memory. */
static struct object *find(struct sim_waits *waits, const struct sim_dpu *d, unsigned function,
                           uint32_t key)
{
    for (unsigned i = 0; i < waits->count; i++)
        if (waits->objects[i]->function == function && waits->objects[i]->key == key)
            return waits->objects[i];
    if (waits->count == SIM_MOST_WAITS)
        return waits->objects[SIM_MOST_WAITS - 1];
    struct object *object = calloc(1, sizeof *object);
    if (!object)
        return NULL;
    object->function = function;
    object->key = key;
    if (function == NO_FUNCTION)
        name_bit(&object->wait, d, key);
    else
        name_object(&object->wait, d, function, key);
    return waits->objects[waits->count++] = object;
}

static void note_longest(struct sim_wait *wait, uint64_t cycles)
{
    if (cycles > wait->longest)
        wait->longest = cycles;
}

/* ---- lock bits ------------------------------------------------------------------------------- */

/* Number of the bit that the acquire names: the two low bytes of the sum, folded. */
static uint32_t bit_of(const struct sim_tasklet *t, const struct sim_insn *ip)
{
    uint32_t sum = t->r[ip->ra / 4] + (uint32_t)ip->imm;
    return (sum >> 8 ^ sum) & 0xff;
}

static bool see_acquire(struct sim_waits *waits, const struct sim_dpu *d,
                        const struct sim_event *event, const struct sim_insn *ip)
{
    const struct sim_tasklet *t = &d->thread[event->tasklet];
    struct at *at = &waits->at[event->tasklet];
    uint64_t cycle = d->collector->base + event->cycle;
    bool failed = sim_pc_of(d, t->ip) == event->pc_insn;
    struct object *object = find(waits, d, NO_FUNCTION, bit_of(t, ip));
    if (!object)
        return false;
    if (failed && at->bit != object) {
        at->bit = object;
        at->bit_from = cycle;
        at->bit_until = UINT64_MAX;
        object->wait.blocked++;
    } else if (!failed) {
        object->wait.calls++;
        if (at->bit == object) {
            at->bit_until = cycle;
            note_longest(&object->wait, cycle - at->bit_from);
        }
    }
    return true;
}

bool sim_waits_event(struct sim_waits *waits, const struct sim_dpu *d,
                     const struct sim_event *event)
{
    if (event->kind == SIM_EVENT_STOP) {
        waits->at[event->tasklet].stopped = true;
        return true;
    }
    if (event->kind != SIM_EVENT_DONE)
        return true;
    const struct sim_insn *ip = sim_at_pc(d, event->pc_insn);
    bool acquires =
        ip->form != ISA_ILLEGAL && isa_form_get((enum isa_form)ip->form)->op == ISA_OP_ACQUIRE;
    return !acquires || see_acquire(waits, d, event, ip);
}

/* ---- functions ------------------------------------------------------------------------------- */

static unsigned function_of(const struct sim_collector *c, uint32_t node)
{
    const char *name = c->functions[c->nodes[node].function].name;
    unsigned function = 0;
    while (function < FUNCTIONS && strcmp(functions[function].function, name) != 0)
        function++;
    return function;
}

bool sim_waits_enter(struct sim_waits *waits, const struct sim_dpu *d, unsigned tasklet,
                     uint32_t node, uint64_t cycle)
{
    struct at *at = &waits->at[tasklet];
    unsigned function = function_of(d->collector, node);
    if (at->call) {
        at->depth++;
        return true;
    }
    if (function == NO_FUNCTION)
        return true;
    uint32_t key = functions[function].which == SELF ? tasklet : d->thread[tasklet].r[0];
    struct object *object = find(waits, d, function, key);
    if (!object)
        return false;
    *at = (struct at){.call = object,
                      .call_from = cycle,
                      .bit = at->bit,
                      .bit_from = at->bit_from,
                      .bit_until = at->bit_until};
    object->wait.calls++;
    return true;
}

void sim_waits_leave(struct sim_waits *waits, unsigned tasklet, uint64_t cycle)
{
    struct at *at = &waits->at[tasklet];
    if (!at->call || at->depth-- > 0)
        return;
    note_longest(&at->call->wait, cycle - at->call_from);
    at->call->wait.blocked += at->stopped;
    at->call = NULL;
    at->depth = 0;
}

/* ---- cycles ---------------------------------------------------------------------------------- */

void sim_waits_slice(struct sim_waits *waits, const struct sim_slice *slice)
{
    struct at *at = &waits->at[slice->tasklet];
    if (at->call)
        at->call->wait.cycles[slice->tasklet][slice->cause] += slice->cycles;
    if (at->bit && slice->from_cycle >= at->bit_until)
        at->bit = NULL;
    if (at->bit && slice->from_cycle >= at->bit_from)
        at->bit->wait.cycles[slice->tasklet][slice->cause] += slice->cycles;
}

void sim_waits_launch(struct sim_waits *waits)
{
    memset(waits->at, 0, sizeof waits->at);
}
