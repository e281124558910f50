/* SPDX-License-Identifier: MIT */
/* Assembling a file, or standard input. Names that end in .S go through the C preprocessor. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asm.h"
#include "message.h"

static bool read_stream(FILE *stream, struct isa_bytes *out)
{
    size_t capacity = 1 << 16, count = 0, got = 1;
    uint8_t *bytes = malloc(capacity);
    while (bytes && got && count <= ASM_MAX_TEXT_BYTES) {
        got = fread(bytes + count, 1, capacity - count, stream);
        count += got;
        if (count == capacity) {
            uint8_t *larger = realloc(bytes, capacity *= 2);
            if (!larger)
                free(bytes);
            bytes = larger;
        }
    }
    *out = (struct isa_bytes){bytes, count};
    return bytes && !ferror(stream);
}

static bool ends_in_capital_s(const char *path)
{
    size_t len = strlen(path);
    return len >= 2 && strcmp(path + len - 2, ".S") == 0;
}

enum dpusim_status isa_assemble_file(struct isa_object **out, const char *path,
                                     const struct isa_asm_options *options,
                                     const struct isa_report *report)
{
    struct isa_asm_options changed = options ? *options : (struct isa_asm_options){0};
    struct isa_bytes text;
    bool is_input = strcmp(path, "-") == 0;
    FILE *file = is_input ? stdin : fopen(path, "rb");
    if (!file) {
        isa_message(report, ISA_ERROR, path, "file cannot be opened");
        return DPUSIM_NO_SUCH_FILE;
    }
    enum dpusim_status status = DPUSIM_IO;
    if (read_stream(file, &text)) {
        changed.preprocess |= ends_in_capital_s(path);
        status = isa_assemble(out, text, is_input ? "<stdin>" : path, &changed, report);
    } else {
        isa_message(report, ISA_ERROR, path, "file cannot be read");
    }
    free((void *)(uintptr_t)text.data);
    if (!is_input)
        fclose(file);
    return status;
}
