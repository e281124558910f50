/* SPDX-License-Identifier: MIT */
/* Strings of JSON, with their quotes. Private to sim/ and tools/. */
#ifndef SIM_QUOTE_H
#define SIM_QUOTE_H

#include <stddef.h>
#include <stdio.h>

void sim_put_quoted(FILE *out, const char *value);
void sim_put_quoted_bytes(FILE *out, const char *value, size_t len);

#endif
