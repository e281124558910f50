/* SPDX-License-Identifier: MIT */
/* What is kept, for kernel and host. */
#ifndef UNIQUE_H
#define UNIQUE_H

#include <stdbool.h>
#include <stdint.h>

static inline bool is_new(uint64_t element, uint64_t previous)
{
    return element != previous;
}

#endif
