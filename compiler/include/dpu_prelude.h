/* SPDX-License-Identifier: MIT */
/* Included before every C source by dpu-upmem-dpurte-clang: makes the front end's target look like
 * the DPU. The three functions are no functions: the code generator emits instructions. */
#ifndef DPU_PRELUDE_H
#define DPU_PRELUDE_H
#pragma GCC system_header

#define __DPU__ 1
#define __DPU   1
#ifndef __STRICT_ANSI__
#define DPU 1
#endif

#ifndef __ASSEMBLER__
#ifdef __cplusplus
extern "C" {
#endif
unsigned __dpu_tid(void) __attribute__((const, nothrow));
void __dpu_ldma(void *wram, const __attribute__((address_space(255))) void *mram, unsigned n)
    __attribute__((nothrow));
void __dpu_sdma(const void *wram, __attribute__((address_space(255))) void *mram, unsigned n)
    __attribute__((nothrow));
#ifdef __cplusplus
}
#endif
#define __builtin_dpu_tid()                  __dpu_tid()
#define __builtin_dpu_ldma(to, from, length) __dpu_ldma(to, from, length)
#define __builtin_dpu_sdma(from, to, length) __dpu_sdma(from, to, length)
#endif

#endif
