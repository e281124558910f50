/* SPDX-License-Identifier: MIT */
/* End of life of a relocatable object, whoever made it: the assembler or the reader of object
 * files. */
#include <stdlib.h>

#include "object.h"

void isa_object_destroy(struct isa_object *object)
{
    if (!object)
        return;
    for (size_t i = 0; i < object->n_sections; i++) {
        free(object->sections[i].name);
        free(object->sections[i].data);
        free(object->sections[i].relocs);
    }
    for (size_t i = 0; i < object->n_symbols; i++)
        free(object->symbols[i].name);
    free(object->sections);
    free(object->symbols);
    free(object->name);
    free(object);
}
