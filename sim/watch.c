/* SPDX-License-Identifier: MIT */
/* Watched instructions; see watch.h. */
#include <stdlib.h>
#include <string.h>

#include "exec.h"
#include "watch.h"

/* ---- what an instruction is ----------------------------------------------------------------- */

static const uint16_t classes_of_op[ISA_OP_COUNT] = {
    [ISA_OP_LDMA] = SIM_WATCH_DMA,        [ISA_OP_SDMA] = SIM_WATCH_DMA,
    [ISA_OP_LDMAI] = SIM_WATCH_DMA,       [ISA_OP_ACQUIRE] = SIM_WATCH_ACQUIRE,
    [ISA_OP_RELEASE] = SIM_WATCH_RELEASE, [ISA_OP_BOOT] = SIM_WATCH_START,
    [ISA_OP_RESUME] = SIM_WATCH_START,    [ISA_OP_STOP] = SIM_WATCH_STOP,
    [ISA_OP_CLR_RUN] = SIM_WATCH_RUN_BIT, [ISA_OP_READ_RUN] = SIM_WATCH_RUN_BIT,
    [ISA_OP_CALL] = SIM_WATCH_CALL,       [ISA_OP_TELL] = SIM_WATCH_TELL,
};

/* Where the stack pointer goes that the instruction writes: loads bring an earlier one back. */
static uint16_t direction_of(const struct sim_watch_slot *slot, const struct sim_insn *insn)
{
    bool adds = sim_watch_is_step(insn);
    if (slot->bytes || (adds && (int32_t)insn->imm < 0))
        return SIM_WATCH_LOWER;
    return adds ? SIM_WATCH_RAISE : SIM_WATCH_RAISE | SIM_WATCH_LOWER;
}

static struct sim_watch_slot slot_of(const struct sim_insn *insn)
{
    struct sim_watch_slot slot = {0};
    if (insn->form == ISA_ILLEGAL)
        return slot;
    const struct isa_form_info *form = isa_form_get((enum isa_form)insn->form);
    const struct isa_access *access = isa_op_access(form->op);
    slot.bytes = access->bytes;
    slot.is_write = access->is_write;
    slot.is_safe = access->is_safe;
    slot.classes = classes_of_op[form->op];
    if (slot.bytes)
        slot.classes |= slot.is_write ? SIM_WATCH_STORE : SIM_WATCH_LOAD;
    if (slot.bytes && insn->ra == ISA_STACK_REGISTER * sizeof(uint32_t))
        slot.classes |= (int32_t)insn->imm + slot.bytes > 0 ? SIM_WATCH_FRAME | SIM_WATCH_PUSH
                                                            : SIM_WATCH_FRAME;
    if (insn->rc ==
        ISA_STACK_REGISTER * sizeof(uint32_t)) /* else a destination is elsewhere, or 0 */
        slot.classes |= SIM_WATCH_STACK | direction_of(&slot, insn);
    return slot;
}

/* Also marks the slot when somebody wants it for its index. */
static uint16_t watchers_of(const struct sim_watch *watch, struct sim_watch_slot *slot,
                            uint32_t pc_insn)
{
    unsigned bits = 0;
    slot->classes &= (uint16_t)~SIM_WATCH_PC;
    for (unsigned i = 0; i < SIM_MAX_WATCHERS; i++) {
        const struct sim_watcher *w = watch->watcher[i];
        bool by_pc = w && sim_watch_has_pc(w, pc_insn);
        if (by_pc)
            slot->classes |= SIM_WATCH_PC;
        if (by_pc || (w && w->classes & slot->classes))
            bits |= 1u << i;
    }
    return (uint16_t)bits;
}

/* Is there a check that tells when its watchers need not be told, and are they content with it? */
static bool may_be_quiet(const struct sim_watch *watch, const struct sim_watch_slot *slot)
{
    bool is_access = slot->bytes && !slot->is_safe;
    if (slot->classes & SIM_WATCH_PC || !(is_access || slot->classes & SIM_WATCH_ACQUIRE))
        return false;
    for (unsigned rest = slot->watchers; rest; rest &= rest - 1) {
        const struct sim_watcher *w = watch->watcher[__builtin_ctz(rest)];
        if (slot->classes & w->classes & ~w->quiet_classes || w->after)
            return false;
    }
    return true;
}

static void choose_watchers(const struct sim_watch *watch, struct sim_watch_slot *slot,
                            uint16_t watchers)
{
    slot->watchers = watchers;
    slot->may_be_quiet = may_be_quiet(watch, slot);
    slot->only = NULL;
    if (watchers && !(watchers & (watchers - 1)))
        slot->only = watch->watcher[__builtin_ctz(watchers)];
    if (slot->only && slot->only->after)
        slot->only = NULL;
}

void sim_watch_look(struct sim_code *code, uint32_t pc_insn)
{
    struct sim_watch_slot *slot = &code->watch->slot[pc_insn];
    *slot = slot_of(&code->insn[pc_insn]);
    choose_watchers(code->watch, slot, watchers_of(code->watch, slot, pc_insn));
}

/* ---- executing ------------------------------------------------------------------------------ */

static const struct sim_insn *call_before(struct sim_watch *watch, unsigned watchers,
                                          struct sim_dpu *d, struct sim_tasklet *t,
                                          const struct sim_insn *ip)
{
    const struct sim_insn *instead = NULL;
    for (; watchers; watchers &= watchers - 1) {
        struct sim_watcher *w = watch->watcher[__builtin_ctz(watchers)];
        const struct sim_insn *next = w->before ? w->before(w, d, t, ip) : NULL;
        if (next)
            instead = next;
    }
    return instead;
}

static void call_after(struct sim_watch *watch, unsigned watchers, struct sim_dpu *d,
                       struct sim_tasklet *t, const struct sim_insn *ip,
                       const struct sim_insn *next)
{
    for (; watchers; watchers &= watchers - 1) {
        struct sim_watcher *w = watch->watcher[__builtin_ctz(watchers)];
        if (w->after)
            w->after(w, d, t, ip, next);
    }
}

static __attribute__((noinline)) const struct sim_insn *
exec_for_many(struct sim_watch *watch, unsigned watchers, struct sim_dpu *d, struct sim_tasklet *t,
              const struct sim_insn *ip)
{
    const struct sim_watch_slot *slot = watch->now;
    const struct sim_insn *next = call_before(watch, watchers, d, t, ip);
    if (d->event & SIM_NEWS_FAULT)
        return ip + 1;
    if (!next)
        next = sim_exec[ip->form](d, t, ip);
    watch->now = slot;
    call_after(watch, watchers, d, t, ip, next);
    return next;
}

void sim_watch_tell(struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip)
{
    struct sim_watch *watch = d->watch;
    const struct sim_watch_slot *slot = sim_watch_slot_of(d, ip);
    watch->now = slot;
    if (slot->only)
        slot->only->before(slot->only, d, t, ip);
    else
        call_before(watch, slot->watchers, d, t, ip);
    uint32_t address = sim_watch_address(slot, t, ip);
    if (slot->bytes && address < d->wram_units[0])
        sim_quiet_ask(d, t, address / SIM_DOUBLEWORD);
}

const struct sim_insn *sim_exec_watched(struct sim_dpu *d, struct sim_tasklet *t,
                                        const struct sim_insn *ip)
{
    struct sim_watch *watch = d->watch;
    const struct sim_watch_slot *slot = sim_watch_slot_of(d, ip);
    const struct sim_insn *next = NULL;
    if (__builtin_expect(d->event & SIM_NEWS_FAULT, 0))
        return ip + 1; /* raised by sim_watch_tell */
    watch->now = slot;
    if (!slot->only && !slot->may_be_quiet)
        return exec_for_many(watch, slot->watchers, d, t, ip);
    if (slot->may_be_quiet)
        sim_watch_tell(d, t, ip);
    else
        next = slot->only->before(slot->only, d, t, ip);
    if (__builtin_expect(d->event & SIM_NEWS_FAULT, 0))
        return ip + 1;
    return next ? next : sim_exec[ip->form](d, t, ip);
}

/* ---- who watches ---------------------------------------------------------------------------- */

static void find_voters(struct sim_watch *watch)
{
    watch->n_voters = 0;
    for (unsigned i = 0; i < SIM_MAX_WATCHERS; i++)
        if (watch->watcher[i] && watch->watcher[i]->quiet)
            watch->voter[watch->n_voters++] = watch->watcher[i];
}

void sim_watch_update(struct sim_dpu *d)
{
    find_voters(d->watch);
    for (uint32_t pc = 0; pc < ISA_IRAM_INSNS; pc++) {
        struct sim_watch_slot *slot = &d->watch->slot[pc];
        uint16_t watchers = watchers_of(d->watch, slot, pc);
        bool changed = slot->watchers != watchers, was_quiet = slot->may_be_quiet;
        choose_watchers(d->watch, slot, watchers);
        if (changed || was_quiet != slot->may_be_quiet)
            sim_code_choose(d->code, pc);
    }
    sim_quiet_forget(d);
}

void sim_watch_choose(struct sim_code *code, uint32_t pc_insn, sim_run_fn *const plain[SIM_FLOWS])
{
    struct sim_insn *insn = &code->insn[pc_insn];
    struct sim_watch_slot *slot = &code->watch->slot[pc_insn];
    sim_run_fn *const *quiet = slot->may_be_quiet ? sim_quiet_run(slot) : NULL;
    for (unsigned flow = 0; flow < SIM_FLOWS; flow++) {
        slot->plain[flow] = plain[flow];
        insn->run[flow] = quiet ? quiet[flow] : sim_run_any.run[flow];
    }
    insn->exec = sim_exec_watched;
}

bool sim_watch_attach(struct sim_dpu *d)
{
    if (!sim_code_own(d))
        return false;
    d->code->watch = d->watch;
    for (uint32_t pc = 0; pc < ISA_IRAM_INSNS; pc++)
        sim_watch_look(d->code, pc);
    for (uint32_t pc = 0; pc < ISA_IRAM_INSNS; pc++)
        if (sim_watch_wanted(d->code, pc))
            sim_code_choose(d->code, pc);
    return true;
}

static bool make_watch(struct sim_dpu *d)
{
    d->watch = calloc(1, sizeof *d->watch);
    if (d->watch && sim_watch_attach(d))
        return true;
    free(d->watch);
    d->watch = NULL;
    return false;
}

bool sim_watch_add(struct sim_dpu *d, struct sim_watcher *w)
{
    if (!d->watch && !make_watch(d))
        return false;
    for (unsigned i = 0; i < SIM_MAX_WATCHERS; i++)
        if (!d->watch->watcher[i]) {
            d->watch->watcher[i] = w;
            sim_watch_update(d);
            return true;
        }
    return false;
}

void sim_watch_remove(struct sim_dpu *d, struct sim_watcher *w)
{
    if (!d->watch)
        return;
    for (unsigned i = 0; i < SIM_MAX_WATCHERS; i++)
        if (d->watch->watcher[i] == w)
            d->watch->watcher[i] = NULL;
    sim_watch_update(d);
}

void sim_watch_destroy(struct sim_watch *watch)
{
    free(watch);
}
