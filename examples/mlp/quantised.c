/* SPDX-License-Identifier: MIT */
/* A neural network with 8-bit weights, DPU side. */
#include "layer_quantised.h"

#include "mlp_kernel.h"
