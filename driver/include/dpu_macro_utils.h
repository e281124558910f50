/* SPDX-License-Identifier: MIT */
/* Preprocessor helpers of the host API.
 * Source: documented, SDK 2025.1 dpu_macro_utils.h (names only). */
#ifndef DPUSIM_DPU_MACRO_UTILS_H
#define DPUSIM_DPU_MACRO_UTILS_H

/* One token from two, both expanded first. Use: _CONCAT(name_, __LINE__) */
#define _CONCAT(a, b)            DPU_CONCAT_TOKENS_(a, b)
#define DPU_CONCAT_TOKENS_(a, b) a##b

/* String literal of the expanded argument. Use: _STR(EM_DPU) */
#define _STR(x)                  DPU_STRING_OF_TOKENS_(x)
#define DPU_STRING_OF_TOKENS_(x) #x

/* The ninth argument: chooses a macro by the number of arguments in front of it. */
#define DPU_NINTH_ARGUMENT_(a1, a2, a3, a4, a5, a6, a7, a8, a9, ...) a9

#endif
