/* SPDX-License-Identifier: MIT */
/* Transfers between WRAM and MRAM. Both addresses are multiples of 8, the size is a multiple of 8
 * from 8 to 2048. Wrong sizes are compile errors where the compiler knows them; at run time the
 * hardware drops the low three bits of addresses and takes the size modulo 2048. */
#ifndef DPU_MRAM_H
#define DPU_MRAM_H

#include <attributes.h>
#include <stdint.h>

/* The first byte of MRAM behind the program's own variables. */
extern __mram_ptr __dma_aligned uint8_t __sys_used_mram_end[0];
#define DPU_MRAM_HEAP_POINTER ((__mram_ptr void *)(&__sys_used_mram_end))

#define __MRAM_SIZE_RULES(size)                                                                    \
    __attribute__((diagnose_if((size) == 0, "transfer of 0 bytes", "error"),                       \
                   diagnose_if((size) > 2048, "transfer of more than 2048 bytes", "error"),        \
                   diagnose_if((size) % 8 != 0, "transfer size is not a multiple of 8", "error")))

static inline __part_of_caller void mram_read(const __mram_ptr void *from, void *to,
                                              unsigned int size) __MRAM_SIZE_RULES(size)
{
    __builtin_assume(size > 0 && size <= 2048 && size % 8 == 0);
    __builtin_dpu_ldma(to, from, size);
}

static inline __part_of_caller void mram_write(const void *from, __mram_ptr void *to,
                                               unsigned int size) __MRAM_SIZE_RULES(size)
{
    __builtin_assume(size > 0 && size <= 2048 && size % 8 == 0);
    __builtin_dpu_sdma(from, to, size);
}

#endif
