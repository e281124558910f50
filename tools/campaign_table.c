/* SPDX-License-Identifier: MIT */
/* The table of a campaign: a row for each run, from which an interrupted one goes on. */
#include <stdlib.h>
#include <string.h>

#include "campaign.h"

enum { COLUMNS = 13, MOST_LINE = 2048 };

static const char head[] = "run,spec,site,outcome,tasklet,pc,function,instructions,elements,"
                           "magnitude,set,dpu,launch\n";

void campaign_write_row(const struct campaign *c, size_t i, FILE *out)
{
    const struct campaign_row *row = &c->rows[i];
    fprintf(out, "%zu,\"%s\",%s,%s,%u,%u,%s,%llu,%llu,%.17g,%u,%u,%llu\n", i, row->spec, row->site,
            campaign_outcome_names[row->outcome], row->tasklet, (unsigned)row->pc_insn,
            row->function ? row->function : "", (unsigned long long)row->instructions,
            (unsigned long long)row->elements, row->magnitude, (unsigned)row->point->set,
            (unsigned)row->point->dpu, (unsigned long long)row->point->launch);
}

/* The text behind `count` commas; the specification in quotes is one column. */
static const char *column(const char *text, unsigned count)
{
    bool quoted = false;
    for (; count && *text; text++) {
        quoted ^= *text == '"';
        count -= *text == ',' && !quoted;
    }
    return text;
}

static bool outcome_by_name(const char *text, enum campaign_outcome *out)
{
    for (unsigned i = 0; i < CAMPAIGN_OUTCOME_COUNT; i++) {
        size_t len = strlen(campaign_outcome_names[i]);
        if (strncmp(text, campaign_outcome_names[i], len) == 0 && text[len] == ',') {
            *out = (enum campaign_outcome)i;
            return true;
        }
    }
    return false;
}

/* False: the row belongs to another campaign. One that is cut off is left out. */
static bool take_row(struct campaign *c, const char *text)
{
    size_t i = strtoull(text, NULL, 10), len = strlen(text);
    if (i >= c->n_rows)
        return true;
    struct campaign_row *row = &c->rows[i];
    size_t spec_len = strlen(row->spec);
    const char *spec = column(text, 1);
    if (len == 0 || text[len - 1] != '\n' || !*column(text, COLUMNS - 1))
        return true;
    if (*spec != '"' || strncmp(spec + 1, row->spec, spec_len) != 0 || spec[spec_len + 1] != '"')
        return false;
    if (row->done)
        return true;
    if (!outcome_by_name(column(text, 3), &row->outcome))
        return false;
    const char *function = column(text, 6);
    size_t name_len = strcspn(function, ",");
    row->tasklet = (unsigned)strtoul(column(text, 4), NULL, 10);
    row->pc_insn = (uint32_t)strtoul(column(text, 5), NULL, 10);
    row->function = name_len ? tool_copy(function, name_len) : NULL;
    row->instructions = strtoull(column(text, 7), NULL, 10);
    row->elements = strtoull(column(text, 8), NULL, 10);
    row->magnitude = strtod(column(text, 9), NULL);
    row->done = true;
    return true;
}

int campaign_read_table(struct campaign *c, const char *path)
{
    FILE *file = fopen(path, "r");
    char line[MOST_LINE];
    bool ok = true;
    if (!file)
        return TOOL_OK;
    ok = !fgets(line, sizeof line, file) || strcmp(line, head) == 0;
    while (ok && fgets(line, sizeof line, file))
        ok = take_row(c, line);
    fclose(file);
    if (ok)
        return TOOL_OK;
    tool_error(c->verb->name,
               "%s is the table of another campaign; remove it, or name another file with "
               "--output",
               path);
    return TOOL_INPUT;
}

/* In order and without what was cut off; at once. */
int campaign_write_table(const struct campaign *c, const char *path)
{
    struct text temporary = {0};
    text_add(&temporary, "%s.new", path);
    FILE *file = tool_open_output(c->verb->name, temporary.data);
    bool ok = file != NULL;
    if (ok) {
        fputs(head, file);
        for (size_t i = 0; i < c->n_rows; i++)
            if (c->rows[i].done)
                campaign_write_row(c, i, file);
        ok = tool_close_output(c->verb->name, temporary.data, file) &&
             rename(temporary.data, path) == 0;
    }
    text_free(&temporary);
    return ok ? TOOL_OK : TOOL_INPUT;
}
