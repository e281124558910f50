/* SPDX-License-Identifier: MIT */
/* Host functions in the place of functions of a program, and told of their results. Entries and
 * returns are told by watched instructions, so other code runs as fast as ever. A call has returned
 * when its tasklet comes to the return address with the stack pointer that it was called with. */
#include <stdlib.h>
#include <string.h>

#include "call_abi.h"
#include "watch.h"

enum { MOST_NESTED = 32 };

/* Calls under way of one tasklet, the innermost last. */
struct nesting {
    unsigned depth;
    struct {
        uint32_t back, stack;
        union sim_value arguments[SIM_MAX_ARGUMENTS];
    } call[MOST_NESTED];
};

struct sim_double {
    struct sim_watcher watcher; /* first: what is told is this */
    struct sim_signature signature;
    uint32_t pc_insn;
    sim_call_hook function; /* NULL: the program's own runs */
    void *context;
    sim_return_hook returned; /* NULL: nobody is told */
    void *returned_context;
    struct nesting *nesting; /* of each tasklet; of this launch */
    uint64_t launch;
    struct sim_double *next;
};

/* ---- results --------------------------------------------------------------------------------- */

static void begin_call(struct sim_double *twin, struct sim_dpu *d, const struct sim_tasklet *t,
                       const union sim_value *arguments)
{
    struct nesting *nesting = &twin->nesting[t->id];
    uint32_t back = t->r[ISA_RETURN_REGISTER] % ISA_IRAM_INSNS, stack = t->r[ISA_STACK_REGISTER];
    if (twin->launch != d->launches)
        for (unsigned i = 0; i < ISA_MAX_THREADS; i++)
            twin->nesting[i].depth = 0;
    twin->launch = d->launches;
    while (nesting->depth && nesting->call[nesting->depth - 1].stack > stack)
        nesting->depth--; /* left without returning */
    if (nesting->depth == MOST_NESTED)
        return;
    nesting->call[nesting->depth].back = back;
    nesting->call[nesting->depth].stack = stack;
    memcpy(nesting->call[nesting->depth++].arguments, arguments, sizeof(nesting->call->arguments));
    if (sim_watch_has_pc(&twin->watcher, back))
        return;
    sim_watch_pc(&twin->watcher, back);
    sim_watch_update(d);
}

static void end_calls(struct sim_double *twin, struct sim_dpu *d, struct sim_tasklet *t,
                      uint32_t pc_insn)
{
    struct nesting *nesting = &twin->nesting[t->id];
    char letter = twin->signature.result;
    while (twin->launch == d->launches && nesting->depth &&
           nesting->call[nesting->depth - 1].back == pc_insn &&
           nesting->call[nesting->depth - 1].stack == t->r[ISA_STACK_REGISTER]) {
        const union sim_value *arguments = nesting->call[--nesting->depth].arguments;
        union sim_value result = {.ul = 0};
        if (letter != 'v')
            result = sim_value_of(letter, sim_register_get(t->r, 0, letter));
        twin->returned(twin->returned_context, d, t->id, arguments, &result);
        if (letter != 'v')
            sim_register_put(t->r, 0, letter, sim_value_bits(letter, result));
    }
}

/* ---- calls ----------------------------------------------------------------------------------- */

static const struct sim_insn *entered(struct sim_double *twin, struct sim_dpu *d,
                                      struct sim_tasklet *t)
{
    union sim_value arguments[SIM_MAX_ARGUMENTS] = {{.ul = 0}}, result = {.ul = 0};
    sim_arguments_read(d, &twin->signature, t->r, arguments);
    if (twin->returned)
        begin_call(twin, d, t, arguments);
    if (!twin->function)
        return NULL;
    bool instead = twin->function(twin->context, d, t->id, arguments, &result);
    if (!instead) {
        sim_arguments_write(d, &twin->signature, t->r, arguments);
        return NULL;
    }
    if (twin->signature.result != 'v')
        sim_register_put(t->r, 0, twin->signature.result,
                         sim_value_bits(twin->signature.result, result));
    return sim_at_pc(d, t->r[ISA_RETURN_REGISTER]);
}

static const struct sim_insn *told(struct sim_watcher *watcher, struct sim_dpu *d,
                                   struct sim_tasklet *t, const struct sim_insn *ip)
{
    struct sim_double *twin = (struct sim_double *)watcher;
    uint32_t pc_insn = sim_pc_of(d, ip);
    if (twin->returned)
        end_calls(twin, d, t, pc_insn);
    return pc_insn == twin->pc_insn ? entered(twin, d, t) : NULL;
}

/* ---- who is there ---------------------------------------------------------------------------- */

static struct sim_double *find_double(const struct sim_dpu *dpu, uint32_t pc_insn)
{
    struct sim_double *twin = dpu->doubles;
    while (twin && twin->pc_insn != pc_insn)
        twin = twin->next;
    return twin;
}

static void free_double(struct sim_double *twin)
{
    free(twin->nesting);
    free(twin);
}

/* One that nobody asks for any more. */
static void remove_idle(struct sim_dpu *dpu)
{
    for (struct sim_double **at = &dpu->doubles; *at;) {
        struct sim_double *twin = *at;
        if (twin->function || twin->returned) {
            at = &twin->next;
            continue;
        }
        *at = twin->next;
        sim_watch_remove(dpu, &twin->watcher);
        free_double(twin);
    }
}

static struct sim_double *add_double(struct sim_dpu *dpu, uint32_t pc_insn)
{
    struct sim_double *twin = calloc(1, sizeof *twin);
    if (!twin)
        return NULL;
    twin->pc_insn = pc_insn;
    twin->watcher.before = told;
    sim_watch_pc(&twin->watcher, pc_insn);
    if (!sim_watch_add(dpu, &twin->watcher)) {
        free(twin);
        return NULL;
    }
    twin->next = dpu->doubles;
    dpu->doubles = twin;
    return twin;
}

/* The double of a function, with its signature; NULL with status OK: there is none and none is
 * wanted. */
static enum dpusim_status double_for(struct sim_dpu *dpu, const char *function,
                                     const char *signature, bool wanted, struct sim_double **out,
                                     struct isa_diag *diag)
{
    uint32_t pc_insn;
    struct sim_signature s;
    enum dpusim_status status = sim_function_find(dpu, function, &pc_insn, diag);
    if (!status && wanted)
        status = sim_signature_of(&s, dpu, function, signature, diag);
    if (status)
        return status;
    *out = find_double(dpu, pc_insn);
    if (!wanted)
        return DPUSIM_OK;
    if (!*out)
        *out = add_double(dpu, pc_insn);
    if (!*out)
        return isa_fail(diag, DPUSIM_NO_MEMORY,
                        "%.200s: out of memory, or more than %d functions are replaced", function,
                        SIM_MAX_WATCHERS);
    (*out)->signature = s;
    return DPUSIM_OK;
}

enum dpusim_status sim_dpu_replace(struct sim_dpu *dpu, const char *function, const char *signature,
                                   sim_call_hook hook, void *context, struct isa_diag *diag)
{
    struct sim_double *twin = NULL;
    enum dpusim_status status = double_for(dpu, function, signature, hook != NULL, &twin, diag);
    if (status || !twin)
        return status;
    twin->function = hook;
    twin->context = context;
    remove_idle(dpu);
    return DPUSIM_OK;
}

enum dpusim_status sim_dpu_observe(struct sim_dpu *dpu, const char *function, const char *signature,
                                   sim_return_hook hook, void *context, struct isa_diag *diag)
{
    struct sim_double *twin = NULL;
    enum dpusim_status status = double_for(dpu, function, signature, hook != NULL, &twin, diag);
    if (status || !twin)
        return status;
    if (hook && !twin->nesting)
        twin->nesting = calloc(ISA_MAX_THREADS, sizeof *twin->nesting);
    bool ok = !hook || twin->nesting;
    twin->returned = ok ? hook : NULL;
    twin->returned_context = context;
    remove_idle(dpu);
    return ok ? DPUSIM_OK : isa_fail(diag, DPUSIM_NO_MEMORY, "%.200s: out of memory", function);
}

void sim_doubles_destroy(struct sim_dpu *dpu)
{
    while (dpu->doubles) {
        struct sim_double *next = dpu->doubles->next;
        free_double(dpu->doubles);
        dpu->doubles = next;
    }
}
