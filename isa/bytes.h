/* SPDX-License-Identifier: MIT */
/* Little-endian numbers in byte arrays, and sums of file values that must not wrap. Private to
 * isa/. */
#ifndef ISA_BYTES_H
#define ISA_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline uint16_t isa_get16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static inline uint32_t isa_get32(const uint8_t *at)
{
    return isa_get16(at) | (uint32_t)isa_get16(at + 2) << 16;
}

static inline uint64_t isa_get64(const uint8_t *at)
{
    return isa_get32(at) | (uint64_t)isa_get32(at + 4) << 32;
}

/* The low `count` bytes of value. */
static inline void isa_put_bytes(uint8_t *at, uint64_t value, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

/* True when [offset, offset + size) lies inside `total` bytes. */
static inline bool isa_fits(uint64_t offset, uint64_t size, uint64_t total)
{
    return offset <= total && size <= total - offset;
}

#endif
