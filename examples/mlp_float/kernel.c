/* SPDX-License-Identifier: MIT */
/* Some neurons of a layer of a neural network, floating-point weights: each sum and product is a
 * call of the run-time library. See mlp_quantised for the faster way.
 *
 * The host writes the weights of all layers once; before each launch the layer's number and its
 * input. A tasklet computes two neurons at a time, the smallest transfer of output. */
#include <defs.h>
#include <mram.h>
#include <stdint.h>

#include "layer.h"

enum { GROUP = 2 };

__mram_noinit float weights[LAYERS][WIDTH][WIDTH];
__mram_noinit float output[WIDTH];
__host float input[WIDTH];
__host uint32_t layer, neurons; /* neurons of this DPU */

static __dma_aligned float buffers[NR_TASKLETS][WIDTH];

static float run_neuron(uint32_t neuron)
{
    const float *row = buffers[me()];
    float sum = 0;
    mram_read(weights[layer][neuron], buffers[me()], sizeof buffers[0]);
    for (uint32_t i = 0; i < WIDTH; i++)
        sum += row[i] * input[i];
    return activation(sum);
}

int main(void)
{
    for (uint32_t first = me() * GROUP; first < neurons; first += NR_TASKLETS * GROUP) {
        __dma_aligned float group[GROUP];
        for (uint32_t i = 0; i < GROUP; i++)
            group[i] = run_neuron(first + i);
        mram_write(group, &output[first], sizeof group);
    }
    return 0;
}
