/* SPDX-License-Identifier: MIT */
/* What kernel and host agree on. */
#ifndef TRANSPOSITION_H
#define TRANSPOSITION_H

#define TILE    16        /* rows and columns of a tile */
#define COLUMNS 512       /* of the matrix, a multiple of TILE */
#define MOST    (1 << 21) /* elements of one DPU */

#endif
