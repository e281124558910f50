/* SPDX-License-Identifier: MIT */
/* memcpy and kin with MRAM on one side or on both (w: WRAM, m: MRAM; first letter: destination);
 * the compiler calls them for assignments and memory functions on __mram_ptr. Any address, any
 * size. */
#ifndef DPU_MEMMRAM_UTILS_H
#define DPU_MEMMRAM_UTILS_H

#include <attributes.h>
#include <stddef.h>

void *__memcpy_wm(void *to, const __mram_ptr void *from, size_t size);
__mram_ptr void *__memcpy_mw(__mram_ptr void *to, const void *from, size_t size);
__mram_ptr void *__memcpy_mm(__mram_ptr void *to, const __mram_ptr void *from, size_t size);
__mram_ptr void *__memmove_mm(__mram_ptr void *to, const __mram_ptr void *from, size_t size);
__mram_ptr void *__memset_mram(__mram_ptr void *area, int c, size_t size);
/* Address and size are multiples of 8. */
__mram_ptr void *__memset_mram_8align(__mram_ptr void *area, int c, size_t size);

/* WRAM; addresses and size are multiples of 4. */
void *__memcpy_wram_4align(void *to, const void *from, size_t size);
void *__memset_wram_4align(void *area, int c, size_t size);

#endif
