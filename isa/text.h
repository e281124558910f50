/* SPDX-License-Identifier: MIT */
/* Text that grows in a caller's buffer, cut where it ends, counted beyond. Private to
 * the libraries. */
#ifndef ISA_TEXT_H
#define ISA_TEXT_H

#include <stdarg.h>
#include <stdio.h>

#include "isa.h"

struct isa_text {
    char *buffer;
    size_t size;
    int used; /* as long as it would be */
};

static inline void isa_text_add(struct isa_text *text, const char *format, ...) DPUSIM_PRINTF(2, 3);

static inline void isa_text_add(struct isa_text *text, const char *format, ...)
{
    size_t at = (size_t)text->used < text->size ? (size_t)text->used : text->size;
    va_list args;
    va_start(args, format);
    text->used += vsnprintf(text->size ? text->buffer + at : NULL, text->size - at, format, args);
    va_end(args);
}

#endif
