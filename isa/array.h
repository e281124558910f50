/* SPDX-License-Identifier: MIT */
/* Growing arrays. Private to isa/. */
#ifndef ISA_ARRAY_H
#define ISA_ARRAY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Makes room for element `count` of *array (address of a pointer); false without memory. */
static inline bool isa_array_reserve(void *array, size_t *capacity, size_t count,
                                     size_t element_bytes)
{
    if (count < *capacity)
        return true;
    size_t wanted = *capacity ? *capacity * 2 : 16;
    if (wanted <= count || wanted > SIZE_MAX / element_bytes)
        return false;
    void *old;
    memcpy(&old, array, sizeof old);
    void *larger = realloc(old, wanted * element_bytes);
    if (!larger)
        return false;
    memcpy(array, &larger, sizeof larger); /* the caller's pointer, whatever its type */
    *capacity = wanted;
    // cppcheck-suppress memleak ; stored by memcpy
    return true;
}

#endif
