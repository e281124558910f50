/* SPDX-License-Identifier: MIT */
/* Every form of a register operation with every condition it can have, taken and not taken, in
 * every way the simulator executes instructions, against the model of model.h. Pairs of a form and
 * a condition for which one of the two cannot happen stand in a table with the reason. */
#include <check.h>

#include "model.h"
#include "sim_help.h"

#define SEED UINT64_C(0xc0d1710f5)

enum { PLACE = 100, OTHER = 3000, TRIES_RUN = 4, TRIES_SEARCH = 4000, CYCLE_SLOT = 2 };

/* ---- what cannot happen --------------------------------------------------------------------- */

/* Operations whose names begin so, a condition, and whether "taken" or "not taken" is impossible.
 */
static const struct {
    const char *operations, *condition;
    bool taken;
    const char *reason;
} impossible[] = {
    {"*", "true", false, "always holds"},
    {"*", "false", true, "never holds; codes without a name count as false"},
    {"cao clo cls clz", "mi", true, "at most 32"},
    {"cao clo cls clz", "pl", false, "at most 32"},
    {"cmpb4", "mi", true, "each byte is 0 or 1"},
    {"cmpb4", "pl", false, "each byte is 0 or 1"},
    {"extub extuh", "mi", true, "bit 31 is cleared"},
    {"extub extuh", "pl", false, "bit 31 is cleared"},
    {"hash", "mi", true, "below 1024"},
    {"hash", "pl", false, "below 1024"},
    {"lslx", "mi", true, "at least one 0 comes in at the top"},
    {"lslx", "pl", false, "at least one 0 comes in at the top"},
    {"lsl1x", "mi", false, "at least one 1 comes in at the top"},
    {"lsl1x", "pl", true, "at least one 1 comes in at the top"},
    {"lsrx", "o", true, "at least one 0 comes in at the bottom"},
    {"lsrx", "e", false, "at least one 0 comes in at the bottom"},
    {"lsr1x", "o", false, "at least one 1 comes in at the bottom"},
    {"lsr1x", "e", true, "at least one 1 comes in at the bottom"},
    {"lsl1x lsr1x sats", "z", true, "has a 1"},
    {"lsl1x lsr1x sats", "nz", false, "has a 1"},
    {"lsl1x lsr1x sats", "xz", true, "has a 1"},
    {"lsl1x lsr1x sats", "xnz", false, "has a 1"},
};

enum { N_IMPOSSIBLE = sizeof impossible / sizeof impossible[0] };

static bool names(const char *list, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = list; (at = strstr(at, name)); at += length)
        if ((at == list || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
            return true;
    return strcmp(list, "*") == 0;
}

static bool is_impossible(const char *operation, const char *condition, bool taken)
{
    for (unsigned i = 0; i < N_IMPOSSIBLE; i++)
        if (names(impossible[i].operations, operation) && impossible[i].taken == taken &&
            strcmp(impossible[i].condition, condition) == 0)
            return true;
    return false;
}

/* ---- cases ---------------------------------------------------------------------------------- */

struct trial {
    uint64_t word;
    struct model before, after;
};

static const unsigned targets[] = {7, 4095, 4096 + 300, 0x8000 + 1000, 2000};
enum { N_TARGETS = sizeof targets / sizeof targets[0] };

static int64_t random_operand(const struct isa_operand_info *info, unsigned code, uint64_t *state)
{
    switch (info->kind) {
    case ISA_KIND_COND:
        return code;
    case ISA_KIND_PC16:
        return targets[random_next(state) % N_TARGETS];
    case ISA_KIND_WORK:
        return (int64_t)(random_next(state) % 24);
    case ISA_KIND_PAIR:
        return (int64_t)(random_next(state) % 12 * 2);
    case ISA_KIND_ANY:
    case ISA_KIND_ANY_NZ: /* mostly work registers: their values are chosen */
        return (int64_t)(random_next(state) % 4 ? random_next(state) % 24 : 25 + state[0] % 7);
    case ISA_KIND_CONST:
        return 24 + (int64_t)(random_next(state) % 8);
    default:
        return (int32_t)random_value(state);
    }
}

static struct trial random_trial(enum isa_form form, unsigned code, uint64_t *state)
{
    const struct isa_pattern *pattern = &isa_form_get(form)->pattern;
    int64_t value[ISA_MAX_OPERANDS] = {0};
    struct trial trial = {.before = {.pc = PLACE}};
    for (unsigned i = 0; i < pattern->n_operands; i++)
        value[i] =
            random_operand(isa_operand_get((enum isa_operand)pattern->operands[i]), code, state);
    trial.word = isa_encode(pattern, value);
    uint64_t bits = random_next(state);
    for (unsigned i = 0; i < ISA_WORK_REGISTERS; i++) /* now and then all 0 or all ones */
        trial.before.r[i] = bits % 16 < 2 ? -(uint32_t)(bits % 2) : random_value(state);
    if (bits % 3 == 0) /* equal operands: zeros, sums of opposites */
        trial.before.r[bits / 3 % 24] = trial.before.r[bits / 128 % 24];
    trial.before.zf = bits >> 32 & 1;
    trial.before.cf = bits >> 33 & 1;
    trial.before.id = (unsigned)(bits >> 40) % ISA_MAX_THREADS;
    trial.after = trial.before;
    model_step(&trial.after, trial.word);
    return trial;
}

/* ---- ways to execute ------------------------------------------------------------------------ */

/* One instruction by itself; alone; beside another tasklet; the same in cycle mode. */
enum way { STEP, STRAIGHT, LEVEL, ALONE_TIMED, TIMED, N_WAYS };
static const char *const way_names[] = {"one step", "straight flow", "level flow",
                                        "cycle mode, alone", "cycle mode"};

struct bench {
    struct sim_dpu *dpu[2]; /* functional, cycle */
};

static void bench_init(struct bench *bench)
{
    uint64_t stop = WORD(STOP_CI, 0, 0);
    for (unsigned mode = 0; mode < 2; mode++) {
        struct sim_config config = config_of((enum sim_mode)mode, 0);
        bench->dpu[mode] = dpu_create(&config);
        for (unsigned i = 0; i < N_TARGETS; i++)
            code_put(bench->dpu[mode], targets[i] % 4096, stop);
        code_put(bench->dpu[mode], PLACE + 1, stop);
        for (unsigned i = 0; i < 4; i++)
            code_put(bench->dpu[mode], OTHER + i, i < 3 ? WORD(NOP, 0) : stop);
    }
}

static void bench_fini(struct bench *bench)
{
    sim_dpu_destroy(bench->dpu[0]);
    sim_dpu_destroy(bench->dpu[1]);
}

static void start(struct sim_dpu *dpu, const struct model *at)
{
    struct sim_thread_state state = {
        .pc_insn = at->pc, .zero_flag = at->zf, .carry_flag = at->cf, .running = true};
    memcpy(state.registers, at->r, sizeof state.registers);
    EXPECT(sim_dpu_set_thread(dpu, at->id, &state) == DPUSIM_OK, "tasklet %u", at->id);
}

static struct sim_thread_state execute(struct sim_dpu *dpu, const struct trial *trial, enum way way)
{
    struct model other = {.pc = OTHER, .id = (trial->before.id + 5) % ISA_MAX_THREADS};
    code_put(dpu, PLACE, trial->word);
    start(dpu, &trial->before);
    if (way == LEVEL || way == TIMED)
        start(dpu, &other);
    if (way == STEP) {
        EXPECT(sim_dpu_step(dpu, trial->before.id, NULL) == DPUSIM_OK, "no step");
    } else {
        struct sim_outcome outcome;
        sim_dpu_run(dpu, NULL, &outcome);
        EXPECT(outcome.stop == SIM_DONE, "stop reason %d", outcome.stop);
    }
    struct sim_thread_state state = thread_of(dpu, trial->before.id);
    if (way == STEP) {
        struct sim_thread_state stopped = state;
        stopped.running = false;
        EXPECT(sim_dpu_set_thread(dpu, trial->before.id, &stopped) == DPUSIM_OK, "no stop");
    } else {
        state.pc_insn = (state.pc_insn + 4095) % 4096; /* the stop */
    }
    return state;
}

static bool agree(const struct sim_thread_state *state, const struct model *after)
{
    return memcmp(state->registers, after->r, sizeof after->r) == 0 &&
           state->zero_flag == after->zf && state->carry_flag == after->cf &&
           state->pc_insn == after->pc;
}

static void report(const struct trial *trial, const struct sim_thread_state *state, enum way way)
{
    char text[160], what[1024];
    size_t used = 0;
    isa_print(text, sizeof text, trial->word, false);
    for (unsigned i = 0; i < ISA_WORK_REGISTERS; i++)
        if (state->registers[i] != trial->after.r[i] || trial->before.r[i] != trial->after.r[i])
            used += (size_t)snprintf(what + used, sizeof what - used, " r%u %08x -> %08x, not %08x",
                                     i, trial->before.r[i], state->registers[i], trial->after.r[i]);
    ck_abort_msg("seed %" PRIx64 ": %012" PRIx64 " %s (%s):%.*s zf %d -> %d, not %d; cf %d -> %d, "
                 "not %d; pc %u, not %u",
                 SEED, trial->word, text, way_names[way], (int)used, what, trial->before.zf,
                 state->zero_flag, trial->after.zf, trial->before.cf, state->carry_flag,
                 trial->after.cf, state->pc_insn, trial->after.pc);
}

static void check_trial(struct bench *bench, const struct trial *trial)
{
    for (unsigned way = 0; way < N_WAYS; way++) {
        struct sim_dpu *dpu = bench->dpu[way == TIMED || way == ALONE_TIMED];
        struct sim_thread_state state = execute(dpu, trial, (enum way)way);
        if (!agree(&state, &trial->after))
            report(trial, &state, (enum way)way);
    }
}

/* ---- every form, every condition ------------------------------------------------------------ */

static void check_outcome(struct bench *bench, enum isa_form form, unsigned code, bool taken,
                          const char *condition, uint64_t *state)
{
    const struct isa_form_info *info = isa_form_get(form);
    char operation[16] = "", signature[32];
    strncat(operation, info->pattern.mnemonic, strcspn(info->pattern.mnemonic, "."));
    isa_form_signature(form, signature, sizeof signature);
    for (unsigned i = 0; i < TRIES_SEARCH; i++) {
        struct trial trial = random_trial(form, code, state);
        if (trial.after.taken != taken)
            continue;
        EXPECT(!is_impossible(operation, condition, taken), "%s: %s can be %s", signature,
               condition, taken ? "taken" : "not taken");
        check_trial(bench, &trial);
        return;
    }
    EXPECT(is_impossible(operation, condition, taken), "%s: %s was never %s", signature, condition,
           taken ? "taken" : "not taken");
}

static void check_code(struct bench *bench, enum isa_form form,
                       const struct isa_operand_info *operand, unsigned code, uint64_t *state)
{
    const char *condition = isa_cond_get(isa_cond_of(operand->cond_class, code))->name;
    for (unsigned i = 0; i < TRIES_RUN; i++) {
        struct trial trial = random_trial(form, code, state);
        check_trial(bench, &trial);
    }
    check_outcome(bench, form, code, true, condition, state);
    check_outcome(bench, form, code, false, condition, state);
}

START_TEST(form_does_what_the_model_does_with_each_condition_taken_and_not)
{
    enum isa_form form = (enum isa_form)_i;
    const struct isa_pattern *pattern = &isa_form_get(form)->pattern;
    const struct isa_operand_info *condition = NULL;
    uint64_t state = SEED + (uint64_t)_i;
    struct bench bench;
    if (!model_knows(form))
        return;
    bench_init(&bench);
    for (unsigned i = 0; i < pattern->n_operands; i++) {
        const struct isa_operand_info *info =
            isa_operand_get((enum isa_operand)pattern->operands[i]);
        if (info->kind == ISA_KIND_COND && info->cond_class != ISA_CLASS_FALSE)
            condition = info;
    }
    for (unsigned code = 0; condition && code < 64; code++)
        if (condition->decodable_codes >> code & 1)
            check_code(&bench, form, condition, code, &state);
    for (unsigned i = 0; !condition && i < 8 * TRIES_RUN; i++) {
        struct trial trial = random_trial(form, 0, &state);
        check_trial(&bench, &trial);
    }
    bench_fini(&bench);
}
END_TEST

START_TEST(model_knows_the_register_forms)
{
    unsigned known = 0;
    for (unsigned i = 0; i < ISA_FORM_COUNT; i++)
        known += model_knows((enum isa_form)i);
    ck_assert_uint_eq(known, 898);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim.forms");
    TCase *normal = tcase_create("normal");
    tcase_add_test(normal, model_knows_the_register_forms);
    tcase_add_loop_test(normal, form_does_what_the_model_does_with_each_condition_taken_and_not, 0,
                        ISA_FORM_COUNT);
    suite_add_tcase(suite, normal);
    return run_suite(suite);
}
