/* SPDX-License-Identifier: MIT */
/* The complete semantics as one function per instruction form (973), made from forms.h. These serve
 * single steps, cycle mode, tracing and every form that engine.c has no fast variant for. */
#include "exec.h"
#include "forms.h"

SIM_INLINE const struct sim_insn *behind(const struct call *k, enum sim_step step)
{
    return step == SIM_JUMP ? jump_target(k->ip) : step == SIM_GOTO ? k->target : k->ip + 1;
}

#define EXEC_BODY(run, widening, form_shape)                                                       \
    {                                                                                              \
        struct call k = {.d = d,                                                                   \
                         .t = t,                                                                   \
                         .ip = ip,                                                                 \
                         .widen = widening,                                                        \
                         .shape = form_shape,                                                      \
                         .cond = COND_IN_INSN};                                                    \
        enum sim_step step = run(&k);                                                              \
        flags_store(&k);                                                                           \
        return behind(&k, step);                                                                   \
    }
#define EXEC_ARGUMENTS struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip

#ifndef SIM_OUT_OF_LINE
#define EXEC(name, op, widening, form_shape)                                                       \
    static const struct sim_insn *name(EXEC_ARGUMENTS)                                             \
        EXEC_BODY(run_##op, ISA_WIDEN_##widening, SHAPE_##form_shape)
#else
static const struct sim_insn *exec_any(EXEC_ARGUMENTS, enum sim_step (*run)(struct call *),
                                       enum isa_widen widen, enum shape shape)
    EXEC_BODY(run, widen, shape)
#define EXEC(name, op, widening, form_shape)                                                       \
    static const struct sim_insn *name(EXEC_ARGUMENTS)                                             \
    {                                                                                              \
        return exec_any(d, t, ip, run_##op, ISA_WIDEN_##widening, SHAPE_##form_shape);             \
    }
#endif

#define FORM(id, op, widen, mnemonic, shape, ...) EXEC(exec_##id, op, widen, shape)
#include "insn.def"
#undef FORM

static const struct sim_insn *exec_illegal(struct sim_dpu *d, struct sim_tasklet *t,
                                           const struct sim_insn *ip)
{
    sim_raise_illegal(d, t, ip);
    return ip + 1;
}

const struct sim_insn *sim_exec_wrap(struct sim_dpu *d, struct sim_tasklet *t,
                                     const struct sim_insn *ip)
{
    (void)ip;
    return d->code->insn->exec(d, t, d->code->insn);
}

sim_exec_fn *const sim_exec[ISA_FORM_COUNT + 1] = {
#define FORM(id, ...) [ISA_##id] = exec_##id,
#include "insn.def"
#undef FORM
    [ISA_ILLEGAL] = exec_illegal,
};
