/* SPDX-License-Identifier: MIT */
/* Arithmetic of double. */
#define FLOAT_BITS 64
#include "softfloat_arith.inc"
