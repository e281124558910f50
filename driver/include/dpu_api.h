/* SPDX-License-Identifier: MIT */
/* What every header of the host API shares: the mark of an exported function. libdpu.so is built
 * with hidden visibility and exports exactly the functions that carry this mark. */
#ifndef DPUSIM_DPU_API_H
#define DPUSIM_DPU_API_H

#define DPU_API_EXPORT __attribute__((visibility("default")))

#endif
