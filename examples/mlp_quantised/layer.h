/* SPDX-License-Identifier: MIT */
/* What kernel and host agree on: layers of WIDTH neurons with 8-bit weights. */
#ifndef LAYER_H
#define LAYER_H

#include <stdint.h>

#define LAYERS 3
#define WIDTH  256 /* inputs and neurons of a layer; a row of weights is one DMA transfer */
#define SHIFT  11  /* a neuron's sum is divided by 2^SHIFT */

/* Negative sums become 0, others are scaled back to 8 bits. */
static inline int8_t activation(int32_t sum)
{
    int32_t scaled = sum >> SHIFT;
    if (sum < 0)
        return 0;
    return scaled > INT8_MAX ? INT8_MAX : (int8_t)scaled;
}

#endif
