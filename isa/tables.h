/* SPDX-License-Identifier: MIT */
/* Shapes of the generated tables (isa_tables.inc). Private to isa/. */
#ifndef ISA_TABLES_H
#define ISA_TABLES_H

#include "isa.h"

/* `width` bits of a field from bit field_lsb on stand in the word from bit insn_lsb on. */
struct isa_run {
    uint8_t field_lsb, insn_lsb, width;
};

struct isa_field {
    uint8_t width, n_runs;
    uint64_t mask;
    struct isa_run runs[16];
};

/* Decoder: look at (word >> shift) & mask; edges[first + that] is a node, or with bit 15 set a run
 * of forms in the leaves, ended by ISA_FORM_COUNT. */
struct isa_node {
    uint8_t shift, mask;
    uint16_t first;
};

struct isa_decoder {
    const struct isa_node *nodes;
    const uint16_t *edges, *leaves;
};

extern const struct isa_decoder isa_decoder;

#endif
