/* SPDX-License-Identifier: MIT */
/* Failures on purpose, so that programs can test how they handle them. Specifications come from the
 * environment (DPUSIM_INJECT), the profile (simInject) and dpusim_inject; several are divided by
 * semicolons. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"

static const char *const model_names[] = {
#define MODEL(id, name, keys, meaning) name,
#include "inject_host.def"
#undef MODEL
};
enum { HOST_MODELS = sizeof model_names / sizeof *model_names };

/* ---- text ------------------------------------------------------------------------------------ */

static dpu_error_t read_count(const char *spec, const char *key, const char *value, uint64_t *out)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(value, &end, 0);
    if (errno || end == value || *end || *value == '-')
        return drv_fail(DPU_ERR_INVALID_PROFILE, "injection \"%s\": %s=%s: wanted a number", spec,
                        key, value);
    *out = number;
    return DPU_OK;
}

static dpu_error_t read_error(const char *spec, const char *value, dpu_error_t *out)
{
    *out = drv_error_by_name(value);
    if (*out != DPU_OK)
        return DPU_OK;
    const char *nearest = drv_nearest_error(value);
    return drv_fail(DPU_ERR_INVALID_PROFILE, "injection \"%s\": unknown error %s%s%s%s", spec,
                    value, nearest ? "; did you mean " : "", nearest ? nearest : "",
                    nearest ? "?" : "");
}

/* Fields of the host's models; *taken false: a field for the simulator. */
static dpu_error_t read_field(struct drv_injection *out, const char *spec, const char *key,
                              const char *value, bool *taken)
{
    bool host = out->model != DRV_INJECT_DPU;
    uint64_t number = 0;
    dpu_error_t error = DPU_OK;
    *taken = true;
    if (strcmp(key, "dpu") == 0) {
        error = read_count(spec, key, value, &number);
        out->dpu = (int64_t)number;
    } else if (strcmp(key, host ? "nth" : "launch") == 0) {
        error = read_count(spec, key, value, &out->nth);
    } else if (out->model == DRV_INJECT_CALL && strcmp(key, "name") == 0) {
        snprintf(out->call, sizeof out->call, "%s", value);
    } else if (out->model == DRV_INJECT_CALL && strcmp(key, "error") == 0) {
        error = read_error(spec, value, &out->error);
    } else if (out->model == DRV_INJECT_FLIP && strcmp(key, "bit") == 0) {
        error = read_count(spec, key, value, &out->bit);
    } else if (host) {
        error = drv_fail(DPU_ERR_INVALID_PROFILE, "injection \"%s\": \"%s\" knows no key \"%s\"",
                         spec, model_names[out->model], key);
    } else {
        *taken = false;
    }
    return error;
}

static void append_field(struct drv_injection *out, const char *field)
{
    size_t used = strlen(out->spec);
    const char *glue = used == 0 || out->spec[used - 1] == ':' ? "" : ",";
    snprintf(out->spec + used, sizeof out->spec - used, "%s%s", glue, field);
}

static dpu_error_t read_fields(struct drv_injection *out, const char *spec, char *fields)
{
    dpu_error_t error = DPU_OK;
    char *rest = NULL;
    for (char *field = strtok_r(fields, ",/", &rest); field && !error;
         field = strtok_r(NULL, ",/", &rest)) {
        char copy[128], *equals;
        bool taken = false;
        snprintf(copy, sizeof copy, "%s", field);
        if ((equals = strchr(copy, '='))) {
            *equals = 0;
            error = read_field(out, spec, copy, equals + 1, &taken);
        } else if (out->model != DRV_INJECT_DPU) {
            error = drv_fail(DPU_ERR_INVALID_PROFILE, "injection \"%s\": \"%s\" has no \"=\"", spec,
                             field);
        }
        if (!taken && !error)
            append_field(out, field);
    }
    return error;
}

static dpu_error_t check_injection(const struct drv_injection *in, const char *spec)
{
    if (in->model == DRV_INJECT_CALL && (!in->call[0] || in->error == DPU_OK))
        return drv_fail(DPU_ERR_INVALID_PROFILE,
                        "injection \"%s\": wanted call:name=FUNCTION,error=ERROR", spec);
    if (in->model == DRV_INJECT_DISABLE && in->dpu < 0)
        return drv_fail(DPU_ERR_INVALID_PROFILE, "injection \"%s\": wanted disable:dpu=INDEX",
                        spec);
    if (in->model != DRV_INJECT_DPU)
        return DPU_OK;
    /* Symbols are known once a program is loaded; what does not depend on them is checked now. */
    struct isa_diag diag;
    struct sim_injection parsed;
    enum dpusim_status status = sim_injection_parse(&parsed, in->spec, NULL, &diag);
    if (status && status != DPUSIM_UNKNOWN_SYMBOL && !strstr(in->spec, "pc="))
        return drv_fail(DPU_ERR_INVALID_PROFILE, "injection \"%s\": %s", spec, diag.text);
    return DPU_OK;
}

dpu_error_t drv_inject_parse(struct drv_injection *out, const char *spec)
{
    char copy[256];
    if (strlen(spec) >= sizeof copy)
        return drv_fail(DPU_ERR_INVALID_PROFILE, "injection: longer than %zu characters",
                        sizeof copy - 1);
    snprintf(copy, sizeof copy, "%s", spec);
    char *colon = strchr(copy, ':');
    *out = (struct drv_injection){.model = DRV_INJECT_DPU, .dpu = -1};
    if (colon)
        *colon = 0;
    for (unsigned i = 0; i < HOST_MODELS; i++)
        if (strcmp(copy, model_names[i]) == 0)
            out->model = (enum drv_inject_model)i;
    if (out->model == DRV_INJECT_DPU) {
        append_field(out, copy);
        if (colon)
            strcat(out->spec, ":"); /* spec is at least as long as copy, which held one too */
    }
    dpu_error_t error = colon ? read_fields(out, spec, colon + 1) : DPU_OK;
    return error ? error : check_injection(out, spec);
}

/* Call take for every specification of a text. */
static dpu_error_t each_spec(const char *text, dpu_error_t (*take)(void *context, const char *spec),
                             void *context)
{
    char *copy = strdup(text ? text : ""), *rest = NULL;
    if (!copy)
        return drv_fail(DPU_ERR_SYSTEM, "injection: out of memory");
    dpu_error_t error = DPU_OK;
    for (char *spec = strtok_r(copy, ";", &rest); spec && !error; spec = strtok_r(NULL, ";", &rest))
        error = take(context, spec);
    free(copy);
    return error;
}

/* ---- lists ----------------------------------------------------------------------------------- */

struct list {
    struct drv_injection *items;
    size_t count;
};

static dpu_error_t append(void *context, const char *spec)
{
    struct list *list = context;
    struct drv_injection *items = realloc(list->items, (list->count + 1) * sizeof *items);
    if (!items)
        return drv_fail(DPU_ERR_SYSTEM, "injection: out of memory");
    list->items = items;
    dpu_error_t error = drv_inject_parse(&items[list->count], spec);
    list->count += error == DPU_OK;
    return error;
}

/* Of the environment, for calls that have no set yet: dpu_alloc. Counts uses in the process. */
static struct list process_wide;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void read_environment(void)
{
    if (each_spec(getenv("DPUSIM_INJECT"), append, &process_wide) != DPU_OK)
        process_wide.count = 0; /* told when the set is allocated */
}

static dpu_error_t check_for_set(const struct drv_injection *in, const struct drv_set *set)
{
    if (in->dpu >= (int64_t)set->nr_dpus)
        return drv_fail(DPU_ERR_INVALID_PROFILE,
                        "injection: dpu=%" PRId64 ", but the set has %" PRIu32 " DPUs", in->dpu,
                        set->nr_dpus);
    return DPU_OK;
}

/* All of a text or, when one of them is refused, none. */
static dpu_error_t add_all(struct drv_set *set, const char *text)
{
    struct list list = {set->injections, set->n_injections};
    dpu_error_t error = each_spec(text, append, &list);
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
        if (set->injections[i].model == DRV_INJECT_DISABLE)
            set->dpus[set->injections[i].dpu]->enabled = false;
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

static dpu_error_t call_in(struct drv_injection *items, size_t count, const char *call)
{
    dpu_error_t error = DPU_OK;
    for (size_t i = 0; i < count; i++) {
        struct drv_injection *in = &items[i];
        if (in->model != DRV_INJECT_CALL || strcmp(in->call, call) != 0)
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
    return (in->dpu < 0 || in->dpu == (int64_t)dpu->index) && (in->nth == 0 || in->nth == use);
}

dpu_error_t drv_inject_arm(struct dpu_t *dpu)
{
    const struct drv_set *set = dpu->rank->set;
    if (!set->n_injections)
        return DPU_OK;
    sim_dpu_clear_injections(dpu->sim);
    for (size_t i = 0; i < set->n_injections; i++) {
        const struct drv_injection *in = &set->injections[i];
        struct sim_injection parsed;
        struct isa_diag diag;
        if (in->model != DRV_INJECT_DPU || !concerns(in, dpu, dpu->launches))
            continue;
        enum dpusim_status status =
            sim_injection_parse(&parsed, in->spec, sim_dpu_program(dpu->sim), &diag);
        if (!status)
            status = sim_dpu_inject(dpu->sim, &parsed, &diag);
        if (status)
            return drv_fail(drv_error_of(status), "injection \"%s\": %s", in->spec, diag.text);
    }
    return DPU_OK;
}

bool drv_inject_hangs(const struct dpu_t *dpu)
{
    const struct drv_set *set = dpu->rank->set;
    for (size_t i = 0; i < set->n_injections; i++)
        if (set->injections[i].model == DRV_INJECT_HANG &&
            concerns(&set->injections[i], dpu, dpu->launches))
            return true;
    return false;
}

void drv_inject_flip(struct dpu_t *dpu, const struct drv_region *region, dpu_xfer_t direction,
                     void *buffer)
{
    const struct drv_set *set = dpu->rank->set;
    if (set->n_injections == 0 || region->len_bytes == 0)
        return;
    dpu->transfers++;
    for (size_t i = 0; i < set->n_injections; i++) {
        const struct drv_injection *in = &set->injections[i];
        if (in->model != DRV_INJECT_FLIP || !concerns(in, dpu, dpu->transfers))
            continue;
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
