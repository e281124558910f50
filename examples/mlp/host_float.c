/* SPDX-License-Identifier: MIT */
/* A neural network with floating-point weights, host side.
 *
 *   usage: host_float KERNEL [NUMBER OF DPUS [NUMBER OF INPUTS]] */
#include "layer_float.h"

#include "mlp_host.h"
