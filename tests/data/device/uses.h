/* SPDX-License-Identifier: MIT */
/* All headers, in the order of the alphabet, and what one.c and two.c share. */
#ifndef USES_H
#define USES_H

#include <alloc.h>
#include <assert.h>
#include <atomic_bit.h>
#include <attributes.h>
#include <barrier.h>
#include <buddy_alloc.h>
#include <built_ins.h>
#include <ctype.h>
#include <defs.h>
#include <errno.h>
#include <float.h>
#include <fsb_allocator.h>
#include <handshake.h>
#include <inttypes.h>
#include <iso646.h>
#include <limits.h>
#include <mram.h>
#include <mram_unaligned.h>
#include <mutex.h>
#include <mutex_pool.h>
#include <perfcounter.h>
#include <profiling.h>
#include <sem.h>
#include <seqread.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <vmutex.h>
#include <wramfifo.h>

extern barrier_t shared_barrier;
extern struct sem_t shared_sem;
extern const mutex_id_t shared_mutex;
extern const struct mutex_pool shared_pool;
extern const struct vmutex shared_virtual;
extern uint32_t shared_word;
extern __mram_ptr uint8_t shared_bytes[256];
extern __mram_ptr uint32_t shared_init[4];
extern __mram_ptr void *shared_pointer;
extern profiling_t shared_profile;
ATOMIC_BIT_EXTERN(shared_bit);
int use_again(void);

#endif
