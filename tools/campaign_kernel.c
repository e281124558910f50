/* SPDX-License-Identifier: MIT */
/* Campaigns over a program of the DPU. The golden run is made twice: to learn how long it is, then
 * with checkpoints from which the others go on. Every worker is a DPU of its own. */
#include <stdlib.h>
#include <string.h>

#include "campaign.h"
#include "configure.h"

#define MOST_IMAGES_BYTES (UINT64_C(1) << 29) /* of all checkpoints */
#define HOST_SECTION      ".data.__sys_host"  /* where the linker puts variables of the host */
#define LOG_PREFIX        "log:"
#define MOST_GOLDEN       (UINT64_C(1) << 40) /* instructions */

/* A part of memory whose contents are the result. */
struct result {
    struct place place; /* symbol NULL: MRAM as far as the golden run filled it */
    uint8_t *golden;
    size_t len_bytes;
};

enum { CHECKPOINTS = 16 };

struct kernel {
    struct isa_program *program;
    struct sim_dpu *dpu; /* of the golden run */
    struct campaign_point point;
    struct {
        uint64_t instructions, cycles; /* executed there */
        struct isa_bytes image;
    } checkpoint[CHECKPOINTS];
    unsigned n_checkpoints;
    struct result *results;
    size_t n_results;
};

/* ---- the golden run -------------------------------------------------------------------------- */

static enum dpusim_status apply_sets(const struct campaign *c, struct sim_dpu *dpu,
                                     struct isa_diag *diag)
{
    const struct kernel *k = c->state;
    const struct text_list *sets = &c->options->set;
    enum dpusim_status status = DPUSIM_OK;
    for (size_t i = 0; i < sets->count && !status; i++) {
        struct place place;
        const char *item = sets->items[i], *equal = strchr(item, '=');
        if (configure_is_setting(item))
            continue;
        if (!equal)
            return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "--set=%.200s: write SYM=1,2,3 or SYM=@FILE",
                            item);
        status = place_parse(&place, item, (size_t)(equal - item), k->program, diag);
        if (!status) {
            status = place_write(&place, dpu, equal + 1, diag);
            place_free(&place);
        }
    }
    return status;
}

static enum dpusim_status start(const struct campaign *c, struct sim_dpu **dpu,
                                struct isa_diag *diag)
{
    const struct kernel *k = c->state;
    enum dpusim_status status = sim_dpu_create(dpu, &c->config, diag);
    if (!status)
        status = sim_dpu_load(*dpu, k->program, diag);
    if (!status)
        status = apply_sets(c, *dpu, diag);
    return status ? status : sim_dpu_boot(*dpu, diag);
}

static bool is_asleep(const struct sim_dpu *dpu)
{
    struct sim_thread_state state;
    for (unsigned t = 0; sim_dpu_get_thread(dpu, t, &state) == DPUSIM_OK; t++)
        if (state.asleep)
            return true;
    return false;
}

static enum dpusim_status run_golden(struct campaign *c, struct isa_diag *diag)
{
    struct sim_limits limits = {.max_instructions = MOST_GOLDEN};
    struct sim_outcome outcome;
    struct kernel *k = c->state;
    enum dpusim_status status = start(c, &k->dpu, diag);
    if (status)
        return status;
    sim_dpu_run(k->dpu, &limits, &outcome);
    k->point = (struct campaign_point){.launch = 1,
                                       .instructions = outcome.instructions,
                                       .cycles = sim_dpu_stat(k->dpu, SIM_STAT_DPU_cycles, 0),
                                       .program = k->program,
                                       .asleep = is_asleep(k->dpu)};
    c->points = &k->point;
    c->n_points = 1;
    if (outcome.stop == SIM_DONE)
        return DPUSIM_OK;
    char text[1024];
    sim_dpu_explain_fault(k->dpu, text, sizeof text);
    return isa_fail(diag, DPUSIM_FAULT, "the golden run does not end well: %.400s", text);
}

/* From the boot on, evenly. */
static enum dpusim_status save_checkpoints(struct campaign *c, struct isa_diag *diag)
{
    struct sim_dpu *dpu = NULL;
    struct kernel *k = c->state;
    uint64_t step = k->point.instructions / CHECKPOINTS + 1, bytes = 0;
    enum dpusim_status status = start(c, &dpu, diag);
    for (unsigned i = 0; i < CHECKPOINTS && !status && bytes < MOST_IMAGES_BYTES; i++) {
        struct sim_limits limits = {.max_instructions = step};
        k->checkpoint[i].instructions = i * step;
        k->checkpoint[i].cycles = i ? sim_dpu_stat(dpu, SIM_STAT_DPU_cycles, 0) : 0;
        status = sim_dpu_save(dpu, &k->checkpoint[i].image, diag);
        k->n_checkpoints += status == DPUSIM_OK;
        bytes += k->checkpoint[i].image.len_bytes;
        sim_dpu_run(dpu, &limits, NULL);
    }
    sim_dpu_destroy(dpu);
    return status;
}

/* ---- results --------------------------------------------------------------------------------- */

static const uint8_t *bytes_of(const struct result *result, struct sim_dpu *dpu)
{
    if (!result->place.symbol)
        return sim_dpu_mram(dpu);
    return (result->place.memory == ISA_MRAM ? sim_dpu_mram(dpu) : sim_dpu_wram(dpu)) +
           result->place.start_bytes;
}

static struct result *add_result(struct kernel *k)
{
    k->results = tool_realloc(k->results, k->n_results + 1, sizeof *k->results);
    k->results[k->n_results] = (struct result){.golden = NULL};
    return &k->results[k->n_results++];
}

static void keep_golden(const struct kernel *k, struct result *result)
{
    result->golden = tool_realloc(NULL, result->len_bytes + 1, 1);
    memcpy(result->golden, bytes_of(result, k->dpu), result->len_bytes);
}

static enum dpusim_status add_place(struct kernel *k, const char *text, struct isa_diag *diag)
{
    struct result *result = add_result(k);
    enum dpusim_status status = place_parse(&result->place, text, strlen(text), k->program, diag);
    if (!status)
        status = place_settle(&result->place, k->dpu, diag);
    if (!status && result->place.memory != ISA_WRAM && result->place.memory != ISA_MRAM)
        status = isa_fail(diag, DPUSIM_BAD_ARGUMENT, "--result=%.200s: neither in WRAM nor in MRAM",
                          text);
    if (status) {
        k->n_results--;
        return status;
    }
    result->len_bytes = (size_t)(result->place.count * result->place.width_bytes);
    keep_golden(k, result);
    return DPUSIM_OK;
}

/* By default everything that a host could read: its symbols in WRAM, and MRAM. */
static enum dpusim_status find_results(struct campaign *c, struct isa_diag *diag)
{
    const struct text_list *given = &c->options->result;
    struct kernel *k = c->state;
    enum dpusim_status status = DPUSIM_OK;
    for (size_t i = 0; i < given->count && !status; i++)
        status = add_place(k, given->items[i], diag);
    for (size_t i = 0; i < k->program->n_symbols && !given->count && !status; i++) {
        const struct isa_symbol *symbol = &k->program->symbols[i];
        if (symbol->defined && symbol->size_bytes && symbol->global &&
            strcmp(symbol->section, HOST_SECTION) == 0)
            status = add_place(k, symbol->name, diag);
    }
    if (given->count || status)
        return status;
    struct result *mram = add_result(k);
    mram->len_bytes = sim_dpu_mram_used(k->dpu);
    keep_golden(k, mram);
    return DPUSIM_OK;
}

/* ---- outcomes -------------------------------------------------------------------------------- */

static void compare(const struct result *result, struct sim_dpu *dpu, struct campaign_row *row)
{
    unsigned width_bytes = result->place.symbol ? result->place.width_bytes : sizeof(uint32_t);
    size_t whole = result->len_bytes - result->len_bytes % width_bytes;
    struct isa_bytes then = {result->golden, whole}, now = {bytes_of(result, dpu), whole};
    campaign_compare_bytes(row, then, now, width_bytes, result->place.letter);
}

/* Does the program's log have the text? */
static bool log_has(const struct sim_dpu *dpu, const char *text)
{
    char *log = NULL;
    size_t len = 0;
    (void)!sim_dpu_read_log(dpu, &log, &len, NULL); /* what could be decoded counts */
    bool found = log && strstr(log, text);
    free(log);
    return found;
}

/* SYM=VALUE: a word of WRAM. */
static bool word_is(const struct kernel *k, const struct sim_dpu *dpu, const char *item)
{
    const char *equal = strchr(item, '=');
    char *name = tool_copy(item, (size_t)(equal - item));
    const struct isa_symbol *symbol = isa_program_find_symbol(k->program, name);
    uint32_t word = 0;
    uint64_t wanted = 0;
    free(name);
    return tool_parse_u64(equal + 1, &wanted) && symbol &&
           sim_dpu_read(dpu, ISA_WRAM, symbol->value, &word, sizeof word, NULL) == DPUSIM_OK &&
           word == wanted;
}

static bool is_log(const char *item)
{
    return strncmp(item, LOG_PREFIX, strlen(LOG_PREFIX)) == 0;
}

/* The first --detected-by that holds; NULL: none. */
static const char *detected_by(const struct campaign *c, const struct sim_dpu *dpu)
{
    const struct text_list *list = &c->options->detected_by;
    for (size_t i = 0; i < list->count; i++)
        if (is_log(list->items[i]) ? log_has(dpu, list->items[i] + strlen(LOG_PREFIX))
                                   : word_is(c->state, dpu, list->items[i]))
            return list->items[i];
    return NULL;
}

static enum campaign_outcome classify(const struct campaign *c, struct sim_dpu *dpu,
                                      enum sim_stop stop, struct campaign_row *row)
{
    const struct kernel *k = c->state;
    if (stop == SIM_FAULTED)
        return campaign_fault_outcome(sim_dpu_fault(dpu)->kind);
    if (stop != SIM_DONE)
        return CAMPAIGN_HANG;
    if (is_asleep(dpu) && !k->point.asleep)
        return CAMPAIGN_DEADLOCK;
    if (detected_by(c, dpu))
        return CAMPAIGN_DETECTED;
    for (size_t i = 0; i < k->n_results; i++)
        compare(&k->results[i], dpu, row);
    return row->elements ? CAMPAIGN_CORRUPT : CAMPAIGN_MASKED;
}

/* ---- one run --------------------------------------------------------------------------------- */

/* The last checkpoint before the injection can matter. */
static unsigned checkpoint_for(const struct kernel *k, const struct sim_injection *in)
{
    unsigned best = 0;
    for (unsigned i = 0; i < k->n_checkpoints; i++) {
        bool before = in->trigger == SIM_TRIGGER_TOTAL   ? k->checkpoint[i].instructions < in->at
                      : in->trigger == SIM_TRIGGER_CYCLE ? k->checkpoint[i].cycles < in->at
                                                         : i == 0;
        best = before ? i : best;
    }
    return best;
}

static enum dpusim_status run_one(const struct campaign *c, void *worker, struct campaign_row *row,
                                  struct isa_diag *diag)
{
    const struct kernel *k = c->state;
    struct sim_dpu *dpu = worker;
    struct sim_injection injection;
    struct sim_injected told;
    struct sim_outcome outcome;
    enum dpusim_status status = sim_injection_parse(&injection, row->spec, k->program, diag);
    if (status)
        return status;
    unsigned from = checkpoint_for(k, &injection);
    sim_dpu_clear_injections(dpu);
    status = sim_dpu_restore(dpu, k->checkpoint[from].image, diag);
    if (!status && c->config.checks) /* what they found before is not found again */
        status = sim_dpu_check(dpu, c->config.checks, diag);
    if (!status)
        status = sim_dpu_inject(dpu, &injection, diag);
    if (status)
        return status;
    struct sim_limits limits = {.max_instructions = k->point.instructions * c->options->hang -
                                                    k->checkpoint[from].instructions};
    sim_dpu_run(dpu, &limits, &outcome);
    sim_dpu_injected(dpu, 0, &told);
    const struct isa_symbol *symbol =
        isa_program_symbol_at(k->program, ISA_IRAM_BASE + told.pc_insn * ISA_INSN_BYTES, true);
    row->tasklet = told.tasklet;
    row->pc_insn = told.pc_insn;
    row->function = symbol ? tool_copy(symbol->name, strlen(symbol->name)) : NULL;
    row->instructions = told.instructions;
    row->outcome = told.happened ? classify(c, dpu, outcome.stop, row) : CAMPAIGN_MISSED;
    return DPUSIM_OK;
}

/* ---- the subject ----------------------------------------------------------------------------- */

static enum dpusim_status prepare(struct campaign *c, struct isa_diag *diag)
{
    const struct text_list *detected = &c->options->detected_by;
    struct kernel *k = c->state = tool_realloc(NULL, 1, sizeof *k);
    *k = (struct kernel){.program = NULL};
    for (size_t i = 0; i < detected->count; i++)
        if (!is_log(detected->items[i]) && !strchr(detected->items[i], '='))
            return isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                            "--detected-by=%.60s: write SYM=VALUE or log:TEXT", detected->items[i]);
    enum dpusim_status status =
        isa_program_read_file(&k->program, c->options->operands.items[0], &tool_report, diag);
    if (status)
        return status;
    c->name = k->program->name;
    status = run_golden(c, diag);
    const char *told = status ? NULL : detected_by(c, k->dpu);
    if (told)
        status = campaign_golden_told(told, diag);
    if (!status)
        status = save_checkpoints(c, diag);
    return status ? status : find_results(c, diag);
}

static enum dpusim_status open_worker(struct campaign *c, unsigned number, void **worker,
                                      struct isa_diag *diag)
{
    struct sim_dpu *dpu = NULL;
    (void)number;
    enum dpusim_status status = start(c, &dpu, diag);
    if (status)
        sim_dpu_destroy(dpu);
    else
        *worker = dpu;
    return status;
}

static void close_worker(void *worker)
{
    sim_dpu_destroy(worker);
}

static void free_kernel(struct campaign *c)
{
    struct kernel *k = c->state;
    for (unsigned i = 0; i < k->n_checkpoints; i++)
        free((void *)(uintptr_t)k->checkpoint[i].image.data);
    for (size_t i = 0; i < k->n_results; i++) {
        if (k->results[i].place.symbol)
            place_free(&k->results[i].place);
        free(k->results[i].golden);
    }
    free(k->results);
    sim_dpu_destroy(k->dpu);
    isa_program_destroy(k->program);
    free(k);
}

const struct campaign_subject campaign_kernel = {prepare, open_worker, run_one, close_worker,
                                                 free_kernel};
