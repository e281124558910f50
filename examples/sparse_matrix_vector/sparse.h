/* SPDX-License-Identifier: MIT */
/* What kernel and host agree on: compressed rows. Row r has the entries first_entry[r] to
 * first_entry[r + 1] - 1. */
#ifndef SPARSE_H
#define SPARSE_H

#include <stdint.h>

#define COLUMNS      4096
#define MOST_ROWS    (1 << 18) /* of one DPU */
#define MOST_ENTRIES (1 << 21)

struct entry {
    uint32_t column;
    int32_t value;
};

#endif
