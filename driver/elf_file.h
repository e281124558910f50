/* SPDX-License-Identifier: MIT */
/* What stands behind dpu_elf_file_t. Private to driver/. */
#ifndef DRIVER_ELF_FILE_H
#define DRIVER_ELF_FILE_H

#include "driver.h"

struct drv_elf {
    struct isa_program *program;
    struct isa_bytes image; /* the file */
    uint8_t *own;           /* the same bytes, when they are ours to free */
    bool is_core;
};

#endif
