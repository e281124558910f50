/* SPDX-License-Identifier: MIT */
/* Some neurons of a layer of a neural network; a layer_*.h before it says what a value is.
 *
 * The host writes the weights of all layers once; before each launch the layer's number and its
 * input. A tasklet computes GROUP neurons at a time, the smallest transfer of output. */
#ifndef MLP_KERNEL_H
#define MLP_KERNEL_H

#include <defs.h>
#include <mram.h>
#include <stdint.h>

#include "network.h"

__mram_noinit value_t weights[LAYERS][WIDTH][WIDTH];
__mram_noinit value_t output[WIDTH];
__host value_t input[WIDTH];
__host uint32_t layer, neurons; /* neurons of this DPU */

static __dma_aligned value_t buffers[NR_TASKLETS][WIDTH];

static value_t run_neuron(uint32_t neuron)
{
    const value_t *row = buffers[me()];
    sum_t sum = 0;
    mram_read(weights[layer][neuron], buffers[me()], sizeof buffers[0]);
    for (uint32_t i = 0; i < WIDTH; i++)
        sum += row[i] * input[i];
    return activation(sum);
}

int main(void)
{
    for (uint32_t first = me() * GROUP; first < neurons; first += NR_TASKLETS * GROUP) {
        __dma_aligned value_t group[GROUP];
        for (uint32_t i = 0; i < GROUP; i++)
            group[i] = run_neuron(first + i);
        mram_write(group, &output[first], sizeof group);
    }
    return 0;
}

#endif
