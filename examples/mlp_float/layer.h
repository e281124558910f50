/* SPDX-License-Identifier: MIT */
/* What kernel and host agree on: layers of WIDTH neurons with weights in 32-bit floating point. */
#ifndef LAYER_H
#define LAYER_H

#define LAYERS 3
#define WIDTH  256 /* inputs and neurons of a layer; a row of weights is one DMA transfer */

/* Negative sums become 0. */
static inline float activation(float sum)
{
    return sum > 0 ? sum : 0;
}
#endif
