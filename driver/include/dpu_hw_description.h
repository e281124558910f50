/* SPDX-License-Identifier: MIT */
/* What a rank is made of: chip, clock, topology, memory sizes.
 * Source: documented, SDK 2025.1 dpu_hw_description.h. */
#ifndef DPUSIM_DPU_HW_DESCRIPTION_H
#define DPUSIM_DPU_HW_DESCRIPTION_H

#include <stdint.h>

#include "dpu_chip_id.h"
#include "dpu_types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dpu_hw_description_t {
    struct {
        dpu_chip_id_e chip_id;
    } signature;

    struct {
        struct dpu_carousel_config carousel;
        uint32_t fck_frequency_in_mhz; /* before division */
        uint8_t reset_wait_duration;
        uint8_t std_temperature; /* degrees Celsius */
        uint8_t clock_division;  /* DPU clock = fck_frequency_in_mhz / clock_division */
    } timings;

    struct {
        uint8_t nr_of_control_interfaces;
        uint8_t nr_of_dpus_per_control_interface;
        dpu_ci_bitfield_t ci_mask;
    } topology;

    struct {
        mram_size_t mram_size; /* bytes */
        wram_size_t wram_size; /* words */
        iram_size_t iram_size; /* instructions */
        uint8_t ci_pc_lsb_nr_phys_bits;
    } memories;

    struct {
        struct dpu_bit_config pcb_transformation;
        uint8_t nr_of_threads;
        uint32_t nr_of_atomic_bits;
        uint32_t nr_of_notify_bits;
        uint8_t nr_of_work_registers_per_thread;
    } dpu;
};

#ifdef __cplusplus
}
#endif

#endif
