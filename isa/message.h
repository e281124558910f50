/* SPDX-License-Identifier: MIT */
/* One formatted message to the report of a caller. Private to isa/. */
#ifndef ISA_MESSAGE_H
#define ISA_MESSAGE_H

#include "isa.h"

/* Formats and emits one message about a file; report, its emit and file may be NULL. */
void isa_message(const struct isa_report *report, enum isa_severity severity, const char *file,
                 const char *format, ...) DPUSIM_PRINTF(4, 5);

#endif
