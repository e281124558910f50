/* SPDX-License-Identifier: MIT */
/* The fast variants of single instructions, one per row of hot.def and flow. */
#include "flow.h"

/* hot.def names forms; what belongs to a form stands in insn.def and arrives as FACTS_<form> =
 * operation, widening, shape. */
#include "form_facts.inc"

#define VARIANTS(suffix, condition, same, op, widening, form_shape)                                \
    STRAIGHT(straight_##suffix, op, widening, form_shape, condition, same)                         \
    LEVEL(level_##suffix, op, widening, form_shape, condition, same)                               \
    TIMED(timed_##suffix, op, widening, form_shape, condition, same)
#define VARIANTS_(suffix, condition, same, ...) VARIANTS(suffix, condition, same, __VA_ARGS__)

#define HOT(form) VARIANTS_(form, COND_IN_INSN, false, FACTS_##form)
#define HOT_IF(form, condition)                                                                    \
    VARIANTS_(form##_##condition, ISA_COND_##condition, false, FACTS_##form)
#define HOT_SAME(form, condition)                                                                  \
    VARIANTS_(form##_##condition##_same, ISA_COND_##condition, true, FACTS_##form)
#include "hot.def"

#define ROW(form, condition, same, suffix)                                                         \
    {ISA_##form, condition, same, {straight_##suffix, level_##suffix, timed_##suffix}},
static const struct sim_fast fast[] = {
#define HOT_SAME(form, condition) ROW(form, ISA_COND_##condition, true, form##_##condition##_same)
#include "hot.def"
#define HOT(form)               ROW(form, COND_IN_INSN, false, form)
#define HOT_IF(form, condition) ROW(form, ISA_COND_##condition, false, form##_##condition)
#include "hot.def"
};

const struct sim_fast *sim_fast_find(const struct sim_insn *insn)
{
    if (insn->form == ISA_ILLEGAL || insn->big)
        return NULL;
    for (const struct sim_fast *f = fast; f < fast + sizeof fast / sizeof fast[0]; f++)
        if (f->form == insn->form && (f->cond == COND_IN_INSN || f->cond == insn->cond) &&
            (!f->same || insn->rc == insn->rb))
            return f;
    return NULL;
}
