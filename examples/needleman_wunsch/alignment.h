/* SPDX-License-Identifier: MIT */
/* What kernel and host agree on: pairs of sequences of letters and the values of an alignment. */
#ifndef ALIGNMENT_H
#define ALIGNMENT_H

#include <stdint.h>

#define LENGTH     128 /* letters of a sequence */
#define MOST_PAIRS (1 << 16)

#define MATCH    1  /* two equal letters */
#define MISMATCH -1 /* two different letters */
#define GAP      -2 /* a letter without a partner */

struct pair {
    char a[LENGTH], b[LENGTH];
};

#endif
