/* SPDX-License-Identifier: MIT */
/* Values in the memories of a DPU as their types say, as text or as JSON. */
#ifndef TOOL_VALUE_H
#define TOOL_VALUE_H

#include "dpusim.h"
#include "json.h"

enum { VALUE_ELEMENTS = 200 }; /* of an array that are shown unless somebody wants more */

/* "{x = 1, next = 0x40 <node+8>}". most: elements of an array; 0: all. */
void value_print(const struct sim_dpu *dpu, const struct sim_place *place, uint64_t most,
                 FILE *out);
/* Structures are objects, arrays arrays (whole), pointers and integers numbers, enumerators their
 * names. */
void value_json(const struct sim_dpu *dpu, const struct sim_place *place, struct json *json,
                const char *key);
/* An integer, also of a bit-field; zero- or sign-extended as the type says. */
int64_t value_integer(const struct sim_dpu *dpu, const struct sim_place *place);

#endif
