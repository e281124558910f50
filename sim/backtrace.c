/* SPDX-License-Identifier: MIT */
/* Call stack of a tasklet. The calling convention keeps the caller's r22 and r23 in the topmost
 * eight bytes of a frame ([r22 - 8]: r23, [r22 - 4]: r22); functions without a frame have the
 * return index in r23. Whether a function has set up its frame is read off its own code: a store of
 * d22 and an addition to r22 between its start and the current place. */
#include <string.h>

#include "state.h"

static const struct isa_symbol *function_at(const struct sim_dpu *d, uint32_t pc_insn)
{
    if (!d->program)
        return NULL;
    return isa_program_symbol_at(d->program, ISA_IRAM_BASE + pc_insn * ISA_INSN_BYTES, true);
}

static uint32_t function_start(const struct isa_symbol *function)
{
    return (function->value - ISA_IRAM_BASE) / ISA_INSN_BYTES;
}

struct sim_frame sim_frame_at(const struct sim_dpu *d, uint32_t pc_insn, bool certain)
{
    struct sim_frame frame = {.pc_insn = pc_insn, .certain = certain};
    const struct isa_symbol *function = function_at(d, pc_insn);
    if (function) {
        frame.function = function->name;
        frame.offset_insns = pc_insn - function_start(function);
    }
    if (d->program)
        isa_program_line_at(d->program, pc_insn, &frame.file, &frame.line);
    return frame;
}

static bool is_frame_save(const struct isa_insn *insn)
{
    return insn->form == ISA_SD_ERIR && insn->value[1] == ISA_STACK_REGISTER &&
           insn->value[3] == ISA_STACK_REGISTER;
}

static bool is_stack_growth(const struct isa_insn *insn)
{
    return insn->form == ISA_ADD_RRI && insn->value[0] == ISA_STACK_REGISTER &&
           insn->value[1] == ISA_STACK_REGISTER;
}

static bool is_frame_restore(const struct isa_insn *insn)
{
    return insn->form == ISA_LD_ERRI && insn->value[1] == ISA_STACK_REGISTER;
}

/* Does the code between the function's start and pc leave a frame set up? */
static bool has_frame(const struct sim_dpu *d, const struct isa_symbol *function, uint32_t pc_insn)
{
    bool saved = false, grown = false;
    struct isa_insn insn;
    for (uint32_t pc = function_start(function); pc < pc_insn; pc++) {
        isa_decode(d->code->word[pc], &insn);
        saved |= is_frame_save(&insn);
        grown |= is_stack_growth(&insn);
    }
    if (pc_insn && isa_decode(d->code->word[pc_insn - 1], &insn) && is_frame_restore(&insn))
        return false; /* the frame has just been given up */
    return saved && grown;
}

struct walk {
    uint32_t pc_insn, stack, back;
};

/* One frame up. False at the end of what can be known. */
static bool caller(const struct sim_dpu *d, struct walk *walk, bool innermost, bool *certain)
{
    const struct isa_symbol *function = function_at(d, walk->pc_insn);
    bool framed = function && has_frame(d, function, walk->pc_insn);
    uint32_t saved[2];
    *certain = function != NULL;
    if (!framed && !innermost)
        return false;
    if (framed) {
        if (walk->stack % 8 || walk->stack < 8 || walk->stack > d->wram_units[0])
            return false;
        memcpy(saved, d->wram + walk->stack - 8, sizeof saved);
        walk->back = saved[0];
        walk->stack = saved[1];
    }
    if (walk->back == 0 || walk->back >= ISA_IRAM_INSNS)
        return false;
    walk->pc_insn = walk->back - 1; /* the call itself */
    return true;
}

static bool is_call(const struct sim_dpu *d, uint32_t pc_insn)
{
    enum isa_form form = isa_decode_form(d->code->word[pc_insn]);
    return form != ISA_ILLEGAL && isa_form_get(form)->op == ISA_OP_CALL;
}

unsigned sim_dpu_backtrace(const struct sim_dpu *dpu, unsigned tasklet, struct sim_frame *frames,
                           unsigned most)
{
    if (tasklet >= dpu->chip->threads || most == 0)
        return 0;
    const struct sim_tasklet *t = &dpu->thread[tasklet];
    uint32_t pc_insn = sim_pc_of(dpu, t->ip);
    if (dpu->fault.kind != SIM_FAULT_NONE && dpu->fault.tasklet == tasklet)
        pc_insn = dpu->fault.pc_insn;
    struct walk walk = {pc_insn, t->r[ISA_STACK_REGISTER], t->r[ISA_RETURN_REGISTER]};
    unsigned count = 0;
    frames[count++] = sim_frame_at(dpu, pc_insn, true);
    bool certain = true;
    while (count < most && caller(dpu, &walk, count == 1, &certain) && is_call(dpu, walk.pc_insn))
        frames[count++] = sim_frame_at(dpu, walk.pc_insn, certain);
    return count;
}
