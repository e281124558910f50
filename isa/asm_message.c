/* SPDX-License-Identifier: MIT */
/* Messages of the assembler: place, source line, one sentence. One error per statement, and no more
 * than the caller wants; inside macros a note says where the macro was used. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "asm.h"

enum { LONGEST_LINE_SHOWN = 2000, LONGEST_TOKEN_SHOWN = 40 };

struct asm_place asm_place_of(const struct asm_state *as, const char *at)
{
    const struct asm_frame *frame = as->frame;
    if (!frame)
        return as->statement;
    return (struct asm_place){.text = frame->text,
                              .offset_bytes = (uint32_t)(at - frame->text->data),
                              .line = frame->line,
                              .file = frame->file};
}

struct asm_place asm_token_place(const struct asm_state *as)
{
    return asm_place_of(as, as->token.at);
}

const char *asm_token_text(const struct asm_state *as, char buffer[64])
{
    const struct asm_token *token = &as->token;
    if (token->kind == ASM_END)
        return "end of line";
    bool cut = token->len_bytes > LONGEST_TOKEN_SHOWN;
    snprintf(buffer, 64, "'%.*s%s'", cut ? LONGEST_TOKEN_SHOWN : (int)token->len_bytes, token->at,
             cut ? "..." : "");
    return buffer;
}

static void emit(struct asm_state *as, enum isa_severity severity, struct asm_place place,
                 const char *format, va_list args)
{
    if (!as->report || !as->report->emit)
        return;
    char text[1024], line[LONGEST_LINE_SHOWN + 1];
    vsnprintf(text, sizeof text, format, args);
    struct isa_message message = {.severity = severity, .file = as->file_name, .text = text};
    if (place.text) {
        const char *data = place.text->data;
        uint32_t start = place.offset_bytes, end = place.offset_bytes;
        while (start > 0 && data[start - 1] != '\n')
            start--;
        while (end < place.text->len_bytes && data[end] != '\n' && end - start < LONGEST_LINE_SHOWN)
            end++;
        while (end > start && data[end - 1] == '\r')
            end--;
        message.file = as->files[place.file];
        message.line = place.line;
        message.column = place.offset_bytes - start + 1;
        if (end - start < LONGEST_LINE_SHOWN && !memchr(data + start, 0, end - start)) {
            memcpy(line, data + start, end - start);
            line[end - start] = '\0';
            message.source_line = line;
        }
    }
    as->report->emit(as->report->context, &message);
}

void asm_note_at(struct asm_state *as, enum isa_severity severity, struct asm_place place,
                 const char *format, ...)
{
    va_list args;
    va_start(args, format);
    emit(as, severity, place, format, args);
    va_end(args);
}

static void note_uses(struct asm_state *as, struct asm_place place)
{
    enum { MOST_NOTES = 5 };
    const struct asm_text *text = place.text;
    for (int i = 0; text && text->used_text && i < MOST_NOTES; i++) {
        struct asm_place use = {text->used_text, text->used_offset, text->used_line,
                                text->used_file};
        asm_note_at(as, ISA_NOTE, use, "used here");
        text = text->used_text;
    }
}

static void error_at(struct asm_state *as, struct asm_place place, const char *format, va_list args)
{
    if (as->quiet || as->stop)
        return;
    emit(as, ISA_ERROR, place, format, args);
    note_uses(as, place);
    as->status = DPUSIM_SYNTAX;
    if (++as->n_errors < as->max_errors)
        return;
    as->stop = true;
    if (as->n_errors > 1)
        asm_note_at(as, ISA_NOTE, place, "stopped after %u errors", as->n_errors);
}

void asm_error_at(struct asm_state *as, struct asm_place place, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    error_at(as, place, format, args);
    va_end(args);
}

static void error_once(struct asm_state *as, struct asm_place place, const char *format,
                       va_list args)
{
    if (as->statement_failed)
        return;
    as->statement_failed = !as->quiet;
    error_at(as, place, format, args);
}

void asm_error(struct asm_state *as, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    error_once(as, asm_token_place(as), format, args);
    va_end(args);
}

void asm_error_statement(struct asm_state *as, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    error_once(as, as->statement, format, args);
    va_end(args);
}
