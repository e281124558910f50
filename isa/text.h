/* SPDX-License-Identifier: MIT */
/* Text that grows in a caller's buffer, cut where it ends, counted beyond. Private to sim/. */
#ifndef SIM_TEXT_H
#define SIM_TEXT_H

#include <stdarg.h>
#include <stdio.h>

#include "dpusim.h"

struct sim_text {
    char *buffer;
    size_t size;
    int used; /* as long as it would be */
};

static inline void sim_text_add(struct sim_text *text, const char *format, ...) DPUSIM_PRINTF(2, 3);

static inline void sim_text_add(struct sim_text *text, const char *format, ...)
{
    size_t at = (size_t)text->used < text->size ? (size_t)text->used : text->size;
    va_list args;
    va_start(args, format);
    text->used += vsnprintf(text->size ? text->buffer + at : NULL, text->size - at, format, args);
    va_end(args);
}

#endif
