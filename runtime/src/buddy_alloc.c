/* SPDX-License-Identifier: MIT */
/* Buddy allocator. The area is the root of a binary tree whose nodes halve it, down to 16 bytes. A
 * byte per node, in an array behind the area, holds the order of the largest free block below it:
 * order k > 0 is a block of 16 << (k - 1) bytes, 0 is none. Node n has the children 2n and 2n + 1.
 */
#include <alloc.h>
#include <atomic_bit.h>
#include <buddy_alloc.h>
#include <dpuruntime.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define SMALLEST_LOG2 4

static struct {
    char *area;
    uint8_t *largest; /* by node, from 1 */
    uint32_t top;     /* order of the whole area */
} buddy;

ATOMIC_BIT_INIT(buddy_alloc);

static uint32_t order_of_size(size_t size)
{
    return size <= 1u << SMALLEST_LOG2 ? 1
                                       : 33u - SMALLEST_LOG2 - (uint32_t)__builtin_clz(size - 1);
}

static size_t size_of_order(uint32_t order)
{
    return 1u << SMALLEST_LOG2 << (order - 1);
}

/* The area is gone when the heap was reset since. */
static bool has_area(void)
{
    return buddy.area &&
           (uintptr_t)buddy.largest + (1u << buddy.top) <= (uintptr_t)__sys_heap_pointer;
}

void buddy_init(size_t size)
{
    ATOMIC_BIT_ACQUIRE(buddy_alloc);
    if (!has_area()) {
        buddy.top = order_of_size(size);
        buddy.area = mem_alloc(size);
        buddy.largest = mem_alloc(1u << buddy.top);
        uint32_t node = 1;
        for (uint32_t order = buddy.top; order; order--)
            for (; node < 2u << (buddy.top - order); node++)
                buddy.largest[node] = (uint8_t)order;
    }
    ATOMIC_BIT_RELEASE(buddy_alloc);
}

void buddy_reset(void)
{
    buddy.area = NULL;
}

static void *fail(int number)
{
    errno = number;
    return NULL;
}

/* Recompute the ancestors of a node of order `order`. Two whole free halves are a free whole. */
static void update_ancestors(uint32_t node, uint32_t order)
{
    while (node > 1) {
        uint8_t left = buddy.largest[node & ~1u], right = buddy.largest[node | 1];
        node >>= 1;
        buddy.largest[node] = left == order && right == order ? (uint8_t)(order + 1)
                              : left > right                  ? left
                                                              : right;
        order++;
    }
}

static void *take(uint32_t wanted)
{
    if (!has_area() || wanted > buddy.top)
        return fail(EINVAL);
    if (buddy.largest[1] < wanted)
        return fail(ENOMEM);
    uint32_t node = 1;
    for (uint32_t order = buddy.top; order > wanted; order--) {
        node = 2 * node;
        if (buddy.largest[node] < wanted)
            node++;
    }
    buddy.largest[node] = 0;
    update_ancestors(node, wanted);
    return buddy.area + (node - (1u << (buddy.top - wanted))) * size_of_order(wanted);
}

/* Node of an allocated block, its order in *order: the lowest node above the address that has
 * nothing free although nothing below it is taken. 0: the address is no block. */
static uint32_t find_block(const void *pointer, uint32_t *order)
{
    uint32_t offset = (uint32_t)((const char *)pointer - buddy.area);
    if (!has_area() || offset >= size_of_order(buddy.top) || offset % size_of_order(1) != 0)
        return 0;
    uint32_t node = (1u << (buddy.top - 1)) + offset / (uint32_t)size_of_order(1);
    for (*order = 1; node; node >>= 1, ++*order) {
        if (buddy.largest[node] == 0)
            return node << (*order - 1) == (1u << (buddy.top - 1)) + (offset >> SMALLEST_LOG2)
                       ? node
                       : 0;
    }
    return 0;
}

static void give(uint32_t node, uint32_t order)
{
    buddy.largest[node] = (uint8_t)order;
    update_ancestors(node, order);
}

void *buddy_alloc(size_t size)
{
    if (size == 0)
        return fail(EINVAL);
    ATOMIC_BIT_ACQUIRE(buddy_alloc);
    void *block = take(order_of_size(size));
    ATOMIC_BIT_RELEASE(buddy_alloc);
    return block;
}

void buddy_free(void *pointer)
{
    uint32_t order;
    if (!pointer)
        return;
    ATOMIC_BIT_ACQUIRE(buddy_alloc);
    uint32_t node = find_block(pointer, &order);
    if (node)
        give(node, order);
    else
        errno = EINVAL;
    ATOMIC_BIT_RELEASE(buddy_alloc);
}

/* A new block with the old content; the old one is freed. NULL when there is none. */
static void *move_block(void *pointer, uint32_t node, uint32_t order, uint32_t wanted)
{
    void *block = take(wanted);
    if (block) {
        memcpy(block, pointer, size_of_order(order < wanted ? order : wanted));
        give(node, order);
    }
    return block;
}

void *buddy_realloc(void *pointer, size_t size)
{
    if (!pointer)
        return buddy_alloc(size);
    if (size == 0) {
        buddy_free(pointer);
        return NULL;
    }
    uint32_t order, wanted = order_of_size(size);
    ATOMIC_BIT_ACQUIRE(buddy_alloc);
    uint32_t node = find_block(pointer, &order);
    if (!node)
        pointer = fail(EINVAL);
    else if (order != wanted)
        pointer = move_block(pointer, node, order, wanted);
    ATOMIC_BIT_RELEASE(buddy_alloc);
    return pointer;
}
