/* SPDX-License-Identifier: MIT */
/* Printing into the log buffer in MRAM, which the host decodes after the run. The functions return
 * nothing, as on the vendor's system. */
#ifndef DPU_STDIO_H
#define DPU_STDIO_H

#include <attributes.h>
#include <stddef.h>
#include <stdint.h>

/* At file scope, once per program: the size of the log buffer in bytes, a multiple of 8. Without it
 * the buffer has 1 MiB. */
#define STDOUT_BUFFER_INIT(size)                                                                   \
    __STATIC_ASSERT((size) > 0 && (size) % 8 == 0, "log buffer: size is not a multiple of 8");     \
    __mram_noinit uint8_t __stdout_buffer[size];                                                   \
    const unsigned int __stdout_buffer_size = (size);

/* Conversions: d i u x X o b c s p and for double e E f F g G a A, with flags, width, precision
 * (also *), l or ll for 64 bits, z for size_t. The log has no h, j, t: an argument of h or hh is an
 * int anyway. Fault 5 when one print fills the buffer more than once. */
void printf(const char *__restrict format, ...) __attribute__((format(printf, 1, 2)));
void puts(const char *text);
void putchar(int c);

#endif
