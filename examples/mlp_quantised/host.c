/* SPDX-License-Identifier: MIT */
/* A neural network with 8-bit weights: every DPU has some neurons of each layer. The host collects
 * the output of a layer and sends all of it to all DPUs as the input of the next.
 *
 *   usage: host KERNEL [NUMBER OF DPUS [NUMBER OF INPUTS]] */
#include <string.h>

#include "../common/host.h"
#include "layer.h"

typedef int8_t layer_weights[WIDTH][WIDTH];

static void make_weights(layer_weights *weights)
{
    uint32_t state = 1;
    for (uint32_t i = 0; i < LAYERS * WIDTH * WIDTH; i++)
        weights[i / (WIDTH * WIDTH)][i / WIDTH % WIDTH][i % WIDTH] =
            (int8_t)(random_number(&state) % 256 - 120);
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
                                   weights[layer][i * share], parts[i] * WIDTH));
    }
    free(parts);
}

/* `outputs` has room for share neurons of every DPU. */
static void run_there(struct job *job, int8_t *values, uint32_t share, int8_t *outputs)
{
    for (uint32_t layer = 0; layer < LAYERS; layer++) {
        broadcast(job, "layer", &layer, sizeof layer);
        broadcast(job, "input", values, WIDTH);
        launch(job);
        gather(job, "output", outputs, share);
        memcpy(values, outputs, WIDTH);
    }
}

static void run_here(layer_weights *weights, int8_t *values)
{
    for (uint32_t layer = 0; layer < LAYERS; layer++) {
        int8_t outputs[WIDTH];
        for (uint32_t neuron = 0; neuron < WIDTH; neuron++) {
            int32_t sum = 0;
            for (uint32_t i = 0; i < WIDTH; i++)
                sum += weights[layer][neuron][i] * values[i];
            outputs[neuron] = activation(sum);
        }
        memcpy(values, outputs, WIDTH);
    }
}

int main(int argc, char **argv)
{
    struct job job = start_job(argc, argv, 5, "INPUTS");
    uint32_t share = share_of(WIDTH, job.nr_dpus, 8), state = 2, right = 0;
    layer_weights *weights = allocate(LAYERS, sizeof *weights);
    int8_t *outputs = allocate((size_t)share * job.nr_dpus, 1), got[WIDTH], wanted[WIDTH];
    make_weights(weights);
    send_weights(&job, weights, share);
    for (uint32_t n = 0; n < job.size; n++) {
        for (uint32_t i = 0; i < WIDTH; i++)
            got[i] = wanted[i] = (int8_t)(random_number(&state) % 128);
        run_there(&job, got, share, outputs);
        run_here(weights, wanted);
        for (uint32_t i = 0; i < WIDTH; i++)
            right += got[i] == wanted[i];
    }
    free(weights);
    free(outputs);
    return finish_job(&job, "outputs", right, job.size * WIDTH);
}
