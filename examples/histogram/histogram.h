/* SPDX-License-Identifier: MIT */
/* What the kernels and the host agree on. */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#define BINS        256
#define MOST_PIXELS (1 << 22) /* of one DPU */
#define BLOCK       512       /* pixels of a DMA transfer */

#endif
