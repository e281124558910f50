/* SPDX-License-Identifier: MIT */
/* What every kernel needs: who am I, and how to stop. */
#ifndef DPU_DEFS_H
#define DPU_DEFS_H

#include <attributes.h>
#include <sysdef.h>

/* Number of the calling tasklet, from 0. One register read. */
static inline __part_of_caller sysname_t me(void)
{
    return __builtin_dpu_tid();
}

/* Stop the DPU with fault 4. */
static inline __part_of_caller _Noreturn void halt(void)
{
    __builtin_trap();
}

/* Bytes between the top of the caller's stack and its end; negative: it has overflown. */
int check_stack(void);

#endif
