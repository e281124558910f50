/* SPDX-License-Identifier: MIT */
/* Weights in 32-bit floating point: each sum and product is a call of the run-time library. */
#ifndef LAYER_FLOAT_H
#define LAYER_FLOAT_H

#include <stdbool.h>
#include <stdint.h>

typedef float value_t, sum_t;

enum { GROUP = 2, USUAL_INPUTS = 1 }; /* neurons of one transfer of eight bytes */

/* Negative sums become 0. */
static inline value_t activation(sum_t sum)
{
    return sum > 0 ? sum : 0;
}

static inline value_t weight_of(uint32_t random)
{
    return ((float)(random % 2000) - 900) / 8000;
}

static inline value_t input_of(uint32_t random)
{
    return (float)(random % 1000) / 1000;
}

/* The DPU rounds every sum and product; a host may fuse the two. */
static inline bool is_right(value_t got, value_t wanted)
{
    float difference = got > wanted ? got - wanted : wanted - got;
    return difference <= 1e-4f * (1 + wanted);
}

#endif
