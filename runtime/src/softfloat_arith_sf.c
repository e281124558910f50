/* SPDX-License-Identifier: MIT */
/* Arithmetic of float. */
#define FLOAT_BITS 32
#include "softfloat_arith.inc"
