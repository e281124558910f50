/* SPDX-License-Identifier: MIT */
/* A neural network with 8-bit weights, host side.
 *
 *   usage: host_quantised KERNEL [NUMBER OF DPUS [NUMBER OF INPUTS]] */
#include "layer_quantised.h"

#include "mlp_host.h"
