/* SPDX-License-Identifier: MIT */
/* What the command says on stderr: errors and warnings of the verbs, messages of the assembler, the
 * linker and the program reader with source line and caret. */
#include "tool.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Columns of a source line shown around an error: lines may be a megabyte long. */
enum { SHOWN_BEFORE = 100, SHOWN = 160 };

bool tool_colour(void)
{
    const char *off = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(STDERR_FILENO) && !(off && *off) && !(term && strcmp(term, "dumb") == 0);
}

static void print_word(enum isa_severity severity)
{
    static const char *const words[] = {"note", "warning", "error"};
    static const char *const colours[] = {"36", "35", "31"};
    if (tool_colour())
        fprintf(stderr, "\033[1;%sm%s:\033[0m ", colours[severity], words[severity]);
    else
        fprintf(stderr, "%s: ", words[severity]);
}

static void say(const char *verb, enum isa_severity severity, const char *format, va_list args)
{
    fprintf(stderr, *verb ? "dpusim %s: " : "dpusim: ", verb);
    print_word(severity);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
}

void tool_error(const char *verb, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(verb, ISA_ERROR, format, args);
    va_end(args);
}

void tool_warn(const char *verb, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(verb, ISA_WARNING, format, args);
    va_end(args);
}

int tool_fail(const char *verb, enum dpusim_status status, const struct isa_diag *diag)
{
    tool_error(verb, "%s", diag && diag->text[0] ? diag->text : dpusim_status_text(status));
    return dpusim_status_exit_code(status);
}

/* The part of the line around the column, and below it a caret that is in place whatever the tabs.
 */
static void print_source(const char *line, unsigned column)
{
    size_t len = strlen(line), at = column ? column - 1 : 0;
    size_t from = at > SHOWN_BEFORE ? at - SHOWN_BEFORE : 0;
    if (from > len)
        from = len;
    int shown = (int)(len - from > SHOWN ? SHOWN : len - from);
    fprintf(stderr, "    %.*s\n", shown, line + from);
    if (!column)
        return;
    fputs("    ", stderr);
    for (size_t i = from; i < at; i++)
        fputc(i < len && line[i] == '\t' ? '\t' : ' ', stderr);
    fputs("^\n", stderr);
}

static void emit(void *context, const struct isa_message *message)
{
    (void)context;
    if (!message->file)
        fputs("dpusim: ", stderr);
    else if (!message->line)
        fprintf(stderr, "%s: ", message->file);
    else if (!message->column)
        fprintf(stderr, "%s:%u: ", message->file, message->line);
    else
        fprintf(stderr, "%s:%u:%u: ", message->file, message->line, message->column);
    print_word(message->severity);
    fprintf(stderr, "%s\n", message->text);
    if (message->source_line)
        print_source(message->source_line, message->column);
}

const struct isa_report tool_report = {emit, NULL};
