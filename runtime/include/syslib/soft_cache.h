/* SPDX-License-Identifier: MIT */
/* Direct access to variables in MRAM goes through 8 bytes of WRAM per tasklet. */
#ifndef DPU_SOFT_CACHE_H
#define DPU_SOFT_CACHE_H

#include <stdint.h>

extern uint64_t __sw_cache_buffer[];

#endif
