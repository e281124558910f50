/* SPDX-License-Identifier: MIT */
/* The runs of a campaign. The golden run is made twice: to learn how long it is, then with
 * checkpoints from which the others go on. Every thread has a DPU of its own; which thread makes a
 * run shows in no result. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "campaign.h"
#include "configure.h"

#define MOST_IMAGES_BYTES (UINT64_C(1) << 29) /* of all checkpoints */
#define HOST_SECTION      ".data.__sys_host"  /* where the linker puts variables of the host */
#define LOG_PREFIX        "log:"
#define MOST_GOLDEN       (UINT64_C(1) << 40) /* instructions */

const char *const campaign_outcome_names[] = {
#define OUTCOME(id, name, meaning) name,
    CAMPAIGN_OUTCOMES(OUTCOME)
#undef OUTCOME
};

/* ---- the golden run -------------------------------------------------------------------------- */

static enum dpusim_status apply_sets(const struct campaign *c, struct sim_dpu *dpu,
                                     struct isa_diag *diag)
{
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
        status = place_parse(&place, item, (size_t)(equal - item), c->program, diag);
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
    enum dpusim_status status = sim_dpu_create(dpu, &c->config, diag);
    if (!status)
        status = sim_dpu_load(*dpu, c->program, diag);
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
    enum dpusim_status status = start(c, &c->dpu, diag);
    if (status)
        return status;
    sim_dpu_run(c->dpu, &limits, &outcome);
    c->golden_instructions = outcome.instructions;
    c->golden_asleep = is_asleep(c->dpu);
    if (outcome.stop == SIM_DONE)
        return DPUSIM_OK;
    char text[1024];
    sim_dpu_explain_fault(c->dpu, text, sizeof text);
    return isa_fail(diag, DPUSIM_FAULT, "the golden run does not end well: %.400s", text);
}

/* From the boot on, evenly. */
static enum dpusim_status save_checkpoints(struct campaign *c, struct isa_diag *diag)
{
    struct sim_dpu *dpu = NULL;
    uint64_t step = c->golden_instructions / CAMPAIGN_CHECKPOINTS + 1, bytes = 0;
    enum dpusim_status status = start(c, &dpu, diag);
    for (unsigned i = 0; i < CAMPAIGN_CHECKPOINTS && !status && bytes < MOST_IMAGES_BYTES; i++) {
        struct sim_limits limits = {.max_instructions = step};
        c->checkpoint[i].instructions = i * step;
        status = sim_dpu_save(dpu, &c->checkpoint[i].image, diag);
        c->n_checkpoints += status == DPUSIM_OK;
        bytes += c->checkpoint[i].image.len_bytes;
        sim_dpu_run(dpu, &limits, NULL);
    }
    sim_dpu_destroy(dpu);
    return status;
}

/* ---- results --------------------------------------------------------------------------------- */

static size_t mram_end(struct sim_dpu *dpu)
{
    enum { PAGE_BYTES = 4096 };
    static const uint8_t zeros[PAGE_BYTES];
    size_t end = ISA_MRAM_BYTES;
    while (end && memcmp(sim_dpu_mram(dpu) + end - PAGE_BYTES, zeros, PAGE_BYTES) == 0)
        end -= PAGE_BYTES;
    return end;
}

static const uint8_t *bytes_of(const struct campaign_result *result, struct sim_dpu *dpu)
{
    if (!result->place.symbol)
        return sim_dpu_mram(dpu);
    return (result->place.memory == ISA_MRAM ? sim_dpu_mram(dpu) : sim_dpu_wram(dpu)) +
           result->place.start_bytes;
}

static struct campaign_result *add_result(struct campaign *c)
{
    c->results = tool_realloc(c->results, c->n_results + 1, sizeof *c->results);
    c->results[c->n_results] = (struct campaign_result){.golden = NULL};
    return &c->results[c->n_results++];
}

static void keep_golden(struct campaign *c, struct campaign_result *result)
{
    result->golden = tool_realloc(NULL, result->len_bytes + 1, 1);
    memcpy(result->golden, bytes_of(result, c->dpu), result->len_bytes);
}

static enum dpusim_status add_place(struct campaign *c, const char *text, struct isa_diag *diag)
{
    struct campaign_result *result = add_result(c);
    enum dpusim_status status = place_parse(&result->place, text, strlen(text), c->program, diag);
    if (!status)
        status = place_settle(&result->place, c->dpu, diag);
    if (!status && result->place.memory != ISA_WRAM && result->place.memory != ISA_MRAM)
        status = isa_fail(diag, DPUSIM_BAD_ARGUMENT, "--result=%.200s: neither in WRAM nor in MRAM",
                          text);
    if (status) {
        c->n_results--;
        return status;
    }
    result->len_bytes = (size_t)(result->place.count * result->place.width_bytes);
    keep_golden(c, result);
    return DPUSIM_OK;
}

/* By default everything that a host could read: its symbols in WRAM, and MRAM. */
static enum dpusim_status find_results(struct campaign *c, struct isa_diag *diag)
{
    const struct text_list *given = &c->options->result;
    enum dpusim_status status = DPUSIM_OK;
    for (size_t i = 0; i < given->count && !status; i++)
        status = add_place(c, given->items[i], diag);
    for (size_t i = 0; i < c->program->n_symbols && !given->count && !status; i++) {
        const struct isa_symbol *symbol = &c->program->symbols[i];
        if (symbol->defined && symbol->size_bytes && symbol->global &&
            strcmp(symbol->section, HOST_SECTION) == 0)
            status = add_place(c, symbol->name, diag);
    }
    if (given->count || status)
        return status;
    struct campaign_result *mram = add_result(c);
    mram->len_bytes = mram_end(c->dpu);
    keep_golden(c, mram);
    return DPUSIM_OK;
}

/* ---- comparing ------------------------------------------------------------------------------- */

static double value_at(const uint8_t *bytes, unsigned width_bytes, char letter)
{
    uint64_t word = 0;
    float single;
    double twin;
    memcpy(&word, bytes, width_bytes);
    memcpy(&single, bytes, width_bytes < sizeof single ? width_bytes : sizeof single);
    memcpy(&twin, &word, sizeof twin);
    if (letter == 'f')
        return width_bytes == sizeof single ? (double)single : twin;
    unsigned unused = 64 - 8 * width_bytes;
    return letter == 'i' ? (double)((int64_t)(word << unused) >> unused) : (double)word;
}

static void compare(const struct campaign_result *result, struct sim_dpu *dpu,
                    struct campaign_row *row)
{
    const uint8_t *now = bytes_of(result, dpu), *then = result->golden;
    unsigned width = result->place.symbol ? result->place.width_bytes : sizeof(uint32_t);
    if (memcmp(now, then, result->len_bytes) == 0)
        return;
    for (size_t at = 0; at + width <= result->len_bytes; at += width) {
        if (memcmp(now + at, then + at, width) == 0)
            continue;
        double difference = fabs(value_at(now + at, width, result->place.letter) -
                                 value_at(then + at, width, result->place.letter));
        row->elements++;
        if (difference > row->magnitude)
            row->magnitude = difference;
    }
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
static bool word_is(const struct campaign *c, const struct sim_dpu *dpu, const char *item)
{
    const char *equal = strchr(item, '=');
    char *name = tool_copy(item, (size_t)(equal - item));
    const struct isa_symbol *symbol = isa_program_find_symbol(c->program, name);
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

static bool is_detected(const struct campaign *c, const struct sim_dpu *dpu)
{
    const struct text_list *list = &c->options->detected_by;
    for (size_t i = 0; i < list->count; i++)
        if (is_log(list->items[i]) ? log_has(dpu, list->items[i] + strlen(LOG_PREFIX))
                                   : word_is(c, dpu, list->items[i]))
            return true;
    return false;
}

static enum campaign_outcome classify(const struct campaign *c, struct sim_dpu *dpu,
                                      enum sim_stop stop, struct campaign_row *row)
{
    static const enum campaign_outcome faults[SIM_FAULT_COUNT] = {
        [SIM_FAULT_BREAKPOINT] = CAMPAIGN_FAULT_BREAKPOINT,
        [SIM_FAULT_MEMORY] = CAMPAIGN_FAULT_MEMORY,
        [SIM_FAULT_DMA] = CAMPAIGN_FAULT_DMA,
        [SIM_FAULT_ILLEGAL] = CAMPAIGN_FAULT_ILLEGAL,
    };
    if (stop == SIM_FAULTED)
        return faults[sim_dpu_fault(dpu)->kind];
    if (stop != SIM_DONE)
        return CAMPAIGN_HANG;
    if (is_asleep(dpu) && !c->golden_asleep)
        return CAMPAIGN_DEADLOCK;
    if (is_detected(c, dpu))
        return CAMPAIGN_DETECTED;
    for (size_t i = 0; i < c->n_results; i++)
        compare(&c->results[i], dpu, row);
    return row->elements ? CAMPAIGN_CORRUPT : CAMPAIGN_MASKED;
}

/* ---- one run --------------------------------------------------------------------------------- */

/* The last checkpoint before the injection can matter. */
static unsigned checkpoint_for(const struct campaign *c, const struct sim_injection *in)
{
    unsigned best = 0;
    if (in->trigger != SIM_TRIGGER_TOTAL)
        return 0;
    while (best + 1 < c->n_checkpoints && c->checkpoint[best + 1].instructions < in->at)
        best++;
    return best;
}

static enum dpusim_status run_one(const struct campaign *c, struct sim_dpu *dpu, size_t i,
                                  struct isa_diag *diag)
{
    struct campaign_row *row = &c->rows[i];
    struct sim_injection injection;
    struct sim_injected told;
    struct sim_outcome outcome;
    enum dpusim_status status = campaign_draw(c, i, &injection, diag);
    if (status)
        return status;
    unsigned from = checkpoint_for(c, &injection);
    sim_dpu_clear_injections(dpu);
    status = sim_dpu_restore(dpu, c->checkpoint[from].image, diag);
    if (!status)
        status = sim_dpu_inject(dpu, &injection, diag);
    if (status)
        return status;
    struct sim_limits limits = {.max_instructions = c->golden_instructions * c->options->hang -
                                                    c->checkpoint[from].instructions};
    sim_dpu_run(dpu, &limits, &outcome);
    sim_dpu_injected(dpu, 0, &told);
    row->site = injection.site;
    row->tasklet = told.tasklet;
    row->pc_insn = told.pc_insn;
    row->instructions = told.instructions;
    row->outcome = told.happened ? classify(c, dpu, outcome.stop, row) : CAMPAIGN_MISSED;
    return DPUSIM_OK;
}

/* Seeds of runs are far apart: the step of a sequence of Weyl, scrambled by the generator itself.
 */
static uint64_t seed_of(const struct campaign *c, size_t i)
{
    return (c->options->seed + 1) * UINT64_C(0x9e3779b97f4a7c15) + i * UINT64_C(0xd1b54a32d192ed03);
}

enum dpusim_status campaign_draw(const struct campaign *c, size_t i, struct sim_injection *out,
                                 struct isa_diag *diag)
{
    static const char *const standard[] = {"flip1:site=register"};
    const struct text_list *given = &c->options->inject;
    const char *const *templates = given->count ? given->items : standard;
    const char *template = templates[i % (given->count ? given->count : 1)];
    struct text text = {0};
    text_add(&text, "%s%sseed=%llu", template, strchr(template, ':') ? "," : ":",
             (unsigned long long)seed_of(c, i));
    struct isa_diag first = {""};
    size_t len = text.len;
    text_add(&text, ",random=%llu", (unsigned long long)c->golden_instructions);
    enum dpusim_status status = sim_injection_parse(out, text.data, c->program, &first);
    if (status) { /* it says itself when */
        text.data[len] = '\0';
        status = sim_injection_parse(out, text.data, c->program, diag);
    }
    text_free(&text);
    return status;
}

/* ---- all runs -------------------------------------------------------------------------------- */

struct pool {
    struct campaign *campaign;
    atomic_size_t next;
    pthread_mutex_t lock; /* of told and failed */
    void (*told)(void *context, size_t i);
    void *context;
    enum dpusim_status failed;
    struct isa_diag diag;
};

static void *work(void *argument)
{
    struct pool *pool = argument;
    struct campaign *c = pool->campaign;
    struct sim_dpu *dpu = NULL;
    struct isa_diag diag = {""};
    enum dpusim_status status = start(c, &dpu, &diag);
    for (size_t i; !status && (i = atomic_fetch_add(&pool->next, 1)) < c->n_rows;) {
        if (c->rows[i].done)
            continue;
        status = run_one(c, dpu, i, &diag);
        pthread_mutex_lock(&pool->lock);
        c->rows[i].done = !status;
        if (!status)
            pool->told(pool->context, i);
        pthread_mutex_unlock(&pool->lock);
    }
    if (status) {
        pthread_mutex_lock(&pool->lock);
        pool->failed = status;
        pool->diag = diag;
        atomic_store(&pool->next, c->n_rows);
        pthread_mutex_unlock(&pool->lock);
    }
    sim_dpu_destroy(dpu);
    return NULL;
}

int campaign_run(struct campaign *c, unsigned jobs, void (*told)(void *context, size_t i),
                 void *context)
{
    struct pool pool = {.campaign = c, .told = told, .context = context};
    pthread_t *threads = tool_realloc(NULL, jobs, sizeof *threads);
    unsigned started = 0;
    pthread_mutex_init(&pool.lock, NULL);
    while (started + 1 < jobs && pthread_create(&threads[started], NULL, work, &pool) == 0)
        started++;
    work(&pool);
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    pthread_mutex_destroy(&pool.lock);
    free(threads);
    return pool.failed ? tool_fail(c->verb, pool.failed, &pool.diag) : TOOL_OK;
}

int campaign_prepare(struct campaign *c, const struct verb *verb)
{
    struct isa_diag diag = {""};
    const struct text_list *detected = &c->options->detected_by;
    c->verb = verb->name;
    for (size_t i = 0; i < detected->count; i++)
        if (!is_log(detected->items[i]) && !strchr(detected->items[i], '='))
            return options_complain(verb, "--detected-by=%.60s: write SYM=VALUE or log:TEXT",
                                    detected->items[i]);
    enum dpusim_status status = run_golden(c, &diag);
    if (!status)
        status = save_checkpoints(c, &diag);
    if (!status)
        status = find_results(c, &diag);
    if (status)
        return tool_fail(verb->name, status, &diag);
    c->rows = tool_realloc(NULL, c->n_rows + 1, sizeof *c->rows);
    for (size_t i = 0; i < c->n_rows; i++) {
        struct sim_injection injection;
        char text[512];
        c->rows[i] = (struct campaign_row){.done = false};
        status = campaign_draw(c, i, &injection, &diag);
        if (status) {
            c->n_rows = i;
            return tool_fail(verb->name, status, &diag);
        }
        sim_injection_text(&injection, text, sizeof text);
        c->rows[i].spec = tool_copy(text, strlen(text));
        c->rows[i].site = injection.site;
    }
    return TOOL_OK;
}

void campaign_free(struct campaign *c)
{
    for (unsigned i = 0; i < c->n_checkpoints; i++)
        free((void *)(uintptr_t)c->checkpoint[i].image.data);
    for (size_t i = 0; i < c->n_results; i++) {
        if (c->results[i].place.symbol)
            place_free(&c->results[i].place);
        free(c->results[i].golden);
    }
    free(c->results);
    for (size_t i = 0; c->rows && i < c->n_rows; i++)
        free(c->rows[i].spec);
    free(c->rows);
    sim_dpu_destroy(c->dpu);
    isa_program_destroy(c->program);
}
