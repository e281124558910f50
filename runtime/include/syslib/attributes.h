/* SPDX-License-Identifier: MIT */
/* Where a variable lives and who may see it. */
#ifndef DPU_ATTRIBUTES_H
#define DPU_ATTRIBUTES_H

#include <macro_utils.h>

#ifndef __used
#define __used __attribute__((used))
#endif
#ifndef __noinline
#define __noinline __attribute__((noinline))
#endif
#ifndef __weak
#define __weak __attribute__((weak))
#endif
#ifndef __section
#define __section(name) __attribute__((section(name)))
#endif
#ifndef __aligned
#define __aligned(bytes) __attribute__((aligned(bytes)))
#endif

#ifndef DEPRECATED
#define DEPRECATED __attribute__((deprecated))
#endif
#ifndef __NO_RETURN
#define __NO_RETURN __attribute__((noreturn))
#endif

/* A function in a header: a fault in it, or its cost, is that of the line that calls it. */
#define __part_of_caller __attribute__((always_inline, nodebug))
/* Usable for DMA. */
#define __dma_aligned __aligned(8)
/* Not dropped by the linker. */
#define __keep __used __section(".data.__sys_keep")
/* In the first 2048 bytes of WRAM, where store-immediate instructions reach it. */
#define __lower_data(name) __used __section(".data.immediate_memory." name)
/* One lock bit per byte; its address is its number. */
#define __atomic_bit __section(".atomic")

#if defined(__DPU__)
/* Seen by the host under its name. */
#define __host __aligned(8) __used __section(".dpu_host")

/* In MRAM: a pointer to such a variable is an __mram_ptr. noinit: the content at load time is
 * undefined and costs nothing in the program file; keep: not dropped by the linker. */
#define __mram_ptr         __attribute__((address_space(255)))
#define __mram             __mram_ptr __section(".mram") __dma_aligned __used
#define __mram_noinit      __mram_ptr __section(".mram.noinit") __dma_aligned __used
#define __mram_keep        __mram_ptr __section(".mram.keep") __dma_aligned __used
#define __mram_noinit_keep __mram_ptr __section(".mram.noinit.keep") __dma_aligned __used
#else
/* Sources shared with a host program. */
#define __host
#define __mram_ptr
#define __mram
#define __mram_noinit
#define __mram_keep
#define __mram_noinit_keep
#endif

#endif
