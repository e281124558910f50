/* SPDX-License-Identifier: MIT */
/* What kernel and host agree on. */
#ifndef TIME_SERIES_H
#define TIME_SERIES_H

#include <stdint.h>

#define WINDOW 64        /* samples of the pattern */
#define MOST   (1 << 20) /* positions on one DPU */

/* Where the pattern fits best, and the sum of the squared differences there. */
struct match {
    uint32_t position, distance;
};

#endif
