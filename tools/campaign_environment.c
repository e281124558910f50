/* SPDX-License-Identifier: MIT */
/* The environment of host programs in a campaign: what to inject, limits, settings. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "campaign_host.h"

void variables_add(struct variables *v, const char *text)
{
    v->items = tool_realloc(v->items, v->count + 2, sizeof *v->items);
    v->items[v->count++] = tool_copy(text, strlen(text));
    v->items[v->count] = NULL;
}

static void set_variable(struct variables *v, const char *name, const char *value)
{
    struct text text = {0};
    size_t len = strlen(name);
    text_add(&text, "%s=%s", name, value);
    for (size_t i = 0; i < v->count; i++)
        if (strncmp(v->items[i], name, len) == 0 && v->items[i][len] == '=') {
            free(v->items[i]);
            v->items[i] = v->items[--v->count];
            break;
        }
    variables_add(v, text.data);
    text_free(&text);
}

void variables_free(struct variables *v)
{
    for (size_t i = 0; i < v->count; i++)
        free(v->items[i]);
    free(v->items);
}

/* The profile of all allocations, before what the user has. most: instructions of a launch. */
static void set_profile(struct variables *v, const struct campaign *c, uint64_t most)
{
    const char *own = getenv("UPMEM_PROFILE_BASE");
    struct text text = {0};
    text_add(&text, "simReport=false");
    if (most)
        text_add(&text, ",simMaxInstructions=%llu",
                 (unsigned long long)(most < UINT32_MAX ? most : UINT32_MAX));
    if (c->options->mode)
        text_add(&text, ",simMode=%s", c->options->mode);
    if (own && *own)
        text_add(&text, ",%s", own);
    set_variable(v, "UPMEM_PROFILE_BASE", text.data);
    text_free(&text);
}

static void set_settings(struct variables *v, const struct campaign *c)
{
    const char *own = getenv("DPUSIM_SET");
    struct text text = {0};
    text_add(&text, "%s", own ? own : "");
    for (size_t i = 0; i < c->options->set.count; i++)
        text_add(&text, "%s%s", text.len ? ";" : "", c->options->set.items[i]);
    if (c->options->set.count)
        set_variable(v, "DPUSIM_SET", text.data);
    text_free(&text);
    if (c->options->config)
        set_variable(v, "DPUSIM_CONFIG", c->options->config);
}

struct variables campaign_environment(const struct campaign *c, const struct worker *worker,
                                      const char *inject)
{
    struct variables v = {NULL, 0};
    for (char **own = environ; *own; own++)
        variables_add(&v, *own);
    set_profile(&v, c, inject ? worker->host->longest * c->options->hang : 0);
    set_settings(&v, c);
    set_variable(&v, "DPUSIM_OUTCOMES", worker->files.record_path);
    if (inject)
        set_variable(&v, "DPUSIM_INJECT", inject);
    if (!getenv("DPUSIM_THREADS"))
        set_variable(&v, "DPUSIM_THREADS", "1"); /* the runs are in parallel */
    return v;
}
