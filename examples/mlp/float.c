/* SPDX-License-Identifier: MIT */
/* A neural network with floating-point weights, DPU side. */
#include "layer_float.h"

#include "mlp_kernel.h"
