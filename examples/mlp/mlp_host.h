/* SPDX-License-Identifier: MIT */
/* A neural network: every DPU has some neurons of each layer. The host collects the output of a
 * layer and sends all of it to all DPUs as the input of the next. A layer_*.h before it says what a
 * value is. */
#ifndef MLP_HOST_H
#define MLP_HOST_H

#include <string.h>

#include "host.h"
#include "network.h"

typedef value_t layer_weights[WIDTH][WIDTH];

static void make_weights(layer_weights *weights)
{
    uint32_t state = 1;
    for (uint32_t i = 0; i < LAYERS * WIDTH * WIDTH; i++)
        weights[i / (WIDTH * WIDTH)][i / WIDTH % WIDTH][i % WIDTH] =
            weight_of(random_number(&state));
}

/* The rows of the DPU's neurons of each layer; DPUs after the last neuron get none. */
static void send_weights(struct job *job, layer_weights *weights, uint32_t share)
{
    uint32_t *parts = parts_of(WIDTH, share, job->nr_dpus), i;
    struct dpu_set_t dpu;
    scatter(job, "neurons", parts, sizeof *parts);
    DPU_FOREACH (job->set, dpu, i) {
        for (uint32_t layer = 0; layer < LAYERS && parts[i] > 0; layer++)
            DPU_ASSERT(dpu_copy_to(dpu, "weights", layer * sizeof *weights,
                                   weights[layer][i * share], parts[i] * sizeof weights[0][0]));
    }
    free(parts);
}

/* `outputs` has room for share neurons of every DPU. */
static void run_there(struct job *job, value_t *values, uint32_t share, value_t *outputs)
{
    for (uint32_t layer = 0; layer < LAYERS; layer++) {
        broadcast(job, "layer", &layer, sizeof layer);
        broadcast(job, "input", values, WIDTH * sizeof *values);
        launch(job);
        gather(job, "output", outputs, share * sizeof *outputs);
        memcpy(values, outputs, WIDTH * sizeof *values);
    }
}

static void run_here(layer_weights *weights, value_t *values)
{
    for (uint32_t layer = 0; layer < LAYERS; layer++) {
        value_t outputs[WIDTH];
        for (uint32_t neuron = 0; neuron < WIDTH; neuron++) {
            sum_t sum = 0;
            for (uint32_t i = 0; i < WIDTH; i++)
                sum += weights[layer][neuron][i] * values[i];
            outputs[neuron] = activation(sum);
        }
        memcpy(values, outputs, WIDTH * sizeof *values);
    }
}

int main(int argc, char **argv)
{
    struct job job = start_job(argc, argv, USUAL_INPUTS, "INPUTS");
    uint32_t share = share_of(WIDTH, job.nr_dpus, GROUP), state = 2, right = 0;
    layer_weights *weights = allocate(LAYERS, sizeof *weights);
    value_t *outputs = allocate((size_t)share * job.nr_dpus, sizeof *outputs);
    value_t got[WIDTH], wanted[WIDTH];
    make_weights(weights);
    send_weights(&job, weights, share);
    for (uint32_t n = 0; n < job.size; n++) {
        for (uint32_t i = 0; i < WIDTH; i++)
            got[i] = wanted[i] = input_of(random_number(&state));
        run_there(&job, got, share, outputs);
        run_here(weights, wanted);
        for (uint32_t i = 0; i < WIDTH; i++)
            right += is_right(got[i], wanted[i]);
    }
    free(weights);
    free(outputs);
    return finish_job(&job, "outputs", right, job.size * WIDTH);
}

#endif
