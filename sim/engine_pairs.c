/* SPDX-License-Identifier: MIT */
/* Pairs of neighbouring instructions in one go, for the straight flow: one variant per first and
 * second of pairs.h. What two instructions share (dispatch, flags that the second overwrites) is
 * done once. */
#include "flow.h"
#include "pairs.h"
#include "form_facts.inc"

#define PAIR_COND_ANY   COND_IN_INSN
#define PAIR_COND_TRUE  ISA_COND_TRUE
#define PAIR_COND_FALSE ISA_COND_FALSE
#define PAIR_COND_Z     ISA_COND_Z
#define PAIR_COND_NZ    ISA_COND_NZ
#define PAIR_COND_LTU   ISA_COND_LTU
#define PAIR_COND_GEU   ISA_COND_GEU
#define PAIR_COND_LEU   ISA_COND_LEU
#define PAIR_COND_GTU   ISA_COND_GTU
#define PAIR_COND_LTS   ISA_COND_LTS
#define PAIR_COND_GES   ISA_COND_GES
#define PAIR_COND_LES   ISA_COND_LES
#define PAIR_COND_GTS   ISA_COND_GTS
#define PAIR_COND_XLEU  ISA_COND_XLEU
#define PAIR_COND_XGTU  ISA_COND_XGTU

#define PAIR_EXPAND(...) STRAIGHT_PAIR(__VA_ARGS__)
#define PAIR(first, first_cond, second, cond)                                                      \
    PAIR_EXPAND(pair_##first##_##first_cond##_##second##_##cond, PAIR_COND_##first_cond, false,    \
                PAIR_COND_##cond, false, FACTS_##first, FACTS_##second)
#define PAIRS_OF(first, first_cond) PAIR_SECOND(PAIR, first, first_cond)
PAIR_FIRST(PAIRS_OF)

STRAIGHT_PRODUCT(ladder_product)
STRAIGHT_DIVISION(ladder_division)

struct pair_key {
    enum isa_form form;
    int cond;
};

enum { N_SECOND = 0 PAIR_SECOND(PAIR_COUNT, _, _) };

static const struct pair_key seconds[N_SECOND] = {
#define SECOND_ROW(first, first_cond, second, cond) {ISA_##second, PAIR_COND_##cond},
    PAIR_SECOND(SECOND_ROW, _, _)};

static const struct {
    struct pair_key key;
    sim_run_fn *run[N_SECOND];
} pairs[] = {
#define PAIR_NAME(first, first_cond, second, cond) pair_##first##_##first_cond##_##second##_##cond,
#define PAIR_ROW(first, first_cond)                                                                \
    {{ISA_##first, PAIR_COND_##first_cond}, {PAIR_SECOND(PAIR_NAME, first, first_cond)}},
    PAIR_FIRST(PAIR_ROW)};

static const struct {
    struct pair_key key;
    bool ascending;
    sim_run_fn *run;
} ladders[] = {
#define LADDER_ROW(form, cond, ascending, run) {{ISA_##form, PAIR_COND_##cond}, ascending, run},
    PAIR_LADDER(LADDER_ROW)};

static bool key_fits(const struct pair_key *key, const struct sim_insn *insn)
{
    return key->form == insn->form && !insn->big &&
           (key->cond == COND_IN_INSN || key->cond == insn->cond);
}

static bool is_ladder(const struct pair_key *key, bool ascending, const struct sim_insn *first)
{
    for (unsigned i = 0; i < SIM_LADDER_STEPS; i++)
        if (!key_fits(key, &first[i]) || first[i].rb != first->rc || first[i].rc != first->rc ||
            first[i].ra != first->ra || (ascending && first[i].imm != first->imm + i))
            return false;
    return first->ra != first->rc && first->ra != first->rc + 4;
}

static sim_run_fn *find_ladder(const struct sim_insn *first)
{
    for (size_t i = 0; i < sizeof ladders / sizeof ladders[0]; i++)
        if (is_ladder(&ladders[i].key, ladders[i].ascending, first))
            return ladders[i].run;
    return NULL;
}

sim_run_fn *sim_pair_find(const struct sim_insn *first, unsigned *length)
{
    size_t a = 0, b = 0;
    while (a < sizeof pairs / sizeof pairs[0] && !key_fits(&pairs[a].key, first))
        a++;
    while (b < N_SECOND && !key_fits(&seconds[b], first + 1))
        b++;
    bool is_pair = a < sizeof pairs / sizeof pairs[0] && b < N_SECOND;
    *length = is_pair ? 2 : SIM_LADDER_STEPS;
    if (is_pair)
        return pairs[a].run[b];
    return find_ladder(first);
}
