/* SPDX-License-Identifier: MIT */
/* Word lists, formatted texts, messages. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "driver.h"

static void *checked(void *memory)
{
    if (!memory) {
        fputs("dpu-upmem-dpurte-clang: error: out of memory\n", stderr);
        exit(1);
    }
    return memory;
}

void words_add(struct words *words, const char *word)
{
    if (words->count + 1 >= words->capacity) {
        words->capacity = words->capacity * 2 + 16;
        words->items = checked(realloc(words->items, words->capacity * sizeof *words->items));
    }
    words->items[words->count++] = word;
    words->items[words->count] = NULL;
}

char *text_format(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = checked(malloc((size_t)len + 1));
    va_start(args, format);
    vsnprintf(text, (size_t)len + 1, format, args);
    va_end(args);
    return text;
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
