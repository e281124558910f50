/* SPDX-License-Identifier: MIT */
/* Chip identifiers. 0-8 are first-generation chips (v1A), 66-72 second-generation ones (v1B).
 * Source: documented, SDK 2025.1 dpu_chip_id.h. */
#ifndef DPUSIM_DPU_CHIP_ID_H
#define DPUSIM_DPU_CHIP_ID_H

#ifdef __cplusplus
extern "C" {
#endif

#ifndef __MAYBE_UNUSED__
#define __MAYBE_UNUSED__ __attribute__((unused))
#endif

/* Number of known chip identifiers, and the index of an unknown one. */
#define NEXT_DPU_CHIP_IDX 16

typedef enum _dpu_chip_id_e {
    vD = 0,
    vD_cas = 1,
    vD_fun = 2,
    vD_asic1 = 3,
    vD_asic8 = 4,
    vD_fpga1 = 5,
    vD_fpga8 = 6,
    vD_asic4 = 7,
    vD_fpga4 = 8,
    vD_fun_v1_4 = 66,
    vD_asic1_v1_4 = 67,
    vD_asic8_v1_4 = 68,
    vD_fpga1_v1_4 = 69,
    vD_fpga8_v1_4 = 70,
    vD_asic4_v1_4 = 71,
    vD_fpga4_v1_4 = 72
} dpu_chip_id_e;

/* Dense index of a chip identifier: 0..8, then 9..15 for vD_fun_v1_4 and up; NEXT_DPU_CHIP_IDX for
 * any other value. */
__MAYBE_UNUSED__ static inline unsigned int chip_id_to_idx(dpu_chip_id_e chip_id)
{
    const unsigned int id = (unsigned int)chip_id;

    if (id <= (unsigned int)vD_fpga4)
        return id;
    if (id >= (unsigned int)vD_fun_v1_4 && id <= (unsigned int)vD_fpga4_v1_4)
        return id - (unsigned int)vD_fun_v1_4 + (unsigned int)vD_fpga4 + 1;
    return NEXT_DPU_CHIP_IDX;
}

#ifdef __cplusplus
}
#endif

#endif
