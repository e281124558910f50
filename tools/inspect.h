/* SPDX-License-Identifier: MIT */
/* What the verbs that look at stopped DPUs share. */
#ifndef TOOL_INSPECT_H
#define TOOL_INSPECT_H

#include "dpusim.h"
#include "json.h"

/* The DPU of a core file or saved state; program: its file, NULL: none. An exit code, after a
 * message. */
int inspect_open(const char *verb, const char *path, const char *program, struct sim_dpu **out);
/* Is this a core file or a saved state? */
bool inspect_is_dump(struct isa_bytes image);
/* The fault's explanation; malloc'ed, "" when there is none. */
char *inspect_fault_text(const struct sim_dpu *dpu);
/* Everything but values, as text or as members of an open JSON object. */
void inspect_print_state(const struct sim_dpu *dpu);
void inspect_json_state(const struct sim_dpu *dpu, struct json *json);

#endif
