/* SPDX-License-Identifier: MIT */
#ifndef DPU_STDDEF_H
#define DPU_STDDEF_H

typedef __SIZE_TYPE__ size_t;
typedef __PTRDIFF_TYPE__ ptrdiff_t;
#ifndef __cplusplus
typedef __WCHAR_TYPE__ wchar_t; /* what a text L"..." consists of */
#endif
typedef struct {
    long long whole;
    double floating;
} max_align_t;

#undef NULL
#define NULL                   ((void *)0)
#define offsetof(type, member) __builtin_offsetof(type, member)

#endif
