/* SPDX-License-Identifier: MIT */
/* Differences that `dpusim diff` has found: the first ones are shown, all are counted. */
#ifndef TOOL_DIFF_H
#define TOOL_DIFF_H

#include "dpusim.h"
#include "json.h"

struct diff {
    uint64_t most; /* to show */
    bool quiet;
    struct json *json; /* NULL: text */
    uint64_t found, bytes;
    struct diff_count { /* differing bytes of a symbol, in the order in which they were met */
        char *name;
        uint64_t bytes;
    } * counts;
    size_t n_counts;
};

/* One difference. what: "WRAM table[2].x". Texts are borrowed. */
void diff_add(struct diff *diff, const char *what, const char *left, const char *right);
void diff_count(struct diff *diff, const char *symbol, uint64_t bytes);
/* The bytes [from, end) of a memory. */
void diff_memory(struct diff *diff, const struct sim_dpu *a, const struct sim_dpu *b,
                 enum isa_memory memory, uint32_t from, uint32_t end);
/* Memories, tasklets, atomic bits, fault, log. */
void diff_dpus(struct diff *diff, const struct sim_dpu *a, const struct sim_dpu *b);
/* Two JSON texts; false after a message: one is none. */
bool diff_json(struct diff *diff, const char *const paths[2], const struct isa_bytes texts[2]);

#endif
