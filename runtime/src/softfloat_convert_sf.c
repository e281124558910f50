/* SPDX-License-Identifier: MIT */
/* Conversions between integers and float. */
#define FLOAT_BITS 32
#include "softfloat_convert.inc"
