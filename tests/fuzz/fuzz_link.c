/* SPDX-License-Identifier: MIT */
/* Fuzz target: the linker. The input is an object or an archive. It is refused with a message, or
 * what comes out is a program that the reader accepts. */
#include <stdint.h>
#include <stdlib.h>

#include "isa.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void count_error(void *context, const struct isa_message *message)
{
    size_t *errors = context;
    if (message->text == NULL || message->text[0] == '\0')
        abort();
    *errors += message->severity == ISA_ERROR;
}

static void read_back(struct isa_bytes image)
{
    struct isa_diag diag = {""};
    struct isa_program *program;
    if (isa_program_read(&program, image, "linked", NULL, &diag) == DPUSIM_OK)
        isa_program_destroy(program);
    else if (diag.text[0] == '\0')
        abort(); /* refused without a reason */
    free((void *)image.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t errors = 0;
    struct isa_report report = {count_error, &errors};
    struct isa_link_input input = {.name = "fuzz.o", .data = {data, size}};
    struct isa_link_options options = {.nr_tasklets = 3, .entry = "main", .keep_unused = size % 2};
    struct isa_bytes image;
    if (isa_link(&image, &input, 1, &options, &report) == DPUSIM_OK)
        read_back(image);
    else if (errors == 0)
        abort(); /* refused without a reason */
    return 0;
}
