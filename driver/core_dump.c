/* SPDX-License-Identifier: MIT */
/* Core files of the SDK's calls: .data, .text and .mram hold whole memories, .regs the serialized
 * state. Shape: documented (host library of SDK 2024.2). */
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "elf_file.h"
#include "include/dpu_checkpoint.h"
#include "include/dpu_debug.h"

enum { PARTS = 4 };

static dpu_error_t write_core(const struct drv_elf *elf, const struct isa_core_part *parts,
                              const char *path, const char *call)
{
    struct isa_bytes image;
    struct isa_diag diag;
    enum dpusim_status status = isa_core_build(&image, elf->program, parts, PARTS, &diag);
    if (status == DPUSIM_NO_MEMORY)
        return drv_fail(DPU_ERR_INTERNAL, "%s: %s", call, diag.text);
    if (status)
        return drv_fail(drv_error_of(status), "%s: %s", call, diag.text);
    FILE *file = fopen(path, "wb");
    bool good = file && fwrite(image.data, 1, image.len_bytes, file) == image.len_bytes;
    if (file && fclose(file) != 0)
        good = false;
    free((void *)(uintptr_t)image.data);
    return good ? DPU_OK : drv_fail(DPU_ERR_INTERNAL, "%s: %s: %s", call, path, strerror(errno));
}

dpu_error_t dpu_elf_create_core_dump(const char *exe_path, const char *core_file_path,
                                     uint8_t *wram, uint8_t *mram, uint8_t *iram, uint8_t *context,
                                     uint32_t wram_size, uint32_t mram_size, uint32_t iram_size,
                                     uint32_t context_size)
{
    const struct isa_core_part parts[PARTS] = {
        {".data", ISA_WRAM_BASE, {wram, wram_size}, PF_R | PF_W},
        {".text", ISA_IRAM_BASE, {iram, iram_size}, PF_R | PF_X},
        {".mram", ISA_MRAM_BASE, {mram, mram_size}, PF_R | PF_W},
        {".regs", ISA_CORE_REGISTERS_BASE, {context, context_size}, 0},
    };
    dpu_elf_file_t file;
    if (!core_file_path)
        return drv_fail(DPU_ERR_INTERNAL, "%s: the path of the core file is NULL", __func__);
    dpu_error_t error = dpu_elf_open(exe_path, &file);
    if (error)
        return error;
    error = write_core(file, parts, core_file_path, __func__);
    dpu_elf_close(file);
    return error;
}

dpu_error_t dpu_create_core_dump(struct dpu_rank_t *rank, const char *exe_path,
                                 const char *core_file_path, struct dpu_context_t *context,
                                 uint8_t *wram, uint8_t *mram, uint8_t *iram, uint32_t wram_size,
                                 uint32_t mram_size, uint32_t iram_size)
{
    uint8_t *serialized = NULL;
    uint32_t size = 0;
    (void)rank;
    if (!context)
        return drv_fail(DPU_ERR_INTERNAL, "%s: the context is NULL", __func__);
    dpu_error_t error = dpu_checkpoint_serialize(context, &serialized, &size);
    if (!error)
        error = dpu_elf_create_core_dump(exe_path, core_file_path, wram, mram, iram, serialized,
                                         wram_size, mram_size, iram_size, size);
    free(serialized);
    return error;
}
