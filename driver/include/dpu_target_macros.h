/* SPDX-License-Identifier: MIT */
/* How a rank number is composed: allocator's number in the low bits, kind of target above.
 * Source: documented, SDK 2025.1 dpu_target_macros.h. */
#ifndef DPUSIM_DPU_TARGET_MACROS_H
#define DPUSIM_DPU_TARGET_MACROS_H

#define DPU_TARGET_LOG2_SIZE 4     /* bits of the kind of target */
#define DPU_TARGET_SHIFT     12    /* position of the kind of target in a rank number */
#define DPU_TARGET_MASK      0xfff /* the allocator's number in a rank number */

#endif
