/* SPDX-License-Identifier: MIT */
/* What the library offers to itself and to tools; kernels need none of it. */
#ifndef DPU_RUNTIME_H
#define DPU_RUNTIME_H

#include <attributes.h>
#include <dpuconst.h>
#include <dpufault.h>
#include <macro_utils.h>
#include <stdint.h>

/* Stop the DPU with fault `code`, a number or a macro of dpufault.h. */
#define __fault(code) __asm__ volatile("fault " __STR(code) : : : "memory")

/* Next free byte of the heap; its start and its end are symbols of the linker. */
extern uint32_t __sys_heap_pointer;
extern uint8_t __sys_heap_pointer_reset[], __sys_heap_pointer_end[];
/* Entry t: who waits behind tasklet t. */
extern uint8_t __sys_wq_table[];
/* Per tasklet: size and start of its stack. */
extern uint32_t __sys_thread_stack_table_ptr[][2];

#endif
