/* SPDX-License-Identifier: MIT */
/* One formatted message to the report of a caller, cut at a length that a person still reads. */
#include <stdarg.h>
#include <stdio.h>

#include "message.h"

void isa_message(const struct isa_report *report, enum isa_severity severity, const char *file,
                 const char *format, ...)
{
    if (!report || !report->emit)
        return;
    char text[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    struct isa_message message = {.severity = severity, .file = file, .text = text};
    report->emit(report->context, &message);
}
