/* SPDX-License-Identifier: MIT */
/* What kernel and host agree on. */
#ifndef MATRIX_VECTOR_H
#define MATRIX_VECTOR_H

#define COLUMNS   256  /* of the matrix: a row of 1,024 bytes fits into one DMA transfer */
#define MOST_ROWS 8192 /* of one DPU */

#endif
