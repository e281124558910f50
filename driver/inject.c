/* SPDX-License-Identifier: MIT */
/* Failures on purpose, so that programs can test how they handle them. Specifications come from the
 * environment (DPUSIM_INJECT), the profile (simInject) and dpusim_inject; several are divided by
 * semicolons. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"

static const struct {
    const char *name, *keys, *calls;
    dpu_error_t error;
} models[] = {
#define MODEL(id, name, keys, calls, error, meaning) {name, keys, calls, error},
#include "inject_host.def"
#undef MODEL
};
enum { HOST_MODELS = sizeof models / sizeof *models };

/* ---- text ------------------------------------------------------------------------------------ */

/* The sentence of the library below, as one of this API. */
static dpu_error_t refused(enum dpusim_status status, const struct isa_diag *diag)
{
    dpu_error_t error = status == DPUSIM_NO_MEMORY ? DPU_ERR_SYSTEM : DPU_ERR_INVALID_PROFILE;
    return status ? drv_fail(error, "%s", diag->text) : DPU_OK;
}

/* Is the word one of those in a text divided by blanks? */
static bool is_among(const char *words, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = words; len && (at = strstr(at, word)); at += len)
        if ((at == words || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
            return true;
    return false;
}

static dpu_error_t read_error(const struct sim_spec *spec, const char *value, dpu_error_t *out)
{
    *out = drv_error_by_name(value);
    if (*out != DPU_OK)
        return DPU_OK;
    const char *nearest = drv_nearest_error(value);
    return drv_fail(DPU_ERR_INVALID_PROFILE, "injection \"%s\": unknown error %s%s%s%s", spec->text,
                    value, nearest ? "; did you mean " : "", nearest ? nearest : "",
                    nearest ? "?" : "");
}

static dpu_error_t read_number(const struct sim_spec *spec, const struct sim_spec_field *field,
                               uint64_t lowest, uint64_t highest, uint64_t *out)
{
    struct isa_diag diag = {""};
    return refused(sim_spec_number(spec, field, lowest, highest, out, &diag), &diag);
}

static dpu_error_t read_dpus(struct drv_injection *out, const struct sim_spec *spec,
                             const struct sim_spec_field *field)
{
    struct isa_diag diag = {""};
    return refused(sim_spec_ranges(spec, field, UINT32_MAX, &out->dpus, &diag), &diag);
}

static dpu_error_t read_host_field(struct drv_injection *out, const struct sim_spec *spec,
                                   const struct sim_spec_field *field)
{
    const char *key = field->key;
    if (!is_among(models[out->model].keys, key))
        return drv_fail(DPU_ERR_INVALID_PROFILE,
                        "injection \"%s\": \"%s\" knows no key \"%s\"; it has %s", spec->text,
                        models[out->model].name, key, models[out->model].keys);
    if (!field->value)
        return drv_fail(DPU_ERR_INVALID_PROFILE, "injection \"%s\": \"%s\" has no \"=\"",
                        spec->text, key);
    if (strcmp(key, "dpu") == 0)
        return read_dpus(out, spec, field);
    if (strcmp(key, "set") == 0)
        return read_number(spec, field, 1, UINT32_MAX, &out->set);
    if (strcmp(key, "name") == 0)
        snprintf(out->call, sizeof out->call, "%s", field->value);
    else if (strcmp(key, "error") == 0)
        return read_error(spec, field->value, &out->error);
    else if (strcmp(key, "at") == 0)
        return read_number(spec, field, 0, ISA_MRAM_BYTES - 1, &out->at);
    else
        return read_number(spec, field, 0, UINT64_MAX,
                           strcmp(key, "bit") == 0 ? &out->bit : &out->nth);
    return DPU_OK;
}

static void append_field(struct drv_injection *out, const struct sim_spec_field *field)
{
    size_t used = strlen(out->spec);
    const char *glue = strchr(out->spec, ':') ? "," : ":";
    snprintf(out->spec + used, sizeof out->spec - used, "%s%s%s%s", glue, field->key,
             field->value ? "=" : "", field->value ? field->value : "");
}

/* What a set adds to an injection of the simulator: which set, DPU, launch. */
static dpu_error_t read_dpu_field(struct drv_injection *out, const struct sim_spec *spec,
                                  const struct sim_spec_field *field)
{
    if (strcmp(field->key, "dpu") == 0)
        return read_dpus(out, spec, field);
    if (strcmp(field->key, "set") == 0)
        return read_number(spec, field, 1, UINT32_MAX, &out->set);
    if (strcmp(field->key, "launch") == 0)
        return read_number(spec, field, 0, UINT64_MAX, &out->nth);
    append_field(out, field);
    return DPU_OK;
}

static dpu_error_t check_host(const struct drv_injection *in, const struct sim_spec *spec)
{
    if (in->model == DRV_INJECT_CALL && (!in->call[0] || in->error == DPU_OK))
        return drv_fail(DPU_ERR_INVALID_PROFILE,
                        "injection \"%s\": wanted call:name=FUNCTION,error=ERROR", spec->text);
    if (in->model == DRV_INJECT_DISABLE && in->dpus.n_ranges == 0)
        return drv_fail(DPU_ERR_INVALID_PROFILE, "injection \"%s\": wanted disable:dpu=INDEX",
                        spec->text);
    return DPU_OK;
}

/* Symbols are known once a program is loaded; what does not depend on them is checked now. A
 * launch that is named is a trigger. */
static dpu_error_t check_dpu(const struct drv_injection *in)
{
    struct isa_diag diag = {""};
    struct sim_injection parsed;
    struct drv_injection whole = *in;
    if (in->nth)
        append_field(&whole, &(struct sim_spec_field){"launch", "1"});
    enum dpusim_status status = sim_injection_parse(&parsed, whole.spec, NULL, &diag);
    return status == DPUSIM_UNKNOWN_SYMBOL ? DPU_OK : refused(status, &diag);
}

static dpu_error_t read_spec(struct drv_injection *out, const struct sim_spec *spec)
{
    dpu_error_t error = DPU_OK;
    *out = (struct drv_injection){.model = DRV_INJECT_DPU};
    for (unsigned i = 0; i < HOST_MODELS; i++)
        if (strcmp(spec->name, models[i].name) == 0) {
            out->model = (enum drv_inject_model)i;
            out->error = models[i].error;
        }
    bool host = out->model != DRV_INJECT_DPU;
    snprintf(out->spec, sizeof out->spec, "%s", spec->name);
    for (unsigned i = 0; i < spec->n_fields && !error; i++)
        error = host ? read_host_field(out, spec, &spec->fields[i])
                     : read_dpu_field(out, spec, &spec->fields[i]);
    if (error)
        return error;
    return host ? check_host(out, spec) : check_dpu(out);
}

static dpu_error_t inject_parse(struct drv_injection *out, const char *text)
{
    struct sim_spec spec;
    struct isa_diag diag = {""};
    dpu_error_t error = refused(sim_spec_read(&spec, text, &diag), &diag);
    return error ? error : read_spec(out, &spec);
}

/* ---- lists ----------------------------------------------------------------------------------- */

struct list {
    struct drv_injection *items;
    size_t count;
    dpu_error_t error;
};

static enum dpusim_status append(void *context, const char *spec)
{
    struct list *list = context;
    struct drv_injection *items = realloc(list->items, (list->count + 1) * sizeof *items);
    if (items)
        list->items = items;
    list->error = items ? inject_parse(&items[list->count], spec)
                        : drv_fail(DPU_ERR_SYSTEM, "injection: out of memory");
    list->count += list->error == DPU_OK;
    return list->error ? DPUSIM_BAD_ARGUMENT : DPUSIM_OK;
}

/* Add every specification of a text. */
static dpu_error_t append_all(struct list *list, const char *text)
{
    struct isa_diag diag = {""};
    list->error = DPU_OK;
    enum dpusim_status status = sim_spec_each(text, append, list, &diag);
    return list->error ? list->error : refused(status, &diag);
}

/* Of the environment, for calls that have no set yet: dpu_alloc. Counts uses in the process. */
static struct list process_wide;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void read_environment(void)
{
    const char *text = getenv("DPUSIM_INJECT");
    if (text && append_all(&process_wide, text) != DPU_OK)
        process_wide.count = 0; /* told when the set is allocated */
}

static dpu_error_t check_for_set(const struct drv_injection *in, const struct drv_set *set)
{
    for (unsigned i = 0; i < in->dpus.n_ranges; i++)
        if (in->dpus.range[i].last >= set->nr_dpus)
            return drv_fail(DPU_ERR_INVALID_PROFILE,
                            "injection: dpu=%" PRIu64 ", but the set has %" PRIu32 " DPUs",
                            in->dpus.range[i].last, set->nr_dpus);
    return DPU_OK;
}

/* Leave out what is for other sets, of those from `first` on. */
static void keep_own(struct list *list, size_t first, const struct drv_set *set)
{
    size_t kept = first;
    for (size_t i = first; i < list->count; i++)
        if (list->items[i].set == 0 || list->items[i].set == set->number)
            list->items[kept++] = list->items[i];
    list->count = kept;
}

/* All of a text or, when one of them is refused, none. */
static dpu_error_t add_all(struct drv_set *set, const char *text)
{
    struct list list = {set->injections, set->n_injections, DPU_OK};
    dpu_error_t error = append_all(&list, text);
    keep_own(&list, set->n_injections, set);
    set->injections = list.items;
    for (size_t i = set->n_injections; !error && i < list.count; i++)
        error = check_for_set(&list.items[i], set);
    if (!error)
        set->n_injections = list.count;
    return error;
}

dpu_error_t drv_inject_add(struct drv_set *set, const char *text)
{
    pthread_rwlock_wrlock(&set->inject_lock);
    size_t before = set->n_injections;
    dpu_error_t error = add_all(set, text);
    for (size_t i = before; !error && i < set->n_injections; i++)
        if (set->injections[i].model == DRV_INJECT_DISABLE) {
            set->n_injections = before;
            error = drv_fail(DPU_ERR_INVALID_PROFILE,
                             "injection \"disable\": a DPU is disabled when its set is allocated: "
                             "by the profile key simInject or by DPUSIM_INJECT");
        }
    pthread_rwlock_unlock(&set->inject_lock);
    return error;
}

dpu_error_t drv_inject_collect(struct drv_set *set, const struct drv_profile *profile)
{
    const char *text = getenv("DPUSIM_INJECT");
    dpu_error_t error = text ? add_all(set, text) : DPU_OK;
    if (!error && profile->text[DRV_KEY_SIM_INJECT])
        error = add_all(set, profile->text[DRV_KEY_SIM_INJECT]);
    for (size_t i = 0; !error && i < set->n_injections; i++)
        for (uint32_t k = 0; k < set->nr_dpus; k++)
            if (set->injections[i].model == DRV_INJECT_DISABLE &&
                sim_ranges_have(&set->injections[i].dpus, k))
                set->dpus[k]->enabled = false;
    if (!error && set->n_injections)
        drv_log(DRV_WARNING, "inject", "%zu failures will be injected on purpose",
                set->n_injections);
    return error;
}

void drv_inject_clear(struct drv_set *set)
{
    pthread_rwlock_wrlock(&set->inject_lock);
    free(set->injections);
    set->injections = NULL;
    set->n_injections = 0;
    pthread_rwlock_unlock(&set->inject_lock);
    for (uint32_t i = 0; i < set->nr_dpus; i++)
        sim_dpu_clear_injections(set->dpus[i]->sim);
}

/* ---- what happens ---------------------------------------------------------------------------- */

/* Does the injection make that function fail? */
static bool names_call(const struct drv_injection *in, const char *call)
{
    const char *calls = in->model == DRV_INJECT_DPU ? "" : models[in->model].calls;
    return is_among(calls ? calls : in->call, call);
}

static dpu_error_t call_in(struct drv_injection *items, size_t count, const char *call)
{
    dpu_error_t error = DPU_OK;
    for (size_t i = 0; i < count; i++) {
        struct drv_injection *in = &items[i];
        if (!names_call(in, call))
            continue;
        uint64_t use = atomic_fetch_add(&in->uses, 1) + 1;
        if (error == DPU_OK && (in->nth == 0 || in->nth == use))
            error = drv_fail(in->error, "%s: use %" PRIu64 " returns an injected error", call, use);
    }
    return error;
}

dpu_error_t drv_inject_call(struct drv_set *set, const char *call)
{
    if (!set) {
        pthread_once(&once, read_environment);
        return call_in(process_wide.items, process_wide.count, call);
    }
    pthread_rwlock_rdlock(&set->inject_lock);
    dpu_error_t error = call_in(set->injections, set->n_injections, call);
    pthread_rwlock_unlock(&set->inject_lock);
    return error;
}

static bool concerns(const struct drv_injection *in, const struct dpu_t *dpu, uint64_t use)
{
    return sim_ranges_have(&in->dpus, dpu->index) && (in->nth == 0 || in->nth == use);
}

static dpu_error_t arm(struct dpu_t *dpu, const struct drv_injection *in)
{
    struct sim_injection parsed = {.nth = 1};
    struct isa_diag diag = {""};
    struct drv_injection whole = *in;
    if (in->nth) /* a trigger, where there is no other; the simulator's count began with its load */
        append_field(&whole, &(struct sim_spec_field){"launch", "1"});
    enum dpusim_status status =
        sim_injection_parse(&parsed, whole.spec, sim_dpu_program(dpu->sim), &diag);
    parsed.launch = 0;
    if (!status)
        status = sim_dpu_inject(dpu->sim, &parsed, &diag);
    return status ? drv_fail(drv_error_of(status), "injection \"%s\": %s", in->spec, diag.text)
                  : DPU_OK;
}

static void corrupt(struct dpu_t *dpu, const struct drv_injection *in)
{
    uint64_t at = (in->at + in->bit / 8) % ISA_MRAM_BYTES;
    sim_dpu_mram(dpu->sim)[at] ^= (uint8_t)(1u << in->bit % 8);
    drv_outcome_struck(dpu, models[in->model].name);
}

dpu_error_t drv_inject_arm(struct dpu_t *dpu)
{
    const struct drv_set *set = dpu->rank->set;
    dpu_error_t error = DPU_OK;
    if (!set->n_injections)
        return DPU_OK;
    sim_dpu_clear_injections(dpu->sim);
    for (size_t i = 0; i < set->n_injections && !error; i++) {
        const struct drv_injection *in = &set->injections[i];
        if (!concerns(in, dpu, dpu->launches))
            continue;
        if (in->model == DRV_INJECT_DPU)
            error = arm(dpu, in);
        else if (in->model == DRV_INJECT_MRAM)
            corrupt(dpu, in);
    }
    return error;
}

/* Is there a failure of that kind for the launch that begins? */
static bool strikes(const struct dpu_t *dpu, enum drv_inject_model model, uint64_t launch)
{
    const struct drv_set *set = dpu->rank->set;
    for (size_t i = 0; i < set->n_injections; i++)
        if (set->injections[i].model == model && concerns(&set->injections[i], dpu, launch)) {
            drv_outcome_struck(dpu, models[model].name);
            return true;
        }
    return false;
}

bool drv_inject_hangs(const struct dpu_t *dpu)
{
    return strikes(dpu, DRV_INJECT_HANG, dpu->launches);
}

bool drv_inject_times_out(const struct dpu_t *dpu)
{
    return strikes(dpu, DRV_INJECT_TIMEOUT, dpu->launches);
}

void drv_inject_flip(struct dpu_t *dpu, const struct drv_region *region, dpu_xfer_t direction,
                     void *buffer)
{
    const struct drv_set *set = dpu->rank->set;
    if (region->len_bytes == 0)
        return;
    dpu->transfers++;
    for (size_t i = 0; i < set->n_injections; i++) {
        const struct drv_injection *in = &set->injections[i];
        if (in->model != DRV_INJECT_FLIP || !concerns(in, dpu, dpu->transfers))
            continue;
        drv_outcome_struck(dpu, models[in->model].name);
        uint64_t at = in->bit / 8 % region->len_bytes;
        uint8_t *bytes = buffer, flipped = bytes[at] ^ (uint8_t)(1u << in->bit % 8);
        if (direction == DPU_XFER_FROM_DPU) {
            bytes[at] = flipped;
        } else if (region->memory != ISA_IRAM) {
            struct drv_region one = {region->memory, region->offset_bytes + (uint32_t)at, 1};
            drv_write(dpu, &one, &flipped);
        }
    }
}
