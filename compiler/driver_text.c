/* SPDX-License-Identifier: MIT */
/* Word lists, formatted texts, messages. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "driver.h"

/* Texts and lists of words live until the process ends. */
static struct arena texts;

void words_add(struct words *words, const char *word)
{
    if (words->count + 1 >= words->capacity) {
        const char **before = words->items;
        words->capacity = words->capacity * 2 + 16;
        words->items = arena_alloc(&texts, words->capacity * sizeof *words->items);
        if (before)
            memcpy(words->items, before, words->count * sizeof *before);
    }
    words->items[words->count++] = word;
    words->items[words->count] = NULL;
}

char *text_format(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = arena_vformat(&texts, format, args);
    va_end(args);
    return text;
}

void driver_texts_free(void)
{
    arena_free(&texts);
}

void driver_error(struct driver *d, const char *format, ...)
{
    va_list args;
    fputs("dpu-upmem-dpurte-clang: error: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    d->n_errors++;
}

void driver_warn(const char *format, ...)
{
    va_list args;
    fputs("dpu-upmem-dpurte-clang: warning: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

static void emit(void *context, const struct isa_message *m)
{
    static const char *const names[] = {"note", "warning", "error"};
    (void)context;
    if (m->file && m->line)
        fprintf(stderr, "%s:%u:%u: ", m->file, m->line, m->column);
    else if (m->file)
        fprintf(stderr, "%s: ", m->file);
    fprintf(stderr, "%s: %s\n", names[m->severity], m->text);
    if (m->source_line)
        fprintf(stderr, "%s\n", m->source_line);
}

const struct isa_report driver_report = {emit, NULL};
