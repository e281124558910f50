/* SPDX-License-Identifier: MIT */
/* Weights of 8 bits: their products are one instruction of the DPU. */
#ifndef LAYER_QUANTISED_H
#define LAYER_QUANTISED_H

#include <stdbool.h>
#include <stdint.h>

typedef int8_t value_t;
typedef int32_t sum_t;

enum { GROUP = 8, USUAL_INPUTS = 5 }; /* neurons of one transfer of eight bytes */
enum { SHIFT = 11 };                  /* a neuron's sum is divided by 2^SHIFT */

/* Negative sums become 0, others are scaled back to 8 bits. */
static inline value_t activation(sum_t sum)
{
    sum_t scaled = sum >> SHIFT;
    if (sum < 0)
        return 0;
    return scaled > INT8_MAX ? INT8_MAX : (value_t)scaled;
}

static inline value_t weight_of(uint32_t random)
{
    return (value_t)(random % 256 - 120);
}

static inline value_t input_of(uint32_t random)
{
    return (value_t)(random % 128);
}

static inline bool is_right(value_t got, value_t wanted)
{
    return got == wanted;
}

#endif
