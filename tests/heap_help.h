/* SPDX-License-Identifier: MIT */
/* An allocator that counts, and lets one chosen call fail: malloc and its kin are replaced in the
 * test program. Include once per program, after a header that defines SANITIZED; with a sanitizer
 * nothing is replaced. */
#ifndef HEAP_HELP_H
#define HEAP_HELP_H

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

static struct {
    atomic_bool counting;
    atomic_long calls, live; /* while counting */
    atomic_long fail_at;     /* this call fails; -1: none */
} heap = {.fail_at = -1};

/* From now on; the call number fail_at fails, -1: none. */
static inline void heap_count(long fail_at)
{
    atomic_store(&heap.calls, 0);
    atomic_store(&heap.live, 0);
    atomic_store(&heap.fail_at, fail_at);
    atomic_store(&heap.counting, true);
}

static inline void heap_rest(void)
{
    atomic_store(&heap.counting, false);
    atomic_store(&heap.fail_at, -1);
}

#if !SANITIZED
extern void *__libc_malloc(size_t size_bytes);
extern void *__libc_calloc(size_t count, size_t size_bytes);
extern void *__libc_realloc(void *old, size_t size_bytes);
extern void *__libc_memalign(size_t align_bytes, size_t size_bytes);
extern void __libc_free(void *memory);

/* The replacements are exported, so that the libraries allocate through them too. */
#define REPLACES __attribute__((visibility("default")))

static bool refuse(void)
{
    if (!atomic_load(&heap.counting) ||
        atomic_fetch_add(&heap.calls, 1) != atomic_load(&heap.fail_at))
        return false;
    errno = ENOMEM;
    return true;
}

static void *count_live(void *memory)
{
    if (atomic_load(&heap.counting) && memory)
        atomic_fetch_add(&heap.live, 1);
    return memory;
}

REPLACES void *malloc(size_t size_bytes)
{
    return refuse() ? NULL : count_live(__libc_malloc(size_bytes));
}

REPLACES void *calloc(size_t count, size_t size_bytes)
{
    return refuse() ? NULL : count_live(__libc_calloc(count, size_bytes));
}

REPLACES void *realloc(void *old, size_t size_bytes)
{
    if (refuse())
        return NULL;
    return old ? __libc_realloc(old, size_bytes) : count_live(__libc_malloc(size_bytes));
}

/* libelf has one of these. */
REPLACES int posix_memalign(void **out, size_t align_bytes, size_t size_bytes)
{
    void *memory = refuse() ? NULL : count_live(__libc_memalign(align_bytes, size_bytes));
    if (memory)
        *out = memory;
    return memory ? 0 : ENOMEM;
}

REPLACES void free(void *memory)
{
    if (atomic_load(&heap.counting) && memory)
        atomic_fetch_sub(&heap.live, 1);
    __libc_free(memory);
}
#endif

#endif
