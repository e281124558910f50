/* SPDX-License-Identifier: MIT */
/* Reading vector files in place, and counting rows. */
#include "vectors.h"

#include <stdlib.h>
#include <string.h>

/* Cuts the next line out of the text; NULL at the end. */
static char *next_line(struct vectors *vectors)
{
    char *line = vectors->next;
    if (!*line)
        return NULL;
    char *end = line + strcspn(line, "\n");
    vectors->next = *end ? end + 1 : end;
    *end = '\0';
    if (end > line && end[-1] == '\r')
        end[-1] = '\0';
    vectors->line++;
    return line;
}

static char *next_row(struct vectors *vectors)
{
    char *line = next_line(vectors);
    while (line && (*line == '#' || !*line))
        line = next_line(vectors);
    return line;
}

static unsigned split(char *line, char **cells)
{
    unsigned count = 0;
    while (count < VECTOR_COLUMNS) {
        cells[count++] = line;
        line += strcspn(line, "\t");
        if (!*line)
            break;
        *line++ = '\0';
    }
    return count;
}

bool vectors_open(struct vectors *vectors, const char *path, char *text)
{
    *vectors = (struct vectors){.path = path, .text = text, .next = text};
    char *line = next_row(vectors);
    if (line)
        vectors->n_names = split(line, vectors->names);
    return line != NULL;
}

void vectors_close(struct vectors *vectors)
{
    free(vectors->text);
    vectors->text = NULL;
}

bool vectors_next(struct vectors *vectors)
{
    char *line = next_row(vectors);
    if (!line)
        return false;
    vectors->n_cells = split(line, vectors->cells);
    return true;
}

static int column_of(const struct vectors *vectors, const char *column)
{
    for (unsigned i = 0; i < vectors->n_names; i++)
        if (strcmp(vectors->names[i], column) == 0)
            return (int)i;
    return -1;
}

bool vectors_has(const struct vectors *vectors, const char *column)
{
    return column_of(vectors, column) >= 0;
}

const char *vectors_cell(const struct vectors *vectors, const char *column)
{
    int index = column_of(vectors, column);
    return index >= 0 && (unsigned)index < vectors->n_cells ? vectors->cells[index] : "";
}

uint64_t vectors_hex(const struct vectors *vectors, const char *column, struct text *problems)
{
    const char *cell = vectors_cell(vectors, column);
    char *end;
    unsigned long long value = strtoull(cell, &end, 16);
    if (end == cell || *end)
        text_add(problems, "; column %s: \"%.40s\" is not a hexadecimal number", column, cell);
    return value;
}

void vectors_judge(struct vectors *vectors, unsigned line, const char *title,
                   const struct text *problems)
{
    if (!problems->len) {
        vectors->passed++;
        return;
    }
    vectors->failed++;
    if (!vectors->quiet)
        printf("%s:%u: %s%s\n", vectors->path, line, title, problems->data + 1);
}
