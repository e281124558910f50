/* SPDX-License-Identifier: MIT */
/* Fuzz target: the assembler, without the C preprocessor. Every text is assembled or refused; each
 * message has text and a place inside it; what is assembled can be written as an object. */
#include <stdint.h>
#include <stdlib.h>

#include "isa.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_message(void *context, const struct isa_message *message)
{
    size_t *errors = context;
    if (message->text == NULL || message->text[0] == '\0')
        abort();
    *errors += message->severity == ISA_ERROR;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t errors = 0;
    struct isa_report report = {check_message, &errors};
    struct isa_object *object;
    if (isa_assemble(&object, (struct isa_bytes){data, size}, "fuzz.s", NULL, &report) !=
        DPUSIM_OK) {
        if (errors == 0)
            abort(); /* refused without a reason */
        return 0;
    }
    struct isa_bytes image;
    if (isa_object_write(object, &image, NULL) == DPUSIM_OK)
        free((void *)image.data);
    isa_object_destroy(object);
    return 0;
}
