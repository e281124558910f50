/* SPDX-License-Identifier: MIT */
/* What the host library recorded of a run: ends of launches, and the injection. */
#include <stdlib.h>
#include <string.h>

#include "campaign_host.h"

/* ---- lines ----------------------------------------------------------------------------------- */

/* The value behind "key=" in a line of the record; NULL: there is none. */
static const char *value_of(const char *line, const char *key)
{
    size_t len = strlen(key), end = strcspn(line, "\n");
    for (const char *at = line; (at = strstr(at, key)) && at < line + end; at++)
        if (at > line && at[-1] == ' ' && at[len] == '=')
            return at + len + 1;
    return NULL;
}

uint64_t record_number(const char *line, const char *key)
{
    const char *value = value_of(line, key);
    return value ? strtoull(value, NULL, 10) : 0;
}

char *record_word(const char *line, const char *key, const char *end)
{
    const char *value = value_of(line, key);
    return value ? tool_copy(value, strcspn(value, end)) : tool_copy("", 0);
}

bool record_has(const char *line, const char *key, const char *word)
{
    const char *value = value_of(line, key);
    size_t len = strlen(word);
    return value && strncmp(value, word, len) == 0 && (value[len] == ' ' || value[len] == '\n');
}

bool record_is(const char *line, const char *word)
{
    return strncmp(line, word, strlen(word)) == 0;
}

const char *record_next(const char *line)
{
    line += strcspn(line, "\n");
    return *line ? line + 1 : line;
}

/* ---- what they say --------------------------------------------------------------------------- */

static const struct campaign_point *point_of(const struct campaign *c, const char *line)
{
    uint64_t set = record_number(line, "set"), dpu = record_number(line, "dpu"),
             launch = record_number(line, "launch");
    for (size_t i = 0; i < c->n_points; i++)
        if (c->points[i].set == set && c->points[i].dpu == dpu && c->points[i].launch == launch)
            return &c->points[i];
    return NULL;
}

bool record_ended_badly(const struct campaign *c, const char *record, enum campaign_outcome *out)
{
    for (const char *line = record; *line; line = record_next(line)) {
        if (!record_is(line, "launch "))
            continue;
        for (int kind = SIM_FAULT_NONE + 1; kind < SIM_FAULT_COUNT; kind++)
            if (record_has(line, "end", sim_fault_kind_name((enum sim_fault_kind)kind))) {
                *out = campaign_fault_outcome((enum sim_fault_kind)kind);
                return true;
            }
        bool asleep = record_has(line, "end", "asleep");
        const struct campaign_point *point = asleep ? point_of(c, line) : NULL;
        asleep &= !(point && point->asleep);
        *out = asleep ? CAMPAIGN_DEADLOCK : CAMPAIGN_HANG;
        if (asleep || record_has(line, "end", "timeout"))
            return true;
    }
    return false;
}

/* Calls, transfers and allocations that fail are
 * not in the record; neither is a DPU that was still running when time was up. */
bool record_injected(const struct process_result *result, struct campaign_row *row)
{
    bool told = false;
    for (const char *line = result->record; *line; line = record_next(line)) {
        told |= record_is(line, "injected ") || record_is(line, "struck ");
        if (record_is(line, "struck "))
            return true;
        if (!record_is(line, "injected ") || !record_number(line, "happened"))
            continue;
        row->tasklet = (unsigned)record_number(line, "tasklet");
        row->pc_insn = (uint32_t)record_number(line, "pc");
        row->instructions = record_number(line, "after");
        char *function = record_word(line, "function", " \n");
        row->function = *function ? function : NULL;
        if (!*function)
            free(function);
        return true;
    }
    return !told && (result->out_of_time || strcmp(row->site, "host") == 0);
}
