/* SPDX-License-Identifier: MIT */
/* What the verbs of the command `dpusim` share: exit codes, messages, files, numbers.
 *
 * Results go to stdout, talk goes to stderr. Running out of memory ends the process with code 5:
 * a command has nothing better to do then. */
#ifndef TOOL_H
#define TOOL_H

#include <stdarg.h>
#include <stdio.h>

#include "isa.h"

enum tool_exit {
    TOOL_OK = 0,
    TOOL_FAULT = 1,
    TOOL_USAGE = 2,
    TOOL_INPUT = 3,
    TOOL_LIMIT = 4,
    TOOL_INTERNAL = 5
};

/* "dpusim VERB: error: ..." / "...: warning: ..." on stderr; a newline is added. */
void tool_error(const char *verb, const char *format, ...) DPUSIM_PRINTF(2, 3);
void tool_warn(const char *verb, const char *format, ...) DPUSIM_PRINTF(2, 3);
/* Prints the diagnostic of a library call that failed; returns the exit code of its status. */
int tool_fail(const char *verb, enum dpusim_status status, const struct isa_diag *diag);
/* A report that prints messages with file, line, column, source line and caret on stderr. */
extern const struct isa_report tool_report;

/* May stderr be coloured? Only a terminal, and not when NO_COLOR is set. */
bool tool_colour(void);

void *tool_realloc(void *memory, size_t count, size_t size); /* ends the process when it fails */
char *tool_copy(const char *text, size_t len);               /* with a NUL behind it */

/* Whole file, "-" is stdin; ends in a NUL that is not counted. bytes->data is malloc'ed. Prints
 * what went wrong and returns false. */
bool tool_read_file(const char *verb, const char *path, struct isa_bytes *bytes);
/* Whole file at once, "-" is stdout. A regular file cut short by an error is removed. */
bool tool_write_file(const char *verb, const char *path, struct isa_bytes bytes);
/* Opens for writing, "-" is stdout. Prints what went wrong and returns NULL. */
FILE *tool_open_output(const char *verb, const char *path);
/* Flushes and closes (stdout stays open). Prints what went wrong and returns false. */
bool tool_close_output(const char *verb, const char *path, FILE *file);

/* Unsigned number: decimal, 0x hexadecimal, 0b binary. The whole text must be the number. */
bool tool_parse_u64(const char *text, uint64_t *value);
/* The same with a sign in front; *negative tells, *value is the magnitude. */
bool tool_parse_signed(const char *text, uint64_t *value, bool *negative);
/* Decimal number of the C locale, finite. */
bool tool_parse_double(const char *text, double *value);

/* Number with thousands separated by commas, into buffer (at least 32 bytes). */
char *tool_grouped(uint64_t value, char *buffer);

/* Of a clock that only runs forward. */
double tool_seconds(void);

/* A string that grows. */
struct text {
    char *data; /* NULL while empty, else NUL-terminated */
    size_t len, room;
};

void text_add(struct text *text, const char *format, ...) DPUSIM_PRINTF(2, 3);
void text_clear(struct text *text);
void text_free(struct text *text);

#endif
