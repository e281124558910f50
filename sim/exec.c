/* SPDX-License-Identifier: MIT */
/* The complete semantics as one function per instruction form (973), made from forms.h. These serve
 * single steps, cycle mode, tracing and every form that engine.c has no fast variant for. */
#include "exec.h"
#include "forms.h"

#define FORM(id, op, widen, mnemonic, shape, ...)                                                  \
    EXEC(exec_##id, op, widen, shape, COND_IN_INSN, false)
#include "insn.def"
#undef FORM

static const struct sim_insn *exec_illegal(struct sim_dpu *d, struct sim_tasklet *t,
                                           const struct sim_insn *ip)
{
    sim_raise_illegal(d, t, ip);
    return ip + 1;
}

sim_exec_fn *const sim_exec[ISA_FORM_COUNT + 1] = {
#define FORM(id, ...) [ISA_##id] = exec_##id,
#include "insn.def"
#undef FORM
    [ISA_ILLEGAL] = exec_illegal,
};
