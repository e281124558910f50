/* SPDX-License-Identifier: MIT */
/* A neural network with floating-point weights: every DPU has some neurons of each layer. The host
 * collects the output of a layer and sends all of it to all DPUs as the input of the next.
 *
 *   usage: host KERNEL [NUMBER OF DPUS [NUMBER OF INPUTS]] */
#include <string.h>

#include "../common/host.h"
#include "layer.h"

typedef float layer_weights[WIDTH][WIDTH];

static void make_weights(layer_weights *weights)
{
    uint32_t state = 1;
    for (uint32_t i = 0; i < LAYERS * WIDTH * WIDTH; i++)
        weights[i / (WIDTH * WIDTH)][i / WIDTH % WIDTH][i % WIDTH] =
            ((float)(random_number(&state) % 2000) - 900) / 8000;
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
static void run_there(struct job *job, float *values, uint32_t share, float *outputs)
{
    for (uint32_t layer = 0; layer < LAYERS; layer++) {
        broadcast(job, "layer", &layer, sizeof layer);
        broadcast(job, "input", values, WIDTH * sizeof *values);
        launch(job);
        gather(job, "output", outputs, share * sizeof *outputs);
        memcpy(values, outputs, WIDTH * sizeof *values);
    }
}

static void run_here(layer_weights *weights, float *values)
{
    for (uint32_t layer = 0; layer < LAYERS; layer++) {
        float outputs[WIDTH];
        for (uint32_t neuron = 0; neuron < WIDTH; neuron++) {
            float sum = 0;
            for (uint32_t i = 0; i < WIDTH; i++)
                sum += weights[layer][neuron][i] * values[i];
            outputs[neuron] = activation(sum);
        }
        memcpy(values, outputs, WIDTH * sizeof *values);
    }
}

/* The DPU rounds every sum and product; a host may fuse the two. */
static bool is_near(float got, float wanted)
{
    float difference = got > wanted ? got - wanted : wanted - got;
    return difference <= 1e-4f * (1 + wanted);
}

int main(int argc, char **argv)
{
    struct job job = start_job(argc, argv, 1, "INPUTS");
    uint32_t share = share_of(WIDTH, job.nr_dpus, 2), state = 2, right = 0;
    layer_weights *weights = allocate(LAYERS, sizeof *weights);
    float *outputs = allocate((size_t)share * job.nr_dpus, sizeof *outputs), got[WIDTH],
          wanted[WIDTH];
    make_weights(weights);
    send_weights(&job, weights, share);
    for (uint32_t n = 0; n < job.size; n++) {
        for (uint32_t i = 0; i < WIDTH; i++)
            got[i] = wanted[i] = (float)(random_number(&state) % 1000) / 1000;
        run_there(&job, got, share, outputs);
        run_here(weights, wanted);
        for (uint32_t i = 0; i < WIDTH; i++)
            right += is_near(got[i], wanted[i]);
    }
    free(weights);
    free(outputs);
    return finish_job(&job, "outputs", right, job.size * WIDTH);
}
