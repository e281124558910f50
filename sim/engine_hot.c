/* SPDX-License-Identifier: MIT */
/* The fast variants of single instructions, one per row of hot.def and flow. */
#include <pthread.h>

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

enum { N_FAST = sizeof fast / sizeof fast[0] };

/* The first row of each form, and for each row the next of its form; N_FAST: none. */
static uint16_t first_of[ISA_FORM_COUNT], next_of[N_FAST];
static pthread_once_t index_once = PTHREAD_ONCE_INIT;

static void make_index(void)
{
    for (unsigned form = 0; form < ISA_FORM_COUNT; form++)
        first_of[form] = N_FAST;
    for (unsigned i = N_FAST; i-- > 0;) {
        next_of[i] = first_of[fast[i].form];
        first_of[fast[i].form] = (uint16_t)i;
    }
}

const struct sim_fast *sim_fast_find(const struct sim_insn *insn)
{
    if (insn->form == ISA_ILLEGAL || insn->big)
        return NULL;
    pthread_once(&index_once, make_index);
    for (unsigned i = first_of[insn->form]; i < N_FAST; i = next_of[i]) {
        const struct sim_fast *f = &fast[i];
        if ((f->cond == COND_IN_INSN || f->cond == insn->cond) &&
            (!f->same || insn->rc == insn->rb))
            return f;
    }
    return NULL;
}
