/* SPDX-License-Identifier: MIT */
/* Fixed-size blocks: the pool is the head of a list of free blocks, each of which begins with the
 * next one. */
#include <alloc.h>
#include <atomic_bit.h>
#include <fsb_allocator.h>

ATOMIC_BIT_INIT(fsb_allocator);

fsb_allocator_t fsb_alloc(unsigned int block_size, unsigned int count)
{
    block_size = __ROUND_UP_TO_8(block_size);
    char *area = mem_alloc(8 + block_size * count);
    fsb_allocator_t pool = (fsb_allocator_t)area;
    void **link = pool;
    for (char *block = area + 8; count; count--, block += block_size) {
        *link = block;
        link = (void **)block;
    }
    *link = NULL;
    return pool;
}

void *fsb_get(fsb_allocator_t pool)
{
    ATOMIC_BIT_ACQUIRE(fsb_allocator);
    void **block = *pool;
    if (block)
        *pool = *block;
    ATOMIC_BIT_RELEASE(fsb_allocator);
    return block;
}

void fsb_free(fsb_allocator_t pool, void *block)
{
    ATOMIC_BIT_ACQUIRE(fsb_allocator);
    *(void **)block = *pool;
    *pool = block;
    ATOMIC_BIT_RELEASE(fsb_allocator);
}
