/* SPDX-License-Identifier: MIT */
/* Conversions between integers and double. */
#define FLOAT_BITS 64
#include "softfloat_convert.inc"
