/* SPDX-License-Identifier: MIT */
/* The HTML report: profiles in JSON go in, one file comes out. */
#ifndef TOOL_REPORT_H
#define TOOL_REPORT_H

#include "tool.h"

struct report;

struct report *report_create(const char *verb);
/* A profile of a DPU, schema dpusim-profile-1. False: it is none, which was said. */
bool report_add(struct report *report, struct isa_bytes profile, const char *name);
/* False: failed, which was said. */
bool report_write(struct report *report, const char *path);
void report_free(struct report *report); /* NULL allowed */

#endif
