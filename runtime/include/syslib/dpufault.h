/* SPDX-License-Identifier: MIT */
/* Numbers of the faults that the library raises. */
#ifndef DPU_FAULT_H
#define DPU_FAULT_H

#define __FAULT_ALLOC_HEAP_FULL__       1
#define __FAULT_DIVISION_BY_ZERO__      2
#define __FAULT_ASSERT_FAILURE__        3
#define __FAULT_HALT__                  4
#define __FAULT_PRINTF_OVERFLOW__       5
#define __FAULT_ALREADY_PROFILING__     6
#define __FAULT_NOT_PROFILING__         7
#define __FAULT_MRAM_UNALIGNED__        8
#define __FAULT_COUNTER_CONFIGURATION__ 9

/* Another name of the last one. */
#define __FAULT_PFM_COUNTER_INCOMPATIBILITY__ 9

#endif
