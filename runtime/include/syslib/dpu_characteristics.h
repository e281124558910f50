/* SPDX-License-Identifier: MIT */
/* The chip versions. */
#ifndef DPU_CHARACTERISTICS_H
#define DPU_CHARACTERISTICS_H

#if defined(__dpu_v1B__)
#define DPU_NR_THREADS          16
#define DPU_IRAM_SIZE           31744
#define DPU_WRAM_SIZE           63488
#define DPU_NR_ATOMIC_BITS      64
#define DPU_NR_USER_ATOMIC_BITS 64
#else
#define DPU_NR_THREADS          24
#define DPU_IRAM_SIZE           32768
#define DPU_WRAM_SIZE           65536
#define DPU_NR_ATOMIC_BITS      256
#define DPU_NR_USER_ATOMIC_BITS 56
#endif
#define DPU_MRAM_SIZE 67108864

#endif
