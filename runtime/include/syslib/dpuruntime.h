/* SPDX-License-Identifier: MIT */
/* What the library offers to itself, to tools, and to kernels that bring primitives of their own.
 */
#ifndef DPU_RUNTIME_H
#define DPU_RUNTIME_H

#include <attributes.h>
#include <built_ins.h>
#include <dpuconst.h>
#include <dpufault.h>
#include <macro_utils.h>
#include <stddef.h>
#include <stdint.h>

/* Stop the DPU with fault `code`, a number or a macro of dpufault.h. */
#define __fault(code) __asm__ volatile("fault " __STR(code) : : : "memory")

/* Places for instructions that may jump. */
#define __AT_THIS_INSTRUCTION "."
#define __AT_NEXT_INSTRUCTION ". + 1"

/* The lock bit of number base + offset; offsets are texts, "0". Spins. */
#define __acquire(base, offset) __builtin_acquire_rici(base, offset, "nz", __AT_THIS_INSTRUCTION)
/* Gives it back and goes on at the place. */
#define __release(base, offset, place) __builtin_release_rici(base, offset, "nz", place)

/* Wake tasklet base + offset; spins until it has really stopped. */
#define __resume(base, offset) __builtin_resume_rici(base, offset, "nz", __AT_THIS_INSTRUCTION)
/* Sleep until another tasklet resumes this one; there, or at a label. */
#define __stop()         __builtin_stop_ci("false", "0")
#define __stop_at(label) __builtin_stop_ci("true", label)

#ifndef likely
#define likely(x) __builtin_expect((x), 1)
#endif
#ifndef unlikely
#define unlikely(x) __builtin_expect((x), 0)
#endif
#ifndef unreachable
#define unreachable() __builtin_unreachable()
#endif
#define count_leading_zeros(x) __builtin_clz(x)
#define count_population(x)    __builtin_popcount(x)

#define __INITIAL_HEAP_POINTER __sys_heap_pointer_reset
#define __HEAP_POINTER         __sys_heap_pointer
#define __WAIT_QUEUE_TABLE     __sys_wq_table
#define __SP_TABLE__           __sys_thread_stack_table_ptr

/* Next free byte of the heap; its start and its end are symbols of the linker. */
extern volatile unsigned int __sys_heap_pointer;
extern unsigned int __sys_heap_pointer_reset;
extern uint8_t __sys_heap_pointer_end[];
/* mem_alloc for who holds the bit __heap_pointer: ATOMIC_BIT_EXTERN(__heap_pointer). */
void *mem_alloc_nolock(size_t size);
/* Entry t: who waits behind tasklet t. */
extern unsigned char __sys_wq_table[];
/* Per tasklet. */
typedef struct {
    uint32_t stack_size;
    uint32_t stack_ptr;
} thread_stack_t;
extern thread_stack_t __sys_thread_stack_table_ptr[];

#endif
