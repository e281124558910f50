/* SPDX-License-Identifier: MIT */
/* Some neurons of a layer of a neural network, 8-bit weights: 8-bit products are one instruction of
 * the DPU. See mlp_float for what 32-bit floating point costs.
 *
 * The host writes the weights of all layers once; before each launch the layer's number and its
 * input. A tasklet computes eight neurons at a time, which are one transfer of output. */
#include <defs.h>
#include <mram.h>
#include <stdint.h>

#include "layer.h"

enum { GROUP = 8 };

__mram_noinit int8_t weights[LAYERS][WIDTH][WIDTH];
__mram_noinit int8_t output[WIDTH];
__host int8_t input[WIDTH];
__host uint32_t layer, neurons; /* neurons of this DPU */

static __dma_aligned int8_t buffers[NR_TASKLETS][WIDTH];

static int8_t run_neuron(uint32_t neuron)
{
    const int8_t *row = buffers[me()];
    int32_t sum = 0;
    mram_read(weights[layer][neuron], buffers[me()], WIDTH);
    for (uint32_t i = 0; i < WIDTH; i++)
        sum += row[i] * input[i];
    return activation(sum);
}

int main(void)
{
    for (uint32_t first = me() * GROUP; first < neurons; first += NR_TASKLETS * GROUP) {
        __dma_aligned int8_t group[GROUP];
        for (uint32_t i = 0; i < GROUP; i++)
            group[i] = run_neuron(first + i);
        mram_write(group, &output[first], sizeof group);
    }
    return 0;
}
