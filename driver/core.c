/* SPDX-License-Identifier: MIT */
/* Core files as dpu_load takes them: the memories are loaded like those of a program, the threads
 * come from a section of their own. Documented (c-api of SDK 2024.2). */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "elf_file.h"
#include "include/dpu_debug.h"
#include "low.h"

bool drv_core_is_file(const char *path)
{
    uint8_t head[sizeof(Elf32_Ehdr)];
    FILE *stream = fopen(path, "rb");
    if (!stream)
        return false;
    size_t len = fread(head, 1, sizeof head, stream);
    fclose(stream);
    return isa_core_is((struct isa_bytes){head, len});
}

dpu_error_t drv_core_threads(struct dpu_context_t **out, dpu_elf_file_t file,
                             const struct dpu_t *dpu)
{
    unsigned size;
    uint8_t *bytes;
    dpu_error_t error = dpu_elf_load_section(file, ".regs", &size, &bytes);
    struct dpu_context_t *context = error ? NULL : calloc(1, sizeof *context);
    if (!context)
        return error ? error : drv_fail(DPU_ERR_SYSTEM, "dpu_load: out of memory");
    error = dpu_checkpoint_deserialize(bytes, size, context);
    if (!error)
        error = drv_context_check(dpu, context, "dpu_load");
    if (error) {
        drv_core_forget(context);
        return error;
    }
    *out = context;
    return DPU_OK;
}

void drv_core_forget(struct dpu_context_t *context)
{
    dpu_free_dpu_context(context);
    free(context);
}
