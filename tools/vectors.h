/* SPDX-License-Identifier: MIT */
/* Files of instruction vectors: tab-separated columns below one header line, comments start with
 * '#'. Also what the checkers of the three kinds share: counting and reporting rows. */
#ifndef TOOL_VECTORS_H
#define TOOL_VECTORS_H

#include "tool.h"

enum { VECTOR_COLUMNS = 24 };

struct vectors {
    const char *path;
    char *text; /* the whole file; cells point into it */
    char *next;
    unsigned line; /* of the current row, from 1 */
    char *names[VECTOR_COLUMNS], *cells[VECTOR_COLUMNS];
    unsigned n_names, n_cells;
    /* result */
    bool quiet;
    unsigned long passed, failed;
};

/* Takes ownership of text (NUL-terminated). False when there is no header line. */
bool vectors_open(struct vectors *vectors, const char *path, char *text);
void vectors_close(struct vectors *vectors);
/* Next row; false at the end. */
bool vectors_next(struct vectors *vectors);
bool vectors_has(const struct vectors *vectors, const char *column);
/* Cell of the current row; "" when the row is too short. */
const char *vectors_cell(const struct vectors *vectors, const char *column);
/* Hexadecimal cell; 0 with a problem noted when it is none. */
uint64_t vectors_hex(const struct vectors *vectors, const char *column, struct text *problems);
/* Counts the row at `line` as failed, and prints it, when there are problems. */
void vectors_judge(struct vectors *vectors, unsigned line, const char *title,
                   const struct text *problems);

/* The checkers. False: the check itself could not be done; that was said. */
bool conform_encoding(struct vectors *vectors, const char *verb);
bool conform_steps(struct vectors *vectors, const char *verb, bool memory);

#endif
