/* SPDX-License-Identifier: MIT */
/* References to the description of a rank. */
#include <stdlib.h>

#include "driver.h"

void dpu_acquire_description(dpu_description_t description)
{
    __atomic_add_fetch(&description->refcount, 1, __ATOMIC_RELAXED);
}

void dpu_free_description(dpu_description_t description)
{
    if (!description || __atomic_sub_fetch(&description->refcount, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    if (description->_internals.free)
        description->_internals.free(description->_internals.data);
    free(description);
}
