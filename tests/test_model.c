/* SPDX-License-Identifier: MIT */
/* Random programs end in the same state in functional mode, in cycle mode and in the slow model of
 * model_dpu.h: 2,000 seeds. One tasklet does anything but look at the time; many tasklets keep to
 * their own memory and bits, as the order of their instructions is a matter of the mode.
 * DPUSIM_MODEL_INSNS=N: so many instructions per seed instead of DEFAULT_INSNS. */
#include <check.h>

#include "model_dpu.h"
#include "random_insn.h"

#define SEED UINT64_C(0x5105babe)

enum { SEEDS = 2000, SEEDS_PER_TEST = 50, DEFAULT_INSNS = 5000, LIFE_INSNS = 2500 };
enum { LONGEST_JUMP = 6 };
enum { TASKLETS = 24, SHARE_BYTES = 2728, FILLED_BYTES = 60000, SAFE_BASE = 23 };

/* A life is one program: of one tasklet or of many, tame (it seldom ends before LIFE_INSNS) or
 * wild. */
struct life {
    unsigned tasklets;
    bool wild;
};

struct machines {
    struct sim_dpu *dpu[2]; /* by mode */
    struct model_dpu *model;
    uint64_t state, seed;
};

/* ---- programs ---------------------------------------------------------------------------------
 */

static void set_operand(struct isa_insn *insn, const char *name, int64_t value)
{
    int at = model_operand(insn, name);
    if (at >= 0)
        insn->value[at] = value;
}

/* Through the registers that hold addresses, inside of what is the tasklet's. */
static void tame_access(struct isa_insn *insn, const struct life *life, uint64_t *state)
{
    const struct isa_pattern *pattern = &isa_form_get(insn->form)->pattern;
    bool safe = strchr(pattern->shape, 's') != NULL, dma = is_family(insn->form, "dma");
    uint64_t number = random_next(state);
    uint32_t size = model_size(pattern->mnemonic);
    set_operand(insn, "ra", safe ? SAFE_BASE : FIRST_BASE + (int64_t)(number % 3));
    set_operand(insn, "off", (int64_t)(number / 4 % 512 / size * size));
    if (dma) {
        set_operand(insn, "rb", FIRST_BASE + (int64_t)(number / 4 % 3));
        set_operand(insn, "immDma", (int64_t)(number / 16 % (life->tasklets > 1 ? 16 : 256)));
    }
}

static void tame_bits(struct isa_insn *insn, const struct life *life, uint64_t *state)
{
    int64_t number = (int64_t)(random_next(state) % 1000);
    bool atomic = is_family(insn->form, "atomic"), alone = life->tasklets == 1;
    if (atomic) { /* id8 + 0..7 */
        set_operand(insn, "ra", 31);
        set_operand(insn, "imm", number % 8);
    } else { /* itself, or a bit without a thread */
        set_operand(insn, "ra", alone && number % 4 ? 24 : 28);
        set_operand(insn, "imm", alone && number % 4 ? 24 + number % 40 : 0);
    }
}

/* Not in a life of this kind? */
static bool is_left_out(const struct isa_insn *insn, const struct life *life, uint64_t *state)
{
    enum isa_form form = insn->form;
    uint64_t number = random_next(state);
    if (is_family(form, "time"))
        return true;
    if (is_family(form, "call"))
        return form != ISA_CALL_ZRI && form != ISA_CALL_RRI && !(life->wild && number % 16 == 0);
    if (life->tasklets > 1 && (form == ISA_LDMAI_RRI || form == ISA_FAULT_I))
        return true;
    if (is_family(form, "fault") || is_family(form, "stop") || form == ISA_CLR_RUN_RICI)
        return number % (life->wild ? 8 : 60) != 0;
    if (life->tasklets > 1 || !life->wild)
        return is_family(form, "safe_arith") || form == ISA_LDMAI_RRI;
    return false;
}

/* Many tasklets only jump forward, so that each comes to its end. */
static void aim(struct isa_insn *insn, const struct life *life, uint32_t where, uint64_t *state)
{
    int64_t ahead = (int64_t)(where + 1 + random_next(state) % LONGEST_JUMP);
    if (ahead > PROGRAM_INSNS)
        ahead = PROGRAM_INSNS;
    if (is_family(insn->form, "call")) {
        set_operand(insn, "ra", 24);
        if (model_operand(insn, "pc") < 0 && life->tasklets > 1)
            set_operand(insn, "off", ahead);
    }
    if (life->tasklets > 1)
        set_operand(insn, "pc", ahead);
}

static uint64_t life_word(const struct life *life, uint32_t where, uint64_t *state)
{
    struct isa_insn insn;
    for (;;) {
        struct choice row = {(enum isa_form)(random_next(state) % ISA_FORM_COUNT), ANY, false};
        /* As register operations are most of the forms, others are chosen more often. */
        while (random_next(state) % 4 == 0 && model_knows(row.form))
            row.form = (enum isa_form)(random_next(state) % ISA_FORM_COUNT);
        EXPECT(isa_decode(random_word(&row, state), &insn), "form %d", row.form);
        if (!is_left_out(&insn, life, state))
            break;
    }
    bool tame = !life->wild || random_next(state) % 8;
    if (tame && is_access(insn.form))
        tame_access(&insn, life, state);
    if ((tame || life->tasklets == 1) &&
        (is_family(insn.form, "thread") || is_family(insn.form, "atomic")))
        tame_bits(&insn, life, state);
    aim(&insn, life, where, state);
    return isa_encode(&isa_form_get(insn.form)->pattern, insn.value);
}

/* ---- three machines in one state --------------------------------------------------------------
 */

static void put_code(struct machines *machines, uint32_t pc_insn, uint64_t word)
{
    for (unsigned mode = 0; mode < 2; mode++)
        code_put(machines->dpu[mode], pc_insn, word);
    machines->model->iram[pc_insn] = word;
}

static void write_program(struct machines *machines, const struct life *life)
{
    for (uint32_t pc = 0; pc < PROGRAM_INSNS; pc++)
        put_code(machines, pc, life_word(life, pc, &machines->state));
    put_code(machines, PROGRAM_INSNS,
             life->tasklets > 1 ? WORD(STOP_CI, 0, 0) : WORD(CALL_ZRI, 0, 24, 3));
}

/* Random words; in MRAM also instructions for ldmai to find. */
static void fill_memories(struct machines *machines)
{
    struct model_dpu *model = machines->model;
    for (uint32_t at = 0; at < FILLED_BYTES; at += 8) {
        uint64_t word = random_next(&machines->state);
        memcpy(model->wram + at, &word, sizeof word);
        word = at / 8 % 3 ? model->iram[word % PROGRAM_INSNS] : word;
        memcpy(model->mram + at, &word, sizeof word);
    }
    for (unsigned mode = 0; mode < 2; mode++) {
        memcpy(sim_dpu_wram(machines->dpu[mode]), model->wram, FILLED_BYTES);
        memcpy(sim_dpu_mram(machines->dpu[mode]), model->mram, FILLED_BYTES);
    }
}

/* The address in r20..r22: of a share of the memories, or anywhere in the filled part. */
static uint32_t random_base(const struct life *life, unsigned tasklet, uint64_t *state)
{
    if (life->tasklets == 1)
        return (uint32_t)(random_next(state) % 7000 * 8);
    return tasklet * SHARE_BYTES + (uint32_t)(random_next(state) % 256 * 8);
}

static void start_tasklet(struct machines *machines, const struct life *life, unsigned tasklet)
{
    struct model *m = &machines->model->thread[tasklet];
    struct sim_thread_state thread = {.running = tasklet < life->tasklets};
    uint64_t *state = &machines->state;
    for (unsigned i = 0; i < ISA_WORK_REGISTERS; i++)
        thread.registers[i] =
            i < FIRST_BASE ? random_value(state) : random_base(life, tasklet, state);
    thread.registers[SAFE_BASE] |= 0xffff0000;
    thread.pc_insn = (uint32_t)(random_next(state) % (PROGRAM_INSNS / 4));
    thread.zero_flag = random_next(state) & 1;
    thread.carry_flag = random_next(state) & 1;
    for (unsigned mode = 0; mode < 2; mode++)
        EXPECT(sim_dpu_set_thread(machines->dpu[mode], tasklet, &thread) == DPUSIM_OK, "tasklet %u",
               tasklet);
    memcpy(m->r, thread.registers, sizeof m->r);
    *m = (struct model){
        .id = tasklet, .pc = thread.pc_insn, .zf = thread.zero_flag, .cf = thread.carry_flag};
    memcpy(m->r, thread.registers, sizeof m->r);
    machines->model->run[tasklet] = thread.running;
}

static void begin_life(struct machines *machines, const struct life *life)
{
    for (unsigned mode = 0; mode < 2; mode++)
        sim_dpu_clear_fault(machines->dpu[mode]);
    machines->model->fault = SIM_FAULT_NONE;
    for (unsigned i = 0; i < TASKLETS; i++)
        start_tasklet(machines, life, i);
    write_program(machines, life);
}

/* ---- running ----------------------------------------------------------------------------------
 */

static bool model_is_over(const struct model_dpu *d)
{
    bool runs = false;
    for (unsigned i = 0; i < TASKLETS; i++)
        runs |= d->run[i];
    return !runs || d->fault;
}

/* An instruction of each running tasklet in turn. */
static uint64_t run_model(struct model_dpu *d)
{
    uint64_t done = 0;
    while (done < LIFE_INSNS * TASKLETS && !model_is_over(d))
        for (unsigned i = 0; i < TASKLETS && !d->fault; i++)
            if (d->run[i]) {
                model_dpu_step(d, i);
                if (++done == LIFE_INSNS && i == 0)
                    return done; /* one tasklet */
            }
    return done;
}

static void compare_memories(const struct machines *machines, const struct sim_dpu *dpu,
                             const char *what)
{
    const struct model_dpu *model = machines->model;
    uint32_t from = model->written_from, end = model->written_end;
    EXPECT(memcmp(sim_dpu_wram((struct sim_dpu *)(uintptr_t)dpu), model->wram, MODEL_WRAM) == 0,
           "%s: WRAM differs", what);
    EXPECT(end == 0 || memcmp(sim_dpu_mram((struct sim_dpu *)(uintptr_t)dpu) + from,
                              model->mram + from, end - from) == 0,
           "%s: MRAM differs in %#x to %#x", what, from, end);
    static uint64_t iram[MODEL_IRAM];
    EXPECT(sim_dpu_read(dpu, ISA_IRAM, 0, iram, sizeof iram, NULL) == DPUSIM_OK, "no IRAM");
    EXPECT(memcmp(iram, model->iram, sizeof iram) == 0, "%s: IRAM differs", what);
}

static void compare_tasklet(const struct machines *machines, const struct sim_dpu *dpu, unsigned i,
                            const char *what)
{
    const struct model *m = &machines->model->thread[i];
    struct sim_thread_state state = thread_of(dpu, i);
    for (unsigned r = 0; r < ISA_WORK_REGISTERS; r++)
        EXPECT(state.registers[r] == m->r[r], "%s: tasklet %u: r%u is %#x, model: %#x", what, i, r,
               state.registers[r], m->r[r]);
    EXPECT(state.pc_insn == m->pc && state.zero_flag == m->zf && state.carry_flag == m->cf,
           "%s: tasklet %u: pc %u zf %d cf %d, model: %u %d %d", what, i, state.pc_insn,
           state.zero_flag, state.carry_flag, m->pc, m->zf, m->cf);
}

static void compare_bits(const struct machines *machines, const struct sim_dpu *dpu,
                         const char *what)
{
    const struct model_dpu *model = machines->model;
    for (unsigned i = 0; i < MODEL_RUN_BITS; i++)
        EXPECT((sim_dpu_run_bits(dpu) >> i & 1) == model->run[i], "%s: run bit %u", what, i);
    for (unsigned i = 0; i < MODEL_ATOMIC_BITS; i++)
        EXPECT(sim_dpu_atomic_get(dpu, i) == model->atomic[i], "%s: atomic bit %u", what, i);
    const struct sim_fault *fault = sim_dpu_fault(dpu);
    EXPECT((fault ? fault->kind : SIM_FAULT_NONE) == model->fault, "%s: fault %s, model: %s", what,
           fault ? sim_fault_kind_name(fault->kind) : "none", sim_fault_kind_name(model->fault));
    EXPECT(!fault || (fault->tasklet == model->fault_tasklet && fault->pc_insn == model->fault_pc),
           "%s: fault at %u, model: %u", what, fault->pc_insn, model->fault_pc);
}

static uint64_t live(struct machines *machines, const struct life *life)
{
    uint64_t seed = machines->state;
    begin_life(machines, life);
    uint64_t done = run_model(machines->model);
    for (unsigned mode = 0; mode < 2; mode++) {
        char what[120];
        struct sim_outcome outcome;
        struct sim_limits limits = {.max_instructions = done};
        snprintf(what, sizeof what, "seed %" PRIx64 ", life %" PRIx64 ", %u tasklets, %s, mode %u",
                 machines->seed, seed, life->tasklets, life->wild ? "wild" : "tame", mode);
        sim_dpu_run(machines->dpu[mode], &limits, &outcome);
        EXPECT(outcome.instructions == done, "%s: %" PRIu64 " instructions, model: %" PRIu64, what,
               outcome.instructions, done);
        for (unsigned i = 0; i < TASKLETS; i++)
            compare_tasklet(machines, machines->dpu[mode], i, what);
        compare_bits(machines, machines->dpu[mode], what);
        compare_memories(machines, machines->dpu[mode], what);
    }
    machines->model->written_from = MODEL_MRAM;
    machines->model->written_end = 0;
    return done;
}

/* ---- tests ------------------------------------------------------------------------------------
 */

static uint64_t insns_per_seed(void)
{
    const char *text = getenv("DPUSIM_MODEL_INSNS");
    if (text)
        return strtoull(text, NULL, 10);
    return SANITIZED ? DEFAULT_INSNS / 10 : DEFAULT_INSNS;
}

static void check_seed(struct machines *machines, unsigned number)
{
    static const struct life lives[] = {
        {1, false}, {1, true}, {1, false}, {16, false}, {24, false}};
    uint64_t most = insns_per_seed();
    machines->seed = machines->state = SEED + number * UINT64_C(0x9e3779b97f4a7c15);
    fill_memories(machines);
    for (uint64_t done = 0, i = number; done < most; i++)
        done += live(machines, &lives[i % (sizeof lives / sizeof lives[0])]);
}

START_TEST(random_program_ends_in_the_same_state_in_both_modes_and_in_the_model)
{
    struct machines machines = {.model = calloc(1, sizeof *machines.model)};
    ck_assert_ptr_nonnull(machines.model);
    machines.model->mram = calloc(1, MODEL_MRAM);
    machines.model->written_from = MODEL_MRAM;
    ck_assert_ptr_nonnull(machines.model->mram);
    for (unsigned mode = 0; mode < 2; mode++) {
        struct sim_config config = config_of(mode ? SIM_CYCLE : SIM_FUNCTIONAL, (uint64_t)_i % 3);
        machines.dpu[mode] = dpu_create(&config);
    }
    for (unsigned i = 0; i < SEEDS_PER_TEST; i++)
        check_seed(&machines, (unsigned)_i * SEEDS_PER_TEST + i);
    sim_dpu_destroy(machines.dpu[0]);
    sim_dpu_destroy(machines.dpu[1]);
    free(machines.model->mram);
    free(machines.model);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim.model");
    TCase *normal = tcase_create("normal");
    tcase_set_timeout(normal, 600);
    tcase_add_loop_test(normal,
                        random_program_ends_in_the_same_state_in_both_modes_and_in_the_model, 0,
                        SEEDS / SEEDS_PER_TEST);
    suite_add_tcase(suite, normal);
    return run_suite(suite);
}
