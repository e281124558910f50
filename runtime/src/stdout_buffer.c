/* SPDX-License-Identifier: MIT */
/* The log buffer of programs without STDOUT_BUFFER_INIT; in a file of its own, so that the others
 * do not link it. */
#include <stdio.h>

#define DEFAULT_STDOUT_BUFFER_SIZE (1 << 20)

__weak __mram_noinit uint8_t __stdout_buffer[DEFAULT_STDOUT_BUFFER_SIZE];
__weak const unsigned int __stdout_buffer_size = DEFAULT_STDOUT_BUFFER_SIZE;
