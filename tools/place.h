/* SPDX-License-Identifier: MIT */
/* Places in the memories of a DPU, named as on the command line: SYM, SYM+OFFSET, with :TYPE and
 * [COUNT]. Used by `dpusim run --set` and `--dump`. */
#ifndef TOOL_PLACE_H
#define TOOL_PLACE_H

#include "dpusim.h"
#include "json.h"

struct place {
    const struct isa_symbol *symbol;
    char *label; /* what was written, without type and count */
    enum isa_memory memory;
    uint32_t start_bytes;   /* offset of the place in that memory */
    uint32_t skipped_bytes; /* of it: the +OFFSET */
    char letter;            /* u i x f; 0: not given */
    unsigned width_bytes;   /* of one element */
    uint64_t count;         /* elements; 0: not given */
};

/* Parses text[0..len). Prints nothing; false with a sentence in diag and its exit code's status. */
enum dpusim_status place_parse(struct place *place, const char *text, size_t len,
                               const struct isa_program *program, struct isa_diag *diag);
/* The type alone: "u32", "x8", "f64[10]"; changes the text. */
enum dpusim_status place_parse_type(struct place *place, char *text, struct isa_diag *diag);
void place_free(struct place *place);
/* Fills in type and count for showing and checks the bounds. */
enum dpusim_status place_settle(struct place *place, const struct sim_dpu *dpu,
                                struct isa_diag *diag);
/* Writes "1,2,3" or "@FILE". */
enum dpusim_status place_write(struct place *place, struct sim_dpu *dpu, const char *value,
                               struct isa_diag *diag);
/* The values as text, separated by spaces, or as a JSON array. */
enum dpusim_status place_print(const struct place *place, const struct sim_dpu *dpu, FILE *out,
                               struct isa_diag *diag);
enum dpusim_status place_json(const struct place *place, const struct sim_dpu *dpu,
                              struct json *json, const char *key, struct isa_diag *diag);

#endif
