/* SPDX-License-Identifier: MIT */
/* The size of the network, for kernels and hosts. */
#ifndef NETWORK_H
#define NETWORK_H

#define LAYERS 3
#define WIDTH  256 /* inputs and neurons of a layer; a row of weights is one DMA transfer */

#endif
